//! Text as CPython stores it: code points in the narrowest of four forms, borrowed (`TextRef`) or being built (`TextBuf`).
//!
//! A code point is a `u32` up to 0x10FFFF; lone surrogates are ordinary code points here. The *canonical* form of a text
//! is the narrowest that holds it. A `TextBuf` that was only pushed to is canonical; a slice of a view need not be, and
//! equality, order and hash look at the code points only, so they never depend on the form.

mod buf;
mod hash;

pub use buf::TextBuf;
pub use hash::{hash_bytes, hash_key_from_seed, keyed_hash, set_hash_key};

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

/// How wide the units of a text are; ordered from narrow to wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum TextKind {
    /// One byte each, all below 0x80.
    Ascii,
    /// One byte each.
    Latin1,
    /// Two bytes each.
    Ucs2,
    /// Four bytes each.
    Ucs4,
}

impl TextKind {
    /// The narrowest kind that holds code point `c`.
    #[inline]
    pub fn of(c: u32) -> TextKind {
        match c {
            0..0x80 => TextKind::Ascii,
            0x80..0x100 => TextKind::Latin1,
            0x100..0x1_0000 => TextKind::Ucs2,
            _ => TextKind::Ucs4,
        }
    }

    /// Bytes per unit.
    #[inline]
    pub fn width(self) -> usize {
        match self {
            TextKind::Ascii | TextKind::Latin1 => 1,
            TextKind::Ucs2 => 2,
            TextKind::Ucs4 => 4,
        }
    }
}

/// A storage unit: `u8`, `u16` or `u32`.
pub trait Unit: Copy + Ord + Eq + Send + Sync + 'static {
    /// The code point that the unit holds.
    fn cp(self) -> u32;
    /// The unit that holds `c`, which the caller knows to fit; higher bits are cut off.
    fn from_cp(c: u32) -> Self;
    /// The largest code point that a unit of this width holds.
    const MAX: u32;
}

macro_rules! unit {
    ($($t:ty),*) => {$(
        impl Unit for $t {
            #[inline(always)]
            fn cp(self) -> u32 {
                u32::from(self)
            }
            #[inline(always)]
            fn from_cp(c: u32) -> Self {
                c as $t
            }
            const MAX: u32 = <$t>::MAX as u32;
        }
    )*};
}
unit!(u8, u16, u32);

