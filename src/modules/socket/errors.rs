//! The exceptions of the resolver.

use crate::object::core_types::exc;
use crate::object::raise::{self, Raised};
use crate::object::thread::Thread;
use crate::object::type_object::{StaticType, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{str, tuple};
use crate::sys::net::{self, ResolveError};
use crate::types::exceptions::os_error::{self, OsError};

/// `socket.gaierror`.
pub static GAI_ERROR: StaticType = StaticType::new(&GAI_SPEC);
/// `socket.herror`.
pub static H_ERROR: StaticType = StaticType::new(&H_SPEC);

static GAI_SPEC: TypeSpec = TypeSpec {
    base: Some(&exc::OS_ERROR),
    flags: flag::BASETYPE,
    ..TypeSpec::new("socket", "gaierror", layout_of::<OsError>(true))
};

static H_SPEC: TypeSpec = TypeSpec {
    base: Some(&exc::OS_ERROR),
    flags: flag::BASETYPE,
    ..TypeSpec::new("socket", "herror", layout_of::<OsError>(true))
};

/// Raises what the resolver answered.
pub fn resolve(t: &Thread, error: ResolveError) -> Raised {
    if error.0 == libc::EAI_SYSTEM {
        return os_error::from_errno(t, error.1, None, None);
    }
    let args = [Value::int(error.0.into()), str::from_str(&net::resolve_error_text(error.0))];
    raise::with_args(t, &GAI_ERROR, tuple::from_slice(&args))
}

/// Raises what the old functions answered.
pub fn host(t: &Thread, error: i32) -> Raised {
    let args = [Value::int(error.into()), str::from_str(&net::host_error_text(error))];
    raise::with_args(t, &H_ERROR, tuple::from_slice(&args))
}
