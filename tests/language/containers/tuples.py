# Tuples: literals, methods, hashing, comparison, subclasses, named tuples.
t = (1, 2, 3)
print(t, (), (1,), 1, (1, 2)[0], t[-1], t[1:], t[::-1], t + (4,), t * 2, 2 * (0,), len(t), 2 in t, t.index(3), t.count(1))
# expect: (1, 2, 3) () (1,) 1 1 3 (2, 3) (3, 2, 1) (1, 2, 3, 4) (1, 2, 3, 1, 2, 3) (0, 0) 3 True 2 1
print(hash((1, 2)) == hash((1, 2)), {(1, 2): "a"}[(1, 2)], (1, 2) == (1, 2.0), (1, 2) < (1, 3), () < (0,), (1, (2, 3)) == (1, (2, 3)), (1,) == [1])
# expect: True a True True True True False
print(tuple("ab"), tuple([1]), tuple(), tuple(x for x in range(3)), tuple({"k": 1}), sorted((3, 1)), max((1, 5)), sum((1, 2)))
# expect: ('a', 'b') (1,) () (0, 1, 2) ('k',) [1, 3] 5 3
a = 1, 2
a += (3,)
print(a, (a, a), repr((1, "x", None, (2,))), t is tuple(t), t[:] is t, (*t, *"a"))
# expect: (1, 2, 3) ((1, 2, 3), (1, 2, 3)) (1, 'x', None, (2,)) True True (1, 2, 3, 'a')


def err(code):
    try:
        exec(code)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")


err("t[0] = 1")  # expect: TypeError: 'tuple' object does not support item assignment
err("del t[0]")  # expect: TypeError: 'tuple' object doesn't support item deletion
err("t[5]")  # expect: IndexError: tuple index out of range
err("t['a']")  # expect: TypeError: tuple indices must be integers or slices, not str
err("t + [1]")  # expect: TypeError: can only concatenate tuple (not "list") to tuple
err("t.index(9)")  # expect: ValueError: tuple.index(x): x not in tuple
err("hash(([],))")  # expect: TypeError: unhashable type: 'list'
err("t.append(1)")  # expect: AttributeError: 'tuple' object has no attribute 'append'
err("() < 1")  # expect: TypeError: '<' not supported between instances of 'tuple' and 'int'
from collections import namedtuple

Point = namedtuple("Point", "x y", defaults=[0])
p = Point(1)
print(p, p.x, p[1], p._replace(y=5), p._asdict(), Point._fields, Point._make([3, 4]), p == (1, 0), Point(y=2, x=1), Point.__doc__)
# expect: Point(x=1, y=0) 1 0 Point(x=1, y=5) {'x': 1, 'y': 0} ('x', 'y') Point(x=3, y=4) True Point(x=1, y=2) Point(x, y)
x, y = p
print(x, y, isinstance(p, tuple), hash(p) == hash((1, 0)), Point._field_defaults)  # expect: 1 0 True True {'y': 0}
err("Point()")  # expect: TypeError: Point.__new__() missing 1 required positional argument: 'x'
err("p.x = 5")  # expect: AttributeError: can't set attribute
err("Point(1, 2, 3)")  # expect: TypeError: Point.__new__() takes from 2 to 3 positional arguments but 4 were given
err("namedtuple('P', 'a a')")  # expect: ValueError: Encountered duplicate field name: 'a'


class T(tuple):
    def __new__(cls, *items):
        return super().__new__(cls, items)

    def total(self):
        return sum(self)


print(T(1, 2), T(1, 2).total(), type(T(1) + (2,)), T(1, 2) == (1, 2), {T(1): 5}[(1,)])
# expect: (1, 2) 3 <class 'tuple'> True 5
from typing import NamedTuple


class Typed(NamedTuple):
    """doc"""

    name: str
    age: int = 3

    def older(self):
        return self._replace(age=self.age + 1)


print(Typed("a"), Typed("b", 5).older(), Typed.__doc__)  # expect: Typed(name='a', age=3) Typed(name='b', age=6) doc
