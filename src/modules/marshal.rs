//! `marshal`: values as bytes, in CPython's format version 4; code objects as `.pyc` files hold them (type `c`).

use crate::bytecode::code::{self, Code};
use crate::bytecode::pyc;
use crate::bytecode::unit::Constant;
use crate::object::args::Bound;
use crate::object::audit;
use crate::object::bigint::{self, IntView};
use crate::object::core_types;
use crate::object::dict::{self, Dict};
use crate::object::list::{self, List};
use crate::object::raise::{self, PyResult};
use crate::object::str::{self, Str};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::text::TextBuf;
use crate::object::thread::Thread;
use crate::object::tuple::{self, Tuple};
use crate::object::value::Value;
use crate::object::{buffer, hooks, names, protocol};
use crate::types::bytes::payload as bytes;
use dashu_int::{IBig, UBig};

/// `marshal.version`.
const VERSION: i64 = 5;

/// How deep values may nest.
const MAX_DEPTH: usize = 2000;

fn unmarshallable(t: &Thread) -> raise::Raised {
    raise::value_error(t, "unmarshallable object")
}

fn write_size(out: &mut Vec<u8>, n: usize) {
    out.extend((n as u32).to_le_bytes());
}

fn write_big(out: &mut Vec<u8>, big: &IBig) {
    // Digits of 15 bits, as CPython writes them; the sign goes to their number.
    let negative = *big < IBig::ZERO;
    let bytes = big.clone().unsigned_abs_le_bytes();
    let mut digits: Vec<u16> = Vec::new();
    let (mut have, mut bits) = (0u32, 0);
    for b in bytes {
        have |= u32::from(b) << bits;
        bits += 8;
        while bits >= 15 {
            digits.push((have & 0x7fff) as u16);
            have >>= 15;
            bits -= 15;
        }
    }
    if have != 0 {
        digits.push(have as u16);
    }
    while digits.last() == Some(&0) {
        digits.pop();
    }
    let n = digits.len() as i32;
    out.push(b'l');
    out.extend((if negative { -n } else { n }).to_le_bytes());
    digits.iter().for_each(|d| out.extend(d.to_le_bytes()));
}

/// Magnitudes as bytes.
trait Magnitude {
    fn unsigned_abs_le_bytes(self) -> Vec<u8>;
}

impl Magnitude for IBig {
    fn unsigned_abs_le_bytes(self) -> Vec<u8> {
        let (_, magnitude) = self.into_parts();
        magnitude.to_le_bytes().to_vec()
    }
}

/// Runs what recurses as deep as code and constants nest: on a stack of its own, where the thread's is small.
fn with_room<R>(f: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(8 << 20, 32 << 20, f)
}

