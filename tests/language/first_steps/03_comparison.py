# Comparison, boolean operators, conditional expressions.
a, b = 1, 2
print(a < b, a > b, a == 1, a != 1, a <= 1, a >= 2, 1 < 2 < 3, a is a, a is not b)
# expect: True False True False True False True True True
print(a and b, 0 or b, not a, not 0, "yes" if a else "no")  # expect: 2 2 False True yes
print(1 in [1, 2], 3 not in [1, 2], "b" in "abc")  # expect: True True True
