"""Functions that use every kind of instruction. Their code is damaged; what is still accepted is run."""


class Resource:
    log = []

    def __init__(self, name="r"):
        self.name = name

    def __enter__(self):
        self.log.append(self.name)
        return self

    def __exit__(self, kind, error, place):
        return kind is ValueError

    async def __aenter__(self):
        return self

    async def __aexit__(self, kind, error, place):
        return kind is KeyError


class Base:
    __match_args__ = ("x", "y")
    kind = "base"

    def __init__(self, x=1, y=2):
        self.x, self.y = x, y

    def total(self):
        return self.x + self.y


class Derived(Base):
    def total(self):
        return super().total() * 2 + len(self.kind)

    @property
    def area(self):
        return self.x * self.y


def arithmetic(a, b=3, *rest, k=2, **more):
    c = a + b * k - (a // b) % 7
    c += len(rest) + len(more)
    d = a if c > b else -b
    return c, d, a == b or a is None, not a, ~a, a < b < c, c in rest, 1.5 * a - b / 2


def loops(n):
    out = []
    total = 0
    for i in range(n):
        if i % 3 == 0:
            continue
        if i > 20:
            break
        total += i
        out.append((i, total))
    else:
        out.append(None)
    while total > 3:
        total //= 2
    return out, total


def comprehensions(items):
    pairs = [(i, x) for i, x in enumerate(items) if x]
    table = {x: [y for y in items if y != x] for x in items}
    return pairs, table, {x for x in items}, list(x + 1 for x in items)


def errors(n):
    seen = []
    try:
        try:
            if n == 0:
                raise ValueError("zero")
            seen.append(10 // (n - 1))
        except ValueError as e:
            seen.append(str(e))
            raise KeyError(n) from e
        except (ZeroDivisionError, TypeError):
            seen.append("div")
        else:
            seen.append("else")
        finally:
            seen.append("finally")
    except KeyError as e:
        seen.append(e.args)
        return seen
    return seen


def groups():
    try:
        raise ExceptionGroup("g", [ValueError(1), TypeError(2), KeyError(3)])
    except* ValueError as e:
        a = len(e.exceptions)
    except* (TypeError, KeyError):
        a = -1
    return a


def managers(n):
    with Resource("a") as a, Resource("b") as b:
        if n:
            raise ValueError
        return a.name + b.name
    return "suppressed"


def closures(a):
    count = 0
    items = []

    def add(x, scale=a):
        nonlocal count
        count += x * scale
        items.append(lambda: count + x)
        return count

    add(1)
    add(2, scale=3)
    del a
    return count, [f() for f in items]


def generator(n):
    try:
        for i in range(n):
            got = yield i
            if got:
                yield got * 2
    finally:
        Resource.log.append("closed")
    return n


def delegating(n):
    first = yield from generator(n)
    second = yield from [1, 2]
    return first, second


async def coroutine(n):
    async with Resource("async") as r:
        return n, r.name


async def stream(n):
    for i in range(n):
        yield i


async def consume(n):
    out = [x async for x in stream(n)]
    async for x in stream(n):
        out.append(await coroutine(x))
    return out


def matching(v):
    match v:
        case 0 | 1:
            return "small"
        case [a, b, *rest] if a:
            return a, b, rest
        case {"k": x, **others}:
            return x, others
        case Base(x, y=z):
            return x, z
        case str() as s:
            return s
        case _:
            return None


def containers(a, b):
    x = [a, *b, a]
    x[1:2] = [b, b]
    y = {"a": a, **{"k": 1}}
    y["a"] += 1
    z = {a, *x[:1]}
    first, *middle, last = x
    del x[0], y["k"]
    p, q = last, first
    text = f"{a!r:>5} {b} {first:{4}}"
    return x, y, z, middle, p, q, text, dict(**y), max(*b, a), "%s" % a


def objects():
    d = Derived(3, y=4)
    d.extra = d.total()
    d.extra += d.area
    n = d.extra
    del d.extra
    try:
        d.missing
    except AttributeError:
        n += 1
    import math
    from math import floor as down
    assert n, "never"
    return n, math.pi, down(2.5), Derived.kind, isinstance(d, Base)


def local_class(a):
    class Inner[T](Base):
        value: int = a
        other = [a for _ in range(2)]

        def get(self):
            return __class__, a

    type Alias[X] = list[X]
    return Inner.value, Inner().get()[1], Inner.__name__, Alias.__name__


def unbound(n):
    if n:
        v = n
    try:
        return v
    except UnboundLocalError:
        return "unbound"


def drive(made):
    """Runs a generator, coroutine or asynchronous generator for a few steps."""
    if hasattr(made, "__anext__"):
        made = made.__anext__()
    if not hasattr(made, "send"):
        return made
    out = []
    try:
        for i in range(12):
            out.append(made.send(None if i != 2 else 5) if i else made.send(None))
        made.throw(ValueError("thrown"))
    except StopIteration as e:
        out.append(e.value)
    made.close()
    return out


CALLS = [
    (arithmetic, (5,), {}), (arithmetic, (1, 2, 3, 4), {"k": 5, "z": 6}), (loops, (8,), {}), (loops, (40,), {}),
    (comprehensions, ([1, 2, 0],), {}), (errors, (0,), {}), (errors, (1,), {}), (errors, (3,), {}), (groups, (), {}),
    (managers, (0,), {}), (managers, (1,), {}), (closures, (2,), {}), (generator, (3,), {}), (delegating, (2,), {}),
    (coroutine, (1,), {}), (stream, (2,), {}), (consume, (3,), {}), (matching, (1,), {}), (matching, ([1, 2, 3],), {}),
    (matching, ({"k": 2, "m": 3},), {}), (matching, (Derived(),), {}), (matching, ("text",), {}),
    (containers, (1, [2, 3]), {}), (objects, (), {}), (local_class, (1,), {}), (unbound, (0,), {}), (unbound, (1,), {}),
]


def run():
    done = 0
    for f, args, keywords in CALLS:
        # Often enough that the code is specialised.
        for _ in range(4):
            try:
                drive(f(*args, **keywords))
                done += 1
            except Exception as e:
                repr(e)
    return done
