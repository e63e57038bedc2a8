//! Names in the file system.

use super::files::fd;
use super::path::{self, Path};
use super::retry;
use crate::object::alloc;
use crate::object::args::Bound;
use crate::object::list;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::str;
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::{Slot, Stored, Value};
use parking_lot::Mutex;

crate::struct_sequence! {
    pub StatResult, STAT_RESULT, STAT_SPEC: "os", "stat_result",
    "stat_result: Result from stat, fstat, or lstat.";
    visible 10; flags 0;
    0 st_mode "protection bits";
    1 st_ino "inode";
    2 st_dev "device";
    3 st_nlink "number of hard links";
    4 st_uid "user ID of owner";
    5 st_gid "group ID of owner";
    6 st_size "total size, in bytes";
    7 _ "integer time of last access";
    8 _ "integer time of last modification";
    9 _ "integer time of last change";
    10 st_atime "time of last access";
    11 st_mtime "time of last modification";
    12 st_ctime "time of last change";
    13 st_atime_ns "time of last access in nanoseconds";
    14 st_mtime_ns "time of last modification in nanoseconds";
    15 st_ctime_ns "time of last change in nanoseconds";
    16 st_blksize "blocksize for filesystem I/O";
    17 st_blocks "number of blocks allocated";
    18 st_rdev "device type (if inode device)";
}

/// Readies the types of this file.
pub fn init() {
    crate::types::struct_sequence::finish::<StatResult>();
}

fn stat_value(s: &libc::stat) -> Value {
    let int = |n: i64| Value::int(n);
    let ns = |s: i64, ns: i64| Value::int(s.saturating_mul(1_000_000_000).saturating_add(ns));
    let float = |s: i64, ns: i64| Value::float(s as f64 + 1e-9 * ns as f64);
    crate::types::struct_sequence::make::<StatResult>(vec![
        int(s.st_mode.into()),
        Value::uint(s.st_ino),
        Value::uint(s.st_dev),
        Value::uint(s.st_nlink),
        int(s.st_uid.into()),
        int(s.st_gid.into()),
        int(s.st_size),
        int(s.st_atime),
        int(s.st_mtime),
        int(s.st_ctime),
        float(s.st_atime, s.st_atime_nsec),
        float(s.st_mtime, s.st_mtime_nsec),
        float(s.st_ctime, s.st_ctime_nsec),
        ns(s.st_atime, s.st_atime_nsec),
        ns(s.st_mtime, s.st_mtime_nsec),
        ns(s.st_ctime, s.st_ctime_nsec),
        int(s.st_blksize),
        int(s.st_blocks),
        Value::uint(s.st_rdev),
    ])
}

fn stat_path(t: &Thread, path: &Path, dir: i32, follow: bool) -> PyResult {
    // SAFETY: an all-zero `stat` is valid.
    let mut s: libc::stat = unsafe { std::mem::zeroed() };
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    // SAFETY: a terminated path; writes `s`.
    retry(t, Some(&path.object), || unsafe { libc::fstatat(dir, path.text.as_ptr(), &mut s, flags) }.into())?;
    Ok(stat_value(&s))
}

fn stat(t: &Thread, b: &Bound<'_>) -> PyResult {
    if crate::object::bigint::view(b.req(0)).is_some() {
        return fstat(t, b.req(0));
    }
    let path = path::arg(t, "stat", b.req(0))?;
    let dir = b.non_none(1).map_or(Ok(libc::AT_FDCWD), |d| fd(t, d))?;
    let follow = b.opt(2).map_or(Ok(true), |f| protocol::is_true(t, f))?;
    stat_path(t, &path, dir, follow)
}

fn lstat(t: &Thread, b: &Bound<'_>) -> PyResult {
    let path = path::arg(t, "lstat", b.req(0))?;
    let dir = b.non_none(1).map_or(Ok(libc::AT_FDCWD), |d| fd(t, d))?;
    stat_path(t, &path, dir, false)
}

fn fstat(t: &Thread, v: &Value) -> PyResult {
    let fd = fd(t, v)?;
    // SAFETY: an all-zero `stat` is valid.
    let mut s: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: writes `s`.
    retry(t, None, || unsafe { libc::fstat(fd, &mut s) }.into())?;
    Ok(stat_value(&s))
}

