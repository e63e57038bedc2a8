"""fork while threads wait for locks, and for each other: the child's locks work. Arguments: rounds, seed.

Nothing else goes on: what a fork can break here takes some instructions only, in the middle of which a thread has to be.
"""

import faulthandler
import os
import queue
import random
import sys
import tempfile
import threading
import time

from children import exit_code_of

rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 30) if rounds else 1
pick = random.Random(seed)

stop = False
lock = threading.Lock()
simple = queue.SimpleQueue()
shared_list = []
condition = threading.Condition()


class Slow:
    """A stream that leaves its thread, detached, in the middle of writing."""

    def __init__(self):
        self.file = tempfile.TemporaryFile("wb+", buffering=0)

    def open(self):
        return open(os.dup(self.file.fileno()), "wb", buffering=200)


slow = Slow()
stream = slow.open()


def takes_a_lock():
    while not stop:
        with lock:
            pass


def puts():
    while not stop:
        simple.put(1)
        time.sleep(0)


def gets():
    while not stop:
        try:
            simple.get(timeout=0.001)
        except queue.Empty:
            pass


def waits():
    while not stop:
        with condition:
            condition.wait(0.0005)
            condition.notify()


def appends():
    while not stop:
        shared_list.append(1)
        shared_list.pop()


def writes():
    while not stop:
        stream.write(b"p" * 99 + b"\n")


def starts():
    while not stop:
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()


def child():
    """Threads of the child meet at what the parent's threads met at."""
    done = []

    def work(n):
        for i in range(30):
            simple.put(n)
            simple.get(timeout=20)
            shared_list.append(n)
            shared_list.pop()
            stream.write(bytes([97 + n]) * 99 + b"\n")
        done.append(n)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    if len(done) < 3:
        faulthandler.dump_traceback()
    return len(done) == 3


def fork_once(n):
    pid = os.fork()
    if pid == 0:
        status = 99
        try:
            status = 7 if child() else 98
        except BaseException:
            sys.excepthook(*sys.exc_info())
        os._exit(status)
    ended = exit_code_of(pid)
    assert ended == 7, (n, ended)


def one_stream():
    """A stream whose holder was left behind is taken over by one thread, once."""
    global stream, stop
    file = tempfile.TemporaryFile("wb+", buffering=0)
    reader, writer = os.pipe()
    held = open(writer, "wb", buffering=64)
    inside = threading.Event()

    def holder():
        inside.set()
        # Blocks in the system, with the stream's lock held, until somebody reads.
        held.write(b"x" * (1 << 20))

    thread = threading.Thread(target=holder)
    thread.start()
    inside.wait()
    time.sleep(0.02)
    pid = os.fork()
    if pid == 0:
        status = 99
        try:
            os.dup2(file.fileno(), writer)
            gate = threading.Barrier(4)

            def write(n):
                gate.wait()
                for _ in range(300):
                    held.write(bytes([97 + n]) * 49 + b"\n")

            threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
            for each in threads:
                each.start()
            for each in threads:
                each.join(30)
            held.flush()
            file.seek(0)
            lines = file.read().split(b"\n")
            lines = [line for line in lines if line[:1] != b"x" and line]
            ok = len(lines) >= 1199 and all(len(set(line[-49:])) == 1 for line in lines)
            status = 7 if ok and not any(each.is_alive() for each in threads) else 98
        except BaseException:
            sys.excepthook(*sys.exc_info())
        os._exit(status)
    ended = os.waitpid(pid, 0)[1]
    left = 1 << 20
    while left:
        left -= len(os.read(reader, 1 << 16))
    thread.join()
    held.close()
    os.close(reader)
    assert os.waitstatus_to_exitcode(ended) == 7, ended


WORKS = [takes_a_lock, puts, gets, waits, appends, appends, writes, starts]
try:
    import warnings

    warnings.simplefilter("ignore", DeprecationWarning)
    for turn in range(rounds or 1):
        one_stream()
        stop = False
        threads = [threading.Thread(target=work) for work in pick.sample(WORKS, 6)]
        for thread in threads:
            thread.start()
        try:
            for n in range(40 if rounds else 5):
                fork_once(n)
        finally:
            stop = True
            for thread in threads:
                thread.join()
except SystemExit:
    raise
except BaseException:
    print("seed", seed, file=sys.stderr)
    raise
print("done", flush=True)
