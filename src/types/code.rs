//! code as a type: the attributes of code objects.
//!
//! `co_code` shows the instruction words as bytes, lowest first. Offsets that Python sees (`f_lasti`, `tb_lasti`, `co_lines`,
//! `co_positions`) count two for each word, as the pure-Python library expects of CPython's code units.

use crate::bytecode::code::Code;
use crate::bytecode::opcode::CompareOp;
use crate::bytecode::unit::kind;
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::tuple::{self, Tuple};
use crate::object::type_object::{TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value, stored_slice};
use crate::object::{hooks, list, names, protocol, str};
use crate::types::code_build;

macro_rules! number {
    ($name:literal, $f:expr) => {
        GetSet::read_only(
            $name,
            |_, v| {
                let f: fn(&Code) -> u32 = $f;
                Ok(of(v).map_or(Value::NONE, |c| Value::int(f(c).into())))
            },
            "",
        )
        .as_member()
    };
}

pub static SPEC: TypeSpec = TypeSpec {
    doc: "A code object: compiled Python code that can be executed by exec() and eval(), or become a function.",
    signature: code_build::NEW,
    slots: SlotTable {
        repr: Some(repr),
        hash: Some(hash),
        richcompare: Some(richcompare),
        new: Some(code_build::new),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new(
            "replace",
            code_build::REPLACE,
            NativeFn::Bound(code_build::replace),
            "Return a copy of the code object with new values for the specified fields.",
        ),
        Method::new(
            "__replace__",
            "($self, /, **changes)",
            NativeFn::Raw(code_build::replace_all),
            "The same as replace().",
        ),
        Method::new(
            "co_lines",
            "($self, /)",
            NativeFn::F1(lines),
            "An iterator over (start, end, line) of instructions.",
        ),
        Method::new(
            "co_positions",
            "($self, /)",
            NativeFn::F1(positions),
            "An iterator over (line, end line, column, end column) of each instruction.",
        ),
        Method::new("co_branches", "($self, /)", NativeFn::F1(|t, _| protocol::iter(t, &names::empty_tuple())), ""),
        Method::new(
            "_varname_from_oparg",
            "($self, /, oparg)",
            NativeFn::Bound(|t, b| {
                let index = protocol::index_i64(t, b.req(1))?;
                match of(b.req(0)).and_then(|c| c.local_names.get(usize::try_from(index).ok()?)) {
                    Some(name) => Ok((**name).clone()),
                    None => Err(raise::index_error(t, "tuple index out of range")),
                }
            }),
            "(internal-only) Return the local variable name for the given oparg.",
        ),
        Method::new("__sizeof__", "($self, /)", NativeFn::F1(sizeof), "Size of object in memory, in bytes."),
    ],
    getset: &[
        number!("co_argcount", |c| c.arg_count),
        number!("co_posonlyargcount", |c| c.positional_only_count),
        number!("co_kwonlyargcount", |c| c.keyword_only_count),
        number!("co_stacksize", |c| c.stack_size),
        number!("co_flags", |c| c.flags),
        number!("co_firstlineno", |c| c.first_line),
        GetSet::read_only("co_nlocals", |_, v| Ok(Value::uint(local_count(v) as u64)), ""),
        GetSet::read_only("co_names", |_, v| Ok(values(v, |c| &c.names)), "").as_member(),
        GetSet::read_only("co_consts", |_, v| Ok(values(v, |c| &c.consts)), "").as_member(),
        GetSet::read_only("co_filename", |_, v| Ok(text(v, |c| &c.filename)), "").as_member(),
        GetSet::read_only("co_name", |_, v| Ok(text(v, |c| &c.name)), "").as_member(),
        GetSet::read_only("co_qualname", |_, v| Ok(text(v, |c| &c.qualname)), "").as_member(),
        GetSet::read_only("co_varnames", |_, v| Ok(locals(v, kind::LOCAL)), ""),
        GetSet::read_only("co_cellvars", |_, v| Ok(locals(v, kind::CELL)), ""),
        GetSet::read_only("co_freevars", |_, v| Ok(locals(v, kind::FREE)), ""),
        GetSet::read_only("co_code", |t, v| Ok(code_bytes(t, v)), ""),
        GetSet::read_only("_co_code_adaptive", |t, v| Ok(code_bytes(t, v)), ""),
        GetSet::read_only("co_linetable", |_, v| Ok((hooks::get().bytes)(&line_table(v))), "").as_member(),
        GetSet::read_only("co_exceptiontable", |_, v| Ok((hooks::get().bytes)(&exception_table(v))), "").as_member(),
    ],
    flags: flag::HAS_WEAKREFS,
    ..TypeSpec::new("builtins", "code", layout_of::<Code>(true))
};

