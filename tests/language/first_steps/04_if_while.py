# if, while, break, continue, else.
n = 0
while True:
    n += 1
    if n == 2:
        continue
    elif n > 4:
        break
    else:
        print(n)
# expect: 1
# expect: 3
# expect: 4
while n > 3:
    n -= 1
else:
    print("else", n)
# expect: else 3
