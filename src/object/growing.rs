//! A text that is built where there may be no memory for it: nothing is asked while it grows, `finish` raises MemoryError.
//!
//! For results whose size a program chooses. (What is small builds a `TextBuf`, which lives on the reserve of
//! `heap::shortage`.)

use super::raise::{self, PyResult};
use super::text::TextBuf;
use super::thread::Thread;
use super::value::Value;
use super::{alloc, str};
use std::ops::{Deref, DerefMut};

/// See the module's documentation. Where it had no room it is empty, whatever is pushed.
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

    /// Raises MemoryError where there was no room at some time: for those that stop early.
    pub fn check(&self, t: &Thread) -> PyResult<()> {
        if self.0.has_failed() { Err(raise::memory_error(t, "")) } else { Ok(()) }
    }

    /// The text as a str. Raises MemoryError.
    pub fn finish(self, t: &Thread) -> PyResult<Value> {
        self.check(t)?;
        if self.0.len() > str::MAX_LEN {
            return Err(raise::memory_error(t, ""));
        }
        // The object is made beside the buffer.
        alloc::check_room_for(t, self.0.len(), self.0.kind().width())?;
        Ok(str::from_buf(self.0))
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
    }
}
