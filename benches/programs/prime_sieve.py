"""The sieve of Eratosthenes in segments: threads take segments from one shared iterator and count primes."""

from common import in_threads, main, options

SEGMENT = 1 << 16


def small_primes(limit):
    flags = bytearray([1]) * (limit + 1)
    flags[0:2] = b"\0\0"
    n = 2
    while n * n <= limit:
        if flags[n]:
            for k in range(n * n, limit + 1, n):
                flags[k] = 0
        n += 1
    return [n for n in range(limit + 1) if flags[n]]


def sieve(low, high, primes):
    """The number and the sum of the primes p with low <= p < high."""
    flags = bytearray([1]) * (high - low)
    for p in primes:
        if p * p >= high:
            break
        first = max(p * p, (low + p - 1) // p * p)
        for k in range(first - low, high - low, p):
            flags[k] = 0
    count = total = 0
    for k in range(max(low, 2) - low, high - low):
        if flags[k]:
            count += 1
            total += low + k
    return count, total


def job():
    limit = chosen.size
    primes = small_primes(int(limit**0.5) + 1)
    segments = iter(range(0, limit, SEGMENT))

    def work(index):
        count = total = 0
        for low in segments:
            found, added = sieve(low, min(low + SEGMENT, limit), primes)
            count += found
            total += added
        return count, total

    results = in_threads(chosen.threads, work)
    return "%d primes below %d, sum %d" % (sum(r[0] for r in results), limit, sum(r[1] for r in results))


chosen = options(__doc__, threads=1, size=20_000_000)
main(job)
