# only: 3.14
# Loops of several threads at once: tasks are listed by everybody, names do not repeat, results cross threads.
import asyncio
import concurrent.futures
import gc
import threading

THREADS = 4
ROUNDS = 300
loops = [asyncio.new_event_loop() for _ in range(THREADS)]
names = [set() for _ in range(THREADS)]
barrier = threading.Barrier(THREADS + 1)
going = True


async def leaf(n):
    await asyncio.sleep(0)
    return n


async def main(index):
    parked = asyncio.create_task(asyncio.sleep(1000), name=f"parked {index}")
    barrier.wait()
    total = 0
    for i in range(ROUNDS):
        tasks = [asyncio.create_task(leaf(n)) for n in range(5)]
        names[index].update(task.get_name() for task in tasks)
        total += sum(await asyncio.gather(*tasks))
        other = loops[(index + 1) % THREADS]
        if i % 50 == 0:
            # The other loop may have ended already, or end before it comes to it.
            try:
                other.call_soon_threadsafe(lambda: None)
            except RuntimeError:
                pass
    assert asyncio.current_task() in asyncio.all_tasks() and parked in asyncio.all_tasks()
    parked.cancel()
    return total


def watch():
    seen = set()
    barrier.wait()
    while going:
        for index, loop in enumerate(loops):
            tasks = asyncio.all_tasks(loop)
            assert all(task.get_loop() is loop for task in tasks)
            seen.update(task.get_name() for task in tasks if task.get_name().startswith("parked"))
            task = asyncio.current_task(loop)
            assert task is None or task.get_loop() is loop, task
    return sorted(seen)


with concurrent.futures.ThreadPoolExecutor(THREADS + 1) as pool:
    runs = [pool.submit(loop.run_until_complete, main(index)) for index, loop in enumerate(loops)]
    watcher = pool.submit(watch)
    print([run.result() for run in runs])
    going = False
    print(len(watcher.result()) > 0)
# expect: [3000, 3000, 3000, 3000]
# expect: True
print(len(set().union(*names)) == THREADS * ROUNDS * 5)  # expect: True

# One future is completed by many threads: one of them wins, its callbacks run once.
loop = asyncio.new_event_loop()
for _ in range(50):
    future = loop.create_future()
    calls = []
    future.add_done_callback(lambda f: calls.append(f.result()))
    start = threading.Barrier(3)

    def complete(n):
        start.wait()
        try:
            future.set_result(n)
        except asyncio.InvalidStateError:
            return None
        return n

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        winners = [n for n in pool.map(complete, range(3)) if n is not None]
    loop.run_until_complete(asyncio.sleep(0))
    assert winners == calls == [future.result()], (winners, calls)
print("one winner")  # expect: one winner

# A task may be watched, cancelled and listed from anywhere.
task = loop.create_task(leaf(1))
with concurrent.futures.ThreadPoolExecutor(3) as pool:
    print(sum(pool.map(lambda _: task.cancel(), range(3))), task.cancelling())  # expect: 3 3
loop.run_until_complete(asyncio.wait([task]))
print(task.cancelled(), asyncio.all_tasks(loop))  # expect: True set()

# Forgotten tasks are collected while others list them: no list leads to what is being taken apart.

class Quiet(asyncio.Task):
    def __del__(self):
        pass


async def park():
    await asyncio.get_running_loop().create_future()


async def forget(kind):
    for _ in range(40):
        for _ in range(20):
            task = kind(park(), loop=asyncio.get_running_loop())
            task._log_destroy_pending = False
        del task
        await asyncio.sleep(0)
        gc.collect()


def look():
    count = 0
    while going:
        for task in asyncio.all_tasks(loop):
            count += task.get_loop() is loop and task.get_coro() is not None
    return count


going = True
with concurrent.futures.ThreadPoolExecutor(3) as pool:
    lookers = [pool.submit(look) for _ in range(2)]
    for kind in (asyncio.Task, Quiet):
        pool.submit(loop.run_until_complete, forget(kind)).result()
    going = False
    print(all(looker.result() > 0 for looker in lookers))  # expect: True
gc.collect()
print(asyncio.all_tasks(loop))  # expect: set()
loop.close()
for each in loops:
    each.close()
