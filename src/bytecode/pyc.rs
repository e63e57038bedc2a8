//! Code units as bytes: the contents of a `.pyc` file and of the embedded standard library.
//!
//! | part | encoding |
//! |---|---|
//! | magic | four bytes, changed with the format and with the opcode table |
//! | texts | count, then per text its length and bytes; names and str constants are indexes into them |
//! | filename | index of a text |
//! | unit | the fields of `CodeUnit` in order; units among the constants are nested |
//!
//! Numbers are LEB128 (signed ones zigzag). An instruction is its opcode byte and its operand; cache words are not
//! stored, as they only number the caches. A location is a difference to the one before.

use super::opcode::{MAX_ARG, OPS, Op, arg, encode as word};
use super::unit::{CodeUnit, Constant, Handler, Local, Location};
use super::verify::verify;
use std::collections::HashMap;
use std::sync::Arc;

/// The version of the format itself.
const FORMAT: u32 = 1;

/// How deep constants and units may nest.
const MAX_NESTING: u32 = 1000;

/// How many bytes of texts a file may stand for (some text is named often), and how many for each of its bytes.
const LEAST_COPIES: usize = 16 << 20;
const COPIES: usize = 64;

/// Why bytes are no code unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed(pub String);

fn malformed<T>(what: &str) -> Result<T, Malformed> {
    Err(Malformed(what.into()))
}

/// The first four bytes: two that depend on the format and every opcode, then a carriage return and a newline, which
/// a text-mode copy would damage.
pub fn magic() -> [u8; 4] {
    static MAGIC: std::sync::OnceLock<[u8; 4]> = std::sync::OnceLock::new();
    *MAGIC.get_or_init(|| {
        let mut hash = 0x811c_9dc5 ^ FORMAT;
        for info in OPS {
            for &byte in info.name.as_bytes() {
                hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
            }
            hash = (hash ^ info.operand as u32 ^ u32::from(info.cache) << 8).wrapping_mul(0x0100_0193);
        }
        let folded = (hash >> 16) ^ hash;
        [folded as u8, (folded >> 8) as u8, b'\r', b'\n']
    })
}

#[derive(Default)]
struct Writer<'u> {
    out: Vec<u8>,
    texts: Vec<&'u [u8]>,
    index: HashMap<&'u [u8], u64>,
}

/// Encodes a unit with everything in it.
pub fn encode(unit: &CodeUnit) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.text(unit.filename.as_bytes());
    writer.unit(unit);
    let body = std::mem::take(&mut writer.out);
    let texts = std::mem::take(&mut writer.texts);
    writer.out.extend(magic());
    writer.number(texts.len() as u64);
    for text in texts {
        writer.number(text.len() as u64);
        writer.out.extend(text);
    }
    writer.out.extend(body);
    writer.out
}

impl<'u> Writer<'u> {
    fn number(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.out.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.out.push(n as u8);
    }

    fn signed(&mut self, n: i64) {
        self.number((n << 1 ^ n >> 63) as u64);
    }

    fn text(&mut self, text: &'u [u8]) {
        let next = self.texts.len() as u64;
        let index = *self.index.entry(text).or_insert(next);
        if index == next {
            self.texts.push(text);
        }
        self.number(index);
    }

    fn unit(&mut self, unit: &'u CodeUnit) {
        self.text(unit.name.as_bytes());
        self.text(unit.qualname.as_bytes());
        for n in [
            unit.first_line,
            unit.arg_count,
            unit.positional_only_count,
            unit.keyword_only_count,
            unit.flags,
            unit.stack_size,
        ] {
            self.number(n.into());
        }
        self.number(unit.locals.len() as u64);
        for local in &unit.locals {
            self.text(local.name.as_bytes());
            self.out.push(local.kind);
        }
        self.number(unit.names.len() as u64);
        for name in &unit.names {
            self.text(name.as_bytes());
        }
        self.constants(&unit.consts);
        self.number(unit.instructions.len() as u64);
        let mut at = 0;
        while let Some(&instruction) = unit.instructions.get(at) {
            self.out.push(instruction as u8);
            self.number(arg(instruction).into());
            let cache = Op::decode(instruction).is_some_and(|op| op.info().cache);
            at += 1 + usize::from(cache);
        }
        self.number(unit.locations.len() as u64);
        let (mut last, mut line) = (0, 0);
        for (start, location) in &unit.locations {
            self.number(u64::from(start - last));
            self.signed(i64::from(location.line) - line);
            self.signed(i64::from(location.end_line) - i64::from(location.line));
            self.signed(location.column.into());
            self.signed(location.end_column.into());
            last = *start;
            line = location.line.into();
        }
        self.number(unit.handlers.len() as u64);
        for h in &unit.handlers {
            for n in [h.start, h.end, h.target, h.depth << 1 | u32::from(h.lasti)] {
                self.number(n.into());
            }
        }
    }

