//! Source text to code object, raising Python's SyntaxError.

use crate::bytecode::code;
use crate::compiler::{self, Mode, Options, SyntaxError};
use crate::modules::builtins::execute;
use crate::object::core_types::exc;
use crate::object::hooks;
use crate::object::raise::{PyResult, Raised};
use crate::object::thread::Thread;

/// Compiles text; issues its SyntaxWarnings.
pub fn compile(t: &Thread, source: &str, filename: &str, mode: Mode, options: Options) -> PyResult {
    // Long native work on no Python object.
    let compiled = t.detached(|| compiler::compile(source, filename, mode, options));
    let compiled = compiled.map_err(|error| syntax_error(t, &error, filename))?;
    for warning in &compiled.warnings {
        let category = if warning.deprecation { &exc::DEPRECATION_WARNING } else { &exc::SYNTAX_WARNING };
        (hooks::get().warn_explicit)(t, &category.as_value(), &warning.message, filename, warning.line)?;
    }
    Ok(code::link(&compiled.unit))
}

/// Compiles the bytes of a source file.
pub fn compile_bytes(t: &Thread, source: &[u8], filename: &str, mode: Mode, options: Options) -> PyResult {
    let text = decode(t, source, filename)?;
    compile(t, &text, filename, mode, options)
}

/// The text of a source file.
pub fn decode(t: &Thread, source: &[u8], filename: &str) -> PyResult<String> {
    execute::decode(t, source, filename, true)
}

/// Raises the compiler's error.
pub fn syntax_error(t: &Thread, error: &SyntaxError, filename: &str) -> Raised {
    execute::syntax_error(t, error, filename)
}
