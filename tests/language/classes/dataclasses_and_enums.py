# dataclasses and enum.
from dataclasses import KW_ONLY, FrozenInstanceError, InitVar, asdict, astuple, dataclass, field, fields, is_dataclass, replace
from enum import Enum, Flag, IntEnum, IntFlag, StrEnum, auto, unique


@dataclass
class Point:
    x: int
    y: int = 0
    tags: list = field(default_factory=list, repr=False)

    def dist(self):
        return (self.x ** 2 + self.y ** 2) ** 0.5


p = Point(3, 4)
print(p, p.dist(), p == Point(3, 4), p != Point(1), p.tags, [f.name for f in fields(p)], asdict(p), astuple(p), replace(p, x=9), is_dataclass(Point), Point.__match_args__)
# expect: Point(x=3, y=4) 5.0 True True [] ['x', 'y', 'tags'] {'x': 3, 'y': 4, 'tags': []} (3, 4, []) Point(x=9, y=4) True ('x', 'y', 'tags')


@dataclass(frozen=True, order=True)
class Frozen:
    a: int
    b: str = "b"


f = Frozen(1)
print(f, hash(f) == hash(Frozen(1)), f < Frozen(2), sorted([Frozen(2), Frozen(1, "a")]), {f: 1}[Frozen(1)])
# expect: Frozen(a=1, b='b') True True [Frozen(a=1, b='a'), Frozen(a=2, b='b')] 1
try:
    f.a = 5
except FrozenInstanceError as error:
    print(error)
# expect: cannot assign to field 'a'


@dataclass
class Child(Point):
    z: int = 5
    total: int = field(init=False)
    seed: InitVar[int] = 1
    _: KW_ONLY
    kw: str = "k"

    def __post_init__(self, seed):
        self.total = self.x + self.y + self.z + seed


print(Child(1, 2, seed=10, kw="w"), Child(1).total)  # expect: Child(x=1, y=2, z=5, total=18, kw='w') 7


@dataclass(slots=True)
class Slotted:
    a: int
    b: int = 2


print(Slotted(1), hasattr(Slotted(1), "__dict__"), Slotted.__slots__)  # expect: Slotted(a=1, b=2) False ('a', 'b')
try:

    @dataclass
    class Wrong:
        a: int = 1
        b: str

except TypeError as error:
    print(error)
# expect: non-default argument 'b' follows default argument 'a'
try:

    @dataclass
    class Mutable:
        a: list = []

except ValueError as error:
    print(error)
# expect: mutable default <class 'list'> for field a is not allowed: use default_factory
try:
    Point()
except TypeError as error:
    print(error)
# expect: Point.__init__() missing 1 required positional argument: 'x'


class Color(Enum):
    RED = 1
    GREEN = 2
    CRIMSON = 1

    @property
    def pretty(self):
        return self.name.title()

    @classmethod
    def default(cls):
        return cls.RED


print(Color.RED, repr(Color.RED), Color.RED.value, Color.RED.name, Color(2), Color["GREEN"], list(Color), Color.CRIMSON is Color.RED, Color.RED == 1, len(Color), Color.GREEN in Color, Color.GREEN.pretty, Color.default(), type(Color.RED), isinstance(Color.RED, Color), {Color.RED: "r"}[Color.RED], Color.__members__.keys())
# expect: Color.RED <Color.RED: 1> 1 RED Color.GREEN Color.GREEN [<Color.RED: 1>, <Color.GREEN: 2>] True False 2 True Green Color.RED <enum 'Color'> True r dict_keys(['RED', 'GREEN', 'CRIMSON'])


def err(code):
    try:
        exec(code)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")


err("Color(9)")  # expect: ValueError: 9 is not a valid Color
err("Color['BLUE']")  # expect: KeyError: 'BLUE'
err("Color.BLUE")  # expect: AttributeError: type object 'Color' has no attribute 'BLUE'
err("Color.RED = 5")  # expect: AttributeError: cannot reassign member 'RED'
err("class More(Color): pass")  # expect: TypeError: <enum 'More'> cannot extend <enum 'Color'>
err("unique(Color)")  # expect: ValueError: duplicate values found in <enum 'Color'>: CRIMSON -> RED
err("Color.RED < Color.GREEN")  # expect: TypeError: '<' not supported between instances of 'Color' and 'Color'


class Num(IntEnum):
    ONE = 1
    TWO = auto()


print(Num.ONE + 1, Num.TWO > 1, Num.TWO, repr(Num.TWO), f"{Num.TWO}", f"{Num.TWO:03d}", sorted([Num.TWO, Num.ONE]), [10, 20, 30][Num.ONE], int(Num.TWO))
# expect: 2 True 2 <Num.TWO: 2> 2 002 [<Num.ONE: 1>, <Num.TWO: 2>] 20 2


class Perm(Flag):
    R = auto()
    W = auto()
    X = auto()
    RW = R | W


print(Perm.R | Perm.W, Perm.RW, Perm.R in Perm.RW, ~Perm.R, Perm.R & Perm.W, bool(Perm.R & Perm.W), Perm(5), list(Perm.RW), repr(Perm.R ^ Perm.X), Perm.R.value)
# expect: Perm.RW Perm.RW True Perm.W|X Perm(0) False Perm.R|X [<Perm.R: 1>, <Perm.W: 2>] <Perm.R|X: 5> 1


class Name(StrEnum):
    A = auto()
    B = "bee"


print(Name.A, Name.B.upper(), Name.B == "bee", repr(Name.A), f"{Name.B:>5}", "".join([Name.A, Name.B]))
# expect: a BEE True <Name.A: 'a'>   bee abee


class Planet(Enum):
    EARTH = (5.97e24, 6.37e6)
    MARS = (6.42e23, 3.39e6)

    def __init__(self, mass, radius):
        self.mass, self.radius = mass, radius

    def heavy(self):
        return self.mass > 1e24


print(Planet.EARTH.heavy(), Planet.MARS.heavy(), Planet.MARS.value, Planet((6.42e23, 3.39e6)).name)
# expect: True False (6.42e+23, 3390000.0) MARS
Dyn = Enum("Dyn", "X Y")
print(list(Dyn), Dyn.X.value, Enum("D2", {"a": 10}).a.value)  # expect: [<Dyn.X: 1>, <Dyn.Y: 2>] 1 10


class I(IntFlag):
    A = 1
    B = 2


print(I.A | I.B, I.A | 8, I(3), repr(I.A), I.A + 1)  # expect: 3 9 3 <I.A: 1> 2


class Auto(Enum):
    def _generate_next_value_(name, start, count, last):
        return name.lower() + str(count)

    FIRST = auto()
    SECOND = auto()

    @classmethod
    def _missing_(cls, value):
        return cls.FIRST


print(Auto.FIRST.value, Auto.SECOND.value, Auto("anything"))  # expect: first0 second1 Auto.FIRST
