//! OSError: an errno with its text and file names; a known errno chooses the subclass.

use super::base;
use super::data::{WithFields, field, get, load, put};
use crate::object::alloc;
use crate::object::args::Args;
use crate::object::bigint;
use crate::object::core_types::exc;
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::slots::{SlotId, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Value};
use crate::object::{names, protocol, str, tuple};

/// Fields: errno, strerror, filename, filename2, characters_written (empty: not set).
#[repr(transparent)]
pub struct OsError(WithFields<5>);

// SAFETY: `OS_ERROR`'s layout is `OsError`, which begins with the common part.
unsafe impl Payload for OsError {
    fn layout_type() -> &'static Type {
        &exc::OS_ERROR
    }

    fn trace(&self, visit: Visit) {
        self.0.trace_all(visit);
    }

    fn clear(&self) {
        self.0.clear_all();
    }
}

impl super::data::Fields for OsError {
    fn fields(&self) -> &[Slot] {
        &self.0.fields
    }
}

const ERRNO: usize = 0;
const STRERROR: usize = 1;
const FILENAME: usize = 2;
const FILENAME2: usize = 3;
const WRITTEN: usize = 4;

static SPEC: TypeSpec = TypeSpec {
    base: Some(&exc::EXCEPTION),
    doc: "Base class for I/O related errors.",
    slots: SlotTable { init: Some(init), new: Some(new), str: Some(to_str), ..SlotTable::EMPTY },
    methods: &[Method::new("__reduce__", "($self, /)", NativeFn::F1(reduce), "")],
    getset: &[
        field!(OsError 0 "errno" "POSIX exception code"),
        field!(OsError 1 "strerror" "exception strerror"),
        field!(OsError 2 "filename" "exception filename"),
        field!(OsError 3 "filename2" "second exception filename"),
        GetSet::new("characters_written", get_written, set_written, ""),
    ],
    flags: flag::BASETYPE,
    ..TypeSpec::new("builtins", "OSError", layout_of::<OsError>(true))
};

const fn derived(name: &'static str, base: &'static StaticType, doc: &'static str) -> TypeSpec {
    TypeSpec {
        base: Some(base),
        doc,
        flags: flag::BASETYPE,
        ..TypeSpec::new("builtins", name, layout_of::<OsError>(true))
    }
}

macro_rules! subclasses {
    ($( $row:ident $name:literal $base:ident $doc:literal )*) => {
        /// The rows for the list of types, bases first.
        pub static TYPES: &[(&StaticType, &TypeSpec)] = &[ (&exc::OS_ERROR, &SPEC), $( (&exc::$row, {
            static DERIVED: TypeSpec = derived($name, &exc::$base, $doc);
            &DERIVED
        }), )* ];
    };
}

subclasses! {
    BLOCKING_IO_ERROR "BlockingIOError" OS_ERROR "I/O operation would block."
    CHILD_PROCESS_ERROR "ChildProcessError" OS_ERROR "Child process error."
    CONNECTION_ERROR "ConnectionError" OS_ERROR "Connection error."
    BROKEN_PIPE_ERROR "BrokenPipeError" CONNECTION_ERROR "Broken pipe."
    CONNECTION_ABORTED_ERROR "ConnectionAbortedError" CONNECTION_ERROR "Connection aborted."
    CONNECTION_REFUSED_ERROR "ConnectionRefusedError" CONNECTION_ERROR "Connection refused."
    CONNECTION_RESET_ERROR "ConnectionResetError" CONNECTION_ERROR "Connection reset."
    FILE_EXISTS_ERROR "FileExistsError" OS_ERROR "File already exists."
    FILE_NOT_FOUND_ERROR "FileNotFoundError" OS_ERROR "File not found."
    INTERRUPTED_ERROR "InterruptedError" OS_ERROR "Interrupted by signal."
    IS_A_DIRECTORY_ERROR "IsADirectoryError" OS_ERROR "Operation doesn't work on directories."
    NOT_A_DIRECTORY_ERROR "NotADirectoryError" OS_ERROR "Operation only works on directories."
    PERMISSION_ERROR "PermissionError" OS_ERROR "Not enough permissions."
    PROCESS_LOOKUP_ERROR "ProcessLookupError" OS_ERROR "Process not found."
    TIMEOUT_ERROR "TimeoutError" OS_ERROR "Timeout expired."
}

