//! Code objects: a code unit linked to interned names and constants on the heap. Never changed after.

use super::monitor::CodeMonitor;
use super::unit::{CodeUnit, Constant, Handler, Local, Location, flags, kind};
use crate::object::bigint;
use crate::object::core_types;
use crate::object::shards;
use crate::object::slots::Visit;
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, Type};
use crate::object::value::{Slot, Stored, Value};
use crate::object::{alloc, hooks, names, str, tuple};
use std::sync::atomic::{AtomicU32, Ordering::*};
use std::sync::{Arc, OnceLock};

/// The payload of code objects.
pub struct Code {
    /// Distinct for every code object of the process; index of per-thread tables.
    pub id: u32,
    pub name: Stored,
    pub qualname: Stored,
    pub filename: Stored,
    pub filename_text: Arc<str>,
    pub first_line: u32,
    pub arg_count: u32,
    pub positional_only_count: u32,
    pub keyword_only_count: u32,
    /// Bits of `unit::flags`.
    pub flags: u32,
    pub stack_size: u32,
    /// Locals, cells and free variables: interned name and bits of `unit::kind`.
    pub local_names: Box<[Stored]>,
    pub local_kinds: Box<[u8]>,
    /// How many of the locals are free variables; they come last.
    pub free_count: u32,
    pub names: Box<[Stored]>,
    pub consts: Box<[Stored]>,
    pub instructions: Box<[u32]>,
    pub cache_count: u32,
    pub locations: Box<[(u32, Location)]>,
    pub handlers: Box<[Handler]>,
    /// Whether a call with exactly `arg_count` positional arguments needs no binding: no `*args`, no `**kwargs`, no
    /// keyword-only parameters.
    pub simple: bool,
    /// What instrumentation tools ask of it; made when the first does.
    pub monitor: OnceLock<Box<CodeMonitor>>,
    /// `co_code`, once it was asked for: `types/code` fills it.
    pub derived: Slot,
}

// SAFETY: `CODE`'s layout is `Code`.
#[allow(unsafe_code)]
unsafe impl Payload for Code {
    fn layout_type() -> &'static Type {
        &core_types::CODE
    }

    fn trace(&self, visit: Visit) {
        // Names are interned, so immortal: nobody has to know who holds them.
        self.consts.iter().for_each(|v| visit(v));
        crate::object::exception::visit_slot(&self.derived, visit);
    }
}

static NEXT_ID: AtomicU32 = AtomicU32::new(0);

/// Links a code unit.
pub fn link(unit: &CodeUnit) -> Value {
    let filename = names::intern(&unit.filename);
    link_in(unit, &filename)
}

fn link_in(unit: &CodeUnit, filename: &Value) -> Value {
    assemble(
        unit,
        Parts {
            name: names::intern(&unit.name),
            qualname: names::intern(&unit.qualname),
            filename: filename.clone(),
            local_names: unit.locals.iter().map(|l| names::intern(&l.name)).collect(),
            names: unit.names.iter().map(|n| names::intern(n)).collect(),
            consts: unit.consts.iter().map(|c| constant(c, filename)).collect(),
        },
    )
}

/// The values that a code object holds; names are interned.
pub struct Parts {
    pub name: Value,
    pub qualname: Value,
    pub filename: Value,
    pub local_names: Vec<Value>,
    pub names: Vec<Value>,
    pub consts: Vec<Value>,
}

/// A code object of a unit that was checked, or that the compiler made, with these values for the unit's.
pub fn assemble(unit: &CodeUnit, parts: Parts) -> Value {
    let store = |list: Vec<Value>| list.into_iter().map(Stored::new).collect();
    let free_count = unit.locals.iter().filter(|l| l.kind & kind::FREE != 0).count() as u32;
    let plain = unit.flags & (flags::VARARGS | flags::VARKEYWORDS) == 0 && unit.keyword_only_count == 0;
    let code = Code {
        id: NEXT_ID.fetch_add(1, Relaxed),
        name: Stored::new(parts.name),
        qualname: Stored::new(parts.qualname),
        filename: Stored::new(parts.filename),
        filename_text: unit.filename.clone(),
        first_line: unit.first_line,
        arg_count: unit.arg_count,
        positional_only_count: unit.positional_only_count,
        keyword_only_count: unit.keyword_only_count,
        flags: unit.flags,
        stack_size: unit.stack_size,
        local_names: store(parts.local_names),
        local_kinds: unit.locals.iter().map(|l| l.kind).collect(),
        free_count,
        names: store(parts.names),
        consts: store(parts.consts),
        instructions: unit.instructions.clone().into(),
        cache_count: unit.cache_count,
        locations: unit.locations.clone().into(),
        handlers: unit.handlers.clone().into(),
        simple: plain,
        derived: Slot::empty(),
        monitor: OnceLock::new(),
    };
    let v = alloc::new(&core_types::CODE, code);
    shards::make_sharded(&v);
    v
}

