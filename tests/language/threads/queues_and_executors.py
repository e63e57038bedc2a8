# queue, concurrent.futures, and signals between threads.
import queue
import threading
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait

q = queue.Queue(maxsize=2)
q.put(1)
q.put_nowait(2)
print(q.full(), q.qsize(), q.empty(), q.get(), q.get_nowait(), q.empty())  # expect: True 2 False 1 2 True
for act in (q.get_nowait, lambda: q.get(timeout=0.01), lambda: (q.put(1), q.put(2), q.put(3, timeout=0.01))):
    try:
        act()
    except (queue.Empty, queue.Full) as error:
        print(type(error).__name__)
# expect: Empty
# expect: Empty
# expect: Full
lifo, prio, simple = queue.LifoQueue(), queue.PriorityQueue(), queue.SimpleQueue()
for n in (3, 1, 2):
    lifo.put(n)
    prio.put((n, str(n)))
    simple.put(n)
print([lifo.get() for _ in range(3)], [prio.get() for _ in range(3)], [simple.get() for _ in range(3)], simple.empty())
# expect: [2, 1, 3] [(1, '1'), (2, '2'), (3, '3')] [3, 1, 2] True
work = queue.Queue()
total = []


def worker():
    while True:
        item = work.get()
        if item is None:
            work.task_done()
            return
        total.append(item * 2)
        work.task_done()


threads = [threading.Thread(target=worker) for _ in range(4)]
for t in threads:
    t.start()
for i in range(100):
    work.put(i)
work.join()
for _ in threads:
    work.put(None)
for t in threads:
    t.join()
print(sum(total), len(total))  # expect: 9900 100
try:
    work.task_done()
except ValueError as error:
    print(error)
# expect: task_done() called too many times
work.shutdown()
try:
    work.put(1)
except queue.ShutDown:
    print("shut down")
# expect: shut down


def square(x):
    if x == 7:
        raise ValueError("seven")
    return x * x


with ThreadPoolExecutor(max_workers=4) as pool:
    print(list(pool.map(square, range(6))), list(pool.map(pow, [2, 3], [3, 2])))
    futures = [pool.submit(square, n) for n in range(10)]
    done, pending = wait(futures)
    print(len(done), len(pending), futures[3].result(), repr(futures[7].exception()), futures[2].done(), futures[2].cancelled())
    try:
        futures[7].result()
    except ValueError as error:
        print(error)
    print(sorted(f.result() for f in as_completed(futures) if not f.exception()))
    called = []
    f = pool.submit(square, 5)
    f.add_done_callback(lambda fut: called.append(fut.result()))
    f.result()
    try:
        list(pool.map(square, [1, 7, 2]))
    except ValueError as error:
        print("map", error)
# expect: [0, 1, 4, 9, 16, 25] [8, 9]
# expect: 10 0 9 ValueError('seven') True False
# expect: seven
# expect: [0, 1, 4, 9, 16, 25, 36, 64, 81]
# expect: map seven
print(called)  # expect: [25]
try:
    pool.submit(square, 1)
except RuntimeError as error:
    print(error)
# expect: cannot schedule new futures after shutdown
begun, blocker = threading.Event(), threading.Event()
with ThreadPoolExecutor(max_workers=1, thread_name_prefix="pool", initializer=lambda: None) as pool:
    first = pool.submit(lambda: (begun.set(), blocker.wait()))
    second = pool.submit(square, 2)
    begun.wait()
    print(second.cancel(), second.cancelled(), first.cancel())
    try:
        first.result(timeout=0.01)
    except TimeoutError:
        print("timeout")
    blocker.set()
    name = pool.submit(lambda: threading.current_thread().name).result()
# expect: True True False
# expect: timeout
print(name)  # expect: pool_0
f = Future()
f.set_result(5)
print(f.result(), f.done())  # expect: 5 True
import contextvars

var = contextvars.ContextVar("var", default="default")
var.set("main")
seen = []
t = threading.Thread(target=lambda: seen.append(var.get()))
t.start()
t.join()
context = contextvars.copy_context()
context.run(lambda: (var.set("inner"), seen.append(var.get())))
token = var.set("again")
var.reset(token)
print(seen[-1], var.get(), context[var])  # expect: inner main inner
