# only: 3.14
# The native futures and tasks: states, callbacks, errors, cancellation, names, eager tasks, lists of tasks.
import asyncio
import contextvars
import gc
import weakref


def shown(call, *args, **kwargs):
    try:
        print(call(*args, **kwargs))
    except BaseException as e:
        print(type(e).__name__, e)


async def futures():
    loop = asyncio.get_running_loop()
    f = loop.create_future()
    print(f._state, f._result, f._exception, f._callbacks, f.done(), f.get_loop() is loop)
    shown(f.result)
    shown(f.exception)
    f.add_done_callback(lambda f: print("first", f.result()))
    f.add_done_callback(print_done)
    f.add_done_callback(print_done)
    print(len(f._callbacks), f.remove_done_callback(print_done), len(f._callbacks))
    f.set_result(42)
    print(f._state, f._callbacks, f.result(), f.exception(), f.cancel())
    shown(f.set_result, 1)
    shown(f.set_exception, ValueError)
    await asyncio.sleep(0)
    f.add_done_callback(print_done)
    print(await f, await f)
    e = loop.create_future()
    shown(e.set_exception, 3)
    e.set_exception(StopIteration(7))
    print(e._log_traceback)
    shown(e.result)
    print(e._log_traceback, repr(e.exception().__cause__))
    c = loop.create_future()
    print(c.cancel("why"), c.cancelled(), c.cancel(), c._cancel_message)
    shown(c.result)
    shown(c.exception)
    for name in ("_log_traceback", "_asyncio_future_blocking", "_cancel_message"):
        shown(delattr, c, name)
    shown(setattr, c, "_log_traceback", True)
    shown(asyncio.Future, 1)
    print(asyncio.Future[int], asyncio.isfuture(c), repr(f), repr(c))
    f.extra = 1
    print(f.extra)
    i = iter(loop.create_future())
    print(i.send(None)._asyncio_future_blocking)
    shown(i.send, None)
    shown(i.throw, ValueError("thrown"))
    shown(next, i, "end")


def print_done(f):
    print("done", f.result())


async def tasks():
    loop = asyncio.get_running_loop()

    async def wait_for(f):
        return await f

    f = loop.create_future()
    task = asyncio.create_task(wait_for(f), name="named")
    other = asyncio.create_task(wait_for(asyncio.sleep(0, "slept")))
    print(task.get_name(), other.get_name().startswith("Task-"), task.get_coro().__name__)
    task.set_name(17)
    print(task.get_name(), asyncio.current_task() is not task, len(asyncio.all_tasks()))
    await asyncio.sleep(0)
    print(task._fut_waiter is f, f._asyncio_awaited_by == {task}, len(task.get_stack()))
    print(task.cancelling(), task.cancel("stop"), task.cancelling(), task.uncancel(), task.uncancel())
    shown(task.set_result, 1)
    shown(task.set_exception, ValueError())
    try:
        await task
    except asyncio.CancelledError as e:
        print(e.args, task.cancelled(), f.cancelled(), f._asyncio_awaited_by)
    print(await other, len(asyncio.all_tasks()))
    shown(asyncio.Task, 3, loop=loop)

    class Odd:
        def __await__(self):
            yield self.value

    for value in (3, loop.create_future(), (x for x in ())):
        odd = Odd()
        odd.value = value
        try:
            await asyncio.create_task(wait_for(odd))
        except RuntimeError as e:
            print(str(e).split(" in task")[0].split(" <")[0])

    async def deny():
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            return "denied"

    task = asyncio.create_task(deny())
    await asyncio.sleep(0)
    task.cancel()
    print(await task, task.cancelled(), task.cancelling())

    async def raise_it(e):
        raise e

    try:
        await asyncio.create_task(raise_it(ZeroDivisionError("it")))
    except ZeroDivisionError as e:
        print(e)
    waiter = asyncio.create_task(wait_for(loop.create_future()))
    reference = weakref.ref(waiter)
    waiter._log_destroy_pending = False
    await asyncio.sleep(0)
    del waiter
    gc.collect()
    print(reference(), len(asyncio.all_tasks()))


variable = contextvars.ContextVar("variable", default=0)


