# gc.freeze, gc.DEBUG_SAVEALL, gc.is_tracked.
import gc
import weakref


class Node:
    pass


def cycle():
    node = Node()
    node.own = node
    return weakref.ref(node)


gc.collect()
print(gc.get_freeze_count())  # expect: 0
garbage = cycle()
gc.freeze()
later = cycle()
gc.collect()
print(gc.get_freeze_count() > 0, garbage() is None, later() is None)  # expect: True False True
gc.unfreeze()
gc.collect()
print(gc.get_freeze_count(), garbage() is None)  # expect: 0 True

gc.set_debug(gc.DEBUG_SAVEALL)
loop = []
loop.append(loop)
where = id(loop)
del loop
print(gc.collect(), [id(found) == where for found in gc.garbage])  # expect: 1 [True]
gc.set_debug(0)
gc.garbage.clear()
print(gc.collect(), gc.garbage)  # expect: 1 []


class Slots:
    __slots__ = ()


class Number(float):
    __slots__ = ()


print(gc.is_tracked(Slots()), gc.is_tracked(Number()), gc.is_tracked(Node()), gc.is_tracked(1.5), gc.is_tracked("a"))
# expect: True True True False False
