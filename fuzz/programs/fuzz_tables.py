"""`csv`: reading, writing, sniffing."""

import csv
import io

from fuzz_support import Input, check, outcome

QUOTING = [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONE, csv.QUOTE_NONNUMERIC, csv.QUOTE_NOTNULL, csv.QUOTE_STRINGS]


def run(data):
    given = Input(data, 6)
    options = {
        "delimiter": given.pick([",", ";", "\t", " ", "a", "\xe9"]),
        "quotechar": given.pick(['"', "'", "|", None]),
        "escapechar": given.pick([None, "\\", "!"]),
        "quoting": given.pick(QUOTING),
    }
    bits = given.number(0, 15)
    options |= {"doublequote": bits & 1 == 0, "skipinitialspace": bits & 2 != 0, "strict": bits & 4 != 0}
    ending = given.pick(["\n", "\r\n", "\r", ""])
    text = given.rest().decode("utf-8", "surrogateescape")

    def read():
        return list(csv.reader(io.StringIO(text, newline=""), **options))

    def there_and_back():
        rows = list(csv.reader(text.splitlines(True), **options))
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator=ending, **options).writerows(rows)
        written = out.getvalue()
        if options["quoting"] in (csv.QUOTE_ALL,) and options["doublequote"] and ending == "\n" and not bits & 2:
            again = list(csv.reader(io.StringIO(written, newline=""), **options))
            check(again == rows or options["escapechar"] or [] in rows, text, written)
        return written

    return outcome(read), outcome(there_and_back)
