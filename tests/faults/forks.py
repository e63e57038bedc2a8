"""fork with threads at work: the child is whole. Arguments: rounds, seed."""

import collections
import gc
import importlib
import io
import json
import os
import queue
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
import weakref

from children import exit_code_of

rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 30) if rounds else 1
pick = random.Random(seed)
MODULES = ["colorsys", "quopri", "stringprep", "wave", "xml.dom.minidom", "graphlib", "fractions", "sched", "cmd", "calendar"]

stop = False
shared_list, shared_dict, shared_set, shared_deque = [], {}, set(), collections.deque()
shared_file = tempfile.TemporaryFile("w+")
shared_bytes = tempfile.TemporaryFile("wb+")
shared_memory = io.BytesIO()
simple = queue.SimpleQueue()


class Thing:
    def __init__(self, n):
        self.n = n


def containers():
    n = 0
    while not stop:
        n += 1
        shared_list.append(n)
        shared_dict[n % 1000] = [n]
        shared_set.add(n % 1000)
        shared_deque.append(n)
        if n % 100 == 0:
            shared_list.clear()
            shared_dict.clear()
            shared_deque.clear()
            shared_set.clear()


def collector():
    while not stop:
        cycle = [Thing(n) for n in range(100)]
        cycle.append(cycle)
        del cycle
        gc.collect()


def writer():
    while not stop:
        shared_file.write("x" * 100)
        shared_bytes.write(b"x" * 1000)
        shared_memory.write(b"x" * 10)
        if shared_memory.tell() > 1 << 20:
            shared_memory.seek(0)
            shared_file.seek(0)
            shared_bytes.seek(0)
        print("", end="", flush=True)


def importer():
    while not stop:
        for name in MODULES[:5]:
            sys.modules.pop(name, None)
            importlib.import_module(name)


def starter():
    while not stop:
        threads = [threading.Thread(target=simple.put, args=(n,)) for n in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        while not simple.empty():
            simple.get()


def allocator():
    while not stop:
        kept = [bytes(n * 10) for n in range(300)]
        names = {f"name{n}_{time.monotonic_ns()}": weakref.ref(Thing(n)) for n in range(50)}
        re.compile(f"a{len(kept)}b")
        exec(f"x{len(names)} = 1", {})


def child(status):
    """What a child must be able to do."""
    assert threading.active_count() == 1, threading.enumerate()
    assert threading.main_thread() is threading.current_thread()
    for _ in range(200):
        shared_list.append(1)
        shared_dict["child"] = 1
        shared_set.add("child")
        shared_deque.append(1)
    kept = [Thing([bytes(n)]) for n in range(2000)]
    kept.append(kept)
    gc.collect()
    del kept
    assert gc.collect() >= 0
    for name in MODULES[5:]:
        sys.modules.pop(name, None)
        importlib.import_module(name)
    results = []
    threads = [threading.Thread(target=lambda n: (results.append(n), simple.put(n)), args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(results) == [0, 1, 2], results
    shared_memory.write(b"x")
    shared_bytes.write(b"x")
    shared_file.write("x")
    assert json.loads(json.dumps({"a": [1]})) == {"a": [1]}
    fresh = threading.Lock()
    with fresh:
        pass
    if status % 2:
        os._exit(status)
    sys.exit(status)


def fork_once(n):
    status = 10 + n % 50
    pid = os.fork()
    if pid == 0:
        try:
            child(status)
        except SystemExit:
            raise
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(99)
    ended = exit_code_of(pid)
    assert ended == status, (n, ended, status)


def forks_from_a_thread():
    failures = []

    def body():
        pid = os.fork()
        if pid == 0:
            try:
                assert threading.main_thread() is threading.current_thread()
                gc.collect()
                os._exit(7)
            except BaseException:
                os._exit(99)
        if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 7:
            failures.append(1)

    threads = [threading.Thread(target=body) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def busy(works, act):
    global stop
    stop = False
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    try:
        act()
    finally:
        stop = True
        for thread in threads:
            thread.join()


WORKS = [containers, collector, writer, importer, starter, allocator]
try:
    import warnings

    warnings.simplefilter("ignore", DeprecationWarning)
    for turn in range(rounds or 1):
        busy(pick.sample(WORKS, 4), lambda: [fork_once(n) for n in range(4 if rounds else 2)])
        busy(pick.sample(WORKS, 4), forks_from_a_thread)
    for turn in range(min(rounds, 10) or 1):
        for n in range(3 if rounds else 1):
            program = f"import json, threading; t = threading.Thread(target=print, args=({n},)); t.start(); t.join(); raise SystemExit({n})"
            run = lambda: subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=100)
            made = []
            busy(pick.sample(WORKS, 4), lambda: made.append(run()))
            assert (made[0].stdout, made[0].returncode, made[0].stderr) == (f"{n}\n", n, ""), made
except SystemExit:
    raise
except BaseException:
    print("seed", seed, file=sys.stderr)
    raise
print("done", flush=True)
