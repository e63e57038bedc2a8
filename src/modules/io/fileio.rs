//! `FileIO`: a descriptor as a raw stream.
//!
//! The payload is a few atomics: calls from several threads go to the system as they come. A descriptor that one thread
//! closes while another uses it is the program's error, as in every Python.

use super::base::{self, FLAGS, RAW_IO_BASE, cannot_pickle};
use super::{n, size_arg, unsupported};
use crate::modules::posix::{self, path};
use crate::modules::support::Parameters;
use crate::object::args::{Args, Bound};
use crate::object::audit;
use crate::object::buffer::{self, Request};
use crate::object::core_types::exc;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::slots::SlotTable;
use crate::object::str::{self, Str};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::Value;
use crate::object::{alloc, bigint, hooks, protocol};
use crate::sync::shim::atomic::{AtomicBool, AtomicI8, AtomicI32, AtomicU8, AtomicU32, Ordering::*};
use crate::this;
use crate::types::bytes::payload as bytes;
use crate::types::exceptions::os_error;

/// The most bytes that one system call is asked to move.
const MOST: usize = 0x7fff_f000;

const CREATED: u8 = 1;
const READABLE: u8 = 2;
const WRITABLE: u8 = 4;
const APPENDING: u8 = 8;

/// See the module's documentation.
pub struct FileIo {
    /// -1: closed or not opened yet.
    fd: AtomicI32,
    mode: AtomicU8,
    /// -1: not asked yet.
    seekable: AtomicI8,
    closefd: AtomicBool,
    finalizing: AtomicBool,
    /// The file system's preferred size of a transfer, in bytes.
    block: AtomicU32,
}

pub static FILE_IO: StaticType = StaticType::new(&SPEC);

// SAFETY: `FILE_IO`'s layout is `FileIo`.
unsafe impl Payload for FileIo {
    fn layout_type() -> &'static Type {
        &FILE_IO
    }
}

static SPEC: TypeSpec = TypeSpec {
    base: Some(&RAW_IO_BASE),
    doc: "Open a file.",
    signature: "(file, mode='r', closefd=True, opener=None)",
    slots: SlotTable { new: Some(new), init: Some(init), repr: Some(repr), ..SlotTable::EMPTY },
    methods: &[
        Method::new(
            "read",
            "($self, size=-1, /)",
            NativeFn::Bound(read),
            "Read at most size bytes, returned as bytes.",
        ),
        Method::new("readall", "($self, /)", NativeFn::F1(readall), "Read all data from the file, returned as bytes."),
        Method::new("readinto", "($self, buffer, /)", NativeFn::F2(readinto), "Same as RawIOBase.readinto()."),
        Method::new(
            "write",
            "($self, b, /)",
            NativeFn::F2(write),
            "Write buffer b to file, return number of bytes written.",
        ),
        Method::new(
            "seek",
            "($self, pos, whence=0, /)",
            NativeFn::Bound(seek),
            "Move to new file position and return the file position.",
        ),
        Method::new("tell", "($self, /)", NativeFn::F1(tell), "Current file position."),
        Method::new(
            "truncate",
            "($self, size=None, /)",
            NativeFn::Bound(truncate),
            "Truncate the file to at most size bytes and return the truncated size.",
        ),
        Method::new("close", "($self, /)", NativeFn::F1(close), "Close the file."),
        Method::new(
            "seekable",
            "($self, /)",
            NativeFn::F1(|t, v| is_seekable(t, v).map(Value::bool)),
            "True if file supports random-access.",
        ),
        Method::new(
            "readable",
            "($self, /)",
            NativeFn::F1(|t, v| has_mode(t, v, READABLE)),
            "True if file was opened in a read mode.",
        ),
        Method::new(
            "writable",
            "($self, /)",
            NativeFn::F1(|t, v| has_mode(t, v, WRITABLE)),
            "True if file was opened in a write mode.",
        ),
        Method::new(
            "fileno",
            "($self, /)",
            NativeFn::F1(|t, v| Ok(Value::int(open_fd(t, v)?.into()))),
            "Return the underlying file descriptor (an integer).",
        ),
        Method::new("isatty", "($self, /)", NativeFn::F1(isatty), "True if the file is connected to a TTY device."),
        Method::new("_isatty_open_only", "($self, /)", NativeFn::F1(isatty), ""),
        Method::new("_dealloc_warn", "($self, source, /)", NativeFn::F2(dealloc_warn), ""),
        Method::new("__reduce__", "($self, /)", NativeFn::Raw(cannot_pickle), ""),
        Method::new("__reduce_ex__", "($self, protocol, /)", NativeFn::Raw(cannot_pickle), ""),
        Method::new("__getstate__", "($self, /)", NativeFn::Raw(cannot_pickle), ""),
    ],
    getset: &[
        GetSet::read_only("closed", |_, v| Ok(Value::bool(this!(v, FileIo).fd() < 0)), "True if the file is closed"),
        GetSet::read_only(
            "closefd",
            |_, v| Ok(Value::bool(this!(v, FileIo).closefd.load(Relaxed))),
            "True if the file descriptor will be closed by close().",
        ),
        GetSet::read_only(
            "mode",
            |_, v| Ok(str::from_str(this!(v, FileIo).mode_text())),
            "String giving the file mode",
        ),
        GetSet::read_only("_blksize", |_, v| Ok(Value::int(this!(v, FileIo).block.load(Relaxed).into())), "")
            .as_member(),
        GetSet::new(
            "_finalizing",
            |_, v| Ok(Value::bool(this!(v, FileIo).finalizing.load(Relaxed))),
            |t, v, value| {
                let value = value.map_or(Ok(false), |value| protocol::is_true(t, value))?;
                this!(v, FileIo).finalizing.store(value, Relaxed);
                Ok(())
            },
            "",
        )
        .as_member(),
    ],
    flags: FLAGS,
    ..TypeSpec::new("_io", "FileIO", layout_of::<FileIo>(false))
};

