"""Locks and what is built from them."""

import queue
import threading

from kernels.common import kernel


@kernel("synchronisation")
def own_lock(threads):
    def work(index, n):
        lock = threading.Lock()
        for _ in range(n):
            with lock:
                pass

    return work


@kernel("synchronisation")
def count_under_lock(threads):
    lock = threading.Lock()
    count = [0]

    def work(index, n):
        for _ in range(n):
            with lock:
                count[0] += 1

    return work


@kernel("synchronisation")
def shared_rlock(threads):
    lock = threading.RLock()

    def work(index, n):
        for _ in range(n):
            with lock:
                with lock:
                    pass

    return work


@kernel("synchronisation")
def event_is_set(threads):
    event = threading.Event()
    event.set()

    def work(index, n):
        for _ in range(n):
            event.is_set()

    return work


@kernel("synchronisation")
def semaphore(threads):
    shared = threading.Semaphore(threads)

    def work(index, n):
        for _ in range(n):
            with shared:
                pass

    return work


@kernel("synchronisation")
def one_queue(threads):
    shared = queue.Queue()

    def work(index, n):
        for i in range(n):
            shared.put(i)
            shared.get()

    return work


@kernel("synchronisation")
def one_simple_queue(threads):
    shared = queue.SimpleQueue()

    def work(index, n):
        for i in range(n):
            shared.put(i)
            shared.get()

    return work
