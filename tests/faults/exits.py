"""The end of a process while other threads are busy, or wait: the right status, nothing on standard error, and soon.

Arguments: rounds, seed."""

import random
import subprocess
import sys
import time

rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 30) if rounds else 1
pick = random.Random(seed)

WORKS = """
import _thread, collections, gc, io, itertools, json, os, queue, re, select, subprocess, sys, threading, time, weakref

shared, table = [], {}
lock, event, condition = threading.Lock(), threading.Event(), threading.Condition()

def containers():
    while True:
        shared.append(1)
        table[len(shared)] = shared
        if len(shared) > 1000:
            shared.clear()
            table.clear()

def locks():
    while True:
        with lock:
            pass

def collects():
    while True:
        cycle = [{} for _ in range(100)]
        cycle.append(cycle)
        del cycle
        gc.collect()

def prints():
    with open(os.devnull, "w") as file:
        while True:
            print("x" * 100, file=file)

def imports():
    import importlib
    while True:
        for name in "colorsys", "quopri", "stringprep", "wave":
            sys.modules.pop(name, None)
            importlib.import_module(name)

def texts():
    while True:
        json.loads(json.dumps({"a": [1, 2, 3] * 100}))
        re.sub("a", "b", "ab" * 1000)
        sorted(map(str, range(500)))

def numbers():
    while True:
        str(3 ** 5000)
        (1 << 100000) * (1 << 100000)

def recursion():
    def down(n):
        return down(n + 1)
    while True:
        try:
            down(0)
        except RecursionError:
            pass

def generators():
    def numbers():
        try:
            yield from range(100)
        finally:
            pass
    while True:
        sum(numbers())
        next(numbers())

def starts():
    while True:
        try:
            thread = threading.Thread(target=int, daemon=True)
            thread.start()
            thread.join()
        except RuntimeError:
            return

def finals():
    class Final:
        def __del__(self):
            len(shared)
    while True:
        made = Final()
        made.me = weakref.ref(made, lambda ref: None)
        Final()

def regex():
    re.match("(?:a|a)*b", "a" * 40)

def sleeps():
    time.sleep(1000)

def waits_for_lock():
    other = threading.Lock()
    other.acquire()
    other.acquire()

def waits_for_event():
    event.wait()

def waits_for_condition():
    with condition:
        condition.wait()

def waits_for_queue():
    queue.SimpleQueue().get()

def waits_for_input():
    os.read(os.pipe()[0], 1)

def waits_for_select():
    select.select([os.pipe()[0]], [], [])

def forks():
    while True:
        subprocess.run(["true"])

def queues():
    box = queue.Queue()
    while True:
        box.put(1)
        box.get()

def objects():
    class Local:
        pass
    while True:
        made = type("T", (Local,), {"x": 1})()
        made.y = 1
        getattr(made, "x")
"""
NAMES = [line[4:-3] for line in WORKS.splitlines() if line.startswith("def ")]

ENDS = {
    "": 0,
    "sys.exit(3)": 3,
    "sys.exit('message')": 1,
    "os._exit(4)": 4,
    "raise ValueError": 1,
    "raise SystemExit": 0,
    "import atexit; atexit.register(lambda: [threading.Thread, gc.collect()])": 0,
    "import atexit; atexit.register(lambda: os._exit(6))": 6,
    "os.kill(os.getpid(), 15)": -15,
    "threading.Thread(target=lambda: sys.exit(9)).start()": 0,
    "threading.Thread(target=lambda: (time.sleep(0.01), 1 / 0)).start()": 0,
    "threading.Thread(target=lambda: os._exit(8)).start(); time.sleep(50)": 8,
    "shared.append(threading.Thread(target=time.sleep, args=(0.02,))); shared[-1].start(); sys.exit(5)": 5,
    "gc.collect(); sys.stdout.write('x' * 10); sys.exit(7)": 7,
    "_thread.exit()": 0,
    "_thread.interrupt_main(); time.sleep(50)": -2,
}


def run(names, end, delay):
    program = WORKS + f"for work in {', '.join(names)},:\n    threading.Thread(target=work, daemon=True).start()\n"
    program += f"time.sleep({delay})\n{end}\n"
    try:
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=100)
    except subprocess.TimeoutExpired:
        raise AssertionError(("hangs", names, end, delay)) from None
    assert done.returncode == ENDS[end], (names, end, delay, done)
    if ENDS[end] in (0, 3, 4, 5, 6, 7, 8, -15) and "1 / 0" not in end:
        assert done.stderr == "", (names, end, delay, done)


try:
    if len(sys.argv) > 3:
        while True:
            run(sys.argv[3].split(","), pick.choice(list(ENDS)), pick.random() * 0.05)
    for turn in range(rounds or 1):
        order = NAMES[:]
        pick.shuffle(order)
        ends = list(ENDS)
        pick.shuffle(ends)
        for n, end in enumerate(ends if rounds else ends[:5]):
            run([order[(2 * n + i) % len(order)] for i in range(pick.choice([1, 2, 4]))], end, pick.choice([0, 0.001, 0.01, pick.random() * 0.05]))
except BaseException:
    print("seed", seed, file=sys.stderr)
    raise
print("done")
