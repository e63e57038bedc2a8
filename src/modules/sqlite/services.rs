//! What connections have beside transactions and cursors: functions and hooks, copies, limits, settings, dumps.

use super::blob;
use super::callbacks::Callback;
use super::connection::{self, CONNECTION, Connection};
use super::convert::c_string;
use super::errors::{self, OPERATIONAL};
use super::prepared::away;
use crate::modules::support::Parameters;
use crate::object::args::{Args, Bound};
use crate::object::buffer::{self, Request};
use crate::object::core_types::exc;
use crate::object::raise::{self, PyResult};
use crate::object::slots::Visit;
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::{Stored, Value};
use crate::object::{hooks, names, protocol};
use crate::sync::shim::Mutex;
use crate::sys::sqlite::blob::Backup;
use crate::sys::sqlite::callbacks::{Aggregate, Collation, Hook, Scalar};
use crate::sys::sqlite::{Database, Failure, code_text};
use crate::this;
use crate::types::bytes::args::c_int;
use crate::types::bytes::payload as bytes;
use libsqlite3_sys as ffi;
use std::sync::Arc;
use std::time::Duration;

pub const CREATE_FUNCTION: Method = Method::new(
    "create_function",
    "($self, /, name, narg, func, *, deterministic=False)",
    NativeFn::Raw(|t, args| {
        static PARAMETERS: Parameters = Parameters::new("($self, /, name, narg, func, *, deterministic=False)");
        let b = by_name(t, "create_function", &["name", "narg", "func"], &PARAMETERS, args)?;
        create_function(t, &b)
    }),
    "Creates a new function.",
);

pub const CREATE_AGGREGATE: Method = Method::new(
    "create_aggregate",
    "($self, /, name, n_arg, aggregate_class)",
    NativeFn::Raw(|t, args| {
        static PARAMETERS: Parameters = Parameters::new("($self, /, name, n_arg, aggregate_class)");
        let b = by_name(t, "create_aggregate", &["name", "n_arg", "aggregate_class"], &PARAMETERS, args)?;
        create_aggregate(t, &b, "create_aggregate", false)
    }),
    "Creates a new aggregate.",
);

pub const CREATE_WINDOW_FUNCTION: Method = Method::new(
    "create_window_function",
    "($self, name, num_params, aggregate_class, /)",
    NativeFn::Bound(|t, b| create_aggregate(t, b, "create_window_function", true)),
    "Creates or redefines an aggregate window function. Non-standard.\n\n  name\n    The name of the SQL aggregate window \
     function to be created or\n    redefined.\n  num_params\n    The number of arguments the step and inverse methods \
     takes.\n  aggregate_class\n    A class with step(), finalize(), value(), and inverse() methods.\n    Set to None to \
     clear the window function.",
);

pub const CREATE_COLLATION: Method = Method::new(
    "create_collation",
    "($self, name, callback, /)",
    NativeFn::F3(create_collation),
    "Creates a collation function.",
);

pub const SET_AUTHORIZER: Method = Method::new(
    "set_authorizer",
    "($self, /, authorizer_callback)",
    NativeFn::Raw(|t, args| {
        static PARAMETERS: Parameters = Parameters::new("($self, /, authorizer_callback)");
        let b = by_name(t, "set_authorizer", &["authorizer_callback"], &PARAMETERS, args)?;
        set_hook(t, b.req(0), AUTHORIZER, b.req(1), 0)
    }),
    "Set authorizer callback.",
);

