//! Which characters can come first: guards for branches, repeats and searches, worked out once per pattern.

use memchr::memmem::Finder;

use super::build::Prefix;
use super::opcode::{At, MAXREPEAT};
use super::program::*;
use super::set::{LowBits, low_bit};
use std::sync::OnceLock;

/// Operators looked at per question; what takes longer gets no guard.
const FUEL: u32 = 96;

/// Gives every branch alternative, repeat and loop of the program its guard.
pub fn attach_guards(p: &mut Program) {
    let mut guards = Vec::new();
    let mut add = |guard: Option<Guard>| match guard {
        Some(g) => {
            guards.push(g);
            guards.len() as u32 - 1
        }
        None => NONE,
    };
    let alts: Vec<u32> = p.alts.iter().map(|alt| add(first_of(p, alt.pc))).collect();
    let mut ones = Vec::with_capacity(p.ones.len());
    for one in p.ones.iter() {
        let guard = first_of(p, one.next);
        let (disjoint_low, disjoint) = guard.as_ref().map_or((false, false), |g| disjoint(p, one.single, g));
        ones.push((add(guard), disjoint_low, disjoint));
    }
    let loops: Vec<u32> = p.loops.iter().map(|l| add(first_of(p, l.body))).collect();
    for (alt, guard) in p.alts.iter_mut().zip(alts) {
        alt.guard = guard;
    }
    for (one, (guard, low, all)) in p.ones.iter_mut().zip(ones) {
        (one.guard, one.disjoint_low, one.disjoint) = (guard, low, all);
    }
    for (l, guard) in p.loops.iter_mut().zip(loops) {
        l.body_guard = guard;
    }
    p.guards = guards.into();
    if let Op::Greedy(i) = leading(p) {
        let one = &mut p.ones[i as usize];
        one.leads = one.min == 1 && one.max == MAXREPEAT;
    }
}

/// The first operator that is not a mark.
fn leading(p: &Program) -> Op {
    p.ops.iter().copied().find(|op| !matches!(op, Op::Mark(_))).unwrap_or(Op::Success)
}

/// What a search for the program may skip.
pub fn start(p: &Program, prefix: Option<Prefix>) -> Start {
    if let Some(Prefix { chars, whole }) = prefix {
        let whole = whole && p.groups == 0;
        let bytes: Option<Vec<u8>> = chars.iter().map(|&c| u8::try_from(c).ok()).collect();
        let finder = bytes.filter(|b| b.len() > 1).map(|b| Box::new(Finder::new(&b).into_owned()));
        return Start::Literal { chars: chars.into(), whole, finder };
    }
    if leading(p) == Op::At(At::Beginning) {
        return Start::Beginning;
    }
    match first_of(p, 0) {
        // A guard that nearly everything passes would only cost time.
        Some(guard) if guard.low.iter().map(|w| w.count_ones()).sum::<u32>() < 240 => {
            Start::First { few: few(&guard), guard, opening: OnceLock::new() }
        }
        _ => Start::Anywhere,
    }
}

fn few(guard: &Guard) -> Option<Few> {
    let bytes: Vec<u8> = (0..=255u8).filter(|&b| low_bit(&guard.low, u32::from(b))).take(4).collect();
    match bytes[..] {
        [a] => Some(Few::One(a)),
        [a, b] => Some(Few::Two(a, b)),
        [a, b, c] => Some(Few::Three(a, b, c)),
        _ => None,
    }
}

/// The guard of what starts at `pc`, or `None` if that may match without a character or is too long to tell.
fn first_of(p: &Program, pc: u32) -> Option<Guard> {
    let mut walk = Walk { p, fuel: FUEL, guard: Guard { low: [0; 8], high: High::No, only: NONE } };
    if !walk.visit(pc) {
        return None;
    }
    walk.guard.only = only(&walk.guard);
    Some(walk.guard)
}

/// The only character that a guard admits, if it is one.
fn only(guard: &Guard) -> u32 {
    let mut low = (0..256).filter(|&c| low_bit(&guard.low, c));
    match (low.next(), low.next(), guard.high) {
        (Some(c), None, High::No) | (None, None, High::One(c)) => c,
        _ => NONE,
    }
}

