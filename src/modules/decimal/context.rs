//! Contexts as Python objects: precision and the like, flags and traps; the context of the running code.

use super::number::status::*;
use super::number::{Ctx, MAX_EMAX, MAX_PREC, MIN_EMIN, ROUNDINGS, Rounding};
use super::signals;
use crate::modules::contextvars;
use crate::modules::support::{Parameters, size_argument};
use crate::object::args::{Args, Bound};
use crate::object::exception::visit_slot;
use crate::object::list::List;
use crate::object::raise::{self, PyResult};
use crate::object::slots::Visit;
use crate::object::table::GetSet;
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Stored, Value};
use crate::object::{alloc, hooks, names, protocol, str, tuple};
use crate::sync::shim::atomic::{AtomicBool, AtomicI64, AtomicU8, AtomicU32, Ordering::Relaxed};
use crate::this;
use std::sync::OnceLock;

/// The payload of a context. An operation reads the fields one by one: setting two of them is not one change.
pub struct Context {
    prec: AtomicI64,
    rounding: AtomicU8,
    emin: AtomicI64,
    emax: AtomicI64,
    clamp: AtomicBool,
    capitals: AtomicBool,
    pub traps: AtomicU32,
    pub flags: AtomicU32,
    flags_view: Slot,
    traps_view: Slot,
}

/// `decimal.Context`
pub static CONTEXT: StaticType = StaticType::new(&SPEC);

pub const SIGNATURE: &str =
    "(prec=None, rounding=None, Emin=None, Emax=None, capitals=None, clamp=None, flags=None, traps=None)";

static SPEC: TypeSpec = TypeSpec {
    doc: "Create context.",
    signature: SIGNATURE,
    slots: crate::object::slots::SlotTable {
        new: Some(new),
        init: Some(init),
        repr: Some(repr),
        ..crate::object::slots::SlotTable::EMPTY
    },
    methods: super::context_methods::METHODS,
    getset: &[
        GetSet::new("prec", |_, v| Ok(Value::int(this!(v, Context).prec.load(Relaxed))), set_prec, ""),
        GetSet::new("Emax", |_, v| Ok(Value::int(this!(v, Context).emax.load(Relaxed))), set_emax, ""),
        GetSet::new("Emin", |_, v| Ok(Value::int(this!(v, Context).emin.load(Relaxed))), set_emin, ""),
        GetSet::new(
            "rounding",
            |_, v| Ok(names::intern(ROUNDINGS[this!(v, Context).rounding.load(Relaxed) as usize].0)),
            set_rounding,
            "",
        ),
        GetSet::new(
            "capitals",
            |_, v| Ok(Value::int(i64::from(this!(v, Context).capitals.load(Relaxed)))),
            set_capitals,
            "",
        ),
        GetSet::new("clamp", |_, v| Ok(Value::int(i64::from(this!(v, Context).clamp.load(Relaxed)))), set_clamp, ""),
        GetSet::new(
            "flags",
            |t, v| Ok(signals::dict_of(t, v, false)),
            |t, v, value| set_signals(t, v, value, false),
            "",
        ),
        GetSet::new("traps", |t, v| Ok(signals::dict_of(t, v, true)), |t, v, value| set_signals(t, v, value, true), ""),
    ],
    flags: flag::BASETYPE | flag::HAS_DICT,
    ..TypeSpec::new("decimal", "Context", layout_of::<Context>(true))
};

// SAFETY: `CONTEXT`'s layout is `Context`.
unsafe impl Payload for Context {
    fn layout_type() -> &'static Type {
        &CONTEXT
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.flags_view, visit);
        visit_slot(&self.traps_view, visit);
    }

    fn clear(&self) {
        drop(self.flags_view.take());
        drop(self.traps_view.take());
    }
}

impl Context {
    fn from_ctx(c: &Ctx, flags: u32) -> Context {
        Context {
            prec: AtomicI64::new(c.prec),
            rounding: AtomicU8::new(c.rounding as u8),
            emin: AtomicI64::new(c.emin),
            emax: AtomicI64::new(c.emax),
            clamp: AtomicBool::new(c.clamp),
            capitals: AtomicBool::new(c.capitals),
            traps: AtomicU32::new(c.traps),
            flags: AtomicU32::new(flags),
            flags_view: Slot::empty(),
            traps_view: Slot::empty(),
        }
    }

    /// Where the mapping of the flags or traps is kept.
    pub fn view(&self, traps: bool) -> &Slot {
        if traps { &self.traps_view } else { &self.flags_view }
    }

    /// The fields as they are now.
    #[inline]
    pub fn read(&self) -> Ctx {
        Ctx {
            prec: self.prec.load(Relaxed),
            rounding: ROUNDINGS[(self.rounding.load(Relaxed) & 7) as usize].1,
            emin: self.emin.load(Relaxed),
            emax: self.emax.load(Relaxed),
            clamp: self.clamp.load(Relaxed),
            capitals: self.capitals.load(Relaxed),
            traps: self.traps.load(Relaxed),
        }
    }

