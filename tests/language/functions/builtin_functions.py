# The builtin functions that are not covered elsewhere.
print(abs(-3), all([1, 2]), all([]), any([0, 1]), any([]), bin(5), bool([]), bool("a"), chr(65), divmod(7, 3))
# expect: 3 True True True False 0b101 False True A (2, 1)
print(list(enumerate("ab")), list(enumerate("ab", 5)), list(filter(None, [0, 1, "", 2])), list(filter(lambda x: x > 1, [1, 2, 3])))
# expect: [(0, 'a'), (1, 'b')] [(5, 'a'), (6, 'b')] [1, 2] [2, 3]
print(list(map(lambda a, b: a + b, [1, 2, 3], [10, 20])), list(zip("abc", [1, 2])), list(zip()), list(zip("ab", strict=True)), [*zip(*[(1, 2), (3, 4)])])
# expect: [11, 22] [('a', 1), ('b', 2)] [] [('a',), ('b',)] [(1, 3), (2, 4)]
print(min(3, 1, 2), max("abc"), min([4, 2], key=lambda x: -x), max([], default=None), sum([1, 2, 3]), sum([[1], [2]], []), round(2.567, 1))
# expect: 1 c 4 None 6 [1, 2] 2.6
print(sorted([3, 1, 2]), sorted("bca", reverse=True), sorted(["bb", "a"], key=len), list(reversed([1, 2, 3])), reversed([]).__length_hint__())
# expect: [1, 2, 3] ['c', 'b', 'a'] ['a', 'bb'] [3, 2, 1] 0
print(isinstance(1, int), isinstance(1, (str, int)), isinstance(1, int | str), issubclass(bool, int), issubclass(int, (str, object)), isinstance(None, type(None)))
# expect: True True True True True True
print(hasattr([], "append"), hasattr([], "nope"), getattr([], "nope", 5), getattr("a", "upper")(), callable(len), id(None) == id(None))
# expect: True False 5 A True True
print(type(1), type("a").__name__, type(None), type(type), type(len), type(lambda: 0), type(...), type(NotImplemented), type(print))
# expect: <class 'int'> str <class 'NoneType'> <class 'type'> <class 'builtin_function_or_method'> <class 'function'> <class 'ellipsis'> <class 'NotImplementedType'> <class 'builtin_function_or_method'>
print(ord("a"), hex(255), oct(8), hash("a") == hash("a"), pow(2, 3), pow(2, 3, 5), repr("a"), ascii("\u00e9"), format(3.14159, ".2f"))
# expect: 97 0xff 0o10 True 8 3 'a' '\xe9' 3.14
print(list(range(5)), list(range(2, 8, 3)), list(range(5, 0, -2)), range(3), range(1, 10, 2), len(range(0, 100, 7)), range(10)[3], range(10)[2:5], 5 in range(10), range(0) == range(1, 1))
# expect: [0, 1, 2, 3, 4] [2, 5] [5, 3, 1] range(0, 3) range(1, 10, 2) 15 3 range(2, 5) True True
print(range(10).index(4), range(10).count(3), range(0, 10, 3)[-1], list(reversed(range(4))), range(5) == range(0, 5, 1), hash(range(3)) == hash(range(0, 3)), 4.0 in range(5), "a" in range(3))
# expect: 4 1 9 [3, 2, 1, 0] True True True False
print(iter([1]).__class__.__name__, next(iter([1])), next(iter([]), "default"), list(iter(lambda it=iter([1, 2, 0, 3]): next(it), 0)))
# expect: list_iterator 1 default [1, 2]
print(slice(1, 2), slice(5).indices(3), slice(None, None, -1).indices(4), slice(1, 2) == slice(1, 2), slice(1, 10, 2).stop)
# expect: slice(1, 2, None) (0, 3, 1) (3, -1, -1) True 10
print(vars(type("T", (), {"a": 1})())== {}, dir(type("T", (), {"a": 1}))[-1], sorted(vars(type("T", (), {"a": 1})))[-1], len(dir(int)) > 50)
# expect: True a a True
print(eval("1 + 2"), eval("x", {"x": 5}), exec("y = 1"), y, compile("1 + 1", "f", "eval").co_filename, eval(compile("3 * 3", "f", "eval")))
# expect: 3 5 None 1 f 9
print(bytes(2), bytearray(b"a"), complex(1, 2), frozenset([1]), dict(a=1), set(), tuple("ab"), list("ab"), str(5), float("1.5"), int("7"), object.__name__)
# expect: b'\x00\x00' bytearray(b'a') (1+2j) frozenset({1}) {'a': 1} set() ('a', 'b') ['a', 'b'] 5 1.5 7 object
print("a", "b", sep="", end="!\n")  # expect: ab!
print("x", "y", sep=" - ")  # expect: x - y
print(*[1, 2, 3], sep="\n")
# expect: 1
# expect: 2
# expect: 3
print()
# expect:
print(None, True, [None, "a", 1.5], {"k": (1,)}, (1,), (), ..., NotImplemented)
# expect: None True [None, 'a', 1.5] {'k': (1,)} (1,) () Ellipsis NotImplemented
setattr(print.__class__, "x", 1) if False else None


class Box:
    pass


box = Box()
setattr(box, "a", 1)
print(box.a, vars(box), delattr(box, "a"), vars(box))  # expect: 1 {} None {}


