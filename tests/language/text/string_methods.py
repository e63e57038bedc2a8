# Methods of str.
s = "Hello, World"
print(s.upper(), s.lower(), s.swapcase(), s.title(), "hello".capitalize(), "STRASSE".casefold(), "\u00df".upper())
# expect: HELLO, WORLD hello, world hELLO, wORLD Hello, World Hello strasse SS
print(s.find("o"), s.find("o", 5), s.rfind("o"), s.find("z"), s.index("W"), s.rindex("l"), s.count("l"), s.count(""), "aaaa".count("aa"))
# expect: 4 8 8 -1 7 10 3 13 2
print(s.startswith("Hell"), s.startswith(("x", "H")), s.endswith("ld"), s.startswith("World", 7), s.endswith("lo", 0, 5))
# expect: True True True True True
print(s.replace("l", "L"), s.replace("l", "L", 2), s.replace("", "-", 3), "aaa".replace("a", "bb"), s.replace("zz", "y"))
# expect: HeLLo, WorLd HeLLo, World -H-e-llo, World bbbbbb Hello, World
print("  a b  ".strip(), "|", "  a ".lstrip(), "|", " a  ".rstrip(), "|", "xxaxx".strip("x"), "abcba".strip("ab"), "\t\n a\u2003".strip())
# expect: a b | a  |  a | a c a
print("a,b,,c".split(","), "a b  c ".split(), "a,b,c".split(",", 1), "a b c".rsplit(" ", 1), "".split(), "".split(","), " a  b ".split(None, 1))
# expect: ['a', 'b', '', 'c'] ['a', 'b', 'c'] ['a', 'b,c'] ['a b', 'c'] [] [''] ['a', 'b ']
print("one\ntwo\r\nthree\rfour\n".splitlines(), "a\n\nb".splitlines(True), "a\x0bb\x1cc\u2028d".splitlines())
# expect: ['one', 'two', 'three', 'four'] ['a\n', '\n', 'b'] ['a', 'b', 'c', 'd']
print("a-b-c".partition("-"), "a-b-c".rpartition("-"), "abc".partition("-"), "abc".rpartition("-"))
# expect: ('a', '-', 'b-c') ('a-b', '-', 'c') ('abc', '', '') ('', '', 'abc')
print("-".join(["a", "b", "c"]), "".join([]), ", ".join("xyz"), "-".join({"k": 1}))  # expect: a-b-c  x, y, z k
print("abc".center(9, "*"), "abc".ljust(6) + "|", "abc".rjust(6) + "|", "42".zfill(5), "-42".zfill(6), "+1".zfill(4), "abc".center(4))
# expect: ***abc*** abc   |    abc| 00042 -00042 +001 abc 
print("a\tb\tc".expandtabs(4), "01\t012\t0".expandtabs())  # expect: a   b   c 01      012     0
print("abc".isalpha(), "ab1".isalnum(), "123".isdigit(), "\u00b2".isdigit(), "\u00b2".isdecimal(), "\u2155".isnumeric(), "abc".islower(), "ABC".isupper(), "Ab Cd".istitle())
# expect: True True True True False True True True True
print(" \t".isspace(), "".isspace(), "a_1".isidentifier(), "1a".isidentifier(), "class".isidentifier(), "abc\n".isprintable(), "abc".isascii(), "\u00e9".isascii())
# expect: True False True False True False True False
print("prefix-body".removeprefix("prefix-"), "body.txt".removesuffix(".txt"), "abc".removeprefix("x"))
# expect: body body abc
table = str.maketrans({"a": "1", "b": None, ord("c"): "xyz"})
print("aabbcc".translate(table), "hello".translate(str.maketrans("el", "ip", "o")))  # expect: 11xyzxyz hipp
print("abc" * 3, "abc" + "def", "b" in "abc", "" in "", "x" not in "abc", len("h\u00e9llo"), "abc" < "abd", "Z" < "a", "" < "a")
# expect: abcabcabc abcdef True True True 5 True True True
print("abc"[0], "abc"[-1], "abcdef"[1:4], "abcdef"[::-1], "abcdef"[::2], "abcdef"[-3:], "abc"[5:], "abcdef"[4:1:-1])
# expect: a c bcd fedcba ace def  edc
print("%s|%5s|%-5s|%.1s" % ("ab", "ab", "ab", "ab"), "{}-{}".format(1, 2), "{1}-{0}".format(1, 2), "{a}".format(a=3))
# expect: ab|   ab|ab   |a 1-2 2-1 3
print("caf\u00e9".encode(), "caf\u00e9".encode("latin-1"), "\u20ac".encode("utf-16-le"), "abc".encode("ascii"))
# expect: b'caf\xc3\xa9' b'caf\xe9' b'\xac ' b'abc'
print(ord("a"), chr(97), chr(0x1F600), ord("\u20ac"), ascii("\u00e9\U0001F600"), repr("a'b"), repr('a"b'), repr("a'\"b"), repr("\t\n\\\x00\x7f\u200b"))
# expect: 97 a 😀 8364 '\xe9\U0001f600' "a'b" 'a"b' 'a\'"b' '\t\n\\\x00\x7f\u200b'
print(min("hello"), max("hello"), sorted("hello"), list("abc"), tuple("ab"), set("aab") == {"a", "b"}, "".join(reversed("abc")))
# expect: e o ['e', 'h', 'l', 'l', 'o'] ['a', 'b', 'c'] ('a', 'b') True cba
print(str(1), str(None), str([1, "a"]), str(b"x"), str(b"caf\xc3\xa9", "utf-8"), str(object=5), str())
# expect: 1 None [1, 'a'] b'x' café 5 
print("abc".__contains__("b"), "abc".__add__("d"), "abc".__getitem__(1), "abc".__len__(), "a".__eq__(1), "a".__lt__("b"), hash("a") == hash("a"))
# expect: True abcd b 3 NotImplemented True True


