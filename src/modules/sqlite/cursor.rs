//! `sqlite3.Cursor`: statements with parameters, and their rows one after the other.

use super::connection::{self, CONNECTION, Connection};
use super::constants::{PARSE_COLNAMES, PARSE_DECLTYPES};
use super::convert;
use super::errors::{self, PROGRAMMING};
use super::prepared::Prepared;
use crate::modules::support::{Parameters, iter_self, list_of, put};
use crate::object::args::Args;
use crate::object::core_types::{self, exc};
use crate::object::exception::visit_slot;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Stored, Value};
use crate::object::{alloc, bigint, protocol, str, tuple};
use crate::sync::shim::Mutex;
use crate::sync::shim::atomic::{AtomicBool, AtomicI64, Ordering::*};
use crate::sys::sqlite::statement::{Column, Step};
use crate::sys::sqlite::{Cell, Database};
use crate::this;
use crate::types::bytes::args::c_int;
use std::sync::Arc;

/// A statement under way: one of its rows is always ahead.
struct Running {
    statement: Arc<Prepared>,
    /// The next row.
    row: Vec<Cell<'static>>,
    /// Converters by column; empty where no column has one.
    converters: Vec<Option<Stored>>,
}

/// The payload. `busy` gives one call at a time the cursor; `running` is taken out and put back by that call.
pub struct Cursor {
    connection: Slot,
    description: Slot,
    last_row: Slot,
    row_factory: Slot,
    row_count: AtomicI64,
    array_size: AtomicI64,
    closed: AtomicBool,
    busy: AtomicBool,
    running: Mutex<Option<Running>>,
}

/// `sqlite3.Cursor`
pub static CURSOR: StaticType = StaticType::new(&TypeSpec {
    doc: "SQLite database cursor class.",
    slots: SlotTable { new: Some(new), init: Some(init), iter: Some(iter_self), next: Some(next), ..SlotTable::EMPTY },
    methods: &[
        Method::new("close", "($self, /)", NativeFn::F1(close), "Closes the cursor."),
        Method::new(
            "execute",
            "($self, sql, parameters=(), /)",
            NativeFn::Bound(|t, b| execute(t, b.req(0), b.req(1), b.opt(2))),
            "Executes an SQL statement.",
        ),
        Method::new(
            "executemany",
            "($self, sql, seq_of_parameters, /)",
            NativeFn::F3(execute_many),
            "Repeatedly executes an SQL statement.",
        ),
        Method::new(
            "executescript",
            "($self, sql_script, /)",
            NativeFn::F2(execute_script),
            "Executes multiple SQL statements at once.",
        ),
        Method::new(
            "fetchall",
            "($self, /)",
            NativeFn::F1(|t, v| fetch(t, v, i64::MAX)),
            "Fetches all rows from the resultset.",
        ),
        Method::new(
            "fetchmany",
            "($self, /, size=1)",
            NativeFn::Bound(|t, b| {
                let size = match b.opt(1) {
                    Some(size) => i64::from(c_int(t, size)?),
                    None => this!(b.req(0), Cursor).array_size.load(Relaxed),
                };
                // As ever, no limit at all where it is 0.
                fetch(t, b.req(0), if size > 0 { size } else { i64::MAX })
            }),
            "Fetches several rows from the resultset.\n\n  size\n    The default value is set by the Cursor.arraysize \
             attribute.",
        ),
        Method::new(
            "fetchone",
            "($self, /)",
            NativeFn::F1(|t, v| Ok(next(t, v)?.unwrap_or(Value::NONE))),
            "Fetches one row from the resultset.",
        ),
        Method::new(
            "setinputsizes",
            "($self, sizes, /)",
            NativeFn::F2(|_, _, _| Ok(Value::NONE)),
            "Required by DB-API. Does nothing in sqlite3.",
        ),
        Method::new(
            "setoutputsize",
            "($self, size, column=None, /)",
            NativeFn::Bound(|_, _| Ok(Value::NONE)),
            "Required by DB-API. Does nothing in sqlite3.",
        ),
    ],
    getset: &[
        GetSet::read_only("connection", |_, v| Ok(read(&this!(v, Cursor).connection)), "").as_member(),
        GetSet::read_only("description", |_, v| Ok(read(&this!(v, Cursor).description)), "").as_member(),
        GetSet::read_only("lastrowid", |_, v| Ok(read(&this!(v, Cursor).last_row)), "").as_member(),
        GetSet::read_only("rowcount", |_, v| Ok(Value::int(this!(v, Cursor).row_count.load(Relaxed))), "").as_member(),
        GetSet::new(
            "arraysize",
            |_, v| Ok(Value::int(this!(v, Cursor).array_size.load(Relaxed))),
            |t, v, value| {
                let Some(value) = value else {
                    return Err(raise::type_error(t, "can't delete numeric/char attribute"));
                };
                this!(v, Cursor).array_size.store(c_int(t, value)?.into(), Relaxed);
                Ok(())
            },
            "",
        )
        .as_member(),
        GetSet::new(
            "row_factory",
            |_, v| Ok(read(&this!(v, Cursor).row_factory)),
            |t, v, value| {
                put(t, v, &this!(v, Cursor).row_factory, value.cloned());
                Ok(())
            },
            "",
        )
        .as_member(),
    ],
    flags: flag::BASETYPE | flag::HAS_WEAKREFS,
    ..TypeSpec::new("sqlite3", "Cursor", layout_of::<Cursor>(true))
});

