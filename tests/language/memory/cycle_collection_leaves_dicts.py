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
