//! Names in the file system: folders, links, special files, extended attributes.

use super::files::fd;
use super::path::{self, Path, Place};
use super::{retry, retry_at};
use crate::object::args::Bound;
use crate::object::audit;
use crate::object::buffer::{self, Request};
use crate::object::list;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::types::bytes::payload as bytes;
use crate::types::exceptions::os_error;

fn getcwd_bytes(t: &Thread) -> PyResult<Vec<u8>> {
    use std::os::unix::ffi::OsStringExt;
    match std::env::current_dir() {
        Ok(path) => Ok(path.into_os_string().into_vec()),
        Err(e) => Err(os_error::from_io(t, &e, None)),
    }
}

/// A call with one path.
fn on_path(t: &Thread, name: &str, v: &Value, call: impl Fn(*const libc::c_char) -> i32) -> PyResult {
    let path = path::arg(t, name, v)?;
    retry(t, Some(&path.object), || call(path.text.as_ptr()).into())?;
    Ok(Value::NONE)
}

/// A call with two paths, both of which an error names.
fn on_paths(
    t: &Thread,
    from: &Path,
    to: &Path,
    call: impl Fn(*const libc::c_char, *const libc::c_char) -> i32,
) -> PyResult {
    let failed = t.detached(|| {
        let result = call(from.text.as_ptr(), to.text.as_ptr());
        (result != 0).then(std::io::Error::last_os_error)
    });
    match failed {
        None => Ok(Value::NONE),
        Some(e) => {
            let errno = e.raw_os_error().unwrap_or(0);
            Err(os_error::from_errno(t, errno, Some(&from.object), Some(&to.object)))
        }
    }
}

fn mode_arg(t: &Thread, v: Option<&Value>, default: libc::mode_t) -> PyResult<libc::mode_t> {
    v.map_or(Ok(default), |m| Ok(fd(t, m)? as libc::mode_t))
}

fn mkdir(t: &Thread, b: &Bound<'_>) -> PyResult {
    let mode = mode_arg(t, b.opt(1), 0o777)?;
    let dir = path::dir_fd(t, b.opt(2))?;
    audit::event(t, "os.mkdir", || [b.req(0).clone(), Value::int(mode.into()), audit::folder(dir)])?;
    // SAFETY: a terminated path.
    on_path(t, "mkdir", b.req(0), |p| unsafe { libc::mkdirat(dir, p, mode) })
}

fn rmdir(t: &Thread, b: &Bound<'_>) -> PyResult {
    let dir = path::dir_fd(t, b.opt(1))?;
    audit::event(t, "os.rmdir", || [b.req(0).clone(), audit::folder(dir)])?;
    // SAFETY: a terminated path.
    on_path(t, "rmdir", b.req(0), |p| unsafe { libc::unlinkat(dir, p, libc::AT_REMOVEDIR) })
}

fn remove(t: &Thread, b: &Bound<'_>, name: &str) -> PyResult {
    let dir = path::dir_fd(t, b.opt(1))?;
    audit::event(t, "os.remove", || [b.req(0).clone(), audit::folder(dir)])?;
    // SAFETY: a terminated path.
    on_path(t, name, b.req(0), |p| unsafe { libc::unlinkat(dir, p, 0) })
}

fn chdir(t: &Thread, b: &Bound<'_>) -> PyResult {
    let place = path::place(t, "chdir", Some(b.req(0)), false)?;
    audit::event(t, "os.chdir", || [b.req(0).clone()])?;
    // SAFETY: terminated paths.
    retry_at(t, &place, |at| unsafe {
        match at {
            Ok(p) => libc::chdir(p),
            Err(fd) => libc::fchdir(fd),
        }
    })?;
    Ok(Value::NONE)
}

fn fchdir(t: &Thread, b: &Bound<'_>) -> PyResult {
    let n = super::files::fileno(t, b.req(0))?;
    audit::event(t, "os.chdir", || [Value::int(n.into())])?;
    // SAFETY: changes the present folder.
    retry(t, None, || unsafe { libc::fchdir(n) }.into())?;
    Ok(Value::NONE)
}

fn chroot(t: &Thread, b: &Bound<'_>) -> PyResult {
    // SAFETY: a terminated path.
    on_path(t, "chroot", b.req(0), |p| unsafe { libc::chroot(p) })
}

