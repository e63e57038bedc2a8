# Instances with more attributes than most, and instances whose attributes are in a dict: sites that have learned one kind meet the
# other.
class Wide:
    kind = "class"

    def __init__(self, count):
        for i in range(count):
            setattr(self, f"a{i}", i)

    def get(self):
        return self.a0, self.a29, self.a31, self.a99


for count in (100, 100, 119, 120, 125, 100):
    w = Wide(count)
    w.a99 += 1000
    for _ in range(40):
        got = w.get()
    print(count, got, len(vars(w)), list(vars(w))[-1])
# expect: 100 (0, 29, 31, 1099) 100 a99
# expect: 100 (0, 29, 31, 1099) 100 a99
# expect: 119 (0, 29, 31, 1099) 119 a118
# expect: 120 (0, 29, 31, 1099) 120 a119
# expect: 125 (0, 29, 31, 1099) 125 a124
# expect: 100 (0, 29, 31, 1099) 100 a99


class Bag:
    pass


# Many names in all, few on each.
bags = []
for i in range(300):
    b = Bag()
    for j in range(3):
        setattr(b, f"n{(i * 7 + j) % 250}", i)
    bags.append(b)
print(sum(len(vars(b)) for b in bags), all(getattr(b, f"n{i * 7 % 250}") == i for i, b in enumerate(bags)))
# expect: 900 True


class Point:
    kind = "class"
    limit = 7

    def __init__(self, x, y):
        self.x = x
        self.y = y

    def total(self):
        return self.x + self.y

    @property
    def twice(self):
        return self.x * 2


def look(p):
    return p.x, p.y, p.kind, p.limit, p.total(), p.twice


plain, shown, turned = Point(1, 2), Point(3, 4), Point(5, 6)
shown.__dict__
turned.__dict__ = {"y": 6, "x": 5}
for _ in range(60):
    seen = [look(p) for p in (plain, shown, turned)]
print(seen)
# expect: [(1, 2, 'class', 7, 3, 2), (3, 4, 'class', 7, 7, 6), (5, 6, 'class', 7, 11, 10)]

# What the class has is hidden by the dict, and comes back.
shown.__dict__["kind"] = "own"
shown.__dict__["total"] = lambda: "own total"
print(look(shown), look(turned)[2])
# expect: (3, 4, 'own', 7, 'own total', 6) class
del shown.kind, shown.total
print(look(shown))
# expect: (3, 4, 'class', 7, 7, 6)
del shown.x
try:
    look(shown)
except AttributeError as e:
    print(e)
# expect: 'Point' object has no attribute 'x'
shown.x = 30
print(look(shown), list(vars(shown)))
# expect: (30, 4, 'class', 7, 34, 60) ['y', 'x']


class Rows(dict):
    pass


# A dict that is none exactly, and one that another takes the place of.
turned.__dict__ = Rows(x=50, y=60)
print(look(turned))
# expect: (50, 60, 'class', 7, 110, 100)
for i in range(50):
    turned.__dict__ = {f"z{i}": 0, "x": i, "y": i}
    assert look(turned) == (i, i, "class", 7, 2 * i, 2 * i), i
Point.kind = "changed"
Point.x = property(lambda self: 1000)
print(look(shown)[:3])
# expect: (1000, 4, 'changed')


class Asked:
    here = "class"

    def __init__(self):
        self.own = 1

    def method(self):
        return self.own

    @property
    def broken(self):
        raise AttributeError("broken")

    def __getattr__(self, name):
        return f"asked for {name}"


def ask(a):
    return a.own, a.here, a.method(), a.nothing, a.broken


a = Asked()
for _ in range(60):
    said = ask(a)
print(said)
# expect: (1, 'class', 1, 'asked for nothing', 'asked for broken')
del a.own
print(ask(a))
# expect: ('asked for own', 'class', 'asked for own', 'asked for nothing', 'asked for broken')
a.own, a.nothing = 2, 3
print(ask(a))
# expect: (2, 'class', 2, 3, 'asked for broken')
Asked.__getattribute__ = lambda self, name: f"got {name}"
print(a.own, a.here, a.nothing)
# expect: got own got here got nothing
del Asked.__getattribute__
del Asked.__getattr__
print(a.own, a.here, a.method())
# expect: 2 class 2
try:
    a.broken
except AttributeError as e:
    print(e)
# expect: broken
