//! Positions in text: `tell`, `seek`, `truncate`.
//!
//! A position is an opaque number, a *cookie*: the place in the stream of bytes where decoding can start, and what to do
//! from there to get to the character: the decoder's flags, how many bytes to feed and how many characters to skip. The
//! place is looked for so that nothing is left to do, which is possible for all but a few stateful encodings.

use super::lock::Held;
use super::newline::Newlines;
use super::textio::{State, TextIo};
use super::{n, textio_read, textio_write, unsupported};
use crate::object::args::Bound;
use crate::object::bigint::{self, IntView};
use crate::object::core_types::exc;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{protocol, tuple};
use crate::this;
use crate::types::bytes::payload as bytes;
use crate::types::str::codec::native::{self, Codec};
use dashu_int::IBig;

/// The parts of a cookie.
#[derive(Default, Debug)]
struct Cookie {
    start: u64,
    flags: u32,
    feed: u32,
    skip: u32,
    need_end: bool,
}

impl Cookie {
    fn to_value(&self) -> Value {
        if self.flags == 0 && self.feed == 0 && self.skip == 0 && !self.need_end {
            return Value::uint(self.start);
        }
        let mut n = IBig::from(u8::from(self.need_end));
        for part in [self.skip, self.feed, self.flags] {
            n = (n << 32) + IBig::from(part);
        }
        bigint::from_big((n << 64) + IBig::from(self.start))
    }

    fn read(t: &Thread, v: &Value) -> PyResult<Cookie> {
        let v = protocol::index(t, v)?;
        match bigint::view(&v) {
            Some(IntView::Small(n)) if n >= 0 => Ok(Cookie { start: n as u64, ..Cookie::default() }),
            Some(IntView::Big(n)) if *n >= IBig::ZERO => {
                let bytes = n.clone().to_le_bytes();
                let part = |from: usize, len: usize| {
                    (0..len).fold(0u64, |sum, i| sum | u64::from(bytes.get(from + i).copied().unwrap_or(0)) << (8 * i))
                };
                Ok(Cookie {
                    start: part(0, 8),
                    flags: part(8, 4) as u32,
                    feed: part(12, 4) as u32,
                    skip: part(16, 4) as u32,
                    need_end: part(20, 1) != 0,
                })
            }
            _ => {
                let shown = protocol::repr_lossy(t, &v);
                Err(raise::value_error(t, format!("negative seek position {shown}")))
            }
        }
    }
}

fn position(t: &Thread, answer: &Value) -> PyResult<i64> {
    protocol::index_i64(t, answer)
}

/// What decoding a beginning of a chunk gives: characters, and whether nothing is held back.
fn decoded(
    t: &Thread,
    codec: Codec,
    errors: Option<&str>,
    newlines: Option<Newlines>,
    input: &[u8],
) -> PyResult<(usize, bool)> {
    let (text, used) = native::decode(t, codec, input, errors, false)?;
    let text = text.into_buf(t)?;
    let clean = used == input.len();
    Ok(match newlines {
        None => (text.len(), clean),
        Some(mut newlines) => {
            let text = newlines.feed(text, false);
            (text.len(), clean && !newlines.pending_cr)
        }
    })
}

pub fn tell(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, TextIo);
    this.buffer(t)?;
    let held = this.lock.enter(t);
    let buffer = this.open_buffer(t, v)?;
    if !held.with(|s| s.seekable) {
        return Err(unsupported(t, "underlying stream is not seekable"));
    }
    if !held.with(|s| s.telling) {
        return Err(raise::new(t, &exc::OS_ERROR, "telling position disabled by next() call"));
    }
    textio_write::flush_pending(t, &held, &buffer)?;
    protocol::call_method(t, v, &n().flush, &[])?;
    let at = position(t, &protocol::call_method(t, &buffer, &n().tell, &[])?)?;
    let Some((input, flags, pending_cr, used)) = held.with(|s| {
        let snapshot = s.snapshot.as_ref()?;
        let used = s.at.saturating_sub(s.chunk_start);
        Some((snapshot.input.clone(), snapshot.flags, snapshot.pending_cr, used))
    }) else {
        return Ok(Value::int(at));
    };
    let start = at - input.len() as i64;
    let start_state = Cookie { start: start.max(0) as u64, ..Cookie::default() };
    if used == 0 {
        let flags = flags << 1 | i64::from(pending_cr);
        let cookie = if held.with(|s| s.newline.is_universal()) {
            Cookie { flags: flags as u32, ..start_state }
        } else {
            Cookie { flags: (flags >> 1) as u32, ..start_state }
        };
        return Ok(cookie.to_value());
    }
    match held.with(|s| s.codec) {
        Some(codec) => tell_native(t, &held, codec, &input, pending_cr, used, start_state),
        None => tell_stateful(t, this, &held, &input, flags, pending_cr, used, start_state),
    }
}

