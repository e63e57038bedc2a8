# Attributes that are deleted and come back.
class Box:
    label = "of the class"

    def __init__(self):
        self.a = 1
        self.b = 2
        self.label = "own"


def get(box):
    return box.label


boxes = [Box() for _ in range(20)]
print([get(box) for box in boxes][-1])  # expect: own
box = boxes[0]
del box.label
print(get(box), vars(box), hasattr(box, "label"), get(boxes[1]))  # expect: of the class {'a': 1, 'b': 2} True own
del box.a
print(vars(box), sorted(box.__dict__), "a" in box.__dict__, len(box.__dict__))  # expect: {'b': 2} ['b'] False 1
box.a = 3
print(list(vars(box).items()), box.a)  # expect: [('b', 2), ('a', 3)] 3
box.label = "again"
print(get(box), list(vars(box)))  # expect: again ['b', 'a', 'label']

box = boxes[2]
del box.a, box.b, box.label
for name in ("a", "label"):
    try:
        delattr(box, name)
    except AttributeError as e:
        print(e)
# expect: 'Box' object has no attribute 'a'
# expect: 'Box' object has no attribute 'label'
try:
    box.a
except AttributeError as e:
    print(e)
# expect: 'Box' object has no attribute 'a'
print(vars(box), dir(box)[-1], get(box))  # expect: {} label of the class
box.__init__()
print(vars(box), get(box))  # expect: {'a': 1, 'b': 2, 'label': 'own'} own

import copy

box = boxes[3]
del box.b
print(vars(copy.copy(box)), box.__getstate__())  # expect: {'a': 1, 'label': 'own'} {'a': 1, 'label': 'own'}
other = boxes[4]
del other.a
other.c = 5
print(vars(other))  # expect: {'b': 2, 'label': 'own', 'c': 5}


class Slots:
    __slots__ = ("x",)


s = Slots()
s.x = 1
del s.x
try:
    s.x
except AttributeError as e:
    print(e)
# expect: 'Slots' object has no attribute 'x'
s.x = 2
print(s.x)  # expect: 2


class Dropped:
    def __del__(self):
        print("dropped")


box = boxes[5]
box.a = Dropped()
del box.a  # expect: dropped
print("behind")  # expect: behind


def unset_members():
    class Local:
        __slots__ = ("member",)

    class Decimal(Local):
        __module__ = "some.module"
        __slots__ = ()

    for thing in Local(), Decimal():
        try:
            thing.member
        except AttributeError as e:
            print(e, e.name, e.obj is thing)


unset_members()
# expect: 'unset_members.<locals>.Local' object has no attribute 'member' member True
# expect: 'some.module.unset_members.<locals>.Decimal' object has no attribute 'member' member True