fn names_in(t: &Thread, path: &Path) -> PyResult<Vec<(Vec<u8>, Option<std::fs::FileType>)>> {
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    let folder = std::path::PathBuf::from(std::ffi::OsStr::from_bytes(path.text.as_bytes()));
    let read = t.detached(|| -> std::io::Result<Vec<_>> {
        std::fs::read_dir(folder)?.map(|entry| entry.map(|e| (e.file_name().into_vec(), e.file_type().ok()))).collect()
    });
    read.map_err(|e| crate::types::exceptions::os_error::from_io(t, &e, Some(&path.object)))
}

fn default_path(t: &Thread, function: &str, v: Option<&Value>) -> PyResult<Path> {
    match v {
        Some(v) => path::arg(t, function, v),
        None => path::arg(t, function, &str::from_str(".")),
    }
}

fn listdir(t: &Thread, b: &Bound<'_>) -> PyResult {
    let path = default_path(t, "listdir", b.non_none(0))?;
    let names = names_in(t, &path)?;
    Ok(list::from_vec(names.iter().map(|(name, _)| path.like(name)).collect()))
}

/// The payload of `DirEntry`.
pub struct DirEntry {
    name: Stored,
    path: Stored,
    kind: Option<std::fs::FileType>,
    stat: Slot,
    lstat: Slot,
}

/// The payload of `scandir`'s iterator.
pub struct ScanDir {
    /// Entries to come, last first; their values are published when they leave.
    left: Mutex<Vec<Stored>>,
}

pub static DIR_ENTRY: StaticType = StaticType::new(&ENTRY_SPEC);
pub static SCANDIR: StaticType = StaticType::new(&SCAN_SPEC);

// SAFETY: `DIR_ENTRY`'s layout is `DirEntry`.
unsafe impl Payload for DirEntry {
    fn layout_type() -> &'static Type {
        &DIR_ENTRY
    }

    fn trace(&self, visit: Visit) {
        visit(&self.name);
        visit(&self.path);
    }
}

// SAFETY: `SCANDIR`'s layout is `ScanDir`.
unsafe impl Payload for ScanDir {
    fn layout_type() -> &'static Type {
        &SCANDIR
    }

    fn trace(&self, visit: Visit) {
        self.left.lock().iter().for_each(|v| visit(v));
    }

    fn clear(&self) {
        let left = std::mem::take(&mut *self.left.lock());
        drop(left);
    }
}

fn scandir(t: &Thread, b: &Bound<'_>) -> PyResult {
    use std::os::unix::ffi::OsStrExt;
    let path = default_path(t, "scandir", b.non_none(0))?;
    let mut left = Vec::new();
    for (name, kind) in names_in(t, &path)? {
        let folder = std::path::Path::new(std::ffi::OsStr::from_bytes(path.text.as_bytes()));
        let full = folder.join(std::ffi::OsStr::from_bytes(&name));
        let entry = DirEntry {
            name: Stored::new(path.like(&name)),
            path: Stored::new(path.like(full.as_os_str().as_bytes())),
            kind,
            stat: Slot::empty(),
            lstat: Slot::empty(),
        };
        left.push(Stored::new(alloc::new(&DIR_ENTRY, entry)));
    }
    left.reverse();
    Ok(alloc::new(&SCANDIR, ScanDir { left: Mutex::new(left) }))
}

fn scan_close(_: &Thread, v: &Value) -> PyResult {
    if let Some(scan) = v.downcast::<ScanDir>() {
        let left = std::mem::take(&mut *scan.left.lock());
        drop(left);
    }
    Ok(Value::NONE)
}

static SCAN_SPEC: TypeSpec = TypeSpec {
    slots: SlotTable {
        iter: Some(|_, v| Ok(v.clone())),
        next: Some(|_, v| {
            let next = v.downcast::<ScanDir>().and_then(|s| s.left.lock().pop());
            Ok(next.map(Stored::into_value))
        }),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new("__enter__", "($self, /)", NativeFn::F1(|_, v| Ok(v.clone())), ""),
        Method::new(
            "__exit__",
            "($self, /, *exc_info)",
            NativeFn::Raw(|t, args| match args.pos().first() {
                Some(v) => scan_close(t, v),
                None => Ok(Value::NONE),
            }),
            "",
        ),
        Method::new("close", "($self, /)", NativeFn::F1(scan_close), ""),
    ],
    ..TypeSpec::new("posix", "ScandirIterator", layout_of::<ScanDir>(true))
};

