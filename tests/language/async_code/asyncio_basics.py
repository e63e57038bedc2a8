# asyncio: tasks, gather, queues, timeouts, cancellation, TaskGroup.
import asyncio


async def work(name, n):
    for i in range(n):
        log.append(f"{name}{i}")
        await asyncio.sleep(0)
    return name * n


async def main():
    print(await asyncio.gather(work("a", 2), work("b", 3)))
    print(log)
    task = asyncio.create_task(work("c", 1))
    print(task.done(), await task, task.done(), task.result())
    try:
        await asyncio.wait_for(asyncio.sleep(10), 0.01)
    except TimeoutError:
        print("timed out")
    slow = asyncio.create_task(asyncio.sleep(10))
    await asyncio.sleep(0)
    slow.cancel()
    try:
        await slow
    except asyncio.CancelledError:
        print("cancelled", slow.cancelled())
    queue = asyncio.Queue(2)

    async def producer():
        for i in range(4):
            await queue.put(i)
        await queue.put(None)

    async def consumer():
        out = []
        while (item := await queue.get()) is not None:
            out.append(item)
        return out

    _, items = await asyncio.gather(producer(), consumer())
    print(items)
    async with asyncio.TaskGroup() as group:
        t1 = group.create_task(work("x", 1))
        t2 = group.create_task(work("y", 2))
    print(t1.result(), t2.result())
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fails())
            group.create_task(asyncio.sleep(10))
    except* ValueError as group:
        print(group.exceptions)
    lock = asyncio.Lock()
    event = asyncio.Event()

    async def waiter():
        await event.wait()
        async with lock:
            return "event"

    w = asyncio.create_task(waiter())
    await asyncio.sleep(0)
    event.set()
    print(await w)
    results = await asyncio.gather(fails(), work("z", 1), return_exceptions=True)
    print(results)
    print(await asyncio.to_thread(sum, [1, 2, 3]))
    done, pending = await asyncio.wait([asyncio.create_task(work("w", 1))])
    print(len(done), len(pending))
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    loop.call_later(0.001, future.set_result, "later")
    print(await future)
    async with asyncio.timeout(5):
        print("in time")


async def fails():
    await asyncio.sleep(0)
    raise ValueError("failed")


log = []
asyncio.run(main())
# expect: ['aa', 'bbb']
# expect: ['a0', 'b0', 'a1', 'b1', 'b2']
# expect: False c True c
# expect: timed out
# expect: cancelled True
# expect: [0, 1, 2, 3]
# expect: x yy
# expect: (ValueError('failed'),)
# expect: event
# expect: [ValueError('failed'), 'z']
# expect: 6
# expect: 1 0
# expect: later
# expect: in time
try:
    asyncio.run(fails())
except ValueError as error:
    print(error)
# expect: failed
