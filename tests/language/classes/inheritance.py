# Multiple inheritance, method resolution order, cooperative super, mixins, abstract classes.
class A:
    def who(self):
        return ["A"]


class B(A):
    def who(self):
        return ["B"] + super().who()


class C(A):
    def who(self):
        return ["C"] + super().who()


class D(B, C):
    def who(self):
        return ["D"] + super().who()


print(D().who(), [c.__name__ for c in D.__mro__], D.mro() == list(D.__mro__))
# expect: ['D', 'B', 'C', 'A'] ['D', 'B', 'C', 'A', 'object'] True
print(super(B, D()).who(), super(C, D()).who(), super(D, D).who(D()))  # expect: ['C', 'A'] ['A'] ['B', 'C', 'A']


class X:
    pass


class Y(X):
    pass


try:

    class Z(X, Y):
        pass

except TypeError as error:
    print(error)
# expect: Cannot create a consistent method resolution order (MRO) for bases X, Y


class Base:
    def __init__(self, **kw):
        print("Base", kw)


class Left(Base):
    def __init__(self, left, **kw):
        print("Left", left)
        super().__init__(**kw)


class Right(Base):
    def __init__(self, right, **kw):
        print("Right", right)
        super().__init__(**kw)


class Both(Left, Right):
    pass


Both(left=1, right=2)
# expect: Left 1
# expect: Right 2
# expect: Base {}


class Meta1(type):
    pass


class Meta2(type):
    pass


class M1(metaclass=Meta1):
    pass


class M2(metaclass=Meta2):
    pass


try:

    class M3(M1, M2):
        pass

except TypeError as error:
    print(error)
# expect: metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases
from abc import ABC, abstractmethod


class Shape(ABC):
    @abstractmethod
    def area(self): ...

    @property
    @abstractmethod
    def name(self): ...

    def describe(self):
        return f"{self.name} {self.area()}"


class Square(Shape):
    name = "square"

    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side ** 2


print(Square(3).describe(), sorted(Shape.__abstractmethods__))  # expect: square 9 ['area', 'name']
try:
    Shape()
except TypeError as error:
    print(error)
# expect: Can't instantiate abstract class Shape without an implementation for abstract methods 'area', 'name'


class Half(Shape):
    name = "half"


try:
    Half()
except TypeError as error:
    print(error)
# expect: Can't instantiate abstract class Half without an implementation for abstract method 'area'


@Shape.register
class Virtual:
    pass


print(isinstance(Virtual(), Shape), issubclass(Virtual, Shape), isinstance(5, Shape))  # expect: True True False


class Sized(ABC):
    @classmethod
    def __subclasshook__(cls, other):
        return hasattr(other, "__len__") or NotImplemented


print(issubclass(list, Sized), issubclass(int, Sized), isinstance("", Sized))  # expect: True False True
import collections.abc as c

print(isinstance([], c.Sequence), isinstance({}, c.Mapping), isinstance(set(), c.Set), isinstance(iter([]), c.Iterator), isinstance(len, c.Callable), isinstance(5, c.Hashable), isinstance([], c.Hashable), isinstance((x for x in ()), c.Generator))
# expect: True True True True True True False True


class MyMap(c.Mapping):
    def __init__(self, d):
        self.d = d

    def __getitem__(self, k):
        return self.d[k]

    def __iter__(self):
        return iter(self.d)

    def __len__(self):
        return len(self.d)


m = MyMap({"a": 1, "b": 2})
print(list(m.items()), m.get("z", 0), "a" in m, m == {"a": 1, "b": 2}, sorted(m.keys() | {"q"}))
# expect: [('a', 1), ('b', 2)] 0 True True ['a', 'b', 'q']


class Sub(int, A):
    def __new__(cls, value):
        self = super().__new__(cls, value * 2)
        self.tag = "t"
        return self


s = Sub(5)
print(s, s + 1, s.who(), s.tag, isinstance(s, (A, int)), type(s + 1))  # expect: 10 11 ['A'] t True <class 'int'>


class Str(str):
    def upper(self):
        return "custom " + super().upper()


print(Str("a").upper(), Str("abc")[1:], Str("x") == "x", {Str("k"): 1}["k"], len(Str("abc")), Str("a") + "b", f"{Str('q'):>3}")
# expect: custom A bc True 1 3 ab   q


class Proxy:
    def __init__(self, target):
        self._t = target

    @property
    def __class__(self):
        return type(self._t)


print(isinstance(Proxy(5), int), type(Proxy(5)).__name__)  # expect: True Proxy


class NoNew:
    def __new__(cls, *args):
        return 42

    def __init__(self):
        print("never")


print(NoNew(1, 2))  # expect: 42


class Singleton:
    _one = None

    def __new__(cls):
        if cls._one is None:
            cls._one = super().__new__(cls)
        return cls._one


print(Singleton() is Singleton())  # expect: True


class Init:
    def __init__(self):
        return 5


try:
    Init()
except TypeError as error:
    print(error)
# expect: __init__() should return None, not 'int'
print(super.__name__, super(D, D()).__thisclass__.__name__, repr(super(D, D()))[:19])
# expect: super D <super: <class 'D'>


class Closure:
    def f(self):
        return __class__

    def g(self):
        return [super(Closure, self).__hash__() == hash(self) for _ in range(1)]

    def h(self):
        def inner():
            return super(__class__, self).__repr__()[:17]

        return inner()


print(Closure().f(), Closure().g(), Closure().h())  # expect: <class '__main__.Closure'> [True] <__main__.Closure
