//! `count`, `cycle` and `repeat`.

use crate::sync::shim::atomic::{AtomicI64, Ordering::*};

use crate::bytecode::opcode::BinaryOp;
use crate::modules::support::{Guarded, Parameters, header_of, iter_self, size_argument, take_if, visit_all};
use crate::object::args::Args;
use crate::object::exception::visit_slot;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Stored, Value};
use crate::object::{alloc, bigint, core_types, operator, protocol, str};
use crate::sync::shim::weakened;
use crate::this;

/// State of `count`: a machine integer while the step is 1 and it lasts, then any number.
pub struct Count {
    /// The next number; `i64::MAX` stands for "see `number`".
    fast: AtomicI64,
    /// The next number once `fast` is used up.
    number: Slot,
    step: Stored,
}

/// `itertools.count`.
pub static COUNT: StaticType = StaticType::new(&COUNT_SPEC);

static COUNT_SPEC: TypeSpec = TypeSpec {
    doc: "Counts from start on in steps of step, without end.",
    signature: "(start=0, step=1)",
    slots: SlotTable {
        new: Some(count_new),
        iter: Some(iter_self),
        next: Some(count_next),
        repr: Some(count_repr),
        ..SlotTable::EMPTY
    },
    flags: flag::BASETYPE,
    ..TypeSpec::new("itertools", "count", layout_of::<Count>(true))
};

// SAFETY: `COUNT`'s layout is `Count`.
unsafe impl Payload for Count {
    fn layout_type() -> &'static Type {
        &COUNT
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.number, visit);
        visit(&self.step);
    }

    fn clear(&self) {
        drop(self.number.take());
    }
}

fn is_number(v: &Value) -> bool {
    let slots = &v.class().slots;
    slots.index.get().is_some()
        || slots.int.get().is_some()
        || slots.float.get().is_some()
        || v.class().has_layout(&core_types::COMPLEX)
}

fn is_one(v: &Value) -> bool {
    matches!(bigint::view(v), Some(bigint::IntView::Small(1)))
}

fn count_new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(start=0, step=1)");
    let b = PARAMETERS.bind(t, &COUNT, class, args)?;
    let start = b.opt(0).cloned().unwrap_or(Value::int(0));
    let step = b.opt(1).cloned().unwrap_or(Value::int(1));
    if !is_number(&start) || !is_number(&step) {
        return Err(raise::type_error(t, "a number is required"));
    }
    let fast = match bigint::view(&start) {
        Some(bigint::IntView::Small(i)) if is_one(&step) => i,
        _ => i64::MAX,
    };
    let number = if fast == i64::MAX { Slot::new(start) } else { Slot::empty() };
    Ok(alloc::new(class, Count { fast: AtomicI64::new(fast), number, step: Stored::new(step) }))
}

fn count_next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let this = this!(v, Count);
    let mut fast = this.fast.load(Relaxed);
    while fast != i64::MAX {
        if weakened("stress: count counts") {
            this.fast.store(fast + 1, Relaxed);
            return Ok(Some(Value::int(fast)));
        }
        match this.fast.compare_exchange(fast, fast + 1, Relaxed, Relaxed) {
            Ok(_) => return Ok(Some(Value::int(fast))),
            Err(_) => {
                t.collided();
                fast = this.fast.load(Relaxed);
            }
        }
    }
    loop {
        let now = this.number.load();
        let number = now.clone().unwrap_or(Value::int(i64::MAX));
        let next = operator::binary(t, &number, &this.step, BinaryOp::Add)?;
        let old = {
            let _guard = t.lock(header_of(v));
            let same = this.number.word() == now.as_ref().map_or(0, Value::bits);
            if !same && !weakened("stress: count of any number counts") {
                // Another thread was faster; this number is its.
                continue;
            }
            this.number.swap(Some(next))
        };
        drop(old);
        return Ok(Some(number));
    }
}

fn count_repr(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, Count);
    let fast = this.fast.load(Relaxed);
    let number = match this.number.load() {
        Some(number) if fast == i64::MAX => protocol::repr(t, &number)?,
        _ => str::from_str(&fast.to_string()),
    };
    let name = v.class().name();
    let text = if is_one(&this.step) {
        format!("{name}({})", str::lossy(&number))
    } else {
        let step = protocol::repr(t, &this.step)?;
        format!("{name}({}, {})", str::lossy(&number), str::lossy(&step))
    };
    Ok(str::from_str(&text))
}

/// State of `cycle`.
pub struct Cycle {
    /// The source, until it is exhausted.
    source: Slot,
    saved: Guarded<Saved>,
}

struct Saved {
    items: Vec<Stored>,
    next: usize,
}

