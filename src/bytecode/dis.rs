//! Disassembly: a code unit as text.

use super::opcode::{BinaryOp, COMPARE_TO_BOOL, CompareOp, Intrinsic, Op, Operand, arg};
use super::unit::{CodeUnit, Constant, Location, kind};
use std::collections::BTreeMap;
use std::fmt::Write;

/// A decoded instruction.
#[derive(Clone, Copy, Debug)]
pub struct Instruction {
    /// Index of its word.
    pub offset: u32,
    pub op: Op,
    pub arg: u32,
    pub location: Location,
}

/// Decodes a unit's instructions; words that are no instruction end the list.
pub fn instructions(unit: &CodeUnit) -> Vec<Instruction> {
    let mut out = Vec::new();
    let mut at = 0;
    let mut runs = unit.locations.iter().peekable();
    let mut location = Location::default();
    while let Some(&word) = unit.instructions.get(at) {
        let Some(op) = Op::decode(word) else { break };
        while let Some((_, found)) = runs.next_if(|r| r.0 as usize <= at) {
            location = *found;
        }
        out.push(Instruction { offset: at as u32, op, arg: arg(word), location });
        at += 1 + usize::from(op.info().cache);
    }
    out
}

/// A unit as text: a line per instruction with source line, label, offset, name, operand and its meaning; then the
/// exception table; then the code objects among its constants.
pub fn disassemble(unit: &CodeUnit) -> String {
    let mut out = String::new();
    write_unit(unit, &mut out);
    out
}

fn write_unit(unit: &CodeUnit, out: &mut String) {
    let _ = writeln!(
        out,
        "{} (line {}, {} args, flags {:#x}, stack {})",
        unit.qualname, unit.first_line, unit.arg_count, unit.flags, unit.stack_size
    );
    if !unit.locals.is_empty() {
        let shown: Vec<String> = unit.locals.iter().map(|l| local_text(&l.name, l.kind)).collect();
        let _ = writeln!(out, "  locals: {}", shown.join(" "));
    }
    let code = instructions(unit);
    let mut labels: BTreeMap<u32, usize> = BTreeMap::new();
    for i in &code {
        if i.op.info().operand == Operand::Jump {
            labels.insert(i.arg, 0);
        }
    }
    for handler in &unit.handlers {
        labels.insert(handler.target, 0);
    }
    for (n, label) in labels.values_mut().enumerate() {
        *label = n + 1;
    }
    let label = |at: u32| labels.get(&at).map_or_else(|| format!("@{at}"), |n| format!("L{n}"));
    let mut line = u32::MAX;
    for i in &code {
        let shown = match i.location.line {
            same if same == line => String::new(),
            0 => "-".into(),
            other => other.to_string(),
        };
        line = i.location.line;
        let at = if labels.contains_key(&i.offset) { format!("{}:", label(i.offset)) } else { String::new() };
        let operand = operand_text(unit, i, &label);
        let _ = writeln!(
            out,
            "{}",
            format!("{shown:>5} {at:>5} {:>4} {:<26} {operand}", i.offset, i.op.info().name).trim_end()
        );
    }
    for h in &unit.handlers {
        let lasti = if h.lasti { " lasti" } else { "" };
        let _ = writeln!(out, "  handler {}..{} -> {} depth {}{lasti}", h.start, h.end, label(h.target), h.depth);
    }
    for constant in &unit.consts {
        if let Constant::Code(code) = constant {
            out.push('\n');
            write_unit(code, out);
        }
    }
}

fn local_text(name: &str, bits: u8) -> String {
    let mut out = name.to_owned();
    for (bit, mark) in [(kind::CELL, "(cell)"), (kind::FREE, "(free)"), (kind::HIDDEN, "(hidden)")] {
        if bits & bit != 0 {
            out.push_str(mark);
        }
    }
    out
}

/// An instruction's operand with its meaning.
fn operand_text(unit: &CodeUnit, i: &Instruction, label: &dyn Fn(u32) -> String) -> String {
    let arg = i.arg;
    let local = |n: u32| unit.locals.get(n as usize).map_or("?", |l| &l.name).to_owned();
    match i.op.info().operand {
        Operand::None => String::new(),
        Operand::Num => arg.to_string(),
        Operand::Const => format!("{arg} ({})", unit.consts.get(arg as usize).map_or("?".into(), constant_repr)),
        Operand::Name => format!("{arg} ({})", unit.names.get(arg as usize).map_or("?", |n| n)),
        Operand::Local => format!("{arg} ({})", local(arg)),
        Operand::Local2 => {
            let (a, b) = (arg & 0xfff, arg >> 12);
            format!("{a}, {b} ({}, {})", local(a), local(b))
        }
        Operand::Jump => format!("{arg} (to {})", label(arg)),
        Operand::Binary => format!("{arg} ({})", BinaryOp::from_arg(arg).map_or("?", BinaryOp::text)),
        Operand::Compare => {
            let text = CompareOp::from_arg(arg & !COMPARE_TO_BOOL).map_or("?", CompareOp::text);
            if arg & COMPARE_TO_BOOL != 0 { format!("{arg} (bool({text}))") } else { format!("{arg} ({text})") }
        }
        Operand::Intrinsic => format!("{arg} ({})", Intrinsic::from_arg(arg).map_or("?", Intrinsic::text)),
    }
}

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
