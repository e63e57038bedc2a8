//! The builtin exceptions.
//!
//! | file | holds |
//! |---|---|
//! | `base` | BaseException |
//! | `plain` | exceptions without data of their own |
//! | `data` | payloads of those with data |
//! | `named` | AttributeError, NameError, ImportError, KeyError |
//! | `exits` | StopIteration, SystemExit |
//! | `os_error`, `syntax`, `unicode`, `group` | their families |

pub mod base;
mod data;
pub mod exits;
pub mod group;
pub mod named;
pub mod os_error;
pub mod plain;
pub mod syntax;
pub mod unicode;

use crate::object::core_types::exc;
use crate::object::type_object::{StaticType, TypeSpec};

/// The rows of all exceptions, for start-up.
pub fn rows() -> impl Iterator<Item = (&'static StaticType, &'static TypeSpec)> {
    let tables =
        [group::TYPES, plain::TYPES, named::TYPES, exits::TYPES, os_error::TYPES, syntax::TYPES, unicode::TYPES];
    std::iter::once((&exc::BASE_EXCEPTION, &base::SPEC)).chain(tables.into_iter().flatten().copied())
}
