# Introspection: inspect, types, ast, sys attributes, code objects.
import ast
import inspect
import sys
import types


def sample(a, b: int = 2, /, c=3, *args, d, e=5, **kw) -> str:
    """Sample doc."""
    return a


print(inspect.signature(sample), list(inspect.signature(sample).parameters), inspect.getdoc(sample), inspect.isfunction(sample), inspect.getsource(sample).splitlines()[0], inspect.getfullargspec(sample).kwonlyargs)
# expect: (a, b: int = 2, /, c=3, *args, d, e=5, **kw) -> str ['a', 'b', 'c', 'args', 'd', 'e', 'kw'] Sample doc. True def sample(a, b: int = 2, /, c=3, *args, d, e=5, **kw) -> str: ['d', 'e']
bound = inspect.signature(sample).bind(1, d=4)
bound.apply_defaults()
print(bound.arguments, inspect.signature(sample).replace(return_annotation=inspect.Signature.empty), inspect.signature(lambda *a, b: 0), inspect.signature(dict.get), inspect.signature(str.split), inspect.signature(type("X", (), {"__init__": lambda self, q: None})))
# expect: {'a': 1, 'b': 2, 'c': 3, 'args': (), 'd': 4, 'e': 5, 'kw': {}} (a, b: int = 2, /, c=3, *args, d, e=5, **kw) (*a, b) (self, key, default=None, /) (self, /, sep=None, maxsplit=-1) (q)
code = sample.__code__
print(code.co_name, code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_nlocals, code.co_varnames, code.co_flags & inspect.CO_VARARGS != 0, code.co_firstlineno, code.co_filename == __file__, "Sample doc." in code.co_consts)
# expect: sample 3 2 2 7 ('a', 'b', 'c', 'd', 'e', 'args', 'kw') True 8 True True


def outer():
    free = 1
    return lambda: free


print(outer().__code__.co_freevars, outer.__code__.co_cellvars, outer.__code__.co_names, inspect.getclosurevars(outer()).nonlocals)
# expect: ('free',) ('free',) () {'free': 1}
print(types.FunctionType, types.SimpleNamespace(a=1, b=2), types.MappingProxyType({"a": 1}), types.MethodType(lambda self: self, 5)(), types.new_class("N", (), {}).__name__, types.NoneType, types.GenericAlias(list, (int,)), isinstance(5, types.UnionType), type(len) is types.BuiltinFunctionType)
# expect: <class 'function'> namespace(a=1, b=2) {'a': 1} 5 N <class 'NoneType'> list[int] False True
ns = types.SimpleNamespace(x=1)
ns.y = 2
print(ns, ns == types.SimpleNamespace(x=1, y=2), vars(ns))  # expect: namespace(x=1, y=2) True {'x': 1, 'y': 2}
tree = ast.parse("x = 1 + f(2, *a, k=3)\nif x: pass")
print(ast.dump(tree.body[0]), ast.unparse(tree), [type(n).__name__ for n in ast.walk(tree)][:6], ast.literal_eval("{'a': [1, (2.5, None)], 'b': -1}"), eval(compile(ast.fix_missing_locations(ast.Expression(ast.Constant(5))), "f", "eval")))
# expect: Assign(targets=[Name(id='x', ctx=Store())], value=BinOp(left=Constant(value=1), op=Add(), right=Call(func=Name(id='f', ctx=Load()), args=[Constant(value=2), Starred(value=Name(id='a', ctx=Load()), ctx=Load())], keywords=[keyword(arg='k', value=Constant(value=3))]))) x = 1 + f(2, *a, k=3)
# expect: if x:
# expect:     pass ['Module', 'Assign', 'If', 'Name', 'BinOp', 'Name'] {'a': [1, (2.5, None)], 'b': -1} 5


class Visitor(ast.NodeTransformer):
    def visit_Constant(self, node):
        return ast.copy_location(ast.Constant(node.value * 10), node)


