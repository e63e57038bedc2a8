# Dicts: order, methods, views, merging, mutation during iteration, key kinds.
d = {"b": 1, "a": 2}
d["c"] = 3
d["b"] = 10
print(d, len(d), list(d), list(d.values()), list(d.items()), d.keys(), d.values(), d.items())
# expect: {'b': 10, 'a': 2, 'c': 3} 3 ['b', 'a', 'c'] [10, 2, 3] [('b', 10), ('a', 2), ('c', 3)] dict_keys(['b', 'a', 'c']) dict_values([10, 2, 3]) dict_items([('b', 10), ('a', 2), ('c', 3)])
del d["b"]
d["b"] = 4
print(d, d.get("a"), d.get("z"), d.get("z", 5), d.pop("a"), d.pop("z", None), d.setdefault("n", 7), d.setdefault("n", 8), d)
# expect: {'c': 3, 'b': 4, 'n': 7} 2 None 5 2 None 7 7 {'c': 3, 'b': 4, 'n': 7}
print(d.popitem(), d, "c" in d, "z" not in d, 3 in d.values(), ("c", 3) in d.items(), d.copy() == d, d.copy() is d)
# expect: ('n', 7) {'c': 3, 'b': 4} True True True True True False
d.update({"x": 1}, y=2)
d.update([("z", 3), ["w", 4]])
d.update(v=5)
print(d, dict(a=1, **{"b": 2}), dict([("k", 1)]), dict({"a": 1}, b=2), dict(zip("ab", [1, 2])), {**{"a": 1}, "a": 2}, dict())
# expect: {'c': 3, 'b': 4, 'x': 1, 'y': 2, 'z': 3, 'w': 4, 'v': 5} {'a': 1, 'b': 2} {'k': 1} {'a': 1, 'b': 2} {'a': 1, 'b': 2} {'a': 2} {}
print({"a": 1} | {"b": 2, "a": 3}, {"a": 1} == {"a": 1.0}, {"a": 1, "b": 2} == {"b": 2, "a": 1}, {1: "a"} != {1: "b"}, {} == {})
# expect: {'a': 3, 'b': 2} True True True True
e = {"a": 1}
e |= {"b": 2}
e |= [("c", 3)]
print(e, dict.fromkeys("ab"), dict.fromkeys([1, 2], 0), list(reversed(e)), list(reversed(e.values())), list(reversed(e.items())))
# expect: {'a': 1, 'b': 2, 'c': 3} {'a': None, 'b': None} {1: 0, 2: 0} ['c', 'b', 'a'] [3, 2, 1] [('c', 3), ('b', 2), ('a', 1)]
print({1: "int", 1.0: "float", True: "bool"}, {None: 1, (1, 2): 2, frozenset([1]): 3, "": 4, 1.5: 5, b"b": 6}, {0: "a", -0.0: "b", False: "c"})
# expect: {1: 'bool'} {None: 1, (1, 2): 2, frozenset({1}): 3, '': 4, 1.5: 5, b'b': 6} {0: 'c'}
print(e.keys() & {"a", "z"}, sorted(e.keys() | {"z"}), sorted(e.keys() - {"a"}), sorted(e.keys() ^ {"a", "q"}), e.keys() == {"a", "b", "c"}, e.items() >= {("a", 1)}, e.keys().isdisjoint("xyz"))
# expect: {'a'} ['a', 'b', 'c', 'z'] ['b', 'c'] ['b', 'c', 'q'] True True True
view = e.keys()
e["new"] = 1
print(view, len(view), "new" in view, view.mapping["a"], type(view.mapping))
# expect: dict_keys(['a', 'b', 'c', 'new']) 4 True 1 <class 'mappingproxy'>
e.clear()
print(e, view, bool(e))  # expect: {} dict_keys([]) False
nan = float("nan")
n = {nan: 1}
print(n[nan], {10 ** 20: "big"}[10 ** 20], {"a" * 3: 1}["aaa"], {2 ** 53: 1}[float(2 ** 53)])
# expect: 1 big 1 1


