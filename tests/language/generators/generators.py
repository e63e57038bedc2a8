# Generators: send, throw, close, return values, yield from, laziness, state.
def count(n):
    print("start")
    i = 0
    while i < n:
        got = yield i
        if got is not None:
            print("got", got)
            i = got
        else:
            i += 1
    return "done"


g = count(5)
print(type(g), g.gi_frame is not None, g.gi_running)  # expect: <class 'generator'> True False
print(next(g), next(g), g.send(3), next(g))
# expect: start
# expect: got 3
# expect: 0 1 3 4
try:
    next(g)
except StopIteration as stop:
    print("stop", stop.value)
# expect: stop done
print(g.gi_frame, next(g, "exhausted"), list(g))  # expect: None exhausted []


def delegating():
    result = yield from count(2)
    print("result", result)
    result = yield from [10, 20]
    print("list result", result)
    return (yield from inner_return())


def inner_return():
    return 99
    yield


print(list(delegating()))
# expect: start
# expect: result done
# expect: list result None
# expect: [0, 1, 10, 20]


def catching():
    while True:
        try:
            x = yield "waiting"
            print("received", x)
        except ValueError as error:
            print("caught", error)
            yield "recovered"
        finally:
            print("finally")


c = catching()
print(next(c), c.send(1), c.throw(ValueError("boom")))
# expect: received 1
# expect: finally
# expect: caught boom
# expect: waiting waiting recovered
print(next(c))
# expect: finally
# expect: waiting
c.close()  # expect: finally
print(list(c))  # expect: []
try:
    c.throw(KeyError("late"))
except KeyError as error:
    print("thrown out", error)
# expect: thrown out 'late'


def stubborn():
    try:
        yield 1
    except GeneratorExit:
        yield 2


s = stubborn()
next(s)
try:
    s.close()
except RuntimeError as error:
    print(error)
# expect: generator ignored GeneratorExit


def stops():
    yield 1
    raise StopIteration("inside")


try:
    list(stops())
except RuntimeError as error:
    print(error, repr(error.__cause__))
# expect: generator raised StopIteration StopIteration('inside')
g = count(1)
try:
    g.send(5)
except TypeError as error:
    print(error)
# expect: can't send non-None value to a just-started generator


def own():
    yield next(me)


me = own()
try:
    next(me)
except ValueError as error:
    print(error)
# expect: generator already executing


def fib():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b


from itertools import islice, takewhile

print(list(islice(fib(), 15)), list(takewhile(lambda x: x < 30, fib())))
# expect: [0, 1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377] [0, 1, 1, 2, 3, 5, 8, 13, 21]


def tree(n):
    if n:
        yield from tree(n // 2)
        yield n
        yield from tree(n // 3)


print(list(tree(12)))  # expect: [1, 3, 1, 6, 1, 2, 12, 1, 2, 4, 1]


def cleanup(log):
    try:
        yield 1
        yield 2
    finally:
        log.append("closed")


log = []
for x in cleanup(log):
    break
import gc

gc.collect()
print(log)  # expect: ['closed']
log2 = []
h = cleanup(log2)
del h
gc.collect()
print(log2)  # expect: []


def forward():
    try:
        yield from catching2()
    except KeyError as error:
        print("outer", error)
        yield "outer yield"


def catching2():
    try:
        yield 1
    except ValueError as error:
        yield f"inner {error}"


f = forward()
print(next(f), f.throw(ValueError("v")), f.throw(KeyError("k")))
# expect: outer 'k'
# expect: 1 inner v outer yield


def both():
    x = yield
    while x:
        x = yield x * 2


b = both()
next(b)
print(b.send(1), b.send(5), (lambda: (yield))().__class__.__name__, [x for x in (i * i for i in range(4))])
# expect: 2 10 generator [0, 1, 4, 9]


def args(*a, **k):
    yield a
    yield k


print(list(args(1, b=2)), sum(x for x in args() if isinstance(x, int)), next(count.__call__(1)))
# expect: start
# expect: [(1,), {'b': 2}] 0 0


def with_ctx():
    class M:
        def __enter__(self):
            print("in")

        def __exit__(self, *a):
            print("out", a[0])

    with M():
        yield 1


w = with_ctx()
next(w)  # expect: in
w.close()  # expect: out <class 'GeneratorExit'>
w2 = with_ctx()
next(w2)  # expect: in
try:
    w2.throw(OSError("x"))
except OSError as error:
    print(repr(error))
# expect: out <class 'OSError'>
# expect: OSError('x')
print(count.__name__, g.__name__, g.__qualname__, repr(g).startswith("<generator object count at"))
# expect: count count count True
import inspect

print(inspect.getgeneratorstate(count(1)), inspect.getgeneratorstate(w), inspect.isgeneratorfunction(count), inspect.isgenerator(g))
# expect: GEN_CREATED GEN_CLOSED True True


import sys


# throw() into a generator that delegates: the inner frame's caller is the outer one, as when it is sent something.
def names_of_callers():
    frame, names = sys._getframe(1), []
    while frame and frame.f_code.co_name != "throws":
        names.append(frame.f_code.co_name)
        frame = frame.f_back
    return names


def inner():
    try:
        yield 1
    except ValueError:
        yield names_of_callers()
    try:
        yield 2
    except ValueError:
        print(names_of_callers())
        raise


def outer():
    try:
        yield from inner()
    except ValueError:
        yield names_of_callers()


def throws():
    g = outer()
    next(g)
    print(g.throw(ValueError), next(g), g.throw(ValueError), g.gi_frame.f_back)


throws()
# expect: ['inner', 'outer']
# expect: ['inner', 'outer'] 2 ['outer'] None


# What cannot be raised has the place where it came up.
def ignores():
    while True:
        try:
            yield
        except GeneratorExit:
            pass


def unraisable(u):
    print(u.exc_value, u.exc_traceback.tb_frame.f_code.co_name, u.exc_traceback is u.exc_value.__traceback__)


def drops():
    g = ignores()
    next(g)
    del g


sys.unraisablehook = unraisable
drops()  # expect: generator ignored GeneratorExit drops True
sys.unraisablehook = sys.__unraisablehook__
