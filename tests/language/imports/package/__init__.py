"""A package for imports.py."""

VALUE = 1


def helper():
    return "helped"


def __getattr__(name):
    if name == "lazy_attribute":
        return "lazy"
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
