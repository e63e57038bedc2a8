"""What the stress programs share: the start gun, the clock, the watch over memory, and what disturbs the checks.

usage of every program: PROGRAM.py SECONDS THREADS [CHECK ...], with at least two threads

A program hands its checks to `main`; each check is a function of the number of threads that makes fresh objects, lets
threads at them, and asserts what must hold afterwards. It is repeated for its share of the seconds.

Meanwhile disturbers work in the background of the same process: each check has one of them, another with every check and
every number of threads; a run of 20 seconds or more has all of them. OROCHI_STRESS_DISTURB names others, joined by commas,
or says "all" or "none".

With OROCHI_STRESS_HASTE, the first failure of a worker ends the process: what it has left undone keeps nobody waiting.
"""

import gc
import os
import signal
import sys
import threading
import time
import traceback
import weakref

PAGE = os.sysconf("SC_PAGE_SIZE")
SLACK = 48 << 20  # bytes that the heap may grow between two quiet moments without being called a leak
HASTE = bool(os.environ.get("OROCHI_STRESS_HASTE"))
# How many times its memory an interpreter takes: more than one where a sanitizer keeps books about each byte of it.
MEMORY = int(os.environ.get("OROCHI_STRESS_MEMORY", "1"))
PATIENCE = 2 if HASTE else 120  # seconds to wait for what must come
PAUSE = 0.0005  # seconds between two doings of a disturber: it shall not have the machine for itself


