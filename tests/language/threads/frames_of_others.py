# sys._current_frames: what other threads are doing, and the variables of their frames.
import sys
import threading


def waits(number, ready, go, seen):
    secret = [number]
    held = secret
    try:
        raise KeyError(number)
    except KeyError:
        ready.release()
        with go:
            pass
    seen.append((number, secret, held))


def outer(number, *rest):
    waits(number, *rest)


ready, go, seen = threading.Semaphore(0), threading.Lock(), []
go.acquire()
threads = [threading.Thread(target=outer, args=(n, ready, go, seen)) for n in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    ready.acquire()


def blocked():
    # They may still be on their way to the lock.
    while True:
        frames = sys._current_frames()
        found = [frames[thread.ident] for thread in threads]
        if all(frame.f_code is waits.__code__ and frame.f_lineno == waits.__code__.co_firstlineno + 7 for frame in found):
            return frames, found


frames, found = blocked()
print(frames[threading.get_ident()] is sys._getframe(), len(frames) >= 4)  # expect: False True
print(frames[threading.get_ident()].f_code.co_name)  # expect: blocked
for frame in found:
    print(frame.f_code.co_name, frame.f_locals["number"], frame.f_back.f_code.co_name, list(frame.f_back.f_locals)[:1])
# expect: waits 0 outer ['number']
# expect: waits 1 outer ['number']
# expect: waits 2 outer ['number']
exceptions = sys._current_exceptions()
print([exceptions[thread.ident] for thread in threads], exceptions[threading.get_ident()])
# expect: [KeyError(0), KeyError(1), KeyError(2)] None
print(sys._current_frames()[threads[0].ident] is found[0], found[1].f_locals["held"])  # expect: True [1]
found[0].f_locals["secret"] = "changed"
found[1].f_locals["held"] = found[1].f_back.f_locals["number"] = "other"
found[2].f_locals["unknown"] = 5
print(found[0].f_locals["secret"], found[2].f_locals.get("unknown"))  # expect: changed 5
try:
    found[0].f_lineno = 3
except ValueError as e:
    print(e)  # expect: f_lineno can only be set in a trace function
go.release()
for thread in threads:
    thread.join()
print(sorted(seen))  # expect: [(0, 'changed', [0]), (1, [1], 'other'), (2, [2], [2])]
print(found[0].f_locals["secret"], found[0].f_back.f_code.co_name)  # expect: changed outer


# Looking while they run.
def busy(stop):
    def deeper(n):
        here = [n]
        return n and deeper(n - 1) or here

    while not stop.is_set():
        deeper(20)


stop = threading.Event()
workers = [threading.Thread(target=busy, args=(stop,)) for _ in range(2)]
for worker in workers:
    worker.start()
for _ in range(60):
    for frame in sys._current_frames().values():
        while frame is not None:
            frame.f_lineno, frame.f_lasti, dict(frame.f_locals)
            frame = frame.f_back
stop.set()
for worker in workers:
    worker.join()
print("done")  # expect: done
