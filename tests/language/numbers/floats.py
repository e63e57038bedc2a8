# Float arithmetic, text forms, rounding and special values.
print(0.1 + 0.2, 1.0, 1e16, 1e15, 123456789012345678.0, 1e-4, 1e-5, 1.5e-10, 5e-324, 1.7976931348623157e308)
# expect: 0.30000000000000004 1.0 1e+16 1000000000000000.0 1.2345678901234568e+17 0.0001 1e-05 1.5e-10 5e-324 1.7976931348623157e+308
print(-0.0, 0.0 == -0.0, 1e22, 1e21, 9007199254740993.0, 0.1, 2.5, 100.0, 1e100)
# expect: -0.0 True 1e+22 1e+21 9007199254740992.0 0.1 2.5 100.0 1e+100
print(float("inf"), float("-inf"), float("nan"), float("  1.5e3 "), float("1_0.5"), float(".5"), float("5."), float("Infinity"))
# expect: inf -inf nan 1500.0 10.5 0.5 5.0 inf
nan = float("nan")
inf = float("inf")
print(nan == nan, nan != nan, nan < 1, nan in [nan], inf > 1e308, inf - inf, inf * 0, -inf < inf)
# expect: False True False True True nan nan True
print(7.5 // 2, -7.5 // 2, 7.5 % 2, -7.5 % 2, 7.5 % -2, divmod(7.5, 2), divmod(-7.5, 2), 1e300 * 1e10)
# expect: 3.0 -4.0 1.5 0.5 -0.5 (3.0, 1.5) (-4.0, 0.5) inf
print(inf // 1, 1 % inf, -1 % inf, 5.0 % inf, 0.0 % 1, -0.0 % 1)  # expect: nan 1.0 inf 5.0 0.0 0.0
print(2.0 ** 0.5, 2.0 ** -2, (-8.0) ** 3, 0.0 ** 0, 1.0 ** inf, (-8) ** (1 / 3))
# expect: 1.4142135623730951 0.25 -512.0 1.0 1.0 (1.0000000000000002+1.7320508075688772j)
print(round(2.5), round(3.5), round(-2.5), round(2.675, 2), round(1234.5678, -2), round(0.5), round(1e20), round(2.5, 0), round(1.45, 1))
# expect: 2 4 -2 2.67 1200.0 0 100000000000000000000 2.0 1.4
print((0.5).as_integer_ratio(), (0.1).as_integer_ratio(), (2.0).is_integer(), (2.5).is_integer())
# expect: (1, 2) (3602879701896397, 36028797018963968) True False
print((0.1).hex(), (1.0).hex(), (-2.5).hex(), float.fromhex("0x1.8p3"), float.fromhex("-0x.8p1"), (0.0).hex(), inf.hex())
# expect: 0x1.999999999999ap-4 0x1.0000000000000p+0 -0x1.4000000000000p+1 12.0 -1.0 0x0.0p+0 inf
print(int(2.9), int(-2.9), (2.9).__trunc__(), (2.1).__ceil__(), (2.9).__floor__(), abs(-2.5), -2.5, +2.5)
# expect: 2 -2 2 3 2 2.5 -2.5 2.5
print(hash(1.0), hash(0.5), hash(inf), hash(-inf), hash(1e20), hash(2.0 ** 70) == hash(2 ** 70))
# expect: 1 1152921504606846976 314159 -314159 848750603811160107 True
print(1 == 1.0, 2 ** 53 + 1 == float(2 ** 53 + 1), 1 < 1.5, 10 ** 400 > 1.0, True == 1.0, 3 > 2.999)
# expect: True False True True True True
print(repr(1.1), str(1.1), 3.14159265358979, 2.220446049250313e-16, 4.35, 0.1 + 0.7, 1 / 3, 2 / 3, 1e23)
# expect: 1.1 1.1 3.14159265358979 2.220446049250313e-16 4.35 0.7999999999999999 0.3333333333333333 0.6666666666666666 1e+23
print(1.0.real, 1.5.imag, 1.5.conjugate(), float(), float(7), float(True))  # expect: 1.0 0.0 1.5 0.0 7.0 1.0
print(sum([0.1] * 10), sum([1e100, 1.0, -1e100]), sum([1, 2.5, 3]), max(1, 2.5), min(1.0, 1), sum([], 0.0))
# expect: 1.0 1.0 6.5 2.5 1.0 0.0


def err(code):
    try:
        eval(code)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
    else:
        print("no error:", code)


err("float('abc')")  # expect: ValueError: could not convert string to float: 'abc'
err("float('')")  # expect: ValueError: could not convert string to float: ''
err("float('1__0')")  # expect: ValueError: could not convert string to float: '1__0'
err("float(None)")  # expect: TypeError: float() argument must be a string or a real number, not 'NoneType'
err("float([])")  # expect: TypeError: float() argument must be a string or a real number, not 'list'
err("inf.as_integer_ratio()")  # expect: OverflowError: cannot convert Infinity to integer ratio
err("nan.as_integer_ratio()")  # expect: ValueError: cannot convert NaN to integer ratio
err("10.0 ** 400")  # expect: OverflowError: (34, 'Numerical result out of range')
err("round(nan)")  # expect: ValueError: cannot convert float NaN to integer
err("round(inf)")  # expect: OverflowError: cannot convert float infinity to integer
err("1.5 << 2")  # expect: TypeError: unsupported operand type(s) for <<: 'float' and 'int'
err("1.5 & 1")  # expect: TypeError: unsupported operand type(s) for &: 'float' and 'int'
err("float.fromhex('zz')")  # expect: ValueError: invalid hexadecimal floating-point string
err("1.5 < 'a'")  # expect: TypeError: '<' not supported between instances of 'float' and 'str'
import math

print(math.pi, math.e, math.tau, math.inf, math.nan)
# expect: 3.141592653589793 2.718281828459045 6.283185307179586 inf nan
print(math.floor(2.7), math.ceil(2.1), math.trunc(-2.7), math.fabs(-3), math.copysign(1, -0.0), math.fmod(-7, 3))
# expect: 2 3 -2 3.0 -1.0 -1.0
print(math.sqrt(2), math.cbrt(27), math.hypot(3, 4), math.exp(1), math.log(math.e), math.log2(8), math.log10(1000), math.log(8, 2))
# expect: 1.4142135623730951 3.0000000000000004 5.0 2.718281828459045 1.0 3.0 3.0 3.0
print(math.sin(0), math.cos(0), math.atan2(1, 1), math.degrees(math.pi), math.radians(180))
# expect: 0.0 1.0 0.7853981633974483 180.0 3.141592653589793
print(math.isnan(nan), math.isinf(inf), math.isfinite(1.0), math.isclose(0.1 + 0.2, 0.3), math.frexp(8.0), math.ldexp(0.5, 4), math.modf(2.5))
# expect: True True True True (0.5, 4) 8.0 (0.5, 2.0)
print(math.fsum([0.1] * 10), math.prod([1, 2, 3, 4]), math.gcd(12, 18), math.lcm(4, 6), math.factorial(10), math.comb(5, 2), math.perm(5, 2))
# expect: 1.0 24 6 12 3628800 10 20
print(math.dist((0, 0), (3, 4)), math.nextafter(1.0, 2.0), math.ulp(1.0), math.remainder(7, 4), math.isqrt(17), math.sumprod([1, 2], [3, 4]))
# expect: 5.0 1.0000000000000002 2.220446049250313e-16 -1.0 4 11
