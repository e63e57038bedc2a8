//! Slabs, deferred frees and the cycle collector.
