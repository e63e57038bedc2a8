//! A text that is being built.

use super::{TextKind, TextRef, Unit as _};
use crate::heap::shortage::has_room;
use crate::sync::may_fail::{reserve, reserve_exact};
use crate::sync::reclaim::OutOfMemory;
use crate::with_units;
use std::fmt;

#[derive(Clone)]
enum Repr {
    Ascii(Vec<u8>),
    Latin1(Vec<u8>),
    Ucs2(Vec<u16>),
    Ucs4(Vec<u32>),
}

/// An owned, growable text that widens itself when a code point asks for it. Canonical as long as it was only pushed to.
#[derive(Clone)]
pub struct TextBuf {
    repr: Repr,
    growth: Growth,
}

/// What a buffer does where there is no memory to grow into.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Growth {
    /// As the allocator has it: the thread lives on the reserve, or the process ends.
    Certain,
    /// It becomes `Failed` (see `object::growing`).
    MayFail,
    /// It is empty, and takes nothing more.
    Failed,
}

impl Default for TextBuf {
    fn default() -> TextBuf {
        TextBuf::new()
    }
}

impl TextBuf {
    const fn of(repr: Repr) -> TextBuf {
        TextBuf { repr, growth: Growth::Certain }
    }

    /// The empty text, in a buffer that may fail to grow.
    pub(in crate::object) const fn that_may_fail() -> TextBuf {
        TextBuf { repr: Repr::Ascii(Vec::new()), growth: Growth::MayFail }
    }

    /// The same, that already has `kind` and room for `len` code points, as `with_capacity`.
    pub(in crate::object) fn of_kind_that_may_fail(kind: TextKind, len: usize) -> TextBuf {
        let mut buf = TextBuf { growth: Growth::MayFail, ..TextBuf::with_capacity(kind, 0) };
        buf.reserve(len);
        buf
    }

    /// The same text, in a buffer that does not fail to grow.
    pub(in crate::object) fn certain(self) -> TextBuf {
        TextBuf { growth: Growth::Certain, ..self }
    }

    /// Whether it has failed to grow.
    pub(in crate::object) fn has_failed(&self) -> bool {
        self.growth == Growth::Failed
    }

    /// Whether `extra` more code points of a text of `kind` may be pushed: false where the buffer has failed to grow.
    #[inline(always)]
    fn has_room(&mut self, kind: TextKind, extra: usize) -> bool {
        self.growth == Growth::Certain || self.make_room(kind, extra)
    }

    fn make_room(&mut self, kind: TextKind, extra: usize) -> bool {
        // As `widen` does.
        let wanted = if kind > self.kind() { extra.max(self.len() / 2 + 1) } else { extra };
        if self.growth == Growth::MayFail && self.try_reserve(kind, wanted).is_err() {
            *self = TextBuf { repr: Repr::Ascii(Vec::new()), growth: Growth::Failed };
        }
        self.growth != Growth::Failed
    }

    /// The empty text, without an allocation.
    pub const fn new() -> TextBuf {
        TextBuf::of(Repr::Ascii(Vec::new()))
    }

    /// An empty buffer that already has `kind` and room for `len` code points. It is canonical only if something of
    /// that kind is then pushed.
    pub fn with_capacity(kind: TextKind, len: usize) -> TextBuf {
        let repr = match kind {
            TextKind::Ascii => Repr::Ascii(Vec::with_capacity(len)),
            TextKind::Latin1 => Repr::Latin1(Vec::with_capacity(len)),
            TextKind::Ucs2 => Repr::Ucs2(Vec::with_capacity(len)),
            TextKind::Ucs4 => Repr::Ucs4(Vec::with_capacity(len)),
        };
        TextBuf::of(repr)
    }

    /// Takes over bytes that each stand for one code point.
    pub fn from_latin1(bytes: Vec<u8>) -> TextBuf {
        TextBuf::of(if bytes.is_ascii() { Repr::Ascii(bytes) } else { Repr::Latin1(bytes) })
    }

