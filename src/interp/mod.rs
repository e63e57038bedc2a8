//! Frames and the evaluation loop.
