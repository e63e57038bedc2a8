//! `sqlite3.Connection`: opening and closing, transactions, cursors. What it has beside that is in `services`.

use super::constants::LEGACY_TRANSACTION_CONTROL;
use super::cursor::{self, CURSOR};
use super::errors;
use super::prepared::{self, Statements};
use super::services::{self, Hooks};
use crate::modules::posix::path;
use crate::modules::support::{Parameters, put, seconds, warn_unclosed};
use crate::object::args::{Args, Bound};
use crate::object::core_types::{self, exc};
use crate::object::exception::visit_slot;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Value};
use crate::object::{alloc, audit, hooks, protocol, str};
use crate::sync::shim::Mutex;
use crate::sync::shim::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering::Relaxed};
use crate::sys::sqlite::Database;
use crate::sys::sqlite::blob::Blob;
use crate::this;
use crate::types::bytes::args::c_int;
use crate::types::str::codec::registry;
use std::ffi::CStr;
use std::sync::{Arc, Weak};

/// Words between BEGIN and TRANSACTION, by `isolation`; the first stands for `isolation_level = None`.
const LEVELS: [&str; 5] = ["", "", "DEFERRED", "IMMEDIATE", "EXCLUSIVE"];
const NO_LEVEL: usize = 0;
/// The blank shows in traces.
const BEGINS: [&CStr; 5] = [c"BEGIN ", c"BEGIN ", c"BEGIN DEFERRED", c"BEGIN IMMEDIATE", c"BEGIN EXCLUSIVE"];

/// The payload. The mutexes are held for a look or an exchange only.
pub struct Connection {
    database: Mutex<Option<Arc<Database>>>,
    initialised: AtomicBool,
    /// The ident of the only thread that may use it; 0: all may.
    owner: AtomicU64,
    pub detect_types: AtomicI64,
    /// A place in `LEVELS`.
    isolation: AtomicUsize,
    autocommit: AtomicI64,
    pub statements: Statements,
    pub blobs: Mutex<Vec<Weak<Blob>>>,
    pub hooks: Hooks,
    row_factory: Slot,
    pub text_factory: Slot,
}

impl Connection {
    /// Transactions begin before statements that change data, unless the isolation level is None.
    pub fn is_legacy(&self) -> bool {
        self.autocommit.load(Relaxed) == LEGACY_TRANSACTION_CONTROL
    }
}

/// `sqlite3.Connection`
pub static CONNECTION: StaticType = StaticType::new(&TypeSpec {
    doc: "SQLite database connection object.",
    slots: SlotTable {
        new: Some(new),
        init: Some(init),
        call: Some(call),
        finalize: Some(finalize),
        ..SlotTable::EMPTY
    },
    methods: METHODS,
    getset: GETSET,
    flags: flag::BASETYPE,
    ..TypeSpec::new("sqlite3", "Connection", layout_of::<Connection>(true))
});

