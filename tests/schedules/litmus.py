"""The litmus table: small programs of two or three threads, for the rows of docs/guarantees.md. See `harness`."""

import collections
import functools
import gc
import itertools
import queue
import sys
import threading
import types
import weakref

from harness import Litmus, in_steps, main

TABLE = []


def litmus(*threads, final=None, few=False):
    """Makes a row of a function that sets the state up; the row has the function's name."""

    def add(setup):
        TABLE.append(Litmus(setup.__name__, setup, threads, final, few))
        return setup

    return add


def texts(items):
    """What a list, a set, or a dict or its view holds, read at once."""
    return tuple(list(items))


# Operations that are not atomic, which show that the schedules reach between their parts.


def increment(s):
    s.n += 1


def read_n(s, own):
    own["n"] = s.n


def write_n(s, own):
    s.n = own["n"] + 1


in_steps(increment, read_n, write_n)


@litmus([increment, increment], [increment, increment], final=lambda s: s.n)
def lost_updates_are_seen(s):
    s.n = 0


def increment_item(s):
    s.items[0] += 1


in_steps(
    increment_item,
    lambda s, own: own.update(n=s.items[0]),
    lambda s, own: s.items.__setitem__(0, own["n"] + 1),
)


@litmus([increment_item], [increment_item], [increment_item], final=lambda s: s.items[0])
def lost_updates_of_an_item_are_seen(s):
    s.items = [0]


# Lists.


@litmus(
    [lambda s: s.l.append("a"), lambda s: len(s.l)],
    [lambda s: s.l.append("b"), lambda s: s.l.pop()],
    final=lambda s: texts(s.l),
)
def list_append_and_pop(s):
    s.l = []


@litmus(
    [lambda s: s.l.insert(0, "a"), lambda s: s.l.pop(0)],
    [lambda s: s.l.insert(1, "b"), lambda s: s.l.pop(-1)],
    final=lambda s: texts(s.l),
)
def list_insert_and_pop_anywhere(s):
    s.l = ["x", "y"]


@litmus(
    [lambda s: s.l[0], lambda s: s.l[-1], lambda s: len(s.l)],
    [lambda s: s.l.pop(), lambda s: s.l.append("n")],
)
def list_index_and_pop(s):
    s.l = [["old"][0] + "!", "last"]


@litmus(
    [lambda s: s.l.extend(["a", "b", "c"]), lambda s: texts(s.l)],
    [lambda s: texts(s.l.copy()), lambda s: s.l.clear()],
    final=lambda s: texts(s.l),
)
def list_extend_is_whole(s):
    s.l = ["x"]


@litmus(
    [lambda s: s.l.__setitem__(slice(1, 3), ["a", "b", "c"])],
    [lambda s: texts(s.l[1:]), lambda s: texts(s.l[:2])],
    [lambda s: s.l.reverse()],
    final=lambda s: texts(s.l),
)
def list_slices_are_whole(s):
    s.l = ["w", "x", "y", "z"]


@litmus(
    [lambda s: s.l.remove("x")],
    [lambda s: s.l.remove("x")],
    [lambda s: "x" in s.l, lambda s: s.l.count("x")],
    final=lambda s: texts(s.l),
)
def list_remove_takes_one(s):
    s.l = ["a", "x", "b"]


@litmus(
    [lambda s: s.l.sort()],
    [lambda s: texts(s.l[:]), lambda s: s.l[0], lambda s: texts(s.l[:])],
    final=lambda s: texts(s.l),
)
def list_sort_shows_old_or_new(s):
    s.l = ["d", "b", "c", "a"]


@litmus(
    [lambda s: s.a.extend(s.b)],
    [lambda s: s.b.extend(s.a)],
    final=lambda s: (texts(s.a), texts(s.b)),
)
def list_pairs_take_both_locks(s):
    s.a, s.b = ["a"], ["b"]


def fresh_item(s):
    s.l[0] = [0]


def has_first(s):
    return len(s.l[0])


@litmus([fresh_item, fresh_item], [has_first, has_first], [has_first])
def list_item_is_never_missing(s):
    s.l = [[0], [0]]


@litmus([fresh_item, fresh_item], [lambda s: len(s.l.__getitem__(0)), lambda s: len(s.l.__getitem__(0))])
def list_item_is_never_missing_for_a_method(s):
    s.l = [[0], [0]]


