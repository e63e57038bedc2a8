//! The stack machine that runs a pickle: the loop and what needs no other object's help.

use super::input::Input;
use super::library::{self, Library};
use super::opcode::*;
use super::unpickling_error;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::text::{TextBuf, TextRef};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{core_types, dict, hooks, list, names, protocol, set, str, tuple};
use crate::sync::shim::atomic::{AtomicU8, Ordering::Relaxed};
use crate::types::bytes::payload as bytes;
use crate::types::float::text as float_text;
use crate::types::int::{self, number};
use crate::types::str::codec::registry;
use std::collections::HashMap;

/// Numbers past this far beyond the memo's end go into a map: a pickle says which numbers it wants.
const DENSE: usize = 1 << 16;

/// The memo of an unpickler: objects by number.
#[derive(Default)]
pub struct Numbered {
    dense: Vec<Option<Value>>,
    sparse: HashMap<usize, Value>,
    count: usize,
}

impl Numbered {
    pub fn get(&self, number: usize) -> Option<&Value> {
        match self.dense.get(number) {
            Some(found) => found.as_ref(),
            None => self.sparse.get(&number),
        }
    }

    #[inline]
    pub fn put(&mut self, number: usize, v: Value) {
        if number == self.dense.len() && self.sparse.is_empty() {
            self.dense.push(Some(v));
            self.count += 1;
            return;
        }
        if number >= self.dense.len() && number - self.dense.len() <= DENSE {
            self.dense.resize(number + 1, None);
        }
        let old = match self.dense.get_mut(number) {
            Some(place) => place.replace(v),
            None => self.sparse.insert(number, v),
        };
        self.count += usize::from(old.is_none());
    }

    /// The objects with their numbers.
    pub fn into_entries(self) -> Vec<(usize, Value)> {
        let dense = self.dense.into_iter().enumerate().filter_map(|(i, v)| Some((i, v?)));
        dense.chain(self.sparse).collect()
    }
}

/// One call of `load` at work.
pub struct Machine<'a> {
    pub t: &'a Thread,
    pub library: &'static Library,
    pub input: Input<'a>,
    pub stack: Vec<Value>,
    /// Heights of the stack at the marks.
    pub marks: Vec<usize>,
    pub memo: Numbered,
    pub protocol: u8,
    pub fix_imports: bool,
    pub encoding: String,
    pub errors: String,
    /// An iterator over out-of-band buffers.
    pub buffers: Option<Value>,
    /// Overrides of a subclass or instance.
    pub find_class: Option<Value>,
    pub persistent_load: Option<Value>,
    /// Where an unpickler's own `find_class` reads the protocol.
    pub published: Option<&'a AtomicU8>,
}

