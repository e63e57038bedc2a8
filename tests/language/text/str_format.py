# str.format and format_map.
print("{} {}".format(1, "a"), "{0} {1} {0}".format("x", "y"), "{a} {b}".format(a=1, b=2), "{0}{a}".format(1, a=2), "{{}}".format())
# expect: 1 a x y x 1 2 12 {}
print("{0[0]} {0[k]} {1.real}".format({0: "zero", "k": "key"}, 3 + 4j), "{a[1][2]}".format(a=[0, [1, 2, 3]]), "{.__class__.__name__}".format(1))
# expect: zero key 3.0 3 int
print("{:>8}|{:<8}|{:^8}|{:*^9}".format("a", "b", "c", "d"), "{:08.3f}".format(3.14159), "{:+d} {:,}".format(5, 1234567), "{:%}".format(0.25))
# expect:        a|b       |   c    |****d**** 0003.142 +5 1,234,567 25.000000%
print("{!r} {!s} {!a}".format("a", "b", "\u00e9"), "{0!r:>6}".format("x"), "{:{}}|".format("a", 5), "{:{w}.{p}f}|".format(2.5, w=8, p=2), "{0:{1}}".format(7, "03d"))
# expect: 'a' b '\xe9'    'x' a    |     2.50| 007
print("{a} {b}".format(**{"a": 1, "b": 2}), "{a}".format_map({"a": 5}), "{0:}".format(1), "{:s}".format("q"))
# expect: 1 2 5 1 q


class Default(dict):
    def __missing__(self, key):
        return f"<{key}>"


print("{x} {y}".format_map(Default(x=1)))  # expect: 1 <y>


def err(code):
    try:
        eval(code)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
    else:
        print("no error:", code)


err("'{} {}'.format(1)")  # expect: IndexError: Replacement index 1 out of range for positional args tuple
err("'{a}'.format()")  # expect: KeyError: 'a'
err("'{} {0}'.format(1)")
# expect: ValueError: cannot switch from automatic field numbering to manual field specification
err("'{0} {}'.format(1)")
# expect: ValueError: cannot switch from manual field specification to automatic field numbering
err("'{'.format()")  # expect: ValueError: Single '{' encountered in format string
err("'}'.format()")  # expect: ValueError: Single '}' encountered in format string
err("'{0!x}'.format(1)")  # expect: ValueError: Unknown conversion specifier x
err("'{0'.format(1)")  # expect: ValueError: expected '}' before end of string
err("'{0.nope}'.format(1)")  # expect: AttributeError: 'int' object has no attribute 'nope'
err("'{0[5]}'.format([])")  # expect: IndexError: list index out of range
err("'{:d}'.format('a')")  # expect: ValueError: Unknown format code 'd' for object of type 'str'
err("'{a[}'.format(a=1)")  # expect: ValueError: expected '}' before end of string
err("'{!}'.format(1)")  # expect: ValueError: unmatched '{' in format spec
err("'{0[}'.format([1])")  # expect: ValueError: expected '}' before end of string
print(format("abc", ">10"), format("abc", "*^7") + "|", format("abcdef", ".3"), format(None), format([1]), format(True), format("a", ""))
# expect:        abc **abc**| abc None [1] True a