    /// The text of a UTF-8 string.
    #[allow(clippy::should_implement_trait)]
    pub fn from_str(s: &str) -> TextBuf {
        if s.is_ascii() {
            return TextBuf::of(Repr::Ascii(s.as_bytes().to_vec()));
        }
        let (mut len, mut max) = (0, 0);
        for c in s.chars() {
            len += 1;
            max = max.max(u32::from(c));
        }
        let mut buf = TextBuf::with_capacity(TextKind::of(max), len);
        match &mut buf.repr {
            Repr::Ascii(v) | Repr::Latin1(v) => v.extend(s.chars().map(|c| u32::from(c) as u8)),
            Repr::Ucs2(v) => v.extend(s.chars().map(|c| u32::from(c) as u16)),
            Repr::Ucs4(v) => v.extend(s.chars().map(u32::from)),
        }
        buf
    }

    /// The text of WTF-8 bytes (see [`TextRef::to_wtf8`]); `None` where they are malformed otherwise.
    pub fn from_wtf8(bytes: &[u8]) -> Option<TextBuf> {
        let mut buf = TextBuf::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            match std::str::from_utf8(rest) {
                Ok(s) => {
                    buf.push_str(s);
                    break;
                }
                Err(e) => {
                    let (good, bad) = rest.split_at(e.valid_up_to());
                    // The valid prefix was just found to be UTF-8; an error here cannot happen and would only end the text.
                    buf.push_str(std::str::from_utf8(good).ok()?);
                    match bad {
                        [0xED, b @ 0xA0..=0xBF, c @ 0x80..=0xBF, ..] => {
                            buf.push(0xD000 | u32::from(b & 0x3F) << 6 | u32::from(c & 0x3F));
                            rest = &bad[3..];
                        }
                        _ => return None,
                    }
                }
            }
        }
        Some(buf)
    }

    /// Number of code points.
    pub fn len(&self) -> usize {
        self.view().len()
    }

    /// Whether nothing was pushed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The kind of the buffer's present form.
    pub fn kind(&self) -> TextKind {
        self.view().kind()
    }

    /// The text so far.
    #[inline]
    pub fn view(&self) -> TextRef<'_> {
        match &self.repr {
            Repr::Ascii(v) => TextRef::Ascii(v),
            Repr::Latin1(v) => TextRef::Latin1(v),
            Repr::Ucs2(v) => TextRef::Ucs2(v),
            Repr::Ucs4(v) => TextRef::Ucs4(v),
        }
    }

    /// Makes room for `extra` more code points.
    pub fn reserve(&mut self, extra: usize) {
        if !self.has_room(self.kind(), extra) {
            return;
        }
        match &mut self.repr {
            Repr::Ascii(v) | Repr::Latin1(v) => v.reserve(extra),
            Repr::Ucs2(v) => v.reserve(extra),
            Repr::Ucs4(v) => v.reserve(extra),
        }
    }

    /// Makes room for `extra` more code points of `kind`.
    pub fn try_reserve(&mut self, kind: TextKind, extra: usize) -> Result<(), OutOfMemory> {
        if kind > self.kind() {
            // `widen` makes a buffer of its own, of which all is asked for here.
            let all = self.len().checked_add(extra).and_then(|n| n.checked_mul(kind.width())).ok_or(OutOfMemory)?;
            return if has_room(all) { Ok(()) } else { Err(OutOfMemory) };
        }
        match &mut self.repr {
            Repr::Ascii(v) | Repr::Latin1(v) => reserve(v, extra).or_else(|_| reserve_exact(v, extra)),
            Repr::Ucs2(v) => reserve(v, extra).or_else(|_| reserve_exact(v, extra)),
            Repr::Ucs4(v) => reserve(v, extra).or_else(|_| reserve_exact(v, extra)),
        }
    }

    /// Empties the buffer and makes it ASCII again.
    pub fn clear(&mut self) {
        match &mut self.repr {
            Repr::Ascii(v) => v.clear(),
            Repr::Latin1(v) => {
                v.clear();
                self.repr = Repr::Ascii(std::mem::take(v));
            }
            _ => self.repr = Repr::Ascii(Vec::new()),
        }
    }

    /// Cuts the text to `len` code points. The form stays, so the buffer may no longer be canonical.
    pub fn truncate(&mut self, len: usize) {
        match &mut self.repr {
            Repr::Ascii(v) | Repr::Latin1(v) => v.truncate(len),
            Repr::Ucs2(v) => v.truncate(len),
            Repr::Ucs4(v) => v.truncate(len),
        }
    }

    /// Brings the buffer to canonical form.
    pub fn narrowed(self) -> TextBuf {
        match self.view().canonical_kind() {
            kind if kind == self.kind() => self,
            TextKind::Ascii => match self.repr {
                Repr::Latin1(v) => TextBuf::of(Repr::Ascii(v)),
                _ => self.view().to_buf(),
            },
            _ => self.view().to_buf(),
        }
    }

    /// Widens the buffer until it can hold `kind`, and `extra` more code points of it.
    fn widen(&mut self, kind: TextKind, extra: usize) {
        if self.kind() >= kind {
            return;
        }
        let room = self.len() + extra.max(self.len() / 2 + 1);
        self.repr = match (std::mem::replace(&mut self.repr, Repr::Ascii(Vec::new())), kind) {
            (Repr::Ascii(v), TextKind::Latin1) => Repr::Latin1(v),
            (Repr::Ascii(v) | Repr::Latin1(v), TextKind::Ucs2) => {
                let mut w = Vec::with_capacity(room);
                w.extend(v.iter().map(|&b| u16::from(b)));
                Repr::Ucs2(w)
            }
            (Repr::Ascii(v) | Repr::Latin1(v), TextKind::Ucs4) => {
                let mut w = Vec::with_capacity(room);
                w.extend(v.iter().map(|&b| u32::from(b)));
                Repr::Ucs4(w)
            }
            (Repr::Ucs2(v), TextKind::Ucs4) => {
                let mut w = Vec::with_capacity(room);
                w.extend(v.iter().map(|&b| u32::from(b)));
                Repr::Ucs4(w)
            }
            (repr, _) => repr,
        };
    }

    /// Appends one code point (at most 0x10FFFF; surrogates allowed).
    #[inline]
    pub fn push(&mut self, c: u32) {
        match &mut self.repr {
            Repr::Ascii(v) if c < 0x80 && v.len() < v.capacity() => v.push(c as u8),
            Repr::Latin1(v) if c < 0x100 && v.len() < v.capacity() => v.push(c as u8),
            Repr::Ucs2(v) if c < 0x1_0000 && v.len() < v.capacity() => v.push(c as u16),
            Repr::Ucs4(v) if v.len() < v.capacity() => v.push(c),
            _ => self.push_slow(c),
        }
    }

    #[cold]
    fn push_slow(&mut self, c: u32) {
        let kind = TextKind::of(c);
        if !self.has_room(kind, 1) {
            return;
        }
        self.widen(kind, 1);
        match &mut self.repr {
            Repr::Ascii(v) | Repr::Latin1(v) => v.push(c as u8),
            Repr::Ucs2(v) => v.push(c as u16),
            Repr::Ucs4(v) => v.push(c),
        }
    }

    /// Appends one character.
    #[inline]
    pub fn push_char(&mut self, c: char) {
        self.push(u32::from(c));
    }

    /// Appends code point `c` `n` times.
    pub fn push_repeat(&mut self, c: u32, n: usize) {
        if n == 0 || !self.has_room(TextKind::of(c), n) {
            return;
        }
        self.widen(TextKind::of(c), n);
        match &mut self.repr {
            Repr::Ascii(v) | Repr::Latin1(v) => v.resize(v.len() + n, c as u8),
            Repr::Ucs2(v) => v.resize(v.len() + n, c as u16),
            Repr::Ucs4(v) => v.resize(v.len() + n, c),
        }
    }

    /// Appends a UTF-8 string.
    pub fn push_str(&mut self, s: &str) {
        if s.is_ascii() {
            self.push_text(TextRef::Ascii(s.as_bytes()));
        } else {
            let max = s.chars().map(u32::from).max().unwrap_or(0);
            if !self.has_room(TextKind::of(max), s.len()) {
                return;
            }
            self.widen(TextKind::of(max), s.len());
            match &mut self.repr {
                Repr::Ascii(v) | Repr::Latin1(v) => v.extend(s.chars().map(|c| u32::from(c) as u8)),
                Repr::Ucs2(v) => v.extend(s.chars().map(|c| u32::from(c) as u16)),
                Repr::Ucs4(v) => v.extend(s.chars().map(u32::from)),
            }
        }
    }

    /// Appends a view, widening no further than its code points ask for.
    #[inline]
    pub fn push_text(&mut self, text: TextRef<'_>) {
        match (&mut self.repr, text) {
            (Repr::Ascii(v), TextRef::Ascii(s)) | (Repr::Latin1(v), TextRef::Ascii(s) | TextRef::Latin1(s))
                if s.len() <= v.capacity() - v.len() =>
            {
                v.extend_from_slice(s);
            }
            _ => self.push_text_slow(text),
        }
    }

    fn push_text_slow(&mut self, text: TextRef<'_>) {
        let kind = if text.kind() > self.kind() { text.canonical_kind() } else { self.kind() };
        if !self.has_room(kind, text.len()) {
            return;
        }
        self.widen(kind, text.len());
        match (&mut self.repr, text) {
            (Repr::Ascii(v) | Repr::Latin1(v), TextRef::Ascii(s) | TextRef::Latin1(s)) => v.extend_from_slice(s),
            (Repr::Ucs2(v), TextRef::Ucs2(s)) => v.extend_from_slice(s),
            (Repr::Ucs4(v), TextRef::Ucs4(s)) => v.extend_from_slice(s),
            (Repr::Ascii(v) | Repr::Latin1(v), t) => with_units!(t, s => v.extend(s.iter().map(|u| u.cp() as u8))),
            (Repr::Ucs2(v), t) => with_units!(t, s => v.extend(s.iter().map(|u| u.cp() as u16))),
            (Repr::Ucs4(v), t) => with_units!(t, s => v.extend(s.iter().map(|u| u.cp()))),
        }
    }
}

