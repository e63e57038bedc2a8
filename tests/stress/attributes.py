"""The row of attributes of instances, classes and modules; shapes and caches under change."""

import types

from common import equal, main, settle, together

N = 150


class Plain:
    kind = "plain"

    def method(self):
        return self.kind


class Slotted:
    __slots__ = ("a", "b", "c")


def own_attributes(threads):
    shared = Plain()

    def work(index):
        for n in range(N):
            name = "a%d_%d" % (index, n % 20)
            setattr(shared, name, (index, n))
            assert getattr(shared, name) == (index, n)
            if n % 3 == 0:
                delattr(shared, name)
                assert not hasattr(shared, name)

    together(threads, work)
    for name, value in vars(shared).items():
        equal(name, "a%d_%d" % (value[0], value[1] % 20), "attribute")


def same_attributes(threads):
    shared = Plain()
    shared.x, shared.y = ("x", 0, 0), ("y", 0, 0)

    def work(index):
        for n in range(N * 2):
            if index % 3 == 1:
                shared.x = ("x", n, n)
                shared.y = ("y", n, n)
            elif index % 3 == 0:
                name, a, b = shared.x
                assert name == "x" and a == b
                name, a, b = shared.__dict__["y"] if n % 50 == 0 else shared.y
                assert name == "y" and a == b
            else:
                shared.z = n
                try:
                    del shared.z
                except AttributeError:
                    pass
                assert "x" in vars(shared)

    together(threads, work)


def attributes_are_never_torn(threads):
    """What is read in an attribute was stored in it, while nothing but values changes."""
    shared = Plain()
    shared.x, shared.y = ("x", 0, 0), ("y", 0, 0)

    def work(index):
        for n in range(N * 4):
            if index % 2:
                shared.x = ("x", n, n)
                shared.y = ("y", n, n)
            else:
                name, a, b = shared.x
                assert name == "x" and a == b
                name, a, b = shared.y
                assert name == "y" and a == b

    together(threads, work)


def one_attribute(threads):
    """Threads store the same attribute: each value that was there goes once, and the last one stays."""
    ended = []

    class Counted:
        def __init__(self, n):
            self.n = n

        def __del__(self):
            ended.append(self.n)

    shared = Plain()
    shared.x = Counted(-1)

    def work(index):
        for n in range(N):
            new = Counted((index, n))
            shared.x = new
            del new

    together(threads, work)
    shared.x = None
    settle(lambda: len(ended) == threads * N + 1)
    ended.remove(-1)
    equal(sorted(ended), [(index, n) for index in range(threads) for n in range(N)], "values that have ended")


def new_attributes(threads):
    """Threads give new attributes to the same fresh objects: none is lost."""
    things = [Plain() for _ in range(N)]

    def work(index):
        name = "own%d" % (index % 8)
        for thing in things:
            setattr(thing, name, name)
            equal(getattr(thing, name), name, "own attribute")

    together(threads, work)
    for thing in things:
        equal(sorted(vars(thing)), sorted({"own%d" % (index % 8) for index in range(threads)}), "attributes")


def changes_under_a_dict(threads):
    """An attribute is set, and one is deleted, while another thread asks for the dict of all."""
    things = []
    for n in range(N * 2):
        thing = Plain()
        thing.a = thing.b = thing.c = thing.d = thing.e = thing.f = 0
        things.append(thing)

    def work(index):
        for n, thing in enumerate(things):
            if index == 0:
                thing.a = n
                equal(thing.a, n, "attribute")
                del thing.f
                assert not hasattr(thing, "f") and "f" not in vars(thing)
            elif index == 1:
                thing.e = n
                equal(thing.e, n, "attribute")
                del thing.d
                assert not hasattr(thing, "d")
            else:
                found = thing.__dict__
                assert found["b"] == found["c"] == 0
                assert thing.__dict__ is found

    together(max(threads, 3), work)
    for n, thing in enumerate(things):
        equal(vars(thing), {"a": n, "b": 0, "c": 0, "e": n}, "attributes")


def reads_under_a_dict(threads):
    """An attribute that is there all the time is found while all of them move to a dict."""
    things = []
    for n in range(N * 2):
        thing = Plain()
        for name in "abcdefgh":
            setattr(thing, name, name)
        things.append(thing)

    def work(index):
        for thing in things:
            if index == 0:
                vars(thing)
            else:
                assert thing.h == "h" and thing.a == "a" and getattr(thing, "e") == "e"

    together(threads, work)


def many_shapes(threads):
    shared = [Plain() for _ in range(8)]
    names = ["n%d" % n for n in range(12)]

    def work(index):
        for n in range(N):
            thing = shared[n % 8]
            name = names[(n * 5 + index) % 12]
            setattr(thing, name, name)
            found = getattr(thing, name, name)
            assert found == name, (found, name)
            if n % 4 == 0:
                thing.__dict__.pop(name, None)
            if n % 50 == 0:
                thing.__dict__ = {"n0": "n0"}
            for key, value in list(vars(thing).items()):
                assert key == value

    together(threads, work)


