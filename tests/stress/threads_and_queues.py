"""Locks, conditions, queues, executors, barriers, thread-locals, and threads that come and go."""

import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from common import PATIENCE, equal, main, together

N = 120


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


def released_once(threads):
    """Of several threads that release a lock, one does; the others hear that it is free."""
    lock = threading.Lock()
    stop = []

    def take():
        for n in range(N):
            assert lock.acquire(timeout=PATIENCE)
        stop.append(True)

    taker = threading.Thread(target=take)
    taker.start()

    def give(index):
        count = 0
        while taker.is_alive() or lock.locked():
            try:
                lock.release()
                count += 1
            except RuntimeError as error:
                equal(str(error), "release unlocked lock")
        return count

    given = sum(together(threads, give))
    taker.join()
    equal(given, N, "releases")


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


def simple_queues(threads):
    """Each item comes out once, in the order of who put it."""
    shared = queue.SimpleQueue()
    for n in range(N * threads):
        shared.put(n)

    def work(index):
        taken = []
        while True:
            try:
                taken.append(shared.get_nowait())
            except queue.Empty:
                return taken

    parts = together(threads, work)
    equal(sorted(n for part in parts for n in part), list(range(N * threads)), "items")
    for part in parts:
        equal(part, sorted(part), "order")


def joins(threads):
    """Who has waited for a thread sees all that it has done."""

    def work(index):
        for n in range(5):
            done = []

            def last():
                time.sleep(0)
                done.append(n)

            thread = threading.Thread(target=last)
            thread.start()
            thread.join()
            equal(done, [n], "done")
            assert not thread.is_alive()

    together(threads, work)


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
    released_once,
    conditions,
    queues,
    simple_queues,
    joins,
    executors,
    barriers,
    locals_are_own,
    short_threads,
    events_and_timeouts,
    errors_in_threads,
)
