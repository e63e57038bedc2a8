"""Growing allocations that fail, one after the other: MemoryError, the object as it was or as it should be, nothing left over.

Each act makes what it works on, with nothing failing, then runs its operation with the first growing allocation failing, then
the second, until it needs no more; then with every second one failing. What the operation leaves must pass the act's check."""

import _faults
import array
import collections
import csv
import functools
import gc
import io
import itertools
import json
import marshal
import pickle
import random
import re
import struct
import sys
import threading
import types
import weakref

BIG = 1 << 4000


def ints(n):
    return [BIG + i for i in range(n)]


class Checked:
    """Known by weak references: what leaks shows."""

    made = []


def fill(n):
    items = [Checked() for _ in range(n)]
    Checked.made += [weakref.ref(item) for item in items]
    return items


# Each act: a function that makes the subject, the operation, and a check of the subject afterwards, which is told what the
# operation answered, or None where it raised MemoryError. Each is atomic where `same` says so: the subject is as before.
ACTS = {}


def act(make, check=None):
    def decorate(operation):
        ACTS[operation.__name__] = (make, operation, check)
        return operation

    return decorate


def same(before):
    def check(subject, result):
        if result is None:
            assert subject == before(), (len(subject), len(before()))

    return check


def grown(limit):
    """A container that grew item by item, up to a number: every item is right."""

    def check(subject, result):
        n = len(subject)
        assert n <= limit and list(subject) == list(range(n)), n
        assert result is None or n == limit

    return check


@act(list, grown(1000))
def list_append(subject):
    for i in range(1000):
        subject.append(i)
    return True


@act(list, grown(1000))
def list_insert(subject):
    for i in range(1000):
        subject.insert(i, i)
    return True


@act(lambda: list(range(100)), same(lambda: list(range(100))))
def list_extend_list(subject):
    subject.extend([5] * 1000)
    return True


@act(list, lambda subject, result: None)
def list_extend_iterator(subject):
    subject.extend(iter(fill(100)))
    subject += (x for x in fill(100))
    return True


@act(lambda: list(range(100)), same(lambda: list(range(100))))
def list_slice_assignment(subject):
    subject[10:20] = [1] * 1000
    return True


@act(lambda: list(range(100)), same(lambda: list(range(100))))
def list_repeat_in_place(subject):
    subject *= 100
    return True


@act(lambda: fill(50), lambda subject, result: len(subject) == 50 or 1 / 0)
def list_copies(subject):
    return subject * 20, subject + subject, subject[:], subject[::2], subject.copy(), [*subject, *subject], list(subject), tuple(subject)


@act(lambda: list(range(1000, 0, -1)), lambda subject, result: sorted(subject) == list(range(1, 1001)) or 1 / 0)
def list_sort(subject):
    subject.sort()
    subject.sort(key=lambda x: -x)
    subject.sort(key=str, reverse=True)
    return sorted(subject)


@act(dict, grown(1000))
def dict_insert(subject):
    for i in range(1000):
        subject[i] = i
    return True


def part_of_update(subject, result):
    assert list(subject) == list(range(len(subject))) == list(subject.values()) and len(subject) >= 100


@act(lambda: {i: i for i in range(100)}, part_of_update)
def dict_update(subject):
    subject.update({i: i for i in range(1000)})
    return True


@act(lambda: {str(i): item for i, item in enumerate(fill(100))}, lambda subject, result: len(subject) == 100 or 1 / 0)
def dict_copies(subject):
    return subject.copy(), subject | subject, dict(subject), {**subject, **subject}, dict.fromkeys(subject), list(subject.items())


@act(dict, lambda subject, result: all(subject[k] == int(k) for k in subject) or 1 / 0)
def dict_setdefault(subject):
    for i in range(300):
        subject.setdefault(str(i), i)
    for i in range(0, 300, 2):
        subject.pop(str(i))
    for i in range(300, 600):
        subject[str(i)] = i
    return True


@act(set, lambda subject, result: subject <= set(range(1000)) or 1 / 0)
def set_add(subject):
    for i in range(1000):
        subject.add(i)
    return True


