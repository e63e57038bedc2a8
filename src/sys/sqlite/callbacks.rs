//! What SQLite calls back: functions of SQL, orders of texts, and hooks.

use super::statement::value_of;
use super::{Cell, Database, Dropped, Failure};
use libsqlite3_sys as ffi;
use std::any::Any;
use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::sync::Arc;

/// Why there is no result.
pub enum Refusal {
    Error(String),
    NoMemory,
    TooBig,
}

/// The result of a function.
pub type Outcome = Result<Cell<'static>, Refusal>;

/// A function of single rows.
pub trait Scalar: Send + 'static {
    fn call(&self, arguments: &[Cell<'_>]) -> Outcome;
}

/// A function of many rows.
pub trait Aggregate: Send + 'static {
    /// A new group of rows.
    fn start(&self) -> Result<Box<dyn Group>, Refusal>;
}

/// A group of rows that an aggregate works on.
pub trait Group: Send {
    fn add(&mut self, arguments: &[Cell<'_>]) -> Result<(), Refusal>;
    /// Takes a row out again: of a window that moves.
    fn remove(&mut self, arguments: &[Cell<'_>]) -> Result<(), Refusal>;
    /// The result so far.
    fn value(&mut self) -> Outcome;
    /// The result. Ends the group in a place where destructors may run.
    fn finish(self: Box<Self>) -> Outcome;
}

/// An order of texts.
pub trait Collation: Send + 'static {
    fn compare(&self, a: &[u8], b: &[u8]) -> std::cmp::Ordering;
}

/// Hooks of a database. What sets one keeps it for as long as SQLite may call it.
pub trait Hook: Send + Sync + 'static {
    /// The authorizer's answer to an action; its words are as SQLite gives them.
    fn authorize(&self, _action: i32, _words: [Option<&CStr>; 4]) -> i32 {
        ffi::SQLITE_OK
    }

    /// Whether what runs is to stop.
    fn progress(&self) -> bool {
        false
    }

    /// A statement begins: its text, with the parameters' values if that is not too long.
    fn trace(&self, _sql: Result<&[u8], Failure>) {}
}

/// What SQLite keeps for us.
struct Kept<T: ?Sized> {
    dropped: Dropped,
    it: Box<T>,
}

/// Puts aside what SQLite drops (rule 4).
unsafe extern "C" fn put_aside<T: ?Sized + Send + 'static>(kept: *mut c_void) {
    // SAFETY: made by `keep`, and given back once.
    let kept = unsafe { Box::from_raw(kept.cast::<Kept<T>>()) };
    let it: Box<dyn Any + Send> = Box::new(kept.it);
    kept.dropped.lock().push(it);
}

fn keep<T: ?Sized>(database: &Database, it: Box<T>) -> *mut c_void {
    Box::into_raw(Box::new(Kept { dropped: database.dropped.clone(), it })).cast()
}

/// Gives a function's result.
unsafe fn answer(context: *mut ffi::sqlite3_context, outcome: Outcome) {
    // SAFETY: the context of the call that goes on; SQLite copies texts and blobs.
    unsafe {
        match outcome {
            Ok(Cell::Null) => ffi::sqlite3_result_null(context),
            Ok(Cell::Int(i)) => ffi::sqlite3_result_int64(context, i),
            Ok(Cell::Float(f)) => ffi::sqlite3_result_double(context, f),
            Ok(Cell::Text(text)) => {
                let (data, len) = (text.as_ptr().cast(), text.len() as u64);
                ffi::sqlite3_result_text64(context, data, len, ffi::SQLITE_TRANSIENT(), ffi::SQLITE_UTF8 as u8);
            }
            Ok(Cell::Blob(blob)) => {
                let (data, len) = (blob.as_ptr().cast(), blob.len() as u64);
                ffi::sqlite3_result_blob64(context, data, len, ffi::SQLITE_TRANSIENT());
            }
            Err(refusal) => refuse(context, refusal),
        }
    }
}

unsafe fn refuse(context: *mut ffi::sqlite3_context, refusal: Refusal) {
    // SAFETY: as in `answer`.
    unsafe {
        match refusal {
            Refusal::NoMemory => ffi::sqlite3_result_error_nomem(context),
            Refusal::TooBig => ffi::sqlite3_result_error_toobig(context),
            Refusal::Error(text) => {
                ffi::sqlite3_result_error(context, text.as_ptr().cast(), text.len() as c_int);
            }
        }
    }
}

/// The arguments of a call.
unsafe fn arguments<'a>(count: c_int, values: *mut *mut ffi::sqlite3_value) -> Vec<Cell<'a>> {
    // SAFETY: so many values, which stay for the call.
    (0..count as usize).map(|n| unsafe { value_of(*values.add(n)) }).collect()
}

/// What `keep` made of the function whose call this is.
unsafe fn kept_of<'a, T: ?Sized>(context: *mut ffi::sqlite3_context) -> &'a T {
    // SAFETY: registered with what `keep` made, which SQLite keeps during the call.
    unsafe { &(*ffi::sqlite3_user_data(context).cast::<Kept<T>>()).it }
}

unsafe extern "C" fn scalar(context: *mut ffi::sqlite3_context, count: c_int, values: *mut *mut ffi::sqlite3_value) {
    // SAFETY: SQLite's call of a scalar function.
    unsafe {
        let function = kept_of::<dyn Scalar>(context);
        answer(context, function.call(&arguments(count, values)));
    }
}

/// Where the group of a call is kept: null behind a group that has not begun.
unsafe fn group<'a>(context: *mut ffi::sqlite3_context, make_room: bool) -> Option<&'a mut *mut Box<dyn Group>> {
    let bytes = if make_room { size_of::<*mut Box<dyn Group>>() as c_int } else { 0 };
    // SAFETY: memory of that size and of zeros at first, which stays until the group is finished.
    unsafe { ffi::sqlite3_aggregate_context(context, bytes).cast::<*mut Box<dyn Group>>().as_mut() }
}

unsafe extern "C" fn add(context: *mut ffi::sqlite3_context, count: c_int, values: *mut *mut ffi::sqlite3_value) {
    // SAFETY: SQLite's call of an aggregate; the place holds null or a group.
    unsafe {
        let Some(place) = group(context, true) else { return refuse(context, Refusal::NoMemory) };
        if place.is_null() {
            match kept_of::<dyn Aggregate>(context).start() {
                Ok(group) => *place = Box::into_raw(Box::new(group)),
                Err(refusal) => return refuse(context, refusal),
            }
        }
        if let Err(refusal) = (**place).add(&arguments(count, values)) {
            refuse(context, refusal);
        }
    }
}

unsafe extern "C" fn remove(context: *mut ffi::sqlite3_context, count: c_int, values: *mut *mut ffi::sqlite3_value) {
    // SAFETY: as in `add`.
    unsafe {
        if let Some(place) = group(context, true)
            && let Some(group) = place.as_mut()
            && let Err(refusal) = group.remove(&arguments(count, values))
        {
            refuse(context, refusal);
        }
    }
}

unsafe extern "C" fn value(context: *mut ffi::sqlite3_context) {
    // SAFETY: as in `add`.
    unsafe {
        if let Some(place) = group(context, true)
            && let Some(group) = place.as_mut()
        {
            answer(context, group.value());
        }
    }
}

unsafe extern "C" fn finish(context: *mut ffi::sqlite3_context) {
    // SAFETY: as in `add`; the last call for the group.
    unsafe {
        if let Some(place) = group(context, false)
            && !place.is_null()
        {
            let group = *Box::from_raw(std::mem::replace(place, std::ptr::null_mut()));
            answer(context, group.finish());
        }
    }
}

unsafe extern "C" fn compare(
    kept: *mut c_void,
    a_len: c_int,
    a: *const c_void,
    b_len: c_int,
    b: *const c_void,
) -> c_int {
    // SAFETY: SQLite's call of a collation with texts of these lengths.
    unsafe {
        let bytes = |at: *const c_void, len: c_int| match len {
            0 => &[][..],
            len => std::slice::from_raw_parts(at.cast::<u8>(), len as usize),
        };
        (*kept.cast::<Kept<dyn Collation>>()).it.compare(bytes(a, a_len), bytes(b, b_len)) as c_int
    }
}

/// The hook that a pointer stands for.
unsafe fn hook<'a>(data: *mut c_void) -> &'a Arc<dyn Hook> {
    // SAFETY: the caller of `set_*` keeps it.
    unsafe { &*data.cast::<Arc<dyn Hook>>() }
}

unsafe extern "C" fn authorize(
    data: *mut c_void,
    action: c_int,
    a: *const c_char,
    b: *const c_char,
    c: *const c_char,
    d: *const c_char,
) -> c_int {
    // SAFETY: null pointers or texts that end in 0.
    let word = |text: *const c_char| (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) });
    // SAFETY: as `hook` wants it. A hook may replace itself while it runs.
    let hook = unsafe { hook(data) }.clone();
    hook.authorize(action, [word(a), word(b), word(c), word(d)])
}

