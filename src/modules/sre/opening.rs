//! The first few characters of all matches, as far as they are fixed in number: a search looks for places where they fit, all
//! alternatives at the same time.
//!
//! After Baeza-Yates and Gonnet, "A New Approach to Text Searching" (CACM 1992), in the form called Shift-And: a bit for each
//! alternative and character says whether the text up to here fits that far. What fits may still be no match.

use super::first::{is_locale, low_bits};
use super::program::*;
use super::set::{LowBits, low_bit};

/// Alternatives at most.
const LANES: usize = 4;
/// Characters of each at most.
const LONGEST: usize = 8;
/// Operators looked at.
const FUEL: u32 = 64;

/// See the module's documentation.
#[derive(Debug)]
pub struct Opening {
    /// For each byte, the characters of alternatives that it fits: `LONGEST` bits for each.
    table: [u32; 256],
    /// The bits of the first characters, and of the last.
    first: u32,
    last: u32,
    /// How many characters there are.
    len: usize,
}

impl Opening {
    /// The opening of a program; None where it has none that would be of use.
    pub fn of(p: &Program) -> Option<Box<Opening>> {
        let mut walk = Walk { p, fuel: FUEL, lanes: Vec::new() };
        walk.visit(0, Vec::new())?;
        let len = walk.lanes.iter().map(Vec::len).min()?.min(LONGEST);
        if len < 2 {
            return None;
        }
        let mut opening = Opening { table: [0; 256], first: 0, last: 0, len };
        for (lane, characters) in walk.lanes.iter().enumerate() {
            for (i, low) in characters[..len].iter().enumerate() {
                let bit = 1 << (lane * LONGEST + i);
                for (c, bits) in opening.table.iter_mut().enumerate() {
                    *bits |= if low_bit(low, c as u32) { bit } else { 0 };
                }
            }
            opening.first |= 1 << (lane * LONGEST);
            opening.last |= 1 << (lane * LONGEST + len - 1);
        }
        Some(Box::new(opening))
    }

    /// The first place where it fits.
    pub fn find(&self, bytes: &[u8]) -> Option<usize> {
        let mut fits = 0;
        for (i, &b) in bytes.iter().enumerate() {
            // What one alternative's last bit is shifted to is another's first, which is set anyway.
            fits = (fits << 1 | self.first) & self.table[b as usize];
            if fits & self.last != 0 {
                return Some(i + 1 - self.len);
            }
        }
        None
    }
}

struct Walk<'p> {
    p: &'p Program,
    fuel: u32,
    lanes: Vec<Vec<LowBits>>,
}

impl Walk<'_> {
    /// Adds the alternatives that go on at `pc` after these characters. None: there are too many, or one is too short.
    fn visit(&mut self, pc: u32, mut before: Vec<LowBits>) -> Option<()> {
        let mut pc = pc;
        while before.len() < LONGEST {
            self.fuel = self.fuel.checked_sub(1)?;
            let Some(&op) = self.p.ops.get(pc as usize) else { break };
            pc = match op {
                Op::Fail => return Some(()),
                Op::One(single) if !is_locale(self.p, single) => {
                    before.push(low_bits(self.p, single));
                    pc + 1
                }
                Op::Str { at, len } => {
                    let characters = &self.p.lits[at as usize..(at + len) as usize];
                    before.extend(characters.iter().map(|&c| low_bits(self.p, Single::Char(c))));
                    pc + 1
                }
                // Tests without width can only make matches fewer.
                Op::At(_) | Op::Mark(_) => pc + 1,
                Op::Assert { next, .. } | Op::AssertNot { next, .. } => next,
                Op::Jump(target) => target,
                Op::Branch { first, len } => {
                    for i in first..first + len {
                        self.visit(self.p.alts[i as usize].pc, before.clone())?;
                    }
                    return Some(());
                }
                Op::Greedy(i) | Op::Lazy(i) | Op::Possessive(i) => {
                    let one = self.p.ones[i as usize];
                    if is_locale(self.p, one.single) {
                        break;
                    }
                    let times = (one.min as usize).min(LONGEST);
                    before.extend(std::iter::repeat_n(low_bits(self.p, one.single), times));
                    if one.min != one.max {
                        break;
                    }
                    one.next
                }
                _ => break,
            };
        }
        if before.len() < 2 || self.lanes.len() == LANES {
            return None;
        }
        self.lanes.push(before);
        Some(())
    }
}
