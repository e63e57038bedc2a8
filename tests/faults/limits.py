"""Programs whose address space is limited: MemoryError, or the end of the process with a message, never a signal.

Arguments: rounds, names of acts (all)."""

import resource
import subprocess
import sys

rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1

# Each grows something until MemoryError comes, lets go of it, and must be able to work on.
ACTS = {
    "list": "x = []\nwhile True: x.append(object())",
    "list_of_small_ints": "x = []\nwhile True: x.append(1)",
    "nested": "x = None\nwhile True: x = [x]",
    "dict": "x = {}\nn = 0\nwhile True:\n    n += 1\n    x[n] = n",
    "dict_of_str": "x = {}\nwhile True: x[str(len(x))] = len(x)",
    "set": "x = set()\nwhile True: x.add(len(x))",
    "str": "x = 'a'\nwhile True: x += 'b' * 10000",
    "doubling": "x = 'a'\nwhile True: x += x",
    "bytes": "x = b'a'\nwhile True: x += x",
    "bytearray": "x = bytearray()\nwhile True: x += b'abc' * 100",
    "bytearray_append": "x = bytearray(1 << 20)\nwhile True: x.append(1)",
    "join": "x = 'a' * 1000\nwhile True: x = ''.join([x, x])",
    "join_generator": "x = ''.join(str(n) for n in iter(int, 1))",
    "int": "x = 3\nwhile True: x = x * x",
    "shift": "x = 1\nwhile True: x <<= 1 << 20",
    "array": "import array\nx = array.array('q')\nwhile True: x.append(1)",
    "deque": "import collections\nx = collections.deque()\nwhile True: x.append(1.5)",
    "instances": "class C:\n    pass\nx = []\nwhile True:\n    x.append(C())\n    x[-1].a = x[-1].b = 1.5",
    "map": "x = list(map(str, iter(int, 1)))",
    "tuple": "x = tuple(iter(int, 1))",
    "sorted": "import itertools\nx = sorted(itertools.count())",
    "comprehension": "import itertools\nx = [[n] for n in itertools.count()]",
    "dict_comprehension": "import itertools\nx = {n: [n] for n in itertools.count()}",
    "bytesio": "import io\nx = io.BytesIO()\nwhile True: x.write(b'x' * 10000)",
    "stringio": "import io\nx = io.StringIO()\nwhile True: x.write('x' * 10000)",
    "json": "import json\nx = []\nwhile True: x.append(json.loads('[1, [2.5], {\"a\": \"b\"}]'))",
    "pickle": "import pickle\nx = []\nd = pickle.dumps([[n, str(n)] for n in range(1000)])\nwhile True: x.append(pickle.loads(d))",
    "read": "x = open('/dev/zero', 'rb').read()",
    "exec": "x = []\nwhile True:\n    x.append({})\n    exec('def f(a): return [a for a in a]', x[-1])",
    "closures": "x = []\nwhile True: x.append(lambda: x)",
    "generators": "x = []\ndef g():\n    yield 1\nwhile True:\n    x.append(g())\n    next(x[-1])",
    "exceptions": "x = []\nwhile True:\n    try:\n        raise ValueError(len(x))\n    except ValueError as e:\n        x.append(e)",
    "classes": "x = []\nwhile True: x.append(type('C', (), {'a': len(x)}))",
    "strings": "x = []\nwhile True: x.append('a%d' % len(x))",
    "names": "import sys\nx = []\nwhile True: x.append(sys.intern('name%d' % len(x)))",
    "attributes": "class C: pass\nx = C()\nn = 0\nwhile True:\n    n += 1\n    setattr(x, f'a{n}', n)",
    "threads": "import threading\nx = []\ne = threading.Event()\ntry:\n    while True:\n        t = threading.Thread(target=e.wait)\n        t.start()\n        x.append(t)\nexcept RuntimeError as error:\n    assert str(error) == \"can't start new thread\", error\n    e.set()\n    for t in x: t.join()\n    raise MemoryError",
    "regex": "import re\nx = re.match('(?:(a)|b)*', 'ab' * (1 << 25))\nraise MemoryError",
    "sort": "x = list(range(1 << 22))\nwhile True:\n    x = x + x\n    x.sort(key=lambda n: -n)",
    "recursion": "import sys\nsys.setrecursionlimit(10 ** 8)\ndef f(*a): return f(*a, 1)\ntry:\n    f()\nexcept RecursionError:\n    raise MemoryError",
    "copies": "import copy\nx = [[n] for n in range(1000)]\nwhile True: x.append(copy.deepcopy(x[:1000]))",
    "weak": "import weakref\nclass C: pass\nx = []\nwhile True:\n    x.append(C())\n    x.append(weakref.ref(x[-1], id))",
    "cycles": "class C: pass\nx = []\nwhile True:\n    c = C()\n    c.c = c\n    x.append(c)",
    "in_threads": "import threading\nx = [[] for _ in range(3)]\ncaught = []\ndef f(y):\n    try:\n        while True: y.append(object())\n    except MemoryError:\n        caught.append(1)\n        y.clear()\nts = [threading.Thread(target=f, args=(y,)) for y in x]\nfor t in ts: t.start()\nfor t in ts: t.join()\nassert len(caught) == 3\nraise MemoryError",
    "printing": "x = [list(range(1 << 20))]\nwhile True: x.append(repr(x[-1] if len(x) == 1 else x[0]))",
    "json_out": "import json\nx = json.dumps(['a' * (1 << 20)] * 2000)",
    "reprs": "x = ['a' * (1 << 20)] * 2000\ny = repr({1: x})",
    "format": "x = []\nwhile True: x.append(f'{len(x)!r:>100000}')",
    "compile": "x = compile('[' + '[1, 2, 3], ' * (1 << 22) + ']', 'x', 'exec')\nraise MemoryError",
}

FRAME = """
def act():
{act}

caught = 0
for _ in range(3):
    try:
        act()
    except MemoryError as error:
        caught += 1
        del error
assert caught == 3
# The program works on.
import json, threading
assert json.loads(json.dumps([1, 2])) == [1, 2] and len([0] * 100000) == 100000
print("works on")
"""

# What the quick form takes.
QUICK = ["doubling", "bytes", "read", "bytesio"]


def limit(megabytes):
    return lambda: resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))


counts = {"MemoryError": 0, "end": 0}
only = sys.argv[2:]
for turn in range(rounds or 1):
    for name, act in ACTS.items() if rounds or only else [(name, ACTS[name]) for name in QUICK]:
        if only and name not in only:
            continue
        program = FRAME.replace("{act}", "\n".join("    " + line for line in act.splitlines()))
        # Each thread has 256 MiB of address space for its frames, and the allocator takes 200 to begin with.
        for megabytes in ((2500,) if name == "in_threads" else (800,) if rounds < 2 else (700, 800, 1000, 1300)):
            done = subprocess.run(
                [sys.executable, "-c", program], capture_output=True, text=True, timeout=300, preexec_fn=limit(megabytes)
            )
            if done.returncode == 0 and done.stdout == "works on\n":
                counts["MemoryError"] += 1
                continue
            if done.returncode == 1 and done.stderr.splitlines()[-1:] == ["MemoryError"]:
                counts["MemoryError"] += 1
                continue
            assert done.returncode == 1 and "Fatal Python error: out of memory" in done.stderr, (name, megabytes, done.returncode, done.stdout, done.stderr[-2000:])
            counts["end"] += 1
            if "-v" in sys.argv or only:
                print(name, megabytes, done.stderr.strip()[-200:])
assert not rounds or only or counts["end"] <= counts["MemoryError"] // 5, counts
print("done", counts)
