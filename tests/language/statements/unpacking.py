# Assignment targets, starred targets, nested unpacking, unpacking in displays and calls.
a, b = 1, 2
[c, d] = "xy"
(e, (f, g)), h = (1, (2, 3)), 4
print(a, b, c, d, e, f, g, h)  # expect: 1 2 x y 1 2 3 4
first, *rest = [1, 2, 3]
*init, last = (1, 2, 3)
head, *middle, tail = range(6)
x, *empty = "a"
print(first, rest, init, last, head, middle, tail, x, empty)  # expect: 1 [2, 3] [1, 2] 3 0 [1, 2, 3, 4] 5 a []
(p, *q), r = [[1, 2, 3], 4]
print(p, q, r, [*range(3), *"ab"], (*[1], *(2,)), {*[1, 1], *{2}}, {**{"a": 1}, "b": 2, **{"a": 3}})
# expect: 1 [2, 3] 4 [0, 1, 2, 'a', 'b'] (1, 2) {1, 2} {'a': 3, 'b': 2}


def f(*args, **kwargs):
    return args, kwargs


print(f(*[1, 2], 3, *(4,), **{"a": 1}, b=2, **{"c": 3}))  # expect: ((1, 2, 3, 4), {'a': 1, 'b': 2, 'c': 3})
for i, *j in [(1, 2, 3), (4,)]:
    print(i, j)
# expect: 1 [2, 3]
# expect: 4 []


class Box:
    pass


box = Box()
box.a, box.b = 1, 2
lst = [0] * 4
lst[0], lst[1:3] = 9, [8, 7]
print(box.a, box.b, lst)  # expect: 1 2 [9, 8, 7, 0]
box.a, *lst[0:1] = range(3)
print(box.a, lst)  # expect: 0 [1, 2, 8, 7, 0]
x = y, z = (1, 2)
print(x, y, z)  # expect: (1, 2) 1 2
(single,) = [5]
[only] = {7}
() = []
print(single, only, *[1, 2], sep="-")  # expect: 5-7-1-2


def gen():
    yield 1
    yield 2


m, n = gen()
k1, k2 = {"a": 1, "b": 2}
print(m, n, k1, k2, (lambda a, *b: (a, b))(*"abc"))  # expect: 1 2 a b ('a', ('b', 'c'))
value = *[1, 2], 3
print(value)  # expect: (1, 2, 3)


def ret():
    return 1, *[2, 3]


print(ret(), [*ret(), *ret()])  # expect: (1, 2, 3) [1, 2, 3, 1, 2, 3]


def err(code):
    try:
        exec(code)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
    else:
        print("no error:", code)


err("a, b = [1]")  # expect: ValueError: not enough values to unpack (expected 2, got 1)
err("a, b, c = 'ab'")  # expect: ValueError: not enough values to unpack (expected 3, got 2)
err("a, *b, c = [1]")  # expect: ValueError: not enough values to unpack (expected at least 2, got 1)
err("a, b = 5")  # expect: TypeError: cannot unpack non-iterable int object
err("*a, b = None")  # expect: TypeError: cannot unpack non-iterable NoneType object
err("a, b = iter([1, 2, 3])")  # expect: ValueError: too many values to unpack (expected 2)
err("[*5]")  # expect: TypeError: Value after * must be an iterable, not int
err("{**5}")  # expect: TypeError: 'int' object is not a mapping
err("print(*5)")  # expect: TypeError: print() argument after * must be an iterable, not int
err("f(**5)")  # expect: TypeError: __main__.f() argument after ** must be a mapping, not int
err("f(**{1: 2})")  # expect: TypeError: keywords must be strings
err("f(a=1, **{'a': 2})")  # expect: TypeError: __main__.f() got multiple values for keyword argument 'a'
err("(lambda a: a)(*[1, 2])")  # expect: TypeError: <lambda>() takes 1 positional argument but 2 were given


# The first target may be the local that alone keeps the tuple.
def two(pair):
    pair, rest = pair
    return pair, rest


def three(triple):
    a, triple, b = triple
    return a, triple, b


for n in range(2000):
    assert two(([n], [n + 1])) == ([n], [n + 1])
    assert three(([n], [n + 1], [n + 2])) == ([n], [n + 1], [n + 2])
print(two(([1], [2])), three(([1], [2], [3])))  # expect: ([1], [2]) ([1], [2], [3])
