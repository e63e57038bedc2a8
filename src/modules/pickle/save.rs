//! Objects to opcodes: which way an object goes, and the plain ones.

use super::library::{self, Library};
use super::memo::Memo;
use super::opcode::*;
use super::writer::Writer;
use super::{buffer, full_name, note, optional_attr, pickling_error};
use crate::object::raise::{self, PyResult};
use crate::object::str::{self, Str};
use crate::object::text::TextRef;
use crate::object::thread::Thread;
use crate::object::type_object::flag;
use crate::object::value::Value;
use crate::object::{core_types, names, protocol, tuple};
use crate::types::bytes::payload as bytes;
use crate::types::float::text as float_text;
use crate::types::int::{self, IntRef, number};
use std::collections::HashSet;

/// How deep fast mode goes before it looks for cycles.
const FAST_NESTING: usize = 50;

/// One call of `dump` at work.
pub struct Saver<'t> {
    pub t: &'t Thread,
    pub library: &'static Library,
    pub protocol: u8,
    pub fix_imports: bool,
    pub fast: bool,
    pub out: Writer,
    pub memo: Memo,
    pub buffer_callback: Option<Value>,
    /// Overrides of a subclass or instance.
    pub persistent_id: Option<Value>,
    pub reducer_override: Option<Value>,
    pub dispatch_table: Option<Value>,
    pub fast_depth: usize,
    pub fast_seen: HashSet<u64>,
}