impl FileIo {
    /// The descriptor; -1 if there is none.
    pub fn fd(&self) -> i32 {
        self.fd.load(Relaxed)
    }

    /// The preferred size of a transfer, in bytes.
    pub fn block(&self) -> usize {
        self.block.load(Relaxed) as usize
    }

    pub fn readable(&self) -> bool {
        self.mode.load(Relaxed) & READABLE != 0
    }

    pub fn writable(&self) -> bool {
        self.mode.load(Relaxed) & WRITABLE != 0
    }

    fn mode_text(&self) -> &'static str {
        let mode = self.mode.load(Relaxed);
        let both = mode & READABLE != 0;
        if mode & CREATED != 0 {
            if both { "xb+" } else { "xb" }
        } else if mode & APPENDING != 0 {
            if both { "ab+" } else { "ab" }
        } else if mode & WRITABLE == 0 {
            "rb"
        } else if both {
            "rb+"
        } else {
            "wb"
        }
    }

    /// The descriptor, if it is open and readable; ValueError or UnsupportedOperation.
    pub fn fd_to_read(&self, t: &Thread) -> PyResult<i32> {
        match self.fd() {
            fd if fd < 0 => Err(closed_error(t)),
            _ if !self.readable() => Err(unsupported(t, "File not open for reading")),
            fd => Ok(fd),
        }
    }

    /// The descriptor, if it is open and writable; ValueError or UnsupportedOperation.
    pub fn fd_to_write(&self, t: &Thread) -> PyResult<i32> {
        match self.fd() {
            fd if fd < 0 => Err(closed_error(t)),
            _ if !self.writable() => Err(unsupported(t, "File not open for writing")),
            fd => Ok(fd),
        }
    }
}

#[cold]
fn closed_error(t: &Thread) -> Raised {
    raise::value_error(t, "I/O operation on closed file")
}

fn open_fd(t: &Thread, v: &Value) -> PyResult<i32> {
    match this!(v, FileIo).fd() {
        fd if fd < 0 => Err(closed_error(t)),
        fd => Ok(fd),
    }
}

