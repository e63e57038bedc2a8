"""A sub-package with a list of exported names."""

__all__ = ["exported"]
hidden_name = "hidden"
not_exported = 1


def exported():
    return "exported"