@litmus([lambda s: s.l.insert(0, "n")], [lambda s: s.l[1], lambda s: s.l[0], lambda s: s.l[2]])
def list_insert_moves_all_at_once(s):
    s.l = ["x", "y", "z"]


@litmus([lambda s: s.l.pop(0)], [lambda s: s.l[0], lambda s: s.l[1], lambda s: s.l[0]])
def list_pop_moves_all_at_once(s):
    s.l = ["x", "y", "z"]


@litmus([lambda s: s.l.pop(), lambda s: s.l.append("n")], [lambda s: s.l[1], lambda s: s.l[1], lambda s: len(s.l)])
def list_length_does_not_go_back(s):
    s.l = ["x", "y"]


def double(s):
    s.l.__imul__(2)


@litmus([double], [double], [lambda s: len(s.l)], final=lambda s: texts(s.l))
def list_multiply_in_place(s):
    s.l = ["x"]


@litmus(
    [lambda s: s.l.__setitem__(0, "n"), lambda s: s.l[1]],
    [lambda s: s.l.__setitem__(1, "m"), lambda s: s.l[0]],
    [lambda s: s.l.append("k")],
    final=lambda s: texts(s.l),
)
def list_items_while_it_grows(s):
    s.l = ["0", "1", "2", "3"]


# Dicts.


@litmus(
    [lambda s: s.d.__setitem__("a", "1"), lambda s: s.d.get("b")],
    [lambda s: s.d.__setitem__("b", "2"), lambda s: s.d.get("a")],
    final=lambda s: texts(s.d.items()),
)
def dict_set_and_get(s):
    s.d = {}


@litmus(
    [lambda s: s.d.setdefault("k", "mine")],
    [lambda s: s.d.setdefault("k", "yours")],
    [lambda s: s.d.pop("k", None)],
    final=lambda s: texts(s.d.items()),
)
def dict_setdefault_has_one_winner(s):
    s.d = {}


@litmus(
    [lambda s: s.d.pop("k")],
    [lambda s: s.d.pop("k")],
    [lambda s: s.d["k"], lambda s: len(s.d)],
)
def dict_pop_has_one_winner(s):
    s.d = {"k": "v", "z": "w"}


@litmus(
    [lambda s: s.d.popitem(), lambda s: s.d.popitem()],
    [lambda s: s.d.popitem(), lambda s: len(s.d)],
)
def dict_popitem_gives_each_once(s):
    s.d = {"a": "1", "b": "2"}


@litmus(
    [lambda s: s.d.update({"a": "1", "b": "2", "c": "3"})],
    [lambda s: texts(s.d.copy().items()), lambda s: "c" in s.d, lambda s: "a" in s.d],
    final=lambda s: texts(s.d.items()),
)
def dict_update_is_whole(s):
    s.d = {"x": "0"}


@litmus(
    [lambda s: s.d.clear()],
    [lambda s: texts(s.d.values()), lambda s: len(s.d), lambda s: s.d.get("b")],
    [lambda s: s.d.__setitem__("n", "4")],
    final=lambda s: texts(s.d),
)
def dict_clear_is_whole(s):
    s.d = {"a": "1", "b": "2"}


@litmus(
    [lambda s: s.d.__delitem__("b"), lambda s: s.d.__setitem__("b", "new")],
    [lambda s: s.d.get("b"), lambda s: s.d.get("b"), lambda s: s.d.get("a")],
    final=lambda s: texts(s.d.items()),
)
def dict_delete_and_insert_again(s):
    s.d = {"a": "1", "b": "old", "c": "3"}


def fresh_value(s):
    s.d["k"] = [0]


def has_k(s):
    return s.d.get("k") is not None


@litmus([fresh_value, fresh_value], [has_k, has_k], [has_k])
def dict_value_is_never_missing(s):
    s.d = {"k": [0]}


@litmus([lambda s: s.d.update(s.more)], [lambda s: "a" in s.d, lambda s: "c" in s.d, lambda s: len(s.d)])
def dict_update_adds_all_at_once(s):
    s.d, s.more = {"x": "0"}, {"a": "1", "b": "2", "c": "3"}


@litmus([lambda s: s.d.clear()], [lambda s: "c" in s.d, lambda s: "a" in s.d, lambda s: len(s.d)])
def dict_clear_takes_all_at_once(s):
    s.d = {"a": "1", "b": "2", "c": "3"}


