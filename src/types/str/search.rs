//! Finding text in text: one searcher over units of any width, and the view-level operations on top of it.
//!
//! Searches run over the units' bytes with `memchr` (vectorised, linear time); for wide units a hit that is not aligned
//! to a unit is passed over. A needle wider than the haystack cannot occur and never matches.

use crate::object::growing::Growing;
use crate::object::text::{TextKind, TextRef, Unit};
use crate::with_units;
use memchr::memmem;
use std::borrow::Cow;
use std::cell::{Cell, OnceCell};

/// Up to so many units are looked at one by one: that costs less than to prepare a vectorised search.
pub const SHORT: usize = 32;

/// A unit together with the views that hold it.
pub trait TextUnit: Unit {
    /// The units of `t` where it is stored in this width.
    fn units(t: TextRef<'_>) -> Option<&[Self]>;
    /// A view of `s`; `u8` gives Latin-1.
    fn view(s: &[Self]) -> TextRef<'_>;
    /// The units' bytes in memory order.
    fn bytes(s: &[Self]) -> &[u8];
}

impl TextUnit for u8 {
    fn units(t: TextRef<'_>) -> Option<&[u8]> {
        t.as_latin1()
    }
    fn view(s: &[u8]) -> TextRef<'_> {
        TextRef::Latin1(s)
    }
    fn bytes(s: &[u8]) -> &[u8] {
        s
    }
}

impl TextUnit for u16 {
    fn units(t: TextRef<'_>) -> Option<&[u16]> {
        if let TextRef::Ucs2(s) = t { Some(s) } else { None }
    }
    fn view(s: &[u16]) -> TextRef<'_> {
        TextRef::Ucs2(s)
    }
    fn bytes(s: &[u16]) -> &[u8] {
        // SAFETY: a u16 is two initialised bytes without padding, and the length is in bounds of the same slice.
        unsafe { std::slice::from_raw_parts(s.as_ptr().cast(), s.len() * 2) }
    }
}

impl TextUnit for u32 {
    fn units(t: TextRef<'_>) -> Option<&[u32]> {
        if let TextRef::Ucs4(s) = t { Some(s) } else { None }
    }
    fn view(s: &[u32]) -> TextRef<'_> {
        TextRef::Ucs4(s)
    }
    fn bytes(s: &[u32]) -> &[u8] {
        // SAFETY: a u32 is four initialised bytes without padding, and the length is in bounds of the same slice.
        unsafe { std::slice::from_raw_parts(s.as_ptr().cast(), s.len() * 4) }
    }
}

/// `text` in units of another width; `None` where a code point does not fit.
pub fn fit<U: TextUnit>(text: TextRef<'_>) -> Option<Cow<'_, [U]>> {
    if let Some(s) = U::units(text) {
        return Some(Cow::Borrowed(s));
    }
    if text.kind() > TextKind::of(U::MAX.min(0x10_FFFF)) && text.max_char() > U::MAX {
        return None;
    }
    Some(Cow::Owned(with_units!(text, s => s.iter().map(|u| U::from_cp(u.cp())).collect())))
}

/// How often the last byte of a needle may turn up without the rest before a search prepares itself.
const TRIES: u32 = 16;

/// A needle for many searches. The needle is not empty.
pub struct Searcher<'n, U: TextUnit> {
    needle: &'n [U],
    // Prepared by need: that costs more than most searches, which are for one unit, or in a short text, or for something whose
    // last byte is rare.
    forward: OnceCell<memmem::Finder<'n>>,
    tries: Cell<u32>,
    backward: Option<memmem::FinderRev<'n>>,
}

