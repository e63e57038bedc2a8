"""The methods of str, bytes and bytearray, with the same arguments."""

from fuzz_support import Input, check, outcome, shown

SEARCHES = ["find", "rfind", "index", "rindex", "count", "startswith", "endswith"]
ONE = ["partition", "rpartition", "strip", "lstrip", "rstrip", "removeprefix", "removesuffix", "join", "__contains__"]
NONE = """title swapcase casefold capitalize upper lower isidentifier splitlines isprintable isalpha isdigit isdecimal isalnum
isnumeric isspace istitle isupper islower isascii split rsplit strip __hash__ __len__ __repr__""".split()


def run(data):
    given = Input(data, 5)
    group, kind = given.number(0, 7), given.number(0, 5)
    a, b, c = given.number(-130, 125), given.number(-130, 125), given.number(-10, 20)
    read = given.bytes if kind in (0, 1) else given.text
    s, u, v = read()[:200], read()[:50], read()[:50]
    if kind == 1:
        s = bytearray(s)
    found = []

    def call(name, *args, **more):
        if hasattr(s, name):
            found.append(outcome(getattr(s, name), *args, **more))

    if group == 0:
        for name in SEARCHES:
            call(name, u, a, b)
            call(name, u, a)
    elif group == 1:
        for name in ("split", "rsplit"):
            call(name, u, c)
            call(name, None, c)
        call("splitlines", True)
        call("expandtabs", c)
    elif group == 2:
        for name in ONE:
            call(name, u)
        if u:
            parts = s.split(u)
            check(u.join(parts) == s and s.rsplit(u)[0] == s.rsplit(u)[0] and len(parts) == s.count(u) + 1, s, u)
            check(v.join(parts) == s.replace(u, v), s, u, v)
    elif group == 3:
        for name in NONE:
            if name != "__hash__" or kind > 1:
                call(name) if name != "__hash__" else None
        if kind > 1:
            check(s.casefold() == s.casefold().casefold() and s.upper() == s.upper().upper(), s)
    elif group == 4:
        call("replace", u, v)
        call("replace", u, v, c)
        call("replace", u, v, count=c)
    elif group == 5:
        for name in ("center", "ljust", "rjust"):
            call(name, a, u[:1])
            call(name, a)
        call("zfill", a)
    elif group == 6:
        found.append(shown((s[a:b], s[b:a:-1], s[a::3], s * (c % 4), s + u, s < u, s == u, s >= u)))
        check(s[:a] + s[a:] == s and s[::-1][::-1] == s, s)
        for i in (a, c):
            found.append(outcome(lambda: s[i]))
    elif kind > 1:
        table = str.maketrans(u[: len(v)], v[: len(u)], s[:3])
        call("translate", table)
        call("translate", {ord(x): None if x in v else x * 2 for x in u})
        found.append(outcome(lambda: ([ord(x) for x in s], s.encode("utf-8", "surrogatepass"), s in u, hash(s) == hash(s[:a] + s[a:]))))
    else:
        table = bytes((i * 7 + a) % 256 for i in range(256))
        call("translate", table, u)
        call("hex", *([v[:1], c] if v else []))
        found.append(outcome(bytes.fromhex, u.decode("latin-1")))
    return found
