"""Gives random texts to whatever parses text: regular expressions, format specifications, struct formats, JSON, numbers,
codecs, str methods, the compiler. Prints every outcome, so that two interpreters can be compared:

    texts.py SEED COUNT
"""

import json
import random
import re
import struct
import sys
import warnings

warnings.simplefilter("ignore")
rand = random.Random(int(sys.argv[1]))
pick = rand.choice
MARKS = "()[]{}*+?|\\^$.0123456789<>=!-,:_ab\xe9\x00\n'\"#f"


def shown(x):
    return ascii(x)[:300]


def outcome(kind, given, f, *args):
    try:
        result = shown(f(*args))
    except Exception as e:
        result = f"{type(e).__name__}: {shown(str(e))}"
    print(kind, shown(given), "=>", result)


def damaged(text, times=3):
    text = list(text)
    for _ in range(rand.randrange(times)):
        at, what = rand.randrange(len(text) + 1), rand.random()
        if what < 0.4:
            del text[at : at + 1]
        elif what < 0.8:
            text.insert(at, pick(MARKS))
        else:
            text[at:at] = text[: rand.randrange(len(text) + 1)]
    return "".join(text)


ATOMS = (
    r"a b . \d \w \s \b ^ $ [ab] [^a] [a-z] \1 (?P=n) é \Z \A (?=a) (?!b) (?<=a) (?<!b) \B [\d-] \x41 (?i:A) (?-i:a) "
    "(?>a*) (?(1)a|b)"
).split()
REPEATS = ["*", "+", "?", "{2}", "{1,2}", "*?", "+?", "??", "{,3}", "*+", "++", "?+", "{0,1}+"]


def pattern(depth=3):
    out = ""
    for _ in range(rand.randrange(1, 4)):
        what = rand.random()
        if what < 0.5 or depth == 0:
            out += pick(ATOMS)
        elif what < 0.7:
            out += f"({pattern(depth - 1)})"
        elif what < 0.85:
            out += f"(?:{pattern(depth - 1)}|{pattern(depth - 1)})"
        else:
            out += f"(?P<n>{pattern(depth - 1)})"
        if rand.random() < 0.3:
            out += pick(REPEATS)
    return out


def patterns():
    source, text = damaged(pattern()), "".join(pick("aab1 é") for _ in range(rand.randrange(12)))
    flags = pick([0, re.I, re.M, re.S, re.X, re.A])

    def run():
        compiled = re.compile(source, flags)
        found = compiled.search(text)
        return found and (found.span(), found.groups()), compiled.findall(text), compiled.sub("-", text)

    outcome("re", (source, flags, text), run)


def formats():
    parts = [["", "*<", "é>", "^", "="], ["", "+", "-", " "], ["", "z"], ["", "#"], ["", "0"], ["", "3", "12"]]
    parts += [["", ",", "_"], ["", ".0", ".3", ".30"], ["", *"dfgexbocsn%XGE"]]
    spec = damaged("".join(map(pick, parts)))
    value = pick([0, 1, -5, 12345678901234567890, 1.5, -0.0, 1e300, float("inf"), float("nan"), "héllo", "", True, 1 + 2j])
    field = "{0" + pick(["", "!r", "!s", "!a", "[0]", ".real", ".x"]) + ":" + spec + "}"
    outcome("format", (value, spec), format, value, spec)
    outcome("percent", (value, spec), lambda: ("%" + spec) % value)
    outcome("str.format", (value, field), lambda: field.format(value))


def structs():
    codes = [pick(["", "2", "0", "10"]) + pick("bBhHiIlLqQfdesxpc?nN") for _ in range(rand.randrange(5))]
    layout = damaged(pick(["", "<", ">", "=", "!", "@"]) + "".join(codes))
    values = [pick([0, 1, -1, 300, 1.5, b"ab", b"x", 2**40, True]) for _ in range(rand.randrange(5))]

    def unpacked():
        size = struct.calcsize(layout)
        return size if size > 1000 else struct.unpack(layout, bytes(i * 37 % 256 for i in range(size)))

    outcome("unpack", layout, unpacked)
    if not any(len(digits) > 3 for digits in re.findall(r"\d+", layout)):
        outcome("pack", (layout, values), struct.pack, layout, *values)


