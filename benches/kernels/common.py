"""The list of kernels, and the clock that runs one of them.

A kernel is made by a function of the number of threads, which sets up what is shared and returns `work(index, n)`: what thread
`index` does, n times over.
"""

import sys
import threading
import time

KERNELS = {}  # name -> (kind, function)
thread_time = getattr(time, "thread_time", time.perf_counter)
sharing_stats = getattr(sys, "_sharing_stats", None)  # Orochi with the feature `sharing-stats`


def kernel(kind):
    """Enters a function into the list under its own name."""

    def enter(function):
        KERNELS[function.__name__] = (kind, function)
        return function

    return enter


def run(work, threads, n):
    """Runs `work` n times on each of so many threads at once; returns the seconds that passed, the most processor time that
    one thread took, and the writes of shared cache lines by all of them, by kind."""
    barrier = threading.Barrier(threads + 1)
    used = [0.0] * threads
    writes = [None] * threads
    errors = []

    def body(index):
        barrier.wait()
        try:
            before = sharing_stats() if sharing_stats else None
            start = thread_time()
            work(index, n)
            used[index] = thread_time() - start
            if before is not None:
                after = sharing_stats()
                writes[index] = {kind: after[kind] - before[kind] for kind in after}
        except BaseException as error:
            errors.append(error)

    workers = [threading.Thread(target=body, args=(index,)) for index in range(threads)]
    for worker in workers:
        worker.start()
    barrier.wait()
    start = time.perf_counter()
    for worker in workers:
        worker.join()
    passed = time.perf_counter() - start
    if errors:
        raise errors[0]
    totals = {}
    for part in writes:
        for kind, count in (part or {}).items():
            totals[kind] = totals.get(kind, 0) + count
    return passed, max(used), totals


def measure(name, threads, seconds, rounds=3):
    """The best of some rounds: runs per second of all threads together, by the clock and by processor time, and the writes of
    shared lines per thousand runs."""
    function = KERNELS[name][1]
    work = function(threads)
    n = 20
    best_wall = best_used = 0.0
    writes = {}
    while rounds > 0:
        passed, used, totals = run(work, threads, n)
        if passed < seconds / 2:
            # Also later on, where a busy machine has made an earlier run slow.
            n = int(n * min(10, max(2, seconds / max(passed, 1e-6))))
            continue
        rounds -= 1
        best_wall = max(best_wall, threads * n / passed)
        best_used = max(best_used, threads * n / max(used, 1e-9))
        writes = {kind: 1000 * count / (threads * n) for kind, count in totals.items()}
    return best_wall, best_used, writes
