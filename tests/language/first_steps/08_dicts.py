# Dicts and sets.
d = {"a": 1, "b": 2}
d["c"] = 3
del d["a"]
print(d, len(d), d["b"], d.get("z"), d.get("z", 0), "c" in d, list(d.keys()), list(d.values()), list(d.items()))
# expect: {'b': 2, 'c': 3} 2 2 None 0 True ['b', 'c'] [2, 3] [('b', 2), ('c', 3)]
for key, value in d.items():
    print(key, value)
# expect: b 2
# expect: c 3
print({k: k * 2 for k in range(3)}, {1, 1}, {x % 2 for x in range(5)}, {**d, "e": 5})
# expect: {0: 0, 1: 2, 2: 4} {1} {0, 1} {'b': 2, 'c': 3, 'e': 5}