static METHODS: &[Method] = &[
    services::BACKUP,
    Method::new(
        "close",
        "($self, /)",
        NativeFn::F1(close),
        "Close the database connection.\n\nAny pending transaction is not committed implicitly.",
    ),
    Method::new(
        "commit",
        "($self, /)",
        NativeFn::F1(commit),
        "Commit any pending transaction to the database.\n\nIf there is no open transaction, this method is a no-op.",
    ),
    services::CREATE_AGGREGATE,
    services::CREATE_COLLATION,
    services::CREATE_FUNCTION,
    Method::new(
        "cursor",
        "($self, /, factory=<unrepresentable>)",
        NativeFn::Bound(|t, b| new_cursor(t, b.req(0), b.opt(1))),
        "Return a cursor for the connection.",
    ),
    Method::new(
        "__enter__",
        "($self, /)",
        NativeFn::F1(|t, v| {
            ready(t, v)?;
            Ok(v.clone())
        }),
        "Called when the connection is used as a context manager.\n\nReturns itself as a convenience to the caller.",
    ),
    Method::new(
        "executemany",
        "($self, sql, parameters, /)",
        NativeFn::F3(|t, v, sql, parameters| cursor::execute_many(t, &new_cursor(t, v, None)?, sql, parameters)),
        "Repeatedly executes an SQL statement.",
    ),
    Method::new(
        "executescript",
        "($self, sql_script, /)",
        NativeFn::F2(|t, v, script| cursor::execute_script(t, &new_cursor(t, v, None)?, script)),
        "Executes multiple SQL statements at once.",
    ),
    Method::new(
        "execute",
        "($self, sql, parameters=<unrepresentable>, /)",
        NativeFn::Bound(execute_method),
        "Executes an SQL statement.",
    ),
    Method::new(
        "__exit__",
        "($self, type, value, traceback, /)",
        NativeFn::Bound(exit),
        "Called when the connection is used as a context manager.\n\nIf there was any exception, a rollback takes place; \
         otherwise we commit.",
    ),
    services::INTERRUPT,
    services::ITERDUMP,
    Method::new(
        "rollback",
        "($self, /)",
        NativeFn::F1(rollback),
        "Roll back to the start of any pending transaction.\n\nIf there is no open transaction, this method is a no-op.",
    ),
    services::SET_AUTHORIZER,
    services::SET_PROGRESS_HANDLER,
    services::SET_TRACE_CALLBACK,
    services::SETLIMIT,
    services::GETLIMIT,
    services::SERIALIZE,
    services::DESERIALIZE,
    services::CREATE_WINDOW_FUNCTION,
    services::BLOBOPEN,
    services::SETCONFIG,
    services::GETCONFIG,
];

macro_rules! exception {
    ($name:literal $static:ident) => {
        GetSet::read_only($name, |_, _| Ok(errors::$static.to_value()), "").as_member()
    };
}

static GETSET: &[GetSet] = &[
    exception!("Warning" WARNING),
    exception!("Error" ERROR),
    exception!("InterfaceError" INTERFACE),
    exception!("DatabaseError" DATABASE),
    exception!("DataError" DATA),
    exception!("OperationalError" OPERATIONAL),
    exception!("IntegrityError" INTEGRITY),
    exception!("InternalError" INTERNAL),
    exception!("ProgrammingError" PROGRAMMING),
    exception!("NotSupportedError" NOT_SUPPORTED),
    GetSet::new(
        "row_factory",
        |_, v| Ok(this!(v, Connection).row_factory.load().unwrap_or(Value::NONE)),
        |t, v, value| {
            put(t, v, &this!(v, Connection).row_factory, value.cloned());
            Ok(())
        },
        "",
    )
    .as_member(),
    GetSet::new(
        "text_factory",
        |_, v| Ok(this!(v, Connection).text_factory.load().unwrap_or(Value::NONE)),
        |t, v, value| {
            put(t, v, &this!(v, Connection).text_factory, value.cloned());
            Ok(())
        },
        "",
    )
    .as_member(),
    GetSet::new(
        "isolation_level",
        |t, v| {
            open(t, v)?;
            Ok(match this!(v, Connection).isolation.load(Relaxed) {
                NO_LEVEL => Value::NONE,
                level => str::from_str(LEVELS[level]),
            })
        },
        set_isolation,
        "",
    ),
    GetSet::read_only("total_changes", |t, v| Ok(Value::int(open(t, v)?.total_changes())), ""),
    GetSet::read_only("in_transaction", |t, v| Ok(Value::bool(!open(t, v)?.autocommit())), ""),
    // Of what calling a connection takes.
    GetSet::read_only("__text_signature__", |_, _| Ok(str::from_str("(sql, /)")), ""),
    GetSet::new(
        "autocommit",
        |t, v| {
            ready(t, v)?;
            Ok(match this!(v, Connection).autocommit.load(Relaxed) {
                LEGACY_TRANSACTION_CONTROL => Value::int(LEGACY_TRANSACTION_CONTROL),
                on => Value::bool(on != 0),
            })
        },
        set_autocommit,
        "",
    ),
];

// SAFETY: `CONNECTION`'s layout is `Connection`.
unsafe impl Payload for Connection {
    fn layout_type() -> &'static Type {
        &CONNECTION
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.row_factory, visit);
        visit_slot(&self.text_factory, visit);
        self.hooks.trace(visit);
    }

    fn clear(&self) {
        drop(self.row_factory.take());
        drop(self.text_factory.take());
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        shut(self);
    }
}

