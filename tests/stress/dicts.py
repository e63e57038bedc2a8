"""Every row of dict, and of the kinds that store like it."""

from collections import Counter, OrderedDict, defaultdict

from common import equal, main, together

N = 300


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


def updates_are_whole(threads):
    shared = dict.fromkeys("abcdefgh", 0)

    def work(index):
        for n in range(N):
            if index % 2:
                new = dict.fromkeys("abcdefgh", n)
                if n % 3 == 0:
                    shared.update(new)
                else:
                    shared.__ior__(new)
            else:
                for copy in (shared.copy(), dict(shared), shared | {}, {**shared}):
                    assert len(set(copy.values())) == 1, copy
                    assert len(copy) == 8
                values = list(shared.values())
                assert len(set(values)) == 1, values
                items = list(shared.items())
                assert len({v for _, v in items}) == 1, items
                assert shared == shared

    together(threads, work)


def clear_while_used(threads):
    shared = {}

    def work(index):
        for n in range(N):
            if index == 0:
                shared.clear()
            else:
                shared[n % 20] = n
                value = shared.get(n % 20)
                assert value is None or value % 20 == n % 20
                for key, value in shared.copy().items():
                    assert value % 20 == key

    together(threads, work)


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


def defaults_and_counts(threads):
    groups = defaultdict(list)

    def work(index):
        for n in range(N):
            groups[n % 10].append((index, n))

    together(threads, work)
    # A default may be made twice for a key that is new to two threads, so the lists are only checked for what is there.
    for key, values in groups.items():
        assert all(n % 10 == key for _, n in values)
        equal(len(set(values)), len(values), "values")
    order = OrderedDict((n, n) for n in range(20))

    def shuffle(index):
        for n in range(N):
            order.move_to_end((n * 7 + index) % 20, last=n % 2 == 0)

    together(threads, shuffle)
    equal(sorted(order), list(range(20)), "keys")
    equal(sorted(reversed(order)), list(range(20)), "keys backwards")


main(
    own_keys,
    string_keys,
    one_winner,
    popitem_takes_each_once,
    updates_are_whole,
    clear_while_used,
    growth_and_deletion,
    iterating_while_changed,
    slow_keys,
    defaults_and_counts,
)
