//! `PickleBuffer`: an object's bytes, to be pickled by reference.

use crate::modules::support;
use crate::object::alloc;
use crate::object::args::Args;
use crate::object::buffer::{self, Buffer, Request};
use crate::object::exception::visit_slot;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Value};
use crate::this;
use crate::types::memoryview;

/// The payload: a memoryview of the object, until it is released.
pub struct PickleBuffer {
    view: Slot,
}

/// `pickle.PickleBuffer`.
pub static PICKLE_BUFFER: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    doc: "Wrapper for potentially out-of-band buffers",
    signature: "(object, /)",
    slots: SlotTable { new: Some(new), buffer: Some(export), ..SlotTable::EMPTY },
    methods: &[
        Method::new(
            "raw",
            "($self, /)",
            NativeFn::F1(raw),
            "Returns a memoryview of the raw memory underlying this buffer.\n\nRaises BufferError if the buffer isn't \
             contiguous.",
        ),
        Method::new(
            "release",
            "($self, /)",
            NativeFn::F1(|t, v| {
                support::put(t, v, &this!(v, PickleBuffer).view, None);
                Ok(Value::NONE)
            }),
            "Releases the underlying buffer exposed by the PickleBuffer object.",
        ),
    ],
    flags: flag::BASETYPE | flag::HAS_WEAKREFS,
    ..TypeSpec::new("pickle", "PickleBuffer", layout_of::<PickleBuffer>(true))
};

// SAFETY: `PICKLE_BUFFER`'s layout is `PickleBuffer`.
unsafe impl Payload for PickleBuffer {
    fn layout_type() -> &'static Type {
        &PICKLE_BUFFER
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.view, visit);
    }

    fn clear(&self) {
        drop(self.view.take());
    }
}

fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    let [object] = args.exactly_positional(t, "PickleBuffer", 1, 1)? else {
        unreachable!("one argument was asked for")
    };
    let view = memoryview::from_buffer(buffer::get(t, object, Request::Read)?);
    Ok(alloc::new(class, PickleBuffer { view: Slot::new(view) }))
}

fn released(t: &Thread) -> Raised {
    raise::value_error(t, "operation forbidden on released PickleBuffer object")
}

/// The object whose bytes these are.
fn exporter(t: &Thread, v: &Value) -> PyResult<Value> {
    match this!(v, PickleBuffer).view.load() {
        Some(view) => Ok(memoryview::view::live(t, &view)?.exporter()),
        None => Err(released(t)),
    }
}

fn export(t: &Thread, v: &Value, request: Request) -> PyResult<Buffer> {
    buffer::get(t, &exporter(t, v)?, request)
}

/// The bytes as one row, if they lie one after the other in C or Fortran order.
pub fn flat(t: &Thread, v: &Value) -> PyResult<Option<Buffer>> {
    let Some(view) = this!(v, PickleBuffer).view.load() else { return Err(released(t)) };
    let live = memoryview::view::live(t, &view)?;
    let geometry = live.geometry();
    if !geometry.is_c_contiguous() && !geometry.is_f_contiguous() {
        return Ok(None);
    }
    let mut lent = buffer::get(t, &live.exporter(), Request::Read)?;
    lent.item_size = 1;
    lent.format = "B".into();
    lent.shape = smallvec::smallvec![lent.len as isize];
    lent.strides = smallvec::smallvec![1];
    Ok(Some(lent))
}

fn raw(t: &Thread, v: &Value) -> PyResult {
    match flat(t, v)? {
        Some(lent) => Ok(memoryview::from_buffer(lent)),
        None => Err(raise::buffer_error(t, "cannot extract raw buffer from non-contiguous buffer")),
    }
}
