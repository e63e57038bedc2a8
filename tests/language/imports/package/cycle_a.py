"""One half of an import cycle."""

early = "early"
from . import cycle_b

done = "a done"
