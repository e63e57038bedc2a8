//! `groupby`: consecutive items with equal keys, each group as an iterator that shares the source.

use crate::modules::support::{Parameters, header_of, iter_self, put, take};
use crate::object::args::Args;
use crate::object::exception::visit_slot;
use crate::object::raise::PyResult;
use crate::object::slots::{SlotTable, Visit};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Stored, Value};
use crate::object::{alloc, protocol, tuple};
use crate::this;

/// State of `groupby`.
pub struct GroupBy {
    source: Stored,
    /// The key function, or None.
    key: Stored,
    /// Key of the group given last.
    target: Slot,
    /// Key of the item read last.
    current: Slot,
    /// The item read last, until a group has given it.
    item: Slot,
    /// The group given last: only that one may go on. Its word, uncounted and only compared.
    group: std::sync::atomic::AtomicU64,
}

/// `itertools.groupby`.
pub static GROUPBY: StaticType = StaticType::new(&GROUPBY_SPEC);
/// The type of the groups.
pub static GROUPER: StaticType = StaticType::new(&GROUPER_SPEC);

static GROUPBY_SPEC: TypeSpec = TypeSpec {
    doc: "Gives pairs of a key and an iterator over the consecutive items that have it.\n\n\
          The key of an item is key(item), or the item itself.",
    signature: "(iterable, key=None)",
    slots: SlotTable { new: Some(groupby_new), iter: Some(iter_self), next: Some(groupby_next), ..SlotTable::EMPTY },
    flags: flag::BASETYPE,
    ..TypeSpec::new("itertools", "groupby", layout_of::<GroupBy>(true))
};

// SAFETY: `GROUPBY`'s layout is `GroupBy`.
unsafe impl Payload for GroupBy {
    fn layout_type() -> &'static Type {
        &GROUPBY
    }

    fn trace(&self, visit: Visit) {
        visit(&self.source);
        visit(&self.key);
        for slot in [&self.target, &self.current, &self.item] {
            visit_slot(slot, &mut *visit);
        }
    }

    fn clear(&self) {
        for slot in [&self.target, &self.current, &self.item] {
            drop(slot.take());
        }
    }
}

fn groupby_new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(iterable, key=None)");
    let b = PARAMETERS.bind(t, &GROUPBY, class, args)?;
    let this = GroupBy {
        source: Stored::new(protocol::iter(t, b.req(0))?),
        key: Stored::new(b.opt(1).cloned().unwrap_or(Value::NONE)),
        target: Slot::empty(),
        current: Slot::empty(),
        item: Slot::empty(),
        group: std::sync::atomic::AtomicU64::new(0),
    };
    Ok(alloc::new(class, this))
}

/// Reads the next item and its key; false at the end.
fn step(t: &Thread, v: &Value, this: &GroupBy) -> PyResult<bool> {
    let Some(item) = protocol::next(t, &this.source)? else { return Ok(false) };
    let key = if this.key.is_none() {
        item.clone()
    } else {
        protocol::call_values(t, &this.key, std::slice::from_ref(&item))?
    };
    let old = {
        let _guard = t.lock(header_of(v));
        (this.item.swap(Some(item)), this.current.swap(Some(key)))
    };
    drop(old);
    Ok(true)
}

fn groupby_next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    use std::sync::atomic::Ordering::Relaxed;
    let this = this!(v, GroupBy);
    this.group.store(0, Relaxed);
    // Skip what the last group has left.
    let key = loop {
        match (this.current.load(), this.target.load()) {
            (None, _) => {}
            (Some(current), None) => break current,
            (Some(current), Some(target)) => {
                if !protocol::eq(t, &target, &current)? {
                    break current;
                }
            }
        }
        if !step(t, v, this)? {
            return Ok(None);
        }
    };
    put(t, v, &this.target, Some(key.clone()));
    let group = alloc::new(&GROUPER, Grouper { parent: Stored::new(v.clone()), target: Stored::new(key.clone()) });
    this.group.store(group.bits(), Relaxed);
    Ok(Some(tuple::from_iter(2, [key, group])))
}

/// State of a group.
pub struct Grouper {
    parent: Stored,
    target: Stored,
}

static GROUPER_SPEC: TypeSpec = TypeSpec {
    slots: SlotTable { new: Some(grouper_new), iter: Some(iter_self), next: Some(grouper_next), ..SlotTable::EMPTY },
    ..TypeSpec::new("itertools", "_grouper", layout_of::<Grouper>(true))
};

// SAFETY: `GROUPER`'s layout is `Grouper`.
unsafe impl Payload for Grouper {
    fn layout_type() -> &'static Type {
        &GROUPER
    }

    fn trace(&self, visit: Visit) {
        visit(&self.parent);
        visit(&self.target);
    }
}

fn grouper_new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(parent, tgtkey, /)");
    let b = PARAMETERS.bind(t, &GROUPER, class, args)?;
    let Some(parent) = b.req(0).downcast::<GroupBy>() else {
        let message = format!("_grouper() argument 1 must be itertools.groupby, not {}", b.req(0).class().name());
        return Err(crate::object::raise::type_error(t, message));
    };
    let (owner, target) = (Stored::new(b.req(0).clone()), Stored::new(b.req(1).clone()));
    let group = alloc::new(class, Grouper { parent: owner, target });
    parent.group.store(group.bits(), std::sync::atomic::Ordering::Relaxed);
    Ok(group)
}

fn grouper_next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let this = this!(v, Grouper);
    let owner: &Value = &this.parent;
    let parent = this!(owner, GroupBy);
    if parent.group.load(std::sync::atomic::Ordering::Relaxed) != v.bits() {
        return Ok(None);
    }
    if parent.item.is_empty() && !step(t, owner, parent)? {
        return Ok(None);
    }
    if let Some(current) = parent.current.load()
        && !protocol::eq(t, &this.target, &current)?
    {
        return Ok(None);
    }
    Ok(take(t, owner, &parent.item))
}
