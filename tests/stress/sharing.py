"""Hot shared objects, publication, interning, imports, and code that many threads run at once."""

import collections
import itertools
import sys
import threading

from common import equal, main, together

N = 300


FRESH = itertools.count()
published = None


class Record:
    def __init__(self, n):
        self.a = n
        self.b = [n, n + 1]
        self.c = {"n": n}


def publication(threads):
    """Who sees a reference sees the whole object behind it."""
    box = [None]
    table = {}
    holder = Record(0)

    def whole(record):
        assert record.b == [record.a, record.a + 1] and record.c == {"n": record.a}

    def work(index):
        for n in range(N):
            if index % 2 == 0:
                box[0] = Record(n)
                table["key"] = Record(n)
                holder.record = Record(n)
            else:
                for record in (box[0], table.get("key"), getattr(holder, "record", None)):
                    if record is not None:
                        whole(record)

    together(threads, work)


def hot_objects(threads):
    """Everybody takes and drops references to the same few objects."""
    shared = (object(), [1, 2, 3], {"k": "v"}, Record(1), lambda x: x, "text" * 3, 10**30, 2.5)
    before = [repr(type(thing)) for thing in shared]

    def work(index):
        for _ in range(N):
            held = list(shared)
            again = tuple(held)
            assert again == shared
            for thing in again:
                alias = thing
                del alias
            assert shared[4](index) == index
            assert shared[1][0] == 1 and shared[2]["k"] == "v" and shared[3].a == 1

    together(threads, work)
    equal([repr(type(thing)) for thing in shared], before, "types")


def handing_over(threads):
    """Objects are made by one thread, used by a second and dropped by a third."""
    stages = [[] for _ in range(threads + 1)]
    stages[0].extend(Record(n) for n in range(N))

    def work(index):
        moved = 0
        tries = 0
        while moved < N and tries < 200_000:
            tries += 1
            try:
                record = stages[index].pop()
            except IndexError:
                continue
            assert record.b[0] == record.a
            record.c["stage"] = index
            stages[index + 1].append(record)
            moved += 1

    together(threads, work)
    rest = [record for stage in stages for record in stage]
    equal(sorted(record.a for record in rest), list(range(N)), "records")


def publication_through(threads, put, get):
    """Who gets an object out of a container finds all that was done to it before it was put there."""

    def work(index):
        for n in range(N):
            if index % 2 == 0:
                record = Record(n)
                record.late = [n] * 3
                put(record)
                del record
            else:
                try:
                    record = get()
                except (IndexError, KeyError, AttributeError):
                    continue
                if record is not None:
                    assert record.b == [record.a, record.a + 1] and record.c == {"n": record.a}
                    assert record.late == [record.a] * 3

    together(threads, work)


def published_in_containers(threads):
    items, table, unique, ends = [None], {}, set(), collections.deque(maxlen=4)
    holder, order = Record(0), collections.OrderedDict()
    cell = None

    def set_cell(record):
        nonlocal cell
        cell = record

    def replace_one(record):
        unique.add(record)
        if len(unique) > 4:
            try:
                unique.pop()
            except KeyError:
                pass

    def iterated():
        for record in ends.copy():
            return record

    for put, get in (
        (lambda record: items.__setitem__(0, record), lambda: items[0]),
        (lambda record: (items.append(record), items.pop(0)), lambda: items[-1]),
        (lambda record: table.__setitem__("key", record), lambda: table["key"]),
        (lambda record: table.__setitem__(record.a % 5, record), lambda: table.get(3)),
        (lambda record: order.__setitem__("key", record), lambda: order["key"]),
        (lambda record: setattr(holder, "record", record), lambda: holder.record),
        (lambda record: setattr(Record, "shared", record), lambda: Record.shared),
        (set_cell, lambda: cell),
        (replace_one, lambda: unique.pop()),
        (ends.append, iterated),
        (lambda record: globals().__setitem__("published", record), lambda: published),
    ):
        publication_through(threads, put, get)
    del Record.shared


def interning(threads):
    """Equal names that threads intern at once are one object."""
    names = ["interned_%d_%d" % (id(object()), next(FRESH)) for _ in range(100)]

    def work(index):
        return [sys.intern("".join(list(name))) for name in names]

    results = together(threads, work)
    for others in results[1:]:
        assert all(a is b for a, b in zip(others, results[0]))
    equal(results[0], names, "names")


