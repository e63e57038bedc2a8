//! Character sets: compiled set code, with the answers for the first 256 characters worked out beforehand.

use super::chars::{self, Fold};
use super::opcode::*;
use std::sync::OnceLock;

/// Answers for characters below 256, one bit each.
pub type LowBits = [u32; 8];

/// Whether bit `c` (below 256) is set.
#[inline(always)]
pub fn low_bit(bits: &LowBits, c: u32) -> bool {
    bits[(c >> 5 & 7) as usize] >> (c & 31) & 1 != 0
}

/// How a set answers for a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Set code at this index of the program's words, ended by FAILURE.
    Code(u32),
    /// Equal to this (already folded) character.
    Equal(u32),
}

/// A set of characters.
#[derive(Clone, Debug)]
pub struct Set {
    /// Answers below 256; meaningless where `locale` is set.
    pub low: LowBits,
    /// The rule that `low` was computed from.
    pub rule: Rule,
    /// Applied to the character before the rule.
    pub fold: Fold,
    /// Whether the answer is inverted.
    pub negate: bool,
    /// Whether the answer depends on the C locale, so that nothing can be computed beforehand.
    pub locale: bool,
    /// Whether a character from 256 up can be in the set.
    pub high: bool,
}

impl Set {
    /// Works out the set that `rule` describes over the program words `code`.
    pub fn new(code: &[u32], rule: Rule, fold: Fold, negate: bool) -> Set {
        let locale = fold == Fold::Locale || matches!(rule, Rule::Code(at) if code_is_locale(code, at as usize));
        let mut set = Set { low: [0; 8], rule, fold, negate, locale, high: true };
        if !locale {
            set.low = match rule {
                Rule::Code(at) if fold == Fold::Exact => low_of_code(code, at as usize, negate),
                Rule::Equal(lit) if fold == Fold::Exact => {
                    let mut low = [0; 8];
                    add_range(&mut low, lit, lit);
                    if negate { low.map(|word| !word) } else { low }
                }
                _ => set.low_by_character(code),
            };
            set.high = match rule {
                // Folding brings a few characters from 256 up down to ASCII letters.
                Rule::Equal(lit) => negate || lit > 255 || fold == Fold::Unicode,
                Rule::Code(at) => negate || fold == Fold::Unicode || code_reaches_high(code, at as usize),
            };
        }
        set
    }

    /// The answers below 256, each by itself.
    fn low_by_character(&self, code: &[u32]) -> LowBits {
        let mut low = [0; 8];
        for c in (0..256).filter(|&c| self.eval(code, c)) {
            low[(c >> 5) as usize] |= 1 << (c & 31);
        }
        low
    }

    /// Membership; `code` is the program the set was made for.
    #[inline(always)]
    pub fn contains(&self, code: &[u32], c: u32) -> bool {
        if c < 256 && !self.locale { low_bit(&self.low, c) } else { self.high && self.eval(code, c) }
    }

    /// Membership by the rule itself.
    fn eval(&self, code: &[u32], c: u32) -> bool {
        let inside = match (self.rule, self.fold) {
            (Rule::Equal(lit), Fold::Locale) => {
                c == lit || chars::lower_locale(c) == lit || chars::upper_locale(c) == lit
            }
            (Rule::Equal(lit), fold) => c == lit || chars::lower(fold, c) == lit,
            (Rule::Code(at), Fold::Locale) => {
                let (lo, up) = (chars::lower_locale(c), chars::upper_locale(c));
                code_contains(code, at as usize, lo) || lo != up && code_contains(code, at as usize, up)
            }
            (Rule::Code(at), fold) => code_contains(code, at as usize, chars::lower(fold, c)),
        };
        inside != self.negate
    }
}

/// Adds the characters from `first` to `last` that are below 256.
fn add_range(bits: &mut LowBits, first: u32, last: u32) {
    for c in first..=last.min(255) {
        bits[(c >> 5) as usize] |= 1 << (c & 31);
    }
}

