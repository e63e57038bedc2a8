# Importing modules and packages from the script's folder.
import sys

sys.dont_write_bytecode = True
import package
import package.sub.deep as deep
from package import VALUE, helper
from package.sub import *
from package.sub import deep as also_deep, hidden_name

print(package.VALUE, VALUE, helper(), deep.NAME, also_deep is deep, hidden_name, exported())
# expect: 1 1 helped deep True hidden exported
print(package.__name__, package.sub.__name__, deep.__name__, deep.__package__, package.__path__ is not None, deep.RELATIVE, deep.PARENT)
# expect: package package.sub package.sub.deep package.sub True hidden 1
try:
    print(not_exported)
except NameError as error:
    print(error)
# expect: name 'not_exported' is not defined
print("package" in sys.modules, sys.modules["package.sub.deep"] is deep, package.sub.deep is deep, type(package))
# expect: True True True <class 'module'>
import package as p2

print(p2 is package, __import__("package").sub is package.sub, __import__("package.sub.deep").__name__, __import__("package.sub", fromlist=["deep"]).__name__)
# expect: True True package package.sub
import importlib

print(importlib.import_module("package.sub.deep") is deep, importlib.import_module(".sub", "package").__name__, importlib.reload(deep) is deep)
# expect: True package.sub True
print(package.lazy_attribute, package.__getattr__.__name__)  # expect: lazy __getattr__
for code in (
    "import package.nope",
    "from package import nope",
    "from package.sub.deep import nope",
    "import no_such_module",
    "import no_such_module.sub",
    "from . import x",
    "import package.broken",
    "import package.VALUE",
):
    try:
        exec(code)
    except ImportError as error:
        print(f"{type(error).__name__}: {error}".split(" (/")[0], "|", error.name)
    except ZeroDivisionError as error:
        print("ZeroDivisionError", error, "package.broken" in sys.modules)
# expect: ModuleNotFoundError: No module named 'package.nope' | package.nope
# expect: ImportError: cannot import name 'nope' from 'package' | package
# expect: ImportError: cannot import name 'nope' from 'package.sub.deep' | package.sub.deep
# expect: ModuleNotFoundError: No module named 'no_such_module' | no_such_module
# expect: ModuleNotFoundError: No module named 'no_such_module' | no_such_module
# expect: ImportError: attempted relative import with no known parent package | None
# expect: ZeroDivisionError division by zero False
# expect: ModuleNotFoundError: No module named 'package.VALUE' | package.VALUE
import package.cycle_a

print(package.cycle_a.done, package.cycle_b.done, package.cycle_b.seen)  # expect: a done b done ('early', False)
del sys.modules["package.sub.deep"]
import package.sub.deep

print(package.sub.deep is deep, package.sub.deep.NAME)  # expect: False deep
import types

made = types.ModuleType("made", "doc")
made.value = 5
sys.modules["made"] = made
import made as m

print(m.value, m.__doc__, m)  # expect: 5 doc <module 'made'>
sys.modules["blocked"] = None
try:
    import blocked
except ImportError as error:
    print(error)
# expect: import of blocked halted; None in sys.modules


class Finder:
    def find_spec(self, name, path, target=None):
        if name == "virtual":
            from importlib.machinery import ModuleSpec

            return ModuleSpec(name, self)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        module.answer = 42


sys.meta_path.insert(0, Finder())
import virtual

print(virtual.answer, virtual.__spec__.name)  # expect: 42 virtual


def local_import():
    import math as m, os.path
    from math import pi as p

    return m.floor(p), os.path.basename("/a/b")


print(local_import(), "math" in dir(), __name__, __file__.endswith("imports.py"), __spec__)
# expect: (3, 'b') False __main__ True None
