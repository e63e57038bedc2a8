"""Small kernels that show what threads cost each other; `benches/kernel_scaling.py` runs them."""

from kernels import library, private, reads, synchronisation, writes  # noqa: F401
from kernels.common import KERNELS, measure  # noqa: F401
