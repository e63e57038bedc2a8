"""Text to int, float and complex, and back."""

import math
import struct
import sys

from fuzz_support import Input, check, outcome


def same(a, b):
    return struct.pack("d", a) == struct.pack("d", b) or a != a and b != b


def run(data):
    given = Input(data, 2)
    base, what = given.number(-2, 38), given.number(0, 3)
    raw = given.rest()[:6000]
    text = raw.decode("utf-8", "surrogateescape")
    found = [outcome(int, text, base), outcome(int, raw, base), outcome(int, text), outcome(float, text)]
    found += [outcome(float, raw), outcome(complex, text), outcome(float.fromhex, text)]
    try:
        n = int(text, base)
    except ValueError:
        pass
    else:
        check(int(hex(n), 16) == n and int(oct(n), 8) == n and int(bin(n), 2) == n, text)
        check(int.from_bytes(n.to_bytes(n.bit_length() // 8 + 1, signed=True), signed=True) == n, text)
        if abs(n).bit_length() < 14000:
            check(int(str(n)) == n and int(f"{n:_}") == n, text)
        q, r = divmod(n, 10**19 + 1)
        check(q * (10**19 + 1) + r == n and (n << 67) >> 67 == n and -(-n) == n and ~n == -n - 1, text)
        check(math.isqrt(abs(n)) ** 2 <= abs(n) < (math.isqrt(abs(n)) + 1) ** 2, text)
        found += [hash(n), n.bit_length(), n.bit_count(), outcome(float, n), outcome(lambda: n / 3), n % 1000003]
    x = struct.unpack("<d", raw[:8].ljust(8, b"\0"))[0]
    values = [x]
    try:
        values.append(float(text))
    except ValueError:
        pass
    for x in values:
        check(same(float(repr(x)), x) and same(float.fromhex(x.hex()), x), x)
        check(same(complex(repr(complex(x, x))).imag, x), x)
        found += [repr(x), x.hex(), outcome(int, x), outcome(x.as_integer_ratio), outcome(round, x, what * 7 - 3)]
        found += [hash(x) if x == x else None, f"{x:.17g} {x:e} {x:.3f} {x:.0f} {x:a>9g}" if abs(x) < 1e30 else f"{x:.30e}"]
        if math.isfinite(x):
            check(int(x) == math.trunc(x) and (x == int(x)) == x.is_integer(), x)
            up, down = x.as_integer_ratio()
            check(up / down == x, x)
    return found


sys.set_int_max_str_digits(5000)
