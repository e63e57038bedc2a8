"""What the collector takes apart, and what it must leave alone."""

import gc
import weakref


class Own:
    __slots__ = ("me", "__dict__", "__weakref__")


# A dict that is still referred to from outside keeps its items when its instance is garbage.
own = Own()
own.me = own
own.__dict__ = kept = {"x": 1}
seen = weakref.ref(own, lambda ref: print("called", ref()))
del own
gc.collect()  # expect: called None
print(kept, seen())  # expect: {'x': 1} None


# A reference that is garbage with its referent is not called.
class Plain:
    pass


plain = Plain()
plain.me = plain
plain.ref = weakref.ref(plain, lambda ref: print("must not be called"))
del plain
print(gc.collect() > 0)  # expect: True


# What a finaliser saves stays whole; references to the rest are dead before any finaliser looks.
class Saved:
    saved = []

    def __del__(self):
        Saved.saved.append((self, self.ref()))


one = Saved()
one.other = two = Plain()
two.back = one
one.ref = weakref.ref(two)
del one, two
gc.collect()
thing, other = Saved.saved.pop()
print(other, thing.other.back is thing)  # expect: None True


# Instances that are their own attributes' dict, or that of another, end with the rest.
class Own(dict):
    pass


def rings():
    own = Own()
    own.__dict__ = own
    own.attribute = 1
    left, right = Own(), Own()
    left.__dict__ = right
    right.__dict__ = left
    return left["attribute"] if "attribute" in left else own.attribute


print(rings())  # expect: 1
gc.collect()
print([type(found) for found in gc.get_objects() if type(found) is Own])  # expect: []
