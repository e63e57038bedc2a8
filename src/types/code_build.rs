//! Code objects made by scripts: `types.CodeType` and `code.replace`. Whatever they are given is checked as a `.pyc` file is:
//! code that the compiler could not have made is refused with ValueError.

use super::code::{bytes_of, exception_table, line_table, local_names, of};
use crate::bytecode::code::{self, Code, Parts};
use crate::bytecode::opcode::Op;
use crate::bytecode::unit::{CodeUnit, Constant, Handler, Local, Location, flags, kind};
use crate::bytecode::verify::verify_one;
use crate::object::args::{Args, Bound, Signature};
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::tuple::{self, Tuple};
use crate::object::type_object::Type;
use crate::object::value::{Stored, Value, stored_slice};
use crate::object::{buffer, core_types, hooks, names, protocol, str};
use std::sync::{Arc, LazyLock};

pub const REPLACE: &str = "($self, /, *, co_argcount=-1, co_posonlyargcount=-1, co_kwonlyargcount=-1, co_nlocals=-1, \
                           co_stacksize=-1, co_flags=-1, co_firstlineno=-1, co_code=None, co_consts=None, co_names=None, \
                           co_varnames=None, co_freevars=None, co_cellvars=None, co_filename=None, co_name=None, \
                           co_qualname=None, co_linetable=None, co_exceptiontable=None)";

/// The constructor's text signature.
pub const NEW: &str = "(argcount, posonlyargcount, kwonlyargcount, nlocals, stacksize, flags, codestring, constants, names, \
                       varnames, filename, name, qualname, firstlineno, linetable, exceptiontable, freevars=(), \
                       cellvars=(), /)";

/// The attributes that code is made of.
struct Fields {
    arg_count: u32,
    positional_only_count: u32,
    keyword_only_count: u32,
    local_count: u32,
    stack_size: u32,
    flags: u32,
    first_line: u32,
    instructions: Value,
    consts: Value,
    names: Value,
    locals: Value,
    frees: Value,
    cells: Value,
    filename: Value,
    name: Value,
    qualname: Value,
    lines: Value,
    handlers: Value,
}

pub fn replace_all(t: &Thread, args: Args<'_>) -> PyResult {
    static SIGNATURE: LazyLock<Signature> = LazyLock::new(|| Signature::parse(REPLACE));
    replace(t, &SIGNATURE.bind(t, "__replace__", args, 1)?)
}

pub fn replace(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let Some(c) = of(v) else { return Ok(Value::NONE) };
    let number = |i: usize, old: u32| b.opt(i).map_or(Ok(old), |given| number(t, given));
    let list = |i: usize, what: &str, old: Vec<Value>| match b.non_none(i) {
        Some(given) => expect(t, given, given.downcast::<Tuple>().is_some(), "replace", what, "tuple"),
        None => Ok(tuple::from_vec(old)),
    };
    let string = |i: usize, what: &str, old: &Stored| match b.non_none(i) {
        Some(given) => expect(t, given, str::view(given).is_some(), "replace", what, "str"),
        None => Ok((**old).clone()),
    };
    let bytes = |i: usize, what: &str, old: Value| match b.non_none(i) {
        Some(given) => expect(t, given, given.class().is_subtype(&core_types::BYTES), "replace", what, "bytes"),
        None => Ok(old),
    };
    let old_locals = local_names(c, kind::LOCAL);
    let old_count = old_locals.len() as u32;
    let locals = list(11, "co_varnames", old_locals)?;
    let fields = Fields {
        arg_count: number(1, c.arg_count)?,
        positional_only_count: number(2, c.positional_only_count)?,
        keyword_only_count: number(3, c.keyword_only_count)?,
        local_count: number(4, old_count)?,
        stack_size: number(5, c.stack_size)?,
        flags: number(6, c.flags)?,
        first_line: number(7, c.first_line)?,
        instructions: bytes(8, "co_code", bytes_of(v))?,
        consts: list(9, "co_consts", stored_slice(&c.consts).to_vec())?,
        names: list(10, "co_names", stored_slice(&c.names).to_vec())?,
        locals,
        frees: list(12, "co_freevars", local_names(c, kind::FREE))?,
        cells: list(13, "co_cellvars", local_names(c, kind::CELL))?,
        filename: string(14, "co_filename", &c.filename)?,
        name: string(15, "co_name", &c.name)?,
        qualname: string(16, "co_qualname", &c.qualname)?,
        lines: bytes(17, "co_linetable", (hooks::get().bytes)(&line_table(v)))?,
        handlers: bytes(18, "co_exceptiontable", (hooks::get().bytes)(&exception_table(v)))?,
    };
    build(t, fields, Some(c))
}

