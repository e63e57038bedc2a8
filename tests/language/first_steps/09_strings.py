# Strings and f-strings.
s = "hello"
n = 42
print(s.upper(), s[1], s[1:3], s[::-1], len(s), s + "!", s * 2, s.replace("l", "L"), s.split("l"), ",".join(["a", "b"]))
# expect: HELLO e el olleh 5 hello! hellohello heLLo ['he', '', 'o'] a,b
print(f"{s} {n} {n + 1} {n:05d} {3.14159:.2f} {s!r} {s:>8}|", "%s is %d" % (s, n), "{} {x}".format(1, x=2))
# expect: hello 42 43 00042 3.14 'hello'    hello| hello is 42 1 2
print(repr("a'b\n"), str(5), ord("a"), chr(98), "abc".find("c"), "  x ".strip(), "a b".split())
# expect: "a'b\n" 5 97 b 2 x ['a', 'b']
