# functools.lru_cache drops the entry used least recently: on one thread, and on threads that follow each other.
import functools
import threading


def make(size):
    calls = []

    @functools.lru_cache(maxsize=size)
    def f(x):
        calls.append(x)
        return [x]

    return f, calls


f, calls = make(3)
for x in "abcadbeace":
    f(x)
print("".join(calls), f.cache_info())  # expect: abcdbeac CacheInfo(hits=2, misses=8, maxsize=3, currsize=3)
f.cache_clear()
print(f.cache_info(), f("a") is f("a"), f.cache_info())
# expect: CacheInfo(hits=0, misses=0, maxsize=3, currsize=0) True CacheInfo(hits=1, misses=1, maxsize=3, currsize=1)

f, calls = make(1)
for x in "aabba":
    f(x)
print("".join(calls), f.cache_info())  # expect: aba CacheInfo(hits=2, misses=3, maxsize=1, currsize=1)

f, calls = make(100)
for _ in range(3):
    for x in range(100):
        f(x)
f(0)
f(100)
f(0)
f(1)
print(len(calls), calls[-2:], f.cache_info())
# expect: 102 [100, 1] CacheInfo(hits=202, misses=102, maxsize=100, currsize=100)


def on_thread(*keys):
    def body():
        for key in keys:
            f(key)

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()


f, calls = make(3)
on_thread("a", "b", "c")
f("b")
on_thread("a")
on_thread("c", "b")
# Least recently used first: a, c, b.
f("d")
on_thread("c", "b", "d")
f("a")
print("".join(calls), f.cache_info())  # expect: abcda CacheInfo(hits=7, misses=5, maxsize=3, currsize=3)
# The same with more uses than are noted before they are applied.
f, calls = make(3)
for x in "abc":
    f(x)
for n in range(500):
    f("ab"[n % 2])
    on_thread("c") if n % 100 == 0 else None
on_thread("a")
f("b")
on_thread("d")
f("a")
f("b")
print("".join(calls), f.cache_info())  # expect: abcd CacheInfo(hits=509, misses=4, maxsize=3, currsize=3)


@functools.lru_cache(maxsize=2)
def deep(n):
    return n if n < 2 else deep(n - 1) + deep(n - 2)


print(deep(15), deep.cache_info())  # expect: 610 CacheInfo(hits=68, misses=329, maxsize=2, currsize=2)


class Key:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return 1

    def __eq__(self, other):
        return self.n == other.n


f, calls = make(2)
for n in (1, 2, 1, 3, 2):
    f(Key(n))
print([key.n for key in calls], f.cache_info())
# expect: [1, 2, 3, 2] CacheInfo(hits=1, misses=4, maxsize=2, currsize=2)