class Same:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return 7

    def __eq__(self, other):
        return isinstance(other, Same) and self.n == other.n

    def __repr__(self):
        return f"S{self.n}"


collide = {Same(i): i for i in range(20)}
print(len(collide), collide[Same(13)], Same(99) in collide, collide.pop(Same(0)), len(collide), list(collide)[:3], collide.get(Same(0)))
# expect: 20 13 False 0 19 [S1, S2, S3] None
big = {i: str(i) for i in range(1000)}
for i in range(0, 1000, 2):
    del big[i]
for i in range(1000, 1100):
    big[i] = "new"
print(len(big), list(big)[:3], list(big)[-2:], big[501], sum(big), 500 in big)
# expect: 600 [1, 3, 5] [1098, 1099] 501 354950 False


def err(code):
    try:
        exec(code)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
    else:
        print("no error:", code)


err("{}['a']")  # expect: KeyError: 'a'
err("{}[1, 2]")  # expect: KeyError: (1, 2)
err("del {}['a']")  # expect: KeyError: 'a'
err("{}.pop('a')")  # expect: KeyError: 'a'
err("{}.popitem()")  # expect: KeyError: 'popitem(): dictionary is empty'
err("for k in big: big[-k] = 1")  # expect: RuntimeError: dictionary changed size during iteration
err("for k in big: del big[k]")  # expect: RuntimeError: dictionary changed size during iteration
err("for k, v in big.items(): big.clear()")  # expect: RuntimeError: dictionary changed size during iteration
err("{} < {}")  # expect: TypeError: '<' not supported between instances of 'dict' and 'dict'
err("{} + {}")  # expect: TypeError: unsupported operand type(s) for +: 'dict' and 'dict'
err("{} | 5")  # expect: TypeError: unsupported operand type(s) for |: 'dict' and 'int'
err("dict([(1,)])")  # expect: ValueError: dictionary update sequence element #0 has length 1; 2 is required
err("dict(5)")  # expect: TypeError: 'int' object is not iterable
err("{}.update([1])")  # expect: TypeError: object is not iterable
err("dict.fromkeys(5)")  # expect: TypeError: 'int' object is not iterable
err("{'a': 1}.a")  # expect: AttributeError: 'dict' object has no attribute 'a'
err("dict(**{1: 2})")  # expect: TypeError: keywords must be strings
err("hash({})")  # expect: TypeError: unhashable type: 'dict'


class Missing(dict):
    def __missing__(self, key):
        return f"no {key}"


miss = Missing(a=1)
print(miss["a"], miss["b"], miss.get("b"), "b" in miss, miss, type(miss.copy()), Missing.fromkeys("a"))
# expect: 1 no b None False {'a': 1} <class 'dict'> {'a': None}
it = iter({"a": 1, "b": 2})
print(next(it), it.__length_hint__(), list(it))  # expect: a 1 ['b']
for k in list(d):
    if k in "xyz":
        del d[k]
print(d, next(iter(d)), min({"b": 1, "a": 2}), sorted({"b": 1, "a": 2}.items(), key=lambda kv: kv[1]), max({"a": 3, "b": 2}, key={"a": 3, "b": 2}.get))
# expect: {'c': 3, 'b': 4, 'w': 4, 'v': 5} c a [('b', 1), ('a', 2)] a


class Tricky:
    def __hash__(self):
        return 1

    def __eq__(self, other):
        raise ValueError("eq")


try:
    {Tricky(): 1, 1: 2}
except ValueError as error:
    print(error)
# expect: eq
nested = {"a": {"b": {"c": [1, {"d": 2}]}}}
print(nested["a"]["b"]["c"][1]["d"], nested)  # expect: 2 {'a': {'b': {'c': [1, {'d': 2}]}}}
nested["a"]["b"]["c"][1]["d"] += 5
print(nested)  # expect: {'a': {'b': {'c': [1, {'d': 7}]}}}
