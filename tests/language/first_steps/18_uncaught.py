# The traceback of an uncaught exception.
# exit: 1
def f(x):
    return g(x) + 1


def g(x):
    return 10 / x


print("before")  # expect: before
f(0)
# stderr: Traceback (most recent call last):
# stderr:   File "FILE", line 12, in <module>
# stderr:     f(0)
# stderr:     ~^^^
# stderr:   File "FILE", line 4, in f
# stderr:     return g(x) + 1
# stderr:            ~^^^
# stderr:   File "FILE", line 8, in g
# stderr:     return 10 / x
# stderr:            ~~~^~~
# stderr: ZeroDivisionError: division by zero
