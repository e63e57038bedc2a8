//! Disassembly: a code unit as text.

use super::unit::Constant;
use std::fmt::Write;

/// A constant as Python's `repr` shows it (code objects by name).
pub fn constant_repr(constant: &Constant) -> String {
    let join = |items: &[Constant]| items.iter().map(constant_repr).collect::<Vec<_>>().join(", ");
    match constant {
        Constant::None => "None".into(),
        Constant::True => "True".into(),
        Constant::False => "False".into(),
        Constant::Ellipsis => "Ellipsis".into(),
        Constant::Int(i) => i.to_string(),
        Constant::BigInt { negative, magnitude } => {
            let mut out = String::from(if *negative { "-0x" } else { "0x" });
            let mut digits: Vec<u8> = magnitude.to_vec();
            while digits.last() == Some(&0) {
                digits.pop();
            }
            for (i, byte) in digits.iter().rev().enumerate() {
                let _ = if i == 0 { write!(out, "{byte:x}") } else { write!(out, "{byte:02x}") };
            }
            out
        }
        Constant::Float(f) => float_repr(*f),
        Constant::Complex(re, im) => {
            let imaginary = float_repr(*im);
            let imaginary = imaginary.strip_suffix(".0").unwrap_or(&imaginary).to_owned();
            if *re == 0.0 && re.is_sign_positive() {
                return format!("{imaginary}j");
            }
            let real = float_repr(*re);
            let real = real.strip_suffix(".0").unwrap_or(&real).to_owned();
            let plus = if imaginary.starts_with('-') { "" } else { "+" };
            format!("({real}{plus}{imaginary}j)")
        }
        Constant::Str(text) => quoted(text, false),
        Constant::Bytes(bytes) => format!("b{}", quoted(bytes, true)),
        Constant::Tuple(items) if items.len() == 1 => format!("({},)", constant_repr(&items[0])),
        Constant::Tuple(items) => format!("({})", join(items)),
        Constant::FrozenSet(items) => format!("frozenset({{{}}})", join(items)),
        Constant::Slice(parts) => format!("slice({})", join(&parts[..])),
        Constant::Code(code) => format!("<code {}>", code.qualname),
    }
}

fn float_repr(f: f64) -> String {
    if f.is_nan() {
        return "nan".into();
    }
    if f.is_infinite() {
        return if f > 0.0 { "inf".into() } else { "-inf".into() };
    }
    let text = format!("{f:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = format!("{f}");
        return if plain.contains('.') { plain } else { format!("{plain}.0") };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// Text (WTF-8) or bytes in quotes, what is not printable escaped.
fn quoted(text: &[u8], bytes: bool) -> String {
    let quote = if text.contains(&b'\'') && !text.contains(&b'"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    let ascii = |out: &mut String, b: u8| match b {
        b'\n' => out.push_str("\\n"),
        b'\r' => out.push_str("\\r"),
        b'\t' => out.push_str("\\t"),
        b'\\' => out.push_str("\\\\"),
        _ if b as char == quote => {
            out.push('\\');
            out.push(quote);
        }
        0x20..0x7f => out.push(b as char),
        _ => {
            let _ = write!(out, "\\x{b:02x}");
        }
    };
    if bytes {
        text.iter().for_each(|&b| ascii(&mut out, b));
    } else {
        for chunk in text.utf8_chunks() {
            for c in chunk.valid().chars() {
                if c.is_ascii() {
                    ascii(&mut out, c as u8);
                } else if c.is_control() {
                    let _ = write!(out, "\\x{:02x}", c as u32);
                } else {
                    out.push(c);
                }
            }
            // What UTF-8 refuses in WTF-8 is a surrogate's three bytes, which come in pieces.
            for &b in chunk.invalid() {
                let _ = write!(out, "\\x{b:02x}");
            }
        }
    }
    out.push(quote);
    out
}
