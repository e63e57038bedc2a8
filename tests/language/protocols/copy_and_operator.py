# The operator module and in-place protocol fallbacks.
import operator as op

print(op.add(1, 2), op.sub(5, 3), op.mul(2, "a"), op.truediv(1, 2), op.floordiv(7, 2), op.mod(7, 3), op.pow(2, 3), op.neg(1), op.pos(-1), op.inv(5), op.not_(0), op.truth([1]), op.and_(6, 3), op.or_(6, 3), op.xor(6, 3), op.lshift(1, 3), op.rshift(8, 1), op.abs(-1), op.index(True))
# expect: 3 2 aa 0.5 3 1 8 -1 -1 -6 True True 2 7 5 8 4 1 1
print(op.lt(1, 2), op.le(2, 2), op.eq(1, 1.0), op.ne(1, 2), op.ge(1, 2), op.gt(2, 1), op.is_(None, None), op.is_not(1, None), op.contains([1], 1), op.concat([1], [2]), op.countOf([1, 1, 2], 1), op.indexOf([5, 6], 6))
# expect: True True True True False True True True True [1, 2] 2 1
d = {"a": [1, {"b": 2}]}
print(op.itemgetter("a")(d), op.itemgetter(0, 2)("abc"), op.attrgetter("real", "imag")(3 + 4j), op.attrgetter("__class__.__name__")(1), op.methodcaller("split", ",", 1)("a,b,c"), op.getitem(d, "a"))
# expect: [1, {'b': 2}] ('a', 'c') (3.0, 4.0) int ['a', 'b,c'] [1, {'b': 2}]
op.setitem(d, "z", 1)
op.delitem(d, "a")
print(d, op.iadd([1], (2,)), op.imul([1], 2), op.ior({1: 2}, {3: 4}), op.isub({1, 2}, {1}), op.length_hint([1, 2]))
# expect: {'z': 1} [1, 2] [1, 1] {1: 2, 3: 4} {2} 2


class InPlace:
    def __init__(self):
        self.log = []

    def __iadd__(self, o):
        self.log.append(("iadd", o))
        return self

    def __imatmul__(self, o):
        self.log.append(("imatmul", o))
        return self

    def __ior__(self, o):
        return "replaced"

    def __sub__(self, o):
        return f"sub {o}"

    def __isub__(self, o):
        return NotImplemented


x = y = InPlace()
x += 1
x @= 2
print(x is y, x.log)  # expect: True [('iadd', 1), ('imatmul', 2)]
x -= 3
print(x)  # expect: sub 3
y |= 4
print(y)  # expect: replaced
t = ([1],)
try:
    t[0] += [2]
except TypeError as error:
    print(error, t)
# expect: 'tuple' object does not support item assignment ([1, 2],)
s = "a"
s += "b"
s *= 3
lst = [1, 2]
alias = lst
lst += (3,)
lst *= 2
print(s, lst, alias is lst)  # expect: ababab [1, 2, 3, 1, 2, 3] True


class Attr:
    n = 5


a = Attr()
a.n += 1
print(a.n, Attr.n)  # expect: 6 5


def order(label):
    def f(*args):
        print(label, end=" ")
        return args[0] if args else 0

    return f


table = {}
order("b")(table)[order("c")("k")] = order("a")(1)  # expect: a b c {'k': 1}
print(table)
print(order("f")(1) + order("g")(2) * order("h")(3), [order("i")(1), order("j")(2)], {order("k")(1): order("l")(2)})
# expect: f g h i j k l 7 [1, 2] {1: 2}
print((order("m")(print))(order("n")(1), *order("o")([2]), sep=order("p")("-")))
# expect: m n o p 1-2
# expect: None


# Instances of generic classes, by every protocol.
import pickle
import typing


class Box(typing.Generic[typing.TypeVar("T")]):
    pass


box = Box()
box.item = 3
print([pickle.loads(pickle.dumps(box, protocol)).item for protocol in range(6)])  # expect: [3, 3, 3, 3, 3, 3]
