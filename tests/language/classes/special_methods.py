# repr, str, eq, hash, ordering, bool, call, container and copy protocols on user classes.
from functools import total_ordering


@total_ordering
class Version:
    def __init__(self, *parts):
        self.parts = parts

    def __eq__(self, other):
        return self.parts == other.parts if isinstance(other, Version) else NotImplemented

    def __lt__(self, other):
        return self.parts < other.parts if isinstance(other, Version) else NotImplemented

    def __hash__(self):
        return hash(self.parts)

    def __repr__(self):
        return f"Version{self.parts}"

    def __str__(self):
        return ".".join(map(str, self.parts))

    def __format__(self, spec):
        return f"{self!s:{spec}}"

    def __bytes__(self):
        return str(self).encode()


v, w = Version(1, 2), Version(1, 10)
print(v < w, v <= w, v > w, v >= v, v == Version(1, 2), v != w, sorted([w, v]), max(v, w), {v: 1}[Version(1, 2)], str(v), repr(v), [v], f"{v:>6}|", bytes(v), v == 5)
# expect: True True False True True True [Version(1, 2), Version(1, 10)] 1.10 1 1.2 Version(1, 2) [Version(1, 2)]    1.2| b'1.2' False
try:
    v < 5
except TypeError as error:
    print(error)
# expect: '<' not supported between instances of 'Version' and 'int'


class EqOnly:
    def __eq__(self, other):
        return True


print(EqOnly() == 1, 1 == EqOnly(), EqOnly() != 1, EqOnly.__hash__, [EqOnly()] == [5])
# expect: True True False None True
try:
    {EqOnly()}
except TypeError as error:
    print("unhashable" in str(error))
# expect: True


class Weird:
    def __eq__(self, other):
        return "eq result"

    def __ne__(self, other):
        return []

    def __bool__(self):
        return False

    def __len__(self):
        return 5

    def __lt__(self, other):
        return "lt"

    def __call__(self, *args, **kw):
        return args, kw

    def __contains__(self, x):
        return x


print(Weird() == 1, Weird() != 1, bool(Weird()), Weird() < 2, 2 > Weird(), Weird()(1, a=2), 5 in Weird(), 0 in Weird(), not Weird(), len(Weird()))
# expect: eq result [] False lt lt ((1,), {'a': 2}) True False True 5


def err(cls, act):
    try:
        act(cls())
    except Exception as error:
        print(f"{type(error).__name__}: {error}")


class Bad:
    def __bool__(self):
        return "x"

    def __repr__(self):
        return 5

    def __str__(self):
        return None

    def __len__(self):
        return -5

    def __hash__(self):
        return "h"

    def __format__(self, spec):
        return 1

    def __iter__(self):
        return 1


for act in (bool, repr, str, len, hash, format, iter, lambda b: b < b, lambda b: b(), lambda b: b[0], lambda b: -b, lambda b: b + b):
    err(Bad, act)
# expect: TypeError: __bool__ should return bool, returned str
# expect: TypeError: __repr__ returned non-string (type int)
# expect: TypeError: __str__ returned non-string (type NoneType)
# expect: ValueError: __len__() should return >= 0
# expect: TypeError: __hash__ method should return an integer
# expect: TypeError: __format__ must return a str, not int
# expect: TypeError: iter() returned non-iterator of type 'int'
# expect: TypeError: '<' not supported between instances of 'Bad' and 'Bad'
# expect: TypeError: 'Bad' object is not callable
# expect: TypeError: 'Bad' object is not subscriptable
# expect: TypeError: bad operand type for unary -: 'Bad'
# expect: TypeError: unsupported operand type(s) for +: 'Bad' and 'Bad'


class Vector:
    def __init__(self, *items):
        self.items = list(items)

    def __getitem__(self, i):
        return Vector(*self.items[i]) if isinstance(i, slice) else self.items[i]

    def __setitem__(self, i, value):
        self.items[i] = value

    def __delitem__(self, i):
        del self.items[i]

    def __len__(self):
        return len(self.items)

    def __iter__(self):
        return iter(self.items)

    def __reversed__(self):
        return reversed(self.items)

    def __add__(self, other):
        return Vector(*self.items, *other)

    def __repr__(self):
        return f"Vector({', '.join(map(repr, self))})"


x = Vector(1, 2, 3)
x[0] = 10
x[1:] = [20, 30, 40]
del x[-1]
print(x, len(x), x[1:], list(reversed(x)), x + [5], 20 in x, sum(x), [*x], bool(Vector()))
# expect: Vector(10, 20, 30) 3 Vector(20, 30) [30, 20, 10] Vector(10, 20, 30, 5) True 60 [10, 20, 30] False
x[1] += 5
print(x)  # expect: Vector(10, 25, 30)
import copy


class Node:
    def __init__(self, value, next=None):
        self.value, self.next = value, next


n = Node([1], Node([2]))
n.next.next = n
s, d = copy.copy(n), copy.deepcopy(n)
print(s.value is n.value, s.next is n.next, d.value == n.value, d.value is n.value, d.next.next is d)
# expect: True True True False True


class Custom:
    def __copy__(self):
        return "copied"

    def __deepcopy__(self, memo):
        return "deep"

    def __reduce__(self):
        return (list, ("ab",))


print(copy.copy(Custom()), copy.deepcopy([Custom()]), copy.deepcopy({"a": [1, (2, [3])]}), copy.copy([1]))
# expect: copied ['deep'] {'a': [1, (2, [3])]} [1]
import pickle

print(pickle.loads(pickle.dumps(Custom())), pickle.loads(pickle.dumps([1, "a", {"k": (1.5, None)}, {1, 2}, b"x"])), pickle.loads(pickle.dumps(Version(3))), pickle.loads(pickle.dumps(Node(5))).value)
# expect: ['a', 'b'] [1, 'a', {'k': (1.5, None)}, {1, 2}, b'x'] 3 5


class Enter:
    def __del__(self):
        print("deleted")


e = Enter()
e = None  # expect: deleted
print("after")  # expect: after


class Hashes:
    def __hash__(self):
        return 2 ** 70

    def __eq__(self, o):
        return True


print(hash(Hashes()) == hash(2 ** 70), object() == object(), object().__eq__(1), (5).__eq__("a"), object.__ne__(1, 1), type(object().__hash__()))
# expect: True False NotImplemented NotImplemented False <class 'int'>