fn new(_: &Thread, class: &Type, _: Args<'_>) -> PyResult {
    let connection = Connection {
        database: Mutex::new(None),
        initialised: AtomicBool::new(false),
        owner: AtomicU64::new(0),
        detect_types: AtomicI64::new(0),
        isolation: AtomicUsize::new(NO_LEVEL),
        autocommit: AtomicI64::new(LEGACY_TRANSACTION_CONTROL),
        statements: Statements::default(),
        blobs: Mutex::new(Vec::new()),
        hooks: Hooks::default(),
        row_factory: Slot::empty(),
        text_factory: Slot::empty(),
    };
    Ok(alloc::new(class, connection))
}

/// An isolation level's place in `LEVELS`.
fn level(t: &Thread, v: &Value) -> PyResult<usize> {
    if v.is_none() {
        return Ok(NO_LEVEL);
    }
    let Some(text) = str::view(v) else {
        return Err(raise::type_error(t, "isolation_level must be str or None"));
    };
    let text = text.to_utf8_lossy();
    match LEVELS.iter().skip(1).position(|level| level.eq_ignore_ascii_case(&text)) {
        Some(place) => Ok(place + 1),
        None => {
            let message = "isolation_level string must be '', 'DEFERRED', 'IMMEDIATE', or 'EXCLUSIVE'";
            Err(raise::value_error(t, message))
        }
    }
}

/// A value for `autocommit`.
fn autocommit(t: &Thread, v: &Value) -> PyResult<i64> {
    if v.is(&Value::TRUE) {
        return Ok(1);
    }
    if v.is(&Value::FALSE) {
        return Ok(0);
    }
    match crate::object::bigint::view(v) {
        Some(crate::object::bigint::IntView::Small(LEGACY_TRANSACTION_CONTROL)) => Ok(LEGACY_TRANSACTION_CONTROL),
        _ => {
            let message = "autocommit must be True, False, or sqlite3.LEGACY_TRANSACTION_CONTROL";
            Err(raise::value_error(t, message))
        }
    }
}

static PARAMETERS: Parameters = Parameters::new(
    "(database, timeout=5.0, detect_types=0, isolation_level='', check_same_thread=True, factory=None, \
     cached_statements=128, uri=False, *, autocommit=-1)",
);

/// Arguments by their places, but for the first, will go.
fn warn_of_places(t: &Thread, function: &str, given: usize) -> PyResult<()> {
    if !(2..=8).contains(&given) {
        return Ok(());
    }
    let message = format!(
        "Passing more than 1 positional argument to {function} is deprecated. Parameters 'timeout', 'detect_types', \
         'isolation_level', 'check_same_thread', 'factory', 'cached_statements' and 'uri' will become keyword-only \
         parameters in Python 3.15."
    );
    (hooks::get().warn)(t, &exc::DEPRECATION_WARNING.as_value(), &message, 1)
}