fn write(t: &Thread, out: &mut Vec<u8>, v: &Value, depth: usize) -> PyResult<()> {
    if depth > MAX_DEPTH || t.stack_is_low() {
        return Err(raise::value_error(t, "object too deeply nested to marshal"));
    }
    if v.is_none() {
        out.push(b'N');
    } else if let Some(b) = v.as_bool() {
        out.push(if b { b'T' } else { b'F' });
    } else if v.is(&Value::ELLIPSIS) {
        out.push(b'.');
    } else if v.is(&core_types::exc::STOP_ITERATION.as_value()) {
        out.push(b'S');
    } else if let Some(f) = v.as_float() {
        out.push(b'g');
        out.extend(f.to_le_bytes());
    } else if v.is_exact(&core_types::INT) {
        match bigint::view(v) {
            Some(IntView::Small(i)) => match i32::try_from(i) {
                Ok(i) => {
                    out.push(b'i');
                    out.extend(i.to_le_bytes());
                }
                Err(_) => write_big(out, &IBig::from(i)),
            },
            Some(IntView::Big(big)) => write_big(out, big),
            None => return Err(unmarshallable(t)),
        }
    } else if let Some(s) = v.downcast_exact::<Str>() {
        let text = s.view().to_wtf8();
        out.push(if s.is_interned() { b't' } else { b'u' });
        write_size(out, text.len());
        out.extend(&*text);
    } else if v.is_exact(&core_types::BYTES) {
        let b = bytes::view(v).unwrap_or_default();
        out.push(b's');
        write_size(out, b.len());
        out.extend(b);
    } else if let Some(items) = v.downcast_exact::<Tuple>() {
        out.push(b'(');
        write_size(out, items.items().len());
        items.items().iter().try_for_each(|item| write(t, out, item, depth + 1))?;
    } else if let Some(items) = v.downcast_exact::<List>() {
        let items = items.items(t);
        out.push(b'[');
        write_size(out, items.len());
        items.iter().try_for_each(|item| write(t, out, item, depth + 1))?;
    } else if let Some(d) = v.downcast_exact::<Dict>() {
        out.push(b'{');
        for (key, value) in d.entries() {
            write(t, out, &key, depth + 1)?;
            write(t, out, &value, depth + 1)?;
        }
        out.push(b'0');
    } else if v.is_exact(&core_types::SET) || v.is_exact(&core_types::FROZENSET) {
        let items = protocol::collect(t, v)?;
        out.push(if v.is_exact(&core_types::SET) { b'<' } else { b'>' });
        write_size(out, items.len());
        items.iter().try_for_each(|item| write(t, out, item, depth + 1))?;
    } else if v.is_exact(&core_types::COMPLEX) {
        let Some(c) = crate::types::complex::object::as_complex(v) else { return Err(unmarshallable(t)) };
        out.push(b'y');
        out.extend(c.re.to_le_bytes());
        out.extend(c.im.to_le_bytes());
    } else if v.is_exact(&core_types::SLICE) {
        out.push(b':');
        for name in ["start", "stop", "step"] {
            write(t, out, &protocol::get_attr_str(t, v, name)?, depth + 1)?;
        }
    } else if let Some(code) = v.downcast::<Code>() {
        let encoded = with_room(|| code.to_unit(&mut |c| constant_of(t, c)).map(|unit| pyc::encode(&unit)));
        let Some(encoded) = encoded else { return Err(unmarshallable(t)) };
        out.push(b'c');
        write_size(out, encoded.len());
        out.extend(encoded);
    } else if let Ok(buffer) = buffer::get(t, v, buffer::Request::Read) {
        out.push(b's');
        write_size(out, buffer.len);
        out.extend(buffer.as_slice());
    } else {
        drop(raise::pending(t).map(|raised| raise::take(t, raised)));
        return Err(unmarshallable(t));
    }
    Ok(())
}

/// How deep constants may nest: what looks at them, and lets go of them, does not look at its stack.
const MAX_NESTING: u32 = 200;

/// A constant of a code object as the compiler made it; None for what is no constant, or nests too deep.
pub fn constant_of(t: &Thread, v: &Value) -> Option<Constant> {
    nested_constant(t, v, MAX_NESTING)
}

/// Whether a tuple, frozenset or slice nests too deep for a constant.
pub fn nests_too_deep(t: &Thread, v: &Value) -> bool {
    fn look(t: &Thread, v: &Value, left: u32) -> bool {
        let contained = match v.downcast_exact::<Tuple>() {
            Some(tuple) => tuple.items().to_vec(),
            None if v.is_exact(&core_types::FROZENSET) => match protocol::collect(t, v) {
                Ok(items) => items,
                Err(raised) => {
                    drop(raise::take(t, raised));
                    return true;
                }
            },
            None => return false,
        };
        left == 0 || contained.iter().any(|item| look(t, item, left - 1))
    }
    look(t, v, MAX_NESTING)
}