pub(super) fn of(v: &Value) -> Option<&Code> {
    v.downcast::<Code>()
}

fn text(v: &Value, f: fn(&Code) -> &Stored) -> Value {
    of(v).map_or(Value::NONE, |c| (**f(c)).clone())
}

/// A tuple of the code's names or constants.
fn values(v: &Value, f: fn(&Code) -> &[Stored]) -> Value {
    of(v).map_or_else(names::empty_tuple, |c| tuple::from_slice(stored_slice(f(c))))
}

/// The names of locals of a kind. Parameters that are cells are both locals and cells.
pub(super) fn local_names(c: &Code, wanted: u8) -> Vec<Value> {
    let pairs = c.local_names.iter().zip(&c.local_kinds);
    pairs.filter(|(_, k)| **k & wanted != 0).map(|(name, _)| (**name).clone()).collect()
}

fn locals(v: &Value, wanted: u8) -> Value {
    of(v).map_or_else(names::empty_tuple, |c| tuple::from_vec(local_names(c, wanted)))
}

fn local_count(v: &Value) -> usize {
    of(v).map_or(0, |c| c.local_kinds.iter().filter(|k| **k & kind::LOCAL != 0).count())
}

/// `co_code`, which is made once: tracers ask for it at each event.
fn code_bytes(t: &Thread, v: &Value) -> Value {
    let (Some(code), Some(header)) = (of(v), v.header()) else { return Value::NONE };
    if let Some(made) = code.derived.load() {
        return made;
    }
    // Dropped after unlocking, where another thread was as quick.
    let made = bytes_of(v);
    let _guard = t.lock(header);
    if let Some(other) = code.derived.load() {
        return other;
    }
    code.derived.init(made.clone());
    made
}

pub(super) fn bytes_of(v: &Value) -> Value {
    let bytes: Vec<u8> = of(v).map_or_else(Vec::new, |c| c.instructions.iter().flat_map(|w| w.to_le_bytes()).collect());
    (hooks::get().bytes)(&bytes)
}

/// Runs of locations, five little-endian words of four bytes each: first instruction, line, end line, column, end column.
pub(super) fn line_table(v: &Value) -> Vec<u8> {
    let Some(c) = of(v) else { return Vec::new() };
    let mut out = Vec::new();
    for (start, l) in &c.locations {
        for word in [*start, l.line, l.end_line, l.column as u32, l.end_column as u32] {
            out.extend(word.to_le_bytes());
        }
    }
    out
}

pub(super) fn exception_table(v: &Value) -> Vec<u8> {
    let Some(c) = of(v) else { return Vec::new() };
    let mut out = Vec::new();
    for h in &c.handlers {
        for word in [h.start, h.end, h.target, h.depth << 1 | u32::from(h.lasti)] {
            out.extend(word.to_le_bytes());
        }
    }
    out
}

fn repr(_: &Thread, v: &Value) -> PyResult {
    let Some(c) = of(v) else { return Ok(Value::NONE) };
    let text = format!(
        "<code object {} at {:#x}, file \"{}\", line {}>",
        str::lossy(&c.name),
        v.id(),
        str::lossy(&c.filename),
        c.first_line
    );
    Ok(str::from_str(&text))
}

