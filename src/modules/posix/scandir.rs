//! Folders' contents: `listdir`, `scandir` and its entries.

use super::path::{self, Place};
use super::stat::{StatResult, stat_place};
use crate::modules::support::{CLASS_GETITEM, put};
use crate::object::args::Bound;
use crate::object::audit;
use crate::object::core_types::exc;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::{Slot, Stored, Value};
use crate::object::{alloc, exception, hooks, list, protocol, str};
use crate::sync::shim::Mutex;
use crate::sys::dir::{self, Folder};
use crate::this;
use crate::types::exceptions::os_error;
use crate::types::struct_sequence;

fn read(t: &Thread, place: &Place) -> PyResult<Vec<dir::Entry>> {
    let found = t.detached(|| match place {
        Place::Path(path) => dir::read(Folder::Path(&path.text)),
        Place::Fd { fd, .. } => dir::read(Folder::Fd(*fd)),
    });
    found.map_err(|e| os_error::from_io(t, &e, place.object().non_none()))
}

/// A name in the form of the folder's path.
fn like(place: &Place, name: &[u8]) -> Value {
    match place {
        Place::Path(path) => path.like(name),
        Place::Fd { .. } => path::decode(name),
    }
}

fn listdir(t: &Thread, b: &Bound<'_>) -> PyResult {
    let place = path::place(t, "listdir", b.opt(0), true)?;
    audit::event(t, "os.listdir", || [b.opt(0).cloned().unwrap_or(Value::NONE)])?;
    let names = read(t, &place)?;
    Ok(list::from_vec(names.iter().map(|entry| like(&place, &entry.name)).collect()))
}

/// The payload of `DirEntry`.
pub struct DirEntry {
    name: Stored,
    path: Stored,
    /// `DT_*`
    kind: u8,
    inode: u64,
    /// The descriptor that was read, or `AT_FDCWD`.
    dir: i32,
    stat: Slot,
    lstat: Slot,
}

/// The payload of `scandir`'s iterator.
pub struct ScanDir {
    /// Entries to come, last first.
    left: Mutex<Vec<Stored>>,
    /// Whether nobody closed it and it is not exhausted.
    open: crate::sync::shim::atomic::AtomicBool,
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
        exception::visit_slot(&self.stat, visit);
        exception::visit_slot(&self.lstat, visit);
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
    let place = path::place(t, "scandir", b.opt(0), true)?;
    audit::event(t, "os.scandir", || [b.opt(0).cloned().unwrap_or(Value::NONE)])?;
    let mut left = Vec::new();
    for found in read(t, &place)? {
        let name = like(&place, &found.name);
        let (full, dir) = match &place {
            Place::Path(folder) => {
                (folder.like(dir::join(folder.text.as_bytes(), &found.name).as_bytes()), libc::AT_FDCWD)
            }
            Place::Fd { fd, .. } => (name.clone(), *fd),
        };
        let entry = DirEntry {
            name: Stored::new(name),
            path: Stored::new(full),
            kind: found.kind,
            inode: found.inode,
            dir,
            stat: Slot::empty(),
            lstat: Slot::empty(),
        };
        left.push(Stored::new(alloc::new(&DIR_ENTRY, entry)));
    }
    left.reverse();
    Ok(alloc::new(&SCANDIR, ScanDir { left: Mutex::new(left), open: crate::sync::shim::atomic::AtomicBool::new(true) }))
}

fn scan_next(_: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let this = this!(v, ScanDir);
    let next = this.left.lock().pop();
    if next.is_none() {
        this.open.store(false, crate::sync::shim::atomic::Ordering::Relaxed);
    }
    Ok(next.map(Stored::into_value))
}

fn scan_close(_: &Thread, v: &Value) -> PyResult {
    let this = this!(v, ScanDir);
    this.open.store(false, crate::sync::shim::atomic::Ordering::Relaxed);
    let left = std::mem::take(&mut *this.left.lock());
    drop(left);
    Ok(Value::NONE)
}

/// Warns where an iterator ends that is neither exhausted nor closed.
fn scan_finalize(t: &Thread, v: &Value) {
    if this!(v, ScanDir).open.swap(false, crate::sync::shim::atomic::Ordering::Relaxed) {
        let message = format!("unclosed scandir iterator {}", protocol::repr_lossy(t, v));
        if let Err(raised) = (hooks::get().warn)(t, &exc::RESOURCE_WARNING.as_value(), &message, 1) {
            let e = raise::take(t, raised);
            (hooks::get().unraisable)(t, e, "", Some(v));
        }
    }
}

