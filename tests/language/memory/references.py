# Finalisers, weak references, the cycle collector, reference counts.
import gc
import sys
import weakref


class Thing:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("del", self.name)

    def method(self):
        return self.name


a = Thing("a")
a = None  # expect: del a
print("after a")  # expect: after a


def scope():
    local = Thing("local")
    return "returned"


print(scope())
# expect: del local
# expect: returned
items = [Thing("in list")]
items.clear()  # expect: del in list
holder = {"k": Thing("in dict")}
del holder["k"]  # expect: del in dict
x = Thing("first")
x = Thing("second")  # expect: del first
del x  # expect: del second
w = Thing("weak")
ref = weakref.ref(w, lambda r: print("callback", r() is None))
print(ref() is w, ref().name, weakref.getweakrefcount(w), ref == weakref.ref(w))  # expect: True weak 1 True
del w
# expect: del weak
# expect: callback True
print(ref())  # expect: None
p = Thing("proxied")
proxy = weakref.proxy(p)
print(proxy.name, proxy.method())  # expect: proxied proxied
del p  # expect: del proxied
try:
    proxy.name
except ReferenceError as error:
    print(error)
# expect: weakly-referenced object no longer exists
values = weakref.WeakValueDictionary()
keys = weakref.WeakKeyDictionary()
objects = weakref.WeakSet()
v = Thing("value")
values["v"] = v
keys[v] = "data"
objects.add(v)
print(len(values), len(keys), len(objects), values["v"].name, keys[v])  # expect: 1 1 1 value data
del v  # expect: del value
gc.collect()
print(len(values), len(keys), len(objects))  # expect: 0 0 0
m = Thing("bound")
method = weakref.WeakMethod(m.method)
print(method()())  # expect: bound
del m  # expect: del bound
print(method())  # expect: None
f = Thing("finalized")
final = weakref.finalize(f, print, "finalize", 1, sep="-")
print(final.alive)  # expect: True
del f
# expect: del finalized
# expect: finalize-1
print(final.alive)  # expect: False


class Node:
    def __init__(self, name):
        self.name = name
        self.me = self

    def __del__(self):
        print("node del", self.name)


gc.collect()
n = Node("cycle")
watch = weakref.ref(n)
del n
print(watch() is not None)  # expect: True
print(gc.collect() > 0, watch())
# expect: node del cycle
# expect: True None
gc.disable()
print(gc.isenabled())  # expect: False
gc.enable()
print(gc.isenabled())  # expect: True


class Quiet:
    gone = []

    def __del__(self):
        Quiet.gone.append(self.name)


pair = [Quiet(), Quiet()]
pair[0].name, pair[1].name = "p1", "p2"
pair[0].other, pair[1].other = pair[1], pair[0]
pair = None
gc.collect()
print(sorted(Quiet.gone))  # expect: ['p1', 'p2']


class Phoenix:
    saved = []

    def __del__(self):
        Phoenix.saved.append(self)
        print("saved")


ph = Phoenix()
del ph  # expect: saved
print(len(Phoenix.saved))  # expect: 1
Phoenix.saved.clear()
print(len(Phoenix.saved))  # expect: 0


class Raises:
    def __del__(self):
        raise ValueError("in del")


sys.unraisablehook = lambda args: print("unraisable", repr(args.exc_value))
r = Raises()
del r  # expect: unraisable ValueError('in del')


def gen():
    try:
        yield 1
    finally:
        print("generator closed")


g = gen()
next(g)
del g  # expect: generator closed


def raising():
    t = Thing("in frame")
    raise KeyError


try:
    raising()
except KeyError:
    print("handled")
# expect: handled
# expect: del in frame
print("after handler")  # expect: after handler
for code in ("weakref.ref(5)", "weakref.ref('a')", "weakref.ref([])", "weakref.proxy(None)"):
    try:
        eval(code)
    except TypeError as error:
        print(error)
# expect: cannot create weak reference to 'int' object
# expect: cannot create weak reference to 'str' object
# expect: cannot create weak reference to 'list' object
# expect: cannot create weak reference to 'NoneType' object


class Slotted:
    __slots__ = ("a",)


try:
    weakref.ref(Slotted())
except TypeError as error:
    print(error)
# expect: cannot create weak reference to 'Slotted' object
print(type(weakref.ref(Thing)).__name__, weakref.ref(Thing) is weakref.ref(Thing), hash(weakref.ref(Thing)) == hash(Thing))
# expect: ReferenceType True True
# Native objects that can be weakly referenced.
import itertools
import re
import struct

for make in lambda: re.compile("never seen before"), lambda: itertools.tee([1])[0], lambda: struct.Struct("<i"):
    thing = make()
    found = weakref.ref(thing)
    same = found() is thing
    del thing
    re.purge()
    print(same, found() is None)
# expect: True True
# expect: True True
# expect: True True

import atexit

atexit.register(print, "atexit", "last")
atexit.register(print, "atexit", "first")
# expect: atexit first
# expect: atexit last
