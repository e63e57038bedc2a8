# global, nonlocal, class scopes, comprehension scopes, builtins, locals().
x = "module"


def reads():
    return x


def shadows():
    x = "local"
    return x


def sets():
    global x, created
    x = "changed"
    created = 1


print(reads(), shadows(), x)  # expect: module local module
sets()
print(x, created)  # expect: changed 1


def counter():
    count = 0

    def bump(by=1):
        nonlocal count
        count += by
        return count

    def get():
        return count

    return bump, get


bump, get = counter()
bump()
bump(5)
print(get())  # expect: 6


def three():
    v = 1

    def two():
        def one():
            nonlocal v
            v += 1

        one()
        one()

    two()
    return v


print(three())  # expect: 3
y = "module y"


class C:
    y = "class y"
    copied = y

    def method(self):
        return y

    values = [y for _ in range(2)]
    inner = (lambda: y)()
    first = [i for i in y[:2]]


print(C.copied, C().method(), C.values, C.inner, C.first)
# expect: class y module y ['module y', 'module y'] module y ['c', 'l']


def loops():
    return [lambda: i for i in range(3)], [lambda i=i: i for i in range(3)]


late, early = loops()
print([f() for f in late], [f() for f in early])  # expect: [2, 2, 2] [0, 1, 2]
i = "kept"
print([i for i in range(3)], i, {i: j for i in range(2) for j in range(2)}, i)
# expect: [0, 1, 2] kept {0: 1, 1: 1} kept


def unbound():
    print(v)
    v = 1


def deleted():
    v = 1
    del v
    return v


def free():
    def inner():
        return v

    if False:
        v = 1
    return inner()


for bad in (unbound, deleted, free, lambda: undefined):
    try:
        bad()
    except NameError as error:
        print(type(error).__name__, error)
# expect: UnboundLocalError cannot access local variable 'v' where it is not associated with a value
# expect: UnboundLocalError cannot access local variable 'v' where it is not associated with a value
# expect: NameError cannot access free variable 'v' where it is not associated with a value in enclosing scope
# expect: NameError name 'undefined' is not defined


def show(a, b=2):
    c = a + b
    return sorted(locals().items())


print(show(1))  # expect: [('a', 1), ('b', 2), ('c', 3)]


def params(a, *args, k, **kw):
    a = 5
    return locals()


print(params(1, 2, k=3, z=4))  # expect: {'a': 5, 'k': 3, 'args': (2,), 'kw': {'z': 4}}
print(globals()["x"], "x" in globals(), __name__, len([].__class__.__mro__))  # expect: changed True __main__ 2
globals()["injected"] = 42
print(injected)  # expect: 42
print(eval("a + b", {"a": 1}, {"b": 2}), eval("x"), eval("[q for q in range(3)]"))  # expect: 3 changed [0, 1, 2]
space = {}
exec("def f(): return g() + 1\ndef g(): return 41\nz = f()", space)
print(space["z"], sorted(k for k in space if k != "__builtins__"))  # expect: 42 ['f', 'g', 'z']


def hidden():
    exec("inside = 1")
    return "inside" in locals()


print(hidden())  # expect: False
len = lambda value: "shadowed"
print(len([]))  # expect: shadowed
del len
print(len([]))  # expect: 0


def cell_class():
    captured = "cell"

    class D:
        captured = captured if False else "own"
        got = captured

        def m(self):
            return captured

    return D.got, D().m()


try:
    print(cell_class())
except NameError as error:
    print(error)
# expect: ('own', 'cell')


class E:
    z = 1
    exec("w = z + 1")
    locals()["v"] = 3


print(E.w, E.v)  # expect: 2 3
