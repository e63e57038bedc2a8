# The bytes of a stream stay where they are while they are lent, however threads come together.
import io
import threading

rounds, refused = 3000, []


def lend(stream):
    for _ in range(rounds):
        try:
            with stream.getbuffer() as view:
                view[0] = 1
                bytes(view)
        except (ValueError, IndexError):
            # Closed, or empty, at this moment.
            pass


def close(stream):
    for _ in range(rounds):
        try:
            stream.close()
        except BufferError:
            refused.append(1)
        try:
            stream.__init__(b"some bytes that are long enough to be on the heap" * 20)
        except BufferError:
            refused.append(2)


stream = io.BytesIO(b"first")
threads = [threading.Thread(target=work, args=(stream,)) for work in (lend, lend, close)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
with stream.getbuffer() as view:
    try:
        stream.close()
    except BufferError as e:
        print(e)  # expect: Existing exports of data: object cannot be re-sized
print(stream.closed)  # expect: False


# All threads get the same plain reference.
import weakref


class Thing:
    pass


for _ in range(300):
    thing, seen, start = Thing(), [], threading.Barrier(3)

    def make():
        start.wait()
        seen.append((weakref.ref(thing), weakref.proxy(thing)))

    threads = [threading.Thread(target=make) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({(id(a), id(b)) for a, b in seen}) == 1
    assert weakref.getweakrefcount(thing) == 2
print("same")  # expect: same
