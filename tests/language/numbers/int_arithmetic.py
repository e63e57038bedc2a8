# Integer operators, their signs, and their errors.
print(7 + 5, 7 - 5, 7 * 5, 7 / 2, 7 // 2, 7 % 2, 7 ** 2)  # expect: 12 2 35 3.5 3 1 49
print(-7 // 2, -7 % 2, 7 // -2, 7 % -2, -7 // -2, -7 % -2)  # expect: -4 1 -4 -1 3 -1
print(divmod(17, 5), divmod(-17, 5), divmod(17, -5), divmod(-17, -5))  # expect: (3, 2) (-4, 3) (-4, -3) (3, -2)
print(6 / 3, 1 / 3, -1 / 3, 10 / 4)  # expect: 2.0 0.3333333333333333 -0.3333333333333333 2.5
print(2 ** 10, 2 ** -1, (-2) ** 3, -2 ** 2, 0 ** 0)  # expect: 1024 0.5 -8 -4 1
print(pow(3, 4, 5), pow(3, -1, 7), pow(-2, 3, 5), pow(2, 100, 1000007))  # expect: 1 5 2 698635
print(5 & 3, 5 | 3, 5 ^ 3, ~5, 1 << 10, 1024 >> 3, -5 >> 1, -1 >> 100)  # expect: 1 7 6 -6 1024 128 -3 -1
print(-5 & 3, -5 | 3, -5 ^ 3, -8 & -4)  # expect: 3 -5 -8 -8
print(+5, -5, abs(-5), -(-5))  # expect: 5 -5 5 5
print(1 < 2 < 3, 1 < 3 < 2, 3 > 2 >= 2, 1 == 1.0, 1 != 2, 2 <= 1)  # expect: True False True True True False
print(True + True, True * 3, -True, ~False, True & 5, isinstance(True, int))  # expect: 2 3 -1 -1 1 True
print(int(3.99), int(-3.99), int("42"), int("  -17  "), int("1_000"), int("ff", 16), int("0x1f", 0), int("0b11", 0))
# expect: 3 -3 42 -17 1000 255 31 3
print(int("z", 36), int("0o17", 8), int(b"12"), int(True), int())  # expect: 35 15 12 1 0
print(bin(10), oct(8), hex(255), bin(-5), hex(-1), oct(0))  # expect: 0b1010 0o10 0xff -0b101 -0x1 0o0
print((255).bit_length(), (0).bit_length(), (-256).bit_length(), (255).bit_count(), (-7).bit_count())
# expect: 8 0 9 8 3
print((1024).to_bytes(2, "big"), (1024).to_bytes(4, "little"), (-2).to_bytes(2, "big", signed=True))
# expect: b'\x04\x00' b'\x00\x04\x00\x00' b'\xff\xfe'
print(int.from_bytes(b"\x04\x00", "big"), int.from_bytes(b"\xff\xfe", "big", signed=True), int.from_bytes(b"", "little"))
# expect: 1024 -2 0
print((7).as_integer_ratio(), (7).numerator, (7).denominator, (7).real, (7).imag, (7).conjugate(), (7).is_integer())
# expect: (7, 1) 7 1 7 0 7 True
print(round(15, -1), round(25, -1), round(-15, -1), round(1234, -2), round(7), round(7, 2))
# expect: 20 20 -20 1200 7 7
print(0b1010, 0o17, 0xff, 1_000_000, 0XFF)  # expect: 10 15 255 1000000 255
print(hash(1), hash(-1), hash(0), hash(2 ** 61 - 1), hash(2 ** 61), hash(True))  # expect: 1 -2 0 0 1 1
print((3).__add__(4), (3).__add__(4.0), (3).__radd__(4), (3).__rsub__(10), (3).__pow__(2, 5))
# expect: 7 NotImplemented 7 7 4


def err(code):
    try:
        eval(code)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
    else:
        print("no error:", code)


err("1 / 0")  # expect: ZeroDivisionError: division by zero
err("1 << -1")  # expect: ValueError: negative shift count
err("1 >> -1")  # expect: ValueError: negative shift count
err("int('x')")  # expect: ValueError: invalid literal for int() with base 10: 'x'
err("int('')")  # expect: ValueError: invalid literal for int() with base 10: ''
err("int('12', 1)")  # expect: ValueError: int() base must be >= 2 and <= 36, or 0
err("int('9', 8)")  # expect: ValueError: invalid literal for int() with base 8: '9'
err("int(None)")
# expect: TypeError: int() argument must be a string, a bytes-like object or a real number, not 'NoneType'
err("int([])")  # expect: TypeError: int() argument must be a string, a bytes-like object or a real number, not 'list'
err("int('1__0')")  # expect: ValueError: invalid literal for int() with base 10: '1__0'
err("int(12, 10)")  # expect: TypeError: int() can't convert non-string with explicit base
err("int(float('nan'))")  # expect: ValueError: cannot convert float NaN to integer
err("int(float('inf'))")  # expect: OverflowError: cannot convert float infinity to integer
err("1 + 'a'")  # expect: TypeError: unsupported operand type(s) for +: 'int' and 'str'
err("'a' + 1")  # expect: TypeError: can only concatenate str (not "int") to str
err("1 < 'a'")  # expect: TypeError: '<' not supported between instances of 'int' and 'str'
err("None + 1")  # expect: TypeError: unsupported operand type(s) for +: 'NoneType' and 'int'
err("-'a'")  # expect: TypeError: bad operand type for unary -: 'str'
err("~1.5")  # expect: TypeError: bad operand type for unary ~: 'float'
err("1 @ 2")  # expect: TypeError: unsupported operand type(s) for @: 'int' and 'int'
err("pow(2, -1, 4)")  # expect: ValueError: base is not invertible for the given modulus
err("pow(2, 3, 0)")  # expect: ValueError: pow() 3rd argument cannot be 0
err("(300).to_bytes(1, 'big')")  # expect: OverflowError: int too big to convert
err("(-1).to_bytes(1, 'big')")  # expect: OverflowError: can't convert negative int to unsigned
err("hex(1.5)")  # expect: TypeError: 'float' object cannot be interpreted as an integer
x = 10
x += 5
x -= 3
x *= 4
x //= 5
x **= 2
x %= 50
x <<= 3
x >>= 1
x |= 3
x &= 0xFE
x ^= 5
print(x)  # expect: 123
x /= 4
print(x)  # expect: 30.75
