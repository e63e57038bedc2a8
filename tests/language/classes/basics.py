# Classes, instances, attributes, methods, inheritance, super.
class Animal:
    """An animal."""

    count = 0
    sounds = []

    def __init__(self, name):
        self.name = name
        Animal.count += 1

    def speak(self):
        return f"{self.name} says {self.sound()}"

    def sound(self):
        return "..."

    @classmethod
    def make(cls, name):
        return cls(name)

    @staticmethod
    def helper(x):
        return x * 2

    @property
    def upper(self):
        return self.name.upper()

    @upper.setter
    def upper(self, value):
        self.name = value.lower()

    @upper.deleter
    def upper(self):
        self.name = "deleted"


class Dog(Animal):
    def __init__(self, name, tricks=()):
        super().__init__(name)
        self.tricks = list(tricks)

    def sound(self):
        return "woof"

    def speak(self):
        return super().speak() + "!"


a, d = Animal("Cat"), Dog.make("Rex")
print(a.speak(), d.speak(), Animal.count, d.count, Animal.helper(3), d.helper(4), type(d).__name__, d.upper)
# expect: Cat says ... Rex says woof! 2 2 6 8 Dog REX
d.upper = "MAX"
print(d.name, d.upper)  # expect: max MAX
del d.upper
print(d.name, isinstance(d, Animal), issubclass(Dog, Animal), Dog.__bases__, Dog.__mro__, Animal.__doc__, Dog.__doc__)
# expect: deleted True True (<class '__main__.Animal'>,) (<class '__main__.Dog'>, <class '__main__.Animal'>, <class 'object'>) An animal. None
d.extra = [1]
d.count = 99
print(d.__dict__, Animal.count, d.count, hasattr(d, "extra"), getattr(d, "nope", None), sorted(vars(a)))
# expect: {'name': 'deleted', 'tricks': [], 'extra': [1], 'count': 99} 2 99 True None ['name']
del d.count
print(d.count, Animal.__name__, Animal.__qualname__, Animal.__module__, repr(Animal), repr(a).startswith("<__main__.Animal object at 0x"))
# expect: 2 Animal Animal __main__ <class '__main__.Animal'> True
bound = d.speak
print(bound(), bound.__self__ is d, bound.__func__ is Dog.speak, repr(bound)[:37], Dog.speak(d), d.make.__self__ is Dog)
# expect: deleted says woof! True True <bound method Dog.speak of <__main__. deleted says woof! True
Animal.late = lambda self: f"late {self.name}"
print(d.late(), Dog.late(a))  # expect: late deleted late Cat
d.own = lambda: "own"
print(d.own())  # expect: own


class Empty:
    pass


class Outer:
    class Inner:
        value = 1

        def f(self):
            return Outer.Inner.value

    x = Inner.value + 1


print(Outer.Inner().f(), Outer.x, Outer.Inner.__qualname__, Outer.Inner.f.__qualname__, Empty() == Empty(), Empty is Empty, bool(Empty()), Empty.__subclasses__())
# expect: 1 2 Outer.Inner Outer.Inner.f False True True []


def err(code):
    try:
        exec(code)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
    else:
        print("no error:", code)


err("a.nope")  # expect: AttributeError: 'Animal' object has no attribute 'nope'
err("Animal.nope")  # expect: AttributeError: type object 'Animal' has no attribute 'nope'
err("del a.nope")  # expect: AttributeError: 'Animal' object has no attribute 'nope'
err("a.speak = 1; a.speak()")  # expect: TypeError: 'int' object is not callable
err("Animal()")  # expect: TypeError: Animal.__init__() missing 1 required positional argument: 'name'
err("Empty().x.y")  # expect: AttributeError: 'Empty' object has no attribute 'x'
err("Empty.__init__(5, 6)")  # expect: no error: Empty.__init__(5, 6)
err("Animal.upper.fset(1, 2)")  # expect: AttributeError: 'int' object has no attribute 'lower'
err("class P:\n  @property\n  def x(self): return 1\nP().x = 5")
# expect: AttributeError: property 'x' of 'P' object has no setter
err("class P:\n  @property\n  def x(self): return 1\ndel P().x")
# expect: AttributeError: property 'x' of 'P' object has no deleter
err("class C(5): pass")  # expect: TypeError: int expected at most 2 arguments, got 3
err("class C(int, str): pass")  # expect: TypeError: multiple bases have instance lay-out conflict
err("class C(bool): pass")  # expect: TypeError: type 'bool' is not an acceptable base type
err("class C(None): pass")  # expect: TypeError: NoneType takes no arguments
err("class C(Animal, object, Dog): pass")
# expect: TypeError: Cannot create a consistent method resolution order (MRO) for bases Animal, object, Dog
err("class C(Dog, Dog): pass")  # expect: TypeError: duplicate base class Dog
err("super().x")  # expect: RuntimeError: super(): no arguments
err("int.x = 1")  # expect: TypeError: cannot set 'x' attribute of immutable type 'int'
err("None.x = 1")
# expect: AttributeError: 'NoneType' object has no attribute 'x' and no __dict__ for setting new attributes
err("(5).x = 1")  # expect: AttributeError: 'int' object has no attribute 'x' and no __dict__ for setting new attributes
err("object().x = 1")
# expect: AttributeError: 'object' object has no attribute 'x' and no __dict__ for setting new attributes
err("type('X', (), {})().y")  # expect: AttributeError: 'X' object has no attribute 'y'
err("len.x = 1")
# expect: AttributeError: 'builtin_function_or_method' object has no attribute 'x' and no __dict__ for setting new attributes
err("a.__class__ = 5")  # expect: TypeError: __class__ must be set to a class, not 'int' object
err("a.__dict__ = 5")  # expect: TypeError: __dict__ must be set to a dictionary, not a 'int'
b = Empty()
b.__class__ = Animal
b.name = "changed"
print(b.speak(), type(b) is Animal)  # expect: changed says ... True
b.__dict__ = {"name": "fresh"}
print(b.name, b.__dict__)  # expect: fresh {'name': 'fresh'}
made = type("Made", (Dog,), {"sound": lambda self: "made", "attr": 5})
print(made("m").speak(), made.attr, made, made.__mro__[1].__name__)
# expect: m says made! 5 <class '__main__.Made'> Dog


class Meth:
    def __getattr__(self, name):
        if name.startswith("dyn_"):
            return name[4:]
        raise AttributeError(f"no {name} here")

    def __setattr__(self, name, value):
        object.__setattr__(self, name, value * 2)

    def __delattr__(self, name):
        print("deleting", name)
        object.__delattr__(self, name)

    def __dir__(self):
        return ["z", "a"]


m = Meth()
m.x = 5
print(m.x, m.dyn_abc, dir(m))  # expect: 10 abc ['a', 'z']
del m.x  # expect: deleting x
err("m.other")  # expect: AttributeError: no other here


class GetAttribute:
    y = 1

    def __getattribute__(self, name):
        if name == "y":
            return "intercepted"
        return super().__getattribute__(name)


print(GetAttribute().y, GetAttribute.y)  # expect: intercepted 1


class Private:
    def __init__(self):
        self.__secret = 1

    def get(self):
        return self.__secret

    def __method(self):
        return "m"

    def call(self):
        return self.__method()


p = Private()
print(p.get(), p._Private__secret, p.call(), sorted(p.__dict__))  # expect: 1 1 m ['_Private__secret']
