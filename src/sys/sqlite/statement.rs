//! Statements: what a text is compiled to, values for its parameters, and its rows.

use super::{Cell, Database, Failure};
use crate::sync::shim::atomic::{AtomicBool, AtomicPtr, Ordering::*};
use libsqlite3_sys as ffi;
use std::borrow::Cow;
use std::ffi::CStr;
use std::sync::Arc;

/// A compiled statement. One user at a time: see `claim`.
pub struct Statement {
    /// Null once it was ended.
    handle: AtomicPtr<ffi::sqlite3_stmt>,
    database: Arc<Database>,
    /// Somebody has it. A step of it runs only while this is so and nobody else may then use it.
    claimed: AtomicBool,
    /// A call is going on.
    running: AtomicBool,
    pub changes_data: bool,
    /// Names of parameters, with their prefix.
    pub parameters: Vec<Option<String>>,
    pub readonly: bool,
}

/// A column of a result.
#[derive(Debug, Clone)]
pub struct Column {
    pub name: Vec<u8>,
    /// The type it was declared with.
    pub declared: Option<Vec<u8>>,
}

/// Where a statement is after a step.
pub struct Step {
    /// The row; None: the statement is done, and reset.
    pub row: Option<Vec<Cell<'static>>>,
    /// Rows that the statement changed, where it is done.
    pub changes: i64,
    pub last_row: i64,
}

/// Why a text was not compiled.
pub enum Refused {
    Failure(Failure),
    /// There is a second statement behind the first.
    Several,
    /// Another call of it is going on, or its database was closed.
    Unusable,
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Refused {
        Refused::Failure(failure)
    }
}

/// The text behind blanks and comments.
pub fn skip_comments(sql: &[u8]) -> &[u8] {
    let mut rest = sql;
    loop {
        rest = rest.trim_ascii_start();
        if rest.starts_with(b"--") {
            match rest.iter().position(|&c| c == b'\n') {
                Some(end) => rest = &rest[end + 1..],
                None => return &[],
            }
        } else if rest.starts_with(b"/*") {
            match rest.windows(2).skip(2).position(|pair| pair == b"*/") {
                Some(end) => rest = &rest[end + 4..],
                None => return &[],
            }
        } else {
            return rest;
        }
    }
}

fn changes_data(sql: &[u8]) -> bool {
    let first = skip_comments(sql);
    let starts = |word: &[u8]| first.len() >= word.len() && first[..word.len()].eq_ignore_ascii_case(word);
    [&b"insert"[..], b"update", b"delete", b"replace"].iter().any(|word| starts(word))
}

impl Statement {
    /// Compiles a text; the statement is claimed. Detached.
    pub fn new(database: &Arc<Database>, sql: &CStr) -> Result<Statement, Refused> {
        let mut handle = std::ptr::null_mut();
        let mut tail = std::ptr::null();
        // SAFETY: a text that ends in 0; writes the statement and where the text's rest begins.
        database.run(|db| unsafe {
            let len = sql.count_bytes() as i32 + 1;
            ffi::sqlite3_prepare_v2(db, sql.as_ptr(), len, &mut handle, &mut tail)
        })?;
        let mut statement = Statement {
            handle: AtomicPtr::new(handle),
            database: database.clone(),
            claimed: AtomicBool::new(true),
            running: AtomicBool::new(false),
            changes_data: changes_data(sql.to_bytes()),
            parameters: Vec::new(),
            readonly: true,
        };
        // SAFETY: the tail points into the text.
        let tail = unsafe { CStr::from_ptr(tail) };
        if !skip_comments(tail.to_bytes()).is_empty() {
            return Err(Refused::Several);
        }
        if !handle.is_null() {
            // SAFETY: a statement of ours; names stay as long as it does.
            unsafe {
                statement.readonly = ffi::sqlite3_stmt_readonly(handle) != 0;
                for n in 1..=ffi::sqlite3_bind_parameter_count(handle) {
                    let name = super::text_of(ffi::sqlite3_bind_parameter_name(handle, n));
                    statement.parameters.push(name.map(|name| name.to_string_lossy().into_owned()));
                }
            }
        }
        Ok(statement)
    }

