"""Runs the kernels of `benches/kernels` on one and on more threads, with any Pythons found, and prints a table.

usage: kernel_scaling.py [--threads N] [--seconds S] [--kind KIND] [--json FILE] [--python COMMAND]... [KERNEL...]

By default: two threads, a quarter of a second for each figure, and the Pythons `orochi` (the built one), `python3.14t`,
`python3.13t`, `python3.14` and `python3` where they are found. For each the table gives thousands of runs per second on one
thread, and how many times as many all threads do together: by the clock, and (in brackets) by the processor time of the
slowest thread, which a busy machine does not distort, but which does not see threads that wait. With an Orochi that was built
with the feature `sharing-stats` it also gives the writes of shared cache lines for a thousand runs.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.join(HERE, "..", "target"))
CANDIDATES = [os.path.join(TARGET, "release", "orochi"), "python3.14t", "python3.13t", "python3.14", "python3"]


def run_here(options):
    """The inner run: measures with this very interpreter, and prints one line of JSON for each kernel."""
    sys.path.insert(0, HERE)
    from kernels import KERNELS, measure

    for name, (kind, _) in KERNELS.items():
        if (options.kind and kind != options.kind) or (options.kernels and name not in options.kernels):
            continue
        one = measure(name, 1, options.seconds)
        many = measure(name, options.threads, options.seconds)
        print(json.dumps({"kernel": name, "kind": kind, "one": one, "many": many}), flush=True)


def results(python, options):
    """Runs the kernels with another interpreter; yields what it prints."""
    command = [python, os.path.abspath(__file__), "--run", "--threads", str(options.threads)]
    command += ["--seconds", str(options.seconds)]
    if options.kind:
        command += ["--kind", options.kind]
    process = subprocess.Popen(command + options.kernels, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        yield json.loads(line)
    if process.wait() != 0:
        print("%s ended with status %d" % (python, process.returncode), file=sys.stderr)


def show(python, rows, threads):
    print()
    print("%s: %d threads against one" % (python, threads))
    print("%-24s %-16s %12s %8s %8s   %s" % ("kernel", "kind", "1000/s", "times", "(cpu)", "shared writes per 1000"))
    kept = []
    for row in rows:
        kept.append(row)
        wall, used, _ = row["one"]
        wall_many, used_many, writes = row["many"]
        shared = ", ".join("%s %.1f" % (kind, count) for kind, count in writes.items() if count >= 0.05)
        numbers = (wall / 1000, wall_many / wall, used_many / used)
        print("%-24s %-16s %12.1f %8.2f (%6.2f)   %s" % (row["kernel"], row["kind"], *numbers, shared), flush=True)
    return kept


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=0.25)
    parser.add_argument("--kind")
    parser.add_argument("--json")
    parser.add_argument("--python", action="append")
    parser.add_argument("--run", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("kernels", nargs="*")
    options = parser.parse_args()
    if options.run:
        return run_here(options)
    pythons = options.python or [found for found in map(shutil.which, CANDIDATES) if found]
    everything = {python: show(python, results(python, options), options.threads) for python in pythons}
    if options.json:
        with open(options.json, "w") as file:
            json.dump(everything, file, indent=1)


if __name__ == "__main__":
    main()
