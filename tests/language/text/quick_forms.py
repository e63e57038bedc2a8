# What methods do to short ASCII text goes another way than the rest; both give the same.
class Text(str):
    pass


def both(name, text, *args):
    """The method on ASCII text, on the same text behind a wide character, and on an instance of a subclass."""
    plain = getattr(text, name)(*args)
    assert getattr(Text(text), name)(*args) == plain, (name, text, args)
    assert type(getattr(Text(text), name)(*args)) is type(plain)
    return plain


texts = ["", "a", " ", ",", "a,b,,c", ",a,", "  a  b ", "\t\x1c a\x1f", "abcabc", "aaaa", "x" * 31 + ",y", "x" * 40 + ",y, z" * 3]
for text in texts:
    for sep in (None, ",", "b", " "):
        for most in (-1, 0, 1, 2):
            pieces = both("split", text, sep, most)
            wide = (text + "\u20ac").split(sep, most)
            if sep is None and (text[-1:].isspace() or not text):
                if wide and wide[-1] == "\u20ac":
                    wide.pop()
                    assert pieces == wide, (text, sep, most, pieces, wide)
            else:
                assert [*pieces[:-1], pieces[-1] + "\u20ac"] == wide, (text, sep, most, pieces, wide)
    for old in ("a", "aa", "b,", ",", "abc", " "):
        for new in ("", "a", "bb", "\u20ac", "xyz"):
            for most in (-1, 0, 1, 2):
                assert both("replace", text, old, new, most) == (text + "\u20ac").replace(old, new, most)[:-1]
    for sub in ("", "a", "b", "bc", ",", "aaaaa", "y, z"):
        assert both("find", text, sub) == (text + "\u20ac").find(sub)
        last = (text + "\u20ac").rfind(sub)
        assert both("rfind", text, sub) == (last if sub else len(text))
        assert both("startswith", text, sub) == (text + "\u20ac").startswith(sub)
        assert both("endswith", text, sub) == ("\u20ac" + text).endswith(sub)
    for name in ("strip", "lstrip", "rstrip"):
        both(name, text)
print("a,b,,c".split(","), "  a  b ".split(), "".split(), "".split(","), "a,b".split(",", 0))
# expect: ['a', 'b', '', 'c'] ['a', 'b'] [] [''] ['a,b']
print("aXa".replace("X", ""), "X".replace("X", "") == "", "XX".replace("X", "", 1), "ab".replace("ab", "c"))
# expect: aa True X c
print([" a ".strip(), " a ".lstrip(), " a ".rstrip(), "   ".strip()])  # expect: ['a', 'a ', ' a', '']
same = "unchanged"
print(same.strip() is same, same.replace("x", "y") is same, same.split(",")[0] is same)  # expect: True True True

# f-strings of nothing, of one character, of mixed widths.
empty, one, wide = "", "a", "\u20ac"
print([f"{empty}{empty}", f"{empty}{one}", f"{one}{wide}", f"{wide}", f"{one}-{12}-{1.5}"])
# expect: ['', 'a', 'a€', '€', 'a-12-1.5']

# Encodings by name.
print("abc".encode("ascii"), b"abc".decode("latin-1"), b"abc".decode("ASCII"), b"a".decode(), b"".decode("utf-8") == "")
# expect: b'abc' abc abc a True
try:
    b"a\xff".decode("ascii")
except UnicodeDecodeError as error:
    print(error)
# expect: 'ascii' codec can't decode byte 0xff in position 1: ordinal not in range(128)