def slots(threads):
    shared = Slotted()
    shared.a = shared.b = shared.c = (0, 0)

    def work(index):
        for n in range(N * 2):
            if index % 2:
                shared.a = (n, n)
                shared.b = (n, n)
            else:
                for a, b in (shared.a, shared.b, shared.c):
                    assert a == b

    together(threads, work)


def class_attributes(threads):
    class Shared:
        x = (0, 0)

        def get(self):
            return self.x

        def value(self):
            return 0

    class Child(Shared):
        pass

    thing, child = Shared(), Child()

    def work(index):
        for n in range(N):
            if index == 0:
                Shared.x = (n, n)
                Shared.value = lambda self, n=n: n
                if n % 10 == 0:
                    Child.y = n
                    del Child.y
            else:
                a, b = thing.get()
                assert a == b
                a, b = child.x
                assert a == b
                assert thing.value() >= 0
                assert child.value() >= 0
                assert getattr(child, "y", 5) >= 0

    together(threads, work)
    equal(child.value(), N - 1, "the last method")
    equal(thing.x, (N - 1, N - 1), "the last attribute")


def own_class_attributes(threads):
    class Shared:
        pass

    def work(index):
        name = "own%d" % index
        for n in range(N // 2):
            setattr(Shared, name, n)
            equal(getattr(Shared, name), n, "own attribute")
            if n % 5 == 4:
                delattr(Shared, name)
                assert not hasattr(Shared, name)

    together(threads, work)


def methods_change(threads):
    """Who sees a new method has seen it for good, in the class and below it, however it is found."""

    class Shared:
        def version(self, n=0):
            return n

    class Child(Shared):
        pass

    thing = Child()

    def work(index):
        last = 0
        for n in range(N * 2):
            if index == 0:
                Shared.version = lambda self, n=n: n
                equal(thing.version(), n, "own change")
            else:
                in_dict = Shared.__dict__["version"].__defaults__[0]
                found = thing.version()
                assert found >= in_dict >= last, (found, in_dict, last)
                last = found

    together(threads, work)


def operators_change(threads):
    """After threads have set and deleted a special method, the operator does what the class says."""
    classes = [type("Shared", (), {}) for _ in range(N)]

    def work(index):
        for n, shared in enumerate(classes):
            for k in range(3):
                try:
                    if (index + k) % 2:
                        shared.__len__ = lambda self, n=n: n
                    else:
                        del shared.__len__
                except AttributeError:
                    pass

    together(threads, work)
    for n, shared in enumerate(classes):
        try:
            found = len(shared())
        except TypeError:
            found = None
        equal(found, n if "__len__" in shared.__dict__ else None, "length")


def changing_bases(threads):
    class A:
        def name(self):
            return "A"

    class B:
        def name(self):
            return "B"

    class C(A):
        pass

    thing = C()
    other = A()

    def work(index):
        for n in range(N // 3):
            if index == 0:
                C.__bases__ = (B,) if n % 2 else (A,)
                other.__class__ = B if n % 2 else A
            else:
                assert thing.name() in "AB"
                assert other.name() in "AB"
                assert isinstance(thing, C) and C.__mro__[1] in (A, B)

    together(threads, work)


def module_globals(threads):
    module = types.ModuleType("shared")
    module.x = (0, 0)
    exec("def read():\n    return x\ndef write(n):\n    global x\n    x = (n, n)\n", module.__dict__)

    def work(index):
        for n in range(N):
            if index % 2:
                module.write(n)
                module.x = (n, n)
                setattr(module, "own%d" % index, n)
                assert getattr(module, "own%d" % index) == n
            else:
                a, b = module.read()
                assert a == b

    together(threads, work)


def cells(threads):
    value = (0, 0)

    def write(n):
        nonlocal value
        value = (n, n)

    def work(index):
        for n in range(N * 2):
            if index % 2:
                write(n)
            else:
                a, b = value
                assert a == b

    together(threads, work)


def new_classes(threads):
    def work(index):
        for n in range(20):

            class Local(Plain):
                __slots__ = ("v",)

                def method(self):
                    return super().method() + str(self.v)

            thing = Local()
            thing.v = n
            assert thing.method() == "plain" + str(n)
            assert isinstance(thing, Plain) and issubclass(Local, Plain)
            assert Local in Plain.__subclasses__()

    together(threads, work)


main(
    own_attributes,
    same_attributes,
    attributes_are_never_torn,
    one_attribute,
    new_attributes,
    changes_under_a_dict,
    reads_under_a_dict,
    many_shapes,
    slots,
    class_attributes,
    own_class_attributes,
    methods_change,
    operators_change,
    changing_bases,
    module_globals,
    cells,
    new_classes,
)
