//! The matcher: runs a [`Program`] over a text with an explicit stack of choices, so that no pattern and no text can
//! exhaust the native stack.
//!
//! The stack holds two kinds of entries: *choices*, where the search goes on after a failure, and *undo records*, which
//! put back a mark or a loop counter on the way down to a choice. An assertion, an atomic group or one round of a
//! possessive loop runs above a *barrier*: when its body succeeds, the choices above the barrier are thrown away, but
//! the undo records of marks stay, because an older choice may still need them.
//!
//! Repeats of a longer body keep a counter and the position of the last round in a [`Round`]. Rounds are kept on a
//! stack of their own; one lives until the search backs out past the operator that made it or a barrier is left.

use super::chars::{self, Fold};
use super::opcode::{At, MAXREPEAT};
use super::program::*;
use super::scan;
use crate::sync::may_fail;
use crate::types::str::search::TextUnit;

/// A mark or position that is not set. (Its bytes differ, so that resetting a few marks does not become a `memset`.)
pub const UNSET: usize = isize::MAX as usize;

/// Steps between two calls of the checkpoint.
const STEPS: u32 = 4096;

/// Why a run ended without an answer.
#[derive(Debug, PartialEq, Eq)]
pub enum Stop<E> {
    /// No memory for the stack (`MemoryError`).
    Memory,
    /// The checkpoint said so (a signal handler raised).
    Checkpoint(E),
}

/// What a run may end on.
#[derive(Clone, Copy, Default)]
pub struct Conditions {
    /// The match must reach the end of the text.
    pub full: bool,
    /// The match must not be empty.
    pub advance: bool,
}

#[derive(Clone, Copy)]
enum Entry {
    /// Undo: a mark's old value, and the last group that was closed before.
    Mark { slot: u32, lastindex: u32, old: usize },
    /// Undo: the newest round goes.
    Round { outer: u32 },
    /// Undo: the round's counter goes down by one; its last position was this.
    Count { round: u32, last: usize },
    /// Choice: alternatives from `alt` up to `stop`.
    Branch { alt: u32, stop: u32, round: u32, at: usize },
    /// Choice: a greedy repeat of one character may end earlier, down to `min`.
    Greedy { one: u32, round: u32, at: usize, min: usize },
    /// Choice: a lazy repeat of one character may take up to `left` more.
    Lazy { one: u32, round: u32, at: usize, left: usize },
    /// Choice: what follows a greedy loop, instead of the round that was tried; also undoes that round's count.
    LoopTail { index: u32, round: u32, at: usize, last: usize },
    /// Choice: another round of a lazy loop.
    LoopBody { index: u32, round: u32, at: usize },
    /// End of the choices above the newest barrier.
    Barrier,
}

/// State of a repeat of a longer body.
#[derive(Clone, Copy)]
struct Round {
    /// Completed rounds, less than none before the first UNTIL.
    count: i64,
    /// Where the last optional round began.
    last: usize,
    /// The enclosing repeat's round, or `NONE`.
    outer: u32,
}

#[derive(Clone, Copy)]
enum Inner {
    Assert { next: u32 },
    AssertNot { next: u32 },
    Atomic { next: u32 },
    Possessive { index: u32, count: u32 },
}

struct Barrier {
    inner: Inner,
    /// Position before the body.
    at: usize,
    /// Stack height below the barrier entry.
    base: usize,
    /// Stack height when the possessive loop began.
    loop_base: usize,
    rounds: usize,
    round: u32,
}

/// Where a run continues.
enum Go {
    To(u32, usize),
    Fail,
    Matched(usize),
}

/// The memory of a run, to be used again by the next one.
#[derive(Default)]
pub struct Scratch {
    marks: Vec<usize>,
    stack: Vec<Entry>,
    rounds: Vec<Round>,
    barriers: Vec<Barrier>,
}

impl Scratch {
    /// Entries that the stack and its like have room for.
    pub fn capacity(&self) -> usize {
        self.stack.capacity() + self.rounds.capacity() + self.barriers.capacity() + self.marks.capacity()
    }
}

/// One subject being matched.
pub struct Machine<'a, C: TextUnit, T> {
    p: &'a Program,
    /// The text up to the end position.
    text: &'a [C],
    /// Start and end of each group, from group 1 on; `UNSET` where it has not taken part.
    pub marks: Vec<usize>,
    /// The group that was closed last, 0 for none.
    pub lastindex: u32,
    scratch: Scratch,
    round: u32,
    steps: u32,
    /// Where a failed run says the next one may start at the earliest; 0: nothing known.
    pub skip_to: usize,
    checkpoint: T,
}

