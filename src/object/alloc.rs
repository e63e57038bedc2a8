//! Making objects: memory from the thread's heap, header, payload, attribute slots.

use super::header::{Header, Object};
use super::instance;
use super::raise::{self, PyResult};
use super::thread::{self, Thread};
use super::type_object::{Payload, Type};
use super::value::Value;
use crate::heap;
pub use crate::heap::shortage::has_room;
use crate::sync::may_fail;
use crate::sync::shim::atomic::Ordering::*;

/// A new object of `class` with this payload. The payload is that of the class's native type.
#[inline(always)]
pub fn new<T: Payload>(class: &Type, payload: T) -> Value {
    debug_assert!(class.has_layout(T::layout_type()), "{} has another layout", class.name());
    let room = Room::of(class);
    debug_assert!(room.size >= size_of::<Object<T>>());
    let memory = heap::alloc(room.size);
    // SAFETY: fresh memory of at least the object's size, aligned to 8.
    unsafe {
        memory.cast::<Object<T>>().write(Object { header: Header::new(class, thread::id()), payload });
        finish(class, memory, room)
    }
}

/// `new` for a class whose instances are the header and the payload, whatever the payload's layout is called: nothing of the
/// class is looked at.
#[inline]
pub fn new_fixed<T: Payload>(class: &Type, payload: T) -> Value {
    debug_assert!(class.inst_offset.load(Relaxed) == 0, "{} has attribute slots", class.name());
    let memory = heap::alloc(size_of::<Object<T>>());
    // SAFETY: as in `new`; these classes have no attribute slots.
    unsafe {
        memory.cast::<Object<T>>().write(Object { header: Header::new(class, thread::id()), payload });
        Value::from_bits(memory as u64)
    }
}

/// A new object whose payload is followed by `tail` bytes, which `fill` sees before it returns the payload. Only for
/// classes without attribute slots.
#[inline(always)]
pub fn new_with_tail<T: Payload>(class: &Type, tail: usize, fill: impl FnOnce(*mut u8) -> T) -> Value {
    debug_assert!(class.has_layout(T::layout_type()) && class.inst_offset.load(Relaxed) == 0);
    let memory = heap::alloc(size_of::<Object<T>>() + tail);
    // SAFETY: fresh memory of the object's size and the tail.
    unsafe {
        let payload = fill(memory.add(size_of::<Object<T>>()));
        memory.cast::<Object<T>>().write(Object { header: Header::new(class, thread::id()), payload });
        Value::from_bits(memory as u64)
    }
}

/// `new_fixed`, with words behind the payload, which `fill` may write before it returns the payload.
#[inline(always)]
pub fn new_with_words<T: Payload>(class: &Type, words: usize, fill: impl FnOnce(*mut u64) -> T) -> Value {
    let memory = heap::alloc(size_of::<Object<T>>() + 8 * words);
    // SAFETY: fresh memory of the object's size and the words; these classes have no attribute slots.
    unsafe {
        let object = memory.cast::<Object<T>>();
        (&raw mut (*object).header).write(Header::new(class, thread::id()));
        (&raw mut (*object).payload).write(fill(object.add(1).cast()));
        Value::from_bits(memory as u64)
    }
}

/// A new object of a class whose native type has no payload.
#[inline(always)]
pub fn new_plain(class: &Type) -> Value {
    let room = Room::of(class);
    let memory = heap::alloc(room.size);
    // SAFETY: fresh memory of the object's size.
    unsafe {
        memory.cast::<Header>().write(Header::new(class, thread::id()));
        finish(class, memory, room)
    }
}

/// The memory of a new instance.
struct Room {
    size: usize,
    /// Where the attribute part lies; 0: there is none.
    offset: usize,
    slots: u32,
}

impl Room {
    #[inline(always)]
    fn of(class: &Type) -> Room {
        let offset = class.inst_offset.load(Relaxed) as usize;
        if offset == 0 {
            return Room { size: class.instance_size.load(Relaxed) as usize, offset, slots: 0 };
        }
        // Read once: the number grows when instances turn out to need more.
        let slots = class.inline_slots.load(Relaxed);
        Room { size: offset + 8 + 8 * slots as usize, offset, slots }
    }
}

/// Initialises the attribute slots.
///
/// # Safety
/// Header and payload of a new object of `class` are written at `memory`, which has this room.
#[inline(always)]
unsafe fn finish(class: &Type, memory: *mut u8, room: Room) -> Value {
    if room.offset != 0 {
        // SAFETY: the class's instances have attribute slots there.
        unsafe { instance::init(class, memory.add(room.offset), room.slots) };
    }
    // SAFETY: the header holds one reference, ours.
    unsafe { Value::from_bits(memory as u64) }
}

/// Raises MemoryError where there is no room for a result of so many bytes. What is made then has no way to fail: it asks again,
/// in vain only where other threads have taken the room meanwhile.
#[inline]
pub fn check_room(t: &Thread, bytes: usize) -> PyResult<()> {
    if has_room(bytes) { Ok(()) } else { Err(raise::memory_error(t, "")) }
}

/// `check_room` for `count` items of `size` bytes.
#[inline]
pub fn check_room_for(t: &Thread, count: usize, size: usize) -> PyResult<()> {
    check_room(t, count.saturating_mul(size))
}

/// So many zero bytes. Raises MemoryError.
pub fn zeroed(t: &Thread, bytes: usize) -> PyResult<Vec<u8>> {
    check_room(t, bytes)?;
    Ok(vec![0; bytes])
}

/// Room for `additional` more items. Raises MemoryError.
#[inline]
pub fn reserve<T>(t: &Thread, items: &mut Vec<T>, additional: usize) -> PyResult<()> {
    may_fail::reserve(items, additional).map_err(|_| raise::memory_error(t, ""))
}
