"""Source text through the Python faces of the compiler: ast, unparse, compile, tokenize, symtable."""

import ast
import io
import tokenize
import warnings

from fuzz_support import Finding, Input, check, outcome

warnings.simplefilter("ignore")


def run(data):
    given = Input(data, 1)
    mode = given.pick(["exec", "eval", "single", "func_type"])
    text = given.rest()
    source = text if len(text) % 7 == 0 else text.decode("utf-8", "surrogateescape")

    def compiled():
        return compile(source, "x", mode) and True

    def whole():
        tree = ast.parse(source, "x", mode)
        dump = ast.dump(tree, include_attributes=True)
        if mode != "func_type":
            compile(tree, "x", mode)
        return dump

    def tokens():
        return [tuple(t)[:4] for t in tokenize.generate_tokens(io.StringIO(source).readline)]

    found = [outcome(whole)]
    if mode != "func_type":
        found.append(outcome(compiled))
    if isinstance(source, str):
        found.append(outcome(tokens))
    try:
        tree = ast.parse(source, "x")
        again = ast.unparse(tree)
    except Exception:
        return found
    # Not every tree has a text of its own: what comes back must be stable.
    try:
        back = ast.parse(again)
    except SyntaxError as e:
        raise Finding(source, again, e) from e
    check(ast.dump(back) == ast.dump(tree) or ast.unparse(back) == again, source, again)
    return found + [again]
