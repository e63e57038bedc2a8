# A module that another thread is in the middle of importing is waited for, by pickles too.
import os
import pickle
import sys
import tempfile
import threading

MODULE = """
import sys
sys.started.set()
sys.asked.wait()
# Time enough for those who do not wait.
import time
time.sleep(0.1)
class Late:
    pass
"""

with tempfile.TemporaryDirectory() as folder:
    with open(os.path.join(folder, "late_module.py"), "w") as file:
        file.write(MODULE)
    sys.path.insert(0, folder)
    for pickled in (b"\x80\x03clate_module\nLate\n.", b"\x80\x04\x8c\x0blate_module\x8c\x04Late\x93."):
        sys.modules.pop("late_module", None)
        sys.started, sys.asked = threading.Event(), threading.Event()
        importing = threading.Thread(target=lambda: __import__("late_module"))
        importing.start()
        sys.started.wait()
        found = []

        def unpickle():
            sys.asked.set()
            found.append(pickle.loads(pickled).__name__)

        reading = threading.Thread(target=unpickle)
        reading.start()
        reading.join()
        importing.join()
        print(found)

    # A class of a module that is being imported is pickled when the module is there.
    with open(os.path.join(folder, "late_too.py"), "w") as file:
        file.write(MODULE)
    sys.started, sys.asked = threading.Event(), threading.Event()
    importing = threading.Thread(target=lambda: __import__("late_too"))
    importing.start()
    sys.started.wait()
    stand_in = type("Late", (), {"__module__": "late_too"})
    threading.Thread(target=sys.asked.set).start()
    try:
        pickle.dumps(stand_in)
    except pickle.PicklingError as e:
        print("not the same object" in str(e))
    importing.join()
    sys.path.remove(folder)
# expect: ['Late']
# expect: ['Late']
# expect: True
