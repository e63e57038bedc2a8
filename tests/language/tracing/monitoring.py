# sys.monitoring (PEP 669): events, local events, DISABLE, restart_events, the ways of branches.
# only: 3.14
import sys

M = sys.monitoring
E = M.events
TOOL = 3
M.use_tool_id(TOOL, "test")
print(M.get_tool(TOOL), M.get_tool(4), M.get_events(TOOL))  # expect: test None 0
log = []


def line_of(code, offset):
    for start, end, line in code.co_lines():
        if start <= offset < end:
            return line - code.co_firstlineno


def listen(*names, answer=None):
    for name in names:
        def callback(code, *args, name=name):
            if code.co_filename == __file__:
                log.append((name, code.co_name, args))
                return answer
        M.register_callback(TOOL, getattr(E, name), callback)


def told(events, function, *args):
    log.clear()
    M.set_events(TOOL, events)
    try:
        function(*args)
    except Exception as error:
        log.append(("raised", type(error).__name__, ()))
    M.set_events(TOOL, 0)
    return [(name, what) for name, what, args in log if what not in ("told", "set_events")]


def loop(n):
    total = 0
    for i in range(n):
        if i:
            total += i
    return total


listen("PY_START", "PY_RETURN", "LINE", "JUMP", "BRANCH_LEFT", "BRANCH_RIGHT", "RAISE", "PY_UNWIND", "EXCEPTION_HANDLED")
listen("PY_YIELD", "PY_RESUME", "CALL", "C_RETURN", "C_RAISE", "STOP_ITERATION", "RERAISE", "PY_THROW", "INSTRUCTION")

print(told(E.PY_START | E.PY_RETURN, loop, 2))  # expect: [('PY_START', 'loop'), ('PY_RETURN', 'loop')]
told(E.LINE, loop, 2)
print([args[0] - loop.__code__.co_firstlineno for name, what, args in log if what == "loop"])
# expect: [1, 2, 3, 2, 3, 4, 2, 5]
told(E.BRANCH_LEFT | E.BRANCH_RIGHT | E.JUMP, loop, 2)
print([(name, line_of(loop.__code__, args[0]), line_of(loop.__code__, args[1])) for name, what, args in log if what == "loop"])
# expect: [('BRANCH_LEFT', 2, 2), ('BRANCH_RIGHT', 3, 3), ('JUMP', 3, 2), ('BRANCH_LEFT', 2, 2), ('BRANCH_LEFT', 3, 4), ('JUMP', 4, 2), ('BRANCH_RIGHT', 2, 5)]


def numbers():
    yield 1


def drives():
    return list(numbers()), [*numbers()]


print(told(E.PY_START | E.PY_RESUME | E.PY_YIELD | E.PY_RETURN, drives))
# expect: [('PY_START', 'drives'), ('PY_START', 'numbers'), ('PY_YIELD', 'numbers'), ('PY_RESUME', 'numbers'), ('PY_RETURN', 'numbers'), ('PY_START', 'numbers'), ('PY_YIELD', 'numbers'), ('PY_RESUME', 'numbers'), ('PY_RETURN', 'numbers'), ('PY_RETURN', 'drives')]


def fails():
    try:
        raise KeyError
    finally:
        pass


print(told(E.RAISE | E.RERAISE | E.PY_UNWIND | E.EXCEPTION_HANDLED, fails))
# expect: [('RAISE', 'fails'), ('EXCEPTION_HANDLED', 'fails'), ('RERAISE', 'fails'), ('EXCEPTION_HANDLED', 'fails'), ('RERAISE', 'fails'), ('PY_UNWIND', 'fails'), ('raised', 'KeyError')]
told(E.CALL | E.C_RETURN | E.C_RAISE, lambda: (len("ab"), int("x")))
print([(name, args[1].__name__, args[2]) for name, what, args in log if what == "<lambda>"])
# expect: [('CALL', 'len', 'ab'), ('C_RETURN', 'len', 'ab'), ('CALL', 'int', 'x'), ('C_RAISE', 'int', 'x')]
told(E.CALL, lambda: print())
# expect:
print([args[2] is M.MISSING for name, what, args in log if what == "<lambda>"])  # expect: [True, True]


# One code object, single places, and again.
count = []


def once(code, line):
    count.append(line - code.co_firstlineno)
    return M.DISABLE


M.register_callback(TOOL, E.LINE, once)
M.set_local_events(TOOL, loop.__code__, E.LINE)
print(M.get_local_events(TOOL, loop.__code__) == E.LINE, M.get_events(TOOL))  # expect: True 0
loop(3)
loop(3)
told(0, drives)
print(count)  # expect: [1, 2, 3, 2, 4, 5]
M.restart_events()
loop(1)
loop(3)
print(count[6:])  # expect: [1, 2, 3, 2, 5, 4]
M.set_local_events(TOOL, loop.__code__, 0)


# What a callback raises is raised where it happened; one that wants to disable what cannot be is forgotten.
def refuse(code, *args):
    if code is loop.__code__:
        raise ValueError("refused")


M.register_callback(TOOL, E.PY_START, refuse)
print(told(E.PY_START, loop, 1))  # expect: [('raised', 'ValueError')]
M.register_callback(TOOL, E.RAISE, lambda *args: M.DISABLE)
print(told(E.RAISE, fails), M.register_callback(TOOL, E.RAISE, None))  # expect: [('raised', 'ValueError')] None

for wrong in (
    lambda: M.use_tool_id(TOOL, "other"),
    lambda: M.use_tool_id(9, "other"),
    lambda: M.set_events(4, E.LINE),
    lambda: M.set_events(TOOL, E.C_RAISE),
    lambda: M.set_events(TOOL, 1 << 30),
    lambda: M.set_local_events(TOOL, loop.__code__, E.RAISE),
    lambda: M.set_local_events(TOOL, 1, E.LINE),
    lambda: M.register_callback(TOOL, E.LINE | E.CALL, None),
):
    try:
        wrong()
    except Exception as error:
        print(type(error).__name__, error)
# expect: ValueError tool 3 is already in use
# expect: ValueError invalid tool 9 (must be between 0 and 5)
# expect: ValueError tool 4 is not in use
# expect: ValueError cannot set C_RETURN or C_RAISE events independently
# expect: ValueError invalid event set 0x40000000
# expect: ValueError invalid local event set 0x800
# expect: TypeError code must be a code object
# expect: ValueError The callback can only be set for one event at a time

M.set_local_events(TOOL, loop.__code__, E.LINE)
M.free_tool_id(TOOL)
print(M.get_tool(TOOL), M.get_local_events(TOOL, loop.__code__))  # expect: None 0
