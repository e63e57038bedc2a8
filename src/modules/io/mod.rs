//! `_io`: streams of bytes and text.
//!
//! | file | holds |
//! |---|---|
//! | `lock` | how an operation has a stream for itself |
//! | `base` | `_IOBase` and the three classes below it |
//! | `fileio` | `FileIO`, descriptors |
//! | `raw` | calling the stream below a buffer |
//! | `buffered`, `buffered_read`, `buffered_write`, `rwpair` | buffers over raw streams |
//! | `bytesio`, `stringio` | streams in memory |
//! | `newline` | line ends, `IncrementalNewlineDecoder` |
//! | `textio`, `textio_read`, `textio_write`, `textio_seek` | text over a stream of bytes |
//! | `open` | `open`, `open_code`, `text_encoding` |
//! | `standard` | `sys.stdin`, `sys.stdout`, `sys.stderr` |
//! | `exit` | flushing what is open when the process ends |

pub mod base;
pub mod buffered;
mod buffered_read;
mod buffered_write;
pub mod bytesio;
pub mod exit;
pub mod fileio;
mod lock;
pub mod newline;
mod open;
mod raw;
mod rwpair;
pub mod standard;
pub mod stringio;
pub mod textio;
mod textio_read;
mod textio_seek;
mod textio_write;

use crate::object::core_types::exc;
use crate::object::names;
use crate::object::protocol;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::str;
use crate::object::table::ModuleSpec;
use crate::object::thread::Thread;
use crate::object::value::{Stored, Value};
use crate::types::module_;
use std::sync::{LazyLock, OnceLock};

/// How many bytes a buffer holds unless told otherwise.
pub const DEFAULT_BUFFER_SIZE: usize = 128 * 1024;

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: open::FUNCTIONS,
    types: &[
        &base::IO_BASE,
        &base::RAW_IO_BASE,
        &base::BUFFERED_IO_BASE,
        &base::TEXT_IO_BASE,
        &fileio::FILE_IO,
        &bytesio::BYTES_IO,
        &bytesio::BYTES_IO_BUFFER,
        &buffered::READER,
        &buffered::WRITER,
        &buffered::RANDOM,
        &rwpair::RW_PAIR,
        &newline::NEWLINE_DECODER,
        &stringio::STRING_IO,
        &textio::TEXT_IO,
    ],
    init: Some(init),
    ..ModuleSpec::new(
        "_io",
        "The io module provides the Python interfaces to stream handling. The\nbuiltin open function is defined in this module.",
    )
};

static UNSUPPORTED: OnceLock<Stored> = OnceLock::new();

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    let bases = vec![exc::OS_ERROR.to_value(), exc::VALUE_ERROR.to_value()];
    let class = module_::add_class(t, module, "UnsupportedOperation", bases)?;
    protocol::set_attr(t, &class, &names::known().__module__, &names::intern("io"))?;
    let _ = UNSUPPORTED.set(Stored::new(class));
    module_::set(module, "BlockingIOError", exc::BLOCKING_IO_ERROR.to_value());
    module_::set(module, "DEFAULT_BUFFER_SIZE", Value::int(DEFAULT_BUFFER_SIZE as i64));
    crate::modules::support::hide(t, module, &["_BytesIOBuffer"])?;
    Ok(())
}

/// Raises `io.UnsupportedOperation`.
#[cold]
pub fn unsupported(t: &Thread, message: &str) -> Raised {
    match UNSUPPORTED.get() {
        Some(class) => match protocol::call_values(t, class, &[str::from_str(message)]) {
            Ok(exception) => raise::value(t, exception),
            Err(raised) => raised,
        },
        None => raise::value_error(t, message),
    }
}

/// Drops an OSError or ValueError on its way, as reprs do; passes other errors on.
pub fn forgive(
    t: &Thread,
    raised: Raised,
    classes: &[&'static crate::object::type_object::StaticType],
) -> PyResult<()> {
    if classes.iter().any(|class| raise::matches(t, &raised, class)) {
        drop(raise::take(t, raised));
        return Ok(());
    }
    Err(raised)
}

/// Raises the first of two errors; the first becomes the context of the second, which wins, as in a `finally` block.
pub fn chained(t: &Thread, first: PyResult<()>, second: impl FnOnce() -> PyResult<()>) -> PyResult<()> {
    let Err(raised) = first else { return second() };
    let earlier = raise::take(t, raised);
    match second() {
        Ok(()) => Err(raise::again(t, earlier)),
        Err(raised) => {
            let later = raise::take(t, raised);
            if let Some(e) = later.downcast::<crate::object::exception::BaseException>()
                && !later.is(&earlier)
            {
                drop(e.context.swap(Some(earlier)));
            }
            Err(raise::again(t, later))
        }
    }
}

/// A size argument: None or a negative number means no limit.
pub fn size_arg(t: &Thread, v: Option<&Value>) -> PyResult<i64> {
    match v.and_then(Value::non_none) {
        None => Ok(-1),
        Some(v) => match v.as_small_int() {
            Some(i) => Ok(i),
            None if v.class().slots.index.get().is_none() && v.as_bool().is_none() => Err(raise::type_error(
                t,
                format!("argument should be integer or None, not '{}'", v.class().display_name()),
            )),
            None => protocol::index_size(t, v),
        },
    }
}

macro_rules! io_names {
    ($($name:ident)*) => {
        /// Names that streams look up.
        #[allow(non_snake_case)]
        pub struct Names { $( pub $name: Value, )* }

        static NAMES: LazyLock<Names> = LazyLock::new(|| Names { $( $name: names::intern(stringify!($name)), )* });
    };
}

io_names! {
    __IOBase_closed _checkClosed _checkReadable _checkSeekable _checkWritable _dealloc_warn _finalizing buffer close closed
    decode encode encoding errors fileno flush getstate isatty mode name newlines peek raw read read1 readable readall readinto
    readinto1 readline readlines reset seek seekable setstate tell truncate writable write write_through writelines
    incrementaldecoder incrementalencoder _is_text_encoding
}

/// See `Names`.
pub fn n() -> &'static Names {
    &NAMES
}
