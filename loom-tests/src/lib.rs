//! Loom models of `src/sync` (see README.md).
