//! Encoders and decoders between text and bytes, with error handling through callbacks.
//!
//! Each codec is a plain function over views. What it cannot convert it describes as a *problem* to the caller's
//! handler, which substitutes something and says where to go on, or ends the conversion with an error of its own type.
//! [`handlers`] holds the handlers that Python names ("ignore", "surrogateescape", ...); the interpreter's handler uses
//! them, raises `UnicodeDecodeError` and `UnicodeEncodeError`, and calls the ones that programs register.
//!
//! Decoders take `last`: where it is false, an incomplete sequence at the end is left alone, and the count of consumed
//! bytes says so.

pub mod charmap;
pub mod escapes;
pub mod handlers;
pub mod native;
mod python;
pub mod registry;
pub mod single;
pub mod utf16;
pub mod utf32;
pub mod utf7;
pub mod utf8;

use crate::object::growing::Growing;
use crate::object::text::{TextBuf, TextRef};
use std::borrow::Cow;

/// Code points that a codec could not encode: `text[start..end]`.
pub struct EncodeProblem<'a> {
    /// The codec's name as error messages give it.
    pub encoding: &'a str,
    /// The whole text.
    pub text: TextRef<'a>,
    /// First position.
    pub start: usize,
    /// Position after the last.
    pub end: usize,
    /// Why, as error messages give it.
    pub reason: &'a str,
}

/// What an error handler puts in place of what could not be encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Substitute {
    /// Text, to be encoded by the same codec.
    Text(TextBuf),
    /// Bytes, to be output as they are.
    Bytes(Vec<u8>),
}

/// An encoder's error handling.
pub trait EncodeErrors {
    /// What ends the conversion.
    type Error;
    /// Substitutes for the problem and gives the position (at most `text.len()`) to go on from.
    fn fix(&mut self, problem: &EncodeProblem<'_>) -> Result<(Substitute, usize), Self::Error>;
    /// The error that stands for the problem itself, for a substitute that cannot be encoded either.
    fn strict(&mut self, problem: &EncodeProblem<'_>) -> Self::Error;
}

/// Bytes that a codec could not decode: `input[start..end]`.
pub struct DecodeProblem<'a> {
    /// The codec's name as error messages give it.
    pub encoding: &'a str,
    /// The whole input.
    pub input: &'a [u8],
    /// First position.
    pub start: usize,
    /// Position after the last.
    pub end: usize,
    /// Why, as error messages give it.
    pub reason: &'a str,
}

/// What an error handler decided about a [`DecodeProblem`].
#[derive(Debug)]
pub struct DecodeFix {
    /// The text to put in place of the bytes.
    pub text: TextBuf,
    /// Where to go on, in the (new) input.
    pub resume: usize,
    /// Another input to go on with, for a handler that replaced the exception's `object`.
    pub input: Option<Vec<u8>>,
}

/// A decoder's error handling.
pub trait DecodeErrors {
    /// What ends the conversion.
    type Error;
    /// Decides about the problem.
    fn fix(&mut self, problem: &DecodeProblem<'_>) -> Result<DecodeFix, Self::Error>;
}

/// A decoded text (whose `finish` says whether there was room for it), and how many bytes of the input it stands for.
pub type Decoded<E> = Result<(Growing, usize), E>;

/// A decoder at work.
struct Decoding<'a, H> {
    encoding: &'static str,
    input: Cow<'a, [u8]>,
    pos: usize,
    out: Growing,
    errors: &'a mut H,
}

impl<'a, H: DecodeErrors> Decoding<'a, H> {
    fn new(encoding: &'static str, input: &'a [u8], errors: &'a mut H) -> Self {
        Decoding { encoding, input: Cow::Borrowed(input), pos: 0, out: Growing::new(), errors }
    }

    fn rest(&self) -> &[u8] {
        &self.input[self.pos..]
    }

    /// Hands `input[start..end]` to the handler, appends what it gives and moves to where it says.
    fn fail(&mut self, start: usize, end: usize, reason: &str) -> Result<(), H::Error> {
        let fix =
            self.errors.fix(&DecodeProblem { encoding: self.encoding, input: &self.input, start, end, reason })?;
        self.out.push_text(fix.text.view());
        if let Some(input) = fix.input {
            self.input = Cow::Owned(input);
        }
        self.pos = fix.resume.min(self.input.len());
        Ok(())
    }

