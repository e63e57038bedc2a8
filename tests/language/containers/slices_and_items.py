# __getitem__ and friends on user classes; slice objects; Ellipsis; multi-dimensional subscripts.
class Show:
    def __getitem__(self, key):
        return key

    def __setitem__(self, key, value):
        print("set", key, value)

    def __delitem__(self, key):
        print("del", key)


s = Show()
print(s[1], s[1:2], s[1:2:3], s[:], s[::], s[1, 2], s[1:2, ...], s[...], s[()], s[1,], s["a":None], s[-1:], s[*[1, 2]], s[1, *"ab"])
# expect: 1 slice(1, 2, None) slice(1, 2, 3) slice(None, None, None) slice(None, None, None) (1, 2) (slice(1, 2, None), Ellipsis) Ellipsis () (1,) slice('a', None, None) slice(-1, None, None) (1, 2) (1, 'a', 'b')
s[1:2] = 5  # expect: set slice(1, 2, None) 5
s[0] += (1,) if False else 1  # expect: set 0 1
del s[1, 2], s["x"]
# expect: del (1, 2)
# expect: del x
x = [0, 1, 2, 3, 4, 5]
cut = slice(1, 5, 2)
print(x[cut], cut.start, cut.stop, cut.step, cut, slice(3), slice(None), cut.indices(3), x[slice(None, None, -2)], "hello"[cut], (1, 2, 3, 4)[cut])
# expect: [1, 3] 1 5 2 slice(1, 5, 2) slice(None, 3, None) slice(None, None, None) (1, 3, 2) [5, 3, 1] el (2, 4)
print(slice(1, 2) == slice(1, 2), slice(1) < slice(2), slice(0, 10).indices(4), slice(-3, None).indices(10), slice(None, -20, -1).indices(5), hash(slice(1)) == hash(slice(1)))
# expect: True True (0, 4, 1) (7, 10, 1) (4, -1, -1) True


class Seq:
    def __init__(self, *items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


q = Seq("a", "b", "c")
print(list(q), "b" in q, list(reversed(q)), q[-1], q[0:2], [*q], max(q), list(enumerate(q)), list(zip(q, q)), bool(Seq()))
# expect: ['a', 'b', 'c'] True ['c', 'b', 'a'] c ('a', 'b') ['a', 'b', 'c'] c [(0, 'a'), (1, 'b'), (2, 'c')] [('a', 'a'), ('b', 'b'), ('c', 'c')] False


class Table:
    def __class_getitem__(cls, item):
        return f"{cls.__name__}[{item}]"


print(Table[int], list[int], dict[str, int], tuple[int, ...], type[int], list[int].__origin__, list[int].__args__)
# expect: Table[<class 'int'>] list[int] dict[str, int] tuple[int, ...] type[int] <class 'list'> (<class 'int'>,)


class Contains:
    def __contains__(self, x):
        return x == 5


print(5 in Contains(), 6 in Contains(), 6 not in Contains())  # expect: True False True


class Length:
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n


def err(code):
    try:
        exec(code)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
    else:
        print("no error:", code)


err("len(Length(-1))")  # expect: ValueError: __len__() should return >= 0
err("len(Length('a'))")  # expect: TypeError: 'str' object cannot be interpreted as an integer
err("len(Length(1.5))")  # expect: TypeError: 'float' object cannot be interpreted as an integer
err("len(object())")  # expect: TypeError: object of type 'object' has no len()
err("object()[0]")  # expect: TypeError: 'object' object is not subscriptable
err("object()[0] = 1")  # expect: TypeError: 'object' object does not support item assignment
err("del object()[0]")  # expect: TypeError: 'object' object does not support item deletion
err("5[0]")  # expect: TypeError: 'int' object is not subscriptable
err("int[0]")  # expect: TypeError: type 'int' is not subscriptable
err("None[0]")  # expect: TypeError: 'NoneType' object is not subscriptable
err("(lambda: 0)[0]")  # expect: TypeError: 'function' object is not subscriptable
err("slice()")  # expect: TypeError: slice expected at least 1 argument, got 0
err("slice(1, 2, 0).indices(5)")  # expect: ValueError: slice step cannot be zero
err("[1, 2]['a':]")  # expect: TypeError: slice indices must be integers or None or have an __index__ method
err("x[1:2:0]")  # expect: ValueError: slice step cannot be zero
print(bool(Length(0)), bool(Length(3)), not Length(0))  # expect: False True True
