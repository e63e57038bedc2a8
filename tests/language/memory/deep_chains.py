# Chains of a length that no native stack holds: an error or an answer, on the main thread and on threads with any stack.
import functools
import itertools
import marshal
import threading
import types

LENGTH = 50_000


def nested(make, inner, length=LENGTH):
    for _ in range(length):
        inner = make(inner)
    return inner


def attempt(action, *errors):
    try:
        action()
    except (RecursionError, *errors):
        pass


def iterators():
    chains = [
        itertools.chain,
        enumerate,
        zip,
        itertools.cycle,
        itertools.accumulate,
        itertools.pairwise,
        itertools.zip_longest,
        lambda x: map(int, x),
        lambda x: filter(None, x),
        lambda x: itertools.islice(x, 5),
        lambda x: itertools.takewhile(bool, x),
        lambda x: itertools.starmap(print, x),
        lambda x: itertools.batched(x, 1),
        lambda x: itertools.tee(x)[0],
        lambda x: itertools.chain.from_iterable([x]),
    ]
    for make in chains:
        chain = nested(make, iter([1, 2]))
        attempt(lambda: next(chain), TypeError, StopIteration)


def methods():
    method = nested(lambda f: types.MethodType(f, []), len, 20_000)
    attempt(lambda: repr(method))
    attempt(lambda: hash(method), TypeError)
    attempt(lambda: method.__name__)


def calls():
    def outermost(f):
        outer = functools.partial(print)
        outer.__setstate__((f, (), {}, {}))
        return outer

    attempt(nested(outermost, lambda: None, 20_000))
    attempt(nested(staticmethod, lambda: 1, 20_000))


def marshalled():
    attempt(lambda: marshal.loads(b"\xa9\x01" * LENGTH + b"N"), ValueError, EOFError)
    attempt(lambda: marshal.loads(b"[\1\0\0\0" * LENGTH + b"N"), ValueError, EOFError)
    attempt(lambda: marshal.dumps(nested(lambda x: [x], 1)), ValueError)


def run(place):
    for part in iterators, methods, calls, marshalled:
        part()
    print(place)


run("main")  # expect: main
for size in 0, 1 << 16, 1 << 20:
    threading.stack_size(size)
    thread = threading.Thread(target=run, args=(f"stack of {threading.stack_size()}",))
    thread.start()
    thread.join()
# expect: stack of 0
# expect: stack of 65536
# expect: stack of 1048576

# Constants that nest deeply: code is made of them, but not written.
import marshal


def deep():
    pass


nest = ()
for _ in range(100_000):
    nest = (nest,)
code = deep.__code__.replace(co_consts=(nest,))
try:
    marshal.dumps(code)
except ValueError as error:
    print(error)  # expect: unmarshallable object
