//! Writing text.

use super::lock::Held;
use super::textio::{State, TextIo, is_native};
use super::{buffered, buffered_write, n, unsupported};
use crate::object::core_types::exc;
use crate::object::names::known;
use crate::object::raise::{self, PyResult};
use crate::object::str::{self, Str};
use crate::object::text::{TextBuf, TextRef, Unit};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{hooks, protocol};
use crate::types::bytes::payload as bytes;
use crate::types::str::codec::native;
use crate::types::str::value as text_value;
use crate::{this, with_units};

fn contains(text: TextRef<'_>, c: u8) -> bool {
    match text {
        TextRef::Ascii(s) | TextRef::Latin1(s) => memchr::memchr(c, s).is_some(),
        _ => with_units!(text, s => s.iter().any(|u| u.cp() == u32::from(c))),
    }
}

/// The text with "\n" written as `end`.
fn translated(text: TextRef<'_>, end: &str) -> TextBuf {
    let mut out = TextBuf::with_capacity(text.kind(), text.len() + 16);
    for c in text.code_points() {
        if c == u32::from(b'\n') {
            out.push_str(end);
        } else {
            out.push(c);
        }
    }
    out
}

/// Hands the pending bytes down, all at once.
pub fn flush_pending(t: &Thread, held: &Held<'_, State>, buffer: &Value) -> PyResult<()> {
    let data = held.with(|s| std::mem::take(&mut s.pending));
    if data.is_empty() {
        return Ok(());
    }
    if is_native(buffer) && buffered::this(buffer).is_writable() {
        buffered_write::write_bytes(t, buffer, &data)?;
        // The block is used again, unless somebody has written meanwhile.
        held.with(|s| {
            if s.pending.capacity() == 0 {
                s.pending = data;
                s.pending.clear();
            }
        });
        return Ok(());
    }
    let data = bytes::from_vec(data);
    loop {
        match protocol::call_method(t, buffer, &known().write, std::slice::from_ref(&data)) {
            Ok(_) => return Ok(()),
            Err(raised) if raise::matches(t, &raised, &exc::INTERRUPTED_ERROR) => {
                drop(raise::take(t, raised));
                (hooks::get().check_attention)(t)?;
            }
            Err(raised) => return Err(raised),
        }
    }
}

/// `write(text)`: one whole operation.
pub fn write(t: &Thread, v: &Value, text: &Value) -> PyResult {
    let this = this!(v, TextIo);
    this.buffer(t)?;
    let Some(given) = text.downcast::<Str>() else {
        let message = format!("write() argument must be str, not {}", text.class().display_name());
        return Err(raise::type_error(t, message));
    };
    let held = this.lock.enter(t);
    let buffer = this.open_buffer(t, v)?;
    let (writable, codec, newline, line_buffering) = held.with(|s| (s.writable, s.codec, s.newline, s.line_buffering));
    if !writable {
        return Err(unsupported(t, "not writable"));
    }
    let view = given.view();
    let len = view.len();
    let end = newline.written();
    let has_lf = (end.is_some() || line_buffering) && contains(view, b'\n');
    let down = line_buffering && (has_lf || contains(view, b'\r'));
    let changed = match end {
        Some(end) if has_lf => Some(text_value::make(translated(view, end).view())),
        _ => None,
    };
    let text = changed.as_ref().unwrap_or(text);
    let view = str::view(text).unwrap_or(TextRef::EMPTY);
    let encoded;
    let data: &[u8] = match (codec, view) {
        (Some(_), TextRef::Ascii(ascii)) => ascii,
        (Some(codec), _) => {
            let errors = held.with(|s| s.errors.clone());
            encoded = native::encode(t, codec, text, errors.as_deref())?;
            bytes::view(&encoded).unwrap_or_default()
        }
        (None, _) => {
            let encoder = this.encoder.load().unwrap_or(Value::NONE);
            encoded = protocol::call_method(t, &encoder, &n().encode, std::slice::from_ref(text))?;
            match bytes::view(&encoded) {
                Some(data) => data,
                None => {
                    let message =
                        format!("encoder should return a bytes object, not '{}'", encoded.class().display_name());
                    return Err(raise::type_error(t, message));
                }
            }
        }
    };
    if held.with(|s| !s.pending.is_empty() && s.pending.len() + data.len() > s.chunk) {
        flush_pending(t, &held, &buffer)?;
    }
    let full = held.with(|s| {
        s.pending.extend_from_slice(data);
        s.pending.len() >= s.chunk || s.write_through
    });
    if full || down {
        flush_pending(t, &held, &buffer)?;
    }
    if down {
        protocol::call_method(t, &buffer, &n().flush, &[])?;
    }
    forget_reading(t, this, &held)?;
    Ok(Value::int(len as i64))
}

/// After a write the decoder starts anew, and where the stream can seek, nothing that was read ahead counts.
fn forget_reading(t: &Thread, this: &TextIo, held: &Held<'_, State>) -> PyResult<()> {
    let was_reading = held.with(|s| {
        let reading = s.snapshot.is_some() || !s.text.is_empty() || !s.left_over.is_empty() || s.newlines.pending_cr;
        if s.snapshot.is_some() {
            s.forget();
        }
        if reading {
            s.reset_decoder();
        }
        reading
    });
    match this.decoder.load() {
        Some(decoder) if was_reading => protocol::call_method(t, &decoder, &n().reset, &[]).map(drop),
        _ => Ok(()),
    }
}

/// `flush()`
pub fn flush(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, TextIo);
    this.buffer(t)?;
    let held = this.lock.enter(t);
    let buffer = this.open_buffer(t, v)?;
    held.with(|s| s.telling = s.seekable);
    flush_pending(t, &held, &buffer)?;
    protocol::call_method(t, &buffer, &n().flush, &[])
}
