//! The engine's own form of a pattern: operators with resolved targets, sets, and what a search may skip.

use memchr::memmem::Finder;

use super::chars::Fold;
use super::opcode::At;
use super::opening::Opening;
use super::set::{LowBits, Set, low_bit};
use std::sync::OnceLock;

/// Index that stands for "none" in a program's tables.
pub const NONE: u32 = u32::MAX;

/// A test of one character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Single {
    /// No character.
    Never,
    /// Every character.
    All,
    /// Every character but a line feed.
    NoLinebreak,
    /// This character.
    Char(u32),
    /// Every character but this one.
    NotChar(u32),
    /// A member of the set with this index.
    Set(u32),
}

/// One operator. Targets are indices into [`Program::ops`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// No match here.
    Fail,
    /// The pattern, or the body of an assertion, an atomic group or a possessive repeat, has matched.
    Success,
    /// One character.
    One(Single),
    /// The characters `lits[at..at + len]`.
    Str { at: u32, len: u32 },
    /// A position test.
    At(At),
    /// Stores the position in a mark.
    Mark(u32),
    /// Continues elsewhere.
    Jump(u32),
    /// Tries `alts[first..first + len]` in turn.
    Branch { first: u32, len: u32 },
    /// Greedy repeat of one character: index into `ones`.
    Greedy(u32),
    /// Lazy repeat of one character: index into `ones`.
    Lazy(u32),
    /// Possessive repeat of one character: index into `ones`.
    Possessive(u32),
    /// Enters the loop with this index; its UNTIL operator follows the body.
    Enter(u32),
    /// End of the body of a greedy loop.
    MaxUntil(u32),
    /// End of the body of a lazy loop.
    MinUntil(u32),
    /// Possessive loop; its body ends with `Success`.
    PossessiveLoop(u32),
    /// Look-around: the body follows and ends with `Success`; `back` characters are stepped back first.
    Assert { back: u32, next: u32 },
    /// Negative look-around, laid out like `Assert`.
    AssertNot { back: u32, next: u32 },
    /// Atomic group: the body follows and ends with `Success`.
    Atomic { next: u32 },
    /// Text of a group.
    GroupRef { group: u32, fold: Fold },
    /// Continues if the group has matched, else goes to `otherwise`.
    GroupExists { group: u32, otherwise: u32 },
}

/// One alternative of a branch.
#[derive(Clone, Copy, Debug)]
pub struct Alt {
    /// Where it starts.
    pub pc: u32,
    /// Guard that the next character must pass for the alternative to be worth a try, or `NONE`.
    pub guard: u32,
}

/// A repeat of one character.
#[derive(Clone, Copy, Debug)]
pub struct OneLoop {
    /// The character test.
    pub single: Single,
    /// Fewest repeats.
    pub min: u32,
    /// Most repeats (`MAXREPEAT`: no limit).
    pub max: u32,
    /// The operator after the repeat.
    pub next: u32,
    /// Guard of what follows, or `NONE`.
    pub guard: u32,
    /// No character below 256 passes both `single` and the guard.
    pub disjoint_low: bool,
    /// No character at all does.
    pub disjoint: bool,
    /// Every match begins with this repeat, which takes one character at least and has no upper limit: where it fails
    /// because of what follows the run, a start inside the run fails too.
    pub leads: bool,
}

/// A repeat of a longer body.
#[derive(Clone, Copy, Debug)]
pub struct Loop {
    /// First operator of the body.
    pub body: u32,
    /// The operator after the loop.
    pub next: u32,
    /// Fewest repeats.
    pub min: u32,
    /// Most repeats (`MAXREPEAT`: no limit).
    pub max: u32,
    /// Guard of the body, or `NONE`.
    pub body_guard: u32,
}

/// A superset of the characters that can come first in a match that is not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard {
    /// Answers below 256.
    pub low: LowBits,
    /// Which characters from 256 up are possible.
    pub high: High,
    /// The only character possible, or `NONE`.
    pub only: u32,
}

/// Part of a guard: characters from 256 up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum High {
    /// None.
    No,
    /// Any.
    Any,
    /// This one.
    One(u32),
    /// Those of the set with this index.
    Set(u32),
}

/// What a search may skip.
#[derive(Debug)]
pub enum Start {
    /// Nothing is known.
    Anywhere,
    /// A match starts at the beginning of the string.
    Beginning,
    /// A match starts with these characters. `whole`: and is just that, without groups.
    Literal { chars: Box<[u32]>, whole: bool, finder: Option<Box<Finder<'static>>> },
    /// A match starts with a character that the guard admits. `few`: the admitted bytes, where there are at most three
    /// of them. `opening`: more of what a match starts with, worked out when a
    /// search has use for it.
    First { guard: Guard, few: Option<Few>, opening: OnceLock<Option<Box<Opening>>> },
}

/// Up to three bytes to look for.
#[derive(Clone, Copy, Debug)]
pub enum Few {
    /// One byte.
    One(u8),
    /// Two bytes.
    Two(u8, u8),
    /// Three bytes.
    Three(u8, u8, u8),
}

/// A pattern ready to run. Immutable; shared between threads.
#[derive(Debug)]
pub struct Program {
    /// The words it was made from, which set rules refer to.
    pub code: Box<[u32]>,
    /// Operators; the last one is `Success`.
    pub ops: Box<[Op]>,
    /// Sets.
    pub sets: Box<[Set]>,
    /// Literal characters.
    pub lits: Box<[u32]>,
    /// Alternatives of all branches.
    pub alts: Box<[Alt]>,
    /// Repeats of one character.
    pub ones: Box<[OneLoop]>,
    /// Repeats of longer bodies.
    pub loops: Box<[Loop]>,
    /// Guards.
    pub guards: Box<[Guard]>,
    /// Number of groups, without group 0.
    pub groups: u32,
    /// No match is shorter.
    pub min_width: u32,
    /// What a search may skip.
    pub start: Start,
}

impl Program {
    /// Whether the guard admits `c`.
    #[inline(always)]
    pub fn admits(&self, guard: &Guard, c: u32) -> bool {
        if c < 256 { low_bit(&guard.low, c) } else { self.admits_high(guard.high, c) }
    }

    #[inline]
    fn admits_high(&self, high: High, c: u32) -> bool {
        match high {
            High::No => false,
            High::Any => true,
            High::One(x) => c == x,
            High::Set(i) => self.sets[i as usize].contains(&self.code, c),
        }
    }

    /// Whether `single` passes `c`.
    #[inline(always)]
    pub fn passes(&self, single: Single, c: u32) -> bool {
        match single {
            Single::Never => false,
            Single::All => true,
            Single::NoLinebreak => c != 0xA,
            Single::Char(x) => c == x,
            Single::NotChar(x) => c != x,
            Single::Set(i) => self.sets[i as usize].contains(&self.code, c),
        }
    }
}