/// `itertools.cycle`.
pub static CYCLE: StaticType = StaticType::new(&CYCLE_SPEC);

static CYCLE_SPEC: TypeSpec = TypeSpec {
    doc: "Gives the iterable's items and, after the last, the same items again and again.",
    signature: "(iterable, /)",
    slots: SlotTable { new: Some(cycle_new), iter: Some(iter_self), next: Some(cycle_next), ..SlotTable::EMPTY },
    flags: flag::BASETYPE,
    ..TypeSpec::new("itertools", "cycle", layout_of::<Cycle>(true))
};

// SAFETY: `CYCLE`'s layout is `Cycle`.
unsafe impl Payload for Cycle {
    fn layout_type() -> &'static Type {
        &CYCLE
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.source, &mut *visit);
        visit_all(&self.saved.stopped().items, visit);
    }

    fn clear(&self) {
        drop(self.source.take());
        drop(self.saved.replace_unreachable(Saved { items: Vec::new(), next: 0 }));
    }
}

fn cycle_new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(iterable, /)");
    let b = PARAMETERS.bind(t, &CYCLE, class, args)?;
    let source = protocol::iter(t, b.req(0))?;
    let saved = Guarded::new(Saved { items: Vec::new(), next: 0 });
    Ok(alloc::new(class, Cycle { source: Slot::new(source), saved }))
}

fn cycle_next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let this = this!(v, Cycle);
    if let Some(source) = this.source.load() {
        if let Some(item) = protocol::next(t, &source)? {
            let stored = Stored::new(item.clone());
            this.saved.with_for("stress: cycle saves", t, v, |saved| saved.items.push(stored));
            return Ok(Some(item));
        }
        take_if(t, v, &this.source, source.bits());
    }
    Ok(this.saved.with(t, v, |saved| {
        let len = saved.items.len();
        let item = saved.items.get(saved.next).map(|item| Value::clone(item));
        saved.next = if saved.next + 1 >= len { 0 } else { saved.next + 1 };
        item
    }))
}

/// State of `repeat`.
pub struct Repeat {
    object: Stored,
    /// How many are left; negative: no end.
    left: AtomicI64,
}

/// `itertools.repeat`.
pub static REPEAT: StaticType = StaticType::new(&REPEAT_SPEC);

static REPEAT_SPEC: TypeSpec = TypeSpec {
    doc: "Gives the object as often as times says, or without end.",
    slots: SlotTable {
        new: Some(repeat_new),
        iter: Some(iter_self),
        next: Some(repeat_next),
        repr: Some(repeat_repr),
        ..SlotTable::EMPTY
    },
    methods: &[Method::new(
        "__length_hint__",
        "($self, /)",
        NativeFn::F1(repeat_length_hint),
        "Private method returning an estimate of len(list(it)).",
    )],
    flags: flag::BASETYPE,
    ..TypeSpec::new("itertools", "repeat", layout_of::<Repeat>(true))
};

// SAFETY: `REPEAT`'s layout is `Repeat`.
unsafe impl Payload for Repeat {
    fn layout_type() -> &'static Type {
        &REPEAT
    }

    fn trace(&self, visit: Visit) {
        visit(&self.object);
    }
}

fn repeat_new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(object, times=-1)");
    let b = PARAMETERS.bind(t, &REPEAT, class, args)?;
    let left = match b.opt(1) {
        Some(times) => size_argument(t, times)?.max(0),
        None => -1,
    };
    Ok(alloc::new(class, Repeat { object: Stored::new(b.req(0).clone()), left: AtomicI64::new(left) }))
}

fn repeat_next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let this = this!(v, Repeat);
    let mut left = this.left.load(Relaxed);
    while left >= 0 {
        if left == 0 {
            return Ok(None);
        }
        if weakened("stress: repeat counts") {
            this.left.store(left - 1, Relaxed);
            break;
        }
        match this.left.compare_exchange(left, left - 1, Relaxed, Relaxed) {
            Ok(_) => break,
            Err(_) => {
                t.collided();
                left = this.left.load(Relaxed);
            }
        }
    }
    Ok(Some(Value::clone(&this.object)))
}

fn repeat_repr(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, Repeat);
    let object = protocol::repr(t, &this.object)?;
    let (name, object) = (v.class().name(), str::lossy(&object));
    let left = this.left.load(Relaxed);
    let text = if left < 0 { format!("{name}({object})") } else { format!("{name}({object}, {left})") };
    Ok(str::from_str(&text))
}

fn repeat_length_hint(t: &Thread, v: &Value) -> PyResult {
    match this!(v, Repeat).left.load(Relaxed) {
        left if left < 0 => Err(raise::type_error(t, "len() of unsized object")),
        left => Ok(Value::int(left)),
    }
}
