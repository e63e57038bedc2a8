//! `binascii`: bytes as text and back, and checksums.

pub mod base64;
pub mod text;

use crate::object::alloc::check_room;
use crate::object::args::Bound;
use crate::object::core_types::exc;
use crate::object::exception::BaseException;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::str::{self, Str};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::text::TextRef;
use crate::object::thread::Thread;
use crate::object::type_object::{StaticType, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{protocol, tuple};
use crate::types::bytes::args::{ByteArg, bytes_like};
use crate::types::bytes::methods::hex_format;
use crate::types::bytes::{hex, payload};
use crate::types::int::as_int;

static ERROR: StaticType = StaticType::new(&ERROR_SPEC);
static ERROR_SPEC: TypeSpec = TypeSpec {
    base: Some(&exc::VALUE_ERROR),
    flags: flag::BASETYPE,
    ..TypeSpec::new("binascii", "Error", layout_of::<BaseException>(true))
};
static INCOMPLETE: StaticType = StaticType::new(&INCOMPLETE_SPEC);
static INCOMPLETE_SPEC: TypeSpec = TypeSpec {
    base: Some(&exc::EXCEPTION),
    flags: flag::BASETYPE,
    ..TypeSpec::new("binascii", "Incomplete", layout_of::<BaseException>(true))
};

const HEX: &str = "($module, /, data, sep=<unrepresentable>, bytes_per_sep=1)";
const HEX_DOC: &str = "Two hexadecimal digits for each byte, as bytes.\n\n  sep\n    A character to put between groups of \
                       bytes.\n  bytes_per_sep\n    The size of a group. Groups are counted from the right, or from the \
                       left if\n    it is negative.";

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new("a2b_uu", "($module, data, /)", NativeFn::F1(a2b_uu), "Decode a line of uuencoded data."),
        Method::new(
            "b2a_uu",
            "($module, data, /, *, backtick=False)",
            NativeFn::Bound(b2a_uu),
            "Uuencode a line of data.",
        ),
        Method::new(
            "a2b_base64",
            "($module, data, /, *, strict_mode=False)",
            NativeFn::Bound(a2b_base64),
            "Decode a line of base64 data.\n\n  strict_mode\n    Whether characters that are not base64 are errors, as well as \
             anything\n    after the padding.",
        ),
        Method::new(
            "b2a_base64",
            "($module, data, /, *, newline=True)",
            NativeFn::Bound(b2a_base64),
            "Base64-code a line of data.",
        ),
        Method::new(
            "a2b_hex",
            "($module, hexstr, /)",
            NativeFn::F1(a2b_hex),
            "The bytes of pairs of hexadecimal digits.",
        ),
        Method::new(
            "unhexlify",
            "($module, hexstr, /)",
            NativeFn::F1(a2b_hex),
            "The bytes of pairs of hexadecimal digits.",
        ),
        Method::new("b2a_hex", HEX, NativeFn::Bound(b2a_hex), HEX_DOC),
        Method::new("hexlify", HEX, NativeFn::Bound(b2a_hex), HEX_DOC),
        Method::new(
            "crc32",
            "($module, data, crc=0, /)",
            NativeFn::Bound(crc32),
            "CRC-32 of the data, going on from crc.",
        ),
        Method::new(
            "crc_hqx",
            "($module, data, crc, /)",
            NativeFn::F2(crc_hqx),
            "CRC-CCITT of the data, going on from crc.",
        ),
        Method::new(
            "a2b_qp",
            "($module, /, data, header=False)",
            NativeFn::Bound(a2b_qp),
            "Decode a string of quoted-printable data.",
        ),
        Method::new(
            "b2a_qp",
            "($module, /, data, quotetabs=False, istext=True, header=False)",
            NativeFn::Bound(b2a_qp),
            "Encode a string as quoted-printable data.\n\nLine breaks stay as they are if istext is true. With quotetabs, space \
             and tab are\nquoted; with header, spaces become underscores.",
        ),
    ],
    types: &[&ERROR, &INCOMPLETE],
    ..ModuleSpec::new("binascii", "Conversion between binary data and ASCII")
};

fn error(t: &Thread, message: &str) -> Raised {
    raise::with_args(t, &ERROR, tuple::from_slice(&[str::from_str(message)]))
}

/// An argument that is ASCII text or bytes-like.
fn ascii<'a>(t: &Thread, v: &'a Value) -> PyResult<ByteArg<'a>> {
    if let Some(s) = v.downcast::<Str>() {
        return match s.view() {
            TextRef::Ascii(bytes) => Ok(ByteArg::Slice(bytes)),
            _ => Err(raise::value_error(t, "string argument should contain only ASCII characters")),
        };
    }
    if v.class().slots.buffer.get().is_none() {
        let message = format!("argument should be bytes, buffer or ASCII string, not '{}'", v.class().display_name());
        return Err(raise::type_error(t, message));
    }
    bytes_like(t, v)
}

