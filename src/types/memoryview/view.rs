//! The payload of memoryview and the buffer that several views share.
//!
//! A view holds a counted reference on a *managed buffer*, which holds what the exporter lent. `release()` gives the
//! reference up; the exporter gets its bytes back when the last view has done so. An operation takes its own reference
//! for as long as it runs, so a release by another thread never pulls the memory away under it.

use crate::object::alloc;
use crate::object::buffer::{self, Buffer, Request};
use crate::object::exception::visit_slot;
use crate::object::raise::{self, PyResult};
use crate::object::slots::Visit;
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::{Slot, Value};
use crate::sync::exports::Exports;
use crate::sync::shim::atomic::AtomicI64;
use crate::sync::slot::Counted;
use smallvec::SmallVec;
use std::borrow::Cow;

/// The payload of a managed buffer.
pub struct Managed {
    buffer: Buffer,
}

// SAFETY: the buffer's description never changes; its bytes are the exporter's business.
unsafe impl Sync for Managed {}

pub static MANAGED: StaticType = StaticType::new(&MANAGED_SPEC);
pub static MANAGED_SPEC: TypeSpec = TypeSpec {
    flags: crate::object::type_object::flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("builtins", "managedbuffer", layout_of::<Managed>(true))
};

// SAFETY: `MANAGED`'s layout is `Managed`.
unsafe impl Payload for Managed {
    fn layout_type() -> &'static Type {
        &MANAGED
    }

    fn trace(&self, visit: Visit) {
        visit(&self.buffer.exporter);
    }
}

/// Sizes by dimension.
pub type Extents = SmallVec<[isize; 1]>;

/// How items lie in memory.
#[derive(Clone)]
pub struct Geometry {
    /// The item at all-zero indices.
    pub data: *mut u8,
    /// Bytes of all items.
    pub len: usize,
    pub item_size: usize,
    pub readonly: bool,
    pub format: Cow<'static, str>,
    pub shape: Extents,
    pub strides: Extents,
}

impl Geometry {
    /// Whether the items lie one after the other in C order.
    pub fn is_c_contiguous(&self) -> bool {
        contiguous(self, self.shape.iter().zip(&self.strides).rev())
    }

    /// Whether the items lie one after the other in Fortran order (first index fastest).
    pub fn is_f_contiguous(&self) -> bool {
        contiguous(self, self.shape.iter().zip(&self.strides))
    }

    /// The strides of items in C order.
    pub fn c_strides(shape: &[isize], item_size: usize) -> Extents {
        let mut stride = item_size as isize;
        let mut strides: Extents = shape
            .iter()
            .rev()
            .map(|&n| {
                let this = stride;
                stride *= n;
                this
            })
            .collect();
        strides.reverse();
        strides
    }

    /// The bytes of the item at `data`, which is inside the buffer, of a format that memoryview knows.
    ///
    /// # Safety
    /// The buffer is alive and `data` points at an item of it.
    pub unsafe fn item(&self, data: *const u8) -> [u8; buffer::MAX_ITEM] {
        // SAFETY: by the caller.
        unsafe { buffer::read_item(data, self.item_size.min(buffer::MAX_ITEM)) }
    }

    /// The bytes of all items in C order, or with the first index fastest.
    ///
    /// # Safety
    /// The buffer is alive.
    pub unsafe fn to_vec(&self, fortran: bool) -> Vec<u8> {
        if !fortran && self.is_c_contiguous() || fortran && self.is_f_contiguous() {
            let mut out = Vec::with_capacity(self.len);
            // SAFETY: by the caller; contiguous.
            unsafe { buffer::read_items(self.data, self.len, self.item_size, &mut out) };
            return out;
        }
        let mut out = Vec::with_capacity(self.len);
        let mut order: Vec<usize> = (0..self.shape.len()).collect();
        if fortran {
            order.reverse();
        }
        // SAFETY: by the caller.
        unsafe { self.gather(&order, self.data, &mut out) };
        out
    }

    unsafe fn gather(&self, order: &[usize], data: *const u8, out: &mut Vec<u8>) {
        let Some((&dimension, inner)) = order.split_first() else {
            // SAFETY: by the caller.
            return unsafe { buffer::read_items(data, self.item_size, self.item_size, out) };
        };
        for i in 0..self.shape[dimension] {
            // SAFETY: the exporter vouches that shape and strides stay inside its memory.
            unsafe { self.gather(inner, data.offset(i * self.strides[dimension]), out) };
        }
    }
}

fn contiguous<'a>(g: &Geometry, fastest_first: impl Iterator<Item = (&'a isize, &'a isize)>) -> bool {
    let mut expected = g.item_size as isize;
    for (&n, &stride) in fastest_first {
        if n > 1 && stride != expected {
            return g.len == 0;
        }
        expected *= n;
    }
    true
}

/// The payload of memoryview.
pub struct MemoryView {
    /// Empty once released.
    managed: Slot,
    /// Buffers that the view itself has lent; changed under the lock.
    exports: Exports,
    pub geometry: Geometry,
    /// 0 until computed.
    pub hash: AtomicI64,
}

