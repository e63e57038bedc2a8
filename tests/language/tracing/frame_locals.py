# f_locals of functions reads and writes the frame's variables (PEP 667); locals() is a copy.
import collections.abc
import sys
import threading


def writes(a, b=2):
    x = 1
    shared = [1]

    def inner():
        return shared, a

    p = sys._getframe().f_locals
    print(type(p).__name__, isinstance(p, collections.abc.Mapping), p is sys._getframe().f_locals, len(p), list(p))
    p["x"] = 10
    p["shared"] = 5
    p["a"] = "written"
    p["unknown"] = 3
    p[4] = "four"
    print(x, shared, inner(), p["unknown"], p[4], list(p)[-2:])
    copied = locals()
    copied["x"] = 11
    print(x, copied["unknown"], p == p, p == sys._getframe(1).f_locals, p == dict(p))


writes(1)
# expect: FrameLocalsProxy True False 6 ['a', 'b', 'x', 'inner', 'p', 'shared']
# expect: 10 5 (5, 'written') 3 four ['unknown', 4]
# expect: 10 3 True False True


def fails(what):
    try:
        return what()
    except Exception as e:
        return type(e).__name__, *e.args


def methods():
    x = 1
    p = sys._getframe().f_locals
    print(p.get("x"), p.get("y"), p.get("y", 2), p.setdefault("x", 9), p.setdefault("new", 9), "new" in p, "none" in p)
    print(fails(lambda: p["none"]), fails(lambda: p.update(3)), fails(lambda: p.update({"x": 2}, y=3)))
    print(fails(lambda: p | 3), fails(lambda: hash(p)), fails(lambda: p[[]]), fails(lambda: [] in p))
    print(fails(lambda: type(p)()), fails(lambda: type(p)(3)), fails(lambda: p.get()), fails(lambda: p < p))
    p |= {"x": 4}
    p.update({"x": x + 1, "more": 6})
    print(x, p["more"], type(p | {}), type({} | p), p.copy() == p, p != {}, bool(p))
    print(type(p.keys()), type(p.values()), p.items()[0], reversed(p)[-1], next(iter(p)))
    itself = p
    print(repr(p).count("{...}"))


methods()
# expect: 1 None 2 1 9 True False
# expect: ('KeyError', "local variable ''none'' is not defined") ('TypeError', 'update() argument must be dict or another FrameLocalsProxy') ('TypeError', 'FrameLocalsProxy.update() takes no keyword arguments')
# expect: ('TypeError', "unsupported operand type(s) for |: 'FrameLocalsProxy' and 'int'") ('TypeError', "unhashable type: 'FrameLocalsProxy'") ('TypeError', "unhashable type: 'list'") ('TypeError', "unhashable type: 'list'")
# expect: ('TypeError', 'FrameLocalsProxy expected 1 argument, got 0') ('TypeError', 'expect frame, not int') ('TypeError', 'get expected 1 or 2 arguments') ('TypeError', "'<' not supported between instances of 'FrameLocalsProxy' and 'FrameLocalsProxy'")
# expect: 5 6 <class 'dict'> <class 'dict'> True True True
# expect: <class 'list'> <class 'list'> ('x', 5) x x
# expect: 2


class Named:
    def __init__(self, name):
        self.name = name


def change(frame, name, value):
    frame.f_locals[name] = value


def operands(x):
    # The first operand lies on the stack while the variable changes: nobody but the stack names its object any more.
    triple = x, change(sys._getframe(), "x", Named("second")), [Named("other") for i in range(50)], x
    print(triple[0].name, triple[3].name)


operands(Named("first"))  # expect: first second


class Same:
    """Equal to the name of a variable."""

    def __hash__(self):
        return hash("x")

    def __eq__(self, other):
        return other == "x"


def other_keys():
    x = 1
    p = sys._getframe().f_locals
    p[Same()] = 2
    print(x, p[type("Text", (str,), {})("x")], Same() in p, list(p))


other_keys()  # expect: 2 2 True ['x', 'p']


def unbound():
    frame = sys._getframe()
    print("later" in frame.f_locals)
    frame.f_locals["later"] = 4
    print(later)
    if not frame:
        later = 1


unbound()
# expect: False
# expect: 4


def counts():
    n = 0
    while True:
        n += 1
        yield n


g = counts()
print(next(g), g.gi_frame.f_locals)  # expect: 1 {'n': 1}
g.gi_frame.f_locals["n"] = 10
print(next(g), g.gi_frame.f_locals["n"])  # expect: 11 11


def dead():
    q = 1
    try:
        1 / 0
    except ZeroDivisionError as e:
        return e


frame = dead().__traceback__.tb_frame
print(frame.f_locals)  # expect: {'q': 1}
frame.f_locals["q"] = 7
frame.f_locals["e"] = 8
frame.f_locals["other"] = 9
print(frame.f_locals)  # expect: {'q': 7, 'e': 8, 'other': 9}
frame.clear()
print(frame.f_locals)  # expect: {}


class Body:
    z = 1
    sys._getframe().f_locals["w"] = 2


print(Body.w, type(sys._getframe().f_locals))  # expect: 2 <class 'dict'>


def tracer(frame, event, arg):
    if event == "line" and frame.f_locals.get("step") == 2:
        frame.f_locals["step"] = 20
    return tracer


def traced():
    step = 1
    step += 1
    return step


sys.settrace(tracer)
result = traced()
sys.settrace(None)
print(result)  # expect: 20


# Threads write into frames of their own while others change the same generator's variables.
def shared():
    total = 0
    while True:
        yield total


source = shared()
next(source)


def write():
    for i in range(300):
        local = i
        sys._getframe().f_locals["local"] = [i]
        if local != [i]:
            print("lost", local, i)
        try:
            source.gi_frame.f_locals["total"] = [i]
            if not isinstance(next(source), list):
                print("torn")
        except (ValueError, RuntimeError):
            pass


threads = [threading.Thread(target=write) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("done", type(next(source)))  # expect: done <class 'list'>
