"""What the stress programs share: the start gun, the clock, and the watch over memory.

usage of every program: PROGRAM.py SECONDS THREADS [CHECK ...], with at least two threads

A program hands its checks to `main`; each check is a function of the number of threads that makes fresh objects, lets
threads at them, and asserts what must hold afterwards. It is repeated for its share of the seconds.
"""

import gc
import os
import sys
import threading
import time

PAGE = os.sysconf("SC_PAGE_SIZE")
SLACK = 48 << 20  # bytes that the heap may grow between two quiet moments without being called a leak


def resident():
    """The bytes of memory that the process occupies now; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * PAGE
    except OSError:
        return 0


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


def main(*checks):
    seconds, threads, only = float(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    checks = [check for check in checks if not only or check.__name__ in only]
    for check in checks:
        share = seconds / len(checks)
        start = time.monotonic()
        rounds = 0
        early = None
        while True:
            check(threads)
            rounds += 1
            elapsed = time.monotonic() - start
            if early is None and elapsed >= share / 3:
                gc.collect()
                early = resident()
            if elapsed >= share:
                break
        gc.collect()
        late = resident()
        if late > early + early // 4 + SLACK:
            raise AssertionError(
                "%s leaks: %d bytes after a third of the time, %d at the end" % (check.__name__, early, late)
            )
        print("ok %s, %d rounds" % (check.__name__, rounds), flush=True)
