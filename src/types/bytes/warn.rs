//! BytesWarning (`-b`): bytes compared with text or an int, or turned into text without a codec.

use crate::bytecode::opcode::CompareOp;
use crate::object::core_types::{self, exc};
use crate::object::hooks;
use crate::object::raise::PyResult;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::sync::shim::atomic::{AtomicBool, Ordering::Relaxed};

/// Whether `-b` was given. Relaxed: set before any thread starts.
pub static WANTED: AtomicBool = AtomicBool::new(false);

#[cold]
fn warn(t: &Thread, message: &str) -> PyResult<()> {
    (hooks::get().warn)(t, &exc::BYTES_WARNING.to_value(), message, 1)
}

/// Warns where `==` or `!=` compares one of `name` with text, or with an int where CPython says so.
pub fn compared(t: &Thread, name: &str, with_int: bool, a: &Value, b: &Value, op: CompareOp) -> PyResult<()> {
    if !WANTED.load(Relaxed) || !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(());
    }
    let either = |class| a.class().is_subtype(class) || b.class().is_subtype(class);
    if either(&core_types::STR) {
        warn(t, &format!("Comparison between {name} and string"))
    } else if with_int && either(&core_types::INT) {
        warn(t, &format!("Comparison between {name} and int"))
    } else {
        Ok(())
    }
}

/// Warns of `str()` of an instance of `name`.
pub fn shown(t: &Thread, name: &str) -> PyResult<()> {
    if WANTED.load(Relaxed) { warn(t, &format!("str() on a {name} instance")) } else { Ok(()) }
}
