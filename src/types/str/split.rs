//! Cutting text: split, rsplit, splitlines, partition, strip. Shared with bytes, which pass their own predicates.
//!
//! Pieces are reported as half-open ranges of unit positions, so that the caller makes each object once.

use super::search::{Searcher, TextUnit, fit};
use super::ucd::{self, flag};
use crate::object::list;
use crate::object::raise::{self, PyResult};
use crate::object::text::{TextRef, Unit};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::sync::may_fail::may_fail;
use crate::sync::reclaim::OutOfMemory;
use crate::with_units;
use smallvec::SmallVec;

/// Whether `c` is white space to `str` methods.
#[inline]
pub fn is_space(c: u32) -> bool {
    match c {
        0..0x80 => matches!(c, 9..=13 | 28..=32),
        _ => ucd::has(c, flag::SPACE),
    }
}

/// Whether `c` is white space to `bytes` methods.
#[inline]
pub fn is_byte_space(c: u32) -> bool {
    matches!(c, 9..=13 | 32)
}

/// Whether `c` ends a line of text.
#[inline]
pub fn is_line_break(c: u32) -> bool {
    matches!(c, 10..=13 | 28..=30 | 0x85 | 0x2028 | 0x2029)
}

/// Whether `c` ends a line of bytes.
#[inline]
pub fn is_byte_line_break(c: u32) -> bool {
    matches!(c, 10 | 13)
}

/// Splits at runs of space, at most `max` times; the rest then loses its leading space only.
pub fn split_space<U: Unit>(s: &[U], max: usize, space: impl Fn(u32) -> bool, mut emit: impl FnMut(usize, usize)) {
    let mut at = 0;
    let mut left = max;
    loop {
        while at < s.len() && space(s[at].cp()) {
            at += 1;
        }
        if at == s.len() {
            return;
        }
        let start = at;
        if left == 0 {
            emit(start, s.len());
            return;
        }
        left -= 1;
        while at < s.len() && !space(s[at].cp()) {
            at += 1;
        }
        emit(start, at);
    }
}

/// Like [`split_space`] from the right; pieces come last first.
pub fn rsplit_space<U: Unit>(s: &[U], max: usize, space: impl Fn(u32) -> bool, mut emit: impl FnMut(usize, usize)) {
    let mut at = s.len();
    let mut left = max;
    loop {
        while at > 0 && space(s[at - 1].cp()) {
            at -= 1;
        }
        if at == 0 {
            return;
        }
        let end = at;
        if left == 0 {
            emit(0, end);
            return;
        }
        left -= 1;
        while at > 0 && !space(s[at - 1].cp()) {
            at -= 1;
        }
        emit(at, end);
    }
}

/// Splits at occurrences of `sep` (not empty), at most `max` times.
pub fn split_sep<U: TextUnit>(s: &[U], sep: &[U], max: usize, mut emit: impl FnMut(usize, usize)) {
    let searcher = Searcher::forward(sep);
    let (mut from, mut left) = (0, max);
    while left > 0
        && let Some(at) = searcher.find(s, from)
    {
        emit(from, at);
        from = at + sep.len();
        left -= 1;
    }
    emit(from, s.len());
}

/// Like [`split_sep`] from the right; pieces come last first.
pub fn rsplit_sep<U: TextUnit>(s: &[U], sep: &[U], max: usize, mut emit: impl FnMut(usize, usize)) {
    let searcher = Searcher::backward(sep);
    let (mut to, mut left) = (s.len(), max);
    while left > 0
        && let Some(at) = searcher.rfind(s, to)
    {
        emit(at + sep.len(), to);
        to = at;
        left -= 1;
    }
    emit(0, to);
}

/// `str.split`: by `sep` (not empty), or by white space where it is `None`.
pub fn split(text: TextRef<'_>, sep: Option<TextRef<'_>>, max: usize, mut emit: impl FnMut(usize, usize)) {
    with_units!(text, s => match sep {
        None => split_space(s, max, is_space, emit),
        Some(sep) => match fit(sep) {
            Some(sep) => split_sep(s, &sep, max, emit),
            None => emit(0, s.len()),
        },
    })
}

/// `str.rsplit`; pieces come last first.
pub fn rsplit(text: TextRef<'_>, sep: Option<TextRef<'_>>, max: usize, mut emit: impl FnMut(usize, usize)) {
    with_units!(text, s => match sep {
        None => rsplit_space(s, max, is_space, emit),
        Some(sep) => match fit(sep) {
            Some(sep) => rsplit_sep(s, &sep, max, emit),
            None => emit(0, s.len()),
        },
    })
}

/// Splits at line breaks; `\r\n` is one. The ranges include the break where `keep` is set.
pub fn split_lines<U: Unit>(s: &[U], keep: bool, ends: impl Fn(u32) -> bool, mut emit: impl FnMut(usize, usize)) {
    let mut at = 0;
    while at < s.len() {
        let start = at;
        while at < s.len() && !ends(s[at].cp()) {
            at += 1;
        }
        let text_end = at;
        if at < s.len() {
            let pair = s[at].cp() == 13 && s.get(at + 1).is_some_and(|u| u.cp() == 10);
            at += if pair { 2 } else { 1 };
        }
        emit(start, if keep { at } else { text_end });
    }
}

/// `str.splitlines`.
pub fn splitlines(text: TextRef<'_>, keep: bool, emit: impl FnMut(usize, usize)) {
    with_units!(text, s => split_lines(s, keep, is_line_break, emit))
}

/// Where pieces are, as they are emitted.
#[derive(Default)]
pub struct Places {
    found: SmallVec<[(usize, usize); 16]>,
    has_failed: bool,
}

