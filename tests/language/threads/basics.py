# threading: threads, locks, conditions, events, semaphores, barriers, locals, timers, daemon threads.
import threading
import time

results = []
lock = threading.Lock()


def work(n, *, scale=1):
    with lock:
        results.append(n * scale)


threads = [threading.Thread(target=work, args=(i,), kwargs={"scale": 10}, name=f"worker-{i}") for i in range(8)]
print([t.is_alive() for t in threads[:2]], threads[0].name, threads[0].daemon, threads[0].ident)
# expect: [False, False] worker-0 False None
for t in threads:
    t.start()
for t in threads:
    t.join()
print(sorted(results), any(t.is_alive() for t in threads), threads[0].ident is not None, threading.active_count(), threading.current_thread() is threading.main_thread())
# expect: [0, 10, 20, 30, 40, 50, 60, 70] False True 1 True
print(lock.acquire(), lock.locked(), lock.acquire(False), lock.acquire(timeout=0.01), lock.release(), lock.locked())
# expect: True True False False None False
try:
    lock.release()
except RuntimeError as error:
    print(error)
# expect: release unlocked lock
rlock = threading.RLock()
with rlock:
    with rlock:
        print("reentrant", rlock.acquire(blocking=False))
        rlock.release()
# expect: reentrant True
try:
    rlock.release()
except RuntimeError as error:
    print(error)
# expect: cannot release un-acquired lock
event = threading.Event()
order = []


def waiter():
    event.wait()
    order.append("woken")


t = threading.Thread(target=waiter)
t.start()
time.sleep(0.02)
order.append("setting")
event.set()
t.join()
print(order, event.is_set(), event.wait(0), event.clear(), event.wait(0.01))
# expect: ['setting', 'woken'] True True None False
condition = threading.Condition()
items = []


def consumer(out):
    with condition:
        while not items:
            condition.wait()
        out.append(items.pop())


out = []
consumers = [threading.Thread(target=consumer, args=(out,)) for _ in range(3)]
for c in consumers:
    c.start()
for i in range(3):
    with condition:
        items.append(i)
        condition.notify()
for c in consumers:
    c.join()
print(sorted(out))  # expect: [0, 1, 2]
with condition:
    print(condition.wait_for(lambda: True), condition.wait(0.01), condition.wait_for(lambda: False, 0.01))
# expect: True False False
try:
    condition.notify()
except RuntimeError as error:
    print(error)
# expect: cannot notify on un-acquired lock
semaphore = threading.BoundedSemaphore(2)
print(semaphore.acquire(), semaphore.acquire(), semaphore.acquire(blocking=False), semaphore.release(2))
# expect: True True False None
try:
    semaphore.release()
except ValueError as error:
    print(error)
# expect: Semaphore released too many times
barrier = threading.Barrier(3)
turns = []


def meet():
    for r in range(5):
        turns.append(r)
        barrier.wait()


group = [threading.Thread(target=meet) for _ in range(3)]
for g in group:
    g.start()
for g in group:
    g.join()
print(turns == sorted(turns), len(turns), barrier.parties, barrier.n_waiting, barrier.broken)
# expect: True 15 3 0 False
local = threading.local()
local.value = "main"
seen = []


def use_local(n):
    seen.append(hasattr(local, "value"))
    local.value = n
    time.sleep(0.01)
    seen.append(local.value == n)


group = [threading.Thread(target=use_local, args=(i,)) for i in range(4)]
for g in group:
    g.start()
for g in group:
    g.join()
print(sorted(seen), local.value)  # expect: [False, False, False, False, True, True, True, True] main


class Local(threading.local):
    def __init__(self, start):
        self.n = start


typed = Local(5)
typed.n += 1
got = []
t = threading.Thread(target=lambda: got.append(typed.n))
t.start()
t.join()
print(typed.n, got)  # expect: 6 [5]
fired = threading.Event()
timer = threading.Timer(0.01, fired.set)
timer.start()
print(fired.wait(5))  # expect: True
timer = threading.Timer(60, fired.set)
timer.start()
timer.cancel()
timer.join()


class Sub(threading.Thread):
    def run(self):
        self.result = threading.current_thread() is self, self.name


s = Sub(name="sub", daemon=True)
s.start()
s.join()
print(s.result, s.daemon, repr(s).startswith("<Sub(sub, stopped daemon"))  # expect: (True, 'sub') True True
for bad in (lambda: s.start(), lambda: threading.Thread().join(), lambda: threading.current_thread().join(), lambda: threading.Thread(group=5)):
    try:
        bad()
    except (RuntimeError, AssertionError) as error:
        print(type(error).__name__, error)
# expect: RuntimeError threads can only be started once
# expect: RuntimeError cannot join thread before it is started
# expect: RuntimeError cannot join current thread
# expect: AssertionError group argument must be None for now
hooked = []
threading.excepthook = lambda args: hooked.append((args.exc_type.__name__, str(args.exc_value), args.thread.name))
t = threading.Thread(target=lambda: 1 / 0, name="failing")
t.start()
t.join()
print(hooked)  # expect: [('ZeroDivisionError', 'division by zero', 'failing')]
print(threading.get_ident() == threading.main_thread().ident, threading.get_native_id() > 0, len(threading.enumerate()), threading.main_thread().name)
# expect: True True 1 MainThread
try:
    with lock:
        raise KeyError("inside")
except KeyError:
    print("released", lock.locked())
# expect: released False
print(type(lock).__name__, repr(lock).startswith("<unlocked _thread.lock object"), type(rlock).__name__)
# expect: lock True RLock
