# sys.__excepthook__ and sys.displayhook with what they do not expect; the message of an exit, through the stream's error handler.
# exit: 1
# stderr: surrogate \udcff
import io
import sys


def shown(*args):
    old, sys.stderr = sys.stderr, io.StringIO()
    try:
        sys.__excepthook__(*args)
        return sys.stderr.getvalue()
    finally:
        sys.stderr = old


print(shown(ValueError, ValueError("x"), None), end="")  # expect: ValueError: x
print(shown(1, 2, 3), end="")  # expect: TypeError: print_exception(): Exception expected for value, int found
print(shown(ValueError, "x", None), end="")
# expect: TypeError: print_exception(): Exception expected for value, str found
out = sys.stdout
del sys.stdout
try:
    sys.displayhook(1)
except RuntimeError as e:
    sys.stdout = out
    print(e)  # expect: lost sys.stdout
sys.exit("surrogate \udcff")
