# Descriptors: data and non-data, precedence, functions as descriptors, slots, property details.
class Data:
    def __get__(self, obj, owner=None):
        return ("data get", obj is not None, owner and owner.__name__)

    def __set__(self, obj, value):
        print("data set", value)

    def __delete__(self, obj):
        print("data delete")


class NonData:
    def __get__(self, obj, owner=None):
        return "non-data"


class C:
    data = Data()
    plain = NonData()


c = C()
c.data = 5  # expect: data set 5
c.__dict__["data"] = "in dict"
print(c.data, C.data)  # expect: ('data get', True, 'C') ('data get', False, 'C')
del c.data  # expect: data delete
print(c.plain)  # expect: non-data
c.plain = "own"
print(c.plain, C.plain, c.__dict__)  # expect: own non-data {'data': 'in dict', 'plain': 'own'}
del c.plain
print(c.plain)  # expect: non-data


class SetOnly:
    def __set__(self, obj, value):
        obj.__dict__["s"] = value + 1


class D:
    s = SetOnly()


d = D()
print(type(d.s).__name__)  # expect: SetOnly
d.s = 1
print(d.s)  # expect: 2


class Typed:
    def __init__(self, kind):
        self.kind = kind

    def __set_name__(self, owner, name):
        self.slot = "_" + name

    def __get__(self, obj, owner):
        return self if obj is None else getattr(obj, self.slot)

    def __set__(self, obj, value):
        if not isinstance(value, self.kind):
            raise TypeError(f"{self.slot[1:]} must be {self.kind.__name__}")
        setattr(obj, self.slot, value)


class Person:
    name = Typed(str)
    age = Typed(int)

    def __init__(self, name, age):
        self.name, self.age = name, age


p = Person("Ann", 3)
print(p.name, p.age, p.__dict__)  # expect: Ann 3 {'_name': 'Ann', '_age': 3}
try:
    p.age = "x"
except TypeError as error:
    print(error)
# expect: age must be int


class Slots:
    __slots__ = ("x", "y")

    def __init__(self):
        self.x = 1


s = Slots()
print(s.x, hasattr(s, "y"), hasattr(s, "__dict__"), Slots.__slots__, type(Slots.x).__name__)
# expect: 1 False False ('x', 'y') member_descriptor


def err(code):
    try:
        exec(code)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
    else:
        print("no error:", code)


err("s.y")  # expect: AttributeError: 'Slots' object has no attribute 'y'
err("s.z = 1")  # expect: AttributeError: 'Slots' object has no attribute 'z' and no __dict__ for setting new attributes
err("del s.y")  # expect: AttributeError: y
err("Slots.x.__get__(5)")  # expect: TypeError: descriptor 'x' for 'Slots' objects doesn't apply to a 'int' object
err("class T:\n  __slots__ = ('a',)\n  a = 1")  # expect: ValueError: 'a' in __slots__ conflicts with class variable
err("class T(int):\n  __slots__ = ('a',)")  # expect: TypeError: nonempty __slots__ not supported for subtype of 'int'
err("class T:\n  __slots__ = ('1a',)")  # expect: TypeError: __slots__ must be identifiers
err("class T:\n  __slots__ = 5")  # expect: TypeError: 'int' object is not iterable
err("class T(Slots, D2): pass")  # expect: NameError: name 'D2' is not defined


class SubSlots(Slots):
    __slots__ = ("z",)


class SubDict(Slots):
    pass


ss, sd = SubSlots(), SubDict()
ss.z, sd.anything = 1, 2
print(ss.x, ss.z, hasattr(ss, "__dict__"), sd.__dict__, sd.x)  # expect: 1 1 False {'anything': 2} 1


class WithDict:
    __slots__ = ("a", "__dict__", "__weakref__")


w = WithDict()
w.a, w.b = 1, 2
print(w.__dict__, w.a)  # expect: {'b': 2} 1


class P:
    def __init__(self):
        self._x = 1

    def getx(self):
        "the doc"
        return self._x

    def setx(self, v):
        self._x = v

    x = property(getx, setx, None, "explicit doc")
    y = property(getx)
    z = property()


p = P()
p.x = 10
print(p.x, p.y, P.x.__doc__, P.y.__doc__, P.x.fget is P.__dict__["getx"], P.x.fdel, isinstance(P.x, property))
# expect: 10 10 explicit doc the doc True None True
err("p.y = 1")  # expect: AttributeError: property 'y' of 'P' object has no setter
err("del p.x")  # expect: AttributeError: property 'x' of 'P' object has no deleter
err("p.z")  # expect: AttributeError: property 'z' of 'P' object has no getter
err("p.z = 1")  # expect: AttributeError: property 'z' of 'P' object has no setter


def f(self):
    return self


print(f.__get__(5)(), f.__get__(None, int) is f, C.__dict__["plain"].__class__.__name__, "f" in dir(P) or "getx" in dir(P))
# expect: 5 True NonData True


class Static:
    @staticmethod
    def s(a):
        return a

    @classmethod
    def c(cls, a):
        return cls.__name__, a

    raw = staticmethod(len)


print(Static.s(1), Static().s(2), Static.c(3), Static().c(4), Static.raw("abc"), Static().raw("ab"), type(Static.__dict__["s"]), Static.__dict__["s"](9), Static.__dict__["c"].__func__(int, 1))
# expect: 1 2 ('Static', 3) ('Static', 4) 3 2 <class 'staticmethod'> 9 ('int', 1)
from functools import cached_property


class Cached:
    calls = 0

    @cached_property
    def value(self):
        self.calls += 1
        return self.calls


k = Cached()
print(k.value, k.value, k.__dict__)  # expect: 1 1 {'calls': 1, 'value': 1}
del k.value
print(k.value)  # expect: 2


class Lazy:
    def __get__(self, obj, owner):
        raise AttributeError("lazy gone")


class HasLazy:
    lazy = Lazy()

    def __getattr__(self, name):
        return f"fallback {name}"


print(HasLazy().lazy, hasattr(HasLazy, "lazy"))  # expect: fallback lazy False


class Inst:
    pass


i = Inst()
i.d = NonData()
print(type(i.d).__name__)  # expect: NonData
i.__len__ = lambda: 5
err("len(i)")  # expect: TypeError: object of type 'Inst' has no len()
Inst.__len__ = lambda self: 6
print(len(i), int.__add__.__name__, type(int.__add__), type("".join), type(dict.fromkeys), type(int.real), type([].append).__name__)
# expect: 6 __add__ <class 'wrapper_descriptor'> <class 'builtin_function_or_method'> <class 'builtin_function_or_method'> <class 'getset_descriptor'> builtin_function_or_method