def cached_calls(threads):
    """A bounded cache gives the right results and stays within its bound, whoever evicts what another has just stored."""
    import functools

    for size in (1, 3, 16):

        @functools.lru_cache(maxsize=size)
        def f(x):
            return [x]

        def work(index):
            for n in range(N):
                key = (n * 7 + index) % 20 if n % 3 else n % 3
                assert f(key) == [key]
                if n % 97 == 0:
                    f.cache_clear()
            return f.cache_info().currsize

        assert max(together(threads, work)) <= size
        # All that is left can be evicted: none is lost to the order of use.
        for key in range(100, 100 + size):
            f(key)
        before = f.cache_info().misses
        for key in range(20):
            f(key)
        equal(f.cache_info().misses - before, 20, "stale entries")
        equal(f.cache_info().currsize, size, "entries")


def imports_run_once(threads):
    import importlib
    import importlib.abc
    import importlib.machinery

    runs = []

    class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
        def find_spec(self, name, path, target=None):
            if name.startswith("stress_made_"):
                return importlib.machinery.ModuleSpec(name, self)
            return None

        def create_module(self, spec):
            return None

        def exec_module(self, module):
            runs.append(module.__name__)
            module.first = 1
            module.data = list(range(100))
            module.last = 2

    finder = Finder()
    sys.meta_path.insert(0, finder)
    names = ["stress_made_%d" % n for n in range(5)]
    try:

        def work(index):
            found = []
            for name in names:
                module = importlib.import_module(name)
                assert module.first == 1 and module.last == 2 and len(module.data) == 100
                found.append(module)
            return found

        results = together(threads, work)
        for others in results[1:]:
            assert all(a is b for a, b in zip(others, results[0]))
        equal(sorted(runs), sorted(names), "module bodies")
    finally:
        sys.meta_path.remove(finder)
        for name in names:
            sys.modules.pop(name, None)


def same_code(threads):
    """Many threads warm up and specialise the same functions for different kinds at once."""

    def add(a, b):
        return a + b

    def attribute(thing):
        return thing.value

    def subscript(thing, key):
        return thing[key]

    class A:
        value = 1

    class B:
        def __init__(self):
            self.value = 2

    class C:
        @property
        def value(self):
            return 3

    kinds = [(A(), 1), (B(), 2), (C(), 3)]
    sums = [(1, 2, 3), (1.5, 2, 3.5), ("a", "b", "ab"), ([1], [2], [1, 2]), (2**62, 2**62, 2**63)]
    places = [([1, 2], 1, 2), ((1, 2), 0, 1), ({"k": 5}, "k", 5), ("ab", -1, "b"), (range(5), 2, 2)]

    def work(index):
        for n in range(N):
            thing, value = kinds[(n // 20 + index) % 3]
            assert attribute(thing) == value
            a, b, c = sums[(n // 10 + index) % 5]
            assert add(a, b) == c
            container, key, item = places[(n // 15 + index) % 5]
            assert subscript(container, key) == item

    together(threads, work)


def hashes_and_text(threads):
    text = "".join(["shared", "text", str(threading.get_ident())])
    big = 3**500
    nested = ((text, big), (text, 1.5), frozenset([text]))

    def work(index):
        return [(hash(text), hash(big), hash(nested), text.upper(), str(big), text.encode()) for _ in range(20)]

    results = together(threads, work)
    for part in results:
        for row in part:
            equal(row, results[0][0], "values")


def recursion_and_calls(threads):
    def fib(n):
        return n if n < 2 else fib(n - 1) + fib(n - 2)

    def deep(n):
        return 0 if n == 0 else 1 + deep(n - 1)

    def work(index):
        assert fib(12) == 144
        assert deep(300) == 300
        assert sorted(range(50), key=lambda n: -n)[0] == 49
        return max(map(fib, range(10)))

    equal(together(threads, work), [34] * threads, "results")


main(
    publication,
    published_in_containers,
    hot_objects,
    handing_over,
    interning,
    cached_calls,
    imports_run_once,
    same_code,
    hashes_and_text,
    recursion_and_calls,
)
