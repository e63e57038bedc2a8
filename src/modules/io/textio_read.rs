//! Reading text.

use super::lock::Held;
use super::newline::state_of;
use super::textio::{Snapshot, State, TEXT_IO, TextIo, is_native};
use super::{buffered, buffered_read, n, size_arg, textio_write, unsupported};
use crate::object::args::Bound;
use crate::object::buffer::{self, Request};
use crate::object::core_types::exc;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::str;
use crate::object::text::TextBuf;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::this;
use crate::types::bytes::payload as bytes;
use crate::types::str::codec::native;
use crate::types::str::value as text_value;

/// Starts an operation that reads: takes the lock, hands pending bytes down.
fn begin<'a>(t: &Thread, this: &'a TextIo, v: &Value) -> PyResult<(Held<'a, State>, Value)> {
    let held = this.lock.enter(t);
    let buffer = this.open_buffer(t, v)?;
    if !held.with(|s| s.readable) {
        return Err(unsupported(t, "not readable"));
    }
    textio_write::flush_pending(t, &held, &buffer)?;
    Ok((held, buffer))
}

/// Decodes a piece; `last` says that nothing follows.
pub fn decode(t: &Thread, this: &TextIo, held: &Held<'_, State>, input: &[u8], last: bool) -> PyResult<TextBuf> {
    let (codec, errors) = held.with(|s| (s.codec, s.errors.clone()));
    let text = match codec {
        Some(codec) => {
            let mut joined = held.with(|s| std::mem::take(&mut s.left_over));
            let whole: &[u8] = if joined.is_empty() {
                input
            } else {
                joined.extend_from_slice(input);
                &joined
            };
            let (text, used) = native::decode(t, codec, whole, errors.as_deref(), last)?;
            let rest = whole[used.min(whole.len())..].to_vec();
            held.with(|s| s.left_over = rest);
            text.into_buf(t)?
        }
        None => {
            let decoder = this.decoder.load().unwrap_or(Value::NONE);
            let args = [bytes::from_slice(input), Value::bool(last)];
            let answer = protocol::call_method(t, &decoder, &n().decode, &args)?;
            match str::view(&answer) {
                Some(view) => view.to_buf(),
                None => {
                    let message =
                        format!("decoder should return a string result, not '{}'", answer.class().display_name());
                    return Err(raise::type_error(t, message));
                }
            }
        }
    };
    Ok(held.with(|s| if s.newline.is_universal() { s.newlines.feed(text, last) } else { text }))
}

/// The bytes that a read of the stream below answered.
fn data_of(t: &Thread, answer: &Value, method: &str) -> PyResult<Vec<u8>> {
    if let Some(data) = bytes::view(answer) {
        return Ok(data.to_vec());
    }
    if answer.class().slots.buffer.get().is_none() {
        let message = format!(
            "underlying {method}() should have returned a bytes-like object, not '{}'",
            answer.class().display_name()
        );
        return Err(raise::type_error(t, message));
    }
    Ok(buffer::get(t, answer, Request::Read)?.to_vec())
}

/// Reads and decodes one more chunk behind the text at hand; `hint` characters are wanted (0: no matter). False at the
/// end of the stream.
fn read_chunk(t: &Thread, this: &TextIo, held: &Held<'_, State>, buffer: &Value, hint: usize) -> PyResult<bool> {
    let (chunk, telling, has_read1) = held.with(|s| (s.chunk.max(hint), s.telling, s.has_read1));
    let before = if telling {
        let (left_over, pending_cr) = held.with(|s| (s.left_over.clone(), s.newlines.pending_cr));
        Some(match this.decoder.load() {
            Some(decoder) => {
                let state = protocol::call_method(t, &decoder, &n().getstate, &[])?;
                let (held_back, flags) = state_of(t, &state)?;
                let input = bytes::view(&held_back).unwrap_or_default().to_vec();
                Snapshot { input, flags, pending_cr }
            }
            None => Snapshot { input: left_over, flags: 0, pending_cr },
        })
    } else {
        None
    };
    let data = if is_native(buffer) && buffered::this(buffer).is_readable() {
        buffered_read::read_once(t, buffer, chunk as i64)?
    } else {
        let (name, method) = if has_read1 { (&n().read1, "read1") } else { (&n().read, "read") };
        let answer = protocol::call_method(t, buffer, name, &[Value::int(chunk as i64)])?;
        data_of(t, &answer, method)?
    };
    let end = data.is_empty();
    let text = decode(t, this, held, &data, end)?;
    let produced = !text.is_empty();
    held.with(|s| {
        if s.at > 0 {
            // What was handed out goes; the rest moves to the front.
            let rest = s.text.view().slice(s.at, s.text.len()).to_buf();
            s.text = rest;
            s.at = 0;
        }
        s.chunk_start = s.text.len();
        if s.text.is_empty() {
            s.text = text;
        } else {
            s.text.push_text(text.view());
        }
        if let Some(mut snapshot) = before {
            snapshot.input.extend_from_slice(&data);
            s.snapshot = Some(snapshot);
        }
    });
    Ok(!end || produced)
}

