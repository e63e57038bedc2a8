//! Source text to code object, raising Python's SyntaxError.

use crate::bytecode::code;
use crate::compiler::{self, ErrorKind, Mode, Options, SyntaxError};
use crate::object::core_types::exc;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{hooks, str, tuple};

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
    match compiler::decode_source(source) {
        Ok(text) => compile(t, &text, filename, mode, options),
        Err(error) => Err(syntax_error(t, &error, filename)),
    }
}

/// Raises the compiler's error.
pub fn syntax_error(t: &Thread, error: &SyntaxError, filename: &str) -> Raised {
    let class = match error.kind {
        ErrorKind::Syntax => &exc::SYNTAX_ERROR,
        ErrorKind::Indentation => &exc::INDENTATION_ERROR,
        ErrorKind::Tab => &exc::TAB_ERROR,
        ErrorKind::Incomplete => &exc::INCOMPLETE_INPUT_ERROR,
        ErrorKind::Memory => return raise::memory_error(t, &error.message),
        ErrorKind::Recursion => return raise::recursion_error(t, &error.message),
        ErrorKind::Overflow => return raise::overflow_error(t, &error.message),
    };
    let number = |n: i64| if n == 0 { Value::NONE } else { Value::int(n) };
    let text = error.text.as_deref().map_or(Value::NONE, str::from_str);
    let place = [
        str::from_str(filename),
        number(error.line.into()),
        number(error.column.into()),
        text,
        number(error.end_line.into()),
        number(error.end_column.into()),
    ];
    let args = tuple::from_vec(vec![str::from_str(&error.message), tuple::from_slice(&place)]);
    raise::with_args(t, class, args)
}
