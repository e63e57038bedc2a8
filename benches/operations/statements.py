"""Times single operations, one in a loop, for `benches/operations.py`: prints each with its nanoseconds.

usage: statements.py [TEXT]      only statements that contain TEXT

The time of the loop itself is in each figure: some 10 ns in CPython. A figure is the best of seven runs of two milliseconds
or more, half of them for the loop to become hot.
"""

import sys
import time

# What the statements use.
SETUP = r"""
class A:
    ca=1
    def __init__(self,x=1,y=2): self.x=x; self.y=y
    def m(self): return self.x
    def m1(self,a): return a
    @property
    def p(self): return self.x
    @classmethod
    def cm(cls): return 1
    @staticmethod
    def sm(): return 1
    def __eq__(self,o): return self.x==o.x
    def __hash__(self): return 1
    def __lt__(self,o): return self.x<o.x
    def __len__(self): return 3
    def __getitem__(self,i): return i
    def __contains__(self,i): return True
    def __iter__(self): return iter(())
    def __enter__(self): return self
    def __exit__(self,*a): return None
    def __call__(self,a): return a
    def __add__(self,o): return 1
class B(A):
    def __init__(self,x,y): super().__init__(x,y)
    def m(self): return super().m()
class C(A): pass
class S:
    __slots__=('a','b')
    def __init__(self,a,b): self.a=a; self.b=b
class E(Exception): pass
class G:
    def __getattr__(self,n): return 1
class N: pass
a=A(); b=B(1,2); c=C(); s=S(1,2); g_=G()
poly=[a,b,c]*3
l=list(range(100)); l10=list(range(10)); t=tuple(range(10)); t3=(1,2,3)
d={i:i for i in range(100)}; sd={'k%d'%i:i for i in range(50)}; st=set(range(100))
txt='hello world foo bar baz'; by=b'hello world foo bar'
words=txt.split()
def f0(): pass
def f1(x): return x
def f3(x,y,z): return x
def fd(x,y=1,z=2): return x
def fk(x,*,k=1): return x
def fv(*args): return args
def fkw(**kw): return kw
def gen3():
    yield 1
    yield 2
    yield 3
def fibr(n): return n if n<2 else fibr(n-1)+fibr(n-2)
def clos(x):
    def inner(y): return x+y
    return inner
cl=clos(1)
import functools, itertools, operator, collections
pf=functools.partial(f3,1,2)
lru=functools.lru_cache(None)(f1)
dq=collections.deque(range(10))
dd=collections.defaultdict(int)
cnt=collections.Counter()
NT=collections.namedtuple('NT','a b c'); nt=NT(1,2,3)
import dataclasses
@dataclasses.dataclass
class DC:
    a:int
    b:int=2
dc=DC(1)
import enum
class EN(enum.Enum):
    A=1
    B=2
big=10**30
fl=1.5
import re
rx=re.compile(r'\w+'); 
import struct
sp=struct.Struct('<IHB'); buf=sp.pack(1,2,3)
import math
"""

