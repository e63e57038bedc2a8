# sys.settrace and sys.setprofile: what trace functions are told, f_trace, f_trace_lines, f_trace_opcodes, f_lineno.
import sys


def show(frame, event, arg):
    if frame.f_code.co_filename != __file__:
        return None
    what = arg[0].__name__ if event == "exception" else arg
    print(frame.f_lineno - frame.f_code.co_firstlineno, frame.f_code.co_name, event, what)
    return show


def traced(function, *args, trace=show):
    sys.settrace(trace)
    try:
        return function(*args)
    finally:
        sys.settrace(None)


def loop(n):
    total = 0
    for i in range(n):
        if i % 2:
            total += i
    return total


traced(loop, 2)
# expect: 0 loop call None
# expect: 1 loop line None
# expect: 2 loop line None
# expect: 3 loop line None
# expect: 2 loop line None
# expect: 3 loop line None
# expect: 4 loop line None
# expect: 2 loop line None
# expect: 5 loop line None
# expect: 5 loop return 1


def numbers():
    yield 1
    yield 2


def handles():
    for x in numbers():
        pass
    try:
        1 / 0
    except ZeroDivisionError:
        pass


traced(handles)
# expect: 0 handles call None
# expect: 1 handles line None
# expect: 0 numbers call None
# expect: 1 numbers line None
# expect: 1 numbers return 1
# expect: 2 handles line None
# expect: 1 handles line None
# expect: 1 numbers call None
# expect: 2 numbers line None
# expect: 2 numbers return 2
# expect: 2 handles line None
# expect: 1 handles line None
# expect: 2 numbers call None
# expect: 2 numbers return None
# expect: 3 handles line None
# expect: 4 handles line None
# expect: 4 handles exception ZeroDivisionError
# expect: 5 handles line None
# expect: 6 handles line None
# expect: 6 handles return None


def stays():
    while len(sys.argv) > 5: pass
    return "done"


def no_lines(frame, event, arg):
    show(frame, event, arg)
    frame.f_trace_lines = False
    return no_lines


traced(stays, trace=no_lines)
# expect: 0 stays call None
# expect: 2 stays return done


# A trace function that raises is called no more, and what it raised goes on.
def raises(frame, event, arg):
    if event == "line":
        raise KeyError("told")
    return raises


try:
    traced(loop, 2, trace=raises)
except KeyError as error:
    print("raised", error, sys.gettrace())
# expect: raised 'told' None


# The answer for a frame is the function for that frame only.
def calls_only(frame, event, arg):
    print(event, frame.f_code.co_name)


traced(loop, 3, trace=calls_only)  # expect: call loop


# A debugger stops in frames that run already.
def stop_here():
    frame = sys._getframe(1)
    frame.f_trace = show
    sys.settrace(show)


def goes_on():
    before = 1
    stop_here()
    after = 2
    return before + after


print(goes_on(), sys.gettrace() is show)
# expect: 3 goes_on line None
# expect: 4 goes_on line None
# expect: 4 goes_on return 3
# expect: 3 True
sys.settrace(None)


# Jumping.
def jumper(from_line, to_line):
    done = []

    def trace(frame, event, arg):
        if event == "line" and frame.f_lineno - frame.f_code.co_firstlineno == from_line and not done:
            done.append(True)
            try:
                frame.f_lineno = frame.f_code.co_firstlineno + to_line
            except ValueError as error:
                print("ValueError:", str(error).replace(str(frame.f_code.co_firstlineno + to_line), "N"))
        return trace

    return trace


def lines(out):
    out.append(1)
    out.append(2)
    for i in 3, 4:
        out.append(i)
    try:
        out.append(5)
    except KeyError:
        out.append(6)
    return out


print(traced(lines, [], trace=jumper(1, 2)))  # expect: [2, 3, 4, 5]
print(traced(lines, [], trace=jumper(2, 1)))  # expect: [1, 1, 2, 3, 4, 5]
print(traced(lines, [], trace=jumper(4, 6)))  # expect: [1, 2, 5]
print(traced(lines, [], trace=jumper(1, 4)))
# expect: ValueError: can't jump into the body of a for loop
# expect: [1, 2, 3, 4, 5]
print(traced(lines, [], trace=jumper(1, 8)))
# expect: ValueError: can't jump into an 'except' block as there's no exception
# expect: [1, 2, 3, 4, 5]
print(traced(lines, [], trace=jumper(1, 100)))
# expect: ValueError: line N comes after the current code block
# expect: [1, 2, 3, 4, 5]
print(traced(lines, [], trace=jumper(2, -5)))
# expect: ValueError: line N comes before the current code block
# expect: [1, 2, 3, 4, 5]
try:
    sys._getframe().f_lineno = 1
except ValueError as error:
    print(error)
# expect: f_lineno can only be set in a trace function


# Profiling.
def profile(frame, event, arg):
    if frame.f_code.co_filename == __file__:
        print(event, frame.f_code.co_name, getattr(arg, "__name__", arg))


def work():
    return len("abc") + max(1, 2)


def fails():
    int("x")


sys.setprofile(profile)
work()
# expect: call work None
# expect: c_call work len
# expect: c_return work len
# expect: c_call work max
# expect: c_return work max
# expect: return work 5
try:
    fails()
except ValueError:
    pass
# expect: call fails None
# expect: return fails None
[].append(1)
# expect: c_call <module> append
# expect: c_return <module> append
sys.setprofile(None)  # expect: c_call <module> setprofile
print(sys.getprofile())  # expect: None


def nested():
    return loop(1)


def tracing_inside(frame, event, arg):
    if event == "call" and frame.f_code is nested.__code__:
        sys.call_tracing(loop, (1,))
    else:
        print("inside", event)


traced(nested, trace=tracing_inside)
# expect: inside call
# expect: inside call


# What follows a loop that never runs has lines of its own.
def never():
    while 0:
        pass
    last = 1


traced(never)
# expect: 0 never call None
# expect: 1 never line None
# expect: 3 never line None
# expect: 3 never return None
