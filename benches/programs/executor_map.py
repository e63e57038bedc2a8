"""ThreadPoolExecutor.map over independent tasks: edit distances between made-up words."""

from concurrent.futures import ThreadPoolExecutor

from common import main, options

LENGTH = 60


def word(n):
    """A string of LENGTH letters that only depends on n."""
    letters = []
    for _ in range(LENGTH):
        n = (n * 1103515245 + 12345) % 2147483648
        letters.append("abcdefgh"[n >> 16 & 7])
    return "".join(letters)


def distance(n):
    """The Levenshtein distance between word(n) and word(n + 1)."""
    a, b = word(n), word(n + 1)
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        current = [i]
        for j, y in enumerate(b, 1):
            if x == y:
                current.append(previous[j - 1])
            else:
                current.append(1 + min(previous[j - 1], previous[j], current[j - 1]))
        previous = current
    return previous[-1]


def job():
    with ThreadPoolExecutor(max_workers=chosen.threads) as pool:
        distances = list(pool.map(distance, range(chosen.size)))
    checksum = 0
    for value in distances:
        checksum = (checksum * 31 + value) % 1000000007
    return "%d tasks, sum %d, checksum %d" % (len(distances), sum(distances), checksum)


chosen = options(__doc__, threads=1, size=6_000)
main(job)
