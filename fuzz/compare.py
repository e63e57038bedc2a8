#!/usr/bin/env python3
"""Runs the targets' programs on a reference CPython and on Orochi and compares the outcomes.

    compare.py OROCHI REFERENCE TARGET FOLDER... [--mutants N] [--seed N]

The inputs are the folders' files, and with `--mutants` damaged copies of them. Both interpreters run this file with
`--run`: it reads inputs as hexadecimal lines and prints one outcome per line.
"""

import argparse
import importlib
import pathlib
import random
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def run(target):
    """The inner half: outcomes for the inputs on standard input."""
    sys.path.append(str(HERE / "programs"))
    program = importlib.import_module(f"fuzz_{target}")
    for line in sys.stdin:
        try:
            text = ascii(program.run(bytes.fromhex(line)))
        except BaseException as e:
            text = f"!!! {type(e).__name__}: {ascii(str(e))}"
        print(text, flush=True)


def damaged(data, others, rand):
    data = bytearray(data)
    for _ in range(rand.randrange(1, 5)):
        at, what = rand.randrange(len(data) + 1), rand.random()
        if what < 0.2:
            data[at : at + 1] = b""
        elif what < 0.4:
            data[at:at] = bytes([rand.choice(b"0123456789abxy+-_.,:;{}()[]%\\'\"\x00\xff\n eE#*")])
        elif what < 0.6 and at < len(data):
            data[at] = rand.randrange(256)
        elif what < 0.7 and at < len(data):
            data[at] ^= 1 << rand.randrange(8)
        else:
            other = rand.choice(others)
            start = rand.randrange(len(other) + 1)
            data[at : at + rand.randrange(4)] = other[start : start + rand.randrange(1, 12)]
    return bytes(data[:600])


def outcomes(interpreter, target, inputs):
    """The outcome of each input; a process that ends early is started again behind the input that ended it."""
    found = []
    while len(found) < len(inputs):
        with tempfile.TemporaryFile() as lines:
            lines.write("".join(x.hex() + "\n" for x in inputs[len(found) :]).encode())
            lines.seek(0)
            command = [interpreter, __file__, "--run", target]
            got = subprocess.run(command, stdin=lines, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        found += got.stdout.decode("ascii").splitlines()
        if len(found) < len(inputs):
            found.append(f"!!! ended with {got.returncode}: {got.stderr.decode(errors='replace')[-300:]!r}")
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("orochi")
    parser.add_argument("reference")
    parser.add_argument("target")
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--mutants", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    files = [f for folder in args.folders for f in sorted(pathlib.Path(folder).iterdir())]
    inputs = [f.read_bytes() for f in files]
    rand = random.Random(args.seed)
    originals = list(inputs)
    inputs += [damaged(rand.choice(originals), originals, rand) for _ in range(args.mutants)]
    wanted = outcomes(args.reference, args.target, inputs)
    got = outcomes(args.orochi, args.target, inputs)
    differences = 0
    for data, a, b in zip(inputs, wanted, got):
        if a != b:
            differences += 1
            at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
            at = max(at - 60, 0)
            print(f"{args.target} {data!r}\n  reference {a[at : at + 160]}\n  orochi    {b[at : at + 160]}")
    print(f"{args.target}: {len(inputs)} inputs, {differences} differences")
    return differences > 0


if sys.argv[1:2] == ["--run"]:
    run(sys.argv[2])
else:
    sys.exit(main())