    fn constants(&mut self, constants: &'u [Constant]) {
        self.number(constants.len() as u64);
        for constant in constants {
            self.constant(constant);
        }
    }

    fn constant(&mut self, constant: &'u Constant) {
        match constant {
            Constant::None => self.out.push(0),
            Constant::True => self.out.push(1),
            Constant::False => self.out.push(2),
            Constant::Ellipsis => self.out.push(3),
            Constant::Int(i) => {
                self.out.push(4);
                self.signed(*i);
            }
            Constant::BigInt { negative, magnitude } => {
                self.out.push(5 + u8::from(*negative));
                self.number(magnitude.len() as u64);
                self.out.extend(&magnitude[..]);
            }
            Constant::Float(f) => {
                self.out.push(7);
                self.out.extend(f.to_bits().to_le_bytes());
            }
            Constant::Complex(re, im) => {
                self.out.push(8);
                self.out.extend(re.to_bits().to_le_bytes());
                self.out.extend(im.to_bits().to_le_bytes());
            }
            Constant::Str(text) => {
                self.out.push(9);
                self.text(text);
            }
            Constant::Bytes(bytes) => {
                self.out.push(10);
                self.text(bytes);
            }
            Constant::Tuple(items) => {
                self.out.push(11);
                self.constants(items);
            }
            Constant::FrozenSet(items) => {
                self.out.push(12);
                self.constants(items);
            }
            Constant::Slice(parts) => {
                self.out.push(13);
                for part in parts.iter() {
                    self.constant(part);
                }
            }
            Constant::Code(unit) => {
                self.out.push(14);
                self.unit(unit);
            }
        }
    }
}

struct Reader<'b> {
    rest: &'b [u8],
    texts: Vec<&'b [u8]>,
    filename: Arc<str>,
    nesting: u32,
    /// Bytes of texts that may still be copied.
    copies: usize,
}

/// Decodes and verifies bytes from outside.
pub fn decode(bytes: &[u8]) -> Result<CodeUnit, Malformed> {
    let unit = decode_trusted(bytes)?;
    verify(&unit).map_err(|e| Malformed(e.0))?;
    Ok(unit)
}

/// Decodes bytes that `encode` made (the embedded library): their structure is checked, the code in them is not.
pub fn decode_trusted(bytes: &[u8]) -> Result<CodeUnit, Malformed> {
    let Some(rest) = bytes.strip_prefix(&magic()) else { return malformed("bad magic number") };
    let mut reader = Reader {
        rest,
        texts: Vec::new(),
        filename: "".into(),
        nesting: 0,
        copies: LEAST_COPIES + bytes.len().saturating_mul(COPIES),
    };
    let count = reader.count()?;
    for _ in 0..count {
        let len = reader.count()?;
        let text = reader.take(len)?;
        reader.texts.push(text);
    }
    reader.filename = reader.name()?.into();
    let unit = reader.unit()?;
    if !reader.rest.is_empty() {
        return malformed("trailing bytes");
    }
    Ok(unit)
}

impl<'b> Reader<'b> {
    fn byte(&mut self) -> Result<u8, Malformed> {
        let Some((&byte, rest)) = self.rest.split_first() else { return malformed("too short") };
        self.rest = rest;
        Ok(byte)
    }

