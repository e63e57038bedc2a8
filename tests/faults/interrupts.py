"""Exceptions that arrive at any moment: Ctrl-C in the main thread, exceptions raised into others.

Each act works for ever until the exception arrives, which it must; then what the act worked on must be whole, and no lock of a
`with` statement held. Arguments: rounds, seed, names of acts (all)."""

import _faults
import _thread
import collections
import gc
import importlib
import io
import itertools
import json
import os
import pickle
import queue
import random
import re
import select
import signal
import subprocess
import sys
import threading
import time

rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 30) if rounds else 1
only = sys.argv[3:]
pick = random.Random(seed)


class Boom(BaseException):
    pass


class Lists:
    def __init__(self):
        self.items, self.other = list(range(50)), collections.deque(range(50))

    def work(self):
        self.items.append(self.items.pop(0))
        self.items[10:20] = self.items[10:20]
        self.items.sort(key=lambda x: x % 7)
        self.items.reverse()
        self.other.rotate(3)
        sorted(self.items, key=str)

    def check(self):
        # Between `pop` and `append` one may be missing.
        assert len(self.items) in (49, 50) and len(set(self.items)) == len(self.items), self.items
        assert len(self.other) == 50


class Tables:
    def __init__(self):
        self.table, self.members = {}, set()

    def work(self):
        for i in range(20):
            self.table[i] = self.table[str(i)] = i
            self.members.add(i)
        for i in range(20):
            del self.table[i]
            self.members.discard(i)
        self.table.update({"a": 1} | {str(i): i for i in range(30)})

    def check(self):
        for key in list(self.table):
            assert self.table[key] == (1 if key == "a" else int(key))
            del self.table[key]
        assert not self.table and self.members <= set(range(20))


class Locks:
    """Of `with` statements, which always give their locks back."""

    def __init__(self):
        self.locks = [threading.Lock(), threading.RLock(), threading.Lock()]
        self.inside = 0

    def work(self):
        a, b, c = self.locks
        with a:
            self.inside += 1
            with b, c:
                self.inside += 1
                with b:
                    pass
                self.inside -= 1
            self.inside -= 1
        for lock in self.locks:
            with lock:
                continue

    def check(self):
        for lock in self.locks:
            assert lock.acquire(blocking=False), lock
            lock.release()


class LocksInFunctions(Locks):
    def work(self):
        for _ in range(5):
            self.hold(self.locks[0], lambda: None)
            self.early(self.locks[2])

    def hold(self, lock, f):
        with lock:
            f()
            f()

    def early(self, lock):
        for _ in range(3):
            with lock:
                try:
                    return len(self.locks)
                finally:
                    self.inside += 1


class Queues:
    def __init__(self):
        self.simple = queue.SimpleQueue()

    def work(self):
        for i in range(10):
            self.simple.put(i)
        for i in range(10):
            self.simple.get()
        whole = queue.Queue()
        whole.put(1)
        whole.get()

    def check(self):
        while not self.simple.empty():
            self.simple.get_nowait()
        self.simple.put(1)
        assert self.simple.get(timeout=10) == 1


class Generators:
    def __init__(self):
        self.open = 0

    def numbers(self, n):
        self.open += 1
        try:
            for i in range(n):
                yield i
        finally:
            self.open -= 1

    def over(self, inner):
        yield from inner
        return 1

    def work(self):
        assert sum(self.over(self.numbers(20))) == 190
        assert [x for x in itertools.chain(self.numbers(3), self.over(self.numbers(3)))] == [0, 1, 2, 0, 1, 2]
        made = self.over(self.numbers(5))
        next(made)
        made.close()

    def check(self):
        gc.collect()
        assert list(self.over(self.numbers(3))) == [0, 1, 2]


class Imports:
    names = ["colorsys", "quopri", "stringprep", "wave", "xml.dom.minidom"]

    def work(self):
        for name in self.names:
            for loaded in [n for n in sys.modules if n.split(".")[0] == name.split(".")[0]]:
                sys.modules.pop(loaded, None)
            importlib.import_module(name)

    def check(self):
        for name in self.names:
            for loaded in [n for n in sys.modules if n.split(".")[0] == name.split(".")[0]]:
                sys.modules.pop(loaded, None)
        done = []
        # In another thread: a lock that the interrupted import still held would show.
        thread = threading.Thread(target=lambda: done.extend(importlib.import_module(n) for n in self.names))
        thread.start()
        thread.join(60)
        assert len(done) == len(self.names), "an import lock is held"
        assert done[0].rgb_to_hsv and done[3].open and done[4].parseString


class Texts:
    def __init__(self):
        self.data = {"a": [1, 2.5, None, "x" * 50], "b": {str(i): i for i in range(30)}}

    def work(self):
        assert json.loads(json.dumps(self.data)) == self.data
        assert pickle.loads(pickle.dumps(self.data)) == self.data
        assert re.sub("(a)(b)", lambda m: m[2] + m[1], "ab" * 50) == "ba" * 50
        assert "".join(str(i) for i in range(50)).translate({48: "x"})
        out = io.StringIO()
        print(self.data, file=out)
        assert int(str(3**200)) == 3**200

    def check(self):
        self.work()


