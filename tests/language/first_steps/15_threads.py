# Threads.
import threading

results = []
lock = threading.Lock()


def work(n):
    total = 0
    for i in range(1000):
        total += i * n
    with lock:
        results.append(total)


threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(sorted(results))  # expect: [0, 499500, 999000, 1498500]
