"""Threads that share functions, classes, modules, constants and closures, and work on data of their own, write no cache line
that another thread uses once they are warm.

usage: steady_state.py [THREADS [ROUNDS]]

Prints a row for each kind of work: the writes of shared lines of all threads together while each does the work ROUNDS times.
Exits with status 1 if any kind has one in twenty-five times or more. Fewer are not the work's but the interpreter's now and then:
a page of memory, or, for each few hundred blocks that readers might still see, a step of the epoch clock and the calls to it.
Needs an interpreter built with the feature `sharing-stats`.
"""

import math
import sys
import threading

THREADS = int(sys.argv[1]) if len(sys.argv) > 1 else 2
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 20000

LIMITS = (1, 2.5, "text", 10**30, (1, (2, "three")))
COUNT = 7
KINDS = []


def kind(function):
    KINDS.append(function)
    return function


def plain(a, b=2):
    return a + b


def keywords(a, *rest, scale=1, **others):
    return a * scale + len(rest) + len(others)


class Point:
    total = 10
    __slots__ = ()

    def __new__(cls):
        return object.__new__(cls)


class Base:
    shared = "class attribute"

    def __init__(self, x):
        self.x = x
        self.y = 2

    def method(self, n):
        return self.x + n

    @property
    def double(self):
        return self.x * 2

    @classmethod
    def make(cls, x):
        return cls(x)

    @staticmethod
    def static(x):
        return x

    def __add__(self, other):
        return self.x + other

    def __eq__(self, other):
        return self.x == other.x

    def __hash__(self):
        return hash(self.x)


class Derived(Base):
    def __init__(self, x):
        super().__init__(x)
        self.z = 3

    def method(self, n):
        return super().method(n) + self.z


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a, b):
        self.a = a
        self.b = b


class Missing(Exception):
    pass


@kind
def calls(n):
    for i in range(n):
        plain(i)
        plain(i, b=3)
        keywords(i, 1, 2, scale=2, other=4)
        keywords(*(i, 1), **{"scale": 2})


@kind
def native_calls(n):
    items = [1, 2, 3]
    for i in range(n):
        len(items)
        max(i, 4)
        isinstance(i, (int, str))
        math.sqrt(i)
        "a,b".split(",")
        sorted(items, reverse=True)


@kind
def method_calls(n):
    one, two = Base(1), Derived(2)
    for i in range(n):
        one.method(i)
        two.method(i)
        one.static(i)
        Base.static(i)
        bound = two.method
        bound(i)


@kind
def attribute_reads(n):
    one, slotted = Derived(1), Slotted(1, 2)
    for i in range(n):
        one.x, one.z, one.shared, one.double, Base.shared, Derived.shared, slotted.a
        getattr(one, "y")
        hasattr(one, "nothing")


@kind
def attribute_writes(n):
    one, slotted = Derived(1), Slotted(1, 2)
    for i in range(n):
        one.x = i
        one.z += 1
        slotted.a = slotted.b
        one.late = i
        del one.late
        setattr(one, "y", i)


@kind
def global_reads(n):
    for i in range(n):
        COUNT, LIMITS, plain, Base, math.pi, len, print


@kind
def constants(n):
    for i in range(n):
        a = ("a", 1, 2.5, 10**30, b"bytes", frozenset((1, 2)))
        b = 100000000000000000000000
        c = "long enough not to be kept as a name"
        d = LIMITS[4][1][1], LIMITS[3]
        i in {1, 2, 3}


@kind
def object_creation(n):
    for i in range(n):
        Base(i)
        Derived(i)
        Slotted(i, i)
        Point()
        Base.make(i)
        object()
        [i, i], {"a": i}, (i, i), {i}
        Base(i) + 1, Base(i) == Base(i), hash(Base(i))


@kind
def closures(n):
    factor = 3

    def outer(k):
        def inner(x):
            return x * factor + k

        return inner

    for i in range(n):
        outer(i)(2)
        (lambda x: x + factor)(i)


@kind
def exceptions(n):
    def fail(i):
        raise Missing("no", i)

    for i in range(n):
        try:
            fail(i)
        except Missing as error:
            error.args
        try:
            {}[i]
        except (ValueError, KeyError):
            pass
        try:
            i.nothing
        except AttributeError:
            pass
        finally:
            i


@kind
def generators(n):
    def count(k):
        for i in range(k):
            yield i

    def chain(k):
        yield from count(k)

    for i in range(n // 4):
        for _ in chain(3):
            pass
        sum(x * x for x in range(3))
        list(count(2))
        [x for x in count(2)], {x: x for x in range(2)}, {x for x in range(2)}


@kind
def coroutines(n):
    async def leaf(i):
        return i

    async def root(i):
        return await leaf(i)

    for i in range(n):
        try:
            root(i).send(None)
        except StopIteration:
            pass


class Context:
    def __enter__(self):
        return self

    def __exit__(self, *info):
        return None


@kind
def with_statements(n):
    for i in range(n):
        with Context():
            pass


@kind
def text(n):
    for i in range(n):
        f"{i:>5} {i!r}"
        "%d-%s" % (i, "x")
        "-".join(["a", str(i), "c"])
        str(i).encode().decode()
        ("x" * 3).upper().startswith("X")


@kind
def pattern_matching(n):
    for i in range(n):
        match (i % 3, "x"):
            case (0, str(name)):
                name
            case (int(number), "x") if number > 1:
                number
            case _:
                pass


def measure(function):
    """The writes of shared lines by all threads, by kind."""
    barrier = threading.Barrier(THREADS)
    found = [None] * THREADS

    def body(index):
        # Until hot objects are promoted to sharded counts, and code is specialised.
        for _ in range(3):
            function(ROUNDS)
            barrier.wait()
        before = sys._sharing_stats()
        function(ROUNDS)
        after = sys._sharing_stats()
        barrier.wait()
        found[index] = {name: after[name] - before[name] for name in after}

    workers = [threading.Thread(target=body, args=(index,)) for index in range(THREADS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return {name: sum(counts[name] for counts in found) for name in found[0]}


def main():
    failed = False
    for function in KINDS:
        writes = measure(function)
        bad = sum(writes.values()) * 25 >= ROUNDS * THREADS
        if bad:
            # What comes once, such as one thread's freeing what another has left behind, is not the steady state.
            writes = measure(function)
            bad = sum(writes.values()) * 25 >= ROUNDS * THREADS
        seen = ", ".join(f"{name} {count}" for name, count in writes.items() if count)
        failed = failed or bad
        print(f"{function.__name__:20} {'TOO MANY' if bad else 'ok':8} {seen}", flush=True)
    sys.exit(failed)


main()
