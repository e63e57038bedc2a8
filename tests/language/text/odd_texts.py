# Odd texts that a random search found.
import struct


def err(f, *args):
    try:
        print(repr(f(*args)))
    except Exception as e:
        print(type(e).__name__, getattr(e, "msg", e))


# Nothing is nothing in every encoding.
err(b"".decode, "base64")  # expect: ''
err(b"".decode, "idna", "surrogateescape")  # expect: ''
err(b"".decode, "no such codec")  # expect: ''
err(complex, "1_")  # expect: ValueError could not convert string to complex: '1_'
err(complex, " e_x")  # expect: ValueError could not convert string to complex: ' e_x'
err(complex, "1_0x")  # expect: ValueError complex() arg is a malformed string
err(complex, "1_0j")  # expect: 10j
err(struct.pack, "<e", 2**40)  # expect: error int too large to convert
err(struct.pack, "<e", 1e40)  # expect: OverflowError float too large to pack with e format
err(struct.pack, "<d", 10**400)  # expect: error required argument is not a float
# Statements of one line, with line ends inside of brackets.
err(lambda: compile("x = 1; y = [0\n]; z = 2\n", "", "single").co_names)  # expect: ('x', 'y', 'z')
err(lambda: compile("x = [0\n]\ny = 1\n", "", "single").co_names)
# expect: SyntaxError multiple statements found while compiling a single statement
