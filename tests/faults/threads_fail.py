"""Threads that do not start: RuntimeError, nothing left behind, and the next one starts."""

import _faults
import concurrent.futures
import _thread
import sys
import threading

rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1


def refused(start):
    _faults.fail_thread_start(0)
    try:
        start()
    except RuntimeError as error:
        assert str(error) == "can't start new thread", error
    else:
        raise AssertionError("started")


for _ in range(20 * rounds or 3):
    before = threading.active_count(), threading.enumerate(), _thread._count()
    thread = threading.Thread(target=print)
    refused(thread.start)
    assert not thread.is_alive() and thread.ident is None
    try:
        thread.join()
    except RuntimeError as error:
        assert "before it is started" in str(error), error
    refused(lambda: _thread.start_new_thread(print, ()))
    refused(lambda: _thread.start_joinable_thread(print))
    refused(threading.Timer(0, print).start)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        refused(lambda: pool.submit(int))
        assert pool.submit(int, "5").result() == 5
    assert (threading.active_count(), threading.enumerate(), _thread._count()) == before
    results = []
    thread = threading.Thread(target=results.append, args=(1,))
    thread.start()
    thread.join()
    assert results == [1]
# The second of three: what the first made is not disturbed.
gate = threading.Event()
threads = [threading.Thread(target=gate.wait) for _ in range(3)]
_faults.fail_thread_start(1)
started = []
for thread in threads:
    try:
        thread.start()
        started.append(thread)
    except RuntimeError:
        pass
assert len(started) == 2
gate.set()
for thread in started:
    thread.join()
print("done")
