"""Trees, tokens, symbol tables and the prompt's compiler."""

import ast
import code
import codeop
import copy
import io
import pickle
import symtable
import tokenize

source = """\
@deco(1)
async def f[T](a, /, b: int = 1, *c, d=2, **e) -> str:
    async with x as y, z: await w
    return f"{a!r:>{b}} {c=}" 'q' if a else [i async for i in g if i]
class A(B, metaclass=M):
    "doc"
    x: int = 5; del x.y, z[1:2, ...]
match v:
    case [1, *_, {"k": None, **r}] | C(p, q=-1j) as w if w: pass
try: raise X from Y
except* (P, Q) as g: global h
"""
tree = ast.parse(source)
for node in tree.body:
    print(ast.dump(node))
# expect: AsyncFunctionDef(name='f', args=arguments(posonlyargs=[arg(arg='a')], args=[arg(arg='b', annotation=Name(id='int', ctx=Load()))], vararg=arg(arg='c'), kwonlyargs=[arg(arg='d')], kw_defaults=[Constant(value=2)], kwarg=arg(arg='e'), defaults=[Constant(value=1)]), body=[AsyncWith(items=[withitem(context_expr=Name(id='x', ctx=Load()), optional_vars=Name(id='y', ctx=Store())), withitem(context_expr=Name(id='z', ctx=Load()))], body=[Expr(value=Await(value=Name(id='w', ctx=Load())))]), Return(value=IfExp(test=Name(id='a', ctx=Load()), body=JoinedStr(values=[FormattedValue(value=Name(id='a', ctx=Load()), conversion=114, format_spec=JoinedStr(values=[Constant(value='>'), FormattedValue(value=Name(id='b', ctx=Load()), conversion=-1)])), Constant(value=' c='), FormattedValue(value=Name(id='c', ctx=Load()), conversion=114), Constant(value='q')]), orelse=ListComp(elt=Name(id='i', ctx=Load()), generators=[comprehension(target=Name(id='i', ctx=Store()), iter=Name(id='g', ctx=Load()), ifs=[Name(id='i', ctx=Load())], is_async=1)])))], decorator_list=[Call(func=Name(id='deco', ctx=Load()), args=[Constant(value=1)])], returns=Name(id='str', ctx=Load()), type_params=[TypeVar(name='T')])
# expect: ClassDef(name='A', bases=[Name(id='B', ctx=Load())], keywords=[keyword(arg='metaclass', value=Name(id='M', ctx=Load()))], body=[Expr(value=Constant(value='doc')), AnnAssign(target=Name(id='x', ctx=Store()), annotation=Name(id='int', ctx=Load()), value=Constant(value=5), simple=1), Delete(targets=[Attribute(value=Name(id='x', ctx=Load()), attr='y', ctx=Del()), Subscript(value=Name(id='z', ctx=Load()), slice=Tuple(elts=[Slice(lower=Constant(value=1), upper=Constant(value=2)), Constant(value=Ellipsis)], ctx=Load()), ctx=Del())])])
# expect: Match(subject=Name(id='v', ctx=Load()), cases=[match_case(pattern=MatchAs(pattern=MatchOr(patterns=[MatchSequence(patterns=[MatchValue(value=Constant(value=1)), MatchStar(), MatchMapping(keys=[Constant(value='k')], patterns=[MatchSingleton(value=None)], rest='r')]), MatchClass(cls=Name(id='C', ctx=Load()), patterns=[MatchAs(name='p')], kwd_attrs=['q'], kwd_patterns=[MatchValue(value=UnaryOp(op=USub(), operand=Constant(value=1j)))])]), name='w'), guard=Name(id='w', ctx=Load()), body=[Pass()])])
# expect: TryStar(body=[Raise(exc=Name(id='X', ctx=Load()), cause=Name(id='Y', ctx=Load()))], handlers=[ExceptHandler(type=Tuple(elts=[Name(id='P', ctx=Load()), Name(id='Q', ctx=Load())], ctx=Load()), name='g', body=[Global(names=['h'])])])
print(ast.unparse(tree))
# expect: @deco(1)
# expect: async def f[T](a, /, b: int=1, *c, d=2, **e) -> str:
# expect:     async with x as y, z:
# expect:         await w
# expect:     return f'{a!r:>{b}} c={c!r}q' if a else [i async for i in g if i]
# expect:
# expect: class A(B, metaclass=M):
# expect:     """doc"""
# expect:     x: int = 5
# expect:     del x.y, z[1:2, ...]
# expect: match v:
# expect:     case [1, *_, {'k': None, **r}] | C(p, q=-1j) as w if w:
# expect:         pass
# expect: try:
# expect:     raise X from Y
# expect: except* (P, Q) as g:
# expect:     global h
places = [(type(n).__name__, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset) for n in ast.walk(tree) if hasattr(n, "lineno")]
print(len(places), places[::7])
# expect: 88 [('AsyncFunctionDef', 2, 0, 4, 69), ('Name', 2, 50, 2, 53), ('Name', 8, 6, 8, 7), ('Constant', 2, 39, 2, 40), ('Name', 5, 21, 5, 22), ('MatchAs', 9, 9, 9, 53), ('Name', 2, 24, 2, 27), ('ListComp', 4, 44, 4, 69), ('Name', 3, 32, 3, 33), ('Constant', 7, 32, 7, 35), ('Name', 4, 62, 4, 63), ('Name', 9, 37, 9, 38), ('MatchSingleton', 9, 23, 9, 27)]
print(ast.dump(pickle.loads(pickle.dumps(tree))) == ast.dump(copy.deepcopy(tree)) == ast.dump(tree))  # expect: True
print(ast.dump(ast.parse("'\\ud800' u'x'; é = 'ü' + z"), include_attributes=True))
# expect: Module(body=[Expr(value=Constant(value='\ud800x', lineno=1, col_offset=0, end_lineno=1, end_col_offset=13), lineno=1, col_offset=0, end_lineno=1, end_col_offset=13), Assign(targets=[Name(id='é', ctx=Store(), lineno=1, col_offset=15, end_lineno=1, end_col_offset=17)], value=BinOp(left=Constant(value='ü', lineno=1, col_offset=20, end_lineno=1, end_col_offset=24), op=Add(), right=Name(id='z', ctx=Load(), lineno=1, col_offset=27, end_lineno=1, end_col_offset=28), lineno=1, col_offset=20, end_lineno=1, end_col_offset=28), lineno=1, col_offset=15, end_lineno=1, end_col_offset=28)])
print(ast.dump(ast.parse("(int, *str) -> bool", mode="func_type")))
# expect: FunctionType(argtypes=[Name(id='int', ctx=Load()), Name(id='str', ctx=Load())], returns=Name(id='bool', ctx=Load()))


