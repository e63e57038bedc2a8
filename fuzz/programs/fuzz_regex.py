"""Regular expressions: compile, match, search, find, split, replace."""

import re
import warnings

from fuzz_support import Input, check, is_large, outcome, shown

warnings.simplefilter("ignore")
FLAGS = [0, re.I, re.M, re.S, re.X, re.A, re.I | re.A, re.M | re.X | re.S, re.L, re.I | re.L]


def run(data):
    given = Input(data, 3)
    flags, what, binary = given.pick(FLAGS), given.number(0, 7), given.number(0, 3) == 0
    read = given.bytes if binary else given.text
    pattern, text, new = read()[:80], read()[:30], read()[:30]
    if is_large(repr(pattern), 4):
        return None

    def use():
        compiled = re.compile(pattern, flags)
        check(re.compile(pattern, flags) is compiled, pattern)
        if what == 0:
            found = compiled.match(text)
        elif what == 1:
            found = compiled.fullmatch(text)
        elif what == 2:
            return compiled.findall(text)
        elif what == 3:
            return compiled.split(text, 5)
        elif what == 4:
            return compiled.subn(new, text)
        elif what == 5:
            return [(m.span(), m.groups(), m.lastindex, m.lastgroup) for m in compiled.finditer(text, 1, len(text))]
        elif what == 6:
            scanner = compiled.scanner(text)
            return [m and m.regs for m in (scanner.search(), scanner.match(), scanner.search())]
        else:
            found = compiled.search(text)
        if found is None:
            return None
        start, end = found.span()
        check(found[0] == text[start:end], pattern, text)
        return found.regs, found.groupdict(), found.lastindex, found.expand(new), compiled.groups, compiled.groupindex

    return outcome(use), shown(re.escape(pattern))