// SAFETY: `CURSOR`'s layout is `Cursor`.
unsafe impl Payload for Cursor {
    fn layout_type() -> &'static Type {
        &CURSOR
    }

    fn trace(&self, visit: Visit) {
        for slot in [&self.connection, &self.description, &self.last_row, &self.row_factory] {
            visit_slot(slot, visit);
        }
    }

    fn clear(&self) {
        for slot in [&self.connection, &self.description, &self.last_row, &self.row_factory] {
            drop(slot.take());
        }
    }
}

impl Drop for Cursor {
    fn drop(&mut self) {
        if let Some(running) = self.running.get_mut().take() {
            end(running.statement);
        }
    }
}

/// A slot as Python sees it.
fn read(slot: &Slot) -> Value {
    slot.load().unwrap_or(Value::NONE)
}

/// Puts a statement back to its beginning and gives it up.
fn end(statement: Arc<Prepared>) {
    super::prepared::away(|| statement.reset());
    statement.give_back();
}

fn new(_: &Thread, class: &Type, _: Args<'_>) -> PyResult {
    let cursor = Cursor {
        connection: Slot::empty(),
        description: Slot::empty(),
        last_row: Slot::empty(),
        row_factory: Slot::empty(),
        row_count: AtomicI64::new(0),
        array_size: AtomicI64::new(0),
        closed: AtomicBool::new(false),
        busy: AtomicBool::new(false),
        running: Mutex::new(None),
    };
    Ok(alloc::new(class, cursor))
}

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    static PARAMETERS: Parameters = Parameters::new("(connection, /)");
    let b = PARAMETERS.bind(t, &CURSOR, v.class(), args)?;
    let connection = b.req(0);
    if connection.downcast::<Connection>().is_none() {
        let class = connection.class();
        let wanted = CONNECTION.name();
        let message = format!("Cursor() argument 1 must be sqlite3.{wanted}, not {}", class.display_name());
        return Err(raise::type_error(t, message));
    }
    let this = this!(v, Cursor);
    let _busy = Busy::new(t, this)?;
    put(t, v, &this.connection, Some(connection.clone()));
    put(t, v, &this.description, None);
    put(t, v, &this.last_row, None);
    put(t, v, &this.row_factory, None);
    this.array_size.store(1, Relaxed);
    this.row_count.store(-1, Relaxed);
    this.closed.store(false, Relaxed);
    let old = this.running.lock().take();
    if let Some(running) = old {
        end(running.statement);
    }
    connection::check_thread(t, connection)
}

/// A call that has the cursor to itself.
struct Busy<'a>(&'a Cursor);

impl<'a> Busy<'a> {
    fn new(t: &Thread, cursor: &'a Cursor) -> PyResult<Busy<'a>> {
        // Acquire: pairs with the Release in `drop`.
        if cursor.busy.swap(true, Acquire) {
            return Err(errors::programming(t, "Recursive use of cursors not allowed."));
        }
        Ok(Busy(cursor))
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.busy.store(false, Release);
    }
}

/// The connection and the database of a cursor that may be used, and the cursor for this call.
fn check<'a>(t: &Thread, cursor: &'a Cursor) -> PyResult<(Value, Arc<Database>, Busy<'a>)> {
    let Some(connection) = cursor.connection.load() else {
        return Err(errors::programming(t, "Base Cursor.__init__ not called."));
    };
    if cursor.closed.load(Relaxed) {
        return Err(errors::programming(t, "Cannot operate on a closed cursor."));
    }
    let busy = Busy::new(t, cursor)?;
    connection::check_thread(t, &connection)?;
    let database = connection::open(t, &connection)?;
    Ok((connection, database, busy))
}

