//! Views and iterators of `OrderedDict`. An iterator notices every change of keys or order, not only of length.

use crate::sync::shim::atomic::{AtomicU32, AtomicUsize, Ordering::*};

use crate::modules::support::{header_of, iter_self, list_of, take};
use crate::object::dict::Dict;
use crate::object::exception::visit_slot;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Value};
use crate::object::{alloc, tuple};
use crate::this;
use crate::types::dict::iter::{ITEMS, KEYS, VALUES};
use crate::types::dict::views::{self, View};

/// What an iterator gives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Keys.
    Keys,
    /// Values.
    Values,
    /// Pairs.
    Items,
}

/// The payload of an iterator. Its position moves under its own lock.
pub struct OdIter {
    /// Empty at the end.
    dict: Slot,
    part: Part,
    backward: bool,
    /// Of the table at the start.
    version: AtomicU32,
    /// Offset of the next entry; backward, the one after it.
    at: AtomicUsize,
}

/// The iterators' type.
pub static OD_ITER: StaticType = StaticType::new(&ITER_SPEC);

static ITER_SPEC: TypeSpec = TypeSpec {
    slots: SlotTable { iter: Some(iter_self), next: Some(next), ..SlotTable::EMPTY },
    methods: &[Method::new("__reduce__", "", NativeFn::F1(reduce), "Return state information for pickling")],
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("builtins", "odict_iterator", layout_of::<OdIter>(true))
};

// SAFETY: `OD_ITER`'s layout is `OdIter`.
unsafe impl Payload for OdIter {
    fn layout_type() -> &'static Type {
        &OD_ITER
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.dict, visit);
    }

    fn clear(&self) {
        drop(self.dict.take());
    }
}

/// An iterator over an ordered dict.
pub fn iterator(dict: &Value, part: Part, backward: bool) -> Value {
    let version = this!(dict, Dict).table().version();
    let at = if backward { usize::MAX } else { 0 };
    let this = OdIter {
        dict: Slot::new(dict.clone()),
        part,
        backward,
        version: AtomicU32::new(version),
        at: AtomicUsize::new(at),
    };
    alloc::new(&OD_ITER, this)
}

fn next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let this = this!(v, OdIter);
    let Some(dict) = this.dict.load() else { return Ok(None) };
    let table = this!(dict, Dict).table();
    loop {
        let at = this.at.load(Relaxed);
        let entry = if this.backward { table.previous_item(at) } else { table.next_item(at) };
        if table.version() != this.version.load(Relaxed) {
            drop(take(t, v, &this.dict));
            return Err(raise::runtime_error(t, "OrderedDict mutated during iteration"));
        }
        let Some((offset, key, value)) = entry else {
            drop(take(t, v, &this.dict));
            return Ok(None);
        };
        let next = if this.backward { offset } else { offset + 1 };
        let moved = {
            let _guard = t.lock(header_of(v));
            let ours = this.at.load(Relaxed) == at;
            if ours {
                this.at.store(next, Relaxed);
            }
            ours
        };
        if moved {
            return Ok(Some(match this.part {
                Part::Keys => key,
                Part::Values => value,
                Part::Items => tuple::from_iter(2, [key, value]),
            }));
        }
    }
}

fn reduce(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, OdIter);
    let mut rest = Vec::new();
    if let Some(dict) = this.dict.load() {
        let copy = iterator(&dict, this.part, this.backward);
        this!(copy, OdIter).at.store(this.at.load(Relaxed), Relaxed);
        while let Some(item) = next(t, &copy)? {
            rest.push(item);
        }
    }
    let rest = list_of(t, rest)?;
    Ok(tuple::from_iter(2, [crate::object::hooks::builtin(t, "iter")?, tuple::from_iter(1, [rest])]))
}

macro_rules! view {
    ($ty:ident $spec:ident $base:ident $kind:ident $part:ident $name:literal $make:ident) => {
        #[doc = concat!("`", $name, "`.")]
        pub static $ty: StaticType = StaticType::new(&$spec);

        static $spec: TypeSpec = TypeSpec {
            base: Some(&views::$base),
            slots: SlotTable {
                iter: Some(|_, v| {
                    Ok(views::dict_of::<$kind>(v).map_or(Value::NONE, |d| iterator(d, Part::$part, false)))
                }),
                ..SlotTable::EMPTY
            },
            methods: &[Method::new(
                "__reversed__",
                "",
                NativeFn::F1(|_, v| {
                    Ok(views::dict_of::<$kind>(v).map_or(Value::NONE, |d| iterator(d, Part::$part, true)))
                }),
                "",
            )],
            flags: flag::DISALLOW_INSTANTIATION,
            ..TypeSpec::new("builtins", $name, layout_of::<View<$kind>>(true))
        };

        /// A view of an ordered dict.
        pub fn $make(dict: &Value) -> Value {
            views::new_with_class::<$kind>(&$ty, dict)
        }
    };
}

view!(OD_KEYS OD_KEYS_SPEC KEYS_VIEW KEYS Keys "odict_keys" keys);
view!(OD_VALUES OD_VALUES_SPEC VALUES_VIEW VALUES Values "odict_values" values);
view!(OD_ITEMS OD_ITEMS_SPEC ITEMS_VIEW ITEMS Items "odict_items" items);