/// A borrowed text with constant-time indexing.
#[derive(Clone, Copy)]
pub enum TextRef<'a> {
    /// All units below 0x80.
    Ascii(&'a [u8]),
    /// Units up to 0xFF.
    Latin1(&'a [u8]),
    /// Units up to 0xFFFF.
    Ucs2(&'a [u16]),
    /// Any code points.
    Ucs4(&'a [u32]),
}

/// Runs `$body` with `$s` bound to the view's unit slice; `$body` is compiled once per unit width.
#[macro_export]
macro_rules! with_units {
    ($view:expr, $s:ident => $body:expr) => {
        match $view {
            $crate::object::text::TextRef::Ascii($s) | $crate::object::text::TextRef::Latin1($s) => $body,
            $crate::object::text::TextRef::Ucs2($s) => $body,
            $crate::object::text::TextRef::Ucs4($s) => $body,
        }
    };
}

impl<'a> TextRef<'a> {
    /// The empty text.
    pub const EMPTY: TextRef<'static> = TextRef::Ascii(&[]);

    /// The view of bytes that each stand for one code point: `Ascii` where they allow it, else `Latin1`.
    pub fn from_latin1(bytes: &'a [u8]) -> TextRef<'a> {
        if bytes.is_ascii() { TextRef::Ascii(bytes) } else { TextRef::Latin1(bytes) }
    }

    /// The view of a UTF-8 string, where it is ASCII.
    pub fn from_ascii_str(s: &'a str) -> Option<TextRef<'a>> {
        s.is_ascii().then_some(TextRef::Ascii(s.as_bytes()))
    }

    /// Number of code points.
    #[inline]
    pub fn len(self) -> usize {
        with_units!(self, s => s.len())
    }

    /// Whether there are no code points.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The form of this view, which for a slice may be wider than its text needs.
    #[inline]
    pub fn kind(self) -> TextKind {
        match self {
            TextRef::Ascii(_) => TextKind::Ascii,
            TextRef::Latin1(_) => TextKind::Latin1,
            TextRef::Ucs2(_) => TextKind::Ucs2,
            TextRef::Ucs4(_) => TextKind::Ucs4,
        }
    }

    /// The code point at `i`, or `None` past the end.
    #[inline]
    pub fn get(self, i: usize) -> Option<u32> {
        with_units!(self, s => s.get(i).map(|u| u.cp()))
    }

    /// The code point at `i`; panics past the end.
    #[inline]
    pub fn at(self, i: usize) -> u32 {
        with_units!(self, s => s[i].cp())
    }

    /// Code points `start..end` (`start <= end <= len`), in the same form; see [`TextRef::narrow`].
    #[inline]
    pub fn slice(self, start: usize, end: usize) -> TextRef<'a> {
        match self {
            TextRef::Ascii(s) => TextRef::Ascii(&s[start..end]),
            TextRef::Latin1(s) => TextRef::Latin1(&s[start..end]),
            TextRef::Ucs2(s) => TextRef::Ucs2(&s[start..end]),
            TextRef::Ucs4(s) => TextRef::Ucs4(&s[start..end]),
        }
    }

    /// The bytes of an ASCII or Latin-1 view.
    #[inline]
    pub fn as_latin1(self) -> Option<&'a [u8]> {
        match self {
            TextRef::Ascii(s) | TextRef::Latin1(s) => Some(s),
            _ => None,
        }
    }

    /// The text as `&str` without a copy, where its form is ASCII.
    #[inline]
    pub fn as_str(self) -> Option<&'a str> {
        match self {
            TextRef::Ascii(s) => std::str::from_utf8(s).ok(),
            _ => None,
        }
    }

    /// The largest code point, 0 for the empty text.
    pub fn max_char(self) -> u32 {
        match self {
            // A fold of maxima is vectorised; an early exit would not be.
            TextRef::Ascii(s) | TextRef::Latin1(s) => s.iter().fold(0u8, |m, &u| m.max(u)).cp(),
            TextRef::Ucs2(s) => s.iter().fold(0u16, |m, &u| m.max(u)).cp(),
            TextRef::Ucs4(s) => s.iter().fold(0u32, |m, &u| m.max(u)),
        }
    }

    /// The kind of this text's canonical form.
    pub fn canonical_kind(self) -> TextKind {
        match self {
            TextRef::Ascii(_) => TextKind::Ascii,
            TextRef::Latin1(s) if s.is_ascii() => TextKind::Ascii,
            TextRef::Latin1(_) => TextKind::Latin1,
            _ => TextKind::of(self.max_char()),
        }
    }

    /// Whether the form is the narrowest possible.
    pub fn is_canonical(self) -> bool {
        self.kind() == self.canonical_kind()
    }

    /// Whether all code points are below 0x80, whatever the form.
    pub fn is_ascii(self) -> bool {
        self.canonical_kind() == TextKind::Ascii
    }

    /// The canonical form of this text; borrows unless the width changes.
    pub fn narrow(self) -> Narrowed<'a> {
        let kind = self.canonical_kind();
        match (self, kind) {
            (TextRef::Latin1(s), TextKind::Ascii) => Narrowed::Borrowed(TextRef::Ascii(s)),
            _ if kind == self.kind() => Narrowed::Borrowed(self),
            _ => {
                let mut buf = TextBuf::with_capacity(kind, self.len());
                buf.push_text(self);
                Narrowed::Owned(buf)
            }
        }
    }

    /// The code points in order.
    #[inline]
    pub fn code_points(self) -> CodePoints<'a> {
        CodePoints { text: self, front: 0, back: self.len() }
    }

    /// An owned copy in canonical form.
    pub fn to_buf(self) -> TextBuf {
        let mut buf = TextBuf::with_capacity(self.canonical_kind(), self.len());
        buf.push_text(self);
        buf
    }

    /// UTF-8, or `None` where a lone surrogate stands in the way.
    pub fn to_utf8(self) -> Option<Cow<'a, str>> {
        if let Some(s) = self.as_str() {
            return Some(Cow::Borrowed(s));
        }
        let mut out = String::with_capacity(self.len() * 2);
        for c in self.code_points() {
            out.push(char::from_u32(c)?);
        }
        Some(Cow::Owned(out))
    }

    /// UTF-8 with U+FFFD for every lone surrogate.
    pub fn to_utf8_lossy(self) -> Cow<'a, str> {
        if let Some(s) = self.as_str() {
            return Cow::Borrowed(s);
        }
        Cow::Owned(self.code_points().map(|c| char::from_u32(c).unwrap_or('\u{FFFD}')).collect())
    }

    /// WTF-8: UTF-8 in which a surrogate is encoded like any other code point (three bytes). Total and reversible by
    /// [`TextBuf::from_wtf8`], as long as surrogates are kept as they stand (a pair stays two code points).
    pub fn to_wtf8(self) -> Cow<'a, [u8]> {
        if let TextRef::Ascii(s) = self {
            return Cow::Borrowed(s);
        }
        let mut out = Vec::with_capacity(self.len() * 2);
        for c in self.code_points() {
            push_wtf8(&mut out, c);
        }
        Cow::Owned(out)
    }

    /// The text's hash under the process key, equal for equal texts: SipHash-1-3 over the canonical form's units in
    /// memory order, 0 for the empty text, never -1.
    pub fn hash(self) -> i64 {
        let kind = if self.kind() <= TextKind::Latin1 { self.kind() } else { self.canonical_kind() };
        match (self, kind.width()) {
            (TextRef::Ascii(s) | TextRef::Latin1(s), _) => hash_bytes(s),
            (TextRef::Ucs2(s), 2) => hash::hash_units(s, 2, |u| u64::from(*u)),
            (TextRef::Ucs4(s), 4) => hash::hash_units(s, 4, |u| u64::from(*u)),
            (_, 1) => hash_bytes(&self.code_points().map(|c| c as u8).collect::<Vec<u8>>()),
            _ => hash::hash_units(&self.code_points().map(|c| c as u16).collect::<Vec<u16>>(), 2, |u| u64::from(*u)),
        }
    }
}

