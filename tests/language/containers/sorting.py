# Sorting: stability, keys, mixed kinds, large inputs, errors that leave the list whole.
words = ["banana", "Apple", "cherry", "apple", "Banana"]
print(sorted(words), sorted(words, key=str.lower), sorted(words, key=len), sorted(words, key=lambda w: (len(w), w), reverse=True))
# expect: ['Apple', 'Banana', 'apple', 'banana', 'cherry'] ['Apple', 'apple', 'banana', 'Banana', 'cherry'] ['Apple', 'apple', 'banana', 'cherry', 'Banana'] ['cherry', 'banana', 'Banana', 'apple', 'Apple']
pairs = [(1, "b"), (0, "z"), (1, "a"), (0, "y")]
print(sorted(pairs), sorted(pairs, key=lambda p: p[0]), sorted(pairs, key=lambda p: p[0], reverse=True), sorted(pairs, key=lambda p: p[1]))
# expect: [(0, 'y'), (0, 'z'), (1, 'a'), (1, 'b')] [(0, 'z'), (0, 'y'), (1, 'b'), (1, 'a')] [(1, 'b'), (1, 'a'), (0, 'z'), (0, 'y')] [(1, 'a'), (1, 'b'), (0, 'y'), (0, 'z')]
print(sorted([3.5, 1, True, -2, 0.5]), sorted([[2], [1, 5], [1]]), sorted([(1, None), (0, 5)]), sorted({3, 1, 2}), sorted({"b": 1, "a": 2}))
# expect: [-2, 0.5, 1, True, 3.5] [[1], [1, 5], [2]] [(0, 5), (1, None)] [1, 2, 3] ['a', 'b']
print(sorted([10 ** 20, 5, -10 ** 20, 10 ** 19]), sorted("hello"), sorted([b"b", b"a"]), sorted([]), sorted(range(5), key=lambda x: -x))
# expect: [-100000000000000000000, 5, 10000000000000000000, 100000000000000000000] ['e', 'h', 'l', 'l', 'o'] [b'a', b'b'] [] [4, 3, 2, 1, 0]
state, big = 1, []
for _ in range(5000):
    state = (state * 1103515245 + 12345) % 2147483648
    big.append(state % 1000)
result = sorted(big)
print(all(a <= b for a, b in zip(result, result[1:])), sum(result) == sum(big), len(result), result[0], result[-1])
# expect: True True 5000 0 999
stable = sorted(range(len(big)), key=lambda i: big[i])
print(all(big[a] < big[b] or a < b for a, b in zip(stable, stable[1:])), stable[:3])  # expect: True [1102, 2054, 2942]
down = sorted(range(len(big)), key=lambda i: big[i], reverse=True)
print(all(big[a] > big[b] or a < b for a, b in zip(down, down[1:])), down[:3])  # expect: True [1489, 1801, 1969]
print(sorted(result) == result, sorted(result[::-1]) == result, sorted(result + result) == [x for x in result for _ in (0, 1)])
# expect: True True True


class Item:
    def __init__(self, n):
        self.n = n

    def __lt__(self, other):
        return self.n < other.n

    def __repr__(self):
        return f"I{self.n}"


print(sorted([Item(2), Item(1), Item(3)]), min([Item(5), Item(4)]), max([Item(5), Item(4)]), sorted([Item(2), Item(1)], reverse=True))
# expect: [I1, I2, I3] I4 I5 [I2, I1]
from functools import cmp_to_key

print(sorted([3, 1, 2], key=cmp_to_key(lambda a, b: b - a)))  # expect: [3, 2, 1]
import operator

print(sorted(pairs, key=operator.itemgetter(1)), sorted([Item(9), Item(8)], key=operator.attrgetter("n")), sorted(["b", "a"], key=operator.methodcaller("upper")))
# expect: [(1, 'a'), (1, 'b'), (0, 'y'), (0, 'z')] [I8, I9] ['a', 'b']
for bad in ([1, "a"], [None, 1], [1j, 2j], [{}, {}], [(1, "a"), (1, 2)]):
    try:
        bad.sort()
    except TypeError as error:
        print(error, len(bad))
# expect: '<' not supported between instances of 'str' and 'int' 2
# expect: '<' not supported between instances of 'int' and 'NoneType' 2
# expect: '<' not supported between instances of 'complex' and 'complex' 2
# expect: '<' not supported between instances of 'dict' and 'dict' 2
# expect: '<' not supported between instances of 'int' and 'str' 2


class Fails:
    def __init__(self, n):
        self.n = n

    def __lt__(self, other):
        if self.n == 5 or other.n == 5:
            raise RuntimeError("five")
        return self.n < other.n


items = [Fails(n) for n in (3, 1, 5, 2)]
try:
    items.sort()
except RuntimeError as error:
    print(error, sorted(i.n for i in items))
# expect: five [1, 2, 3, 5]
values = [3, 1, 2]
try:
    values.sort(key=lambda x: 1 / (x - 2))
except ZeroDivisionError:
    print(values)
# expect: [3, 1, 2]
nan = float("nan")
print(len(sorted([3, nan, 1, 2])), [1, 2, 3].sort(), sorted((2, 1)))  # expect: 4 None [1, 2]
import bisect
import heapq

print(bisect.bisect([1, 3, 5], 3), bisect.bisect_left([1, 3, 5], 3), bisect.insort(result, 500), len(result))
# expect: 2 1 None 5001
heap = [5, 3, 8, 1]
heapq.heapify(heap)
print([heapq.heappop(heap) for _ in range(4)], heapq.nlargest(2, [1, 5, 3]), heapq.nsmallest(2, "hello"), list(heapq.merge([1, 4], [2, 3])))
# expect: [1, 3, 5, 8] [5, 3] ['e', 'h'] [1, 2, 3, 4]
