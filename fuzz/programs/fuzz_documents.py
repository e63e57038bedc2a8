"""`json`: reading, writing, and back."""

import json

from fuzz_support import Input, check, outcome


def parts(pairs):
    return pairs


def run(data):
    given = Input(data, 2)
    what, indent = given.number(0, 7), given.pick([None, 0, 1, "\t", 3, -1])
    text = given.rest() if what == 7 else given.rest().decode("utf-8", "surrogateescape")
    options = {"strict": what & 1 == 0}
    if what & 2:
        options["object_pairs_hook"] = parts
    if what & 4:
        options["parse_float"] = str

    def use():
        value = json.loads(text, **options)
        written = json.dumps(value, indent=indent, ensure_ascii=what & 1 == 0, sort_keys=what == 3)
        if not what & 6:
            again = json.loads(written)
            check(repr(again) == repr(value) or what == 3, text)
            slow = "".join(json.JSONEncoder(indent=indent, ensure_ascii=what & 1 == 0, sort_keys=what == 3).iterencode(value))
            check(slow == written, slow, written)
        return value, written

    plain = given.rest()[:100].decode("utf-8", "surrogateescape")
    quoted = json.dumps(plain)
    check(json.loads(quoted) == plain, plain)
    check(json.loads(json.dumps(plain, ensure_ascii=False), strict=False) == plain, plain)
    return outcome(use), quoted
