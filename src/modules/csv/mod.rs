//! `_csv`: tables as text.
//!
//! | file | holds |
//! |---|---|
//! | `dialect` | how a table is written; the registry of names |
//! | `reader`, `writer` | text to rows, rows to text |

mod dialect;
mod reader;
mod writer;

use crate::object::bigint::{self, IntView};
use crate::object::core_types::exc;
use crate::object::exception::BaseException;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{StaticType, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{names, protocol};
use crate::sync::shim::atomic::{AtomicI64, Ordering::Relaxed};

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "field_size_limit",
            "($module, /, new_limit=<unrepresentable>)",
            NativeFn::Bound(|t, b| {
                let old = FIELD_LIMIT.load(Relaxed);
                if let Some(limit) = b.opt(0) {
                    match bigint::view(limit) {
                        Some(IntView::Small(limit)) => FIELD_LIMIT.store(limit, Relaxed),
                        Some(IntView::Big(_)) => {
                            return Err(raise::overflow_error(t, "Python int too large to convert to C long"));
                        }
                        None => return Err(raise::type_error(t, "limit must be an integer")),
                    }
                }
                Ok(Value::int(old))
            }),
            "Sets an upper limit on parsed fields.\n\n    csv.field_size_limit([limit])\n\nReturns old limit. If limit is \
             not given, no new limit is set and\nthe old limit is returned",
        ),
        Method::new(
            "get_dialect",
            "($module, /, name)",
            NativeFn::Bound(|t, b| dialect::registered(t, b.req(0))),
            "Return the dialect instance associated with name.\n\ndialect = csv.get_dialect(name)",
        ),
        Method::new(
            "list_dialects",
            "($module, /)",
            NativeFn::F0(dialect::list),
            "Return a list of all known dialect names.\n\nnames = csv.list_dialects()",
        ),
        Method::new(
            "reader",
            "",
            NativeFn::Raw(reader::make),
            "csv_reader = reader(iterable [, dialect='excel'] [optional keyword args])\n\nThe \"iterable\" argument can be \
             any object that returns a line of input for\neach iteration. Each row is returned as a list of strings.",
        ),
        Method::new(
            "register_dialect",
            "",
            NativeFn::Raw(dialect::register),
            "Create a mapping from a string name to a dialect class.\ndialect = csv.register_dialect(name[, dialect[, \
             **fmtparams]])",
        ),
        Method::new(
            "unregister_dialect",
            "($module, /, name)",
            NativeFn::Bound(|t, b| dialect::unregister(t, b.req(0))),
            "Delete the name/dialect mapping associated with a string name.\n\ncsv.unregister_dialect(name)",
        ),
        Method::new(
            "writer",
            "",
            NativeFn::Raw(writer::make),
            "csv_writer = csv.writer(fileobj [, dialect='excel'] [optional keyword args])\n\nWrites rows of data to the \
             \"fileobj\", which can be any object that supports the file API.",
        ),
    ],
    types: &[&dialect::DIALECT, &reader::READER, &writer::WRITER, &ERROR],
    init: Some(init),
    ..ModuleSpec::new("_csv", "CSV parsing and writing.\n")
};

/// `csv.Error`
pub static ERROR: StaticType = StaticType::new(&TypeSpec {
    base: Some(&exc::EXCEPTION),
    flags: flag::BASETYPE,
    ..TypeSpec::new("_csv", "Error", layout_of::<BaseException>(true))
});

/// How long a field may be.
static FIELD_LIMIT: AtomicI64 = AtomicI64::new(128 * 1024);

/// Raises `csv.Error`.
#[cold]
fn error(t: &Thread, message: impl AsRef<str>) -> Raised {
    raise::new(t, &ERROR, message)
}

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    for (name, n) in dialect::QUOTING {
        protocol::set_attr(t, module, &names::intern(name), &Value::int(*n))?;
    }
    protocol::set_attr(t, module, &names::intern("_dialects"), &dialect::registry())?;
    protocol::set_attr(t, module, &names::intern("__version__"), &names::intern("1.0"))
}
