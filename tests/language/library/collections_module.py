# collections: deque, Counter, OrderedDict, defaultdict, ChainMap, UserDict.
from collections import ChainMap, Counter, OrderedDict, UserDict, UserList, UserString, defaultdict, deque

d = deque([1, 2, 3], maxlen=5)
d.append(4)
d.appendleft(0)
d.append(5)
print(d, d[0], d[-1], len(d), d.maxlen, d.pop(), d.popleft(), 3 in d, d.index(3), d.count(2))
# expect: deque([2, 3, 4], maxlen=5) 1 5 5 5 5 1 True 1 1
d.extend([7, 8])
d.extendleft([9])
d.rotate(2)
print(d, list(reversed(d)), deque("ab") + deque("c"), deque("ab") * 2, deque([1]) < deque([2]), d.copy() == d)
# expect: deque([4, 7, 9, 2, 3], maxlen=5) [3, 2, 9, 7, 4] deque(['a', 'b', 'c']) deque(['a', 'b', 'a', 'b']) True True
d.rotate(-1)
d.insert(1, "x") if len(d) < 5 else d.remove(d[2])
d.reverse()
del d[0]
d[0] = "first"
print(d, bool(deque()), deque([1, 2], 1), repr(deque(maxlen=2)))
# expect: deque(['first', 9, 7], maxlen=5) False deque([2], maxlen=1) deque([], maxlen=2)
d.clear()
for act in (d.pop, d.popleft, lambda: d[0], lambda: d.remove(1), lambda: deque(5), lambda: deque([], -1), lambda: deque([1, 2], 2).insert(0, 1)):
    try:
        act()
    except Exception as error:
        print(type(error).__name__, error)
# expect: IndexError pop from an empty deque
# expect: IndexError pop from an empty deque
# expect: IndexError deque index out of range
# expect: ValueError 1 is not in deque
# expect: TypeError 'int' object is not iterable
# expect: ValueError maxlen must be non-negative
# expect: IndexError deque already at its maximum size
m = deque([1, 2, 3])
try:
    for x in m:
        m.append(x)
except RuntimeError as error:
    print(error)
# expect: deque mutated during iteration
c = Counter("mississippi")
print(c, c["s"], c["z"], c.most_common(2), sorted(c.elements())[:4], c.total(), Counter(a=3) - Counter(a=1, b=2), Counter("ab") + Counter("bc"), Counter("aab") & Counter("ab"), Counter("a") | Counter("b"), +Counter(a=-1, b=1))
# expect: Counter({'i': 4, 's': 4, 'p': 2, 'm': 1}) 4 0 [('i', 4), ('s', 4)] ['i', 'i', 'i', 'i'] 11 Counter({'a': 2}) Counter({'b': 2, 'a': 1, 'c': 1}) Counter({'a': 1, 'b': 1}) Counter({'a': 1, 'b': 1}) Counter({'b': 1})
c.update("sss")
c.subtract({"i": 10})
print(c, Counter({"a": 1}) == Counter("a"), dict(Counter([1, 1, 2])), Counter("ab") <= Counter("aab"))
# expect: Counter({'s': 7, 'p': 2, 'm': 1, 'i': -6}) True {1: 2, 2: 1} True
o = OrderedDict([("a", 1), ("b", 2), ("c", 3)])
o.move_to_end("a")
o.move_to_end("c", last=False)
print(o, o.popitem(), o.popitem(last=False), list(o), OrderedDict(a=1, b=2) == OrderedDict(b=2, a=1), OrderedDict(a=1) == {"a": 1}, list(reversed(OrderedDict(a=1, b=2))))
# expect: OrderedDict({'b': 2}) ('a', 1) ('c', 3) ['b'] False True ['b', 'a']
dd = defaultdict(list)
dd["x"].append(1)
dd["y"]
print(dd, dd.default_factory, dd.get("z"), "z" in dd, defaultdict(int, a=1), defaultdict(lambda: "d")["k"], dd.copy())
# expect: defaultdict(<class 'list'>, {'x': [1], 'y': []}) <class 'list'> None False defaultdict(<class 'int'>, {'a': 1}) d defaultdict(<class 'list'>, {'x': [1], 'y': []})
try:
    defaultdict()["k"]
except KeyError as error:
    print("KeyError", error)
# expect: KeyError 'k'
chain = ChainMap({"a": 1}, {"a": 2, "b": 3})
print(chain["a"], chain["b"], dict(chain), chain.maps, chain.new_child({"b": 9})["b"], chain.parents, len(chain))
# expect: 1 3 {'a': 1, 'b': 3} [{'a': 1}, {'a': 2, 'b': 3}] 9 ChainMap({'a': 2, 'b': 3}) 2


class Upper(UserDict):
    def __setitem__(self, key, value):
        super().__setitem__(key.upper(), value)


print(Upper(a=1), UserList([1, 2])[::-1], UserString("ab").upper() + "c")  # expect: {'A': 1} [2, 1] ABc


# Comparing OrderedDicts while a key's __eq__ changes one of them.
def changed(change):
    compared = []

    class Key:
        def __hash__(self):
            return 1

        def __eq__(self, other):
            # The first comparison is that of the dicts' entries, the second that of their order.
            compared.append(other)
            if len(compared) == 2:
                change(left)
            return True

    left, right = (OrderedDict.fromkeys([0, Key(), 2]) for _ in range(2))
    try:
        return left == right
    except RuntimeError as e:
        return str(e)


print(changed(lambda left: left.clear()))  # expect: OrderedDict mutated during iteration
print(changed(lambda left: left.move_to_end(0)))  # expect: OrderedDict mutated during iteration
print(changed(lambda left: left.update({0: "value"})))  # expect: True


class Missing(OrderedDict):
    def __missing__(self, key):
        return "missing"


def popped(d, key):
    try:
        return d.pop(key)
    except KeyError as e:
        return e.args


print(Missing()["a"], popped(Missing(), "a"), popped(Missing(a=1), "a"))  # expect: missing ('a',) 1
