"""Shared iterators give each item to exactly one thread; shared generators are entered by one thread at a time."""

import itertools

from common import equal, main, settle, together

N = 1000


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


def exactly(threads, shared, wanted, what=""):
    """A shared iterator gives each of these items once."""
    parts = together(threads, drain(shared))
    equal(sorted(item for part in parts for item in part), wanted, what or type(shared).__name__)


NUMBERS = list(range(N))


def maps_and_zips(threads):
    exactly(threads, map(lambda n: n, range(N)), NUMBERS)
    exactly(threads, filter(lambda n: True, range(N)), NUMBERS)
    parts = together(threads, drain(zip(range(N), range(N))))
    for place in (0, 1):
        equal(sorted(pair[place] for part in parts for pair in part), NUMBERS, "zip")


def enumerations(threads):
    for start in (0, 10**30):
        parts = together(threads, drain(enumerate(range(N), start)))
        equal(sorted(pair[0] - start for part in parts for pair in part), NUMBERS, "places")
        equal(sorted(pair[1] for part in parts for pair in part), NUMBERS, "items")


def chains(threads):
    exactly(threads, itertools.chain(*([n] for n in range(N // 4))), NUMBERS[: N // 4])
    exactly(threads, itertools.chain(range(N // 2), range(N // 2, N)), NUMBERS)


def islices(threads):
    exactly(threads, itertools.islice(itertools.count(), N), NUMBERS)
    exactly(threads, itertools.islice(range(N * 2), 0, N), NUMBERS)


def sums(threads):
    """Running totals leave no item out."""
    for shared in (itertools.accumulate([1] * N), itertools.accumulate([1] * N, lambda a, b: a + b, initial=0)):
        parts = together(threads, drain(shared))
        items = [item for part in parts for item in part]
        equal(max(items), N, "the last total")


def filters(threads):
    exactly(threads, itertools.starmap(lambda a: a, zip(range(N))), NUMBERS)
    exactly(threads, itertools.takewhile(lambda n: True, range(N)), NUMBERS)
    exactly(threads, itertools.dropwhile(lambda n: False, range(N)), NUMBERS)
    exactly(threads, itertools.filterfalse(lambda n: False, range(N)), NUMBERS)
    exactly(threads, itertools.compress(range(N), itertools.repeat(True)), NUMBERS)


def repetitions(threads):
    exactly(threads, itertools.repeat(5, N), [5] * N)


def selections(threads):
    for make in (
        lambda: itertools.product(range(12), repeat=3),
        lambda: itertools.permutations(range(7), 4),
        lambda: itertools.combinations(range(14), 4),
        lambda: itertools.combinations_with_replacement(range(9), 4),
    ):
        exactly(threads, make(), list(make()))


def batches_and_rows(threads):
    parts = together(threads, drain(itertools.batched(range(N), 3)))
    equal(sorted(n for part in parts for batch in part for n in batch), NUMBERS, "batched")
    parts = together(threads, drain(itertools.zip_longest(range(N), range(N // 2))))
    for place, count in ((0, N), (1, N // 2)):
        items = (row[place] for part in parts for row in part)
        equal(sorted(n for n in items if n is not None), NUMBERS[:count], "zip_longest")
    parts = together(threads, drain(itertools.pairwise(range(N))))
    seen = {n for part in parts for pair in part for n in pair}
    assert seen == set(NUMBERS), set(NUMBERS) - seen


def groups(threads):
    """Shared groups give each item once, in a group of its key. (Where one group ends and another begins, a thread may be
    late with an item that it has read; that comes in a group of its own.)"""
    seen = []
    for key, group in itertools.groupby(range(N), lambda n: n // (N // 2)):
        parts = together(threads, drain(group))
        for part in parts:
            assert all(n // (N // 2) == key for n in part), (key, part)
            seen.extend(part)
    equal(sorted(seen), NUMBERS, "groupby")


def tees(threads):
    one, other = itertools.tee(range(N))
    exactly(threads, one, NUMBERS, "tee")
    exactly(threads, other, NUMBERS, "tee")


def cycles(threads):
    for shared in (itertools.cycle(range(5)), itertools.cycle(iter(range(N)))):
        parts = together(threads, lambda index: [next(shared) for _ in range(N // 2)])
        items = {n for part in parts for n in part}
        assert items <= set(NUMBERS) and 0 in items
    # What is given first is saved, all of it.
    shared = itertools.cycle(range(N))
    together(threads, lambda index: [next(shared) for _ in range(N // threads)])
    for _ in range(N - N // threads * threads):
        next(shared)
    equal(sorted(next(shared) for _ in range(N)), NUMBERS, "cycle")


def counting(threads):
    for start, step in ((0, 1), (0, 2), (0, 0.5), (10**30, 1)):
        shared = itertools.count(start, step)
        parts = together(threads, lambda index: [next(shared) for _ in range(N // 4)])
        numbers = sorted((n - start) / step for part in parts for n in part)
        equal(numbers, list(range(len(numbers))), "count")


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


def generators_looked_at(threads):
    """Who looks at a generator does not run it, and is not in the way of who does."""

    def numbers():
        for n in range(N):
            yield n

    shared = numbers()
    delegating = (lambda: (yield from shared))()
    done = []

    def work(index):
        if index == 0:
            try:
                # Raises ValueError where a look is taken for a run.
                return [next(delegating) for _ in range(N)]
            finally:
                done.append(True)
        while not done:
            for generator in (shared, delegating):
                generator.gi_running, generator.gi_suspended, generator.gi_code
                frame = generator.gi_frame
                if frame is not None:
                    frame.f_lineno, frame.f_lasti, frame.f_locals, frame.f_back
            assert delegating.gi_yieldfrom in (None, shared)
            del frame
        return []

    equal(sum(together(max(threads, 2), work), []), list(range(N)), "a generator that is looked at")


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


class Plain:
    pass


def things_in_generators(threads):
    """What a generator holds is shared by all that run it: what is done to it from two sides is all there."""
    count = N // 2
    things, box, sent = [None] * count, [None] * count, [False] * count

    def holder():
        thing = yield
        yield
        thing.a = thing.b = thing.c = thing.d = 1
        yield

    def work(index):
        for n in range(count):
            if index == 0:
                box[n] = shared = holder()
                next(shared)
                thing = Plain()
                shared.send(thing)
                sent[n] = True
                thing.e = thing.f = thing.g = thing.h = 1
                things[n] = thing
            elif index == 1:
                while not sent[n]:
                    pass
                next(box[n])

    together(threads, work)
    for thing in things:
        equal(sorted(vars(thing)), list("abcdefgh"), "attributes")


def handed_over_generators(threads):
    """A generator started in one thread goes on in others, one after the other, and what it holds ends with it, once."""
    ended = []

    class Held:
        def __init__(self, n):
            self.n = n

        def __del__(self):
            ended.append(self.n)

    def numbers(name):
        for n in range(20):
            first, second = Held((name, n)), [n]
            yield n
            assert first.n == (name, second.pop())
            second = first

    names = range(threads * 4)
    pending = [numbers(name) for name in names]
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
            pending.insert(0, shared)
            del shared

    together(threads, work)
    for _ in range(len(pending)):
        done.extend(pending.pop())
    equal(sorted(done), sorted(list(range(20)) * threads * 4), "items")
    settle(lambda: len(ended) == len(names) * 20)
    equal(sorted(ended), [(name, n) for name in names for n in range(20)], "ends")


main(
    builtin_iterators,
    reversed_iterators,
    items_iterator,
    maps_and_zips,
    enumerations,
    chains,
    islices,
    sums,
    filters,
    repetitions,
    selections,
    batches_and_rows,
    groups,
    tees,
    cycles,
    counting,
    generators,
    generators_looked_at,
    generators_that_wait,
    things_in_generators,
    handed_over_generators,
)
