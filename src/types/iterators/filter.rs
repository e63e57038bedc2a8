//! filter: the items of an iterable that a function accepts.

use crate::object::args::Args;
use crate::object::core_types;
use crate::object::protocol::Take;
use crate::object::raise::PyResult;
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, protocol, tuple};
use crate::types::iteration::{REDUCE_DOC, own, poll};

/// The function (None: truth) and the iterator.
pub struct Filter {
    function: Stored,
    iterator: Stored,
}

pub static FILTER: StaticType = StaticType::new(&SPEC);

// SAFETY: `FILTER`'s layout is `Filter`.
unsafe impl Payload for Filter {
    fn layout_type() -> &'static Type {
        &FILTER
    }

    fn trace(&self, visit: Visit) {
        visit(&self.function);
        visit(&self.iterator);
    }
}

pub static SPEC: TypeSpec = TypeSpec {
    doc: "Return an iterator yielding those items of iterable for which function(item) is true. If function is None, \
          return the items that are true.",
    signature: "(function, iterable, /)",
    slots: SlotTable {
        iter: Some(|_, v| Ok(v.clone())),
        next: Some(next),
        give: Some(give),
        new: Some(new),
        ..SlotTable::EMPTY
    },
    methods: &[Method::new("__reduce__", "($self, /)", NativeFn::F1(reduce), REDUCE_DOC)],
    flags: flag::BASETYPE,
    ..TypeSpec::new("builtins", "filter", layout_of::<Filter>(true))
};

fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    let args = args.positional_of(t, &FILTER, class)?.exactly_positional(t, "filter", 2, 2)?;
    let iterator = protocol::iter(t, &args[1])?;
    Ok(alloc::new(class, Filter { function: Stored::new(args[0].clone()), iterator: Stored::new(iterator) }))
}

impl Filter {
    #[inline]
    fn accepts(&self, t: &Thread, item: &Value) -> PyResult<bool> {
        if self.function.is_none() || self.function.is(&core_types::BOOL.as_value()) {
            return protocol::is_true(t, item);
        }
        let answer = protocol::call_values(t, &self.function, std::slice::from_ref(item))?;
        protocol::is_true(t, &answer)
    }
}

fn next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let Some(this) = v.downcast::<Filter>() else { return Ok(None) };
    let mut rounds = 0;
    while let Some(item) = protocol::next(t, &this.iterator)? {
        if this.accepts(t, &item)? {
            return Ok(Some(item));
        }
        rounds += 1;
        poll(t, rounds)?;
    }
    Ok(None)
}

/// Passes on the items that are accepted.
struct Passing<'a> {
    of: &'a Filter,
    taker: &'a mut dyn Take,
}

impl Take for Passing<'_> {
    fn take(&mut self, t: &Thread, item: Value) -> PyResult<bool> {
        match own(t, self.of.accepts(t, &item))? {
            Some(true) => self.taker.take(t, item),
            Some(false) => Ok(true),
            None => Ok(false),
        }
    }
}

fn give(t: &Thread, v: &Value, taker: &mut dyn Take) -> PyResult<()> {
    let Some(of) = v.downcast::<Filter>() else { return Ok(()) };
    protocol::give_rest(t, &of.iterator, &mut Passing { of, taker })
}

fn reduce(_: &Thread, v: &Value) -> PyResult {
    let Some(this) = v.downcast::<Filter>() else { return Ok(Value::NONE) };
    let args = tuple::from_vec(vec![(*this.function).clone(), (*this.iterator).clone()]);
    Ok(tuple::from_vec(vec![v.class().to_value(), args]))
}