fn entry<'a>(t: &Thread, v: &'a Value) -> PyResult<&'a DirEntry> {
    v.downcast().ok_or_else(|| raise::type_error(t, "a DirEntry is required"))
}

fn entry_stat(t: &Thread, v: &Value, follow: bool) -> PyResult {
    let e = entry(t, v)?;
    let slot = if follow { &e.stat } else { &e.lstat };
    if let Some(known) = slot.load() {
        return Ok(known);
    }
    let result = stat_path(t, &path::arg(t, "stat", &e.path)?, libc::AT_FDCWD, follow)?;
    let old = match v.header() {
        Some(header) => {
            let _guard = t.lock(header);
            slot.swap(Some(result.clone()))
        }
        None => None,
    };
    drop(old);
    Ok(result)
}

fn is_kind(t: &Thread, b: &Bound<'_>, test: fn(&std::fs::FileType) -> bool, mode: u32) -> PyResult {
    let v = b.req(0);
    let follow = b.opt(1).map_or(Ok(true), |f| protocol::is_true(t, f))?;
    let e = entry(t, v)?;
    if let Some(kind) = &e.kind
        && (!follow || !kind.is_symlink())
    {
        return Ok(Value::bool(test(kind)));
    }
    match entry_stat(t, v, follow) {
        Ok(s) => {
            let found = crate::types::struct_sequence::field::<StatResult>(&s, 0);
            Ok(Value::bool(found.as_small_int().is_some_and(|m| m as u32 & libc::S_IFMT == mode)))
        }
        Err(raised) => {
            raise::suppress(t, raised, &crate::object::core_types::exc::FILE_NOT_FOUND_ERROR).map(|()| Value::FALSE)
        }
    }
}

static ENTRY_SPEC: TypeSpec = TypeSpec {
    slots: SlotTable {
        repr: Some(|t, v| {
            let name = protocol::repr_lossy(t, &entry(t, v)?.name);
            Ok(str::from_str(&format!("<DirEntry {name}>")))
        }),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new(
            "is_dir",
            "($self, /, *, follow_symlinks=True)",
            NativeFn::Bound(|t, b| is_kind(t, b, std::fs::FileType::is_dir, libc::S_IFDIR)),
            "Return True if the entry is a directory; cached per entry.",
        ),
        Method::new(
            "is_file",
            "($self, /, *, follow_symlinks=True)",
            NativeFn::Bound(|t, b| is_kind(t, b, std::fs::FileType::is_file, libc::S_IFREG)),
            "Return True if the entry is a file; cached per entry.",
        ),
        Method::new(
            "is_symlink",
            "($self, /)",
            NativeFn::F1(|t, v| Ok(Value::bool(entry(t, v)?.kind.is_some_and(|k| k.is_symlink())))),
            "Return True if the entry is a symbolic link; cached per entry.",
        ),
        Method::new(
            "is_junction",
            "($self, /)",
            NativeFn::F1(|_, _| Ok(Value::FALSE)),
            "Return True if the entry is a junction; cached per entry.",
        ),
        Method::new(
            "stat",
            "($self, /, *, follow_symlinks=True)",
            NativeFn::Bound(|t, b| {
                let follow = b.opt(1).map_or(Ok(true), |f| protocol::is_true(t, f))?;
                entry_stat(t, b.req(0), follow)
            }),
            "Return stat_result object for the entry; cached per entry.",
        ),
        Method::new(
            "inode",
            "($self, /)",
            NativeFn::F1(|t, v| {
                let s = entry_stat(t, v, false)?;
                Ok(crate::types::struct_sequence::field::<StatResult>(&s, 1))
            }),
            "Return inode of the entry; cached per entry.",
        ),
        Method::new(
            "__fspath__",
            "($self, /)",
            NativeFn::F1(|t, v| Ok((*entry(t, v)?.path).clone())),
            "Returns the path for the entry.",
        ),
    ],
    getset: &[
        GetSet::read_only(
            "name",
            |t, v| Ok((*entry(t, v)?.name).clone()),
            "the entry's base filename, relative to scandir() \"path\" argument",
        ),
        GetSet::read_only(
            "path",
            |t, v| Ok((*entry(t, v)?.path).clone()),
            "the entry's full path name; equivalent to os.path.join(scandir_path, entry.name)",
        ),
    ],
    ..TypeSpec::new("posix", "DirEntry", layout_of::<DirEntry>(true))
};