fn rename(t: &Thread, b: &Bound<'_>, name: &str) -> PyResult {
    let (from, to) = (path::arg(t, name, b.req(0))?, path::arg(t, name, b.req(1))?);
    let (from_dir, to_dir) = (path::dir_fd(t, b.opt(2))?, path::dir_fd(t, b.opt(3))?);
    audit::event(t, "os.rename", || {
        [b.req(0).clone(), b.req(1).clone(), audit::folder(from_dir), audit::folder(to_dir)]
    })?;
    // SAFETY: terminated paths.
    on_paths(t, &from, &to, |a, b| unsafe { libc::renameat(from_dir, a, to_dir, b) })
}

fn link(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (from, to) = (path::arg(t, "link", b.req(0))?, path::arg(t, "link", b.req(1))?);
    let (from_dir, to_dir) = (path::dir_fd(t, b.opt(2))?, path::dir_fd(t, b.opt(3))?);
    let flags = if path::flag(t, b.opt(4), true)? { libc::AT_SYMLINK_FOLLOW } else { 0 };
    audit::event(t, "os.link", || {
        [b.req(0).clone(), b.req(1).clone(), audit::folder(from_dir), audit::folder(to_dir)]
    })?;
    // SAFETY: terminated paths.
    on_paths(t, &from, &to, |a, b| unsafe { libc::linkat(from_dir, a, to_dir, b, flags) })
}

fn symlink(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (from, to) = (path::arg(t, "symlink", b.req(0))?, path::arg(t, "symlink", b.req(1))?);
    let dir = path::dir_fd(t, b.opt(3))?;
    audit::event(t, "os.symlink", || [b.req(0).clone(), b.req(1).clone(), audit::folder(dir)])?;
    // SAFETY: terminated paths.
    on_paths(t, &from, &to, |a, b| unsafe { libc::symlinkat(a, dir, b) })
}

fn readlink(t: &Thread, b: &Bound<'_>) -> PyResult {
    let path = path::arg(t, "readlink", b.req(0))?;
    let dir = path::dir_fd(t, b.opt(1))?;
    let mut buffer = vec![0u8; libc::PATH_MAX as usize];
    let n = retry(t, Some(&path.object), || {
        // SAFETY: a terminated path; writes at most the buffer's length.
        unsafe { libc::readlinkat(dir, path.text.as_ptr(), buffer.as_mut_ptr().cast(), buffer.len()) as i64 }
    })?;
    Ok(path.like(&buffer[..n as usize]))
}

fn mkfifo(t: &Thread, b: &Bound<'_>) -> PyResult {
    let mode = mode_arg(t, b.opt(1), 0o666)?;
    let dir = path::dir_fd(t, b.opt(2))?;
    // SAFETY: a terminated path.
    on_path(t, "mkfifo", b.req(0), |p| unsafe { libc::mkfifoat(dir, p, mode) })
}

fn mknod(t: &Thread, b: &Bound<'_>) -> PyResult {
    let mode = mode_arg(t, b.opt(1), 0o600)?;
    let device = b.opt(2).map_or(Ok(0), |v| protocol::index_i64(t, v))? as libc::dev_t;
    let dir = path::dir_fd(t, b.opt(3))?;
    // SAFETY: a terminated path.
    on_path(t, "mknod", b.req(0), |p| unsafe { libc::mknodat(dir, p, mode, device) })
}

fn truncate(t: &Thread, b: &Bound<'_>) -> PyResult {
    let place = path::place(t, "truncate", Some(b.req(0)), false)?;
    let length = protocol::index_i64(t, b.req(1))?;
    audit::event(t, "os.truncate", || [b.req(0).clone(), Value::int(length)])?;
    // SAFETY: terminated paths.
    retry_at(t, &place, |at| unsafe {
        match at {
            Ok(p) => libc::truncate(p, length),
            Err(fd) => libc::ftruncate(fd, length),
        }
    })?;
    Ok(Value::NONE)
}

/// A device number's part: -1 stands for all ones.
fn device_part(t: &Thread, v: &Value) -> PyResult<u32> {
    let n = protocol::index_i64(t, v)?;
    match n {
        -1 => Ok(u32::MAX),
        0..=0xffff_ffff => Ok(n as u32),
        n if n < 0 => Err(raise::overflow_error(t, "can't convert negative int to unsigned")),
        _ => Err(raise::overflow_error(t, "Python int too large to convert to C unsigned int")),
    }
}

