# only: 3.14
# What the language gained in 3.14, and messages that changed.
try:
    [].x
except ValueError, AttributeError:
    print("no parentheses")
# expect: no parentheses
for act in ("{[]: 1}", "{{}}", "{1: 2}[[]]", "set([[]])"):
    try:
        eval(act)
    except TypeError as error:
        print(error)
# expect: cannot use 'list' as a dict key (unhashable type: 'list')
# expect: cannot use 'dict' as a set element (unhashable type: 'dict')
# expect: cannot use 'list' as a dict key (unhashable type: 'list')
# expect: cannot use 'list' as a set element (unhashable type: 'list')
try:
    a, b = [1, 2, 3]
except ValueError as error:
    print(error)
# expect: too many values to unpack (expected 2, got 3)
try:
    bool(NotImplemented)
except TypeError as error:
    print(error)
# expect: NotImplemented should not be used in a boolean context
# expect: [(1, 4), (2, 5)]
print(list(map(lambda *a: a, [1, 2], [4, 5], strict=True)))
try:
    list(map(lambda *a: a, [1, 2], [4], strict=True))
except ValueError as error:
    print(error)
# expect: map() argument 2 is shorter than argument 1
import sys

# expect: (3, 14)
print(sys.version_info[:2])
# expect: <class 'typing.Union'> True
import typing

print(type(int | str), (int | str) is not None and type(int | str) is typing.Union)
# expect: 1.5
print(float.from_number(1.5))
import functools

# expect: (1, 'second', 3)
print(functools.partial(lambda *a: a, functools.Placeholder, "second")(1, 3))
import operator

# expect: True False
print(operator.is_none(None), operator.is_none(0))
# expect: b'abc'
print(bytes.fromhex(b"616263"))
import compression.zlib
import string.templatelib
import annotationlib

# expect: True
print(compression.zlib.decompress(compression.zlib.compress(b"a" * 100)) == b"a" * 100)