pub const SET_PROGRESS_HANDLER: Method = Method::new(
    "set_progress_handler",
    "($self, /, progress_handler, n)",
    NativeFn::Raw(|t, args| {
        static PARAMETERS: Parameters = Parameters::new("($self, /, progress_handler, n)");
        let b = by_name(t, "set_progress_handler", &["progress_handler"], &PARAMETERS, args)?;
        set_hook(t, b.req(0), PROGRESS, b.req(1), c_int(t, b.req(2))?)
    }),
    "Set progress handler callback.\n\n  progress_handler\n    A callable that takes no arguments.\n    If the callable \
     returns non-zero, the current query is terminated,\n    and an exception is raised.\n  n\n    The number of SQLite \
     virtual machine instructions that are\n    executed between invocations of 'progress_handler'.\n\nIf \
     'progress_handler' is None or 'n' is 0, the progress handler is disabled.",
);

pub const SET_TRACE_CALLBACK: Method = Method::new(
    "set_trace_callback",
    "($self, /, trace_callback)",
    NativeFn::Raw(|t, args| {
        static PARAMETERS: Parameters = Parameters::new("($self, /, trace_callback)");
        let b = by_name(t, "set_trace_callback", &["trace_callback"], &PARAMETERS, args)?;
        set_hook(t, b.req(0), TRACE, b.req(1), 0)
    }),
    "Set a trace callback called for each SQL statement (passed as unicode).",
);

pub const INTERRUPT: Method = Method::new(
    "interrupt",
    "($self, /)",
    NativeFn::F1(|t, v| {
        connection::open(t, v)?.interrupt();
        Ok(Value::NONE)
    }),
    "Abort any pending database operation.",
);

pub const ITERDUMP: Method = Method::new(
    "iterdump",
    "($self, /, *, filter=None)",
    NativeFn::Bound(iterdump),
    "Returns iterator to the dump of the database in an SQL text format.\n\n  filter\n    An optional LIKE pattern for \
     database objects to dump",
);

pub const BACKUP: Method = Method::new(
    "backup",
    "($self, /, target, *, pages=-1, progress=None, name='main', sleep=0.25)",
    NativeFn::Bound(backup),
    "Makes a backup of the database.",
);

pub const SERIALIZE: Method = Method::new(
    "serialize",
    "($self, /, *, name='main')",
    NativeFn::Bound(serialize),
    "Serialize a database into a byte string.\n\n  name\n    Which database to serialize.\n\nFor an ordinary on-disk \
     database file, the serialization is just a copy of the\ndisk file. For an in-memory database or a \"temp\" \
     database, the serialization is\nthe same sequence of bytes which would be written to disk if that database\nwere \
     backed up to disk.",
);

pub const DESERIALIZE: Method = Method::new(
    "deserialize",
    "($self, data, /, *, name='main')",
    NativeFn::Bound(deserialize),
    "Load a serialized database.\n\n  data\n    The serialized database content.\n  name\n    Which database to reopen \
     with the deserialization.\n\nThe deserialize interface causes the database connection to disconnect from \
     the\ntarget database, and then reopen it as an in-memory database based on the given\nserialized data.\n\nThe \
     deserialize interface will fail with SQLITE_BUSY if the database is\ncurrently in a read transaction or is \
     involved in a backup operation.",
);

pub const BLOBOPEN: Method = Method::new(
    "blobopen",
    "($self, table, column, row, /, *, readonly=False, name='main')",
    NativeFn::Bound(blob::open),
    "Open and return a BLOB object.\n\n  table\n    Table name.\n  column\n    Column name.\n  row\n    Row index.\n  \
     readonly\n    Open the BLOB without write permissions.\n  name\n    Database name.",
);

pub const SETLIMIT: Method = Method::new(
    "setlimit",
    "($self, category, limit, /)",
    NativeFn::F3(|t, v, category, limit| set_limit(t, v, c_int(t, category)?, c_int(t, limit)?)),
    "Set connection run-time limits.\n\n  category\n    The limit category to be set.\n  limit\n    The new limit. If the \
     new limit is a negative number, the limit is\n    unchanged.\n\nAttempts to increase a limit above its hard upper \
     bound are silently truncated\nto the hard upper bound. Regardless of whether or not the limit was changed,\nthe \
     prior value of the limit is returned.",
);