@litmus(
    [lambda s: s.d.__delitem__("k"), lambda s: s.d.__setitem__("z", 1)],
    [lambda s: len(s.d), lambda s: s.d.get("k"), lambda s: len(s.d), lambda s: s.d.get("k")],
)
def dict_length_and_keys_go_together(s):
    s.d = {"k": "v"}


def fill(s):
    for n in range(8):
        s.d[n] = n


in_steps(fill, *[lambda s, own, n=n: s.d.__setitem__(n, n) for n in range(8)], lambda s, own: None)


@litmus([fill], [lambda s: s.d.get("k"), lambda s: len(s.d)], final=lambda s: len(s.d))
def dict_grows_under_readers(s):
    s.d = {"k": "v"}


@litmus(
    [lambda s: s.d.update(s.e)],
    [lambda s: s.e.update(s.d)],
    final=lambda s: (texts(s.d), texts(s.e)),
)
def dict_pairs_take_both_locks(s):
    s.d, s.e = {"a": "1"}, {"b": "2"}


@litmus(
    [lambda s: s.d == {"a": "1", "b": "2"}],
    [lambda s: s.d.update({"a": "1", "b": "2"}), lambda s: s.d.pop("a")],
)
def dict_compares_one_state(s):
    s.d = {"a": "0", "b": "0"}


class Key:
    """A key whose hash and comparison are Python code, which runs without the lock."""

    def __init__(self, text):
        self.text = text

    def __hash__(self):
        return 1

    def __eq__(self, other):
        return self.text == other.text


@litmus(
    [lambda s: s.d.__setitem__(Key("a"), "1")],
    [lambda s: s.d.__setitem__(Key("a"), "2")],
    [lambda s: s.d.get(Key("b"))],
    final=lambda s: tuple((k.text, v) for k, v in s.d.items()),
)
def dict_keys_compared_by_python(s):
    s.d = {Key("b"): "0"}


def replace_keys(s):
    del s.d[s.a]
    s.d.update(s.more)


in_steps(replace_keys, lambda s, own: s.d.__delitem__(s.a), lambda s, own: s.d.update(s.more))


@litmus([lambda s: s.d.get(Key("a"))], [replace_keys], few=True)
def dict_changes_while_python_compares(s):
    s.a = Key("a")
    s.d = {Key("b"): "0", s.a: "1"}
    s.more = {n: str(n) for n in range(12)}


# Sets.


@litmus(
    [lambda s: s.s.add("a"), lambda s: "b" in s.s],
    [lambda s: s.s.add("b"), lambda s: s.s.discard("a")],
    final=lambda s: texts(sorted(s.s)),
)
def set_add_and_discard(s):
    s.s = set()


@litmus(
    [lambda s: s.s.pop()],
    [lambda s: s.s.pop()],
    [lambda s: len(s.s), lambda s: s.s.add("x")],
    final=lambda s: texts(s.s),
)
def set_pop_gives_each_once(s):
    s.s = {"x"}


@litmus(
    [lambda s: s.s.update(["a", "b"])],
    [lambda s: texts(sorted(s.s | {"z"})), lambda s: s.s.remove("a")],
    final=lambda s: texts(sorted(s.s)),
)
def set_updates_from_lists_are_whole(s):
    s.s = {"x"}


@litmus(
    [lambda s: s.s.intersection_update(s.t)],
    [lambda s: s.t.clear(), lambda s: texts(sorted(s.s))],
    final=lambda s: texts(sorted(s.s)),
)
def set_pairs_take_both_locks(s):
    s.s, s.t = {"a", "b"}, {"b", "c"}


# Sequences of bytes, arrays, and the containers of collections.


@litmus(
    [lambda s: s.b.extend(b"xyz"), lambda s: len(s.b)],
    [lambda s: bytes(s.b), lambda s: s.b.pop()],
    final=lambda s: bytes(s.b),
)
def bytearray_methods_are_whole(s):
    s.b = bytearray(b"abc")


@litmus(
    [lambda s: s.q.append("a"), lambda s: s.q.popleft()],
    [lambda s: s.q.appendleft("b"), lambda s: s.q.pop()],
    [lambda s: s.q.rotate(1)],
    final=lambda s: texts(s.q),
)
def deque_both_ends(s):
    s.q = collections.deque(["m"])