fn close(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, Cursor);
    let Some(connection) = this.connection.load() else {
        return Err(errors::programming(t, "Base Cursor.__init__ not called."));
    };
    let _busy = Busy::new(t, this)?;
    connection::check_thread(t, &connection)?;
    connection::open(t, &connection)?;
    let running = this.running.lock().take();
    if let Some(running) = running {
        end(running.statement);
    }
    this.closed.store(true, Relaxed);
    Ok(Value::NONE)
}

/// The values of a statement's parameters, adapted.
fn parameters(t: &Thread, statement: &Prepared, given: &Value) -> PyResult<Vec<Value>> {
    let needed = statement.parameters.len();
    if given.class().is_sequence() {
        let len = protocol::len(t, given)?;
        if len != needed {
            let message = format!(
                "Incorrect number of bindings supplied. The current statement uses {needed}, and there are {len} supplied."
            );
            return Err(errors::programming(t, message));
        }
        let mut values = Vec::with_capacity(needed);
        for (n, name) in statement.parameters.iter().enumerate() {
            if let Some(name) = name.as_deref().filter(|name| !name.starts_with('?')) {
                let message = format!(
                    "Binding {} ('{name}') is a named parameter, but you supplied a sequence which requires nominal \
                     (qmark) placeholders.",
                    n + 1
                );
                return Err(errors::programming(t, message));
            }
            // One by one: an adapter may change the sequence.
            let item = protocol::get_item(t, given, &Value::uint(n as u64))?;
            values.push(convert::adapted(t, &item)?);
        }
        return Ok(values);
    }
    if given.class().slots.getitem.get().is_none() {
        return Err(errors::programming(t, "parameters are of unsupported type"));
    }
    let mut values = Vec::with_capacity(needed);
    for (n, name) in (1..).zip(&statement.parameters) {
        let Some(name) = name else {
            let message = format!("Binding {n} has no name, but you supplied a dictionary (which has only names).");
            return Err(errors::programming(t, message));
        };
        let name = &name[1..];
        match protocol::get_item(t, given, &str::from_str(name)) {
            Ok(value) => values.push(convert::adapted(t, &value)?),
            Err(raised) => {
                raise::suppress(t, raised, &exc::LOOKUP_ERROR)?;
                let message = format!("You did not supply a value for binding parameter :{name}.");
                return Err(errors::programming(t, message));
            }
        }
    }
    Ok(values)
}

/// Binds values and goes to the first row; also the columns of the result.
fn start(t: &Thread, statement: &Prepared, values: &[Value], as_bytes: &[bool]) -> PyResult<(Step, Vec<Column>)> {
    let mut cells = Vec::with_capacity(values.len());
    for (n, value) in (1..).zip(values) {
        cells.push(convert::parameter(t, value, n)?);
    }
    t.detached(|| {
        statement.bind(&cells)?;
        let step = statement.step(as_bytes)?;
        Ok((step, statement.columns()?))
    })
    .map_err(|refused| errors::refused(t, refused))
}

/// The converters of a statement's columns; None where there are none at all.
fn converters(t: &Thread, connection: &Connection, statement: &Prepared) -> PyResult<Vec<Option<Stored>>> {
    let detect = connection.detect_types.load(Relaxed);
    if detect & (PARSE_DECLTYPES | PARSE_COLNAMES) == 0 {
        return Ok(Vec::new());
    }
    let columns = t.detached(|| statement.columns()).map_err(|refused| errors::refused(t, refused))?;
    let mut found = Vec::with_capacity(columns.len());
    for column in &columns {
        let mut converter = None;
        if detect & PARSE_COLNAMES != 0
            && let Some(open) = column.name.iter().position(|&c| c == b'[')
            && let Some(len) = column.name[open..].iter().position(|&c| c == b']')
        {
            converter = convert::converter(t, &column.name[open + 1..open + len])?;
        }
        if converter.is_none()
            && detect & PARSE_DECLTYPES != 0
            && let Some(declared) = &column.declared
        {
            let end = declared.iter().position(|c| matches!(c, b' ' | b'(')).unwrap_or(declared.len());
            converter = convert::converter(t, &declared[..end])?;
        }
        found.push(converter.map(Stored::new));
    }
    Ok(if found.iter().all(Option::is_none) { Vec::new() } else { found })
}

