//! reversed: the items of a sequence from the last to the first.

use crate::object::args::Args;
use crate::object::attribute;
use crate::object::core_types::exc;
use crate::object::exception::visit_slot;
use crate::object::list::List;
use crate::object::names::known;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Value};
use crate::object::{alloc, names, protocol, tuple};
use crate::sync::shim::atomic::{AtomicI64, Ordering::*};
use crate::types::iteration::{self, LENGTH_HINT_DOC, REDUCE_DOC, SET_STATE_DOC};
use crate::types::list;

/// The sequence, dropped at the end, and the index of the next item; negative at the end.
pub struct Reversed {
    sequence: Slot,
    index: AtomicI64,
}

pub static REVERSED: StaticType = StaticType::new(&SPEC);

// SAFETY: `REVERSED`'s layout is `Reversed`.
unsafe impl Payload for Reversed {
    fn layout_type() -> &'static Type {
        &REVERSED
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.sequence, visit);
    }

    fn clear(&self) {
        drop(self.sequence.take());
    }
}

pub static SPEC: TypeSpec = TypeSpec {
    doc: "Return a reverse iterator over the values of the given sequence.",
    signature: "(sequence, /)",
    slots: SlotTable { iter: Some(|_, v| Ok(v.clone())), next: Some(next), new: Some(new), ..SlotTable::EMPTY },
    methods: &[
        Method::new("__length_hint__", "($self, /)", NativeFn::F1(length_hint), LENGTH_HINT_DOC),
        Method::new("__reduce__", "($self, /)", NativeFn::F1(reduce), REDUCE_DOC),
        Method::new("__setstate__", "($self, object, /)", NativeFn::F2(setstate), SET_STATE_DOC),
    ],
    flags: flag::BASETYPE,
    ..TypeSpec::new("builtins", "reversed", layout_of::<Reversed>(true))
};

fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    let sequence = &args.positional_of(t, &REVERSED, class)?.exactly_positional(t, "reversed", 1, 1)?[0];
    if sequence.downcast_exact::<List>().is_some() {
        return Ok(list::iter::new_reverse(sequence.clone()));
    }
    let refuse = || {
        let message = format!("'{}' object is not reversible", sequence.class().display_name());
        Err(raise::type_error(t, message))
    };
    if let Some(found) = attribute::lookup(t, sequence.class(), &known().__reversed__) {
        if found.is_none() {
            return refuse();
        }
        if let Some(iterator) = protocol::call_special(t, sequence, &known().__reversed__, &[])? {
            return Ok(iterator);
        }
    }
    if !sequence.class().is_sequence() {
        return refuse();
    }
    let len = protocol::len(t, sequence)? as i64;
    let payload = Reversed { sequence: Slot::new(sequence.clone()), index: AtomicI64::new(len - 1) };
    Ok(alloc::new(class, payload))
}

fn next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let (Some(this), Some(header)) = (v.downcast::<Reversed>(), v.header()) else { return Ok(None) };
    let Some(sequence) = this.sequence.load() else { return Ok(None) };
    // Each index is given to one thread.
    let index = this.index.fetch_update(Relaxed, Relaxed, |i| (i >= 0).then_some(i - 1));
    if let Ok(index) = index {
        match protocol::get_item(t, &sequence, &Value::int(index)) {
            Ok(item) => return Ok(Some(item)),
            Err(raised) => {
                this.index.store(-1, Relaxed);
                iteration::finish(t, &this.sequence, header);
                if raise::matches(t, &raised, &exc::STOP_ITERATION) {
                    drop(raise::take(t, raised));
                } else {
                    raise::suppress(t, raised, &exc::INDEX_ERROR)?;
                }
                return Ok(None);
            }
        }
    }
    iteration::finish(t, &this.sequence, header);
    Ok(None)
}

fn length_hint(t: &Thread, v: &Value) -> PyResult {
    let Some(this) = v.downcast::<Reversed>() else { return Ok(Value::int(0)) };
    let Some(sequence) = this.sequence.load() else { return Ok(Value::int(0)) };
    let len = protocol::len(t, &sequence)? as i64;
    let left = this.index.load(Relaxed) + 1;
    Ok(Value::int(if len < left { 0 } else { left }))
}

fn reduce(_: &Thread, v: &Value) -> PyResult {
    let Some(this) = v.downcast::<Reversed>() else { return Ok(Value::NONE) };
    let class = v.class().to_value();
    Ok(match this.sequence.load() {
        Some(sequence) => {
            let index = Value::int(this.index.load(Relaxed));
            tuple::from_vec(vec![class, tuple::from_vec(vec![sequence]), index])
        }
        None => tuple::from_vec(vec![class, tuple::from_vec(vec![names::empty_tuple()])]),
    })
}

fn setstate(t: &Thread, v: &Value, state: &Value) -> PyResult {
    let index = protocol::index_size(t, state)?;
    if let Some(this) = v.downcast::<Reversed>()
        && let Some(sequence) = this.sequence.load()
    {
        let len = protocol::len(t, &sequence)? as i64;
        this.index.store(index.clamp(-1, len - 1), Relaxed);
    }
    Ok(Value::NONE)
}
