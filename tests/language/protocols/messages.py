# only: 3.14
# Messages of missing protocols that are worded differently before 3.14.
def err(code):
    try:
        exec(code, {"Async": Async, "Plain": Plain})
    except Exception as error:
        print(f"{type(error).__name__}: {error}")


class Async:
    async def __aenter__(self): ...

    async def __aexit__(self, *a): ...


class Plain:
    def __enter__(self): ...

    def __exit__(self, *a): ...


def run(source):
    space = {"Async": Async, "Plain": Plain}
    exec("async def f():\n    " + source, space)
    try:
        space["f"]().send(None)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")


err("1 in 5")  # expect: TypeError: argument of type 'int' is not a container or iterable
err("1 in object()")  # expect: TypeError: argument of type 'object' is not a container or iterable
err("with 5: pass")
# expect: TypeError: 'int' object does not support the context manager protocol (missed __exit__ method)
err("with Async(): pass")
# expect: TypeError: 'Async' object does not support the context manager protocol (missed __exit__ method) but it supports the asynchronous context manager protocol. Did you mean to use 'async with'?
run("await 5")  # expect: TypeError: 'int' object can't be awaited
run("async with 5: pass")
# expect: TypeError: 'int' object does not support the asynchronous context manager protocol (missed __aexit__ method)
run("async with Plain(): pass")
# expect: TypeError: 'Plain' object does not support the asynchronous context manager protocol (missed __aexit__ method) but it supports the context manager protocol. Did you mean to use 'with'?
err("bytes.fromhex('6')")  # expect: ValueError: fromhex() arg must contain an even number of hexadecimal digits
# Subscripts by key make no sequence.
import re
import types

match = re.match("a(b)", "ab")
for value in (match, int | str, types.MappingProxyType({0: 1})):
    for use in (iter, reversed, lambda x: 0 in x):
        try:
            print(type(value).__name__, type(use(value)).__name__)
        except TypeError as error:
            print(error)
# expect: 're.Match' object is not iterable
# expect: 're.Match' object is not reversible
# expect: argument of type 're.Match' is not a container or iterable
# expect: 'typing.Union' object is not iterable
# expect: 'typing.Union' object is not reversible
# expect: argument of type 'typing.Union' is not a container or iterable
# expect: mappingproxy dict_keyiterator
# expect: mappingproxy dict_reversekeyiterator
# expect: mappingproxy bool
