# bytes, bytearray and memoryview.
b = b"hello\x00\xff"
print(b, b[0], b[-1], b[1:3], b[::-1], len(b), list(b[:3]), b"'", b'"', b"\t\n\\", bytes(3), bytes([1, 2, 255]), bytes(b"ab"), bytes())
# expect: b'hello\x00\xff' 104 255 b'el' b'\xff\x00olleh' 7 [104, 101, 108] b"'" b'"' b'\t\n\\' b'\x00\x00\x00' b'\x01\x02\xff' b'ab' b''
print(b"a" + b"b", b"ab" * 3, b"l" in b, 104 in b, 0 in b"abc", b"ab" < b"b", b"a" == "a", b"abc" == bytearray(b"abc"), hash(b"a") == hash(bytes(b"a")))
# expect: b'ab' b'ababab' True True False True False True True
print(b.find(b"l"), b.find(108), b.rfind(b"l"), b.count(b"l"), b.index(b"o"), b.replace(b"l", b"LL"), b.startswith(b"he"), b.endswith((b"x", b"\xff")))
# expect: 2 2 3 2 4 b'heLLLLo\x00\xff' True True
print(b"a,b,c".split(b","), b" a b ".split(), b"a\nb\r\n".splitlines(), b"-".join([b"a", bytearray(b"b")]), b"  x ".strip(), b"xax".strip(b"x"), b"a-b".partition(b"-"))
# expect: [b'a', b'b', b'c'] [b'a', b'b'] [b'a', b'b'] b'a-b' b'x' b'a' (b'a', b'-', b'b')
print(b"Hello".upper(), b"Hello".lower(), b"hello world".title(), b"abc".isalpha(), b"12".isdigit(), b"a".center(5, b"*"), b"7".zfill(3), b"abc".translate(bytes.maketrans(b"ab", b"xy")), b"abc".translate(None, b"b"))
# expect: b'HELLO' b'hello' b'Hello World' True True b'**a**' b'007' b'xyc' b'ac'
print(b"abc".hex(), b"abc".hex(":"), bytes.fromhex("61 62 63"), b"abcdef".hex("-", 2), b"caf\xc3\xa9".decode(), b"%d %s %r %x" % (1, b"a", "b", 255))
# expect: 616263 61:62:63 b'abc' 6162-6364-6566 café b"1 a 'b' ff"
ba = bytearray(b"abc")
ba.append(100)
ba.extend(b"ef")
ba[0] = 65
ba[1:3] = b"XYZ"
print(ba, len(ba), ba.pop(), ba.pop(0), ba)  # expect: bytearray(b'XYZde') 7 102 65 bytearray(b'XYZde')
ba.insert(1, 33)
ba.remove(33)
ba.reverse()
del ba[0]
del ba[::2]
ba += b"!!"
ba *= 2
print(ba, ba.copy(), bytes(ba), ba.find(b"!"), bytearray(2), bytearray([1, 2]), bytearray("\u00e9", "utf-8"))
# expect: bytearray(b'ZX!!ZX!!') bytearray(b'ZX!!ZX!!') b'ZX!!ZX!!' 2 bytearray(b'\x00\x00') bytearray(b'\x01\x02') bytearray(b'\xc3\xa9')
ba.clear()
print(ba, bool(ba))  # expect: bytearray(b'') False
view = memoryview(bytearray(b"abcdef"))
view[0] = 65
view[1:3] = b"XY"
print(view[0], bytes(view), view[1:3].tobytes(), len(view), view.tolist()[:3], view.readonly, view.format, view.nbytes, view[::-1].tobytes(), view == b"AXYdef")
# expect: 65 b'AXYdef' b'XY' 6 [65, 88, 89] False B 6 b'fedYXA' True
print(memoryview(b"abc").readonly, memoryview(b"abcd").cast("H").shape, memoryview(b"abc").hex(), 97 in memoryview(b"abc"))
# expect: True (2,) 616263 True
grow = bytearray(b"12")
hold = memoryview(grow)
try:
    grow.append(1)
except BufferError as error:
    print(error)
# expect: Existing exports of data: object cannot be re-sized
hold.release()
grow.append(51)
print(grow)  # expect: bytearray(b'123')


def err(code):
    try:
        eval(code)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
    else:
        print("no error:", code)


err("bytes([256])")  # expect: ValueError: bytes must be in range(0, 256)
err("bytes('a')")  # expect: TypeError: string argument without an encoding
err("bytes(-1)")  # expect: ValueError: negative count
err("b'a' + 'b'")  # expect: TypeError: can't concat str to bytes
err("'a' + b'b'")  # expect: TypeError: can only concatenate str (not "bytes") to str
err("b'abc'[9]")  # expect: IndexError: index out of range
err("bytearray(b'a').pop(5)")  # expect: IndexError: pop index out of range
err("bytearray().pop()")  # expect: IndexError: pop from empty bytearray
err("bytearray(b'a').append(256)")  # expect: ValueError: byte must be in range(0, 256)
err("bytearray(b'a').append('x')")  # expect: TypeError: 'str' object cannot be interpreted as an integer
err("bytes.fromhex('zz')")  # expect: ValueError: non-hexadecimal number found in fromhex() arg at position 0
err("b'a'.join(['x'])")  # expect: TypeError: sequence item 0: expected a bytes-like object, str found
err("memoryview('abc')")  # expect: TypeError: memoryview: a bytes-like object is required, not 'str'
err("memoryview(b'abc').__setitem__(0, 1)")  # expect: TypeError: cannot modify read-only memory
err("hold[0]")  # expect: ValueError: operation forbidden on released memoryview object
err("'a' in b'abc'")  # expect: TypeError: a bytes-like object is required, not 'str'
err("b'a'.index(b'z')")  # expect: ValueError: subsection not found
err("bytearray(b'a').remove(1)")  # expect: ValueError: value not found in bytearray
