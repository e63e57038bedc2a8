#!/usr/bin/env python3
"""Writes a random program that prints what it does; the same seed gives the same program.

usage: generate.py KIND SEED

KIND is `values` (operators, methods, formats and builtins on random values; errors show as the name of their type) or
`flow` (random nests of loops, try statements, with, functions and generators that log every step).
"""

import random
import sys

NUMBERS = """0 1 -1 2 3 7 -13 10 255 256 -256 1000 2**31 -(2**31) 2**32+1 2**47 2**48-1 -(2**48) 2**53 2**53+1 2**62 2**63 2**63-1
-(2**63) 2**64 10**20 -(10**25) 3**90 0.0 -0.0 0.5 1.5 -2.5 1e16 1e-7 123.456 1e300 5e-324 float('inf') float('-inf')
float('nan') True False 0.1""".split()
SMALL = "0 1 2 3 -1 -2 5 -7 8 10 True".split()
TEXTS = [
    "''", "'a'", "'b'", "'abc'", "'Hello World'", "' pad '", "'a,b,,c'", "'123'", "'-5'", "'1.5'", "'\\u00e9t\\u00e9'",
    "'\\U0001f600x'", "'aaa'", "'x\\ty\\n'", "'AbC'", "'\\u0130'", "'%s'", "'{}'", "'\\ud800'", "'00'", '"it\'s"',
]  # fmt: skip
BYTES = ["b''", "b'a'", "b'abc'", "b'\\x00\\xff'", "bytearray(b'xyz')", "b'a,b'", "bytes(3)"]
METHODS = {
    "text": """upper lower title swapcase capitalize casefold strip lstrip rstrip isalpha isdigit isalnum isspace isupper
    islower istitle isidentifier isprintable isascii isdecimal isnumeric split rsplit splitlines encode expandtabs
    find:t rfind:t index:t count:t startswith:t endswith:t replace:tt split:t rsplit:t partition:t rpartition:t join:T
    center:s ljust:s rjust:s zfill:s removeprefix:t removesuffix:t split:ts rsplit:ts find:ts find:tss count:tss strip:t
    replace:tts format:v format:vv splitlines:s center:st translate:d __contains__:t __mul__:s __getitem__:s""".split(),
    "bytes": """upper lower hex decode split strip find:b count:b replace:bb startswith:b join:B index:b partition:b
    center:s zfill:s isalpha isdigit title rfind:b split:b rstrip:b __getitem__:s endswith:b""".split(),
    "list": """copy reverse clear pop append:v extend:l insert:sv index:v count:v remove:v pop:s sort __len__
    __contains__:v __getitem__:s __mul__:s __add__:l __eq__:l""".split(),
    "tuple": "index:v count:v __len__ __contains__:v __getitem__:s __add__:u __mul__:s __eq__:u __lt__:u".split(),
    "dict": """keys values items copy clear popitem get:h get:hv pop:h pop:hv setdefault:hv update:d __contains__:h
    __len__ __eq__:d __or__:d""".split(),
    "set": """copy clear add:h discard:h remove:h union:e intersection:e difference:e symmetric_difference:e issubset:e
    issuperset:e isdisjoint:e update:e difference_update:e __contains__:h __len__ __eq__:e __le__:e""".split(),
    "number": """__neg__ __abs__ __bool__ __int__ __float__ __trunc__ __round__ __floor__ __ceil__ bit_length
    bit_count conjugate as_integer_ratio is_integer hex __add__:n __sub__:n __mul__:n __truediv__:n __floordiv__:n
    __mod__:n __divmod__:n __eq__:n __lt__:n __radd__:n __rsub__:n __index__""".split(),
}
GROUPS = {"text": "t", "bytes": "b", "list": "l", "tuple": "u", "dict": "d", "set": "e", "number": "n"}
BINARY = "+ - * / // % & | ^ == != < <= > >= and or".split()
BUILTINS = """len:v abs:v bool:v repr:v str:v ascii:v int:v float:v list:v tuple:v set:v sorted:l sum:l min:l max:l
type:v callable:v any:l all:l reversed:l enumerate:l divmod:nn pow:ns round:n round:ns bin:n hex:n oct:n chr:n ord:t
bytes:l dict:d frozenset:l range:s range:ss range:sss zip:ll map_str:l iter:v complex:nn slice:ss isinstance_int:v
format:v int:ts complex:t float:t bytearray:l min:vv max:vv sum:lv len:l sorted:t sorted:e id_same:v""".split()
FILLS = ["", "*<", "0>", "x^", "<", ">", "^", "="]
SIGNS = ["", "+", "-", " "]
KINDS = ["", "d", "f", "e", "g", "x", "o", "b", "s", "n", "%", "c", "X", "E", "G", "F"]