    /// Takes the statement for one user.
    pub fn claim(&self) -> bool {
        // Acquire: pairs with the Release in `give_back`.
        !self.claimed.swap(true, Acquire)
    }

    /// Gives up the claim.
    pub fn give_back(&self) {
        // Release: pairs with the Acquire in `claim`.
        self.claimed.store(false, Release);
    }

    /// Runs a call with the statement, unless another one runs (a thread that shares the claimer, or a function that this
    /// very statement called) or the statement was ended.
    fn with<R>(&self, f: impl FnOnce(*mut ffi::sqlite3_stmt) -> R) -> Result<R, Refused> {
        // Acquire: pairs with the Release below.
        if self.running.swap(true, Acquire) {
            return Err(Refused::Unusable);
        }
        // Relaxed: written by whoever runs.
        let handle = self.handle.load(Relaxed);
        let result = if handle.is_null() { Err(Refused::Unusable) } else { Ok(f(handle)) };
        self.running.store(false, Release);
        result
    }

    /// Gives the parameters these values. Detached.
    pub fn bind(&self, values: &[Cell<'_>]) -> Result<(), Refused> {
        self.with(|handle| {
            self.database.run(|_| {
                for (value, n) in values.iter().zip(1..) {
                    // SAFETY: a statement of ours; SQLite copies texts and blobs.
                    let code = unsafe {
                        match value {
                            Cell::Null => ffi::sqlite3_bind_null(handle, n),
                            Cell::Int(i) => ffi::sqlite3_bind_int64(handle, n, *i),
                            Cell::Float(f) => ffi::sqlite3_bind_double(handle, n, *f),
                            Cell::Text(text) => {
                                let (data, len) = (text.as_ptr().cast(), text.len() as u64);
                                let utf8 = ffi::SQLITE_UTF8 as u8;
                                ffi::sqlite3_bind_text64(handle, n, data, len, ffi::SQLITE_TRANSIENT(), utf8)
                            }
                            Cell::Blob(blob) => {
                                let (data, len) = (blob.as_ptr().cast(), blob.len() as u64);
                                ffi::sqlite3_bind_blob64(handle, n, data, len, ffi::SQLITE_TRANSIENT())
                            }
                        }
                    };
                    if code != ffi::SQLITE_OK {
                        return code;
                    }
                }
                ffi::SQLITE_OK
            })
        })??;
        Ok(())
    }

    /// Goes to the next row, of which these columns are wanted as bytes, whatever they hold. Detached.
    pub fn step(&self, as_bytes: &[bool]) -> Result<Step, Refused> {
        let step = self.with(|handle| {
            self.database.alone(|db| {
                // SAFETY: a statement of ours, and its database.
                unsafe {
                    let code = ffi::sqlite3_step(handle);
                    if let Err(failure) = self.database.check(code) {
                        ffi::sqlite3_reset(handle);
                        return Err(failure);
                    }
                    let row = (code == ffi::SQLITE_ROW).then(|| {
                        let count = ffi::sqlite3_column_count(handle);
                        (0..count)
                            .map(|n| {
                                let value = ffi::sqlite3_column_value(handle, n);
                                match as_bytes.get(n as usize) {
                                    Some(true) => bytes_of(value),
                                    _ => value_of(value),
                                }
                                .into_owned()
                            })
                            .collect()
                    });
                    let step =
                        Step { row, changes: ffi::sqlite3_changes64(db), last_row: ffi::sqlite3_last_insert_rowid(db) };
                    if step.row.is_none() {
                        ffi::sqlite3_reset(handle);
                    }
                    Ok(step)
                }
            })
        })??;
        Ok(step)
    }

    /// The columns of the result, after the first step. Detached.
    pub fn columns(&self) -> Result<Vec<Column>, Refused> {
        self.with(|handle| {
            self.database.alone(|_| {
                // SAFETY: a statement of ours; the texts are copied before anything else is called.
                unsafe {
                    let bytes = |text| super::text_of(text).map(std::ffi::CString::into_bytes);
                    (0..ffi::sqlite3_column_count(handle))
                        .map(|n| Column {
                            name: bytes(ffi::sqlite3_column_name(handle, n)).unwrap_or_default(),
                            declared: bytes(ffi::sqlite3_column_decltype(handle, n)),
                        })
                        .collect()
                }
            })
        })
    }

    /// Puts the statement back to its beginning. Detached.
    pub fn reset(&self) {
        // SAFETY: a statement of ours. The code repeats what the last step said.
        let _ = self.with(|handle| self.database.alone(|_| unsafe { ffi::sqlite3_reset(handle) }));
    }

    /// Ends the statement. Detached.
    pub fn end(&self) {
        let _ = self.with(|handle| {
            // Relaxed: as in `with`.
            self.handle.store(std::ptr::null_mut(), Relaxed);
            // SAFETY: a statement of ours, which nobody finds any more.
            unsafe { ffi::sqlite3_finalize(handle) };
        });
    }

    /// Whether the statement is no more; so from the beginning where the text has nothing but blanks and comments.
    pub fn is_ended(&self) -> bool {
        self.handle.load(Relaxed).is_null()
    }
}

impl Drop for Statement {
    fn drop(&mut self) {
        self.end();
    }
}

impl Cell<'_> {
    pub fn into_owned(self) -> Cell<'static> {
        match self {
            Cell::Null => Cell::Null,
            Cell::Int(i) => Cell::Int(i),
            Cell::Float(f) => Cell::Float(f),
            Cell::Text(text) => Cell::Text(Cow::Owned(text.into_owned())),
            Cell::Blob(blob) => Cell::Blob(Cow::Owned(blob.into_owned())),
        }
    }
}