fn device(t: &Thread, v: &Value) -> PyResult<u64> {
    let v = protocol::index(t, v)?;
    match crate::object::bigint::view(&v) {
        Some(crate::object::bigint::IntView::Small(i)) if i >= -1 => Ok(i as u64),
        Some(crate::object::bigint::IntView::Big(i)) => u64::try_from(i)
            .map_err(|_| raise::overflow_error(t, "Python int too large to convert to C unsigned long long")),
        _ => Err(raise::overflow_error(t, "can't convert negative int to unsigned")),
    }
}

fn makedev(t: &Thread, major: &Value, minor: &Value) -> PyResult {
    let device = libc::makedev(device_part(t, major)?, device_part(t, minor)?);
    Ok(if device == u64::MAX { Value::int(-1) } else { Value::uint(device) })
}

fn device_value(part: u32) -> PyResult {
    Ok(if part == u32::MAX { Value::int(-1) } else { Value::int(part.into()) })
}

/// A call on a path or descriptor that may stop at a link: the calls for extended attributes.
fn xattr_place(t: &Thread, b: &Bound<'_>, name: &str, follow: usize) -> PyResult<(Place, bool)> {
    let place = path::place(t, name, b.opt(0), name == "listxattr")?;
    let follow = path::flag(t, b.opt(follow), true)?;
    place.check_follow(t, name, follow)?;
    Ok((place, follow))
}

fn getxattr(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (place, follow) = xattr_place(t, b, "getxattr", 2)?;
    let name = path::arg(t, "getxattr", b.req(1))?;
    let mut size = 128;
    loop {
        let mut data = vec![0u8; size];
        let (at, n) = (data.as_mut_ptr().cast::<libc::c_void>(), data.len());
        // SAFETY: terminated texts; writes at most `n` bytes.
        let result = super::retry_at_size(t, &place, |to| unsafe {
            match to {
                Ok(p) if follow => libc::getxattr(p, name.text.as_ptr(), at, n),
                Ok(p) => libc::lgetxattr(p, name.text.as_ptr(), at, n),
                Err(fd) => libc::fgetxattr(fd, name.text.as_ptr(), at, n),
            }
        });
        match result? {
            Some(got) => {
                data.truncate(got);
                return Ok(bytes::from_vec(data));
            }
            None => size = 65536,
        }
    }
}

fn listxattr(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (place, follow) = xattr_place(t, b, "listxattr", 1)?;
    let mut size = 256;
    loop {
        let mut data = vec![0u8; size];
        let (at, n) = (data.as_mut_ptr().cast::<libc::c_char>(), data.len());
        // SAFETY: terminated texts; writes at most `n` bytes.
        let result = super::retry_at_size(t, &place, |to| unsafe {
            match to {
                Ok(p) if follow => libc::listxattr(p, at, n),
                Ok(p) => libc::llistxattr(p, at, n),
                Err(fd) => libc::flistxattr(fd, at, n),
            }
        });
        match result? {
            Some(got) => {
                let names = data[..got].split(|b| *b == 0).filter(|n| !n.is_empty());
                return Ok(list::from_vec(names.map(path::decode).collect()));
            }
            None => size = 65536,
        }
    }
}

fn setxattr(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (place, follow) = xattr_place(t, b, "setxattr", 4)?;
    let name = path::arg(t, "setxattr", b.req(1))?;
    let data = buffer::get(t, b.req(2), Request::Read)?;
    let flags = b.opt(3).map_or(Ok(0), |v| fd(t, v))?;
    let (at, n) = (data.data as usize, data.len);
    // SAFETY: terminated texts; the buffer is held while the call runs.
    retry_at(t, &place, |to| unsafe {
        match to {
            Ok(p) if follow => libc::setxattr(p, name.text.as_ptr(), at as *const _, n, flags),
            Ok(p) => libc::lsetxattr(p, name.text.as_ptr(), at as *const _, n, flags),
            Err(fd) => libc::fsetxattr(fd, name.text.as_ptr(), at as *const _, n, flags),
        }
    })?;
    Ok(Value::NONE)
}

fn removexattr(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (place, follow) = xattr_place(t, b, "removexattr", 2)?;
    let name = path::arg(t, "removexattr", b.req(1))?;
    // SAFETY: terminated texts.
    retry_at(t, &place, |to| unsafe {
        match to {
            Ok(p) if follow => libc::removexattr(p, name.text.as_ptr()),
            Ok(p) => libc::lremovexattr(p, name.text.as_ptr()),
            Err(fd) => libc::fremovexattr(fd, name.text.as_ptr()),
        }
    })?;
    Ok(Value::NONE)
}

