//! Single items of a memoryview: reading and writing by a native format character.

use crate::object::core_types::exc;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{bigint, protocol};
use crate::types::bytes::payload;
use crate::types::int::{IntBuf, as_int, to_value};

/// The format's character: alone, or after `@`. `None` for anything else.
pub fn native_char(format: &str) -> Option<u8> {
    match format.as_bytes() {
        [c] | [b'@', c] => Some(*c),
        _ => None,
    }
}

/// The size of an item of a native format character; `None` for one that memoryview does not know.
pub fn native_size(c: u8) -> Option<usize> {
    Some(match c {
        b'c' | b'b' | b'B' | b'?' => 1,
        b'h' | b'H' | b'e' => 2,
        b'i' | b'I' | b'f' => 4,
        b'l' | b'L' | b'q' | b'Q' | b'n' | b'N' | b'd' | b'P' => 8,
        _ => return None,
    })
}

/// The format's character, for reading and writing. NotImplementedError for other formats.
pub fn checked_char(t: &Thread, format: &str) -> PyResult<u8> {
    match native_char(format) {
        None => Err(raise::not_implemented(t, format!("memoryview: unsupported format {format}"))),
        Some(c) if native_size(c).is_none() => {
            Err(raise::not_implemented(t, format!("memoryview: format {format} not supported")))
        }
        Some(c) => Ok(c),
    }
}

/// The value of half-precision bits.
pub fn half_to_f64(bits: u16) -> f64 {
    let sign = if bits & 0x8000 != 0 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1F), f64::from(bits & 0x3FF));
    sign * match exponent {
        0 => fraction * 2f64.powi(-24),
        0x1F if fraction == 0.0 => f64::INFINITY,
        0x1F => f64::NAN,
        _ => (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
    }
}

/// The half-precision bits nearest to `x` (ties to even); `None` where it is finite but too large.
pub fn f64_to_half(x: f64) -> Option<u16> {
    let sign = if x.is_sign_negative() { 0x8000 } else { 0 };
    let magnitude = x.abs();
    if x.is_nan() {
        return Some(sign | 0x7E00);
    }
    if magnitude.is_infinite() {
        return Some(sign | 0x7C00);
    }
    // Below 2^-14 the spacing stays at 2^-24; scaling by a power of two is exact.
    let exponent = if magnitude < 2f64.powi(-14) { -14 } else { ((magnitude.to_bits() >> 52) as i32) - 1023 };
    if exponent > 15 {
        return None;
    }
    let units = (magnitude * 2f64.powi(10 - exponent)).round_ties_even() as u32;
    // A carry out of the fraction moves the exponent up by itself; below 2^-14 the exponent field is zero.
    let bits = if magnitude < 2f64.powi(-14) { units } else { (((exponent + 15) as u32) << 10) + units - 1024 };
    if bits >= 0x7C00 { None } else { Some(sign | bits as u16) }
}

/// The value of an item. `bytes` has the size of a `c` item.
pub fn unpack(c: u8, bytes: &[u8]) -> Value {
    /// The item's bytes as an array; shorter items cannot occur.
    fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
        bytes.first_chunk().copied().unwrap_or([0; N])
    }
    match c {
        b'c' => payload::from_slice(&bytes[..1]),
        b'b' => Value::int(i64::from(bytes[0] as i8)),
        b'?' => Value::bool(bytes[0] != 0),
        b'h' => Value::int(i64::from(i16::from_ne_bytes(array(bytes)))),
        b'H' => Value::int(i64::from(u16::from_ne_bytes(array(bytes)))),
        b'i' => Value::int(i64::from(i32::from_ne_bytes(array(bytes)))),
        b'I' => Value::int(i64::from(u32::from_ne_bytes(array(bytes)))),
        b'l' | b'q' | b'n' => Value::int(i64::from_ne_bytes(array(bytes))),
        b'L' | b'Q' | b'N' | b'P' => to_value(IntBuf::from(u64::from_ne_bytes(array(bytes)))),
        b'e' => Value::float(half_to_f64(u16::from_ne_bytes(array(bytes)))),
        b'f' => Value::float(f64::from(f32::from_ne_bytes(array(bytes)))),
        b'd' => Value::float(f64::from_ne_bytes(array(bytes))),
        _ => Value::int(i64::from(bytes[0])),
    }
}

