# Functions, defaults, keywords, recursion, lambda.
def add(a, b=10, *rest, c=0, **others):
    return a + b + sum(rest) + c + len(others)


print(add(1), add(1, 2), add(1, 2, 3, 4), add(1, c=5), add(b=1, a=2), add(1, 2, x=1, y=2))  # expect: 11 3 10 16 3 5


def fact(n):
    if n < 2:
        return 1
    return n * fact(n - 1)


print(fact(10), (lambda x: x * 2)(21), fact(25))  # expect: 3628800 42 15511210043330985984000000
