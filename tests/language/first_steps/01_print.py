# The very first thing.
print("hello")  # expect: hello
print(1, 2.5, None, True, False, "text", ...)  # expect: 1 2.5 None True False text Ellipsis
print()
# expect:
print("a", "b", sep="-", end="!\n")  # expect: a-b!
