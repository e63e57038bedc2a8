//! The error handlers that Python knows by name.

use super::{DecodeFix, DecodeProblem, EncodeProblem, Substitute, utf16::Order};
use crate::object::text::{TextBuf, push_wtf8};
use crate::types::str::repr::push_escape;
use crate::types::str::ucd::names;

/// A handler that needs no Python code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Builtin {
    /// Raise.
    Strict,
    /// Leave out.
    Ignore,
    /// `?` or U+FFFD.
    Replace,
    /// `\xNN` and its kin.
    BackslashReplace,
    /// `&#N;`; encoding only.
    XmlCharRefReplace,
    /// `\N{...}`; encoding only.
    NameReplace,
    /// Bytes from 0x80 as U+DC80 to U+DCFF, and back.
    SurrogateEscape,
    /// Surrogates as they are, in the UTF codecs.
    SurrogatePass,
}

/// All names with their handlers.
pub const BUILTIN: [(&str, Builtin); 8] = [
    ("strict", Builtin::Strict),
    ("ignore", Builtin::Ignore),
    ("replace", Builtin::Replace),
    ("backslashreplace", Builtin::BackslashReplace),
    ("xmlcharrefreplace", Builtin::XmlCharRefReplace),
    ("namereplace", Builtin::NameReplace),
    ("surrogateescape", Builtin::SurrogateEscape),
    ("surrogatepass", Builtin::SurrogatePass),
];

impl Builtin {
    /// The handler of that name.
    pub fn by_name(name: &str) -> Option<Builtin> {
        BUILTIN.iter().find(|(n, _)| *n == name).map(|&(_, b)| b)
    }

    /// What to output for the problem; `None` where the problem is to be raised. `SurrogateEscape` may deal with the
    /// beginning of the range only.
    pub fn encode(self, p: &EncodeProblem<'_>) -> Option<(Substitute, usize)> {
        let bad = p.text.slice(p.start, p.end);
        let mut out = TextBuf::new();
        match self {
            Builtin::Strict => return None,
            Builtin::Ignore => {}
            Builtin::Replace => out.push_repeat(u32::from(b'?'), bad.len()),
            Builtin::BackslashReplace => bad.code_points().for_each(|c| push_escape(&mut out, c)),
            Builtin::XmlCharRefReplace => bad.code_points().for_each(|c| out.push_str(&format!("&#{c};"))),
            Builtin::NameReplace => bad.code_points().for_each(|c| match names::name(c) {
                Some(name) => out.push_str(&format!("\\N{{{name}}}")),
                None => push_escape(&mut out, c),
            }),
            Builtin::SurrogateEscape => {
                let low = |c: &u32| (0xDC80..=0xDCFF).contains(c);
                let bytes: Vec<u8> = bad.code_points().take_while(low).map(|c| c as u8).collect();
                let n = bytes.len();
                return (n > 0).then_some((Substitute::Bytes(bytes), p.start + n));
            }
            Builtin::SurrogatePass => {
                let form = Form::of_encoding(p.encoding)?;
                let mut bytes = Vec::new();
                for c in bad.code_points() {
                    if !(0xD800..0xE000).contains(&c) {
                        return None;
                    }
                    match form {
                        Form::Utf8 => push_wtf8(&mut bytes, c),
                        Form::Utf16(order) => order.push16(&mut bytes, c as u16),
                        Form::Utf32(order) => order.push32(&mut bytes, c),
                    }
                }
                return Some((Substitute::Bytes(bytes), p.end));
            }
        }
        Some((Substitute::Text(out), p.end))
    }

    /// What to decode the problem to; `None` where the problem is to be raised.
    pub fn decode(self, p: &DecodeProblem<'_>) -> Option<DecodeFix> {
        let bad = &p.input[p.start..p.end];
        let mut text = TextBuf::new();
        let mut resume = p.end;
        match self {
            Builtin::Strict | Builtin::XmlCharRefReplace | Builtin::NameReplace => return None,
            Builtin::Ignore => {}
            Builtin::Replace => text.push(0xFFFD),
            Builtin::BackslashReplace => bad.iter().for_each(|&b| push_escape(&mut text, u32::from(b))),
            Builtin::SurrogateEscape => {
                // A character has at most four bytes; one below 0x80 would not survive the way back.
                text.extend(bad.iter().take(4).take_while(|b| **b >= 0x80).map(|&b| 0xDC00 + u32::from(b)));
                if text.is_empty() {
                    return None;
                }
                resume = p.start + text.len();
            }
            Builtin::SurrogatePass => {
                let rest = &p.input[p.start..];
                let (c, n) = match (Form::of_encoding(p.encoding)?, rest) {
                    (Form::Utf8, [0xED, b @ 0xA0..=0xBF, c @ 0x80..=0xBF, ..]) => {
                        (0xD000 | u32::from(b & 0x3F) << 6 | u32::from(c & 0x3F), 3)
                    }
                    (Form::Utf16(order), [a, b, ..]) => (u32::from(order.get16([*a, *b])), 2),
                    (Form::Utf32(order), [a, b, c, d, ..]) => (order.get32([*a, *b, *c, *d]), 4),
                    _ => return None,
                };
                if !(0xD800..0xE000).contains(&c) {
                    return None;
                }
                text.push(c);
                resume = p.start + n;
            }
        }
        Some(DecodeFix { text, resume, input: None })
    }
}

/// The UTF forms that "surrogatepass" knows.
#[derive(Clone, Copy)]
enum Form {
    Utf8,
    Utf16(Order),
    Utf32(Order),
}

impl Form {
    /// Reads names like "utf-8", "UTF_16LE", "utf32-be"; "cp65001" is UTF-8 too.
    fn of_encoding(name: &str) -> Option<Form> {
        let name = name.to_ascii_lowercase();
        if name == "cp65001" {
            return Some(Form::Utf8);
        }
        let skip = |s: &str| s.strip_prefix(['-', '_']).map_or(s.to_string(), str::to_string);
        let rest = skip(name.strip_prefix("utf")?);
        if rest == "8" {
            return Some(Form::Utf8);
        }
        let (wide, tail) = match rest.strip_prefix("16") {
            Some(tail) => (false, skip(tail)),
            None => (true, skip(rest.strip_prefix("32")?)),
        };
        let order = match tail.as_str() {
            "" => Order::NATIVE,
            "le" => Order::Little,
            "be" => Order::Big,
            _ => return None,
        };
        Some(if wide { Form::Utf32(order) } else { Form::Utf16(order) })
    }
}