fn has_mode(t: &Thread, v: &Value, bit: u8) -> PyResult {
    open_fd(t, v)?;
    Ok(Value::bool(this!(v, FileIo).mode.load(Relaxed) & bit != 0))
}

/// Runs a system call detached, again while signals interrupt it (PEP 475). None: it would block.
fn call(t: &Thread, mut f: impl FnMut() -> i64) -> PyResult<Option<i64>> {
    loop {
        let (n, error) = t.detached(|| {
            let n = f();
            (n, if n < 0 { std::io::Error::last_os_error().raw_os_error().unwrap_or(0) } else { 0 })
        });
        if n >= 0 {
            return Ok(Some(n));
        }
        match error {
            libc::EINTR => (hooks::get().check_attention)(t)?,
            libc::EAGAIN => return Ok(None),
            _ => return Err(os_error::from_errno(t, error, None, None)),
        }
    }
}

/// Reads into `target`; None: it would block; 0: the end.
pub fn read_fd(t: &Thread, fd: i32, target: &mut [u8]) -> PyResult<Option<usize>> {
    let (at, len) = (target.as_mut_ptr() as usize, target.len().min(MOST));
    // SAFETY: the target is ours while the call runs.
    let got = call(t, || unsafe { libc::read(fd, at as *mut libc::c_void, len) } as i64)?;
    Ok(got.map(|n| n as usize))
}

/// Writes a beginning of `data`; None: it would block.
pub fn write_fd(t: &Thread, fd: i32, data: &[u8]) -> PyResult<Option<usize>> {
    let len = data.len().min(MOST);
    // SAFETY: the bytes stay where they are while the call runs.
    let put = call(t, || unsafe { libc::write(fd, data.as_ptr().cast(), len) } as i64)?;
    Ok(put.map(|n| n as usize))
}

/// Moves the position; answers the new one, in bytes from the start.
pub fn seek_fd(t: &Thread, fd: i32, offset: i64, whence: i32) -> PyResult<i64> {
    // SAFETY: moves a position only.
    let at = unsafe { libc::lseek(fd, offset, whence) };
    if at < 0 { Err(posix::last_error(t, None)) } else { Ok(at) }
}

/// Everything from the position to the end; None: it would block and nothing was read.
pub fn read_all_fd(t: &Thread, fd: i32) -> PyResult<Option<Vec<u8>>> {
    // SAFETY: asks about a number.
    let left = unsafe {
        let mut status: libc::stat = std::mem::zeroed();
        let at = libc::lseek(fd, 0, libc::SEEK_CUR);
        if libc::fstat(fd, &mut status) == 0 && at >= 0 { status.st_size - at } else { 0 }
    };
    let mut all = Vec::new();
    let mut room = if left > 0 { left as usize + 1 } else { 8192 };
    loop {
        let start = all.len();
        crate::object::alloc::reserve(t, &mut all, room)?;
        all.resize(start + room, 0);
        let got = read_fd(t, fd, &mut all[start..])?;
        all.truncate(start + got.unwrap_or(0));
        match got {
            None if all.is_empty() => return Ok(None),
            None | Some(0) => return Ok(Some(all)),
            // The expected end: the next read finds nothing.
            Some(n) if n < room => room = (room - n).max(1024),
            Some(_) => room = all.len().clamp(8192, 16 << 20),
        }
    }
}

fn new(_: &Thread, class: &Type, _: Args<'_>) -> PyResult {
    let payload = FileIo {
        fd: AtomicI32::new(-1),
        mode: AtomicU8::new(0),
        seekable: AtomicI8::new(-1),
        closefd: AtomicBool::new(true),
        finalizing: AtomicBool::new(false),
        block: AtomicU32::new(super::DEFAULT_BUFFER_SIZE as u32),
    };
    Ok(alloc::new(class, payload))
}

