//! The exceptions of DB-API 2.0, and what SQLite says made into one.

use crate::object::core_types::exc;
use crate::object::exception::BaseException;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::thread::Thread;
use crate::object::type_object::{StaticType, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{names, protocol, str, tuple};
use crate::sys::sqlite::Failure;
use crate::sys::sqlite::statement::Refused;
use libsqlite3_sys as ffi;

macro_rules! exceptions {
    ($($static:ident $name:literal $base:expr;)*) => {
        $(
            #[doc = concat!("`sqlite3.", $name, "`")]
            pub static $static: StaticType = StaticType::new(&TypeSpec {
                base: Some($base),
                flags: flag::BASETYPE,
                ..TypeSpec::new("sqlite3", $name, layout_of::<BaseException>(true))
            });
        )*
    };
}

exceptions! {
    WARNING "Warning" &exc::EXCEPTION;
    ERROR "Error" &exc::EXCEPTION;
    INTERFACE "InterfaceError" &ERROR;
    DATABASE "DatabaseError" &ERROR;
    DATA "DataError" &DATABASE;
    OPERATIONAL "OperationalError" &DATABASE;
    INTEGRITY "IntegrityError" &DATABASE;
    INTERNAL "InternalError" &DATABASE;
    PROGRAMMING "ProgrammingError" &DATABASE;
    NOT_SUPPORTED "NotSupportedError" &DATABASE;
}

/// The exception for one of SQLite's codes.
fn class_of(code: i32) -> &'static StaticType {
    match code {
        ffi::SQLITE_INTERNAL | ffi::SQLITE_NOTFOUND => &INTERNAL,
        ffi::SQLITE_ERROR
        | ffi::SQLITE_PERM
        | ffi::SQLITE_ABORT
        | ffi::SQLITE_BUSY
        | ffi::SQLITE_LOCKED
        | ffi::SQLITE_READONLY
        | ffi::SQLITE_INTERRUPT
        | ffi::SQLITE_IOERR
        | ffi::SQLITE_FULL
        | ffi::SQLITE_CANTOPEN
        | ffi::SQLITE_PROTOCOL
        | ffi::SQLITE_EMPTY
        | ffi::SQLITE_SCHEMA => &OPERATIONAL,
        ffi::SQLITE_TOOBIG => &DATA,
        ffi::SQLITE_CONSTRAINT | ffi::SQLITE_MISMATCH => &INTEGRITY,
        ffi::SQLITE_MISUSE | ffi::SQLITE_RANGE => &INTERFACE,
        _ => &DATABASE,
    }
}

/// Raises what SQLite said.
#[cold]
pub fn failure(t: &Thread, failure: &Failure) -> Raised {
    if failure.code == ffi::SQLITE_NOMEM {
        return raise::memory_error(t, "");
    }
    let make = || -> PyResult {
        let args = tuple::from_array([str::from_str(&failure.message)]);
        let exception = raise::instance(t, class_of(failure.code), args)?;
        let name = super::constants::error_name(failure.extended).unwrap_or("unknown");
        let code = Value::int(failure.extended.into());
        protocol::set_attr(t, &exception, &names::intern("sqlite_errorcode"), &code)?;
        protocol::set_attr(t, &exception, &names::intern("sqlite_errorname"), &str::from_str(name))?;
        Ok(exception)
    };
    match make() {
        Ok(exception) => raise::value(t, exception),
        Err(raised) => raised,
    }
}

/// Raises what became of a statement.
#[cold]
pub fn refused(t: &Thread, refused: Refused) -> Raised {
    match refused {
        Refused::Failure(what) => failure(t, &what),
        Refused::Several => raise::new(t, &PROGRAMMING, "You can only execute one statement at a time."),
        Refused::Unusable => raise::new(t, &PROGRAMMING, "Recursive use of cursors not allowed."),
    }
}

/// Raises ProgrammingError.
#[cold]
pub fn programming(t: &Thread, message: impl AsRef<str>) -> Raised {
    raise::new(t, &PROGRAMMING, message)
}
