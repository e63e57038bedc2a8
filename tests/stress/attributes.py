"""Attributes of instances, classes and modules; shapes and caches under change."""

import types

from common import equal, main, together

N = 300


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
    shared.x = shared.y = (0, 0)

    def work(index):
        for n in range(N * 2):
            if index % 3 == 0:
                shared.x = (n, n)
                shared.y = (n, n)
            elif index % 3 == 1:
                a, b = shared.x
                assert a == b
                a, b = shared.__dict__["y"]
                assert a == b
            else:
                shared.z = n
                try:
                    del shared.z
                except AttributeError:
                    pass
                assert "x" in vars(shared)

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
    many_shapes,
    slots,
    class_attributes,
    changing_bases,
    module_globals,
    cells,
    new_classes,
)
