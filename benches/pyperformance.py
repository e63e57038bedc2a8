#!/usr/bin/env python3
"""Runs programs of the pyperformance suite, unmodified, side by side on several interpreters.

usage: pyperformance.py --benchmarks DIR --python NAME=CMD [--python NAME=CMD ...] [--only a,b] [--rounds 3]
                        [--library DIR ...]

DIR of --benchmarks is data-files/benchmarks of the unpacked PyPI package pyperformance. The first interpreter is the
reference: its column is in seconds, the others in how many times as fast they are (2.00x: half the time). The
interpreters take turns in every round, so that a drift of the machine touches all of them; a figure is the median of
all samples. What the programs import from elsewhere is in the folders of --library (README.md says how it gets there).
"""

import argparse
import ast
import glob
import math
import os
import re
import shlex
import subprocess
import sys

STUB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pyperf_stub")

# Benchmark -> loops of one sample, chosen so that CPython 3.13 takes some 0.2 to 1 s for it. Names are those of the
# suite's MANIFEST: a variant of a program, such as async_tree_io, has its arguments in a file of its own there.
PROGRAMS = {
    "2to3": 1,
    "argparse": 600,
    "argparse_subparsers": 20,
    "async_generators": 1,
    "async_tree": 1,
    "async_tree_cpu_io_mixed": 1,
    "async_tree_io": 1,
    "async_tree_memoization": 1,
    "async_tree_eager": 4,
    "async_tree_eager_cpu_io_mixed": 1,
    "async_tree_eager_io": 1,
    "async_tree_eager_memoization": 1,
    "async_tree_tg": 1,
    "async_tree_cpu_io_mixed_tg": 1,
    "async_tree_io_tg": 1,
    "async_tree_memoization_tg": 1,
    "async_tree_eager_tg": 4,
    "async_tree_eager_cpu_io_mixed_tg": 1,
    "async_tree_eager_io_tg": 1,
    "async_tree_eager_memoization_tg": 1,
    "asyncio_tcp": 1,
    "asyncio_tcp_ssl": 1,
    "asyncio_websockets": 1,
    "base64": 1,
    "bpe_tokeniser": 1,
    "concurrent_imap": 40,
    "coroutines": 18,
    "coverage": 1,
    "gc_traversal": 120,
    "gc_collect": 600,
    "generators": 10,
    "chameleon": 30,
    "chaos": 6,
    "comprehensions": 20_000,
    "crypto_pyaes": 8,
    "dask": 1,
    "deepcopy": 1000,
    "deltablue": 100,
    "django_template": 15,
    "dulwich_log": 8,
    "docutils": 1,
    "fannkuch": 1,
    "fastapi": 1,
    "float": 6,
    "genshi": 10,
    "go": 3,
    "hexiom": 70,
    "html5lib": 8,
    "json_dumps": 40,
    "json_loads": 900,
    "logging": 6000,
    "mako": 40,
    "mdp": 1,
    "meteor_contest": 4,
    "networkx": 1,
    "networkx_connected_components": 1,
    "networkx_k_core": 1,
    "nbody": 4,
    "nqueens": 4,
    "pathlib": 17,
    "pickle": 2200,
    "pickle_dict": 6000,
    "pickle_list": 20_000,
    "pickle_pure_python": 80,
    "pidigits": 2,
    "pprint": 1,
    "pyflate": 1,
    "python_startup": 20,
    "python_startup_no_site": 30,
    "raytrace": 2,
    "regex_compile": 3,
    "regex_dna": 2,
    "regex_effbot": 15,
    "regex_v8": 20,
    "richards": 8,
    "richards_super": 8,
    "scimark": 1,
    "spectral_norm": 4,
    "sphinx": 1,
    "sqlalchemy_declarative": 8,
    "sqlalchemy_imperative": 40,
    "sqlglot_v2": 5,
    "sqlglot_v2_parse": 500,
    "sqlglot_v2_transpile": 400,
    "sqlglot_v2_optimize": 10,
    "sqlite_synth": 150_000,
    "sympy": 2,
    "telco": 40,
    "tomli_loads": 1,
    "tornado_http": 3,
    "typing_runtime_protocols": 1900,
    "unpack_sequence": 60_000,
    "unpickle": 3000,
    "unpickle_list": 20_000,
    "unpickle_pure_python": 150,
    "xdsl": 15,
    "barnes_hut": 1,
    "decimal_factorial": 2,
    "decimal_pi": 1,
    "yaml": 100,
}


def median(values):
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def program(benchmarks, name):
    """The folder of a benchmark and the arguments that its script takes: those of its metafile."""
    variants = glob.glob(os.path.join(glob.escape(benchmarks), "bm_*", "bm_%s.toml" % name))
    metafile = variants[0] if variants else os.path.join(benchmarks, "bm_" + name, "pyproject.toml")
    arguments = []
    if os.path.exists(metafile):
        with open(metafile, encoding="utf-8") as file:
            found = re.search(r"^extra_opts = (\[.*\])$", file.read(), re.MULTILINE)
        if found:
            arguments = ast.literal_eval(found[1])
    return os.path.dirname(metafile), arguments


def run(command, folder, arguments, libraries, loops, timeout):
    """One process: ({benchmark: [seconds, ...]}, None) or ({}, why it failed)."""
    environment = dict(
        os.environ,
        PYTHONPATH=os.pathsep.join([STUB] + libraries),
        PYTHONDONTWRITEBYTECODE="1",
        ORO_LOOPS=str(loops),
        ORO_REPEATS="2",
    )
    try:
        done = subprocess.run(
            command + ["run_benchmark.py"] + arguments,
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
    parser.add_argument("--library", action="append", default=[], metavar="DIR", help="a folder to import from")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--timeout", type=float, default=120, help="seconds for one process")
    chosen = parser.parse_args()
    pythons = []
    for text in chosen.python:
        label, command = text.split("=", 1)
        words = shlex.split(command)
        if os.path.exists(words[0]):
            words[0] = os.path.abspath(words[0])
        pythons.append((label, words))
    libraries = [os.path.abspath(folder) for folder in chosen.library]
    names = [name for name in chosen.only.split(",") if name] or list(PROGRAMS)
    ratios = {label: [] for label, _ in pythons}
    failed = False
    print("%-24s" % "benchmark" + "".join("%12s" % label for label, _ in pythons))
    for name in names:
        times = {label: {} for label, _ in pythons}
        failures = {}
        folder, arguments = program(chosen.benchmarks, name)
        for _ in range(chosen.rounds):
            for label, command in pythons:
                if label in failures:
                    continue
                loops = PROGRAMS.get(name, 1)
                samples, why = run(command, folder, arguments, libraries, loops, chosen.timeout)
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
