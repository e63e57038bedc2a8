//! What lends the bytes of an object whose `__buffer__` is Python code (PEP 688).
//!
//! The memoryview that `__buffer__` returned lends its bytes; when they are given back, the object's `__release_buffer__`
//! gets that same view.

use super::type_::dispatch;
use crate::object::buffer::{Buffer, Request};
use crate::object::hooks;
use crate::object::names::known;
use crate::object::raise::{self, PyResult};
use crate::object::slots::Visit;
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, buffer};
use crate::sync::shim::Mutex;
use crate::types::memoryview::MEMORYVIEW;

/// The payload.
pub struct BufferWrapper {
    object: Stored,
    view: Stored,
    /// What the view has lent, until it is given back.
    lent: Mutex<Option<Buffer>>,
}

pub static BUFFER_WRAPPER: StaticType = StaticType::new(&SPEC);
pub static SPEC: TypeSpec = TypeSpec {
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("builtins", "_buffer_wrapper", layout_of::<BufferWrapper>(true))
};

// SAFETY: `BUFFER_WRAPPER`'s layout is `BufferWrapper`.
unsafe impl Payload for BufferWrapper {
    fn layout_type() -> &'static Type {
        &BUFFER_WRAPPER
    }

    fn trace(&self, visit: Visit) {
        visit(&self.object);
        visit(&self.view);
    }
}

/// The `buffer` slot of classes with a `__buffer__` of their own.
///
/// Raises TypeError where it returns anything but a memoryview.
pub fn borrow(t: &Thread, v: &Value, request: Request) -> PyResult<Buffer> {
    let flags = match request {
        Request::Read => 0x11c,
        Request::Write => 0x11d,
    };
    let Some(view) = dispatch::call_method(t, v, &known().__buffer__, &[&Value::int(flags)])? else {
        return Err(raise::type_error(t, format!("a bytes-like object is required, not '{}'", v.class().name())));
    };
    if !std::ptr::eq(view.class().native(), &*MEMORYVIEW) {
        return Err(raise::type_error(t, "__buffer__ returned non-memoryview object"));
    }
    let lent = buffer::get(t, &view, request)?;
    let described = Buffer {
        exporter: Value::NONE,
        data: lent.data,
        len: lent.len,
        readonly: lent.readonly,
        item_size: lent.item_size,
        format: lent.format.clone(),
        shape: lent.shape.clone(),
        strides: lent.strides.clone(),
        release: None,
    };
    let payload =
        BufferWrapper { object: Stored::new(v.clone()), view: Stored::new(view), lent: Mutex::new(Some(lent)) };
    let mut described = described;
    described.exporter = alloc::new(&BUFFER_WRAPPER, payload);
    described.release = Some(release);
    Ok(described)
}

/// Gives the view its bytes back and tells the object.
fn release(wrapper: &Value) {
    let Some(this) = wrapper.downcast::<BufferWrapper>() else { return };
    let lent = this.lent.lock().take();
    drop(lent);
    let t = Thread::current();
    // An exception on its way is none of the object's business.
    let raised = t.raised.take();
    if let Err(failed) = dispatch::call_method(t, &this.object, &known().__release_buffer__, &[&this.view]) {
        let e = raise::take(t, failed);
        (hooks::get().unraisable)(t, e, "", Some(&this.object));
    }
    t.raised.set(raised);
}