    fn take(&mut self, len: usize) -> Result<&'b [u8], Malformed> {
        if len > self.rest.len() {
            return malformed("too short");
        }
        let (taken, rest) = self.rest.split_at(len);
        self.rest = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<u64, Malformed> {
        let first = self.byte()?;
        if first < 0x80 {
            return Ok(first.into());
        }
        let mut n = u64::from(first & 0x7f);
        for shift in (7..64).step_by(7) {
            let byte = self.byte()?;
            n |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(n);
            }
        }
        malformed("number too long")
    }

    fn small(&mut self) -> Result<u32, Malformed> {
        u32::try_from(self.number()?).or_else(|_| malformed("number too large"))
    }

    fn signed(&mut self) -> Result<i64, Malformed> {
        let n = self.number()?;
        Ok((n >> 1) as i64 ^ -((n & 1) as i64))
    }

    /// A count of things that take at least a byte each.
    fn count(&mut self) -> Result<usize, Malformed> {
        let n = self.number()?;
        if n > self.rest.len() as u64 { malformed("count too large") } else { Ok(n as usize) }
    }

    fn text(&mut self) -> Result<&'b [u8], Malformed> {
        let index = self.number()? as usize;
        let Some(text) = self.texts.get(index) else { return malformed("no such text") };
        // Whoever asks copies it, and a byte of the file is enough to ask.
        match self.copies.checked_sub(text.len()) {
            Some(left) => self.copies = left,
            None => return malformed("too much text"),
        }
        Ok(text)
    }

    fn name(&mut self) -> Result<&'b str, Malformed> {
        std::str::from_utf8(self.text()?).or_else(|_| malformed("a name is not UTF-8"))
    }

    fn nested<T>(&mut self, f: impl FnOnce(&mut Self) -> Result<T, Malformed>) -> Result<T, Malformed> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return malformed("nested too deeply");
        }
        let result = f(self)?;
        self.nesting -= 1;
        Ok(result)
    }

    fn unit(&mut self) -> Result<CodeUnit, Malformed> {
        let mut unit = CodeUnit {
            name: self.name()?.into(),
            qualname: self.name()?.into(),
            filename: self.filename.clone(),
            first_line: self.small()?,
            arg_count: self.small()?,
            positional_only_count: self.small()?,
            keyword_only_count: self.small()?,
            flags: self.small()?,
            stack_size: self.small()?,
            ..CodeUnit::default()
        };
        let count = self.count()?;
        unit.locals.reserve_exact(count);
        for _ in 0..count {
            let name = self.name()?.into();
            unit.locals.push(Local { name, kind: self.byte()? });
        }
        let count = self.count()?;
        unit.names.reserve_exact(count);
        for _ in 0..count {
            unit.names.push(self.name()?.into());
        }
        unit.consts = self.constants()?;
        self.instructions(&mut unit)?;
        self.locations(&mut unit)?;
        let count = self.count()?;
        unit.handlers.reserve_exact(count);
        for _ in 0..count {
            let (start, end, target, depth) = (self.small()?, self.small()?, self.small()?, self.small()?);
            unit.handlers.push(Handler { start, end, target, depth: depth >> 1, lasti: depth & 1 != 0 });
        }
        Ok(unit)
    }

    fn instructions(&mut self, unit: &mut CodeUnit) -> Result<(), Malformed> {
        let count = self.number()? as usize;
        // An instruction takes two bytes at least and makes two words at most.
        if count > self.rest.len() {
            return malformed("count too large");
        }
        unit.instructions.reserve_exact(count);
        while unit.instructions.len() < count {
            let Some(op) = Op::decode(self.byte()?.into()) else { return malformed("unknown opcode") };
            let arg = self.small()?;
            if arg > MAX_ARG {
                return malformed("operand too large");
            }
            unit.instructions.push(word(op, arg));
            if op.info().cache {
                unit.instructions.push(unit.cache_count);
                unit.cache_count += 1;
            }
        }
        if unit.instructions.len() == count { Ok(()) } else { malformed("instruction count") }
    }

    fn locations(&mut self, unit: &mut CodeUnit) -> Result<(), Malformed> {
        let count = self.count()?;
        unit.locations.reserve_exact(count);
        let (mut start, mut line) = (0u32, 0i64);
        let bounded = |n: i64| i32::try_from(n).or_else(|_| malformed("location"));
        for _ in 0..count {
            start = match start.checked_add(self.small()?) {
                Some(start) => start,
                None => return malformed("location"),
            };
            line = line.wrapping_add(self.signed()?);
            let end_line = line.wrapping_add(self.signed()?);
            let (Ok(first), Ok(last)) = (u32::try_from(line), u32::try_from(end_line)) else {
                return malformed("location");
            };
            let column = bounded(self.signed()?)?;
            let end_column = bounded(self.signed()?)?;
            unit.locations.push((start, Location { line: first, end_line: last, column, end_column }));
        }
        Ok(())
    }

    fn constants(&mut self) -> Result<Vec<Constant>, Malformed> {
        let count = self.count()?;
        // Little at first: nested ones wait, each with its room.
        let mut constants = Vec::with_capacity(count.min(64));
        for _ in 0..count {
            constants.push(self.constant()?);
        }
        Ok(constants)
    }

    fn float(&mut self) -> Result<f64, Malformed> {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(self.take(8)?);
        Ok(f64::from_le_bytes(bytes))
    }

    fn constant(&mut self) -> Result<Constant, Malformed> {
        Ok(match self.byte()? {
            0 => Constant::None,
            1 => Constant::True,
            2 => Constant::False,
            3 => Constant::Ellipsis,
            4 => Constant::Int(self.signed()?),
            tag @ (5 | 6) => {
                let len = self.count()?;
                Constant::BigInt { negative: tag == 6, magnitude: self.take(len)?.into() }
            }
            7 => Constant::Float(self.float()?),
            8 => Constant::Complex(self.float()?, self.float()?),
            9 => Constant::Str(self.text()?.into()),
            10 => Constant::Bytes(self.text()?.into()),
            11 => Constant::Tuple(self.nested(Self::constants)?.into()),
            12 => Constant::FrozenSet(self.nested(Self::constants)?.into()),
            13 => self.nested(|r| {
                let parts = [r.constant()?, r.constant()?, r.constant()?];
                Ok(Constant::Slice(Box::new(parts)))
            })?,
            14 => Constant::Code(Arc::new(self.nested(Self::unit)?)),
            _ => return malformed("unknown constant"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytecode::dis::disassemble;
    use crate::compiler::{Mode, Options, compile};

    const SOURCE: &str = r#"
import a.b as c
def f(x, *y, k=-5, **z):
    """doc"""
    try:
        with c as d:
            for x in y: yield (x, 1.5, 2j, b"b", 10**30, -(10**25), "\ud800", x[1:2])
    except* E as e:
        del c, {1, 2, 3}.x
    finally:
        print([x for x in z if (lambda: x)()])
class C[T](c):
    a: int = f if c else 1
    async def g(self):
        return await super().g(self, p=1)
"#;

    fn sample() -> CodeUnit {
        compile(SOURCE, "sample.py", Mode::Exec, Options::default()).unwrap().unit
    }

    #[test]
    fn units_survive_the_way_there_and_back() {
        let unit = sample();
        let bytes = encode(&unit);
        let back = decode(&bytes).unwrap();
        assert_eq!(disassemble(&unit), disassemble(&back));
        assert_eq!(encode(&back), bytes);
        assert_eq!(&*back.filename, "sample.py");
    }

    #[test]
    fn damaged_bytes_are_refused_or_sound() {
        let bytes = encode(&sample());
        for len in 0..bytes.len() {
            assert!(decode(&bytes[..len]).is_err());
        }
        let mut refused = 0;
        let mut random = 12345u32;
        for at in 4..bytes.len() {
            random = random.wrapping_mul(1_103_515_245).wrapping_add(12345);
            let mut damaged = bytes.clone();
            damaged[at] ^= (random >> 16) as u8 | 1;
            match decode(&damaged) {
                // What is accepted passes the checks again after another way there and back.
                Ok(unit) => assert!(decode(&encode(&unit)).is_ok()),
                Err(_) => refused += 1,
            }
        }
        assert!(refused > bytes.len() / 4, "only {refused} of {}", bytes.len());
        let mut wrong = bytes;
        wrong[0] ^= 1;
        assert_eq!(decode(&wrong).unwrap_err().0, "bad magic number");
    }
}