@litmus(
    [lambda s: s.d.move_to_end("a"), lambda s: s.d.popitem(last=False)],
    [lambda s: s.d.pop("b", None), lambda s: s.d.__setitem__("c", "3")],
    final=lambda s: texts(s.d.items()),
)
def ordered_dict_moves(s):
    s.d = collections.OrderedDict(a="1", b="2")


# Attributes.


@litmus(
    [lambda s: setattr(s, "a", "1"), lambda s: getattr(s, "b", None)],
    [lambda s: setattr(s, "b", "2"), lambda s: getattr(s, "a", None)],
    final=lambda s: texts(sorted(vars(s).items())),
)
def attributes_come_in_order(s):
    pass


@litmus(
    [lambda s: delattr(s, "a"), lambda s: setattr(s, "c", "3")],
    [lambda s: getattr(s, "a", None), lambda s: vars(s).get("c"), lambda s: getattr(s, "a", None)],
    final=lambda s: texts(sorted(vars(s).items())),
)
def attributes_go_and_stay_gone(s):
    s.a, s.b = "1", "2"


@litmus(
    [lambda s: vars(s).__setitem__("a", "new"), lambda s: s.b],
    [lambda s: s.a, lambda s: setattr(s, "b", "n"), lambda s: s.a],
    final=lambda s: texts(vars(s).items()),
)
def attributes_and_their_dict(s):
    s.a, s.b = "1", "2"


@litmus(
    [lambda s: setattr(s.C, "x", "class"), lambda s: s.o.x],
    [lambda s: s.o.x, lambda s: setattr(s.o, "x", "own"), lambda s: s.o.x],
    [lambda s: s.o.x],
)
def attributes_of_class_and_instance(s):
    s.C = type("C", (), {"x": "old"})
    s.o = s.C()


@litmus(
    [lambda s: setattr(s.C, "m", lambda self: "new"), lambda s: s.o.m()],
    [lambda s: s.o.m(), lambda s: s.o.m(), lambda s: s.p.m()],
)
def methods_change_under_callers(s):
    class C:
        def m(self):
            return "old"

    class D(C):
        pass

    s.C, s.o, s.p = C, C(), D()


@litmus(
    [lambda s: setattr(s.o, "__class__", s.D), lambda s: s.o.kind],
    [lambda s: s.o.kind, lambda s: type(s.o) is s.D, lambda s: s.o.kind],
)
def an_object_changes_its_class(s):
    s.C = type("C", (), {"kind": "c"})
    s.D = type("D", (), {"kind": "d"})
    s.o = s.C()


@litmus(
    [lambda s: setattr(s.o, "x", "1"), lambda s: delattr(s.o, "x")],
    [lambda s: s.o.x, lambda s: setattr(s.o, "x", "2"), lambda s: s.o.x],
)
def slots_hold_one_value(s):
    s.o = type("C", (), {"__slots__": ("x",)})()


@litmus(
    [lambda s: setattr(s.m, "f", "new"), lambda s: s.m.f],
    [lambda s: s.read(), lambda s: s.read()],
)
def globals_of_a_module(s):
    s.m = types.ModuleType("m")
    exec("f = 'old'\ndef read():\n    return f", vars(s.m))
    s.read = s.m.read


# The same function and class in all runs, so that what threads have learned of them is at stake.
SHARED = types.ModuleType("shared")
exec("def f(): return name\ndef g(): return bin\ndef h(o): return o.m()\ndef k(o): return o.x", vars(SHARED))


class Common:
    pass


@litmus([lambda s: delattr(SHARED, "name"), lambda s: setattr(SHARED, "name", "new")], [lambda s: SHARED.f()] * 3)
def global_goes_and_comes_back(s):
    SHARED.name = "old"


def bin_or_name(s):
    found = SHARED.g()
    return "builtin" if found is bin else found


@litmus([lambda s: setattr(SHARED, "bin", "own"), lambda s: delattr(SHARED, "bin")], [bin_or_name] * 3)
def global_hides_a_builtin(s):
    vars(SHARED).pop("bin", None)


@litmus([lambda s: setattr(Common, "m", lambda self: "new")], [lambda s: SHARED.h(s.o)] * 3)
def method_changes_where_it_is_known(s):
    Common.m = lambda self: "old"
    s.o = Common()