/// `Cursor.description`
fn describe(t: &Thread, connection: &Connection, columns: &[Column]) -> PyResult {
    let parse_names = connection.detect_types.load(Relaxed) & PARSE_COLNAMES != 0;
    let mut rows = Vec::with_capacity(columns.len());
    for column in columns {
        // The blank before the bracket belongs to the type.
        let cut = column.name.iter().position(|&c| c == b'[').filter(|at| parse_names && *at > 0);
        let name = match cut {
            Some(at) if column.name[at - 1] == b' ' => &column.name[..at - 1],
            Some(_) | None => &column.name[..],
        };
        let nothing = || Value::NONE;
        rows.push(tuple::from_array([
            convert::text(t, name)?,
            nothing(),
            nothing(),
            nothing(),
            nothing(),
            nothing(),
            nothing(),
        ]));
    }
    Ok(tuple::from_vec(rows))
}

/// `execute(sql, parameters)`
pub fn execute(t: &Thread, v: &Value, sql: &Value, given: Option<&Value>) -> PyResult {
    let given = given.cloned().unwrap_or_else(crate::object::names::empty_tuple);
    run(t, v, "execute", sql, &mut || Ok(None), Some(given))
}

/// `executemany(sql, parameters)`
pub fn execute_many(t: &Thread, v: &Value, sql: &Value, given: &Value) -> PyResult {
    let iterator = protocol::iter(t, given)?;
    run(t, v, "executemany", sql, &mut || protocol::next(t, &iterator), None)
}

/// Runs a statement: once with the `first` parameters or, where there are none, with all that `more` gives.
fn run(
    t: &Thread,
    v: &Value,
    function: &str,
    sql: &Value,
    more: &mut dyn FnMut() -> PyResult<Option<Value>>,
    first: Option<Value>,
) -> PyResult {
    let this = this!(v, Cursor);
    protocol::str_arg(t, sql, function, "argument 1")?;
    crate::types::str::codec::registry::need_utf8(t, sql)?;
    let (connection, database, _busy) = check(t, this)?;
    let connection = this!(connection, Connection);
    let old = this.running.lock().take();
    if let Some(running) = old {
        end(running.statement);
    }
    put(t, v, &this.description, None);
    let text = str::lossy(sql);
    let claimed = connection.statements.get(t, &database, text.as_bytes()).and_then(|statement| {
        let result = steps(t, v, connection, &database, &statement, more, first);
        Ok((statement, result?))
    });
    match claimed {
        Ok((statement, Some((row, converters)))) => {
            *this.running.lock() = Some(Running { statement, row, converters });
        }
        Ok((statement, None)) => statement.give_back(),
        Err(raised) => {
            this.row_count.store(-1, Relaxed);
            return Err(raised);
        }
    }
    Ok(v.clone())
}

type First = Option<(Vec<Cell<'static>>, Vec<Option<Stored>>)>;

/// The steps of `run` with a statement, which is given back where something goes wrong.
fn steps(
    t: &Thread,
    v: &Value,
    connection: &Connection,
    database: &Arc<Database>,
    statement: &Arc<Prepared>,
    more: &mut dyn FnMut() -> PyResult<Option<Value>>,
    mut first: Option<Value>,
) -> PyResult<First> {
    let this = this!(v, Cursor);
    let many = first.is_none();
    let mut go = || {
        if many && statement.readonly {
            return Err(raise::new(t, &PROGRAMMING, "executemany() can only execute DML statements."));
        }
        this.row_count.store(if statement.changes_data { 0 } else { -1 }, Relaxed);
        if statement.changes_data {
            connection::begin_implicitly(t, connection, database)?;
        }
        let mut ahead = None;
        let mut described = false;
        while let Some(given) = if many { more()? } else { first.take() } {
            let values = parameters(t, statement, &given)?;
            if statement.is_ended() {
                // Nothing but blanks and comments.
                continue;
            }
            let converters = converters(t, connection, statement)?;
            let as_bytes: Vec<bool> = converters.iter().map(Option::is_some).collect();
            let (step, columns) = start(t, statement, &values, &as_bytes)?;
            if !described && !columns.is_empty() {
                described = true;
                put(t, v, &this.description, Some(describe(t, connection, &columns)?));
            }
            match step.row {
                Some(row) if !many => ahead = Some((row, converters)),
                // Rows of statements that run many times are nobody's.
                Some(_) => t.detached(|| statement.reset()),
                None if statement.changes_data => {
                    this.row_count.fetch_add(step.changes, Relaxed);
                }
                None => {}
            }
            if !many {
                put(t, v, &this.last_row, Some(bigint::from_i64(step.last_row)));
            }
        }
        Ok(ahead)
    };
    let result = go();
    if result.is_err() {
        end(statement.clone());
    }
    result
}

fn next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let this = this!(v, Cursor);
    let (connection, _database, busy) = check(t, this)?;
    let connection = this!(connection, Connection);
    let running = this.running.lock().take();
    let Some(mut running) = running else { return Ok(None) };
    let row = match fetched(t, v, connection, &mut running) {
        Ok(row) => row,
        Err(raised) => {
            // The row stays for whoever asks again.
            *this.running.lock() = Some(running);
            return Err(raised);
        }
    };
    let as_bytes: Vec<bool> = running.converters.iter().map(Option::is_some).collect();
    let stepped = t.detached(|| running.statement.step(&as_bytes));
    match stepped {
        Ok(Step { row: Some(row), .. }) => {
            running.row = row;
            *this.running.lock() = Some(running);
        }
        Ok(step) => {
            if running.statement.changes_data {
                this.row_count.store(step.changes, Relaxed);
            }
            running.statement.give_back();
        }
        Err(refused) => {
            end(running.statement);
            return Err(errors::refused(t, refused));
        }
    }
    drop(busy);
    match this.row_factory.load().filter(|factory| !factory.is_none()) {
        None => Ok(Some(row)),
        Some(factory) => protocol::call_values(t, &factory, &[v.clone(), row]).map(Some),
    }
}

