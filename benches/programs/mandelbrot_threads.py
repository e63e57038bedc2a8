"""The Mandelbrot set, its rows shared out among threads.

With no arguments the job runs on one thread and then on as many as there are cores (at least two), and prints both
times, the speed-up and a checksum of the picture. With `--threads N` it runs once on N threads.
`--show 1` draws the picture as text.
"""

import os
import sys
import time

from common import in_threads, main, options

DEPTH = 100
SHADES = " .:-=+*#%@"


def row(y, size):
    """How many steps each point of line y takes to leave the circle of radius 2 (DEPTH: never)."""
    counts = []
    ci = 2.4 * y / size - 1.2
    for x in range(size):
        cr = 2.4 * x / size - 1.8
        zr = zi = 0.0
        steps = 0
        while steps < DEPTH:
            rr = zr * zr
            ii = zi * zi
            if rr + ii > 4.0:
                break
            zi = 2.0 * zr * zi + ci
            zr = rr - ii + cr
            steps += 1
        counts.append(steps)
    return counts


def picture(size, threads):
    """All rows; thread i computes the rows i, i + threads, ..., which shares the costly middle out evenly."""
    rows = [None] * size

    def work(index):
        for y in range(index, size, threads):
            rows[y] = row(y, size)

    in_threads(threads, work)
    return rows


def checksum(rows):
    total = 0
    for y, counts in enumerate(rows):
        for steps in counts:
            total = (total * 31 + steps + y) % 1000000007
    return total


def show(rows):
    step = max(1, len(rows) // 60)
    for counts in rows[:: step * 2]:
        print("".join(SHADES[steps * (len(SHADES) - 1) // DEPTH] for steps in counts[::step]))


def cores():
    count = getattr(os, "process_cpu_count", os.cpu_count)()
    return max(2, count or 2)


def compare(size):
    """The job on one thread, then on all cores."""
    times = {}
    sums = set()
    for threads in (1, cores()):
        start = time.perf_counter()
        rows = picture(size, threads)
        times[threads] = time.perf_counter() - start
        sums.add(checksum(rows))
        print("%2d thread%s: %7.3f s" % (threads, " " if threads == 1 else "s", times[threads]))
    if len(sums) != 1:
        sys.exit("the pictures differ: %s" % sorted(sums))
    print("speed-up:   %7.2f" % (times[1] / times[threads]))
    print("result: %d" % sums.pop())


if __name__ == "__main__":
    chosen = options(__doc__, threads=0, size=1000, show=0)
    if not chosen.threads:
        compare(chosen.size)
    else:
        def job():
            rows = picture(chosen.size, chosen.threads)
            if chosen.show:
                show(rows)
            return checksum(rows)

        main(job)