def compiled(node, mode="exec"):
    try:
        return compile(node, "f", mode)
    except (TypeError, ValueError, SyntaxError) as error:
        return f"{type(error).__name__}: {error}"


place = dict(lineno=1, col_offset=0)
for node in [
    ast.Module([ast.Expr(ast.Name("x", ast.Load()))], []),
    ast.Module([ast.Expr(None, **place)], []),
    ast.Module([ast.Expr(5, **place)], []),
    ast.Module([ast.Assign([], ast.Constant(1, **place), **place)], []),
    ast.Module([ast.Expr(ast.Name("x", ast.Store(), **place), **place)], []),
    ast.Module([ast.Expr(ast.Name("None", ast.Load(), **place), **place)], []),
    ast.Module([ast.Expr(ast.Constant([1], **place), **place)], []),
    ast.Module([ast.Expr(ast.Compare(ast.Constant(1, **place), [], [], **place), **place)], []),
    ast.Module([ast.If(ast.Constant(1, **place), [], [], **place)], []),
    ast.Module([ast.Return(None, **place)], []),
    ast.Module([ast.Pass(lineno=2, col_offset=0, end_lineno=1)], []),
    ast.Expression(ast.Constant(1, **place)),
]:
    print(compiled(node))
# expect: TypeError: required field "lineno" missing from stmt
# expect: ValueError: field 'value' is required for Expr
# expect: TypeError: required field "lineno" missing from expr
# expect: ValueError: empty targets on Assign
# expect: ValueError: expression must have Load context but has Store instead
# expect: ValueError: identifier field can't represent 'None' constant
# expect: TypeError: got an invalid type in Constant: list
# expect: ValueError: Compare with no comparators
# expect: ValueError: empty body on If
# expect: SyntaxError: 'return' outside function (f, line 1)
# expect: ValueError: AST node line range (2, 1) is not valid
# expect: TypeError: expected Module node, got Expression
space = {}
made = ast.parse("def g(n):\n  x = [n, (1, 'a\\ud800'), -5, 10**20, 2j, b'b', ..., {1: None}]\n  return f'{n:>3}|{n!r}', x")
exec(compile(made, "f", "exec"), space)
print(ascii(space["g"](7)), space["g"].__code__.co_firstlineno)
# expect: ('  7|7', [7, (1, 'a\ud800'), -5, 100000000000000000000, 2j, b'b', Ellipsis, {1: None}]) 1
print(eval(compile(ast.Expression(ast.Constant((1, frozenset({2})), **place)), "f", "eval")))
# expect: (1, frozenset({2}))
try:
    exec(compile(ast.increment_lineno(ast.parse("x = 1\n1 / 0"), 10), "f", "exec"))
except ZeroDivisionError as error:
    print(error.__traceback__.tb_next.tb_lineno)
# expect: 12

text = "def f(x):\n    # c\n    y = '''a\nb''' + f'{x:>{w}}{{' \\\n  + 0x1F\n\n    return (y,\n  z)\nlast"
for token in tokenize.generate_tokens(io.StringIO(text).readline):
    print(tokenize.tok_name[token.type], repr(token.string), token.start, token.end)