/// The subclass that stands for an errno (PEP 3151).
pub fn class_for(errno: i64) -> Option<&'static StaticType> {
    let errno = i32::try_from(errno).ok()?;
    Some(match errno {
        libc::EAGAIN | libc::EALREADY | libc::EINPROGRESS => &exc::BLOCKING_IO_ERROR,
        libc::EPIPE | libc::ESHUTDOWN => &exc::BROKEN_PIPE_ERROR,
        libc::ECHILD => &exc::CHILD_PROCESS_ERROR,
        libc::ECONNABORTED => &exc::CONNECTION_ABORTED_ERROR,
        libc::ECONNREFUSED => &exc::CONNECTION_REFUSED_ERROR,
        libc::ECONNRESET => &exc::CONNECTION_RESET_ERROR,
        libc::EEXIST => &exc::FILE_EXISTS_ERROR,
        libc::ENOENT => &exc::FILE_NOT_FOUND_ERROR,
        libc::EISDIR => &exc::IS_A_DIRECTORY_ERROR,
        libc::ENOTDIR => &exc::NOT_A_DIRECTORY_ERROR,
        libc::EINTR => &exc::INTERRUPTED_ERROR,
        libc::EACCES | libc::EPERM => &exc::PERMISSION_ERROR,
        libc::ESRCH => &exc::PROCESS_LOOKUP_ERROR,
        libc::ETIMEDOUT => &exc::TIMEOUT_ERROR,
        _ => return None,
    })
}

/// The system's text for an errno: `os.strerror`.
pub fn strerror(errno: i32) -> String {
    let mut buffer = [0u8; 256];
    // SAFETY: the buffer's length is passed along; the text ends with a zero byte inside it.
    let failed = unsafe { libc::strerror_r(errno, buffer.as_mut_ptr().cast(), buffer.len()) } != 0;
    let end = buffer.iter().position(|b| *b == 0).unwrap_or(buffer.len());
    if failed && end == 0 {
        return format!("Unknown error {errno}");
    }
    String::from_utf8_lossy(&buffer[..end]).into_owned()
}

/// Raises the OSError subclass for an errno, with the names of the files concerned.
#[cold]
pub fn from_errno(t: &Thread, errno: i32, filename: Option<&Value>, filename2: Option<&Value>) -> raise::Raised {
    let mut args = vec![Value::int(errno.into()), str::from_str(&strerror(errno))];
    if filename.is_some() || filename2.is_some() {
        args.push(filename.cloned().unwrap_or(Value::NONE));
    }
    if let Some(second) = filename2 {
        args.push(Value::NONE);
        args.push(second.clone());
    }
    raise::with_args(t, &exc::OS_ERROR, tuple::from_vec(args))
}

/// Raises the OSError subclass for an error of a Rust I/O function.
#[cold]
pub fn from_io(t: &Thread, error: &std::io::Error, filename: Option<&Value>) -> raise::Raised {
    match error.raw_os_error() {
        Some(errno) => from_errno(t, errno, filename, None),
        None => raise::new(t, &exc::OS_ERROR, error.to_string()),
    }
}

/// Whether arguments are taken in by `__init__`: a subclass in Python overrides it, but not `__new__`.
fn uses_init(class: &Type) -> bool {
    !class.slots.same(SlotId::init, &exc::OS_ERROR.slots) && class.slots.same(SlotId::new, &exc::OS_ERROR.slots)
}

fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    if uses_init(class) {
        return Ok(alloc::new(class, OsError(WithFields::new(names::empty_tuple()))));
    }
    args.no_keywords(t, class.name())?;
    let mut made = class;
    if let [errno, _] | [errno, _, _] | [errno, _, _, _] | [errno, _, _, _, _] = args.pos()
        && std::ptr::eq(class, &*exc::OS_ERROR)
        && let Some(bigint::IntView::Small(errno)) = bigint::view(errno)
        && let Some(subclass) = class_for(errno)
    {
        made = subclass;
    }
    let v = alloc::new(made, OsError(WithFields::new(names::empty_tuple())));
    take_arguments(t, &v, args.pos())?;
    Ok(v)
}

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    if !uses_init(v.class()) {
        return Ok(());
    }
    args.no_keywords(t, v.class().name())?;
    take_arguments(t, v, args.pos())
}

fn take_arguments(t: &Thread, v: &Value, args: &[Value]) -> PyResult<()> {
    if !(2..=5).contains(&args.len()) {
        base::put_args(t, v, tuple::from_slice(args));
        return Ok(());
    }
    put::<OsError>(t, v, ERRNO, Some(&args[0]));
    put::<OsError>(t, v, STRERROR, Some(&args[1]));
    let mut kept = args;
    if let Some(filename) = args.get(2).and_then(Value::non_none) {
        let is_number = filename.class().slots.index.get().is_some() || filename.class().slots.int.get().is_some();
        if v.is_exact(&exc::BLOCKING_IO_ERROR) && is_number {
            let written = protocol::index(t, filename)?;
            put::<OsError>(t, v, WRITTEN, Some(&written));
        } else {
            put::<OsError>(t, v, FILENAME, Some(filename));
            put::<OsError>(t, v, FILENAME2, args.get(4).and_then(Value::non_none));
            // File names are not part of `args`, for compatibility.
            kept = &args[..2];
        }
    }
    base::put_args(t, v, tuple::from_slice(kept));
    Ok(())
}

fn to_str(t: &Thread, v: &Value) -> PyResult {
    let shown = |i: usize| -> PyResult<String> { protocol::to_string(t, &get::<OsError>(v, i)) };
    let quoted = |file: &Value| -> PyResult<String> { Ok(str::lossy(&protocol::repr(t, file)?).into_owned()) };
    let (first, second) = (load::<OsError>(v, FILENAME), load::<OsError>(v, FILENAME2));
    let text = match (first, second) {
        (Some(file), Some(other)) => {
            let (errno, what) = (shown(ERRNO)?, shown(STRERROR)?);
            format!("[Errno {errno}] {what}: {} -> {}", quoted(&file)?, quoted(&other)?)
        }
        (Some(file), None) => {
            let (errno, what) = (shown(ERRNO)?, shown(STRERROR)?);
            format!("[Errno {errno}] {what}: {}", quoted(&file)?)
        }
        _ if load::<OsError>(v, ERRNO).is_some() && load::<OsError>(v, STRERROR).is_some() => {
            format!("[Errno {}] {}", shown(ERRNO)?, shown(STRERROR)?)
        }
        _ => return base::to_str(t, v),
    };
    Ok(str::from_str(&text))
}

fn reduce(_: &Thread, v: &Value) -> PyResult {
    let args = base::args_of(v);
    let (first, second) = (load::<OsError>(v, FILENAME), load::<OsError>(v, FILENAME2));
    let args = match (tuple::items(&args), first) {
        ([errno, text], Some(file)) => {
            let mut all = vec![errno.clone(), text.clone(), file];
            if let Some(second) = second {
                all.extend([Value::NONE, second]);
            }
            tuple::from_vec(all)
        }
        _ => args.clone(),
    };
    Ok(base::reduce_with(v, args))
}

fn get_written(t: &Thread, v: &Value) -> PyResult {
    let name = names::intern("characters_written");
    load::<OsError>(v, WRITTEN).ok_or_else(|| raise::attribute_error(t, v, &name, "characters_written"))
}

fn set_written(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    match value {
        Some(value) => {
            let written = Value::int(protocol::index_i64(t, value)?);
            put::<OsError>(t, v, WRITTEN, Some(&written));
        }
        None => {
            get_written(t, v)?;
            put::<OsError>(t, v, WRITTEN, None);
        }
    }
    Ok(())
}
