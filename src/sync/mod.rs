//! Concurrency primitives: generic, state passed in, checked by loom.