def resident():
    """The bytes of memory that the process occupies now; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * PAGE
    except OSError:
        return 0


def give_up(*args):
    """Tells the exception that is being handled, and ends the process."""
    traceback.print_exc()
    sys.stderr.flush()
    os._exit(1)


def together(count, work):
    """Runs work(0) ... work(count - 1) in threads that start at the same moment; returns their results in order.

    The first exception of a worker is raised here, after all have ended.
    """
    barrier = threading.Barrier(count)
    results = [None] * count
    errors = []

    def body(index):
        barrier.wait()
        try:
            results[index] = work(index)
        except BaseException as error:
            if HASTE:
                give_up()
            errors.append(error)

    threads = [threading.Thread(target=body, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


def equal(got, expected, what=""):
    if got != expected:
        raise AssertionError("%s: got %.200r, expected %.200r" % (what, got, expected))


def settle(ended):
    """Collects garbage until `ended` answers true, or PATIENCE is over.

    While another thread collects, collecting does nothing; and that thread may still be about to run finalisers.
    """
    start = time.monotonic()
    while True:
        gc.collect()
        if ended() or time.monotonic() > start + PATIENCE:
            return
        time.sleep(PAUSE)


class Disturber:
    """Does something over and over, in a thread of its own, and sees whether it comes out right."""

    def __init__(self):
        self.stopped = False
        self.failure = None
        self.done = 0

    def start(self):
        self.thread = threading.Thread(target=self.run, name=type(self).__name__)
        self.thread.start()

    def run(self):
        try:
            while not self.stopped:
                self.once()
                self.done += 1
                time.sleep(PAUSE)
        except BaseException as error:
            self.failure = error

    def stop(self):
        self.stopped = True
        self.thread.join()

    def check(self):
        if self.failure is not None:
            raise self.failure
        assert self.done > 0, "it has done nothing"


class collector(Disturber):
    """Collects garbage."""

    def once(self):
        gc.collect()


class Mortal:
    ended = 0

    def __init__(self, log):
        self.log = log

    def __del__(self):
        self.log.append("finaliser")


class mortals(Disturber):
    """Makes objects with weak references, callbacks and finalisers, alone and in cycles, and lets them end."""

    def once(self):
        log = []
        alone = Mortal(log)
        refs = [weakref.ref(alone, lambda ref: log.append("callback")) for _ in range(3)]
        del alone
        equal(sorted(log), ["callback"] * 3 + ["finaliser"], "the end of an object")
        equal([ref() for ref in refs], [None] * 3, "weak references")
        ring = Mortal(log)
        ring.ring = [ring, {"ring": ring}]
        weakref.finalize(ring, log.append, "finalize").atexit = False
        del ring
        if self.done % 50 == 0:
            settle(lambda: len(log) == 6)
            equal(sorted(log[4:]), ["finaliser", "finalize"], "the end of a ring")


class comers(Disturber):
    """Starts threads that leave something behind and end."""

    def once(self):
        left = []
        threads = [threading.Thread(target=lambda: left.append([len(left), {}, "x" * 50])) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        equal([len(item) for item in left], [3] * 3, "what threads have left")


class raisers(Disturber):
    """Raises exceptions deep down and catches them far above."""

    def deep(self, n):
        if n == 0:
            raise KeyError(self.done)
        try:
            return self.deep(n - 1) + 1
        finally:
            self.unwound += 1

    def once(self):
        self.unwound = 0
        try:
            self.deep(100)
        except KeyError as error:
            equal(error.args, (self.done,), "the exception")
        equal(self.unwound, 100, "frames unwound")
        try:
            try:
                next(iter(()))
            except StopIteration as error:
                raise ValueError("second") from error
        except* ValueError as group:
            equal(type(group.exceptions[0].__cause__), StopIteration, "the cause")


class deepeners(Disturber):
    """Recurs until it is stopped by RecursionError."""

    def down(self):
        self.depth += 1
        self.down()

    def once(self):
        self.depth = 0
        try:
            self.down()
        except RecursionError:
            pass
        assert self.depth > 100, self.depth
        one, other = [], []
        for _ in range(100):
            one, other = [one], [other]
        assert one == other and repr(one) == "[" * 101 + "]" * 101
        time.sleep(PAUSE * 4)


class signals(Disturber):
    """Sends signals, whose handlers the main thread runs while it waits for the others."""

    def start(self):
        self.caught = [0, 0]
        self.old = [
            signal.signal(signal.SIGALRM, lambda number, frame: self.catch(0)),
            signal.signal(signal.SIGUSR1, lambda number, frame: self.catch(1)),
        ]
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.003)
        super().start()

    def catch(self, index):
        assert threading.current_thread() is threading.main_thread()
        self.caught[index] += len([index, str(index)]) // 2

    def once(self):
        os.kill(os.getpid(), signal.SIGUSR1)

    def stop(self):
        super().stop()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.raise_signal(signal.SIGALRM)
        # What was sent last is still to come.
        time.sleep(PAUSE)
        signal.signal(signal.SIGALRM, self.old[0])
        signal.signal(signal.SIGUSR1, self.old[1])

    def check(self):
        super().check()
        assert all(self.caught), self.caught


DISTURBERS = [collector, mortals, comers, raisers, deepeners, signals]


def disturbers(number, threads, seconds):
    """Those for the check with this number."""
    wanted = os.environ.get("OROCHI_STRESS_DISTURB", "all" if seconds >= 20 else "")
    if wanted == "all":
        return DISTURBERS
    if wanted == "none":
        return []
    if wanted:
        return [kind for kind in DISTURBERS if kind.__name__ in wanted.split(",")]
    return [DISTURBERS[(number + threads) % len(DISTURBERS)]]


def main(*checks):
    seconds, threads, only = float(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    names = [check.__name__ for check in checks]
    for name in only:
        if name not in names:
            sys.exit("no such check: " + name)
    if HASTE:
        threading.excepthook = give_up
    share = seconds / (len(only) or len(checks))
    for number, check in enumerate(checks):
        if only and check.__name__ not in only:
            continue
        start = time.monotonic()
        rounds = 0
        early = None
        background = [kind() for kind in disturbers(number, threads, seconds)]
        for disturber in background:
            disturber.start()
        try:
            while True:
                check(threads)
                rounds += 1
                elapsed = time.monotonic() - start
                if early is None and elapsed >= share / 3:
                    gc.collect()
                    early = resident()
                if elapsed >= share:
                    break
        finally:
            for disturber in background:
                disturber.stop()
        for disturber in background:
            disturber.check()
        gc.collect()
        late = resident()
        if late > early + early // 4 + SLACK:
            raise AssertionError(
                "%s leaks: %d bytes after a third of the time, %d at the end" % (check.__name__, early, late)
            )
        with_whom = ", ".join("%s %d" % (type(d).__name__, d.done) for d in background)
        print("ok %s, %d rounds" % (check.__name__, rounds) + (" with " + with_whom if with_whom else ""), flush=True)
