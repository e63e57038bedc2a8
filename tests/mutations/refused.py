# Code objects made from parts, and what is refused.
import types


def f(a, b=2, *rest, k=3, **more):
    "doc"
    x = a + b
    return x, rest, k, more


c = f.__code__
made = types.CodeType(
    c.co_argcount, c.co_posonlyargcount, c.co_kwonlyargcount, c.co_nlocals, c.co_stacksize, c.co_flags, c.co_code,
    c.co_consts, c.co_names, c.co_varnames, c.co_filename, c.co_name, c.co_qualname, c.co_firstlineno, c.co_linetable,
    c.co_exceptiontable, c.co_freevars, c.co_cellvars,
)
print(made == c, hash(made) == hash(c))  # expect: True True
print(types.FunctionType(made, globals(), argdefs=(5,))(1, k=7))  # expect: (6, (), 7, {})
print(c.replace(co_stacksize=c.co_stacksize + 10).co_stacksize == c.co_stacksize + 10)  # expect: True
print(c.replace(co_name="g").co_name)  # expect: g


def refused(**changes):
    try:
        outer.__code__.replace(**changes)
    except (ValueError, TypeError) as e:
        return type(e).__name__
    return "made"


def outer():
    def inner():
        return free

    free = 1
    return inner


consts = outer.__code__.co_consts
# A function is made of code only, and its cells are there.
print(refused(co_consts=tuple(5 for _ in consts)))  # expect: ValueError
print(refused(co_consts=tuple(f.__code__ if isinstance(k, types.CodeType) else k for k in consts)))  # expect: ValueError
print(refused(co_consts=consts + (object(),)))  # expect: made
print(refused(co_code=outer.__code__.co_code[:-4]))  # expect: ValueError
print(refused(co_code=outer.__code__.co_code[:-1]))  # expect: ValueError
print(refused(co_code=b""))  # expect: ValueError
print(refused(co_stacksize=0))  # expect: ValueError
print(refused(co_argcount=9))  # expect: ValueError
print(refused(co_argcount=-5))  # expect: ValueError
print(refused(co_nlocals=9))  # expect: ValueError
print(refused(co_flags=outer.__code__.co_flags | 0x20))  # expect: ValueError
print(refused(co_names=5))  # expect: TypeError
print(refused(co_names=(5,)))  # expect: TypeError


def keyword():
    return dict(a=1)


try:
    keyword.__code__.replace(co_consts=tuple(("a", "b", "c") if isinstance(k, tuple) else k for k in keyword.__code__.co_consts))
except ValueError:
    print("refused")  # expect: refused


# What `split` gives back need not be exceptions.
class Group(ExceptionGroup):
    def split(self, condition):
        return 1, None


try:
    try:
        raise Group("g", [ValueError()])
    except* ValueError as e:
        print(e)  # expect: 1
        try:
            raise KeyError
        except KeyError as k:
            print(type(k.__context__).__name__)  # expect: Group
except BaseException as e:
    print(type(e).__name__)
