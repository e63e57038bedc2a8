"""Native functions at warm call sites: by the number of arguments, bound, and when the callable there changes."""


def outcome(f, *args, **keywords):
    try:
        return f(*args, **keywords)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def warm(body):
    results = [outcome(body, i) for i in range(300)]
    return results[0], results[150], results[-1]


d = {"a": 1}
print(warm(lambda i: (d.get("a"), d.get("b"), d.get("b", i % 2))))  # expect: ((1, None, 0), (1, None, 0), (1, None, 1))
print(warm(lambda i: d.get()))
# expect: ('TypeError: get expected at least 1 argument, got 0', 'TypeError: get expected at least 1 argument, got 0', 'TypeError: get expected at least 1 argument, got 0')
print(warm(lambda i: d.get(1, 2, 3)))
# expect: ('TypeError: get expected at most 2 arguments, got 3', 'TypeError: get expected at most 2 arguments, got 3', 'TypeError: get expected at most 2 arguments, got 3')
print(warm(lambda i: d.get("a", default=3)))
# expect: ('TypeError: dict.get() takes no keyword arguments', 'TypeError: dict.get() takes no keyword arguments', 'TypeError: dict.get() takes no keyword arguments')
print(warm(lambda i: (d.setdefault("a"), d.setdefault("c", 3), d.pop("c"), d.pop("c", None))))
# expect: ((1, 3, 3, None), (1, 3, 3, None), (1, 3, 3, None))
print(warm(lambda i: d.pop("nothing")))  # expect: ("KeyError: 'nothing'", "KeyError: 'nothing'", "KeyError: 'nothing'")
print(warm(lambda i: d.get([])))
# expect: ("TypeError: cannot use 'list' as a dict key (unhashable type: 'list')", "TypeError: cannot use 'list' as a dict key (unhashable type: 'list')", "TypeError: cannot use 'list' as a dict key (unhashable type: 'list')")
print(warm(lambda i: dict.get(5, "a")))
# expect: ("TypeError: descriptor 'get' for 'dict' objects doesn't apply to a 'int' object", "TypeError: descriptor 'get' for 'dict' objects doesn't apply to a 'int' object", "TypeError: descriptor 'get' for 'dict' objects doesn't apply to a 'int' object")
print(warm(lambda i: dict.get()))
# expect: ('TypeError: unbound method dict.get() needs an argument', 'TypeError: unbound method dict.get() needs an argument', 'TypeError: unbound method dict.get() needs an argument')
print(warm(lambda i: ([1, 2].pop(), [1, 2].pop(0))))  # expect: ((2, 1), (2, 1), (2, 1))
print(warm(lambda i: [].pop()))
# expect: ('IndexError: pop from empty list', 'IndexError: pop from empty list', 'IndexError: pop from empty list')
print(warm(lambda i: [1].pop(1)))
# expect: ('IndexError: pop index out of range', 'IndexError: pop index out of range', 'IndexError: pop index out of range')
print(warm(lambda i: [1].pop(1, 2)))
# expect: ('TypeError: pop expected at most 1 argument, got 2', 'TypeError: pop expected at most 1 argument, got 2', 'TypeError: pop expected at most 1 argument, got 2')
print(warm(lambda i: [1].pop("x")))
# expect: ("TypeError: 'str' object cannot be interpreted as an integer", "TypeError: 'str' object cannot be interpreted as an integer", "TypeError: 'str' object cannot be interpreted as an integer")

# Bound methods kept in names.
items = []
append, pop = items.append, items.pop
print(warm(lambda i: (append(i), pop(), len(items))))  # expect: ((None, 0, 0), (None, 150, 0), (None, 299, 0))
print(warm(lambda i: append()))
# expect: ('TypeError: list.append() takes exactly one argument (0 given)', 'TypeError: list.append() takes exactly one argument (0 given)', 'TypeError: list.append() takes exactly one argument (0 given)')
print(warm(lambda i: append(1, 2)))
# expect: ('TypeError: list.append() takes exactly one argument (2 given)', 'TypeError: list.append() takes exactly one argument (2 given)', 'TypeError: list.append() takes exactly one argument (2 given)')
get = d.get
print(warm(lambda i: (get("a"), get("z", i % 3))))  # expect: ((1, 0), (1, 0), (1, 2))
find, joined, starts = "abcabc".find, "-".join, "abc".startswith
print(warm(lambda i: (find("c"), find("c", 3), joined(["x", "y"]), starts("ab"), starts(("x", "a")))))
# expect: ((2, 5, 'x-y', True, True), (2, 5, 'x-y', True, True), (2, 5, 'x-y', True, True))
print(warm(lambda i: find()))
# expect: ('TypeError: find expected at least 1 argument, got 0', 'TypeError: find expected at least 1 argument, got 0', 'TypeError: find expected at least 1 argument, got 0')
print(warm(lambda i: find(1)))
# expect: ('TypeError: find() argument 1 must be str, not int', 'TypeError: find() argument 1 must be str, not int', 'TypeError: find() argument 1 must be str, not int')
print(warm(lambda i: (5).bit_length()))  # expect: (3, 3, 3)
bits = (255).bit_length
print(warm(lambda i: bits()))  # expect: (8, 8, 8)