def err(code):
    try:
        eval(code)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
    else:
        print("no error:", code)


err("next(iter([]))")  # expect: StopIteration: 
err("next(5)")  # expect: TypeError: 'int' object is not an iterator
err("iter(5)")  # expect: TypeError: 'int' object is not iterable
err("len(5)")  # expect: TypeError: object of type 'int' has no len()
err("list(zip([1], [1, 2], strict=True))")  # expect: ValueError: zip() argument 2 is longer than argument 1
err("list(zip([1, 2], [1], strict=True))")  # expect: ValueError: zip() argument 2 is shorter than argument 1
err("list(map(lambda a: a, [1], [2]))")  # expect: TypeError: <lambda>() takes 1 positional argument but 2 were given
err("min([])")  # expect: ValueError: min() iterable argument is empty
err("max(1)")  # expect: TypeError: 'int' object is not iterable
err("sum(['a'])")  # expect: TypeError: unsupported operand type(s) for +: 'int' and 'str'
err("sum('a', '')")  # expect: TypeError: sum() can't sum strings [use ''.join(seq) instead]
err("isinstance(1, 5)")  # expect: TypeError: isinstance() arg 2 must be a type, a tuple of types, or a union
err("issubclass(1, int)")  # expect: TypeError: issubclass() arg 1 must be a class
err("getattr([], 'nope')")  # expect: AttributeError: 'list' object has no attribute 'nope'
err("getattr([], 5)")  # expect: TypeError: attribute name must be string, not 'int'
err("setattr(1, 'a', 2)")
# expect: AttributeError: 'int' object has no attribute 'a' and no __dict__ for setting new attributes
err("hash([])")  # expect: TypeError: unhashable type: 'list'
err("hash({})")  # expect: TypeError: unhashable type: 'dict'
err("hash(set())")  # expect: TypeError: unhashable type: 'set'
err("reversed({1})")  # expect: TypeError: 'set' object is not reversible
err("reversed(5)")  # expect: TypeError: 'int' object is not reversible
err("sorted([1, 'a'])")  # expect: TypeError: '<' not supported between instances of 'str' and 'int'
err("range(1, 2, 0)")  # expect: ValueError: range() arg 3 must not be zero
err("range(1.5)")  # expect: TypeError: 'float' object cannot be interpreted as an integer
err("range(5)[10]")  # expect: IndexError: range object index out of range
err("range(5).index(9)")  # expect: ValueError: 9 is not in range
err("round('a')")  # expect: TypeError: type str doesn't define __round__ method
err("chr('a')")  # expect: TypeError: 'str' object cannot be interpreted as an integer
err("vars(5)")  # expect: TypeError: vars() argument must have __dict__ attribute
err("dict([(1, 2, 3)])")  # expect: ValueError: dictionary update sequence element #0 has length 3; 2 is required
err("set(5)")  # expect: TypeError: 'int' object is not iterable
err("enumerate(5)")  # expect: TypeError: 'int' object is not iterable
err("__import__('no_such_module')")  # expect: ModuleNotFoundError: No module named 'no_such_module'
err("eval('1 +')")  # expect: SyntaxError: invalid syntax (<string>, line 1)
err("compile('x', 'f', 'bad')")  # expect: ValueError: compile() mode must be 'exec', 'eval' or 'single'
err("open('/no/such/file')")  # expect: FileNotFoundError: [Errno 2] No such file or directory: '/no/such/file'
err("format(5, 5)")  # expect: TypeError: format() argument 2 must be str, not int
err("print('a', sep=5)")  # expect: TypeError: sep must be None or a string, not int
err("abs()")  # expect: TypeError: abs() takes exactly one argument (0 given)
err("pow('a', 2)")  # expect: TypeError: unsupported operand type(s) for ** or pow(): 'str' and 'int'
err("divmod(1, 0)") if False else None


# Code of a module or class body can run as a function's: its names are globals then.
import types


def as_function(source, **names):
    types.FunctionType(compile(source, "<body>", "exec"), names)()
    names.pop("__builtins__", None)
    return names


print(as_function("b = a + 1; del a; c = sorted(locals()) == sorted(globals())", a=1))  # expect: {'b': 2, 'c': True}
print(as_function("from keyword import *; kwlist = len(kwlist) > 30")["kwlist"])  # expect: True


# Code of another kind for a function; whose method a native function is.
import warnings


def ordinary():
    return 1


def yields():
    yield 2


with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    ordinary.__code__ = (lambda: 3).__code__
    print(ordinary(), len(seen))  # expect: 3 0
    ordinary.__code__ = yields.__code__
    print(list(ordinary()), seen[0].category.__name__, seen[0].message)
# expect: [2] DeprecationWarning Assigning a code object of non-matching type is deprecated (e.g., from a generator to a plain function)
print(str.maketrans.__qualname__, bytes.maketrans.__qualname__, str.maketrans.__self__, "".maketrans("a", "b"))
# expect: str.maketrans bytes.maketrans None {97: 98}

names = {"type": type, "__builtins__": {"len": lambda x: "own"}}
exec("def f(x): return len(x)\ng = type(f)(f.__code__, {})", names)
print(names["f"]([]), names["g"]([]), names["g"].__builtins__ is names["__builtins__"])  # expect: own own True
