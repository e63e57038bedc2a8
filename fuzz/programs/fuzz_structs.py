"""`struct`: sizes, packing, unpacking, and back."""

import struct

from fuzz_support import Input, check, is_large, outcome

VALUES = [0, 1, -1, 127, 128, 255, 256, -129, 2**15, 2**31, -(2**31), 2**32, 2**63, 2**64, -(2**63) - 1]
VALUES += [1.5, -0.0, 1e300, 65504.0, 65520.0, float("inf"), float("nan"), True, None, b"", b"ab", b"abcdefgh", "x", 1j]


def run(data):
    given = Input(data, 6)
    values = [given.pick(VALUES) for _ in range(5)]
    count = given.number(0, 5)
    layout = given.bytes()[:40]
    layout = layout if count == 5 else layout.decode("utf-8", "surrogateescape")
    content = given.rest()
    size = outcome(struct.calcsize, layout)
    if is_large(str(layout), 4):
        return size

    def there_and_back():
        packed = struct.pack(layout, *values[:count])
        again = struct.pack(layout, *struct.unpack(layout, packed))
        check(len(packed) == struct.calcsize(layout) and (again == packed or "p" in str(layout)), layout, packed)
        target = bytearray(len(packed) + 2)
        struct.pack_into(layout, target, -len(packed) - 1 if packed else 1, *values[:count])
        check(bytes(target[1 : 1 + len(packed)]) == packed, layout)
        return packed

    def cut():
        exact = content[: struct.calcsize(layout)]
        return struct.unpack(layout, exact), list(struct.iter_unpack(layout, content))[:5]

    return size, outcome(there_and_back), outcome(cut), outcome(struct.unpack_from, layout, content, 1)