/// Appends the WTF-8 encoding of `c`.
pub fn push_wtf8(out: &mut Vec<u8>, c: u32) {
    match c {
        0..0x80 => out.push(c as u8),
        0x80..0x800 => out.extend_from_slice(&[0xC0 | (c >> 6) as u8, 0x80 | (c & 0x3F) as u8]),
        0x800..0x1_0000 => {
            out.extend_from_slice(&[0xE0 | (c >> 12) as u8, 0x80 | (c >> 6 & 0x3F) as u8, 0x80 | (c & 0x3F) as u8])
        }
        _ => out.extend_from_slice(&[
            0xF0 | (c >> 18) as u8,
            0x80 | (c >> 12 & 0x3F) as u8,
            0x80 | (c >> 6 & 0x3F) as u8,
            0x80 | (c & 0x3F) as u8,
        ]),
    }
}

fn eq_units<A: Unit, B: Unit>(a: &[A], b: &[B]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.cp() == y.cp())
}

fn cmp_units<A: Unit, B: Unit>(a: &[A], b: &[B]) -> Ordering {
    for (x, y) in a.iter().zip(b) {
        match x.cp().cmp(&y.cp()) {
            Ordering::Equal => {}
            unequal => return unequal,
        }
    }
    a.len().cmp(&b.len())
}

impl PartialEq for TextRef<'_> {
    #[inline]
    fn eq(&self, other: &TextRef<'_>) -> bool {
        match (*self, *other) {
            (TextRef::Ascii(a) | TextRef::Latin1(a), TextRef::Ascii(b) | TextRef::Latin1(b)) => a == b,
            (TextRef::Ucs2(a), TextRef::Ucs2(b)) => a == b,
            (TextRef::Ucs4(a), TextRef::Ucs4(b)) => a == b,
            (a, b) => with_units!(a, x => with_units!(b, y => eq_units(x, y))),
        }
    }
}

