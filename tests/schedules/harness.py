"""Runs small programs of a few threads through seeded schedules, and checks what comes out of them.

A `Litmus` has threads, each of them a list of operations on a fresh state. An operation that the guarantees call atomic is one
function of the state; one that is not is given `in_steps`, as the functions it consists of. What may come out is found by
running all orders of these operations, one after the other, in one thread. Then the threads run at the same time under
`_orochi_proof`'s schedules, which decide at every step of the machine who goes on, and whatever comes out must be among it.

An outcome is what the operations of each thread gave (the type of an exception where they raised) and what `final` says of the
state afterwards.
"""

import _orochi_proof as proof
import _thread
import gc
import sys


class State:
    """What the operations of one run share."""


class Litmus:
    """One row of the table. `few` says that a run is slow."""

    def __init__(self, name, setup, threads, final=None, few=False):
        self.name = name
        self.setup = setup
        self.threads = threads
        self.final = final or (lambda state: None)
        self.few = few

    def fresh(self):
        state = State()
        self.setup(state)
        return state

    def allowed(self):
        """Every outcome of running the operations one after the other, in all orders."""
        parts = [[part for op in ops for part in parts_of(op)] for ops in self.threads]
        found = set()
        for order in interleavings([len(each) for each in parts]):
            state = self.fresh()
            places = [0] * len(parts)
            results = [[] for _ in parts]
            locals_ = [{} for _ in parts]
            for index in order:
                call, last, takes_local = parts[index][places[index]]
                places[index] += 1
                result = outcome_of(call, state, locals_[index]) if takes_local else outcome_of(call, state)
                if last:
                    results[index].append(result)
            found.add((tuple(map(tuple, results)), self.final(state)))
        return found


def in_steps(whole, *steps):
    """An operation that is not atomic: `whole(state)` does it; each of `steps`, called with the state and a dict of the
    thread's own, is one of the atomic operations that it consists of. The last one gives the result."""
    whole.steps = steps
    return whole


def parts_of(op):
    steps = getattr(op, "steps", None)
    if steps is None:
        return [(op, True, False)]
    return [(step, step is steps[-1], True) for step in steps]


def interleavings(lengths):
    """Every order in which threads of so many steps can go, as lists of the threads' numbers."""
    if not any(lengths):
        yield []
        return
    for index, left in enumerate(lengths):
        if left:
            rest = list(lengths)
            rest[index] -= 1
            for tail in interleavings(rest):
                yield [index, *tail]


def outcome_of(call, *args):
    try:
        return call(*args)
    except Exception as error:
        return type(error).__name__


class Worker:
    """A thread that runs jobs, so that its code is warm."""

    def __init__(self):
        self.go = _thread.allocate_lock()
        self.done = _thread.allocate_lock()
        self.go.acquire()
        self.done.acquire()
        self.job = None
        _thread.start_joinable_thread(self.loop, daemon=True)

    def loop(self):
        while True:
            self.go.acquire()
            self.job()
            self.job = None
            self.done.release()

    def start(self, job):
        self.job = job
        self.go.release()

    def join(self):
        self.done.acquire()

    def settle(self):
        """What others left it to end, it has ended: another job comes with safepoints. (It says that it is done before.)"""
        self.start(int)
        self.join()


class Fresh:
    """A thread for one job."""

    def start(self, job):
        self.handle = _thread.start_joinable_thread(job)

    def join(self):
        self.handle.join()

    def settle(self):
        """Its end has ended what others left it."""


workers = []
# Whether all threads are workers. Threads for one job take over what their predecessors leave as these end, sooner or later, so
# with them a seed does not always give the same schedule again.
only_workers = False


def scheduled(litmus, seed, length):
    """One run under the schedule of `seed`: (outcome, what the schedule did)."""
    count = len(litmus.threads)
    while len(workers) < count:
        workers.append(Worker())
    # Threads that are new and threads whose code is warm; a state that a bystander owns, and one that a participant owns.
    threads = workers[:count] if only_workers or seed // 2 % 2 else [Fresh() for _ in range(count)]
    made = []
    if seed // 4 % 2:
        made.append(litmus.fresh())
    else:
        threads[0].start(lambda: made.append(litmus.fresh()))
        threads[0].join()
    state = made.pop()
    results = [[] for _ in range(count)]

    def body(index):
        ops, own = litmus.threads[index], results[index]
        proof.enter(index)
        try:
            for op in ops:
                own.append(outcome_of(op, state))
        finally:
            proof.leave()

    proof.begin(seed, count, length)
    for index, thread in enumerate(threads):
        thread.start(lambda index=index: body(index))
    for thread in threads:
        thread.join()
    did = proof.finish()
    for thread in threads:
        thread.settle()
    return (tuple(map(tuple, results)), litmus.final(state)), did


def check(litmus, first, count):
    """Runs that many schedules; answers a line for the table. Raises AssertionError for a forbidden outcome."""
    allowed = litmus.allowed()
    if litmus.few:
        count = max(count // 8, 1)
    seen = set()
    length, steps, switches, stuck, mark = 1000, 0, 0, 0, 0
    for seed in range(first, first + count):
        outcome, did = scheduled(litmus, seed, length)
        length = did[0]
        steps += did[0]
        switches += did[1]
        stuck += did[2]
        mark = (mark * 31 + did[3]) % (1 << 64)
        if outcome not in allowed:
            raise AssertionError(
                "%s: seed %d gives %r, which no order of its operations gives; allowed:\n  %s"
                % (litmus.name, seed, outcome, "\n  ".join(sorted(map(repr, allowed))))
            )
        seen.add(outcome)
    line = "%-42s %6d schedules %6d steps %5d switches %3d allowed %3d seen %3d stuck %016x" % (
        litmus.name, count, steps // count, switches // count, len(allowed), len(seen), stuck, mark,
    )
    return line, seen, allowed


def main(table):
    """usage: PROGRAM.py SCHEDULES [PART/PARTS] [NAME ...] [--first SEED] [--workers]"""
    global only_workers
    args = sys.argv[1:]
    if "--workers" in args:
        args.remove("--workers")
        only_workers = True
    first = 0
    if "--first" in args:
        at = args.index("--first")
        first = int(args[at + 1])
        del args[at : at + 2]
    count = int(args.pop(0))
    if args and "/" in args[0]:
        part, parts = map(int, args.pop(0).split("/"))
        table = table[part::parts]
    if args:
        table = [litmus for litmus in table if litmus.name in args]
        assert table, "no litmus of that name"
    for litmus in table:
        line, seen, allowed = check(litmus, first, count)
        print(line, flush=True)
        # A schedule that never changes threads would find every program right.
        if len(allowed) > 1 and count >= 100 and not litmus.few:
            assert len(seen) > 1, "%s: %d outcomes are allowed, only one was seen" % (litmus.name, len(allowed))
        gc.collect()
    print("all", len(table), "hold", flush=True)
