//! A text that is built where there may be no memory for it: nothing is asked while it grows, `finish` raises MemoryError.
//!
//! For results whose size a program chooses. (What is small builds a `TextBuf`, which lives on the reserve of
//! `heap::shortage`.)

use super::raise::{self, PyResult};
use super::text::{TextBuf, TextKind};
use super::thread::Thread;
use super::value::Value;
use super::{alloc, names, str};
use std::ops::{Deref, DerefMut};

/// See the module's documentation. Where it had no room it is empty, whatever is pushed.
#[derive(Debug)]
pub struct Growing(TextBuf);

impl Growing {
    /// The empty text.
    pub const fn new() -> Growing {
        Growing(TextBuf::that_may_fail())
    }

    /// The empty text, with room for so many code points of ASCII.
    pub fn with_capacity(len: usize) -> Growing {
        let mut text = Growing::new();
        text.reserve(len);
        text
    }

    /// The empty text, with room for so many code points of a kind, of which there will be some.
    pub fn with_kind(kind: TextKind, len: usize) -> Growing {
        Growing(TextBuf::of_kind_that_may_fail(kind, len))
    }

    /// Whether there was no room at some time: for what becomes part of another text.
    pub fn has_failed(&self) -> bool {
        self.0.has_failed()
    }

    /// Raises MemoryError where there was no room at some time: for those that stop early.
    pub fn check(&self, t: &Thread) -> PyResult<()> {
        if self.0.has_failed() { Err(raise::memory_error(t, "")) } else { Ok(()) }
    }

    /// The text as a str. Raises MemoryError.
    pub fn finish(self, t: &Thread) -> PyResult<Value> {
        self.copied(t)
    }

    /// The text in its narrowest form, after it was cut.
    pub fn narrowed(self) -> Growing {
        let kind = self.0.view().canonical_kind();
        if kind == self.0.kind() {
            return self;
        }
        let mut out = Growing::with_kind(kind, self.0.len());
        out.push_text(self.0.view());
        out
    }

    /// The text, to be built on where growing does not fail. Raises MemoryError.
    pub fn into_buf(self, t: &Thread) -> PyResult<TextBuf> {
        self.check(t)?;
        Ok(self.0.certain())
    }

    /// As `finish`, for a buffer that is used again.
    pub fn copied(&self, t: &Thread) -> PyResult<Value> {
        self.check(t)?;
        if self.0.len() > str::MAX_LEN {
            return Err(raise::memory_error(t, ""));
        }
        // The object is made beside the buffer, and so is a narrower text first, where the buffer's form is too wide.
        let (kind, canonical) = (self.0.kind(), self.0.view().canonical_kind());
        alloc::check_room_for(t, self.0.len(), if kind == canonical { 1 } else { 2 } * canonical.width())?;
        Ok(if self.0.is_empty() { names::empty_str() } else { str::from_text(self.0.view()) })
    }
}

impl Default for Growing {
    fn default() -> Growing {
        Growing::new()
    }
}

impl Deref for Growing {
    type Target = TextBuf;
    fn deref(&self) -> &TextBuf {
        &self.0
    }
}

impl DerefMut for Growing {
    fn deref_mut(&mut self) -> &mut TextBuf {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::text::TextKind;

    #[test]
    fn what_has_failed_takes_nothing_more() {
        let mut text = Growing::new();
        text.push_str("a\u{e9}");
        text.push_repeat(0x1234, 3);
        assert!(!text.has_failed());
        assert_eq!((text.len(), text.kind()), (5, TextKind::Ucs2));
        text.push_repeat(0x41, usize::MAX / 8);
        assert!(text.has_failed() && text.is_empty());
        text.push_str("b");
        text.push(0x1_f600);
        assert!(text.has_failed() && text.is_empty());
        let text = Growing::with_kind(TextKind::Ucs4, usize::MAX / 8);
        assert!(text.has_failed() && text.kind() == TextKind::Ascii);
    }
}
