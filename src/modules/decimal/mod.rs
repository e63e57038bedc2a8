//! `_decimal`: decimal floating-point arithmetic.
//!
//! | file | holds |
//! |---|---|
//! | `number` | numbers and contexts as plain data, rounding |
//! | `arith`, `transcend`, `logic` | the operations |
//! | `text` | reading, writing, formatting |
//! | `context`, `context_methods` | the type `Context`, the context of the running code |
//! | `signals` | exceptions, flags and traps |
//! | `object`, `methods`, `convert` | the type `Decimal` |
//! | `manager` | `localcontext` |

mod arith;
mod context;
mod context_methods;
mod convert;
mod logic;
mod manager;
mod methods;
mod number;
mod object;
mod signals;
mod text;
mod transcend;

use crate::object::hooks;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{names, protocol};
use number::{Ctx, MAX_EMAX, MAX_PREC, MIN_EMIN, MIN_ETINY, ROUNDINGS, Rounding};

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new("getcontext", "($module, /)", NativeFn::F0(context::current), "Get the current default context."),
        Method::new(
            "setcontext",
            "($module, context, /)",
            NativeFn::F1(context::set_current),
            "Set a new default context.",
        ),
        Method::new(
            "localcontext",
            "($module, /, ctx=None, **kwargs)",
            NativeFn::Bound(manager::local),
            "Return a context manager that will set the default context to a copy of ctx\non entry to the with-statement and \
             restore the previous default context when\nexiting the with-statement. If no context is supplied, a copy of the \
             current\ndefault context is used.",
        ),
        Method::new(
            "IEEEContext",
            "($module, bits, /)",
            NativeFn::F1(ieee_context),
            "Return a context object initialized to the proper values for one of the\nIEEE interchange formats.",
        ),
    ],
    types: &[&object::DECIMAL, &context::CONTEXT, &signals::SIGNAL_DICT, &manager::MANAGER],
    init: Some(init),
    ..ModuleSpec::new("_decimal", "C decimal arithmetic module")
};

/// The widest interchange format that there is a context for.
const MOST_BITS: i64 = 512;

fn ieee_context(t: &Thread, bits: &Value) -> PyResult {
    let bits = protocol::index_i64(t, bits)?;
    if bits <= 0 || bits > MOST_BITS || bits % 32 != 0 {
        let message = format!("argument must be a multiple of 32, with a maximum of {MOST_BITS}");
        return Err(raise::value_error(t, message));
    }
    let emax = 3 << (bits / 16 + 3);
    let settings = Ctx {
        prec: 9 * (bits / 32) - 2,
        rounding: Rounding::HalfEven,
        emin: 1 - emax,
        emax,
        clamp: true,
        capitals: true,
        traps: 0,
    };
    Ok(context::make(&settings, 0))
}

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    crate::modules::support::hide(t, module, &["SignalDict", "ContextManager"])?;
    let set = |name: &str, v: &Value| protocol::set_attr(t, module, &names::intern(name), v);
    signals::init(t, module)?;
    for (name, n) in [
        ("MAX_PREC", MAX_PREC),
        ("MAX_EMAX", MAX_EMAX),
        ("MIN_EMIN", MIN_EMIN),
        ("MIN_ETINY", MIN_ETINY),
        ("IEEE_CONTEXT_MAX_BITS", MOST_BITS),
    ] {
        set(name, &Value::int(n))?;
    }
    for (name, _) in ROUNDINGS {
        set(name, &names::intern(name))?;
    }
    for (i, (name, _)) in context::TEMPLATES.iter().enumerate() {
        set(name, &context::template(i))?;
    }
    set("HAVE_THREADS", &Value::TRUE)?;
    set("HAVE_CONTEXTVAR", &Value::TRUE)?;
    set("__version__", &names::intern("1.70"))?;
    set("__libmpdec_version__", &names::intern("4.0.0"))?;
    let collections = (hooks::get().import)(t, "collections")?;
    let fields = names::intern("sign digits exponent");
    let class = protocol::call_method_str(t, &collections, "namedtuple", &[names::intern("DecimalTuple"), fields])?;
    protocol::set_attr(t, &class, &names::intern("__module__"), &names::intern("decimal"))?;
    set("DecimalTuple", &class)?;
    let numbers = (hooks::get().import)(t, "numbers")?;
    let number = protocol::get_attr_str(t, &numbers, "Number")?;
    drop(protocol::call_method_str(t, &number, "register", &[object::DECIMAL.to_value()])?);
    Ok(())
}