def call(f, x):
    return f(x)


# One site that sees a bound method, functions, another object's method, the descriptor with and without an object.
def mixed(i):
    other = []
    for f in (items.append, len, other.append, str, items.count, lambda x: x):
        last = outcome(call, f, "x")
    return len(items), other, last


for i in range(200):
    mixed(i)
print(mixed(0))  # expect: (201, ['x'], 'x')
items.clear()
for f in (list.append, dict.get, str.find):
    print([outcome(call, f, items) for _ in range(3)][-1])
# expect: TypeError: list.append() takes exactly one argument (0 given)
# expect: TypeError: descriptor 'get' for 'dict' objects doesn't apply to a 'list' object
# expect: TypeError: descriptor 'find' for 'str' objects doesn't apply to a 'list' object
print(items)  # expect: []

print(warm(lambda i: (max(1, 2), max(2.5, 1), min("a", "b"), max(1, 1.0), min(1.0, 1), max([3, 4]), min(5, 2, 9))))
# expect: ((2, 2.5, 'a', 1, 1.0, 4, 2), (2, 2.5, 'a', 1, 1.0, 4, 2), (2, 2.5, 'a', 1, 1.0, 4, 2))
print(warm(lambda i: max(1, "a")))
# expect: ("TypeError: '>' not supported between instances of 'str' and 'int'", "TypeError: '>' not supported between instances of 'str' and 'int'", "TypeError: '>' not supported between instances of 'str' and 'int'")
print(warm(lambda i: max(1)))
# expect: ("TypeError: 'int' object is not iterable", "TypeError: 'int' object is not iterable", "TypeError: 'int' object is not iterable")
print(warm(lambda i: max(key=3)))
# expect: ('TypeError: max expected at least 1 argument, got 0', 'TypeError: max expected at least 1 argument, got 0', 'TypeError: max expected at least 1 argument, got 0')
print(warm(lambda i: max(1, 2, default=3)))
# expect: ('TypeError: Cannot specify a default for max() with multiple positional arguments', 'TypeError: Cannot specify a default for max() with multiple positional arguments', 'TypeError: Cannot specify a default for max() with multiple positional arguments')
print(warm(lambda i: (max(-3, 2, key=abs), max([], default=7))))  # expect: ((-3, 7), (-3, 7), (-3, 7))
print(warm(lambda i: (next(iter([i])) == i, next(iter([]), "end"))))
# expect: ((True, 'end'), (True, 'end'), (True, 'end'))
print(warm(lambda i: next(iter([]))))  # expect: ('StopIteration: ', 'StopIteration: ', 'StopIteration: ')
print(warm(lambda i: next([])))
# expect: ("TypeError: 'list' object is not an iterator", "TypeError: 'list' object is not an iterator", "TypeError: 'list' object is not an iterator")
print(warm(lambda i: next()))
# expect: ('TypeError: next expected at least 1 argument, got 0', 'TypeError: next expected at least 1 argument, got 0', 'TypeError: next expected at least 1 argument, got 0')
print(warm(lambda i: iter()))
# expect: ('TypeError: iter expected at least 1 argument, got 0', 'TypeError: iter expected at least 1 argument, got 0', 'TypeError: iter expected at least 1 argument, got 0')
print(warm(lambda i: iter(1)))
# expect: ("TypeError: 'int' object is not iterable", "TypeError: 'int' object is not iterable", "TypeError: 'int' object is not iterable")
print(warm(lambda i: list(iter([1, 2, 0].pop, 1))))  # expect: ([0, 2], [0, 2], [0, 2])
print(warm(lambda i: iter(1, 2)))
# expect: ('TypeError: iter(v, w): v must be callable', 'TypeError: iter(v, w): v must be callable', 'TypeError: iter(v, w): v must be callable')
print(warm(lambda i: (getattr(i, "real") == i, getattr(i, "nothing", "default"))))
# expect: ((True, 'default'), (True, 'default'), (True, 'default'))
print(warm(lambda i: getattr(None, "nothing")))
# expect: ("AttributeError: 'NoneType' object has no attribute 'nothing'", "AttributeError: 'NoneType' object has no attribute 'nothing'", "AttributeError: 'NoneType' object has no attribute 'nothing'")
print(warm(lambda i: getattr(i)))
# expect: ('TypeError: getattr expected at least 2 arguments, got 1', 'TypeError: getattr expected at least 2 arguments, got 1', 'TypeError: getattr expected at least 2 arguments, got 1')
print(warm(lambda i: getattr(i, 5)))
# expect: ("TypeError: attribute name must be string, not 'int'", "TypeError: attribute name must be string, not 'int'", "TypeError: attribute name must be string, not 'int'")
print(warm(lambda i: ("abcabc".rfind("b"), "abc".index("c"), "abcb".rindex("b"), "aXbXc".count("X"), "é€b".find("€"))))
# expect: ((4, 2, 3, 2, 1), (4, 2, 3, 2, 1), (4, 2, 3, 2, 1))
print(warm(lambda i: "abc".index("z")))
# expect: ('ValueError: substring not found', 'ValueError: substring not found', 'ValueError: substring not found')
print(warm(lambda i: ("abc".endswith("bc"), "abc".endswith(("x", "c")), "abc".startswith("b", 1), "é".startswith("é"))))
# expect: ((True, True, True, True), (True, True, True, True), (True, True, True, True))
print(warm(lambda i: "abc".startswith(1)))
# expect: ('TypeError: startswith first arg must be str or a tuple of str, not int', 'TypeError: startswith first arg must be str or a tuple of str, not int', 'TypeError: startswith first arg must be str or a tuple of str, not int')
print(warm(lambda i: "abc".startswith(("a", 1)) and "abc".startswith(("x", 1))))
# expect: ('TypeError: tuple for startswith must only contain str, not int', 'TypeError: tuple for startswith must only contain str, not int', 'TypeError: tuple for startswith must only contain str, not int')
print(warm(lambda i: "abc".count()))
# expect: ('TypeError: count expected at least 1 argument, got 0', 'TypeError: count expected at least 1 argument, got 0', 'TypeError: count expected at least 1 argument, got 0')
print(warm(lambda i: "abc".count("a", 1, 2, 3)))
# expect: ('TypeError: count expected at most 3 arguments, got 4', 'TypeError: count expected at most 3 arguments, got 4', 'TypeError: count expected at most 3 arguments, got 4')


