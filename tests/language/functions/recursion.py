# Deep recursion is an exception, not a crash, and the limit can be set.
import sys


def down(n):
    return 0 if n == 0 else 1 + down(n - 1)


print(down(500))  # expect: 500
try:
    down(10 ** 6)
except RecursionError as error:
    print(str(error).startswith("maximum recursion depth exceeded"))
# expect: True
limit = sys.getrecursionlimit()
print(limit)  # expect: 1000
sys.setrecursionlimit(5000)
print(down(4000))  # expect: 4000
sys.setrecursionlimit(limit)


class Loop:
    def __repr__(self):
        return repr(self)

    def __eq__(self, other):
        return self == other

    def __getattr__(self, name):
        return getattr(self, name + "x")

    def __iter__(self):
        return iter(self)

    def __str__(self):
        return f"{self}"


for act in (lambda: repr(Loop()), lambda: Loop() == Loop(), lambda: Loop().a, lambda: iter(Loop()), lambda: str(Loop())):
    try:
        act()
    except RecursionError:
        print("RecursionError")
# expect: RecursionError
# expect: RecursionError
# expect: RecursionError
# expect: RecursionError
# expect: RecursionError


def mutual_a(n):
    return mutual_b(n + 1)


def mutual_b(n):
    return mutual_a(n + 1)


try:
    mutual_a(0)
except RecursionError:
    print("caught, and going on:", down(100))
# expect: caught, and going on: 100
nested = []
for _ in range(100):
    nested = [nested]
print(len(repr(nested)), nested == nested)  # expect: 202 True
loop = []
loop.append(loop)
print(loop, repr({"self": loop}))  # expect: [[...]] {'self': [[...]]}
d = {}
d["d"] = d
print(d)  # expect: {'d': {...}}
try:
    sys.setrecursionlimit(0)
except ValueError as error:
    print(error)
# expect: recursion limit must be greater or equal than 1


def gen(n):
    if n:
        yield from gen(n - 1)
    yield n


print(sum(gen(200)))  # expect: 20100
try:
    list(gen(10 ** 5))
except RecursionError:
    print("generators too")
# expect: generators too
print(sorted([3, 1, 2], key=lambda x: down(x)))  # expect: [1, 2, 3]
