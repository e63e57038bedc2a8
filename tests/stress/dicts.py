"""The row of dict, and the kinds that store like it."""

import collections
import re
import types
import weakref
from collections import Counter, OrderedDict, defaultdict

from common import equal, main, together

N = 120


def own_keys(threads):
    for shared in ({}, OrderedDict(), defaultdict(int), Counter()):

        def work(index):
            for n in range(N):
                shared[index, n] = n
                assert shared[index, n] == n
                assert (index, n) in shared
                if n % 3 == 0:
                    del shared[index, n]
                elif n % 3 == 1:
                    assert shared.pop((index, n)) == n

        together(threads, work)
        wanted = {(i, n): n for i in range(threads) for n in range(N) if n % 3 == 2}
        equal(dict(shared), wanted, type(shared).__name__)
        equal(len(shared), len(wanted), "length")
        equal(len(list(shared)), len(wanted), "keys")


def string_keys(threads):
    shared = {}
    names = ["name%d" % n for n in range(40)]

    def work(index):
        for n in range(N):
            name = names[(n * 7 + index) % 40]
            if index % 2:
                shared[name] = (name, n)
            elif n % 5 == 0:
                shared.pop(name, None)
            else:
                found = shared.get(name)
                assert found is None or found[0] is name or found[0] == name
                for key, value in list(shared.items()):
                    assert value[0] == key

    together(threads, work)
    for key, value in shared.items():
        equal(value[0], key, "entry")


def one_winner(threads):
    shared = {}

    def work(index):
        return [shared.setdefault(n, (index, n)) for n in range(N)]

    results = together(threads, work)
    for others in results[1:]:
        equal(others, results[0], "setdefault")
    taken = together(threads, lambda index: [n for n in range(N) if shared.pop(n, None) is not None])
    equal(sorted(n for part in taken for n in part), list(range(N)), "pop")
    equal(shared, {}, "dict")


def popitem_takes_each_once(threads):
    shared = {n: str(n) for n in range(N)}

    def work(index):
        taken = []
        while True:
            try:
                taken.append(shared.popitem())
            except KeyError:
                return taken

    taken = [item for part in together(threads, work) for item in part]
    equal(sorted(taken), [(n, str(n)) for n in range(N)], "items")


def own_names(threads):
    """As own_keys, with keys that are str, and as variables of a module."""
    shared, module = {}, types.ModuleType("shared")

    def work(index):
        names = ["name_%d_%d" % (index, n) for n in range(20)]
        for n in range(N):
            name = names[n % 20]
            shared[name] = n
            setattr(module, name, n)
            assert shared[name] == getattr(module, name) == n
            if n % 3 == 0:
                del shared[name]
                delattr(module, name)
                assert name not in shared and not hasattr(module, name)

    together(threads, work)
    last = {n % 20: n for n in range(N)}
    wanted = {"name_%d_%d" % (i, k): n for i in range(threads) for k, n in last.items() if n % 3}
    equal(shared, wanted, "names")
    equal({name: n for name, n in vars(module).items() if name.startswith("name")}, wanted, "variables")