/// The row ahead as a tuple.
fn fetched(t: &Thread, v: &Value, connection: &Connection, running: &mut Running) -> PyResult {
    let factory = connection.text_factory.load().unwrap_or_else(|| core_types::STR.to_value());
    let mut values = Vec::with_capacity(running.row.len());
    for (n, cell) in running.row.iter().enumerate() {
        let converter = running.converters.get(n).and_then(Option::as_ref);
        values.push(match (converter, cell) {
            (Some(converter), Cell::Blob(bytes)) => {
                let bytes = crate::types::bytes::payload::from_slice(bytes);
                protocol::call_values(t, converter, &[bytes])?
            }
            (_, cell) => convert::column(t, cell.clone(), &factory, || {
                let description = read(&this!(v, Cursor).description);
                let names = description.downcast::<tuple::Tuple>().map_or(&[][..], |rows| rows.items());
                names
                    .get(n)
                    .and_then(|row| tuple::items(row).first())
                    .map_or_else(String::new, |n| str::lossy(n).into())
            })?,
        });
    }
    Ok(tuple::from_vec(values))
}

fn fetch(t: &Thread, v: &Value, limit: i64) -> PyResult {
    let mut rows = Vec::new();
    while (rows.len() as i64) < limit {
        match next(t, v)? {
            Some(row) => rows.push(row),
            None => break,
        }
    }
    list_of(t, rows)
}

/// `executescript(sql)`
pub fn execute_script(t: &Thread, v: &Value, script: &Value) -> PyResult {
    let script = convert::c_string(t, script, "executescript", "argument")?;
    let (connection, database, _busy) = check(t, this!(v, Cursor))?;
    let connection = this!(connection, Connection);
    let limit = t.detached(|| database.limit(libsqlite3_sys::SQLITE_LIMIT_SQL_LENGTH, -1));
    if script.count_bytes() > limit as usize {
        return Err(raise::new(t, &errors::DATA, "query string is too large"));
    }
    if connection.is_legacy() && !database.autocommit() {
        connection::execute(t, &database, c"COMMIT")?;
    }
    let mut rest = &*script;
    while !rest.is_empty() {
        let used = t.detached(|| database.execute(rest)).map_err(|failure| errors::failure(t, &failure))?;
        // Nothing is left but what SQLite skips.
        let bytes = rest.to_bytes_with_nul();
        rest = std::ffi::CStr::from_bytes_with_nul(&bytes[used.clamp(1, bytes.len() - 1)..]).unwrap_or_default();
    }
    Ok(v.clone())
}

/// The row factory that a connection gives its cursors.
pub fn set_row_factory(t: &Thread, v: &Value, factory: Value) {
    put(t, v, &this!(v, Cursor).row_factory, Some(factory));
}

/// A cursor's `description`, for rows.
pub fn description(v: &Value) -> Value {
    read(&this!(v, Cursor).description)
}

/// Refuses what is no cursor.
pub fn need_cursor(t: &Thread, v: &Value, message: impl FnOnce(&Type) -> String) -> PyResult<()> {
    if v.downcast::<Cursor>().is_some() {
        return Ok(());
    }
    Err(raise::type_error(t, message(v.class())))
}
