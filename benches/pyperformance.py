#!/usr/bin/env python3
"""Runs programs of the pyperformance suite, unmodified, side by side on several interpreters.

usage: pyperformance.py --benchmarks DIR --python NAME=CMD [--python NAME=CMD ...] [--only a,b] [--rounds 3]

DIR is data-files/benchmarks of the unpacked PyPI package pyperformance. The first interpreter is the reference: its
column is in seconds, the others in how many times as fast they are (2.00x: half the time). The interpreters take
turns in every round, so that a drift of the machine touches all of them; a figure is the median of all samples.
"""

import argparse
import math
import os
import subprocess
import sys

STUB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pyperf_stub")

# Benchmark -> loops of one sample, chosen so that CPython 3.13 takes some 0.2 to 1 s for it.
PROGRAMS = {
    "richards": 8,
    "deltablue": 100,
    "nbody": 4,
    "fannkuch": 1,
    "float": 6,
    "chaos": 6,
    "spectral_norm": 4,
    "nqueens": 4,
    "go": 3,
    "generators": 10,
    "comprehensions": 20_000,
    "logging": 6000,
    "regex_compile": 3,
    "regex_v8": 20,
    "regex_effbot": 15,
    "regex_dna": 2,
    "typing_runtime_protocols": 1900,
    "json_dumps": 40,
    "json_loads": 900,
    "pickle": 2200,
    "deepcopy": 1000,
    "pprint": 1,
    "pathlib": 17,
    "argparse": 600,
    "mdp": 1,
    "meteor_contest": 4,
    "pidigits": 2,
    "pyflate": 1,
    "raytrace": 2,
    "scimark": 1,
    "hexiom": 70,
    "unpack_sequence": 60_000,
    "base64": 1,
    "bpe_tokeniser": 1,
    "async_generators": 1,
    "coroutines": 18,
    "async_tree": 1,
    "gc_traversal": 120,
    "gc_collect": 600,
    "barnes_hut": 1,
    "decimal_factorial": 2,
    "decimal_pi": 1,
    "telco": 40,
}


def median(values):
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def run(command, folder, loops, timeout):
    """One process: ({benchmark: [seconds, ...]}, None) or ({}, why it failed)."""
    environment = dict(os.environ, PYTHONPATH=STUB, PYTHONDONTWRITEBYTECODE="1", ORO_LOOPS=str(loops), ORO_REPEATS="2")
    try:
        done = subprocess.run(
            command.split() + ["run_benchmark.py"],
            cwd=folder,
            env=environment,
            timeout=timeout,
            capture_output=True,
            text=True,
        )
    except subprocess.TimeoutExpired:
        return {}, "no end after %g s" % timeout
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return {}, "status %d: %s" % (done.returncode, last)
    samples = {}
    for line in done.stdout.splitlines():
        words = line.split()
        if len(words) == 3 and words[0] == "sample":
            samples.setdefault(words[1], []).append(float(words[2]))
    return samples, None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--benchmarks", required=True, help="pyperformance's data-files/benchmarks folder")
    parser.add_argument("--python", action="append", required=True, metavar="NAME=CMD")
    parser.add_argument("--only", default="", help="benchmark names, with commas")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--timeout", type=float, default=120, help="seconds for one process")
    chosen = parser.parse_args()
    pythons = [text.split("=", 1) for text in chosen.python]
    names = [name for name in chosen.only.split(",") if name] or list(PROGRAMS)
    ratios = {label: [] for label, _ in pythons}
    failed = False
    print("%-24s" % "benchmark" + "".join("%12s" % label for label, _ in pythons))
    for name in names:
        times = {label: {} for label, _ in pythons}
        failures = {}
        for _ in range(chosen.rounds):
            for label, command in pythons:
                if label in failures:
                    continue
                folder = os.path.join(chosen.benchmarks, "bm_" + name)
                samples, why = run(command, folder, PROGRAMS.get(name, 1), chosen.timeout)
                if why:
                    failures[label] = why
                for key, values in samples.items():
                    times[label].setdefault(key, []).extend(values)
        reference = times[pythons[0][0]]
        for key in reference or [name]:
            row = "%-24s" % key
            for position, (label, _) in enumerate(pythons):
                if label in failures or key not in times[label]:
                    row += "%12s" % "failed"
                elif position == 0 or key not in reference:
                    row += "%11.3fs" % median(times[label][key])
                else:
                    ratio = median(reference[key]) / median(times[label][key])
                    ratios[label].append(ratio)
                    row += "%11.2fx" % ratio
            print(row, flush=True)
        for label, why in failures.items():
            failed = True
            print("    %s: %s" % (label, why))
    row = "%-24s%12s" % ("geometric mean", "")
    for label, _ in pythons[1:]:
        logs = [math.log(ratio) for ratio in ratios[label]]
        row += "%11.2fx" % math.exp(sum(logs) / len(logs)) if logs else "%12s" % "-"
    print(row)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
