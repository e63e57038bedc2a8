//! `open`, `open_code`, `text_encoding`.

use super::fileio::{FILE_IO, FileIo};
use super::{DEFAULT_BUFFER_SIZE, buffered, n, textio};
use crate::object::args::Bound;
use crate::object::core_types::exc;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::str::{self, Str};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{bigint, hooks, protocol};

pub static FUNCTIONS: &[Method] = &[
    Method::new(
        "open",
        "($module, /, file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None)",
        NativeFn::Bound(open),
        "Open file and return a stream.  Raise OSError upon failure.",
    ),
    Method::new(
        "open_code",
        "($module, /, path)",
        NativeFn::Bound(open_code),
        "Opens the provided file with the intent to import the contents.",
    ),
    Method::new(
        "text_encoding",
        "($module, encoding, stacklevel=2, /)",
        NativeFn::Bound(text_encoding),
        "A helper function to choose the text encoding.",
    ),
];

fn text_arg<'a>(t: &Thread, v: Option<&'a Value>, name: &str) -> PyResult<Option<&'a Value>> {
    match v.and_then(Value::non_none) {
        Some(v) if v.downcast::<Str>().is_none() => {
            let message = format!("open() argument '{name}' must be str or None, not {}", v.class().display_name());
            Err(raise::type_error(t, message))
        }
        found => Ok(found),
    }
}

/// What a mode asks for.
#[derive(Default)]
struct Mode {
    creating: bool,
    reading: bool,
    writing: bool,
    appending: bool,
    updating: bool,
    text: bool,
    binary: bool,
}

fn parse_mode(t: &Thread, mode: &Value) -> PyResult<Mode> {
    let invalid = || raise::value_error(t, format!("invalid mode: '{}'", str::lossy(mode)));
    let mut m = Mode::default();
    for c in str::lossy(mode).chars() {
        let field = match c {
            'x' => &mut m.creating,
            'r' => &mut m.reading,
            'w' => &mut m.writing,
            'a' => &mut m.appending,
            '+' => &mut m.updating,
            't' => &mut m.text,
            'b' => &mut m.binary,
            _ => return Err(invalid()),
        };
        if std::mem::replace(field, true) {
            return Err(invalid());
        }
    }
    if m.text && m.binary {
        return Err(raise::value_error(t, "can't have text and binary mode at once"));
    }
    let kinds = [m.creating, m.reading, m.writing, m.appending].iter().filter(|k| **k).count();
    if kinds != 1 {
        return Err(raise::value_error(t, "must have exactly one of create/read/write/append mode"));
    }
    Ok(m)
}

fn open(t: &Thread, b: &Bound<'_>) -> PyResult {
    let file = b.req(0);
    let default = str::from_str("r");
    let mode = b.opt(1).unwrap_or(&default);
    if mode.downcast::<Str>().is_none() {
        let message = format!("open() argument 'mode' must be str, not {}", mode.class().display_name());
        return Err(raise::type_error(t, message));
    }
    let mut buffering = b.opt(2).map_or(Ok(-1), |v| protocol::index_i64(t, v))?;
    let encoding = text_arg(t, b.opt(3), "encoding")?;
    let errors = text_arg(t, b.opt(4), "errors")?;
    let newline = text_arg(t, b.opt(5), "newline")?;
    let closefd = b.opt(6).map_or(Ok(true), |v| protocol::is_true(t, v))?;
    let is_fd = bigint::view(file).is_some();
    let path = if is_fd { file.clone() } else { crate::modules::posix::path::fspath(t, file)? };
    let m = parse_mode(t, mode)?;
    if m.binary {
        for (given, name) in [(encoding, "an encoding"), (errors, "an errors"), (newline, "a newline")] {
            if given.is_some() {
                return Err(raise::value_error(t, format!("binary mode doesn't take {name} argument")));
            }
        }
    }
    if m.binary && buffering == 1 {
        let message =
            "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used";
        (hooks::get().warn)(t, &exc::RUNTIME_WARNING.as_value(), message, 1)?;
    }
    let mut raw_mode = std::string::String::new();
    for (set, c) in [(m.creating, 'x'), (m.reading, 'r'), (m.writing, 'w'), (m.appending, 'a'), (m.updating, '+')] {
        if set {
            raw_mode.push(c);
        }
    }
    let opener = b.opt(7).cloned().unwrap_or(Value::NONE);
    let args = [path, str::from_str(&raw_mode), Value::bool(closefd), opener];
    let raw = protocol::call_values(t, &FILE_IO.to_value(), &args)?;
    let made = finish(t, &raw, &m, mode, &mut buffering, encoding, errors, newline);
    made.map_err(|raised| close_after(t, &raw, raised))
}

