"""Nests and chains deeper than any native stack, on the main thread and on threads with small stacks.

Each act either gives its right result or raises one of the errors that CPython raises; a crash, a hang or another
exception is a failure. Arguments: the name of an act to run, `some` or `all`; depth; numbers of chains (all)."""

import ast
import bisect
import collections
import contextlib
import copy
import functools
import gc
import io
import itertools
import json
import json.decoder
import json.encoder
import json.scanner
import marshal
import operator
import pickle
import random
import re
import string
import sys
import threading
import time
import types
import typing
import weakref

ERRORS = (RecursionError, MemoryError, ValueError, OverflowError, SyntaxError, EOFError, pickle.PicklingError)
DEPTH = 100_000


def nested(make, depth=None, inner=None):
    for _ in range(depth or DEPTH):
        inner = make(inner)
    return inner


class Plain:
    def __init__(self, inner=None):
        self.inner = inner


class Slotted:
    __slots__ = ("inner", "__weakref__")

    def __init__(self, inner=None):
        self.inner = inner


class Final(Plain):
    def __del__(self):
        pass


@functools.total_ordering
class Ordered:
    def __init__(self, inner):
        self.inner = inner

    def __eq__(self, other):
        return isinstance(other, Ordered) and self.inner == other.inner

    def __lt__(self, other):
        return self.inner < other.inner if self.inner is not None else False


class Endless:
    """Whose every protocol calls itself through native code."""

    def __repr__(self):
        return repr([self])

    def __str__(self):
        return "%s" % (self,)

    def __format__(self, spec):
        return f"{self}"

    def __eq__(self, other):
        return [self] == [other]

    def __lt__(self, other):
        return sorted([self, other])

    def __hash__(self):
        return hash((self,))

    def __getattr__(self, name):
        return getattr(self, name + "x")

    @property
    def prop(self):
        return operator.attrgetter("prop")(self)

    def __call__(self):
        return max([self], key=lambda a: a())

    def __iter__(self):
        return iter(list(self))

    def __contains__(self, item):
        return item in self

    def __len__(self):
        return len(self)

    def __bool__(self):
        return not self

    def __getitem__(self, key):
        return operator.itemgetter(key)(self)

    def __index__(self):
        return operator.index(self)

    def __int__(self):
        return int(self)

    def __float__(self):
        return float(self)

    def __add__(self, other):
        return sum([self], other)

    def __radd__(self, other):
        return other + self

    def __reduce__(self):
        return (list, (copy.copy(self),))

    def __deepcopy__(self, memo):
        return copy.deepcopy([self])

    def __bytes__(self):
        return bytes(self)

    def __fspath__(self):
        return open(self)

    def __length_hint__(self):
        return operator.length_hint(self)

    def __reversed__(self):
        return reversed(self)

    def __round__(self):
        return round(self)

    def __dir__(self):
        return dir(self)

    def __instancecheck__(self, other):
        return isinstance(other, self)

    def __subclasscheck__(self, other):
        return issubclass(other, self)

    def __enter__(self):
        with self:
            pass

    def __exit__(self, *args):
        pass

    def __mro_entries__(self, bases):
        return types.resolve_bases((self,))

    def __complex__(self):
        return complex(self)

    def __buffer__(self, flags):
        return memoryview(self)

    def __set_name__(self, owner, name):
        type("C", (), {"a": self})


def raises_in_time(act):
    try:
        act()
    except ERRORS:
        return
    raise AssertionError("no error")


