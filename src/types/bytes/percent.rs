//! `bytes % args` (PEP 461).

use super::{args, payload};
use crate::object::raise::{self, PyResult, Raised};
use crate::object::text::TextRef;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{names, protocol, str};
use crate::types::format_spec::percent::PercentSpec;
use crate::types::int::as_int;
use crate::types::str::percent_args::{Flavour, apply, is_str};
use crate::types::str::repr::escape_non_ascii;

struct Output(Vec<u8>);

impl Output {
    /// Appends `bytes` cut to the precision and padded to the width.
    fn field(&mut self, bytes: &[u8], spec: &PercentSpec) {
        let bytes = &bytes[..spec.precision.unwrap_or(usize::MAX).min(bytes.len())];
        let filling = spec.width.saturating_sub(bytes.len());
        let (left, right) = if spec.left { (0, filling) } else { (filling, 0) };
        self.0.extend(std::iter::repeat_n(b' ', left));
        self.0.extend_from_slice(bytes);
        self.0.extend(std::iter::repeat_n(b' ', right));
    }
}

impl Flavour for Output {
    const WHAT: &'static str = "bytes";
    const I_IS_D: bool = true;
    const PRECISION_TOO_BIG: &'static str = "prec too big";

    fn is_text(v: &Value) -> bool {
        payload::view(v).is_some() || crate::types::bytearray::is_bytearray(v) || is_str(v)
    }

    fn key(format: TextRef<'_>, from: usize, to: usize) -> Value {
        payload::from_slice(format.slice(from, to).as_latin1().unwrap_or_default())
    }

    fn literal(&mut self, format: TextRef<'_>, from: usize, to: usize) {
        self.0.extend_from_slice(format.slice(from, to).as_latin1().unwrap_or_default());
    }

    fn number(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    fn convert(&mut self, t: &Thread, v: &Value, spec: &PercentSpec) -> PyResult<Option<()>> {
        match spec.letter {
            b'a' | b'r' => {
                let shown = protocol::repr(t, v)?;
                let ascii = str::view(&shown).map(escape_non_ascii).unwrap_or_default();
                self.field(ascii.view().as_latin1().unwrap_or_default(), spec);
            }
            b's' | b'b' => {
                if let Some(bytes) = payload::view(v) {
                    self.field(bytes, spec);
                } else if let Some(bytes) = dunder_bytes(t, v)? {
                    self.field(payload::view(&bytes).unwrap_or_default(), spec);
                } else if args::is_bytes_like(v) {
                    let bytes = args::bytes_like_any(t, v)?;
                    self.field(&bytes, spec);
                } else {
                    let message = format!(
                        "%b requires a bytes-like object, or an object that implements __bytes__, not '{}'",
                        v.class().display_name()
                    );
                    return Err(raise::type_error(t, message));
                }
            }
            b'c' => {
                let b = character(t, v)?;
                self.field(&[b], &PercentSpec { precision: None, ..*spec });
            }
            _ => return Ok(None),
        }
        Ok(Some(()))
    }

    fn not_a_float(t: &Thread, raised: Raised, v: &Value) -> Raised {
        drop(raise::take(t, raised));
        raise::type_error(t, format!("float argument required, not {}", v.class().display_name()))
    }
}

/// The byte of a `%c` argument.
fn character(t: &Thread, v: &Value) -> PyResult<u8> {
    let lent = payload::view(v).map(|b| (b.len(), b.first().copied()));
    let lent = lent.or_else(|| crate::types::bytearray::with(t, v, |b| (b.len(), b.first().copied())));
    if let Some((len, first)) = lent {
        if let (1, Some(b)) = (len, first) {
            return Ok(b);
        }
        let what = if payload::view(v).is_some() { "bytes" } else { "bytearray" };
        let message =
            format!("%c requires an integer in range(256) or a single byte, not a {what} object of length {len}");
        return Err(raise::type_error(t, message));
    }
    if as_int(v).is_none() && v.class().slots.index.get().is_none() {
        let message =
            format!("%c requires an integer in range(256) or a single byte, not {}", v.class().display_name());
        return Err(raise::type_error(t, message));
    }
    u8::try_from(protocol::index_clipped(t, v)?).map_err(|_| raise::overflow_error(t, "%c arg not in range(256)"))
}

/// The outcome of `__bytes__`, where the object has it: checked to be bytes.
pub fn dunder_bytes(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let Some(result) = protocol::call_special(t, v, &names::known().__bytes__, &[])? else { return Ok(None) };
    if payload::view(&result).is_none() {
        let message = format!("__bytes__ returned non-bytes (type {})", result.class().display_name());
        return Err(raise::type_error(t, message));
    }
    Ok(Some(result))
}

/// `format % args`.
pub fn format(t: &Thread, format: &[u8], args: &Value) -> PyResult<Vec<u8>> {
    let mut out = Output(Vec::with_capacity(format.len()));
    apply(t, TextRef::Latin1(format), args, &mut out)?;
    Ok(out.0)
}
