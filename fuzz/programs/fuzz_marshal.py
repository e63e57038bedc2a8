"""`marshal`: loading anything; what was loaded can be written and loaded again."""

import io
import marshal

from fuzz_support import Finding, check, outcome


def run(data):
    def load():
        value = marshal.loads(data)
        text = repr(value)
        if "<code" in text or "nan" in text:
            return len(text)
        try:
            written = marshal.dumps(value)
        except ValueError as e:
            # Deep or cyclic.
            check("deeply" in str(e) or "unmarshallable" in str(e), text)
            return text
        except RecursionError:
            return None
        back = marshal.loads(written)
        check(len(repr(back)) == len(text), text)
        return text

    return outcome(load), outcome(lambda: marshal.load(io.BytesIO(data)) and True)
