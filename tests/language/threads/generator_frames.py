# The frame of a generator that one thread runs is looked at by others.
import sys
import threading

done = False
shown = []


def generate(n):
    a, b, c = [1, 2], {"k": 1}, object()
    for i in range(n):
        a, b, c = [i, i + 1], {"k": a}, "x" * (i % 50)
        yield i


def run():
    global done
    for _ in range(50):
        generator = generate(100)
        next(generator)
        shown.append(generator.gi_frame)
        taken = 1
        while taken < 100:
            try:
                next(generator)
                taken += 1
            except ValueError:
                # Another thread was looking.
                pass
    done = True


def look():
    while not done:
        for frame in shown[-2:]:
            names = frame.f_locals
            for name in list(names):
                str(names[name])
            frame.f_lineno, frame.f_lasti, frame.f_back, repr(frame)


threads = [threading.Thread(target=run)] + [threading.Thread(target=look) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(shown))  # expect: 50


# What a frame of another thread shows is not what it shows when it has ended.
inside, leave = threading.Event(), threading.Event()


def wait():
    local = "here"
    frames.append(sys._getframe())
    inside.set()
    leave.wait()


frames = []
thread = threading.Thread(target=wait)
thread.start()
inside.wait()
frames[0].f_locals
leave.set()
thread.join()
print(dict(frames[0].f_locals))  # expect: {'local': 'here'}