impl Places {
    pub fn push(&mut self, from: usize, to: usize) {
        let is_full = self.found.len() == self.found.capacity();
        if is_full && may_fail(|| self.found.try_reserve(1).map_err(|_| OutOfMemory)).is_err() {
            self.has_failed = true;
        }
        if !self.has_failed {
            self.found.push((from, to));
        }
    }

    /// For pieces that were emitted from the last to the first.
    pub fn reversed(mut self) -> Places {
        self.found.reverse();
        self
    }

    /// The list of the pieces that `piece` makes. Raises MemoryError.
    pub fn list(&self, t: &Thread, piece: impl Fn(usize, usize) -> Value) -> PyResult {
        if self.has_failed {
            return Err(raise::memory_error(t, ""));
        }
        list::from_exact(t, self.found.iter().map(|&(from, to)| piece(from, to)))
    }
}

/// Which ends a strip works on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// Both.
    Both,
    /// The beginning.
    Left,
    /// The end.
    Right,
}

/// The range left after dropping units for which `drop` holds from the ends.
pub fn strip_units<U: Unit>(s: &[U], ends: Ends, drop: impl Fn(u32) -> bool) -> (usize, usize) {
    let (mut start, mut end) = (0, s.len());
    if ends != Ends::Right {
        while start < end && drop(s[start].cp()) {
            start += 1;
        }
    }
    if ends != Ends::Left {
        while end > start && drop(s[end - 1].cp()) {
            end -= 1;
        }
    }
    (start, end)
}

/// `str.strip` and its kin: drops white space, or the code points of `chars`.
pub fn strip(text: TextRef<'_>, chars: Option<TextRef<'_>>, ends: Ends) -> (usize, usize) {
    with_units!(text, s => match chars {
        None => strip_units(s, ends, is_space),
        Some(chars) => match chars.len() {
            0 => (0, s.len()),
            1 => {
                let only = chars.at(0);
                strip_units(s, ends, |c| c == only)
            }
            _ => {
                // One bit per code point modulo 64 decides most misses without a look at the set.
                let bloom = chars.code_points().fold(0u64, |b, c| b | 1 << (c & 63));
                strip_units(s, ends, |c| bloom >> (c & 63) & 1 == 1 && chars.code_points().any(|d| d == c))
            }
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::text::TextBuf;

    fn cut(s: &str, f: impl FnOnce(TextRef<'_>, &mut dyn FnMut(usize, usize))) -> Vec<String> {
        let buf = TextBuf::from_str(s);
        let mut out = vec![];
        f(buf.view(), &mut |a, b| out.push(buf.view().slice(a, b).to_utf8_lossy().into_owned()));
        out
    }

    fn sep(s: &str, by: &str, max: usize) -> Vec<String> {
        cut(s, |t, e| split(t, Some(TextBuf::from_str(by).view()), max, e))
    }

    fn rsep(s: &str, by: &str, max: usize) -> Vec<String> {
        let mut v = cut(s, |t, e| rsplit(t, Some(TextBuf::from_str(by).view()), max, e));
        v.reverse();
        v
    }

    #[test]
    fn split_by_separator() {
        assert_eq!(sep("a,b,,c", ",", usize::MAX), ["a", "b", "", "c"]);
        assert_eq!(sep("a,b,,c", ",", 1), ["a", "b,,c"]);
        assert_eq!(sep("", ",", 9), [""]);
        assert_eq!(sep("abc", "\u{20ac}", 9), ["abc"]);
        assert_eq!(sep("a\u{20ac}\u{20ac}b", "\u{20ac}", 9), ["a", "", "b"]);
        assert_eq!(rsep("a,b,,c", ",", 2), ["a,b", "", "c"]);
        assert_eq!(rsep("aaa", "aa", 9), ["a", ""]);
        assert_eq!(sep("aaa", "aa", 9), ["", "a"]);
    }

    #[test]
    fn split_by_space() {
        let words = |s: &str, max| cut(s, |t, e| split(t, None, max, e));
        assert_eq!(words("  a b\u{a0}c\u{2003} ", usize::MAX), ["a", "b", "c"]);
        assert_eq!(words("  a  b  c  ", 1), ["a", "b  c  "]);
        assert_eq!(words("  a  ", 0), ["a  "]);
        assert_eq!(words("   ", 5), [""; 0]);
        let rwords = |s: &str, max| cut(s, |t, e| rsplit(t, None, max, e));
        assert_eq!(rwords("  a  b  c  ", 1), ["c", "  a  b"]);
        assert_eq!(rwords("  a b", 5), ["b", "a"]);
    }

    #[test]
    fn lines() {
        let f = |s: &str, keep| cut(s, |t, e| splitlines(t, keep, e));
        assert_eq!(f("a\r\nb\rc\n\nd\u{2028}e\x1c", false), ["a", "b", "c", "", "d", "e"]);
        assert_eq!(f("a\r\nb\n", true), ["a\r\n", "b\n"]);
        assert_eq!(f("", true), [""; 0]);
    }

    #[test]
    fn strips() {
        let f = |s: &str, c: Option<&str>, e| {
            let (buf, c) = (TextBuf::from_str(s), c.map(TextBuf::from_str));
            let (a, b) = strip(buf.view(), c.as_ref().map(TextBuf::view), e);
            buf.view().slice(a, b).to_utf8_lossy().into_owned()
        };
        assert_eq!(f(" \t a \u{3000}", None, Ends::Both), "a");
        assert_eq!(f(" a ", None, Ends::Left), "a ");
        assert_eq!(f("xyaxy", Some("yx"), Ends::Right), "xya");
        assert_eq!(f("xxaxx", Some("x"), Ends::Both), "a");
        assert_eq!(f("xx", Some("x"), Ends::Both), "");
        assert_eq!(f("xx", Some(""), Ends::Both), "xx");
    }
}
