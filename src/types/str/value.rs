//! Making str objects from views, and lists of pieces.

use crate::object::alloc::check_room_for;
use crate::object::core_types;
use crate::object::names;
use crate::object::raise::PyResult;
use crate::object::str;
use crate::object::text::{TextBuf, TextRef};
use crate::object::thread::Thread;
use crate::object::value::Value;

/// The str of this text, whatever form the view has. Empty and one-character Latin-1 text is shared.
#[inline]
pub fn make(text: TextRef<'_>) -> Value {
    match (text, text.len()) {
        (_, 0) => names::empty_str(),
        (_, 1) => char_value(text.at(0)),
        (TextRef::Ascii(_), _) => str::from_view(text),
        _ => str::from_view(text.narrow().view()),
    }
}

/// As `make_part`. Raises MemoryError.
pub fn copy_part(t: &Thread, whole: &Value, text: TextRef<'_>, start: usize, end: usize) -> PyResult {
    check_room_for(t, end - start, text.kind().width())?;
    Ok(make_part(whole, text, start, end))
}

/// The str of part of a text; the str itself where the part is all of it and `whole` is an exact str. Its room was asked for.
pub fn make_part(whole: &Value, text: TextRef<'_>, start: usize, end: usize) -> Value {
    if start == 0 && end == text.len() && whole.is_exact(&core_types::STR) {
        return whole.clone();
    }
    make(text.slice(start, end))
}

/// The str of one character.
#[inline]
pub fn char_value(c: u32) -> Value {
    match u8::try_from(c) {
        Ok(b) => str::char_str(b),
        Err(_) => str::from_view(one_char(&mut [0], &mut [0], c)),
    }
}

fn one_char<'a>(narrow: &'a mut [u16; 1], wide: &'a mut [u32; 1], c: u32) -> TextRef<'a> {
    if c < 0x1_0000 {
        narrow[0] = c as u16;
        TextRef::Ucs2(narrow)
    } else {
        wide[0] = c;
        TextRef::Ucs4(wide)
    }
}

/// The str itself if it is an exact one, else an exact str with its text: what methods answer that change nothing.
pub fn unchanged(v: &Value) -> Value {
    if v.is_exact(&core_types::STR) {
        return v.clone();
    }
    str::view(v).map_or_else(names::empty_str, make)
}

/// The str of a builder's text.
pub fn from_buf(buf: TextBuf) -> Value {
    if buf.is_empty() {
        return names::empty_str();
    }
    str::from_buf(buf)
}
