# The format mini-language for numbers, the % operator, and format().
for spec in ("", "d", "5d", "<5d", "^7d", "+d", " d", "05d", "x", "#x", "X", "#o", "b", "#b", "#010b", ",", "_", "n", "c", "e", ".2f", "%", "=+8d", "*^9d", "_b"):
    print(spec, "|", format(97, spec), "|", format(-97, spec) if spec != "c" else "")
# expect:  | 97 | -97
# expect: d | 97 | -97
# expect: 5d |    97 |   -97
# expect: <5d | 97    | -97  
# expect: ^7d |   97    |   -97  
# expect: +d | +97 | -97
# expect:  d |  97 | -97
# expect: 05d | 00097 | -0097
# expect: x | 61 | -61
# expect: #x | 0x61 | -0x61
# expect: X | 61 | -61
# expect: #o | 0o141 | -0o141
# expect: b | 1100001 | -1100001
# expect: #b | 0b1100001 | -0b1100001
# expect: #010b | 0b01100001 | -0b1100001
# expect: , | 97 | -97
# expect: _ | 97 | -97
# expect: n | 97 | -97
# expect: c | a | 
# expect: e | 9.700000e+01 | -9.700000e+01
# expect: .2f | 97.00 | -97.00
# expect: % | 9700.000000% | -9700.000000%
# expect: =+8d | +     97 | -     97
# expect: *^9d | ***97**** | ***-97***
# expect: _b | 110_0001 | -110_0001
for spec in ("", "f", ".0f", ".1f", ".3f", "10.3f", "<10.2f", "+.2f", "010.2f", "e", ".2e", "E", "g", ".3g", "G", "%", ".1%", ",.2f", "_.1f", "#.0f", "n", ".10g", "^12.1f", "z.1f", "-8.3f"):
    print(spec, "|", format(1234.5678, spec), "|", format(-0.00012345, spec), "|", format(0.0, spec))
