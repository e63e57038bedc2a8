# re: matching, groups, substitution, flags, errors.
import re

m = re.match(r"(\w+) (?P<last>\w+)", "Isaac Newton, physicist")
print(m, m.group(), m.group(1), m["last"], m.groups(), m.groupdict(), m.span(2), m.start(), m.end(), m.lastgroup, m.lastindex, m.string[:5], m.pos, m.re.pattern)
# expect: <re.Match object; span=(0, 12), match='Isaac Newton'> Isaac Newton Isaac Newton ('Isaac', 'Newton') {'last': 'Newton'} (6, 12) 0 12 last 2 Isaac 0 (\w+) (?P<last>\w+)
print(re.search(r"\d+", "abc 123 def").group(), re.fullmatch(r"[a-z]+", "abc1"), re.match("b", "abc"), bool(re.search("c$", "abc\n")))
# expect: 123 None None True
print(re.findall(r"\d+", "1 22 333"), re.findall(r"(\w)(\d)", "a1 b2"), re.findall("", "ab"), [x.span() for x in re.finditer("a", "banana")])
# expect: ['1', '22', '333'] [('a', '1'), ('b', '2')] ['', '', ''] [(1, 2), (3, 4), (5, 6)]
print(re.sub(r"\s+", "-", "a  b \t c"), re.sub(r"(\w+) (\w+)", r"\2 \1", "hello world"), re.sub("a", lambda m: m.group().upper() * 2, "banana", count=2), re.subn("x", "y", "xxx"), re.sub(r"(?P<n>\d)", r"<\g<n>>", "a1b2"))
# expect: a-b-c world hello bAAnAAna ('yyy', 3) a<1>b<2>
print(re.split(r"[,;]\s*", "a, b;c"), re.split(r"(-)", "a-b-c"), re.split(r"\b", "a b"), re.split(",", "a,b,c", maxsplit=1), re.split("x*", "axbc"))
# expect: ['a', 'b', 'c'] ['a', '-', 'b', '-', 'c'] ['', 'a', ' ', 'b', ''] ['a', 'b,c'] ['', 'a', '', 'b', 'c', '']
print(re.findall(r"(?i)HELLO", "Hello hELLO"), re.findall(r"^\w", "a\nb\nc", re.M), re.search("a.b", "a\nb", re.S), re.findall(r"""a  # comment
  b""", "ab a b", re.X), re.findall(r"\w+", "caf\u00e9 x", re.A), re.compile("x", re.I | re.M).flags)
# expect: ['Hello', 'hELLO'] ['a', 'b', 'c'] <re.Match object; span=(0, 3), match='a\nb'> ['ab'] ['caf', 'x'] 42
print(re.findall(r"a{2,3}", "a aa aaa aaaa"), re.findall(r"a+?", "aaa"), re.findall(r"<.*?>", "<a><b>"), re.findall(r"(?:ab)+", "ababab ab"), re.findall(r"a|b|cd", "abcd"), re.findall(r"[^a-c]", "abcde"), re.findall(r"[\]\-a]", "a]-b"))
# expect: ['aa', 'aaa', 'aaa'] ['a', 'a', 'a'] ['<a>', '<b>'] ['ababab', 'ab'] ['a', 'b', 'cd'] ['d', 'e'] ['a', ']', '-']
print(re.findall(r"\b\w{3}\b", "one two three"), re.findall(r"(?<=\$)\d+", "$5 6 $7"), re.findall(r"(?<!\$)\b\d+", "$5 6"), re.findall(r"\w+(?=!)", "hi! yo"), re.findall(r"q(?!u)", "qu qa"), re.findall(r"(\w)\1", "aabbcd"), re.match(r"(a)?b(?(1)c|d)", "abc").group(), re.match(r"(a)?b(?(1)c|d)", "bd").groups())
# expect: ['one', 'two'] ['5', '7'] ['6'] ['hi'] ['q'] ['a', 'b'] abc (None,)
print(re.match(r"(?>a+)b", "aaab"), re.match(r"a++a", "aaa"), re.escape("a.b*c[d]"), re.match(r"\A\w\Z", "a"), re.findall(r"\D\S\W", "a  b"), re.match("(a*)*", "aab").span(), re.match(r"((a)|b)*", "ab").groups())
# expect: <re.Match object; span=(0, 4), match='aaab'> None a\.b\*c\[d\] <re.Match object; span=(0, 1), match='a'> [] (0, 2) ('b', 'a')
p = re.compile(rb"\x00(\d)")
print(p.search(b"a\x005").groups(), p.pattern, re.sub(b"a", b"b", b"aaa"), re.compile("a") == re.compile("a"), re.compile("a").fullmatch("a", 0, 1), re.compile("b").search("abc", 1), repr(re.compile("a", re.I)))
# expect: (b'5',) b'\\x00(\\d)' b'bbb' True <re.Match object; span=(0, 1), match='a'> <re.Match object; span=(1, 2), match='b'> re.compile('a', re.IGNORECASE)
print(re.sub("(a)(b)?", r"[\1\2]", "ab a"), re.match("(a)|(b)", "b").groups("none"), m.expand(r"\2-\g<1>"), re.sub(r"\\", "/", r"a\b"), re.search("\\u00e9|\\N{BULLET}", "x\u00e9").group(), re.template if hasattr(re, "template") else "")
# expect: [ab] [a] ('none', 'b') Newton-Isaac a/b é 


def err(pattern, *rest):
    try:
        re.compile(pattern, *rest)
    except Exception as error:
        print(type(error).__name__, error)


err("(")  # expect: PatternError missing ), unterminated subpattern at position 0
err(")")  # expect: PatternError unbalanced parenthesis at position 0
err("[a")  # expect: PatternError unterminated character set at position 0
err("*a")  # expect: PatternError nothing to repeat at position 0
err("a**")  # expect: PatternError multiple repeat at position 2
err("a{2,1}")  # expect: PatternError min repeat greater than max repeat at position 2
err("(?P<1>a)")  # expect: PatternError bad character in group name '1' at position 4
err(r"\1")  # expect: PatternError invalid group reference 1 at position 1
err("(?<=a+)b")  # expect: PatternError look-behind requires fixed-width pattern
err("\\")  # expect: PatternError bad escape (end of pattern) at position 0
err("[z-a]")  # expect: PatternError bad character range z-a at position 1
err("(?z)")  # expect: PatternError unknown extension ?z at position 1
err(r"\q")  # expect: PatternError bad escape \q at position 0
err("(?P=x)")  # expect: PatternError unknown group name 'x' at position 4
err(5)  # expect: TypeError first argument must be string or compiled pattern
for act in (lambda: re.sub("a", r"\2", "a"), lambda: m.group(9), lambda: m["zz"], lambda: re.match("a", b"a"), lambda: re.compile(b"a").match("a")):
    try:
        act()
    except Exception as error:
        print(type(error).__name__, error)
# expect: PatternError invalid group reference 2 at position 1
# expect: IndexError no such group
# expect: IndexError no such group
# expect: TypeError cannot use a string pattern on a bytes-like object
# expect: TypeError cannot use a bytes pattern on a string-like object
text = "The rain in Spain falls mainly on the plain" * 50
print(len(re.findall(r"\b\w*ain\b", text)), len(re.sub(r"[aeiou]", "", text)), re.match(r"(?:a?){20}a{20}", "a" * 20) is not None, len(re.findall("(?=(aa))", "a" * 10)))
# expect: 101 1500 True 9
