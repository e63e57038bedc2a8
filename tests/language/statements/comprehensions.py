# List, set, dict comprehensions and generator expressions.
print([x * x for x in range(6)], [x for x in range(10) if x % 2 if x > 3], [(x, y) for x in range(3) for y in range(x)])
# expect: [0, 1, 4, 9, 16, 25] [5, 7, 9] [(1, 0), (2, 0), (2, 1)]
print({x % 3 for x in range(10)}, {x: x * x for x in range(4)}, {k: v for v, k in enumerate("abc")}, {*()})
# expect: {0, 1, 2} {0: 0, 1: 1, 2: 4, 3: 9} {'a': 0, 'b': 1, 'c': 2} set()
print(list(x for x in "abc"), sum(x for x in range(5)), tuple(x for x in (1, 2)), max((len(w), w) for w in ["a", "bcd", "ef"]))
# expect: ['a', 'b', 'c'] 10 (1, 2) (3, 'bcd')
print([[i * j for j in range(3)] for i in range(3)], [y for row in [[1, 2], [3]] for y in row], [a + b for a, b in zip("ab", "cd")])
# expect: [[0, 0, 0], [0, 1, 2], [0, 2, 4]] [1, 2, 3] ['ac', 'bd']
print([x if x % 2 else -x for x in range(5)], [(lambda: x)() for x in range(3)], [f() for f in [lambda x=x: x for x in range(3)]])
# expect: [0, 1, -2, 3, -4] [0, 1, 2] [0, 1, 2]
print([n for n in range(2, 30) if all(n % d for d in range(2, n))], any(x > 3 for x in range(5)), not any([]))
# expect: [2, 3, 5, 7, 11, 13, 17, 19, 23, 29] True True
log = []


def trace(x):
    log.append(x)
    return x


lazy = (trace(x) for x in range(3))
print(log, next(lazy), log, list(lazy), log)  # expect: [0, 1, 2] 0 [0, 1, 2] [1, 2] [0, 1, 2]
data = [1, 2, 3]
gen = (x for x in data)
data.append(4)
data = None
print(list(gen))  # expect: [1, 2, 3, 4]
print([last := x for x in range(4)], last, [y for x in range(3) if (y := x * 2)], {a: b for a, *b in ["xyz", "q"]})
# expect: [0, 1, 2, 3] 3 [2, 4] {'x': ['y', 'z'], 'q': []}


def f(n):
    return [n + i for i in range(n)], {n: [m for m in range(n)] for n in range(n)}, n


print(f(3))  # expect: ([3, 4, 5], {0: [], 1: [0], 2: [0, 1]}, 3)


class C:
    size = 3
    cells = [0 for _ in range(size)]
    table = {i: j for i, j in zip(range(size), "abc")}


print(C.cells, C.table)  # expect: [0, 0, 0] {0: 'a', 1: 'b', 2: 'c'}
print([x for x in [1, 2, 3] if x != 2], [*(x for x in range(3))], dict((i, i) for i in range(2)), ",".join(str(i) for i in range(3)))
# expect: [1, 3] [0, 1, 2] {0: 0, 1: 1} 0,1,2
print([i for i in range(3) for i in range(i)], [[]] * 2, [[] for _ in range(2)], ["a" "b" for _ in (1,)], [not x for x in (0, 1)])
# expect: [0, 0, 1] [[], []] [[], []] ['ab'] [True, False]
try:
    [x for x in 5]
except TypeError as error:
    print(error)
# expect: 'int' object is not iterable
try:
    (x for x in 5)
except TypeError as error:
    print(error)
# expect: 'int' object is not iterable
try:
    [1 / x for x in (1, 0)]
except ZeroDivisionError as error:
    print(error)
# expect: division by zero
try:
    print(x)
except NameError as error:
    print(error)
# expect: name 'x' is not defined


def cells_under_handlers(rows):
    """A name that functions further down capture, and comprehensions under handlers take for themselves."""
    seen = []
    for r in rows:
        seen.append(r)
    try:
        seen = [1 // r for r in rows]
    except ZeroDivisionError as error:
        seen.append((r, type(error).__name__))
    try:
        seen += [(lambda: r * 2)() for r in rows if 6 // r]
    except ZeroDivisionError:
        seen.append(r)
    for r in rows:
        pass
    return seen, [r for r in rows if any(r == other for other in seen)], (lambda: r)()


print(cells_under_handlers([1, 2, 3]), cells_under_handlers([4, 0, 5]))
# expect: ([1, 0, 0, 2, 4, 6], [1, 2], 3) ([4, 0, 5, (5, 'ZeroDivisionError'), 5], [4, 0, 5], 5)