fn nested_constant(t: &Thread, v: &Value, left: u32) -> Option<Constant> {
    if v.is_none() {
        return Some(Constant::None);
    }
    if let Some(b) = v.as_bool() {
        return Some(if b { Constant::True } else { Constant::False });
    }
    if v.is(&Value::ELLIPSIS) {
        return Some(Constant::Ellipsis);
    }
    if let Some(f) = v.as_float() {
        return Some(Constant::Float(f));
    }
    if v.is_exact(&core_types::INT) {
        return Some(match bigint::view(v)? {
            IntView::Small(i) => Constant::Int(i),
            IntView::Big(big) => {
                Constant::BigInt { negative: *big < IBig::ZERO, magnitude: big.clone().unsigned_abs_le_bytes().into() }
            }
        });
    }
    if let Some(s) = v.downcast_exact::<Str>() {
        return Some(Constant::Str(s.view().to_wtf8().into_owned().into()));
    }
    if v.is_exact(&core_types::BYTES) {
        return Some(Constant::Bytes(bytes::view(v)?.into()));
    }
    if left == 0 {
        return None;
    }
    if let Some(items) = v.downcast_exact::<Tuple>() {
        return Some(Constant::Tuple(
            items.items().iter().map(|c| nested_constant(t, c, left - 1)).collect::<Option<_>>()?,
        ));
    }
    if v.is_exact(&core_types::FROZENSET) {
        let items = match protocol::collect(t, v) {
            Ok(items) => items,
            Err(raised) => {
                drop(raise::take(t, raised));
                return None;
            }
        };
        return Some(Constant::FrozenSet(
            items.iter().map(|c| nested_constant(t, c, left - 1)).collect::<Option<_>>()?,
        ));
    }
    if v.is_exact(&core_types::COMPLEX) {
        let c = crate::types::complex::object::as_complex(v)?;
        return Some(Constant::Complex(c.re, c.im));
    }
    if v.is_exact(&core_types::SLICE) {
        let part = |name: &str| match protocol::get_attr_str(t, v, name) {
            Ok(part) => nested_constant(t, &part, left - 1),
            Err(raised) => {
                drop(raise::take(t, raised));
                None
            }
        };
        return Some(Constant::Slice(Box::new([part("start")?, part("stop")?, part("step")?])));
    }
    if let Some(code) = v.downcast::<Code>() {
        return Some(Constant::Code(std::sync::Arc::new(code.to_unit(&mut |c| nested_constant(t, c, left - 1))?)));
    }
    None
}

/// The bytes being read.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Values that later ones refer to (bit 7 of the type).
    refs: Vec<Value>,
}

