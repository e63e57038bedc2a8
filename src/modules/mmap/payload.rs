//! The state of a map.
//!
//! Rules for threads:
//! 1. `state` is touched only under the object's lock; every method copies under the lock and leaves.
//! 2. While `exports` is not zero the mapping stays where it is: closing and resizing raise BufferError. `exports` grows
//!    under the lock only, so who saw zero under the lock is alone.
//! 3. Whoever holds an exported buffer reads and writes without the lock; bytes may tear, as in every Python.

use super::{construct, methods, sequence};
use crate::modules::support::Guarded;
use crate::object::buffer::{Buffer, Request};
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::GetSet;
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::sync::exports::Exports;
use crate::sys::mapping::Mapping;
use crate::this;

/// `ACCESS_*`
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    Default,
    Read,
    Write,
    Copy,
}

/// What the lock guards.
pub struct State {
    /// `None` when closed.
    pub mapping: Option<Mapping>,
    pub position: usize,
    /// A descriptor of our own, -1 for none.
    pub fd: i32,
    pub offset: i64,
    pub access: Access,
    pub flags: i32,
    /// `trackfd`
    pub tracked: bool,
}

impl Drop for State {
    fn drop(&mut self) {
        if self.fd >= 0 {
            // SAFETY: the descriptor is ours.
            unsafe { libc::close(self.fd) };
        }
    }
}

/// The payload of `mmap`.
pub struct Map {
    pub state: Guarded<State>,
    pub exports: Exports,
}

pub static MMAP: StaticType = StaticType::new(&SPEC);

// SAFETY: `MMAP`'s layout is `Map`.
unsafe impl Payload for Map {
    fn layout_type() -> &'static Type {
        &MMAP
    }
}

/// Runs `f` on the state, under the lock.
pub fn with<R>(t: &Thread, v: &Value, f: impl FnOnce(&mut State) -> R) -> R {
    this!(v, Map).state.with(t, v, f)
}

/// Runs `f` on the state and the mapping; ValueError where it is closed.
pub fn open<R>(t: &Thread, v: &Value, f: impl FnOnce(&mut Mapping, &mut usize) -> R) -> PyResult<R> {
    let done = with(t, v, |s| s.mapping.as_mut().map(|m| f(m, &mut s.position)));
    done.ok_or_else(|| raise::value_error(t, "mmap closed or invalid"))
}

/// Raises TypeError where the map must not be written.
pub fn check_writable(t: &Thread, v: &Value) -> PyResult<()> {
    if with(t, v, |s| s.access) == Access::Read {
        return Err(raise::type_error(t, "mmap can't modify a readonly memory map."));
    }
    Ok(())
}

fn export(t: &Thread, v: &Value, request: Request) -> PyResult<Buffer> {
    let this = this!(v, Map);
    let readonly = with(t, v, |s| s.access) == Access::Read;
    if readonly && request == Request::Write {
        return Err(raise::buffer_error(t, "Object is not writable."));
    }
    let (data, len) = open(t, v, |m, _| {
        this.exports.lend();
        (m.data(), m.len())
    })?;
    let release = |v: &Value| this!(v, Map).exports.give_back();
    Ok(Buffer::bytes(v.clone(), data, len, readonly, Some(release)))
}

static SPEC: TypeSpec = TypeSpec {
    doc: "Maps length bytes from the file specified by the file descriptor fileno,\nand returns a mmap object.",
    slots: SlotTable {
        new: Some(construct::new),
        repr: Some(methods::repr),
        len: Some(|t, v| open(t, v, |m, _| m.len())),
        getitem: Some(sequence::getitem),
        setitem: Some(sequence::setitem),
        buffer: Some(export),
        ..SlotTable::EMPTY
    },
    methods: methods::METHODS,
    getset: &[GetSet::read_only("closed", |t, v| Ok(Value::bool(with(t, v, |s| s.mapping.is_none()))), "")],
    flags: flag::BASETYPE | flag::HAS_WEAKREFS,
    ..TypeSpec::new("mmap", "mmap", layout_of::<Map>(false))
};
