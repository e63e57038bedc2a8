"""The row of list: nothing is lost, nothing comes twice, every read is an item that was there."""

from common import equal, main, together

N = 120


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


def insert_and_pop(threads):
    shared = [(-1, n) for n in range(50)]

    def work(index):
        taken = []
        for n in range(N):
            shared.insert(n % 7, (index, n))
            if n % 2:
                taken.append(shared.pop(n % 5))
        return taken

    taken = [item for part in together(threads, work) for item in part]
    wanted = [(-1, n) for n in range(50)] + [(i, n) for i in range(threads) for n in range(N)]
    equal(sorted(taken + shared), sorted(wanted), "items")


class Slow:
    """Equal to a number, which only Python code can tell."""

    def __init__(self, n):
        self.n = n

    def __eq__(self, other):
        return self.n == getattr(other, "n", other)


def removing(threads):
    """As many are removed as were told, and no others."""
    for make in (int, Slow):
        shared = [make(n) for n in range(60) for _ in range(threads)]

        def work(index):
            for n in range(59, -1, -1) if index % 2 else range(60):
                shared.remove(n)

        together(threads, work)
        equal(shared, [], "list")


def inserts_are_at_once(threads):
    """Who sees an insertion at one place has seen it at every other."""
    size = 500
    shared = list(range(size - 1, -1, -1))
    done = []

    def work(index):
        if index == 0:
            for n in range(size, size + N):
                shared.insert(0, n)
            done.append(True)
        while not done:
            last = shared[size - 1]
            first = shared[0]
            assert first >= last + size - 1, (first, last)

    together(threads, work)


def own_places(threads):
    """What is stored in an item's place is there afterwards, while the list moves to other arrays."""
    shared = [0] * threads

    def work(index):
        for n in range(N * 2):
            if index == 0:
                shared.extend([None] * 100)
                del shared[threads:]
            else:
                shared[index] = n
                equal(shared[index], n, "item")

    together(threads, work)


def deleting_slices(threads):
    shared = []

    def work(index):
        for n in range(N):
            shared.append(n)
            shared.append(n)
            del shared[0:1]
            del shared[-1:]

    together(threads, work)
    equal(shared, [], "list")