/// Closes what was opened before an error.
fn close_after(t: &Thread, stream: &Value, raised: Raised) -> Raised {
    let failed = super::chained(t, Err(raised), || protocol::call_method(t, stream, &n().close, &[]).map(drop));
    match failed {
        Err(raised) => raised,
        Ok(()) => raise::system_error(t, "open() failed without an error"),
    }
}

#[allow(clippy::too_many_arguments)]
fn finish(
    t: &Thread,
    raw: &Value,
    m: &Mode,
    mode: &Value,
    buffering: &mut i64,
    encoding: Option<&Value>,
    errors: Option<&Value>,
    newline: Option<&Value>,
) -> PyResult {
    let isatty = if *buffering < 0 {
        let answer = protocol::call_method(t, raw, &n().isatty, &[])?;
        protocol::is_true(t, &answer)?
    } else {
        false
    };
    let line_buffering = !m.binary && (*buffering == 1 || isatty);
    if *buffering == 1 || *buffering < 0 {
        let block = raw.downcast::<FileIo>().map_or(0, FileIo::block);
        *buffering = block.clamp(DEFAULT_BUFFER_SIZE, 8192 * 1024) as i64;
    }
    if *buffering == 0 {
        if !m.binary {
            return Err(raise::value_error(t, "can't have unbuffered text I/O"));
        }
        return Ok(raw.clone());
    }
    let writes = m.creating || m.writing || m.appending;
    if m.updating {
        super::base::check_seekable(t, raw)?;
    }
    let size = *buffering as usize;
    let buffer = buffered::make(t, raw.clone(), size, m.updating || m.reading, m.updating || writes);
    if m.binary {
        return Ok(buffer);
    }
    let encoding = match encoding {
        Some(encoding) => encoding.clone(),
        None => Value::NONE,
    };
    let none = |v: Option<&Value>| v.cloned().unwrap_or(Value::NONE);
    let args = [buffer.clone(), encoding, none(errors), none(newline), Value::bool(line_buffering)];
    let wrapper = protocol::call_values(t, &textio::TEXT_IO.to_value(), &args)?;
    protocol::set_attr(t, &wrapper, &n().mode, mode)?;
    Ok(wrapper)
}

fn open_code(t: &Thread, b: &Bound<'_>) -> PyResult {
    let path = b.req(0);
    if path.downcast::<Str>().is_none() {
        let message = format!("open_code() argument 'path' must be str, not {}", path.class().display_name());
        return Err(raise::type_error(t, message));
    }
    let raw = protocol::call_values(t, &FILE_IO.to_value(), &[path.clone(), str::from_str("r")])?;
    let block = raw.downcast::<FileIo>().map_or(0, FileIo::block);
    Ok(buffered::make(t, raw, block.clamp(DEFAULT_BUFFER_SIZE, 8 << 20), true, false))
}

fn text_encoding(_: &Thread, b: &Bound<'_>) -> PyResult {
    match b.req(0).non_none() {
        Some(encoding) => Ok(encoding.clone()),
        None => Ok(str::from_str("locale")),
    }
}
