# ExceptionGroup and except*.
def run(*errors):
    try:
        if errors:
            raise ExceptionGroup("group", list(errors))
    except* ValueError as group:
        print("values", group.exceptions)
    except* (TypeError, KeyError) as group:
        print("types", group.exceptions, group.message)
    else:
        print("none")
    finally:
        print("finally")


run()
# expect: none
# expect: finally
run(ValueError(1))
# expect: values (ValueError(1),)
# expect: finally
run(ValueError(1), TypeError(2), ValueError(3), KeyError(4))
# expect: values (ValueError(1), ValueError(3))
# expect: types (TypeError(2), KeyError(4)) group
# expect: finally
try:
    run(ValueError(1), OSError(5), RuntimeError(6))
except ExceptionGroup as group:
    print("left", group, group.exceptions)
# expect: values (ValueError(1),)
# expect: finally
# expect: left group (2 sub-exceptions) (OSError(5), RuntimeError(6))
try:
    raise ValueError("naked")
except* ValueError as group:
    print(repr(group))
# expect: ExceptionGroup('', (ValueError('naked'),))
try:
    try:
        raise ExceptionGroup("outer", [ValueError("a"), ExceptionGroup("inner", [TypeError("b"), ValueError("c")])])
    except* ValueError as group:
        print(repr(group))
        raise KeyError("from handler")
except ExceptionGroup as group:
    print(repr(group))
    print([repr(e.__context__) for e in group.exceptions])
# expect: ExceptionGroup('outer', [ValueError('a'), ExceptionGroup('inner', [ValueError('c')])])
# expect: ExceptionGroup('', [KeyError('from handler'), ExceptionGroup('outer', [ExceptionGroup('inner', [TypeError('b')])])])
# expect: ["ExceptionGroup('outer', [ValueError('a'), ExceptionGroup('inner', [ValueError('c')])])", 'None']
eg = ExceptionGroup("msg", [ValueError(1), ExceptionGroup("sub", [TypeError(2), OSError(3)])])
match, rest = eg.split(ValueError)
print(repr(match), repr(rest))
# expect: ExceptionGroup('msg', [ValueError(1)]) ExceptionGroup('msg', [ExceptionGroup('sub', [TypeError(2), OSError(3)])])
print(repr(eg.subgroup(lambda e: isinstance(e, TypeError))), eg.subgroup(KeyError), eg.derive([ValueError(9)]), eg.message, str(eg), len(eg.exceptions))
# expect: ExceptionGroup('msg', [ExceptionGroup('sub', [TypeError(2)])]) None msg (1 sub-exception) msg msg (2 sub-exceptions) 2
print(type(BaseExceptionGroup("b", [ValueError(1)])), type(BaseExceptionGroup("b", [KeyboardInterrupt()])), issubclass(ExceptionGroup, Exception))
# expect: <class 'ExceptionGroup'> <class 'BaseExceptionGroup'> True


def err(code):
    try:
        exec(code)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")


err("ExceptionGroup('a', [])")  # expect: ValueError: second argument (exceptions) must be a non-empty sequence
err("ExceptionGroup('a', [5])")  # expect: ValueError: Item 0 of second argument (exceptions) is not an exception
err("ExceptionGroup('a', 5)")  # expect: TypeError: second argument (exceptions) must be a sequence
err("ExceptionGroup('a', [KeyboardInterrupt()])")  # expect: TypeError: Cannot nest BaseExceptions in an ExceptionGroup
err("ExceptionGroup(5, [ValueError()])")
# expect: TypeError: BaseExceptionGroup.__new__() argument 1 must be str, not int
err("try:\n  1/0\nexcept* ExceptionGroup: pass")
# expect: TypeError: catching ExceptionGroup with except* is not allowed. Use except instead.
for i in range(3):
    try:
        if i == 1:
            raise ExceptionGroup("loop", [ValueError(i)])
    except* ValueError as group:
        print("loop", group.exceptions)
# expect: loop (ValueError(1),)


def reraise():
    try:
        raise ExceptionGroup("g", [ValueError(1), TypeError(2)])
    except* ValueError:
        raise
    except* TypeError:
        print("type handled")


try:
    reraise()
except ExceptionGroup as group:
    print(repr(group))
# expect: type handled
# expect: ExceptionGroup('g', [ValueError(1)])


class MyGroup(ExceptionGroup):
    def derive(self, excs):
        return MyGroup(self.message, excs)


m = MyGroup("mine", [ValueError(1), KeyError(2)])
print(repr(m.subgroup(ValueError)), [type(x).__name__ for x in m.split(KeyError)])
# expect: MyGroup('mine', [ValueError(1)]) ['MyGroup', 'MyGroup']
