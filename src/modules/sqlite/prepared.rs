//! Statements as connections keep them: compiled once, ended in a place where SQLite may wait.

use super::errors;
use crate::object::alloc;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::sync::shim::Mutex;
use crate::sys::sqlite::Database;
use crate::sys::sqlite::statement::Statement;
use libsqlite3_sys as ffi;
use std::collections::HashMap;
use std::ffi::CString;
use std::ops::Deref;
use std::sync::Arc;

/// A statement. Its end may wait for the database and may call functions of Python's back, so it is detached.
pub struct Prepared(Statement);

impl Deref for Prepared {
    type Target = Statement;

    fn deref(&self) -> &Statement {
        &self.0
    }
}

impl Drop for Prepared {
    fn drop(&mut self) {
        if !self.0.is_ended() {
            away(|| self.0.end());
        }
    }
}

/// Runs what may wait for a database, detached where the thread is Python's.
pub fn away<R>(f: impl FnOnce() -> R) -> R {
    let mut f = Some(f);
    let mut result = None;
    Thread::with_current(|t| result = f.take().map(|f| t.detached(f)));
    match (result, f) {
        (Some(result), _) => result,
        (None, Some(f)) => f(),
        (None, None) => unreachable!("the function ran and gave something"),
    }
}

/// The statements of a connection.
#[derive(Default)]
pub struct Statements {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// By text, with the time of the last use.
    cached: HashMap<Box<[u8]>, (Arc<Prepared>, u64)>,
    room: usize,
    time: u64,
}

impl Statements {
    /// Begins anew, with room for so many statements. Answers what was kept, to be dropped.
    pub fn clear(&self, room: usize) -> Vec<Arc<Prepared>> {
        let mut inner = self.inner.lock();
        inner.room = room;
        inner.cached.drain().map(|(_, (prepared, _))| prepared).collect()
    }

    /// A statement for this text, claimed for the caller.
    pub fn get(&self, t: &Thread, database: &Arc<Database>, sql: &[u8]) -> PyResult<Arc<Prepared>> {
        {
            let mut inner = self.inner.lock();
            inner.time += 1;
            let time = inner.time;
            if let Some((prepared, used)) = inner.cached.get_mut(sql)
                && prepared.claim()
            {
                *used = time;
                return Ok(prepared.clone());
            }
        }
        let limit = t.detached(|| database.limit(ffi::SQLITE_LIMIT_SQL_LENGTH, -1));
        if sql.len() > limit as usize {
            return Err(raise::new(t, &errors::DATA, "query string is too large"));
        }
        let Ok(text) = CString::new(sql) else {
            return Err(errors::programming(t, "the query contains a null character"));
        };
        let made = t.detached(|| Statement::new(database, &text));
        let prepared = Arc::new(Prepared(made.map_err(|refused| errors::refused(t, refused))?));
        let old = {
            let mut inner = self.inner.lock();
            let full = inner.cached.len() >= inner.room && !inner.cached.contains_key(sql);
            let oldest = inner.cached.iter().min_by_key(|(_, (_, used))| *used).map(|(text, _)| text.clone());
            let oldest = oldest.filter(|_| full).and_then(|text| inner.cached.remove(&text));
            let time = inner.time;
            // One of the same text, if another cursor has that.
            let same = (inner.room > 0).then(|| inner.cached.insert(sql.into(), (prepared.clone(), time)));
            (oldest, same)
        };
        // Behind the lock: their ends may wait.
        drop(old);
        Ok(prepared)
    }
}

/// The payload of what a connection answers when it is called.
pub struct StatementObject {
    _statement: Arc<Prepared>,
}

/// A statement as Python has it: nothing but kept.
pub fn object(statement: Arc<Prepared>) -> Value {
    alloc::new(&STATEMENT, StatementObject { _statement: statement })
}

/// `sqlite3.Statement`
pub static STATEMENT: StaticType = StaticType::new(&TypeSpec {
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("sqlite3", "Statement", layout_of::<StatementObject>(false))
});

// SAFETY: `STATEMENT`'s layout is `StatementObject`.
unsafe impl Payload for StatementObject {
    fn layout_type() -> &'static Type {
        &STATEMENT
    }
}
