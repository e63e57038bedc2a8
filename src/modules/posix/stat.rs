//! What the system knows of files: `stat` and its kin, permissions, owners, times.

use super::files::fd;
use super::path::{self, Place};
use super::{retry, retry_at};
use crate::object::args::Bound;
use crate::object::audit;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::tuple;
use crate::object::value::Value;
use crate::types::struct_sequence;

crate::struct_sequence! {
    pub StatResult, STAT_RESULT, STAT_SPEC: "os", "stat_result",
    "stat_result: Result from stat, fstat, or lstat.\n\nThis object may be accessed either as a tuple of\n  (mode, ino, dev, nlink, uid, gid, size, atime, mtime, ctime)\nor via the attributes st_mode, st_ino, st_dev, st_nlink, st_uid, and so on.\n\nPosix/windows: If your platform supports st_blksize, st_blocks, st_rdev,\nor st_flags, they are available as attributes only.\n\nSee os.stat for more information.";
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

crate::struct_sequence! {
    pub StatvfsResult, STATVFS_RESULT, STATVFS_SPEC: "os", "statvfs_result",
    "statvfs_result: Result from statvfs or fstatvfs.\n\nThis object may be accessed either as a tuple of\n  (bsize, frsize, blocks, bfree, bavail, files, ffree, favail, flag, namemax),\nor via the attributes f_bsize, f_frsize, f_blocks, f_bfree, and so on.\n\nSee os.statvfs for more information.";
    visible 10; flags 0;
    0 f_bsize "";
    1 f_frsize "";
    2 f_blocks "";
    3 f_bfree "";
    4 f_bavail "";
    5 f_files "";
    6 f_ffree "";
    7 f_favail "";
    8 f_flag "";
    9 f_namemax "";
    10 f_fsid "";
}

/// Readies the types of this file.
pub fn init() {
    struct_sequence::finish::<StatResult>();
    struct_sequence::finish::<StatvfsResult>();
}

fn stat_value(s: &libc::stat) -> Value {
    let int = |n: i64| Value::int(n);
    let ns = |s: i64, ns: i64| Value::int(s.saturating_mul(1_000_000_000).saturating_add(ns));
    let float = |s: i64, ns: i64| Value::float(s as f64 + 1e-9 * ns as f64);
    struct_sequence::make::<StatResult>(vec![
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

/// `stat` of a path or descriptor.
pub fn stat_place(t: &Thread, place: &Place, dir: i32, follow: bool) -> PyResult {
    // SAFETY: an all-zero `stat` is valid.
    let mut s: libc::stat = unsafe { std::mem::zeroed() };
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    // SAFETY: terminated paths; writes `s`.
    retry_at(t, place, |at| unsafe {
        match at {
            Ok(p) => libc::fstatat(dir, p, &mut s, flags),
            Err(fd) => libc::fstat(fd, &mut s),
        }
    })?;
    Ok(stat_value(&s))
}

fn stat(t: &Thread, b: &Bound<'_>) -> PyResult {
    let place = path::place(t, "stat", Some(b.req(0)), false)?;
    let dir = path::dir_fd(t, b.opt(1))?;
    let follow = path::flag(t, b.opt(2), true)?;
    place.check_dir_fd(t, "stat", dir)?;
    place.check_follow(t, "stat", follow)?;
    stat_place(t, &place, dir, follow)
}

fn lstat(t: &Thread, b: &Bound<'_>) -> PyResult {
    let place = Place::Path(path::arg(t, "lstat", b.req(0))?);
    stat_place(t, &place, path::dir_fd(t, b.opt(1))?, false)
}

fn fstat(t: &Thread, b: &Bound<'_>) -> PyResult {
    let fd = fd(t, b.req(0))?;
    // SAFETY: an all-zero `stat` is valid.
    let mut s: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: writes `s`.
    retry(t, None, || unsafe { libc::fstat(fd, &mut s) }.into())?;
    Ok(stat_value(&s))
}

fn access(t: &Thread, b: &Bound<'_>) -> PyResult {
    let path = path::arg(t, "access", b.req(0))?;
    let mode = fd(t, b.req(1))?;
    let dir = path::dir_fd(t, b.opt(2))?;
    let mut flags = if path::flag(t, b.opt(3), false)? { libc::AT_EACCESS } else { 0 };
    if !path::flag(t, b.opt(4), true)? {
        flags |= libc::AT_SYMLINK_NOFOLLOW;
    }
    // SAFETY: a terminated path.
    Ok(Value::bool(t.detached(|| unsafe { libc::faccessat(dir, path.text.as_ptr(), mode, flags) }) == 0))
}

fn chmod(t: &Thread, b: &Bound<'_>) -> PyResult {
    let place = path::place(t, "chmod", Some(b.req(0)), false)?;
    let mode = fd(t, b.req(1))? as libc::mode_t;
    let dir = path::dir_fd(t, b.opt(2))?;
    let follow = path::flag(t, b.opt(3), true)?;
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    audit::event(t, "os.chmod", || [b.req(0).clone(), Value::int(mode.into()), audit::folder(dir)])?;
    // SAFETY: terminated paths.
    let result = retry_at(t, &place, |at| unsafe {
        match at {
            Ok(p) => libc::fchmodat(dir, p, mode, flags),
            Err(fd) => libc::fchmod(fd, mode),
        }
    });
    result.map(|_| Value::NONE)
}

fn fchmod(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (n, mode) = (fd(t, b.req(0))?, fd(t, b.req(1))? as libc::mode_t);
    audit::event(t, "os.chmod", || [b.req(0).clone(), Value::int(mode.into()), Value::int(-1)])?;
    // SAFETY: changes a file's mode.
    retry(t, None, || unsafe { libc::fchmod(n, mode) }.into())?;
    Ok(Value::NONE)
}

/// A user's or group's id: -1 for "leave as it is".
pub fn id_arg(t: &Thread, v: &Value, what: &str) -> PyResult<u32> {
    if v.class().slots.index.get().is_none() {
        let message = format!("{what} should be integer, not {}", v.class().display_name());
        return Err(raise::type_error(t, message));
    }
    let index = protocol::index(t, v)?;
    match crate::object::bigint::view(&index) {
        Some(crate::object::bigint::IntView::Small(-1)) => Ok(u32::MAX),
        Some(crate::object::bigint::IntView::Small(i)) if i < 0 => {
            Err(raise::overflow_error(t, format!("{what} is less than minimum")))
        }
        Some(crate::object::bigint::IntView::Small(i)) if i <= u32::MAX.into() => Ok(i as u32),
        Some(crate::object::bigint::IntView::Big(i)) if *i < dashu_int::IBig::ZERO => {
            Err(raise::overflow_error(t, format!("{what} is less than minimum")))
        }
        _ => Err(raise::overflow_error(t, format!("{what} is greater than maximum"))),
    }
}

/// An id as Python shows it.
pub fn id_value(id: u32) -> Value {
    if id == u32::MAX { Value::int(-1) } else { Value::int(id.into()) }
}

fn chown(t: &Thread, b: &Bound<'_>) -> PyResult {
    let place = path::place(t, "chown", Some(b.req(0)), false)?;
    let (uid, gid) = (id_arg(t, b.req(1), "uid")?, id_arg(t, b.req(2), "gid")?);
    let dir = path::dir_fd(t, b.opt(3))?;
    let follow = path::flag(t, b.opt(4), true)?;
    place.check_dir_fd(t, "chown", dir)?;
    place.check_follow(t, "chown", follow)?;
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    audit::event(t, "os.chown", || [b.req(0).clone(), b.req(1).clone(), b.req(2).clone(), audit::folder(dir)])?;
    // SAFETY: terminated paths.
    let result = retry_at(t, &place, |at| unsafe {
        match at {
            Ok(p) => libc::fchownat(dir, p, uid, gid, flags),
            Err(fd) => libc::fchown(fd, uid, gid),
        }
    });
    result.map(|_| Value::NONE)
}

fn fchown(t: &Thread, b: &Bound<'_>) -> PyResult {
    let n = fd(t, b.req(0))?;
    let (uid, gid) = (id_arg(t, b.req(1), "uid")?, id_arg(t, b.req(2), "gid")?);
    audit::event(t, "os.chown", || [b.req(0).clone(), b.req(1).clone(), b.req(2).clone(), Value::int(-1)])?;
    // SAFETY: changes a file's owner.
    retry(t, None, || unsafe { libc::fchown(n, uid, gid) }.into())?;
    Ok(Value::NONE)
}

fn lchown(t: &Thread, b: &Bound<'_>) -> PyResult {
    let path = path::arg(t, "lchown", b.req(0))?;
    let (uid, gid) = (id_arg(t, b.req(1), "uid")?, id_arg(t, b.req(2), "gid")?);
    audit::event(t, "os.chown", || [b.req(0).clone(), b.req(1).clone(), b.req(2).clone(), Value::int(-1)])?;
    // SAFETY: a terminated path.
    retry(t, Some(&path.object), || unsafe { libc::lchown(path.text.as_ptr(), uid, gid) }.into())?;
    Ok(Value::NONE)
}

/// A time in seconds, an int or a float, as seconds and nanoseconds, rounded down.
fn seconds(t: &Thread, v: &Value) -> PyResult<libc::timespec> {
    if v.class().slots.index.get().is_some() {
        let n = protocol::index_i64(t, v).or_else(|raised| {
            raise::suppress(t, raised, &crate::object::core_types::exc::OVERFLOW_ERROR)?;
            Err(raise::overflow_error(t, "timestamp out of range for platform time_t"))
        })?;
        return Ok(libc::timespec { tv_sec: n, tv_nsec: 0 });
    }
    let f = protocol::as_f64(t, v)?;
    if f.is_nan() {
        return Err(raise::value_error(t, "Invalid value NaN (not a number)"));
    }
    let mut whole = f.floor();
    let mut ns = ((f - whole) * 1e9).floor();
    if ns >= 1e9 {
        ns -= 1e9;
        whole += 1.0;
    }
    if !(-9.2e18..9.2e18).contains(&whole) {
        return Err(raise::overflow_error(t, "timestamp out of range for platform time_t"));
    }
    Ok(libc::timespec { tv_sec: whole as i64, tv_nsec: ns as i64 })
}

/// A time in nanoseconds, an int.
fn nanoseconds(t: &Thread, v: &Value) -> PyResult<libc::timespec> {
    let parts = protocol::call_values(
        t,
        &protocol::get_item(t, &(crate::object::hooks::get().builtins)(t), &crate::object::names::intern("divmod"))?,
        &[v.clone(), Value::int(1_000_000_000)],
    )?;
    match tuple::items(&parts) {
        [s, ns] => Ok(libc::timespec { tv_sec: protocol::index_i64(t, s)?, tv_nsec: protocol::index_i64(t, ns)? }),
        _ => {
            let message =
                format!("{}.__divmod__() must return a 2-tuple, not {}", v.class().name(), parts.class().name());
            Err(raise::type_error(t, message))
        }
    }
}

fn utime(t: &Thread, b: &Bound<'_>) -> PyResult {
    let place = path::place(t, "utime", Some(b.req(0)), false)?;
    let times = match (b.non_none(1), b.opt(2)) {
        (Some(_), Some(_)) => {
            return Err(raise::value_error(t, "utime: you may specify either 'times' or 'ns' but not both"));
        }
        (Some(pair), None) => match tuple::items(pair) {
            [a, m] => Some([seconds(t, a)?, seconds(t, m)?]),
            _ => return Err(raise::type_error(t, "utime: 'times' must be either a tuple of two ints or None")),
        },
        (None, Some(pair)) => match tuple::items(pair) {
            [a, m] => Some([nanoseconds(t, a)?, nanoseconds(t, m)?]),
            _ => return Err(raise::type_error(t, "utime: 'ns' must be a tuple of two ints")),
        },
        (None, None) => None,
    };
    let dir = path::dir_fd(t, b.opt(3))?;
    let follow = path::flag(t, b.opt(4), true)?;
    place.check_dir_fd(t, "utime", dir)?;
    place.check_follow(t, "utime", follow)?;
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    audit::event(t, "os.utime", || {
        let given = |i: usize| b.opt(i).cloned().unwrap_or(Value::NONE);
        [b.req(0).clone(), given(1), given(2), audit::folder(dir)]
    })?;
    let at_times = times.as_ref().map_or(std::ptr::null(), |x| x.as_ptr());
    // SAFETY: terminated paths; reads two times or none.
    retry_at(t, &place, |at| unsafe {
        match at {
            Ok(p) => libc::utimensat(dir, p, at_times, flags),
            Err(fd) => libc::futimens(fd, at_times),
        }
    })?;
    Ok(Value::NONE)
}

fn statvfs_value(s: &libc::statvfs) -> Value {
    let numbers = [
        s.f_bsize,
        s.f_frsize,
        s.f_blocks,
        s.f_bfree,
        s.f_bavail,
        s.f_files,
        s.f_ffree,
        s.f_favail,
        s.f_flag,
        s.f_namemax,
        s.f_fsid,
    ];
    struct_sequence::make::<StatvfsResult>(numbers.iter().map(|n| Value::uint(*n)).collect())
}

fn statvfs(t: &Thread, b: &Bound<'_>) -> PyResult {
    let place = path::place(t, "statvfs", Some(b.req(0)), false)?;
    // SAFETY: an all-zero struct is valid; the calls write it.
    let mut s: libc::statvfs = unsafe { std::mem::zeroed() };
    // SAFETY: as above; terminated paths.
    retry_at(t, &place, |at| unsafe {
        match at {
            Ok(p) => libc::statvfs(p, &mut s),
            Err(fd) => libc::fstatvfs(fd, &mut s),
        }
    })?;
    Ok(statvfs_value(&s))
}

fn fstatvfs(t: &Thread, v: &Value) -> PyResult {
    let n = fd(t, v)?;
    // SAFETY: an all-zero struct is valid; the call writes it.
    let mut s: libc::statvfs = unsafe { std::mem::zeroed() };
    // SAFETY: as above.
    retry(t, None, || unsafe { libc::fstatvfs(n, &mut s) }.into())?;
    Ok(statvfs_value(&s))
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
        NativeFn::Bound(fstat),
        "Perform a stat system call on the given file descriptor.",
    ),
    Method::new(
        "access",
        "($module, /, path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True)",
        NativeFn::Bound(access),
        "Use the real uid/gid to test for access to a path.",
    ),
    Method::new(
        "chmod",
        "($module, /, path, mode, *, dir_fd=None, follow_symlinks=True)",
        NativeFn::Bound(chmod),
        "Change the access permissions of a file.",
    ),
    Method::new(
        "fchmod",
        "($module, /, fd, mode)",
        NativeFn::Bound(fchmod),
        "Change the access permissions of the file given by file descriptor fd.",
    ),
    Method::new(
        "chown",
        "($module, /, path, uid, gid, *, dir_fd=None, follow_symlinks=True)",
        NativeFn::Bound(chown),
        "Change the owner and group id of path to the numeric uid and gid.",
    ),
    Method::new(
        "fchown",
        "($module, /, fd, uid, gid)",
        NativeFn::Bound(fchown),
        "Change the owner and group id of the file specified by file descriptor.",
    ),
    Method::new(
        "lchown",
        "($module, /, path, uid, gid)",
        NativeFn::Bound(lchown),
        "Change the owner and group id of path to the numeric uid and gid.",
    ),
    Method::new(
        "utime",
        "($module, /, path, times=None, *, ns=<unrepresentable>, dir_fd=None, follow_symlinks=True)",
        NativeFn::Bound(utime),
        "Set the access and modified time of path.",
    ),
    Method::new(
        "statvfs",
        "($module, /, path)",
        NativeFn::Bound(statvfs),
        "Perform a statvfs system call on the given path.",
    ),
    Method::new(
        "fstatvfs",
        "($module, fd, /)",
        NativeFn::F1(fstatvfs),
        "Perform an fstatvfs system call on the given fd.",
    ),
];
