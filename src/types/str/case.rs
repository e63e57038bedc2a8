//! Case conversion of text: full mappings of Unicode 16, with the context rule for the Greek final sigma.

use super::ucd::{self, Case, flag};
use crate::object::growing::Growing;
use crate::object::text::{TextBuf, TextRef};

/// The capital sigma, whose lowercase depends on where it stands.
const SIGMA: u32 = 0x3A3;

fn push_mapped(out: &mut TextBuf, case: Case, c: u32) {
    if c < 0x80 {
        let b = c as u8;
        let mapped =
            if matches!(case, Case::Upper | Case::Title) { b.to_ascii_uppercase() } else { b.to_ascii_lowercase() };
        return out.push(u32::from(mapped));
    }
    for &m in ucd::map_case(case, c).as_slice() {
        out.push(m);
    }
}

/// Whether the capital sigma at `i` ends a word: a cased letter before it and none after it, case-ignorable ones aside.
fn is_final_sigma(text: TextRef<'_>, i: usize) -> bool {
    let cased = |mut chars: Box<dyn Iterator<Item = u32> + '_>| {
        chars.find(|&c| !ucd::has(c, flag::CASE_IGNORABLE)).is_some_and(|c| ucd::has(c, flag::CASED))
    };
    cased(Box::new(text.slice(0, i).code_points().rev()))
        && !cased(Box::new(text.slice(i + 1, text.len()).code_points()))
}

fn push_lower(out: &mut TextBuf, text: TextRef<'_>, i: usize, c: u32) {
    if c == SIGMA {
        out.push(if is_final_sigma(text, i) { 0x3C2 } else { 0x3C3 });
    } else {
        push_mapped(out, Case::Lower, c);
    }
}

/// `str.lower`.
pub fn lower(text: TextRef<'_>) -> Growing {
    let mut out = Growing::with_capacity(text.len());
    for (i, c) in text.code_points().enumerate() {
        push_lower(&mut out, text, i, c);
    }
    out
}

/// `str.upper`.
pub fn upper(text: TextRef<'_>) -> Growing {
    map_all(text, Case::Upper)
}

/// `str.casefold`.
pub fn casefold(text: TextRef<'_>) -> Growing {
    map_all(text, Case::Fold)
}

fn map_all(text: TextRef<'_>, case: Case) -> Growing {
    let mut out = Growing::with_capacity(text.len());
    for c in text.code_points() {
        push_mapped(&mut out, case, c);
    }
    out
}

/// `str.title`: a cased letter after an uncased character takes its title form, the others their lower form.
pub fn title(text: TextRef<'_>) -> Growing {
    let mut out = Growing::with_capacity(text.len());
    let mut after_cased = false;
    for (i, c) in text.code_points().enumerate() {
        if after_cased {
            push_lower(&mut out, text, i, c);
        } else {
            push_mapped(&mut out, Case::Title, c);
        }
        after_cased = ucd::has(c, flag::CASED);
    }
    out
}

/// `str.capitalize`: the first character in title form, the rest in lower form.
pub fn capitalize(text: TextRef<'_>) -> Growing {
    let mut out = Growing::with_capacity(text.len());
    for (i, c) in text.code_points().enumerate() {
        if i == 0 {
            push_mapped(&mut out, Case::Title, c);
        } else {
            push_lower(&mut out, text, i, c);
        }
    }
    out
}

/// `str.swapcase`.
pub fn swapcase(text: TextRef<'_>) -> Growing {
    let mut out = Growing::with_capacity(text.len());
    for (i, c) in text.code_points().enumerate() {
        let flags = ucd::flags(c);
        if flags & flag::UPPER != 0 {
            push_lower(&mut out, text, i, c);
        } else if flags & flag::LOWER != 0 {
            push_mapped(&mut out, Case::Upper, c);
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(f: fn(TextRef<'_>) -> Growing, s: &str) -> String {
        f(TextBuf::from_str(s).view()).view().to_utf8_lossy().into_owned()
    }

    #[test]
    fn matches_cpython() {
        // Expected values computed with CPython 3.13.
        assert_eq!(on(lower, "HELLO \u{130} \u{C9}"), "hello i\u{307} \u{E9}");
        assert_eq!(on(lower, "\u{39F}\u{394}\u{39F}\u{3A3} \u{3A3} \u{3A3}\u{391}\u{3A3}."), "οδος σ σας.");
        assert_eq!(on(lower, "A\u{3A3}'"), "aς'");
        assert_eq!(on(lower, "A'\u{3A3}\u{301}B"), "a'σ\u{301}b");
        assert_eq!(on(upper, "stra\u{DF}e \u{FB01} \u{149} \u{FF}"), "STRASSE FI \u{2BC}N \u{178}");
        assert_eq!(on(casefold, "Stra\u{DF}e \u{1E9E} \u{3C2} \u{13A0}\u{AB70}"), "strasse ss σ \u{13A0}\u{13A0}");
        assert_eq!(on(title, "hello they're \u{1C6}x \u{FB01}sh o\u{3A3}"), "Hello They'Re \u{1C5}x Fish Oς");
        assert_eq!(on(capitalize, "\u{1C4}ABC \u{DF}"), "\u{1C5}abc \u{DF}");
        assert_eq!(on(capitalize, "\u{DF}A"), "Ssa");
        assert_eq!(on(swapcase, "aB\u{DF}\u{1C5}\u{130}"), "AbSS\u{1C5}i\u{307}");
        assert_eq!(on(upper, "abc"), "ABC");
    }

    #[test]
    fn result_is_canonical() {
        use crate::object::text::TextKind;
        assert_eq!(lower(TextBuf::from_str("\u{212A}").view()).kind(), TextKind::Ascii);
    }
}
