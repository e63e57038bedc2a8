# only: 3.14
# Loops that take pairs apart: entries of dicts, zip, enumerate, and whatever else comes to the same place.
def sums(pairs):
    total = []
    for a, b in pairs:
        total.append((a, b))
    return total


def nested(pairs):
    out = []
    for a, (b, c) in pairs:
        out.append(a + b + c)
    return out


class Holder:
    pass


def attributes(pairs):
    holder = Holder()
    for holder.first, holder.second in pairs:
        pass
    return holder.first, holder.second


table = {i: i * i for i in range(300)}
for _ in range(40):
    sums(table.items())
    sums(zip(range(5), "abcde"))
    sums(enumerate("abcde"))
    nested(enumerate([(1, 2), (3, 4)]))
    attributes(zip("ab", "cd"))
print(sums({1: 2, 3: 4}.items()), sums(zip("ab", "xyz")), sums(enumerate("ab", 5)))
# expect: [(1, 2), (3, 4)] [('a', 'x'), ('b', 'y')] [(5, 'a'), (6, 'b')]
print(nested(enumerate([(1, 2), (3, 4)])), attributes(zip("ab", "cd")))  # expect: [3, 8] ('b', 'd')
print(sums([[1, 2], "ab", (3, 4)]), sums((k, v) for k, v in [(1, 2)]), sums(enumerate("a", 10**30)))
# expect: [(1, 2), ('a', 'b'), (3, 4)] [(1, 2)] [(1000000000000000000000000000000, 'a')]


def failing(pairs):
    try:
        return sums(pairs)
    except Exception as error:
        line = error.__traceback__.tb_next.tb_lineno
        return type(error).__name__, str(error), line - sums.__code__.co_firstlineno


def changing(d):
    for key, value in d.items():
        d[key + 1000] = value


print(failing(zip("ab", "c", strict=True)))  # expect: ('ValueError', 'zip() argument 2 is shorter than argument 1', 2)
print(failing(zip("ab", "cd", "ef")))  # expect: ('ValueError', 'too many values to unpack (expected 2, got 3)', 2)
print(failing(zip("ab")))  # expect: ('ValueError', 'not enough values to unpack (expected 2, got 1)', 2)
try:
    changing(dict(table))
except RuntimeError as error:
    print(error)  # expect: dictionary changed size during iteration


def raising():
    yield 1
    raise KeyError("inside")


print(failing(zip(raising(), "ab")), failing(enumerate(raising())))
# expect: ('KeyError', "'inside'", 2) ('KeyError', "'inside'", 2)


class Noisy:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        log.append(self.name)


log = []


def replaced():
    for a, b in zip(map(Noisy, "ab"), map(Noisy, "xy")):
        log.append("turn")
    del a, b
    return log


print(replaced())  # expect: ['turn', 'a', 'x', 'turn', 'b', 'y']
