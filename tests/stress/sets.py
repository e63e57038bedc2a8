"""The row of set."""

from common import equal, main, together

N = 120


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


LOW, HIGH = frozenset(range(20)), frozenset(range(100, 120))


def toggled(threads, look):
    """A set whose elements all change at once: from LOW to HIGH and back."""
    shared = set(LOW)

    def work(index):
        for n in range(N):
            if index % 2:
                if n % 2:
                    shared.symmetric_difference_update(LOW | HIGH)
                else:
                    shared.__ixor__(LOW | HIGH)
            else:
                found = look(shared)
                assert found == LOW or found == HIGH, sorted(found)

    together(threads, work)


def changes_are_whole(threads):
    toggled(threads, lambda shared: set(list(shared)))


def copies_are_of_one_moment(threads):
    toggled(threads, set.copy)
    toggled(threads, frozenset)


def unions_are_of_one_moment(threads):
    toggled(threads, lambda shared: shared | set())
    toggled(threads, lambda shared: shared.union({}))


def unions_with_others_are_of_one_moment(threads):
    toggled(threads, lambda shared: set() | shared)


def intersections_are_of_one_moment(threads):
    both = set(LOW | HIGH)
    toggled(threads, lambda shared: shared & both)
    toggled(threads, lambda shared: shared - {1000})


def intersections_with_others_are_of_one_moment(threads):
    both = set(LOW | HIGH)
    toggled(threads, lambda shared: both & shared)
    toggled(threads, lambda shared: both - (both - shared))


def differences_are_of_one_moment(threads):
    toggled(threads, lambda shared: shared ^ set())
    toggled(threads, lambda shared: set() ^ shared)


def texts_are_of_one_moment(threads):
    toggled(threads, lambda shared: set(map(int, repr(shared).strip("{}").split(","))))


def relations_are_of_one_moment(threads):
    both = dict.fromkeys(LOW | HIGH)
    toggled(threads, lambda shared: shared.intersection(both))
    toggled(threads, lambda shared: shared.difference({1000: None}))
    toggled(threads, lambda shared: set(both).symmetric_difference(dict.fromkeys(set(both) ^ shared)))


def updates_are_from_one_moment(threads):
    def look(shared):
        own = {0, 100}
        own.update(shared)
        own ^= {100} if 1 in own else {0}
        return own

    toggled(threads, look)


def changes_are_from_one_moment(threads):
    def look(shared):
        own = set(LOW | HIGH)
        own.intersection_update(shared)
        return own

    toggled(threads, look)


def comparing_is_of_one_moment(threads):
    """A set that is now one and then another never equals what is half of each, nor contains it, nor lies in it."""
    between = set(range(300))
    low, high = {-10, 1000}, {-20, 2000}
    shared, mixed = low | between, {-10} | between | {2000}

    def work(index):
        for _ in range(N):
            if index % 2:
                shared.symmetric_difference_update(low | high)
            else:
                assert not shared == mixed
                assert not mixed == shared
                assert not shared <= mixed
                assert not mixed <= shared
                assert not mixed.issubset(shared)

    together(threads, work)


def merging(threads):
    """Threads add to one set what nobody else adds, many elements at a time."""
    for change in (set.update, set.__ior__, lambda shared, new: shared.update(list(new)), set.symmetric_difference_update):
        shared = {-1}

        def work(index):
            for n in range(N // 10):
                start = (index * N + n) * 10
                change(shared, set(range(start, start + 10)))

        together(threads, work)
        equal(len(shared), threads * (N // 10) * 10 + 1, "elements")


def made_again(threads):
    """`__init__` empties a set, and then fills it at once."""
    shared = set(LOW)
    low, high = list(LOW), list(HIGH)

    def work(index):
        for n in range(N):
            shared.__init__(low if n % 2 else high)
            found = shared.copy()
            assert found == LOW or found == HIGH or not found, sorted(found)

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


main(
    add_and_remove,
    same_items,
    pop_takes_each_once,
    changes_are_whole,
    copies_are_of_one_moment,
    unions_are_of_one_moment,
    unions_with_others_are_of_one_moment,
    intersections_are_of_one_moment,
    intersections_with_others_are_of_one_moment,
    differences_are_of_one_moment,
    texts_are_of_one_moment,
    relations_are_of_one_moment,
    updates_are_from_one_moment,
    changes_are_from_one_moment,
    comparing_is_of_one_moment,
    merging,
    made_again,
    clear_and_refill,
)