def err(code):
    try:
        eval(code)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
    else:
        print("no error:", code)


err("'abc'.index('z')")  # expect: ValueError: substring not found
err("'abc'[10]")  # expect: IndexError: string index out of range
err("'abc'['a']")  # expect: TypeError: string indices must be integers, not 'str'
err("'a,b'.split('')")  # expect: ValueError: empty separator
err("','.join([1, 2])")  # expect: TypeError: sequence item 0: expected str instance, int found
err("','.join(['a', None])")  # expect: TypeError: sequence item 1: expected str instance, NoneType found
err("'a' * 'b'")  # expect: TypeError: can't multiply sequence by non-int of type 'str'
err("'abc'.center(10, 'xx')")  # expect: TypeError: The fill character must be exactly one character long
err("ord('ab')")  # expect: TypeError: ord() expected a character, but string of length 2 found
err("ord('')")  # expect: TypeError: ord() expected a character, but string of length 0 found
err("chr(-1)")  # expect: ValueError: chr() arg not in range(0x110000)
err("chr(0x110000)")  # expect: ValueError: chr() arg not in range(0x110000)
err("'abc'.foo")  # expect: AttributeError: 'str' object has no attribute 'foo'
err("'\\u20ac'.encode('ascii')")
# expect: UnicodeEncodeError: 'ascii' codec can't encode character '\u20ac' in position 0: ordinal not in range(128)
err("b'\\xff'.decode('utf-8')")
# expect: UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte
err("'abc'.encode('nope')")  # expect: LookupError: unknown encoding: nope
err("str(b'a', 'ascii', 'strict', 1)")  # expect: TypeError: str expected at most 3 arguments, got 4
err("1 in 'abc'")  # expect: TypeError: 'in <string>' requires string as left operand, not int
err("'abc'.startswith(1)")  # expect: TypeError: startswith first arg must be str or a tuple of str, not int
err("'abc'.replace('a')")  # expect: TypeError: replace() takes at least 2 positional arguments (1 given)
err("'abc'.upper(1)")  # expect: TypeError: str.upper() takes no arguments (1 given)
err("'a'.partition('')")  # expect: ValueError: empty separator
x = "abc"
try:
    x[0] = "z"
except TypeError as error:
    print(error)
# expect: 'str' object does not support item assignment
try:
    del x[0]
except TypeError as error:
    print(error)
# expect: 'str' object doesn't support item deletion