impl Saver<'_> {
    pub fn binary(&self) -> bool {
        self.protocol >= 1
    }

    /// A whole pickle.
    pub fn dump(&mut self, v: &Value) -> PyResult<()> {
        if self.protocol >= 2 {
            self.out.op(PROTO, &[self.protocol]);
        }
        if self.protocol >= 4 {
            self.out.start_framing();
        }
        self.save(v)?;
        self.out.byte(STOP);
        self.out.end_framing();
        self.out.flush(self.t)
    }

    /// One object, with all that it refers to.
    pub fn save(&mut self, v: &Value) -> PyResult<()> {
        self.out.boundary(self.t)?;
        if let Some(persistent_id) = self.persistent_id.clone() {
            let id = protocol::call_values(self.t, &persistent_id, std::slice::from_ref(v))?;
            if !id.is_none() {
                return self.save_persistent(&id);
            }
        }
        self.save_inside(v)
    }

    fn save_persistent(&mut self, id: &Value) -> PyResult<()> {
        if self.binary() {
            self.save_inside(id)?;
            self.out.byte(BINPERSID);
            return Ok(());
        }
        let text = protocol::to_str(self.t, id)?;
        match str::view(&text) {
            Some(TextRef::Ascii(ascii)) => {
                self.out.op(PERSID, ascii);
                self.out.byte(b'\n');
                Ok(())
            }
            _ => Err(pickling_error(self.t, "persistent IDs in protocol 0 must be ASCII strings")),
        }
    }

    /// `save` without asking for a persistent id.
    fn save_inside(&mut self, v: &Value) -> PyResult<()> {
        // Atoms, which are never in the memo.
        if let Some(i) = v.as_small_int() {
            self.save_small(i);
            return Ok(());
        }
        if let Some(x) = v.as_float() {
            self.save_float(x);
            return Ok(());
        }
        if v.is_none() {
            self.out.byte(NONE);
            return Ok(());
        }
        if let Some(b) = v.as_bool() {
            match (self.protocol >= 2, b) {
                (true, true) => self.out.byte(NEWTRUE),
                (true, false) => self.out.byte(NEWFALSE),
                (false, true) => self.out.bytes(b"I01\n"),
                (false, false) => self.out.bytes(b"I00\n"),
            }
            return Ok(());
        }
        if v.is_exact(&core_types::INT) {
            return self.save_int(v);
        }
        if let Some(number) = self.memo.get(v) {
            self.out.get(self.binary(), number);
            return Ok(());
        }
        let class = v.class();
        if std::ptr::eq(class, &*core_types::STR) {
            return self.save_str(v);
        }
        if std::ptr::eq(class, &*core_types::BYTES) {
            return self.save_bytes(v);
        }
        if self.t.stack_is_low() {
            return Err(protocol::stack_overflow(self.t, " while pickling an object"));
        }
        if std::ptr::eq(class, &*core_types::DICT) {
            return self.guarded(v, |s| s.save_dict(v));
        }
        if std::ptr::eq(class, &*core_types::TUPLE) {
            return self.save_tuple(v);
        }
        if std::ptr::eq(class, &*core_types::LIST) {
            return self.guarded(v, |s| s.save_list(v));
        }
        if std::ptr::eq(class, &*core_types::SET) {
            return self.save_set(v);
        }
        if std::ptr::eq(class, &*core_types::FROZENSET) {
            return self.save_frozenset(v);
        }
        if std::ptr::eq(class, &*core_types::BYTEARRAY) {
            return self.save_bytearray(v);
        }
        if std::ptr::eq(class, &*buffer::PICKLE_BUFFER) {
            return self.save_buffer(v);
        }
        if let Some(reduce) = self.reducer_override.clone() {
            let reduced = protocol::call_values(self.t, &reduce, std::slice::from_ref(v))?;
            if !reduced.is_not_implemented() {
                return self.save_reduced(v, &reduced);
            }
        }
        if std::ptr::eq(class, &*core_types::TYPE) {
            return self.save_type(v);
        }
        if std::ptr::eq(class, &*core_types::FUNCTION) {
            return self.save_global(v, None);
        }
        let t = self.t;
        let by_table = match self.dispatch_table.clone() {
            None => library::entry(t, &self.library.dispatch_table, &class.as_value())?,
            Some(table) if table.is_exact(&core_types::DICT) => library::entry(t, &table, &class.as_value())?,
            Some(table) => match protocol::get_item(t, &table, &class.as_value()) {
                Ok(found) => Some(found),
                Err(raised) => {
                    raise::suppress(t, raised, &core_types::exc::KEY_ERROR)?;
                    None
                }
            },
        };
        if let Some(reduce) = by_table {
            let reduced = protocol::call_values(t, &reduce, std::slice::from_ref(v))?;
            return self.save_reduced(v, &reduced);
        }
        if class.has_flag(flag::TYPE_SUBCLASS) {
            return self.save_global(v, None);
        }
        let reduced = match optional_attr(t, v, "__reduce_ex__")? {
            Some(reduce) => protocol::call_values(t, &reduce, &[Value::int(i64::from(self.protocol))])?,
            None => match optional_attr(t, v, "__reduce__")? {
                Some(reduce) => protocol::call_values(t, &reduce, &[])?,
                None => {
                    let message = format!("Can't pickle {} object", full_name(t, v));
                    return Err(pickling_error(t, message));
                }
            },
        };
        self.save_reduced(v, &reduced)
    }

    /// What a reduce function answered for `v`.
    fn save_reduced(&mut self, v: &Value, reduced: &Value) -> PyResult<()> {
        let t = self.t;
        if str::view(reduced).is_some() {
            return self.save_global(v, Some(reduced));
        }
        let result = if reduced.downcast::<tuple::Tuple>().is_none() {
            let message = format!("__reduce__ must return a string or tuple, not {}", full_name(t, reduced));
            Err(pickling_error(t, message))
        } else {
            self.save_reduce(tuple::items(reduced), Some(v))
        };
        result.map_err(|e| note(t, e, || format!("when serializing {} object", full_name(t, v))))
    }

    /// Enters an object that was just written into the memo.
    pub fn memoize(&mut self, v: &Value) {
        if !self.fast {
            let number = self.memo.put(v);
            self.out.put(self.protocol, number);
        }
    }

    /// Runs `f` for a container; in fast mode, which has no memo, deep nesting is checked for cycles.
    pub fn guarded(&mut self, v: &Value, f: impl FnOnce(&mut Self) -> PyResult<()>) -> PyResult<()> {
        if !self.fast {
            return f(self);
        }
        self.fast_depth += 1;
        let watched = self.fast_depth >= FAST_NESTING;
        let result = if watched && !self.fast_seen.insert(v.bits()) {
            let message = format!(
                "fast mode: can't pickle cyclic objects including object type {} at {:#x}",
                v.class().name(),
                v.id()
            );
            self.fast_depth -= 1;
            return Err(raise::value_error(self.t, message));
        } else {
            f(self)
        };
        if watched {
            self.fast_seen.remove(&v.bits());
        }
        self.fast_depth -= 1;
        result
    }

    fn save_small(&mut self, i: i64) {
        let Ok(word) = i32::try_from(i) else {
            let bytes = i.to_le_bytes();
            return self.save_long(|| i.to_string(), shortest(&bytes));
        };
        if !self.binary() {
            return self.out.op(INT, format!("{i}\n").as_bytes());
        }
        if let Ok(byte) = u8::try_from(word) {
            self.out.op(BININT1, &[byte]);
        } else if let Ok(short) = u16::try_from(word) {
            self.out.op(BININT2, &short.to_le_bytes());
        } else {
            self.out.op(BININT, &word.to_le_bytes());
        }
    }

    fn save_int(&mut self, v: &Value) -> PyResult<()> {
        match int::as_int(v) {
            Some(IntRef::Small(i)) => self.save_small(i),
            Some(big) => {
                if self.protocol < 2 {
                    let text = int::object::decimal(self.t, big)?;
                    self.save_long(|| text, &[]);
                    return Ok(());
                }
                let mut bytes = vec![0; number::bit_length(big) as usize / 8 + 1];
                let fits = number::to_bytes(big, &mut bytes, number::Endian::Little, true);
                debug_assert!(fits.is_ok(), "a bit is left for the sign");
                self.save_long(String::new, shortest(&bytes));
            }
            None => {}
        }
        Ok(())
    }

    fn save_long(&mut self, text: impl FnOnce() -> String, bytes: &[u8]) {
        if self.protocol < 2 {
            return self.out.op(LONG, format!("{}L\n", text()).as_bytes());
        }
        match u8::try_from(bytes.len()) {
            Ok(len) => self.out.op(LONG1, &[len]),
            Err(_) => self.out.op(LONG4, &(bytes.len() as u32).to_le_bytes()),
        }
        self.out.bytes(bytes);
    }

    fn save_float(&mut self, x: f64) {
        if self.binary() {
            self.out.op(BINFLOAT, &x.to_be_bytes());
        } else {
            self.out.op(FLOAT, float_text::repr(x).as_bytes());
            self.out.byte(b'\n');
        }
    }

    fn save_str(&mut self, v: &Value) -> PyResult<()> {
        if let Some(ascii) = v.downcast::<Str>().and_then(Str::ascii)
            && self.protocol >= 4
            && ascii.len() < 256
        {
            self.out.counted(SHORT_BINUNICODE, ascii);
            self.memoize(v);
            return Ok(());
        }
        let Some(text) = str::view(v) else { return Ok(()) };
        if self.binary() {
            let encoded = text.to_wtf8();
            let n = encoded.len();
            let mut header = [0; 9];
            let header = match (u8::try_from(n), u32::try_from(n)) {
                (Ok(n), _) if self.protocol >= 4 => {
                    header[..2].copy_from_slice(&[SHORT_BINUNICODE, n]);
                    &header[..2]
                }
                (_, Ok(n)) => {
                    header[0] = BINUNICODE;
                    header[1..5].copy_from_slice(&n.to_le_bytes());
                    &header[..5]
                }
                _ if self.protocol >= 4 => {
                    header[0] = BINUNICODE8;
                    header[1..].copy_from_slice(&(n as u64).to_le_bytes());
                    &header[..]
                }
                _ => {
                    let message = "serializing a string larger than 4 GiB requires pickle protocol 4 or higher";
                    return Err(raise::overflow_error(self.t, message));
                }
            };
            self.out.payload(self.t, header, &encoded, None)?;
        } else {
            let mut line = vec![UNICODE];
            for c in text.code_points() {
                match c {
                    0x10000.. => line.extend_from_slice(format!("\\U{c:08x}").as_bytes()),
                    0x100.. | 0 | 0x0a | 0x0d | 0x1a | 0x5c => line.extend_from_slice(format!("\\u{c:04x}").as_bytes()),
                    c => line.push(c as u8),
                }
            }
            line.push(b'\n');
            self.out.bytes(&line);
        }
        self.memoize(v);
        Ok(())
    }

    fn save_bytes(&mut self, v: &Value) -> PyResult<()> {
        let Some(data) = bytes::view(v) else { return Ok(()) };
        if self.protocol >= 3 {
            return self.save_bytes_data(v, data, Some(v));
        }
        // Python 2 has no such type: a call of `bytes()`, or of `codecs.encode`.
        if data.is_empty() {
            let class = core_types::BYTES.to_value();
            return self.save_reduce(&[class, names::empty_tuple()], Some(v));
        }
        let text = str::from_view(TextRef::from_latin1(data));
        let arguments = tuple::from_vec(vec![text, names::intern("latin1")]);
        self.save_reduce(&[Value::clone(&self.library.encode), arguments], Some(v))
    }

    /// `owner` goes into the memo; `object` is the bytes object with this data, if there is one.
    pub fn save_bytes_data(&mut self, owner: &Value, data: &[u8], object: Option<&Value>) -> PyResult<()> {
        let n = data.len();
        match (u8::try_from(n), u32::try_from(n)) {
            (Ok(n), _) => self.out.payload(self.t, &[SHORT_BINBYTES, n], data, object)?,
            (_, Ok(n)) => {
                let mut header = [BINBYTES; 5];
                header[1..].copy_from_slice(&n.to_le_bytes());
                self.out.payload(self.t, &header, data, object)?;
            }
            _ if self.protocol >= 4 => {
                let mut header = [BINBYTES8; 9];
                header[1..].copy_from_slice(&(n as u64).to_le_bytes());
                self.out.payload(self.t, &header, data, object)?;
            }
            _ => {
                let message = "serializing a bytes object larger than 4 GiB requires pickle protocol 4 or higher";
                return Err(raise::overflow_error(self.t, message));
            }
        }
        self.memoize(owner);
        Ok(())
    }

    fn save_bytearray(&mut self, v: &Value) -> PyResult<()> {
        let data = crate::types::bytearray::payload::with_or_empty(self.t, v, <[u8]>::to_vec);
        if self.protocol >= 5 {
            return self.save_bytearray_data(v, &data, Some(v));
        }
        let class = core_types::BYTEARRAY.to_value();
        let arguments = if data.is_empty() { vec![] } else { vec![bytes::from_vec(data)] };
        self.save_reduce(&[class, tuple::from_vec(arguments)], Some(v))
    }

    pub fn save_bytearray_data(&mut self, owner: &Value, data: &[u8], object: Option<&Value>) -> PyResult<()> {
        let mut header = [BYTEARRAY8; 9];
        header[1..].copy_from_slice(&(data.len() as u64).to_le_bytes());
        self.out.payload(self.t, &header, data, object)?;
        self.memoize(owner);
        Ok(())
    }

    fn save_buffer(&mut self, v: &Value) -> PyResult<()> {
        let t = self.t;
        if self.protocol < 5 {
            return Err(pickling_error(t, "PickleBuffer can only be pickled with protocol >= 5"));
        }
        let Some(lent) = buffer::flat(t, v)? else {
            let message = "PickleBuffer can not be pickled when pointing to a non-contiguous buffer";
            return Err(pickling_error(t, message));
        };
        let in_band = match self.buffer_callback.clone() {
            Some(callback) => {
                let answer = protocol::call_values(t, &callback, std::slice::from_ref(v))?;
                protocol::is_true(t, &answer)?
            }
            None => true,
        };
        match (in_band, lent.readonly) {
            (true, true) => self.save_bytes_data(v, lent.as_slice(), None),
            (true, false) => self.save_bytearray_data(v, lent.as_slice(), None),
            (false, readonly) => {
                self.out.byte(NEXT_BUFFER);
                if readonly {
                    self.out.byte(READONLY_BUFFER);
                }
                Ok(())
            }
        }
    }
}

/// Two's complement without the bytes at the end that only repeat the sign.
fn shortest(bytes: &[u8]) -> &[u8] {
    let mut n = bytes.len();
    while n > 1 {
        let repeats = match bytes[n - 1] {
            0 => bytes[n - 2] & 0x80 == 0,
            0xff => bytes[n - 2] & 0x80 != 0,
            _ => false,
        };
        if !repeats {
            break;
        }
        n -= 1;
    }
    if n == 1 && bytes[0] == 0 { &[] } else { &bytes[..n] }
}
