"""A small stand-in for pyperf: runs a benchmark a few times in this process and prints `sample NAME SECONDS` lines.

It has what the scripts of pyperformance use of pyperf's Runner, so that they run unmodified on any Python, without
processes of its own or psutil. ORO_LOOPS and ORO_REPEATS in the environment set the loops of one sample and the samples.
"""

import argparse
import os
import sys
import time

perf_counter = time.perf_counter


class Runner:
    def __init__(self, *args, **settings):
        self.metadata = {}
        self.argparser = argparse.ArgumentParser()
        self.args = None
        self.loops = int(os.environ.get("ORO_LOOPS", "1"))
        self.repeats = int(os.environ.get("ORO_REPEATS", "3"))

    def parse_args(self, *args):
        self.args = self.argparser.parse_args(*args)
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

    def bench_command(self, name, command):
        import subprocess

        def run():
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

        self.bench_func(name, run)


def python_implementation():
    return sys.implementation.name


def python_has_jit():
    return False