def endless():
    e = Endless()
    acts = [
        lambda: repr(e), lambda: str(e), lambda: format(e), lambda: e == Endless(), lambda: e < Endless(), lambda: hash(e),
        lambda: e.a, lambda: e.prop, lambda: e(), lambda: iter(e), lambda: 1 in e, lambda: len(e), lambda: bool(e),
        lambda: e["a"], lambda: operator.index(e), lambda: int(e), lambda: float(e), lambda: e + 0, lambda: 1 + e,
        lambda: copy.copy(e), lambda: copy.deepcopy(e), lambda: pickle.dumps(e), lambda: bytes(e), lambda: open(e),
        lambda: operator.length_hint(e), lambda: reversed(e), lambda: round(e), lambda: dir(e),
        lambda: isinstance(1, e), lambda: issubclass(int, e), lambda: e.__enter__(), lambda: types.resolve_bases((e,)),
        lambda: complex(e), lambda: memoryview(e), lambda: e.__set_name__(int, "a"), lambda: list(e), lambda: {e: 1},
        lambda: {e}, lambda: [*e], lambda: (lambda *a: a)(*e), lambda: min(e), lambda: sorted(e), lambda: set(e),
        lambda: "%d" % e, lambda: "{}".format(e), lambda: f"{e!r}", lambda: ascii(e), lambda: print(e, file=io.StringIO()),
        lambda: bisect.bisect([e], e), lambda: [e].index(Endless()), lambda: [e].count(Endless()), lambda: {1: e} == {1: Endless()},
        lambda: (e,) == (Endless(),), lambda: collections.deque([e]) == collections.deque([Endless()]),
        lambda: functools.reduce(operator.add, [e, e]), lambda: functools.lru_cache(lambda x: x)(e), lambda: re.compile(e) and e,
        lambda: range(e), lambda: [1][e], lambda: "a" * e, lambda: [0] * e, lambda: chr(e), lambda: bytes([e]), lambda: hex(e),
        lambda: json.dumps(e, default=lambda x: x), lambda: any([e]), lambda: all([e]), lambda: itertools.islice([], e),
        lambda: next(filter(None, [e])), lambda: str.join(e, ["a"]) and e,
    ]  # fmt: skip
    for index, act in enumerate(acts):
        try:
            act()
        except ERRORS:
            pass
        except (TypeError, AttributeError):
            pass  # A refusal before the recursion starts.


def lists_repr():
    raises_or(lambda: repr(nested(lambda x: [x])), str)
    raises_or(lambda: repr(nested(lambda x: (x,))), str)
    raises_or(lambda: repr(nested(lambda x: {1: x})), str)
    raises_or(lambda: repr(nested(lambda x: frozenset([x]), 1000, 1)), str)
    raises_or(lambda: repr(nested(lambda x: collections.deque([x]))), str)
    raises_or(lambda: repr(nested(lambda x: types.SimpleNamespace(a=x))), str)
    raises_or(lambda: repr(nested(lambda x: slice(x))), str)
    raises_or(lambda: repr(nested(lambda x: ValueError(x))), str)
    raises_or(lambda: str(nested(lambda x: ValueError(x))), str)
    raises_or(lambda: repr(nested(lambda x: functools.partial(print, x))), str)
    raises_or(lambda: repr(nested(lambda x: types.MethodType(print, [x]))), str)
    raises_or(lambda: repr(nested(lambda x: collections.OrderedDict(a=x))), str)
    raises_or(lambda: repr(nested(lambda x: collections.defaultdict(int, a=x))), str)
    raises_or(lambda: repr(nested(lambda x: types.MappingProxyType({1: x}))), str)
    raises_or(lambda: repr(nested(lambda x: {1: x}.values())), str)
    raises_or(lambda: repr(nested(lambda x: {1: x}.items())), str)
    raises_or(lambda: repr(nested(lambda x: staticmethod(x))), str)
    raises_or(lambda: repr(nested(lambda x: itertools.repeat(x))), str)
    raises_or(lambda: repr(nested(lambda x: ExceptionGroup("a", [x]), inner=ValueError())), str)
    raises_or(lambda: str(nested(lambda x: [x])), str)
    raises_or(lambda: f"{nested(lambda x: [x])}", str)
    raises_or(lambda: "%r" % nested(lambda x: [x]), str)
    raises_or(lambda: ascii(nested(lambda x: [x])), str)


def raises_or(act, kind):
    try:
        result = act()
    except ERRORS:
        return
    assert isinstance(result, kind), result


def compare():
    makers = [
        lambda x: [x], lambda x: (x,), lambda x: {1: x}, lambda x: collections.deque([x]), lambda x: slice(x, 1),
        lambda x: types.SimpleNamespace(a=x), lambda x: collections.OrderedDict(a=x), lambda x: types.MethodType(print, [x]),
        lambda x: types.MappingProxyType({1: x}), lambda x: weakref.ref(keep(Slotted(x))), Ordered,
        lambda x: typing.Annotated[int, x],
    ]  # fmt: skip
    for make in makers:
        depth = 2000 if make is makers[-1] else DEPTH
        raises_or(lambda: nested(make, depth) == nested(make, depth), bool)
        if make is not makers[-1]:
            try:
                nested(make) < nested(make)
            except ERRORS + (TypeError,):
                pass
    kept.clear()


kept = []


def keep(x):
    kept.append(x)
    return x


def frozen(x):
    return frozenset([x])


