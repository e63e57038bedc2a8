# Closures, decorators, recursion, function attributes, partial application.
def deco(prefix):
    def wrap(fn):
        def inner(*args, **kwargs):
            return f"{prefix}({fn(*args, **kwargs)})"

        inner.__name__ = fn.__name__
        return inner

    return wrap


@deco("a")
@deco("b")
def hello(name="x"):
    return f"hello {name}"


print(hello(), hello("y"), hello(name="z"), hello.__name__)  # expect: a(b(hello x)) a(b(hello y)) a(b(hello z)) hello


def register(table):
    def add(fn):
        table[fn.__name__] = fn
        return fn

    return add


table = {}


@register(table)
def one():
    return 1


@(lambda fn: fn)
@table.setdefault("k", lambda f: f)
def two():
    return 2


print(sorted(table), table["one"]() + two())  # expect: ['k', 'one'] 3


def adder(n):
    def add(x):
        return x + n

    return add


add5 = adder(5)
print(add5(10), adder(1)(1), add5.__closure__[0].cell_contents, add5.__code__.co_freevars)  # expect: 15 2 5 ('n',)


def make():
    value = []

    def push(x):
        value.append(x)
        return value

    def clear():
        nonlocal value
        value = []

    return push, clear


push, clear = make()
print(push(1), push(2), clear(), push(3))  # expect: [1, 2] [1, 2] None [3]


def fact(n):
    return 1 if n < 2 else n * fact(n - 1)


def even(n):
    return n == 0 or odd(n - 1)


def odd(n):
    return n != 0 and even(n - 1)


print(fact(20), even(10), odd(7), (lambda f: f(f, 5))(lambda self, n: 1 if n < 2 else n * self(self, n - 1)))
# expect: 2432902008176640000 True True 120


def ack(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ack(m - 1, 1)
    return ack(m - 1, ack(m, n - 1))


print(ack(2, 3))  # expect: 9


class Callable:
    def __init__(self, k):
        self.k = k

    def __call__(self, x, *, scale=1):
        return (x + self.k) * scale


print(Callable(2)(3), Callable(2)(3, scale=10), callable(Callable), callable(Callable(1)), callable(5), list(map(Callable(1), [1, 2])))
# expect: 5 50 True True False [2, 3]
from functools import cache, lru_cache, partial, reduce, wraps


@lru_cache(maxsize=None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


print(fib(80), fib.cache_info())  # expect: 23416728348467685 CacheInfo(hits=78, misses=81, maxsize=None, currsize=81)


def logged(fn):
    @wraps(fn)
    def inner(*args):
        """inner doc"""
        return fn(*args)

    return inner


@logged
def documented(x):
    "documented doc"
    return x


print(documented.__name__, documented.__doc__, documented.__wrapped__(3))  # expect: documented documented doc 3
p = partial(pow, 2)
print(p(5), partial(print, "a", sep="-").args, partial(int, base=2)("101"), reduce(lambda a, b: a * b, [1, 2, 3, 4]), reduce(lambda a, b: a + b, [], 7))
# expect: 32 ('a',) 5 24 7
compose = lambda *fs: reduce(lambda f, g: lambda x: f(g(x)), fs)
print(compose(lambda x: x + 1, lambda x: x * 2)(5))  # expect: 11


def empty_cell():
    def inner():
        return later

    try:
        inner()
    except NameError as error:
        print(error)
    later = 1
    return inner()


print(empty_cell())
# expect: cannot access free variable 'later' where it is not associated with a value in enclosing scope
# expect: 1


def f(x):
    return x


g = f
del f
print(g(1), g.__name__, repr(g).startswith("<function f at 0x"))  # expect: 1 f True
g.__name__ = "renamed"
g.__defaults__ = (9,)
print(g.__name__, g())  # expect: renamed 9
g.__code__ = (lambda x: x * 100).__code__
print(g(2))  # expect: 200