class Values:
    """Random expressions as text."""

    def __init__(self, rng):
        self.rng = rng

    def value(self, kind, depth=2, many=False):
        rng = self.rng
        if kind == "v":
            kind = rng.choice("nnntttbludeh" if depth else "nnttb")
        if kind == "h":
            kind = rng.choice("nntu") if depth else "t"
        if kind == "n":
            return "(" + rng.choice(NUMBERS) + ")"
        if kind == "s":
            return rng.choice(SMALL)
        if kind == "t":
            return rng.choice(TEXTS)
        if kind == "b":
            return rng.choice(BYTES)
        if kind == "T":
            return "[" + ", ".join(self.value("t") for _ in range(rng.randrange(4))) + "]"
        if kind == "B":
            return "[" + ", ".join(rng.choice(BYTES[:4]) for _ in range(rng.randrange(4))) + "]"
        inner = rng.choice("nsth")
        items = [self.value(inner if rng.random() < 0.8 else "v", depth - 1) for _ in range(rng.randrange(5))]
        if kind == "l":
            return "[" + ", ".join(items) + "]"
        if kind == "u":
            return "(" + "".join(item + ", " for item in items) + ")"
        if kind == "e":
            # The order of a set is nobody's business, so a set that may be iterated over has at most one item.
            count = len(items) if many else min(1, len(items))
            return "{*[" + ", ".join(self.value(rng.choice("st"), 0) for _ in range(count)) + "]}"
        pairs = ["%s: %s" % (self.value(rng.choice("st"), 0), item) for item in items]
        return "{" + ", ".join(pairs) + "}"

    def call(self, target, signature):
        name, _, kinds = signature.partition(":")
        return "%s.%s(%s)" % (target, name, ", ".join(self.value(kind, 1) for kind in kinds))

    def line(self):
        rng = self.rng
        pick = rng.randrange(9)
        if pick <= 1:
            kind = rng.choice(["nn", "nn", "nn", "ns", "tt", "ts", "ll", "ls", "uu", "bb", "ee", "dd", "vv"])
            return "%s %s %s" % (self.value(kind[0]), rng.choice(BINARY), self.value(kind[1]))
        if pick == 2:
            power = rng.choice(["**", "<<", ">>"])
            return "%s %s %s" % (self.value(rng.choice("ns")), power, self.value("s"))
        if pick <= 4:
            group = rng.choice(list(METHODS))
            target = self.value(GROUPS[group], many=True)
            return "keep(%s, lambda o: %s)" % (target, self.call("o", rng.choice(METHODS[group])))
        if pick == 5:
            name, _, kinds = rng.choice(BUILTINS).partition(":")
            return "%s(%s)" % (name, ", ".join(self.value(kind) for kind in kinds))
        if pick == 6:
            spec = rng.choice(FILLS) + rng.choice(SIGNS) + rng.choice(["", "#", "0"])
            spec += rng.choice(["", "8", "12"]) + rng.choice(["", ",", "_"]) + rng.choice(["", ".0", ".3"]) + rng.choice(KINDS)
            if rng.random() < 0.3:
                spec = "%" + rng.choice(["", "-", "+", "0", "#", " "]) + rng.choice(["", "8"]) + rng.choice(["", ".2"])
                spec += rng.choice("dixXofegGsrac%")
                return "%r %% (%s,)" % (spec, self.value("v", 1))
            return "format(%s, %r)" % (self.value(rng.choice("nnnt")), spec)
        if pick == 7:
            ends = [rng.choice(["", self.value("s"), self.value("s")]) for _ in range(3)]
            return "%s[%s:%s:%s]" % (self.value(rng.choice("tlub")), *ends)
        target = self.value(rng.choice("le" if rng.random() < 0.5 else "l"))
        test = rng.choice(["x", "x == x", "not x", "isinstance(x, str)", "x in (1, 'a')"])
        return "[(x, %s) for x in %s if %s]" % (self.value("s"), target, test)


