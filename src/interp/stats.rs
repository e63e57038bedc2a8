//! How often each instruction runs, and each pair of instructions: in builds with the feature `loop-stats` only.
//!
//! The counts are of the whole process and not exact while several threads run. `report` prints the most frequent ones.

use crate::bytecode::opcode::Op;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::*};

/// The last instruction noted.
static LAST: AtomicU8 = AtomicU8::new(0);

static PAIRS: [AtomicU64; 1 << 16] = [const { AtomicU64::new(0) }; 1 << 16];

/// Notes that `next` runs, after the one noted before.
#[inline(always)]
pub fn note(next: Op) {
    let last = LAST.load(Relaxed);
    LAST.store(next as u8, Relaxed);
    let count = &PAIRS[(last as usize) << 8 | next as usize];
    count.store(count.load(Relaxed) + 1, Relaxed);
}

/// Prints the frequent instructions and pairs, with their shares in percent, on standard error.
pub fn report() {
    let count = |last: usize, next: usize| PAIRS[last << 8 | next].load(Relaxed);
    let ops = Op::ALL.len();
    let total: u64 = PAIRS.iter().map(|c| c.load(Relaxed)).sum();
    let share = |n: u64| n as f64 * 100.0 / total.max(1) as f64;
    let mut single: Vec<(u64, usize)> =
        (0..ops).map(|next| ((0..ops).map(|last| count(last, next)).sum(), next)).collect();
    single.sort_unstable_by(|a, b| b.cmp(a));
    let mut pairs: Vec<(u64, usize, usize)> =
        (0..ops).flat_map(|last| (0..ops).map(move |next| (last, next))).map(|(l, n)| (count(l, n), l, n)).collect();
    pairs.sort_unstable_by(|a, b| b.cmp(a));
    eprintln!("{total} instructions");
    for (n, op) in single.iter().take(40) {
        eprintln!("{:6.2}% {}", share(*n), Op::ALL[*op].info().name);
    }
    for (n, last, next) in pairs.iter().take(60) {
        eprintln!("{:6.2}% {} {}", share(*n), Op::ALL[*last].info().name, Op::ALL[*next].info().name);
    }
}