class Calls:
    def __init__(self):
        self.depth = 0

    def down(self, n, *args, **kwargs):
        return self.down(n - 1, *args, **kwargs) + 1 if n else 0

    def work(self):
        assert self.down(50, 1, a=2) == 50
        assert max([3, 1, 2], key=lambda x: -x) == 1

        class Local:
            def __init__(self):
                self.x = 1

            @property
            def y(self):
                return self.x

            def __del__(self):
                pass

        assert Local().y == 1
        try:
            raise ValueError
        except ValueError:
            pass
        finally:
            self.depth = 0

    def check(self):
        self.work()


class Collections:
    def work(self):
        cycle = []
        cycle.append(cycle)
        gc.collect()

    def check(self):
        gc.collect()


class Files:
    def __init__(self):
        self.file = open(os.devnull, "w")

    def work(self):
        with open(__file__, "rb") as file:
            file.read(1000)
        with open(__file__) as file:
            for _ in zip(file, range(20)):
                pass
        self.file.write("x" * 5000)
        self.file.flush()

    def check(self):
        # No lock of the file is held.
        thread = threading.Thread(target=lambda: print("x", file=self.file, flush=True))
        thread.start()
        thread.join(60)
        assert not thread.is_alive()


class Blocked:
    """What waits for ever is interrupted as well (only by signals)."""

    def __init__(self):
        self.lock, self.event, self.queue = threading.Lock(), threading.Event(), queue.SimpleQueue()
        self.lock.acquire()
        self.pipe = os.pipe()
        self.acts = [
            self.lock.acquire,
            self.event.wait,
            self.queue.get,
            lambda: time.sleep(1000),
            lambda: select.select([self.pipe[0]], [], []),
            lambda: os.read(self.pipe[0], 1),
            lambda: signal.pause(),
            lambda: queue.Queue().get(),
            lambda: threading.Condition().__enter__() and None,
        ]

    def work(self):
        pick.choice(self.acts[:8])()

    def check(self):
        self.lock.release()
        assert self.lock.acquire(timeout=10)
        self.queue.put(1)
        assert self.queue.get(timeout=10) == 1
        os.close(self.pipe[0])
        os.close(self.pipe[1])


PATIENCE = 5  # An exception that a finaliser or a callback of a weak reference got is only shown, as in CPython: then the next.


def kick(delay, caught, over):
    if delay:
        time.sleep(delay)
    os.kill(os.getpid(), signal.SIGINT)
    while not caught.acquire(timeout=PATIENCE):
        os.kill(os.getpid(), signal.SIGINT)
    over.release()


def locked():
    lock = _thread.allocate_lock()
    lock.acquire()
    return lock


def interrupted(make):
    """Ctrl-C at a random moment of the main thread's work."""
    subject = make()
    caught, over = locked(), locked()
    try:
        # Not `Thread.start`, which waits in Python code that an interrupt may leave half done, here as in CPython.
        _thread.start_new_thread(kick, (pick.random() * 0.01 + (0.05 if make is Blocked else 0), caught, over))
        while True:
            subject.work()
    except KeyboardInterrupt:
        caught.release()
    over.acquire()
    subject.check()


def struck(make):
    """An exception raised into another thread at a random moment of its work."""
    failures = []
    ready, caught = threading.Event(), threading.Event()

    def body():
        try:
            subject = make()
            try:
                ready.set()
                while True:
                    subject.work()
            except Boom:
                caught.set()
            subject.check()
        except BaseException as error:
            failures.append(error)
            raise

    thread = threading.Thread(target=body)
    thread.start()
    ready.wait()
    time.sleep(pick.random() * 0.01)
    while True:
        assert _faults.raise_in(thread.ident, Boom) or failures
        if caught.wait(PATIENCE) or failures:
            break
    thread.join()
    assert not failures, failures
    assert not _faults.raise_in(thread.ident or 1, Boom), "nobody is there any more"


def statuses():
    """How a process ends that Ctrl-C ends."""
    programs = {
        "import time, sys\nprint('on', flush=True)\nwhile True: pass": -signal.SIGINT,
        "import time, sys\nprint('on', flush=True)\ntime.sleep(100)": -signal.SIGINT,
        "import threading\nprint('on', flush=True)\nthreading.Event().wait()": -signal.SIGINT,
        "print('on', flush=True)\ntry:\n  while True: pass\nexcept KeyboardInterrupt: raise SystemExit(5)": 5,
        "print('on', flush=True)\ntry:\n  while True: pass\nfinally: raise ValueError": 1,
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_DFL)\nprint('on', flush=True)\nwhile True: pass": -signal.SIGINT,
        "import threading, time\nt = threading.Thread(target=time.sleep, args=(0.2,))\nt.start()\nprint('on', flush=True)\nwhile True: pass": -signal.SIGINT,
    }
    for program, status in programs.items() if rounds else pick.sample(list(programs.items()), 3):
        child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert child.stdout.readline() == "on\n"
        time.sleep(pick.random() * 0.02)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
        assert child.returncode == status, (program, child.returncode, err)
        if status == -signal.SIGINT and "SIG_DFL" not in program:
            assert err.splitlines()[-1] == "KeyboardInterrupt", err


ACTS = [Lists, Tables, Locks, LocksInFunctions, Queues, Generators, Imports, Texts, Calls, Collections, Files, Blocked]
try:
    for turn in range(rounds or 1):
        for make in ACTS:
            if only and make.__name__ not in only:
                continue
            for _ in range(3 if rounds else 1):
                interrupted(make)
                if make is not Blocked:
                    struck(make)
        if turn < 3 and not only:
            statuses()
except BaseException:
    print("seed", seed, file=sys.stderr)
    raise
print("done")
