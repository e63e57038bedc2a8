//! enumerate: pairs of a number and an item.

use crate::bytecode::opcode::BinaryOp;
use crate::object::args::Args;
use crate::object::protocol::Take;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, operator, protocol, str, tuple};
use crate::sync::shim::atomic::{AtomicI64, Ordering::*};
use crate::sync::shim::weakened;
use crate::types::iteration::{REDUCE_DOC, own};

/// The iterator and the count; `base` is added to it where counting started beyond i64.
pub struct Enumerate {
    iterator: Stored,
    base: Stored,
    count: AtomicI64,
}

pub static ENUMERATE: StaticType = StaticType::new(&SPEC);

// SAFETY: `ENUMERATE`'s layout is `Enumerate`.
unsafe impl Payload for Enumerate {
    fn layout_type() -> &'static Type {
        &ENUMERATE
    }

    fn trace(&self, visit: Visit) {
        visit(&self.iterator);
        visit(&self.base);
    }
}

pub static SPEC: TypeSpec = TypeSpec {
    doc: "Return an enumerate object: an iterator over pairs of a count, from start on, and an item of the iterable.",
    signature: "(iterable, start=0)",
    slots: SlotTable {
        iter: Some(|_, v| Ok(v.clone())),
        next: Some(next),
        give: Some(give),
        new: Some(new),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new("__reduce__", "($self, /)", NativeFn::F1(reduce), REDUCE_DOC),
        Method::new(
            "__class_getitem__",
            "($type, object, /)",
            NativeFn::F2(crate::types::class_getitem),
            crate::types::CLASS_GETITEM_DOC,
        )
        .class_method(),
    ],
    flags: flag::BASETYPE,
    ..TypeSpec::new("builtins", "enumerate", layout_of::<Enumerate>(true))
};

fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    let (mut iterable, mut start) = (args.pos().first(), args.pos().get(1));
    for (name, value) in args.keywords() {
        match (str::eq_str(name, "iterable"), str::eq_str(name, "start")) {
            (true, _) if iterable.is_none() => iterable = Some(value),
            (_, true) if start.is_none() => start = Some(value),
            _ => {
                let message = format!("'{}' is an invalid keyword argument for enumerate()", str::lossy(name));
                return Err(raise::type_error(t, message));
            }
        }
    }
    let given = args.all().len();
    if given > 2 {
        return Err(raise::type_error(t, format!("enumerate() takes at most 2 arguments ({given} given)")));
    }
    let Some(iterable) = iterable else {
        return Err(raise::type_error(t, "enumerate() missing required argument 'iterable'"));
    };
    let start = match start {
        Some(start) => protocol::index(t, start)?,
        None => Value::int(0),
    };
    let iterator = protocol::iter(t, iterable)?;
    let (base, count) = match start.as_small_int() {
        Some(count) => (Value::int(0), count),
        None => (start, 0),
    };
    let payload = Enumerate { iterator: Stored::new(iterator), base: Stored::new(base), count: AtomicI64::new(count) };
    Ok(alloc::new(class, payload))
}

impl Enumerate {
    fn number(&self, t: &Thread, count: i64) -> PyResult {
        let count = Value::int(count);
        if self.base.is_small_int() { Ok(count) } else { operator::binary(t, &self.base, &count, BinaryOp::Add) }
    }

    /// The next pair, without the tuple.
    #[inline]
    pub fn next_pair(&self, t: &Thread) -> PyResult<Option<(Value, Value)>> {
        let Some(item) = protocol::next(t, &self.iterator)? else { return Ok(None) };
        Ok(Some((self.next_number(t)?, item)))
    }

    /// The number of the next pair. Atomic: nobody else gets it.
    #[inline]
    fn next_number(&self, t: &Thread) -> PyResult {
        let count = if crate::object::thread::multi() && !weakened("stress: enumerate counts") {
            self.count.fetch_add(1, Relaxed)
        } else {
            let count = self.count.load(Relaxed);
            self.count.store(count + 1, Relaxed);
            count
        };
        self.number(t, count)
    }
}

/// Passes items on as pairs.
struct Pairing<'a> {
    of: &'a Enumerate,
    taker: &'a mut dyn Take,
}

impl Take for Pairing<'_> {
    fn take(&mut self, t: &Thread, item: Value) -> PyResult<bool> {
        match own(t, self.of.next_number(t))? {
            Some(number) => self.taker.take(t, tuple::from_array([number, item])),
            None => Ok(false),
        }
    }
}

fn give(t: &Thread, v: &Value, taker: &mut dyn Take) -> PyResult<()> {
    let Some(of) = v.downcast::<Enumerate>() else { return Ok(()) };
    protocol::give_rest(t, &of.iterator, &mut Pairing { of, taker })
}

fn next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let Some(this) = v.downcast::<Enumerate>() else { return Ok(None) };
    Ok(this.next_pair(t)?.map(|(number, item)| tuple::from_array([number, item])))
}

fn reduce(t: &Thread, v: &Value) -> PyResult {
    let Some(this) = v.downcast::<Enumerate>() else { return Ok(Value::NONE) };
    let number = this.number(t, this.count.load(Relaxed))?;
    let args = tuple::from_vec(vec![(*this.iterator).clone(), number]);
    Ok(tuple::from_vec(vec![v.class().to_value(), args]))
}