static SCAN_SPEC: TypeSpec = TypeSpec {
    slots: SlotTable {
        iter: Some(crate::modules::support::iter_self),
        next: Some(scan_next),
        finalize: Some(scan_finalize),
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

fn entry_stat(t: &Thread, v: &Value, follow: bool) -> PyResult {
    let e = this!(v, DirEntry);
    let slot = if follow { &e.stat } else { &e.lstat };
    if let Some(known) = slot.load() {
        return Ok(known);
    }
    // What is no link is the same either way.
    let follow = follow && (e.kind == libc::DT_LNK || e.kind == libc::DT_UNKNOWN);
    let result = stat_place(t, &Place::Path(path::arg(t, "DirEntry", &e.path)?), e.dir, follow)?;
    put(t, v, slot, Some(result.clone()));
    Ok(result)
}

fn is_kind(t: &Thread, b: &Bound<'_>, kind: u8, mode: u32) -> PyResult {
    let v = b.req(0);
    let follow = path::flag(t, b.opt(1), true)?;
    let e = this!(v, DirEntry);
    if e.kind != libc::DT_UNKNOWN && !(follow && e.kind == libc::DT_LNK) {
        return Ok(Value::bool(e.kind == kind));
    }
    match entry_stat(t, v, follow) {
        Ok(s) => {
            let found = struct_sequence::field::<StatResult>(&s, 0);
            Ok(Value::bool(found.as_small_int().is_some_and(|m| m as u32 & libc::S_IFMT == mode)))
        }
        Err(raised) => raise::suppress(t, raised, &exc::FILE_NOT_FOUND_ERROR).map(|()| Value::FALSE),
    }
}

fn is_symlink(t: &Thread, v: &Value) -> PyResult {
    let e = this!(v, DirEntry);
    if e.kind != libc::DT_UNKNOWN {
        return Ok(Value::bool(e.kind == libc::DT_LNK));
    }
    let s = entry_stat(t, v, false)?;
    let mode = struct_sequence::field::<StatResult>(&s, 0);
    Ok(Value::bool(mode.as_small_int().is_some_and(|m| m as u32 & libc::S_IFMT == libc::S_IFLNK)))
}

static ENTRY_SPEC: TypeSpec = TypeSpec {
    slots: SlotTable {
        repr: Some(|t, v| {
            let name = protocol::repr_lossy(t, &this!(v, DirEntry).name);
            Ok(str::from_str(&format!("<DirEntry {name}>")))
        }),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new(
            "is_dir",
            "($self, /, *, follow_symlinks=True)",
            NativeFn::Bound(|t, b| is_kind(t, b, libc::DT_DIR, libc::S_IFDIR)),
            "Return True if the entry is a directory; cached per entry.",
        ),
        Method::new(
            "is_file",
            "($self, /, *, follow_symlinks=True)",
            NativeFn::Bound(|t, b| is_kind(t, b, libc::DT_REG, libc::S_IFREG)),
            "Return True if the entry is a file; cached per entry.",
        ),
        Method::new(
            "is_symlink",
            "($self, /)",
            NativeFn::F1(is_symlink),
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
            NativeFn::Bound(|t, b| entry_stat(t, b.req(0), path::flag(t, b.opt(1), true)?)),
            "Return stat_result object for the entry; cached per entry.",
        ),
        Method::new(
            "inode",
            "($self, /)",
            NativeFn::F1(|_, v| Ok(Value::uint(this!(v, DirEntry).inode))),
            "Return inode of the entry; cached per entry.",
        ),
        Method::new(
            "__fspath__",
            "($self, /)",
            NativeFn::F1(|_, v| Ok((*this!(v, DirEntry).path).clone())),
            "Returns the path for the entry.",
        ),
        CLASS_GETITEM,
    ],
    getset: &[
        GetSet::read_only(
            "name",
            |_, v| Ok((*this!(v, DirEntry).name).clone()),
            "the entry's base filename, relative to scandir() \"path\" argument",
        )
        .as_member(),
        GetSet::read_only(
            "path",
            |_, v| Ok((*this!(v, DirEntry).path).clone()),
            "the entry's full path name; equivalent to os.path.join(scandir_path, entry.name)",
        )
        .as_member(),
    ],
    ..TypeSpec::new("posix", "DirEntry", layout_of::<DirEntry>(true))
};

pub static FUNCTIONS: &[Method] = &[
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
];
