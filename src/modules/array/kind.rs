//! Type codes: how items are converted, read and shown.

use crate::object::protocol::{self, as_f64};
use crate::object::raise::{self, PyResult};
use crate::object::text::TextBuf;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{bigint, str};
use crate::types::int::{self, IntRef};

/// A type code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The code's letter.
    pub letter: u8,
    /// Bytes of an item.
    pub size: usize,
    pub class: Class,
}

/// What a code's items are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Signed,
    Unsigned,
    Float,
    /// A code point.
    Text,
}

/// The codes in the order of `array.typecodes`.
pub const KINDS: &[Kind] = {
    const fn kind(letter: u8, size: usize, class: Class) -> Kind {
        Kind { letter, size, class }
    }
    &[
        kind(b'b', 1, Class::Signed),
        kind(b'B', 1, Class::Unsigned),
        kind(b'u', 4, Class::Text),
        kind(b'w', 4, Class::Text),
        kind(b'h', 2, Class::Signed),
        kind(b'H', 2, Class::Unsigned),
        kind(b'i', 4, Class::Signed),
        kind(b'I', 4, Class::Unsigned),
        kind(b'l', 8, Class::Signed),
        kind(b'L', 8, Class::Unsigned),
        kind(b'q', 8, Class::Signed),
        kind(b'Q', 8, Class::Unsigned),
        kind(b'f', 4, Class::Float),
        kind(b'd', 8, Class::Float),
    ]
};

/// An item's bytes, in the machine's order; the first `size` of them count.
pub type Item = [u8; 8];

impl Kind {
    /// The kind of a code.
    pub fn of(letter: u32) -> Option<Kind> {
        KINDS.iter().copied().find(|k| u32::from(k.letter) == letter)
    }

    /// Converts a value to an item. May run Python code.
    ///
    /// Raises TypeError and OverflowError with CPython's words, which differ from code to code.
    pub fn encode(self, t: &Thread, v: &Value) -> PyResult<Item> {
        match self.class {
            Class::Signed | Class::Unsigned => self.integer(t, v).map(u64::to_ne_bytes).map(|b| self.low(b)),
            Class::Float => {
                let x = as_f64(t, v)?;
                if self.size == 8 {
                    return Ok(x.to_ne_bytes());
                }
                let mut item = [0; 8];
                item[..4].copy_from_slice(&(x as f32).to_ne_bytes());
                Ok(item)
            }
            Class::Text => {
                let Some(view) = str::view(v) else {
                    let message = format!("array item must be a unicode character, not {}", v.class().display_name());
                    return Err(raise::type_error(t, message));
                };
                if view.len() != 1 {
                    let message =
                        format!("array item must be a string of length 1, not a string of length {}", view.len());
                    return Err(raise::type_error(t, message));
                }
                let mut item = [0; 8];
                item[..4].copy_from_slice(&view.at(0).to_ne_bytes());
                Ok(item)
            }
        }
    }

    /// Moves the low bytes of a word to the front.
    fn low(self, word: Item) -> Item {
        if cfg!(target_endian = "big") {
            let mut item = [0; 8];
            item[..self.size].copy_from_slice(&word[8 - self.size..]);
            return item;
        }
        word
    }

    /// An integer in range, in two's complement.
    fn integer(self, t: &Thread, v: &Value) -> PyResult<u64> {
        let converted;
        let mut v = v;
        if bigint::view(v).is_none() {
            converted = protocol::index(t, v)?;
            v = &converted;
        }
        let number = int::as_int(v).unwrap_or(IntRef::Small(0));
        let overflow = |message: &str| Err(raise::overflow_error(t, message));
        match self.letter {
            b'q' => match number.to_i64() {
                Some(i) => Ok(i as u64),
                None => overflow("int too big to convert"),
            },
            b'Q' if number.is_negative() => overflow("can't convert negative int to unsigned"),
            b'Q' => number.to_u64().map_or_else(|| overflow("int too big to convert"), Ok),
            b'I' | b'L' if number.is_negative() => overflow("can't convert negative value to unsigned int"),
            b'I' | b'L' => match number.to_u64() {
                None => overflow("Python int too large to convert to C unsigned long"),
                Some(u) if self.letter == b'I' && u > u64::from(u32::MAX) => {
                    overflow("unsigned int is greater than maximum")
                }
                Some(u) => Ok(u),
            },
            _ => {
                let Some(i) = number.to_i64() else { return overflow("Python int too large to convert to C long") };
                // CPython converts in two steps, through a wider type of C.
                let (name, wide_name, wide_bits) = match self.letter {
                    b'b' => ("signed char", "signed short integer", 16),
                    b'B' => ("unsigned byte integer", "unsigned byte integer", 8),
                    b'h' => ("signed short integer", "signed short integer", 16),
                    b'H' => ("unsigned short", "signed integer", 32),
                    b'i' => ("signed integer", "signed integer", 32),
                    _ => return Ok(i as u64),
                };
                if self.letter != b'B' {
                    let (low, high) = (-(1i64 << (wide_bits - 1)), (1i64 << (wide_bits - 1)) - 1);
                    if i < low {
                        return overflow(&format!("{wide_name} is less than minimum"));
                    }
                    if i > high {
                        return overflow(&format!("{wide_name} is greater than maximum"));
                    }
                }
                let bits = self.size as u32 * 8;
                let (low, high) = match self.class {
                    Class::Unsigned => (0, (1i64 << bits) - 1),
                    _ => (-(1i64 << (bits - 1)), (1i64 << (bits - 1)) - 1),
                };
                if i < low {
                    return overflow(&format!("{name} is less than minimum"));
                }
                if i > high {
                    return overflow(&format!("{name} is greater than maximum"));
                }
                Ok(i as u64)
            }
        }
    }