    /// Notes what happened; raises what is trapped.
    #[inline]
    pub fn note(&self, t: &Thread, status: u32) -> PyResult<()> {
        if status == 0 {
            return Ok(());
        }
        let missing = status & !self.flags.load(Relaxed);
        if missing != 0 {
            self.flags.fetch_or(missing, Relaxed);
        }
        if status & NO_MEMORY != 0 {
            return Err(raise::memory_error(t, ""));
        }
        match status & self.traps.load(Relaxed) {
            0 => Ok(()),
            trapped => Err(signals::raise(t, trapped)),
        }
    }
}

const DEFAULT: Ctx = Ctx {
    prec: 28,
    rounding: Rounding::HalfEven,
    emin: -999_999,
    emax: 999_999,
    clamp: false,
    capitals: true,
    traps: ANY_INVALID | DIVISION_BY_ZERO | OVERFLOW,
};

/// The three contexts that the module offers: (name, settings).
pub const TEMPLATES: [(&str, Ctx); 3] = [
    ("DefaultContext", DEFAULT),
    (
        "BasicContext",
        Ctx {
            prec: 9,
            rounding: Rounding::HalfUp,
            traps: ANY_INVALID | DIVISION_BY_ZERO | OVERFLOW | UNDERFLOW | CLAMPED,
            ..DEFAULT
        },
    ),
    ("ExtendedContext", Ctx { prec: 9, traps: 0, ..DEFAULT }),
];

/// A new context with these settings.
pub fn make(c: &Ctx, flags: u32) -> Value {
    alloc::new(&CONTEXT, Context::from_ctx(c, flags))
}

/// One of the module's contexts, which are shared.
pub fn template(i: usize) -> Value {
    static THE: OnceLock<[Stored; 3]> = OnceLock::new();
    Value::clone(&THE.get_or_init(|| TEMPLATES.map(|(_, c)| Stored::new(make(&c, 0))))[i])
}

fn new(t: &Thread, class: &Type, _: Args<'_>) -> PyResult {
    let _ = t;
    let template = template(0);
    Ok(alloc::new(class, Context::from_ctx(&this!(&template, Context).read(), 0)))
}

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    static PARAMETERS: Parameters = Parameters::new(SIGNATURE);
    let b = PARAMETERS.bind_call(t, "Context", args)?;
    type Set = fn(&Thread, &Value, Option<&Value>) -> PyResult<()>;
    let setters: [Set; 6] = [set_prec, set_rounding, set_emin, set_emax, set_capitals, set_clamp];
    for (i, set) in setters.into_iter().enumerate() {
        if let Some(value) = b.non_none(i) {
            set(t, v, Some(value))?;
        }
    }
    for (i, traps) in [(6, false), (7, true)] {
        if let Some(value) = b.non_none(i) {
            match value.downcast::<List>() {
                Some(list) => {
                    let mut bits = 0;
                    for signal in list.items(t) {
                        bits |= signals::bit_of(t, &signal)?;
                    }
                    store(v, bits, traps);
                }
                None => set_signals(t, v, Some(value), traps)?,
            }
        }
    }
    Ok(())
}

pub fn store(v: &Value, bits: u32, traps: bool) {
    let this = this!(v, Context);
    if traps { &this.traps } else { &this.flags }.store(bits, Relaxed);
}

fn set_signals(t: &Thread, v: &Value, value: Option<&Value>, traps: bool) -> PyResult<()> {
    let Some(value) = value else {
        return Err(raise::attribute_error(t, v, &names::intern("flags"), "context attributes cannot be deleted"));
    };
    let bits = signals::bits_of(t, value)?;
    store(v, bits, traps);
    Ok(())
}

/// A number within limits: ValueError with `message` where it is not.
fn limited(t: &Thread, v: &Value, value: Option<&Value>, low: i64, high: i64, message: &str) -> PyResult<i64> {
    let Some(value) = value else {
        return Err(raise::attribute_error(t, v, &names::intern("prec"), "context attributes cannot be deleted"));
    };
    if crate::object::bigint::view(value).is_none() {
        return Err(raise::type_error(
            t,
            format!("'{}' object cannot be interpreted as an integer", value.class().display_name()),
        ));
    }
    match size_argument(t, value)? {
        n if n < low || n > high => Err(raise::value_error(t, message)),
        n => Ok(n),
    }
}

fn set_prec(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let n = limited(t, v, value, 1, MAX_PREC, "valid range for prec is [1, MAX_PREC]")?;
    this!(v, Context).prec.store(n, Relaxed);
    Ok(())
}

