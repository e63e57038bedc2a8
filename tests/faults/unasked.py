"""Results of any size: their room is asked for first, or they are built where growing may fail, so that a process that has no
room for them gets MemoryError. What is asked for nowhere would end it (`_faults.unasked`), whatever memory there is now."""

import _faults
import array
import ast
import base64
import binascii
import codecs
import collections
import csv
import io
import itertools
import json
import operator
import random
import re
import string
import struct
import sys
import urllib.parse

N = 80_000
ASCII, SPACED, MIXED = "aB" * (N // 2), "ab cd\n" * (N // 6), "Straße ß" * (N // 8)
GREEK, WIDE = "\u03a3\u1234" * (N // 2), "\U0001f600x" * (N // 2)
BYTES, ARRAY = b"aB\n\0" * (N // 4), bytearray(b"aB\n\0" * (N // 4))
LIST, TUPLE = [1.5] * N, (None,) * N
INT, DIGITS = 1 << (8 * N), "7" * N
SET, DICT = set(range(N)), dict.fromkeys(range(N))
TEXTS = {"ASCII": ASCII, "SPACED": SPACED, "MIXED": MIXED, "GREEK": GREEK, "WIDE": WIDE}


class Sub(str):
    pass


# X is each of the texts.
OF_TEXTS = r"""
X.upper(), X.lower(), X.title(), X.capitalize(), X.swapcase(), X.casefold()
X[1:], X[::2], X[::-1], X[:-1]
X.center(2 * N), X.ljust(2 * N, "\u1234"), X.rjust(2 * N, "\U0001f600"), X.zfill(2 * N)
X.strip("a"), X.lstrip("aSx\u03a3"), X.rstrip("Bx\u1234"), (" " + X + "\t").strip(), X.removeprefix(X[:1]), X.removesuffix(X[-1:])
X.partition("\u1234"), X.rpartition("a"), X.split("B", 1), X.rsplit("B", 1), X.split(), X.rsplit(None, 1), X.splitlines(), X.splitlines(True)
X.replace("a", "xyz"), X.replace("a", "\u1234"), X.replace("", "-"), X.replace("B", ""), X.replace("a", "c"), X.replace("ab", "\U0001f600")
X.expandtabs(), ("\t" + X).expandtabs(3), X.translate({97: "xyz"}), X.translate({97: 0x1234, 66: None})
X + X, X * 3, X + "\U0001f600", "".join([X, X]), "\u1234".join(X), " ".join([X] * 2), "".join(c for c in X), str.join(X, "ab")
"%s" % X, "%r" % X, "%a" % X, "%*s|%-*s" % (2 * N, X, 2 * N, "x"), "%.150000s" % X, "%(a)s %(a)s" % {"a": X}, X.replace("%", "") + "%s" % 1, (X + "%s") % X
f"{X}", f"{X}{X}", f"{X!r:>300000}", f"{X:\u1234^300000}", format(X, "300000"), format(X, ".150000"), f"{X!a}{1}"
"{}{}".format(X, X), "{0!r:>300000}".format(X), (X + "{}").format(1), "{:{}}".format(X, 300000), "{a}".format_map({"a": X})
Sub(X), str(Sub(X)), Sub(X).upper(), Sub(X).strip(), Sub(X)[:], repr(X), ascii(X), str(X)
X.encode("utf-8"), X.encode("utf-16"), X.encode("utf-32-le"), X.encode("ascii", "ignore")
X.encode("punycode")
X.encode().decode(), X.encode("utf-16").decode("utf-16"), X.encode("utf-32").decode("utf-32")
X.encode().decode("latin-1"), X.encode().decode("ascii", "replace"), X.encode().decode("ascii", "ignore"), X.encode().decode("ascii", "surrogateescape"), X.encode().decode("ascii", "backslashreplace"), X.encode().decode("cp1252", "replace"), X.encode().decode("cp437")
codecs.getincrementaldecoder("utf-8")().decode(X.encode()), codecs.getincrementalencoder("utf-16")().encode(X), codecs.encode(X.encode(), "hex"), codecs.encode(X, "rot13")
re.match("(?s).*", X).group(), re.match("(?s)(.*)", X).groups(), re.fullmatch("(?s)(?P<a>.*)", X).groupdict(), re.escape(X), re.match("(?s)(.*)", X)[1]
json.dumps(X), json.dumps(X, ensure_ascii=False), json.dumps([X, {X: X}], indent=2), json.JSONEncoder().encode({X: 1})
list(csv.reader([X.replace("\n", "-")])), list(csv.reader([X.replace("\n", "-")], delimiter="a")), list(csv.reader(['"' + X + '"'])), list(csv.reader(X.splitlines(True))), csv.writer(io.StringIO()).writerow([X, X]), csv.writer(io.StringIO(), quoting=csv.QUOTE_ALL).writerow([X])
list(X), set(X), [*X], dict.fromkeys(X), collections.Counter(X), str.maketrans(X[:2], X[:2]), list(reversed(X)), list(enumerate(X)), X in X + "x", X.find(X[1:]), (X + "b").count(X), hash(X), X == X + "b", X < X[:-1] + "b"
string.Formatter().format("{}", X), string.capwords(X), urllib.parse.quote(X), urllib.parse.unquote(urllib.parse.quote(X))
vars(Y).get(X), Y(X).__class__, ValueError(X), str(ValueError(X)), repr(ValueError(X)), str(KeyError(X))
bytes(X, "utf-8"), bytearray(X, "utf-16"), bytearray(X.encode()).decode(), str(X.encode(), "utf-8"), str(bytearray(X.encode()), "utf-8"), str(memoryview(X.encode()), "utf-8")
"""

OF_OTHERS = r"""
BYTES.upper(), BYTES.lower(), BYTES.title(), BYTES.capitalize(), BYTES.swapcase(), BYTES[1:], BYTES[::2], BYTES + BYTES, BYTES * 3, BYTES.center(2 * N), BYTES.ljust(2 * N, b"x"), BYTES.zfill(2 * N), BYTES.expandtabs()
BYTES.strip(b"a\0"), BYTES.partition(b"\0"), BYTES.split(b"\n"), BYTES.rsplit(b"\n", 1), BYTES.split(), BYTES.splitlines(True), BYTES.replace(b"a", b"xyz"), BYTES.replace(b"", b"-"), BYTES.translate(None, b"a"), BYTES.translate(bytes(256)), b"-".join([BYTES] * 2), BYTES.removeprefix(b"a"), BYTES.hex(), BYTES.hex("-", 2), bytes.fromhex(BYTES.hex()), repr(BYTES), b"%*d" % (2 * N, 1), str(BYTES)
ARRAY.upper(), ARRAY.title(), ARRAY[::2], ARRAY.center(2 * N), ARRAY.zfill(2 * N), ARRAY.strip(b"a\0"), ARRAY.partition(b"\0"), ARRAY.split(b"\n"), ARRAY.replace(b"a", b"xyz"), ARRAY.translate(None, b"a"), bytearray(b"-").join([ARRAY] * 2), ARRAY.hex(), bytearray.fromhex(ARRAY.hex()), bytes(ARRAY), bytearray(ARRAY), bytearray(ARRAY).pop(), bytearray(N), bytes(N)
memoryview(BYTES).tobytes(), memoryview(BYTES)[::2].tobytes(), memoryview(BYTES).hex(), memoryview(BYTES)[::2] == memoryview(ARRAY)[::2], bytearray(memoryview(BYTES)[::2])
int("1" * N, 16), int("1" * N, 2), INT.to_bytes(N + 1)
INT << N, INT * 3, pow(3, N), 1 << (8 * N), int(INT), INT.bit_count()
format(1, "300000"), format(1, "0300000,"), format(1, "\u1234>300000"), format(-1, "=+300000"), format(5, "c").center(N), format(65, "300000c"), format(1.5, "300000"), format(1.5, ".150000f"), format(1.5, "0300000,.150000f"), format(1.5, ".150000e"), format(1.5, ".150000%"), format(1.5, ".100000_f"), format(1j, "300000"), format(1.5 + 2j, ".150000f"), f"{1:300000}", f"{1.5:300000}", "%300000d" % 1, "%.150000d" % 1, "%0300000d" % 1, "%.150000f" % 1.5, "%300000.1f" % 1.5, "%#.150000x" % 1, "{:300000}".format(1), "{:.150000f}".format(1.5), "%300000s" % 1, "%300000c" % 65, "%-300000c" % "\u1234"
LIST[1:], LIST[::2], LIST + LIST, LIST * 2, LIST.copy(), list(LIST), [*LIST, *LIST], TUPLE * 2, list(TUPLE), dict.fromkeys(LIST), LIST[::-1], list(reversed(LIST)), list(map(abs, LIST)), [x for x in LIST], [x for x in TUPLE if 1], list(zip(LIST, LIST)), list(range(N)), repr(LIST), str(TUPLE), LIST == LIST[:], max(LIST), sum(LIST)
change(LIST.copy()), operator.iadd(LIST.copy(), LIST), operator.imul(LIST.copy(), 3), LIST.copy().extend(TUPLE), LIST.copy().insert(0, 1), LIST.copy().reverse(), LIST.copy().__setitem__(slice(0, 5), LIST), LIST.copy().__setitem__(slice(None, None, 2), LIST[::2]), LIST.copy().__delitem__(slice(None, None, 3)), LIST.copy().pop(0)
SET.copy(), set(SET), frozenset(SET), SET | {-1}, SET & SET, SET.union(range(N, N + 5)), {*SET}, {x for x in SET}, SET.issuperset(range(N)), set(SET).update(range(-N, 0)), SET == set(SET), set(SET).__ior__({-1}), set(SET).pop()
DICT.copy(), dict(DICT), {**DICT}, DICT | {-1: 1}, dict(DICT.items()), {k: v for k, v in DICT.items()}, DICT == dict(DICT), DICT.keys() & SET, DICT.keys() | {-1}, dict(DICT).update(dict.fromkeys(range(-N, 0))), collections.OrderedDict(DICT), collections.Counter(DICT.keys()), dict(zip(DICT, DICT)), collections.OrderedDict(DICT).copy(), collections.defaultdict(int, DICT).copy()
array.array("q", LIST and range(N)), array.array("d", LIST), array.array("q", range(N)).extend(range(N))
struct.pack(f"{N}s", BYTES), struct.pack(f"{N}x"), list(struct.iter_unpack("hh", BYTES)), struct.calcsize(f"{N}q")
binascii.hexlify(BYTES), base64.b32encode(BYTES), base64.b32decode(base64.b32encode(BYTES))
open(__file__, "rb", N).read(), open("/dev/zero", "rb", 0).read(N)
json.loads("[" + DIGITS[:4000] + "]"), json.loads(" " * N + "1")
list(itertools.repeat(1, N)), list(itertools.chain(LIST, LIST)), list(itertools.islice(LIST, N)), list(itertools.accumulate(LIST)), itertools.cycle(LIST), list(itertools.zip_longest(LIST, TUPLE))
BYTES.__getnewargs__(), ASCII.__format__(""), iter(LIST).__reduce__(), INT.__getnewargs__(), slice(0, N).indices(N), bytearray(Blob(BYTES)), int(DIGITS[:4000]), float(DIGITS), complex(DIGITS + "j"), float("0." + DIGITS), int(BYTES[:0] + b"7" * 4000)
"""


class Y(str):
    pass


class Blob(bytes):
    pass


def change(data):
    data += data
    data *= 2
    data.append(1)
    data[5:6] = data
    del data[1::2]


def unasked(source, names):
    """The largest block that nobody asked for, once caches are full."""
    function = eval("lambda: (" + source + ")", globals() | names)
    function()
    _faults.fail_allocations(1 << 62)
    try:
        function()
    finally:
        _faults.stop()
    return _faults.unasked()


def parts(line):
    """The expressions of a line."""
    return [ast.unparse(part) for part in ast.parse("(" + line + ",)", mode="eval").body.elts]


csv.field_size_limit(10 * N)
rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
only = sys.argv[2] if len(sys.argv) > 2 else ""
checks = [(part, name) for line in OF_TEXTS.strip().splitlines() for part in parts(line) for name in TEXTS]
checks += [(part, "") for line in OF_OTHERS.strip().splitlines() for part in parts(line)]
# The check itself works: this is longer than what the reserve gives out, and its room is not asked for.
assert unasked("_faults.take(N)", {}) >= N
if not rounds:
    # The quick form: some of them.
    checks = random.Random(1).sample(checks, 80)
bad = []
for part, name in checks:
    if only in part:
        size = unasked(part, {"X": TEXTS.get(name)})
        if size:
            bad.append(f"{part} of {name or '-'}: {size} bytes that nobody asked for")
print("\n".join(bad))
assert not bad, f"{len(bad)} of {len(checks)}, the first: {bad[0]}"
print("done")