/// Whether no character passes both: below 256, and at all.
fn disjoint(p: &Program, single: Single, guard: &Guard) -> (bool, bool) {
    if is_locale(p, single) {
        return (false, false);
    }
    let low = low_bits(p, single).iter().zip(&guard.low).all(|(a, b)| a & b == 0);
    let high = match guard.high {
        High::No => true,
        High::One(c) => !p.passes(single, c),
        High::Any | High::Set(_) => !reaches_high(p, single),
    };
    (low, low && high)
}

pub fn is_locale(p: &Program, single: Single) -> bool {
    matches!(single, Single::Set(i) if p.sets[i as usize].locale)
}

/// The characters below 256 that pass; not for locale sets.
pub fn low_bits(p: &Program, single: Single) -> LowBits {
    let except = |c: u32| {
        let mut bits = [u32::MAX; 8];
        if c < 256 {
            bits[(c >> 5) as usize] &= !(1 << (c & 31));
        }
        bits
    };
    match single {
        Single::Never => [0; 8],
        Single::All => [u32::MAX; 8],
        Single::NoLinebreak => except(0xA),
        Single::NotChar(c) => except(c),
        Single::Char(c) => except(c).map(|w| !w),
        Single::Set(i) => p.sets[i as usize].low,
    }
}

fn reaches_high(p: &Program, single: Single) -> bool {
    match single {
        Single::Never => false,
        Single::All | Single::NoLinebreak | Single::NotChar(_) => true,
        Single::Char(c) => c > 255,
        Single::Set(i) => p.sets[i as usize].high,
    }
}

struct Walk<'p> {
    p: &'p Program,
    fuel: u32,
    guard: Guard,
}

impl Walk<'_> {
    /// Adds the first characters of what starts at `pc`; false if they cannot be told.
    fn visit(&mut self, pc: u32) -> bool {
        let mut pc = pc;
        loop {
            if self.fuel == 0 {
                return false;
            }
            self.fuel -= 1;
            // A table entry that a second reading of a conditional left behind may point past the end.
            let Some(&op) = self.p.ops.get(pc as usize) else { return false };
            pc = match op {
                Op::Fail => return true,
                Op::Success | Op::GroupRef { .. } => return false,
                Op::One(single) => return self.add(single),
                Op::Str { at, .. } => return self.add(Single::Char(self.p.lits[at as usize])),
                // Tests without width can only make the set smaller.
                Op::At(_) | Op::Mark(_) => pc + 1,
                Op::Assert { next, .. } | Op::AssertNot { next, .. } => next,
                Op::Jump(target) => target,
                Op::Branch { first, len } => {
                    return (first..first + len).all(|i| self.visit(self.p.alts[i as usize].pc));
                }
                Op::Greedy(i) | Op::Lazy(i) | Op::Possessive(i) => {
                    let one = self.p.ones[i as usize];
                    if one.max > 0 && !self.add(one.single) {
                        return false;
                    }
                    if one.min > 0 {
                        return true;
                    }
                    one.next
                }
                Op::Enter(i) | Op::PossessiveLoop(i) => {
                    let l = self.p.loops[i as usize];
                    if !self.visit(l.body) {
                        return false;
                    }
                    if l.min > 0 {
                        return true;
                    }
                    l.next
                }
                Op::MaxUntil(i) | Op::MinUntil(i) => {
                    let l = self.p.loops[i as usize];
                    if !self.visit(l.body) {
                        return false;
                    }
                    l.next
                }
                // True only if the body takes a character before its `Success`.
                Op::Atomic { .. } => pc + 1,
                Op::GroupExists { otherwise, .. } => {
                    if !self.visit(otherwise) {
                        return false;
                    }
                    pc + 1
                }
            };
        }
    }

    fn add(&mut self, single: Single) -> bool {
        if is_locale(self.p, single) {
            return false;
        }
        let high = match single {
            Single::Char(c) if c > 255 => High::One(c),
            Single::Set(i) if self.p.sets[i as usize].high => High::Set(i),
            _ if reaches_high(self.p, single) => High::Any,
            _ => High::No,
        };
        self.guard.high = match (self.guard.high, high) {
            (High::No, high) => high,
            (same, high) if same == high || high == High::No => same,
            _ => High::Any,
        };
        for (word, more) in self.guard.low.iter_mut().zip(low_bits(self.p, single)) {
            *word |= more;
        }
        true
    }
}
