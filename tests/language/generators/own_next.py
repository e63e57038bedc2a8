# Loops over instances with a Python `__next__`.
class Count:
    def __init__(self, n, end=StopIteration):
        self.n, self.i, self.end = n, 0, end

    def __iter__(self):
        return self

    def __next__(self):
        if self.i == self.n:
            raise self.end
        self.i += 1
        return self.i


class Last(StopIteration):
    pass


for _ in range(20):
    total = 0
    for i in Count(10):
        total += i
print(total)  # expect: 55
for end in (StopIteration, Last, Last("with a value"), KeyError("other")):
    try:
        for _ in range(5):
            seen = [i for i in Count(3, end)]
            for i in Count(2, end):
                last = i
            else:
                last = "else"
        print(seen, last)
    except KeyError as e:
        print(repr(e), e.__traceback__.tb_next.tb_frame.f_code.co_name)
# expect: [1, 2, 3] else
# expect: [1, 2, 3] else
# expect: [1, 2, 3] else
# expect: KeyError('other') __next__


class Deep:
    """The exception comes from a call further in."""

    def __init__(self):
        self.left = 3

    def __iter__(self):
        return self

    def step(self):
        self.left -= 1
        if self.left < 0:
            raise StopIteration
        return self.left

    def __next__(self):
        return self.step()


class Made:
    """A generator function as `__next__`: each item is a generator."""

    def __init__(self):
        self.n = 0

    def __iter__(self):
        return self

    def __next__(self):
        yield "item"


for _ in range(6):
    print(list(x for x in Deep()), end=" ")
    for x in Deep():
        print(x, end=" ")
# expect: [2, 1, 0] 2 1 0 [2, 1, 0] 2 1 0 [2, 1, 0] 2 1 0 [2, 1, 0] 2 1 0 [2, 1, 0] 2 1 0 [2, 1, 0] 2 1 0 
print()
made = iter(Made())
rounds = 0
for g in made:
    rounds += 1
    if rounds == 8:
        print(list(g))
        break
# expect: ['item']


# Changing the class while the loop runs.
class Changing:
    def __iter__(self):
        self.n = 0
        return self

    def __next__(self):
        self.n += 1
        if self.n == 10:
            Changing.__next__ = ends
        return self.n


def ends(self):
    raise StopIteration


def loop():
    out = []
    for x in Changing():
        out.append(x)
    return out


print(loop(), loop())  # expect: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] []


class Catching:
    """A StopIteration that it catches itself does not end the loop."""

    n = 0

    def __iter__(self):
        return self

    def __next__(self):
        self.n += 1
        try:
            raise StopIteration
        except StopIteration:
            if self.n > 10:
                raise IndexError("enough") from None
        return self.n


try:
    for x in Catching():
        pass
except IndexError as e:
    print(x, e, e.__context__)
# expect: 10 enough 
