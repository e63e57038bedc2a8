"""What a finaliser sees of the frames below it when the locals of a frame end."""

import gc
import sys


class Looks:
    def __del__(self):
        frame = sys._getframe(1)
        print(frame.f_code.co_name, sorted(frame.f_locals) if frame.f_code.co_name != "<module>" else "")


def returns():
    a = [1]
    looks = Looks()
    b = [2]


def raises():
    a = [1]
    looks = Looks()
    b = {}
    raise KeyError


class Made:
    def __init__(self):
        looks = Looks()


def generator():
    looks = Looks()
    yield


def caller():
    mine = [1]
    returns()  # expect: caller ['mine']
    try:
        raises()
    except KeyError as error:
        del error
    # expect: caller ['mine']
    Made()  # expect: caller ['mine']
    for _ in generator():
        pass
    # expect: caller ['_', 'mine']


caller()


# A generator that ends with its caller's locals leaves nothing behind.
def guarded():
    try:
        yield 1
    finally:
        pass


def starts_one():
    generator = guarded()
    next(generator)


def frames():
    gc.collect()
    return sum(type(thing).__name__ == "frame" for thing in gc.get_objects())


starts_one()
before = frames()
for _ in range(5):
    starts_one()
print(frames() - before)  # expect: 0
