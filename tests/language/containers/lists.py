# Lists: methods, slices, slice assignment, comparison, aliasing, errors.
a = [3, 1, 2]
a.append(4)
a.extend((5, 6))
a.extend("x")
a.insert(0, "first")
a.insert(-1, "before last")
a.insert(100, "end")
print(a, len(a), a.pop(), a.pop(0), a.pop(-2), a)
# expect: [3, 1, 2, 4, 5, 6, 'x'] 10 end first before last [3, 1, 2, 4, 5, 6, 'x']
a.remove("x")
print(a.index(2), a.index(5, 1), a.count(1), 4 in a, 9 not in a, a[::-1], a[1:3], a[-2:], a[:], a[::2], a[10:], a[3:1], a[-100:2])
# expect: 2 4 1 True True [6, 5, 4, 2, 1, 3] [1, 2] [5, 6] [3, 1, 2, 4, 5, 6] [3, 2, 5] [] [] [3, 1]
a.reverse()
print(a)  # expect: [6, 5, 4, 2, 1, 3]
a.sort()
print(a, sorted(a, reverse=True))  # expect: [1, 2, 3, 4, 5, 6] [6, 5, 4, 3, 2, 1]
a.sort(key=lambda x: (x % 2, -x), reverse=False)
print(a, a.copy() is a, a.copy() == a)  # expect: [6, 4, 2, 5, 3, 1] False True
a.clear()
print(a, bool(a))  # expect: [] False
b = list(range(10))
b[2:5] = ["a", "b"]
print(b)  # expect: [0, 1, 'a', 'b', 5, 6, 7, 8, 9]
b[0:0] = [-2, -1]
b[len(b):] = [100]
print(b)  # expect: [-2, -1, 0, 1, 'a', 'b', 5, 6, 7, 8, 9, 100]
b[::3] = ["z"] * len(b[::3])
print(b)  # expect: ['z', -1, 0, 'z', 'a', 'b', 'z', 6, 7, 'z', 9, 100]
del b[0], b[-1], b[1:3], b[::2]
print(b)  # expect: ['a', 'z', 7, 9]
b[:] = [1, 2, 3]
b += [4]
b += "56"
b *= 2
print(b, b * 0, -1 * b, [0] * 3, 2 * [1, 2], [1] + [2])
# expect: [1, 2, 3, 4, '5', '6', 1, 2, 3, 4, '5', '6'] [] [] [0, 0, 0] [1, 2, 1, 2] [1, 2]
b[1:1] = b
print(b)  # expect: [1, 1, 2, 3, 4, '5', '6', 1, 2, 3, 4, '5', '6', 2, 3, 4, '5', '6', 1, 2, 3, 4, '5', '6']
b[-1:] = (x for x in range(3))
print(b)  # expect: [1, 1, 2, 3, 4, '5', '6', 1, 2, 3, 4, '5', '6', 2, 3, 4, '5', '6', 1, 2, 3, 4, '5', 0, 1, 2]
print([1, 2] < [1, 3], [1, 2] < [1, 2, 0], [] < [0], [1, 2] == [1, 2.0], [2] > [1, 9], [1] != [1], [1, [2]] == [1, [2]])
# expect: True True True True True False True
print([None, 1, "a", [], {}], repr(["q'", 'q"']), str([1.0, True]), [[1], [2]][1][0])
# expect: [None, 1, 'a', [], {}] ["q'", 'q"'] [1.0, True] 2
m = [[0] * 2] * 2
m[0][0] = 1
print(m)  # expect: [[1, 0], [1, 0]]
print(list("abc"), list({"x": 1}), list(range(3)), list(), list((1,)), [*"ab", *[1]], list(map(str, [1, 2])))
# expect: ['a', 'b', 'c'] ['x'] [0, 1, 2] [] [1] ['a', 'b', 1] ['1', '2']
nan = float("nan")
print([nan] == [nan], nan in [nan], [nan].index(nan), [1, 2, 3].index(2, -2), [True].index(1))
# expect: True True 0 1 0
it = iter([1, 2, 3])
print(next(it), it.__length_hint__(), list(it), list(it))  # expect: 1 2 [2, 3] []
grow = [0]
for x in grow:
    if len(grow) < 5:
        grow.append(x + 1)
print(grow)  # expect: [0, 1, 2, 3, 4]
shrink = [1, 2, 3, 4, 5]
for x in shrink:
    shrink.remove(x)
print(shrink)  # expect: [2, 4]


def err(code):
    try:
        exec(code)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
    else:
        print("no error:", code)


err("[][0]")  # expect: IndexError: list index out of range
err("[1][1] = 2")  # expect: IndexError: list assignment index out of range
err("del [1][5]")  # expect: IndexError: list assignment index out of range
err("[].pop()")  # expect: IndexError: pop from empty list
err("[1].pop(3)")  # expect: IndexError: pop index out of range
err("[1].remove(2)")  # expect: ValueError: list.remove(x): x not in list
err("[1].index(2)")  # expect: ValueError: list.index(x): x not in list
err("[1]['a']")  # expect: TypeError: list indices must be integers or slices, not str
err("[1][1.0]")  # expect: TypeError: list indices must be integers or slices, not float
err("[1] + (2,)")  # expect: TypeError: can only concatenate list (not "tuple") to list
err("[1] * 'a'")  # expect: TypeError: can't multiply sequence by non-int of type 'str'
err("[1, 2][0:2:0]")  # expect: ValueError: slice step cannot be zero
err("x = [1, 2, 3]; x[::2] = [1]")
# expect: ValueError: attempt to assign sequence of size 1 to extended slice of size 2
err("x = [1]; x[0:1] = 5")  # expect: TypeError: must assign iterable to extended slice
err("x = [1]; x += 5")  # expect: TypeError: 'int' object is not iterable
err("[1, 'a'].sort()")  # expect: TypeError: '<' not supported between instances of 'str' and 'int'
err("[].insert('a', 1)")  # expect: TypeError: 'str' object cannot be interpreted as an integer
err("[] < 5")  # expect: TypeError: '<' not supported between instances of 'list' and 'int'
err("hash([])")  # expect: TypeError: unhashable type: 'list'
err("[1].sort(5)")  # expect: TypeError: sort() takes no positional arguments
err("[1].nope")  # expect: AttributeError: 'list' object has no attribute 'nope'


class L(list):
    def append(self, x):
        super().append(x * 2)


sub = L([1])
sub.append(5)
print(sub, type(sub), type(sub + [1]), type(sub[:]), sub == [1, 10], isinstance(sub, list), len(sub))
# expect: [1, 10] <class '__main__.L'> <class 'list'> <class 'list'> True True 2


class Evil:
    def __init__(self, target):
        self.target = target

    def __eq__(self, other):
        self.target.clear()
        return False


target = [1, 2, 3]
target.append(5)
print(Evil(target) in target, target)  # expect: False []
target = [3, 2, 1]
try:
    target.sort(key=lambda x: target.append(9) or x)
except ValueError as error:
    print(error)
# expect: list modified during sort


# The iterator that `__iter__` gives is not asked for an iterator again.
class Once:
    def __init__(self):
        self.left = 3

    def __iter__(self):
        raise RuntimeError("asked again")

    def __next__(self):
        if self.left == 0:
            raise StopIteration
        self.left -= 1
        return self.left


class Source:
    def __iter__(self):
        return Once()


print(list(Source()), [*Source()], tuple(Source()), sorted(Source()))  # expect: [2, 1, 0] [2, 1, 0] (2, 1, 0) [0, 1, 2]
