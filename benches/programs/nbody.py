"""Gravity among many bodies: each step, every thread moves its share of the bodies, and all meet at a barrier.

A body's forces are added in the order of the bodies, so the result does not depend on the number of threads.
"""

import math
import threading

from common import in_threads, main, options, parts

STEPS = 10
DT = 0.001
SOFTENING = 1e-3


def bodies(count):
    """Places, speeds and masses from a small linear congruential generator."""
    state = 12345
    numbers = []
    for _ in range(count * 7):
        state = (state * 1103515245 + 12345) % 2147483648
        numbers.append(state / 2147483648)
    rows = []
    for i in range(0, len(numbers), 7):
        x, y, z, vx, vy, vz, m = numbers[i : i + 7]
        rows.append([x - 0.5, y - 0.5, z - 0.5, vx - 0.5, vy - 0.5, vz - 0.5, 0.5 + m])
    return rows


def push(system, mine):
    """Adds one step's acceleration to the speeds of the bodies in `mine`; reads places only."""
    sqrt = math.sqrt
    for i in mine:
        body = system[i]
        x, y, z = body[0], body[1], body[2]
        ax = ay = az = 0.0
        for other in system:
            dx = other[0] - x
            dy = other[1] - y
            dz = other[2] - z
            d2 = dx * dx + dy * dy + dz * dz + SOFTENING
            pull = other[6] / (d2 * sqrt(d2))
            ax += dx * pull
            ay += dy * pull
            az += dz * pull
        body[3] += ax * DT
        body[4] += ay * DT
        body[5] += az * DT


def move(system, mine):
    for i in mine:
        body = system[i]
        body[0] += body[3] * DT
        body[1] += body[4] * DT
        body[2] += body[5] * DT


def energy(system):
    total = 0.0
    for i, a in enumerate(system):
        total += 0.5 * a[6] * (a[3] * a[3] + a[4] * a[4] + a[5] * a[5])
        for j in range(i):
            b = system[j]
            dx, dy, dz = a[0] - b[0], a[1] - b[1], a[2] - b[2]
            total -= a[6] * b[6] / math.sqrt(dx * dx + dy * dy + dz * dz + SOFTENING)
    return total


def job():
    system = bodies(chosen.size)
    shares = parts(chosen.size, chosen.threads)
    barrier = threading.Barrier(chosen.threads)

    def work(index):
        mine = shares[index]
        for _ in range(STEPS):
            push(system, mine)
            barrier.wait()
            move(system, mine)
            barrier.wait()

    in_threads(chosen.threads, work)
    return "%.9f" % energy(system)


chosen = options(__doc__, threads=1, size=1000)
main(job)
