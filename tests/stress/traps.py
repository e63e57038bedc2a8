"""What concurrent memory management is known to stumble over."""

import collections
import functools
import gc
import importlib
import itertools
import sys
import threading
import time
import weakref

from common import MEMORY, equal, main, resident, settle, together

N = 200
LINKS = 20_000  # of a chain that a recursive destructor could not end on any stack of a thread


class Thing:
    def __init__(self, n=None):
        self.n = n


def owner_that_waits(threads):
    """Objects end although the thread that made them waits for something, for ever if need be."""
    log = []
    made = []
    ready, done = threading.Event(), threading.Event()

    class Final(Thing):
        def __del__(self):
            log.append(self.n)

    def own():
        made.extend(Final(n) for n in range(threads * 10))
        ready.set()
        done.wait()

    owner = threading.Thread(target=own)
    owner.start()
    ready.wait()

    def work(index):
        for _ in range(10):
            thing = made.pop()
            n = thing.n
            del thing
            limit = time.monotonic() + 60
            while n not in log:
                assert time.monotonic() < limit, "not finalised"
                time.sleep(0.001)

    try:
        together(threads, work)
    finally:
        done.set()
        owner.join()
    equal(sorted(log), list(range(threads * 10)), "finalisers")


def owner_that_is_gone(threads):
    """Objects of threads that have ended, passed on and dropped by others: each ends once."""
    log = []

    class Final(Thing):
        def __del__(self):
            log.append(self.n)

    for turn in range(3):
        made = []

        def make(index):
            for n in range(20):
                made.append(Final((turn, index, n)))

        together(threads, make)
        together(threads, lambda index: [made.pop() for _ in range(20)] and None)
    equal(sorted(log), [(a, b, c) for a in range(3) for b in range(threads) for c in range(20)], "finalisers")


def destructors_use_what_is_changed(threads):
    """A destructor may use the container that its object was just thrown out of: no lock is held any more."""
    items, table, members, ends = [None] * 4, {}, set(), collections.deque(maxlen=2)
    holder = Thing()

    class User(Thing):
        def __del__(self):
            items[0] = len(items)
            table["count"] = len(table)
            members.discard(self.n)
            ends.append(None)
            holder.n = None

    def work(index):
        for n in range(N // 4):
            items[n % 4] = User()
            items[1:3] = [User(), User()]
            table["user"] = User()
            table.pop("user", None)
            members.add(User())
            members.clear()
            ends.append(User())
            holder.n = User()

    together(threads, work)


def chains():
    """Makers of one more link around what is there."""

    def generator(inner):
        yield inner

    def start(inner):
        made = generator(inner)
        next(made)
        return made

    def closure(inner):
        return lambda: inner

    def exception(inner):
        made = ValueError()
        made.__cause__ = inner
        return made

    def caught(inner):
        try:
            raise ValueError(inner)
        except ValueError as error:
            return error

    class Node:
        __slots__ = ("next", "__weakref__")

        def __init__(self, inner):
            self.next = inner

    class Final(Thing):
        def __del__(self):
            pass

    def called(inner):
        # The next one ends because this one's reference is called.
        made = Thing()
        box = [inner]
        made.ref = None
        kept.append(weakref.ref(made, lambda ref: box.clear()))
        return made

    kept = []
    return [
        lambda inner: [inner],
        lambda inner: (inner,),
        lambda inner: {"k": inner},
        lambda inner: {(inner,)} if inner is None else [frozenset(), inner],
        Thing,
        Node,
        Final,
        generator,
        start,
        closure,
        exception,
        caught,
        lambda inner: functools.partial(print, inner),
        lambda inner: Thing(inner).__init__,
        lambda inner: itertools.chain((), iter([inner])),
        lambda inner: collections.deque([inner]),
        lambda inner: slice(inner),
        called,
    ]


def long_chains_end(threads):
    def work(index):
        makers = chains()
        for make in makers[index % 2 :: 2]:
            chain = None
            for _ in range(LINKS // 10):
                chain = make(chain)
            del chain
        chain = None
        for _ in range(LINKS):
            chain = makers[index % len(makers)](chain)
        del chain

    together(threads, work)


def nobody_starves(threads):
    """Threads that come and go get their turn although the world is stopped again and again."""
    left = [40] * (threads - 1)
    items = []

    def work(index):
        if index == 0:
            while any(left):
                gc.collect()
            return
        while left[index - 1]:
            time.sleep(0)
            items.append(index)
            left[index - 1] -= 1

    together(threads, work)
    equal(len(items), 40 * (threads - 1), "items")


def contended_locks_and_stops(threads):
    """Threads wait for objects' locks while others stop the world."""
    items, table = [], {}

    def work(index):
        for n in range(N):
            items.append(n)
            table[n & 7] = items
            if n % 50 == index:
                gc.collect()
            if n & 3 == 3:
                items.pop()
                table.pop(n & 7, None)

    together(threads, work)
    equal(len(items), threads * (N - N // 4), "items")


def contended_objects_end(threads):
    """Objects that threads have fought over are counted right, and end."""
    things = [Thing([n]) for n in range(4)]
    refs = [weakref.ref(thing) for thing in things]
    before = [sys.getrefcount(thing) for thing in things]

    def work(index):
        for _ in range(N * 4):
            for thing in things:
                copy = [thing, thing.n]
                assert copy[1] == [things.index(thing)]

    for _ in range(3):
        together(threads, work)
    equal([sys.getrefcount(thing) for thing in things], before, "counts")
    del things
    settle(lambda: not any(ref() for ref in refs))
    equal([ref() for ref in refs], [None] * 4, "references")


def collections_keep_up(threads):
    """Garbage that only the collector finds is found in time, wherever its bytes are, and counts for nothing afterwards."""

    def work(index):
        for size in (1000, 30000):
            for _ in range(30_000_000 // size // threads):
                cycle = []
                cycle.append((cycle, b"x" * size))

    before = resident()
    for _ in range(10):
        together(threads, work)
        assert resident() < before + MEMORY * (300 << 20), (before, resident())


def first_imports(threads):
    """Threads import the same modules at once, from the library, nested and not: all get the same, finished."""
    names = ["colorsys", "quopri", "stringprep", "wave", "xml.etree.ElementTree", "xml.dom.minidom"]
    for name in [name for name in sys.modules if name.split(".")[0] in [n.split(".")[0] for n in names]]:
        del sys.modules[name]

    def work(index):
        order = names[index % len(names) :] + names[: index % len(names)]
        found = {name: importlib.import_module(name) for name in order}
        assert found["colorsys"].rgb_to_hsv and found["wave"].open and found["quopri"].decodestring
        assert found["xml.etree.ElementTree"].fromstring and found["xml.dom.minidom"].parseString
        return [found[name] for name in names]

    results = together(threads, work)
    for others in results[1:]:
        assert all(a is b for a, b in zip(others, results[0])), others


main(
    owner_that_waits,
    owner_that_is_gone,
    destructors_use_what_is_changed,
    long_chains_end,
    nobody_starves,
    contended_locks_and_stops,
    contended_objects_end,
    collections_keep_up,
    first_imports,
)