def documents():
    value = pick([{"a": [1, 2.5, None, True, "x\u00e9\n"], "b": {}}, [[]], "s", -1e5, [1, [2, [3]]]])
    text = damaged(json.dumps(value, ensure_ascii=pick([True, False]), indent=pick([None, 1])))
    outcome("json", text, json.loads, text)


def numbers():
    text = "".join(pick("0123456789_+-eE.xXabo infNANj \u0661\t") for _ in range(rand.randrange(12)))
    for f in (int, float, complex, float.fromhex):
        outcome(f.__name__, text, f, text)
    outcome("int", text, int, text, rand.randrange(-1, 38))


def texts():
    def some(most):
        return "".join(pick("ab1 _é\U0001f600\n") for _ in range(rand.randrange(most)))

    s, u, v, a, b = some(12), some(3), some(3), rand.randrange(-8, 14), rand.randrange(-8, 14)
    for name in ("find", "rfind", "index", "count", "startswith", "endswith"):
        outcome(name, (s, u, a, b), getattr(s, name), u, a, b)
    for name in ("split", "rsplit"):
        outcome(name, (s, u, a), getattr(s, name), u or None, a)
    for name in ("partition", "rpartition", "strip", "removeprefix", "removesuffix"):
        outcome(name, (s, u), getattr(s, name), u)
    for name in ("title", "swapcase", "casefold", "capitalize", "isidentifier", "splitlines", "isprintable"):
        outcome(name, s, getattr(s, name))
    outcome("replace", (s, u, v, a), s.replace, u, v, a)
    outcome("center", (s, a, u), s.center, a, u)
    outcome("expandtabs", (s, a), s.expandtabs, a)
    outcome("slice", (s, a, b), lambda: s[a : b : -1] + s[a:b])


def codecs():
    names = "utf-8 utf-7 utf-16 utf-32 unicode_escape raw_unicode_escape ascii cp1252 idna punycode utf-16-le utf-32-be"
    data = bytes(rand.randrange(256) if rand.random() < 0.3 else pick(b"abc+-/=\\xuN{}&;012") for _ in range(rand.randrange(14)))
    name, errors = pick(names.split()), pick(["strict", "replace", "ignore", "backslashreplace", "surrogateescape"])
    outcome("decode", (data, name, errors), data.decode, name, errors)
    text = data.decode("utf-8", "surrogateescape")
    outcome("encode", (text, name, errors), text.encode, name, errors)


SOURCES = [
    "def f(a, /, b=1, *, c):\n  return [x for x in a if x]\n",
    "class A[T](B, metaclass=C):\n  x: int = 1\n  def m(self): return super().m()\n",
    "try:\n  pass\nexcept* E as e:\n  raise\nfinally:\n  x = f'{a!r:>{w}}'\n",
    "match x:\n  case [a, *b] | {'k': a, **b}: pass\n  case C(x=1): pass\n",
    "async def g():\n  async with a as b, c: yield await d\n",
    "x = y = 1 if z else 2; del x, y[0]; global q\n",
    "with (a as b, c): print(*d, **e)\n",
    "type X[*T, **P] = int\n",
]


def sources():
    text, mode = damaged(pick(SOURCES), 5), pick(["exec", "eval", "single"])

    def run():
        try:
            return bool(compile(text, "x", mode))
        except SyntaxError:
            return "SyntaxError"

    outcome("compile", (text, mode), run)


for _ in range(int(sys.argv[2])):
    pick([patterns, formats, structs, documents, numbers, texts, codecs, sources])()
