# Context managers: order, suppression, return values, several items, parentheses.
class Manager:
    def __init__(self, name, swallow=False, fail=None):
        self.name, self.swallow, self.fail = name, swallow, fail

    def __enter__(self):
        print("enter", self.name)
        if self.fail == "enter":
            raise ValueError("enter " + self.name)
        return self.name.upper()

    def __exit__(self, kind, value, trace):
        print("exit", self.name, kind and kind.__name__, value, trace is not None)
        if self.fail == "exit":
            raise ValueError("exit " + self.name)
        return self.swallow


with Manager("a") as a, Manager("b") as b:
    print(a, b)
# expect: enter a
# expect: enter b
# expect: A B
# expect: exit b None None False
# expect: exit a None None False
with (
    Manager("c") as c,
    Manager("d"),
):
    print(c)
# expect: enter c
# expect: enter d
# expect: C
# expect: exit d None None False
# expect: exit c None None False
with Manager("e", swallow=True):
    raise KeyError("lost")
# expect: enter e
# expect: exit e KeyError 'lost' True
print("after")  # expect: after
try:
    with Manager("outer"):
        with Manager("inner", fail="exit"):
            1 / 0
except ValueError as error:
    print(error, repr(error.__context__))
# expect: enter outer
# expect: enter inner
# expect: exit inner ZeroDivisionError division by zero True
# expect: exit outer ValueError exit inner True
# expect: exit inner ZeroDivisionError('division by zero')
try:
    with Manager("first"), Manager("second", fail="enter"):
        print("never")
except ValueError as error:
    print(error)
# expect: enter first
# expect: enter second
# expect: exit first ValueError enter second True
# expect: enter second


def early():
    for i in range(3):
        with Manager(f"loop{i}"):
            if i == 0:
                continue
            if i == 1:
                return "returned"


print(early())
# expect: enter loop0
# expect: exit loop0 None None False
# expect: enter loop1
# expect: exit loop1 None None False
# expect: returned


def breaks():
    while True:
        with Manager("w"):
            break
    return "broke"


print(breaks())
# expect: enter w
# expect: exit w None None False
# expect: broke
with Manager("t") as (x, *y):
    print(x, y)
# expect: enter t
# expect: T []
# expect: exit t None None False


class Box:
    pass


box = Box()
items = [0]
with Manager("u") as box.attr, Manager("v") as items[0]:
    print(box.attr, items)
# expect: enter u
# expect: enter v
# expect: U ['V']
# expect: exit v None None False
# expect: exit u None None False
from contextlib import ExitStack, closing, contextmanager, nullcontext, redirect_stdout, suppress


@contextmanager
def managed(name):
    print("begin", name)
    try:
        yield name * 2
    except ZeroDivisionError:
        print("caught")
    finally:
        print("end", name)


with managed("m") as m:
    print(m)
# expect: begin m
# expect: mm
# expect: end m
with managed("z"):
    1 / 0
# expect: begin z
# expect: caught
# expect: end z
with suppress(KeyError):
    {}["x"]
with ExitStack() as stack:
    for n in "pq":
        stack.enter_context(managed(n))
    stack.callback(print, "callback")
# expect: begin p
# expect: begin q
# expect: callback
# expect: end q
# expect: end p
with nullcontext(5) as five:
    print(five)
# expect: 5


@managed("deco")
def decorated():
    print("in decorated")


decorated()
# expect: begin deco
# expect: in decorated
# expect: end deco
import io

out = io.StringIO()
with redirect_stdout(out):
    print("hidden")
print(repr(out.getvalue()))  # expect: 'hidden\n'


def err(code):
    try:
        exec(code)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")


err("with open('/nonexistent/file'): pass")
# expect: FileNotFoundError: [Errno 2] No such file or directory: '/nonexistent/file'


class NoExit:
    def __enter__(self):
        pass


err("with NoExit(): pass")
# expect: TypeError: 'NoExit' object does not support the context manager protocol (missed __exit__ method)
