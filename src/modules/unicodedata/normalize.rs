//! Normalization forms (Unicode Standard Annex 15) over code points; surrogates pass as they are.

use crate::object::text::{TextBuf, TextRef};
use crate::types::str::ucd::{self, Edition};

/// A normalization form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// NFC, NFKC: put characters together after taking them apart.
    pub compose: bool,
    /// NFKC, NFKD: also take apart what is only compatible.
    pub compatible: bool,
}

impl Form {
    /// By name: "NFC", "NFKC", "NFD", "NFKD".
    pub fn by_name(name: &str) -> Option<Form> {
        let (compose, compatible) = match name {
            "NFC" => (true, false),
            "NFKC" => (true, true),
            "NFD" => (false, false),
            "NFKD" => (false, true),
            _ => return None,
        };
        Some(Form { compose, compatible })
    }
}

const S_BASE: u32 = 0xAC00;
const L_BASE: u32 = 0x1100;
const V_BASE: u32 = 0x1161;
const T_BASE: u32 = 0x11A7;
const L_COUNT: u32 = 19;
const V_COUNT: u32 = 21;
const T_COUNT: u32 = 28;
const S_COUNT: u32 = L_COUNT * V_COUNT * T_COUNT;

/// Mappings of Unicode 3.2 that were corrected later (Unicode's NormalizationCorrections).
fn corrected_later(c: u32) -> Option<u32> {
    Some(match c {
        0xF951 => 0x964B,
        0x2_F868 => 0x2_136A,
        0x2_F874 => 0x5F33,
        0x2_F91F => 0x43AB,
        0x2_F95F => 0x7AAE,
        0x2_F9BF => 0x4D57,
        _ => return None,
    })
}

/// Appends the full decomposition of `c`, not yet in canonical order.
fn decompose(edition: Edition, compatible: bool, c: u32, out: &mut Vec<u32>) {
    if (S_BASE..S_BASE + S_COUNT).contains(&c) {
        let s = c - S_BASE;
        out.push(L_BASE + s / (V_COUNT * T_COUNT));
        out.push(V_BASE + s % (V_COUNT * T_COUNT) / T_COUNT);
        if !s.is_multiple_of(T_COUNT) {
            out.push(T_BASE + s % T_COUNT);
        }
        return;
    }
    if edition == Edition::V3_2 {
        if let Some(old) = corrected_later(c) {
            return out.push(old);
        }
        if !ucd::is_assigned(edition, c) {
            return out.push(c);
        }
    }
    match ucd::decomposition(c) {
        Some(d) if compatible || d.tag.is_empty() => {
            d.code_points().for_each(|part| decompose(edition, compatible, part, out));
        }
        _ => out.push(c),
    }
}

/// The combining class. CPython takes the current one for every edition.
fn combining(c: u32) -> u8 {
    ucd::combining(Edition::Current, c)
}

/// Sorts each run of combining characters by class, keeping the order of equals.
fn reorder(chars: &mut [u32]) {
    let mut at = 0;
    while at < chars.len() {
        if combining(chars[at]) == 0 {
            at += 1;
            continue;
        }
        let run = chars[at..].iter().take_while(|&&c| combining(c) != 0).count();
        chars[at..at + run].sort_by_key(|&c| combining(c));
        at += run;
    }
}

fn pair(first: u32, second: u32) -> Option<u32> {
    if (L_BASE..L_BASE + L_COUNT).contains(&first) && (V_BASE..V_BASE + V_COUNT).contains(&second) {
        return Some(S_BASE + ((first - L_BASE) * V_COUNT + second - V_BASE) * T_COUNT);
    }
    let syllable_without_tail = (S_BASE..S_BASE + S_COUNT).contains(&first) && (first - S_BASE).is_multiple_of(T_COUNT);
    if syllable_without_tail && (T_BASE + 1..T_BASE + T_COUNT).contains(&second) {
        return Some(first + second - T_BASE);
    }
    ucd::compose(first, second)
}

/// Puts characters together with the last starter before them, unless something between blocks them.
fn compose(chars: &mut Vec<u32>) {
    let mut starter: Option<usize> = None;
    let mut last_class = 0;
    let mut kept = 0;
    for i in 0..chars.len() {
        let c = chars[i];
        let class = combining(c);
        if let Some(s) = starter {
            let adjacent = kept == s + 1;
            if (adjacent || last_class < class && last_class != 0)
                && let Some(composed) = pair(chars[s], c)
            {
                chars[s] = composed;
                continue;
            }
        }
        chars[kept] = c;
        if class == 0 {
            starter = Some(kept);
        }
        last_class = class;
        kept += 1;
    }
    chars.truncate(kept);
}

/// The text in a normalization form; `None` where it is in it already for a reason that is quick to see.
pub fn normalize(edition: Edition, form: Form, text: TextRef<'_>) -> Option<TextBuf> {
    // Nothing below U+00A0 is affected by any form, nor below U+00C0 or U+0300 by some.
    let safe = match (form.compose, form.compatible) {
        (true, false) => 0x300,
        (false, false) => 0xC0,
        _ => 0xA0,
    };
    if text.code_points().all(|c| c < safe) {
        return None;
    }
    let mut chars = Vec::with_capacity(text.len() + text.len() / 4);
    for c in text.code_points() {
        decompose(edition, form.compatible, c, &mut chars);
    }
    reorder(&mut chars);
    if form.compose {
        compose(&mut chars);
    }
    Some(chars.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(form: &str, s: &[u32]) -> Vec<u32> {
        let text: TextBuf = s.iter().copied().collect();
        let out = normalize(Edition::Current, Form::by_name(form).unwrap(), text.view());
        out.unwrap_or(text).view().code_points().collect()
    }

    #[test]
    fn matches_cpython() {
        // Expected values computed with CPython 3.13.
        assert_eq!(run("NFC", &[0x41, 0x30A]), [0xC5]);
        assert_eq!(run("NFD", &[0x212B, 0x1E69]), [0x41, 0x30A, 0x73, 0x323, 0x307]);
        assert_eq!(run("NFC", &[0x73, 0x307, 0x323]), [0x1E69]);
        assert_eq!(run("NFD", &[0xAC01]), [0x1100, 0x1161, 0x11A8]);
        assert_eq!(run("NFC", &[0x1100, 0x1161, 0x11A8]), [0xAC01]);
        assert_eq!(run("NFC", &[0x1100, 0x1161, 0x11A7]), [0xAC00, 0x11A7]);
        assert_eq!(run("NFKC", &[0xFB01, 0x2460]), [0x66, 0x69, 0x31]);
        assert_eq!(run("NFC", &[0x958]), [0x915, 0x93C], "excluded from composition");
        assert_eq!(run("NFC", &[0x61, 0x315, 0x300, 0x5AE, 0x301]), [0xE0, 0x5AE, 0x301, 0x315]);
        assert_eq!(run("NFC", &[0xD800, 0x301]), [0xD800, 0x301]);
        assert_eq!(run("NFC", &[0x1100, 0x300, 0x1161]), [0x1100, 0x300, 0x1161]);
        assert_eq!(run("NFC", &[0x300, 0x41, 0x300]), [0x300, 0xC0]);
    }
}
