# Slices assigned from temporary and from named lists, algebra of sets with keys that only Python can compare, and keys that
# come and go: the quick ways and what they must not disturb.


class Noisy:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("end of", self.name)


# A temporary list gives up its items, and gets those that were there.
items = [Noisy("a"), 1, 2]
items[:2] = [3, Noisy("b")]  # expect: end of a
print([getattr(x, "name", x) for x in items])  # expect: [3, 'b', 2]
# A list that somebody else has keeps its own.
fresh = [1, 2, 3]
items[0:3] = fresh  # expect: end of b
print(items, fresh)  # expect: [1, 2, 3] [1, 2, 3]
items[0:3] = items[::-1]
print(items)  # expect: [3, 2, 1]
items[:2] = items
print(items)  # expect: [3, 2, 1, 1]
items[1:] = [x for x in items if x > 2]
print(items)  # expect: [3, 3]
items[-2:-1] = ()
print(items)  # expect: [3]
items[:] = [items, items[:1]]
print(items)  # expect: [[...], [3]]
del items[:]

nine = list(range(9))
nine[3:6] = nine[5:2:-1]
nine[::4] = [*"xyz"]
print(nine, nine[::-3], nine[7:2:-2], nine[5:2])  # expect: ['x', 1, 2, 5, 'y', 3, 6, 7, 'z'] ['z', 3, 2] [7, 3, 5] []
try:
    nine[::4] = [1]
except ValueError as error:
    print(error)
# expect: attempt to assign sequence of size 1 to extended slice of size 3
nine[2:2] = range(20)
print(len(nine), nine * 0, [None] * 3, [1, "a"] * 2, nine[:2] + nine[-2:])
# expect: 29 [] [None, None, None] [1, 'a', 1, 'a'] ['x', 1, 7, 'z']

# The finaliser of an item that leaves sees the list as it is after.
class Looker:
    def __del__(self):
        print("now", len(seen))
        seen.append("late")


seen = [Looker(), 1, 2]
seen[:1] = []  # expect: now 2
print(seen)  # expect: [1, 2, 'late']
seen[0:0] = [Looker()]
seen[:1] = [0]  # expect: now 4
print(seen)  # expect: [0, 1, 2, 'late', 'late']


class Same:
    """Equal to what has the same number, as only Python code can tell."""

    def __init__(self, number):
        self.number = number

    def __eq__(self, other):
        return isinstance(other, Same) and self.number == other.number

    def __hash__(self):
        return self.number % 3

    def __repr__(self):
        return f"S{self.number}"


def show(keys):
    return sorted(keys, key=lambda key: getattr(key, "number", key))


x = {Same(n) for n in range(0, 8)} | {100, 200}
y = {Same(n) for n in range(4, 12)} | {200, 300}
for result in (x | y, x & y, x - y, y - x, x ^ y):
    print(len(result), show(result))
# expect: 15 [S0, S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, 100, 200, 300]
# expect: 5 [S4, S5, S6, S7, 200]
# expect: 5 [S0, S1, S2, S3, 100]
# expect: 5 [S8, S9, S10, S11, 300]
# expect: 10 [S0, S1, S2, S3, S8, S9, S10, S11, 100, 300]
print(x <= y, (x & y) <= y, x.isdisjoint(y), (x - y).isdisjoint(y))  # expect: False True False True
print(show(frozenset(x) & y), type(frozenset(x) & y).__name__, type(x | frozenset(y)).__name__)
# expect: [S4, S5, S6, S7, 200] frozenset set
print(show(set([Same(1), Same(1), 5, 5])), show(frozenset((Same(2), Same(2)))))  # expect: [S1, 5] [S2]
print({1, 2} & {2, 3}, {1, 2} - {1}, {1} ^ {2, 1}, {1} | {1}, {1} <= {1, 2}, {1} & set(), set() - {1})
# expect: {2} {2} {2} {1} True set() set()
try:
    set([1, []])
except TypeError as error:
    print(type(error).__name__)
# expect: TypeError
again = {1, 2, 3}
again.__init__([3, 4])
print(again)  # expect: {3, 4}

# A key that comes and goes.
keys = {n: n for n in range(20)}
marks = set(range(20))
for n in range(200):
    keys[99] = n
    marks.add(99)
    assert keys.pop(99) == n and 99 not in keys and keys[7] == 7
    marks.discard(99)
    assert 99 not in marks and 7 in marks and len(marks) == 20
    keys[n % 7 + 1000] = n
    del keys[n % 7 + 1000]
print(list(keys) == list(range(20)), marks == set(range(20)), len(keys))  # expect: True True 20
copies = keys.copy(), dict(keys), {**keys}
keys[5] = "changed"
print([copy[5] for copy in copies], all(list(copy.items()) == [(n, n) for n in range(20)] for copy in copies))
# expect: [5, 5, 5] True


class Sly:
    """Changes the dict while it is compared."""

    def __init__(self, change):
        self.change = change

    def __hash__(self):
        return 5

    def __eq__(self, other):
        if self.change:
            change, self.change = self.change, None
            change()
        return self is other


sly = {}
first = Sly(None)
sly[first] = 1
second = Sly(lambda: sly.pop(first))
sly[second] = 2
print(len(sly), sly[second])  # expect: 2 2

# Text, sorting, iteration.
print(",".join(["a", "bc", "defgh", "ijklmnopq", "r" * 20]), "é".join("abc"), "".join([]), "-".join(("€", "x", "𝄞")))
# expect: a,bc,defgh,ijklmnopq,rrrrrrrrrrrrrrrrrrrr aébéc  €-x-𝄞
for wrong in (["a", 1], ("a", None), [b"x"]):
    try:
        "".join(wrong)
    except TypeError as error:
        print(error)
# expect: sequence item 1: expected str instance, int found
# expect: sequence item 1: expected str instance, NoneType found
# expect: sequence item 0: expected str instance, bytes found
words = ["b", "", "abcdefghi", "abcdefgh", "a\0", "a", "é", "abcdefghj", "zz"]
print(sorted(words), sorted(words, reverse=True) == sorted(words)[::-1], sorted(words + ["€"])[-1])
# expect: ['', 'a', 'a\x00', 'abcdefgh', 'abcdefghi', 'abcdefghj', 'b', 'zz', 'é'] True €
print(sorted([3, 1, 2]), sorted("hello"), sorted([(2, "a"), (1, "b")]), sorted([1, 2, 3], key=lambda n: -n))
# expect: [1, 2, 3] ['e', 'h', 'l', 'l', 'o'] [(1, 'b'), (2, 'a')] [3, 2, 1]
print(list(zip([1, 2, 3], "ab")), list(zip("ab", "cd", strict=True)), list(map(str, [1, 2])), list(enumerate("ab", 5)))
# expect: [(1, 'a'), (2, 'b')] [('a', 'c'), ('b', 'd')] ['1', '2'] [(5, 'a'), (6, 'b')]
print(list(reversed([1, 2, 3])), sum([1, 2, 3]), sum((0.5, 1)), sum([[1], [2]], []), tuple([1, 2]), tuple([]))
# expect: [3, 2, 1] 6 1.5 [1, 2] (1, 2) ()
print([1, 2, [3]] == [1, 2, [3]], [1, 2] < [1, 3], [1, 2] != [1, 2, 3], [1, 2] > [1], [Same(1)] == [Same(1)])
# expect: True True True True True
