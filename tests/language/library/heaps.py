# Heaps of items that are compared without Python code, with it, and of both.
import heapq


class Item:
    def __init__(self, number):
        self.number = number

    def __lt__(self, other):
        return self.number < other.number

    def __repr__(self):
        return f"I{self.number}"


def numbers(count):
    state = 7
    for _ in range(count):
        state = state * 1103515245 % 2147483648 + 12345
        yield state >> 8 & 63


def check(heap):
    return all(not heap[i] < heap[(i - 1) // 2] for i in range(1, len(heap)))


for make in (int, float, str, lambda n: (n % 5, n), lambda n: (n % 3, Item(n)), Item):
    heap, sound = [], True
    for n in numbers(60):
        heapq.heappush(heap, make(n))
        sound = sound and check(heap)
    some = [heapq.heappop(heap) for _ in range(25)]
    sound = sound and check(heap) and len(heap) == 35
    heapq.heappush(heap, some[0])
    while heap:
        some.append(heapq.heappop(heap))
        sound = sound and check(heap)
    print(sound, len(some), some[:3], some[-1])
# expect: True 61 [0, 0, 3] 62
# expect: True 61 [0.0, 0.0, 3.0] 62.0
# expect: True 61 ['0', '0', '10'] 9
# expect: True 61 [(0, 0), (0, 0), (0, 10)] (4, 49)
# expect: True 61 [(0, I0), (0, I0), (0, I3)] (2, I62)
# expect: True 61 [I0, I0, I3] I62

one = [5]
print(heapq.heappop(one), one)  # expect: 5 []
try:
    heapq.heappop(one)
except IndexError as error:
    print(error)
# expect: index out of range
mixed = [1, 2]
try:
    heapq.heappush(mixed, "a")
except TypeError as error:
    print(error, mixed[:2])
# expect: '<' not supported between instances of 'str' and 'int' [1, 2]
nan = float("nan")
odd = [1.0, 3.0]
heapq.heappush(odd, nan)
heapq.heappush(odd, 0.5)
print(odd, heapq.heappop(odd), odd)  # expect: [nan, 1.0, 3.0] 0.5 [nan, 1.0, 3.0]
shared = object()
pairs = [(2, "b")]
heapq.heappush(pairs, (1, shared))
print(heapq.heappop(pairs)[1] is shared, pairs)  # expect: True [(2, 'b')]
