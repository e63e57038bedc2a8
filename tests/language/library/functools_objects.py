# Attributes of what functools makes.
import functools
import inspect
import io
import types


def fails(what):
    try:
        return what()
    except Exception as e:
        return type(e).__name__, *e.args


def order(x, y):
    return x - y


print(inspect.signature(functools.cmp_to_key), inspect.signature(functools.cmp_to_key(order)))  # expect: (mycmp) (obj)

# The attributes of native objects cannot be deleted all at once; some not be replaced either.
p = functools.partial(int, base=2)
p.note = 1
for thing in p, functools.lru_cache(len), types.SimpleNamespace(a=1), io.StringIO():
    print(fails(lambda: delattr(thing, "__dict__")), fails(lambda: setattr(thing, "__dict__", {"new": 2})))
# expect: ('TypeError', 'cannot delete __dict__') None
# expect: ('TypeError', 'cannot delete __dict__') None
# expect: ('AttributeError', 'readonly attribute') ('AttributeError', 'readonly attribute')
# expect: ('AttributeError', "attribute '__dict__' of '_io._IOBase' objects is not writable") ('AttributeError', "attribute '__dict__' of '_io._IOBase' objects is not writable")
print(p.__dict__, p("11"))  # expect: {'new': 2} 3
p.__setstate__((int, ("7",), {}, None))
print(p.__dict__, p())  # expect: {} 7

import operator

for getter in operator.itemgetter(1), operator.attrgetter("a"), operator.methodcaller("m"):
    print(inspect.signature(getter))
# expect: (obj, /)
# expect: (obj, /)
# expect: (obj, /)
