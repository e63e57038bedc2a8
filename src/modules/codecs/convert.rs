//! Encoders and decoders as functions of `_codecs`. Encoders answer (bytes, characters), decoders (str, bytes used).

use crate::object::args::Bound;
use crate::object::core_types::exc;
use crate::object::growing::Growing;
use crate::object::raise::{self, PyResult};
use crate::object::str::{self, Str};
use crate::object::text::TextRef;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{hooks, protocol, tuple};
use crate::types::bytes::args::{ByteArg, bytes_like, c_int};
use crate::types::bytes::payload;
use crate::types::str::codec::escapes::{self, BadHex, BytesEscapeError, InvalidEscape};
use crate::types::str::codec::native::{self, Codec, Handling};
use crate::types::str::codec::utf16::{self, Order};
use crate::types::str::codec::utf32;

/// The argument `errors`: a str or None.
pub(super) fn errors_arg(t: &Thread, function: &str, v: Option<&Value>) -> PyResult<Option<String>> {
    let Some(v) = v.and_then(Value::non_none) else { return Ok(None) };
    match v.downcast::<Str>() {
        Some(_) => Ok(Some(str::lossy(v).into_owned())),
        None => {
            let message = format!("{function}() argument 2 must be str or None, not {}", v.class().display_name());
            Err(raise::type_error(t, message))
        }
    }
}

/// The argument `str` of an encoder.
pub(super) fn text_arg<'a>(t: &Thread, function: &str, v: &'a Value) -> PyResult<TextRef<'a>> {
    protocol::str_arg(t, v, function, "1").map(Str::view)
}

/// The answer of an encoder.
pub(super) fn encoded(bytes: Vec<u8>, characters: usize) -> PyResult {
    Ok(tuple::from_iter(2, [payload::from_vec(bytes), Value::uint(characters as u64)]))
}

/// The answer of a decoder.
pub(super) fn decoded(t: &Thread, (text, used): (Growing, usize)) -> PyResult {
    Ok(tuple::from_iter(2, [text.finish(t)?, Value::uint(used as u64)]))
}

fn encode_with(t: &Thread, b: &Bound<'_>, function: &str, codec: Codec) -> PyResult {
    let text = text_arg(t, function, b.req(0))?;
    let errors = errors_arg(t, function, b.opt(1))?;
    let bytes = native::encode(t, codec, b.req(0), errors.as_deref())?;
    Ok(tuple::from_iter(2, [bytes, Value::uint(text.len() as u64)]))
}

fn decode_with(t: &Thread, b: &Bound<'_>, function: &str, codec: Codec) -> PyResult {
    let data = bytes_like(t, b.req(0))?;
    let errors = errors_arg(t, function, b.opt(1))?;
    let last = match b.args.get(2).copied().flatten() {
        Some(v) => protocol::is_true(t, v)?,
        None => false,
    };
    decoded(t, native::decode(t, codec, &data, errors.as_deref(), last)?)
}

macro_rules! codecs {
    ($($encode:ident $decode:ident $codec:expr;)*) => { $(
        pub fn $encode(t: &Thread, b: &Bound<'_>) -> PyResult {
            encode_with(t, b, stringify!($encode), $codec)
        }

        pub fn $decode(t: &Thread, b: &Bound<'_>) -> PyResult {
            decode_with(t, b, stringify!($decode), $codec)
        }
    )* };
}

codecs! {
    utf_7_encode utf_7_decode Codec::Utf7;
    utf_8_encode utf_8_decode Codec::Utf8;
    ascii_encode ascii_decode Codec::Ascii;
    latin_1_encode latin_1_decode Codec::Latin1;
    utf_16_le_encode utf_16_le_decode Codec::Utf16(Some(Order::Little));
    utf_16_be_encode utf_16_be_decode Codec::Utf16(Some(Order::Big));
    utf_32_le_encode utf_32_le_decode Codec::Utf32(Some(Order::Little));
    utf_32_be_encode utf_32_be_decode Codec::Utf32(Some(Order::Big));
}

/// The argument `byteorder`: negative is little, positive big, zero asks for a byte order mark.
fn order_arg(t: &Thread, v: Option<&Value>) -> PyResult<Option<Order>> {
    let n = v.map_or(Ok(0), |v| c_int(t, v))?;
    Ok(match n {
        0 => None,
        ..0 => Some(Order::Little),
        _ => Some(Order::Big),
    })
}

pub fn utf_16_encode(t: &Thread, b: &Bound<'_>) -> PyResult {
    encode_with(t, b, "utf_16_encode", Codec::Utf16(order_arg(t, b.opt(2))?))
}

pub fn utf_16_decode(t: &Thread, b: &Bound<'_>) -> PyResult {
    decode_with(t, b, "utf_16_decode", Codec::Utf16(None))
}

pub fn utf_32_encode(t: &Thread, b: &Bound<'_>) -> PyResult {
    encode_with(t, b, "utf_32_encode", Codec::Utf32(order_arg(t, b.opt(2))?))
}

pub fn utf_32_decode(t: &Thread, b: &Bound<'_>) -> PyResult {
    decode_with(t, b, "utf_32_decode", Codec::Utf32(None))
}

/// A decoder that also answers the byte order.
type OrderDecoder<'h> = fn(&[u8], Option<Order>, bool, &mut Handling<'h>) -> PyResult<(Growing, usize, Option<Order>)>;

