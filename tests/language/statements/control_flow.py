# if, while, for, break, continue, else clauses, pass, ternary, boolean operators.
def kind(n):
    if n < 0:
        return "negative"
    elif n == 0:
        return "zero"
    else:
        return "positive"


print(kind(-1), kind(0), kind(1))  # expect: negative zero positive
n = 0
while n < 3:
    n += 1
    if n == 2:
        continue
    print("while", n)
else:
    print("while else")
# expect: while 1
# expect: while 3
# expect: while else
while True:
    n += 1
    if n > 5:
        break
else:
    print("never")
for i in range(5):
    if i == 3:
        break
else:
    print("never")
print("i stays", i)  # expect: i stays 3
for i in []:
    pass
else:
    print("empty else", i)
# expect: empty else 3
for i, (a, *b) in enumerate([(1, 2, 3), "xyz"]):
    print(i, a, b)
# expect: 0 1 [2, 3]
# expect: 1 x ['y', 'z']
for outer in range(3):
    for inner in range(3):
        if inner == 1:
            continue
        if outer == 1:
            break
        print(outer, inner)
# expect: 0 0
# expect: 0 2
# expect: 2 0
# expect: 2 2
print(1 and 2, 0 and 2, 1 or 2, 0 or "", not 1, not [], None or 0 or "x", 1 and [] and 3)
# expect: 2 0 1  False True x []
print("yes" if n else "no", 1 if [] else 2 if "" else 3, (lambda: 1 if True else 2)())  # expect: yes 3 1
calls = []


def note(value, result):
    calls.append(value)
    return result


note(1, True) and note(2, False) and note(3, True)
note(4, False) or note(5, True) or note(6, True)
print(calls, 1 < note(7, 5) < 3 < note(8, 9), calls[-1], not note(9, 0) == 1)  # expect: [1, 2, 4, 5, 7, 9] False 7 True
if (length := len("abc")) > 2:
    print("walrus", length)
# expect: walrus 3
print([y := 5, y ** 2], (z := 3) + z, [last := i for i in range(3)], last)  # expect: [5, 25] 6 [0, 1, 2] 2
while (n := n - 1) > 2:
    print("n", n)
# expect: n 5
# expect: n 4
# expect: n 3
pass
if 1: print("one line"); print("two")
# expect: one line
# expect: two
for i in range(2): print(i, end=";")  # expect: 0;1;
print()
x = y = [1]
x.append(2)
print(y, x is y)  # expect: [1, 2] True
a, b = 1, 2
a, b = b, a
print(a, b)  # expect: 2 1
i = 0
lst = [0, 0, 0]
i, lst[i] = 1, 5
print(i, lst)  # expect: 1 [0, 5, 0]
del i, a
try:
    print(i)
except NameError as error:
    print(error)
# expect: name 'i' is not defined
assert True, "not shown"
try:
    assert 1 == 2, f"one is {1}"
except AssertionError as error:
    print("assert", error)
# expect: assert one is 1
try:
    assert False
except AssertionError as error:
    print("assert", repr(error))
# expect: assert AssertionError()


def nothing():
    return


def loop_return():
    for i in range(10):
        try:
            if i == 4:
                return i
        finally:
            i += 100


print(nothing(), loop_return())  # expect: None 4