impl Reader<'_> {
    fn take(&mut self, t: &Thread, n: usize) -> PyResult<&[u8]> {
        let end = self.at.checked_add(n).filter(|end| *end <= self.bytes.len());
        let Some(end) = end else { return Err(raise::eof_error(t, "marshal data too short")) };
        let part = &self.bytes[self.at..end];
        self.at = end;
        Ok(part)
    }

    fn byte(&mut self, t: &Thread) -> PyResult<u8> {
        match self.bytes.get(self.at) {
            Some(b) => {
                self.at += 1;
                Ok(*b)
            }
            None => Err(raise::eof_error(t, "EOF read where object expected")),
        }
    }

    fn int(&mut self, t: &Thread) -> PyResult<i32> {
        let part = self.take(t, 4)?;
        Ok(i32::from_le_bytes([part[0], part[1], part[2], part[3]]))
    }

    fn size(&mut self, t: &Thread) -> PyResult<usize> {
        match usize::try_from(self.int(t)?) {
            // Each item takes a byte at least.
            Ok(n) if n <= self.bytes.len() - self.at => Ok(n),
            _ => Err(raise::value_error(t, "bad marshal data (size out of range)")),
        }
    }

    fn float(&mut self, t: &Thread) -> PyResult<f64> {
        let part = self.take(t, 8)?;
        Ok(f64::from_le_bytes(part.try_into().unwrap_or_default()))
    }

    fn bad(t: &Thread) -> raise::Raised {
        raise::value_error(t, "bad marshal data (unknown type code)")
    }

    /// A value; None for the null that ends a dict.
    fn value(&mut self, t: &Thread, depth: usize) -> PyResult<Option<Value>> {
        if depth > MAX_DEPTH || t.stack_is_low() {
            return Err(raise::value_error(t, "recursion limit exceeded"));
        }
        let byte = self.byte(t)?;
        let (kind, flagged) = (byte & 0x7f, byte & 0x80 != 0);
        let place = self.refs.len();
        if flagged {
            self.refs.push(Value::NONE);
        }
        let v = match kind {
            b'0' => return Ok(None),
            b'N' => Value::NONE,
            b'T' => Value::TRUE,
            b'F' => Value::FALSE,
            b'.' => Value::ELLIPSIS,
            b'S' => core_types::exc::STOP_ITERATION.to_value(),
            b'i' => Value::int(self.int(t)? as i64),
            b'I' => {
                let part = self.take(t, 8)?;
                Value::int(i64::from_le_bytes(part.try_into().unwrap_or_default()))
            }
            b'l' => self.big(t)?,
            b'g' => Value::float(self.float(t)?),
            b'f' => {
                let n = self.byte(t)? as usize;
                let text = String::from_utf8_lossy(self.take(t, n)?).into_owned();
                Value::float(text.parse().map_err(|_| Reader::bad(t))?)
            }
            b'y' => (hooks::get().complex)(self.float(t)?, self.float(t)?),
            b'u' | b't' => {
                let n = self.size(t)?;
                let Some(buf) = TextBuf::from_wtf8(self.take(t, n)?) else {
                    return Err(raise::value_error(t, "bad marshal data (invalid UTF-8)"));
                };
                let v = str::from_buf(buf);
                if kind == b't' { names::intern_value(&v) } else { v }
            }
            b'a' | b'A' | b'z' | b'Z' => {
                let n = if matches!(kind, b'z' | b'Z') { self.byte(t)? as usize } else { self.size(t)? };
                let text = self.take(t, n)?;
                let v = str::from_buf(TextBuf::from_latin1(text.to_vec()));
                if matches!(kind, b'A' | b'Z') { names::intern_value(&v) } else { v }
            }
            b's' => {
                let n = self.size(t)?;
                bytes::from_slice(self.take(t, n)?)
            }
            b'(' | b')' => {
                let n = if kind == b')' { self.byte(t)? as usize } else { self.size(t)? };
                tuple::from_vec(self.items(t, n, depth)?)
            }
            b'[' => {
                let n = self.size(t)?;
                list::from_vec(self.items(t, n, depth)?)
            }
            b'{' => {
                let v = dict::new();
                while let Some(key) = self.value(t, depth + 1)? {
                    let Some(value) = self.value(t, depth + 1)? else { break };
                    if let Some(d) = v.downcast::<Dict>() {
                        drop(d.set(t, key, value)?);
                    }
                }
                v
            }
            b'<' | b'>' => {
                let n = self.size(t)?;
                let items = list::from_vec(self.items(t, n, depth)?);
                let class = if kind == b'<' { &core_types::SET } else { &core_types::FROZENSET };
                protocol::call_values(t, &class.as_value(), &[items])?
            }
            b':' => {
                let parts = self.items(t, 3, depth)?;
                let [start, stop, step] = <[Value; 3]>::try_from(parts).map_err(|_| Reader::bad(t))?;
                (hooks::get().slice)(start, stop, step)
            }
            b'r' => {
                let n = self.int(t)? as usize;
                match self.refs.get(n) {
                    Some(v) => v.clone(),
                    None => return Err(raise::value_error(t, "bad marshal data (invalid reference)")),
                }
            }
            b'c' => {
                let n = self.size(t)?;
                let bytes = self.take(t, n)?;
                match with_room(|| pyc::decode(bytes).map(|unit| code::link(&unit))) {
                    Ok(code) => code,
                    Err(e) => return Err(raise::value_error(t, format!("bad marshal data ({})", e.0))),
                }
            }
            _ => return Err(Reader::bad(t)),
        };
        if flagged {
            self.refs[place] = v.clone();
        }
        Ok(Some(v))
    }

    fn items(&mut self, t: &Thread, n: usize, depth: usize) -> PyResult<Vec<Value>> {
        let mut items = Vec::with_capacity(n.min(1 << 16));
        for _ in 0..n {
            match self.value(t, depth + 1)? {
                Some(v) => items.push(v),
                None => return Err(raise::type_error(t, "NULL object in marshal data for tuple")),
            }
        }
        Ok(items)
    }

    fn big(&mut self, t: &Thread) -> PyResult {
        let n = self.int(t)?;
        let digits = self.take(t, n.unsigned_abs() as usize * 2)?;
        let mut magnitude = UBig::ZERO;
        for pair in digits.rchunks(2) {
            let digit = u16::from_le_bytes([pair[0], pair[1]]);
            if digit > 0x7fff {
                return Err(raise::value_error(t, "bad marshal data (digit out of range in long)"));
            }
            magnitude = (magnitude << 15) | UBig::from(digit);
        }
        let big = IBig::from(magnitude);
        Ok(bigint::from_big(if n < 0 { -big } else { big }))
    }
}

