# Common builtins.
print(abs(-1), min(3, 1), max(3, 1), sum([1, 2]), len("abc"), int("5"), float("1.5"), str(1), bool([]), list("ab"), tuple([1]), dict(a=1))
# expect: 1 1 3 3 3 5 1.5 1 False ['a', 'b'] (1,) {'a': 1}
print(list(map(str, [1, 2])), list(filter(None, [0, 1])), list(zip("ab", [1, 2])), any([0, 1]), all([0, 1]), round(2.5), divmod(7, 2), pow(2, 3))
# expect: ['1', '2'] [1] [('a', 1), ('b', 2)] True False 2 (3, 1) 8
print(type(1), type("a") is str, isinstance(1, (int, str)), hasattr("a", "upper"), getattr(1, "real"), callable(len), repr("a"), hash(1), hex(255), bin(5))
# expect: <class 'int'> True True True 1 True 'a' 1 0xff 0b101
