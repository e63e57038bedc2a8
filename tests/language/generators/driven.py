# Generators that native functions drive, and what others may do to them meanwhile.
import sys


def count(n):
    for i in range(n):
        yield i


print(list(count(4)), tuple(count(3)), set(count(3)), sum(count(5)), max(count(6)), sorted(count(3), reverse=True))
# expect: [0, 1, 2, 3] (0, 1, 2) {0, 1, 2} 10 5 [2, 1, 0]
print(any(x > 2 for x in count(5)), all(x < 2 for x in count(5)), dict((x, -x) for x in count(2)))
# expect: True False {0: 0, 1: -1}
print(",".join(str(x) for x in count(4)), sum([0.5, 0.25]), sum((x / 2 for x in count(4)), 1), sum([True, 2**70]))
# expect: 0,1,2,3 0.75 4.0 1180591620717411303425


class Greedy:
    """An item whose hash takes the next one from the generator that gave it."""

    def __init__(self, n):
        self.n = n

    def __hash__(self):
        print("hash", self.n, source.gi_running, source.gi_suspended, next(source, None) is None)
        return self.n


def items():
    for n in range(5):
        yield Greedy(n)


source = items()
print(sorted(item.n for item in set(source)))
# expect: hash 0 False True False
# expect: hash 2 False True False
# expect: hash 4 False True True
# expect: [0, 2, 4]


class Closing:
    def __hash__(self):
        source.close()
        return 1


def closed():
    try:
        yield Closing()
        print("not reached")
    finally:
        print("closed")


source = closed()
print(len(set(source)))
# expect: closed
# expect: 1


def raising():
    yield 1
    raise ValueError("from inside")


try:
    list(raising())
except ValueError as e:
    print(e, e.__traceback__.tb_next.tb_frame.f_code.co_name, e.__traceback__.tb_next.tb_lineno - raising.__code__.co_firstlineno)
# expect: from inside raising 2


def reentrant():
    yield 1
    yield list(me)


me = reentrant()
try:
    list(me)
except ValueError as e:
    print(e)
# expect: generator already executing

# Short circuits leave the generator where it is.
g = count(5)
print(any(x == 1 for x in g), next(g), list(g), next(g, "end"))  # expect: True 2 [3, 4] end
g = count(5)
print(2 in g, list(g))  # expect: True [3, 4]
a, b, *rest = count(5)
print(a, b, rest)  # expect: 0 1 [2, 3, 4]
try:
    a, b = count(3)
except ValueError as e:
    print(e)
# expect: too many values to unpack (expected 2)


# What was being handled comes back with each frame.
def handler():
    try:
        raise KeyError("own")
    except KeyError:
        print("inside", repr(sys.exception()))
        yield 1
        print("again", repr(sys.exception()))
    print("after", repr(sys.exception()))
    yield 2
    print("at the end", repr(sys.exception()))


g = handler()
next(g)  # expect: inside KeyError('own')
print("outside", sys.exception())  # expect: outside None
try:
    raise OSError("outer")
except OSError:
    print(list(g), repr(sys.exception()))
# expect: again KeyError('own')
# expect: after OSError('outer')
# expect: at the end OSError('outer')
# expect: [2] OSError('outer')
print(sys.exception())  # expect: None


def bare():
    try:
        raise
    except BaseException as e:
        yield repr(e)


try:
    1 / 0
except ZeroDivisionError:
    print(next(bare()), next(x for x in bare()))
# expect: ZeroDivisionError('division by zero') ZeroDivisionError('division by zero')
try:
    next(bare())
except StopIteration:
    print("stopped")


# Names: those of the function when the generator was made, until somebody sets them.
def named():
    yield


one = named()
named.__name__, named.__qualname__ = "other", "quite.other"
two = named()
print(one.__name__, one.__qualname__, two.__name__, two.__qualname__, two.gi_code.co_name)
# expect: named named other quite.other named
two.__name__ = "third"
print(two.__name__, two.gi_code is one.gi_code, named.__code__ is one.gi_code)  # expect: third True True
del named
one.close()
print(one.gi_code.co_name, one.gi_frame, one.__name__)  # expect: named None named


# Ending without a handler, with one, and while delegating.
class Noisy:
    def __del__(self):
        print("dropped")


def holds(guarded):
    held = Noisy()
    if guarded:
        try:
            yield 1
        except GeneratorExit:
            print("exit")
            raise
        finally:
            print("finally")
    else:
        yield 2


def delegates():
    yield from holds(True)


for make in (lambda: holds(False), lambda: holds(True), delegates):
    g = make()
    next(g)
    print(g.close(), g.gi_frame, next(g, "none left"))
# expect: dropped
# expect: None None none left
# expect: exit
# expect: finally
# expect: dropped
# expect: None None none left
# expect: exit
# expect: finally
# expect: dropped
# expect: None None none left
g = holds(False)
next(g)
frame = g.gi_frame
print(frame.f_locals["guarded"], frame.f_lineno - frame.f_code.co_firstlineno)  # expect: False 11
del g  # expect: dropped
print(sorted(frame.f_locals))  # expect: []
del frame


def stubborn():
    try:
        yield 1
    except GeneratorExit:
        yield 2


g = stubborn()
next(g)
try:
    g.close()
except RuntimeError as e:
    print(e)
# expect: generator ignored GeneratorExit
g = count(2)
print(g.close(), list(g))  # expect: None []

# A chain as long as one likes, published at its end.
link = iter([1])
for _ in range(50_000):
    link = (x for x in link)
holder = [link]
del holder, link
print("freed")  # expect: freed