/// `connect(database, ...)`: calls the factory.
pub fn connect(t: &Thread, args: Args<'_>) -> PyResult {
    warn_of_places(t, "sqlite3.connect()", args.pos().len())?;
    let factory = args.keyword("factory").or_else(|| args.pos().get(5)).cloned();
    protocol::call(t, &factory.unwrap_or_else(|| CONNECTION.to_value()), args)
}

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    warn_of_places(t, "_sqlite3.Connection()", args.pos().len())?;
    let b = PARAMETERS.bind(t, &CONNECTION, v.class(), args)?;
    audit::event(t, "sqlite3.connect", || [b.req(0).clone()])?;
    let database = path::arg(t, "connect", b.req(0))?;
    let timeout = b.opt(1).map_or(Ok(5.0), |timeout| seconds(t, timeout))?;
    let detect_types = b.opt(2).map_or(Ok(0), |v| c_int(t, v))?;
    let isolation = b.opt(3).map_or(Ok(1), |v| level(t, v))?;
    let same_thread = b.opt(4).map_or(Ok(true), |v| protocol::is_true(t, v))?;
    let room = b.opt(6).map_or(Ok(128), |v| c_int(t, v))?;
    let uri = b.opt(7).map_or(Ok(false), |v| protocol::is_true(t, v))?;
    let autocommit = b.opt(8).map_or(Ok(LEGACY_TRANSACTION_CONTROL), |v| autocommit(t, v))?;
    let this = this!(v, Connection);
    if this.initialised.swap(false, Relaxed) {
        shut(this);
    }
    let opened = t.detached(|| Database::open(&database.text, uri, (timeout * 1000.0) as i32));
    let opened = Arc::new(opened.map_err(|failure| errors::failure(t, &failure))?);
    let old = this.database.lock().replace(opened.clone());
    drop(old);
    let owner = if same_thread { crate::modules::thread::handle::ident(t) } else { 0 };
    this.owner.store(owner, Relaxed);
    this.detect_types.store(detect_types.into(), Relaxed);
    this.isolation.store(isolation, Relaxed);
    this.autocommit.store(autocommit, Relaxed);
    drop(this.statements.clear(usize::try_from(room).unwrap_or(0)));
    put(t, v, &this.row_factory, None);
    put(t, v, &this.text_factory, Some(core_types::STR.to_value()));
    this.initialised.store(true, Relaxed);
    audit::event(t, "sqlite3.connect/handle", || [v.clone()])?;
    if autocommit == 0 {
        execute(t, &opened, c"BEGIN")?;
    }
    Ok(())
}

/// Ends what uses a connection's database, and the database.
fn shut(this: &Connection) {
    let database = this.database.lock().take();
    let Some(database) = database else { return };
    drop(this.statements.clear(0));
    let blobs: Vec<_> = this.blobs.lock().drain(..).filter_map(|blob| blob.upgrade()).collect();
    prepared::away(|| blobs.iter().for_each(|blob| blob.close()));
    drop(blobs);
    this.hooks.take_away(&database);
    // A cursor that has rows to come, or what is under way in another thread, closes it later.
    if let Some(mut database) = Arc::into_inner(database) {
        prepared::away(|| database.shut());
        drop(database.take_dropped());
    }
}

/// The database of a connection; ProgrammingError where there is none.
pub fn open(t: &Thread, v: &Value) -> PyResult<Arc<Database>> {
    let this = this!(v, Connection);
    let database = this.database.lock().clone();
    match database {
        Some(database) => Ok(database),
        None if this.initialised.load(Relaxed) => Err(errors::programming(t, "Cannot operate on a closed database.")),
        None => Err(errors::programming(t, "Base Connection.__init__ not called.")),
    }
}

/// Refuses threads that may not use a connection.
pub fn check_thread(t: &Thread, v: &Value) -> PyResult<()> {
    let owner = this!(v, Connection).owner.load(Relaxed);
    let ident = crate::modules::thread::handle::ident(t);
    if owner == 0 || owner == ident {
        return Ok(());
    }
    let message = format!(
        "SQLite objects created in a thread can only be used in that same thread. The object was created in thread id \
         {owner} and this is thread id {ident}."
    );
    Err(errors::programming(t, message))
}

/// The database of a connection that this thread may use.
pub fn ready(t: &Thread, v: &Value) -> PyResult<Arc<Database>> {
    check_thread(t, v)?;
    open(t, v)
}

/// Runs one statement, such as COMMIT.
pub fn execute(t: &Thread, database: &Database, sql: &CStr) -> PyResult<()> {
    match t.detached(|| database.execute(sql)) {
        Ok(_) => Ok(()),
        Err(failure) => Err(errors::failure(t, &failure)),
    }
}

/// Begins a transaction before a statement that changes data, where that is the connection's way.
pub fn begin_implicitly(t: &Thread, this: &Connection, database: &Database) -> PyResult<()> {
    let level = this.isolation.load(Relaxed);
    if !this.is_legacy() || level == NO_LEVEL || !database.autocommit() {
        return Ok(());
    }
    execute(t, database, BEGINS[level])
}

