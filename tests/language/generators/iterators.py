# The iteration protocol: user iterators, sequence fallback, sentinels, exhaustion, itertools.
class Countdown:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n <= 0:
            raise StopIteration
        self.n -= 1
        return self.n + 1


print(list(Countdown(3)), sum(Countdown(4)), [*Countdown(2)], max(Countdown(3)), 2 in Countdown(5), tuple(Countdown(1)), sorted(Countdown(3)), dict(zip("ab", Countdown(2))))
# expect: [3, 2, 1] 10 [2, 1] 3 True (1,) [1, 2, 3] {'a': 2, 'b': 1}
a, b = Countdown(2)
print(a, b, ",".join(str(x) for x in Countdown(2)), list(map(lambda x: x * 2, Countdown(2))), list(filter(None, Countdown(2))), list(enumerate(Countdown(2))))
# expect: 2 1 2,1 [4, 2] [2, 1] [(0, 2), (1, 1)]
it = iter([1, 2, 3])
print(iter(it) is it, next(it), list(it), next(it, "end"))  # expect: True 1 [2, 3] end


class OldStyle:
    def __getitem__(self, i):
        if i > 3:
            raise IndexError
        return i * 10


print(list(OldStyle()), 20 in OldStyle(), iter(OldStyle()).__class__.__name__)  # expect: [0, 10, 20, 30] True iterator


class NotIter:
    def __iter__(self):
        return 5


class NoneIter:
    __iter__ = None


class BadNext:
    def __iter__(self):
        return self


for cls in (NotIter, NoneIter, BadNext):
    try:
        for x in cls():
            pass
    except TypeError as error:
        print(error)
# expect: iter() returned non-iterator of type 'int'
# expect: 'NoneIter' object is not iterable
# expect: iter() returned non-iterator of type 'BadNext'
from itertools import accumulate, batched, chain, combinations, combinations_with_replacement, compress, count, cycle, dropwhile, filterfalse, groupby, islice, pairwise, permutations, product, repeat, starmap, takewhile, tee, zip_longest

print(list(chain("ab", [1])), list(chain.from_iterable(["ab", "c"])), list(islice(count(5, 2), 3)), list(islice(cycle("ab"), 5)), list(repeat("x", 3)))
# expect: ['a', 'b', 1] ['a', 'b', 'c'] [5, 7, 9] ['a', 'b', 'a', 'b', 'a'] ['x', 'x', 'x']
print(list(accumulate([1, 2, 3])), list(accumulate([1, 2, 3], lambda a, b: a * b, initial=10)), list(compress("abcd", [1, 0, 1, 0])), list(dropwhile(lambda x: x < 3, [1, 3, 1])))
# expect: [1, 3, 6] [10, 10, 20, 60] ['a', 'c'] [3, 1]
print(list(takewhile(lambda x: x < 3, [1, 3, 1])), list(filterfalse(lambda x: x % 2, range(5))), [(k, list(g)) for k, g in groupby("aabbbc")], [(k, len(list(g))) for k, g in groupby([1, 3, 2, 4, 5], key=lambda x: x % 2)])
# expect: [1] [0, 2, 4] [('a', ['a', 'a']), ('b', ['b', 'b', 'b']), ('c', ['c'])] [(1, 2), (0, 2), (1, 1)]
print(list(pairwise("abcd")), list(batched("abcdefg", 3)), list(starmap(pow, [(2, 3), (3, 2)])), list(zip_longest("ab", [1, 2, 3], fillvalue="-")), [list(t) for t in tee([1, 2], 2)])
# expect: [('a', 'b'), ('b', 'c'), ('c', 'd')] [('a', 'b', 'c'), ('d', 'e', 'f'), ('g',)] [8, 9] [('a', 1), ('b', 2), ('-', 3)] [[1, 2], [1, 2]]
print(list(product("ab", [1, 2])), list(product([0, 1], repeat=2)), list(permutations("abc", 2)), list(combinations("abc", 2)), list(combinations_with_replacement("ab", 2)), len(list(permutations(range(5)))))
# expect: [('a', 1), ('a', 2), ('b', 1), ('b', 2)] [(0, 0), (0, 1), (1, 0), (1, 1)] [('a', 'b'), ('a', 'c'), ('b', 'a'), ('b', 'c'), ('c', 'a'), ('c', 'b')] [('a', 'b'), ('a', 'c'), ('b', 'c')] [('a', 'a'), ('a', 'b'), ('b', 'b')] 120
print(list(islice("abcdef", 1, 5, 2)), list(islice("abc", 2)), list(islice("abc", 1, None)), next(count(1.5, 0.5)), list(islice(count(10 ** 20), 2)), repr(count(3)), repr(repeat(1, 2)))
# expect: ['b', 'd'] ['a', 'b'] ['b', 'c'] 1.5 [100000000000000000000, 100000000000000000001] count(3) repeat(1, 2)
x, y = tee(iter(range(3)))
print(next(x), next(x), list(y), list(x))  # expect: 0 1 [0, 1, 2] [2]
z = zip([1, 2, 3], iter([4, 5]))
print(list(z), list(z))  # expect: [(1, 4), (2, 5)] []
m = map(str, [1, 2])
print(next(m), list(m), type(m), type(z), type(enumerate([])), type(reversed([])), type(iter({})), type(iter("")), type(iter(set())), type(iter(())), type(iter(range(0))), type(iter(b"")))
# expect: 1 ['2'] <class 'map'> <class 'zip'> <class 'enumerate'> <class 'list_reverseiterator'> <class 'dict_keyiterator'> <class 'str_ascii_iterator'> <class 'set_iterator'> <class 'tuple_iterator'> <class 'range_iterator'> <class 'bytes_iterator'>


