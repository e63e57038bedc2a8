# for over ranges and containers.
total = 0
for i in range(10):
    total += i
print(total)  # expect: 45
for i in range(10, 0, -3):
    print(i, end=" ")
# expect: 10 7 4 1 
print()
for c in "abc":
    print(c)
# expect: a
# expect: b
# expect: c
for i, x in enumerate([10, 20]):
    print(i, x)
else:
    print("done")
# expect: 0 10
# expect: 1 20
# expect: done