    /// The value of an item; `bytes` has the item's size. Runs no Python code. ValueError for no code point.
    pub fn decode(self, t: &Thread, bytes: &[u8]) -> PyResult {
        if self.class == Class::Text {
            let c = self.word(bytes) as u32;
            if c > 0x10_ffff {
                return Err(raise::value_error(t, format!("character U+{c:x} is not in range [U+0000; U+10ffff]")));
            }
            let mut text = TextBuf::default();
            text.push(c);
            return Ok(str::from_buf(text));
        }
        Ok(self.number(bytes))
    }

    /// How many items take so many bytes.
    #[inline(always)]
    pub fn count(self, bytes: usize) -> usize {
        // Sizes are powers of two, which a division would not know.
        bytes >> self.size.trailing_zeros()
    }

    /// The value of an item that is no character.
    #[inline]
    pub fn number(self, bytes: &[u8]) -> Value {
        self.number_in(self.word(bytes))
    }

    /// The same, of an item with zeros behind it.
    #[inline]
    pub fn number_of(self, item: Item) -> Value {
        self.number_in(if cfg!(target_endian = "little") {
            u64::from_le_bytes(item)
        } else {
            self.word(&item[..self.size])
        })
    }

    #[inline]
    fn number_in(self, word: u64) -> Value {
        match (self.class, self.size) {
            (Class::Float, 4) => Value::float(f64::from(f32::from_bits(word as u32))),
            (Class::Float, _) => Value::float(f64::from_bits(word)),
            (Class::Signed, size) => {
                let unused = 64 - 8 * size as u32;
                Value::int((word << unused) as i64 >> unused)
            }
            _ => Value::uint(word),
        }
    }

    /// An item's bytes as a word.
    #[inline]
    fn word(self, bytes: &[u8]) -> u64 {
        match *bytes {
            [a] => u64::from(a),
            [a, b] => u64::from(u16::from_ne_bytes([a, b])),
            [a, b, c, d] => u64::from(u32::from_ne_bytes([a, b, c, d])),
            [a, b, c, d, e, f, g, h] => u64::from_ne_bytes([a, b, c, d, e, f, g, h]),
            _ => 0,
        }
    }

    /// CPython's number for the format of the items in memory (`_array_reconstructor`).
    pub fn machine_format(self) -> i64 {
        let big = i64::from(cfg!(target_endian = "big"));
        big + match (self.class, self.size) {
            (Class::Unsigned, 1) => return 0,
            (Class::Signed, 1) => return 1,
            (Class::Unsigned, 2) => 2,
            (Class::Signed, 2) => 4,
            (Class::Unsigned, 4) => 6,
            (Class::Signed, 4) => 8,
            (Class::Unsigned, _) => 10,
            (Class::Signed, _) => 12,
            (Class::Float, 4) => 14,
            (Class::Float, _) => 16,
            (Class::Text, _) => 20,
        }
    }
}

/// The class, size and byte order (whether big-endian) of a machine format; `None` for an unknown one. UTF-16 is size 2.
pub fn machine_format(code: i64) -> Option<(Class, usize, bool)> {
    let big = code % 2 == 1;
    Some(match code {
        0 => (Class::Unsigned, 1, false),
        1 => (Class::Signed, 1, false),
        2 | 3 => (Class::Unsigned, 2, big),
        4 | 5 => (Class::Signed, 2, big),
        6 | 7 => (Class::Unsigned, 4, big),
        8 | 9 => (Class::Signed, 4, big),
        10 | 11 => (Class::Unsigned, 8, big),
        12 | 13 => (Class::Signed, 8, big),
        14 | 15 => (Class::Float, 4, big),
        16 | 17 => (Class::Float, 8, big),
        18 | 19 => (Class::Text, 2, big),
        20 | 21 => (Class::Text, 4, big),
        _ => return None,
    })
}