fn call(t: &Thread, v: &Value, args: Args<'_>) -> PyResult {
    let database = ready(t, v)?;
    let [sql] = args.exactly_positional(t, "Connection", 1, 1)? else { unreachable!("one argument") };
    protocol::str_arg(t, sql, "Connection", "argument")?;
    registry::need_utf8(t, sql)?;
    let statement = this!(v, Connection).statements.get(t, &database, str::lossy(sql).as_bytes())?;
    statement.give_back();
    Ok(prepared::object(statement))
}

fn finalize(t: &Thread, v: &Value) {
    let open = this!(v, Connection).database.lock().is_some();
    if open {
        warn_unclosed(t, v, "database in ");
    }
}

fn close(t: &Thread, v: &Value) -> PyResult {
    check_thread(t, v)?;
    let this = this!(v, Connection);
    if !this.initialised.load(Relaxed) {
        return Err(errors::programming(t, "Base Connection.__init__ not called."));
    }
    let database = this.database.lock().clone();
    if let Some(database) = database {
        // Without autocommit, what is pending is rolled back here.
        if this.autocommit.load(Relaxed) == 0 && !database.autocommit() {
            execute(t, &database, c"ROLLBACK")?;
        }
        drop(database);
        shut(this);
    }
    Ok(Value::NONE)
}

fn end_transaction(t: &Thread, v: &Value, sql: &CStr) -> PyResult {
    let database = ready(t, v)?;
    match this!(v, Connection).autocommit.load(Relaxed) {
        LEGACY_TRANSACTION_CONTROL if !database.autocommit() => execute(t, &database, sql)?,
        0 => {
            execute(t, &database, sql)?;
            execute(t, &database, c"BEGIN")?;
        }
        _ => {}
    }
    Ok(Value::NONE)
}

fn commit(t: &Thread, v: &Value) -> PyResult {
    end_transaction(t, v, c"COMMIT")
}

fn rollback(t: &Thread, v: &Value) -> PyResult {
    end_transaction(t, v, c"ROLLBACK")
}

fn exit(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    if b.req(1).is_none() && b.req(2).is_none() && b.req(3).is_none() {
        if let Err(raised) = commit(t, v) {
            // What was not committed is given up; what went wrong first is told.
            let first = raise::take(t, raised);
            rollback(t, v)?;
            return Err(raise::again(t, first));
        }
    } else {
        rollback(t, v)?;
    }
    Ok(Value::FALSE)
}

fn set_isolation(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(raise::new(t, &exc::ATTRIBUTE_ERROR, "cannot delete attribute")) };
    let database = open(t, v)?;
    let level = level(t, value)?;
    let this = this!(v, Connection);
    if level == NO_LEVEL && this.is_legacy() && !database.autocommit() {
        execute(t, &database, c"COMMIT")?;
    }
    this.isolation.store(level, Relaxed);
    Ok(())
}

fn set_autocommit(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let database = ready(t, v)?;
    let Some(value) = value else { return Err(raise::new(t, &exc::ATTRIBUTE_ERROR, "cannot delete attribute")) };
    let on = autocommit(t, value)?;
    if on == 1 && !database.autocommit() {
        execute(t, &database, c"COMMIT")?;
    } else if on == 0 && database.autocommit() {
        execute(t, &database, c"BEGIN")?;
    }
    this!(v, Connection).autocommit.store(on, Relaxed);
    Ok(())
}

fn new_cursor(t: &Thread, v: &Value, factory: Option<&Value>) -> PyResult {
    ready(t, v)?;
    let made = match factory {
        Some(factory) => protocol::call_values(t, factory, std::slice::from_ref(v))?,
        None => protocol::call_values(t, &CURSOR.as_value(), std::slice::from_ref(v))?,
    };
    cursor::need_cursor(t, &made, |class| format!("factory must return a cursor, not {}", class.display_name()))?;
    if let Some(factory) = this!(v, Connection).row_factory.load().filter(|factory| !factory.is_none()) {
        cursor::set_row_factory(t, &made, factory);
    }
    Ok(made)
}

fn execute_method(t: &Thread, b: &Bound<'_>) -> PyResult {
    let cursor = new_cursor(t, b.req(0), None)?;
    cursor::execute(t, &cursor, b.req(1), b.opt(2))
}