fn set_emin(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let n = limited(t, v, value, MIN_EMIN, 0, "valid range for Emin is [MIN_EMIN, 0]")?;
    this!(v, Context).emin.store(n, Relaxed);
    Ok(())
}

fn set_emax(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let n = limited(t, v, value, 0, MAX_EMAX, "valid range for Emax is [0, MAX_EMAX]")?;
    this!(v, Context).emax.store(n, Relaxed);
    Ok(())
}

fn set_capitals(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let n = limited(t, v, value, 0, 1, "valid values for capitals are [0, 1]")?;
    this!(v, Context).capitals.store(n != 0, Relaxed);
    Ok(())
}

fn set_clamp(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let n = limited(t, v, value, 0, 1, "valid values for clamp are [0, 1]")?;
    this!(v, Context).clamp.store(n != 0, Relaxed);
    Ok(())
}

/// The rounding of this name.
pub fn rounding_of(t: &Thread, value: &Value) -> PyResult<Rounding> {
    let found = str::view(value)
        .and_then(|_| ROUNDINGS.iter().find(|(name, _)| str::eq_str(value, name)))
        .map(|(_, rounding)| *rounding);
    found.ok_or_else(|| {
        let message = "valid values for rounding are:\n  [ROUND_CEILING, ROUND_FLOOR, ROUND_UP, ROUND_DOWN,\n   \
                       ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN,\n   ROUND_05UP]";
        raise::type_error(t, message)
    })
}

fn set_rounding(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(value) = value else {
        return Err(raise::attribute_error(t, v, &names::intern("rounding"), "context attributes cannot be deleted"));
    };
    let rounding = rounding_of(t, value)?;
    this!(v, Context).rounding.store(rounding as u8, Relaxed);
    Ok(())
}

fn repr(_: &Thread, v: &Value) -> PyResult {
    let this = this!(v, Context);
    let c = this.read();
    let text = format!(
        "Context(prec={}, rounding={}, Emin={}, Emax={}, capitals={}, clamp={}, flags={}, traps={})",
        c.prec,
        ROUNDINGS[c.rounding as usize].0,
        c.emin,
        c.emax,
        i32::from(c.capitals),
        i32::from(c.clamp),
        signals::list_text(this.flags.load(Relaxed)),
        signals::list_text(c.traps)
    );
    Ok(str::from_str(&text))
}

/// A copy, of the exact type.
pub fn copy(v: &Value) -> Value {
    let this = this!(v, Context);
    make(&this.read(), this.flags.load(Relaxed))
}

pub fn reduce(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, Context);
    let c = this.read();
    let arguments = vec![
        Value::int(c.prec),
        names::intern(ROUNDINGS[c.rounding as usize].0),
        Value::int(c.emin),
        Value::int(c.emax),
        Value::int(i64::from(c.capitals)),
        Value::int(i64::from(c.clamp)),
        signals::list(t, this.flags.load(Relaxed))?,
        signals::list(t, c.traps)?,
    ];
    Ok(tuple::from_vec(vec![v.class().to_value(), tuple::from_vec(arguments)]))
}

/// The context variable that holds the context of the running code.
fn variable(t: &Thread) -> PyResult {
    static THE: OnceLock<Stored> = OnceLock::new();
    if let Some(variable) = THE.get() {
        return Ok(Value::clone(variable));
    }
    let module = (hooks::get().import)(t, "_contextvars")?;
    let made = protocol::call_method_str(t, &module, "ContextVar", &[names::intern("decimal_context")])?;
    Ok(Value::clone(THE.get_or_init(|| Stored::new(made))))
}

/// The context of the running code; made when there is none yet.
pub fn current(t: &Thread) -> PyResult {
    let variable = variable(t)?;
    if let Some(found) = contextvars::value(t, &variable) {
        return Ok(found);
    }
    let default = template(0);
    let made = make(&this!(&default, Context).read(), 0);
    drop(protocol::call_method_str(t, &variable, "set", std::slice::from_ref(&made))?);
    Ok(made)
}

/// `setcontext`: the module's contexts are copied.
pub fn set_current(t: &Thread, v: &Value) -> PyResult {
    if v.downcast::<Context>().is_none() {
        return Err(raise::type_error(t, "optional argument must be a context"));
    }
    let shared = (0..3).any(|i| template(i).is(v));
    let v = if shared {
        let fresh = copy(v);
        this!(&fresh, Context).flags.store(0, Relaxed);
        fresh
    } else {
        v.clone()
    };
    protocol::call_method_str(t, &variable(t)?, "set", &[v])?;
    Ok(Value::NONE)
}

/// The context argument at place `i`, or the current one.
pub fn argument(t: &Thread, b: &Bound<'_>, i: usize) -> PyResult {
    match b.non_none(i) {
        Some(v) if v.downcast::<Context>().is_some() => Ok(v.clone()),
        Some(_) => Err(raise::type_error(t, "optional argument must be a context")),
        None => current(t),
    }
}
