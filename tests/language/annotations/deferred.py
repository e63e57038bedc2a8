# only: 3.14
# Deferred evaluation of annotations (PEP 649 and 749).
import annotationlib


class Node:
    next: Node | None = None
    other: Later

    def link(self, to: Node) -> Later:
        return self


def f(a: undefined_name, b: int = 1) -> Missing: ...


# expect: ['next']
print([k for k in vars(Node) if not k.startswith("_") and k != "link"])
try:
    f.__annotations__
except NameError as error:
    print(error)
# expect: name 'undefined_name' is not defined
try:
    Node.__annotations__
except NameError as error:
    print(error)
# expect: name 'Later' is not defined


class Later:
    pass


# expect: {'next': __main__.Node | None, 'other': <class '__main__.Later'>}
print(Node.__annotations__)
# expect: True
print(Node.link.__annotations__ == {"to": Node, "return": Later})
# expect: {'a': 'undefined_name', 'b': 'int', 'return': 'Missing'}
print(annotationlib.get_annotations(f, format=annotationlib.Format.STRING))
hints = annotationlib.get_annotations(f, format=annotationlib.Format.FORWARDREF)
# expect: undefined_name <class 'int'>
print(hints["a"].__forward_arg__, hints["b"])
calls = []


def note(x):
    calls.append(x)
    return int


def lazy(a: note("a")) -> note("r"): ...


# expect: []
print(calls)
# expect: {'a': <class 'int'>, 'return': <class 'int'>} ['a', 'r']
print(lazy.__annotations__, calls)
# expect: True
print(lazy.__annotations__ is lazy.__annotations__)
# expect: {'a': <class 'int'>, 'return': <class 'int'>}
print(lazy.__annotate__(1))
try:
    lazy.__annotate__(annotationlib.Format.STRING)
except NotImplementedError:
    print("not implemented")
# expect: not implemented


def plain(a, b): ...


# expect: {} None
print(plain.__annotations__, plain.__annotate__)
x: int = 1
# expect: {'x': <class 'int'>}
print(__annotate__(1))


def local():
    y: not_evaluated = 5
    return y


# expect: 5
print(local())
for i in range(2):
    if i:
        z: str
# expect: {'x': <class 'int'>, 'z': <class 'str'>}
print(__annotate__(1))
