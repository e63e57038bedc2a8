"""Weak references, finalisers and cyclic garbage while other threads run and the collector runs."""

import gc
import threading
import time
import weakref

from common import PATIENCE, equal, main, settle, together

N = 200


class Thing:
    def __init__(self, n=0):
        self.n = n
        self.check = n


def weak_reads(threads):
    """A weak reference gives a whole object or None, never anything between."""
    shared = [Thing(n) for n in range(8)]
    refs = [weakref.ref(thing) for thing in shared]

    def work(index):
        for n in range(N):
            place = n % 8
            if index % 2:
                shared[place] = thing = Thing(n)
                refs[place] = weakref.ref(thing)
                del thing
            else:
                thing = refs[place]()
                if thing is not None:
                    assert thing.n == thing.check

    together(threads, work)


def last_reference(threads):
    """Threads drop the last references while others take new ones through a weak reference."""
    for _ in range(20):
        strong = [Thing(n) for n in range(threads)]
        refs = [weakref.ref(thing) for thing in strong]

        def work(index):
            kept = [ref() for ref in refs]
            strong[index] = None
            return [thing.n for thing in kept if thing is not None]

        together(threads, work)
        settle(lambda: not any(ref() for ref in refs))
        equal([ref() for ref in refs], [None] * threads, "dead references")


def callbacks_run_once(threads):
    called = []
    things = [Thing(n) for n in range(N)]
    refs = [weakref.ref(thing, lambda ref, n=n: called.append(n)) for n, thing in enumerate(things)]

    def work(index):
        while True:
            try:
                things.pop()
            except IndexError:
                return

    together(threads, work)
    settle(lambda: len(called) == N)
    equal(sorted(called), list(range(N)), "callbacks")
    equal([ref() for ref in refs], [None] * N, "references")


def ends_come_soon(threads):
    """An object whose last references other threads give back ends as soon as the thread that has made it goes on."""

    def work(index):
        for n in range(10):
            ended = []
            thing = Thing(n)
            ref = weakref.ref(thing, ended.append)
            box = [thing]
            helper = threading.Thread(target=box.pop)
            del thing
            helper.start()
            helper.join()
            del helper
            # (Or as soon as a thread that collects has seen to it.)
            start = time.monotonic()
            while not ended and time.monotonic() < start + PATIENCE:
                pass
            equal(ended, [ref], "callback")

    together(min(threads, 4), work)


def finalisers_run_once(threads):
    log = []

    class Final(Thing):
        def __del__(self):
            log.append(self.n)

    shared = []

    def work(index):
        for n in range(N):
            shared.append(Final(index * N + n))
            if n % 2:
                try:
                    shared.pop(0)
                except IndexError:
                    pass

    together(threads, work)
    shared.clear()
    settle(lambda: len(log) == threads * N)
    equal(sorted(log), list(range(threads * N)), "finalisers")


def cyclic_garbage(threads):
    log = []

    class Node:
        def __init__(self, n):
            self.n = n
            self.me = self
            self.others = [self, {"self": self}]

        def __del__(self):
            log.append(self.n)

    def work(index):
        for n in range(N // 4):
            first, second = Node((index, n, 0)), Node((index, n, 1))
            first.next, second.next = second, first
            del first, second
            if n % 10 == index % 10:
                gc.collect()

    together(threads, work)
    settle(lambda: len(log) == threads * (N // 4) * 2)
    equal(sorted(log), [(i, n, k) for i in range(threads) for n in range(N // 4) for k in (0, 1)], "finalisers")


def living_objects_survive(threads):
    roots = {}

    def work(index):
        chain = None
        for n in range(N):
            node = {"n": n, "next": chain, "list": [n] * 3}
            node["self"] = node
            chain = node
            if n % 50 == 0:
                roots[index] = chain
                gc.collect()
        length = 0
        while chain is not None:
            length += 1
            assert chain["self"] is chain and chain["list"] == [chain["n"]] * 3
            chain = chain["next"]
        assert length == N, length

    together(threads, work)


def weak_containers(threads):
    values = weakref.WeakValueDictionary()
    keys = weakref.WeakKeyDictionary()
    items = weakref.WeakSet()
    kept = [Thing(n) for n in range(10)]

    def work(index):
        for n in range(N // 2):
            thing = Thing(n)
            values[index, n % 5] = thing
            keys[thing] = n
            items.add(thing)
            assert keys[thing] == n
            assert values[index, n % 5] is thing
            keeper = kept[n % 10]
            items.add(keeper)
            del thing

    together(threads, work)
    settle(lambda: not values and not keys)
    equal(len(values), 0, "values")
    equal(len(keys), 0, "keys")
    assert set(items) <= set(kept)


def resurrection(threads):
    saved = []

    class Phoenix:
        def __del__(self):
            saved.append(self)

    def work(index):
        for _ in range(N // 4):
            Phoenix()

    together(threads, work)
    settle(lambda: len(saved) == threads * (N // 4))
    equal(len(saved), threads * (N // 4), "saved objects")
    assert all(type(thing) is Phoenix for thing in saved)


def collector_and_threads_that_end(threads):
    """Threads leave garbage and shared objects behind, and end while the collector runs."""
    stop = threading.Event()
    failures = []

    def collect():
        try:
            while not stop.is_set():
                gc.collect()
        except BaseException as error:
            failures.append(error)

    collector = threading.Thread(target=collect)
    collector.start()
    handed = []

    def work(index):
        for n in range(20):
            ring = [Thing(n)]
            ring.append(ring)
            handed.append(ring[0])

    for _ in range(3):
        together(threads, work)
    stop.set()
    collector.join()
    equal(failures, [], "failures")
    assert all(thing.n == thing.check for thing in handed)
    equal(len(handed), threads * 60, "objects")


def found_by_the_collector(threads):
    """What a thread has made for itself is found by another through the collector, and changed by both at once."""
    mark = object()

    class Own:
        pass

    def work(index):
        if index == 0:
            for thing in gc.get_objects():
                if type(thing) is list and thing and thing[0] is mark:
                    thing.append(index)
                elif type(thing) is Own:
                    thing.extra = index
            return
        for n in range(200):
            own = Own()
            own.first = n
            made = [mark for _ in range(50)]
            own.second = n
            assert sum(thing is mark for thing in made) == 50 and len(made) <= 51
            assert own.first == n and own.second == n

    together(threads, work)


main(
    found_by_the_collector,
    weak_reads,
    last_reference,
    callbacks_run_once,
    ends_come_soon,
    finalisers_run_once,
    cyclic_garbage,
    living_objects_survive,
    weak_containers,
    resurrection,
    collector_and_threads_that_end,
)
