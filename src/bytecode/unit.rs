//! What the compiler makes: a code object's contents in plain Rust data, before it is linked to interned names and
//! constants on the heap. Also what a `.pyc` file holds.

use std::sync::Arc;

/// Bits of `CodeUnit::flags`, with CPython's values (`inspect.CO_*`).
pub mod flags {
    pub const OPTIMIZED: u32 = 0x1;
    pub const NEWLOCALS: u32 = 0x2;
    pub const VARARGS: u32 = 0x4;
    pub const VARKEYWORDS: u32 = 0x8;
    pub const NESTED: u32 = 0x10;
    pub const GENERATOR: u32 = 0x20;
    pub const COROUTINE: u32 = 0x80;
    pub const ITERABLE_COROUTINE: u32 = 0x100;
    pub const ASYNC_GENERATOR: u32 = 0x200;
    pub const FUTURE_ANNOTATIONS: u32 = 0x100_0000;
    pub const HAS_DOCSTRING: u32 = 0x400_0000;
    pub const METHOD: u32 = 0x800_0000;
}

/// Kinds of a local (bits): a parameter that a nested function uses is both `LOCAL` and `CELL`.
pub mod kind {
    pub const LOCAL: u8 = 0x20;
    pub const CELL: u8 = 0x40;
    pub const FREE: u8 = 0x80;
    /// Hidden: the target of an inlined comprehension in a class or module body.
    pub const HIDDEN: u8 = 0x10;
}

/// A constant.
#[derive(Clone, Debug)]
pub enum Constant {
    None,
    True,
    False,
    Ellipsis,
    Int(i64),
    /// An int beyond i64: sign and magnitude, little-endian.
    BigInt {
        negative: bool,
        magnitude: Box<[u8]>,
    },
    Float(f64),
    Complex(f64, f64),
    /// Text as WTF-8: UTF-8 that may also hold lone surrogates.
    Str(Box<[u8]>),
    Bytes(Box<[u8]>),
    Tuple(Box<[Constant]>),
    FrozenSet(Box<[Constant]>),
    /// slice(start, stop, step) of constants.
    Slice(Box<[Constant; 3]>),
    Code(Arc<CodeUnit>),
}

/// Where an instruction comes from. Lines count from 1, columns are UTF-8 byte offsets from 0; `line == 0` means no line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Location {
    pub line: u32,
    pub end_line: u32,
    /// -1 where unknown.
    pub column: i32,
    pub end_column: i32,
}

/// A protected range of instruction words: an exception raised in `start..end` cuts the stack to `depth`, pushes the
/// index of the raising instruction when `lasti`, pushes the exception and goes on at `target`. The first entry in the
/// table that covers an instruction wins (inner ranges come first).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handler {
    pub start: u32,
    pub end: u32,
    pub target: u32,
    pub depth: u32,
    pub lasti: bool,
}

/// A name among the locals.
#[derive(Clone, Debug)]
pub struct Local {
    pub name: Box<str>,
    /// Bits of `kind`.
    pub kind: u8,
}

/// The contents of a code object.
#[derive(Clone, Debug, Default)]
pub struct CodeUnit {
    pub name: Box<str>,
    pub qualname: Box<str>,
    pub filename: Arc<str>,
    pub first_line: u32,
    /// Positional parameters, positional-only ones included.
    pub arg_count: u32,
    pub positional_only_count: u32,
    pub keyword_only_count: u32,
    /// Bits of `flags`.
    pub flags: u32,
    /// The deepest operand stack.
    pub stack_size: u32,
    /// Parameters first (positional, keyword-only, *args, **kwargs), then other locals, then cells that are not
    /// parameters, then free variables.
    pub locals: Vec<Local>,
    pub names: Vec<Box<str>>,
    /// `consts[0]` is the docstring when `HAS_DOCSTRING` is set.
    pub consts: Vec<Constant>,
    pub instructions: Vec<u32>,
    /// How many inline-cache entries the instructions name.
    pub cache_count: u32,
    /// Runs of instructions with one location: (index of the first word, location), ascending.
    pub locations: Vec<(u32, Location)>,
    pub handlers: Vec<Handler>,
}
