# Lists and tuples.
a = [1, 2, 3]
a.append(4)
a[0] = 10
print(a, len(a), a[-1], a[1:3], a + [5], a * 2, a.pop(), a)
# expect: [10, 2, 3] 4 4 [2, 3] [10, 2, 3, 4, 5] [10, 2, 3, 4, 10, 2, 3, 4] 4 [10, 2, 3]
t = (1, "two", 3.0)
x, y, *z = t
print(t, t[1], x, y, z, (1,), ())  # expect: (1, 'two', 3.0) two 1 two [3.0] (1,) ()
print([i * i for i in range(5) if i != 2], sorted([3, 1, 2]), list(reversed([1, 2])), sum([1, 2]), max([1, 5, 3]))
# expect: [0, 1, 9, 16] [1, 2, 3] [2, 1] 3 5
