# Parameters of every kind, defaults, and the errors of wrong calls.
def f(a, b=2, *args, c, d=4, **kw):
    return a, b, args, c, d, kw


def pos(a, b=1, /, c=2):
    return a, b, c


def kwonly(*, a, b=5):
    return a, b


def none():
    return "none"


def mixed(a, /, b, *, c):
    return a, b, c


print(f(1, c=3), f(1, 9, 8, 7, c=3, d=5, e=6), f(*[1], **{"c": 2}), f(b=1, a=0, c=2))
# expect: (1, 2, (), 3, 4, {}) (1, 9, (8, 7), 3, 5, {'e': 6}) (1, 2, (), 2, 4, {}) (0, 1, (), 2, 4, {})
print(pos(1), pos(1, 2, 3), pos(1, c=9), kwonly(a=1), mixed(1, 2, c=3), mixed(1, b=2, c=3))
# expect: (1, 1, 2) (1, 2, 3) (1, 1, 9) (1, 5) (1, 2, 3) (1, 2, 3)


def slash_kw(a, /, **kw):
    return a, kw


print(slash_kw(1, a=2))  # expect: (1, {'a': 2})


def mutable(x, acc=[]):
    acc.append(x)
    return acc


print(mutable(1), mutable(2), mutable(3, []), mutable.__defaults__, f.__kwdefaults__)
# expect: [1, 2] [1, 2] [3] ([1, 2],) {'d': 4}


def err(code):
    try:
        eval(code)
    except TypeError as error:
        print(error)
    else:
        print("no error:", code)


err("none(1)")  # expect: none() takes 0 positional arguments but 1 was given
err("none(x=1)")  # expect: none() got an unexpected keyword argument 'x'
err("f()")  # expect: f() missing 1 required positional argument: 'a'
err("f(1)")  # expect: f() missing 1 required keyword-only argument: 'c'
err("f(1, 2, a=3, c=4)")  # expect: f() got multiple values for argument 'a'
err("f(c=1)")  # expect: f() missing 1 required positional argument: 'a'
err("pos()")  # expect: pos() missing 1 required positional argument: 'a'
err("pos(1, 2, 3, 4)")  # expect: pos() takes from 1 to 3 positional arguments but 4 were given
err("pos(a=1)")  # expect: pos() got some positional-only arguments passed as keyword arguments: 'a'
err("pos(1, b=2)")  # expect: pos() got some positional-only arguments passed as keyword arguments: 'b'
err("pos(1, b=2, a=3)")  # expect: pos() got some positional-only arguments passed as keyword arguments: 'a, b'
err("kwonly()")  # expect: kwonly() missing 1 required keyword-only argument: 'a'
err("kwonly(1)")  # expect: kwonly() takes 0 positional arguments but 1 was given
err("kwonly(a=1, z=2)")  # expect: kwonly() got an unexpected keyword argument 'z'
err("mixed(1, 2, 3)")  # expect: mixed() takes 2 positional arguments but 3 were given
err("mixed(1)")  # expect: mixed() missing 1 required positional argument: 'b'
err("mixed(1, 2)")  # expect: mixed() missing 1 required keyword-only argument: 'c'
err("mixed(1, 2, c=3, d=4)")  # expect: mixed() got an unexpected keyword argument 'd'
err("(lambda x, y: 0)(1)")  # expect: <lambda>() missing 1 required positional argument: 'y'
err("(lambda x, y, z: 0)()")  # expect: <lambda>() missing 3 required positional arguments: 'x', 'y', and 'z'
err("(lambda: 0)(1, 2)")  # expect: <lambda>() takes 0 positional arguments but 2 were given
err("(lambda x, y=1: 0)(1, 2, 3)")  # expect: <lambda>() takes from 1 to 2 positional arguments but 3 were given
err("(lambda x, y=1, *, k=2: 0)(1, 2, 3, k=4)")
# expect: <lambda>() takes from 1 to 2 positional arguments but 3 positional arguments (and 1 keyword-only argument) were given
err("5()")  # expect: 'int' object is not callable
err("'a'()")  # expect: 'str' object is not callable
err("None()")  # expect: 'NoneType' object is not callable
err("[]()")  # expect: 'list' object is not callable
err("len()")  # expect: len() takes exactly one argument (0 given)
err("len(1, 2)")  # expect: len() takes exactly one argument (2 given)
err("len(x=1)")  # expect: len() takes no keyword arguments
err("len(5)")  # expect: object of type 'int' has no len()
err("print(foo=1)")  # expect: print() got an unexpected keyword argument 'foo'
err("int(1, 2, 3)")  # expect: int expected at most 2 arguments, got 3
err("isinstance(1)")  # expect: isinstance expected 2 arguments, got 1
err("sorted()")  # expect: sorted expected 1 argument, got 0
err("sorted([1], 2)")  # expect: sorted expected 1 argument, got 2
err("[].append()")  # expect: list.append() takes exactly one argument (0 given)
err("[].append(1, 2)")  # expect: list.append() takes exactly one argument (2 given)
err("{}.get()")  # expect: get expected at least 1 argument, got 0
err("{}.update(1)")  # expect: 'int' object is not iterable
err("'a'.join()")  # expect: str.join() takes exactly one argument (0 given)
err("max()")  # expect: max expected at least 1 argument, got 0
err("range()")  # expect: range expected at least 1 argument, got 0
err("range('a')")  # expect: 'str' object cannot be interpreted as an integer
err("abs('a')")  # expect: bad operand type for abs(): 'str'
err("f(1, c=1, *5)")  # expect: Value after * must be an iterable, not int
err("f(**{'c': 1}, **{'c': 2})")  # expect: __main__.f() got multiple values for keyword argument 'c'
err("object(1)")  # expect: object() takes no arguments
err("dict(1)")  # expect: 'int' object is not iterable
err("list(1, 2)")  # expect: list expected at most 1 argument, got 2