    fn done(self) -> Decoded<H::Error> {
        Ok((self.out, self.pos))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::handlers::Builtin;
    use super::*;

    /// The handlers by name, with problems that stay as error messages.
    pub struct Named(pub Builtin);

    impl EncodeErrors for Named {
        type Error = String;
        fn fix(&mut self, p: &EncodeProblem<'_>) -> Result<(Substitute, usize), String> {
            self.0.encode(p).ok_or_else(|| self.strict(p))
        }
        fn strict(&mut self, p: &EncodeProblem<'_>) -> String {
            format!("{}:{}:{}:{}", p.encoding, p.start, p.end, p.reason)
        }
    }

    impl DecodeErrors for Named {
        type Error = String;
        fn fix(&mut self, p: &DecodeProblem<'_>) -> Result<DecodeFix, String> {
            self.0.decode(p).ok_or_else(|| format!("{}:{}:{}:{}", p.encoding, p.start, p.end, p.reason))
        }
    }

    fn unhex(s: &str) -> Vec<u8> {
        (0..s.len() / 2).map(|i| u8::from_str_radix(&s[2 * i..2 * i + 2], 16).unwrap()).collect()
    }

    fn decode(codec: &str, input: &[u8], last: bool, h: &mut Named) -> Decoded<String> {
        use utf16::Order::{Big, Little};
        match codec {
            "ascii" => single::decode_ascii(input, h),
            "utf-8" => utf8::decode(input, last, h),
            "utf-7" => utf7::decode(input, last, h),
            "utf-16" => utf16::decode(input, None, last, h).map(|(t, n, _)| (t, n)),
            "utf-16-le" => utf16::decode(input, Some(Little), last, h).map(|(t, n, _)| (t, n)),
            "utf-16-be" => utf16::decode(input, Some(Big), last, h).map(|(t, n, _)| (t, n)),
            "utf-32" => utf32::decode(input, None, last, h).map(|(t, n, _)| (t, n)),
            "utf-32-le" => utf32::decode(input, Some(Little), last, h).map(|(t, n, _)| (t, n)),
            "utf-32-be" => utf32::decode(input, Some(Big), last, h).map(|(t, n, _)| (t, n)),
            "unicode_escape" => escapes::decode_unicode(input, last, h).map(|(t, n, _)| (t, n)),
            "raw_unicode_escape" => escapes::decode_raw(input, last, h),
            _ => panic!("{codec}"),
        }
    }

    fn encode(codec: &str, text: TextRef<'_>, h: &mut Named) -> Result<Vec<u8>, String> {
        use utf16::Order::{Big, Little};
        match codec {
            "ascii" => single::encode_ascii(text, h),
            "latin-1" => single::encode_latin1(text, h),
            "utf-8" => utf8::encode(text, h),
            "utf-7" => Ok(utf7::encode(text)),
            "utf-16" => utf16::encode(text, None, h),
            "utf-16-le" => utf16::encode(text, Some(Little), h),
            "utf-16-be" => utf16::encode(text, Some(Big), h),
            "utf-32" => utf32::encode(text, None, h),
            "utf-32-le" => utf32::encode(text, Some(Little), h),
            "utf-32-be" => utf32::encode(text, Some(Big), h),
            "unicode_escape" => Ok(escapes::encode_unicode(text)),
            "raw_unicode_escape" => Ok(escapes::encode_raw(text)),
            _ => panic!("{codec}"),
        }
    }

    /// Lines of `cpython.golden`: what CPython 3.13 gives. Text is written in hexadecimal UTF-32-BE.
    /// `d codec handler last input = text consumed` or `! message`; `e codec handler text = output` or `! message`.
    #[test]
    fn golden() {
        let mut wrong = 0;
        let mut seen = 0;
        for line in include_str!("cpython.golden").lines() {
            let (question, expected) = line.split_once(" = ").unwrap();
            let parts: Vec<&str> = question.split(' ').collect();
            let text_of = |s: &str| -> TextBuf {
                unhex(s).chunks(4).map(|c| u32::from_be_bytes(c.try_into().unwrap())).collect()
            };
            let mut h = Named(Builtin::by_name(parts[2]).unwrap());
            let got = if parts[0] == "d" {
                match decode(parts[1], &unhex(parts[4]), parts[3] == "1", &mut h) {
                    Ok((t, n)) => {
                        assert_eq!(t.kind(), t.view().canonical_kind(), "{line}");
                        let hex: String = t.view().code_points().map(|c| format!("{c:08x}")).collect();
                        format!("{hex} {n}")
                    }
                    Err(e) => format!("! {e}"),
                }
            } else {
                match encode(parts[1], text_of(parts[3]).view(), &mut h) {
                    Ok(b) => b.iter().map(|b| format!("{b:02x}")).collect(),
                    Err(e) => format!("! {e}"),
                }
            };
            seen += 1;
            if got != expected {
                wrong += 1;
                if wrong < 30 {
                    eprintln!("{question}\n  expected {expected}\n  got      {got}");
                }
            }
        }
        assert!(seen > 500);
        assert_eq!(wrong, 0);
    }
}
