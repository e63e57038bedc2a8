"""fork in the middle of waiting, made sure of: what a fork has to leave in order for the child, one thing at a time.

Arguments: rounds, seconds that a child may take, names of acts (all). With OROCHI_WEAKEN="stress: queues linger" threads stay
in the queues of the waiting; that breaks nothing.
"""

import os
import signal
import sys
import threading
import time

from children import exit_code_of

rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
patience = float(sys.argv[2]) if len(sys.argv) > 2 else 100


def forked(work):
    """Runs `work` in a child, which has to come to its end in time."""
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, patience)
        status = 99
        try:
            status = 7 if work() else 98
        except BaseException:
            sys.excepthook(*sys.exc_info())
        os._exit(status)
    ended = exit_code_of(pid)
    assert ended == 7, ended


def queues():
    """A thread is in the middle of queueing up at the fork, or of leaving; the child uses that queue."""
    lock = threading.Lock()
    stop = False

    def queue_up():
        while not stop:
            if lock.acquire(timeout=0.0001):
                lock.release()

    def work():
        lock.release()
        return all(lock.acquire() and lock.release() is None for _ in range(10))

    lock.acquire()
    thread = threading.Thread(target=queue_up)
    thread.start()
    try:
        for _ in range(5):
            forked(work)
    finally:
        stop = True
        lock.release()
        thread.join()


def waiters():
    """A thread waits for a lock at the fork: the child, where it is not, hands it nothing."""
    lock = threading.Lock()

    def wait():
        with lock:
            pass

    def work():
        lock.release()
        return all(lock.acquire(timeout=patience / 2) and lock.release() is None for _ in range(10))

    lock.acquire()
    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.05)
    try:
        forked(work)
    finally:
        lock.release()
        thread.join()


def holders():
    """A stream's lock is taken over from a holder that is gone only: this one blocks in the system."""
    reader, writer = os.pipe()
    held = open(writer, "wb", buffering=64)
    thread = threading.Thread(target=held.write, args=(b"x" * (1 << 20),))
    thread.start()
    time.sleep(0.05)
    entered = []

    def enter():
        try:
            held.tell()
        except OSError:
            pass
        entered.append(1)

    other = threading.Thread(target=enter)
    other.start()
    other.join(0.2)
    too_early = bool(entered)
    # In the child the holder is gone.
    try:
        forked(lambda: (enter(), True)[1])
    finally:
        left = 1 << 20
        while left:
            left -= len(os.read(reader, 1 << 16))
        thread.join()
        other.join()
        held.close()
        os.close(reader)
    assert not too_early, "a stream was taken from a living holder"


import warnings

warnings.simplefilter("ignore", DeprecationWarning)
ACTS = [queues, waiters, holders]
only = sys.argv[3:]
assert set(only) <= {act.__name__ for act in ACTS}, only
for _ in range(rounds or 1):
    for act in ACTS:
        if not only or act.__name__ in only:
            act()
print("done", flush=True)