fn getcwd_bytes(t: &Thread) -> PyResult<Vec<u8>> {
    use std::os::unix::ffi::OsStringExt;
    match std::env::current_dir() {
        Ok(path) => Ok(path.into_os_string().into_vec()),
        Err(e) => Err(crate::types::exceptions::os_error::from_io(t, &e, None)),
    }
}

/// A call with one path.
fn on_path(t: &Thread, name: &str, v: &Value, call: impl Fn(*const libc::c_char) -> i32) -> PyResult {
    let path = path::arg(t, name, v)?;
    retry(t, Some(&path.object), || call(path.text.as_ptr()).into())?;
    Ok(Value::NONE)
}

fn mkdir(t: &Thread, b: &Bound<'_>) -> PyResult {
    let mode = b.opt(1).map_or(Ok(0o777), |m| protocol::index_i64(t, m))? as libc::mode_t;
    // SAFETY: a terminated path.
    on_path(t, "mkdir", b.req(0), |p| unsafe { libc::mkdir(p, mode) })
}

fn rmdir(t: &Thread, b: &Bound<'_>) -> PyResult {
    // SAFETY: a terminated path.
    on_path(t, "rmdir", b.req(0), |p| unsafe { libc::rmdir(p) })
}

fn unlink(t: &Thread, b: &Bound<'_>) -> PyResult {
    // SAFETY: a terminated path.
    on_path(t, "unlink", b.req(0), |p| unsafe { libc::unlink(p) })
}

fn chdir(t: &Thread, v: &Value) -> PyResult {
    // SAFETY: a terminated path.
    on_path(t, "chdir", v, |p| unsafe { libc::chdir(p) })
}

fn chmod(t: &Thread, b: &Bound<'_>) -> PyResult {
    let mode = protocol::index_i64(t, b.req(1))? as libc::mode_t;
    // SAFETY: a terminated path.
    on_path(t, "chmod", b.req(0), |p| unsafe { libc::chmod(p, mode) })
}

fn rename(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (from, to) = (path::arg(t, "rename", b.req(0))?, path::arg(t, "rename", b.req(1))?);
    // SAFETY: terminated paths.
    let result =
        t.detached(|| unsafe { (libc::rename(from.text.as_ptr(), to.text.as_ptr()), *libc::__errno_location()) });
    if result.0 != 0 {
        return Err(crate::types::exceptions::os_error::from_errno(t, result.1, Some(b.req(0)), Some(b.req(1))));
    }
    Ok(Value::NONE)
}

fn symlink(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (from, to) = (path::arg(t, "symlink", b.req(0))?, path::arg(t, "symlink", b.req(1))?);
    // SAFETY: terminated paths.
    retry(t, Some(&from.object), || unsafe { libc::symlink(from.text.as_ptr(), to.text.as_ptr()) }.into())?;
    Ok(Value::NONE)
}

fn readlink(t: &Thread, b: &Bound<'_>) -> PyResult {
    let path = path::arg(t, "readlink", b.req(0))?;
    let mut buffer = vec![0u8; 4096];
    let n = retry(t, Some(&path.object), || {
        // SAFETY: a terminated path; writes at most the buffer's length.
        unsafe { libc::readlink(path.text.as_ptr(), buffer.as_mut_ptr().cast(), 4096) as i64 }
    })?;
    Ok(path.like(&buffer[..n as usize]))
}

fn access(t: &Thread, b: &Bound<'_>) -> PyResult {
    let path = path::arg(t, "access", b.req(0))?;
    let mode = protocol::index_i64(t, b.req(1))? as i32;
    // SAFETY: a terminated path.
    Ok(Value::bool(t.detached(|| unsafe { libc::access(path.text.as_ptr(), mode) }) == 0))
}

