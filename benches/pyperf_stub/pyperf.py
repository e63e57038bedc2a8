"""A small stand-in for pyperf: runs a benchmark a few times in this process and prints `sample NAME SECONDS` lines.

It has what the scripts of pyperformance use of pyperf's Runner, so that they run unmodified on any Python, without
subprocesses or psutil. ORO_LOOPS and ORO_REPEATS in the environment set the loops of one sample and the samples.
"""

import os
import sys
import time

perf_counter = time.perf_counter


class _Arguments:
    """Parsed arguments; an option that nobody declared reads as None."""

    def __getattr__(self, name):
        return None


class _Parser:
    """The part of argparse's face that the scripts touch: options keep their defaults, nothing is parsed."""

    def __init__(self):
        self.values = {}

    def add_argument(self, *names, **settings):
        name = settings.get("dest") or max(names, key=len).lstrip("-").replace("-", "_")
        default = settings.get("default", False if settings.get("action") == "store_true" else None)
        if default is None and not names[0].startswith("-"):
            default = next(iter(settings.get("choices") or [None]))
        self.values[name] = default

    def add_argument_group(self, *args, **settings):
        return self

    add_mutually_exclusive_group = add_argument_group

    def set_defaults(self, **values):
        self.values.update(values)


class Runner:
    def __init__(self, *args, **settings):
        self.metadata = {}
        self.argparser = _Parser()
        self.args = None
        self.loops = int(os.environ.get("ORO_LOOPS", "1"))
        self.repeats = int(os.environ.get("ORO_REPEATS", "3"))

    def parse_args(self, *args):
        self.args = _Arguments()
        self.args.__dict__.update(self.argparser.values)
        return self.args

    def _sample(self, name, seconds):
        print("sample %s %.9f" % (name, seconds))
        sys.stdout.flush()

    def bench_time_func(self, name, func, *args, **settings):
        for _ in range(self.repeats):
            self._sample(name, func(self.loops, *args))

    def bench_func(self, name, func, *args, **settings):
        def timed(loops):
            start = perf_counter()
            for _ in range(loops):
                func(*args)
            return perf_counter() - start

        self.bench_time_func(name, timed)

    def bench_async_func(self, name, func, *args, **settings):
        import asyncio

        async def timed():
            start = perf_counter()
            for _ in range(self.loops):
                await func(*args)
            return perf_counter() - start

        for _ in range(self.repeats):
            self._sample(name, asyncio.run(timed()))


def python_implementation():
    return sys.implementation.name


def python_has_jit():
    return False
