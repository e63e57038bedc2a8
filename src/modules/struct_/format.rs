//! Format strings of `struct`: codes, sizes, alignment.

use std::fmt;

/// How a code's bytes are read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `x`: no value.
    Pad,
    /// `c`: a bytes object of length 1.
    Char,
    /// Integers.
    Signed,
    Unsigned,
    /// `?`
    Bool,
    /// `e`, `f`, `d`.
    Float,
    /// `F`, `D`.
    Complex,
    /// `s`: bytes of the repeat count's length, as one value.
    Bytes,
    /// `p`: the same with a length byte in front.
    Pascal,
    /// `P`: an address.
    Pointer,
}

/// A code with its repeat count, at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    pub kind: Kind,
    /// The code's letter.
    pub letter: u8,
    /// Bytes from the start to the first item.
    pub offset: usize,
    /// Bytes of an item: for `s` and `p`, the count.
    pub size: usize,
    /// Values: for `s` and `p`, one.
    pub repeat: usize,
}

/// A parsed format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    pub fields: Vec<Field>,
    /// Bytes altogether.
    pub size: usize,
    /// How many values are packed.
    pub values: usize,
    /// Whether bytes are in big-endian order.
    pub big_endian: bool,
    /// Whether sizes and alignment are the machine's (no prefix, or `@`).
    pub native: bool,
}

/// Why a format is refused. All are `struct.error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormatError {
    BadChar,
    NullChar,
    CountWithoutCode,
    TooLong,
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FormatError::BadChar => "bad char in struct format",
            FormatError::NullChar => "embedded null character",
            FormatError::CountWithoutCode => "repeat count given without format specifier",
            FormatError::TooLong => "total struct size too long",
        })
    }
}

/// Kind, size and alignment of a code; the machine's sizes are those of 64-bit Unix.
fn code(letter: u8, native: bool) -> Option<(Kind, usize, usize)> {
    use Kind::*;
    let (kind, size) = match letter {
        b'x' => (Pad, 1),
        b'c' => (Char, 1),
        b'b' => (Signed, 1),
        b'B' => (Unsigned, 1),
        b'?' => (Bool, 1),
        b's' => (Bytes, 1),
        b'p' => (Pascal, 1),
        b'h' => (Signed, 2),
        b'H' => (Unsigned, 2),
        b'e' => (Float, 2),
        b'i' => (Signed, 4),
        b'I' => (Unsigned, 4),
        b'f' => (Float, 4),
        b'l' if !native => (Signed, 4),
        b'L' if !native => (Unsigned, 4),
        b'l' | b'q' => (Signed, 8),
        b'L' | b'Q' => (Unsigned, 8),
        b'd' => (Float, 8),
        b'F' => (Complex, 8),
        b'D' => (Complex, 16),
        b'n' if native => (Signed, 8),
        b'N' if native => (Unsigned, 8),
        b'P' if native => (Pointer, 8),
        _ => return None,
    };
    let align = match kind {
        _ if !native => 1,
        Complex => size / 2,
        _ => size,
    };
    Some((kind, size, align))
}

/// Parses a format.
pub fn parse(format: &[u8]) -> Result<Layout, FormatError> {
    let (native, big_endian, mut rest) = match format {
        [b'@', rest @ ..] => (true, cfg!(target_endian = "big"), rest),
        [b'=', rest @ ..] => (false, cfg!(target_endian = "big"), rest),
        [b'<', rest @ ..] => (false, false, rest),
        [b'>' | b'!', rest @ ..] => (false, true, rest),
        _ => (true, cfg!(target_endian = "big"), format),
    };
    if format.contains(&0) {
        return Err(FormatError::NullChar);
    }
    let limit = isize::MAX as usize;
    let mut layout = Layout { fields: Vec::new(), size: 0, values: 0, big_endian, native };
    while let [letter, tail @ ..] = rest {
        let mut letter = *letter;
        rest = tail;
        if letter.is_ascii_whitespace() || letter == 0x0b {
            continue;
        }
        let mut count = 1usize;
        if letter.is_ascii_digit() {
            count = usize::from(letter - b'0');
            loop {
                let [next, tail @ ..] = rest else { return Err(FormatError::CountWithoutCode) };
                rest = tail;
                if !next.is_ascii_digit() {
                    letter = *next;
                    break;
                }
                let digit = usize::from(next - b'0');
                count = count.checked_mul(10).and_then(|c| c.checked_add(digit)).ok_or(FormatError::TooLong)?;
                if count > limit {
                    return Err(FormatError::TooLong);
                }
            }
        }
        let (kind, size, align) = code(letter, native).ok_or(FormatError::BadChar)?;
        let offset = layout.size.checked_next_multiple_of(align).ok_or(FormatError::TooLong)?;
        let bytes = size.checked_mul(count).ok_or(FormatError::TooLong)?;
        layout.size = offset.checked_add(bytes).filter(|&n| n <= limit).ok_or(FormatError::TooLong)?;
        let (size, repeat) = match kind {
            Kind::Pad => continue,
            Kind::Bytes | Kind::Pascal => (count, 1),
            _ => (size, count),
        };
        if repeat > 0 {
            layout.values += repeat;
            layout.fields.push(Field { kind, letter, offset, size, repeat });
        }
    }
    Ok(layout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (format, size, values) in [
            ("", 0, 0),
            ("bxi0q", 8, 2),
            ("<bxi0q", 6, 2),
            ("lL", 16, 2),
            ("=lL", 8, 2),
            ("3s2xh", 8, 2),
            (">3s2xh", 7, 2),
            ("0s", 0, 1),
            (" i\th ", 6, 2),
            ("bD", 24, 2),
            ("10c", 10, 10),
        ] {
            let layout = parse(format.as_bytes()).unwrap();
            assert_eq!((layout.size, layout.values), (size, values), "{format:?}");
        }
    }

    #[test]
    fn errors() {
        for (format, error) in [
            ("5", FormatError::CountWithoutCode),
            ("j", FormatError::BadChar),
            ("<n", FormatError::BadChar),
            ("i\0", FormatError::NullChar),
            ("99999999999999999999i", FormatError::TooLong),
            ("9223372036854775807q", FormatError::TooLong),
            ("@@i", FormatError::BadChar),
        ] {
            assert_eq!(parse(format.as_bytes()), Err(error), "{format:?}");
        }
    }
}
