# try, except, else, finally, raise, chaining, groups of handlers, cleanup of names.
def run(n):
    try:
        print("try", n)
        if n == 1:
            raise ValueError("one")
        if n == 2:
            raise KeyError("two")
        if n == 3:
            return "returned"
        if n == 4:
            raise ZeroDivisionError
    except ValueError as error:
        print("value", error, error.args)
    except (KeyError, IndexError) as error:
        print("key", repr(error), str(error))
        return "from except"
    else:
        print("else")
    finally:
        print("finally", n)
    return "end"


for n in range(4):
    print(run(n))
# expect: try 0
# expect: else
# expect: finally 0
# expect: end
# expect: try 1
# expect: value one ('one',)
# expect: finally 1
# expect: end
# expect: try 2
# expect: key KeyError('two') 'two'
# expect: finally 2
# expect: from except
# expect: try 3
# expect: finally 3
# expect: returned
try:
    run(4)
except ZeroDivisionError as error:
    print(repr(error), str(error) == "", error.args)
# expect: try 4
# expect: finally 4
# expect: ZeroDivisionError() True ()
try:
    print(error)
except NameError as name_error:
    print(name_error)
# expect: name 'error' is not defined


def chained():
    try:
        {}["k"]
    except KeyError as error:
        raise ValueError("outer") from error


def implicit():
    try:
        {}["k"]
    except KeyError:
        1 / 0


def suppressed():
    try:
        {}["k"]
    except KeyError:
        raise ValueError("quiet") from None


for f in (chained, implicit, suppressed):
    try:
        f()
    except Exception as error:
        print(repr(error), repr(error.__cause__), repr(error.__context__), error.__suppress_context__)
# expect: ValueError('outer') KeyError('k') KeyError('k') True
# expect: ZeroDivisionError('division by zero') None KeyError('k') False
# expect: ValueError('quiet') None KeyError('k') True


def reraise():
    try:
        raise ValueError("again")
    except ValueError:
        try:
            raise
        finally:
            print("inner finally")


try:
    reraise()
except ValueError as error:
    print(error, error.__context__)
# expect: inner finally
# expect: again None


class Custom(Exception):
    def __init__(self, code, message="default"):
        super().__init__(message)
        self.code = code


class Sub(Custom):
    def __str__(self):
        return f"Sub with {self.code}"


for make in (lambda: Custom(1), lambda: Custom(2, "m"), lambda: Sub(3)):
    try:
        raise make()
    except Custom as error:
        print(type(error).__name__, error, error.code, error.args, repr(error))
# expect: Custom default 1 ('default',) Custom('default')
# expect: Custom m 2 ('m',) Custom('m')
# expect: Sub Sub with 3 3 ('default',) Sub('default')
try:
    raise Custom(5) from KeyError("cause")
except Custom as error:
    print(repr(error.__cause__))
# expect: KeyError('cause')
print(Exception("a", 1), repr(Exception("a", 1)), repr(Exception()), str(Exception()), Exception("x").args, KeyError("k"), str(KeyError("k")), OSError(2, "msg"), OSError(2, "msg", "file").filename, repr(OSError(2, "No such")))
# expect: ('a', 1) Exception('a', 1) Exception()  ('x',) 'k' 'k' [Errno 2] msg file FileNotFoundError(2, 'No such')
print(type(OSError(2, "x")).__name__, type(OSError(13, "x")).__name__, type(OSError(17, "x")).__name__, issubclass(FileNotFoundError, OSError), StopIteration(5).value, SystemExit(3).code, UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"))
# expect: FileNotFoundError PermissionError FileExistsError True 5 3 'utf-8' codec can't decode byte 0xff in position 0: bad


def nested():
    try:
        try:
            raise ValueError("a")
        finally:
            raise KeyError("b")
    except KeyError as error:
        return repr(error), repr(error.__context__)


print(nested())  # expect: ("KeyError('b')", "ValueError('a')")


def loop():
    out = []
    for i in range(5):
        try:
            if i == 1:
                continue
            if i == 3:
                break
            out.append(i)
        finally:
            out.append(f"f{i}")
    return out


print(loop())  # expect: [0, 'f0', 'f1', 2, 'f2', 'f3']


def err(code):
    try:
        exec(code)
    except BaseException as error:
        print(f"{type(error).__name__}: {error}")
    else:
        print("no error:", code)


err("raise")  # expect: RuntimeError: No active exception to reraise
err("raise 5")  # expect: TypeError: exceptions must derive from BaseException
err("raise 'text'")  # expect: TypeError: exceptions must derive from BaseException
err("raise ValueError from 5")  # expect: TypeError: exception causes must derive from BaseException
err("raise int")  # expect: TypeError: exceptions must derive from BaseException
err("raise ValueError")  # expect: ValueError: 
err("raise ValueError('a') from KeyError")  # expect: ValueError: a
err("try:\n  1/0\nexcept 5: pass")
# expect: TypeError: catching classes that do not inherit from BaseException is not allowed
err("try:\n  1/0\nexcept (ValueError, 'x'): pass")
# expect: TypeError: catching classes that do not inherit from BaseException is not allowed
err("raise SystemExit(4)")  # expect: SystemExit: 4
err("raise KeyboardInterrupt")  # expect: KeyboardInterrupt: 
err("raise GeneratorExit('g')")  # expect: GeneratorExit: g
err("raise BaseException('b')")  # expect: BaseException: b
err("class E(Exception): pass\nraise E")  # expect: E: 
err("assert 0, (1, 2)")  # expect: AssertionError: (1, 2)
e = ValueError("n")
e.add_note("note 1")
e.add_note("note 2")
print(e.__notes__, e.with_traceback(None) is e, e.__traceback__)  # expect: ['note 1', 'note 2'] True None
try:
    e.add_note(5)
except TypeError as error:
    print(error)
# expect: note must be a str, not 'int'
import sys

print(sys.exc_info(), sys.exception())  # expect: (None, None, None) None
try:
    1 / 0
except ZeroDivisionError:
    print(sys.exc_info()[0], sys.exception(), sys.exc_info()[2].tb_lineno > 0)

    def inside():
        return repr(sys.exception())

    print(inside())
# expect: <class 'ZeroDivisionError'> division by zero True
# expect: ZeroDivisionError('division by zero')
print(sys.exception())  # expect: None


def gen():
    try:
        yield 1
    except ValueError:
        yield repr(sys.exception())


g = gen()
next(g)
print(g.throw(ValueError("in gen")), sys.exception())  # expect: ValueError('in gen') None


class Prop:
    def __getattr__(self, name):
        raise AttributeError(name, name=name, obj=self)


try:
    Prop().missing
except AttributeError as error:
    print(error.name, type(error.obj).__name__, error)
# expect: missing Prop missing
try:
    import nothing_here
except ImportError as error:
    print(type(error).__name__, error, error.name)
# expect: ModuleNotFoundError No module named 'nothing_here' nothing_here
try:
    from os import nothing_here
except ImportError as error:
    print(type(error).__name__, str(error).split(" (")[0])
# expect: ImportError cannot import name 'nothing_here' from 'os'
try:
    undefined
except NameError as error:
    print(error.name)
# expect: undefined
