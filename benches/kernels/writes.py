"""Threads that write to what they share."""

import collections
import itertools

from kernels.common import kernel


class Thing:
    pass


@kernel("writes")
def disjoint_keys(threads):
    d = {(index, i): 0 for index in range(threads) for i in range(16)}

    def work(index, n):
        keys = [key for key in d if key[0] == index]
        for i in range(n):
            d[keys[i & 15]] = i

    return work


@kernel("writes")
def new_and_deleted_keys(threads):
    d = {}

    def work(index, n):
        for i in range(n):
            d[index, i & 7] = i
            del d[index, i & 7]

    return work


@kernel("writes")
def list_appends(threads):
    items = []

    def work(index, n):
        for i in range(n):
            items.append(i)
            if i & 1023 == 0:
                items.clear()

    return work


@kernel("writes")
def list_items(threads):
    items = [0] * 64

    def work(index, n):
        for i in range(n):
            items[index * 8 + (i & 7)] = i

    return work


@kernel("writes")
def one_attribute(threads):
    thing = Thing()

    def work(index, n):
        for i in range(n):
            thing.value = i

    return work


@kernel("writes")
def set_members(threads):
    members = set()

    def work(index, n):
        for i in range(n):
            members.add((index, i & 15))

    return work


@kernel("writes")
def deque_ends(threads):
    items = collections.deque()

    def work(index, n):
        for i in range(n):
            items.append(i)
            items.popleft()

    return work


@kernel("writes")
def shared_count(threads):
    numbers = itertools.count()

    def work(index, n):
        for _ in range(n):
            next(numbers)

    return work


@kernel("writes")
def default_dict(threads):
    groups = collections.defaultdict(int)

    def work(index, n):
        for i in range(n):
            groups[index, i & 15] += 1

    return work
