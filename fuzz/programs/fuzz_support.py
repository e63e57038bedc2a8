"""What the programs share: how bytes become arguments, and how an outcome is written down."""

import re


class Finding(BaseException):
    """A check of a program failed. No program catches it."""


def check(holds, *what):
    if not holds:
        raise Finding(*what)


def shown(x):
    text = ascii(x)
    return text if len(text) < 2000 else f"{text[:1900]}...{len(text)}"


def outcome(f, *args, **more):
    """The result of a call, or its error, as text."""
    try:
        return shown(f(*args, **more))
    except Exception as e:
        check(not isinstance(e, SystemError), e)
        # An address says nothing.
        return re.sub(r"\b0x[0-9a-f]{6,}", "0x", f"{type(e).__name__}: {shown(str(e))}")


class Input:
    """Choices from the first bytes, texts from the rest: 0xff, which no UTF-8 text holds, separates them."""

    def __init__(self, data, choices):
        self.choices = list(data[:choices].ljust(choices, b"\0"))
        self.parts = data[choices:].split(b"\xff")

    def pick(self, options):
        return options[self.choices.pop(0) % len(options)]

    def number(self, low, high):
        return low + self.choices.pop(0) % (high - low + 1)

    def bytes(self):
        return self.parts.pop(0) if self.parts else b""

    def text(self):
        return self.bytes().decode("utf-8", "surrogateescape")

    def rest(self):
        return b"\xff".join(self.parts)


def is_large(text, digits=5):
    """Whether a text holds a number that may ask for much memory or time."""
    return re.search(r"\d{%d}" % digits, text) is not None
