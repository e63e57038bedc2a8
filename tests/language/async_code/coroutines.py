# async/await without an event loop: a driver written by hand.
class Suspend:
    def __init__(self, label):
        self.label = label

    def __await__(self):
        got = yield self.label
        return f"resumed {self.label} with {got}"


async def leaf(n):
    print("leaf", n)
    result = await Suspend(f"s{n}")
    return result


async def parent():
    a = await leaf(1)
    b = await leaf(2)
    return [a, b]


def drive(coro, *values):
    seen, value = [], None
    feed = iter(values)
    try:
        while True:
            seen.append(coro.send(value))
            value = next(feed, None)
    except StopIteration as stop:
        return seen, stop.value


print(drive(parent(), "x", "y"))
# expect: leaf 1
# expect: leaf 2
# expect: (['s1', 's2'], ['resumed s1 with x', 'resumed s2 with y'])


async def plain():
    return 5


print(drive(plain()), type(plain), plain.__name__)  # expect: ([], 5) <class 'function'> plain
c = plain()
print(type(c), c.cr_frame is not None, c.cr_running, c.__name__)  # expect: <class 'coroutine'> True False plain
c.close()


async def fails():
    try:
        await Suspend("f")
    except ValueError as error:
        print("caught", error)
        return "handled"
    finally:
        print("finally")


f = fails()
f.send(None)
try:
    f.throw(ValueError("in"))
except StopIteration as stop:
    print(stop.value)
# expect: caught in
# expect: finally
# expect: handled
g = fails()
g.send(None)
g.close()  # expect: finally
try:
    g.send(None)
except RuntimeError as error:
    print(error)
# expect: cannot reuse already awaited coroutine


class Manager:
    async def __aenter__(self):
        print("aenter")
        await Suspend("enter")
        return "entered"

    async def __aexit__(self, kind, value, trace):
        await Suspend("exit")
        print("aexit", kind and kind.__name__)
        return kind is KeyError


async def managed():
    async with Manager() as m, Manager():
        print(m)
    async with Manager():
        raise KeyError("swallowed")
    return "end"


print(drive(managed()))
# expect: aenter
# expect: aenter
# expect: entered
# expect: aexit None
# expect: aexit None
# expect: aenter
# expect: aexit KeyError
# expect: (['enter', 'enter', 'exit', 'exit', 'enter', 'exit'], 'end')


class Counter:
    def __init__(self, n):
        self.n = n

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.n == 0:
            raise StopAsyncIteration
        self.n -= 1
        await Suspend(self.n)
        return self.n


async def loops():
    out = []
    async for x in Counter(3):
        if x == 1:
            continue
        out.append(x)
    else:
        out.append("else")
    out.append([x async for x in Counter(3) if x])
    out.append({x: x * x async for x in Counter(2)})
    out.append([await leaf(i) for i in range(2)])
    return out


print(drive(loops()))
# expect: leaf 0
# expect: leaf 1
# expect: ([2, 1, 0, 2, 1, 0, 1, 0, 's0', 's1'], [2, 0, 'else', [2, 1], {1: 1, 0: 0}, ['resumed s0 with None', 'resumed s1 with None']])


async def agen(n):
    try:
        for i in range(n):
            await Suspend(f"a{i}")
            got = yield i
            if got:
                print("agen got", got)
    finally:
        print("agen closed")


async def consume():
    total = []
    async for x in agen(3):
        total.append(x)
    ag = agen(5)
    total.append(await ag.__anext__())
    total.append(await ag.asend("hi"))
    try:
        await ag.athrow(ValueError("thrown"))
    except ValueError as error:
        total.append(str(error))
    ag2 = agen(2)
    await anext(ag2)
    await ag2.aclose()
    total.append(await anext(ag2, "default"))
    return total


print(drive(consume()))
# expect: agen closed
# expect: agen got hi
# expect: agen closed
# expect: agen closed
# expect: (['a0', 'a1', 'a2', 'a0', 'a1', 'a0'], [0, 1, 2, 0, 1, 'thrown', 'default'])


