"""bytearray, array, deque: each method is atomic, no read sees a half-written item."""

from array import array
from collections import deque

from common import equal, main, together

N = 300


def deque_both_ends(threads):
    shared = deque()

    def work(index):
        taken = []
        for n in range(N):
            (shared.append if n % 2 else shared.appendleft)((index, n))
            if n % 3 == 0:
                try:
                    taken.append((shared.pop if n % 2 else shared.popleft)())
                except IndexError:
                    pass
        return taken

    taken = [item for part in together(threads, work) for item in part]
    equal(sorted(taken + list(shared)), [(i, n) for i in range(threads) for n in range(N)], "items")


def deque_rotates(threads):
    shared = deque(range(50))

    def work(index):
        for n in range(N):
            if index % 2:
                shared.rotate(n % 7 - 3)
            else:
                assert 0 <= shared[n % 50] < 50
                assert len(shared) == 50
                copy = shared.copy()
                assert sorted(copy) == list(range(50))
                try:
                    for item in shared:
                        assert 0 <= item < 50
                except RuntimeError as error:
                    assert "mutated" in str(error), error

    together(threads, work)
    equal(sorted(shared), list(range(50)), "deque")


def deque_bounded(threads):
    shared = deque(maxlen=10)

    def work(index):
        for n in range(N):
            shared.append(n)
            assert len(shared) <= 10
            shared.extend((n, n))
            shared.extendleft([n])

    together(threads, work)
    equal(len(shared), 10, "length")


def array_items(threads):
    shared = array("q", [0] * 32)
    values = [0x0101010101010101 * k for k in range(100)]

    def work(index):
        for n in range(N * 2):
            if index % 2:
                shared[n % 32] = values[n % 100]
            else:
                value = shared[n % 32]
                assert value % 0x0101010101010101 == 0, hex(value)

    together(threads, work)
    grown = array("d")

    def grow(index):
        for n in range(N):
            grown.append(index * 1000 + n)
            if n % 3 == 0:
                grown.pop()

    together(threads, grow)
    equal(len(grown), threads * (N - len(range(0, N, 3))), "length")


def bytearray_items(threads):
    shared = bytearray()

    def work(index):
        for n in range(N):
            shared.extend(bytes([index]) * 4)
            if n % 5 == 0:
                try:
                    shared.pop()
                except IndexError:
                    pass
            assert all(value < threads for value in bytes(shared[:16]))

    together(threads, work)
    equal(len(shared), threads * (4 * N - len(range(0, N, 5))), "length")


def bytearray_under_a_view(threads):
    shared = bytearray(64)

    def work(index):
        refused = 0
        for n in range(N):
            if index % 2:
                with memoryview(shared) as view:
                    view[n % 64] = index
                    assert len(view) >= 64
            else:
                try:
                    shared.append(1)
                    shared.pop()
                except BufferError:
                    refused += 1
                assert shared[n % 64] < 256
        return refused

    together(threads, work)
    assert 64 <= len(shared) <= 64 + threads * N


def appending_to_text(threads):
    """Immutable values that are built up in place where nobody else holds them stay whole when somebody does."""
    shared = {"text": "", "number": 1, "tuple": ()}

    def work(index):
        for n in range(100):
            text = shared["text"]
            grown = text
            grown += "x"
            assert len(grown) == len(text) + 1
            shared["text"] = grown if len(grown) < 50 else ""
            number = shared["number"]
            number <<= 3
            assert number >> 3 << 3 == number
            shared["number"] = number if number.bit_length() < 500 else 1
            items = shared["tuple"]
            items += (n,)
            shared["tuple"] = items if len(items) < 20 else ()
            assert set(shared["text"]) <= {"x"}

    together(threads, work)


main(deque_both_ends, deque_rotates, deque_bounded, array_items, bytearray_items, bytearray_under_a_view, appending_to_text)