# expect:  | 1234.5678 | -0.00012345 | 0.0
# expect: f | 1234.567800 | -0.000123 | 0.000000
# expect: .0f | 1235 | -0 | 0
# expect: .1f | 1234.6 | -0.0 | 0.0
# expect: .3f | 1234.568 | -0.000 | 0.000
# expect: 10.3f |   1234.568 |     -0.000 |      0.000
# expect: <10.2f | 1234.57    | -0.00      | 0.00      
# expect: +.2f | +1234.57 | -0.00 | +0.00
# expect: 010.2f | 0001234.57 | -000000.00 | 0000000.00
# expect: e | 1.234568e+03 | -1.234500e-04 | 0.000000e+00
# expect: .2e | 1.23e+03 | -1.23e-04 | 0.00e+00
# expect: E | 1.234568E+03 | -1.234500E-04 | 0.000000E+00
# expect: g | 1234.57 | -0.00012345 | 0
# expect: .3g | 1.23e+03 | -0.000123 | 0
# expect: G | 1234.57 | -0.00012345 | 0
# expect: % | 123456.780000% | -0.012345% | 0.000000%
# expect: .1% | 123456.8% | -0.0% | 0.0%
# expect: ,.2f | 1,234.57 | -0.00 | 0.00
# expect: _.1f | 1_234.6 | -0.0 | 0.0
# expect: #.0f | 1235. | -0. | 0.
# expect: n | 1234.57 | -0.00012345 | 0
# expect: .10g | 1234.5678 | -0.00012345 | 0
# expect: ^12.1f |    1234.6    |     -0.0     |     0.0     
# expect: z.1f | 1234.6 | 0.0 | 0.0
# expect: -8.3f | 1234.568 |   -0.000 |    0.000
print(format(float("nan"), "f"), format(float("inf"), "08.2f"), format(float("-inf"), "F"), format(1e100, ".3g"), format(1e16, "g"), format(123456789, "g"))
# expect: nan 00000inf -INF 1e+100 1e+16 1.23457e+08
print(format(0.5, ".0f"), format(1.5, ".0f"), format(2.5, ".0f"), format(0.125, ".2f"), format(1e-7, "f"), format(12345678.9, ","), format(-0.0, "z.0f"))
# expect: 0 2 2 0.12 0.000000 12,345,678.9 0
print(format(1234567, ",d"), format(1234567, "_d"), format(0xFFFFFFFF, "_x"), format(1234567, "015,d"), format(1234567.891, "015,.1f"))
# expect: 1,234,567 1_234_567 ffff_ffff 000,001,234,567 0,001,234,567.9
print("%d %i %5d %-5d| %05d %+d % d" % (1, 2, 3, 4, 5, 6, 7))  # expect: 1 2     3 4    | 00005 +6  7
print("%x %X %#x %o %#o %c %c" % (255, 255, 255, 8, 8, 65, "B"))
# expect: ff FF 0xff 10 0o10 A B
print("%f %.2f %8.3f %-8.1f| %e %G %g %.3g %%" % (1.5, 1.555, 3.14159, 2.5, 12345.678, 1e-10, 0.0001, 1234567.0))
# expect: 1.500000 1.55    3.142 2.5     | 1.234568e+04 1E-10 0.0001 1.23e+06 %
print("%s %r %a %10s|%-10s|%.2s" % ("a", "b\n", "\u00e9", "c", "d", "efg"))
# expect: a 'b\n' '\xe9'          c|d         |ef
print("%(name)s is %(age)d" % {"name": "Ann", "age": 30}, "%*d|%-*d|%.*f" % (5, 1, 5, 2, 2, 3.14159))
# expect: Ann is 30     1|2    |3.14
print("%s" % (1, 2, 3).__class__.__name__, "%s %s" % ("a", (1, 2)), "%d%%" % 50)  # expect: tuple a (1, 2) 50%
print("%d" % 3.99, "%x" % 255, "%s" % None, "%5.1f|" % 2.25, "%.0f" % 0.5, "%r" % ("x",))
# expect: 3 ff None   2.2| 0 'x'


def err(code):
    try:
        eval(code)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
    else:
        print("no error:", code)


err("'%d' % 'a'")  # expect: TypeError: %d format: a real number is required, not str
err("'%d %d' % 1")  # expect: TypeError: not enough arguments for format string
err("'%d' % (1, 2)")  # expect: TypeError: not all arguments converted during string formatting
err("'%z' % 1")  # expect: ValueError: unsupported format character 'z' (0x7a) at index 1
err("'%' % 1")  # expect: ValueError: incomplete format
err("'%(a)d' % 1")  # expect: TypeError: format requires a mapping
err("'%(a)d' % {}")  # expect: KeyError: 'a'
err("'%x' % 1.5")  # expect: TypeError: %x format: an integer is required, not float
err("'%c' % 1114112")  # expect: OverflowError: %c arg not in range(0x110000)
err("format(1, 's')")  # expect: ValueError: Unknown format code 's' for object of type 'int'
err("format(1.5, 'd')")  # expect: ValueError: Unknown format code 'd' for object of type 'float'
err("format('a', 'd')")  # expect: ValueError: Unknown format code 'd' for object of type 'str'
err("format(1, '.2d')")  # expect: ValueError: Precision not allowed in integer format specifier
err("format(1, 'q')")  # expect: ValueError: Unknown format code 'q' for object of type 'int'
err("format(1, '5,n')")  # expect: ValueError: Cannot specify ',' with 'n'.
err("format(1, 'd5')")  # expect: ValueError: Invalid format specifier 'd5' for object of type 'int'
err("format('a', '=5')")  # expect: ValueError: '=' alignment not allowed in string format specifier
err("format('a', '+')")  # expect: ValueError: Sign not allowed in string format specifier
err("format([], 'd')")  # expect: TypeError: unsupported format string passed to list.__format__
err("format(1, ',_')")  # expect: ValueError: Cannot specify both ',' and '_'.
