# match statements: every kind of pattern.
class Point:
    __match_args__ = ("x", "y")

    def __init__(self, x, y):
        self.x, self.y = x, y


class Color:
    RED = "red"
    GREEN = "green"


def literal(v):
    match v:
        case 0:
            return "zero"
        case 1 | 2 | 3:
            return "small"
        case -1:
            return "minus one"
        case 1.5:
            return "float"
        case "a":
            return "letter"
        case b"b":
            return "bytes"
        case None:
            return "none"
        case True:
            return "true"
        case 1 + 2j:
            return "complex"
        case Color.RED:
            return "red"
        case _:
            return "other"


print([literal(v) for v in (0, 2, -1, 1.5, "a", b"b", None, True, False, 1 + 2j, "red", "green", [], 0.0)])
# expect: ['zero', 'small', 'minus one', 'float', 'letter', 'bytes', 'none', 'small', 'zero', 'complex', 'red', 'other', 'other', 'zero']


def sequence(v):
    match v:
        case []:
            return "empty"
        case [x]:
            return f"one {x}"
        case [1, y]:
            return f"starts with 1, then {y}"
        case (x, y) if x == y:
            return f"pair of {x}"
        case [x, [y, z]]:
            return f"nested {x} {y} {z}"
        case [first, *rest, last] if len(rest) > 2:
            return f"long {first} {rest} {last}"
        case [first, *_]:
            return f"first {first}"
        case _:
            return "not a sequence"


print([sequence(v) for v in ([], [5], [1, 2], (3, 3), [0, (1, 2)], range(6), [9, 8, 7], "ab", b"ab", {1, 2}, 5, (4, 5))])
# expect: ['empty', 'one 5', 'starts with 1, then 2', 'pair of 3', 'nested 0 1 2', 'long 0 [1, 2, 3, 4] 5', 'first 9', 'not a sequence', 'not a sequence', 'not a sequence', 'not a sequence', 'first 4']


def mapping(v):
    match v:
        case {"type": "circle", "r": r}:
            return f"circle {r}"
        case {"type": str(kind), **rest}:
            return f"{kind} {rest}"
        case {"pos": [x, y], "opt": {"deep": d}}:
            return f"pos {x} {y} {d}"
        case {1: one}:
            return f"int key {one}"
        case {}:
            return "some mapping"
        case _:
            return "no mapping"


print([mapping(v) for v in ({"type": "circle", "r": 2, "extra": 1}, {"type": "sq", "a": 1}, {"pos": (1, 2), "opt": {"deep": 5}}, {1: "a"}, {}, {"type": 5}, [])])
# expect: ['circle 2', "sq {'a': 1}", 'pos 1 2 5', 'int key a', 'some mapping', 'some mapping', 'no mapping']


def classes(v):
    match v:
        case Point(0, 0):
            return "origin"
        case Point(x, y=0):
            return f"on x at {x}"
        case Point(x=0, y=yy):
            return f"on y at {yy}"
        case Point() as p:
            return f"point {p.x},{p.y}"
        case int(n) | float(n) if n > 100:
            return f"big {n}"
        case bool(b):
            return f"bool {b}"
        case int():
            return "int"
        case str(s):
            return f"str {s}"
        case list([a, b]) | tuple((a, b)):
            return f"two {a} {b}"
        case dict():
            return "dict"
        case Exception(args=[msg]):
            return f"exception {msg}"
        case _:
            return "?"


print([classes(v) for v in (Point(0, 0), Point(5, 0), Point(0, 7), Point(1, 2), 500, 200.5, True, 7, "s", [1, 2], (3, 4), {}, ValueError("m"), 1.5, None)])
# expect: ['origin', 'on x at 5', 'on y at 7', 'point 1,2', 'big 500', 'big 200.5', 'bool True', 'int', 'str s', 'two 1 2', 'two 3 4', 'dict', 'exception m', '?', '?']


def captures(v):
    match v:
        case [Point(x=a), *others] as whole if a:
            return a, len(others), whole is v
        case (1 | 2 as n), *_:
            return "n", n
        case {"k": [1, {"z": z}, *tail]}:
            return z, tail
        case x:
            return "any", x


print(captures([Point(1, 2), 3]), captures([2, 5]), captures({"k": [1, {"z": 9}, 8, 7]}), captures(3))
# expect: (1, 1, True) ('n', 2) (9, [8, 7]) ('any', 3)
match 5:
    case n if n > 10:
        print("big")
    case n:
        print("small", n)
# expect: small 5
match 1, 2:
    case a, b:
        print(a, b)
# expect: 1 2
match (x := 3):
    case 3:
        print("walrus", x)
# expect: walrus 3
match = 1
case = 2
type = 3
_ = 4
print(match + case + type + _, [match, case])  # expect: 10 [1, 2]
match [match]:
    case [1]:
        print("soft keywords")
# expect: soft keywords


class Meta(__builtins__.type if hasattr(__builtins__, "type") else __builtins__["type"]):
    def __instancecheck__(cls, obj):
        return obj == "magic"


class Magic(metaclass=Meta):
    pass


match "magic":
    case Magic():
        print("instancecheck")
# expect: instancecheck


class NoArgs:
    pass


class BadArgs:
    __match_args__ = [1]


class TwoArgs:
    __match_args__ = ("a", "a")
    a = 1


def err(v, code):
    try:
        exec(f"match v:\n  case {code}: pass", {"v": v, **globals()} | {"v": v})
    except Exception as error:
        print(f"{error.__class__.__name__}: {error}")
    else:
        print("no error:", code)


err(NoArgs(), "NoArgs(1)")  # expect: TypeError: NoArgs() accepts 0 positional sub-patterns (1 given)
err(BadArgs(), "BadArgs(1)")  # expect: TypeError: BadArgs.__match_args__ must be a tuple (got list)
err(Point(1, 2), "Point(1, 2, 3)")  # expect: TypeError: Point() accepts 2 positional sub-patterns (3 given)
err(Point(1, 2), "Point(1, x=1)")  # expect: TypeError: Point() got multiple sub-patterns for attribute 'x'
err(5, "int(1, 2)")  # expect: TypeError: int() accepts 1 positional sub-pattern (2 given)
err(5, "nothing.x")  # expect: NameError: name 'nothing' is not defined
err(5, "Point.nope")  # expect: AttributeError: type object 'Point' has no attribute 'nope'
err(5, "NOT_A_CLASS()")  # expect: NameError: name 'NOT_A_CLASS' is not defined
err(TwoArgs(), "TwoArgs(1, 1)")  # expect: TypeError: TwoArgs() got multiple sub-patterns for attribute 'a'
import collections

match collections.deque([1, 2]):
    case [1, b]:
        print("deque", b)
# expect: deque 2
match collections.defaultdict(int, a=1):
    case {"a": 1, "b": _}:
        print("never")
    case {"a": v}:
        print("defaultdict", v)
# expect: defaultdict 1