pub fn new(t: &Thread, _: &Type, args: Args<'_>) -> PyResult {
    static SIGNATURE: LazyLock<Signature> = LazyLock::new(|| Signature::parse(NEW));
    let b = SIGNATURE.bind(t, "code", args, 0)?;
    let number = |i: usize| number(t, b.req(i));
    let positional =
        |i: usize, given: &Value, is: bool, kind: &str| expect(t, given, is, "code", &(i + 1).to_string(), kind);
    let list = |i: usize| match b.opt(i) {
        Some(given) => positional(i, given, given.downcast::<Tuple>().is_some(), "tuple"),
        None => Ok(names::empty_tuple()),
    };
    let string = |i: usize| positional(i, b.req(i), str::view(b.req(i)).is_some(), "str");
    let bytes = |i: usize| positional(i, b.req(i), b.req(i).class().is_subtype(&core_types::BYTES), "bytes");
    let fields = Fields {
        arg_count: number(0)?,
        positional_only_count: number(1)?,
        keyword_only_count: number(2)?,
        local_count: number(3)?,
        stack_size: number(4)?,
        flags: number(5)?,
        instructions: bytes(6)?,
        consts: list(7)?,
        names: list(8)?,
        locals: list(9)?,
        filename: string(10)?,
        name: string(11)?,
        qualname: string(12)?,
        first_line: number(13)?,
        lines: bytes(14)?,
        handlers: bytes(15)?,
        frees: list(16)?,
        cells: list(17)?,
    };
    build(t, fields, None)
}

fn number(t: &Thread, given: &Value) -> PyResult<u32> {
    let n = protocol::index_i64(t, given)?;
    // CPython keeps a C int.
    if i32::try_from(n).is_ok() && n >= 0 { Ok(n as u32) } else { Err(refused(t, "argument out of range")) }
}

fn refused(t: &Thread, why: &str) -> raise::Raised {
    raise::value_error(t, format!("code: {why}"))
}

fn expect(t: &Thread, given: &Value, is: bool, function: &str, what: &str, kind: &str) -> PyResult {
    if is {
        return Ok(given.clone());
    }
    let class = given.class().display_name();
    let what = if what.starts_with("co_") { format!("'{what}'") } else { what.into() };
    Err(raise::type_error(t, format!("{function}() argument {what} must be {kind}, not {class}")))
}

/// The names in a tuple, interned.
fn interned(t: &Thread, list: &Value) -> PyResult<Vec<Value>> {
    let list = tuple::items(list);
    if let Some(other) = list.iter().find(|n| str::view(n).is_none()) {
        let message = format!("name tuples must contain only strings, not '{}'", other.class().name());
        return Err(raise::type_error(t, message));
    }
    Ok(list.iter().map(names::intern_value).collect())
}

/// Little-endian words of four bytes in rows of a length.
fn words(t: &Thread, bytes: &Value, row: usize, what: &str) -> PyResult<Vec<u32>> {
    let buffer = buffer::get(t, bytes, buffer::Request::Read)?;
    let bytes = buffer.as_slice();
    if !bytes.len().is_multiple_of(4 * row) {
        return Err(refused(t, &format!("{what} malformed")));
    }
    Ok(bytes.chunks_exact(4).map(|w| u32::from_le_bytes([w[0], w[1], w[2], w[3]])).collect())
}

/// As much of a constant as the checks look at.
fn sketch(v: &Value) -> Constant {
    if let Some(inner) = v.downcast::<Code>() {
        let local = |kind: &u8| Local { name: "".into(), kind: *kind };
        let locals = inner.local_kinds.iter().map(local).collect();
        return Constant::Code(Arc::new(CodeUnit { locals, ..CodeUnit::default() }));
    }
    match v.downcast_exact::<Tuple>() {
        // They look for tuples of names, no deeper.
        Some(items) => Constant::Tuple(items.items().iter().map(sketch_flat).collect()),
        None => sketch_flat(v),
    }
}

/// A name, or nothing of interest.
fn sketch_flat(v: &Value) -> Constant {
    if str::view(v).is_some() { Constant::Str(Box::default()) } else { Constant::None }
}

