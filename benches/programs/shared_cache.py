"""One dict as a cache: many threads look keys up without a lock while one more thread keeps replacing entries.

An entry is a tuple whose parts belong together; a reader that ever sees parts of two entries counts as torn.
"""

import threading

from common import in_threads, main, options

KEYS = 1000
WRITES = 20_000


def entry(key, version):
    return (key, version, key * 31 + version)


def job():
    cache = {"key%d" % i: entry(i, 0) for i in range(KEYS)}
    names = list(cache)

    def writer():
        for n in range(WRITES):
            i = n * 7 % KEYS
            cache[names[i]] = entry(i, n // KEYS + 1)

    def work(index):
        hits = torn = keysum = 0
        position = index * 37
        for _ in range(index, chosen.size, chosen.threads):
            position = (position + 7) % KEYS
            found = cache.get(names[position])
            if found is not None:
                key, version, check = found
                hits += 1
                keysum += key - position
                if check != key * 31 + version:
                    torn += 1
        return hits, torn, keysum

    background = threading.Thread(target=writer)
    background.start()
    results = in_threads(chosen.threads, work)
    background.join()
    totals = [sum(column) for column in zip(*results)]
    final = sum(value[1] for value in cache.values())
    return "%d hits, %d torn, %d misplaced, final versions %d" % (*totals, final)


chosen = options(__doc__, threads=1, size=10_000_000)
main(job)
