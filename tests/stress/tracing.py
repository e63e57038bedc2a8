"""Code that runs while tracing, profiling and monitoring are switched on and off under it, by its own thread and by others."""

import sys
import threading

from common import equal, main, together

M = sys.monitoring
E = M.events
N = 25


def numbers(n):
    for i in range(n):
        got = yield i
        if got:
            yield got


def worker(n):
    total = 0
    for i in numbers(n):
        if i % 3 == 0:
            total += i
        elif i % 3 == 1:
            total -= 1
        try:
            if i % 5 == 0:
                raise KeyError(i)
        except KeyError as error:
            total += error.args[0]
        finally:
            total += 1
    while n > 0:
        n -= 1
        total += len([n for n in (n, n)])
    return total


def expected(n):
    total = sum(i for i in range(n) if i % 3 == 0) - len([i for i in range(n) if i % 3 == 1])
    return total + sum(i for i in range(n) if i % 5 == 0) + n + 2 * n


RIGHT = expected(30)


def own_tracing(threads):
    """Each thread traces itself, and sees its own calls only, all of them."""

    def work(index):
        for _ in range(N):
            mine = threading.get_ident()
            seen = []

            def trace(frame, event, arg):
                assert threading.get_ident() == mine
                if frame.f_code is worker.__code__ and event in ("call", "return"):
                    seen.append(event)
                return trace

            sys.settrace(trace)
            got = worker(30)
            sys.settrace(None)
            equal(got, RIGHT)
            equal(seen, ["call", "return"])
            equal(worker(30), RIGHT)
            equal(seen, ["call", "return"])

    together(threads, work)


def everybodys_tracing(threads):
    """Threads switch the tracing and profiling of all while all run."""

    def function(frame, event, arg):
        return function

    def work(index):
        for n in range(N):
            if index == 0:
                threading.settrace_all_threads(function if n % 2 else None)
            elif index == 1:
                threading.setprofile_all_threads(function if n % 2 else None)
            equal(worker(30), RIGHT)

    together(threads, work)
    threading.settrace_all_threads(None)
    threading.setprofile_all_threads(None)
    equal((sys.gettrace(), sys.getprofile()), (None, None))


def monitoring(threads):
    """Two tools are switched on and off everywhere, in one code object, and at single places, while all run."""
    counts = [0, 0]

    def count(tool, answer):
        def callback(code, *args):
            # Others run as well, and may be in the middle of something when no more events are asked for.
            if code is worker.__code__ or code is numbers.__code__:
                counts[tool] += 1
            return answer

        return callback

    everything = E.PY_START | E.PY_RETURN | E.PY_YIELD | E.PY_RESUME | E.CALL | E.LINE | E.JUMP | E.BRANCH | E.RAISE
    local = E.PY_START | E.LINE | E.INSTRUCTION | E.BRANCH_LEFT | E.BRANCH_RIGHT
    for tool, answer in ((3, None), (4, M.DISABLE)):
        M.use_tool_id(tool, "stress")
        for event in (E.PY_START, E.PY_RETURN, E.PY_YIELD, E.PY_RESUME, E.CALL, E.LINE, E.JUMP, E.BRANCH, E.INSTRUCTION):
            M.register_callback(tool, event, count(tool - 3, answer))
        M.register_callback(tool, E.RAISE, count(tool - 3, None))

    def work(index):
        for n in range(N):
            if index == 0:
                M.set_events(3, everything if n % 3 else 0)
            elif index == 1:
                M.set_local_events(4, worker.__code__, local if n % 3 else 0)
                M.restart_events()
            equal(worker(30), RIGHT)

    together(threads, work)
    M.set_events(3, 0)
    M.set_local_events(4, worker.__code__, 0)
    assert counts[0] > 0 and counts[1] > 0, counts
    before = list(counts)
    together(threads, lambda index: equal(worker(30), RIGHT))
    equal(counts, before)
    # What is asked while nothing runs is heard by every thread that starts.
    started = []
    M.register_callback(3, E.PY_START, lambda code, offset: started.append(code is worker.__code__))
    M.set_local_events(3, worker.__code__, E.PY_START)
    together(threads, lambda index: equal(worker(30), RIGHT))
    equal(started, [True] * threads)
    M.free_tool_id(3)
    M.free_tool_id(4)


main(own_tracing, everybodys_tracing, monitoring)