/// The kinds of locals and their names, in the order of frames: own locals, cells that are none, free variables.
fn locals(t: &Thread, fields: &Fields, old: Option<&Code>) -> PyResult<(Vec<u8>, Vec<Value>)> {
    let (own, cells, frees) = (interned(t, &fields.locals)?, interned(t, &fields.cells)?, interned(t, &fields.frees)?);
    if own.len() != fields.local_count as usize {
        return Err(refused(t, "co_nlocals != len(co_varnames)"));
    }
    // Which of the locals are hidden, no attribute says: they stay where nothing but names changed.
    if let Some(old) = old
        && [(&own, kind::LOCAL), (&cells, kind::CELL), (&frees, kind::FREE)]
            .iter()
            .all(|(list, bits)| list.len() == local_names(old, *bits).len())
    {
        let mut all = stored_slice(&old.local_names).to_vec();
        for (list, bits) in [(own, kind::LOCAL), (frees, kind::FREE), (cells, kind::CELL)] {
            let places: Vec<usize> = (0..all.len()).filter(|i| old.local_kinds[*i] & bits != 0).collect();
            for (place, name) in places.into_iter().zip(list) {
                all[place] = name;
            }
        }
        return Ok((old.local_kinds.to_vec(), all));
    }
    let is_cell = |name: &Value| cells.iter().any(|c| c.is(name));
    let mut kinds: Vec<u8> =
        own.iter().map(|n| if is_cell(n) { kind::LOCAL | kind::CELL } else { kind::LOCAL }).collect();
    let only_cells: Vec<Value> = cells.iter().filter(|c| !own.iter().any(|n| n.is(c))).cloned().collect();
    kinds.extend(only_cells.iter().map(|_| kind::CELL));
    kinds.extend(frees.iter().map(|_| kind::FREE));
    Ok((kinds, [own, only_cells, frees].concat()))
}

fn build(t: &Thread, fields: Fields, old: Option<&Code>) -> PyResult {
    let (kinds, local_names) = locals(t, &fields, old)?;
    let names = interned(t, &fields.names)?;
    let instructions = words(t, &fields.instructions, 1, "co_code")?;
    let mut cache_count = 0;
    let mut at = 0;
    while let Some(op) = instructions.get(at).and_then(|word| Op::decode(*word)) {
        cache_count += u32::from(op.info().cache);
        at += 1 + usize::from(op.info().cache);
    }
    let lines = words(t, &fields.lines, 5, "co_linetable")?;
    let location =
        |w: &[u32]| (w[0], Location { line: w[1], end_line: w[2], column: w[3] as i32, end_column: w[4] as i32 });
    let handlers = words(t, &fields.handlers, 4, "co_exceptiontable")?;
    let handler = |w: &[u32]| Handler { start: w[0], end: w[1], target: w[2], depth: w[3] >> 1, lasti: w[3] & 1 != 0 };
    let consts = tuple::items(&fields.consts);
    let mut unit = CodeUnit {
        name: str::lossy(&fields.name).as_ref().into(),
        qualname: str::lossy(&fields.qualname).as_ref().into(),
        filename: str::lossy(&fields.filename).as_ref().into(),
        first_line: fields.first_line,
        arg_count: fields.arg_count,
        positional_only_count: fields.positional_only_count,
        keyword_only_count: fields.keyword_only_count,
        flags: fields.flags,
        stack_size: fields.stack_size,
        locals: kinds.iter().map(|kind| Local { name: "".into(), kind: *kind }).collect(),
        names: names.iter().map(|_| "".into()).collect(),
        consts: consts.iter().map(sketch).collect(),
        instructions,
        cache_count,
        locations: lines.chunks_exact(5).map(location).collect(),
        handlers: handlers.chunks_exact(4).map(handler).collect(),
    };
    // A docstring that was taken away is none.
    if !matches!(unit.consts.first(), Some(Constant::Str(_))) {
        unit.flags &= !flags::HAS_DOCSTRING;
    }
    verify_one(&unit).map_err(|e| raise::value_error(t, e.0))?;
    let parts = Parts {
        name: names::intern_value(&fields.name),
        qualname: names::intern_value(&fields.qualname),
        filename: names::intern_value(&fields.filename),
        local_names,
        names,
        consts: consts.to_vec(),
    };
    Ok(code::assemble(&unit, parts))
}
