# json, struct, base64, binascii, hashlib, array, io.
import array
import base64
import binascii
import hashlib
import io
import json
import struct

data = {"a": [1, 2.5, None, True, False], "b": {"nested": "caf\u00e9 \"q\" \n"}, "c": [], "d": {}, "e": 10 ** 20, "f": -1e-10, "1": ""}
text = json.dumps(data)
print(text, json.loads(text) == data)
# expect: {"a": [1, 2.5, null, true, false], "b": {"nested": "caf\u00e9 \"q\" \n"}, "c": [], "d": {}, "e": 100000000000000000000, "f": -1e-10, "1": ""} True
print(json.dumps(data, indent=2, sort_keys=True))
# expect: {
# expect:   "1": "",
# expect:   "a": [
# expect:     1,
# expect:     2.5,
# expect:     null,
# expect:     true,
# expect:     false
# expect:   ],
# expect:   "b": {
# expect:     "nested": "caf\u00e9 \"q\" \n"
# expect:   },
# expect:   "c": [],
# expect:   "d": {},
# expect:   "e": 100000000000000000000,
# expect:   "f": -1e-10
# expect: }
print(json.dumps({"b": 1, "a": (1, 2)}, separators=(",", ":")), json.dumps("\u20ac\U0001F600", ensure_ascii=False), json.dumps("\u20ac\U0001F600\x00"), json.dumps({1: 2, None: 3, True: 4, 1.5: 5}), json.dumps([float("inf"), float("nan")]), json.dumps(5, default=str), json.dumps({1, 2}, default=sorted))
# expect: {"b":1,"a":[1,2]} "€😀" "\u20ac\ud83d\ude00\u0000" {"1": 4, "null": 3, "1.5": 5} [Infinity, NaN] 5 [1, 2]
print(json.loads(' [1, 2.0, 1e3, "x\\u0041\\n", null, true] '), json.loads("5"), json.loads('"\\ud83d\\ude00"'), json.loads(b'{"k": 1}'), json.loads("[1.5]", parse_float=str), json.loads('{"a": 1}', object_hook=lambda d: sorted(d)), json.loads('{"a": 1}', object_pairs_hook=list), json.loads("NaN") != json.loads("NaN"), json.loads("-0"), json.loads("123456789012345678901234567890"))
# expect: [1, 2.0, 1000.0, 'xA\n', None, True] 5 😀 {'k': 1} ['1.5'] ['a'] [('a', 1)] True 0 123456789012345678901234567890
for bad in ("", "{", "[1,]", '{"a" 1}', "nul", '"abc', "[1] 2", "{'a': 1}", '"\\x"', "01", '{"a":1,}', '"\t"', "[1 2]"):
    try:
        json.loads(bad)
    except json.JSONDecodeError as error:
        print(error)
# expect: Expecting value: line 1 column 1 (char 0)
# expect: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)
# expect: Illegal trailing comma before end of array: line 1 column 3 (char 2)
# expect: Expecting ':' delimiter: line 1 column 6 (char 5)
# expect: Expecting value: line 1 column 1 (char 0)
# expect: Unterminated string starting at: line 1 column 1 (char 0)
# expect: Extra data: line 1 column 5 (char 4)
# expect: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)
# expect: Invalid \escape: line 1 column 2 (char 1)
# expect: Extra data: line 1 column 2 (char 1)
# expect: Illegal trailing comma before end of object: line 1 column 7 (char 6)
# expect: Invalid control character at: line 1 column 2 (char 1)
# expect: Expecting ',' delimiter: line 1 column 4 (char 3)
for bad in ({1, 2}, {(1,): 2}, object):
    try:
        json.dumps(bad)
    except TypeError as error:
        print(error)
# expect: Object of type set is not JSON serializable
# expect: keys must be str, int, float, bool or None, not tuple
# expect: Object of type type is not JSON serializable
loop = []
loop.append(loop)
try:
    json.dumps(loop)
except ValueError as error:
    print(error)
