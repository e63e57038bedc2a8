"""Runs programs again and again in one process, and finds references that native code forgot.

usage: forgotten.py PROGRAM ...

The ledger says how many references the objects of each type are counted for, and how many of them lie in other objects. What is
left is held by frames, threads and native code; between two moments at which the same code runs it stays as it is, however
often a program ran in between. What grows with each run was taken and never given back.
"""

import _orochi_proof
import contextlib
import gc
import io
import sys
import types

WARM_UP = 3
RUNS = 2


def settle():
    for _ in range(3):
        gc.collect()


def held_outside():
    """By type: objects, and references to them that no object holds."""
    settle()
    return {name: (objects, counted - traced) for name, (objects, counted, traced) in _orochi_proof.ledger().items()}


def run(code, path):
    module = types.ModuleType("__main__")
    module.__file__ = path
    out = io.StringIO()
    mine = sys.modules["__main__"]
    sys.modules["__main__"] = module
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            exec(code, vars(module))
    except SystemExit:
        pass
    finally:
        sys.modules["__main__"] = mine
        vars(module).clear()


def growth(path):
    """By type, how many references (and how many objects that nobody holds) each run of the program leaves behind."""
    with open(path) as file:
        code = compile(file.read(), path, "exec")
    for _ in range(WARM_UP):
        run(code, path)
    before = held_outside()
    for _ in range(RUNS):
        run(code, path)
    after = held_outside()
    grown = {}
    for name, (objects, left) in after.items():
        old_objects, old_left = before.get(name, (0, 0))
        if left - old_left >= RUNS:
            grown[name] = (left - old_left, objects - old_objects)
    return grown


def main():
    wrong = 0
    for path in sys.argv[1:]:
        try:
            grown = growth(path)
        except Exception as error:
            print("%s does not run: %r" % (path, error), flush=True)
            continue
        wrong += bool(grown)
        print("%s: %s" % (path, grown or "nothing forgotten"), flush=True)
    sys.exit(1 if wrong else 0)


main()