pub const GETLIMIT: Method = Method::new(
    "getlimit",
    "($self, category, /)",
    NativeFn::F2(|t, v, category| set_limit(t, v, c_int(t, category)?, -1)),
    "Get connection run-time limits.\n\n  category\n    The limit category to be queried.",
);

pub const SETCONFIG: Method = Method::new(
    "setconfig",
    "($self, op, enable=True, /)",
    NativeFn::Bound(set_config),
    "Set a boolean connection configuration option.\n\n  op\n    The configuration verb; one of the sqlite3.SQLITE_DBCONFIG \
     codes.",
);

pub const GETCONFIG: Method = Method::new(
    "getconfig",
    "($self, op, /)",
    NativeFn::F2(|t, v, option| {
        let database = connection::ready(t, v)?;
        config(t, &database, c_int(t, option)?, -1).map(Value::bool)
    }),
    "Query a boolean connection configuration option.\n\n  op\n    The configuration verb; one of the \
     sqlite3.SQLITE_DBCONFIG codes.",
);

/// Binds the arguments of a method that warns of these parameters if one is given by its name, which will go.
fn by_name<'a>(
    t: &Thread,
    function: &str,
    names: &[&str],
    parameters: &Parameters,
    args: Args<'a>,
) -> PyResult<Bound<'a>> {
    if names.iter().any(|name| args.keyword(name).is_some()) {
        let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
        let (s, list) = match &quoted[..] {
            [one] => ("", one.clone()),
            [first @ .., last] => ("s", format!("{} and {last}", first.join(", "))),
            [] => ("", String::new()),
        };
        let message = format!(
            "Passing keyword argument{s} {list} to _sqlite3.Connection.{function}() is deprecated. Parameter{s} {list} will \
             become positional-only in Python 3.15."
        );
        (hooks::get().warn)(t, &exc::DEPRECATION_WARNING.as_value(), &message, 1)?;
    }
    parameters.bind_call(t, function, args)
}

const AUTHORIZER: usize = 0;
const PROGRESS: usize = 1;
const TRACE: usize = 2;

/// A hook that SQLite has the address of.
struct Given {
    callback: Arc<Callback>,
    hook: Box<Arc<dyn Hook>>,
}

/// The hooks of a connection.
#[derive(Default)]
pub struct Hooks([Mutex<Option<Given>>; 3]);

impl Hooks {
    /// Visits the callables. The world is stopped: nobody holds the mutexes, which are held for exchanges only.
    pub fn trace(&self, visit: Visit) {
        for given in &self.0 {
            if let Some(given) = &*given.lock() {
                visit(&given.callback.0);
            }
        }
    }

    /// Takes all hooks away.
    pub fn take_away(&self, database: &Database) {
        if self.0.iter().all(|given| given.lock().is_none()) {
            return;
        }
        away(|| (0..self.0.len()).for_each(|which| drop(tell(database, which, None, 0))));
        for given in &self.0 {
            let old = given.lock().take();
            drop(old);
        }
    }
}

/// Tells SQLite of a hook. Detached.
fn tell(database: &Database, which: usize, hook: Option<&Arc<dyn Hook>>, steps: i32) -> Result<(), Failure> {
    match which {
        AUTHORIZER => database.set_authorizer(hook),
        PROGRESS => {
            database.set_progress(steps, hook);
            Ok(())
        }
        _ => database.set_trace(hook),
    }
}

fn set_hook(t: &Thread, v: &Value, which: usize, callable: &Value, steps: i32) -> PyResult {
    let database = connection::ready(t, v)?;
    let new = callable.non_none().map(|callable| {
        let callback = Arc::new(Callback(Stored::new(callable.clone())));
        Given { hook: Box::new(callback.clone()), callback }
    });
    let told = t.detached(|| tell(&database, which, new.as_ref().map(|new| &*new.hook), steps));
    told.map_err(|failure| errors::failure(t, &failure))?;
    let place = &this!(v, Connection).hooks.0[which];
    let old = std::mem::replace(&mut *place.lock(), new);
    drop(old);
    Ok(Value::NONE)
}

