# Generators and closures.
def count(n):
    i = 0
    while i < n:
        yield i
        i += 1
    return "end"


print(list(count(3)), sum(x * x for x in range(4)), next(count(1)))  # expect: [0, 1, 2] 14 0


def both():
    result = yield from count(2)
    yield result


print(list(both()))  # expect: [0, 1, 'end']


def counter():
    n = 0

    def step():
        nonlocal n
        n += 1
        return n

    return step


step = counter()
print(step(), step(), step())  # expect: 1 2 3