unsafe extern "C" fn progress(data: *mut c_void) -> c_int {
    // SAFETY: as in `authorize`.
    unsafe { hook(data) }.clone().progress().into()
}

unsafe extern "C" fn trace(what: c_uint, data: *mut c_void, statement: *mut c_void, text: *mut c_void) -> c_int {
    if what != ffi::SQLITE_TRACE_STMT as c_uint {
        return 0;
    }
    // SAFETY: as in `authorize`; the statement that begins, and its text or a comment that stands for a trigger's.
    unsafe {
        let hook = hook(data).clone();
        let text = CStr::from_ptr(text.cast());
        if text.to_bytes().starts_with(b"--") {
            hook.trace(Ok(text.to_bytes()));
            return 0;
        }
        let expanded = ffi::sqlite3_expanded_sql(statement.cast());
        if expanded.is_null() {
            let database = ffi::sqlite3_db_handle(statement.cast());
            let code = ffi::sqlite3_errcode(database);
            // Too long for the limit, or for memory: the text without values.
            if code == ffi::SQLITE_NOMEM {
                let extended = ffi::sqlite3_extended_errcode(database);
                hook.trace(Err(Failure { code, extended, message: String::new() }));
            } else {
                let message = "Expanded SQL string exceeds the maximum string length".to_owned();
                hook.trace(Err(Failure { code: ffi::SQLITE_TOOBIG, extended: ffi::SQLITE_TOOBIG, message }));
                hook.trace(Ok(CStr::from_ptr(ffi::sqlite3_sql(statement.cast())).to_bytes()));
            }
            return 0;
        }
        hook.trace(Ok(CStr::from_ptr(expanded).to_bytes()));
        ffi::sqlite3_free(expanded.cast());
    }
    0
}

