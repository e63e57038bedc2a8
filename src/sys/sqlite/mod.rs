//! SQLite's databases, statements and blobs, and what SQLite calls back.
//!
//! | file | holds |
//! |---|---|
//! | `statement` | statements: binding, stepping, rows |
//! | `callbacks` | functions and hooks that SQLite calls |
//! | `blob` | blobs that are read and written in pieces; copies of whole databases |
//!
//! Rules:
//! 1. Whatever may wait for a database's mutex, or may call back, is called detached: another thread holds the mutex while
//!    it runs Python code. Every function here says "detached" where that is so.
//! 2. A call and the question what went wrong in it are one step under that mutex (`Database::run`), so that threads that
//!    share a database do not read each other's errors.
//! 3. Everything that uses a database holds it: its handle is closed behind the last statement and the last blob.
//! 4. What Python gave to be called back ends where SQLite drops it, which may be anywhere. So it is only put aside there
//!    (`Database::dropped`), for a caller that may run destructors.

pub mod blob;
pub mod callbacks;
pub mod statement;

use crate::sync::shim::Mutex;
use libsqlite3_sys as ffi;
use std::any::Any;
use std::borrow::Cow;
use std::ffi::{CStr, CString, c_char, c_int};
use std::sync::{Arc, Once};

/// What SQLite said of a call that failed.
#[derive(Debug, Clone)]
pub struct Failure {
    pub code: i32,
    pub extended: i32,
    pub message: String,
}

/// A value of a column, a parameter, an argument or a result; texts are UTF-8 if all goes well.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    Null,
    Int(i64),
    Float(f64),
    Text(Cow<'a, [u8]>),
    Blob(Cow<'a, [u8]>),
}

/// Things that wait for a thread that may drop them.
pub type Dropped = Arc<Mutex<Vec<Box<dyn Any + Send>>>>;

/// An open database.
pub struct Database {
    handle: *mut ffi::sqlite3,
    dropped: Dropped,
}

// SAFETY: the library is built with a mutex in every database ("serialized").
unsafe impl Send for Database {}
// SAFETY: as above.
unsafe impl Sync for Database {}

impl Drop for Database {
    fn drop(&mut self) {
        self.shut();
    }
}

/// Settings that hold for the process, made before the first database is opened.
fn prepare_library() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the library is not in use yet. Names that begin with "file:" are only URIs where that is asked for.
        unsafe { ffi::sqlite3_config(ffi::SQLITE_CONFIG_URI, 0 as c_int) };
    });
}

impl Database {
    /// Opens a database. Detached.
    pub fn open(path: &CStr, uri: bool, timeout_ms: i32) -> Result<Database, Failure> {
        prepare_library();
        let uri = if uri { ffi::SQLITE_OPEN_URI } else { 0 };
        let flags = ffi::SQLITE_OPEN_READWRITE | ffi::SQLITE_OPEN_CREATE | uri;
        let mut handle = std::ptr::null_mut();
        // SAFETY: a text that ends in 0; writes the handle.
        let code = unsafe { ffi::sqlite3_open_v2(path.as_ptr(), &mut handle, flags, std::ptr::null()) };
        if handle.is_null() {
            return Err(Failure { code: ffi::SQLITE_NOMEM, extended: ffi::SQLITE_NOMEM, message: String::new() });
        }
        let database = Database { handle, dropped: Arc::default() };
        database.check(code)?;
        // SAFETY: an open database. Foreign keys are off until asked for, as where SQLite is built without options.
        unsafe {
            ffi::sqlite3_busy_timeout(handle, timeout_ms);
            ffi::sqlite3_extended_result_codes(handle, 0);
            ffi::sqlite3_db_config(handle, ffi::SQLITE_DBCONFIG_ENABLE_FKEY, 0 as c_int, std::ptr::null_mut::<c_int>());
        }
        Ok(database)
    }

    /// Closes the handle. Detached.
    pub fn shut(&mut self) {
        // SAFETY: nobody uses it any more (rule 3); no handle is a call without effect.
        unsafe { ffi::sqlite3_close(self.handle) };
        self.handle = std::ptr::null_mut();
    }

    /// What SQLite has dropped of what it was given to call.
    pub fn take_dropped(&self) -> Vec<Box<dyn Any + Send>> {
        std::mem::take(&mut self.dropped.lock())
    }

    /// Runs `f` with the database to itself. Detached.
    fn alone<R>(&self, f: impl FnOnce(*mut ffi::sqlite3) -> R) -> R {
        // SAFETY: an open database; its mutex may be taken again by the thread that has it.
        unsafe {
            let mutex = ffi::sqlite3_db_mutex(self.handle);
            ffi::sqlite3_mutex_enter(mutex);
            let result = f(self.handle);
            ffi::sqlite3_mutex_leave(mutex);
            result
        }
    }

    /// Runs a call that answers a code, and asks what went wrong. Detached.
    pub fn run(&self, f: impl FnOnce(*mut ffi::sqlite3) -> c_int) -> Result<c_int, Failure> {
        self.alone(|handle| {
            let code = f(handle);
            self.check(code)
        })
    }

