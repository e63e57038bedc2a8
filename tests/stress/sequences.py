"""The rows of bytearray, array, deque (each method is atomic, no read sees a half-written item), and of text."""

from array import array
from collections import deque

from common import equal, main, together

N = 150


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


def deque_of_one_moment(threads):
    shared = deque(range(50))
    wanted = [list(shared), list(reversed(shared))]

    def work(index):
        for n in range(N):
            if index % 2:
                shared.reverse()
            else:
                for copy in (shared.copy(), list(shared.copy()), shared + deque(), shared * 1):
                    assert list(copy) in wanted, copy

    together(threads, work)


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


def deque_multiplied(threads):
    """`*=` doubles what is there at one moment: what others append meanwhile comes before or after."""
    for _ in range(6):
        shared = deque([0])

        def work(index):
            for n in range(5 if index == 0 else N):
                if index == 0:
                    shared.__imul__(2)
                else:
                    shared.append((index, n))

        together(threads, work)
        # Before the zero in the middle is what the last doubling has found, and after it the same.
        items = list(shared)
        for zeros in (32, 16, 8, 4, 2):
            places = [place for place, item in enumerate(items) if item == 0]
            equal(len(places), zeros, "zeros")
            middle = places[zeros // 2]
            equal(items[middle : 2 * middle], items[:middle], "second half")
            items = items[:middle]


def deque_searched(threads):
    """Removing by value removes that value, or says that the deque has changed."""
    shared = deque((index, n) for n in range(N) for index in range(threads))

    def work(index):
        for n in range(N):
            while True:
                try:
                    shared.remove((index, n))
                except IndexError as error:
                    assert "mutated" in str(error), error
                else:
                    break

    together(min(threads, 4), work)
    equal(sorted(shared), [(i, n) for i in range(4, threads) for n in range(N)], "items")


UNIT = 0x0101010101010101


def array_items(threads):
    shared = array("q", [0] * 32)
    view = memoryview(shared)
    values = [UNIT * k for k in range(100)]

    def work(index):
        for n in range(N * 2):
            if index % 2:
                (view if n % 3 else shared)[n % 32] = values[n % 100]
            else:
                value = (view if n % 5 else shared)[n % 32]
                assert value % UNIT == 0, hex(value)
                if n % 50 == 0:
                    for value in shared.tolist() + view.tolist() + array("q", view.tobytes()).tolist():
                        assert value % UNIT == 0, hex(value)

    together(threads, work)


def array_items_under_a_view(threads):
    """Items that a view writes, and whole arrays that are written, are read whole."""
    for code in "HIQ":
        shared = array(code, [0] * 16)
        view = memoryview(shared)
        unit = UNIT & (1 << 8 * shared.itemsize) - 1
        low, high = array(code, [unit] * 16), array(code, [2 * unit] * 16)

        def work(index):
            for n in range(N):
                if index % 2:
                    view[n % 16] = unit * (n % 100)
                    shared[:] = low if n % 2 else high
                    view[:] = memoryview(high if n % 2 else low)
                else:
                    value = view[n % 16]
                    assert value % unit == 0, hex(value)

        together(threads, work)


def array_grows(threads):
    grown = array("d")

    def work(index):
        for n in range(N):
            grown.append(index * 1000 + n)
            if n % 3 == 0:
                grown.pop()
            if n % 7 == 0:
                grown.extend(array("d", [1, 2, 3]))
                del grown[0:3]

    together(threads, work)
    equal(len(grown), threads * (N - len(range(0, N, 3))), "length")


def array_read_while_it_grows(threads):
    shared = array("q", [UNIT] * 8)
    values = array("q", [UNIT * (n % 100) for n in range(200)])

    def work(index):
        for n in range(N):
            if index == 0:
                shared.extend(values)
                del shared[8:]
            else:
                shared[index % 8] = UNIT * index
                for place in (0, 3, 7):
                    assert shared[place] % UNIT == 0
                assert sum(shared[:8]) % UNIT == 0

    together(threads, work)


def array_multiplied(threads):
    """`*=` loses nothing that others append meanwhile."""
    for _ in range(6):
        shared = array("q", [0])

        def work(index):
            for n in range(4 if index == 0 else N):
                if index == 0:
                    shared.__imul__(2)
                else:
                    shared.append(index * N + n)

        together(threads, work)
        equal(set(shared), {0} | set(range(N, threads * N)), "items")


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


def bytearray_own_places(threads):
    """What is stored in a place is there afterwards, while the bytes move."""
    shared = bytearray(100_000)
    more = bytes(5000)

    def work(index):
        for n in range(N * 2):
            if index == 0:
                # In front: all that is there moves.
                shared[0:0] = more
                del shared[:5000]
            else:
                shared[-1 - index] = n % 256
                equal(shared[-1 - index], n % 256, "byte")

    together(threads, work)


def bytearray_of_one_moment(threads):
    shared = bytearray(b"a" * 300)
    texts = [bytes([letter]) * length for letter in b"ab" for length in (300, 3000)]

    def work(index):
        for n in range(N):
            if index == 0:
                shared[:] = texts[n % 4]
            else:
                for copy in (bytes(shared), shared.copy(), shared + b"", shared[:], shared * 1):
                    assert copy in texts, (len(copy), set(copy))
                assert shared.count(b"ab") == 0 and shared.find(b"ba") == -1

    together(threads, work)


def under_a_view(threads, shared, change):
    size = len(shared)

    def work(index):
        refused = 0
        for n in range(N):
            if index % 2:
                with memoryview(shared) as view:
                    length = len(view)
                    view[n % size] = index
                    assert len(shared) == length == len(view.tolist())
            else:
                try:
                    change(shared)
                except BufferError:
                    refused += 1
                assert shared[n % size] < 256
        return refused

    together(threads, work)
    assert size <= len(shared) <= size + threads * N * 100


def grow_and_shrink(shared):
    shared.extend(shared[:50])
    del shared[-50:]


def bytearray_under_a_view(threads):
    under_a_view(threads, bytearray(64), grow_and_shrink)


def array_under_a_view(threads):
    under_a_view(threads, array("q", [0] * 64), grow_and_shrink)


def lent_bytes_stay(threads):
    """While a buffer is lent out, changes of size are refused, whoever tries."""

    def work(index):
        for shared in (bytearray(10), array("h", range(10))):
            with memoryview(shared):
                for change in (lambda: shared.extend(shared), lambda: shared.pop(), lambda: shared.__imul__(2)):
                    try:
                        change()
                    except BufferError:
                        continue
                    raise AssertionError("a change of size under a view")

    together(threads, work)


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


def text_that_others_hold(threads):
    """A str that another thread has got hold of does not grow in place."""
    box = [None] * threads
    start = "x" * 100

    def work(index):
        for n in range(N * 2):
            if index % 2:
                text = start + "".join("y")
                box[index] = text
                box[index] = None
                text += "z"
                equal(text, start + "yz", "own text")
            else:
                text = box[index + 1 - threads]
                if text is not None:
                    for _ in range(30):
                        equal(len(text), 101, "length")
                    equal(text, start + "y", "text")

    together(threads, work)


main(
    deque_both_ends,
    deque_rotates,
    deque_of_one_moment,
    deque_bounded,
    deque_multiplied,
    deque_searched,
    array_items,
    array_items_under_a_view,
    array_grows,
    array_read_while_it_grows,
    array_multiplied,
    bytearray_items,
    bytearray_own_places,
    bytearray_of_one_moment,
    bytearray_under_a_view,
    array_under_a_view,
    lent_bytes_stay,
    appending_to_text,
    text_that_others_hold,
)
