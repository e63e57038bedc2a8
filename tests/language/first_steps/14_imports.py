# Modules of the standard library.
import math
import sys
from collections import deque, namedtuple

print(math.sqrt(16), math.floor(2.7), math.pi > 3, len(sys.argv), sys.version_info >= (3, 13))
# expect: 4.0 2 True 1 True
d = deque([1, 2])
d.appendleft(0)
P = namedtuple("P", "x y")
print(list(d), P(1, 2))  # expect: [0, 1, 2] P(x=1, y=2)