impl Database {
    /// Defines a function; None takes it away. Detached.
    pub fn set_function(
        &self,
        name: &CStr,
        parameters: i32,
        deterministic: bool,
        function: Option<Box<dyn Scalar>>,
    ) -> Result<(), Failure> {
        let flags = ffi::SQLITE_UTF8 | if deterministic { ffi::SQLITE_DETERMINISTIC } else { 0 };
        let given = function.is_some();
        let data = function.map_or(std::ptr::null_mut(), |f| keep::<dyn Scalar>(self, f));
        // SAFETY: SQLite gives what it keeps back to `put_aside`, also where it refuses.
        self.run(|db| unsafe {
            ffi::sqlite3_create_function_v2(
                db,
                name.as_ptr(),
                parameters,
                flags,
                data,
                given.then_some(scalar as _),
                None,
                None,
                given.then_some(put_aside::<dyn Scalar> as _),
            )
        })
        .map(drop)
    }

    /// Defines an aggregate, which may also be a `window` function; None takes it away. Detached.
    pub fn set_aggregate(
        &self,
        name: &CStr,
        parameters: i32,
        window: bool,
        aggregate: Option<Box<dyn Aggregate>>,
    ) -> Result<(), Failure> {
        let given = aggregate.is_some();
        let data = aggregate.map_or(std::ptr::null_mut(), |a| keep::<dyn Aggregate>(self, a));
        let moving = given && window;
        // SAFETY: as in `set_function`.
        self.run(|db| unsafe {
            ffi::sqlite3_create_window_function(
                db,
                name.as_ptr(),
                parameters,
                ffi::SQLITE_UTF8,
                data,
                given.then_some(add as _),
                given.then_some(finish as _),
                moving.then_some(value as _),
                moving.then_some(remove as _),
                given.then_some(put_aside::<dyn Aggregate> as _),
            )
        })
        .map(drop)
    }

    /// Defines an order of texts; None takes it away. Detached.
    pub fn set_collation(&self, name: &CStr, collation: Option<Box<dyn Collation>>) -> Result<(), Failure> {
        let given = collation.is_some();
        let data = collation.map_or(std::ptr::null_mut(), |c| keep::<dyn Collation>(self, c));
        let result = self.run(|db| {
            let call = given.then_some(compare as _);
            let end = given.then_some(put_aside::<dyn Collation> as _);
            // SAFETY: as in `set_function`, but a refusal leaves what is to be kept to us.
            unsafe { ffi::sqlite3_create_collation_v2(db, name.as_ptr(), ffi::SQLITE_UTF8, data, call, end) }
        });
        if result.is_err() && given {
            // SAFETY: SQLite did not take it.
            unsafe { put_aside::<dyn Collation>(data) };
        }
        result.map(drop)
    }

    /// Sets the authorizer. The caller keeps the hook in its place until it has set another. Detached.
    pub fn set_authorizer(&self, hook: Option<&Arc<dyn Hook>>) -> Result<(), Failure> {
        let data = hook.map_or(std::ptr::null_mut(), |hook| std::ptr::from_ref(hook).cast_mut().cast());
        let call = hook.is_some().then_some(authorize as _);
        // SAFETY: the hook stays where it is.
        self.run(|db| unsafe { ffi::sqlite3_set_authorizer(db, call, data) }).map(drop)
    }

    /// Sets what is asked every `steps` steps whether to go on, as `set_authorizer`. Detached.
    pub fn set_progress(&self, steps: i32, hook: Option<&Arc<dyn Hook>>) {
        let data = hook.map_or(std::ptr::null_mut(), |hook| std::ptr::from_ref(hook).cast_mut().cast());
        let call = hook.is_some().then_some(progress as _);
        // SAFETY: as in `set_authorizer`.
        self.alone(|db| unsafe { ffi::sqlite3_progress_handler(db, steps, call, data) });
    }

    /// Sets what is told of statements, as `set_authorizer`. Detached.
    pub fn set_trace(&self, hook: Option<&Arc<dyn Hook>>) -> Result<(), Failure> {
        let data = hook.map_or(std::ptr::null_mut(), |hook| std::ptr::from_ref(hook).cast_mut().cast());
        let mask = if hook.is_some() { ffi::SQLITE_TRACE_STMT as c_uint } else { 0 };
        // SAFETY: as in `set_authorizer`.
        self.run(|db| unsafe { ffi::sqlite3_trace_v2(db, mask, hook.is_some().then_some(trace as _), data) }).map(drop)
    }
}
