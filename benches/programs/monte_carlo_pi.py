"""Pi from random points: blocks of points, each with a generator of its own seed, are shared out among threads."""

import random

from common import in_threads, main, options

BLOCK = 20_000


def block(seed):
    """How many of BLOCK random points lie in the quarter circle."""
    rand = random.Random(seed).random
    inside = 0
    for _ in range(BLOCK):
        x = rand()
        y = rand()
        if x * x + y * y <= 1.0:
            inside += 1
    return inside


def job():
    blocks = max(1, chosen.size // BLOCK)

    def work(index):
        return sum(block(seed) for seed in range(index, blocks, chosen.threads))

    inside = sum(in_threads(chosen.threads, work))
    return "%d of %d inside, pi about %.6f" % (inside, blocks * BLOCK, 4.0 * inside / (blocks * BLOCK))


chosen = options(__doc__, threads=1, size=20_000_000)
main(job)
