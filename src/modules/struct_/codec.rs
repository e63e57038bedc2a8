//! Values to bytes and back, by a parsed format.

use super::error;
use super::format::{Field, Kind, Layout};
use super::half::{from_half, to_half};
use crate::object::core_types::{self, exc};
use crate::object::protocol::{self, as_f64};
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::tuple;
use crate::object::value::Value;
use crate::types::bytes::payload as bytes;
use crate::types::complex::{self, Complex};
use crate::types::int::{self, IntRef, number::Endian};
use smallvec::SmallVec;

/// Writes `values`, whose number is that of the layout, into `out`, which has the layout's size. Padding becomes zeros.
pub fn pack(t: &Thread, layout: &Layout, values: &[Value], out: &mut [u8]) -> PyResult<()> {
    out.fill(0);
    let mut values = values.iter();
    for field in &layout.fields {
        for i in 0..field.repeat {
            let Some(value) = values.next() else { return Ok(()) };
            let at = field.offset + i * field.size;
            pack_one(t, layout, field, value, &mut out[at..at + field.size])?;
        }
    }
    Ok(())
}

/// The bytes of a bytes or bytearray object.
fn with_bytes<R>(t: &Thread, v: &Value, f: impl FnOnce(&[u8]) -> R) -> PyResult<Option<R>> {
    if let Some(b) = bytes::view(v) {
        return Ok(Some(f(b)));
    }
    if v.class().is_subtype(&crate::object::core_types::BYTEARRAY) {
        let buffer = crate::object::buffer::get(t, v, crate::object::buffer::Request::Read)?;
        return Ok(Some(f(buffer.as_slice())));
    }
    Ok(None)
}

fn pack_one(t: &Thread, layout: &Layout, field: &Field, v: &Value, out: &mut [u8]) -> PyResult<()> {
    let put = |out: &mut [u8], little: &[u8]| {
        out.copy_from_slice(little);
        if layout.big_endian {
            out.reverse();
        }
    };
    match field.kind {
        Kind::Pad => {}
        Kind::Char => match bytes::view(v) {
            Some([b]) => out[0] = *b,
            _ => return Err(error(t, "char format requires a bytes object of length 1")),
        },
        Kind::Bool => out[0] = u8::from(protocol::is_true(t, v)?),
        Kind::Signed | Kind::Unsigned | Kind::Pointer => {
            let word = integer(t, field, v)?;
            put(out, &word.to_le_bytes()[..field.size]);
        }
        Kind::Float => {
            let x = float(t, v)?;
            pack_float(t, layout, x, field.size, out, put).or_else(|raised| {
                if !v.class().is_subtype(&core_types::INT) {
                    return Err(raised);
                }
                raise::suppress(t, raised, &exc::OVERFLOW_ERROR)?;
                Err(error(t, "int too large to convert"))
            })?;
        }
        Kind::Complex => {
            let Ok(c) = complex::convert::to_complex(t, v).map_err(|raised| drop(raise::take(t, raised))) else {
                return Err(error(t, "required argument is not a complex"));
            };
            let (re, im) = out.split_at_mut(field.size / 2);
            pack_float(t, layout, c.re, field.size / 2, re, put)?;
            pack_float(t, layout, c.im, field.size / 2, im, put)?;
        }
        Kind::Bytes => {
            let done = with_bytes(t, v, |b| {
                let n = b.len().min(out.len());
                out[..n].copy_from_slice(&b[..n]);
            })?;
            if done.is_none() {
                return Err(error(t, "argument for 's' must be a bytes object"));
            }
        }
        Kind::Pascal => {
            let done = with_bytes(t, v, |b| {
                if let [length, room @ ..] = out {
                    let n = b.len().min(room.len());
                    room[..n].copy_from_slice(&b[..n]);
                    *length = n.min(255) as u8;
                }
            })?;
            if done.is_none() {
                return Err(error(t, "argument for 'p' must be a bytes object"));
            }
        }
    }
    Ok(())
}

/// A float argument.
fn float(t: &Thread, v: &Value) -> PyResult<f64> {
    as_f64(t, v).map_err(|raised| {
        // Whatever went wrong.
        drop(raise::take(t, raised));
        error(t, "required argument is not a float")
    })
}

/// Writes a float of `size` bytes.
fn pack_float(
    t: &Thread,
    layout: &Layout,
    x: f64,
    size: usize,
    out: &mut [u8],
    put: impl Fn(&mut [u8], &[u8]),
) -> PyResult<()> {
    match size {
        2 => match to_half(x) {
            Some(h) => put(out, &h.to_le_bytes()),
            None => return Err(raise::overflow_error(t, "float too large to pack with e format")),
        },
        4 => {
            let y = x as f32;
            // C's conversion, which the native format is, gives an infinity.
            if y.is_infinite() && x.is_finite() && !layout.native {
                return Err(raise::overflow_error(t, "float too large to pack with f format"));
            }
            put(out, &y.to_le_bytes());
        }
        _ => put(out, &x.to_le_bytes()),
    }
    Ok(())
}