impl<'n, U: TextUnit> Searcher<'n, U> {
    /// Prepares to search forward for `needle`, which must not be empty.
    pub fn forward(needle: &'n [U]) -> Searcher<'n, U> {
        Searcher { needle, forward: OnceCell::new(), tries: Cell::new(TRIES), backward: None }
    }

    /// Prepares to search backward for `needle`, which must not be empty.
    pub fn backward(needle: &'n [U]) -> Searcher<'n, U> {
        let backward = (needle.len() > 1).then(|| memmem::FinderRev::new(U::bytes(needle)));
        Searcher { needle, forward: OnceCell::new(), tries: Cell::new(0), backward }
    }

    /// The first occurrence at or after `from`.
    pub fn find(&self, hay: &[U], from: usize) -> Option<usize> {
        let rest = hay.get(from..)?;
        let bytes = U::bytes(rest);
        if let [wanted] = *self.needle {
            let at = if size_of::<U>() == 1 && rest.len() > SHORT {
                memchr::memchr(wanted.cp() as u8, bytes)
            } else {
                rest.iter().position(|&u| u == wanted)
            };
            return at.map(|i| from + i);
        }
        let mut start = 0;
        if size_of::<U>() == 1 {
            match self.try_to_find(bytes) {
                Ok(at) => return at.map(|i| from + i),
                Err(at) => start = at,
            }
        }
        let finder = self.forward.get_or_init(|| memmem::Finder::new(U::bytes(self.needle)));
        loop {
            let at = start + finder.find(&bytes[start..])?;
            if at % size_of::<U>() == 0 {
                return Some(from + at / size_of::<U>());
            }
            start = at + 1;
        }
    }

    /// Looks for the last of the needle's bytes, and the others before it, as long as that is worth it; then says where to go on.
    fn try_to_find(&self, bytes: &[u8]) -> Result<Option<usize>, usize> {
        let needle = U::bytes(self.needle);
        let Some((last, others)) = needle.split_last() else { return Ok(Some(0)) };
        let mut at = others.len();
        while self.tries.get() > 0 {
            let Some(hit) = bytes.get(at..).and_then(|rest| memchr::memchr(*last, rest)) else { return Ok(None) };
            at += hit;
            let start = at - others.len();
            if bytes[start..at] == *others {
                return Ok(Some(start));
            }
            self.tries.set(self.tries.get() - 1);
            at += 1;
        }
        // May lie behind the end: then there is no room for the needle.
        if at <= bytes.len() { Err(at - others.len()) } else { Ok(None) }
    }

    /// The last occurrence that ends at or before `to`.
    pub fn rfind(&self, hay: &[U], to: usize) -> Option<usize> {
        let rest = &hay[..to.min(hay.len())];
        let Some(finder) = &self.backward else {
            let wanted = self.needle[0];
            return if size_of::<U>() == 1 {
                memchr::memrchr(wanted.cp() as u8, U::bytes(rest))
            } else {
                rest.iter().rposition(|&u| u == wanted)
            };
        };
        let bytes = U::bytes(rest);
        let mut end = bytes.len();
        loop {
            let at = finder.rfind(&bytes[..end])?;
            if at % size_of::<U>() == 0 {
                return Some(at / size_of::<U>());
            }
            end = at + U::bytes(self.needle).len() - 1;
        }
    }

    /// The number of occurrences that do not overlap, stopping at `max`.
    pub fn count(&self, hay: &[U], max: usize) -> usize {
        if let [only] = *self.needle
            && size_of::<U>() == 1
            && max == usize::MAX
        {
            return memchr::memchr_iter(only.cp() as u8, U::bytes(hay)).count();
        }
        let (mut n, mut at) = (0, 0);
        while n < max {
            let Some(i) = self.find(hay, at) else { break };
            n += 1;
            at = i + self.needle.len();
        }
        n
    }
}

/// First occurrence of `needle`; the empty needle is found at 0.
pub fn find(hay: TextRef<'_>, needle: TextRef<'_>) -> Option<usize> {
    if needle.is_empty() {
        return Some(0);
    }
    if needle.len() > hay.len() {
        return None;
    }
    if let (Some(h), Some(n)) = (hay.as_latin1(), needle.as_latin1()) {
        return Searcher::forward(n).find(h, 0);
    }
    with_units!(hay, h => Searcher::forward(&fit(needle)?).find(h, 0))
}

/// Last occurrence of `needle`; the empty needle is found at the end.
pub fn rfind(hay: TextRef<'_>, needle: TextRef<'_>) -> Option<usize> {
    if needle.is_empty() {
        return Some(hay.len());
    }
    if needle.len() > hay.len() {
        return None;
    }
    if let (Some(h), Some(n)) = (hay.as_latin1(), needle.as_latin1()) {
        return match n {
            [only] => memchr::memrchr(*only, h),
            _ => memmem::rfind(h, n),
        };
    }
    with_units!(hay, h => Searcher::backward(&fit(needle)?).rfind(h, h.len()))
}

/// Number of occurrences of `needle` that do not overlap; the empty needle occurs `len + 1` times.
pub fn count(hay: TextRef<'_>, needle: TextRef<'_>) -> usize {
    if needle.is_empty() {
        return hay.len() + 1;
    }
    if needle.len() > hay.len() {
        return 0;
    }
    with_units!(hay, h => match fit(needle) {
        Some(n) => Searcher::forward(&n).count(h, usize::MAX),
        None => 0,
    })
}

/// Whether `text` begins with `prefix`.
pub fn starts_with(text: TextRef<'_>, prefix: TextRef<'_>) -> bool {
    prefix.len() <= text.len() && text.slice(0, prefix.len()) == prefix
}

/// Whether `text` ends with `suffix`.
pub fn ends_with(text: TextRef<'_>, suffix: TextRef<'_>) -> bool {
    suffix.len() <= text.len() && text.slice(text.len() - suffix.len(), text.len()) == suffix
}

/// Replaces up to `max` occurrences of `old` by `new`; `None` where nothing changes.
pub fn replace(text: TextRef<'_>, old: TextRef<'_>, new: TextRef<'_>, max: usize) -> Option<Growing> {
    if max == 0 || old == new || old.len() > text.len() {
        return None;
    }
    let mut out = Growing::new();
    if old.is_empty() {
        return interleave(text, new, max);
    }
    with_units!(text, hay => {
        let needle = fit(old)?;
        let searcher = Searcher::forward(&needle);
        let n = searcher.count(hay, max);
        if n == 0 {
            return None;
        }
        out.reserve(hay.len() - n * old.len() + n * new.len());
        let mut from = 0;
        for _ in 0..n {
            let Some(at) = searcher.find(hay, from) else { break };
            out.push_text(text.slice(from, at));
            out.push_text(new);
            from = at + old.len();
        }
        out.push_text(text.slice(from, hay.len()));
    });
    Some(out)
}

/// Puts `new` before up to `max` code points of `text`, and at the end if that leaves one.
fn interleave(text: TextRef<'_>, new: TextRef<'_>, max: usize) -> Option<Growing> {
    if new.is_empty() {
        return None;
    }
    let n = max.min(text.len() + 1);
    let mut out = Growing::with_kind(text.canonical_kind(), text.len() + n * new.len());
    for i in 0..n {
        out.push_text(new);
        if i < text.len() {
            out.push(text.at(i));
        }
    }
    if n < text.len() {
        out.push_text(text.slice(n, text.len()));
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::text::TextBuf;

    fn t(s: &str) -> TextBuf {
        TextBuf::from_str(s)
    }

    #[test]
    fn finds_in_all_width_pairs() {
        for (hay, needle, first, last, n) in [
            ("abcabc", "bc", Some(1), Some(4), 2),
            ("abcabc", "c", Some(2), Some(5), 2),
            ("a\u{e9}b\u{e9}b", "\u{e9}b", Some(1), Some(3), 2),
            ("\u{20ac}ab\u{20ac}ab", "ab", Some(1), Some(4), 2),
            ("\u{1F600}x\u{1F600}xy", "\u{1F600}x", Some(0), Some(2), 2),
            ("abc", "\u{20ac}", None, None, 0),
            ("abc", "abcd", None, None, 0),
            ("aaaa", "aa", Some(0), Some(2), 2),
            // Bytes 01 02 | 02 01: the needle's bytes 02 02 occur at an odd offset only.
            ("\u{201}\u{102}", "\u{202}", None, None, 0),
            ("\u{101}\u{201}\u{102}\u{202}\u{202}", "\u{202}\u{202}", Some(3), Some(3), 1),
            ("", "", Some(0), Some(0), 1),
            ("ab", "", Some(0), Some(2), 3),
        ] {
            let (h, n_) = (t(hay), t(needle));
            assert_eq!(find(h.view(), n_.view()), first, "{hay} {needle}");
            assert_eq!(rfind(h.view(), n_.view()), last, "{hay} {needle}");
            assert_eq!(count(h.view(), n_.view()), n, "{hay} {needle}");
        }
    }

    #[test]
    fn searches_agree_with_a_naive_search() {
        // Long texts in which the last byte is frequent: the search that was tried first is given up.
        for (needle, at) in [("xa", 301), ("aax", 299), ("ab", 302)] {
            let hay = t(&("a".repeat(301) + "xab"));
            let hay = if needle == "ab" { t(&("b".repeat(302) + "ab")) } else { hay };
            assert_eq!(find(hay.view(), t(needle).view()), Some(at), "{needle}");
            assert_eq!(find(t(&"b".repeat(17)).view(), t(needle).view()), None);
        }
        let mut seed = 7u32;
        let mut rng = move |n: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 16) % n
        };
        for alphabet in [&[97u32, 98][..], &[0x101, 0x102, 0x201], &[0x1_0101, 0x101, 1]] {
            for _ in 0..300 {
                let mut draw = |n| (0..n).map(|_| alphabet[rng(alphabet.len() as u32) as usize]).collect::<Vec<u32>>();
                let (hay, needle) = (draw(40), draw(3));
                let naive: Vec<usize> = (0..=37).filter(|&i| hay[i..i + 3] == needle[..]).collect();
                let h: TextBuf = hay.iter().copied().collect();
                let n: TextBuf = needle.iter().copied().collect();
                assert_eq!(find(h.view(), n.view()), naive.first().copied());
                assert_eq!(rfind(h.view(), n.view()), naive.last().copied());
            }
        }
    }

    #[test]
    fn replaces_and_stays_canonical() {
        let r = |a: &str, b: &str, c: &str, max| {
            replace(t(a).view(), t(b).view(), t(c).view(), max).map(|out| (*out).clone())
        };
        assert_eq!(r("a.b.c", ".", "--", usize::MAX).unwrap(), t("a--b--c"));
        assert_eq!(r("a.b.c", ".", "", 1).unwrap(), t("ab.c"));
        assert_eq!(r("abc", "x", "y", usize::MAX), None);
        assert_eq!(r("abc", "", "-", usize::MAX).unwrap(), t("-a-b-c-"));
        assert_eq!(r("abc", "", "-", 2).unwrap(), t("-a-bc"));
        assert_eq!(r("", "", "-", 5).unwrap(), t("-"));
        let narrowed = r("a\u{1F600}b", "\u{1F600}", "x", usize::MAX).unwrap();
        assert_eq!(narrowed.kind(), TextKind::Ascii);
        assert_eq!(r("abc", "b", "\u{20ac}", usize::MAX).unwrap(), t("a\u{20ac}c"));
    }
}