impl PartialEq for TextBuf {
    fn eq(&self, other: &TextBuf) -> bool {
        self.view() == other.view()
    }
}

impl Eq for TextBuf {}

impl fmt::Debug for TextBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.view().fmt(f)
    }
}

impl From<&str> for TextBuf {
    fn from(s: &str) -> TextBuf {
        TextBuf::from_str(s)
    }
}

impl From<String> for TextBuf {
    fn from(s: String) -> TextBuf {
        if s.is_ascii() { TextBuf::of(Repr::Ascii(s.into_bytes())) } else { TextBuf::from_str(&s) }
    }
}

impl fmt::Write for TextBuf {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        self.push_str(s);
        Ok(())
    }
}

impl Extend<u32> for TextBuf {
    fn extend<I: IntoIterator<Item = u32>>(&mut self, iter: I) {
        for c in iter {
            self.push(c);
        }
    }
}

impl FromIterator<u32> for TextBuf {
    fn from_iter<I: IntoIterator<Item = u32>>(iter: I) -> TextBuf {
        let mut buf = TextBuf::new();
        buf.extend(iter);
        buf
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widens_only_as_needed() {
        let mut b = TextBuf::new();
        b.push_str("abc");
        assert_eq!(b.kind(), TextKind::Ascii);
        b.push(0xE9);
        assert_eq!(b.kind(), TextKind::Latin1);
        let wide = TextBuf::from_str("\u{1F600}x");
        b.push_text(wide.view().slice(1, 2));
        assert_eq!(b.kind(), TextKind::Latin1, "a narrow slice of a wide text does not widen");
        b.push(0x20AC);
        assert_eq!(b.kind(), TextKind::Ucs2);
        b.push_text(wide.view());
        assert_eq!(b.kind(), TextKind::Ucs4);
        assert_eq!(b.view().to_utf8().unwrap(), "abc\u{e9}x\u{20ac}\u{1F600}x");
        assert_eq!(b.view().code_points().next_back(), Some(u32::from('x')));
        let mut r = TextBuf::new();
        r.push_repeat(0x1F600, 3);
        assert_eq!((r.len(), r.kind()), (3, TextKind::Ucs4));
        r.truncate(0);
        assert_eq!(r.narrowed().kind(), TextKind::Ascii);
    }
}