PRELUDE = """
def show(x, depth=3):
    kind = type(x)
    if kind in (set, frozenset):
        return kind.__name__ + "{" + ", ".join(sorted(show(i) for i in x)) + "}"
    if kind in (list, tuple):
        return kind.__name__ + "(" + ", ".join(show(i) for i in x) + ")"
    if kind is dict:
        return "{" + ", ".join(show(k) + ": " + show(v) for k, v in x.items()) + "}"
    if hasattr(kind, "__next__") or kind.__name__.startswith("dict_"):
        return kind.__name__ + show(list(x)) if depth else kind.__name__
    return kind.__name__ + " " + ascii(x)

def keep(o, f):
    return f(o), o

def map_str(x):
    return list(map(str, x))

def isinstance_int(x):
    return isinstance(x, int)

def id_same(x):
    y = x
    return x is y

def t(number, f):
    try:
        text = show(f())
    except Exception as error:
        text = "!" + type(error).__name__
    print(number, text[:2000])
"""


def values_program(rng):
    maker = Values(rng)
    lines = [PRELUDE]
    for number in range(150):
        lines.append("t(%d, lambda: %s)" % (number, maker.line()))
    return "\n".join(lines)


class Flow:
    """Random statements; every block logs where it is, and a budget of steps keeps programs finite."""

    def __init__(self, rng):
        self.rng = rng
        self.lines = []
        self.label = 0
        self.functions = 0

    def log(self, depth, extra=""):
        self.label += 1
        self.add(depth, "log(%d%s)" % (self.label, extra))

    def add(self, depth, text):
        self.lines.append("    " * depth + text)

    def block(self, depth, loop, function, budget):
        for _ in range(self.rng.randrange(1, 4)):
            self.statement(depth, loop, function, budget)
        self.log(depth)

    def statement(self, depth, loop, function, budget):
        rng = self.rng
        if depth > budget or depth > 8 or len(self.lines) > 60:
            self.log(depth, rng.choice(["", ", a", ", b", ", a + b"]))
            return
        kind = rng.randrange(14)
        inner = (loop, function, budget)
        if kind == 0:
            self.add(depth, "for i%d in range(%d):" % (depth, rng.randrange(4)))
            self.block(depth + 1, True, function, budget)
            if rng.random() < 0.4:
                self.add(depth, "else:")
                self.block(depth + 1, *inner)
        elif kind == 1:
            self.add(depth, "w%d = %d" % (depth, rng.randrange(4)))
            self.add(depth, "while w%d > 0:" % depth)
            self.add(depth + 1, "w%d -= 1" % depth)
            self.block(depth + 1, True, function, budget)
            if rng.random() < 0.4:
                self.add(depth, "else:")
                self.block(depth + 1, *inner)
        elif kind in (2, 3, 4):
            self.add(depth, "try:")
            self.block(depth + 1, *inner)
            handlers = rng.randrange(3)
            caught = rng.choice([["KeyError", "ValueError"], ["(KeyError, TypeError)", "Exception"], ["ValueError", "LookupError"]])
            for name in caught[:handlers]:
                bound = rng.random() < 0.6
                self.add(depth, "except %s%s:" % (name, " as e" if bound else ""))
                if bound:
                    self.log(depth + 1, ", repr(e), repr(e.__context__)")
                self.block(depth + 1, *inner)
                if rng.random() < 0.15:
                    self.add(depth + 1, "raise")
            if handlers and rng.random() < 0.3:
                self.add(depth, "else:")
                self.block(depth + 1, *inner)
            if not handlers or rng.random() < 0.5:
                self.add(depth, "finally:")
                self.block(depth + 1, loop and rng.random() < 0.3, function and rng.random() < 0.3, budget)
        elif kind == 5:
            self.add(depth, "if tick() %% %d:" % rng.randrange(2, 4))
            self.block(depth + 1, *inner)
            if rng.random() < 0.5:
                self.add(depth, rng.choice(["else:", "elif a > b:"]))
                self.block(depth + 1, *inner)
        elif kind == 6:
            self.add(depth, "if tick() %% %d == 0:" % rng.randrange(1, 4))
            name = rng.choice(["KeyError", "ValueError", "TypeError", "IndexError", "ZeroDivisionError"])
            cause = rng.choice(["", "", " from None", " from OSError(1)"])
            self.add(depth + 1, "raise %s(%d)%s" % (name, self.label, cause))
        elif kind == 7:
            self.add(depth, "with Manager(%d, %r)%s:" % (self.label, rng.random() < 0.3, rng.choice(["", " as m"])))
            self.block(depth + 1, *inner)
        elif kind == 8 and loop:
            self.add(depth, "if tick() %% %d == 0:" % rng.randrange(1, 4))
            self.add(depth + 1, rng.choice(["break", "continue"]))
        elif kind == 9 and function:
            self.add(depth, "if tick() %% %d == 0:" % rng.randrange(1, 4))
            self.add(depth + 1, "return %s" % rng.choice(["a", "b", "(a, b)", "log(%d)" % self.label, "None"]))
        elif kind == 10 and function == "generator":
            self.add(depth, rng.choice(["yield a", "log(%d, (yield b))" % self.label, "yield from [a, b]", "got = yield"]))
        elif kind == 11:
            self.functions += 1
            name = "f%d" % self.functions
            sort = rng.choice(["function", "generator"])
            self.add(depth, "def %s(a, b=%d, *rest, k=1):" % (name, rng.randrange(5)))
            self.block(depth + 1, False, sort, budget)
            if sort == "generator":
                self.add(depth + 1, "yield")
                self.add(depth, "log(%d, drive(%s(a)))" % (self.label, name))
            else:
                self.add(depth, "log(%d, attempt(%s, %s))" % (self.label, name, rng.choice(["a", "a, b", "1, 2, 3", "a=b", "a, k=2"])))
        elif kind == 12:
            self.add(depth, rng.choice(["a, b = b, a + 1", "a += b", "b -= 1", "a, *c = b, a, 3", "(a, b), c = [a, b], 1", "a = b = a - b"]))
        else:
            self.log(depth, rng.choice([", [x for x in range(b % 4)]", ", a if b > 1 else -a", ", a < b < 5", ", [f'{a}{b!r:>3}', (lambda q=a: q + b)()]"]))