/// The characters below 256 of a category that is not the locale's, worked out once.
fn low_of_category(category: u32) -> LowBits {
    static KNOWN: [OnceLock<LowBits>; CATEGORY_COUNT as usize] = [const { OnceLock::new() }; CATEGORY_COUNT as usize];
    let work_out = || {
        let mut low = [0; 8];
        (0..256).filter(|&c| chars::in_category(category, c)).for_each(|c| add_range(&mut low, c, c));
        low
    };
    match KNOWN.get(category as usize) {
        Some(known) => *known.get_or_init(work_out),
        None => work_out(),
    }
}

/// The answers of the set code at `at` for all characters below 256: what `code_contains` answers for each.
fn low_of_code(code: &[u32], mut at: usize, negate: bool) -> LowBits {
    let word = |i: usize| code.get(i).copied().unwrap_or(FAILURE);
    let (mut low, mut decided) = ([0; 8], [0; 8]);
    let mut found = true;
    loop {
        let mut item = [0; 8];
        match word(at) {
            LITERAL => {
                add_range(&mut item, word(at + 1), word(at + 1));
                at += 2;
            }
            RANGE => {
                add_range(&mut item, word(at + 1), word(at + 2));
                at += 3;
            }
            RANGE_UNI_IGNORE => {
                let range = word(at + 1)..=word(at + 2);
                let inside = |c: &u32| range.contains(c) || range.contains(&chars::upper_unicode(*c));
                (0..256).filter(inside).for_each(|c| add_range(&mut item, c, c));
                at += 3;
            }
            CATEGORY => {
                item = low_of_category(word(at + 1));
                at += 2;
            }
            CHARSET => {
                item = std::array::from_fn(|i| word(at + 1 + i));
                at += 9;
            }
            BIGCHARSET => {
                let block = word(at + 2).to_ne_bytes()[0] as usize;
                item = std::array::from_fn(|i| word(at + 66 + block * 8 + i));
                at += 66 + word(at + 1) as usize * 8;
            }
            NEGATE => {
                found = !found;
                at += 1;
            }
            _ => break,
        }
        // The first item that a character is in decides.
        for i in 0..8 {
            let new = item[i] & !decided[i];
            decided[i] |= new;
            low[i] |= if found { new } else { 0 };
        }
    }
    for i in 0..8 {
        low[i] |= if found { 0 } else { !decided[i] };
    }
    if negate { low.map(|word| !word) } else { low }
}

/// Runs the set code at `at` for character `c`. The code was validated; a cut-off answers no.
fn code_contains(code: &[u32], mut at: usize, c: u32) -> bool {
    let mut found = true;
    let word = |i: usize| code.get(i).copied().unwrap_or(FAILURE);
    loop {
        match word(at) {
            LITERAL => {
                if word(at + 1) == c {
                    return found;
                }
                at += 2;
            }
            RANGE => {
                if (word(at + 1)..=word(at + 2)).contains(&c) {
                    return found;
                }
                at += 3;
            }
            RANGE_UNI_IGNORE => {
                let range = word(at + 1)..=word(at + 2);
                if range.contains(&c) || range.contains(&chars::upper_unicode(c)) {
                    return found;
                }
                at += 3;
            }
            CATEGORY => {
                if chars::in_category(word(at + 1), c) {
                    return found;
                }
                at += 2;
            }
            CHARSET => {
                if c < 256 && word(at + 1 + (c >> 5) as usize) >> (c & 31) & 1 != 0 {
                    return found;
                }
                at += 9;
            }
            BIGCHARSET => {
                let blocks = word(at + 1) as usize;
                if c < 65536 {
                    // The 256 block numbers are bytes, packed four to a word in memory order.
                    let index = (c >> 8) as usize;
                    let block = word(at + 2 + index / 4).to_ne_bytes()[index % 4] as usize;
                    let bit = block * 256 + (c & 255) as usize;
                    if word(at + 66 + bit / 32) >> (bit % 32) & 1 != 0 {
                        return found;
                    }
                }
                at += 66 + blocks * 8;
            }
            NEGATE => {
                found = !found;
                at += 1;
            }
            _ => return !found,
        }
    }
}

/// Visits the operators of the set code at `at`.
fn each_item(code: &[u32], mut at: usize, mut visit: impl FnMut(u32, usize)) {
    while let Some(&op) = code.get(at) {
        if op == FAILURE {
            return;
        }
        visit(op, at);
        at += match op {
            LITERAL | CATEGORY => 2,
            RANGE | RANGE_UNI_IGNORE => 3,
            CHARSET => 9,
            BIGCHARSET => 66 + code.get(at + 1).map_or(0, |&n| n as usize * 8),
            _ => 1,
        };
    }
}