/// What a mode asks for, and the flags for `open`.
fn parse_mode(t: &Thread, mode: &Value) -> PyResult<(u8, i32)> {
    let text = str::lossy(mode);
    let bad = || raise::value_error(t, "Must have exactly one of create/read/write/append mode and at most one plus");
    let (mut bits, mut flags, mut kinds, mut plus) = (0u8, 0, 0, false);
    for c in text.chars() {
        match c {
            'x' => (bits, flags) = (bits | CREATED | WRITABLE, flags | libc::O_EXCL | libc::O_CREAT),
            'r' => bits |= READABLE,
            'w' => (bits, flags) = (bits | WRITABLE, flags | libc::O_CREAT | libc::O_TRUNC),
            'a' => (bits, flags) = (bits | WRITABLE | APPENDING, flags | libc::O_APPEND | libc::O_CREAT),
            'b' => continue,
            '+' if plus => return Err(bad()),
            '+' => {
                plus = true;
                continue;
            }
            _ => return Err(raise::value_error(t, format!("invalid mode: {text}"))),
        }
        kinds += 1;
        if kinds > 1 {
            return Err(bad());
        }
    }
    if kinds == 0 {
        return Err(bad());
    }
    if plus {
        bits |= READABLE | WRITABLE;
    }
    flags |= match (bits & READABLE != 0, bits & WRITABLE != 0) {
        (true, true) => libc::O_RDWR,
        (true, false) => libc::O_RDONLY,
        _ => libc::O_WRONLY,
    };
    Ok((bits, flags | libc::O_CLOEXEC))
}

static PARAMETERS: Parameters = Parameters::new("(file, mode='r', closefd=True, opener=None)");

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    let b = PARAMETERS.bind_call(t, "FileIO", args)?;
    let this = this!(v, FileIo);
    if this.fd() >= 0 {
        if this.closefd.load(Relaxed) {
            close_fd(t, this)?;
        } else {
            this.fd.store(-1, Relaxed);
        }
    }
    let file = b.req(0);
    if file.as_bool().is_some() {
        let message = "bool is used as a file descriptor";
        (hooks::get().warn)(t, &exc::RUNTIME_WARNING.as_value(), message, 1)?;
    }
    let given = match bigint::view(file) {
        Some(bigint::IntView::Small(fd)) if fd < 0 => {
            return Err(raise::value_error(t, "negative file descriptor"));
        }
        Some(bigint::IntView::Small(fd)) if fd <= i32::MAX.into() => Some(fd as i32),
        Some(_) => return Err(raise::overflow_error(t, "Python int too large to convert to C int")),
        None => None,
    };
    let default = str::from_str("r");
    let mode = b.opt(1).unwrap_or(&default);
    if mode.downcast::<Str>().is_none() {
        let message = format!("FileIO() argument 'mode' must be str, not {}", mode.class().display_name());
        return Err(raise::type_error(t, message));
    }
    let (bits, flags) = parse_mode(t, mode)?;
    let closefd = b.opt(2).map_or(Ok(true), |c| protocol::is_true(t, c))?;
    audit::event(t, "open", || [file.clone(), mode.clone(), Value::int(flags.into())])?;
    this.mode.store(bits, Relaxed);
    this.seekable.store(-1, Relaxed);
    this.closefd.store(closefd, Relaxed);
    let opened = match given {
        Some(fd) => {
            this.fd.store(fd, Relaxed);
            false
        }
        None => {
            let fd = open(t, file, flags, closefd, b.non_none(3))?;
            this.fd.store(fd, Relaxed);
            true
        }
    };
    settle(t, v, this, file).inspect_err(|_| {
        // What was not opened here is not ours to close.
        if opened {
            // SAFETY: the descriptor was opened above.
            unsafe { libc::close(this.fd()) };
        }
        this.fd.store(-1, Relaxed);
    })
}

