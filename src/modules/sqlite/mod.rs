//! `_sqlite3`: SQL databases in files and in memory (DB-API 2.0).
//!
//! | file | holds |
//! |---|---|
//! | `connection`, `services` | connections: transactions and cursors; functions, hooks, copies, limits |
//! | `cursor`, `row` | statements with parameters, and their rows |
//! | `blob` | blobs in pieces |
//! | `prepared` | statements that are kept to be used again |
//! | `callbacks` | Python's functions and classes as SQLite calls them |
//! | `convert` | values between the two, adapters and converters |
//! | `errors`, `constants` | exceptions and numbers |
//!
//! What touches SQLite is in `sys::sqlite`, whose rules say when a thread must be detached. A thread that SQLite calls back
//! attaches again, with the database's mutex held: others that want the database wait detached, so that this is no lock that
//! a stop of the world would miss.

mod blob;
mod callbacks;
mod connection;
mod constants;
mod convert;
mod cursor;
mod errors;
mod prepared;
mod row;
mod services;

use crate::modules::support::hide;
use crate::object::names;
use crate::object::protocol;
use crate::object::raise::PyResult;
use crate::object::str;
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::sync::shim::atomic::Ordering::Relaxed;
use crate::sys::sqlite;
use convert::PREPARE_PROTOCOL;

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    let set = |name: &str, v: Value| protocol::set_attr(t, module, &names::intern(name), &v);
    for (name, n) in constants::CODES.iter().chain(constants::OTHERS) {
        set(name, Value::int((*n).into()))?;
    }
    set("LEGACY_TRANSACTION_CONTROL", Value::int(constants::LEGACY_TRANSACTION_CONTROL))?;
    set("PARSE_DECLTYPES", Value::int(constants::PARSE_DECLTYPES))?;
    set("PARSE_COLNAMES", Value::int(constants::PARSE_COLNAMES))?;
    // Threads may share connections: SQLite is built with a mutex in every database.
    set("threadsafety", Value::int(3))?;
    set("sqlite_version", str::from_str(sqlite::version()))?;
    set("adapters", convert::adapters())?;
    set("converters", convert::converters())?;
    hide(t, module, &["Statement"])
}

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "adapt",
            "($module, obj, proto=PrepareProtocolType, alt=<unrepresentable>, /)",
            NativeFn::Bound(|t, b| {
                let to = b.opt(1).cloned().unwrap_or_else(|| PREPARE_PROTOCOL.to_value());
                convert::adapt(t, b.req(0), &to, b.opt(2))
            }),
            "Adapt given object to given protocol.",
        ),
        Method::new(
            "complete_statement",
            "($module, /, statement)",
            NativeFn::Bound(|t, b| {
                let sql = convert::c_string(t, b.req(0), "complete_statement", "'statement'")?;
                Ok(Value::bool(sqlite::is_complete(&sql)))
            }),
            "Checks if a string contains a complete SQL statement.",
        ),
        Method::new(
            "connect",
            "($module, /, database, timeout=5.0, detect_types=0,\n        isolation_level='', check_same_thread=True,\n        \
             factory=ConnectionType, cached_statements=128, uri=False, *,\n        \
             autocommit=sqlite3.LEGACY_TRANSACTION_CONTROL)",
            NativeFn::Raw(connection::connect),
            "Open a connection to the SQLite database file 'database'.\n\nYou can use \":memory:\" to open a database \
             connection to a database that\nresides in RAM instead of on disk.",
        ),
        Method::new(
            "enable_callback_tracebacks",
            "($module, enable, /)",
            NativeFn::F1(|t, on| {
                convert::SHOW_CALLBACK_ERRORS.store(protocol::is_true(t, on)?, Relaxed);
                Ok(Value::NONE)
            }),
            "Enable or disable callback functions throwing errors to stderr.",
        ),
        Method::new(
            "register_adapter",
            "($module, type, adapter, /)",
            NativeFn::F2(convert::register_adapter),
            "Register a function to adapt Python objects to SQLite values.",
        ),
        Method::new(
            "register_converter",
            "($module, typename, converter, /)",
            NativeFn::F2(convert::register_converter),
            "Register a function to convert SQLite values to Python objects.",
        ),
    ],
    types: &[
        &connection::CONNECTION,
        &cursor::CURSOR,
        &row::ROW,
        &blob::BLOB,
        &prepared::STATEMENT,
        &PREPARE_PROTOCOL,
        &errors::WARNING,
        &errors::ERROR,
        &errors::INTERFACE,
        &errors::DATABASE,
        &errors::DATA,
        &errors::OPERATIONAL,
        &errors::INTEGRITY,
        &errors::INTERNAL,
        &errors::PROGRAMMING,
        &errors::NOT_SUPPORTED,
    ],
    init: Some(init),
    ..ModuleSpec::new("_sqlite3", "")
};
