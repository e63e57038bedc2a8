"""What fuzzing and comparing with CPython found, each once."""

import array
import ast
import re
import unicodedata


def error(f, *args):
    try:
        print(f(*args))
    except Exception as e:
        print(f"{type(e).__name__}: {ascii(str(e))}")


# An empty slice may start before the buffer.
print(memoryview(bytearray())[::-2].hex(), memoryview(bytearray())[::-1].tobytes())  # expect:  b''
print(memoryview(b"ab")[5::-3].tolist(), memoryview(b"ab")[9:].tobytes(), memoryview(b"")[::-1].tolist())  # expect: [98] b'' []

# Lone surrogates, where UTF-8 is asked for and where it is not.
error(float.fromhex, "1\udc80")  # expect: UnicodeEncodeError: "'utf-8' codec can't encode character '\\udc80' in position 1: surrogates not allowed"
error(unicodedata.lookup, "\udc80")  # expect: UnicodeEncodeError: "'utf-8' codec can't encode character '\\udc80' in position 0: surrogates not allowed"
error(format, 1, "\udc80x")  # expect: ValueError: "Invalid format specifier '\udc80x' for object of type 'int'"
error(array.array("w", [" "]).frombytes, b"abcd")  # expect: None
broken = array.array("w", "a")
broken.frombytes(b"abcd")
error(broken.tounicode)  # expect: UnicodeDecodeError: "'utf-32-le' codec can't decode bytes in position 4-7: code point not in range(0x110000)"

# Handlers that only encode.
for name in ("xmlcharrefreplace", "namereplace"):
    error(b"\xff".decode, "utf-8", name)
# expect: TypeError: "don't know how to handle UnicodeDecodeError in error callback"
# expect: TypeError: "don't know how to handle UnicodeDecodeError in error callback"
print([re.compile("a").groupindex, re.compile("(?P<n>a)").groupindex])  # expect: [{}, mappingproxy({'n': 1})]

# A tree has no longer integers than code.
try:
    ast.literal_eval("1" * 4301)
except SyntaxError as e:
    print(str(e)[:52], e.lineno)  # expect: Exceeds the limit (4300 digits) for integer string c 1
print(compile(ast.Expression(ast.Constant(10**5000, lineno=1, col_offset=0)), "x", "eval").co_consts[0] == 10**5000)  # expect: True
