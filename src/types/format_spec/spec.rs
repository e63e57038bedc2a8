//! The parsed format specification:
//! `[[fill]align][sign]["z"]["#"]["0"][width][grouping]["." precision [grouping]][type]`.

use crate::object::text::TextRef;
use crate::types::str::ucd::{Edition, decimal};
use std::fmt;

/// How digits are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// Not at all.
    None,
    /// `,` every three digits.
    Comma,
    /// `_` every three digits.
    Underscore,
    /// `_` every four digits (bases 2, 8 and 16).
    UnderFour,
    /// By the locale.
    Locale,
}

/// A parsed specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Fill code point.
    pub fill: u32,
    /// `<`, `>`, `=` or `^`.
    pub align: u8,
    /// `+`, `-`, space, or 0 if not given.
    pub sign: u8,
    /// `z`: a negative number that is rounded to zero loses its sign.
    pub no_negative_zero: bool,
    /// `#`.
    pub alternate: bool,
    /// Minimum width in code points.
    pub width: Option<usize>,
    /// Grouping of the whole part.
    pub grouping: Grouping,
    /// Digits after the point, significant digits, or the longest string.
    pub precision: Option<usize>,
    /// Grouping of the fraction.
    pub fraction_grouping: Grouping,
    /// Presentation type; the default of the value's type if not given.
    pub kind: u32,
}

/// Why a value cannot be formatted so. `Display` gives CPython's message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpecError {
    /// `ValueError`.
    TooManyDigits,
    /// `ValueError`.
    BothSeparators,
    /// `ValueError`: separator, type.
    Separator(u8, u32),
    /// `ValueError`.
    MissingPrecision,
    /// `ValueError`: the specification as WTF-8, the value's type.
    Invalid(Box<[u8]>, String),
    /// `ValueError`: presentation type, the value's type.
    UnknownType(u32, String),
    /// `ValueError`: what the value's type does not take.
    NotAllowed(&'static str),
    /// `ValueError`.
    PrecisionTooBig,
    /// `ValueError`: decimal text of an int beyond `sys.get_int_max_str_digits()`, which is given.
    DigitLimit(usize),
    /// `OverflowError`.
    CharRange,
    /// `OverflowError`.
    IntTooLarge,
    /// `MemoryError`: a width or precision beyond all memory.
    Memory,
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |c: u32| match char::from_u32(c) {
            Some(c) if (33..128).contains(&(c as u32)) => c.to_string(),
            _ => format!("\\x{c:x}"),
        };
        match self {
            SpecError::TooManyDigits => f.write_str("Too many decimal digits in format string"),
            SpecError::BothSeparators => f.write_str("Cannot specify both ',' and '_'."),
            SpecError::Separator(sep, kind) => {
                write!(f, "Cannot specify '{}' with '{}'.", *sep as char, shown(*kind))
            }
            SpecError::MissingPrecision => f.write_str("Format specifier missing precision"),
            SpecError::Invalid(spec, name) => {
                let spec = String::from_utf8_lossy(spec);
                write!(f, "Invalid format specifier '{spec}' for object of type '{name}'")
            }
            SpecError::UnknownType(kind, name) => {
                write!(f, "Unknown format code '{}' for object of type '{name}'", shown(*kind))
            }
            SpecError::NotAllowed(what) => f.write_str(what),
            SpecError::PrecisionTooBig => f.write_str("precision too big"),
            SpecError::DigitLimit(limit) => write!(
                f,
                "Exceeds the limit ({limit} digits) for integer string conversion; use sys.set_int_max_str_digits() to \
                 increase the limit"
            ),
            SpecError::CharRange => f.write_str("%c arg not in range(0x110000)"),
            SpecError::IntTooLarge => f.write_str("int too large to convert to float"),
            SpecError::Memory => Ok(()),
        }
    }
}