def err(code):
    try:
        exec(code)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")


err("islice([], -1)")
# expect: ValueError: Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.
err("list(batched('abc', 0))")  # expect: ValueError: n must be at least one
err("list(batched('abc', 2, strict=True))")  # expect: ValueError: batched(): incomplete batch
err("product(5)")  # expect: TypeError: 'int' object is not iterable
err("combinations('ab', -1)")  # expect: ValueError: r must be non-negative
err("next(cycle([]))")  # expect: StopIteration: 
err("repeat()")  # expect: TypeError: repeat() missing required argument 'object' (pos 1)
for i in reversed(range(3)):
    print(i, end=" ")
# expect: 2 1 0 b a y
for i in reversed("ab"):
    print(i, end=" ")
for i in reversed({"x": 1, "y": 2}):
    print(i)
# expect: x


class Len:
    def __iter__(self):
        return iter([1, 2])

    def __length_hint__(self):
        return 10

    def __reversed__(self):
        return iter([2, 1])


import operator

print(list(Len()), operator.length_hint(Len()), list(reversed(Len())), operator.length_hint(5, 3) if False else "")
# expect: [1, 2] 10 [2, 1] 
d = {"a": 1}
it = iter(d)
d["b"] = 2
try:
    next(it)
except RuntimeError as error:
    print(error)
# expect: dictionary changed size during iteration


# Subclasses of native iterators take keywords if they have an __init__ of their own.
import itertools


def plain(cls, *args):
    try:
        type("Plain", (cls,), {})(*args, new=3)
    except TypeError as e:
        return str(e)


def with_init(cls, *args):
    class Own(cls):
        def __init__(self, *args, new=None):
            self.new = new

    own = Own(*args, new=3)
    return own.new, list(itertools.islice(own, 2))


for cls, *args in [
    (filter, None, [0, 1]),
    (map, str, [1]),
    (itertools.chain, [1]),
    (itertools.cycle, [1]),
    (itertools.dropwhile, bool, [1, 0]),
    (itertools.filterfalse, None, [0]),
    (itertools.islice, [1, 2], 1),
    (itertools.pairwise, [1, 2]),
    (itertools.starmap, pow, [(2, 3)]),
    (itertools.takewhile, bool, [1]),
]:
    print(plain(cls, *args).replace("got an unexpected keyword argument 'new'", "takes no keyword arguments"), with_init(cls, *args))
# expect: filter() takes no keyword arguments (3, [1])
# expect: map() takes no keyword arguments (3, ['1'])
# expect: chain() takes no keyword arguments (3, [1])
# expect: cycle() takes no keyword arguments (3, [1, 1])
# expect: dropwhile() takes no keyword arguments (3, [0])
# expect: filterfalse() takes no keyword arguments (3, [0])
# expect: islice() takes no keyword arguments (3, [1])
# expect: pairwise() takes no keyword arguments (3, [(1, 2)])
# expect: starmap() takes no keyword arguments (3, [8])
# expect: takewhile() takes no keyword arguments (3, [1])


# Iterators over what only has __getitem__ can be copied, pickled and moved.
import copy
import pickle


class Squares:
    def __getitem__(self, i):
        if i > 5:
            raise IndexError
        return i * i


it = iter(Squares())
print(next(it), next(it), list(copy.copy(it)), list(pickle.loads(pickle.dumps(it))))  # expect: 0 1 [4, 9, 16, 25] [4, 9, 16, 25]
it.__setstate__(4)
print(next(it), it.__reduce__()[2])  # expect: 16 5
it.__setstate__(-3)
print(list(it), it.__reduce__(), list(it))  # expect: [0, 1, 4, 9, 16, 25] (<built-in function iter>, ((),)) []
it.__setstate__(0)
print(list(it))  # expect: []
backwards = reversed([1])
print(list(backwards), backwards.__reduce__())  # expect: [1] (<class 'reversed'>, ([],))
