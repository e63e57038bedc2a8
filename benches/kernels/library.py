"""Library calls on data of the thread's own."""

import bisect
import collections
import copy
import heapq
import json
import random
import re
import struct

from kernels.common import kernel


@kernel("library")
def json_dumps(threads):
    def work(index, n):
        data = {"name": "x", "items": [1, 2.5, None, True], "index": index}
        for _ in range(n):
            json.dumps(data)

    return work


@kernel("library")
def json_loads(threads):
    def work(index, n):
        text = json.dumps({"name": "x", "items": [1, 2.5, None, True], "index": index})
        for _ in range(n):
            json.loads(text)

    return work


@kernel("library")
def regex_sub(threads):
    def work(index, n):
        for _ in range(n):
            re.sub(r"\d+", "#", "a1b22c333")

    return work


@kernel("library")
def split_and_join(threads):
    def work(index, n):
        for _ in range(n):
            ",".join("a b c d e".split())

    return work


@kernel("library")
def heaps(threads):
    def work(index, n):
        heap = []
        for i in range(n):
            heapq.heappush(heap, i * 7 % 13)
            if len(heap) > 20:
                heapq.heappop(heap)

    return work


@kernel("library")
def bisection(threads):
    def work(index, n):
        places = list(range(0, 1000, 7))
        for i in range(n):
            bisect.bisect_left(places, i % 1000)

    return work


@kernel("library")
def structures(threads):
    def work(index, n):
        for i in range(n):
            struct.unpack("<iq", struct.pack("<iq", i, i))

    return work


@kernel("library")
def deep_copies(threads):
    def work(index, n):
        data = {"a": [1, 2, {"b": (3, [4])}]}
        for _ in range(n):
            copy.deepcopy(data)

    return work


@kernel("library")
def counters(threads):
    def work(index, n):
        for _ in range(n):
            collections.Counter("abracadabra")

    return work


@kernel("library")
def own_random(threads):
    def work(index, n):
        source = random.Random(index)
        for _ in range(n):
            source.random()
            source.randint(1, 6)

    return work


@kernel("library")
def sorting(threads):
    def work(index, n):
        items = [(i * 7919) % 101 for i in range(50)]
        for _ in range(n):
            sorted(items)

    return work