fn utime(t: &Thread, b: &Bound<'_>) -> PyResult {
    let path = path::arg(t, "utime", b.req(0))?;
    let spec = |ns: i64| libc::timespec { tv_sec: ns.div_euclid(1_000_000_000), tv_nsec: ns.rem_euclid(1_000_000_000) };
    let times = match (b.non_none(1), b.opt(2)) {
        (Some(_), Some(_)) => {
            return Err(raise::value_error(t, "utime: you may specify either 'times' or 'ns' but not both"));
        }
        (Some(pair), None) => match crate::object::tuple::items(pair) {
            [a, m] => {
                let (a, m) = (protocol::as_f64(t, a)?, protocol::as_f64(t, m)?);
                Some([spec((a * 1e9) as i64), spec((m * 1e9) as i64)])
            }
            _ => return Err(raise::type_error(t, "utime: 'times' must be either a tuple of two ints or None")),
        },
        (None, Some(pair)) => match crate::object::tuple::items(pair) {
            [a, m] => Some([spec(protocol::index_i64(t, a)?), spec(protocol::index_i64(t, m)?)]),
            _ => return Err(raise::type_error(t, "utime: 'ns' must be a tuple of two ints")),
        },
        (None, None) => None,
    };
    let at = times.as_ref().map_or(std::ptr::null(), |x| x.as_ptr());
    // SAFETY: a terminated path; reads two times or none.
    retry(t, Some(&path.object), || unsafe { libc::utimensat(libc::AT_FDCWD, path.text.as_ptr(), at, 0) }.into())?;
    Ok(Value::NONE)
}

pub static FUNCTIONS: &[Method] = &[
    Method::new(
        "stat",
        "($module, /, path, *, dir_fd=None, follow_symlinks=True)",
        NativeFn::Bound(stat),
        "Perform a stat system call on the given path.",
    ),
    Method::new(
        "lstat",
        "($module, /, path, *, dir_fd=None)",
        NativeFn::Bound(lstat),
        "Perform a stat system call on the given path, without following symbolic links.",
    ),
    Method::new(
        "fstat",
        "($module, /, fd)",
        NativeFn::F1(fstat),
        "Perform a stat system call on the given file descriptor.",
    ),
    Method::new(
        "listdir",
        "($module, /, path=None)",
        NativeFn::Bound(listdir),
        "Return a list containing the names of the files in the directory.",
    ),
    Method::new(
        "scandir",
        "($module, /, path=None)",
        NativeFn::Bound(scandir),
        "Return an iterator of DirEntry objects for given path.",
    ),
    Method::new(
        "getcwd",
        "($module, /)",
        NativeFn::F0(|t| getcwd_bytes(t).map(|b| path::decode(&b))),
        "Return a unicode string representing the current working directory.",
    ),
    Method::new(
        "getcwdb",
        "($module, /)",
        NativeFn::F0(|t| getcwd_bytes(t).map(crate::types::bytes::payload::from_vec)),
        "Return a bytes string representing the current working directory.",
    ),
    Method::new("mkdir", "($module, /, path, mode=511, *, dir_fd=None)", NativeFn::Bound(mkdir), "Create a directory."),
    Method::new("rmdir", "($module, /, path, *, dir_fd=None)", NativeFn::Bound(rmdir), "Remove a directory."),
    Method::new(
        "unlink",
        "($module, /, path, *, dir_fd=None)",
        NativeFn::Bound(unlink),
        "Remove a file (same as remove()).",
    ),
    Method::new(
        "remove",
        "($module, /, path, *, dir_fd=None)",
        NativeFn::Bound(unlink),
        "Remove a file (same as unlink()).",
    ),
    Method::new(
        "rename",
        "($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None)",
        NativeFn::Bound(rename),
        "Rename a file or directory.",
    ),
    Method::new(
        "replace",
        "($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None)",
        NativeFn::Bound(rename),
        "Rename a file or directory, overwriting the destination.",
    ),
    Method::new(
        "symlink",
        "($module, /, src, dst, target_is_directory=False, *, dir_fd=None)",
        NativeFn::Bound(symlink),
        "Create a symbolic link pointing to src named dst.",
    ),
    Method::new(
        "readlink",
        "($module, /, path, *, dir_fd=None)",
        NativeFn::Bound(readlink),
        "Return a string representing the path to which the symbolic link points.",
    ),
    Method::new(
        "chdir",
        "($module, /, path)",
        NativeFn::F1(chdir),
        "Change the current working directory to the specified path.",
    ),
    Method::new(
        "chmod",
        "($module, /, path, mode, *, dir_fd=None, follow_symlinks=True)",
        NativeFn::Bound(chmod),
        "Change the access permissions of a file.",
    ),
    Method::new(
        "access",
        "($module, /, path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True)",
        NativeFn::Bound(access),
        "Use the real uid/gid to test for access to a path.",
    ),
    Method::new(
        "utime",
        "($module, /, path, times=None, *, ns=<unrepresentable>, dir_fd=None, follow_symlinks=True)",
        NativeFn::Bound(utime),
        "Set the access and modified time of path.",
    ),
];