changed = ast.fix_missing_locations(Visitor().visit(ast.parse("y = 1 + 2")))
space = {}
exec(compile(changed, "f", "exec"), space)
print(space["y"], ast.unparse(changed))  # expect: 30 y = 10 + 20
for bad in ("f()", "a", "[1"):
    try:
        ast.literal_eval(bad)
    except (ValueError, SyntaxError) as error:
        print(type(error).__name__, str(error)[:24])
# expect: ValueError malformed node or string
# expect: ValueError malformed node or string
# expect: SyntaxError '[' was never closed (<u
print(sys.byteorder, sys.maxsize, sys.maxunicode, sys.float_info.max, sys.float_info.epsilon, sys.getsizeof(1) > 0, sys.hash_info.modulus, sys.implementation.name in ("cpython", "orochi"), sys.argv[0] == __file__ or True, sys.intern("abc") is sys.intern("abc"), sys.getdefaultencoding(), sys.getfilesystemencoding())
# expect: little 9223372036854775807 1114111 1.7976931348623157e+308 2.220446049250313e-16 True 2305843009213693951 True True True utf-8 utf-8
print(inspect.getmro(bool), inspect.isclass(int), inspect.ismodule(sys), inspect.isbuiltin(len), inspect.ismethod(bound.apply_defaults), [n for n, v in inspect.getmembers(ns) if not n.startswith("_")], inspect.currentframe().f_lineno > 0)
# expect: (<class 'bool'>, <class 'int'>, <class 'object'>) True True True True ['x', 'y'] True
import contextlib
import io


class Doc:
    """Documentation of Doc."""

    attr = 1

    def method(self, x=1):
        """Method doc."""


out = io.StringIO()
with contextlib.redirect_stdout(out):
    help(Doc)
print("Documentation of Doc." in out.getvalue(), "method(self, x=1)" in out.getvalue())  # expect: True True
import dis

names = [i.opname for i in dis.get_instructions(sample)]
print("RETURN_VALUE" in names, len(names) > 1)  # expect: True True
import symtable

table = symtable.symtable("def f(a):\n  global g\n  b = a", "f", "exec")
print(table.get_children()[0].get_parameters(), table.get_children()[0].lookup("g").is_global())  # expect: ('a',) True
import argparse

parser = argparse.ArgumentParser(prog="prog", description="Does things.")
parser.add_argument("name")
parser.add_argument("-n", "--number", type=int, default=1, help="a number")
parser.add_argument("--flag", action="store_true")
print(parser.parse_args(["x", "-n", "5", "--flag"]), parser.format_usage())
# expect: Namespace(name='x', number=5, flag=True) usage: prog [-h] [-n NUMBER] [--flag] name
# expect:
try:
    with contextlib.redirect_stderr(io.StringIO()) as errors:
        parser.parse_args(["x", "-n", "a"])
except SystemExit as stop:
    print(stop.code, errors.getvalue().splitlines()[-1])
# expect: 2 prog: error: argument -n/--number: invalid int value: 'a'
import logging
import warnings

logging.basicConfig(stream=sys.stdout, format="%(levelname)s:%(name)s:%(message)s", level=logging.INFO)
logging.getLogger("x").info("hello %s", "log")  # expect: INFO:x:hello log
logging.debug("hidden")
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    warnings.warn("careful", DeprecationWarning)
print(caught[0].message, caught[0].category.__name__)  # expect: careful DeprecationWarning
import unittest


class Case(unittest.TestCase):
    def test_ok(self):
        self.assertEqual(1 + 1, 2)
        with self.assertRaises(ZeroDivisionError):
            1 / 0

    def test_bad(self):
        self.assertEqual([1, 2], [1, 3])


result = unittest.TestResult()
unittest.defaultTestLoader.loadTestsFromTestCase(Case).run(result)
print(result.testsRun, len(result.failures), "AssertionError: Lists differ: [1, 2] != [1, 3]" in result.failures[0][1])  # expect: 2 1 True
