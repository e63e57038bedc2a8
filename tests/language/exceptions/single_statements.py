# compile(..., "single"): one statement; a compound one ends with a newline or with the end of an indented block.
def check(source, flags=0):
    try:
        exec(compile(source, "<s>", "single", flags, True), {})
    except SyntaxError as e:
        return type(e).__name__, e.msg, e.lineno


BLOCKS = ["if 1:\n    pass", "def f():\n    return 1", "while 0:\n  pass\nelse:\n  pass", "@str\nclass A:\n  pass"]
BLOCKS += ["match 1:\n  case 1: pass", "try:\n  pass\nfinally:\n  if 1: pass", "for i in []:\n  pass; pass"]
for source in BLOCKS:
    # With PyCF_DONT_IMPLY_DEDENT even these need their newline.
    print(check(source), check(source + "\n"), check(source, 0x200) is None, check(source + "\n", 0x200))
# expect: None None False None
# expect: None None False None
# expect: None None False None
# expect: None None False None
# expect: None None False None
# expect: None None False None
# expect: None None False None

LINES = ["if 1: pass", "def f(): pass", "class A: pass", "for i in []: pass", "while 0:\n  pass\nelse: pass", "if 1: pass # c"]
LINES += ["try:\n  pass\nexcept: pass", "with open('/dev/null') as f: pass", "@str\ndef f(): pass", "async def f(): pass"]
LINES += ["if 1:\n  pass\n# c", "if 1:\n    pass\n    "]
for source in LINES:
    print(check(source)[:2], check(source, 0x4000)[0], check(source.rstrip(" ") + "\n"))
# expect: ('SyntaxError', 'invalid syntax') _IncompleteInputError None
# expect: ('SyntaxError', 'invalid syntax') _IncompleteInputError None
# expect: ('SyntaxError', 'invalid syntax') _IncompleteInputError None
# expect: ('SyntaxError', 'invalid syntax') _IncompleteInputError None
# expect: ('SyntaxError', 'invalid syntax') _IncompleteInputError None
# expect: ('SyntaxError', 'invalid syntax') _IncompleteInputError None
# expect: ('SyntaxError', 'invalid syntax') _IncompleteInputError None
# expect: ('SyntaxError', 'invalid syntax') _IncompleteInputError None
# expect: ('SyntaxError', 'invalid syntax') _IncompleteInputError None
# expect: ('SyntaxError', 'invalid syntax') _IncompleteInputError None
# expect: ('SyntaxError', 'invalid syntax') _IncompleteInputError None
# expect: ('SyntaxError', 'invalid syntax') _IncompleteInputError None

for source in ["pass", "pass;pass", "pass # c", "x = (1,\n2)", "pass\n\n\n"]:
    print(check(source), check(source, 0x200))
# expect: None None
# expect: None None
# expect: None None
# expect: None None
# expect: None None


def place(source):
    try:
        compile(source, "<s>", "single")
    except SyntaxError as e:
        print(e.msg, e.lineno, e.offset, e.end_lineno, e.end_offset, repr(e.text))


place("x = 1\ny = 2")  # expect: multiple statements found while compiling a single statement 1 6 1 7 'x = 1\n'
place("1; (2,\n3); 4;\nx")  # expect: multiple statements found while compiling a single statement 2 7 2 8 '3); 4;\n'
place("if 1:\n  1\nother + 1\n")  # expect: invalid syntax 3 1 3 6 'other + 1\n'
place("if 1: pass\nif 2: pass\n")  # expect: invalid syntax 2 1 2 3 'if 2: pass\n'