pub static FUNCTIONS: &[Method] = &[
    Method::new(
        "getcwd",
        "($module, /)",
        NativeFn::F0(|t| Ok(path::decode(&getcwd_bytes(t)?))),
        "Return a unicode string representing the current working directory.",
    ),
    Method::new(
        "getcwdb",
        "($module, /)",
        NativeFn::F0(|t| Ok(bytes::from_vec(getcwd_bytes(t)?))),
        "Return a bytes string representing the current working directory.",
    ),
    Method::new("mkdir", "($module, /, path, mode=511, *, dir_fd=None)", NativeFn::Bound(mkdir), "Create a directory."),
    Method::new("rmdir", "($module, /, path, *, dir_fd=None)", NativeFn::Bound(rmdir), "Remove a directory."),
    Method::new(
        "unlink",
        "($module, /, path, *, dir_fd=None)",
        NativeFn::Bound(|t, b| remove(t, b, "unlink")),
        "Remove a file (same as remove()).",
    ),
    Method::new(
        "remove",
        "($module, /, path, *, dir_fd=None)",
        NativeFn::Bound(|t, b| remove(t, b, "remove")),
        "Remove a file (same as unlink()).",
    ),
    Method::new(
        "rename",
        "($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None)",
        NativeFn::Bound(|t, b| rename(t, b, "rename")),
        "Rename a file or directory.",
    ),
    Method::new(
        "replace",
        "($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None)",
        NativeFn::Bound(|t, b| rename(t, b, "replace")),
        "Rename a file or directory, overwriting the destination.",
    ),
    Method::new(
        "link",
        "($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None, follow_symlinks=(os.name != 'nt'))",
        NativeFn::Bound(link),
        "Create a hard link to a file.",
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
        NativeFn::Bound(chdir),
        "Change the current working directory to the specified path.",
    ),
    Method::new(
        "fchdir",
        "($module, /, fd)",
        NativeFn::Bound(fchdir),
        "Change to the directory of the given file descriptor.",
    ),
    Method::new("chroot", "($module, /, path)", NativeFn::Bound(chroot), "Change root directory to path."),
    Method::new(
        "mkfifo",
        "($module, /, path, mode=438, *, dir_fd=None)",
        NativeFn::Bound(mkfifo),
        "Create a \"fifo\" (a POSIX named pipe).",
    ),
    Method::new(
        "mknod",
        "($module, /, path, mode=384, device=0, *, dir_fd=None)",
        NativeFn::Bound(mknod),
        "Create a node in the file system.",
    ),
    Method::new(
        "truncate",
        "($module, /, path, length)",
        NativeFn::Bound(truncate),
        "Truncate a file, specified by path, to a specific length.",
    ),
    Method::new(
        "major",
        "($module, device, /)",
        NativeFn::F1(|t, v| device_value(libc::major(device(t, v)?))),
        "Extracts a device major number from a raw device number.",
    ),
    Method::new(
        "minor",
        "($module, device, /)",
        NativeFn::F1(|t, v| device_value(libc::minor(device(t, v)?))),
        "Extracts a device minor number from a raw device number.",
    ),
    Method::new(
        "makedev",
        "($module, major, minor, /)",
        NativeFn::F2(makedev),
        "Composes a raw device number from the major and minor device numbers.",
    ),
    Method::new(
        "getxattr",
        "($module, /, path, attribute, *, follow_symlinks=True)",
        NativeFn::Bound(getxattr),
        "Return the value of extended attribute attribute on path.",
    ),
    Method::new(
        "setxattr",
        "($module, /, path, attribute, value, flags=0, *, follow_symlinks=True)",
        NativeFn::Bound(setxattr),
        "Set extended attribute attribute on path to value.",
    ),
    Method::new(
        "removexattr",
        "($module, /, path, attribute, *, follow_symlinks=True)",
        NativeFn::Bound(removexattr),
        "Remove extended attribute attribute on path.",
    ),
    Method::new(
        "listxattr",
        "($module, /, path=None, *, follow_symlinks=True)",
        NativeFn::Bound(listxattr),
        "Return a list of extended attributes on path.",
    ),
];
