"""Threads that work on what is their own: any sharing here is the interpreter's."""

from kernels.common import kernel


@kernel("private")
def integers(threads):
    def work(index, n):
        total = 0
        for i in range(n):
            total = (total * 3 + i) % 1_000_003
        return total

    return work


@kernel("private")
def floats(threads):
    def work(index, n):
        x = 0.5
        for _ in range(n):
            x = x * x - 1.1
            if x > 4.0:
                x = 0.5

    return work


@kernel("private")
def own_list(threads):
    def work(index, n):
        items = []
        for i in range(n):
            items.append(i)
            if len(items) > 100:
                items.clear()

    return work


@kernel("private")
def own_dict(threads):
    def work(index, n):
        table = {}
        for i in range(n):
            table[i & 63] = i

    return work


@kernel("private")
def own_strings(threads):
    def work(index, n):
        for i in range(n):
            "%d-%s" % (i, "x")

    return work


@kernel("private")
def own_objects(threads):
    class Point:
        def __init__(self, x, y):
            self.x = x
            self.y = y

        def sum(self):
            return self.x + self.y

    def work(index, n):
        for i in range(n):
            Point(i, 1).sum()

    return work


@kernel("private")
def calls(threads):
    def add(a, b):
        return a + b

    def work(index, n):
        for i in range(n):
            add(i, 1)

    return work


@kernel("private")
def own_generators(threads):
    def numbers():
        i = 0
        while True:
            yield i
            i += 1

    def work(index, n):
        source = numbers()
        for _ in range(n):
            next(source)

    return work


@kernel("private")
def tuples(threads):
    def work(index, n):
        for i in range(n):
            a, b = (i, [i])

    return work


@kernel("private")
def exceptions(threads):
    def work(index, n):
        for i in range(n):
            try:
                raise ValueError(i)
            except ValueError:
                pass

    return work
