//! Writing through a buffer.

use super::buffered::{Buffered, State, this};
use super::lock::Held;
use super::{n, raw};
use crate::object::buffer::{self, Request};
use crate::object::core_types::exc;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::str;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{protocol, tuple};
use crate::types::bytes::payload as bytes;

/// BlockingIOError after `written` bytes were taken.
#[cold]
fn would_block(t: &Thread, written: usize) -> Raised {
    let args = vec![
        Value::int(libc::EAGAIN.into()),
        str::from_str("write could not complete without blocking"),
        Value::int(written as i64),
    ];
    raise::with_args(t, &exc::BLOCKING_IO_ERROR, tuple::from_vec(args))
}

/// Writes the pending bytes, all of them. What was not written when an error came stays pending.
pub fn flush_pending(t: &Thread, held: &Held<'_, State>, raw: &Value) -> PyResult<()> {
    let mut data = held.with(|s| std::mem::take(&mut s.pending));
    let mut done = 0;
    let mut outcome = Ok(());
    while done < data.len() {
        match raw::write(t, raw, &data[done..]) {
            Ok(Some(written)) => done += written,
            Ok(None) => {
                outcome = Err(would_block(t, 0));
                break;
            }
            Err(raised) => {
                outcome = Err(raised);
                break;
            }
        }
    }
    data.drain(..done);
    held.with(|s| s.pending = data);
    outcome
}

/// Moves the raw position back to where the program is, over what was read ahead.
pub fn rewind(t: &Thread, held: &Held<'_, State>, raw: &Value) -> PyResult<()> {
    let ahead = held.with(|s| s.rest().len() as i64);
    if ahead > 0 {
        raw::seek(t, raw, -ahead, 1)?;
    }
    held.with(State::forget);
    Ok(())
}

/// Writes what is pending and gives up what was read ahead.
pub fn flush_and_rewind(t: &Thread, this: &Buffered, held: &Held<'_, State>, raw: &Value) -> PyResult<()> {
    if this.is_writable() {
        flush_pending(t, held, raw)?;
    }
    if this.is_readable() { rewind(t, held, raw) } else { Ok(()) }
}

/// `flush()`; of a reader, that of the raw stream.
pub fn flush(t: &Thread, v: &Value) -> PyResult {
    let this = this(v);
    this.raw(t)?;
    if !this.is_writable() {
        let raw = this.raw(t)?;
        return protocol::call_method(t, &raw, &n().flush, &[]);
    }
    let raw = this.open_raw(t, "flush of")?;
    let held = this.enter(t, v)?;
    flush_and_rewind(t, this, &held, &raw)?;
    Ok(Value::NONE)
}

/// `write(buffer)`: one whole operation.
pub fn write(t: &Thread, v: &Value, data: &Value) -> PyResult {
    if let Some(data) = bytes::view(data) {
        return write_bytes(t, v, data).map(|n| Value::int(n as i64));
    }
    if data.downcast::<str::Str>().is_some() {
        return Err(raise::type_error(t, "a bytes-like object is required, not 'str'"));
    }
    let data = buffer::get(t, data, Request::Read)?;
    if !data.is_contiguous() {
        return write_bytes(t, v, &data.to_vec()).map(|n| Value::int(n as i64));
    }
    write_bytes(t, v, data.as_slice()).map(|n| Value::int(n as i64))
}

/// `write` of bytes to a stream of one of the buffered classes; BlockingIOError with the number of bytes taken where the
/// raw stream takes no more now.
pub fn write_bytes(t: &Thread, v: &Value, data: &[u8]) -> PyResult<usize> {
    let this = this(v);
    let held = if this.lock.is_mine() { None } else { Some(this.lock.enter(t)) };
    // Under the lock: a stream that another thread closes in between must not swallow bytes.
    let raw = this.open_raw(t, "write to")?;
    let held = match held {
        Some(held) => held,
        None => this.enter(t, v)?,
    };
    if this.is_readable() && held.with(|s| !s.ahead.is_empty()) {
        rewind(t, &held, &raw)?;
    }
    let buffered = held.with(|s| {
        let fits = s.pending.len() + data.len() <= s.size;
        if fits {
            s.pending.extend_from_slice(data);
        }
        fits
    });
    if buffered {
        return Ok(data.len());
    }
    let size = held.with(|s| s.size);
    if let Err(raised) = flush_pending(t, &held, &raw) {
        if !raise::matches(t, &raised, &exc::BLOCKING_IO_ERROR) {
            return Err(raised);
        }
        // Take what there is room for.
        let taken = held.with(|s| {
            let room = size.saturating_sub(s.pending.len()).min(data.len());
            s.pending.extend_from_slice(&data[..room]);
            room
        });
        drop(raise::take(t, raised));
        return if taken == data.len() { Ok(taken) } else { Err(would_block(t, taken)) };
    }
    let mut done = 0;
    while data.len() - done > size {
        match raw::write(t, &raw, &data[done..])? {
            Some(written) => done += written,
            None => {
                held.with(|s| s.pending.extend_from_slice(&data[done..done + size]));
                return Err(would_block(t, done + size));
            }
        }
    }
    held.with(|s| s.pending.extend_from_slice(&data[done..]));
    Ok(data.len())
}
