"""Work stealing: every worker has a deque, takes its own newest task, and steals the oldest task of another.

The tasks are the nodes of a very uneven tree whose shape follows from a hash of each node, so that the number of
nodes is known while its balance is not.
"""

import time
from collections import deque

from common import in_threads, main, options

ROOTS = 50_000


def children(node):
    """The node's children: mostly none, sometimes eight. A node is a number; hashing makes its children's."""
    node = (node ^ node >> 15) * 2246822519 % 4294967296
    node = (node ^ node >> 13) * 3266489917 % 4294967296
    node ^= node >> 16
    if node % 1000 < 122:
        return [(node * 8 + k + 1) * 2654435761 % 4294967296 for k in range(8)]
    return ()


def job():
    count = chosen.threads
    queues = [deque() for _ in range(count)]
    created = [0] * count
    finished = [0] * count
    for n in range(chosen.size):
        queues[n % count].append(n * 40503 % 4294967296)
        created[n % count] += 1

    def steal(index):
        for step in range(1, count):
            try:
                return queues[(index + step) % count].popleft()
            except IndexError:
                continue
        return None

    def work(index):
        mine = queues[index]
        nodes = checksum = 0
        while True:
            try:
                node = mine.pop()
            except IndexError:
                node = steal(index)
                if node is None:
                    # Reading `finished` before `created` makes equality mean that no task was left in between.
                    ended = sum(finished)
                    if ended == sum(created):
                        return nodes, checksum
                    time.sleep(0.0001)
                    continue
            nodes += 1
            checksum += node % 1009
            below = children(node)
            created[index] += len(below)
            mine.extend(below)
            finished[index] += 1

    results = in_threads(count, work)
    return "%d nodes, checksum %d" % (sum(r[0] for r in results), sum(r[1] for r in results))


chosen = options(__doc__, threads=1, size=ROOTS)
main(job)