@litmus([lambda s: setattr(s.o, "x", "own"), lambda s: SHARED.k(s.o)], [lambda s: SHARED.k(s.o)] * 2)
def instance_hides_a_class_attribute(s):
    Common.x = "class"
    s.o = Common()


# Iterators and generators.


def next_of(s):
    return next(s.i, "end")


@litmus([next_of, next_of], [next_of, next_of])
def list_iterator_gives_each_once(s):
    s.i = iter(["a", "b", "c"])


@litmus([next_of, next_of], [next_of], [next_of])
def range_iterator_gives_each_once(s):
    s.i = iter(range(3))


@litmus([next_of, next_of], [next_of, next_of])
def dict_iterator_gives_each_once(s):
    s.i = iter({"a": 1, "b": 2, "c": 3})


@litmus([next_of, next_of], [next_of, next_of])
def set_iterator_gives_each_once(s):
    s.i = iter({"a"})


@litmus([next_of, next_of], [next_of, next_of])
def count_gives_each_once(s):
    s.i = itertools.count(5)


def next_of_changing(s):
    return next(s.i)


# A place is one thread's alone; what lies there is read afterwards.
in_steps(
    next_of_changing,
    lambda s, own: own.update(place=next(s.places)),
    lambda s, own: s.l[own["place"]],
)


@litmus([next_of_changing], [lambda s: s.l.append("n"), lambda s: s.l.pop(0)], [next_of_changing])
def list_iterator_over_a_changing_list(s):
    s.l = ["a", "b"]
    s.i = iter(s.l)
    s.places = itertools.count()


@litmus([next_of], [lambda s: s.d.__setitem__("n", 1)], [next_of])
def dict_iterator_notices_growth(s):
    s.d = {"a": 1, "b": 2}
    s.i = iter(s.d)


def numbers():
    yield "a"
    yield "b"


def next_or_busy(s):
    try:
        return next(s.i, "end")
    except ValueError:
        return "busy"


@litmus([next_or_busy], [next_or_busy], final=lambda s: texts(s.i))
def generator_is_entered_by_one(s):
    s.i = numbers()


TABLE[-1].allowed = lambda: {
    ((("a",), ("b",)), ()),
    ((("b",), ("a",)), ()),
    ((("a",), ("busy",)), ("b",)),
    ((("busy",), ("a",)), ("b",)),
}


def look(s):
    frame = s.i.gi_frame
    return frame is None or frame.f_lasti is not None and s.i.gi_yieldfrom is None


@litmus([lambda s: next(s.i), lambda s: next(s.i)], [look, look], [look], final=lambda s: texts(s.i))
def generator_is_looked_at(s):
    s.i = numbers()


class Slow:
    """A key that Python code compares, so that a lookup leaves the dict alone meanwhile."""

    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return self.n

    def __eq__(self, other):
        return isinstance(other, Slow) and self.n == other.n


@litmus([lambda s: s.d.get(Slow(1))], [lambda s: s.d.clear(), lambda s: s.d.update(x="other")])
def dict_changes_while_keys_are_compared(s):
    s.d = {Slow(1): "a"}


@litmus([lambda s: s.f(), lambda s: s.f()], [lambda s: s.names.clear(), lambda s: s.names.update(other="wrong", value="b")])
def global_in_another_table(s):
    s.names = {"value": "a"}
    exec("def f(): return value", s.names)
    s.f = s.names.pop("f")
    for _ in range(40):
        s.f()


# Not what one thread gives: with the mutant, that is wrong as well.
TABLE[-1].allowed = lambda: {
    ((pair, (None, None)), None)
    for pair in itertools.combinations_with_replacement(("a", "NameError", "b"), 2)
}


# Counts, weak references, finalisers.


class Thing:
    def __init__(self, log):
        self.log = log

    def __del__(self):
        self.log.append("end")


def drop(s):
    s.thing = None


def is_alive(s):
    return s.ref() is not None


@litmus([drop], [is_alive, is_alive], final=lambda s: (texts(s.log), s.ref() is None))
def weak_reference_and_the_last_reference(s):
    s.log = []
    s.thing = Common()
    s.ref = weakref.ref(s.thing, lambda ref: s.log.append("call"))


@litmus([drop], [is_alive, is_alive], final=lambda s: (texts(s.log), s.ref() is None))
def weak_reference_and_a_finaliser(s):
    s.log = []
    s.thing = Thing(s.log)
    s.ref = weakref.ref(s.thing)