/// An integer argument in range, as a word in two's complement.
fn integer(t: &Thread, field: &Field, v: &Value) -> PyResult<u64> {
    let converted;
    let mut v = v;
    if int::as_int(v).is_none() {
        if v.class().slots.index.get().is_none() {
            return Err(error(t, "required argument is not an integer"));
        }
        converted = protocol::index(t, v)?;
        v = &converted;
    }
    let number = int::as_int(v).unwrap_or(IntRef::Small(0));
    let bits = field.size as u32 * 8;
    if field.kind == Kind::Pointer {
        return match (number.to_i64(), number.to_u64()) {
            (_, Some(w)) => Ok(w),
            (Some(i), _) => Ok(i as u64),
            _ => Err(error(t, "int too large to convert")),
        };
    }
    let fits = if field.kind == Kind::Signed {
        number
            .to_i64()
            .filter(|&i| bits == 64 || (-(1i64 << (bits - 1))..1 << (bits - 1)).contains(&i))
            .map(|i| i as u64)
    } else {
        number.to_u64().filter(|&u| bits == 64 || u < 1 << bits)
    };
    fits.ok_or_else(|| {
        let (low, high) = if field.kind == Kind::Signed {
            (i64::MIN >> (64 - bits), (u64::MAX >> 1) >> (64 - bits))
        } else {
            (0, u64::MAX >> (64 - bits))
        };
        error(t, format!("'{}' format requires {low} <= number <= {high}", field.letter as char))
    })
}

/// Reads the layout's values from `data`, which has at least the layout's size.
pub fn unpack(layout: &Layout, data: &[u8]) -> Value {
    let mut values: SmallVec<[Value; 8]> = SmallVec::with_capacity(layout.values);
    for field in &layout.fields {
        for i in 0..field.repeat {
            let at = field.offset + i * field.size;
            values.push(unpack_one(layout, field, &data[at..at + field.size]));
        }
    }
    tuple::from_iter(values.len(), values)
}

/// The number in data of a machine word or less.
#[inline]
fn word(layout: &Layout, data: &[u8]) -> Option<u64> {
    Some(match (data, layout.big_endian) {
        ([a], _) => u64::from(*a),
        ([a, b], false) => u64::from(u16::from_le_bytes([*a, *b])),
        ([a, b], true) => u64::from(u16::from_be_bytes([*a, *b])),
        ([a, b, c, d], false) => u64::from(u32::from_le_bytes([*a, *b, *c, *d])),
        ([a, b, c, d], true) => u64::from(u32::from_be_bytes([*a, *b, *c, *d])),
        (_, false) => u64::from_le_bytes(data.try_into().ok()?),
        (_, true) => u64::from_be_bytes(data.try_into().ok()?),
    })
}

fn unpack_one(layout: &Layout, field: &Field, data: &[u8]) -> Value {
    match field.kind {
        Kind::Pad => Value::NONE,
        Kind::Char => bytes::from_slice(data),
        Kind::Bool => Value::bool(data[0] != 0),
        Kind::Bytes => bytes::from_slice(data),
        Kind::Pascal => match data {
            [length, rest @ ..] => bytes::from_slice(&rest[..rest.len().min(usize::from(*length))]),
            [] => bytes::empty(),
        },
        Kind::Signed | Kind::Unsigned | Kind::Pointer => {
            if let Some(word) = word(layout, data) {
                let unused = 64 - 8 * data.len();
                return match field.kind {
                    Kind::Signed => Value::int((word << unused) as i64 >> unused),
                    _ => Value::uint(word),
                };
            }
            let order = if layout.big_endian { Endian::Big } else { Endian::Little };
            int::to_value(int::number::from_bytes(data, order, field.kind == Kind::Signed))
        }
        Kind::Float => Value::float(unpack_float(layout, data)),
        Kind::Complex => {
            let (re, im) = data.split_at(field.size / 2);
            complex::object::new(Complex::new(unpack_float(layout, re), unpack_float(layout, im)))
        }
    }
}

fn unpack_float(layout: &Layout, data: &[u8]) -> f64 {
    let mut little = [0u8; 8];
    let n = data.len();
    little[..n].copy_from_slice(data);
    if layout.big_endian {
        little[..n].reverse();
    }
    let word = u64::from_le_bytes(little);
    match n {
        2 => from_half(word as u16),
        4 => f64::from(f32::from_bits(word as u32)),
        _ => f64::from_bits(word),
    }
}
