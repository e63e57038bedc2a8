# only: 3.14
# Template string literals (PEP 750).
name, n = "World", 5
template = t"Hello {name}, {n:>4} {n!r} {n + 1 = }!"
# expect: Template
print(type(template).__name__)
# expect: ('Hello ', ', ', ' ', ' n + 1 = ', '!')
print(template.strings)
# expect: ('World', 5, 5, 6)
print(template.values)
for part in template.interpolations:
    print(repr(part.value), repr(part.expression), part.conversion, repr(part.format_spec))
# expect: 'World' 'name' None ''
# expect: 5 'n' None '>4'
# expect: 5 'n' r ''
# expect: 6 'n + 1' r ''
# expect: ['Hello ', Interpolation('World', 'name', None, ''), ', ']
print(list(template)[:3])
# expect: Template(strings=('a', ''), interpolations=(Interpolation(1, '1', None, ''),))
print(t"a{1}")
# expect: () ('',) ()
print(tuple(t""), t"".strings, t"".values)
# expect: ('ab', 'c') (1,)
joined = t"a" t"b{1}" t"c"
print(joined.strings, joined.values)
# expect: ('xa', 'by') (2,)
print((t"x" + t"a{2}by").strings, (t"x" + t"a{2}by").values)
# expect: <class 'string.templatelib.Template'> <class 'string.templatelib.Interpolation'>
from string.templatelib import Interpolation, Template

print(Template, Interpolation)
# expect: True True
print(isinstance(template, Template), isinstance(template.interpolations[0], Interpolation))
# expect: Template(strings=('a', 'b'), interpolations=(Interpolation(1, 'x', 'r', '.2'),))
print(Template("a", Interpolation(1, "x", "r", ".2"), "b"))


def render(template):
    out = []
    for part in template:
        match part:
            case str() as text:
                out.append(text)
            case Interpolation(value, _, conversion, spec):
                value = {"r": repr, "s": str, "a": ascii, None: lambda v: v}[conversion](value)
                out.append(format(value, spec))
    return "".join(out)


# expect: Hello World,    5 5 n + 1 = 6!
print(render(template))
# expect: \d 1 {x}
print(render(rt"\d {1} {{x}}"))
# expect: 7.50 'q'
width = 2
print(render(t"{7.5:.{width}f} {'q'!r}"))
try:
    t"a" + "b"
except TypeError as error:
    print(error)
# expect: can only concatenate string.templatelib.Template (not "str") to string.templatelib.Template
try:
    "b" + t"a"
except TypeError as error:
    print(error)
# expect: can only concatenate str (not "string.templatelib.Template") to str
