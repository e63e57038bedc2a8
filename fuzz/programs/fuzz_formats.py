"""The format mini-language: format(), str.format, the % operator, and their parsers."""

import _string
import string

from fuzz_support import Input, is_large, outcome

VALUES = [0, 1, -5, 255, 12345678901234567890, -(10**40), 1.5, -0.0, 1e300, 1.25e-7, 123456.789, float("inf"), float("nan")]
VALUES += ["h\xe9llo", "", True, None, 1 + 2j, -0.0 + 1e22j, b"ab", [1, "x"], {"k": 5, "": 1}]


class Formatted:
    x = 3

    def __format__(self, spec):
        return f"<{spec}>"


VALUES.append(Formatted())


def run(data):
    given = Input(data, 3)
    what, value, other = given.number(0, 4), given.pick(VALUES), given.pick(VALUES)
    spec = given.text()[:60]
    if is_large(spec):
        return None
    if what == 0:
        return outcome(format, value, spec)
    if what == 1:
        return outcome(lambda: spec % value), outcome(lambda: spec % (value, other)), outcome(lambda: spec % {"k": value, "": 1})
    if what == 2:
        return outcome(spec.format, value, other, k=value), outcome(spec.format_map, {"k": value})
    if what == 3:
        raw = spec.encode("utf-8", "surrogateescape")
        return outcome(lambda: raw % value), outcome(lambda: bytearray(raw) % (value, other))
    slow = outcome(string.Formatter().format, spec, value, other, k=value)
    parsed = outcome(lambda: list(_string.formatter_parser(spec)))
    split = outcome(lambda: (lambda first, rest: (first, list(rest)))(*_string.formatter_field_name_split(spec)))
    return slow, parsed, split, outcome(string.Template(spec).safe_substitute, k=1)
