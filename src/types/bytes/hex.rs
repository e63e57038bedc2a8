//! Hexadecimal text of bytes: `hex()`, `fromhex()`, and the like in `binascii`.

use crate::object::alloc;
use crate::object::raise::{self, PyResult};
use crate::object::text::{TextRef, Unit};
use crate::object::thread::Thread;
use crate::sync::may_fail::reserve_exact;
use crate::sync::reclaim::OutOfMemory;
use crate::types::str::value;
use crate::with_units;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The two digits of each byte, with `sep` after every `|group|` bytes, counted from the right for a positive `group`
/// and from the left for a negative one. Zero means no separators.
pub fn to_hex(bytes: &[u8], sep: Option<u8>, group: isize) -> Result<Vec<u8>, OutOfMemory> {
    let digits = |b: u8| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]];
    let size = group.unsigned_abs();
    let mut out = Vec::new();
    let Some(sep) = sep.filter(|_| size > 0 && size < bytes.len()) else {
        reserve_exact(&mut out, 2 * bytes.len())?;
        out.extend(bytes.iter().flat_map(|&b| digits(b)));
        return Ok(out);
    };
    let first = if group > 0 { bytes.len() % size } else { 0 };
    reserve_exact(&mut out, 2 * bytes.len() + bytes.len() / size)?;
    let (head, rest) = bytes.split_at(first);
    let head = (!head.is_empty()).then_some(head);
    for (i, chunk) in head.into_iter().chain(rest.chunks(size)).enumerate() {
        if i > 0 {
            out.push(sep);
        }
        out.extend(chunk.iter().flat_map(|&b| digits(b)));
    }
    Ok(out)
}

/// `to_hex` as a str. Raises MemoryError.
pub fn to_str(t: &Thread, bytes: &[u8], sep: Option<u8>, group: isize) -> PyResult {
    as_str(t, to_hex(bytes, sep, group))
}

/// The answer of `to_hex` as a str. Raises MemoryError.
pub fn as_str(t: &Thread, digits: Result<Vec<u8>, OutOfMemory>) -> PyResult {
    let digits = digits.map_err(|OutOfMemory| raise::memory_error(t, ""))?;
    alloc::check_room(t, digits.len())?;
    Ok(value::make(TextRef::Ascii(&digits)))
}

/// Why text is not the hexadecimal form of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HexError {
    /// No digit at this position.
    NotHex(usize),
    /// The last byte has one digit.
    Odd,
    /// There is no room for the bytes.
    Memory,
}

/// The bytes of pairs of hexadecimal digits; ASCII white space may stand between the pairs.
pub fn from_hex(text: TextRef<'_>) -> Result<Vec<u8>, HexError> {
    with_units!(text, s => from_units(s))
}

fn from_units<U: Unit>(s: &[U]) -> Result<Vec<u8>, HexError> {
    let digit = |u: U| char::from_u32(u.cp()).and_then(|c| c.to_digit(16)).map(|d| d as u8);
    let mut out = Vec::new();
    reserve_exact(&mut out, s.len() / 2).map_err(|_| HexError::Memory)?;
    let mut at = 0;
    loop {
        while at < s.len() && matches!(s[at].cp(), 9..=13 | 32) {
            at += 1;
        }
        if at == s.len() {
            return Ok(out);
        }
        let high = digit(s[at]).ok_or(HexError::NotHex(at))?;
        let low = digit(*s.get(at + 1).ok_or(HexError::Odd)?).ok_or(HexError::NotHex(at + 1))?;
        out.push(high << 4 | low);
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_matches_cpython() {
        let b = b"\xb9\x01\xef\x23\x45";
        let f = |sep, n| String::from_utf8(to_hex(b, sep, n).unwrap()).unwrap();
        assert_eq!(f(None, 1), "b901ef2345");
        assert_eq!(f(Some(b':'), 1), "b9:01:ef:23:45");
        assert_eq!(f(Some(b'_'), 2), "b9_01ef_2345");
        assert_eq!(f(Some(b'_'), -2), "b901_ef23_45");
        assert_eq!(f(Some(b'_'), 0), "b901ef2345");
        assert_eq!(f(Some(b'_'), 5), "b901ef2345");
        assert_eq!(to_hex(b"", Some(b':'), 1), Ok(vec![]));
    }

    #[test]
    fn from_hex_matches_cpython() {
        let f = |s: &'static str| from_hex(TextRef::Ascii(s.as_bytes()));
        assert_eq!(f(" B9 01\tEF\n"), Ok(vec![0xB9, 0x01, 0xEF]));
        assert_eq!(f(""), Ok(vec![]));
        assert_eq!(f("1 2"), Err(HexError::NotHex(1)));
        assert_eq!(f("123"), Err(HexError::Odd));
        assert_eq!(f("12x"), Err(HexError::NotHex(2)));
        assert_eq!(from_hex(TextRef::Ucs2(&[0x661, 0x662])), Err(HexError::NotHex(0)));
    }
}
