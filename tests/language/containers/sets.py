# Sets and frozensets: methods, operators, comparison, hashing.
def show(s):
    return sorted(s, key=lambda x: (str(type(x)), x))


a, b = {1, 2, 3}, {2, 3, 4}
print(show(a | b), show(a & b), show(a - b), show(a ^ b), a == {3, 2, 1}, a != b, a < {1, 2, 3, 4}, a <= a, a < a, a > {1}, a >= b)
# expect: [1, 2, 3, 4] [2, 3] [1] [1, 4] True True True True False True False
print(show(a.union([5], (6,))), show(a.intersection([1, 9])), show(a.difference([1])), show(a.symmetric_difference([1, 7])), a.issubset([1, 2, 3, 4]), a.issuperset([1]), a.isdisjoint([9]))
# expect: [1, 2, 3, 5, 6] [1] [2, 3] [2, 3, 7] True True True
a.add(5)
a.add(5)
a.discard(99)
a.remove(1)
a.update([7, 8], "x")
print(show(a), len(a), 7 in a, 99 not in a, a.copy() == a, a.copy() is a, bool(set()))
# expect: [2, 3, 5, 7, 8, 'x'] 6 True True True False False
a.difference_update([7], [8])
a.intersection_update([2, 3, 5])
a.symmetric_difference_update([5, 6])
print(show(a))  # expect: [2, 3, 6]
a |= {10}
a &= {2, 3, 10}
a -= {2}
a ^= {3, 4}
print(show(a), show(set("hello")), set(), {1}, frozenset(), frozenset([1]), {*[]}, set([1, 1, 1]))
# expect: [4, 10] ['e', 'h', 'l', 'o'] set() {1} frozenset() frozenset({1}) set() {1}
popped = {42}
print(popped.pop(), popped)  # expect: 42 set()
f = frozenset([1, 2])
print(hash(f) == hash(frozenset([2, 1])), {f: "a"}[frozenset([2, 1])], f | {3} == frozenset([1, 2, 3]), type(f | {3}), type({3} | f), f == {1, 2}, frozenset(f) is f)
# expect: True a True <class 'frozenset'> <class 'set'> True True
print({1, 1.0, True}, {0, False}, {"a", "a"}, {(1, 2), (1, 2)}, {None}, len({nan for nan in [float("nan")]}), {frozenset([1])} == {frozenset([1])}, frozenset([1]) in {frozenset([1])}, {1} in {frozenset([1])})
# expect: {1} {0} {'a'} {(1, 2)} {None} 1 True True True
print(show({x for x in range(10) if x % 3 == 0}), {1, 2} == frozenset([1, 2]), {1} < {1, 2} < {1, 2, 3}, set() <= set(), {1, 2}.issubset({1, 2}))
# expect: [0, 3, 6, 9] True True True True
big = set(range(1000))
for i in range(0, 1000, 2):
    big.remove(i)
print(len(big), sum(big), 1 in big, 2 in big, big == set(range(1, 1000, 2)))  # expect: 500 250000 True False True
a.clear()
print(a)  # expect: set()


def err(code):
    try:
        exec(code)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
    else:
        print("no error:", code)


err("{1}.remove(2)")  # expect: KeyError: 2
err("set().pop()")  # expect: KeyError: 'pop from an empty set'
err("{1} + {2}")  # expect: TypeError: unsupported operand type(s) for +: 'set' and 'set'
err("{1} | [2]")  # expect: TypeError: unsupported operand type(s) for |: 'set' and 'list'
err("{1} < [1]")  # expect: TypeError: '<' not supported between instances of 'set' and 'list'
err("{1}[0]")  # expect: TypeError: 'set' object is not subscriptable
err("set(5)")  # expect: TypeError: 'int' object is not iterable
err("hash({1})")  # expect: TypeError: unhashable type: 'set'
err("frozenset([1]).add(2)")  # expect: AttributeError: 'frozenset' object has no attribute 'add'
err("for x in big: big.add(-x)")  # expect: RuntimeError: Set changed size during iteration
err("{1}.union(5)")  # expect: TypeError: 'int' object is not iterable
err("{1}.update(5)")  # expect: TypeError: 'int' object is not iterable


class S(set):
    pass


print(S([1]), S([1]) | {2}, type(S([1]) | {2}), type(S([1]).copy()), repr(S()))
# expect: S({1}) {1, 2} <class 'set'> <class 'set'> S()


class Same:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return 1

    def __eq__(self, other):
        return self.n == other.n


many = {Same(i % 10) for i in range(50)}
print(len(many), Same(3) in many, Same(11) in many)  # expect: 10 True False


# Other sets have the same hash as an equal frozenset.
import collections.abc


class Other(collections.abc.Set):
    def __init__(self, items):
        self.items = set(items)

    def __contains__(self, item):
        return item in self.items

    def __iter__(self):
        return iter(self.items)

    def __len__(self):
        return len(self.items)

    __hash__ = collections.abc.Set._hash


for items in [], [1], "abc", range(50), [frozenset(), frozenset([1])]:
    print(hash(Other(items)) == hash(frozenset(items)), {frozenset(items): 1}.get(Other(items)))
# expect: True 1
# expect: True 1
# expect: True 1
# expect: True 1
# expect: True 1
print(hash(frozenset()), hash(frozenset(range(10))))  # expect: 133146708735736 3895031357313128696
