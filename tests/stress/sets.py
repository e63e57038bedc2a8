"""Every row of set."""

from common import equal, main, together

N = 300


def add_and_remove(threads):
    shared = set()

    def work(index):
        for n in range(N):
            shared.add((index, n))
            assert (index, n) in shared
            if n % 3 == 0:
                shared.discard((index, n))
            elif n % 3 == 1:
                shared.remove((index, n))

    together(threads, work)
    equal(shared, {(i, n) for i in range(threads) for n in range(N) if n % 3 == 2}, "set")


def same_items(threads):
    shared = set()

    def work(index):
        for n in range(N):
            shared.add(n % 50)
            assert len(shared) <= 50
            if n % 2:
                shared.discard((n + index) % 50)

    together(threads, work)
    equal(sorted(shared), sorted(set(shared)), "no item twice")
    assert shared <= set(range(50))


def pop_takes_each_once(threads):
    shared = set(range(N))

    def work(index):
        taken = []
        while True:
            try:
                taken.append(shared.pop())
            except KeyError:
                return taken

    equal(sorted(n for part in together(threads, work) for n in part), list(range(N)), "items")


def updates_are_whole(threads):
    low, high = set(range(20)), set(range(100, 120))
    shared = set(low)

    def work(index):
        for n in range(N):
            if index % 2:
                # One operation swaps the halves: a reader sees one or the other.
                shared.symmetric_difference_update(low | high)
            else:
                for copy in (shared.copy(), shared | set(), shared & (low | high), shared - set(), set(shared), frozenset(shared)):
                    assert copy == low or copy == high, sorted(copy)

    together(threads, work)


def clear_and_refill(threads):
    shared = set()

    def work(index):
        for n in range(N):
            if index == 0:
                shared.clear()
            else:
                shared.update((n, n + 1, n + 2))
                shared.difference_update([n])
                for item in list(shared):
                    assert 0 <= item <= N + 2

    together(threads, work)


main(add_and_remove, same_items, pop_takes_each_once, updates_are_whole, clear_and_refill)
