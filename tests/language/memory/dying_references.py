# A weak reference that owns its referent takes it along, and is not called.
import weakref


class Thing:
    pass


class Reference(weakref.ref):
    pass


def called(reference):
    print("called", type(reference).__name__)


thing = Thing()
owner = Reference(thing, called)
owner.thing = thing
del thing
del owner
print("gone")  # expect: gone

# Another reference to the same object is.
thing = Thing()
owner = Reference(thing, called)
owner.thing = thing
other = weakref.ref(thing, called)
del thing
del owner  # expect: called ReferenceType
print(other() is None)  # expect: True


class Config(dict):
    def __getattr__(self, name):
        return self[name]


config = Config()
print("Config" in repr(weakref.ref(config)))  # expect: True