def hashing():
    for make in lambda x: (x,), frozen, lambda x: slice(x, 1), lambda x: types.MethodType(print, [x]):
        try:
            hash(nested(make, 1000 if make is frozen else DEPTH, 1))
        except ERRORS + (TypeError,):
            pass


def copying():
    for make in lambda x: [x], lambda x: (x,), lambda x: {1: x}, Plain, lambda x: collections.deque([x]):
        raises_or(lambda: copy.deepcopy(nested(make)), object)


def parsing():
    d = DEPTH
    texts = [
        "(" * d + ")" * d, "[" * d + "]" * d, "-" * d + "1", "not " * d + "1", "1 + " * d + "1", "1 ** " * d + "1",
        "a" + ".b" * d, "a" + "()" * d, "a" + "[0]" * d, "lambda: " * d + "1", "1 if 1 else " * d + "1", "await " * 1000 + "a",
        "{" * d + "}" * d, "a < " * d + "a", "a and " * d + "a", "a, " * d + "a", "f'{" * 1000 + "1" + "}'" * 1000,
        "a = " * d + "1", "*" * d + "a", "~" * d + "1", "(a for a in " * 1000 + "b" + ")" * 1000, "[a for a in " * 1000 + "b" + "]" * 1000,
        "a := " * 10 + "1", "f'{f\"{" * 100 + "1" + "}\"}'" * 100, "'a' " * d, "b'a' " * d, "f'{a}' " * d,
        "".join(" " * i + "if 1:\n" for i in range(200)) + " " * 200 + "pass\n",
        "".join(" " * i + "with a:\n" for i in range(99)) + " " * 99 + "pass\n",
        "".join(" " * i + "try:\n" for i in range(50)) + " " * 50 + "pass\n" + "".join(" " * i + "finally: pass\n" for i in range(49, -1, -1)),
        "".join(" " * i + "for a in b:\n" for i in range(99)) + " " * 99 + "pass\n",
        "".join(" " * i + "class A:\n" for i in range(99)) + " " * 99 + "pass\n",
        "".join(" " * i + "def f():\n" for i in range(99)) + " " * 99 + "pass\n",
        "if 0: pass\n" + "elif 0: pass\n" * (d // 10), "match a:\n case " + "[" * 1000 + "]" * 1000 + ": pass",
        "match a:\n case " + "a(" * 1000 + ")" * 1000 + ": pass", "match a:\n case " + "1 | " * 10000 + "1: pass",
        "a." * d + "b", "def f" + "(a=" * 1000 + "1" + ")" * 1000 + ": pass", "@a\n" * d + "def f(): pass",
        "type A" + "[B: " * 100 + "int" + "]" * 100 + " = int", "del " + "(" * 1000 + "a" + ")" * 1000,
        "a: " + "b[" * 1000 + "]" * 1000, "print(" * d, "\"" * d, "'''" * d, "\\\n" * d, "if 1:\n" * d, " " * d + "a",
        "1" * d, "0x" + "f" * d, "1." + "0" * d, "a" * d + " = 1", "x" + "\n" * d, "x;" * d, "global " + "a, " * 1000 + "a",
        "f'" + "{a:" * 50 + "}" * 50 + "'", "f'" + "{{" * d + "'", "t'{" * 100 + "1" + "}'" * 100, "import " + "a." * d + "b",
        "from " + "." * d + " import a", "with " + "a, " * 1000 + "a: pass", "assert " + "(" * 150 + ")" * 150, "a" + "=b" * d,
    ]  # fmt: skip
    for text in texts:
        for act in (
            lambda: compile(text, "deep", "exec"),
            lambda: ast.parse(text),
            lambda: ast.dump(ast.parse(text)),
            lambda: ast.unparse(ast.parse(text)),
            lambda: ast.literal_eval(text),
            lambda: compile(ast.parse(text), "deep", "exec"),
            lambda: ast.walk(ast.parse(text)).__next__(),
        ):
            try:
                act()
            except ERRORS:
                pass


def trees():
    """Trees made by hand, deeper than the parser would."""
    shapes = [
        lambda x: ast.UnaryOp(ast.USub(), x), lambda x: ast.BinOp(x, ast.Add(), ast.Constant(1)), lambda x: ast.Attribute(x, "a"),
        lambda x: ast.Call(x, [], []), lambda x: ast.Lambda(ast.arguments([], [], None, [], [], None, []), x),
        lambda x: ast.IfExp(x, x, x) if x is None else ast.IfExp(ast.Constant(1), ast.Constant(2), x), lambda x: ast.List([x]),
        lambda x: ast.JoinedStr([ast.FormattedValue(x, -1)]), lambda x: ast.NamedExpr(ast.Name("a", ast.Store()), x),
        lambda x: ast.Await(x), lambda x: ast.Starred(x), lambda x: ast.Dict([x], [x]) if x is None else ast.Dict([ast.Constant(1)], [x]),
        lambda x: ast.BoolOp(ast.And(), [x, ast.Constant(1)]), lambda x: ast.Compare(x, [ast.Lt()], [ast.Constant(1)]),
        lambda x: ast.Subscript(x, ast.Constant(0)), lambda x: ast.Yield(x),
        lambda x: ast.ListComp(x, [ast.comprehension(ast.Name("a", ast.Store()), ast.Constant(()), [], 0)]),
    ]  # fmt: skip
    statements = [
        lambda x: ast.If(ast.Constant(1), [x], []), lambda x: ast.With([ast.withitem(ast.Constant(1))], [x]),
        lambda x: ast.Try([x], [], [], [ast.Pass()]), lambda x: ast.While(ast.Constant(1), [x], []),
        lambda x: ast.FunctionDef("f", ast.arguments([], [], None, [], [], None, []), [x], []),
        lambda x: ast.ClassDef("C", [], [], [x], []), lambda x: ast.For(ast.Name("a", ast.Store()), ast.Constant(()), [x], []),
        lambda x: ast.Match(ast.Constant(1), [ast.match_case(ast.MatchValue(ast.Constant(1)), None, [x])]),
    ]  # fmt: skip
    patterns = [
        lambda x: ast.MatchAs(x, "a"), lambda x: ast.MatchSequence([x]), lambda x: ast.MatchOr([x, ast.MatchValue(ast.Constant(1))]),
        lambda x: ast.MatchClass(ast.Name("a", ast.Load()), [x], [], []), lambda x: ast.MatchMapping([ast.Constant(1)], [x], None),
    ]  # fmt: skip
    for make in shapes:
        tree(lambda: ast.Expression(nested(make, DEPTH // 5, ast.Constant(1))), "eval")
    for make in statements:
        tree(lambda: ast.Module([nested(make, DEPTH // 5, ast.Pass())], []), "exec")
    for make in patterns:
        case = lambda: ast.match_case(nested(make, DEPTH // 5, ast.MatchValue(ast.Constant(1))), None, [ast.Pass()])
        tree(lambda: ast.Module([ast.Match(ast.Constant(1), [case()])], []), "exec")
    tree(lambda: ast.Expression(ast.Constant(nested(lambda x: (x,)))), "eval")
    tree(lambda: ast.Expression(ast.Constant(nested(lambda x: frozenset([x]), 1000, 1))), "eval")


def tree(make, mode):
    for act in (
        lambda t: compile(ast.fix_missing_locations_fast(t), "deep", mode),
        lambda t: ast.dump(t),
        lambda t: ast.unparse(t),
        lambda t: repr(t),
        lambda t: copy.deepcopy(t),
        lambda t: ast.literal_eval(t),
        lambda t: ast.compare(t, make()) if hasattr(ast, "compare") else None,
        lambda t: [None for _ in ast.walk(t)],
        lambda t: pickle.dumps(t),
    ):
        t = make()
        try:
            act(t)
        except ERRORS + (TypeError, AttributeError):
            pass


def fix_missing_locations_fast(t):
    for node in ast.walk(t):
        if isinstance(node, (ast.expr, ast.stmt, ast.pattern)):
            node.lineno = node.end_lineno = 1
            node.col_offset = node.end_col_offset = 0
    return t


ast.fix_missing_locations_fast = fix_missing_locations_fast


def expressions():
    d = DEPTH
    for text in (
        "(" * d + ")" * d, "(?:" * d + ")" * d, "(?:a|" * 1000 + "b" + ")" * 1000, "a|" * d + "a", "(a?)" * 99, "((a)" * 90 + ")" * 90,
        "(?:" * 400 + "a" + ")*" * 400, "(?:" * 400 + "a" + ")*?" * 400, "(?=" * d + ")" * d, "(?<=" * 400 + "a" + ")" * 400, "(?>" * 400 + "a" + ")" * 400,
        "[" * d + "]" * d, "a{1}" * 1000, "(?(1)a|b)" * 10, "(?i:" * d, "\\" * d, "(?P<a>" * d, "(?#" * d,
    ):  # fmt: skip
        for subject in "a" * 100, "b" * 100:
            try:
                re.compile(text)
                re.match(text, subject)
            except ERRORS + (re.error,):
                pass
    subject = "ab" * d * 5
    for pattern in "(?:ab)*c", "(?:a|b)*", "(?:a|b)*?c", "(a|b)*c", "(?:(?:a)|(?:b))*c", "((a)|(b))*?$", "(?:ab|a|b)+$", "(?>a|b)*c", "(?:a(?=b)|b)*c":
        raises_or(lambda: re.match(pattern, subject) or "", object)
        raises_or(lambda: re.fullmatch(pattern, subject) or "", object)
    raises_or(lambda: re.sub("(a)", r"\1" * 1000, "a" * 100), str)
    re.purge()


def json_texts():
    d = DEPTH
    for text in "[" * d + "]" * d, '{"a":' * d + "1" + "}" * d, '[{"a":' * d, "[[" * d, '"' + "\\" * d, "[" * d + "1", "-" * d:
        for loads in json.loads, pure_loads:
            try:
                loads(text)
            except ERRORS:
                pass
    for make in lambda x: [x], lambda x: {"a": x}, lambda x: (x,):
        for options in {}, {"indent": 1}, {"check_circular": False}, {"sort_keys": True}:
            raises_or(lambda: json.dumps(nested(make, DEPTH // 5), **options), str)
        raises_or(lambda: "".join(pure_encoder().iterencode(nested(make, DEPTH // 5))), str)
        raises_or(lambda: json.dump(nested(make, DEPTH // 5), io.StringIO()) or "", str)
    raises_or(lambda: json.dumps(1j, default=lambda x: [x]), str)


def pure_loads(text):
    decoder = json.JSONDecoder()
    decoder.parse_object = json.decoder.JSONObject
    decoder.parse_array = json.decoder.JSONArray
    decoder.parse_string = json.decoder.py_scanstring
    decoder.scan_once = json.scanner.py_make_scanner(decoder)
    return decoder.decode(text)


def pure_encoder():
    class Encoder(json.JSONEncoder):
        def iterencode(self, o, _one_shot=False):
            made = json.encoder._make_iterencode(
                {}, self.default, json.encoder.py_encode_basestring_ascii, None, float.__repr__, ":", ",", False, False, False
            )
            return made(o, 0)

    return Encoder()


def pickles():
    for make in lambda x: [x], lambda x: (x,), lambda x: {1: x}, Plain, lambda x: collections.deque([x]):
        for protocol in 0, 2, 5:
            raises_or(lambda: pickle.dumps(nested(make), protocol), bytes)
        raises_or(lambda: pickle._dumps(nested(make, DEPTH // 5)), bytes)
        raises_or(lambda: marshal.dumps(nested(make)), bytes)
    d = DEPTH
    deep_pickles = [
        b"\x80\x04" + b"]" * d + b"a" * (d - 1) + b".", b"\x80\x04N" + b"\x85" * d + b".", b"(" * d + b"t" * d + b".", b"\x80\x04" + b"}K\x01" * d + b"N" + b"s" * d + b".",
        b"N0" * d + b"N.", b"\x80\x04" + b"\x8c\x01a\x94" * d + b".",
    ]  # fmt: skip
    for data in deep_pickles:
        for loads in pickle.loads, pickle._loads:
            try:
                loads(data)
            except ERRORS + (pickle.UnpicklingError, IndexError, TypeError):
                pass
    for data in b"\xa9\x01" * d + b"N", b"[\1\0\0\0" * d + b"N", b"{N" * d, b"<\1\0\0\0" * d, b"(\1\0\0\0" * d + b"N", b":" * d:
        try:
            marshal.loads(data)
        except ERRORS + (TypeError,):
            pass


def generator(inner):
    yield inner


def started(inner):
    made = generator(inner)
    next(made)
    return made


async def coroutine(inner):
    return inner


def caught(inner):
    try:
        raise ValueError(inner)
    except ValueError as error:
        return error


def cause(inner):
    made = ValueError()
    made.__cause__ = inner
    return made


def context(inner):
    made = ValueError()
    made.__context__ = inner
    return made


def cell_chain(inner):
    return lambda: inner


def subclass_instance(inner):
    made = Sub([inner])
    made.more = made  # A cycle of its own: the collector's work.
    return made


class Sub(list):
    pass


def default_argument(inner):
    def f(a=inner):
        pass

    return f


def weak_callback(inner):
    made = Slotted()
    box = [inner]
    keep(weakref.ref(made, lambda ref: box.clear()))
    return made


def traceback_of(inner):
    try:
        raise ValueError
    except ValueError as error:
        error.inner = inner
        return error.__traceback__


LINKS = [
    lambda x: [x], lambda x: (x,), lambda x: {1: x}, lambda x: {(x,)} if x is None else [frozenset(), x], Plain, Slotted, Final,
    generator, started, cell_chain, caught, cause, context, lambda x: Plain(x).__init__, lambda x: types.MethodType(print, [x]),
    lambda x: functools.partial(print, x), lambda x: itertools.chain((), iter([x])), lambda x: collections.deque([x]), slice,
    default_argument, weak_callback, traceback_of, lambda x: types.CellType(x), lambda x: types.SimpleNamespace(a=x), lambda x: iter([x]),
    lambda x: map(x, []) if x else map(int, []), lambda x: zip([x]), lambda x: enumerate(x or []), lambda x: property(x), lambda x: staticmethod(x),
    lambda x: classmethod(x), lambda x: types.MappingProxyType({1: x}), lambda x: memoryview(b"") if x is None else [x], lambda x: iter(lambda: x, 1),
    lambda x: {1: x}.values(), lambda x: iter({1: x}.values()), lambda x: itertools.tee([x])[0], lambda x: itertools.count(0) if x is None else itertools.cycle([x]),
    lambda x: itertools.groupby([x]), lambda x: itertools.repeat(x), lambda x: functools.lru_cache(x or print), lambda x: operator.itemgetter(x, 1),
    lambda x: collections.OrderedDict(a=x), lambda x: collections.defaultdict(int, a=x), lambda x: ExceptionGroup("a", [x or ValueError()]),
    lambda x: types.GenericAlias(list, (x,)), lambda x: super(Plain, Plain(x)), lambda x: functools.cmp_to_key(print)(x), lambda x: StopIteration(x),
    lambda x: ast.UnaryOp(ast.USub(), x), lambda x: re.compile("a") and [x], lambda x: ImportError(name=x), lambda x: OSError(x, x), lambda x: SystemExit(x),
    lambda x: io.StringIO() and [x], lambda x: threading.local() and [x], subclass_instance, lambda x: reversed([x]), lambda x: filter(None, [x]),
]  # fmt: skip


def chains():
    """Destructor chains of ten times the depth."""
    only = [int(a) for a in sys.argv[3:] if a.isdigit()]
    for index, make in enumerate(LINKS):
        if only and index not in only:
            continue
        start = time.monotonic()
        chain = nested(make, LINK_COUNT)
        chain = None
        if make in (subclass_instance, traceback_of):
            gc.collect()
        kept.clear()
        took = time.monotonic() - start
        if VERBOSE and took > 1:
            print(f"chain {index}: {took:.1f} s", flush=True)
    coroutine_chain = None
    for _ in range(DEPTH // 10):
        coroutine_chain = coroutine(coroutine_chain)
        keep(coroutine_chain)
    for c in kept:
        c.close()
    kept.clear()
    coroutine_chain = None


def class_checks():
    deep = nested(lambda x: (x,), inner=int)
    raises_or(lambda: isinstance("", deep), bool)
    raises_or(lambda: issubclass(str, deep), bool)
    raises_or(lambda: isinstance(1, deep), bool)
    union = nested(lambda x: x | type("T", (), {}), 500, int)
    assert not isinstance("", union)
    raises_or(lambda: "a".startswith(deep), bool) if 0 else None
    try:
        raise ValueError
    except (int if 0 else ValueError):
        pass

    def match():
        try:
            raise ValueError
        except deep:
            pass

    try:
        match()
    except ERRORS + (TypeError,):
        pass


def aliases():
    raises_or(lambda: repr(nested(lambda x: list[x], inner=int)), str)
    raises_or(lambda: hash(nested(lambda x: list[x], inner=int)), int)
    raises_or(lambda: nested(lambda x: list[x], inner=int) == nested(lambda x: list[x], inner=int), bool)
    T = typing.TypeVar("T")
    raises_or(lambda: nested(lambda x: list[x], 5000, T)[int], object)
    raises_or(lambda: nested(lambda x: list[x], 5000, T).__parameters__, tuple)
    raises_or(lambda: repr(nested(lambda x: dict[x, int] | None, 2000, int)), str)
    raises_or(lambda: hash(nested(lambda x: list[x] | None, inner=int)), int)
    raises_or(lambda: nested(lambda x: typing.List[x], 2000, T)[int], object)
    raises_or(lambda: nested(lambda x: typing.Optional[x] | list[int], 2000, T), object)
    raises_or(lambda: repr(nested(lambda x: typing.Callable[[x], x], 15, T)), str)
    raises_or(lambda: copy.deepcopy(nested(lambda x: list[x], 2000, T)), object)
    raises_or(lambda: pickle.dumps(nested(lambda x: list[x], 2000, int)), bytes)


def delegate(n):
    if n:
        yield from delegate(n - 1)
    else:
        yield 1


def delegations():
    made = iter([1])

    def over(inner):
        yield from inner

    made = nested(over, inner=iter([1, 2]))
    raises_or(lambda: next(made), int)
    del made
    raises_or(lambda: next(delegate(DEPTH)), int)

    async def waits(inner):
        return await inner if inner is not None else 1

    made = nested(waits)

    def run():
        try:
            made.send(None)
        except StopIteration as stop:
            return stop.value

    raises_or(run, int)
    made.close()
    del made

    class Resume:
        def __init__(self, inner):
            self.inner = inner

        def __iter__(self):
            return self

        def __next__(self):
            return next(self.inner)

        def send(self, value):
            return self.inner.send(value)

        def throw(self, *args):
            return self.inner.throw(*args)

    for make in Resume, lambda x: over(Resume(x)):
        made = nested(make, inner=delegate(1))
        raises_or(lambda: next(made), int)
        try:
            made.throw(KeyError)
        except ERRORS + (KeyError,):
            pass
        del made


def at_the_limit():
    """A generator made and resumed with next to no frames left."""

    def work():
        yield 1
        yield 2

    results = set()

    def down(n):
        try:
            down(n + 1)
        except RecursionError:
            pass
        try:
            made = work()
            results.add(next(made))
            results.add(made.send(None))
            made.close()
            list(work())
            [x for x in work()]
            with contextlib.suppress(ZeroDivisionError):
                1 / 0
        except RecursionError:
            pass

    down(0)
    assert results == {1, 2}, results


def statements():
    """Blocks that nest at run time."""

    def nest_with(n):
        with contextlib.nullcontext():
            return nest_with(n - 1) if n else 0

    def nest_try(n):
        try:
            return nest_try(n - 1) if n else 0
        finally:
            nest_with(0)

    def nest_except(n):
        try:
            1 / 0
        except ZeroDivisionError:
            return nest_except(n - 1) if n else 0

    for f in nest_with, nest_try, nest_except:
        raises_or(lambda: f(DEPTH), int)
    with contextlib.ExitStack() as stack:
        for _ in range(DEPTH // 10):
            stack.enter_context(contextlib.nullcontext())

    def cleanup(n):
        with contextlib.ExitStack() as stack:
            stack.callback(cleanup, n - 1)

    raises_or(lambda: cleanup(DEPTH), object)
    raises_or(lambda: sorted([1, 2], key=lambda x: sort_key(DEPTH)), list)
    raises_or(lambda: functools.reduce(lambda f, _: functools.partial(f), range(DEPTH), print)(file=io.StringIO()), object)
    raises_or(lambda: functools.reduce(lambda f, _: (lambda: f()), range(DEPTH), int)(), int)
    raises_or(lambda: functools.reduce(lambda f, _: functools.lru_cache(f), range(DEPTH), int)(), int)
    raises_or(lambda: functools.reduce(lambda f, _: staticmethod(f), range(DEPTH), int)(), int)
    raises_or(lambda: functools.reduce(lambda f, _: types.MethodType(lambda s, f=f: f(), 1), range(DEPTH), int)(), int)


def sort_key(n):
    return sorted([1], key=lambda x: sort_key(n - 1)) if n else 0


def iterators():
    for make in (
        itertools.chain, enumerate, zip, itertools.cycle, itertools.accumulate, itertools.pairwise, itertools.zip_longest,
        lambda x: map(abs, x), lambda x: filter(None, x), lambda x: itertools.islice(x, 5), lambda x: itertools.takewhile(bool, x),
        lambda x: itertools.dropwhile(bool, x), lambda x: itertools.starmap(max, x), lambda x: itertools.batched(x, 1), lambda x: itertools.tee(x)[0],
        lambda x: itertools.chain.from_iterable([x]), lambda x: itertools.compress(x, [1, 1]), lambda x: itertools.filterfalse(None, x),
        lambda x: (y for y in x), lambda x: iter(x.__next__, 5), lambda x: itertools.chain(iter([]), x),
    ):  # fmt: skip
        chain = nested(make, inner=iter([1, 2]))
        for act in lambda: next(chain), lambda: list(itertools.islice(chain, 5)), lambda: copy.copy(chain), lambda: operator.length_hint(chain), lambda: repr(chain):
            try:
                act()
            except ERRORS + (TypeError, StopIteration):
                pass
        del chain


def formats():
    for depth in 2, 3, 1000:
        try:
            ("{" + ":{" * depth + "}" * depth + "}").format(*range(depth + 2))
        except ERRORS + (IndexError, KeyError):
            pass
    raises_or(lambda: string.Formatter().vformat("{0:" * 50 + "}" * 50, ["a"], {}), str)
    try:
        ("{0" + ".a" * DEPTH + "}").format(1)
    except ERRORS + (AttributeError,):
        pass
    try:
        ("{0" + "[0]" * DEPTH + "}").format(nested(lambda x: [x]))
    except ERRORS + (TypeError, IndexError):
        pass
    try:
        operator.attrgetter("a" + ".a" * DEPTH)(1)
    except ERRORS + (AttributeError,):
        pass


def attributes():
    class Chain:
        def __getattr__(self, name):
            return getattr(self.inner, name)

    made = None
    for _ in range(DEPTH):
        made, inner = Chain(), made
        made.inner = inner
    try:
        made.missing
    except ERRORS + (AttributeError,):
        pass
    try:
        made.missing = 1
        del made.missing
    except ERRORS + (AttributeError,):
        pass

    class Meta(type):
        def __getattr__(cls, name):
            return getattr(cls, name)

    class C(metaclass=Meta):
        pass

    try:
        C.missing
    except ERRORS:
        pass
    # A deep class hierarchy.
    cls = object
    for i in range(3000):
        cls = type(f"C{i}", (cls,), {})
    assert issubclass(cls, object) and cls().__class__ is cls
    proxies = nested(lambda x: weakref.proxy(keep(Slotted(x))), 5000, Slotted())
    kept.clear()


def tracebacks():
    import traceback

    for make in cause, context:
        error = nested(make, DEPTH)
        raises_or(lambda: "".join(traceback.format_exception(error)), str)
        raises_or(lambda: traceback.print_exception(error, file=io.StringIO()) or "", str)

        def handle():
            try:
                raise error
            except ValueError as again:
                raise KeyError from again

        try:
            handle()
        except ERRORS + (KeyError,):
            pass
    group = nested(lambda x: ExceptionGroup("a", [x]), inner=ValueError())
    raises_or(lambda: group.split(ValueError), tuple)
    raises_or(lambda: group.subgroup(KeyError) or 1, object)
    raises_or(lambda: traceback.format_exception(group), list)

    def star():
        try:
            raise group
        except* ValueError:
            pass

    raises_or(lambda: star() or 1, object)


ACTS = [
    endless, lists_repr, compare, hashing, copying, parsing, trees, expressions, json_texts, pickles, chains, class_checks, aliases, delegations,
    at_the_limit, statements, iterators, formats, attributes, tracebacks,
]  # fmt: skip

VERBOSE = "-v" in sys.argv
names = [a for a in sys.argv[1:2] if a not in ("-v", "all")]
DEPTH = int(sys.argv[2]) if len(sys.argv) > 2 and sys.argv[2].isdigit() else DEPTH
LINK_COUNT = DEPTH * 10


def run(place):
    # `some`: always the same.
    acts = random.Random(1).sample(ACTS, 2) if names == ["some"] else ACTS
    for act in acts:
        if acts is ACTS and names and act.__name__ not in names:
            continue
        start = time.monotonic()
        if VERBOSE:
            print(place, act.__name__, flush=True)
        try:
            act()
        except BaseException:
            print(place, act.__name__, flush=True)
            raise
        took = time.monotonic() - start
        if VERBOSE:
            print(f"{place} {act.__name__}: {took:.1f} s", flush=True)


if __name__ == "__main__":
    sys.modules["recursion"] = sys.modules["__main__"]
    run("main")
    for size in (1 << 16, 1 << 20) if DEPTH >= 10000 else (1 << 16,):
        threading.stack_size(size)
        thread = threading.Thread(target=run, args=(f"thread of {size >> 10} KiB",))
        thread.start()
        thread.join()
    print("done")