/// Whether a text looks like an identifier: such constants are interned, as in CPython.
fn is_name(text: &[u8]) -> bool {
    text.len() <= 64 && text.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

/// A constant on the heap, immortal.
pub fn constant(c: &Constant, filename: &Value) -> Value {
    let v = match c {
        Constant::None => Value::NONE,
        Constant::True => Value::TRUE,
        Constant::False => Value::FALSE,
        Constant::Ellipsis => Value::ELLIPSIS,
        Constant::Int(i) => Value::int(*i),
        Constant::BigInt { negative, magnitude } => {
            let big = dashu_int::UBig::from_le_bytes(magnitude);
            let big = dashu_int::IBig::from(big);
            bigint::from_big(if *negative { -big } else { big })
        }
        Constant::Float(f) => Value::float(*f),
        Constant::Complex(re, im) => (hooks::get().complex)(*re, *im),
        Constant::Str(text) if is_name(text) => names::intern_wtf8(text).unwrap_or_else(names::empty_str),
        Constant::Str(text) => {
            let buf = crate::object::text::TextBuf::from_wtf8(text).unwrap_or_default();
            str::from_buf(buf)
        }
        Constant::Bytes(bytes) => (hooks::get().bytes)(bytes),
        Constant::Tuple(items) => tuple::from_vec(items.iter().map(|c| constant(c, filename)).collect()),
        Constant::FrozenSet(items) => {
            let items: Vec<Value> = items.iter().map(|c| constant(c, filename)).collect();
            (hooks::get().frozenset)(Thread::current(), &items)
        }
        Constant::Slice(parts) => {
            let [start, stop, step] = &**parts;
            (hooks::get().slice)(constant(start, filename), constant(stop, filename), constant(step, filename))
        }
        Constant::Code(unit) => return link_in(unit, filename),
    };
    names::immortalize(&v);
    v
}

impl Code {
    /// The number of locals, cells and free variables.
    #[inline(always)]
    pub fn local_count(&self) -> usize {
        self.local_names.len()
    }

    /// How many parameters there are, `*args` and `**kwargs` included.
    pub fn parameter_count(&self) -> usize {
        (self.arg_count + self.keyword_only_count) as usize
            + usize::from(self.flags & flags::VARARGS != 0)
            + usize::from(self.flags & flags::VARKEYWORDS != 0)
    }

    /// The code object itself (a new reference).
    #[allow(unsafe_code)]
    pub fn as_value(&self) -> Value {
        // SAFETY: a `Code` only exists as the payload of an object.
        unsafe { crate::object::header::Object::header_of(self) }.to_value()
    }

    /// The address of the code object's header, for the collector.
    #[allow(unsafe_code)]
    pub fn header_address(&self) -> usize {
        // SAFETY: a `Code` only exists as the payload of an object.
        unsafe { crate::object::header::Object::header_of(self) as *const _ as usize }
    }

    pub fn has_flag(&self, bits: u32) -> bool {
        self.flags & bits != 0
    }

    /// Where the instruction word at `index` comes from.
    pub fn location(&self, index: usize) -> Location {
        match self.locations.partition_point(|(start, _)| *start as usize <= index) {
            0 => Location { line: self.first_line, ..Location::default() },
            n => self.locations[n - 1].1,
        }
    }

    /// The handler that covers the instruction word at `index`.
    pub fn handler(&self, index: usize) -> Option<Handler> {
        self.handlers.iter().find(|h| (h.start as usize..h.end as usize).contains(&index)).copied()
    }

    /// The unit that links to this code again: for `marshal` and `.pyc` files. Constants come back as `convert` maps them.
    pub fn to_unit(&self, convert: &mut dyn FnMut(&Value) -> Option<Constant>) -> Option<CodeUnit> {
        let text = |v: &Value| str::lossy(v).into_owned().into_boxed_str();
        let mut consts = Vec::with_capacity(self.consts.len());
        for c in &self.consts {
            consts.push(match c.downcast::<Code>() {
                Some(code) => Constant::Code(Arc::new(code.to_unit(convert)?)),
                None => convert(c)?,
            });
        }
        Some(CodeUnit {
            name: text(&self.name),
            qualname: text(&self.qualname),
            filename: self.filename_text.clone(),
            first_line: self.first_line,
            arg_count: self.arg_count,
            positional_only_count: self.positional_only_count,
            keyword_only_count: self.keyword_only_count,
            flags: self.flags,
            stack_size: self.stack_size,
            locals: self
                .local_names
                .iter()
                .zip(&self.local_kinds)
                .map(|(name, kind)| Local { name: text(name), kind: *kind })
                .collect(),
            names: self.names.iter().map(|n| text(n)).collect(),
            consts,
            instructions: self.instructions.to_vec(),
            cache_count: self.cache_count,
            locations: self.locations.to_vec(),
            handlers: self.handlers.to_vec(),
        })
    }
}