@act(lambda: set(range(100)), lambda subject, result: subject >= set(range(100)) or 1 / 0)
def set_operations(subject):
    other = set(range(50, 200))
    made = subject | other, subject & other, subject - other, subject ^ other, subject.copy(), frozenset(subject), set(subject)
    subject |= other
    return made


@act(bytearray, lambda subject, result: all(b == i % 256 for i, b in enumerate(subject)) or 1 / 0)
def bytearray_append(subject):
    for i in range(2000):
        subject.append(i % 256)
    return True


@act(lambda: bytearray(b"ab" * 50), lambda subject, result: set(subject) <= set(b"abcd\0") or 1 / 0)
def bytearray_operations(subject):
    subject += b"cd" * 500
    subject.extend(b"cd" * 500)
    subject[5:10] = b"cd" * 500
    subject *= 3
    subject.insert(3, 97)
    subject.resize(20000) if hasattr(subject, "resize") else None
    return bytes(subject), subject.replace(b"a", b"cc"), subject * 3, subject + subject, subject.copy(), subject.center(30000)


@act(lambda: "abc", lambda subject, result: subject == "abc" or 1 / 0)
def str_building(subject):
    text = ""
    for i in range(300):
        text += subject
    text = "".join([text] * 10) + "".join(c for c in text)
    return (
        text * 10, text.replace("a", "bcd"), text.replace("", "-"), text.center(20000), text.ljust(20000), text.zfill(20000),
        "%s%30000s" % (text, text), f"{text:>30000}", "{:>30000}".format(text), text.translate({97: "xyz"}), text.encode(), text.upper(),
        text.expandtabs(), ("\t" * 100).expandtabs(100), "é" + text, "\u1234" + text, "\U0001f600" * 1000, text.split("b"), text.splitlines(), repr(text),
        text.partition("b"), text.encode("utf-16"), text.encode("utf-32").decode("utf-32"), text.join(["a"] * 100), text[::2],
    )  # fmt: skip


@act(lambda: b"abc" * 100, lambda subject, result: subject == b"abc" * 100 or 1 / 0)
def bytes_building(subject):
    data = b""
    for i in range(100):
        data += subject
    return (
        data * 3, b"".join([data] * 10), data.replace(b"a", b"xyz"), data.replace(b"", b"-"), data.center(50000), data.hex(), bytes.fromhex(data.hex()),
        data.split(b"b"), data.decode(), b"%s%s" % (data, data), data.translate(None, b"a"), b"\t\t".expandtabs(5000), bytes(range(256)) * 10,
        bytes(iter(data)), bytearray(data), bytes(5000), data[::2], data.zfill(50000), memoryview(data).tobytes(), memoryview(data).tolist(),
    )  # fmt: skip


@act(lambda: (1 << 5000) + 12345, lambda subject, result: subject == (1 << 5000) + 12345 or 1 / 0)
def int_arithmetic(subject):
    big = subject
    return (
        big << 100000, big**20, big * big, big + big, big - 1, big // 7, big % (1 << 2000), divmod(big * big, big), pow(big, 50, big + 2), -big, ~big,
        big & big, big | 1, big ^ big << 50, big >> 60, int("1" * 4000), str(big), hex(big), big.to_bytes(1000, "big"), int.from_bytes(b"\xff" * 1000, "big"),
        float(big >> 4500), big.bit_count(), f"{big:x}", 1 << 70000, 3**20000,
    )  # fmt: skip


@act(lambda: array.array("q", range(10)), lambda subject, result: list(subject[:10]) == list(range(10)) or 1 / 0)
def array_operations(subject):
    for i in range(1000):
        subject.append(i)
    subject.extend(array.array("q", range(1000)))
    subject.frombytes(bytes(8000))
    subject.fromlist(list(range(1000)))
    subject *= 3
    return subject * 2, subject + subject, subject.tobytes(), subject.tolist(), subject[::2], array.array("d", [1.0] * 1000)