fn tell_native(
    t: &Thread,
    held: &Held<'_, State>,
    codec: Codec,
    input: &[u8],
    pending_cr: bool,
    used: usize,
    start: Cookie,
) -> PyResult {
    let (errors, newlines) = held.with(|s| {
        let newlines = Newlines { pending_cr, ..Newlines::new(s.newlines.translate) };
        (s.errors.clone(), s.newline.is_universal().then_some(newlines))
    });
    let probe = |len: usize| decoded(t, codec, errors.as_deref(), newlines, &input[..len]);
    // The number of characters grows with the number of bytes: the shortest beginning that gives them all.
    let (mut low, mut high) = (0, input.len());
    while low < high {
        let middle = (low + high) / 2;
        if probe(middle)?.0 >= used { high = middle } else { low = middle + 1 }
    }
    let (count, clean) = probe(low)?;
    if count == used && clean {
        return Ok(Cookie { start: start.start + low as u64, ..Cookie::default() }.to_value());
    }
    // No clean cut there: feed from the beginning and skip. The end may be what completes the last character.
    let need_end = count < used;
    let flags = u32::from(pending_cr);
    Ok(Cookie { flags, feed: low as u32, skip: used as u32, need_end, ..start }.to_value())
}

#[allow(clippy::too_many_arguments)]
fn tell_stateful(
    t: &Thread,
    this: &TextIo,
    held: &Held<'_, State>,
    input: &[u8],
    flags: i64,
    pending_cr: bool,
    used: usize,
    start: Cookie,
) -> PyResult {
    let decoder = this.decoder.load().unwrap_or(Value::NONE);
    let saved = protocol::call_method(t, &decoder, &n().getstate, &[])?;
    let universal = held.with(|s| s.newline.is_universal());
    let mut newlines = held.with(|s| Newlines { pending_cr, ..Newlines::new(s.newlines.translate) });
    let set = |state: &Value| protocol::call_method(t, &decoder, &n().setstate, std::slice::from_ref(state)).map(drop);
    let looked = (|| {
        set(&tuple::from_slice(&[bytes::empty(), Value::int(flags)]))?;
        // The last place where nothing was held back: bytes, characters, flags.
        let (mut safe, mut count) = ((0usize, 0usize, flags), 0usize);
        for (i, byte) in input.iter().enumerate() {
            let args = [bytes::from_slice(&[*byte]), Value::FALSE];
            let piece = protocol::call_method(t, &decoder, &n().decode, &args)?;
            let piece = crate::object::str::view(&piece).map(|p| p.to_buf()).unwrap_or_default();
            count += if universal { newlines.feed(piece, false).len() } else { piece.len() };
            if count <= used {
                let state = protocol::call_method(t, &decoder, &n().getstate, &[])?;
                let (held_back, now) = super::newline::state_of(t, &state)?;
                if bytes::view(&held_back).is_some_and(<[u8]>::is_empty) && !newlines.pending_cr {
                    safe = (i + 1, count, now);
                }
            }
            if count >= used {
                return Ok((safe, i + 1, false));
            }
        }
        Ok((safe, input.len(), true))
    })();
    let restored = set(&saved);
    let ((safe_bytes, safe_count, safe_flags), fed, need_end) = looked?;
    restored?;
    let pending = universal && pending_cr && safe_bytes == 0;
    let flags = if universal { safe_flags << 1 | i64::from(pending) } else { safe_flags };
    let skip = used - safe_count;
    let feed = if skip == 0 { 0 } else { fed - safe_bytes };
    let cookie = Cookie {
        start: start.start + safe_bytes as u64,
        flags: flags as u32,
        feed: feed as u32,
        skip: skip as u32,
        need_end: need_end && skip > 0,
    };
    Ok(cookie.to_value())
}

