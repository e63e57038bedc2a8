# Names that the code does not know can be removed from f_locals; variables cannot.
# only: 3.14
import sys


def fails(what):
    try:
        return what()
    except Exception as e:
        return type(e).__name__, *e.args


def remove(p, name):
    del p[name]


def removals():
    x = 1
    p = sys._getframe().f_locals
    p["new"] = 2
    p["other"] = 3
    print(p.pop("new"), p.pop("new", "default"), fails(lambda: p.pop("new")), fails(lambda: p.pop()))
    # expect: 2 default ('KeyError', 'new') ('TypeError', 'pop expected at least 1 argument, got 0')
    print(remove(p, "other"), "other" in p, fails(lambda: remove(p, "other")), fails(lambda: remove(p, "never")))
    # expect: None False ('KeyError', 'other') ('KeyError', 'never')
    print(fails(lambda: p.pop("x")), fails(lambda: remove(p, "x")), x)
    # expect: ('ValueError', 'cannot remove local variables from FrameLocalsProxy') ('ValueError', 'cannot remove local variables from FrameLocalsProxy') 1


removals()
