//! `_symtable`: what the compiler knows of the names of a program.

use crate::compiler::Mode;
use crate::compiler::symbols::{self, PLACE_SHIFT, Table};
use crate::modules::builtins::execute;
use crate::object::args::Bound;
use crate::object::names;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, dict, list, str};
use crate::this;

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[Method::new(
        "symtable",
        "($module, source, filename, startstr, /)",
        NativeFn::Bound(symtable),
        "Return symbol and scope dictionaries used internally by compiler.",
    )],
    types: &[&ENTRY],
    init: Some(init),
    ..ModuleSpec::new("_symtable", "The symbol tables of the compiler.")
};

/// The constants: bits of symbols, kinds of blocks, places.
static CONSTANTS: &[(&str, i64)] = &[
    ("USE", 1 << 4),
    ("DEF_GLOBAL", 1),
    ("DEF_NONLOCAL", 1 << 3),
    ("DEF_LOCAL", 1 << 1),
    ("DEF_PARAM", 1 << 2),
    ("DEF_TYPE_PARAM", 1 << 10),
    ("DEF_FREE_CLASS", 1 << 6),
    ("DEF_IMPORT", 1 << 7),
    ("DEF_BOUND", 1 << 1 | 1 << 2 | 1 << 7 | 1 << 10),
    ("DEF_ANNOT", 1 << 8),
    ("DEF_COMP_ITER", 1 << 9),
    ("DEF_COMP_CELL", 1 << 11),
    ("TYPE_FUNCTION", 0),
    ("TYPE_CLASS", 1),
    ("TYPE_MODULE", 2),
    ("TYPE_ANNOTATION", 3),
    ("TYPE_TYPE_VARIABLE", 4),
    ("TYPE_TYPE_ALIAS", 5),
    ("TYPE_TYPE_PARAMETERS", 6),
    ("LOCAL", 1),
    ("GLOBAL_EXPLICIT", 2),
    ("GLOBAL_IMPLICIT", 3),
    ("FREE", 4),
    ("CELL", 5),
    ("SCOPE_OFF", PLACE_SHIFT as i64),
    ("SCOPE_MASK", 15),
];

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    crate::modules::support::hide(t, module, &["entry"])?;
    for (name, value) in CONSTANTS {
        protocol::set_attr(t, module, &names::intern(name), &Value::int(*value))?;
    }
    Ok(())
}

/// The payload of an entry: its attributes, which do not change.
pub struct Entry {
    name: Stored,
    symbols: Stored,
    parameters: Stored,
    children: Stored,
    kind: i64,
    line: u32,
    nested: bool,
}

/// `symtable entry`
pub static ENTRY: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    slots: SlotTable { repr: Some(repr), ..SlotTable::EMPTY },
    getset: &[
        GetSet::read_only("id", |_, v| Ok(Value::uint(v.id())), "").as_member(),
        GetSet::read_only("name", |_, v| Ok((*this!(v, Entry).name).clone()), "").as_member(),
        GetSet::read_only("symbols", |_, v| Ok((*this!(v, Entry).symbols).clone()), "").as_member(),
        GetSet::read_only("varnames", |_, v| Ok((*this!(v, Entry).parameters).clone()), "").as_member(),
        GetSet::read_only("children", |_, v| Ok((*this!(v, Entry).children).clone()), "").as_member(),
        GetSet::read_only("nested", |_, v| Ok(Value::int(this!(v, Entry).nested.into())), "").as_member(),
        GetSet::read_only("type", |_, v| Ok(Value::int(this!(v, Entry).kind)), "").as_member(),
        GetSet::read_only("lineno", |_, v| Ok(Value::int(this!(v, Entry).line.into())), "").as_member(),
    ],
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("symtable", "entry", layout_of::<Entry>(true))
};

// SAFETY: `ENTRY`'s layout is `Entry`.
unsafe impl Payload for Entry {
    fn layout_type() -> &'static Type {
        &ENTRY
    }

    fn trace(&self, visit: Visit) {
        for part in [&self.name, &self.symbols, &self.parameters, &self.children] {
            visit(part);
        }
    }
}

fn repr(_: &Thread, v: &Value) -> PyResult {
    let this = this!(v, Entry);
    Ok(str::from_str(&format!("<symtable entry {}({}), line {}>", str::lossy(&this.name), v.id(), this.line)))
}

fn entry(table: &Table) -> PyResult {
    let children = table.children.iter().map(entry).collect::<PyResult<Vec<_>>>()?;
    let symbols = table.symbols.iter().map(|(name, bits)| (names::intern(name), Value::int((*bits).into())));
    let parameters = table.parameters.iter().map(|name| names::intern(name)).collect();
    let entry = Entry {
        name: Stored::new(names::intern(&table.name)),
        symbols: Stored::new(dict::from_pairs(symbols)),
        parameters: Stored::new(list::from_vec(parameters)),
        children: Stored::new(list::from_vec(children)),
        kind: table.kind,
        line: table.line,
        nested: table.nested,
    };
    Ok(alloc::new(&ENTRY, entry))
}

fn symtable(t: &Thread, b: &Bound<'_>) -> PyResult {
    let filename = execute::file_name(t, b.req(1))?;
    let text = execute::source_text(t, b.req(0), "symtable", "string or bytes")?;
    let mode = match &*str::lossy(b.req(2)) {
        "exec" => Mode::Exec,
        "eval" => Mode::Eval,
        "single" => Mode::Single,
        _ => return Err(raise::value_error(t, "symtable() arg 3 must be 'exec' or 'eval' or 'single'")),
    };
    match t.detached(|| symbols::table(&text, mode)) {
        Ok(table) => entry(&table),
        Err(e) => Err(execute::syntax_error(t, &e, &filename)),
    }
}