pub fn seek(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let this = this!(v, TextIo);
    this.buffer(t)?;
    let whence = b.opt(2).map_or(Ok(0), |w| protocol::index_i64(t, w))?;
    let held = this.lock.enter(t);
    let buffer = this.open_buffer(t, v)?;
    if !held.with(|s| s.seekable) {
        return Err(unsupported(t, "underlying stream is not seekable"));
    }
    let zero = |v: &Value| bigint::view(v).is_some_and(|n| matches!(n, IntView::Small(0)));
    let cookie = match whence {
        1 => {
            if !zero(b.req(1)) {
                return Err(unsupported(t, "can't do nonzero cur-relative seeks"));
            }
            // Goes where it is, which brings the stream below there too.
            protocol::call_method(t, v, &n().tell, &[])?
        }
        2 => {
            if !zero(b.req(1)) {
                return Err(unsupported(t, "can't do nonzero end-relative seeks"));
            }
            protocol::call_method(t, v, &n().flush, &[])?;
            held.with(State::forget);
            reset(t, this, &held, true, 0)?;
            let at = protocol::call_method(t, &buffer, &n().seek, &[Value::int(0), Value::int(2)])?;
            reset_encoder(t, this, position(t, &at)? == 0)?;
            return Ok(at);
        }
        0 => b.req(1).clone(),
        _ => {
            return Err(raise::value_error(t, format!("invalid whence ({whence}, should be 0, 1 or 2)")));
        }
    };
    let parts = Cookie::read(t, &cookie)?;
    protocol::call_method(t, v, &n().flush, &[])?;
    protocol::call_method(t, &buffer, &n().seek, &[Value::uint(parts.start)])?;
    held.with(State::forget);
    let at_start = parts.start == 0 && parts.flags == 0;
    reset(t, this, &held, at_start, parts.flags)?;
    if parts.skip > 0 {
        let data = protocol::call_method(t, &buffer, &n().read, &[Value::int(parts.feed.into())])?;
        let Some(data) = bytes::view(&data) else {
            let message =
                format!("underlying read() should have returned a bytes object, not '{}'", data.class().display_name());
            return Err(raise::type_error(t, message));
        };
        let text = textio_read::decode(t, this, &held, data, parts.need_end)?;
        if text.len() < parts.skip as usize {
            return Err(raise::new(t, &exc::OS_ERROR, "can't restore logical file position"));
        }
        let pending_cr = parts.flags & 1 != 0;
        let snapshot = super::textio::Snapshot { input: data.to_vec(), flags: i64::from(parts.flags >> 1), pending_cr };
        held.with(|s| {
            s.text = text;
            s.at = parts.skip as usize;
            s.snapshot = Some(snapshot);
        });
    }
    reset_encoder(t, this, at_start)?;
    Ok(cookie)
}

/// Puts the decoder into the state that a cookie's flags tell, holding nothing back, or (`afresh`) into its first one.
fn reset(t: &Thread, this: &TextIo, held: &Held<'_, State>, afresh: bool, flags: u32) -> PyResult<()> {
    let universal = held.with(|s| {
        s.reset_decoder();
        let universal = s.newline.is_universal();
        s.newlines.pending_cr = universal && flags & 1 != 0;
        universal
    });
    let Some(decoder) = this.decoder.load() else { return Ok(()) };
    if afresh {
        return protocol::call_method(t, &decoder, &n().reset, &[]).map(drop);
    }
    let flags = if universal { flags >> 1 } else { flags };
    let state = tuple::from_slice(&[bytes::empty(), Value::int(flags.into())]);
    protocol::call_method(t, &decoder, &n().setstate, &[state]).map(drop)
}

/// At the start of the stream an encoder may write a byte order mark again.
fn reset_encoder(t: &Thread, this: &TextIo, at_start: bool) -> PyResult<()> {
    let Some(encoder) = this.encoder.load() else { return Ok(()) };
    if at_start {
        protocol::call_method(t, &encoder, &n().reset, &[]).map(drop)
    } else {
        protocol::call_method(t, &encoder, &n().setstate, &[Value::int(0)]).map(drop)
    }
}

pub fn truncate(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let this = this!(v, TextIo);
    let buffer = this.buffer(t)?;
    protocol::call_method(t, v, &n().flush, &[])?;
    let size = b.opt(1).cloned().unwrap_or(Value::NONE);
    protocol::call_method(t, &buffer, &n().truncate, &[size])
}
