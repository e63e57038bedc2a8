//! Parsing of `%` format strings, for str and bytes alike.

use crate::object::text::TextRef;

/// A width or precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// A number in the format.
    Number(i32),
    /// `*`: the next argument.
    Argument,
}

/// What is wrong with a conversion specifier. Where a star stands before the place, its argument is taken first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecError {
    /// `incomplete format key`
    Key,
    /// `width too big`
    Width,
    /// `precision too big` (`prec too big` for bytes)
    Precision,
    /// `incomplete format`
    Incomplete,
}

/// A conversion specifier: `%(key)#0- +12.3d`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spec {
    /// Range of the key between the parentheses.
    pub key: Option<(usize, usize)>,
    /// `-`
    pub left: bool,
    /// `+`
    pub plus: bool,
    /// space
    pub space: bool,
    /// `#`
    pub alternate: bool,
    /// `0`
    pub zero: bool,
    /// The minimal width.
    pub width: Option<Amount>,
    /// The precision; a dot alone is zero.
    pub precision: Option<Amount>,
    /// The conversion character; 0 where `error` is set.
    pub conversion: u32,
    /// Position of the conversion character.
    pub at: usize,
    /// What is wrong.
    pub error: Option<SpecError>,
}

impl Spec {
    /// Whether this is `%%`, which takes no argument; a percent sign after anything else is no conversion.
    pub fn is_percent_sign(&self) -> bool {
        self.conversion == u32::from('%')
            && *self == Spec { conversion: u32::from('%'), at: self.at, ..Spec::default() }
    }
}

/// A part of a format string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text to copy.
    Literal(usize, usize),
    /// A conversion. After one with an error the iteration ends.
    Spec(Spec),
}

/// Iterator over the parts of a format string. Bytes pass as a Latin-1 view.
pub struct Parts<'a> {
    text: TextRef<'a>,
    at: usize,
}

impl<'a> Parts<'a> {
    /// The parts of `text`.
    pub fn new(text: TextRef<'a>) -> Parts<'a> {
        Parts { text, at: 0 }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).map(|c| u8::try_from(c).unwrap_or(0xFF))
    }

    fn key(&mut self, spec: &mut Spec) -> Result<(), SpecError> {
        self.at += 1;
        let start = self.at;
        spec.key = Some((start, start));
        let mut depth = 1;
        while let Some(c) = self.peek() {
            self.at += 1;
            match c {
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                spec.key = Some((start, self.at - 1));
                return Ok(());
            }
        }
        Err(SpecError::Key)
    }

    fn amount(&mut self, too_big: SpecError) -> Result<Option<Amount>, SpecError> {
        if self.peek() == Some(b'*') {
            self.at += 1;
            return Ok(Some(Amount::Argument));
        }
        let mut n = None;
        while let Some(d @ b'0'..=b'9') = self.peek() {
            self.at += 1;
            let so_far: i32 = n.unwrap_or(0);
            let next = so_far.checked_mul(10).and_then(|n| n.checked_add(i32::from(d - b'0')));
            n = Some(next.ok_or(too_big)?);
        }
        Ok(n.map(Amount::Number))
    }

    fn spec(&mut self, spec: &mut Spec) -> Result<(), SpecError> {
        if let Some(c @ (b's' | b'd' | b'r' | b'f' | b'x')) = self.peek() {
            // Most have nothing but the letter.
            spec.at = self.at;
            spec.conversion = c.into();
            self.at += 1;
            return Ok(());
        }
        if self.peek() == Some(b'(') {
            self.key(spec)?;
        }
        loop {
            match self.peek() {
                Some(b'-') => spec.left = true,
                Some(b'+') => spec.plus = true,
                Some(b' ') => spec.space = true,
                Some(b'#') => spec.alternate = true,
                Some(b'0') => spec.zero = true,
                _ => break,
            }
            self.at += 1;
        }
        spec.width = self.amount(SpecError::Width)?;
        if self.peek() == Some(b'.') {
            self.at += 1;
            spec.precision = Some(self.amount(SpecError::Precision)?.unwrap_or(Amount::Number(0)));
        }
        // One C length modifier is allowed and means nothing.
        if let Some(b'h' | b'l' | b'L') = self.peek() {
            self.at += 1;
        }
        spec.at = self.at;
        spec.conversion = self.text.get(self.at).ok_or(SpecError::Incomplete)?;
        self.at += 1;
        Ok(())
    }
}

impl Iterator for Parts<'_> {
    type Item = Part;

    fn next(&mut self) -> Option<Part> {
        let start = self.at;
        if start == self.text.len() {
            return None;
        }
        if self.peek() != Some(b'%') {
            self.at = match self.text.as_latin1() {
                Some(bytes) => bytes[start..].iter().position(|&c| c == b'%').map_or(bytes.len(), |i| start + i),
                None => {
                    (start..self.text.len()).find(|&i| self.text.at(i) == u32::from('%')).unwrap_or(self.text.len())
                }
            };
            return Some(Part::Literal(start, self.at));
        }
        self.at += 1;
        let mut spec = Spec::default();
        if let Err(e) = self.spec(&mut spec) {
            spec.error = Some(e);
            self.at = self.text.len();
        }
        Some(Part::Spec(spec))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(s: &str) -> Vec<Part> {
        Parts::new(TextRef::Ascii(s.as_bytes())).collect()
    }

    #[test]
    fn reads_all_of_a_specifier() {
        let spec = Spec {
            key: Some((3, 7)),
            left: true,
            zero: true,
            alternate: true,
            width: Some(Amount::Argument),
            precision: Some(Amount::Number(3)),
            conversion: u32::from('d'),
            at: 16,
            ..Spec::default()
        };
        assert_eq!(parts("a%(k(y))-0#*.3ld%%").len(), 3);
        assert_eq!(parts("a%(k(y))-0#*.3ld%%")[1], Part::Spec(Spec { at: 15, ..spec }));
        let dot = Spec { precision: Some(Amount::Number(0)), conversion: u32::from('f'), at: 2, ..Spec::default() };
        assert_eq!(parts("%.f"), [Part::Spec(dot)]);
    }

    #[test]
    fn errors_end_the_iteration() {
        let error = |s: &str| match parts(s).last() {
            Some(Part::Spec(s)) => s.error,
            _ => None,
        };
        assert_eq!(error("%"), Some(SpecError::Incomplete));
        assert_eq!(error("x%5."), Some(SpecError::Incomplete));
        assert_eq!(error("%(a"), Some(SpecError::Key));
        assert_eq!(error("%99999999999d"), Some(SpecError::Width));
        assert_eq!(error("%.99999999999d"), Some(SpecError::Precision));
        assert_eq!(error("%d"), None);
    }
}
