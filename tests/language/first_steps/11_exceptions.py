# Exceptions.
def f(n):
    try:
        if n == 0:
            return 1 / n
        if n == 1:
            raise ValueError("one")
        if n == 2:
            return [][5]
        return "fine"
    except ZeroDivisionError as e:
        return f"zero: {e}"
    except (ValueError, KeyError) as e:
        return f"value: {e}"
    finally:
        print("finally", n)


print(f(0))
# expect: finally 0
# expect: zero: division by zero
print(f(1))
# expect: finally 1
# expect: value: one
print(f(3))
# expect: finally 3
# expect: fine
try:
    f(2)
except IndexError as e:
    print(type(e).__name__, e)
# expect: finally 2
# expect: IndexError list index out of range
with open("/dev/null") as file:
    print(file.read() == "")
# expect: True
