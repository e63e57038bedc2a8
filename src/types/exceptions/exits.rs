//! StopIteration and SystemExit: exceptions that carry a result.

use super::base;
use super::data::{field, payload, put};
use crate::object::args::Args;
use crate::object::core_types::exc;
use crate::object::raise::PyResult;
use crate::object::slots::SlotTable;
use crate::object::thread::Thread;
use crate::object::tuple;
use crate::object::type_object::{StaticType, TypeSpec, flag, layout_of};
use crate::object::value::Value;

payload! {
    /// Field: the value that a generator returned.
    StopIteration 1 STOP_ITERATION
}
payload! {
    /// Field: the exit code.
    SystemExit 1 SYSTEM_EXIT
}

/// The rows for the list of types.
pub static TYPES: &[(&StaticType, &TypeSpec)] = &[(&exc::STOP_ITERATION, &STOP_SPEC), (&exc::SYSTEM_EXIT, &EXIT_SPEC)];

static STOP_SPEC: TypeSpec = TypeSpec {
    base: Some(&exc::EXCEPTION),
    doc: "Signal the end from iterator.__next__().",
    slots: SlotTable { init: Some(stop_init), new: Some(StopIteration::make), ..SlotTable::EMPTY },
    getset: &[field!(StopIteration 0 "value" "generator return value")],
    flags: flag::BASETYPE,
    ..TypeSpec::new("builtins", "StopIteration", layout_of::<StopIteration>(true))
};

fn stop_init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    base::init(t, v, args)?;
    put::<StopIteration>(t, v, 0, args.pos().first());
    Ok(())
}

static EXIT_SPEC: TypeSpec = TypeSpec {
    base: Some(&exc::BASE_EXCEPTION),
    doc: "Request to exit from the interpreter.",
    slots: SlotTable { init: Some(exit_init), new: Some(SystemExit::make), ..SlotTable::EMPTY },
    getset: &[field!(SystemExit 0 "code" "exception code")],
    flags: flag::BASETYPE,
    ..TypeSpec::new("builtins", "SystemExit", layout_of::<SystemExit>(true))
};

fn exit_init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    base::init(t, v, args)?;
    match args.pos() {
        [] => {}
        [code] => put::<SystemExit>(t, v, 0, Some(code)),
        many => put::<SystemExit>(t, v, 0, Some(&tuple::from_slice(many))),
    }
    Ok(())
}
