"""All ways to put N queens on an N x N board; threads take the openings (the first two rows) from a shared list."""

from common import in_threads, main, options


def solve(size, row, columns, up, down):
    """Counts the ways to fill the rows from `row` on; the sets of taken columns and diagonals are bit masks."""
    if row == size:
        return 1
    found = 0
    free = ~(columns | up | down) & ((1 << size) - 1)
    while free:
        bit = free & -free
        free ^= bit
        found += solve(size, row + 1, columns | bit, (up | bit) << 1, (down | bit) >> 1)
    return found


def openings(size):
    for first in range(size):
        for second in range(size):
            if abs(first - second) > 1:
                a, b = 1 << first, 1 << second
                yield a | b, ((a << 1) | b) << 1, ((a >> 1) | b) >> 1


def job():
    size = chosen.size
    if size == 1:
        return "1 way on a board of 1"
    todo = list(openings(size))

    def work(index):
        found = 0
        while True:
            try:
                columns, up, down = todo.pop()
            except IndexError:
                return found
            found += solve(size, 2, columns, up, down)

    return "%d ways on a board of %d" % (sum(in_threads(chosen.threads, work)), size)


chosen = options(__doc__, threads=1, size=13)
main(job)
