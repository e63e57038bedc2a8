# Text beyond ASCII: widths, escapes, case mapping, surrogates, comparison.
words = ["caf\u00e9", "\u65e5\u672c\u8a9e", "\U0001F40D snake", "na\u00efve", "\u03a9mega", "e\u0301"]
for word in words:
    print(word, len(word), word[0], word[-1], word[::-1] == "".join(reversed(word)), word.upper(), [hex(ord(c)) for c in word[:2]])
# expect: café 4 c é True CAFÉ ['0x63', '0x61']
# expect: 日本語 3 日 語 True 日本語 ['0x65e5', '0x672c']
# expect: 🐍 snake 7 🐍 e True 🐍 SNAKE ['0x1f40d', '0x20']
# expect: naïve 5 n e True NAÏVE ['0x6e', '0x61']
# expect: Ωmega 5 Ω a True ΩMEGA ['0x3a9', '0x6d']
# expect: é 2 e ́ True É ['0x65', '0x301']
print(sorted(words), max(words))  # expect: ['café', 'é', 'naïve', 'Ωmega', '日本語', '🐍 snake'] 🐍 snake
print("\x41\101\u0041\U00000041\N{LATIN SMALL LETTER A WITH ACUTE}\N{SNAKE}", r"\n\u0041", "a\
b")
# expect: AAAAá🐍 \n\u0041 ab
print("\u00c9COLE".lower(), "\u0130".lower() == "i\u0307", "\ufb01".upper(), "\u1e9e".lower(), "\u03a3\u03a3".lower(), "\u01c5".swapcase(), "\u0149".title())
# expect: école True FI ß σς ǅ ʼN
print("\U0001F600" * 3, "a\U0001F600b"[1], "a\U0001F600b".find("b"), "a\U0001F600b".index("\U0001F600"), "x\u00e9\U0001F600".encode())
# expect: 😀😀😀 😀 2 1 b'x\xc3\xa9\xf0\x9f\x98\x80'
print("\ud800".encode("utf-8", "surrogatepass"), repr("\ud800"), len("\ud83d\ude00"), "\udc80".encode("utf-8", "surrogateescape"))
# expect: b'\xed\xa0\x80' '\ud800' 2 b'\x80'
print(b"abc\xff".decode("utf-8", "replace") == "abc\ufffd", b"abc\xff".decode("utf-8", "ignore"), ascii(b"abc\xff".decode("utf-8", "surrogateescape")), b"abc\xff".decode("utf-8", "backslashreplace"))
# expect: True abc 'abc\udcff' abc\xff
print("\u00e9\u20ac".encode("ascii", "replace"), "\u00e9\u20ac".encode("ascii", "ignore"), "\u00e9\u20ac".encode("ascii", "xmlcharrefreplace"), "\u00e9\u20ac".encode("ascii", "backslashreplace"), "\u00e9".encode("ascii", "namereplace"))
# expect: b'??' b'' b'&#233;&#8364;' b'\\xe9\\u20ac' b'\\N{LATIN SMALL LETTER E WITH ACUTE}'
print("\u00e9" == "e\u0301", "\u00e9" in "caf\u00e9", "caf\u00e9".replace("\u00e9", "e"), "\u65e5\u672c".center(6, "\u00b7"), "\u65e5,\u672c".split(","))
# expect: False True cafe ··日本·· ['日', '本']
print("\u0663".isdigit(), int("\u0661\u0662\u0663"), float("\u0661.\u0665"), "\u4e00".isnumeric(), "\u00bd".isnumeric(), "\u00aa".isalpha(), "\u02b0".islower())
# expect: True 123 1.5 True True True True
print("\u00a0".isspace(), "a\u00a0b".split(), "a\u3000b".split(), "\u200b".isspace(), "\u2028".isspace(), "\x85".isspace())
# expect: True ['a', 'b'] ['a', 'b'] False True True
café = π = 3
print(café + π, [name for name in dir() if not name.isascii()])  # expect: 6 ['café', 'π']
ﬁ = 'normalised'
print(fi)  # expect: normalised