/// Takes the next `count` characters.
fn take(held: &Held<'_, State>, count: usize) -> Value {
    held.with(|s| {
        let view = s.text.view();
        let end = s.at.saturating_add(count).min(view.len());
        let taken = text_value::make(view.slice(s.at, end));
        s.at = end;
        taken
    })
}

fn at_hand(held: &Held<'_, State>) -> usize {
    held.with(|s| s.text.len() - s.at)
}

pub fn read(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let this = this!(v, TextIo);
    this.buffer(t)?;
    let size = size_arg(t, b.opt(1))?;
    let (held, buffer) = begin(t, this, v)?;
    if size < 0 {
        let answer = protocol::call_method(t, &buffer, &n().read, &[])?;
        if answer.is_none() {
            return Err(raise::new(t, &exc::BLOCKING_IO_ERROR, "Read returned None."));
        }
        let data = match bytes::view(&answer) {
            Some(_) => None,
            None => Some(data_of(t, &answer, "read")?),
        };
        let data = data.as_deref().or(bytes::view(&answer)).unwrap_or_default();
        let text = decode(t, this, &held, data, true)?;
        return Ok(held.with(|s| {
            let rest = s.text.view().slice(s.at, s.text.len());
            let all = if rest.is_empty() {
                text_value::from_buf(text)
            } else {
                let mut all = rest.to_buf();
                all.push_text(text.view());
                text_value::from_buf(all)
            };
            s.forget();
            all
        }));
    }
    let size = size as usize;
    while at_hand(&held) < size {
        let missing = size - at_hand(&held);
        if !read_chunk(t, this, &held, &buffer, missing)? {
            break;
        }
    }
    Ok(take(&held, size))
}

pub fn readline(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let this = this!(v, TextIo);
    this.buffer(t)?;
    let limit = size_arg(t, b.opt(1))?;
    line(t, this, v, limit)
}

/// The next line, its end included, of at most `limit` characters (negative: any); empty at the end.
fn line(t: &Thread, this: &TextIo, v: &Value, limit: i64) -> PyResult {
    let (held, buffer) = begin(t, this, v)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut searched = 0;
    loop {
        let found = held.with(|s| s.newline.line_end(s.text.view(), s.at, searched).map(|end| end - s.at));
        if let Some(count) = found {
            return Ok(take(&held, count.min(limit)));
        }
        searched = at_hand(&held);
        if searched >= limit {
            return Ok(take(&held, limit));
        }
        if !read_chunk(t, this, &held, &buffer, 0)? {
            let rest = take(&held, usize::MAX);
            held.with(|s| {
                if s.text.len() == s.at {
                    s.forget();
                }
            });
            return Ok(rest);
        }
    }
}

pub fn next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let this = this!(v, TextIo);
    this.buffer(t)?;
    this.lock.enter(t).with(|s| s.telling = false);
    let line = if v.is_exact(&TEXT_IO) {
        line(t, this, v, -1)?
    } else {
        let line = protocol::call_method(t, v, &n().readline, &[])?;
        if str::view(&line).is_none() {
            let message =
                format!("readline() should have returned a str object, not '{}'", line.class().display_name());
            return Err(raise::new(t, &exc::OS_ERROR, message));
        }
        line
    };
    if str::view(&line).is_some_and(|text| !text.is_empty()) {
        return Ok(Some(line));
    }
    this.lock.enter(t).with(|s| {
        s.snapshot = None;
        s.telling = s.seekable;
    });
    Ok(None)
}
