# What a trace function runs is not reported, not even its generators, and what it leaves behind is.
import sys

events = []


def numbers(n):
    for i in range(n):
        yield i


waiting = numbers(3)
kept = []


def helper(depth):
    return depth if depth == 0 else helper(depth - 1)


def tracer(frame, event, arg):
    name = frame.f_code.co_name
    if name in ("traced", "numbers", "helper", "inner", "under"):
        events.append((event, name))
    helper(3)
    # Begun by the program, gone on with here; begun here, gone on with by the program.
    next(waiting, None)
    if not kept:
        kept.append(numbers(2))
        next(kept[0])
    return tracer


def traced():
    total = 0
    for i in numbers(2):
        total += i
    return total


next(waiting)
for _ in range(30):
    helper(2)
sys.settrace(tracer)
traced()
sys.settrace(None)
print(events.count(("call", "traced")), events.count(("call", "numbers")), events.count(("call", "helper")))
# expect: 1 3 0

events.clear()
sys.settrace(tracer)
print(next(kept[0]))
sys.settrace(None)
# expect: 1
print([e for e in events if e[1] == "numbers"])
# expect: [('call', 'numbers'), ('line', 'numbers'), ('line', 'numbers'), ('return', 'numbers')]

# A callback that changes who listens.
events.clear()


def inner():
    return 1


def second(frame, event, arg):
    events.append(("second", event, frame.f_code.co_name))
    return second


def first(frame, event, arg):
    events.append(("first", event, frame.f_code.co_name))
    sys.settrace(second)
    inner()
    return first


def under():
    inner()
    return 2


sys.settrace(first)
under()
sys.settrace(None)
print(events[:6])
# expect: [('first', 'call', 'under'), ('first', 'line', 'under'), ('second', 'call', 'inner'), ('second', 'line', 'inner'), ('second', 'return', 'inner'), ('first', 'line', 'under')]

# What a callback asks to be reported all the same.
events.clear()


def asks(frame, event, arg):
    events.append((event, frame.f_code.co_name))
    if event == "call" and frame.f_code.co_name == "under":
        sys.call_tracing(inner, ())
        helper(2)
    return asks


sys.settrace(asks)
under()
sys.settrace(None)
print(events[:5])
# expect: [('call', 'under'), ('call', 'inner'), ('line', 'inner'), ('return', 'inner'), ('line', 'under')]
print(("call", "helper") in events)
# expect: False

# A profile function's own calls.
calls = []


def profiler(frame, event, arg):
    if event == "call":
        calls.append(frame.f_code.co_name)
    helper(1)


sys.setprofile(profiler)
under()
sys.setprofile(None)
print(calls)
# expect: ['under', 'inner']
