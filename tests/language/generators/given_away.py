# Iterators that give their items away to whoever collects them: list(), sum(), set(), sorted(), deque.extend and others.
import itertools
from collections import deque

print(list(itertools.chain([1, 2], (3,), "ab", range(2), {7: 8})), sum(itertools.chain([1], (2.5,), range(3))))
# expect: [1, 2, 3, 'a', 'b', 0, 1, 7] 6.5
print(list(enumerate("abc", 5)), list(enumerate([], 2**60)), list(enumerate("xy", 2**70)))
# expect: [(5, 'a'), (6, 'b'), (7, 'c')] [] [(1180591620717411303424, 'x'), (1180591620717411303425, 'y')]
print(list(map(str, [1, 2])), list(map(max, [1, 5], [4, 2])), list(filter(None, [0, 1, "", "a"])), list(zip("ab", [1, 2, 3])))
# expect: ['1', '2'] [4, 5] [1, 'a'] [('a', 1), ('b', 2)]
print(list(itertools.accumulate([1, 2, 3])), list(itertools.accumulate([], initial=4)), list(itertools.accumulate("abc", initial="-")))
# expect: [1, 3, 6] [4] ['-', '-a', '-ab', '-abc']
print(list(itertools.accumulate([2**50, 2**50, -1])), list(itertools.accumulate([1, True, 2.5])), tuple(reversed([1, 2, 3])))
# expect: [1125899906842624, 2251799813685248, 2251799813685247] [1, 2, 4.5] (3, 2, 1)

# Who has enough leaves the rest.
source = iter([1, 2, 0, 3, 4])
print(all(source), list(source))  # expect: False [3, 4]
chained = itertools.chain([1, 0], [5], [6])
print(all(chained), next(chained), any(chained), list(chained))  # expect: False 5 True []
numbered = enumerate([0, 7, 0])
print(any(item[1] for item in numbered), next(numbered), list(numbered))  # expect: True (2, 0) []
mapped = map(int, "1203")
print(all(mapped), list(mapped))  # expect: False [3]

# StopIteration of a function ends the iteration; the one that collects is not told.
def until_two(n):
    if n == 2:
        raise StopIteration
    return n


print(list(map(until_two, [0, 1, 2, 3])), list(filter(until_two, [1, 2, 3])), list(enumerate(map(until_two, range(5)))))
# expect: [0, 1] [1] [(0, 0), (1, 1)]
print(list(itertools.chain(map(until_two, range(4)), [9])), list(itertools.accumulate(range(5), lambda a, b: until_two(b))))
# expect: [0, 1, 9] [0, 1]
rest = itertools.chain([1, 2, 3], [4])
print(list(map(until_two, rest)), list(rest))  # expect: [1] [3, 4]


class Adding:
    def __init__(self, error):
        self.error = error

    def __radd__(self, other):
        raise self.error


# What the one that collects raises is passed on, even StopIteration.
for error in (StopIteration("from add"), ValueError("from add")):
    try:
        sum(itertools.chain([1], [Adding(error)]))
    except Exception as e:
        print(type(e).__name__, e)
# expect: StopIteration from add
# expect: ValueError from add


def fails():
    yield 1
    raise KeyError("inside")


for iterator in (itertools.chain(fails(), [2]), enumerate(fails()), map(str, fails()), filter(None, fails())):
    try:
        print(list(iterator))
    except KeyError as e:
        print(e, list(iterator))
# expect: 'inside' [2]
# expect: 'inside' []
# expect: 'inside' []
# expect: 'inside' []


# Subclasses have a `__next__` of their own.
class Twice(map):
    def __next__(self):
        return super().__next__() * 2


class Loud(enumerate):
    def __next__(self):
        number, item = super().__next__()
        return f"{number}{item}!"


print(list(Twice(int, "123")), sum(Twice(int, "123")), list(Loud("ab")), list(itertools.chain(Twice(int, "4"), Loud("c"))))
# expect: [2, 4, 6] 12 ['0a!', '1b!'] [8, '0c!']

# An iterator that its own items change, and one that is exhausted by what it gives.
growing = [1]
print(list(map(lambda n: growing.append(n + 1) or n if n < 5 else n, growing)), growing)
# expect: [1, 2, 3, 4, 5] [1, 2, 3, 4, 5]
shared = iter(range(6))
print(list(map(lambda n: (n, next(shared)), shared)), list(shared))  # expect: [(0, 1), (2, 3), (4, 5)] []
nested = itertools.chain.from_iterable(itertools.chain([i], [i]) for i in range(3))
print(list(nested), deque(map(str, "ab")), set(itertools.chain("ab", "bc")) == set("abc"), sorted(enumerate("ba"), key=lambda p: p[1]))
# expect: [0, 0, 1, 1, 2, 2] deque(['a', 'b']) True [(1, 'a'), (0, 'b')]
deep = iter([1])
for _ in range(50):
    deep = itertools.chain(deep)
print(list(deep), "".join(map(str, itertools.chain([1, 2]))), dict(zip("ab", itertools.count())), max(itertools.accumulate([1, -1, 3])))
# expect: [1] 12 {'a': 0, 'b': 1} 3
