"""Every row of list: nothing is lost, nothing comes twice, every read is an item that was there."""

from common import equal, main, together

N = 300


def append_and_pop(threads):
    shared = []

    def work(index):
        taken = []
        for n in range(N):
            shared.append((index, n))
            if n % 3 == 0:
                try:
                    taken.append(shared.pop())
                except IndexError:
                    pass
        return taken

    taken = [item for part in together(threads, work) for item in part]
    equal(sorted(taken + shared), [(i, n) for i in range(threads) for n in range(N)], "items")


def insert_pop_remove(threads):
    shared = [(-1, n) for n in range(50)]

    def work(index):
        taken = []
        for n in range(N):
            item = (index, n)
            shared.insert(n % 7, item)
            if n % 2:
                taken.append(shared.pop(n % 5))
            elif n % 4 == 0:
                try:
                    shared.remove(item)
                except ValueError:
                    continue
                taken.append(item)
        return taken

    taken = [item for part in together(threads, work) for item in part]
    wanted = [(-1, n) for n in range(50)] + [(i, n) for i in range(threads) for n in range(N)]
    equal(sorted(taken + shared), sorted(wanted), "items")


def extend_and_slices(threads):
    shared = []

    def work(index):
        for n in range(N // 10):
            block = [(index, n, k) for k in range(10)]
            if n % 3 == 0:
                shared.extend(block)
            elif n % 3 == 1:
                shared[1_000_000_000:] = tuple(block)
            else:
                shared[0:0] = block
            for cut in (shared[:20], shared.copy(), shared + [], shared * 1):
                for item in cut:
                    assert len(item) == 3

    together(threads, work)
    equal(sorted(shared), [(i, n, k) for i in range(threads) for n in range(N // 10) for k in range(10)], "items")
    # Blocks arrive whole: their items are neighbours and in order.
    for at in range(0, len(shared), 10):
        first = shared[at]
        equal(shared[at : at + 10], [(first[0], first[1], k) for k in range(10)], "a block")


def items_are_never_torn(threads):
    shared = [(0, 0)] * 16

    def work(index):
        for n in range(N * 2):
            if index % 2:
                shared[n % 16] = (n, n)
            else:
                a, b = shared[n % 16]
                assert a == b
                for a, b in shared:
                    assert a == b
                assert (-1, -1) not in shared
                assert shared.count((-1, -1)) == 0

    together(threads, work)


def growing_while_read(threads):
    shared = list(range(64))

    def work(index):
        if index == 0:
            for n in range(N):
                shared.append(64 + n)
            for _ in range(N):
                shared.pop()
        else:
            for n in range(N):
                for position in (0, 5, 63, -64 if len(shared) == 64 else 7):
                    value = shared[position]
                    assert isinstance(value, int)
                for place, value in enumerate(shared):
                    assert place == value, (place, value)
                assert shared.index(40) == 40

    together(threads, work)
    equal(shared, list(range(64)), "list")


def clear_and_refill(threads):
    shared = []

    def work(index):
        for n in range(N):
            if index == 0:
                shared.clear()
            else:
                shared.__iadd__([index] * 4)
                shared.extend((index, index))
                for value in shared.copy()[-30:]:
                    assert 0 < value < threads

    together(threads, work)
    shared.clear()
    equal(shared, [], "list")


def reverse_and_multiply(threads):
    shared = list(range(100))

    def work(index):
        for _ in range(N):
            if index % 2:
                shared.reverse()
            else:
                copy = shared[:]
                assert copy[0] + copy[-1] == 99 and copy[10] + copy[89] == 99, copy
                assert sum(shared * 2) == 9900

    together(threads, work)
    equal(sorted(shared), list(range(100)), "list")
    shared = [1]
    few = min(threads, 5)
    together(few, lambda index: multiply(shared))
    equal(len(shared), 4**few, "length after *=")


def multiply(shared):
    shared *= 2
    shared *= 2


def sort_shows_old_or_new(threads):
    shared = [(n * 7919) % 499 for n in range(499)]
    total = sum(shared)

    def work(index):
        if index == 0:
            for n in range(20):
                shared.sort(reverse=n % 2 == 0)
        else:
            for _ in range(60):
                copy = shared[:]
                assert len(shared) == 499 and len(copy) == 499, len(copy)
                assert sum(copy) == total

    together(threads, work)
    equal(shared, sorted(range(499)), "list")


main(
    append_and_pop,
    insert_pop_remove,
    extend_and_slices,
    items_are_never_torn,
    growing_while_read,
    clear_and_refill,
    reverse_and_multiply,
    sort_shows_old_or_new,
)