impl Machine<'_> {
    /// Runs a pickle to its end.
    pub fn load(&mut self) -> PyResult {
        loop {
            let opcode = self.input.opcode(self.t)?;
            if opcode == STOP {
                break;
            }
            self.step(opcode)?;
        }
        let result = self.pop()?;
        self.input.skip_consumed(self.t)?;
        Ok(result)
    }

    #[cold]
    pub fn underflow(&self) -> Raised {
        let message = if self.marks.is_empty() { "unpickling stack underflow" } else { "unexpected MARK found" };
        unpickling_error(self.t, message)
    }

    /// The lowest height that may be popped.
    fn fence(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    pub fn pop(&mut self) -> PyResult {
        if self.stack.len() <= self.fence() {
            return Err(self.underflow());
        }
        self.stack.pop().ok_or_else(|| self.underflow())
    }

    pub fn top(&self) -> PyResult<&Value> {
        match self.stack.last() {
            Some(top) if self.stack.len() > self.fence() => Ok(top),
            _ => Err(self.underflow()),
        }
    }

    /// The height at the last mark, which is taken away.
    pub fn mark(&mut self) -> PyResult<usize> {
        self.marks.pop().ok_or_else(|| unpickling_error(self.t, "could not find MARK"))
    }

    /// What lies above the last mark.
    pub fn above_mark(&mut self) -> PyResult<Vec<Value>> {
        let height = self.mark()?;
        Ok(self.stack.split_off(height))
    }

    fn size(&mut self, width: usize, what: &str) -> PyResult<usize> {
        let n = match width {
            1 => u64::from(u8::from_le_bytes(self.input.array(self.t)?)),
            4 => u64::from(u32::from_le_bytes(self.input.array(self.t)?)),
            _ => u64::from_le_bytes(self.input.array(self.t)?),
        };
        if n > i64::MAX as u64 {
            let message = format!("{what} exceeds system's maximum size of {} bytes", i64::MAX);
            return Err(raise::overflow_error(self.t, message));
        }
        Ok(n as usize)
    }

    #[inline]
    fn step(&mut self, opcode: u8) -> PyResult<()> {
        let t = self.t;
        match opcode {
            NONE => self.stack.push(Value::NONE),
            BININT => {
                let i = i32::from_le_bytes(self.input.array(t)?);
                self.stack.push(Value::int(i64::from(i)));
            }
            BININT1 => {
                let [i] = self.input.array(t)?;
                self.stack.push(Value::int(i64::from(i)));
            }
            BININT2 => {
                let i = u16::from_le_bytes(self.input.array(t)?);
                self.stack.push(Value::int(i64::from(i)));
            }
            NEWTRUE => self.stack.push(Value::TRUE),
            NEWFALSE => self.stack.push(Value::FALSE),
            BINFLOAT => {
                let x = f64::from_be_bytes(self.input.array(t)?);
                self.stack.push(Value::float(x));
            }
            SHORT_BINUNICODE => self.text(1)?,
            BINUNICODE => self.text(4)?,
            BINUNICODE8 => self.text(8)?,
            SHORT_BINBYTES => self.byte_string(1)?,
            BINBYTES => self.byte_string(4)?,
            BINBYTES8 => self.byte_string(8)?,
            BYTEARRAY8 => {
                let n = self.size(8, "BYTEARRAY8")?;
                let data = self.input.take_into(t, n)?;
                self.stack.push(crate::types::bytearray::make(data));
            }
            MEMOIZE => {
                let v = self.top()?.clone();
                self.memo.put(self.memo.count, v);
            }
            BINPUT => {
                let [i] = self.input.array(t)?;
                self.memo_put(i as usize)?;
            }
            LONG_BINPUT => {
                let i = u32::from_le_bytes(self.input.array(t)?);
                self.memo_put(i as usize)?;
            }
            BINGET => {
                let [i] = self.input.array(t)?;
                self.memo_get(i as usize)?;
            }
            LONG_BINGET => {
                let i = u32::from_le_bytes(self.input.array(t)?);
                self.memo_get(i as usize)?;
            }
            MARK => self.marks.push(self.stack.len()),
            EMPTY_TUPLE => self.stack.push(names::empty_tuple()),
            TUPLE1 => self.short_tuple(1)?,
            TUPLE2 => self.short_tuple(2)?,
            TUPLE3 => self.short_tuple(3)?,
            TUPLE => {
                let items = self.above_mark()?;
                self.stack.push(tuple::from_vec(items));
            }
            EMPTY_LIST => self.stack.push(list::new()),
            LIST => {
                let items = self.above_mark()?;
                self.stack.push(list::from_vec(items));
            }
            APPEND => {
                let item = self.pop()?;
                self.append(vec![item])?;
            }
            APPENDS => {
                let items = self.above_mark()?;
                self.append(items)?;
            }
            EMPTY_DICT => self.stack.push(dict::new()),
            DICT => {
                let items = self.above_mark()?;
                if items.len() % 2 != 0 {
                    return Err(unpickling_error(t, "odd number of items for DICT"));
                }
                let v = dict::new();
                self.set_items(&v, items)?;
                self.stack.push(v);
            }
            SETITEM => {
                let value = self.pop()?;
                let key = self.pop()?;
                let target = self.top()?.clone();
                self.set_items(&target, vec![key, value])?;
            }
            SETITEMS => {
                let items = self.above_mark()?;
                if items.len() % 2 != 0 {
                    return Err(unpickling_error(t, "odd number of items for SETITEMS"));
                }
                let target = self.top()?.clone();
                self.set_items(&target, items)?;
            }
            EMPTY_SET => self.stack.push(set::new()),
            ADDITEMS => {
                let items = self.above_mark()?;
                self.add_items(items)?;
            }
            FROZENSET => {
                let items = self.above_mark()?;
                let v = set::from_iter(t, &core_types::FROZENSET, items)?;
                self.stack.push(v);
            }
            STACK_GLOBAL => {
                let name = self.pop()?;
                let module = self.pop()?;
                if !name.is_exact(&core_types::STR) || !module.is_exact(&core_types::STR) {
                    return Err(unpickling_error(t, "STACK_GLOBAL requires str"));
                }
                let found = self.find(&module, &name)?;
                self.stack.push(found);
            }
            GLOBAL => {
                let module = self.name_line()?;
                let name = self.name_line()?;
                let found = self.find(&module, &name)?;
                self.stack.push(found);
            }
            REDUCE => {
                let arguments = self.pop()?;
                let function = self.pop()?;
                if arguments.downcast::<tuple::Tuple>().is_none() {
                    return Err(raise::type_error(t, "argument list must be a tuple"));
                }
                let result = protocol::call_values(t, &function, tuple::items(&arguments))?;
                self.stack.push(result);
            }
            NEWOBJ => self.new_object(false)?,
            NEWOBJ_EX => self.new_object(true)?,
            BUILD => self.build()?,
            PROTO => {
                let [protocol] = self.input.array(t)?;
                if protocol > HIGHEST {
                    return Err(raise::value_error(t, format!("unsupported pickle protocol: {protocol}")));
                }
                self.protocol = protocol;
                if let Some(published) = self.published {
                    published.store(protocol, Relaxed);
                }
            }
            FRAME => {
                let n = u64::from_le_bytes(self.input.array(t)?);
                match usize::try_from(n).ok().filter(|&n| n <= i64::MAX as usize) {
                    Some(n) => self.input.frame(t, n)?,
                    None => {
                        let message = format!("FRAME length exceeds system's maximum of {} bytes", i64::MAX);
                        return Err(raise::overflow_error(t, message));
                    }
                }
            }
            LONG1 => {
                let [n] = self.input.array(t)?;
                self.long(n as usize)?;
            }
            LONG4 => {
                let n = i32::from_le_bytes(self.input.array(t)?);
                let Ok(n) = usize::try_from(n) else {
                    return Err(unpickling_error(t, "LONG pickle has negative byte count"));
                };
                self.long(n)?;
            }
            POP => {
                // A mark counts as an item.
                if self.marks.last() == Some(&self.stack.len()) {
                    self.marks.pop();
                } else {
                    drop(self.pop()?);
                }
            }
            POP_MARK => drop(self.above_mark()?),
            DUP => {
                let v = self.top()?.clone();
                self.stack.push(v);
            }
            BINPERSID => {
                let id = self.pop()?;
                self.persistent(&id)?;
            }
            NEXT_BUFFER => self.next_buffer()?,
            READONLY_BUFFER => self.readonly_buffer()?,
            EXT1 => {
                let [code] = self.input.array(t)?;
                self.extension(i64::from(code))?;
            }
            EXT2 => {
                let code = u16::from_le_bytes(self.input.array(t)?);
                self.extension(i64::from(code))?;
            }
            EXT4 => {
                let code = i32::from_le_bytes(self.input.array(t)?);
                self.extension(i64::from(code))?;
            }
            _ => return self.step_old(opcode),
        }
        Ok(())
    }

    /// Opcodes of old protocols.
    #[cold]
    fn step_old(&mut self, opcode: u8) -> PyResult<()> {
        let t = self.t;
        match opcode {
            INT => {
                let line = self.input.full_line(t)?.to_vec();
                let v = match &line[..] {
                    b"00" => Value::FALSE,
                    b"01" => Value::TRUE,
                    text => self.number(text)?,
                };
                self.stack.push(v);
            }
            LONG => {
                let line = self.input.full_line(t)?.to_vec();
                let v = self.number(line.strip_suffix(b"L").unwrap_or(&line))?;
                self.stack.push(v);
            }
            FLOAT => {
                let line = self.input.full_line(t)?;
                match float_text::parse(line) {
                    Some(x) => self.stack.push(Value::float(x)),
                    None => {
                        let line = str::from_view(TextRef::from_latin1(line));
                        let message = format!("could not convert string to float: {}", protocol::repr_lossy(t, &line));
                        return Err(raise::value_error(t, message));
                    }
                }
            }
            STRING => {
                let line = self.input.full_line(t)?.to_vec();
                let quoted = match &line[..] {
                    [a @ (b'"' | b'\''), inside @ .., b] if a == b => inside,
                    _ => return Err(unpickling_error(t, "the STRING opcode argument must be quoted")),
                };
                let codecs = (hooks::get().import)(t, "_codecs")?;
                let decoded = protocol::call_method_str(t, &codecs, "escape_decode", &[bytes::from_slice(quoted)])?;
                let decoded = tuple::items(&decoded).first().cloned().unwrap_or(Value::NONE);
                self.old_string(decoded)?;
            }
            BINSTRING => {
                let n = i32::from_le_bytes(self.input.array(t)?);
                let Ok(n) = usize::try_from(n) else {
                    return Err(unpickling_error(t, "BINSTRING pickle has negative byte count"));
                };
                let data = bytes::from_slice(self.input.take(t, n)?);
                self.old_string(data)?;
            }
            SHORT_BINSTRING => {
                let [n] = self.input.array(t)?;
                let data = bytes::from_slice(self.input.take(t, n as usize)?);
                self.old_string(data)?;
            }
            UNICODE => {
                let line = bytes::from_slice(self.input.line(t)?);
                let v = registry::decode(t, &line, Some("raw-unicode-escape"), None)?;
                self.stack.push(v);
            }
            PERSID => {
                let line = self.input.line(t)?;
                if !line.is_ascii() {
                    return Err(unpickling_error(t, "persistent IDs in protocol 0 must be ASCII strings"));
                }
                let id = str::from_view(TextRef::Ascii(line));
                self.persistent(&id)?;
            }
            GET => {
                let i = self.memo_line()?;
                self.memo_get(i)?;
            }
            PUT => {
                let i = self.memo_line()?;
                self.memo_put(i)?;
            }
            INST => {
                let module = self.name_line()?;
                let name = self.name_line()?;
                let class = self.find(&module, &name)?;
                let arguments = self.above_mark()?;
                self.instantiate(&class, &arguments)?;
            }
            OBJ => {
                let items = self.above_mark()?;
                let [class, arguments @ ..] = &items[..] else { return Err(self.underflow()) };
                self.instantiate(class, arguments)?;
            }
            c => {
                let message = match c {
                    0x20..=0x7e if c != b'\'' && c != b'\\' => format!("invalid load key, '{}'.", c as char),
                    _ => format!("invalid load key, '\\x{c:02x}'."),
                };
                return Err(unpickling_error(t, message));
            }
        }
        Ok(())
    }

    #[inline]
    fn text(&mut self, width: usize) -> PyResult<()> {
        let n = self.size(width, if width == 8 { "BINUNICODE8" } else { "BINUNICODE" })?;
        let t = self.t;
        let raw = self.input.take(t, n)?;
        let v = if raw.is_ascii() {
            str::from_ascii(raw)
        } else if let Some(text) = TextBuf::from_wtf8(raw) {
            str::from_buf(text)
        } else {
            let raw = bytes::from_slice(raw);
            registry::decode(t, &raw, Some("utf-8"), Some("surrogatepass"))?
        };
        self.stack.push(v);
        Ok(())
    }

    fn byte_string(&mut self, width: usize) -> PyResult<()> {
        let n = self.size(width, if width == 8 { "BINBYTES8" } else { "BINBYTES" })?;
        let v = bytes::from_slice(self.input.take(self.t, n)?);
        self.stack.push(v);
        Ok(())
    }

    fn long(&mut self, n: usize) -> PyResult<()> {
        let raw = self.input.take(self.t, n)?;
        let v = int::to_value(number::from_bytes(raw, number::Endian::Little, true));
        self.stack.push(v);
        Ok(())
    }

    /// An int from its literal.
    fn number(&mut self, text: &[u8]) -> PyResult {
        if let Some(i) = std::str::from_utf8(text).ok().and_then(|s| s.trim().parse::<i64>().ok()) {
            return Ok(Value::int(i));
        }
        let text = str::from_view(TextRef::from_latin1(text));
        protocol::call_values(self.t, &core_types::INT.as_value(), &[text])
    }

    /// A byte string of Python 2: text, unless the caller wants bytes.
    fn old_string(&mut self, data: Value) -> PyResult<()> {
        let v = if self.encoding == "bytes" {
            data
        } else {
            registry::decode(self.t, &data, Some(&self.encoding), Some(&self.errors))?
        };
        self.stack.push(v);
        Ok(())
    }

    /// A line that holds a name.
    fn name_line(&mut self) -> PyResult {
        let t = self.t;
        let line = self.input.full_line(t)?;
        if line.is_ascii() {
            return Ok(str::from_view(TextRef::Ascii(line)));
        }
        let line = bytes::from_slice(line);
        registry::decode(t, &line, Some("utf-8"), None)
    }

    /// A line that holds a number of the memo.
    fn memo_line(&mut self) -> PyResult<usize> {
        let t = self.t;
        let line = self.input.full_line(t)?.to_vec();
        let number = self.number(&line)?;
        let number = protocol::index_i64(t, &number)?;
        usize::try_from(number).map_err(|_| raise::value_error(t, "negative PUT argument"))
    }

    fn memo_get(&mut self, number: usize) -> PyResult<()> {
        match self.memo.get(number) {
            Some(v) => {
                let v = v.clone();
                self.stack.push(v);
                Ok(())
            }
            None => Err(unpickling_error(self.t, format!("Memo value not found at index {number}"))),
        }
    }

    fn memo_put(&mut self, number: usize) -> PyResult<()> {
        let v = self.top()?.clone();
        self.memo.put(number, v);
        Ok(())
    }

    fn short_tuple(&mut self, n: usize) -> PyResult<()> {
        if self.stack.len() < self.fence() + n {
            return Err(self.underflow());
        }
        let from = self.stack.len() - n;
        let v = tuple::from_iter(n, self.stack.drain(from..));
        self.stack.push(v);
        Ok(())
    }

    fn extension(&mut self, code: i64) -> PyResult<()> {
        let t = self.t;
        let key = Value::int(code);
        if let Some(cached) = library::entry(t, &self.library.extension_cache, &key)? {
            self.stack.push(cached);
            return Ok(());
        }
        let Some(pair) = library::entry(t, &self.library.extension_names, &key)? else {
            if code <= 0 {
                return Err(unpickling_error(t, "EXT specifies code <= 0"));
            }
            return Err(raise::value_error(t, format!("unregistered extension code {code}")));
        };
        let [module, name] = tuple::items(&pair) else {
            return Err(raise::value_error(t, format!("_inverted_registry[{code}] isn't a 2-tuple of strings")));
        };
        let found = self.find(module, name)?;
        protocol::set_item(t, &self.library.extension_cache, &key, &found)?;
        self.stack.push(found);
        Ok(())
    }
}