STATEMENTS = r"""
f0()
f1(1)
f3(1,2,3)
fd(1)
fd(1,z=3)
f3(x=1,y=2,z=3)
fk(1,k=2)
fv(1,2)
fkw(a=1)
f3(*t3)
fv(*t)
fkw(**{"a":1})
(lambda: 1)()
cl(2)
clos(1)
fibr(8)
a.x
a.ca
a.m()
a.m1(1)
a.p
A.cm()
a.sm()
b.m()
a.x=1
s.a
s.a=1
g_.zz
getattr(a,"x")
hasattr(a,"zz")
setattr(a,"x",1)
isinstance(a,A)
isinstance(1,(str,int))
type(a)
A()
A(1,2)
B(1,2)
S(1,2)
N()
DC(1)
NT(1,2,3)
nt.a
EN.A
EN.A.value
EN(1)
a==c
a<c
len(a)
a[1]
1 in a
a(1)
a+1
hash(a)
for o in poly: o.x
for o in poly: o.m1(1)
for o in poly: o.x=1
try: //  raise E // except E: pass
try: //  raise ValueError("x") // except ValueError as e: pass
try: //  d[1000] // except KeyError: pass
try: pass // finally: pass
with a: pass
l[5]
l[5]=1
l[1:5]
l[-1]
t[1]
t[1:3]
d[5]
d[5]=5
sd["k5"]
sd.get("k5")
d.get(1000)
5 in d
5 in st
5 in l10
"x" in sd
del_=d.pop(5); d[5]=5
l10.append(1); l10.pop()
list(l10)
tuple(l10)
set(l10)
dict(sd)
sd.copy()
l10+l10
[*l10]
[1,2,3]
(f0,f1)
{1,2,3}
{"a":1,"b":2}
[]
{}
l10*2
l10.index(5)
sorted(l10)
l10.sort()
min(l10)
max(1,2)
sum(l10)
len(l10)
abs(-1)
any(l10)
all(l10)
list(map(f1,l10))
list(zip(l10,l10))
list(enumerate(l10))
list(reversed(l10))
list(range(10))
[x for x in l10]
{x for x in l10}
{x:x for x in l10}
list(x for x in l10)
sum(x for x in l10)
[x for x in l10 if x>5]
[(x,y) for x in t3 for y in t3]
for x in l10: pass
for x in t: pass
for x in d: pass
for k,v in sd.items(): pass
for i,x in enumerate(l10): pass
for x,y in zip(l10,l10): pass
for x in range(10): pass
for x in gen3(): pass
for x in txt: pass
for x in st: pass
x,y,z=t3
x,*y=l10
x=y=1
x,y=1,2
1+2*i
i%7
i//3
i*i
i<<2
i&7
-i
i**2
big+i
big*big
fl*fl
fl+i
fl/3
i/3
int("12")
str(i)
float("1.5")
repr(fl)
int(fl)
round(fl)
divmod(i,7)
i==5
i<5<10
not i
i and fl
math.sqrt(fl)
math.floor(fl)
bool(i)
txt[3]
txt[1:5]
txt+"x"
txt.split()
" ".join(words)
txt.replace("o","a")
txt.find("foo")
txt.startswith("hello")
txt.startswith(("a","h"))
txt.upper()
txt.strip()
"foo" in txt
f"{i} {txt}"
"%d %s"%(i,txt)
"{} {}".format(i,txt)
f"{i:5d}"
f"{fl:.2f}"
txt==words
txt=="hello"
hash(txt)
ord("a")
chr(97)
txt.encode()
by.decode()
by[1]
by[1:3]
by+by
by.find(b"foo")
txt.isdigit()
txt.count("o")
txt.partition(" ")
txt.splitlines()
txt.ljust(30)
txt.title()
txt.translate({97:98})
str(fl)
repr(txt)
repr(l10)
ascii(txt)
pf(3)
lru(1)
dq.append(1); dq.popleft()
dq[3]
dd[1]+=1
cnt["a"]+=1
list(itertools.chain(l10,l10))
list(itertools.islice(l,5))
list(itertools.product(t3,t3))
list(itertools.accumulate(l10))
functools.reduce(operator.add,l10)
operator.itemgetter(1)(t)
sorted(l10,key=operator.neg)
sorted(words,key=len)
list(filter(None,l10))
st|st
st&st
st-{1}
{1,2}|{3}
frozenset(l10)
st.add(5)
d.items()
sd.keys()&st
sd.update(a=1)
sd|sd
d.setdefault(5,1)
rx.match(txt)
rx.findall(txt)
rx.sub("x",txt)
re.match("a",txt)
sp.pack(1,2,3)
sp.unpack(buf)
import math
from math import sqrt
global zz // zz=1
id(a)
callable(f0)
iter(l10)
next(iter(l10))
print
vars(a)
a.__dict__
a.__class__
slice(1,2)
complex(1,2)
b"a"*3
bytes(10)
bytearray(10)
memoryview(by)
object()
super
staticmethod(f0)
property(f0)
"""


def loop_of(statement, names):
    """A function that runs the statement n times. The lines of a compound statement have " // " between them."""
    lines = statement.split(" // ")
    declared = []
    if lines[0].startswith("global "):
        declared.append(" " + lines.pop(0))
    source = ["def loop(n):", *declared, " for i in range(n):", *("  " + line for line in lines)]
    exec("\n".join(source), names)
    return names["loop"]


def nanoseconds(loop):
    n = 200
    while True:
        start = time.perf_counter()
        loop(n)
        if time.perf_counter() - start > 0.002:
            break
        n *= 4
    times = []
    for _ in range(7):
        start = time.perf_counter()
        loop(n)
        times.append(time.perf_counter() - start)
    return min(times) / n * 1e9


def main():
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    names = {}
    exec(SETUP, names)
    for statement in filter(None, STATEMENTS.split("\n")):
        if wanted in statement:
            print("%.1f\t%s" % (nanoseconds(loop_of(statement, names)), statement), flush=True)


main()
