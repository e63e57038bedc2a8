# Metaclasses, __init_subclass__, __set_name__, __prepare__, class decorators, __mro_entries__.
class Meta(type):
    def __new__(mcls, name, bases, space, **kw):
        print("new", name, [b.__name__ for b in bases], sorted(k for k in space if not k.startswith("__")), kw)
        return super().__new__(mcls, name, bases, space)

    def __init__(cls, name, bases, space, **kw):
        super().__init__(name, bases, space)
        cls.tag = f"tag {name}"

    @classmethod
    def __prepare__(mcls, name, bases, **kw):
        print("prepare", name, kw)
        return {"prepared": True}

    def __call__(cls, *args):
        print("call", cls.__name__, args)
        return super().__call__(*args)

    def __getattr__(cls, name):
        return f"meta {name}"

    def __len__(cls):
        return 7

    def __contains__(cls, item):
        return item == cls.__name__

    def __iter__(cls):
        return iter("meta")

    def __getitem__(cls, item):
        return item * 2

    @property
    def prop(cls):
        return f"prop of {cls.__name__}"

    def __instancecheck__(cls, obj):
        return obj == "magic" or super().__instancecheck__(obj)

    def __repr__(cls):
        return f"<Meta {cls.__name__}>"


class A(metaclass=Meta, option=1):
    x = 1

    def __init__(self, *args):
        self.args = args
# expect: prepare A {'option': 1}
# expect: new A [] ['prepared', 'x'] {'option': 1}


class B(A):
    y = 2
# expect: prepare B {}
# expect: new B ['A'] ['prepared', 'y'] {}


print(A.tag, B.tag, A.prepared, type(A), type(B), A.unknown, len(A), "A" in A, list(A), A[3], A.prop, A)
# expect: tag A tag B True <class '__main__.Meta'> <class '__main__.Meta'> meta unknown 7 True ['m', 'e', 't', 'a'] 6 prop of A <Meta A>
b = B(1, 2)  # expect: call B (1, 2)
print(b.args, isinstance("magic", A), isinstance(b, A), isinstance(5, A), hasattr(b, "prop"))
# expect: (1, 2) True True False False


class Base:
    subs = []

    def __init_subclass__(cls, /, key=None, **kw):
        super().__init_subclass__(**kw)
        Base.subs.append((cls.__name__, key))


class S1(Base, key="k"):
    pass


class S2(S1):
    pass


print(Base.subs)  # expect: [('S1', 'k'), ('S2', None)]
try:

    class S3(object, wrong=1):
        pass

except TypeError as error:
    print(error)
# expect: S3.__init_subclass__() takes no keyword arguments


class Field:
    def __set_name__(self, owner, name):
        self.name = name
        print("set_name", owner.__name__, name)

    def __get__(self, obj, owner):
        return f"field {self.name}" if obj is not None else self


class Model:
    first = Field()
    second = Field()
# expect: set_name Model first
# expect: set_name Model second


print(Model().first, Model().second, Model.first.name)  # expect: field first field second first


def decorate(**attrs):
    def inner(cls):
        for k, v in attrs.items():
            setattr(cls, k, v)
        return cls

    return inner


@decorate(a=1)
@decorate(b=2)
class Decorated:
    pass


print(Decorated.a, Decorated.b)  # expect: 1 2


class Entry:
    def __mro_entries__(self, bases):
        return (Base,)


class FromEntry(Entry(), key="entry"):
    pass


print(FromEntry.__mro__[1].__name__, FromEntry.__orig_bases__[0].__class__.__name__)  # expect: Base Entry
print(type.__call__(int, "5"), type("T", (), {}).__name__, type(type("T", (Base,), {}, key="dyn")), Base.subs[-1])
# expect: 5 T <class 'type'> ('T', 'dyn')


class Order(type):
    def __new__(m, name, bases, space):
        cls = super().__new__(m, name, bases, dict(space))
        cls.order = [k for k in space if not k.startswith("_")]
        return cls


class O(metaclass=Order):
    b = 1
    a = 2

    def c(self):
        pass


print(O.order)  # expect: ['b', 'a', 'c']


def func_meta(name, bases, space):
    return name, bases, sorted(k for k in space if not k.startswith("__"))


class NotAClass(metaclass=func_meta):
    z = 1


print(NotAClass)  # expect: ('NotAClass', (), ['z'])


class Enumerating(type):
    def __dir__(cls):
        return ["custom"]


class E(metaclass=Enumerating):
    pass


print(dir(E), type(E).__mro__[-1], isinstance(E, type), issubclass(Enumerating, type), callable(E))
# expect: ['custom'] <class 'object'> True True True
try:
    type("X", "bases", {})
except TypeError as error:
    print(error)
# expect: type.__new__() argument 2 must be tuple, not str
try:
    type(1, 2)
except TypeError as error:
    print(error)
# expect: type() takes 1 or 3 arguments


# A class whose order its metaclass has not said yet cannot be a base; slots may have the names of what a class body hands over.
class Orders(type):
    def mro(cls):
        if cls.__mro__ is None and cls.__name__ != "Early":
            try:
                Orders("Early", (cls,), {})
            except TypeError as e:
                print(e)
        return super().mro()


class Late(metaclass=Orders):
    pass


# expect: Cannot extend an incomplete type 'Late'


class Base:
    def __init__(self):
        self.b = 42


class Slotted(Base):
    __slots__ = ["__classcell__", "__qualname__"]

    def __init__(self):
        super().__init__()
        self.__classcell__ = self.b


print(Slotted().__classcell__, Slotted.__qualname__, type(Slotted.__dict__["__qualname__"]).__name__)
# expect: 42 Slotted member_descriptor
# Calls of classes with a metaclass, at a place that has learned them.
import abc


class Counted(type):
    pass


class Shape(abc.ABC):
    def __init__(self, sides):
        self.sides = sides


class Square(metaclass=Counted):
    def __init__(self, sides):
        self.sides = sides


def make(cls):
    return cls(4)


for _ in range(50):
    made = [make(Shape).sides, make(Square).sides]
print(made)
# expect: [4, 4]
Counted.__call__ = lambda cls, sides: "called"
print(make(Square), make(Shape).sides)
# expect: called 4
del Counted.__call__
print(make(Square).sides)
# expect: 4
Shape.__abstractmethods__ = frozenset(["area"])
try:
    make(Shape)
except TypeError as e:
    print(e)
# expect: Can't instantiate abstract class Shape without an implementation for abstract method 'area'


class Called:
    pass


# A class whose instances are called as type's are, but which are no classes.
Called.__call__ = type.__call__
try:
    for _ in range(50):
        make(Called())
except TypeError as e:
    print(str(e)[:55])
# expect: descriptor '__call__' requires a 'type' object but rece