fn create_function(t: &Thread, b: &Bound<'_>) -> PyResult {
    let database = connection::ready(t, b.req(0))?;
    let name = c_string(t, b.req(1), "create_function", "1")?;
    let parameters = c_int(t, b.req(2))?;
    let deterministic = b.opt(4).map_or(Ok(false), |v| protocol::is_true(t, v))?;
    let function = b.req(3).non_none().map(|f| Box::new(Callback(Stored::new(f.clone()))) as Box<dyn Scalar>);
    let made = t.detached(|| database.set_function(&name, parameters, deterministic, function));
    drop(database.take_dropped());
    made.map(|()| Value::NONE).map_err(|_| raise::new(t, &OPERATIONAL, "Error creating function"))
}

fn create_aggregate(t: &Thread, b: &Bound<'_>, function: &str, window: bool) -> PyResult {
    let database = connection::ready(t, b.req(0))?;
    let name = c_string(t, b.req(1), function, "1")?;
    let parameters = c_int(t, b.req(2))?;
    let aggregate = b.req(3).non_none().map(|c| Box::new(Callback(Stored::new(c.clone()))) as Box<dyn Aggregate>);
    let made = t.detached(|| database.set_aggregate(&name, parameters, window, aggregate));
    drop(database.take_dropped());
    match made {
        Ok(()) => Ok(Value::NONE),
        Err(failure) if window => Err(errors::programming(t, code_text(failure.code))),
        Err(_) => Err(raise::new(t, &OPERATIONAL, "Error creating aggregate")),
    }
}

fn create_collation(t: &Thread, v: &Value, name: &Value, callable: &Value) -> PyResult {
    let database = connection::ready(t, v)?;
    let name = c_string(t, name, "create_collation", "1")?;
    if !callable.is_none() && callable.class().slots.call.get().is_none() {
        return Err(raise::type_error(t, "parameter must be callable"));
    }
    let collation = callable.non_none().map(|c| Box::new(Callback(Stored::new(c.clone()))) as Box<dyn Collation>);
    let made = t.detached(|| database.set_collation(&name, collation));
    drop(database.take_dropped());
    made.map(|()| Value::NONE).map_err(|failure| errors::failure(t, &failure))
}

fn iterdump(t: &Thread, b: &Bound<'_>) -> PyResult {
    connection::open(t, b.req(0))?;
    let dump = protocol::get_attr_str(t, &(hooks::get().import)(t, "sqlite3.dump")?, "_iterdump")?;
    let filter = b.opt(1).cloned().unwrap_or(Value::NONE);
    let args = [b.req(0).clone(), filter];
    protocol::call(t, &dump, Args::new(&args, &[names::intern("filter")]))
}

/// A keyword that names a database within the connection's.
pub fn schema(t: &Thread, v: Option<&Value>, function: &str) -> PyResult<std::ffi::CString> {
    v.map_or(Ok(c"main".to_owned()), |v| c_string(t, v, function, "argument 'name'"))
}

