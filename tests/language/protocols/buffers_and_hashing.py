# Hashing and equality across kinds; identity of singletons; truth of everything.
print(hash(1) == hash(1.0) == hash(1 + 0j) == hash(True), hash("a") == hash("a"), hash((1, "a")) == hash((1, "a")), hash(None) == hash(None))
# expect: True True True True
from decimal import Decimal
from fractions import Fraction

print(hash(Fraction(1, 2)) == hash(0.5) == hash(Decimal("0.5")), Fraction(1, 2) == 0.5, {0.5: "half"}[Fraction(1, 2)])
# expect: True True half
print(1 == True, 0 == False, "" == b"", None == 0, [] == (), {} == set(), 1 == "1", b"a" == "a", (1,) == [1])
# expect: True True False False False False False False False
print(None is None, True is True, ... is Ellipsis, NotImplemented is NotImplemented, () is (), type(None)() is None, bool(1) is True)
# expect: True True True True True True True
truths = [0, 0.0, 0j, "", b"", [], (), {}, set(), frozenset(), range(0), None, False, 1, -1, 0.1, "0", b"\0", [0], (0,), {0: 0}, {0}, range(1), True, ..., int, len, object(), float("nan")]
print([bool(t) for t in truths])
# expect: [False, False, False, False, False, False, False, False, False, False, False, False, False, True, True, True, True, True, True, True, True, True, True, True, True, True, True, True, True]
print([t for t in truths[:13] if t], len([t for t in truths if t]), all(truths[13:]), any(truths[:13]))
# expect: [] 16 True False
print(1 < 2.5 < 3, 1 == 1.0 == True, "a" < "b" > "a", [1] < [2] < [3], (1, 2) < (1, 3) != (2,), 3 > 2 == True, (3 > 2) == True)
# expect: True True True True True False True
print(1 is not None, not 1 == 2, not (1 == 2), 1 != 2 != 1, 1 in [1] == True, (1 in [1]) == True)
# expect: True True True True False True
a = [1]
b = a
c = a[:]
print(a is b, a is c, a == c, a is not c, id(a) == id(b), id(a) != id(c))  # expect: True False True True True True
for left, right in ((1, "a"), ([], 1), ({}, {}), (None, None), (1j, 2), (object(), object()), (int, str), (len, print)):
    try:
        left < right
    except TypeError as error:
        print(error)
# expect: '<' not supported between instances of 'int' and 'str'
# expect: '<' not supported between instances of 'list' and 'int'
# expect: '<' not supported between instances of 'dict' and 'dict'
# expect: '<' not supported between instances of 'NoneType' and 'NoneType'
# expect: '<' not supported between instances of 'complex' and 'int'
# expect: '<' not supported between instances of 'object' and 'object'
# expect: '<' not supported between instances of 'type' and 'type'
# expect: '<' not supported between instances of 'builtin_function_or_method' and 'builtin_function_or_method'
x = float("nan")
print(x == x, x is x, [x] == [x], (x,) == (x,), {x: 1} == {x: 1}, x in [x], [x].count(x), {x} == {x}, x != x)
# expect: False True True True True True 1 True True


class Any:
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


print([1, Any()] == [1, 2], (Any(),) == (5,), {1: Any()} == {1: "z"}, Any() in [1, 2], 5 in [Any()], {0: "zero"}.get(Any()))
# expect: True True True True True zero