/// Reads code points one after the other.
struct Reader<'a> {
    text: TextRef<'a>,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u32> {
        self.text.get(self.at)
    }

    /// Steps over `c` if it is next.
    fn take(&mut self, c: char) -> bool {
        let hit = self.peek() == Some(c as u32);
        self.at += usize::from(hit);
        hit
    }

    /// A decimal number; `None` if there is no digit.
    fn number(&mut self) -> Result<Option<usize>, SpecError> {
        let start = self.at;
        let mut value = 0usize;
        while let Some(c) = self.peek() {
            let digit = match c {
                0x30..=0x39 => c as u8 - b'0',
                0x80.. => match decimal(Edition::Current, c) {
                    Some(d) => d,
                    None => break,
                },
                _ => break,
            };
            value = value
                .checked_mul(10)
                .and_then(|v| v.checked_add(usize::from(digit)))
                .filter(|&v| v <= isize::MAX as usize)
                .ok_or(SpecError::TooManyDigits)?;
            self.at += 1;
        }
        Ok((self.at > start).then_some(value))
    }

    /// `,` or `_`.
    fn grouping(&mut self) -> Result<Grouping, SpecError> {
        let mut grouping = Grouping::None;
        if self.take(',') {
            grouping = Grouping::Comma;
        }
        if self.take('_') {
            if grouping != Grouping::None {
                return Err(SpecError::BothSeparators);
            }
            grouping = Grouping::Underscore;
        }
        if grouping == Grouping::Underscore && self.peek() == Some(',' as u32) {
            return Err(SpecError::BothSeparators);
        }
        Ok(grouping)
    }
}

/// Whether `c` says how to align.
fn is_align(c: Option<u32>) -> bool {
    matches!(c, Some(0x3c..=0x3e | 0x5e))
}

impl Spec {
    /// Parses `text`. `type_name` is for messages; the defaults are those of the value's type (`kind` 0: none).
    pub fn parse(text: TextRef<'_>, type_name: &str, kind: u8, align: u8) -> Result<Spec, SpecError> {
        let mut r = Reader { text, at: 0 };
        let mut spec = Spec {
            fill: ' ' as u32,
            align,
            sign: 0,
            no_negative_zero: false,
            alternate: false,
            width: None,
            grouping: Grouping::None,
            precision: None,
            fraction_grouping: Grouping::None,
            kind: u32::from(kind),
        };
        let mut fill_given = false;
        let mut align_given = false;
        if is_align(text.get(1)) {
            spec.fill = text.at(0);
            spec.align = text.at(1) as u8;
            (fill_given, align_given) = (true, true);
            r.at = 2;
        } else if is_align(text.get(0)) {
            spec.align = text.at(0) as u8;
            align_given = true;
            r.at = 1;
        }
        if let Some(c @ (0x20 | 0x2b | 0x2d)) = r.peek() {
            spec.sign = c as u8;
            r.at += 1;
        }
        spec.no_negative_zero = r.take('z');
        spec.alternate = r.take('#');
        if !fill_given && r.take('0') {
            spec.fill = '0' as u32;
            if !align_given && align == b'>' {
                spec.align = b'=';
            }
        }
        spec.width = r.number()?;
        spec.grouping = r.grouping()?;
        if r.take('.') {
            spec.precision = r.number()?;
            spec.fraction_grouping = r.grouping()?;
            if spec.precision.is_none() && spec.fraction_grouping == Grouping::None {
                return Err(SpecError::MissingPrecision);
            }
        }
        match text.len() - r.at {
            0 => {}
            1 => spec.kind = text.at(r.at),
            _ => return Err(SpecError::Invalid(text.to_wtf8().into_owned().into(), type_name.into())),
        }
        let letter = u8::try_from(spec.kind).unwrap_or(0xff);
        if spec.grouping != Grouping::None {
            match letter {
                b'd' | b'e' | b'f' | b'g' | b'E' | b'G' | b'%' | b'F' | 0 => {}
                b'b' | b'o' | b'x' | b'X' if spec.grouping == Grouping::Underscore => {
                    spec.grouping = Grouping::UnderFour;
                }
                _ => return Err(SpecError::Separator(separator(spec.grouping), spec.kind)),
            }
        }
        if letter == b'n' && spec.fraction_grouping != Grouping::None {
            return Err(SpecError::Separator(separator(spec.fraction_grouping), spec.kind));
        }
        Ok(spec)
    }

    /// The presentation type as an ASCII letter; 0xff for anything else.
    pub fn letter(&self) -> u8 {
        u8::try_from(self.kind).unwrap_or(0xff)
    }

    /// The error for a presentation type that a value of this type does not have.
    pub fn unknown(&self, type_name: &str) -> SpecError {
        SpecError::UnknownType(self.kind, type_name.into())
    }
}

/// The separator that a parsed grouping is written with.
fn separator(grouping: Grouping) -> u8 {
    if grouping == Grouping::Comma { b',' } else { b'_' }
}
