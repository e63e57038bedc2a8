# functools, itertools recipes, random, datetime, decimal, fractions, statistics, string, textwrap, pprint, copy.
import datetime
import functools
import random
import statistics
import string
import textwrap
from decimal import Decimal, getcontext
from fractions import Fraction


@functools.singledispatch
def show(x):
    return "object"


@show.register
def _(x: int):
    return "int"


@show.register(list)
def _(x):
    return "list"


print(show(1), show([]), show("a"), show(True), show.dispatch(int) is not None)  # expect: int list object int True


class Temp:
    @functools.singledispatchmethod
    def f(self, x):
        return "default"

    @f.register
    def _(self, x: str):
        return "str"

    half = functools.partialmethod(pow, 2) if False else functools.partialmethod(lambda self, a, b: (a, b), 1)


print(Temp().f(1), Temp().f("a"), Temp().half(2))  # expect: default str (1, 2)


@functools.lru_cache(maxsize=2)
def cached(x):
    calls.append(x)
    return x


calls = []
[cached(x) for x in (1, 2, 1, 3, 2)]
print(calls, cached.cache_info(), cached.cache_clear(), cached.cache_parameters())
# expect: [1, 2, 3, 2] CacheInfo(hits=1, misses=4, maxsize=2, currsize=2) None {'maxsize': 2, 'typed': False}
rng = random.Random(42)
print(rng.random(), rng.randint(1, 100), rng.choice("abc"), rng.sample(range(100), 5), rng.uniform(1, 2), rng.randrange(0, 100, 7), rng.gauss(0, 1), rng.getrandbits(70), rng.choices([1, 2, 3], k=4))
# expect: 0.6394267984578837 4 c [35, 31, 28, 17, 94] 1.1024951761715074 77 0.33231834406771527 19033031107407974809 [1, 1, 2, 2]
deck = list(range(10))
rng.shuffle(deck)
print(deck, random.Random("text").random(), random.Random(2 ** 100).random(), rng.betavariate(1, 2), rng.expovariate(1.5), rng.triangular(0, 1, 0.5), rng.randbytes(4))
# expect: [5, 1, 9, 0, 2, 4, 7, 3, 6, 8] 0.8711565613554825 0.7586581712996778 0.35584469302886246 0.2735792865873889 0.21534372916357225 b'\x97g\xc2\x18'
state = rng.getstate()
first = rng.random()
rng.setstate(state)
print(first == rng.random())  # expect: True
d = datetime.datetime(2024, 2, 29, 13, 45, 30, 123456)
print(d, repr(d), d.isoformat(), d.date(), d.time(), d.weekday(), d.strftime("%Y-%m-%d %H:%M:%S %j %A %b %p"), d + datetime.timedelta(days=1, hours=2), d.replace(year=2028), d.timetuple()[:6], f"{d:%d/%m/%y}")
# expect: 2024-02-29 13:45:30.123456 datetime.datetime(2024, 2, 29, 13, 45, 30, 123456) 2024-02-29T13:45:30.123456 2024-02-29 13:45:30.123456 3 2024-02-29 13:45:30 060 Thursday Feb PM 2024-03-01 15:45:30.123456 2028-02-29 13:45:30.123456 (2024, 2, 29, 13, 45, 30) 29/02/24
print(datetime.date(2024, 12, 31) - datetime.date(2024, 1, 1), datetime.timedelta(seconds=3661), repr(datetime.timedelta(days=-1, seconds=5)), datetime.datetime.strptime("2024-01-15 08:30", "%Y-%m-%d %H:%M"), datetime.date.fromisoformat("2024-03-10").isocalendar(), datetime.datetime.fromisoformat("2024-01-01T00:00:00+02:00"), datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc).timestamp(), datetime.timedelta(hours=5) / 2, datetime.date.min, datetime.time(5, 6) < datetime.time(7))
# expect: 365 days, 0:00:00 1:01:01 datetime.timedelta(days=-1, seconds=5) 2024-01-15 08:30:00 datetime.IsoCalendarDate(year=2024, week=10, weekday=7) 2024-01-01 00:00:00+02:00 1704067200.0 2:30:00 0001-01-01 True
for act in (lambda: datetime.date(2023, 2, 29), lambda: datetime.datetime(1, 1, 1) - datetime.timedelta(days=1), lambda: datetime.datetime.strptime("x", "%Y"), lambda: d < datetime.date(2024, 1, 1)):
    try:
        act()
    except Exception as error:
        print(type(error).__name__, error)