fn backup(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (from, target) = (b.req(0), b.req(1));
    if target.downcast::<Connection>().is_none() {
        let class = target.class();
        let message =
            format!("backup() argument 'target' must be sqlite3.{}, not {}", CONNECTION.name(), class.display_name());
        return Err(raise::type_error(t, message));
    }
    let pages = b.opt(2).map_or(Ok(-1), |v| c_int(t, v))?;
    let progress = b.non_none(3);
    let schema = schema(t, b.opt(4), "backup")?;
    let sleep = b.opt(5).map_or(Ok(0.25), |v| protocol::as_f64(t, v))?;
    let database = connection::ready(t, from)?;
    let to = connection::ready(t, target)?;
    if from.is(target) {
        return Err(raise::value_error(t, "target cannot be the same connection instance"));
    }
    if progress.is_some_and(|progress| progress.class().slots.call.get().is_none()) {
        return Err(raise::type_error(t, "progress argument must be a callable"));
    }
    let pages = if pages == 0 { -1 } else { pages };
    let made = t.detached(|| Backup::new(&database, &schema, &to));
    let mut backup = made.map_err(|failure| errors::failure(t, &failure))?;
    let code = loop {
        let code = t.detached(|| backup.step(pages));
        if let Some(progress) = progress {
            let (remaining, all) = backup.pages();
            let args = [Value::int(code.into()), Value::int(remaining.into()), Value::int(all.into())];
            if let Err(raised) = protocol::call_values(t, progress, &args) {
                t.detached(|| drop(backup));
                return Err(raised);
            }
        }
        match code {
            ffi::SQLITE_OK => {}
            ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => {
                t.detached(|| std::thread::sleep(Duration::try_from_secs_f64(sleep).unwrap_or_default()));
                (hooks::get().check_attention)(t)?;
            }
            code => break code,
        }
    };
    let finished = t.detached(|| backup.finish());
    if code == ffi::SQLITE_DONE {
        return finished.map(|()| Value::NONE).map_err(|failure| errors::failure(t, &failure));
    }
    let failure = finished.err().unwrap_or(Failure { code: code & 0xff, extended: code, message: code_text(code) });
    Err(errors::failure(t, &failure))
}

fn serialize(t: &Thread, b: &Bound<'_>) -> PyResult {
    let database = connection::ready(t, b.req(0))?;
    let schema = schema(t, b.opt(1), "serialize")?;
    match t.detached(|| database.serialize(&schema)) {
        Some(data) => Ok(bytes::from_vec(data)),
        None => {
            let message = format!("unable to serialize '{}'", schema.to_string_lossy());
            Err(raise::new(t, &OPERATIONAL, message))
        }
    }
}

fn deserialize(t: &Thread, b: &Bound<'_>) -> PyResult {
    let database = connection::ready(t, b.req(0))?;
    let lent = buffer::get(t, b.req(1), Request::Read)?;
    if !lent.is_contiguous() {
        return Err(raise::buffer_error(t, "memoryview: underlying buffer is not C-contiguous"));
    }
    let data = lent.to_vec();
    let schema = schema(t, b.opt(2), "deserialize")?;
    let done = t.detached(|| database.deserialize(&schema, &data));
    done.map(|()| Value::NONE).map_err(|failure| errors::failure(t, &failure))
}

fn set_limit(t: &Thread, v: &Value, category: i32, limit: i32) -> PyResult {
    let database = connection::ready(t, v)?;
    match t.detached(|| database.limit(category, limit)) {
        old if old < 0 => Err(errors::programming(t, "'category' is out of bounds")),
        old => Ok(Value::int(old.into())),
    }
}

/// Whether an option is a switch.
fn is_switch(option: i32) -> bool {
    matches!(option, ffi::SQLITE_DBCONFIG_ENABLE_FKEY..=ffi::SQLITE_DBCONFIG_ENABLE_COMMENTS)
}

fn config(t: &Thread, database: &Database, option: i32, value: i32) -> PyResult<bool> {
    if !is_switch(option) {
        return Err(raise::value_error(t, format!("unknown config 'op': {option}")));
    }
    let set = t.detached(|| database.config(option, value));
    set.map_err(|failure| errors::failure(t, &failure))
}

fn set_config(t: &Thread, b: &Bound<'_>) -> PyResult {
    let database = connection::ready(t, b.req(0))?;
    let option = c_int(t, b.req(1))?;
    let enable = b.opt(2).map_or(Ok(true), |v| protocol::is_true(t, v))?;
    if config(t, &database, option, enable.into())? != enable {
        return Err(raise::new(t, &OPERATIONAL, "Unable to set config"));
    }
    Ok(Value::NONE)
}
