# The same place in a program, with other functions, defaults, names and classes from time to time.
def plain(a, b=2, *, c=3, d=4):
    return a, b, c, d


def only(a, /, b, c=30):
    return a, b, c


def many(*args, **kwargs):
    return args, kwargs


def mixed(a, *args, b=1, **kwargs):
    return a, args, b, kwargs


def repeat(call, n=12):
    for _ in range(n):
        result = call()
    return result


print(repeat(lambda: plain(1, b=5, c=6, d=7)))  # expect: (1, 5, 6, 7)
print(repeat(lambda: plain(1, d=7, c=6)))  # expect: (1, 2, 6, 7)
print(repeat(lambda: plain(d=1, c=2, b=3, a=4)))  # expect: (4, 3, 2, 1)
print(repeat(lambda: plain(1, c=6)))  # expect: (1, 2, 6, 4)
print(repeat(lambda: only(1, c=3, b=2)), repeat(lambda: only(1, b=2)))  # expect: (1, 2, 3) (1, 2, 30)
print(repeat(lambda: many(1, x=2)), repeat(lambda: mixed(1, 2, b=3, c=4)), repeat(lambda: mixed(a=1, z=2)))
# expect: ((1,), {'x': 2}) (1, (2,), 3, {'c': 4}) (1, (), 1, {'z': 2})


def attempt(call):
    for _ in range(12):
        try:
            call()
        except TypeError as e:
            message = str(e)
    return message


print(attempt(lambda: plain(1, a=2)))  # expect: plain() got multiple values for argument 'a'
print(attempt(lambda: plain(b=2)))  # expect: plain() missing 1 required positional argument: 'a'
print(attempt(lambda: only(a=1, b=2)))
# expect: only() got some positional-only arguments passed as keyword arguments: 'a'
print(attempt(lambda: only(1, b=2, x=3)))  # expect: only() got an unexpected keyword argument 'x'
print(attempt(lambda: plain(1, 2, 3, c=4)))
# expect: plain() takes from 1 to 2 positional arguments but 3 positional arguments (and 1 keyword-only argument) were given


# Defaults that change under a warm call.
def shifting(a, b=1):
    return a, b


def call_it():
    return shifting(a=0)


print(repeat(call_it))  # expect: (0, 1)
shifting.__defaults__ = (10,)
print(call_it())  # expect: (0, 10)
shifting.__defaults__ = (20, 30)
print(call_it(), (lambda: shifting())())  # expect: (0, 30) (20, 30)
shifting.__defaults__ = None
try:
    call_it()
except TypeError as e:
    print(e)
# expect: shifting() missing 1 required positional argument: 'b'
shifting.__code__ = (lambda a, b=0: [b, a]).__code__
shifting.__defaults__ = (5,)
print(call_it())  # expect: [5, 0]


class Point:
    def __init__(self, x, y=0, **more):
        self.x, self.y, self.more = x, y, more

    def moved(self, dx=0, dy=0):
        return self.x + dx, self.y + dy

    def __call__(self, *args, sign=1):
        return sign * self.x, args


p = repeat(lambda: Point(y=1, x=2, z=3))
print(p.x, p.y, p.more, repeat(lambda: p.moved(dy=5)), repeat(lambda: p(1, sign=-1)), repeat(lambda: p()))
# expect: 2 1 {'z': 3} (2, 6) (-2, (1,)) (2, ())
print(attempt(lambda: Point(y=1)), attempt(lambda: p(no=1)))
# expect: Point.__init__() missing 1 required positional argument: 'x' Point.__call__() got an unexpected keyword argument 'no'
bound = p.moved
print(repeat(lambda: bound(dy=7)), repeat(lambda: bound(*(1,), **{"dy": 2})), repeat(lambda: p(*[1, 2])))
# expect: (2, 8) (3, 3) (2, (1, 2))


class Bad:
    def __init__(self, x):
        return x


print(attempt(lambda: Bad(x=1)))  # expect: __init__() should return None, not 'int'


# `**` of what is no dict, and of dicts with other keys.
class Mapping:
    def keys(self):
        return ["a", "b"]

    def __getitem__(self, key):
        return key * 2


class Sub(dict):
    pass


print(plain(**Mapping()), plain(**Sub(a=1)), many(**{}), many(*(), **{"k": 1}), many(*"ab", **Mapping()))
# expect: ('aa', 'bb', 3, 4) (1, 2, 3, 4) ((), {}) ((), {'k': 1}) (('a', 'b'), {'a': 'aa', 'b': 'bb'})
print(attempt(lambda: many(**{1: 2})), "|", attempt(lambda: many(**3)), "|", attempt(lambda: many(*3)))
# expect: keywords must be strings | __main__.many() argument after ** must be a mapping, not int | __main__.many() argument after * must be an iterable, not int
kwargs = {"a": 1}
print(many(**kwargs)[1] is kwargs, plain(**kwargs, c=5), plain(*(1, 2), **{"c": 3}))
# expect: False (1, 2, 5, 4) (1, 2, 3, 4)


def forward(*args, **kwargs):
    return plain(*args, **kwargs)


print(repeat(lambda: forward(1)), repeat(lambda: forward(1, d=9)), attempt(lambda: forward(1, a=2)))
# expect: (1, 2, 3, 4) (1, 2, 3, 9) plain() got multiple values for argument 'a'
print(attempt(lambda: forward()))  # expect: plain() missing 1 required positional argument: 'a'