# Displays of constants and of names.
def displays(i):
    a = [1, 2, 3]
    a.append(i % 2)
    b = [*"abc", *(1, 2)]
    c = {"a": 1, "b": i % 2, "a": 3}
    d = {"x": 1, 5: 2, "x": 4, (1, 2): 3, 5.0: 9}
    return a, [*(7, 8, 9)], [*"xyz"], b, c, list(d.items())


print(warm(displays))
# expect: (([1, 2, 3, 0], [7, 8, 9], ['x', 'y', 'z'], ['a', 'b', 'c', 1, 2], {'a': 3, 'b': 0}, [('x', 4), (5, 9), ((1, 2), 3)]), ([1, 2, 3, 0], [7, 8, 9], ['x', 'y', 'z'], ['a', 'b', 'c', 1, 2], {'a': 3, 'b': 0}, [('x', 4), (5, 9), ((1, 2), 3)]), ([1, 2, 3, 1], [7, 8, 9], ['x', 'y', 'z'], ['a', 'b', 'c', 1, 2], {'a': 3, 'b': 1}, [('x', 4), (5, 9), ((1, 2), 3)]))
print(warm(lambda i: {"a": 1, []: 2}))
# expect: ("TypeError: cannot use 'list' as a dict key (unhashable type: 'list')", "TypeError: cannot use 'list' as a dict key (unhashable type: 'list')", "TypeError: cannot use 'list' as a dict key (unhashable type: 'list')")


class Claims:
    @property
    def __class__(self):
        return int


class Plain:
    pass


class Sub(Plain):
    pass


class Base:
    pass


class Late(Base):
    pass


late = Late()
print([(isinstance(Claims(), int), isinstance(Plain(), Sub), isinstance(Sub(), Plain)) for _ in range(200)][-1])
# expect: (True, False, True)
print([isinstance(late, int) for _ in range(200)][-1])  # expect: False
Late.__bases__ = (Claims,)
print(isinstance(late, int), isinstance(late, (str, bytes)), isinstance(late, Plain))  # expect: True False False

t = (1, (2, "x"), 3.5)
print(hash(t) == hash((1, (2, "x"), 3.5)), {t: 1}[(1, (2, "x"), 3.5)], hash(()) == hash(tuple([])))
# expect: True 1 True
print(outcome(hash, (1, [])), outcome(hash, (1, [])))
# expect: TypeError: unhashable type: 'list' TypeError: unhashable type: 'list'
