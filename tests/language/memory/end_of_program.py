# What a program leaves behind ends: functions of atexit first, then cycles, then what modules name.
import atexit
import sys
import threading


class Thing:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("del", self.name, sys.is_finalizing())
        try:
            threading.Thread(target=print).start()
        except RuntimeError as e:
            print(type(e).__name__, e)


threading.Thread(target=threading.Event().wait, daemon=True).start()
atexit.register(print, "second")
atexit.register(print, "first")
kept = Thing("kept")
cycle = Thing("cycle")
cycle.itself = cycle
del cycle
print("end", sys.is_finalizing())
# expect: end False
# expect: first
# expect: second
# expect: del cycle True
# expect: PythonFinalizationError can't create new thread at interpreter shutdown
# expect: del kept True
# expect: PythonFinalizationError can't create new thread at interpreter shutdown
