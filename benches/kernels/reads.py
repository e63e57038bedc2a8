"""Threads that read what they share."""

import collections
import dataclasses
import enum
import functools
import math
import re
import threading

from kernels.common import kernel


class Thing:
    kind = "thing"

    def __init__(self):
        self.value = [1]

    def method(self):
        return self

    @property
    def prop(self):
        return 1

    @staticmethod
    def static():
        return 1


class Slotted:
    __slots__ = ("value",)

    def __init__(self):
        self.value = [1]


class Colour(enum.Enum):
    RED = 1
    GREEN = 2


@dataclasses.dataclass
class Record:
    name: str
    items: list


Pair = collections.namedtuple("Pair", "left right")
SHARED = ["global"]


@kernel("reads")
def dict_item(threads):
    d = {"k": ["value"], "other": 1}

    def work(index, n):
        for _ in range(n):
            d["k"]

    return work


@kernel("reads")
def dict_get(threads):
    d = {"k": ["value"], "other": 1}

    def work(index, n):
        for _ in range(n):
            d.get("k")

    return work


@kernel("reads")
def list_item(threads):
    items = [["a"], ["b"], ["c"]]

    def work(index, n):
        for _ in range(n):
            items[1]

    return work


@kernel("reads")
def list_iteration(threads):
    items = [[i] for i in range(100)]

    def work(index, n):
        for _ in range(n // 100 + 1):
            for item in items:
                pass

    return work


@kernel("reads")
def dict_iteration(threads):
    d = {(i,): [i] for i in range(100)}

    def work(index, n):
        for _ in range(n // 100 + 1):
            for key, value in d.items():
                pass

    return work


@kernel("reads")
def attribute(threads):
    thing = Thing()

    def work(index, n):
        for _ in range(n):
            thing.value

    return work


@kernel("reads")
def slot_attribute(threads):
    thing = Slotted()

    def work(index, n):
        for _ in range(n):
            thing.value

    return work


@kernel("reads")
def class_attribute(threads):
    thing = Thing()

    def work(index, n):
        for _ in range(n):
            thing.kind

    return work


@kernel("reads")
def method_call(threads):
    thing = Thing()

    def work(index, n):
        for _ in range(n):
            thing.method()

    return work


@kernel("reads")
def property_read(threads):
    thing = Thing()

    def work(index, n):
        for _ in range(n):
            thing.prop

    return work


@kernel("reads")
def static_method(threads):
    thing = Thing()

    def work(index, n):
        for _ in range(n):
            thing.static()

    return work


@kernel("reads")
def bound_method(threads):
    method = Thing().method

    def work(index, n):
        for _ in range(n):
            method()

    return work


@kernel("reads")
def returned_value(threads):
    value = ["shared"]

    def give():
        return value

    def work(index, n):
        for _ in range(n):
            give()

    return work


@kernel("reads")
def passed_value(threads):
    value = ["shared"]

    def take(a, b=value):
        return None

    def work(index, n):
        for _ in range(n):
            take(value)

    return work


@kernel("reads")
def closure(threads):
    value = ["shared"]

    def make():
        def inner():
            return value[0]

        return inner

    inner = make()

    def work(index, n):
        for _ in range(n):
            inner()

    return work


@kernel("reads")
def global_variable(threads):
    def work(index, n):
        for _ in range(n):
            SHARED

    return work


@kernel("reads")
def module_attribute(threads):
    def work(index, n):
        for _ in range(n):
            math.pi
            math.sqrt

    return work


@kernel("reads")
def enum_member(threads):
    def work(index, n):
        for _ in range(n):
            Colour.RED

    return work


@kernel("reads")
def enum_value(threads):
    def work(index, n):
        for _ in range(n):
            Colour.RED.value

    return work


@kernel("reads")
def dataclass_fields(threads):
    record = Record("n", [1])

    def work(index, n):
        for _ in range(n):
            record.name
            record.items

    return work


@kernel("reads")
def namedtuple_fields(threads):
    pair = Pair([1], [2])

    def work(index, n):
        for _ in range(n):
            pair.left
            pair[1]

    return work


@kernel("reads")
def cached_call(threads):
    @functools.lru_cache(maxsize=128)
    def f(x):
        return [x]

    def work(index, n):
        for i in range(n):
            f(i & 7)

    return work


@kernel("reads")
def unbounded_cached_call(threads):
    @functools.cache
    def f(x):
        return [x]

    def work(index, n):
        for i in range(n):
            f(i & 7)

    return work


@kernel("reads")
def partial_call(threads):
    def f(a, b):
        return a

    g = functools.partial(f, ["a"])

    def work(index, n):
        for i in range(n):
            g(i)

    return work


@kernel("reads")
def compiled_regex(threads):
    pattern = re.compile(r"(\w+)-(\d+)")

    def work(index, n):
        for _ in range(n):
            pattern.match("word-123")

    return work


@kernel("reads")
def thread_local(threads):
    local = threading.local()

    def work(index, n):
        local.value = [index]
        for _ in range(n):
            local.value

    return work


@kernel("reads")
def type_check(threads):
    thing = Thing()

    def work(index, n):
        for _ in range(n):
            isinstance(thing, Thing)

    return work


@kernel("reads")
def set_membership(threads):
    members = {"a", "b", ("c", 1)}
    key = ("c", 1)

    def work(index, n):
        for _ in range(n):
            key in members

    return work