impl<'a, C: TextUnit, E, T: FnMut() -> Result<(), E>> Machine<'a, C, T> {
    /// A machine for `text`, which ends where the match must end at the latest. `checkpoint` is called every few
    /// thousand steps.
    pub fn new(p: &'a Program, text: &'a [C], mut scratch: Scratch, checkpoint: T) -> Self {
        let mut marks = std::mem::take(&mut scratch.marks);
        marks.clear();
        marks.resize(2 * p.groups as usize, UNSET);
        Machine { p, text, marks, lastindex: 0, scratch, round: NONE, steps: STEPS, skip_to: 0, checkpoint }
    }

    /// The memory, for another machine.
    pub fn into_scratch(self) -> Scratch {
        Scratch { marks: self.marks, ..self.scratch }
    }

    /// The text being matched.
    pub fn text(&self) -> &'a [C] {
        self.text
    }

    /// Forgets the groups of the last match.
    #[inline]
    pub fn reset(&mut self) {
        if !self.marks.is_empty() {
            self.marks.fill(UNSET);
        }
        self.lastindex = 0;
    }

    /// Counts one unit of work.
    #[inline(always)]
    pub fn step(&mut self) -> Result<(), Stop<E>> {
        self.steps -= 1;
        if self.steps == 0 { self.pause() } else { Ok(()) }
    }

    #[cold]
    fn pause(&mut self) -> Result<(), Stop<E>> {
        self.steps = STEPS;
        (self.checkpoint)().map_err(Stop::Checkpoint)
    }

    #[inline(always)]
    fn push(&mut self, entry: Entry) -> Result<(), Stop<E>> {
        if self.scratch.stack.len() == self.scratch.stack.capacity() {
            self.grow()?;
        }
        self.scratch.stack.push(entry);
        Ok(())
    }

    #[cold]
    fn grow(&mut self) -> Result<(), Stop<E>> {
        let more = self.scratch.stack.len().max(64);
        may_fail::reserve_exact(&mut self.scratch.stack, more).map_err(|_| Stop::Memory)
    }

    /// Matches at `start`; gives the end of the match. Marks are unset before and, without a match, after.
    pub fn run(&mut self, start: usize, conditions: Conditions) -> Result<Option<usize>, Stop<E>> {
        let result = self.run_inner(start, conditions);
        self.scratch.stack.clear();
        self.scratch.rounds.clear();
        self.scratch.barriers.clear();
        self.round = NONE;
        result
    }

    fn run_inner(&mut self, start: usize, conditions: Conditions) -> Result<Option<usize>, Stop<E>> {
        let p = self.p;
        let text = self.text;
        let (mut pc, mut at) = (0u32, start);
        loop {
            let ok = match p.ops[pc as usize] {
                Op::One(single) => match text.get(at) {
                    Some(c) if p.passes(single, c.cp()) => {
                        at += 1;
                        pc += 1;
                        true
                    }
                    _ => false,
                },
                Op::Str { at: lit, len } => {
                    let lits = &p.lits[lit as usize..(lit + len) as usize];
                    match text.get(at..at + lits.len()) {
                        Some(piece) if piece.iter().zip(lits).all(|(a, &b)| a.cp() == b) => {
                            at += lits.len();
                            pc += 1;
                            true
                        }
                        _ => false,
                    }
                }
                Op::Mark(slot) => {
                    let old = self.marks[slot as usize];
                    self.push(Entry::Mark { slot, lastindex: self.lastindex, old })?;
                    self.marks[slot as usize] = at;
                    if slot & 1 == 1 {
                        self.lastindex = slot / 2 + 1;
                    }
                    pc += 1;
                    true
                }
                Op::At(what) => {
                    pc += 1;
                    self.is_at(what, at)
                }
                Op::Jump(target) => {
                    pc = target;
                    true
                }
                Op::Branch { first, len } => self.branch(first, first + len, at, &mut pc)?,
                Op::Greedy(i) => self.greedy(i, &mut pc, &mut at)?,
                Op::Lazy(i) => self.lazy(i, &mut pc, &mut at)?,
                Op::Possessive(i) => {
                    let one = &p.ones[i as usize];
                    match self.count(one, at) {
                        Some(n) => {
                            at += n;
                            pc = one.next;
                            true
                        }
                        None => false,
                    }
                }
                Op::Enter(i) => {
                    let outer = self.round;
                    self.push(Entry::Round { outer })?;
                    may_fail::reserve(&mut self.scratch.rounds, 1).map_err(|_| Stop::Memory)?;
                    self.round = self.scratch.rounds.len() as u32;
                    self.scratch.rounds.push(Round { count: -1, last: UNSET, outer });
                    pc = self.until_of(i);
                    true
                }
                Op::MaxUntil(i) => self.max_until(i, &mut pc, at)?,
                Op::MinUntil(i) => self.min_until(i, &mut pc, at)?,
                Op::PossessiveLoop(i) => {
                    let loop_base = self.scratch.stack.len();
                    match self.possessive(i, 0, at, UNSET, loop_base)? {
                        Go::To(to, where_) => {
                            (pc, at) = (to, where_);
                            true
                        }
                        _ => false,
                    }
                }
                Op::Assert { back, next } => {
                    at >= back as usize && {
                        self.barrier(Inner::Assert { next }, at, None)?;
                        at -= back as usize;
                        pc += 1;
                        true
                    }
                }
                Op::AssertNot { back, next } => {
                    if at < back as usize {
                        pc = next;
                    } else {
                        self.barrier(Inner::AssertNot { next }, at, None)?;
                        at -= back as usize;
                        pc += 1;
                    }
                    true
                }
                Op::Atomic { next } => {
                    self.barrier(Inner::Atomic { next }, at, None)?;
                    pc += 1;
                    true
                }
                Op::GroupRef { group, fold } => match self.group_len(group, fold, at) {
                    Some(n) => {
                        at += n;
                        pc += 1;
                        true
                    }
                    None => false,
                },
                Op::GroupExists { group, otherwise } => {
                    pc = if self.group(group).is_some() { pc + 1 } else { otherwise };
                    true
                }
                Op::Success => match self.success(at, start, conditions)? {
                    Go::Matched(end) => return Ok(Some(end)),
                    Go::To(to, where_) => {
                        (pc, at) = (to, where_);
                        true
                    }
                    Go::Fail => false,
                },
                Op::Fail => false,
            };
            if !ok {
                match self.backtrack()? {
                    Some(go) => (pc, at) = go,
                    None => return Ok(None),
                }
            }
        }
    }

    /// Pops entries until one says where to go on.
    #[inline]
    fn backtrack(&mut self) -> Result<Option<(u32, usize)>, Stop<E>> {
        self.step()?;
        let p = self.p;
        loop {
            let Some(entry) = self.scratch.stack.pop() else { return Ok(None) };
            match entry {
                Entry::Mark { slot, lastindex, old } => {
                    self.marks[slot as usize] = old;
                    self.lastindex = lastindex;
                }
                Entry::Round { outer } => {
                    self.scratch.rounds.pop();
                    self.round = outer;
                }
                Entry::Count { round, last } => self.uncount(round, last),
                Entry::Branch { alt, stop, round, at } => {
                    self.round = round;
                    let mut pc = 0;
                    if self.branch(alt, stop, at, &mut pc)? {
                        return Ok(Some((pc, at)));
                    }
                }
                Entry::Greedy { one: i, round, at, min } => {
                    self.round = round;
                    let one = &p.ones[i as usize];
                    let found = if one.guard == NONE {
                        Some(at - 1)
                    } else {
                        scan::rfind_guard(p, &self.text[min..at], &p.guards[one.guard as usize]).map(|i| min + i)
                    };
                    if let Some(at) = found {
                        if at > min {
                            self.push(Entry::Greedy { one: i, round, at, min })?;
                        }
                        return Ok(Some((one.next, at)));
                    }
                }
                Entry::Lazy { one: i, round, at, left } => {
                    self.round = round;
                    let one = &p.ones[i as usize];
                    if self.text.get(at).is_some_and(|c| p.passes(one.single, c.cp()))
                        && let Some(at) = self.lazy_seek(i, at + 1, left - 1)?
                    {
                        return Ok(Some((one.next, at)));
                    }
                }
                Entry::LoopTail { index, round, at, last } => {
                    self.uncount(round, last);
                    self.round = self.scratch.rounds[round as usize].outer;
                    return Ok(Some((p.loops[index as usize].next, at)));
                }
                Entry::LoopBody { index, round, at } => {
                    self.round = round;
                    if let Some(pc) = self.lazy_round(index, round, at)? {
                        return Ok(Some((pc, at)));
                    }
                }
                Entry::Barrier => {
                    let Some(b) = self.scratch.barriers.pop() else { return Ok(None) };
                    self.scratch.rounds.truncate(b.rounds);
                    self.round = b.round;
                    match b.inner {
                        Inner::Assert { .. } | Inner::Atomic { .. } => {}
                        Inner::AssertNot { next } => return Ok(Some((next, b.at))),
                        Inner::Possessive { index, count } => {
                            let l = &p.loops[index as usize];
                            if count >= l.min {
                                return Ok(Some((l.next, b.at)));
                            }
                        }
                    }
                }
            }
        }
    }

    fn uncount(&mut self, round: u32, last: usize) {
        let r = &mut self.scratch.rounds[round as usize];
        r.count -= 1;
        r.last = last;
        self.round = round;
    }

    /// Goes to the first alternative of `alt..stop` that the next character allows.
    #[inline]
    fn branch(&mut self, alt: u32, stop: u32, at: usize, pc: &mut u32) -> Result<bool, Stop<E>> {
        let p = self.p;
        let next = self.text.get(at).map(|c| c.cp());
        let mut allowed = (alt..stop).filter(|&i| match p.alts[i as usize].guard {
            NONE => true,
            g => next.is_some_and(|c| p.admits(&p.guards[g as usize], c)),
        });
        let Some(first) = allowed.next() else { return Ok(false) };
        if let Some(second) = allowed.next() {
            self.push(Entry::Branch { alt: second, stop, round: self.round, at })?;
        }
        *pc = p.alts[first as usize].pc;
        Ok(true)
    }

    /// How many characters the repeat takes at `at`, if that is enough.
    #[inline(always)]
    fn count(&self, one: &OneLoop, at: usize) -> Option<usize> {
        let rest = &self.text[at..];
        let most = if one.max == MAXREPEAT { rest.len() } else { rest.len().min(one.max as usize) };
        if (one.min as usize) > most {
            return None;
        }
        let n = scan::count(self.p, one.single, &rest[..most]);
        (n >= one.min as usize).then_some(n)
    }

    #[inline]
    fn greedy(&mut self, i: u32, pc: &mut u32, at: &mut usize) -> Result<bool, Stop<E>> {
        let p = self.p;
        let one = &p.ones[i as usize];
        let Some(n) = self.count(one, *at) else { return Ok(false) };
        let (min, end) = (*at + one.min as usize, *at + n);
        *pc = one.next;
        if one.guard == NONE {
            if end > min {
                self.push(Entry::Greedy { one: i, round: self.round, at: end, min })?;
            }
            *at = end;
            return Ok(true);
        }
        let guard = &p.guards[one.guard as usize];
        // Whatever is given back could not start what follows, if no character passes both tests.
        if one.disjoint || C::MAX == 0xFF && one.disjoint_low {
            *at = end;
            let follows = self.text.get(end).is_some_and(|c| p.admits(guard, c.cp()));
            if one.leads && !follows {
                self.skip_to = end;
            }
            return Ok(follows);
        }
        let upto = self.text.len().min(end + 1);
        match scan::rfind_guard(p, &self.text[min..upto], guard) {
            Some(back) => {
                *at = min + back;
                if back > 0 {
                    self.push(Entry::Greedy { one: i, round: self.round, at: *at, min })?;
                }
                Ok(true)
            }
            None => Ok(false),
        }
    }

    #[inline]
    fn lazy(&mut self, i: u32, pc: &mut u32, at: &mut usize) -> Result<bool, Stop<E>> {
        let one = &self.p.ones[i as usize];
        let min = one.min as usize;
        let Some(first) = self.text.get(*at..).and_then(|rest| rest.get(..min)) else { return Ok(false) };
        if scan::count(self.p, one.single, first) < min {
            return Ok(false);
        }
        let left = if one.max == MAXREPEAT { usize::MAX } else { (one.max - one.min) as usize };
        match self.lazy_seek(i, *at + min, left)? {
            Some(found) => {
                (*pc, *at) = (one.next, found);
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// The first position from `at` on, at most `left` characters further, where what follows may start; leaves a
    /// choice to go further.
    fn lazy_seek(&mut self, i: u32, at: usize, left: usize) -> Result<Option<usize>, Stop<E>> {
        let p = self.p;
        let one = &p.ones[i as usize];
        let mut ahead = 0;
        if one.guard != NONE {
            let guard = &p.guards[one.guard as usize];
            let rest = &self.text[at..];
            let rest = &rest[..rest.len().min(left.saturating_add(1))];
            let skip = match one.single {
                Single::All => scan::find_guard(p, rest, guard, None),
                _ => rest.iter().position(|c| p.admits(guard, c.cp()) || !p.passes(one.single, c.cp())),
            };
            match skip {
                Some(n) if p.admits(guard, rest[n].cp()) => ahead = n,
                _ => return Ok(None),
            }
        }
        if left > ahead {
            self.push(Entry::Lazy { one: i, round: self.round, at: at + ahead, left: left - ahead })?;
        }
        Ok(Some(at + ahead))
    }

    /// The UNTIL operator of a loop, which stands just before what follows it.
    fn until_of(&self, index: u32) -> u32 {
        self.p.loops[index as usize].next - 1
    }

    fn max_until(&mut self, i: u32, pc: &mut u32, at: usize) -> Result<bool, Stop<E>> {
        self.step()?;
        let p = self.p;
        let l = &p.loops[i as usize];
        let round = self.round;
        let r = &mut self.scratch.rounds[round as usize];
        let count = r.count + 1;
        let last = r.last;
        if count < i64::from(l.min) {
            r.count = count;
            self.push(Entry::Count { round, last })?;
            *pc = l.body;
            return Ok(true);
        }
        if (l.max == MAXREPEAT || count < i64::from(l.max)) && at != last && self.may_start(l.body_guard, at) {
            let r = &mut self.scratch.rounds[round as usize];
            r.count = count;
            r.last = at;
            self.push(Entry::LoopTail { index: i, round, at, last })?;
            *pc = l.body;
            return Ok(true);
        }
        // The round stays for the choices inside it; each of them names the round it belongs to.
        self.round = self.scratch.rounds[round as usize].outer;
        *pc = l.next;
        Ok(true)
    }

    fn min_until(&mut self, i: u32, pc: &mut u32, at: usize) -> Result<bool, Stop<E>> {
        self.step()?;
        let l = &self.p.loops[i as usize];
        let round = self.round;
        let r = &mut self.scratch.rounds[round as usize];
        if r.count + 1 < i64::from(l.min) {
            r.count += 1;
            let last = r.last;
            self.push(Entry::Count { round, last })?;
            *pc = l.body;
            return Ok(true);
        }
        let outer = r.outer;
        self.push(Entry::LoopBody { index: i, round, at })?;
        self.round = outer;
        *pc = l.next;
        Ok(true)
    }

    /// One more round of a lazy loop, if there may be one.
    fn lazy_round(&mut self, i: u32, round: u32, at: usize) -> Result<Option<u32>, Stop<E>> {
        let l = &self.p.loops[i as usize];
        let r = &mut self.scratch.rounds[round as usize];
        let (count, last) = (r.count + 1, r.last);
        if l.max != MAXREPEAT && count >= i64::from(l.max) || at == last {
            return Ok(None);
        }
        r.count = count;
        r.last = at;
        self.push(Entry::Count { round, last })?;
        Ok(Some(l.body))
    }

    #[inline]
    fn may_start(&self, guard: u32, at: usize) -> bool {
        guard == NONE || self.text.get(at).is_some_and(|c| self.p.admits(&self.p.guards[guard as usize], c.cp()))
    }

    fn barrier(&mut self, inner: Inner, at: usize, loop_base: Option<usize>) -> Result<(), Stop<E>> {
        let base = self.scratch.stack.len();
        self.push(Entry::Barrier)?;
        may_fail::reserve(&mut self.scratch.barriers, 1).map_err(|_| Stop::Memory)?;
        self.scratch.barriers.push(Barrier {
            inner,
            at,
            base,
            loop_base: loop_base.unwrap_or(base),
            rounds: self.scratch.rounds.len(),
            round: self.round,
        });
        Ok(())
    }

    /// Round number `count` (from 0) of a possessive loop at `at`; the last one began at `last`.
    fn possessive(&mut self, i: u32, count: u32, at: usize, last: usize, loop_base: usize) -> Result<Go, Stop<E>> {
        let l = &self.p.loops[i as usize];
        if count >= l.min && (l.max != MAXREPEAT && count >= l.max || at == last || !self.may_start(l.body_guard, at)) {
            return Ok(Go::To(l.next, at));
        }
        self.barrier(Inner::Possessive { index: i, count }, at, Some(loop_base))?;
        Ok(Go::To(l.body, at))
    }

    fn success(&mut self, at: usize, start: usize, conditions: Conditions) -> Result<Go, Stop<E>> {
        let Some(b) = self.scratch.barriers.pop() else {
            let refused = conditions.full && at != self.text.len() || conditions.advance && at == start;
            return Ok(if refused { Go::Fail } else { Go::Matched(at) });
        };
        self.scratch.rounds.truncate(b.rounds);
        self.round = b.round;
        match b.inner {
            Inner::AssertNot { .. } => {
                while self.scratch.stack.len() > b.base {
                    if let Some(Entry::Mark { slot, lastindex, old }) = self.scratch.stack.pop() {
                        self.marks[slot as usize] = old;
                        self.lastindex = lastindex;
                    }
                }
                Ok(Go::Fail)
            }
            Inner::Assert { next } => {
                self.commit(b.base);
                Ok(Go::To(next, b.at))
            }
            Inner::Atomic { next } => {
                self.commit(b.base);
                Ok(Go::To(next, at))
            }
            Inner::Possessive { index, count } => {
                self.step()?;
                self.commit(b.base);
                self.thin_out(b.loop_base);
                let l = &self.p.loops[index as usize];
                // Rounds that the minimum asks for may be empty; an empty optional one is the last.
                let last = if count >= l.min { b.at } else { UNSET };
                self.possessive(index, count.saturating_add(1), at, last, b.loop_base)
            }
        }
    }

    /// Throws away the choices from `base` up; the undo records of marks stay.
    fn commit(&mut self, base: usize) {
        let stack = &mut self.scratch.stack;
        let mut kept = base;
        for i in base..stack.len() {
            if matches!(stack[i], Entry::Mark { .. }) {
                stack[kept] = stack[i];
                kept += 1;
            }
        }
        stack.truncate(kept);
    }

    /// Keeps a long possessive loop from piling up undo records: of those from `base` up, which are all of marks, the
    /// oldest for each mark is enough.
    fn thin_out(&mut self, base: usize) {
        let marks = self.marks.len();
        let stack = &mut self.scratch.stack;
        if stack.len() - base < 4 * marks + 64 {
            return;
        }
        let mut seen = vec![false; marks];
        let mut kept = base;
        for i in base..stack.len() {
            if let Entry::Mark { slot, .. } = stack[i]
                && !std::mem::replace(&mut seen[slot as usize], true)
            {
                stack[kept] = stack[i];
                kept += 1;
            }
        }
        stack.truncate(kept);
    }

    /// Start and end of a group that has matched.
    fn group(&self, group: u32) -> Option<(usize, usize)> {
        let i = 2 * group as usize;
        let (start, end) = (self.marks[i], self.marks[i + 1]);
        (start != UNSET && end != UNSET && start <= end).then_some((start, end))
    }

    /// Length of the group's text if it stands at `at` too.
    fn group_len(&self, group: u32, fold: Fold, at: usize) -> Option<usize> {
        let (start, end) = self.group(group)?;
        let (old, new) = (&self.text[start..end], self.text.get(at..at + (end - start))?);
        let same = match fold {
            Fold::Exact => old == new,
            _ => old.iter().zip(new).all(|(a, b)| chars::lower(fold, a.cp()) == chars::lower(fold, b.cp())),
        };
        same.then_some(end - start)
    }

    /// The position tests. The text begins at index 0 whatever the start position is.
    fn is_at(&self, what: At, at: usize) -> bool {
        let text = self.text;
        let before = |class: fn(u32) -> bool| at > 0 && class(text[at - 1].cp());
        let after = |class: fn(u32) -> bool| text.get(at).is_some_and(|c| class(c.cp()));
        let newline: fn(u32) -> bool = |c| c == 0xA;
        match what {
            At::Beginning => at == 0,
            At::BeginningLine => at == 0 || before(newline),
            At::End => at == text.len() || at + 1 == text.len() && after(newline),
            At::EndLine => at == text.len() || after(newline),
            At::EndString => at == text.len(),
            At::Boundary => before(chars::is_word_ascii) != after(chars::is_word_ascii),
            At::NonBoundary => before(chars::is_word_ascii) == after(chars::is_word_ascii),
            At::LocBoundary => before(chars::is_word_locale) != after(chars::is_word_locale),
            At::LocNonBoundary => before(chars::is_word_locale) == after(chars::is_word_locale),
            At::UniBoundary => before(chars::is_word_unicode) != after(chars::is_word_unicode),
            At::UniNonBoundary => before(chars::is_word_unicode) == after(chars::is_word_unicode),
        }
    }
}