def extend(threads, kind):
    shared = []

    def work(index):
        for n in range(N // 3):
            start = (index * N + n) * 10
            shared.extend(kind(range(start, start + 10)))

    together(threads, work)
    # Blocks arrive whole: their items are neighbours and in order.
    blocks = [shared[at : at + 10] for at in range(0, len(shared), 10)]
    starts = sorted((index * N + n) * 10 for index in range(threads) for n in range(N // 3))
    equal(sorted(block[0] for block in blocks), starts, "blocks")
    for block in blocks:
        equal(block, list(range(block[0], block[0] + 10)), "a block")


def extend_by_lists(threads):
    extend(threads, list)


def extend_by_tuples(threads):
    extend(threads, tuple)


def extend_by_ranges(threads):
    extend(threads, lambda numbers: numbers)


def extend_by_dicts(threads):
    extend(threads, dict.fromkeys)


def extend_from_changing(threads):
    """What a list is extended by is read at one moment."""
    shared = [0] * 100
    table = dict.fromkeys("abcdefgh", 0)

    def work(index):
        for n in range(N):
            if index == 0:
                shared[:] = [n] * 100
                table.update(dict.fromkeys("abcdefgh", n))
            else:
                own = []
                own.extend(shared)
                equal(len(set(own)), 1, "values of a list")
                own.clear()
                own[:] = shared
                equal(len(set(own)), 1, "values of a list")
                own.clear()
                own.extend(table.values())
                equal(len(set(own)), 1, "values of a dict")

    together(threads, work)


def slices_are_assigned_at_once(threads):
    shared = [(-1, -1, k) for k in range(10)]

    def work(index):
        for n in range(N // 3):
            block = [(index, n, k) for k in range(10)]
            if n % 3 == 0:
                shared[1_000_000_000:] = tuple(block)
            elif n % 3 == 1:
                shared[0:0] = block
            else:
                shared[0:10] = block
                shared[0:0] = block

    together(threads, work)
    equal(len(shared), 10 + threads * (N // 3) * 10, "length")
    for at in range(0, len(shared), 10):
        first = shared[at]
        equal(shared[at : at + 10], [(first[0], first[1], k) for k in range(10)], "a block")


def of_one_moment(threads, copy):
    """A copy has the items of one moment."""
    shared = list(range(100))
    wanted = (tuple(shared), tuple(reversed(shared)))

    def work(index):
        for _ in range(N):
            if index % 2:
                shared.reverse()
            else:
                found = tuple(copy(shared))
                assert found in wanted, found

    together(threads, work)


def slices_are_of_one_moment(threads):
    of_one_moment(threads, lambda shared: shared[:])


def copies_are_of_one_moment(threads):
    of_one_moment(threads, lambda shared: shared.copy())


def sums_are_of_one_moment(threads):
    of_one_moment(threads, lambda shared: shared + [])


def sums_to_others_are_of_one_moment(threads):
    of_one_moment(threads, lambda shared: [] + shared)


def multiples_are_of_one_moment(threads):
    of_one_moment(threads, lambda shared: shared * 1)


def tuples_are_of_one_moment(threads):
    of_one_moment(threads, tuple)


def comparing_is_of_one_moment(threads):
    """A list that is now one and then another never equals what is half of each."""
    between = [5] * 400
    states = [[0] + between + [0], [1] + between + [1]]
    shared, mixed = states[0].copy(), [0] + between + [1]

    def work(index):
        for n in range(N):
            if index % 2:
                shared[:] = states[n % 2]
            else:
                assert not shared == mixed
                assert not mixed == shared

    together(threads, work)


def items_are_never_torn(threads):
    """What is read in a place was stored in that place."""
    shared = [(place, 0, 0) for place in range(16)]

    def work(index):
        for n in range(N * 3):
            place = n % 16
            if index % 2:
                shared[place] = (place, n, n)
            else:
                where, a, b = shared[place]
                assert where == place and a == b, (where, place, a, b)
                for where, (own, a, b) in enumerate(shared):
                    assert where == own and a == b, (where, own, a, b)
                assert (-1, -1) not in shared
                assert shared.count((-1, -1)) == 0

    together(threads, work)


def two_places(threads):
    """As items_are_never_torn, with nothing in between, and with what ends when an item ends."""
    shared = [("x", [0] * 4, 0), ("y", [0] * 4, 0)]

    def work(index):
        for n in range(N * 4):
            if index % 2:
                shared[0] = ("x", [n] * 4, n)
                shared[1] = ("y", [n] * 4, n)
            else:
                name, a, b = shared[0]
                assert name == "x" and a == [b] * 4
                name, a, b = shared[1]
                assert name == "y" and a == [b] * 4

    together(threads, work)


def reading_while_moved(threads):
    """Items that stay are found while the list moves to other arrays."""
    shared = list(range(8))

    def work(index):
        for n in range(N * 2):
            if index == 0:
                shared.extend([-1] * 200)
                del shared[8:]
            else:
                for place in range(8):
                    equal(shared[place], place, "item")
                assert 5 in shared and shared.index(7) == 7

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


def reversing(threads):
    shared = list(range(100))
    times = N | 1

    def work(index):
        for _ in range(times):
            shared.reverse()

    together(threads, work)
    equal(shared, list(range(100))[:: -1 if threads % 2 else 1], "list")


def multiplying_in_place(threads):
    few = min(threads, 5)
    for _ in range(10):
        shared = [1] * 100
        together(few, lambda index: multiply(shared))
        equal(len(shared), 100 * 4**few, "length after *=")


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


def sorting_loses_nothing(threads):
    shared = []

    def work(index):
        for n in range(N // 2):
            if index == 0:
                if n % 2:
                    shared.sort()
                else:
                    try:
                        shared.sort(key=lambda n: -n)
                    except ValueError as error:
                        equal(str(error), "list modified during sort")
            else:
                shared.append(n * threads + index)

    together(threads, work)
    equal(sorted(shared), [n * threads + i for n in range(N // 2) for i in range(1, threads)], "items")


main(
    append_and_pop,
    insert_and_pop,
    removing,
    inserts_are_at_once,
    own_places,
    deleting_slices,
    extend_by_lists,
    extend_by_tuples,
    extend_by_ranges,
    extend_by_dicts,
    extend_from_changing,
    slices_are_assigned_at_once,
    slices_are_of_one_moment,
    copies_are_of_one_moment,
    sums_are_of_one_moment,
    sums_to_others_are_of_one_moment,
    multiples_are_of_one_moment,
    tuples_are_of_one_moment,
    comparing_is_of_one_moment,
    items_are_never_torn,
    two_places,
    reading_while_moved,
    growing_while_read,
    clear_and_refill,
    reversing,
    multiplying_in_place,
    sort_shows_old_or_new,
    sorting_loses_nothing,
)