fn flag_arg(t: &Thread, v: Option<&Value>, default: bool) -> PyResult<bool> {
    v.map_or(Ok(default), |v| protocol::is_true(t, v))
}

fn a2b_uu(t: &Thread, data: &Value) -> PyResult {
    let data = ascii(t, data)?;
    text::uu_decode(&data).map(payload::from_vec).map_err(|message| error(t, message))
}

fn b2a_uu(t: &Thread, b: &Bound<'_>) -> PyResult {
    let data = bytes_like(t, b.req(0))?;
    let backtick = flag_arg(t, b.opt(1), false)?;
    if data.len() > 45 {
        return Err(error(t, "At most 45 bytes at once"));
    }
    Ok(payload::from_vec(text::uu_encode(&data, backtick)))
}

fn a2b_base64(t: &Thread, b: &Bound<'_>) -> PyResult {
    let data = ascii(t, b.req(0))?;
    let strict = flag_arg(t, b.opt(1), false)?;
    if let Some(len) = base64::plain_len(&data) {
        let mut is_plain = false;
        let bytes = payload::from_fill(len, |out| is_plain = base64::decode_plain(&data, out));
        if is_plain {
            return Ok(bytes);
        }
    }
    base64::decode(&data, strict).map(payload::from_vec).map_err(|message| error(t, &message))
}

fn b2a_base64(t: &Thread, b: &Bound<'_>) -> PyResult {
    let data = bytes_like(t, b.req(0))?;
    let (len, newline) = (base64::encoded_len(data.len()), flag_arg(t, b.opt(1), true)?);
    Ok(payload::from_fill(len + usize::from(newline), |out| {
        base64::encode(&data, &mut out[..len]);
        out[len..].fill(b'\n');
    }))
}

fn a2b_hex(t: &Thread, data: &Value) -> PyResult {
    let data = ascii(t, data)?;
    if data.len() % 2 != 0 {
        return Err(error(t, "Odd-length string"));
    }
    let digit = |b: u8| char::from(b).to_digit(16).map(|d| d as u8);
    check_room(t, data.len() / 2)?;
    let bytes: Option<Vec<u8>> = data.chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect();
    bytes.map(payload::from_vec).ok_or_else(|| error(t, "Non-hexadecimal digit found"))
}

fn b2a_hex(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (sep, group) = hex_format(t, b.opt(1), b.opt(2))?;
    let data = bytes_like(t, b.req(0))?;
    let digits = hex::to_hex(&data, sep, group);
    digits.map(payload::from_vec).map_err(|_| raise::memory_error(t, ""))
}

/// The low 32 bits of an int argument.
fn low_bits(t: &Thread, v: &Value) -> PyResult<u32> {
    let v = protocol::index(t, v)?;
    Ok(as_int(&v).map_or(0, |n| n.to_u64_wrapping()) as u32)
}

fn crc32(t: &Thread, b: &Bound<'_>) -> PyResult {
    let data = bytes_like(t, b.req(0))?;
    let start = b.opt(1).map_or(Ok(0), |v| low_bits(t, v))?;
    let mut hasher = crc32fast::Hasher::new_with_initial(start);
    hasher.update(&data);
    Ok(Value::int(i64::from(hasher.finalize())))
}

/// CRC-CCITT (polynomial 0x1021, no reflection) byte by byte.
fn crc_hqx(t: &Thread, data: &Value, start: &Value) -> PyResult {
    let data = bytes_like(t, data)?;
    let mut crc = low_bits(t, start)? as u16;
    for &b in &*data {
        crc ^= u16::from(b) << 8;
        for _ in 0..8 {
            crc = if crc & 0x8000 != 0 { crc << 1 ^ 0x1021 } else { crc << 1 };
        }
    }
    Ok(Value::int(i64::from(crc)))
}

fn a2b_qp(t: &Thread, b: &Bound<'_>) -> PyResult {
    let data = ascii(t, b.req(0))?;
    let header = flag_arg(t, b.opt(1), false)?;
    Ok(payload::from_vec(text::qp_decode(&data, header)))
}

fn b2a_qp(t: &Thread, b: &Bound<'_>) -> PyResult {
    let data = bytes_like(t, b.req(0))?;
    let quote_tabs = flag_arg(t, b.opt(1), false)?;
    let is_text = flag_arg(t, b.opt(2), true)?;
    let header = flag_arg(t, b.opt(3), false)?;
    Ok(payload::from_vec(text::qp_encode(&data, quote_tabs, is_text, header)))
}
