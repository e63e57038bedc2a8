# What return, break, continue, raise and yield do to pending actions in finally blocks.
import warnings

warnings.simplefilter("ignore")
source = '''
def overrides():
    try:
        return "try"
    finally:
        return "finally"

def swallows():
    try:
        raise ValueError("lost")
    finally:
        return "swallowed"

def breaks():
    for i in range(3):
        try:
            raise ValueError(i)
        finally:
            break
    return "broke", i

def continues():
    out = []
    for i in range(3):
        try:
            out.append(i)
            return "never"
        finally:
            continue
    return out
'''
exec(compile(source, "warns", "exec"))
print(overrides(), swallows(), breaks(), continues())  # expect: finally swallowed ('broke', 0) [0, 1, 2]


def keeps():
    x = 1
    try:
        return x
    finally:
        x = 2


def nested():
    log = []
    try:
        try:
            try:
                log.append("body")
                raise KeyError("k")
            finally:
                log.append("inner")
        except KeyError:
            log.append("caught")
            raise TypeError("t")
        finally:
            log.append("middle")
    except TypeError as error:
        log.append(repr(error.__context__))
    finally:
        log.append("outer")
    return log


def in_else():
    log = []
    try:
        log.append("try")
    except Exception:
        log.append("except")
    else:
        try:
            raise ValueError("else")
        except ValueError as error:
            log.append(str(error))
    finally:
        log.append("finally")
    return log


def rebinding():
    error = "outer"
    try:
        raise ValueError("v")
    except ValueError as error:
        pass
    try:
        return error
    except UnboundLocalError as problem:
        return str(problem)


def loops():
    out = []
    for i in range(6):
        try:
            if i == 1:
                continue
            if i == 2:
                raise ValueError(i)
            if i == 4:
                break
            out.append(i)
        except ValueError as e:
            out.append(f"caught {e}")
            continue
        else:
            out.append(f"else {i}")
        finally:
            out.append(f"finally {i}")
    else:
        out.append("loop else")
    return out


def while_try():
    n = 0
    while True:
        try:
            n += 1
            if n < 3:
                continue
            return n
        finally:
            n += 10


def gen():
    try:
        yield 1
        try:
            yield 2
        finally:
            yield "cleanup"
    except GeneratorExit:
        print("exit")
        raise
    finally:
        print("done")


print(keeps(), nested(), in_else(), rebinding(), loops(), while_try(), list(gen()))
# expect: done
# expect: 1 ['body', 'inner', 'caught', 'middle', "KeyError('k')", 'outer'] ['try', 'else', 'finally'] cannot access local variable 'error' where it is not associated with a value [0, 'else 0', 'finally 0', 'finally 1', 'caught 2', 'finally 2', 3, 'else 3', 'finally 3', 'finally 4'] 12 [1, 2, 'cleanup']
g = gen()
next(g)
g.close()
# expect: exit
# expect: done
g = gen()
next(g), next(g)
try:
    print(g.throw(ValueError("x")))
    next(g)
except ValueError as error:
    print("out", error)
# expect: cleanup
# expect: done
# expect: out x


def context_chain():
    try:
        try:
            raise ValueError(1)
        except ValueError:
            try:
                raise TypeError(2)
            except TypeError:
                raise KeyError(3)
    except KeyError as e:
        chain = []
        while e:
            chain.append(repr(e))
            e = e.__context__
        return chain


print(context_chain())  # expect: ['KeyError(3)', 'TypeError(2)', 'ValueError(1)']


def reraise_context():
    first = ValueError("first")
    try:
        raise first
    except ValueError:
        try:
            raise TypeError("second")
        except TypeError:
            try:
                raise first
            except ValueError as e:
                return repr(e.__context__), e.__context__.__context__


print(reraise_context())  # expect: ("TypeError('second')", None)


def with_and_finally():
    class M:
        def __enter__(self):
            return self

        def __exit__(self, *a):
            log.append(a[0])
            return True

    log = []
    for i in range(3):
        with M():
            try:
                if i == 1:
                    raise ValueError
                continue
            finally:
                log.append(i)
    return log


print(with_and_finally())  # expect: [0, None, 1, <class 'ValueError'>, 2, None]
try:
    try:
        raise ValueError("a")
    except ValueError as e:
        del e
    e
except NameError as error:
    print(error)
# expect: name 'e' is not defined


def deep(n):
    try:
        if n:
            return deep(n - 1)
        raise LookupError("deep")
    finally:
        trail.append(n)


trail = []
try:
    deep(5)
except LookupError:
    print(trail)
# expect: [0, 1, 2, 3, 4, 5]