    /// What is wrong, unless a code says that all is well. The mutex is held, or nobody else has the database.
    fn check(&self, code: c_int) -> Result<c_int, Failure> {
        if matches!(code & 0xff, ffi::SQLITE_OK | ffi::SQLITE_ROW | ffi::SQLITE_DONE) {
            return Ok(code);
        }
        // SAFETY: an open database, whose message stays until its next call.
        unsafe {
            let message = CStr::from_ptr(ffi::sqlite3_errmsg(self.handle)).to_string_lossy().into_owned();
            let extended = match ffi::sqlite3_errcode(self.handle) {
                // The call itself was refused, and left no trace.
                ffi::SQLITE_OK => code,
                _ => ffi::sqlite3_extended_errcode(self.handle),
            };
            Err(Failure { code: code & 0xff, extended, message })
        }
    }

    /// Whether no transaction is open.
    pub fn autocommit(&self) -> bool {
        // SAFETY: an open database.
        unsafe { ffi::sqlite3_get_autocommit(self.handle) != 0 }
    }

    pub fn total_changes(&self) -> i64 {
        // SAFETY: an open database.
        unsafe { ffi::sqlite3_total_changes64(self.handle) }
    }

    /// Makes what runs in the database stop.
    pub fn interrupt(&self) {
        // SAFETY: an open database, which the caller keeps open.
        unsafe { ffi::sqlite3_interrupt(self.handle) };
    }

    /// Sets a limit (a negative one is not set); answers the old one. Detached.
    pub fn limit(&self, category: i32, limit: i32) -> i32 {
        // SAFETY: an open database.
        self.alone(|handle| unsafe { ffi::sqlite3_limit(handle, category, limit) })
    }

    /// Sets a switch (a negative value does not); answers what it is then. Detached.
    pub fn config(&self, option: i32, value: i32) -> Result<bool, Failure> {
        let mut now: c_int = 0;
        // SAFETY: an option that takes a number and a place for one, as the caller has seen to.
        self.run(|handle| unsafe { ffi::sqlite3_db_config(handle, option, value as c_int, &mut now as *mut c_int) })?;
        Ok(now != 0)
    }

    /// Runs the first statement of a text without parameters, and none of its rows is wanted. Answers where the rest of the
    /// text begins. Detached.
    pub fn execute(&self, sql: &CStr) -> Result<usize, Failure> {
        self.alone(|handle| {
            let mut statement = std::ptr::null_mut();
            let mut tail = std::ptr::null();
            // SAFETY: a text that ends in 0; the statement is ended here, and its end repeats the last step's code.
            unsafe {
                self.check(ffi::sqlite3_prepare_v2(handle, sql.as_ptr(), -1, &mut statement, &mut tail))?;
                while ffi::sqlite3_step(statement) == ffi::SQLITE_ROW {}
                self.check(ffi::sqlite3_finalize(statement))?;
                Ok(tail.offset_from(sql.as_ptr()) as usize)
            }
        })
    }

    /// The database as a file would hold it; None: there is no such schema, or no memory. Detached.
    pub fn serialize(&self, schema: &CStr) -> Option<Vec<u8>> {
        self.alone(|handle| {
            let mut size = 0;
            // SAFETY: writes the size; the bytes are ours to free.
            unsafe {
                let data = ffi::sqlite3_serialize(handle, schema.as_ptr(), &mut size, 0);
                if data.is_null() {
                    return None;
                }
                let copy = std::slice::from_raw_parts(data, usize::try_from(size).unwrap_or(0)).to_vec();
                ffi::sqlite3_free(data.cast());
                Some(copy)
            }
        })
    }

    /// Puts serialized contents in a database's place. Detached.
    pub fn deserialize(&self, schema: &CStr, data: &[u8]) -> Result<(), Failure> {
        let no_memory = Failure { code: ffi::SQLITE_NOMEM, extended: ffi::SQLITE_NOMEM, message: String::new() };
        // SAFETY: memory of SQLite's for the copy, which the call takes over whatever becomes of it.
        self.run(|handle| unsafe {
            let len = data.len() as i64;
            let copy = ffi::sqlite3_malloc64(data.len().max(1) as u64).cast::<u8>();
            if copy.is_null() {
                return ffi::SQLITE_NOMEM;
            }
            std::ptr::copy_nonoverlapping(data.as_ptr(), copy, data.len());
            let flags = ffi::SQLITE_DESERIALIZE_FREEONCLOSE | ffi::SQLITE_DESERIALIZE_RESIZEABLE;
            ffi::sqlite3_deserialize(handle, schema.as_ptr(), copy, len, len, flags)
        })
        .map(drop)
        .map_err(|failure| if failure.code == ffi::SQLITE_NOMEM { no_memory } else { failure })
    }
}

/// Whether a text ends in a complete statement.
pub fn is_complete(sql: &CStr) -> bool {
    // SAFETY: a text that ends in 0.
    unsafe { ffi::sqlite3_complete(sql.as_ptr()) != 0 }
}

/// What SQLite says of a code.
pub fn code_text(code: i32) -> String {
    // SAFETY: a text that lives for ever.
    unsafe { CStr::from_ptr(ffi::sqlite3_errstr(code)) }.to_string_lossy().into_owned()
}

/// The library's version.
pub fn version() -> &'static str {
    ffi::SQLITE_VERSION.to_str().unwrap_or_default()
}

/// Bytes of a text that SQLite owns; none for a null pointer.
///
/// # Safety
/// Null, or a text that ends in 0.
unsafe fn text_of(text: *const c_char) -> Option<CString> {
    // SAFETY: the caller's.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_owned())
}
