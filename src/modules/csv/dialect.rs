//! How a table is written: separators and quotes; and the registry of dialects by name.

use super::error;
use crate::modules::support::Parameters;
use crate::object::args::Args;
use crate::object::bigint::{self, IntView};
use crate::object::dict::{self, Dict};
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::GetSet;
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, list, names, protocol, str};
use crate::this;
use std::sync::OnceLock;

/// `csv.QUOTE_*`
pub const QUOTING: &[(&str, i64)] = &[
    ("QUOTE_MINIMAL", MINIMAL),
    ("QUOTE_ALL", ALL),
    ("QUOTE_NONNUMERIC", NONNUMERIC),
    ("QUOTE_NONE", NONE),
    ("QUOTE_STRINGS", STRINGS),
    ("QUOTE_NOTNULL", NOTNULL),
];
pub const MINIMAL: i64 = 0;
pub const ALL: i64 = 1;
pub const NONNUMERIC: i64 = 2;
pub const NONE: i64 = 3;
pub const STRINGS: i64 = 4;
pub const NOTNULL: i64 = 5;

/// The payload of a dialect. Immutable.
pub struct Dialect {
    pub delimiter: u32,
    pub quotechar: Option<u32>,
    pub escapechar: Option<u32>,
    pub doublequote: bool,
    pub skipinitialspace: bool,
    pub strict: bool,
    pub quoting: i64,
    /// A str.
    pub lineterminator: Stored,
}

/// `_csv.Dialect`
pub static DIALECT: StaticType = StaticType::new(&SPEC);

const SIGNATURE: &str = "(dialect=None, delimiter=',', doublequote=True, escapechar=None, lineterminator='\\r\\n', \
                         quotechar='\"', quoting=0, skipinitialspace=False, strict=False)";

static SPEC: TypeSpec = TypeSpec {
    doc: "CSV dialect\n\nThe Dialect type records CSV format options.",
    slots: SlotTable { new: Some(new), ..SlotTable::EMPTY },
    getset: &[
        GetSet::read_only("delimiter", |_, v| Ok(char_str(Some(this!(v, Dialect).delimiter))), "").as_member(),
        GetSet::read_only("doublequote", |_, v| Ok(Value::bool(this!(v, Dialect).doublequote)), "").as_member(),
        GetSet::read_only("escapechar", |_, v| Ok(char_str(this!(v, Dialect).escapechar)), ""),
        GetSet::read_only("lineterminator", |_, v| Ok(Value::clone(&this!(v, Dialect).lineterminator)), ""),
        GetSet::read_only("quotechar", |_, v| Ok(char_str(this!(v, Dialect).quotechar)), ""),
        GetSet::read_only("quoting", |_, v| Ok(Value::int(this!(v, Dialect).quoting)), ""),
        GetSet::read_only("skipinitialspace", |_, v| Ok(Value::bool(this!(v, Dialect).skipinitialspace)), "")
            .as_member(),
        GetSet::read_only("strict", |_, v| Ok(Value::bool(this!(v, Dialect).strict)), "").as_member(),
    ],
    methods: &[
        crate::object::table::Method::new(
            "__reduce__",
            "",
            crate::object::table::NativeFn::Raw(reject_pickle),
            "raises an exception to avoid pickling",
        ),
        crate::object::table::Method::new(
            "__reduce_ex__",
            "",
            crate::object::table::NativeFn::Raw(reject_pickle),
            "raises an exception to avoid pickling",
        ),
    ],
    flags: flag::BASETYPE,
    ..TypeSpec::new("_csv", "Dialect", layout_of::<Dialect>(false))
};

// SAFETY: `DIALECT`'s layout is `Dialect`.
unsafe impl Payload for Dialect {
    fn layout_type() -> &'static Type {
        &DIALECT
    }
}

fn reject_pickle(t: &Thread, args: Args<'_>) -> PyResult {
    let name = args.pos().first().map_or_else(String::new, |v| v.class().display_name().into_owned());
    Err(raise::type_error(t, format!("cannot pickle {name} instances")))
}

fn char_str(c: Option<u32>) -> Value {
    match c {
        None => Value::NONE,
        Some(c) => {
            let mut buf = crate::object::text::TextBuf::new();
            buf.push(c);
            str::from_buf(buf)
        }
    }
}

/// A one-character option; `None` where it is not set.
fn char_option(
    t: &Thread,
    name: &str,
    v: Option<&Value>,
    default: Option<u32>,
    optional: bool,
) -> PyResult<Option<u32>> {
    let Some(v) = v else { return Ok(default) };
    if v.is_none() && optional {
        return Ok(None);
    }
    let wanted = if optional { "a unicode character or None" } else { "a unicode character" };
    match str::view(v) {
        Some(text) if text.len() == 1 => Ok(text.get(0)),
        Some(text) => {
            let message = format!("\"{name}\" must be {wanted}, not a string of length {}", text.len());
            Err(raise::type_error(t, message))
        }
        None => {
            let message = format!("\"{name}\" must be {wanted}, not {}", v.class().display_name());
            Err(raise::type_error(t, message))
        }
    }
}

fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new(SIGNATURE);
    let b = PARAMETERS.bind_call(t, "Dialect", args)?;
    let named;
    let base = match b.non_none(0) {
        Some(name) if str::view(name).is_some() => {
            named = registered(t, name)?;
            Some(&named)
        }
        base => base,
    };
    const NAMES: [&str; 8] = [
        "delimiter",
        "doublequote",
        "escapechar",
        "lineterminator",
        "quotechar",
        "quoting",
        "skipinitialspace",
        "strict",
    ];
    if let Some(base) = base
        && base.is_exact(&DIALECT)
        && std::ptr::eq(class, &*DIALECT)
        && (1..=8).all(|i| b.opt(i).is_none())
    {
        return Ok(base.clone());
    }
    let mut options: Vec<Option<Value>> = (1..=8).map(|i| b.opt(i).cloned()).collect();
    if let Some(base) = base {
        for (option, name) in options.iter_mut().zip(NAMES) {
            if option.is_none() {
                *option = protocol::lookup_attr(t, base, &names::intern(name))?;
            }
        }
    }
    let option = |i: usize| options[i].as_ref();
    let flag = |i: usize, default: bool| option(i).map_or(Ok(default), |v| protocol::is_true(t, v));
    let delimiter = char_option(t, "delimiter", option(0), Some(u32::from(b',')), false)?;
    let doublequote = flag(1, true)?;
    let escapechar = char_option(t, "escapechar", option(2), None, true)?;
    let lineterminator = match option(3) {
        None => names::intern("\r\n"),
        Some(v) if str::view(v).is_some() => v.clone(),
        Some(v) => {
            let message = format!("\"lineterminator\" must be a string, not {}", v.class().display_name());
            return Err(raise::type_error(t, message));
        }
    };
    let quotechar = char_option(t, "quotechar", option(4), Some(u32::from(b'"')), true)?;
    let quoting = match option(5) {
        None if option(4).is_some_and(Value::is_none) => NONE,
        None => MINIMAL,
        Some(v) => match (v.is_exact(&crate::object::core_types::INT), bigint::view(v)) {
            (true, Some(IntView::Small(n @ MINIMAL..=NOTNULL))) => n,
            (true, _) => return Err(raise::type_error(t, "bad \"quoting\" value")),
            _ => {
                let message = format!("\"quoting\" must be an integer, not {}", v.class().display_name());
                return Err(raise::type_error(t, message));
            }
        },
    };
    let skipinitialspace = flag(6, false)?;
    let strict = flag(7, false)?;
    let Some(delimiter) = delimiter else { return Err(raise::type_error(t, "delimiter must be set")) };
    if quoting != NONE && quotechar.is_none() {
        return Err(raise::type_error(t, "quotechar must be set if quoting enabled"));
    }
    check(t, delimiter, escapechar, quotechar, skipinitialspace, &lineterminator)?;
    let dialect = Dialect {
        delimiter,
        quotechar,
        escapechar,
        doublequote,
        skipinitialspace,
        strict,
        quoting,
        lineterminator: Stored::new(lineterminator),
    };
    Ok(alloc::new(class, dialect))
}

/// ValueError where characters would mean two things.
fn check(
    t: &Thread,
    delimiter: u32,
    escapechar: Option<u32>,
    quotechar: Option<u32>,
    skipinitialspace: bool,
    terminator: &Value,
) -> PyResult<()> {
    let terminator = str::view(terminator);
    let all = [
        ("delimiter", Some(delimiter), true),
        ("escapechar", escapechar, !skipinitialspace),
        ("quotechar", quotechar, !skipinitialspace),
    ];
    for (name, c, space) in all {
        let Some(c) = c else { continue };
        if c == u32::from(b'\r') || c == u32::from(b'\n') || (c == u32::from(b' ') && !space) {
            return Err(raise::value_error(t, format!("bad {name} value")));
        }
        if terminator.is_some_and(|text| text.code_points().any(|x| x == c)) {
            return Err(raise::value_error(t, format!("bad {name} or lineterminator value")));
        }
    }
    for (i, j) in [(0, 1), (0, 2), (1, 2)] {
        if all[i].1.is_some() && all[i].1 == all[j].1 {
            return Err(raise::value_error(t, format!("bad {} or {} value", all[i].0, all[j].0)));
        }
    }
    Ok(())
}

/// The dialect that the arguments after the first stand for: `[dialect], **fmtparams`.
pub fn from_arguments(t: &Thread, function: &str, args: Args<'_>) -> PyResult {
    let rest = args.skip(1);
    if rest.pos().len() > 1 {
        let message = format!("{function} expected at most 2 arguments, got {}", args.pos().len());
        return Err(raise::type_error(t, message));
    }
    protocol::call(t, &DIALECT.as_value(), rest)
}

/// The names, a dict.
pub fn registry() -> Value {
    static THE: OnceLock<Stored> = OnceLock::new();
    Value::clone(THE.get_or_init(|| Stored::new(dict::new())))
}

/// The dialect of a name. Raises `csv.Error`.
pub fn registered(t: &Thread, name: &Value) -> PyResult {
    let registry = registry();
    match registry.downcast::<Dict>().map(|d| d.get(t, name)).transpose()?.flatten() {
        Some(dialect) => Ok(dialect),
        None => Err(error(t, "unknown dialect")),
    }
}

pub fn list(t: &Thread) -> PyResult {
    let registry = registry();
    let names = registry.downcast::<Dict>().map_or_else(Vec::new, Dict::entries);
    list::from_exact(t, names.into_iter().map(|(name, _)| name))
}

pub fn register(t: &Thread, args: Args<'_>) -> PyResult {
    let Some(name) = args.pos().first() else {
        return Err(raise::type_error(t, "register_dialect expected at least 1 argument, got 0"));
    };
    if str::view(name).is_none() {
        return Err(raise::type_error(t, "dialect name must be a string"));
    }
    let dialect = from_arguments(t, "register_dialect", args)?;
    protocol::set_item(t, &registry(), name, &dialect)?;
    Ok(Value::NONE)
}

pub fn unregister(t: &Thread, name: &Value) -> PyResult {
    let registry = registry();
    match registry.downcast::<Dict>().map(|d| d.remove(t, name)).transpose()?.flatten() {
        Some(_) => Ok(Value::NONE),
        None => Err(error(t, "unknown dialect")),
    }
}