fn dumps(t: &Thread, b: &Bound<'_>) -> PyResult {
    let mut out = Vec::new();
    audit::event(t, "marshal.dumps", || [b.req(0).clone(), b.opt(1).cloned().unwrap_or(Value::int(VERSION))])?;
    write(t, &mut out, b.req(0), 0)?;
    Ok(bytes::from_vec(out))
}

fn loads(t: &Thread, b: &Bound<'_>) -> PyResult {
    let buffer = buffer::get(t, b.req(0), buffer::Request::Read)?;
    audit::event(t, "marshal.loads", || [b.req(0).clone()])?;
    let mut reader = Reader { bytes: buffer.as_slice(), at: 0, refs: Vec::new() };
    match reader.value(t, 0)? {
        Some(v) => Ok(v),
        None => Err(raise::type_error(t, "NULL object in marshal data for object")),
    }
}

fn dump(t: &Thread, b: &Bound<'_>) -> PyResult {
    let mut out = Vec::new();
    audit::event(t, "marshal.dumps", || [b.req(0).clone(), b.opt(2).cloned().unwrap_or(Value::int(VERSION))])?;
    write(t, &mut out, b.req(0), 0)?;
    protocol::call_method(t, b.req(1), &names::known().write, &[bytes::from_vec(out)])
}

fn load(t: &Thread, file: &Value) -> PyResult {
    audit::event(t, "marshal.load", || [])?;
    // The file may go on after the value: read it all, then put the place behind the value.
    let start = protocol::call_method_str(t, file, "tell", &[]);
    let start = match start {
        Ok(start) => Some(protocol::index_i64(t, &start)?),
        Err(raised) => {
            drop(raise::take(t, raised));
            None
        }
    };
    let data = protocol::call_method(t, file, &names::known().read, &[])?;
    let Some(all) = bytes::view(&data) else {
        let message = format!("file.read() returned not bytes but {}", data.class().name());
        return Err(raise::type_error(t, message));
    };
    let mut reader = Reader { bytes: all, at: 0, refs: Vec::new() };
    let v = reader.value(t, 0)?;
    if let Some(start) = start {
        let place = Value::int(start + reader.at as i64);
        protocol::call_method_str(t, file, "seek", &[place])?;
    }
    v.ok_or_else(|| raise::type_error(t, "NULL object in marshal data for object"))
}

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "dumps",
            "($module, value, version=5, /, *, allow_code=True)",
            NativeFn::Bound(dumps),
            "Return the bytes object that would be written to a file by dump(value, file).",
        ),
        Method::new(
            "loads",
            "($module, bytes, /, *, allow_code=True)",
            NativeFn::Bound(loads),
            "Convert the bytes-like object to a value.",
        ),
        Method::new(
            "dump",
            "($module, value, file, version=5, /, *, allow_code=True)",
            NativeFn::Bound(dump),
            "Write the value on the open file.",
        ),
        Method::new(
            "load",
            "($module, file, /, *, allow_code=True)",
            NativeFn::Bound(|t, b| load(t, b.req(0))),
            "Read one value from the open file and return it.",
        ),
    ],
    init: Some(|t, module| protocol::set_attr(t, module, &names::intern("version"), &Value::int(VERSION))),
    ..ModuleSpec::new(
        "marshal",
        "This module contains functions that can read and write Python values in\na binary format. The format is specific to Python, but independent of\nmachine architecture issues.",
    )
};