FLOW_PRELUDE = """
steps = [0, 0]

class Stop(BaseException):
    pass

def tick():
    steps[0] += 1
    if steps[0] > 400:
        raise Stop
    return steps[0]

def log(label, *values):
    steps[1] += 1
    if steps[1] > 1500:
        raise Stop
    print(label, *values)

class Manager:
    def __init__(self, label, swallow):
        self.label, self.swallow = label, swallow
    def __enter__(self):
        print("enter", self.label)
        return self
    def __exit__(self, kind, value, trace):
        print("exit", self.label, kind and kind.__name__, value)
        return self.swallow and kind is not None and issubclass(kind, Exception)

def attempt(f, *args, **kwargs):
    try:
        return f(*args, **kwargs)
    except Exception as error:
        return repr(error), repr(error.__cause__), repr(error.__context__)

def drive(g):
    out = []
    try:
        for step in range(6):
            if step == 3:
                out.append(g.throw(KeyError("thrown")))
            elif step == 1:
                out.append(g.send("sent"))
            else:
                out.append(next(g))
        g.close()
    except StopIteration as stop:
        out.append(("stop", stop.value))
    except Exception as error:
        out.append(repr(error))
    return out
"""


def flow_program(rng):
    flow = Flow(rng)
    flow.lines.append(FLOW_PRELUDE)
    for number in range(8):
        flow.lines.append("def main%d(a, b):" % number)
        lines, flow.lines = flow.lines, []
        for _ in range(3):
            flow.block(1, False, "function", 5)
        flow.lines = lines + flow.lines
        flow.lines.append("try:\n    print(attempt(main%d, 1, 2))\nexcept Stop:\n    print('stopped')" % number)
        flow.lines.append("print(steps)\nsteps[:] = [0, 0]")
    return "\n".join(flow.lines)


if __name__ == "__main__":
    makers = {"values": values_program, "flow": flow_program}
    print(makers[sys.argv[1]](random.Random(int(sys.argv[2]))))