# expect: Circular reference detected
print(struct.pack("<IhB", 1, -2, 255), struct.unpack("<IhB", b"\x01\0\0\0\xfe\xff\xff"), struct.pack(">d", 1.5), struct.unpack("<f", struct.pack("<f", 0.1)), struct.calcsize("<QHb"), struct.pack("3s?x4p", b"abcd", True, b"xy"), struct.pack("!e", 1.5), list(struct.iter_unpack("<H", b"\1\0\2\0")), struct.unpack_from("<H", b"\0\0\5\0", 2), struct.Struct("<2i").size)
# expect: b'\x01\x00\x00\x00\xfe\xff\xff' (1, -2, 255) b'?\xf8\x00\x00\x00\x00\x00\x00' (0.10000000149011612,) 11 b'abc\x01\x00\x02xy\x00' b'>\x00' [(1,), (2,)] (5,) 8
for act in (lambda: struct.pack("<B", 256), lambda: struct.pack("<i", "a"), lambda: struct.unpack("<I", b"abc"), lambda: struct.pack("<z", 1), lambda: struct.pack("<ii", 1)):
    try:
        act()
    except struct.error as error:
        print(error)
# expect: 'B' format requires 0 <= number <= 255
# expect: required argument is not an integer
# expect: unpack requires a buffer of 4 bytes
# expect: bad char in struct format
# expect: pack expected 2 items for packing (got 1)
print(base64.b64encode(b"hello\xff"), base64.b64decode("aGVsbG//"), base64.urlsafe_b64encode(b"\xfb\xff"), base64.b32encode(b"hi"), base64.b16encode(b"hi"), base64.b85encode(b"hello"), binascii.hexlify(b"ab"), binascii.unhexlify("6162"), binascii.crc32(b"hello"))
# expect: b'aGVsbG//' b'hello\xff' b'-_8=' b'NBUQ====' b'6869' b'Xk~0{Zv' b'6162' b'ab' 907060870
print(hashlib.md5(b"a").hexdigest(), hashlib.sha1(b"a").hexdigest(), hashlib.sha256(b"a").hexdigest()[:20], hashlib.sha512(b"").hexdigest()[:20], hashlib.sha3_256(b"a").hexdigest()[:20], hashlib.blake2b(b"a").hexdigest()[:20])
# expect: 0cc175b9c0f1b6a831c399e269772661 86f7e437faa5a7fce15d1ddcb9eaeaea377667b8 ca978112ca1bbdcafac2 cf83e1357eefb8bdf154 80084bf2fba02475726f 333fcb4ee1aa7c115355
a = array.array("i", [1, 2, 3])
a.append(4)
a.extend([5])
a[0] = 10
print(a, a[1:3], a.tolist(), a.itemsize, a.typecode, len(a), a.tobytes()[:4], array.array("d", [1.5]), a.index(3), a.pop(), sum(a), array.array("B", b"ab"), a == array.array("l", [10, 2, 3, 4]))
# expect: array('i', [10, 2, 3, 4]) array('i', [2, 3]) [10, 2, 3, 4, 5] 4 i 5 b'\n\x00\x00\x00' array('d', [1.5]) 2 5 19 array('B', [97, 98]) True
for act in (lambda: a.append("x"), lambda: array.array("b", [200]), lambda: array.array("z"), lambda: a.pop(99)):
    try:
        act()
    except Exception as error:
        print(type(error).__name__, error)
# expect: TypeError 'str' object cannot be interpreted as an integer
# expect: OverflowError signed char is greater than maximum
# expect: ValueError bad typecode (must be b, B, u, h, H, i, I, l, L, q, Q, f or d)
# expect: IndexError pop index out of range
s = io.StringIO("line1\nline2\nline3")
print(s.readline(), s.read(3), s.readlines(), s.seek(0), list(s), s.tell(), s.getvalue()[:5])
# expect: line1
# expect:  lin ['e2\n', 'line3'] 0 ['line1\n', 'line2\n', 'line3'] 17 line1
b = io.BytesIO()
b.write(b"abc")
b.seek(1)
b.write(b"Z")
print(b.getvalue(), b.tell(), b.read(), b.getbuffer()[0], io.TextIOWrapper(io.BytesIO(b"a\r\nb\n")).read())
# expect: b'aZc' 2 b'c' 97 a
# expect: b
# expect:
