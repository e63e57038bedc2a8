#!/usr/bin/env python3
"""Runs the programs of benches/programs on one to N threads and reports how they scale.

usage:
  scaling.py --python CMD [--threads 1,2,4] [--repeats 3] [--only a,b] [--small]
      medians of the programs' own times, with speed-up and efficiency against the first thread count
  scaling.py --check --python CMD [--against CMD] [--threads 1,2,8] [--repeats 3] [--only a,b] [--small]
      compares the result lines with those of another interpreter, or (always --small) with the recorded ones of
      expected.txt; exits with status 1 when any differ

CMD is an interpreter with its arguments, as in --python "target/release/orochi". --small takes the sizes of
expected.txt. Repeats go round all thread counts, so that a drift of the machine touches all of them alike.
"""

import argparse
import os
import re
import subprocess
import sys

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs")


def programs(only):
    names = sorted(name[:-3] for name in os.listdir(HERE) if name.endswith(".py") and name != "common.py")
    wanted = [name for name in only.split(",") if name]
    unknown = [name for name in wanted if name not in names]
    if unknown:
        sys.exit("no such program: %s (there are: %s)" % (", ".join(unknown), " ".join(names)))
    return wanted or names


def recorded():
    """Of each program in expected.txt: (small size, result line at that size)."""
    rows = {}
    with open(os.path.join(HERE, "expected.txt"), encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                name, size, result = line.rstrip("\n").split(" ", 2)
                rows[name] = (int(size), result)
    return rows


def run(command, name, threads, size, timeout):
    """One run: (seconds, result line) or (None, why it failed)."""
    words = command.split() + [os.path.join(HERE, name + ".py"), "--threads", str(threads)]
    if size:
        words += ["--size", str(size)]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        return None, "no end after %g s" % timeout
    time_line = re.search(r"^time: (\S+)$", done.stderr, re.M)
    lines = done.stdout.splitlines()
    if done.returncode or not time_line or not lines or not lines[-1].startswith("result: "):
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        return None, "status %d: %s" % (done.returncode, last)
    return float(time_line[1]), lines[-1][8:]


def median(values):
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def measure(chosen, names, counts, sizes):
    print("%-20s" % "program" + "".join("%9s%8s%6s" % ("%d thr" % n, "x", "eff") for n in counts))
    failed = False
    for name in names:
        times = {n: [] for n in counts}
        why = None
        for _ in range(chosen.repeats):
            for n in counts:
                seconds, text = run(chosen.python, name, n, sizes.get(name), chosen.timeout)
                if seconds is None:
                    why = "%d threads: %s" % (n, text)
                    break
                times[n].append(seconds)
            if why:
                break
        row = "%-20s" % name
        if why:
            failed = True
            print(row + "  FAILED, " + why, flush=True)
            continue
        base = median(times[counts[0]]) * counts[0]
        for n in counts:
            middle = median(times[n])
            speed = base / middle if middle else 0.0
            row += "%8.3fs%7.2fx%5.0f%%" % (middle, speed, 100 * speed / n)
        print(row, flush=True)
    return not failed


def check(chosen, names, counts, sizes):
    known = recorded()
    good = True
    for name in names:
        expected = known[name][1]
        if chosen.against:
            seconds, expected = run(chosen.against, name, 1, sizes.get(name), chosen.timeout)
            if seconds is None:
                print("%-20s the reference failed, %s" % (name, expected))
                good = False
                continue
        wrong = []
        for n in counts:
            for _ in range(chosen.repeats):
                seconds, text = run(chosen.python, name, n, sizes.get(name), chosen.timeout)
                if text != expected:
                    wrong.append("%d threads: %s" % (n, text))
        if wrong:
            good = False
            print("%-20s DIFFERS from: %s" % (name, expected))
            for line in wrong:
                print("    " + line)
        else:
            print("%-20s ok, %d runs" % (name, len(counts) * chosen.repeats), flush=True)
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", required=True, help="the interpreter to run")
    parser.add_argument("--against", help="with --check: the interpreter whose results are right (otherwise the recorded results)")
    parser.add_argument("--check", action="store_true", help="compare results, not times")
    parser.add_argument("--threads", help="thread counts, with commas (1 to the number of cores; 1,2,8 for --check)")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", default="", help="program names, with commas")
    parser.add_argument("--small", action="store_true", help="run at the small sizes of expected.txt")
    parser.add_argument("--timeout", type=float, default=600, help="seconds for one run")
    chosen = parser.parse_args()
    names = programs(chosen.only)
    if chosen.threads:
        counts = [int(text) for text in chosen.threads.split(",")]
    elif chosen.check:
        counts = [1, 2, 8]
    else:
        counts = list(range(1, max(2, os.cpu_count() or 2) + 1))
    small = chosen.small or (chosen.check and not chosen.against)
    sizes = {name: size for name, (size, _) in recorded().items()} if small else {}
    good = (check if chosen.check else measure)(chosen, names, counts, sizes)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
