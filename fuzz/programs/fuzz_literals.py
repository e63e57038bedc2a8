"""Python literals, identifiers, characters' names and properties."""

import ast
import unicodedata

from fuzz_support import Input, check, outcome, shown

FORMS = ["NFC", "NFD", "NFKC", "NFKD"]


def run(data):
    given = Input(data, 1)
    form = given.pick(FORMS)
    text = given.text()[:300]
    found = [outcome(ast.literal_eval, text)]
    try:
        value = ast.literal_eval(text)
    except Exception:
        pass
    else:
        written = repr(value)
        if "j" not in written and "inf" not in written and "nan" not in written and "set()" not in written and "Ellipsis" not in written:
            check(repr(ast.literal_eval(written)) == written or "{" in written, text, written)
    check(ast.literal_eval(repr(text)) == text and ast.literal_eval(ascii(text)) == text, text)
    normal = unicodedata.normalize(form, text)
    check(unicodedata.normalize(form, normal) == normal and unicodedata.is_normalized(form, normal), form, text)
    found += [shown(normal), unicodedata.is_normalized(form, text), outcome(unicodedata.lookup, text)]
    for x in text[:10]:
        name = unicodedata.name(x, None)
        check(name is None or unicodedata.lookup(name) == x, x)
        found.append((name, unicodedata.category(x), unicodedata.numeric(x, None), unicodedata.decomposition(x)))
    return found
