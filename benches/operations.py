#!/usr/bin/env python3
"""Compares how long single operations take in two Pythons: where one has its weak spots.

usage: operations.py --python CMD --python CMD [--only TEXT] [--below RATIO]

Prints the operations, the worst of the second Python first: how many times as fast as the first it is, and nanoseconds of both
(the loop's included). At the end, the geometric mean. Programs are more than their operations: what counts is pyperformance.py.
"""

import argparse
import math
import os
import subprocess
import sys

STATEMENTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "operations", "statements.py")


def figures(command, only):
    """Statement -> nanoseconds."""
    done = subprocess.run(command.split() + [STATEMENTS, only], capture_output=True, text=True)
    if done.returncode:
        sys.exit("%s: %s" % (command, (done.stderr.strip().splitlines() or ["no output"])[-1]))
    rows = (line.split("\t", 1) for line in done.stdout.splitlines())
    return {statement: float(time) for time, statement in rows}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--python", action="append", required=True, help="an interpreter; twice, the first is the reference")
    parser.add_argument("--only", default="", help="statements that contain this text")
    parser.add_argument("--below", type=float, default=math.inf, help="show those with lower ratios only")
    chosen = parser.parse_args()
    if len(chosen.python) != 2:
        parser.error("two interpreters, please")
    first, second = (figures(python, chosen.only) for python in chosen.python)
    ratios = {statement: first[statement] / second[statement] for statement in first}
    if not ratios:
        sys.exit("no statement contains %r" % chosen.only)
    for statement in sorted(ratios, key=ratios.get):
        if ratios[statement] < chosen.below:
            print("%6.2fx %9.1f %9.1f   %s" % (ratios[statement], first[statement], second[statement], statement))
    mean = math.exp(sum(map(math.log, ratios.values())) / len(ratios))
    print("geometric mean of %d: %.2fx" % (len(ratios), mean))


if __name__ == "__main__":
    main()
