//! The bytes that `bytes(...)` and `bytearray(...)` are made from.

use super::{args, payload, percent};
use crate::object::alloc;
use crate::object::args::{Args, Signature};
use crate::object::core_types::exc;
use crate::object::raise::{self, PyResult};
use crate::object::str::Str;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{bigint, protocol};
use crate::types::bytearray::{self, ByteArray};
use crate::types::str::codec::registry;
use std::sync::LazyLock;

static SIGNATURE: LazyLock<Signature> =
    LazyLock::new(|| Signature::parse("(source=b'', encoding='utf-8', errors='strict')"));

/// What the constructor's arguments stand for.
pub enum Source {
    /// These bytes.
    Bytes(Vec<u8>),
    /// A bytes object, which `bytes()` may answer as it is.
    Object(Value),
}

impl Source {
    /// The bytes, copied out of an object.
    pub fn into_vec(self, t: &Thread) -> PyResult<Vec<u8>> {
        match self {
            Source::Bytes(bytes) => Ok(bytes),
            Source::Object(v) => copied(t, payload::view(&v).unwrap_or_default()),
        }
    }
}

fn copied(t: &Thread, bytes: &[u8]) -> PyResult<Vec<u8>> {
    let mut copy = Vec::new();
    alloc::reserve(t, &mut copy, bytes.len())?;
    copy.extend_from_slice(bytes);
    Ok(copy)
}

/// Reads the arguments of a constructor called `name`.
pub fn read(t: &Thread, name: &str, call: Args<'_>) -> PyResult<Source> {
    let b = SIGNATURE.bind(t, name, call, 0)?;
    let (encoding, errors) = registry::names(t, name, b.opt(1), b.opt(2))?;
    let without_text = |what: &str| raise::type_error(t, format!("{what} without a string argument"));
    let Some(source) = b.opt(0) else {
        if b.opt(1).is_some() {
            return Err(without_text("encoding"));
        }
        if b.opt(2).is_some() {
            return Err(without_text("errors"));
        }
        return Ok(Source::Bytes(Vec::new()));
    };
    let is_str = source.downcast::<Str>().is_some();
    if b.opt(1).is_some() {
        if !is_str {
            return Err(without_text("encoding"));
        }
        let encoded = registry::encode(t, source, encoding.as_deref(), errors.as_deref())?;
        return Ok(Source::Object(encoded));
    }
    if b.opt(2).is_some() && !is_str {
        return Err(without_text("errors"));
    }
    if b.opt(2).is_none()
        && name == "bytes"
        && let Some(result) = percent::dunder_bytes(t, source)?
    {
        return Ok(Source::Object(result));
    }
    if is_str {
        return Err(raise::type_error(t, "string argument without an encoding"));
    }
    if bigint::view(source).is_some() || source.class().slots.index.get().is_some() {
        match count(t, source) {
            Ok(n) => return alloc::zeroed(t, n).map(Source::Bytes),
            // An `__index__` that fails by type leaves the other ways open.
            Err(raised) => raise::suppress(t, raised, &exc::TYPE_ERROR)?,
        }
    }
    from_object(t, source, name).map(Source::Bytes)
}

fn count(t: &Thread, v: &Value) -> PyResult<usize> {
    let n = match bigint::view(&protocol::index(t, v)?) {
        Some(bigint::IntView::Small(n)) => n,
        _ => {
            let message = format!("cannot fit '{}' into an index-sized integer", v.class().display_name());
            return Err(raise::overflow_error(t, message));
        }
    };
    usize::try_from(n).map_err(|_| raise::value_error(t, "negative count"))
}

/// The bytes of a bytes-like object or an iterable of ints; `name` is the type that is being made.
pub fn from_object(t: &Thread, source: &Value, name: &str) -> PyResult<Vec<u8>> {
    // At one moment, and without lending the bytes: another thread may be about to resize it.
    if source.downcast_exact::<ByteArray>().is_some()
        && let Some(bytes) = bytearray::with(t, source, |s| alloc::has_room(s.len()).then(|| s.to_vec()))
    {
        return bytes.ok_or_else(|| raise::memory_error(t, ""));
    }
    if args::is_bytes_like(source) {
        return copied(t, &args::bytes_like_any(t, source)?);
    }
    let is_iterable = source.class().slots.iter.get().is_some() || source.class().slots.getitem.get().is_some();
    if !is_iterable || source.downcast::<Str>().is_some() {
        let message = format!("cannot convert '{}' object to {name}", source.class().display_name());
        return Err(raise::type_error(t, message));
    }
    let message = if name == "bytes" { "bytes must be in range(0, 256)" } else { "byte must be in range(0, 256)" };
    collect(t, source, message)
}

/// The bytes of an iterable of ints; ValueError `message` for one out of range.
pub fn collect(t: &Thread, source: &Value, message: &str) -> PyResult<Vec<u8>> {
    let mut bytes = Vec::with_capacity(protocol::length_hint(t, source, 64)?.min(1 << 20));
    protocol::for_each(t, source, |item| {
        let n = protocol::index_clipped(t, &item)?;
        alloc::reserve(t, &mut bytes, 1)?;
        bytes.push(u8::try_from(n).map_err(|_| raise::value_error(t, message))?);
        Ok(())
    })?;
    Ok(bytes)
}