async def gen_expr():
    return [x async for x in (y * 2 async for y in agen(2))]


print(drive(gen_expr()))
# expect: agen closed
# expect: (['a0', 'a1'], [0, 2])
import types


@types.coroutine
def old_style():
    got = yield "old"
    return got


async def uses_old():
    return await old_style()


print(drive(uses_old(), "value"))  # expect: (['old'], 'value')


def err(make):
    try:
        drive(make())
    except Exception as error:
        print(f"{type(error).__name__}: {error}")


async def await_int():
    await 5


async def for_int():
    async for x in 5:
        pass


async def with_int():
    async with 5:
        pass


async def twice():
    c = plain()
    await c
    await c


async def stop_inside():
    raise StopIteration("x")


for make in (for_int, twice, stop_inside):
    err(make)
# expect: TypeError: 'async for' requires an object with __aiter__ method, got int
# expect: RuntimeError: cannot reuse already awaited coroutine
# expect: RuntimeError: coroutine raised StopIteration
print(repr(agen(1))[:30], type(agen(1)))  # expect: <async_generator object agen a <class 'async_generator'>


# Steps of asynchronous generators that nobody awaits, and the old way to call athrow().
import gc
import warnings


def fails_with(function, *args):
    try:
        function(*args)
    except BaseException as e:
        return f"{type(e).__name__} {e}"


async def steps():
    yield 1


def warned(make):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        make(steps())
        gc.collect()
    return [(w.category.__name__, str(w.message)) for w in seen]


print(*warned(lambda g: g.asend(None)))  # expect: ('RuntimeWarning', "coroutine method 'asend' of 'steps' was never awaited")
print(*warned(lambda g: g.__anext__()))  # expect: ('RuntimeWarning', "coroutine method 'asend' of 'steps' was never awaited")
print(*warned(lambda g: g.aclose()))  # expect: ('RuntimeWarning', "coroutine method 'aclose' of 'steps' was never awaited")
print(*warned(lambda g: g.athrow(ValueError)))  # expect: ('RuntimeWarning', "coroutine method 'athrow' of 'steps' was never awaited")
print(warned(lambda g: g.asend(None).close()), warned(lambda g: print(fails_with(g.asend(None).send, None))))
# expect: StopIteration 1
# expect: [] []
print(warned(lambda g: fails_with(g.athrow(ValueError, ValueError("x"), None).send, None)))
# expect: [('DeprecationWarning', 'the (type, exc, tb) signature of athrow() is deprecated, use the single-arg signature instead.')]


# Where coroutines come from, for those who ask.
async def waits():
    pass


def makes():
    return waits()


def origin(depth):
    sys.set_coroutine_origin_tracking_depth(depth)
    try:
        coroutine = makes()
        found = coroutine.cr_origin
        coroutine.close()
        return found and [(line - makes.__code__.co_firstlineno, name) for _, line, name in found]
    finally:
        sys.set_coroutine_origin_tracking_depth(0)


import sys

print(origin(0), origin(1), origin(2), len(origin(100)))
# expect: None [(1, 'makes')] [(1, 'makes'), (7, 'origin')] 3
try:
    sys.set_coroutine_origin_tracking_depth(-1)
except ValueError as e:
    print(e, sys.get_coroutine_origin_tracking_depth())  # expect: depth must be >= 0 0


def forgets(_):
    sys.set_coroutine_origin_tracking_depth(1)
    makes()
    sys.set_coroutine_origin_tracking_depth(0)


for category, message in warned(forgets):
    print(category, message.replace(f'"{__file__}", line {makes.__code__.co_firstlineno + 1}', "HERE"))
# expect: RuntimeWarning coroutine 'waits' was never awaited
# expect: Coroutine created at (most recent call last)
# expect:   File HERE, in makes
# expect:     return waits()
print(set(warned(lambda _: waits().cr_frame.clear())))  # expect: {('RuntimeWarning', "coroutine 'waits' was never awaited")}
