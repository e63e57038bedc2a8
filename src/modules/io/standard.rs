//! The standard streams.

use super::fileio::FILE_IO;
use super::{DEFAULT_BUFFER_SIZE, buffered, n, textio};
use crate::object::protocol;
use crate::object::raise::PyResult;
use crate::object::str;
use crate::object::thread::Thread;
use crate::object::value::Value;

/// Makes `sys.stdin`, `sys.stdout` or `sys.stderr` (0, 1, 2); None where the descriptor is closed. Unbuffered streams write
/// through to the descriptor. `io_encoding` is what PYTHONIOENCODING says: "encoding:errors", either of them empty.
pub fn stream(t: &Thread, fd: i32, unbuffered: bool, io_encoding: Option<&str>) -> PyResult {
    if !crate::sys::fd::is_open(fd) {
        return Ok(Value::NONE);
    }
    let (name, mode) = match fd {
        0 => ("<stdin>", "r"),
        1 => ("<stdout>", "w"),
        _ => ("<stderr>", "w"),
    };
    let args = [Value::int(fd.into()), str::from_str(mode), Value::FALSE];
    let raw = protocol::call_values(t, &FILE_IO.to_value(), &args)?;
    protocol::set_attr(t, &raw, &n().name, &str::from_str(name))?;
    let tty = protocol::call_method(t, &raw, &n().isatty, &[])?;
    let tty = protocol::is_true(t, &tty)?;
    let through = unbuffered && fd != 0;
    let buffer = if through { raw } else { buffered::make(t, raw, DEFAULT_BUFFER_SIZE, fd == 0, fd != 0) };
    let (encoding, errors) = io_encoding.map_or(("", ""), |text| text.split_once(':').unwrap_or((text, "")));
    let errors = match errors {
        _ if fd == 2 => "backslashreplace",
        // Neither is asked for.
        "" if encoding.is_empty() && in_c_locale() => "surrogateescape",
        "" => "strict",
        errors => errors,
    };
    let encoding = if encoding.is_empty() { "utf-8" } else { encoding };
    let args = [
        buffer,
        str::from_str(encoding),
        str::from_str(errors),
        str::from_str("\n"),
        Value::bool(!unbuffered && (tty || fd == 2)),
        Value::bool(through),
    ];
    let stream = protocol::call_values(t, &textio::TEXT_IO.to_value(), &args)?;
    protocol::set_attr(t, &stream, &n().mode, &str::from_str(mode))?;
    Ok(stream)
}

/// Whether the locale is the portable one, which says nothing about the encoding of bytes that come in.
fn in_c_locale() -> bool {
    let set = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
    let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
    locale.is_none_or(|l| matches!(&*l, "C" | "POSIX" | "C.UTF-8" | "C.utf8" | "UTF-8"))
}
