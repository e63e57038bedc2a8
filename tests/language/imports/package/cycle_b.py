"""The other half of an import cycle."""

from . import cycle_a

seen = (cycle_a.early, hasattr(cycle_a, "done"))
done = "b done"
