"""Locks, conditions, queues, executors, barriers, thread-locals, and threads that come and go."""

import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from common import equal, main, together

N = 200


def lock_counts(threads):
    lock, rlock = threading.Lock(), threading.RLock()
    count = [0, 0]

    def work(index):
        for _ in range(N):
            with lock:
                count[0] += 1
            with rlock, rlock:
                count[1] += 1

    together(threads, work)
    equal(count, [threads * N] * 2, "counts")


def conditions(threads):
    condition = threading.Condition()
    turn = [0]

    def work(index):
        for n in range(20):
            with condition:
                while turn[0] % threads != index:
                    condition.wait()
                turn[0] += 1
                condition.notify_all()

    together(threads, work)
    equal(turn[0], threads * 20, "turns")


def queues(threads):
    for make in (queue.Queue, queue.LifoQueue, queue.PriorityQueue, queue.SimpleQueue, lambda: queue.Queue(3)):
        shared = make()
        producers = threads // 2
        finished = threading.Barrier(producers)

        def work(index):
            taken = []
            if index < producers:
                for n in range(N):
                    shared.put((index, n))
                finished.wait()
                if index == 0:
                    for _ in range(threads - producers):
                        shared.put((threads, 0))
            else:
                while True:
                    item = shared.get()
                    if item[0] == threads:
                        break
                    taken.append(item)
            return taken

        taken = [item for part in together(threads, work) for item in part]
        while True:
            try:
                item = shared.get_nowait()
            except queue.Empty:
                break
            if item[0] != threads:
                taken.append(item)
        equal(sorted(taken), [(i, n) for i in range(producers) for n in range(N)], type(shared).__name__)


def executors(threads):
    with ThreadPoolExecutor(threads) as pool:
        equal(list(pool.map(lambda n: n * n, range(N))), [n * n for n in range(N)], "map")
        futures = [pool.submit(divmod, n, 3) for n in range(N)]
        equal([f.result() for f in futures], [divmod(n, 3) for n in range(N)], "futures")


def barriers(threads):
    barrier = threading.Barrier(threads)
    steps = [0] * threads

    def work(index):
        for n in range(30):
            steps[index] = n
            barrier.wait()
            assert min(steps) == max(steps) == n, steps
            barrier.wait()

    together(threads, work)


def locals_are_own(threads):
    local = threading.local()

    def work(index):
        for n in range(N):
            assert not hasattr(local, "value") or local.value == (index, n - 1)
            local.value = (index, n)
            assert local.value == (index, n)

    together(threads, work)
    assert not hasattr(local, "value")


def short_threads(threads):
    """Objects made in threads that have ended go on being used and freed by others."""
    made = []

    def make(index):
        made.append(([index] * 5, {"k": [index]}, lambda: index, str(index) * 10))

    for _ in range(5):
        group = [threading.Thread(target=make, args=(i,)) for i in range(threads)]
        for thread in group:
            thread.start()
        for thread in group:
            thread.join()
    together(threads, lambda index: [(a[0], d["k"][0], f(), s) for a, d, f, s in made])
    for a, d, f, s in made:
        assert a == [f()] * 5 and d == {"k": [f()]} and s == str(f()) * 10
    equal(len(made), threads * 5, "objects")


def events_and_timeouts(threads):
    event = threading.Event()
    semaphore = threading.Semaphore(2)
    inside = []

    def work(index):
        if index == 0:
            time.sleep(0.002)
            event.set()
        assert event.wait(30)
        for _ in range(10):
            with semaphore:
                inside.append(1)
                assert len(inside) <= 2, inside
                inside.pop()

    together(threads, work)
    lock = threading.Lock()
    with lock:
        equal(together(threads, lambda index: lock.acquire(timeout=0.001)), [False] * threads, "timeouts")


def errors_in_threads(threads):
    class Own(Exception):
        pass

    def deep(n):
        if n == 0:
            raise Own(threading.get_ident())
        try:
            deep(n - 1)
        finally:
            pass

    def work(index):
        for _ in range(20):
            try:
                deep(10)
            except Own as error:
                assert error.args == (threading.get_ident(),)
                length = 0
                trace = error.__traceback__
                while trace is not None:
                    length += 1
                    trace = trace.tb_next
                assert length == 12, length

    together(threads, work)
    shared = ValueError("shared")

    def raise_shared(index):
        for _ in range(20):
            try:
                raise shared
            except ValueError as error:
                assert error is shared

    together(threads, raise_shared)


main(
    lock_counts,
    conditions,
    queues,
    executors,
    barriers,
    locals_are_own,
    short_threads,
    events_and_timeouts,
    errors_in_threads,
)
