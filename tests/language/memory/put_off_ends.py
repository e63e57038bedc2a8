# An object whose end is put off, because ends nest too deeply, is found by no weak reference any more, also while the
# process has one thread.
import gc
import weakref

gc.disable()
found = []


class Plain:
    pass


class Looks:
    def __init__(self, reference):
        self.reference = reference

    def __del__(self):
        found.append(self.reference())


def drop_at(depth, plain_first):
    plain = Plain()
    plain.value = ["kept"] * 3
    looks = Looks(weakref.ref(plain))
    chain = [plain, looks] if plain_first else [looks, plain]
    # Whichever goes first, the other one may still see it: the list that holds them is gone by then.
    del plain, looks
    for _ in range(depth):
        chain = [chain]


for depth in range(50, 80):
    drop_at(depth, True)
    drop_at(depth, False)

# Who was found lives: nobody else gets its memory.
living = [thing for thing in found if thing is not None]
print(len(found))  # expect: 60
print(len(living) == len({id(thing) for thing in living}))  # expect: True
print(all(thing.value == ["kept"] * 3 for thing in living))  # expect: True
