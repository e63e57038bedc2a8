# A thread-local object whose value refers back to it is collected.
import gc
import threading
import weakref


class Thing:
    pass


def make():
    thing = Thing()
    thing.local = threading.local()
    thing.local.thing = thing
    return weakref.ref(thing)


reference = make()
gc.collect()
print(reference())  # expect: None

references = []


def on_a_thread(waiting, go):
    references.append(make())
    waiting.set()
    go.wait()


waiting, go = threading.Event(), threading.Event()
thread = threading.Thread(target=on_a_thread, args=(waiting, go))
thread.start()
waiting.wait()
gc.collect()
print(references[0]())  # expect: None
go.set()
thread.join()

kept = threading.local()
kept.value = Thing()
alive = weakref.ref(kept.value)
gc.collect()
print(alive() is kept.value)  # expect: True
