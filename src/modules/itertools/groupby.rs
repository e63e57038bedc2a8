//! `groupby`: consecutive items with equal keys, each group as an iterator that shares the source.
//!
//! What was read and not given yet waits in a queue: one item, but where threads share the iterator each may have read one.

use crate::modules::support::{Guarded, Parameters, iter_self, put, visit_all};
use crate::object::args::Args;
use crate::object::exception::visit_slot;
use crate::object::raise::PyResult;
use crate::object::slots::{SlotTable, Visit};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Stored, Value};
use crate::object::{alloc, protocol, tuple};
use crate::sync::shim::atomic::{AtomicU64, Ordering::Relaxed};
use crate::this;
use std::collections::VecDeque;

/// State of `groupby`.
pub struct GroupBy {
    source: Stored,
    /// The key function, or None.
    key: Stored,
    /// Key of the group given last.
    target: Slot,
    waiting: Guarded<Waiting>,
    /// The group given last: only that one may go on. Its word, uncounted and only compared.
    group: AtomicU64,
}

/// Items that were read, each after its key.
#[derive(Default)]
struct Waiting {
    items: VecDeque<[Stored; 2]>,
    /// How many have left the queue.
    gone: u64,
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
        visit_slot(&self.target, &mut *visit);
        visit_all(self.waiting.stopped().items.iter().flatten(), visit);
    }

    fn clear(&self) {
        drop(self.target.take());
        drop(self.waiting.replace_unreachable(Waiting::default()));
    }
}

fn groupby_new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(iterable, key=None)");
    let b = PARAMETERS.bind(t, &GROUPBY, class, args)?;
    let this = GroupBy {
        source: Stored::new(protocol::iter(t, b.req(0))?),
        key: Stored::new(b.opt(1).cloned().unwrap_or(Value::NONE)),
        target: Slot::empty(),
        waiting: Guarded::new(Waiting::default()),
        group: AtomicU64::new(0),
    };
    Ok(alloc::new(class, this))
}

impl GroupBy {
    fn waiting<R>(&self, t: &Thread, v: &Value, f: impl FnOnce(&mut Waiting) -> R) -> R {
        self.waiting.with_for("stress: groupby keeps what it has read", t, v, f)
    }

    /// The key of the next item, and which item of all it is; None at the end.
    fn next_key(&self, t: &Thread, v: &Value) -> PyResult<Option<(Value, u64)>> {
        loop {
            let first = self.waiting(t, v, |waiting| {
                let [key, _] = waiting.items.front()?;
                Some((Value::clone(key), waiting.gone))
            });
            if first.is_some() {
                return Ok(first);
            }
            let Some(item) = protocol::next(t, &self.source)? else { return Ok(None) };
            let key = if self.key.is_none() {
                item.clone()
            } else {
                protocol::call_values(t, &self.key, std::slice::from_ref(&item))?
            };
            let both = [Stored::new(key), Stored::new(item)];
            self.waiting(t, v, |waiting| waiting.items.push_back(both));
        }
    }

    /// Takes the item with this number, if it is still the next.
    fn take(&self, t: &Thread, v: &Value, number: u64) -> Option<[Stored; 2]> {
        self.waiting(t, v, |waiting| {
            let still = waiting.gone == number;
            waiting.gone += u64::from(still);
            if still { waiting.items.pop_front() } else { None }
        })
    }
}

fn groupby_next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let this = this!(v, GroupBy);
    this.group.store(0, Relaxed);
    // Skip what the last group has left.
    let key = loop {
        let Some((key, number)) = this.next_key(t, v)? else { return Ok(None) };
        match this.target.load() {
            Some(target) if protocol::eq(t, &target, &key)? => drop(this.take(t, v, number)),
            _ => break key,
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
    parent.group.store(group.bits(), Relaxed);
    Ok(group)
}

fn grouper_next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let this = this!(v, Grouper);
    let owner: &Value = &this.parent;
    let parent = this!(owner, GroupBy);
    loop {
        if parent.group.load(Relaxed) != v.bits() {
            return Ok(None);
        }
        let Some((key, number)) = parent.next_key(t, owner)? else { return Ok(None) };
        if !protocol::eq(t, &this.target, &key)? {
            return Ok(None);
        }
        if let Some([_, item]) = parent.take(t, owner, number) {
            return Ok(Some(item.into_value()));
        }
    }
}