# expect: ValueError day is out of range for month
# expect: OverflowError date value out of range
# expect: ValueError time data 'x' does not match format '%Y'
# expect: TypeError '<' not supported between instances of 'datetime.datetime' and 'datetime.date'
getcontext().prec = 20
print(Decimal("0.1") + Decimal("0.2"), Decimal(1) / Decimal(7), Decimal("1.10").normalize(), Decimal("2.675").quantize(Decimal("0.01")), Decimal(2).sqrt(), Decimal("1E+3"), Decimal("-0"), Decimal("NaN"), Decimal(0.1), Decimal("3.7") // 1, Decimal("-7") % 3, round(Decimal("2.5")), f"{Decimal('1234.5'):,.2f}", Decimal("1.5") > 1, hash(Decimal("1.0")) == hash(1))
# expect: 0.3 0.14285714285714285714 1.1 2.68 1.4142135623730950488 1E+3 -0 NaN 0.1000000000000000055511151231257827021181583404541015625 3 -1 2 1,234.50 True True
print(Fraction(1, 3) + Fraction(1, 6), Fraction("0.125"), Fraction(3.5), Fraction(7, -21), Fraction(1, 2) ** 2, float(Fraction(1, 4)), Fraction(5, 2) // 1, round(Fraction(7, 2)), Fraction(1, 3).limit_denominator(10), Fraction(22, 7) > 3, repr(Fraction(2, 4)))
# expect: 1/2 1/8 7/2 -1/3 1/4 0.25 2 4 1/3 True Fraction(1, 2)
print(statistics.mean([1, 2, 3, 4]), statistics.median([3, 1, 2]), statistics.stdev([1, 2, 3, 4]), statistics.mode("aab"), statistics.pvariance([1, 2, 3]), statistics.quantiles([1, 2, 3, 4], n=4))
# expect: 2.5 2 1.2909944487358056 a 0.6666666666666666 [1.25, 2.5, 3.75]
print(string.ascii_lowercase, string.digits, string.Template("$a ${b} $$").substitute(a=1, b=2), string.capwords("hello world"), string.Formatter().format("{0}", 1), repr(string.whitespace))
# expect: abcdefghijklmnopqrstuvwxyz 0123456789 1 2 $ Hello World 1 ' \t\n\r\x0b\x0c'
print(textwrap.fill("The quick brown fox jumps over the lazy dog", 20), textwrap.dedent("  a\n    b\n  c"), textwrap.indent("a\nb", "> "), textwrap.shorten("hello big world", 11), sep="\n")
# expect: The quick brown fox
# expect: jumps over the lazy
# expect: dog
# expect: a
# expect:   b
# expect: c
# expect: > a
# expect: > b
# expect: hello [...]
import pprint

pprint.pprint({"key%d" % i: list(range(i * 4)) for i in range(5)}, width=50)
# expect: {'key0': [],
# expect:  'key1': [0, 1, 2, 3],
# expect:  'key2': [0, 1, 2, 3, 4, 5, 6, 7],
# expect:  'key3': [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
# expect:  'key4': [0,
# expect:           1,
# expect:           2,
# expect:           3,
# expect:           4,
# expect:           5,
# expect:           6,
# expect:           7,
# expect:           8,
# expect:           9,
# expect:           10,
# expect:           11,
# expect:           12,
# expect:           13,
# expect:           14,
# expect:           15]}
print(pprint.pformat([1, {"a": (1,)}]))  # expect: [1, {'a': (1,)}]
import difflib

print(difflib.get_close_matches("appel", ["ape", "apple", "peach"]), "\n".join(difflib.unified_diff(["a", "b"], ["a", "c"], lineterm="")))
# expect: ['apple', 'ape'] --- 
# expect: +++ 
# expect: @@ -1,2 +1,2 @@
# expect:  a
# expect: -b
# expect: +c
import shlex

print(shlex.split("a 'b c' d\\ e"), shlex.quote("it's"), shlex.join(["a b", "c"]))
# expect: ['a', 'b c', 'd e'] 'it'"'"'s' 'a b' c
import urllib.parse

print(urllib.parse.quote("a b/\u00e9"), urllib.parse.urlparse("http://u@h:80/p?q=1#f").netloc, urllib.parse.parse_qs("a=1&b=2&a=3"), urllib.parse.urljoin("http://a/b/c", "../d"))
# expect: a%20b/%C3%A9 u@h:80 {'a': ['1', '3'], 'b': ['2']} http://a/d