fn decode_ex<'a>(t: &'a Thread, errors: Option<&'a str>, b: &Bound<'_>, decode: OrderDecoder<'a>) -> PyResult {
    let data = bytes_like(t, b.req(0))?;
    let order = order_arg(t, b.opt(2))?;
    let last = b.opt(3).map_or(Ok(false), |v| protocol::is_true(t, v))?;
    let (text, used, order) = decode(&data, order, last, &mut Handling::new(t, errors, None))?;
    let order = match order {
        None => 0,
        Some(Order::Little) => -1,
        Some(Order::Big) => 1,
    };
    Ok(tuple::from_iter(3, [text.finish(t)?, Value::uint(used as u64), Value::int(order)]))
}

pub fn utf_16_ex_decode(t: &Thread, b: &Bound<'_>) -> PyResult {
    let errors = errors_arg(t, "utf_16_ex_decode", b.opt(1))?;
    decode_ex(t, errors.as_deref(), b, utf16::decode)
}

pub fn utf_32_ex_decode(t: &Thread, b: &Bound<'_>) -> PyResult {
    let errors = errors_arg(t, "utf_32_ex_decode", b.opt(1))?;
    decode_ex(t, errors.as_deref(), b, utf32::decode)
}

/// The bytes of a bytes-like object, or the UTF-8 of a str.
fn bytes_or_text<'a>(t: &Thread, v: &'a Value) -> PyResult<ByteArg<'a>> {
    let Some(s) = v.downcast::<Str>() else { return bytes_like(t, v) };
    if let TextRef::Ascii(bytes) = s.view() {
        return Ok(ByteArg::Slice(bytes));
    }
    let bytes = native::encode(t, Codec::Utf8, v, None)?;
    Ok(ByteArg::Copied(payload::view(&bytes).unwrap_or_default().to_vec()))
}

pub fn readbuffer_encode(t: &Thread, b: &Bound<'_>) -> PyResult {
    let data = bytes_or_text(t, b.req(0))?;
    errors_arg(t, "readbuffer_encode", b.opt(1))?;
    encoded(data.to_vec(), data.len())
}

/// Warns about the first escape that Python does not know.
fn warn(t: &Thread, invalid: Option<InvalidEscape>) -> PyResult<()> {
    let shown = match invalid {
        None => return Ok(()),
        Some(InvalidEscape::Char(c)) => format!("\"\\{}\" is an invalid escape sequence", char::from(c)),
        Some(InvalidEscape::Octal(n)) => format!("\"\\{n:o}\" is an invalid octal escape sequence"),
    };
    let message = format!("{shown}. Such sequences will not work in the future. ");
    (hooks::get().warn)(t, &exc::DEPRECATION_WARNING.as_value(), &message, 1)
}

pub fn escape_encode(t: &Thread, b: &Bound<'_>) -> PyResult {
    let Some(data) = payload::view(b.req(0)) else {
        let message = format!("escape_encode() argument 1 must be bytes, not {}", b.req(0).class().display_name());
        return Err(raise::type_error(t, message));
    };
    errors_arg(t, "escape_encode", b.opt(1))?;
    encoded(escapes::encode_bytes(data), data.len())
}

pub fn escape_decode(t: &Thread, b: &Bound<'_>) -> PyResult {
    let data = bytes_or_text(t, b.req(0))?;
    let errors = errors_arg(t, "escape_decode", b.opt(1))?;
    let mode = match errors.as_deref() {
        Some("replace") => BadHex::Replace,
        Some("ignore") => BadHex::Ignore,
        _ => BadHex::Strict,
    };
    match escapes::decode_bytes(&data, mode) {
        Ok((bytes, invalid)) => {
            warn(t, invalid)?;
            encoded(bytes, data.len())
        }
        Err(BytesEscapeError::Trailing) => Err(raise::value_error(t, "Trailing \\ in string")),
        Err(BytesEscapeError::BadHex(at)) => Err(match errors.as_deref() {
            None | Some("strict") => raise::value_error(t, format!("invalid \\x escape at position {at}")),
            Some(other) => raise::value_error(t, format!("decoding error; unknown error handling code: {other}")),
        }),
    }
}

pub fn unicode_escape_encode(t: &Thread, b: &Bound<'_>) -> PyResult {
    let text = text_arg(t, "unicode_escape_encode", b.req(0))?;
    errors_arg(t, "unicode_escape_encode", b.opt(1))?;
    encoded(escapes::encode_unicode(text), text.len())
}

pub fn raw_unicode_escape_encode(t: &Thread, b: &Bound<'_>) -> PyResult {
    let text = text_arg(t, "raw_unicode_escape_encode", b.req(0))?;
    errors_arg(t, "raw_unicode_escape_encode", b.opt(1))?;
    encoded(escapes::encode_raw(text), text.len())
}

pub fn unicode_escape_decode(t: &Thread, b: &Bound<'_>) -> PyResult {
    let data = bytes_or_text(t, b.req(0))?;
    let errors = errors_arg(t, "unicode_escape_decode", b.opt(1))?;
    let last = b.opt(2).map_or(Ok(true), |v| protocol::is_true(t, v))?;
    let mut handling = Handling::new(t, errors.as_deref(), None);
    let (text, used, invalid) = escapes::decode_unicode(&data, last, &mut handling)?;
    warn(t, invalid)?;
    decoded(t, (text, used))
}

pub fn raw_unicode_escape_decode(t: &Thread, b: &Bound<'_>) -> PyResult {
    let data = bytes_or_text(t, b.req(0))?;
    let errors = errors_arg(t, "raw_unicode_escape_decode", b.opt(1))?;
    let last = b.opt(2).map_or(Ok(true), |v| protocol::is_true(t, v))?;
    decoded(t, escapes::decode_raw(&data, last, &mut Handling::new(t, errors.as_deref(), None))?)
}
