# Formatted string literals: nesting, conversions, format specs, debugging form, and quoting.
name, number, pi = "World", 42, 3.14159
print(f"Hello {name}!", f"{number:05d} {number:x} {number:#b} {number:,}", f"{pi:.2f} {pi:10.3f}| {pi:<10.1f}|", f"")
# expect: Hello World! 00042 2a 0b101010 42 3.14      3.142| 3.1       | 
print(f"{name!r} {name!s} {name!a} {'\u00e9'!a}", f"{name!r:>10}", f"{number!r:^8}|")
# expect: 'World' World 'World' '\xe9'    'World'    42   |
print(f"{number=} {number = } {name=} {name=!s} {pi=:.1f} {1 + 2=} {name.upper()=}")
# expect: number=42 number = 42 name='World' name=World pi=3.1 1 + 2=3 name.upper()='WORLD'
width, digits = 12, 3
print(f"{pi:{width}.{digits}f}|", f"{name:>{width}}|", f"{name:{'*'}^{width}}|", f"{pi:{f'{width}'}.{1 + 1}}|")
# expect:        3.142|        World| ***World****|          3.1|
print(f"{{literal}} {{{number}}} {{{{}}}}", f"{ {'a': 1}['a'] }", f"{[i for i in range(3)]}", f"{(lambda x: x * 2)(4)}")
# expect: {literal} {42} {{}} 1 [0, 1, 2] 8
print(f"{'nested ' + f'{number + 1}'}", f"{"same quotes"}", f"{'a' if number > 40 else 'b'}", f"{number if number else 0:>6}")
# expect: nested 43 same quotes a     42
print(f"""multi
{name}
line {
    number
    + 1
}""")
# expect: multi
# expect: World
# expect: line 43
print(f"{number}" "plain" f"{name}", "a" f"{1}" "b", rf"\d{number}\n", fr"{name}\t", F"{1}", f"\x41{number}\n".strip())
# expect: 42plainWorld a1b \d42\n World\t 1 A42
print(f"{'a\nb'}", f"{'\t'.join(['x', 'y'])}", f"{name[0]}{name[-1]}{name[1:3]}", f"{ {1, 2} == {2, 1} }", f"{1,2}", f"{*[1, 2], 3}")
# expect: a
# expect: b x	y Wdor True (1, 2) (1, 2, 3)


class Fmt:
    def __format__(self, spec):
        return f"<{spec}>"

    def __str__(self):
        return "str"

    def __repr__(self):
        return "repr"


thing = Fmt()
print(f"{thing}", f"{thing:abc}", f"{thing!s}", f"{thing!r:>6}", f"{thing:{'x'}y}", f"{thing:%H:%M}", f"{thing=}", f"{thing=:a}")
# expect: <> <abc> str   repr <xy> <%H:%M> thing=repr thing=<a>
print(f"{(x := 5)} {x}", f"{x:=+5d}", f"{1 == 1}", f"{1 != 2}", f"{x!r}", f"{None}", f"{True:d}", f"{'':5}|")
# expect: 5 5 +   5 True True 5 None 1      |
print(f"{print.__name__}", f"{sum(i for i in range(4))}", f"{dict(a=1)}", f"{'a' 'b'}", f"{b'x'}", f"{1.0}", f"{10**3:_}")
# expect: print 6 {'a': 1} ab b'x' 1.0 1_000


def outer():
    value = 1

    def inner():
        return f"{value} {[value + i for i in range(2)]}"

    return inner()


print(outer())  # expect: 1 [1, 2]
try:
    f"{undefined_name}"
except NameError as error:
    print(error)
# expect: name 'undefined_name' is not defined
try:
    f"{1:zz}"
except ValueError as error:
    print(error)
# expect: Unknown format code 'z' for object of type 'int'
try:
    f"{'a':d}"
except ValueError as error:
    print(error)
# expect: Unknown format code 'd' for object of type 'str'