@act(collections.deque, grown(1000))
def deque_append(subject):
    for i in range(1000):
        subject.append(i)
    return True


@act(lambda: collections.deque(range(100)), lambda subject, result: set(subject) == set(range(100)) or 1 / 0)
def deque_operations(subject):
    made = subject * 20, subject + subject, subject.copy(), collections.deque(subject, 50), list(subject)
    subject.extend(list(subject))
    subject.extendleft(list(subject))
    subject *= 5
    return made


@act(lambda: None)
def many_builtins(subject):
    return (
        sorted(range(500)), list(map(str, range(300))), list(zip(range(300), range(300))), dict(zip(range(300), range(300))), set(range(300)),
        tuple(range(300)), list(itertools.product(range(10), repeat=2)), list(itertools.permutations(range(5))), list(itertools.combinations(range(10), 3)),
        collections.Counter("abc" * 100), collections.OrderedDict.fromkeys(range(300)), functools.reduce(lambda a, b: a + [b], range(50), []),
        [i for i in range(300)], {i for i in range(300)}, {i: i for i in range(300)}, "".join(str(i) for i in range(300)), bytes(range(256)),
        list(reversed(range(300))), list(enumerate("a" * 300)), [*range(300)], max(range(300)), sum(ints(10)), str(list(range(300))), repr({i: i for i in range(300)}),
    )  # fmt: skip


@act(lambda: {"a": [1, 2.5, "x" * 100, None, True, {"b": list(range(100))}]}, lambda subject, result: len(subject) == 1 or 1 / 0)
def serialisers(subject):
    text = json.dumps(subject)
    data = pickle.dumps(subject)
    code = marshal.dumps(subject)
    return json.loads(text), pickle.loads(data), marshal.loads(code), struct.pack("1000s", b"a"), struct.unpack("100B", bytes(100))


class Shown:
    """Its text is as long as one likes."""

    def __init__(self, n):
        self.n = n

    def __repr__(self):
        return "x" * self.n


@act(lambda: ["é\u1234" * 2000, "a'\n" * 2000, {"b": ["c" * 3000] * 4}, b"\0" * 3000, Shown(40000)], lambda subject, result: len(subject) == 5 or 1 / 0)
def texts_of_any_size(subject):
    text, quoted, nested, data, shown = subject
    return (
        json.dumps([text, quoted, nested]), json.dumps(text, ensure_ascii=False), json.dumps(nested, indent="  " * 500), repr(text), ascii(text), repr(quoted),
        repr(data), repr(subject), str([subject, (subject,)]), repr({1: subject}), repr(ValueError(shown, subject)), repr(ExceptionGroup("g", [ValueError(shown)])),
        repr(types.MappingProxyType({1: shown})), repr(types.SimpleNamespace(a=shown, b=shown)), repr(slice(shown, subject)), repr(array.array("u", text)),
        repr(array.array("q", range(3000))), repr(collections.deque(subject)), csv.writer(io.StringIO()).writerow([text, quoted + '"', nested]), "%a %r" % (text, text), f"{text!a}",
    )  # fmt: skip


@act(lambda: ["Straße\u1234" * 500, "aB " * 1000, b"aB\n" * 1000], lambda subject, result: len(subject) == 3 or 1 / 0)
def texts_made_of_texts(subject):
    mixed, plain, data = subject
    return (
        mixed.upper(), plain.lower(), mixed.title(), plain.title(), mixed.casefold(), f"{mixed:*^9000}", format(1, "9000"), format(1.5, "\u1234>9000.2000f"), format(1 << 9000, "_x"), "%9000d %s" % (1, mixed),
        "{0:{1}}{0!r}".format(mixed, 9000), mixed.center(9000, "\U0001f600"), plain.zfill(9000), plain.replace(" ", "\t").expandtabs(90), mixed.translate({97: "xyz"}), mixed.replace("a", "\u1234"),
        plain[1:], mixed[::2], mixed.strip("S"), plain.split(), mixed.split("a"), mixed.rsplit("S", 1), mixed.partition("e"), plain.splitlines(), list(csv.reader([mixed, f'"{plain}"'] * 3)), mixed.encode("utf-16").decode("utf-16"),
        mixed.encode("ascii", "backslashreplace").decode("unicode_escape"), data.upper(), data[1:], data.split(b"a"), data.partition(b"\n"), data.hex(":"), bytes.fromhex(data.hex()), bytearray(data).split(b"B"), data.decode("latin-1"),
    )  # fmt: skip