def reading_while_moved(threads):
    """Entries that stay are found while the dict and set move to other tables."""
    shared, unique = {n: n for n in range(8)}, set(range(8))
    others = dict.fromkeys(range(100, 200), -1)

    def work(index):
        for n in range(N // 3):
            if index == 0:
                for key in others:
                    shared[key] = -1
                    unique.add(key)
                for key in others:
                    del shared[key]
                    unique.remove(key)
            else:
                for key in range(8):
                    equal(shared[key], key, "value")
                    assert key in shared and key in unique

    together(threads, work)


def updates_are_at_once(threads):
    """Who sees a part of an update has seen all of it."""
    keys = range(200)
    shared = dict.fromkeys(keys, 0)
    done = []

    def work(index):
        if index == 0:
            for n in range(1, N):
                shared.update(dict.fromkeys(keys, n))
            done.append(True)
        while not done:
            first = shared[0]
            last = shared[199]
            assert first <= last, (first, last)

    together(threads, work)


def lengths_keep_up(threads):
    """Who finds a key finds a length that counts it."""
    shared, unique = {}, set()
    done = []

    def work(index):
        if index == 0:
            for n in range(N * 5):
                shared[n] = n
                unique.add(n)
            done.append(True)
        n = 0
        while not done:
            while n in shared and n in unique:
                n += 1
                lengths = len(shared), len(unique)
                assert min(lengths) >= n, (lengths, n)

    together(threads, work)


def variables_that_move(threads):
    """A function finds a variable where it is, after the module's dict has moved it."""

    def work(index):
        for n in range(N // 10):
            space = {"a%d" % k: k for k in range(10)}
            space["x"] = (index, n)
            exec("def read():\n    return x\n", space)
            read = space["read"]
            for _ in range(20):
                equal(read(), (index, n), "variable")
            for k in range(10):
                del space["a%d" % k]
            for k in range(60):
                space["b%d" % k] = k
            equal(read(), (index, n), "variable that has moved")

    together(threads, work)


KEYS = "abcdefgh"


def toggled(threads, look, kind=dict):
    """A dict whose values all change at once."""
    shared = kind.fromkeys(KEYS, 0)

    def work(index):
        for n in range(N):
            if index % 2:
                new = dict.fromkeys(KEYS, n)
                if n % 3 == 0:
                    dict.update(shared, new)
                else:
                    dict.__ior__(shared, new)
            else:
                values = look(shared)
                equal(len(values), len(KEYS), "values")
                equal(len(set(values)), 1, "different values")

    together(threads, work)


def updates_are_whole(threads):
    toggled(threads, lambda shared: list(dict(shared).values()))


def copies_are_of_one_moment(threads):
    toggled(threads, lambda shared: shared.copy().values())


def unions_are_of_one_moment(threads):
    toggled(threads, lambda shared: (shared | {}).values())


def unions_with_others_are_of_one_moment(threads):
    toggled(threads, lambda shared: ({} | shared).values())


def values_are_of_one_moment(threads):
    toggled(threads, lambda shared: list(shared.values()))


def items_are_of_one_moment(threads):
    toggled(threads, lambda shared: [value for _, value in list(shared.items())])


def updates_are_from_one_moment(threads):
    def look(shared):
        own = {"a": -1}
        own.update(shared)
        return own.values()

    toggled(threads, look)


def emptied(threads, look, kind=dict):
    """A dict whose keys all come and go at once."""
    shared = kind()
    new = dict.fromkeys(range(20))

    def work(index):
        for n in range(N):
            if index == 0:
                dict.update(shared, new)
                shared.clear()
            else:
                count = look(shared)
                assert count in (0, 20), count

    together(threads, work)


def keys_are_of_one_moment(threads):
    emptied(threads, lambda shared: len(list(shared)))


def lengths_are_of_one_moment(threads):
    emptied(threads, len)


def views_elsewhere_are_of_one_moment(threads):
    toggled(threads, lambda shared: collections.deque(shared.values()))
    toggled(threads, lambda shared: re.findall(r"\d+", repr(shared.values())))


def keys_for_others_are_of_one_moment(threads):
    toggled(threads, lambda shared: [0 for _ in dict.fromkeys(shared)])


def entries_are_of_one_moment(threads):
    toggled(threads, lambda shared: re.findall(r"\d+", repr(shared)), OrderedDict)


def comparing_is_of_one_moment(threads):
    """A dict that is now one and then another never equals what is half of each."""
    between = dict.fromkeys(range(1, 300), 5)
    shared, mixed = {0: 0, **between, 999: 0}, {0: 0, **between, 999: 1}

    def work(index):
        for n in range(N):
            if index % 2:
                shared.update({0: n % 2, 999: n % 2})
            else:
                assert not shared == mixed
                assert not mixed == shared

    together(threads, work)


def merging(threads):
    """Threads update one dict with keys of their own."""
    shared = {-1: -1}

    def work(index):
        for n in range(N // 10):
            start = (index * N + n) * 10
            new = dict.fromkeys(range(start, start + 10), index)
            if n % 2:
                shared.update(new)
            else:
                shared.__ior__(new)

    together(threads, work)
    equal(len(shared), threads * (N // 10) * 10 + 1, "entries")


def stays_while_it_is_the_same(threads):
    """An entry of a dict of weak references goes with its value, and only then."""
    shared = weakref.WeakValueDictionary()

    class Thing:
        pass

    def work(index):
        for n in range(N):
            old = Thing()
            shared[n % 5, index] = old
            new = Thing()
            shared[n % 5, index] = new
            del old
            assert shared.get((n % 5, index)) is new

    together(threads, work)
    equal(len(shared.data), 0, "entries")


def clear_while_used(threads):
    shared = {}

    def work(index):
        for n in range(N * 2):
            if index == 0:
                shared.clear()
            else:
                key = n % 40, index
                shared[key] = key
                value = shared.get(key)
                assert value is None or value is key
                copy = shared.copy()
                equal(len(copy), len(list(copy)), "length of a copy")
                for key, value in copy.items():
                    assert key == value

    together(threads, work)
    equal(len(shared), len(list(shared)), "length")
    shared.clear()
    equal((len(shared), list(shared)), (0, []), "what is left")


def growth_and_deletion(threads):
    shared = {}

    def work(index):
        base = index * 10_000
        for n in range(N):
            shared[base + n] = n
            if n >= 20:
                del shared[base + n - 20]
            assert len(shared) >= 1
        for n in range(N - 20, N):
            assert shared[base + n] == n

    together(threads, work)
    equal(len(shared), threads * 20, "length")


def iterating_while_changed(threads):
    shared = {n: n for n in range(100)}

    def work(index):
        for n in range(N // 10):
            if index == 0:
                shared[1000 + n] = n
                del shared[1000 + n]
            else:
                try:
                    for key in shared:
                        assert key < 100 or key >= 1000
                except RuntimeError as error:
                    assert "changed" in str(error), error

    together(threads, work)
    equal(shared, {n: n for n in range(100)}, "dict")


def slow_keys(threads):
    class Key:
        def __init__(self, n):
            self.n = n

        def __hash__(self):
            return self.n % 5

        def __eq__(self, other):
            return self.n == other.n

    shared = {}

    def work(index):
        for n in range(30):
            shared[Key(n)] = n
            assert shared[Key(n)] == n
            if n % 4 == index % 4:
                shared.pop(Key(n + 100), None)
                shared[Key(n + 100 * (index + 1))] = index

    together(threads, work)
    equal(sorted(k.n for k in shared if k.n < 30), list(range(30)), "keys")
    equal(len({k.n for k in shared}), len(shared), "no key twice")


def changes_are_noticed(threads):
    """Changing a dict or set while iterating over it is noticed, by whoever iterates."""

    def work(index):
        for shared in (dict.fromkeys(range(50)), set(range(50)), OrderedDict.fromkeys(range(50))):
            try:
                for count, key in enumerate(shared):
                    assert count < 1000, "not noticed"
                    if isinstance(shared, set):
                        shared.add(key + 1000)
                    else:
                        shared[key + 1000] = None
            except RuntimeError as error:
                assert "changed" in str(error) or "mutated" in str(error), error
            else:
                raise AssertionError("not noticed in a " + type(shared).__name__)

    together(threads, work)


def first_values_stay(threads):
    """The first of several threads that miss a key of a defaultdict decides what they all get."""
    for _ in range(4):
        groups = defaultdict(list)

        def work(index):
            for n in range(N):
                groups[n].append(index)

        together(threads, work)
        equal(sorted(groups), list(range(N)), "keys")
        for values in groups.values():
            equal(sorted(values), list(range(threads)), "values")


def counters(threads):
    """A Counter keeps what threads count under keys of their own."""
    counts = Counter()

    def work(index):
        for n in range(N):
            counts[index, n % 10] += 1
            counts.update([(index, -1)])

    together(threads, work)
    for index in range(threads):
        equal(sum(counts[index, n] for n in range(10)), N, "count")
        equal(counts[index, -1], N, "count")


def moved_to_the_end(threads):
    order = OrderedDict((n, n) for n in range(20))

    def work(index):
        for n in range(N):
            order.move_to_end((n * 7 + index) % 20)

    together(threads, work)
    equal(sorted(order), list(range(20)), "keys")
    equal(sorted(reversed(order)), list(range(20)), "keys backwards")


def moved_to_the_start(threads):
    order = OrderedDict((n, n) for n in range(20))

    def work(index):
        for n in range(N):
            order.move_to_end((n * 7 + index) % 20, last=False)
            order[index, n % 3] = n
            equal(order.pop((index, n % 3)), n, "value")

    together(threads, work)
    equal(sorted(order), list(range(20)), "keys")
    equal(sorted(reversed(order)), list(range(20)), "keys backwards")


def popped_from_the_start(threads):
    order = OrderedDict((n, n) for n in range(N * 4))

    def work(index):
        taken = []
        while True:
            try:
                taken.append(order.popitem(last=False)[0])
            except KeyError:
                return taken

    parts = together(threads, work)
    equal(sorted(n for part in parts for n in part), list(range(N * 4)), "keys")
    for part in parts:
        equal(part, sorted(part), "order")


main(
    own_keys,
    own_names,
    reading_while_moved,
    updates_are_at_once,
    lengths_keep_up,
    variables_that_move,
    string_keys,
    one_winner,
    popitem_takes_each_once,
    updates_are_whole,
    copies_are_of_one_moment,
    unions_are_of_one_moment,
    unions_with_others_are_of_one_moment,
    values_are_of_one_moment,
    items_are_of_one_moment,
    updates_are_from_one_moment,
    keys_are_of_one_moment,
    lengths_are_of_one_moment,
    views_elsewhere_are_of_one_moment,
    keys_for_others_are_of_one_moment,
    entries_are_of_one_moment,
    comparing_is_of_one_moment,
    merging,
    stays_while_it_is_the_same,
    clear_while_used,
    growth_and_deletion,
    iterating_while_changed,
    changes_are_noticed,
    slow_keys,
    first_values_stay,
    counters,
    moved_to_the_end,
    moved_to_the_start,
    popped_from_the_start,
)