async def contexts():
    async def change(n):
        variable.set(n)
        await asyncio.sleep(0)
        return variable.get()

    print(await asyncio.gather(*[change(n) for n in range(3)]), variable.get())
    context = contextvars.copy_context()
    task = asyncio.create_task(change(5), context=context)
    print(await task, context[variable], task.get_context() is context)


async def eager():
    loop = asyncio.get_running_loop()
    loop.set_task_factory(asyncio.eager_task_factory)

    async def at_once(f=None):
        current = asyncio.current_task()
        if f is not None:
            await f
        return current

    this = asyncio.current_task()
    task = asyncio.create_task(at_once())
    print(task.done(), task.result() is task, task.get_coro(), asyncio.current_task() is this)
    f = loop.create_future()
    task = asyncio.create_task(at_once(f))
    print(task.done(), task in asyncio.all_tasks(), f._asyncio_awaited_by == {task})
    f.set_result(None)
    print(await task is task, task in asyncio.all_tasks())


class Sub(asyncio.Task):
    def __init__(self, coro, **kwargs):
        super().__init__(coro, **kwargs)
        self.mark = "mark"

    def __del__(self):
        print("end of", self.mark)


async def subclasses():
    loop = asyncio.get_running_loop()
    loop.set_task_factory(lambda loop, coro, **kwargs: Sub(coro, loop=loop, **kwargs))
    task = asyncio.create_task(asyncio.sleep(0, "slept"))
    print(type(task).__name__, await task, task.mark)
    del task


def reports():
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda loop, context: print(context["message"], sorted(context)))
    f = loop.create_future()
    f.set_exception(ValueError())
    del f
    gc.collect()
    task = loop.create_task(asyncio.sleep(1))
    loop._ready.clear()
    coroutine = task.get_coro()
    del task
    gc.collect()
    coroutine.close()
    loop.close()


for main in (futures, tasks, contexts, eager, subclasses):
    print("--", main.__name__)
    asyncio.run(main())
# expect: -- futures
# expect: PENDING None None None False True
# expect: InvalidStateError Result is not set.
# expect: InvalidStateError Exception is not set.
# expect: 3 2 1
# expect: FINISHED None 42 None False
# expect: InvalidStateError invalid state
# expect: InvalidStateError invalid state
# expect: first 42
# expect: 42 42
# expect: TypeError invalid exception object
# expect: True
# expect: RuntimeError StopIteration interacts badly with generators and cannot be raised into a Future
# expect: False StopIteration(7)
# expect: True True False why
# expect: CancelledError why
# expect: CancelledError why
# expect: AttributeError cannot delete attribute
# expect: AttributeError cannot delete attribute
# expect: AttributeError cannot delete attribute
# expect: ValueError _log_traceback can only be set to False
# expect: TypeError Future() takes no positional arguments
# expect: _asyncio.Future[int] True <Future finished result=42> <Future cancelled>
# expect: 1
# expect: True
# expect: RuntimeError await wasn't used with future
# expect: ValueError thrown
# expect: end
# expect: done 42
# expect: -- tasks
# expect: named True wait_for
# expect: 17 True 3
# expect: True True 1
# expect: 0 True 1 0 0
# expect: RuntimeError Task does not support set_result operation
# expect: RuntimeError Task does not support set_exception operation
# expect: ('stop',) True True None
# expect: slept 1
# expect: TypeError a coroutine was expected, got 3
# expect: Task got bad yield: 3
# expect: yield was used instead of yield from
# expect: yield was used instead of yield from for generator
# expect: denied False 1
# expect: it
# expect: None 1
# expect: -- contexts
# expect: [0, 1, 2] 0
# expect: 5 5 True
# expect: -- eager
# expect: True True None True
# expect: False True True
# expect: True False
# expect: -- subclasses
# expect: Sub slept mark
# expect: end of mark
# expect: end of mark
# expect: end of mark
print("-- reports")  # expect: -- reports
reports()
# expect: Future exception was never retrieved ['exception', 'future', 'message']
# expect: Task was destroyed but it is pending! ['message', 'task']
shown(asyncio.get_running_loop)  # expect: RuntimeError no running event loop
shown(asyncio._enter_task, 1, 2)  # expect: RuntimeError loop 1 is not the running loop