/// Reads a value as bytes: numbers as their text.
///
/// # Safety
/// As for `value_of`.
unsafe fn bytes_of<'a>(value: *mut ffi::sqlite3_value) -> Cell<'a> {
    // SAFETY: the caller's; a conversion to bytes leaves no other type.
    unsafe {
        if ffi::sqlite3_value_type(value) == ffi::SQLITE_NULL {
            return Cell::Null;
        }
        let data = ffi::sqlite3_value_blob(value).cast::<u8>();
        if data.is_null() {
            // An empty blob, of which SQLite says no more than of nothing.
            return Cell::Null;
        }
        let len = ffi::sqlite3_value_bytes(value) as usize;
        Cell::Blob(Cow::Borrowed(std::slice::from_raw_parts(data, len)))
    }
}

/// Reads a value.
///
/// # Safety
/// A value that stays as it is while the result is in use.
pub(super) unsafe fn value_of<'a>(value: *mut ffi::sqlite3_value) -> Cell<'a> {
    // SAFETY: the caller's; the length is asked for behind the bytes, as SQLite wants it.
    unsafe {
        let bytes = |data: *const u8| {
            let len = ffi::sqlite3_value_bytes(value) as usize;
            Cow::Borrowed(if data.is_null() { &[][..] } else { std::slice::from_raw_parts(data, len) })
        };
        match ffi::sqlite3_value_type(value) {
            ffi::SQLITE_INTEGER => Cell::Int(ffi::sqlite3_value_int64(value)),
            ffi::SQLITE_FLOAT => Cell::Float(ffi::sqlite3_value_double(value)),
            ffi::SQLITE_TEXT => Cell::Text(bytes(ffi::sqlite3_value_text(value))),
            ffi::SQLITE_BLOB => Cell::Blob(bytes(ffi::sqlite3_value_blob(value).cast())),
            _ => Cell::Null,
        }
    }
}
