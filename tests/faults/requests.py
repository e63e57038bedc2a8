"""Requests for more memory than there is: MemoryError, or what CPython raises instead, and the program goes on."""

import array
import collections
import io
import itertools
import json
import math
import operator
import os
import random
import re
import resource
import socket
import string
import struct

CASES = r"""
[0] * (1<<60)
[0] * (1<<62)
[0] * (1<<70)
(0,) * (1<<60)
'x' * (1<<62)
'x' * (1<<40)
'xy' * (1<<63)
'é' * (1<<40)
b'x' * (1<<62)
b'x' * (1<<45)
bytearray(1<<62)
bytearray(1<<45)
bytes(1<<62)
bytes(1<<63)
bytearray(b'x') * (1<<62)
bytearray(b'x') * (1<<45)
bytearray(b'x').__imul__(1<<45)
bytearray().resize(1<<45)
1 << (1<<40)
1 << (1<<62)
1 << (1<<64)
2 ** (1<<62)
2 ** (1<<64)
10 ** (1<<40)
3 ** (1<<60)
(1<<64) ** (1<<60)
int.to_bytes(1, 1<<45, 'big')
'a'.ljust(1<<62)
'a'.center(1<<45)
'a'.zfill(1<<62)
b'a'.ljust(1<<62)
b'a'.zfill(1<<62)
b'\t'.expandtabs(1<<40)
bytearray(b'a').ljust(1<<62)
bytearray(b'a').center(1<<45)
bytearray(1).zfill(1<<45)
'%*d' % (1<<62, 1)
'%.*f' % (1<<62, 1.0)
format(1, '1000000000000000')
format(1.0, '.1000000000000000f')
format('a', '1000000000000000')
f'{1:>1000000000000000}'
'{:1000000000000000}'.format(1)
string.Formatter().format('{:>1000000000000000}', 1)
array.array('q', [0]) * (1<<60)
array.array('q', [0]) * (1<<45)
array.array('b', b'1').__imul__(1<<62)
collections.deque([0]) * (1<<60)
collections.deque([0]).__imul__(1<<45)
struct.pack('%dx' % (1<<60))
struct.pack('%dx' % (1<<45))
list(range(1<<60))
tuple(range(1<<60))
sorted(range(1<<60))
[*range(1<<60)]
list(itertools.repeat(1, 1<<60))
io.BytesIO().seek(1<<45) and seek_and_write(io.BytesIO(), b'x')
seek_and_write(io.StringIO(), 'x')
itertools.product([1], repeat=1<<60)
list(itertools.tee([], 1<<62))
open('/dev/zero', 'rb').read(1<<62)
open('/dev/zero', 'rb').read(1<<45)
os.urandom(1<<62)
os.urandom(1<<45)
os.getrandom(1<<45)
socket.socketpair()[0].recv(1<<62)
socket.socketpair()[0].recvfrom(1<<45)
random.getrandbits(1<<62)
random.randbytes(1<<45)
math.factorial(1<<40)
math.perm(1<<60, 1<<40)
('a'*(1<<16)).replace('a', 'b'*(1<<24))
(b'a'*(1<<16)).replace(b'a', b'b'*(1<<26))
(b'b'*(1<<24)).join([b'a']*(1<<18))
('b'*(1<<24)).join('a'*(1<<16))
operator.mul('x', 1<<62)
json.dumps([1], indent=1<<62)
'x' * (1<<32)
''.ljust(1<<33)
"""


def seek_and_write(file, data):
    file.seek(1 << 45)
    file.write(data)


# What is asked for is far beyond this; where a check is missing, the machine is not to feel it.
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
for case in CASES.strip().splitlines():
    try:
        eval(case)
    except (MemoryError, OverflowError, ValueError) as error:
        assert case.startswith(("format", "f'", "'{", "string", "'%")) or not isinstance(error, ValueError), (case, error)
    else:
        raise AssertionError(f"{case}: no error")
    # What was asked for is given back, and nothing is held.
    assert len([0] * 1000) == 1000
print("done")
