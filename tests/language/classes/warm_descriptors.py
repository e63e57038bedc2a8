"""Staticmethods, fields of named tuples and native descriptors at warm sites, and what changes there."""

from collections import namedtuple

Point = namedtuple("Point", "x y")


class Base:
    @staticmethod
    def twice(n):
        return 2 * n

    @staticmethod
    def none():
        return None


class Derived(Base):
    pass


def sites(c, o, p):
    return c.twice(4), o.twice(5), c.none(), p.x, p.y


def last(*args, rounds=200):
    for _ in range(rounds):
        result = sites(*args)
    return result


print(last(Base, Base(), Point(1, 2)))  # expect: (8, 10, None, 1, 2)
print(last(Derived, Derived(), Point(3, 4)))  # expect: (8, 10, None, 3, 4)

# An instance's own attribute comes before a staticmethod, which is no data descriptor.
own = Derived()
own.twice = lambda n: ("own", n)
print(last(Derived, own, Point(1, 2)), last(Derived, Derived(), Point(1, 2)))
# expect: (8, ('own', 5), None, 1, 2) (8, 10, None, 1, 2)
Derived.twice = lambda *n: ("plain", len(n))
print(last(Derived, Derived(), Point(1, 2)))  # expect: (('plain', 1), ('plain', 2), None, 1, 2)
del Derived.twice
Base.twice = staticmethod(lambda n: ("new", n))
print(last(Derived, Derived(), Point(1, 2)))  # expect: (('new', 4), ('new', 5), None, 1, 2)
Base.__dict__["twice"].__init__(lambda n: ("again", n))
print(sites(Derived, Derived(), Point(1, 2)))  # expect: (('again', 4), ('again', 5), None, 1, 2)


# The field's descriptor before what an instance has under its name; other classes at the same site.
class Pair(Point):
    @property
    def y(self):
        return "property"


pair = Pair(5, 6)
pair.__dict__["x"] = "hidden"
print(last(Base, Base(), pair))  # expect: (('again', 4), ('again', 5), None, 5, 'property')
Pair.y = 7
print(sites(Base, Base(), pair))  # expect: (('again', 4), ('again', 5), None, 5, 7)


class Raises:
    @property
    def x(self, default=0):
        raise AttributeError("not now")

    y = 1


def x_of(o):
    return o.x


for _ in range(100):
    try:
        x_of(Raises())
    except AttributeError as error:
        seen = str(error), error.name, type(error.obj).__name__
print(seen)  # expect: ('not now', 'x', 'Raises')


# A descriptor that leaves its class while it runs.
class Leaves:
    def get(self, default=0):
        del Leaves.x
        return "gone"

    x = property(get)


for i in range(100):
    Leaves.x = property(Leaves.get)
    result = x_of(Leaves())
print(result, hasattr(Leaves, "x"))  # expect: gone False
