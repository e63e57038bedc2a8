# The text of an exception raised while handling another, in a recursion, with a multi-line statement.
# exit: 1
def down(n):
    if n == 0:
        raise RuntimeError("bottom")
    down(n - 1)


try:
    down(5)
except RuntimeError:
    total = sum(
        [
            1,
            "a" + 1,
        ]
    )
# stderr: Traceback (most recent call last):
# stderr:   File "FILE", line 10, in <module>
# stderr:     down(5)
# stderr:     ~~~~^^^
# stderr:   File "FILE", line 6, in down
# stderr:     down(n - 1)
# stderr:     ~~~~^^^^^^^
# stderr:   File "FILE", line 6, in down
# stderr:     down(n - 1)
# stderr:     ~~~~^^^^^^^
# stderr:   File "FILE", line 6, in down
# stderr:     down(n - 1)
# stderr:     ~~~~^^^^^^^
# stderr:   [Previous line repeated 2 more times]
# stderr:   File "FILE", line 5, in down
# stderr:     raise RuntimeError("bottom")
# stderr: RuntimeError: bottom
# stderr: 
# stderr: During handling of the above exception, another exception occurred:
# stderr: 
# stderr: Traceback (most recent call last):
# stderr:   File "FILE", line 15, in <module>
# stderr:     "a" + 1,
# stderr:     ~~~~^~~
# stderr: TypeError: can only concatenate str (not "int") to str
