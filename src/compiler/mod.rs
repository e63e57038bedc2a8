//! From Python source text to bytecode.