impl Eq for TextRef<'_> {}

impl PartialEq<str> for TextRef<'_> {
    fn eq(&self, other: &str) -> bool {
        match self {
            TextRef::Ascii(a) => *a == other.as_bytes(),
            _ => self.code_points().eq(other.chars().map(u32::from)),
        }
    }
}

impl PartialOrd for TextRef<'_> {
    fn partial_cmp(&self, other: &TextRef<'_>) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for TextRef<'_> {
    fn cmp(&self, other: &TextRef<'_>) -> Ordering {
        match (*self, *other) {
            (TextRef::Ascii(a) | TextRef::Latin1(a), TextRef::Ascii(b) | TextRef::Latin1(b)) => a.cmp(b),
            (a, b) => with_units!(a, x => with_units!(b, y => cmp_units(x, y))),
        }
    }
}

impl fmt::Display for TextRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_utf8_lossy())
    }
}

impl fmt::Debug for TextRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}:{:?}", self.kind(), self.to_utf8_lossy())
    }
}

/// Iterator over a view's code points; double-ended and exact.
#[derive(Clone)]
pub struct CodePoints<'a> {
    text: TextRef<'a>,
    front: usize,
    back: usize,
}

impl Iterator for CodePoints<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        if self.front == self.back {
            return None;
        }
        self.front += 1;
        Some(self.text.at(self.front - 1))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.back - self.front, Some(self.back - self.front))
    }
}

impl DoubleEndedIterator for CodePoints<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<u32> {
        if self.front == self.back {
            return None;
        }
        self.back -= 1;
        Some(self.text.at(self.back))
    }
}

impl ExactSizeIterator for CodePoints<'_> {}

/// What [`TextRef::narrow`] gives: the same units, or a narrower copy.
pub enum Narrowed<'a> {
    /// The view was canonical (or needed only another name for the same bytes).
    Borrowed(TextRef<'a>),
    /// A narrower copy.
    Owned(TextBuf),
}

impl Narrowed<'_> {
    /// The canonical view.
    pub fn view(&self) -> TextRef<'_> {
        match self {
            Narrowed::Borrowed(t) => *t,
            Narrowed::Owned(b) => b.view(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equality_order_and_hash_ignore_the_form() {
        let wide = TextBuf::from_str("ab\u{e9}\u{1F600}");
        let narrow = TextBuf::from_str("ab\u{e9}");
        let slice = wide.view().slice(0, 3);
        assert_eq!(slice, narrow.view());
        assert_eq!(slice.cmp(&narrow.view()), Ordering::Equal);
        assert_eq!(slice.hash(), narrow.view().hash());
        assert_eq!(wide.view().slice(0, 2).hash(), hash_bytes(b"ab"));
        let two = TextBuf::from_str("\u{20ac}\u{1F600}");
        assert_eq!(two.view().slice(0, 1).hash(), TextBuf::from_str("\u{20ac}").view().hash());
        assert!(narrow.view() < wide.view());
        assert!(TextBuf::from_str("b").view() > wide.view());
        assert_ne!(narrow.view(), TextBuf::from_str("ab\u{ea}").view());
        assert_eq!(TextRef::EMPTY.hash(), 0);
    }

    #[test]
    fn wtf8_round_trips_surrogates() {
        let t: TextBuf = [0x61, 0xD800, 0xDFFF, 0x20AC, 0x10_FFFF].into_iter().collect();
        let w = t.view().to_wtf8().into_owned();
        assert_eq!(&w[1..4], b"\xed\xa0\x80");
        assert_eq!(TextBuf::from_wtf8(&w).unwrap(), t);
        assert!(t.view().to_utf8().is_none());
        assert_eq!(t.view().to_utf8_lossy(), "a\u{FFFD}\u{FFFD}\u{20ac}\u{10FFFF}");
        assert!(TextBuf::from_wtf8(b"a\xff").is_none());
        assert!(TextBuf::from_wtf8(b"\xed\xa0").is_none());
    }
}
