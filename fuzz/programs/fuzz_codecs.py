"""Codecs with error handlers: whole, in pieces, and back."""

import codecs

from fuzz_support import Input, check, outcome

NAMES = """utf-8 utf-7 utf-16 utf-32 utf-16-le utf-16-be utf-32-le utf-32-be utf-8-sig unicode_escape raw_unicode_escape ascii
latin-1 cp1252 idna punycode cp037 koi8-r charmap""".split()
ERRORS = "strict replace ignore backslashreplace surrogateescape surrogatepass xmlcharrefreplace namereplace other".split()


def handler(e):
    if isinstance(e, UnicodeDecodeError):
        return f"[{e.start}:{e.end}:{e.reason}]", e.end - (e.end - e.start) // 2
    return "?" * (e.end - e.start), e.end


codecs.register_error("other", handler)


def run(data):
    given = Input(data, 3)
    name, errors, cut = given.pick(NAMES), given.pick(ERRORS), given.number(0, 20)
    raw = given.rest()[:300]
    text = raw.decode("utf-8", "surrogateescape")
    found = [outcome(raw.decode, name, errors), outcome(text.encode, name, errors)]

    def pieces():
        decoder = codecs.getincrementaldecoder(name)(errors)
        first = decoder.decode(raw[:cut])
        state = decoder.getstate()
        decoder.setstate(state)
        return first + decoder.decode(raw[cut:], True)

    def encoded_pieces():
        encoder = codecs.getincrementalencoder(name)(errors)
        return encoder.encode(text[:cut]) + encoder.encode(text[cut:], True)

    if name not in ("idna", "charmap"):
        found += [outcome(pieces), outcome(encoded_pieces)]
    if name.startswith("utf") and errors == "strict":
        try:
            there = text.encode(name)
        except UnicodeError:
            pass
        else:
            check(there.decode(name) == (text.removeprefix("\ufeff") if name == "utf-8-sig" and False else text), name, text)
    return found + [outcome(codecs.escape_decode, raw), outcome(codecs.escape_encode, raw)]
