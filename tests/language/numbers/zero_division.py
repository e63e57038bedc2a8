# only: 3.14
# Messages of arithmetic errors that are worded differently before 3.14.
import math


def err(code):
    try:
        eval(code)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")


for code in ("1 / 0", "1 // 0", "1 % 0", "divmod(1, 0)", "1.0 / 0", "1.0 // 0", "1.0 % 0", "divmod(1.0, 0)", "1j / 0", "2 ** 100 // 0"):
    err(code)
# expect: ZeroDivisionError: division by zero
# expect: ZeroDivisionError: division by zero
# expect: ZeroDivisionError: division by zero
# expect: ZeroDivisionError: division by zero
# expect: ZeroDivisionError: division by zero
# expect: ZeroDivisionError: division by zero
# expect: ZeroDivisionError: division by zero
# expect: ZeroDivisionError: division by zero
# expect: ZeroDivisionError: division by zero
# expect: ZeroDivisionError: division by zero
err("0.0 ** -1")  # expect: ZeroDivisionError: zero to a negative power
err("0 ** -1")  # expect: ZeroDivisionError: zero to a negative power
err("math.sqrt(-1)")  # expect: ValueError: expected a nonnegative input, got -1.0
