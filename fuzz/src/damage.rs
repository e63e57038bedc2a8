//! Seeded damage to code units, as `tests/mutations.rs` and the targets for code do it.
#![allow(dead_code)] // Each of them uses its own part.

use orochi::bytecode::opcode::{Op, arg, encode};
use orochi::bytecode::pyc;
use orochi::bytecode::unit::{CodeUnit, Constant, Handler};
use std::sync::Arc;

/// xorshift64*.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() >> 33) as usize % n.max(1)
    }
}

/// Calls `f` with one unit of the tree, chosen at random; not with the module, nor with what runs the others.
pub fn with_one(unit: &mut CodeUnit, random: &mut Random, f: &mut dyn FnMut(&mut CodeUnit, &mut Random)) {
    let inner: Vec<usize> = (0..unit.consts.len())
        .filter(|i| matches!(&unit.consts[*i], Constant::Code(c) if !matches!(&*c.name, "run" | "drive")))
        .collect();
    let is_module = &*unit.name == "<module>";
    if inner.is_empty() || (!is_module && random.below(3) > 0) {
        return f(unit, random);
    }
    let chosen = inner[random.below(inner.len())];
    if let Constant::Code(code) = &mut unit.consts[chosen] {
        with_one(Arc::make_mut(code), random, f);
    }
}

/// The indexes of instruction words.
fn starts(words: &[u32]) -> Vec<usize> {
    let (mut at, mut out) = (0, Vec::new());
    while let Some(op) = words.get(at).and_then(|w| Op::decode(*w)) {
        out.push(at);
        at += 1 + usize::from(op.info().cache);
    }
    out
}

/// One change.
pub fn mutate(unit: &mut CodeUnit, random: &mut Random) {
    let places = starts(&unit.instructions);
    let place = places[random.below(places.len())];
    let other = places[random.below(places.len())];
    let caches = |word: u32| Op::decode(word).is_some_and(|op| op.info().cache);
    let words = &mut unit.instructions;
    match random.below(16) {
        0..=2 => {
            // Another operation of the same size.
            let op = Op::ALL[random.below(Op::ALL.len())];
            if op.info().cache == caches(words[place]) {
                words[place] =
                    encode(op, if random.below(2) == 0 { arg(words[place]) } else { random.below(4) as u32 });
            }
        }
        3..=5 => {
            let old = arg(words[place]);
            let new = match random.below(4) {
                0 => old.wrapping_add(1) & 0xff_ffff,
                1 => old.saturating_sub(1),
                2 => random.below(8) as u32,
                _ => other as u32,
            };
            words[place] = words[place] & 0xff | new << 8;
        }
        6 => words[place] = encode(Op::JUMP, other as u32),
        7 | 8 if caches(words[place]) == caches(words[other]) => words.swap(place, other),
        9 if caches(words[place]) == caches(words[other]) => words[place] = words[other],
        10 if !caches(words[place]) => words[place] = encode(Op::NOP, 0),
        11 | 12 => {
            let depth = random.below(5) as u32;
            let new = Handler {
                start: place.min(other) as u32,
                end: place.max(other) as u32 + 1,
                target: places[random.below(places.len())] as u32,
                depth,
                lasti: random.below(2) == 0,
            };
            let count = unit.handlers.len();
            match random.below(6) {
                0 => unit.handlers.insert(random.below(count + 1), new),
                _ if count == 0 => unit.handlers.push(new),
                1 => unit.handlers[random.below(count)].target = new.target,
                2 => unit.handlers[random.below(count)].depth = depth,
                3 => unit.handlers[random.below(count)].lasti ^= true,
                4 => unit.handlers[random.below(count)].start = new.start,
                _ => unit.handlers[random.below(count)].end = new.end,
            }
        }
        13 => match random.below(5) {
            0 => unit.flags ^= 1 << random.below(12),
            1 => unit.arg_count = random.below(5) as u32,
            2 => unit.keyword_only_count = random.below(3) as u32,
            3 => unit.positional_only_count = random.below(3) as u32,
            _ => unit.first_line = random.next() as u32,
        },
        14 if !unit.locals.is_empty() => {
            let (i, j) = (random.below(unit.locals.len()), random.below(unit.locals.len()));
            match random.below(2) {
                0 => unit.locals[i].kind ^= 0x10 << random.below(4),
                _ => unit.locals.swap(i, j),
            }
        }
        15 => match random.below(3) {
            0 if !unit.consts.is_empty() => {
                let (i, j) = (random.below(unit.consts.len()), random.below(unit.consts.len()));
                unit.consts.swap(i, j);
            }
            1 if !unit.locations.is_empty() => {
                let i = random.below(unit.locations.len());
                let location = &mut unit.locations[i].1;
                match random.below(4) {
                    0 => location.line = random.next() as u32,
                    1 => location.end_line = random.next() as u32,
                    2 => location.column = random.next() as i32,
                    _ => location.end_column = random.next() as i32,
                }
            }
            _ => unit.stack_size += 1,
        },
        _ => {}
    }
}

/// Numbers the caches again and makes room on the stack, so that mutants are refused for better reasons.
pub fn settle(unit: &mut CodeUnit) {
    let mut count = 0;
    for at in starts(&unit.instructions) {
        if Op::decode(unit.instructions[at]).is_some_and(|op| op.info().cache)
            && let Some(word) = unit.instructions.get_mut(at + 1)
        {
            *word = count;
            count += 1;
        }
    }
    unit.cache_count = count;
    unit.stack_size += 3;
}

/// An encoded unit without its magic number, damaged in a few places of one of its units; None where the bytes are no unit.
pub fn bytes(data: &[u8], seed: u64) -> Option<Vec<u8>> {
    let mut unit = pyc::decode(&[&pyc::magic()[..], data].concat()).ok()?;
    let mut random = Random(seed | 1 << 40);
    with_one(&mut unit, &mut random, &mut |unit, random| {
        for _ in 0..1 + random.below(3) {
            mutate(unit, random);
        }
        settle(unit);
    });
    Some(pyc::encode(&unit).split_off(pyc::magic().len()))
}