fn hash(t: &Thread, v: &Value) -> PyResult<i64> {
    let Some(c) = of(v) else { return Ok(0) };
    let mut hash = protocol::hash(t, &c.name)?;
    for part in [c.arg_count as i64, c.first_line as i64, c.flags as i64, c.instructions.len() as i64] {
        hash = (hash ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15_u64 as i64);
    }
    Ok(if hash == -1 { -2 } else { hash })
}

/// Whether constants are the same also in type: `1`, `1.0` and `True` differ, so do `0.0` and `-0.0`.
fn same_constant(t: &Thread, a: &Value, b: &Value) -> PyResult<bool> {
    if a.is(b) {
        return Ok(true);
    }
    if !std::ptr::eq(a.class(), b.class()) {
        return Ok(false);
    }
    if let (Some(x), Some(y)) = (a.as_float(), b.as_float()) {
        return Ok(x.to_bits() == y.to_bits());
    }
    if let (Some(x), Some(y)) = (a.downcast_exact::<Tuple>(), b.downcast_exact::<Tuple>()) {
        if x.items().len() != y.items().len() {
            return Ok(false);
        }
        for (p, q) in x.items().iter().zip(y.items()) {
            if !same_constant(t, p, q)? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    protocol::eq(t, a, b)
}

fn richcompare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (of(a), of(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let same_names = |p: &[Stored], q: &[Stored]| p.len() == q.len() && p.iter().zip(q).all(|(m, n)| m.is(n));
    let mut same = x.name.is(&y.name)
        && x.arg_count == y.arg_count
        && x.positional_only_count == y.positional_only_count
        && x.keyword_only_count == y.keyword_only_count
        && x.flags == y.flags
        && x.first_line == y.first_line
        && x.instructions == y.instructions
        && x.locations == y.locations
        && x.handlers == y.handlers
        && x.local_kinds == y.local_kinds
        && same_names(&x.local_names, &y.local_names)
        && same_names(&x.names, &y.names)
        && x.consts.len() == y.consts.len();
    if same {
        for (p, q) in x.consts.iter().zip(&y.consts) {
            same = same && same_constant(t, p, q)?;
        }
    }
    Ok(Value::bool(same == (op == CompareOp::Eq)))
}

fn sizeof(_: &Thread, v: &Value) -> PyResult {
    let words = of(v).map_or(0, |c| c.instructions.len() * 4 + (c.consts.len() + c.names.len()) * 8);
    Ok(Value::uint((size_of::<Code>() + 24 + words) as u64))
}

fn number_or_none(n: i64, absent: i64) -> Value {
    if n == absent { Value::NONE } else { Value::int(n) }
}

fn lines(t: &Thread, v: &Value) -> PyResult {
    let Some(c) = of(v) else { return Ok(Value::NONE) };
    let mut rows: Vec<(u32, u32, u32)> = Vec::new();
    for (i, (start, location)) in c.locations.iter().enumerate() {
        let end = c.locations.get(i + 1).map_or(c.instructions.len() as u32, |(next, _)| *next);
        match rows.last_mut() {
            // Runs that differ only in columns are one.
            Some((_, last_end, line)) if *line == location.line && *last_end == *start => *last_end = end,
            _ => rows.push((*start, end, location.line)),
        }
    }
    let items = rows.into_iter().map(|(start, end, line)| {
        let line = number_or_none(line.into(), 0);
        tuple::from_vec(vec![Value::int(i64::from(start) * 2), Value::int(i64::from(end) * 2), line])
    });
    protocol::iter(t, &list::from_vec(items.collect()))
}

fn positions(t: &Thread, v: &Value) -> PyResult {
    let Some(c) = of(v) else { return Ok(Value::NONE) };
    let items = (0..c.instructions.len()).map(|i| {
        let l = c.location(i);
        let parts = [
            number_or_none(l.line.into(), 0),
            number_or_none(l.end_line.into(), 0),
            number_or_none(l.column.into(), -1),
            number_or_none(l.end_column.into(), -1),
        ];
        tuple::from_vec(parts.into())
    });
    protocol::iter(t, &list::from_vec(items.collect()))
}