@act(io.BytesIO, lambda subject, result: set(subject.getvalue()) <= {0, 97} or 1 / 0)
def bytesio(subject):
    for _ in range(100):
        subject.write(b"a" * 100)
    subject.seek(20000)
    subject.write(b"a")
    subject.seek(0)
    return subject.read(), subject.getvalue()


@act(io.StringIO, lambda subject, result: set(subject.getvalue()) <= {"\0", "a", "é"} or 1 / 0)
def stringio(subject):
    for _ in range(100):
        subject.write("a" * 100)
    subject.write("é")
    subject.seek(20000)
    subject.write("a")
    subject.seek(0)
    return subject.read(), subject.getvalue()


@act(lambda: "ab" * 500, lambda subject, result: len(subject) == 1000 or 1 / 0)
def expressions(subject):
    return (
        re.findall("a", subject), re.sub("a", "xyz", subject), re.split("b", subject), re.match("(?:(a)(b))*", subject).groups(), re.match("(?:a|b)*?$", subject),
    )  # fmt: skip


@act(lambda: None)
def code(subject):
    names = {}
    exec("def f(a, *b, c=1, **d):\n  class C:\n    x = [a for a in b]\n  return C().x\ny = f(1, 2, 3)", names)
    return eval("[" + ", ".join(str(i) for i in range(300)) + "]"), names["y"]


@act(lambda: type("C", (), {}))
def attributes(subject):
    made = subject()
    for i in range(100):
        setattr(made, f"a{i}", i)
        setattr(subject, f"b{i}", i)
    return vars(made).copy(), dir(made)


def sweep(name, all_kinds, limit):
    make, operation, check = ACTS[name]
    operation(make())  # Caches that fill once.
    failures = 0
    left = 0
    step = 1
    while True:
        subject = make()
        result = None
        caught = False
        _faults.fail_allocations(left, 0, all_kinds)
        try:
            try:
                result = operation(subject)
            finally:
                counted, failed = _faults.stop()
            # What was owed is paid at a safepoint at the latest.
            for _ in range(2):
                pass
        except MemoryError as error:
            caught = True
            error.__traceback__ = None
        failures += failed
        if check:
            check(subject, None if caught else result)
        subject = result = None
        if not failed:
            break
        left += step
        if left > limit:
            # The rest in larger and larger steps.
            step += step // 4 + 1
    for every in (1, 2, 3, 7):
        subject = make()
        result = None
        _faults.fail_allocations(0, every, False)
        try:
            try:
                result = operation(subject)
            finally:
                _faults.stop()
        except MemoryError as error:
            error.__traceback__ = None
        if check:
            check(subject, result)
        subject = result = None
    gc.collect()
    assert not [ref for ref in Checked.made if ref()], name
    Checked.made.clear()
    return failures


def run(rounds):
    names = sys.argv[2:] or list(ACTS)
    if not rounds:
        # The quick form: some of them.
        names = random.Random(seed).sample(names, 8)
        rounds = 0.2
    for name in names:
        failures = sweep(name, False, rounds * 40)
        owed = sweep(name, True, rounds * 20)
        if VERBOSE:
            print(name, failures, owed, flush=True)
        assert failures or name in ("code", "attributes"), f"{name}: nothing failed"


VERBOSE = "OROCHI_VERBOSE" in __import__("os").environ
rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
seed = random.randrange(1 << 30) if rounds else 1
run(rounds)
# No lock was left held: another thread can do the same.
thread = threading.Thread(target=run, args=(rounds,))
thread.start()
thread.join()
print("done")
