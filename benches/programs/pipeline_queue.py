"""A pipeline on queue.Queue: one producer, `--threads` workers, one consumer, and bounded queues between them."""

import queue
import threading

from common import in_threads, main, options

BATCH = 200
STOP = None


def collatz(n):
    """Steps from n down to 1."""
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


def job():
    work_queue = queue.Queue(maxsize=32)
    done_queue = queue.Queue(maxsize=32)

    def producer():
        for low in range(1, chosen.size + 1, BATCH):
            work_queue.put(range(low, min(low + BATCH, chosen.size + 1)))
        for _ in range(chosen.threads):
            work_queue.put(STOP)

    def work(index):
        while (batch := work_queue.get()) is not STOP:
            done_queue.put([(n, collatz(n)) for n in batch])
        done_queue.put(STOP)

    best = (0, 0)
    total = seen = 0

    def consumer():
        nonlocal best, total, seen
        running = chosen.threads
        while running:
            batch = done_queue.get()
            if batch is STOP:
                running -= 1
                continue
            for n, steps in batch:
                seen += 1
                total += steps
                if (steps, -n) > best:
                    best = (steps, -n)

    ends = [threading.Thread(target=producer), threading.Thread(target=consumer)]
    for thread in ends:
        thread.start()
    in_threads(chosen.threads, work)
    for thread in ends:
        thread.join()
    return "%d numbers, %d steps, longest from %d: %d" % (seen, total, -best[1], best[0])


chosen = options(__doc__, threads=1, size=300_000)
main(job)