class A:
    def m(self, x):
        return x

    @classmethod
    def k(cls):
        return cls

    @staticmethod
    def s(x):
        return x


err("A.m()")  # expect: A.m() missing 2 required positional arguments: 'self' and 'x'
err("A().m()")  # expect: A.m() missing 1 required positional argument: 'x'
err("A().m(1, 2)")  # expect: A.m() takes 2 positional arguments but 3 were given
err("A().k(1)")  # expect: A.k() takes 1 positional argument but 2 were given
err("A().s()")  # expect: A.s() missing 1 required positional argument: 'x'
err("A(1)")  # expect: A() takes no arguments
err("A().nope()") if hasattr(A, "nope") else print("no attribute")  # expect: no attribute
print((lambda: 5)(), (lambda a, *b, c=3, **d: (a, b, c, d))(1, 2, d=4), (lambda *, k: k)(k=1), (lambda a, /: a)(1))
# expect: 5 (1, (2,), 3, {'d': 4}) 1 1
print(sum([1, 2], start=10), sorted([3, 1, 2], key=lambda x: -x, reverse=True), max([1, 5], key=lambda x: -x), max([], default="d"), int("11", base=2))
# expect: 13 [1, 2, 3] 1 d 3


def annotated(a: int, b: str = "x", *c: float, d: bool = True, **e: list) -> dict:
    return a


print(annotated.__annotations__, annotated.__name__, annotated.__qualname__, annotated.__code__.co_varnames, annotated.__code__.co_argcount)
# expect: {'a': <class 'int'>, 'b': <class 'str'>, 'c': <class 'float'>, 'd': <class 'bool'>, 'e': <class 'list'>, 'return': <class 'dict'>} annotated annotated ('a', 'b', 'd', 'c', 'e') 2
print(f.__code__.co_kwonlyargcount, pos.__code__.co_posonlyargcount, f.__module__, f.__dict__, f.__doc__)
# expect: 2 2 __main__ {} None
f.attr = 1
print(f.attr, f.__dict__)  # expect: 1 {'attr': 1}
import inspect

print(inspect.signature(f), inspect.signature(pos), inspect.signature(kwonly), inspect.signature(annotated), inspect.signature(len))
# expect: (a, b=2, *args, c, d=4, **kw) (a, b=1, /, c=2) (*, a, b=5) (a: int, b: str = 'x', *c: float, d: bool = True, **e: list) -> dict (obj, /)
