# A tuple's hash is computed once, also that of a namedtuple or another subclass.
# only: 3.14
import collections
import functools


class Item:
    asked = 0

    def __hash__(self):
        Item.asked += 1
        return 5


def asked(t):
    before = Item.asked
    same = hash(t) == hash(t) == hash(tuple(list(t)))
    return same, Item.asked - before


Pair = collections.namedtuple("Pair", "left right")
Sub = type("Sub", (tuple,), {})
print(asked((1, Item())))  # expect: (True, 2)
print(asked(Pair(Item(), Item())))  # expect: (True, 4)
print(asked(Sub([Item()])), asked((Sub([Item(), 1]),)))  # expect: (True, 2) (True, 1)
print({(1, 2): 3}[(1, 2)], hash(()) == hash(tuple([])))  # expect: 3 True


@functools.lru_cache(maxsize=1)
def double(x, y):
    return y * 2


one = Item()
before = Item.asked
print(double(one, 2), Item.asked - before)  # expect: 4 1