fn open(t: &Thread, file: &Value, flags: i32, closefd: bool, opener: Option<&Value>) -> PyResult<i32> {
    let path = path::fspath(t, file)?;
    let name = path::arg(t, "open", &path).map_err(|raised| {
        if !raise::matches(t, &raised, &exc::VALUE_ERROR) {
            return raised;
        }
        drop(raise::take(t, raised));
        raise::value_error(t, "embedded null byte")
    })?;
    if !closefd {
        return Err(raise::value_error(t, "Cannot use closefd=False with file name"));
    }
    if let Some(opener) = opener {
        let fd = protocol::call_values(t, opener, &[file.clone(), Value::int(flags.into())])?;
        if bigint::view(&fd).is_none() {
            return Err(raise::type_error(t, "expected integer from opener"));
        }
        let fd = posix::files::fd(t, &fd)?;
        if fd < 0 {
            return Err(raise::value_error(t, format!("opener returned {fd}")));
        }
        // SAFETY: changes a flag of a descriptor.
        if unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) } < 0 {
            return Err(posix::last_error(t, None));
        }
        return Ok(fd);
    }
    // SAFETY: a terminated path.
    let fd = posix::retry(t, Some(file), || unsafe { libc::open(name.text.as_ptr(), flags, 0o666) }.into())?;
    Ok(fd as i32)
}

/// Looks at what was opened, refuses directories, sets the name and goes to the end for appending.
fn settle(t: &Thread, v: &Value, this: &FileIo, file: &Value) -> PyResult<()> {
    let fd = this.fd();
    // SAFETY: fills a plain structure.
    let (failed, status) = unsafe {
        let mut status: libc::stat = std::mem::zeroed();
        (libc::fstat(fd, &mut status) != 0, status)
    };
    if failed {
        let error = last_errno();
        if error == libc::EBADF {
            return Err(os_error::from_errno(t, error, None, None));
        }
    } else {
        if status.st_mode & libc::S_IFMT == libc::S_IFDIR {
            return Err(os_error::from_errno(t, libc::EISDIR, Some(file), None));
        }
        if status.st_blksize > 1 {
            this.block.store(u32::try_from(status.st_blksize).unwrap_or(8192), Relaxed);
        }
    }
    protocol::set_attr(t, v, &n().name, file)?;
    if this.mode.load(Relaxed) & APPENDING != 0 {
        // A pipe has no end to go to.
        // SAFETY: moves a position only.
        let at = unsafe { libc::lseek(fd, 0, libc::SEEK_END) };
        if at < 0 && last_errno() != libc::ESPIPE {
            return Err(posix::last_error(t, None));
        }
    }
    Ok(())
}

fn close_fd(t: &Thread, this: &FileIo) -> PyResult<()> {
    let fd = this.fd.swap(-1, Relaxed);
    if fd < 0 {
        return Ok(());
    }
    let error = t.detached(|| {
        // SAFETY: the descriptor is ours. Not again after EINTR: it is gone on Linux.
        if unsafe { libc::close(fd) } < 0 { last_errno() } else { 0 }
    });
    if error != 0 && error != libc::EINTR { Err(os_error::from_errno(t, error, None, None)) } else { Ok(()) }
}

fn close(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, FileIo);
    let marked = base::close(t, v).map(drop);
    if !this.closefd.load(Relaxed) {
        this.fd.store(-1, Relaxed);
        return marked.map(|()| Value::NONE);
    }
    super::chained(t, marked, || {
        if this.finalizing.load(Relaxed) {
            dealloc_warn(t, v, v)?;
        }
        close_fd(t, this)
    })?;
    Ok(Value::NONE)
}

/// ResourceWarning about a file that was left open.
fn dealloc_warn(t: &Thread, v: &Value, source: &Value) -> PyResult {
    let this = this!(v, FileIo);
    if this.fd() >= 0 && this.closefd.load(Relaxed) {
        let message = format!("unclosed file {}", protocol::repr_lossy(t, source));
        if let Err(raised) = (hooks::get().warn)(t, &exc::RESOURCE_WARNING.as_value(), &message, 1) {
            let is_warning = raise::matches(t, &raised, &exc::WARNING);
            let e = raise::take(t, raised);
            if is_warning {
                (hooks::get().unraisable)(t, e, "FileIO", Some(v));
            }
        }
    }
    Ok(Value::NONE)
}