# As in CPython, a weak reference gives the object again while its finaliser runs.
TABLE[-1].allowed = lambda: {
    (((None,), looks), (("end",), True)) for looks in itertools.product([True, False], repeat=2)
}


@litmus([drop], [lambda s: s.thing is not None, lambda s: s.thing is not None], final=lambda s: texts(s.log))
def attribute_and_its_last_reference(s):
    s.log = []
    s.thing = Thing(s.log)


@litmus(
    [lambda s: s.l.pop() and None],
    [lambda s: len(s.l) and None, lambda s: s.l.append(None)],
    [lambda s: s.other.append(s.l[0]), lambda s: s.other.clear()],
    final=lambda s: texts(s.log),
)
def counted_by_many_ended_once(s):
    s.log = []
    s.l = [Thing(s.log)]
    s.other = []


@litmus(
    [lambda s: s.refs.append(weakref.ref(s.thing, lambda ref: s.log.append("call")))],
    [drop],
    final=lambda s: (len(s.refs), all(ref() is None for ref in s.refs)),
)
def weak_reference_made_as_the_object_ends(s):
    s.log, s.refs = [], []
    s.thing = Thing([])


@litmus(
    [lambda s: weakref.ref(s.thing) is s.again()],
    [lambda s: s.again() is weakref.ref(s.thing)],
)
def weak_reference_is_one_object(s):
    s.thing = Thing([])
    s.again = lambda: weakref.ref(s.thing)
    s.keep = weakref.ref(s.thing)


@litmus(
    [lambda s: gc.collect() and None],
    [lambda s: is_alive(s), drop],
    final=lambda s: (texts(s.log), s.ref() is None),
    few=True,
)
def cycle_is_collected_once(s):
    s.log = []
    s.thing = Thing(s.log)
    s.thing.me = s.thing
    s.ref = weakref.ref(s.thing)


# When the cycle goes depends on whether the collector came after the drop: its results are as one likes, its end is not.
TABLE[-1].allowed = lambda row=TABLE[-1]: {
    (((None,), (True, None)), (("end",), True)),
    (((None,), (True, None)), ((), False)),
    (((0,), (True, None)), (("end",), True)),
    (((0,), (True, None)), ((), False)),
}


@litmus(
    [lambda s: sys.intern("".join(["na", "me", str(s.n)])) is s.take()],
    [lambda s: s.take() is sys.intern("".join(["na", "me", str(s.n)]))],
)
def intern_has_one_winner(s):
    s.n = next(FRESH)
    s.take = lambda: sys.intern("name" + str(s.n))


FRESH = itertools.count()


# Publishing: who sees the flag sees what came before it.


def publish(s):
    s.data.append("whole")
    s.flag = True


in_steps(publish, lambda s, own: s.data.append("whole"), lambda s, own: setattr(s, "flag", True))


def consume(s):
    return texts(s.data) if s.flag else None


in_steps(
    consume,
    lambda s, own: own.update(flag=s.flag),
    lambda s, own: texts(s.data) if own["flag"] else None,
)


@litmus([publish], [consume], [consume])
def message_passing(s):
    s.data, s.flag = [], False


# Locks and queues.


def locked_increment(s):
    with s.lock:
        s.n += 1


@litmus([locked_increment] * 2, [locked_increment] * 2, final=lambda s: s.n)
def a_lock_guards_a_counter(s):
    s.lock, s.n = threading.Lock(), 0


@litmus([locked_increment], [locked_increment], [locked_increment], final=lambda s: s.n)
def a_reentrant_lock_guards_a_counter(s):
    s.lock, s.n = threading.RLock(), 0


@litmus(
    [lambda s: s.q.put("a"), lambda s: s.q.get()],
    [lambda s: s.q.put("b"), lambda s: s.q.get()],
    final=lambda s: s.q.qsize(),
)
def simple_queue_gives_each_once(s):
    s.q = queue.SimpleQueue()


@litmus(
    [lambda s: s.f(1)],
    [lambda s: s.f(1)],
    final=lambda s: (s.f(1), s.f.cache_info().currsize),
)
def lru_cache_keeps_one(s):
    s.f = functools.lru_cache(lambda n: "r" + str(n))


if __name__ == "__main__":
    main(TABLE)
