"""Shared iterators give each item to exactly one thread; shared generators are entered by one thread at a time."""

import itertools

from common import equal, main, together

N = 2000


def drain(shared):
    def work(index):
        return list(shared)

    return work


def builtin_iterators(threads):
    for make in (
        lambda: list(range(N)),
        lambda: tuple(range(N)),
        lambda: range(N),
        lambda: dict.fromkeys(range(N)),
        lambda: set(range(N)),
        lambda: bytes(range(200)),
        lambda: "".join(map(chr, range(300))),
    ):
        source = make()
        parts = together(threads, drain(iter(source)))
        items = sorted(item for part in parts for item in part)
        equal(items, sorted(source), type(source).__name__)


def reversed_iterators(threads):
    for source in (list(range(N)), range(N), dict.fromkeys(range(N))):
        parts = together(threads, drain(reversed(source)))
        equal(sorted(item for part in parts for item in part), list(range(N)), type(source).__name__)


def items_iterator(threads):
    source = {n: str(n) for n in range(N)}
    parts = together(threads, drain(iter(source.items())))
    equal(sorted(item for part in parts for item in part), sorted(source.items()), "items")


def wrapped_iterators(threads):
    for shared in (
        enumerate(range(N)),
        zip(range(N), range(N)),
        map(lambda n: n, range(N)),
        filter(lambda n: True, range(N)),
        itertools.chain(range(N // 2), range(N // 2, N)),
        itertools.islice(itertools.count(), N),
        itertools.accumulate([1] * N),
        itertools.starmap(lambda a: a, zip(range(N))),
        itertools.takewhile(lambda n: True, range(N)),
        itertools.compress(range(N), itertools.repeat(True)),
        itertools.repeat(5, N),
    ):
        parts = together(threads, drain(shared))
        items = [item for part in parts for item in part]
        # What an inner iterator handed out may be paired differently, but no more items come out than went in.
        assert len(items) <= N, (type(shared).__name__, len(items))


def counting(threads):
    for make in (itertools.count, lambda: itertools.count(0, 1)):
        shared = make()
        parts = together(threads, lambda index: [next(shared) for _ in range(N // 4)])
        numbers = sorted(n for part in parts for n in part)
        equal(numbers, list(range(len(numbers))), "count")


def cycling_and_splitting(threads):
    shared = itertools.cycle([1, 2, 3])
    parts = together(threads, lambda index: [next(shared) for _ in range(N // 4)])
    assert all(n in (1, 2, 3) for part in parts for n in part)
    groups = together(threads, lambda index: [list(g) for _, g in itertools.groupby([1, 1, 2])])
    equal(groups[0], [[1, 1], [2]], "groupby")


def generators(threads):
    def numbers():
        for n in range(N):
            yield n

    shared = numbers()

    def work(index):
        taken = []
        while True:
            try:
                taken.append(next(shared))
            except StopIteration:
                return taken
            except ValueError as error:
                assert str(error) == "generator already executing", error

    parts = together(threads, work)
    equal(sorted(n for part in parts for n in part), list(range(N)), "generator")


def generators_that_wait(threads):
    def echo():
        got = None
        while True:
            got = yield got

    shared = echo()
    next(shared)

    def work(index):
        sent = 0
        for n in range(N // 4):
            try:
                assert shared.send((index, n)) == (index, n)
                sent += 1
            except ValueError as error:
                assert str(error) == "generator already executing", error
        return sent

    assert sum(together(threads, work)) > 0
    shared.close()


def handed_over_generators(threads):
    """A generator started in one thread goes on in others, one after the other."""
    pending = [(n for n in range(20)) for _ in range(threads * 4)]
    done = []

    def work(index):
        while True:
            try:
                shared = pending.pop()
            except IndexError:
                return
            try:
                value = next(shared)
            except StopIteration:
                continue
            done.append(value)
            pending.append(shared)

    together(threads, work)
    for _ in range(len(pending)):
        done.extend(pending.pop())
    equal(sorted(done), sorted(list(range(20)) * threads * 4), "items")


main(
    builtin_iterators,
    reversed_iterators,
    items_iterator,
    wrapped_iterators,
    counting,
    cycling_and_splitting,
    generators,
    generators_that_wait,
    handed_over_generators,
)
