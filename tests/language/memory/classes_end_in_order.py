# Classes, their instances and metaclasses that are garbage together; AddressSanitizer sees a wrong order.
import gc
import threading
import weakref


def make():
    class Root(type):
        pass

    class Meta(type, metaclass=Root):
        pass

    class Child(Meta):
        pass

    class C(metaclass=Meta):
        pass

    class D(C, metaclass=Child):
        pass

    things = [C(), D()]
    for thing in things:
        thing.things = things
    return [weakref.ref(kind) for kind in (Root, Meta, Child, C, D)]


references = [reference for _ in range(20) for reference in make()]
gc.collect()
print([reference() for reference in references].count(None))  # expect: 100


# The collector gives instances back to the thread that owns them, which waits meanwhile.
def work(made, go):
    for _ in range(5):
        make()
    made.set()
    go.wait()


shared = []
for _ in range(5):
    made, go = threading.Event(), threading.Event()
    thread = threading.Thread(target=work, args=(made, go))
    thread.start()
    made.wait()
    gc.collect()
    for k in range(3000):
        shared.append([k])
        if k % 500 == 0:
            shared.clear()
    go.set()
    thread.join()
gc.collect()
before = len([kind for kind in type.__subclasses__(type) if kind.__name__ in ("Root", "Meta")])
print(before)  # expect: 0