/// The bytes of a value as an item. TypeError, ValueError or OverflowError where it does not fit the format.
pub fn pack(t: &Thread, c: u8, format: &str, v: &Value) -> PyResult<([u8; 8], usize)> {
    let mut out = [0u8; 8];
    let size = native_size(c).unwrap_or(1);
    let bad_type = || raise::type_error(t, format!("memoryview: invalid type for format '{format}'"));
    let bad_value = || raise::value_error(t, format!("memoryview: invalid value for format '{format}'"));
    let by_type = |raised: Raised| {
        if raise::matches(t, &raised, &exc::TYPE_ERROR) {
            drop(raise::take(t, raised));
            return bad_type();
        }
        raised
    };
    match c {
        b'c' => match payload::view(v) {
            Some([b]) => out[0] = *b,
            Some(_) => return Err(bad_value()),
            None => return Err(bad_type()),
        },
        b'?' => out[0] = u8::from(protocol::is_true(t, v)?),
        b'e' | b'f' | b'd' => {
            let x = protocol::as_f64(t, v).map_err(by_type)?;
            match c {
                b'd' => out = x.to_ne_bytes(),
                b'f' => out[..4].copy_from_slice(&(x as f32).to_ne_bytes()),
                _ => match f64_to_half(x) {
                    Some(bits) => out[..2].copy_from_slice(&bits.to_ne_bytes()),
                    None => return Err(raise::overflow_error(t, "float too large to pack with e format")),
                },
            }
        }
        _ => {
            let int = if bigint::view(v).is_some() { v.clone() } else { protocol::index(t, v).map_err(by_type)? };
            let int = as_int(&int).ok_or_else(bad_type)?;
            let bits = (8 * size) as u32;
            let signed = matches!(c, b'b' | b'h' | b'i' | b'l' | b'q' | b'n');
            let word = if signed {
                int.to_i64()
                    .filter(|n| bits == 64 || (-(1i64 << (bits - 1))..1 << (bits - 1)).contains(n))
                    .map(|n| n as u64)
            } else {
                int.to_u64().filter(|n| bits == 64 || *n < 1 << bits)
            };
            let word = word.ok_or_else(bad_value)?;
            let bytes = word.to_ne_bytes();
            let from = if cfg!(target_endian = "little") { 0 } else { 8 - size };
            out[..size].copy_from_slice(&bytes[from..from + size]);
        }
    }
    Ok((out, size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves() {
        // Values from `struct.pack('e', ...)` of CPython 3.13.
        for (x, bits) in [
            (0.0, Some(0)),
            (-0.0, Some(0x8000)),
            (1.0, Some(0x3C00)),
            (-2.0, Some(0xC000)),
            (65504.0, Some(0x7BFF)),
            (65519.9, Some(0x7BFF)),
            (65520.0, None),
            (2f64.powi(-24), Some(1)),
            (2f64.powi(-25), Some(0)),
            (2f64.powi(-25) * 1.5, Some(1)),
            (2f64.powi(-14), Some(0x400)),
            (0.1, Some(0x2E66)),
            (1.00048828125, Some(0x3C00)),
            (1.00146484375, Some(0x3C02)),
            (2f64.powi(-14) - 2f64.powi(-26), Some(0x400)),
            (f64::INFINITY, Some(0x7C00)),
        ] {
            assert_eq!(f64_to_half(x), bits, "{x}");
        }
        for bits in (0..0x7C00u16).chain(0x8000..0xFC00) {
            assert_eq!(f64_to_half(half_to_f64(bits)), Some(bits));
        }
    }
}
