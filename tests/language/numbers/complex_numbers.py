# Complex numbers: literals, operators, text, and conversion.
print(1 + 2j, 1 - 2j, -1j, 2j, 1j * 1j, (1 + 2j) * (3 - 1j), (1 + 2j) / (3 - 1j))
# expect: (1+2j) (1-2j) (-0-1j) 2j (-1+0j) (5+5j) (0.1+0.7000000000000001j)
print(complex(1, 2), complex("1+2j"), complex("-1.5e3j"), complex("3"), complex(), complex(2.5), complex(" 1-1j "))
# expect: (1+2j) (1+2j) -1500j (3+0j) 0j (2.5+0j) (1-1j)
print((3 + 4j).real, (3 + 4j).imag, (3 + 4j).conjugate(), abs(3 + 4j))  # expect: 3.0 4.0 (3-4j) 5.0
print((1 + 2j) ** 2, (1 + 2j) ** 0, 2 ** (1 + 0j), (1 + 2j) ** -1)  # expect: (-3+4j) (1+0j) (2+0j) (0.2-0.4j)
print(1 + 0j == 1, 1j == 1, 1 + 2j != 1 + 2j, hash(1 + 0j) == hash(1), bool(0j), bool(1j))
# expect: True False False True False True
print(repr(complex(0.0, -0.0)), complex(-0.0, 1), complex(float("inf"), float("nan")), -(0j), +(1j))
# expect: -0j (-0+1j) (inf+nanj) (-0-0j) 1j
print(f"{1 + 2j:.2f}", f"{1.5 - 2.25j:e}", f"{3 + 4j}", f"{1 + 2j:>12}", "%s" % (1 + 2j))
# expect: 1.00+2.00j 1.500000e+00-2.250000e+00j (3+4j)       (1+2j) (1+2j)
print((1 + 2j) + 1, 1.5 + (1 + 2j), 2 * (1 + 2j), (1 + 2j) - 1, 10 / (1 + 2j), True + 1j)
# expect: (2+2j) (2.5+2j) (2+4j) 2j (2-4j) (1+1j)


def err(code):
    try:
        eval(code)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
    else:
        print("no error:", code)


err("1j < 2j")  # expect: TypeError: '<' not supported between instances of 'complex' and 'complex'
err("complex('1 + 2j')")  # expect: ValueError: complex() arg is a malformed string
err("complex('a')")  # expect: ValueError: complex() arg is a malformed string
err("int(1j)")
# expect: TypeError: int() argument must be a string, a bytes-like object or a real number, not 'complex'
err("float(1j)")  # expect: TypeError: float() argument must be a string or a real number, not 'complex'
err("1j // 2")  # expect: TypeError: unsupported operand type(s) for //: 'complex' and 'int'
err("1j % 2")  # expect: TypeError: unsupported operand type(s) for %: 'complex' and 'int'
import cmath

print(cmath.sqrt(-1), cmath.phase(-1 + 0j), cmath.polar(1j), cmath.exp(0), cmath.isnan(complex("nan")))
# expect: 1j 3.141592653589793 (1.0, 1.5707963267948966) (1+0j) True
