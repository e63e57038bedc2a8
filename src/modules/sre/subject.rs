//! Running a program over a Python object: what can be searched, and one loop for all that goes from match to match.

use std::cell::RefCell;

use super::exec::{Machine, Scratch, Stop};
use super::program::Program;
use super::search::{Mode, find};
use crate::object::raise::{self, PyResult};
use crate::object::text::TextRef;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{hooks, names, str};
use crate::types::bytes::args::{ByteArg, bytes_like_any, is_bytes_like};
use crate::types::bytes::payload as bytes;
use crate::types::str::search::TextUnit;
use crate::with_units;

/// What is searched: a str's text or the bytes of a bytes-like object.
pub enum Subject<'a> {
    /// Text.
    Text(TextRef<'a>),
    /// Bytes.
    Bytes(ByteArg<'a>),
}

impl<'a> Subject<'a> {
    /// The text or bytes of `string`; TypeError for anything else.
    pub fn new(t: &Thread, string: &'a Value) -> PyResult<Subject<'a>> {
        if let Some(text) = str::view(string) {
            return Ok(Subject::Text(text));
        }
        if !is_bytes_like(string) {
            let message = format!("expected string or bytes-like object, got '{}'", string.class().display_name());
            return Err(raise::type_error(t, message));
        }
        bytes_like_any(t, string).map(Subject::Bytes)
    }

    /// Characters or bytes.
    pub fn len(&self) -> usize {
        match self {
            Subject::Text(text) => text.len(),
            Subject::Bytes(bytes) => bytes.len(),
        }
    }

    /// Whether there is nothing to search.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it is bytes.
    pub fn is_bytes(&self) -> bool {
        matches!(self, Subject::Bytes(_))
    }

    /// The part `start..end` as an object; `string` is the object that the subject was made from.
    pub fn slice(&self, string: &Value, start: usize, end: usize) -> Value {
        match self {
            Subject::Text(_) if start == 0 && end == self.len() && string.downcast_exact::<str::Str>().is_some() => {
                string.clone()
            }
            Subject::Text(text) => substring(text.slice(start, end)),
            Subject::Bytes(b) => {
                if start == 0 && end == b.len() && string.downcast_exact::<bytes::Bytes>().is_some() {
                    return string.clone();
                }
                bytes::from_slice(&b[start..end])
            }
        }
    }

    /// The empty str or bytes.
    pub fn empty(&self) -> Value {
        match self {
            Subject::Text(_) => names::empty_str(),
            Subject::Bytes(_) => bytes::empty(),
        }
    }
}

/// A str of a part of a text.
fn substring(part: TextRef<'_>) -> Value {
    if part.is_empty() {
        return names::empty_str();
    }
    if part.len() == 1
        && let Ok(c) = u8::try_from(part.at(0))
    {
        return str::char_str(c);
    }
    match part {
        TextRef::Ascii(_) => str::from_view(part),
        _ => str::from_view(part.narrow().view()),
    }
}

/// A match, as the loop's callback sees it.
pub struct Hit<'m> {
    /// Where it starts.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Start and end of each group, `UNSET` where it has not taken part.
    pub marks: &'m [usize],
    /// The group that was closed last, 0 for none.
    pub lastindex: u32,
}

/// Where and how to look.
#[derive(Clone, Copy)]
pub struct Look {
    /// Match, fullmatch or search.
    pub mode: Mode,
    /// The first position.
    pub from: usize,
    /// Where the text ends.
    pub end: usize,
    /// Whether a match at `from` must not be empty.
    pub advance: bool,
}

thread_local! {
    /// The matcher's memory, between two uses.
    static SPARE: RefCell<Scratch> = RefCell::new(Scratch::default());
}

/// The most entries that are kept between two uses.
const KEEP: usize = 1 << 16;

/// Goes from match to match as `findall` does and calls `f` for each, until `f` answers false. Raises what signal
/// handlers raise, MemoryError, and what `f` raises.
pub fn each(
    t: &Thread,
    program: &Program,
    subject: &Subject<'_>,
    look: Look,
    f: &mut dyn FnMut(Hit<'_>) -> PyResult<bool>,
) -> PyResult<()> {
    match subject {
        Subject::Text(text) => with_units!(*text, s => each_unit(t, program, s, look, f)),
        Subject::Bytes(bytes) => each_unit(t, program, bytes, look, f),
    }
}

fn each_unit<C: TextUnit>(
    t: &Thread,
    program: &Program,
    text: &[C],
    look: Look,
    f: &mut dyn FnMut(Hit<'_>) -> PyResult<bool>,
) -> PyResult<()> {
    let scratch = SPARE.take();
    let checkpoint = || (hooks::get().check_attention)(t);
    let mut machine = Machine::new(program, &text[..look.end], scratch, checkpoint);
    let (mut from, mut advance) = (look.from, look.advance);
    let result = loop {
        match find(&mut machine, program, look.mode, from, advance) {
            Err(Stop::Memory) => break Err(raise::memory_error(t, "")),
            Err(Stop::Checkpoint(raised)) => break Err(raised),
            Ok(None) => break Ok(()),
            Ok(Some((start, end))) => {
                match f(Hit { start, end, marks: &machine.marks, lastindex: machine.lastindex }) {
                    Ok(true) => {}
                    Ok(false) => break Ok(()),
                    Err(raised) => break Err(raised),
                }
                advance = start == end;
                from = end;
                machine.reset();
            }
        }
    };
    let scratch = machine.into_scratch();
    if scratch.capacity() <= KEEP {
        SPARE.set(scratch);
    }
    result
}