fn code_is_locale(code: &[u32], at: usize) -> bool {
    let mut locale = false;
    each_item(code, at, |op, at| locale |= op == CATEGORY && chars::category_is_locale(code[at + 1]));
    locale
}

/// Whether set code may contain a character from 256 up; errs on the side of yes.
fn code_reaches_high(code: &[u32], at: usize) -> bool {
    let mut high = false;
    each_item(code, at, |op, at| {
        high |= match op {
            LITERAL => code[at + 1] > 255,
            RANGE => code[at + 2] > 255,
            CHARSET => false,
            CATEGORY => {
                let cat = code[at + 1];
                cat & 1 == 1 || cat >= CATEGORY_UNI_DIGIT
            }
            _ => true,
        };
    });
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(code: &[u32], fold: Fold) -> Set {
        Set::new(code, Rule::Code(0), fold, false)
    }

    #[test]
    fn items_answer_in_order() {
        let code = [NEGATE, RANGE, 0x61, 0x7A, CATEGORY, CATEGORY_UNI_DIGIT, LITERAL, 0x20AC, FAILURE];
        let s = set(&code, Fold::Exact);
        assert!(!s.contains(&code, 0x62));
        assert!(!s.contains(&code, 0x35));
        assert!(!s.contains(&code, 0x20AC));
        assert!(s.contains(&code, 0x41) && s.contains(&code, 0x20AD));
        assert!(s.high);
        let code = [RANGE, 0x61, 0x7A, FAILURE];
        assert!(!set(&code, Fold::Exact).high);
        assert!(set(&code, Fold::Unicode).contains(&code, 0x212A), "the Kelvin sign folds to k");
    }

    #[test]
    fn all_at_once_is_one_by_one() {
        let mut big = vec![BIGCHARSET, 2];
        big.extend([1u32.to_ne_bytes(), [0; 4]].concat().chunks(4).map(|c| u32::from_ne_bytes(c.try_into().unwrap())));
        big.extend([0; 62]);
        big.extend([0; 8]);
        big.extend([0x8001_0003, 0, 7, 0, 0, 0, 0, 1 << 31]);
        big.extend([LITERAL, 0x41, FAILURE]);
        let mut all = vec![big];
        for category in 0..CATEGORY_COUNT {
            if !chars::category_is_locale(category) {
                all.push(vec![NEGATE, CATEGORY, category, RANGE, 0x30, 0x35, LITERAL, 0xE9, FAILURE]);
            }
        }
        all.push(vec![CHARSET, 1, 2, 3, 4, 5, 6, 7, 8, NEGATE, RANGE, 0xF0, 0x120, LITERAL, 0x20, FAILURE]);
        all.push(vec![RANGE_UNI_IGNORE, 0x41, 0x45, LITERAL, 0x20AC, FAILURE]);
        for code in all {
            for negate in [false, true] {
                let set = Set::new(&code, Rule::Code(0), Fold::Exact, negate);
                assert_eq!(set.low, set.low_by_character(&code), "{code:?}");
                let set = Set::new(&code, Rule::Equal(0xE9), Fold::Exact, negate);
                assert_eq!(set.low, set.low_by_character(&code));
            }
        }
    }

    #[test]
    fn big_sets_index_their_blocks() {
        // Two blocks: block 0 empty, block 1 holds characters whose low byte is 5; only page 3 uses block 1.
        let mut code = vec![BIGCHARSET, 2];
        let mut map = [0u8; 256];
        map[3] = 1;
        code.extend(map.chunks(4).map(|c| u32::from_ne_bytes(c.try_into().unwrap())));
        code.extend([0; 8]);
        code.extend([1 << 5, 0, 0, 0, 0, 0, 0, 0]);
        code.extend([LITERAL, 0x10000, FAILURE]);
        let s = set(&code, Fold::Exact);
        assert!(s.contains(&code, 0x305) && !s.contains(&code, 0x205) && !s.contains(&code, 0x306));
        assert!(s.contains(&code, 0x10000) && !s.contains(&code, 0x10305));
        assert!(s.low == [0; 8]);
    }
}
