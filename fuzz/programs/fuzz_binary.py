"""Binary encodings and native containers of bytes: binascii, base64, zlib, array, memoryview, int's bytes."""

import array
import base64
import binascii
import bz2
import zlib

from fuzz_support import Input, check, outcome, shown


def run(data):
    given = Input(data, 3)
    what, a, b = given.number(0, 8), given.number(-20, 40), given.number(-20, 40)
    raw = given.rest()[:2000]
    if what == 0:
        found = [outcome(f, raw) for f in (binascii.a2b_base64, binascii.a2b_hex, binascii.a2b_qp, binascii.a2b_uu)]
        return found + [outcome(binascii.a2b_base64, raw, strict_mode=True), outcome(binascii.a2b_qp, raw, header=True)]
    if what == 1:
        line = raw[:45]
        for there, back in (
            (binascii.b2a_base64(raw), binascii.a2b_base64),
            (binascii.hexlify(raw), binascii.unhexlify),
            (binascii.b2a_qp(raw, istext=False), binascii.a2b_qp),
            (base64.b85encode(raw), base64.b85decode),
            (base64.a85encode(raw), base64.a85decode),
            (base64.b32encode(raw), base64.b32decode),
        ):
            check(back(there) == raw, raw, there)
        check(binascii.a2b_uu(binascii.b2a_uu(line)) == line, line)
        return binascii.b2a_qp(raw), binascii.b2a_qp(raw, True, False, True), outcome(binascii.b2a_hex, raw, ":", a)
    if what == 2:
        found = [outcome(f, raw) for f in (base64.b85decode, base64.a85decode, base64.b32decode, base64.b64decode)]
        return found + [binascii.crc32(raw, a & 255), zlib.adler32(raw, b & 255), binascii.crc_hqx(raw, a & 255)]
    if what == 3:
        squeezed = zlib.compress(raw, a % 10)
        check(zlib.decompress(squeezed) == raw, raw)
        check(bz2.decompress(bz2.compress(raw, 1)) == raw, raw)
        return len(raw)
    if what == 4:
        def inflate():
            d = zlib.decompressobj(wbits=[15, -15, 31, 47, 9][a % 5])
            return d.decompress(raw, 500), d.unconsumed_tail[:5], d.eof, d.flush(100)[:500]

        # How much comes out before the error is the implementation's.
        return outcome(inflate)[:40], outcome(lambda: bz2.BZ2Decompressor().decompress(raw, 500))[:40]
    if what == 5:
        code = "bBhHiIlLqQfdwu"[a % 14]

        def use():
            x = array.array(code)
            x.frombytes(raw[: len(raw) // x.itemsize * x.itemsize])
            y = x[a:b] + x[b:a:-2]
            x[a:b] = y
            del x[::3]
            return y, x, x.tobytes()

        return outcome(use)
    if what == 6:
        def view():
            m = memoryview(bytearray(raw))
            shape = m.cast("bBhHiIlLqQfdc?P"[a % 15])
            part = shape[a:b]
            return part.tolist()[:50], part.tobytes(), part == shape[a:b], m[::-2].hex(), shape.format, shape.strides

        return outcome(view)
    if what == 7:
        n = int.from_bytes(raw, "little", signed=True)
        check(n.to_bytes(len(raw) + 1, "little", signed=True)[: len(raw)] == raw, raw)
        return outcome(n.to_bytes, a, "big"), hash(n), n & (a << 70), n ^ (b << 9), n >> (a & 31), outcome(pow, n, a % 7, b * b + 1)
    text = bytearray(raw)

    def change():
        text[a:b] = raw[b:a]
        del text[::5]
        text.insert(a, b & 255)
        text.extend(raw[:9])
        text[::2] = raw[: len(text[::2])]
        return text, text.pop(), text.rfind(raw[:2])

    return outcome(change), shown(text)