# expect: NAME 'def' (1, 0) (1, 3)
# expect: NAME 'f' (1, 4) (1, 5)
# expect: OP '(' (1, 5) (1, 6)
# expect: NAME 'x' (1, 6) (1, 7)
# expect: OP ')' (1, 7) (1, 8)
# expect: OP ':' (1, 8) (1, 9)
# expect: NEWLINE '\n' (1, 9) (1, 10)
# expect: COMMENT '# c' (2, 4) (2, 7)
# expect: NL '\n' (2, 7) (2, 8)
# expect: INDENT '    ' (3, 0) (3, 4)
# expect: NAME 'y' (3, 4) (3, 5)
# expect: OP '=' (3, 6) (3, 7)
# expect: STRING "'''a\nb'''" (3, 8) (4, 4)
# expect: OP '+' (4, 5) (4, 6)
# expect: FSTRING_START "f'" (4, 7) (4, 9)
# expect: OP '{' (4, 9) (4, 10)
# expect: NAME 'x' (4, 10) (4, 11)
# expect: OP ':' (4, 11) (4, 12)
# expect: FSTRING_MIDDLE '>' (4, 12) (4, 13)
# expect: OP '{' (4, 13) (4, 14)
# expect: NAME 'w' (4, 14) (4, 15)
# expect: OP '}' (4, 15) (4, 16)
# expect: FSTRING_MIDDLE '' (4, 16) (4, 16)
# expect: OP '}' (4, 16) (4, 17)
# expect: FSTRING_MIDDLE '{' (4, 17) (4, 18)
# expect: FSTRING_END "'" (4, 19) (4, 20)
# expect: OP '+' (5, 2) (5, 3)
# expect: NUMBER '0x1F' (5, 4) (5, 8)
# expect: NEWLINE '\n' (5, 8) (5, 9)
# expect: NL '\n' (6, 0) (6, 1)
# expect: NAME 'return' (7, 4) (7, 10)
# expect: OP '(' (7, 11) (7, 12)
# expect: NAME 'y' (7, 12) (7, 13)
# expect: OP ',' (7, 13) (7, 14)
# expect: NL '\n' (7, 14) (7, 15)
# expect: NAME 'z' (8, 2) (8, 3)
# expect: OP ')' (8, 3) (8, 4)
# expect: NEWLINE '\n' (8, 4) (8, 5)
# expect: DEDENT '' (9, 0) (9, 0)
# expect: NAME 'last' (9, 0) (9, 4)
# expect: NEWLINE '' (9, 4) (9, 5)
# expect: ENDMARKER '' (10, 0) (10, 0)
for bad in ("(", "'''a", "  x\n y", "x = '"):
    try:
        list(tokenize.generate_tokens(io.StringIO(bad).readline))
    except (tokenize.TokenError, SyntaxError) as error:
        print(type(error).__name__, error.args[0])
# expect: TokenError unexpected EOF in multi-line statement
# expect: TokenError EOF in multi-line string
# expect: IndentationError unindent does not match any outer indentation level
# expect: TokenError unterminated string literal (detected at line 1)

table = symtable.symtable("import m\ndef f(a, *b):\n  global g\n  c = lambda: a\n  g = m.x\nclass K:\n  def n(self): return __class__", "f", "exec")
for block in [table, *table.get_children(), *table.get_children()[0].get_children()]:
    symbols = [(s.get_name(), s.is_global(), s.is_local(), s.is_free(), s.is_parameter(), s.is_imported()) for s in block.get_symbols()]
    print(block.get_type(), block.get_name(), block.get_lineno(), block.is_nested(), symbols)
# expect: module top 0 False [('m', True, True, False, False, True), ('f', True, True, False, False, False), ('g', True, False, False, False, False), ('K', True, True, False, False, False)]
# expect: function f 2 False [('a', False, True, False, True, False), ('b', False, True, False, True, False), ('g', True, False, False, False, False), ('c', False, True, False, False, False), ('m', True, False, False, False, False)]
# expect: class K 6 False [('n', False, True, False, False, False)]
# expect: function lambda 4 True [('a', False, False, True, False, False)]

for text in ("x = 1", "if x:", "if x:\n  y\n", "x = (", "x = ", "def f(:", "'''a", "a\\", "@d", "for i in x:\n  i\n\n"):
    try:
        print(repr(text), codeop.compile_command(text) is not None)
    except SyntaxError as error:
        print(repr(text), error.msg)
# expect: 'x = 1' True
# expect: 'if x:' False
# expect: 'if x:\n  y\n' True
# expect: 'x = (' False
# expect: 'x = ' invalid syntax
# expect: 'def f(:' invalid syntax
# expect: "'''a" False
# expect: 'a\\' False
# expect: '@d' False
# expect: 'for i in x:\n  i\n\n' True
console = code.InteractiveConsole({"x": 20})
for line in ("x + 1", "for i in range(2):", "  print(i)", "", "_ * 2"):
    print(console.push(line))
# expect: 21
# expect: False
# expect: True
# expect: True
# expect: 0
# expect: 1
# expect: False
# expect: 42
# expect: False
