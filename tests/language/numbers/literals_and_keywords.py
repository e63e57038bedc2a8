# Numbers that a keyword follows without a blank are warned of.
import warnings


def compiled(source):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        compile(source, "<s>", "exec")
    return [(w.category.__name__, str(w.message), w.lineno) for w in seen]


for source in ["x = 9and y", "x = 1if y else z", "x\nx = [0o7for x in y]", "0b1or x", "x if 1.else y", "1jin x", "1e3if x else y"]:
    print(compiled(source))
# expect: [('SyntaxWarning', 'invalid decimal literal', 1)]
# expect: [('SyntaxWarning', 'invalid decimal literal', 1)]
# expect: [('SyntaxWarning', 'invalid octal literal', 2)]
# expect: [('SyntaxWarning', 'invalid binary literal', 1)]
# expect: [('SyntaxWarning', 'invalid decimal literal', 1)]
# expect: [('SyntaxWarning', 'invalid imaginary literal', 1)]
# expect: [('SyntaxWarning', 'invalid decimal literal', 1)]
print(compiled("x = 0xfor x"), compiled("x = 1 if y else 2\nz = 0xff\n'1if x'"))
# expect: [('SyntaxWarning', 'invalid hexadecimal literal', 1)] []
with warnings.catch_warnings():
    warnings.simplefilter("error")
    try:
        compile("x = 1if y else z", "<s>", "exec")
    except SyntaxError as e:
        print(e.msg)  # expect: invalid decimal literal