fn read(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let fd = this!(v, FileIo).fd_to_read(t)?;
    let size = size_arg(t, b.opt(1))?;
    if size < 0 {
        return readall(t, v);
    }
    let mut data = crate::object::alloc::zeroed(t, (size as usize).min(MOST))?;
    let got = read_fd(t, fd, &mut data)?;
    Ok(got.map_or(Value::NONE, |n| {
        data.truncate(n);
        bytes::from_vec(data)
    }))
}

fn readall(t: &Thread, v: &Value) -> PyResult {
    let fd = open_fd(t, v)?;
    Ok(read_all_fd(t, fd)?.map_or(Value::NONE, bytes::from_vec))
}

fn readinto(t: &Thread, v: &Value, target: &Value) -> PyResult {
    let fd = this!(v, FileIo).fd_to_read(t)?;
    let target = base::writable(t, target, "readinto")?;
    let got = read_fd(t, fd, target.as_mut_slice())?;
    Ok(got.map_or(Value::NONE, |n| Value::int(n as i64)))
}

fn write(t: &Thread, v: &Value, data: &Value) -> PyResult {
    let fd = this!(v, FileIo).fd_to_write(t)?;
    let data = buffer::get(t, data, Request::Read)?;
    let put = write_fd(t, fd, data.as_slice())?;
    Ok(put.map_or(Value::NONE, |n| Value::int(n as i64)))
}

/// An offset; TypeError "an integer is required" for floats.
fn offset(t: &Thread, v: &Value) -> PyResult<i64> {
    if v.as_float().is_some() {
        return Err(raise::type_error(t, "an integer is required"));
    }
    protocol::index_i64(t, v)
}

fn seek(t: &Thread, b: &Bound<'_>) -> PyResult {
    let fd = open_fd(t, b.req(0))?;
    let whence = b.opt(2).map_or(Ok(0), |w| posix::files::fd(t, w))?;
    let at = seek_fd(t, fd, offset(t, b.req(1))?, whence)?;
    Ok(Value::int(at))
}

fn tell(t: &Thread, v: &Value) -> PyResult {
    let fd = open_fd(t, v)?;
    Ok(Value::int(seek_fd(t, fd, 0, libc::SEEK_CUR)?))
}

fn truncate(t: &Thread, b: &Bound<'_>) -> PyResult {
    let fd = this!(b.req(0), FileIo).fd_to_write(t)?;
    let size = match b.non_none(1) {
        Some(size) => size.clone(),
        None => Value::int(seek_fd(t, fd, 0, libc::SEEK_CUR)?),
    };
    let length = offset(t, &size)?;
    // SAFETY: changes a file only.
    posix::retry(t, None, || unsafe { libc::ftruncate(fd, length) }.into())?;
    Ok(size)
}

/// Whether the descriptor has a position that can be moved.
pub fn is_seekable(t: &Thread, v: &Value) -> PyResult<bool> {
    let fd = open_fd(t, v)?;
    let this = this!(v, FileIo);
    let known = this.seekable.load(Relaxed);
    if known >= 0 {
        return Ok(known == 1);
    }
    // SAFETY: asks for a position.
    let seekable = unsafe { libc::lseek(fd, 0, libc::SEEK_CUR) } >= 0;
    this.seekable.store(seekable.into(), Relaxed);
    Ok(seekable)
}

fn isatty(t: &Thread, v: &Value) -> PyResult {
    let fd = open_fd(t, v)?;
    // SAFETY: asks about a number.
    Ok(Value::bool(t.detached(|| unsafe { libc::isatty(fd) }) == 1))
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, FileIo);
    let class = v.class().display_name();
    let fd = this.fd();
    if fd < 0 {
        return Ok(str::from_str(&format!("<{class} [closed]>")));
    }
    let (mode, closefd) = (this.mode_text(), if this.closefd.load(Relaxed) { "True" } else { "False" });
    let text = match protocol::lookup_attr(t, v, &n().name)? {
        None => format!("<{class} fd={fd} mode='{mode}' closefd={closefd}>"),
        Some(name) => {
            let name = protocol::repr(t, &name)?;
            format!("<{class} name={} mode='{mode}' closefd={closefd}>", str::lossy(&name))
        }
    };
    Ok(str::from_str(&text))
}

fn last_errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}
