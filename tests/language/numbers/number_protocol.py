# Operators on user classes: reflected, in-place and fallback rules.
class Vec:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __repr__(self):
        return f"Vec({self.x}, {self.y})"

    def __add__(self, other):
        if not isinstance(other, Vec):
            return NotImplemented
        return Vec(self.x + other.x, self.y + other.y)

    def __mul__(self, k):
        return Vec(self.x * k, self.y * k)

    __rmul__ = __mul__

    def __matmul__(self, other):
        return self.x * other.x + self.y * other.y

    def __neg__(self):
        return Vec(-self.x, -self.y)

    def __pos__(self):
        return self

    def __invert__(self):
        return Vec(self.y, self.x)

    def __abs__(self):
        return (self.x ** 2 + self.y ** 2) ** 0.5

    def __iadd__(self, other):
        self.x += other.x
        self.y += other.y
        return self

    def __eq__(self, other):
        return isinstance(other, Vec) and (self.x, self.y) == (other.x, other.y)

    def __bool__(self):
        return bool(self.x or self.y)

    def __divmod__(self, k):
        return ("divmod", k)

    def __round__(self, digits=None):
        return ("round", digits)

    def __index__(self):
        return self.x

    def __floordiv__(self, k):
        return Vec(self.x // k, self.y // k)


a, b = Vec(1, 2), Vec(3, 4)
print(a + b, a * 3, 3 * a, a @ b, -a, +a, ~a, abs(b), a == Vec(1, 2), a != b, bool(Vec(0, 0)))
# expect: Vec(4, 6) Vec(3, 6) Vec(3, 6) 11 Vec(-1, -2) Vec(1, 2) Vec(2, 1) 5.0 True True False
c = a
c += b
print(c is a, a, divmod(a, 3), round(a), round(a, 2), b // 2)
# expect: True Vec(4, 6) ('divmod', 3) ('round', None) ('round', 2) Vec(1, 2)
a *= 2
print(a, c, [10, 20, 30, 40, 50][Vec(2, 0)], hex(Vec(255, 0)), range(10)[Vec(1, 0) : Vec(5, 0)], "ab" * Vec(2, 0))
# expect: Vec(8, 12) Vec(4, 6) 30 0xff range(1, 5) Vec(abab, )
try:
    a + 1
except TypeError as error:
    print(error)
# expect: unsupported operand type(s) for +: 'Vec' and 'int'
try:
    1 + a
except TypeError as error:
    print(error)
# expect: unsupported operand type(s) for +: 'int' and 'Vec'
try:
    a - b
except TypeError as error:
    print(error)
# expect: unsupported operand type(s) for -: 'Vec' and 'Vec'
try:
    a -= b
except TypeError as error:
    print(error)
# expect: unsupported operand type(s) for -=: 'Vec' and 'Vec'
try:
    hash(a)
except TypeError as error:
    print(error)
# expect: unhashable type: 'Vec'


class Base:
    def __add__(self, other):
        return "Base.add"

    def __radd__(self, other):
        return "Base.radd"


class Derived(Base):
    def __radd__(self, other):
        return "Derived.radd"


print(Base() + Base(), Base() + Derived(), Derived() + Base(), 1 + Base(), Base() + 1, [] + Base())
# expect: Base.add Derived.radd Base.add Base.radd Base.add Base.radd


class Cmp:
    def __init__(self, v):
        self.v = v

    def __lt__(self, other):
        print("lt", self.v, other.v)
        return self.v < other.v


print(Cmp(1) < Cmp(2), Cmp(1) > Cmp(2), sorted([Cmp(3), Cmp(1)])[0].v, max(Cmp(1), Cmp(5)).v)
# expect: lt 1 2
# expect: lt 2 1
# expect: lt 1 3
# expect: lt 1 5
# expect: True False 1 5
try:
    Cmp(1) <= Cmp(2)
except TypeError as error:
    print(error)
# expect: '<=' not supported between instances of 'Cmp' and 'Cmp'


class MyInt(int):
    def __add__(self, other):
        return MyInt(int(self) + int(other) + 100)

    def __repr__(self):
        return f"<{int(self)}>"


print(MyInt(1) + 2, 1 + MyInt(2), MyInt(5) * 2, MyInt("7"), MyInt(3) == 3, {MyInt(3): 1}[3], sum([MyInt(1), MyInt(2)]))
# expect: <103> 3 10 <7> True 1 3


class Idx:
    def __index__(self):
        return "no"


for code in ("[1]['a']", "'a'[1.0]"):
    try:
        eval(code)
    except TypeError as error:
        print(error)
# expect: list indices must be integers or slices, not str
# expect: string indices must be integers, not 'float'


class Num:
    def __int__(self):
        return 5

    def __float__(self):
        return 2.5

    def __complex__(self):
        return 1j


print(int(Num()), float(Num()), complex(Num()), "%d" % Num(), round(2.567, 2))  # expect: 5 2.5 1j 5 2.57
print((5).__rsub__(3), (5).__add__("a"), int.__add__(1, 2), 1 .__lt__(2), (1.5).__eq__(1))
# expect: -2 NotImplemented 3 True False