// SAFETY: the geometry never changes; its bytes are the exporter's business.
unsafe impl Send for MemoryView {}
// SAFETY: as above.
unsafe impl Sync for MemoryView {}

pub static MEMORYVIEW: StaticType = StaticType::new(&super::SPEC);

// SAFETY: `MEMORYVIEW`'s layout is `MemoryView`.
unsafe impl Payload for MemoryView {
    fn layout_type() -> &'static Type {
        &MEMORYVIEW
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.managed, visit);
    }

    fn clear(&self) {
        drop(self.managed.take());
    }
}

/// A view in use: it cannot be released under the holder's feet.
pub struct Live<'a> {
    pub view: &'a MemoryView,
    managed: Value,
}

impl Live<'_> {
    /// How the items lie.
    pub fn geometry(&self) -> &Geometry {
        &self.view.geometry
    }

    /// The object whose bytes these are.
    pub fn exporter(&self) -> Value {
        self.managed.downcast::<Managed>().map_or(Value::NONE, |m| m.buffer.exporter.clone())
    }

    /// Another view on the same buffer.
    pub fn sibling(&self, geometry: Geometry) -> Value {
        new_view(self.managed.clone(), geometry)
    }

    /// Raises ValueError if the view was released meanwhile.
    pub fn check_again(&self, t: &Thread) -> PyResult<()> {
        if self.view.managed.is_empty() { Err(released(t)) } else { Ok(()) }
    }
}

fn released(t: &Thread) -> raise::Raised {
    raise::value_error(t, "operation forbidden on released memoryview object")
}

/// The view behind a value, kept alive. ValueError if it was released, TypeError if it is no memoryview.
pub fn live<'a>(t: &Thread, v: &'a Value) -> PyResult<Live<'a>> {
    let Some(view) = v.downcast::<MemoryView>() else { return Err(raise::type_error(t, "expected a memoryview")) };
    match view.managed.load() {
        Some(managed) => Ok(Live { view, managed }),
        None => Err(released(t)),
    }
}

/// Whether a view was released.
pub fn is_released(v: &Value) -> bool {
    v.downcast::<MemoryView>().is_some_and(|view| view.managed.is_empty())
}

fn new_view(managed: Value, geometry: Geometry) -> Value {
    let view = MemoryView { managed: Slot::new(managed), exports: Exports::new(), geometry, hash: AtomicI64::new(0) };
    alloc::new(&MEMORYVIEW, view)
}

/// A view of what an exporter has lent.
pub fn from_buffer(buffer: Buffer) -> Value {
    buffer.exporter.publish();
    let geometry = Geometry {
        data: buffer.data,
        len: buffer.len,
        item_size: buffer.item_size,
        readonly: buffer.readonly,
        format: buffer.format.clone(),
        shape: buffer.shape.clone(),
        strides: buffer.strides.clone(),
    };
    new_view(alloc::new(&MANAGED, Managed { buffer }), geometry)
}

/// `memoryview(object)`. TypeError where the object lends no bytes.
pub fn from_object(t: &Thread, object: &Value) -> PyResult {
    if object.downcast::<MemoryView>().is_some() {
        let live = live(t, object)?;
        return Ok(live.sibling(live.geometry().clone()));
    }
    if object.class().slots.buffer.get().is_none() {
        let message = format!("memoryview: a bytes-like object is required, not '{}'", object.class().display_name());
        return Err(raise::type_error(t, message));
    }
    Ok(from_buffer(buffer::get(t, object, Request::Read)?))
}

/// `release()`: idempotent. BufferError while the view itself lends buffers.
pub fn release(t: &Thread, v: &Value) -> PyResult<()> {
    let (Some(view), Some(header)) = (v.downcast::<MemoryView>(), v.header()) else { return Ok(()) };
    let outcome = {
        let _guard = t.lock(header);
        match view.exports.count() {
            0 => Ok(view.managed.take()),
            n => Err(n),
        }
    };
    match outcome {
        Ok(managed) => {
            drop(managed);
            Ok(())
        }
        Err(n) => {
            let s = if n == 1 { "" } else { "s" };
            Err(raise::buffer_error(t, format!("memoryview has {n} exported buffer{s}")))
        }
    }
}

/// The buffer protocol of memoryview itself.
pub fn export(t: &Thread, v: &Value, request: Request) -> PyResult<Buffer> {
    let live = live(t, v)?;
    let g = live.geometry();
    if request == Request::Write && g.readonly {
        return Err(raise::buffer_error(t, "memoryview: underlying buffer is not writable"));
    }
    let still_there = v.header().is_some_and(|header| {
        let _guard = t.lock(header);
        let there = !live.view.managed.is_empty();
        if there {
            live.view.exports.lend();
        }
        there
    });
    if !still_there {
        return Err(released(t));
    }
    Ok(Buffer {
        exporter: v.clone(),
        data: g.data,
        len: g.len,
        readonly: g.readonly,
        item_size: g.item_size,
        format: g.format.clone(),
        shape: g.shape.clone(),
        strides: g.strides.clone(),
        release: Some(|v| {
            if let Some(view) = v.downcast::<MemoryView>() {
                view.exports.give_back();
            }
        }),
    })
}
