//! Errors of the compiler: what Python raises as SyntaxError and its kin, and the form they take on the way out.

use ruff_text_size::{Ranged, TextRange, TextSize};

/// Which Python exception an error becomes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorKind {
    /// `SyntaxError`.
    Syntax,
    /// `IndentationError`.
    Indentation,
    /// `TabError`.
    Tab,
    /// `_IncompleteInputError`: more lines could complete the input. The REPL asks for them.
    Incomplete,
    /// `RecursionError`: the program nests too deeply to be compiled.
    Recursion,
    /// `MemoryError`: the parser's limit on nesting.
    Memory,
    /// `OverflowError`: a code object too large for its encoding.
    Overflow,
}

/// An error with the place it points at.
#[derive(Clone, Debug)]
pub struct SyntaxError {
    pub kind: ErrorKind,
    pub message: String,
    /// Counts from 1; 0 where the error has no place.
    pub line: u32,
    /// Characters, counted from 1; 0 where unknown.
    pub column: u32,
    pub end_line: u32,
    /// 0 or -1 where unknown, as CPython has it.
    pub end_column: i32,
    /// The source line, with its newline.
    pub text: Option<String>,
    /// Whether more input could cure the error.
    pub incomplete: bool,
}

/// A warning that compiling raises.
#[derive(Clone, Debug)]
pub struct SyntaxWarning {
    pub message: String,
    /// Counts from 1.
    pub line: u32,
    /// Characters, counted from 1.
    pub column: u32,
    pub end_line: u32,
    pub end_column: u32,
    /// `DeprecationWarning` instead of `SyntaxWarning`.
    pub deprecation: bool,
}

/// A place in the source as byte offsets; what instructions and errors carry until lines are wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Loc {
    pub start: u32,
    pub end: u32,
}

impl Loc {
    /// No place: the instruction belongs to no line.
    pub const NONE: Loc = Loc { start: u32::MAX, end: u32::MAX };

    /// The place of a node.
    pub fn of(node: &impl Ranged) -> Loc {
        Loc::from(node.range())
    }

    /// An empty place at an offset.
    pub fn at(offset: u32) -> Loc {
        Loc { start: offset, end: offset }
    }

    pub fn is_none(self) -> bool {
        self.start == u32::MAX
    }

    /// From the start of `self` to the end of `other`.
    pub fn to(self, other: Loc) -> Loc {
        Loc { start: self.start, end: other.end }
    }
}

impl From<TextRange> for Loc {
    fn from(range: TextRange) -> Loc {
        Loc { start: range.start().into(), end: range.end().into() }
    }
}

impl From<TextSize> for Loc {
    fn from(offset: TextSize) -> Loc {
        Loc::at(offset.into())
    }
}

/// How much of its place an error knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extent {
    Range,
    /// Only where it starts: the end column is 0.
    Point,
    /// Only where it starts: the end column is -1.
    Start,
    /// How far the tokenizer has read: the column is that of the last character read, the end column -1.
    Behind,
}

/// An error before its place is turned into lines and columns.
#[derive(Clone, Debug)]
pub struct Fail {
    pub kind: ErrorKind,
    pub message: String,
    pub loc: Loc,
    pub incomplete: bool,
    pub extent: Extent,
    /// The tokenizer found it, or had read further lines already: the line's text comes without its end then.
    pub passed: bool,
}

/// The result of a compiler pass.
pub type Res<T = ()> = Result<T, Box<Fail>>;

impl Fail {
    /// A `SyntaxError` at a place.
    pub fn new(loc: impl Into<Loc>, message: impl Into<String>) -> Box<Fail> {
        Box::new(Fail {
            kind: ErrorKind::Syntax,
            message: message.into(),
            loc: loc.into(),
            incomplete: false,
            extent: Extent::Range,
            passed: false,
        })
    }

    pub fn kind(mut self: Box<Self>, kind: ErrorKind) -> Box<Fail> {
        self.kind = kind;
        self
    }

    pub fn incomplete(mut self: Box<Self>, incomplete: bool) -> Box<Fail> {
        self.incomplete = incomplete;
        self
    }

    /// Marks the error as knowing only where it starts.
    pub fn point(mut self: Box<Self>) -> Box<Fail> {
        self.extent = Extent::Point;
        self
    }

    /// Marks the error as not knowing where it ends.
    pub fn endless(mut self: Box<Self>) -> Box<Fail> {
        self.extent = Extent::Start;
        self
    }

    /// Marks the error as standing behind all that was read so far.
    pub fn behind(mut self: Box<Self>) -> Box<Fail> {
        self.extent = Extent::Behind;
        self
    }
}

/// A `SyntaxError` as an `Err`.
pub fn fail<T>(loc: impl Into<Loc>, message: impl Into<String>) -> Res<T> {
    Err(Fail::new(loc, message))
}
