//! Cells: the variables that closures share.

use crate::bytecode::opcode::CompareOp;
use crate::object::alloc;
use crate::object::args::Args;
use crate::object::core_types;
use crate::object::exception::visit_slot;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::str;
use crate::object::table::GetSet;
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, Type, TypeSpec, layout_of};
use crate::object::value::{Slot, Value};

/// A cell's contents; empty while the variable is unbound.
pub struct Cell {
    pub contents: Slot,
}

// SAFETY: `CELL`'s layout is `Cell`.
unsafe impl Payload for Cell {
    fn layout_type() -> &'static Type {
        &core_types::CELL
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.contents, visit);
    }

    fn clear(&self) {
        drop(self.contents.take());
    }
}

pub static SPEC: TypeSpec = TypeSpec {
    doc: "Create a new cell object: contents are its initial contents; without them the cell is empty.",
    signature: "([contents])",
    slots: SlotTable { repr: Some(repr), richcompare: Some(richcompare), new: Some(make), ..SlotTable::EMPTY },
    getset: &[GetSet::new("cell_contents", get_contents, set_contents, "")],
    ..TypeSpec::new("builtins", "cell", layout_of::<Cell>(true))
};

fn load(v: &Value) -> Option<Value> {
    v.downcast::<Cell>()?.contents.load()
}

fn make(t: &Thread, _: &Type, args: Args<'_>) -> PyResult {
    args.no_keywords(t, "cell")?;
    Ok(new(args.exactly_positional(t, "cell", 0, 1)?.first().cloned()))
}

fn repr(_: &Thread, v: &Value) -> PyResult {
    Ok(str::from_str(&match load(v) {
        Some(held) => format!("<cell at {:#x}: {} object at {:#x}>", v.id(), held.class().name(), held.id()),
        None => format!("<cell at {:#x}: empty>", v.id()),
    }))
}

/// By contents; empty cells come first.
fn richcompare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    if a.downcast::<Cell>().is_none() || b.downcast::<Cell>().is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (x, y) = (load(a), load(b));
    if let (Some(x), Some(y)) = (&x, &y) {
        return protocol::compare(t, x, y, op);
    }
    let order = x.is_some().cmp(&y.is_some());
    Ok(Value::bool(match op {
        CompareOp::Lt => order.is_lt(),
        CompareOp::Le => order.is_le(),
        CompareOp::Eq => order.is_eq(),
        CompareOp::Ne => order.is_ne(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::Ge => order.is_ge(),
    }))
}

fn get_contents(t: &Thread, v: &Value) -> PyResult {
    load(v).ok_or_else(|| raise::value_error(t, "Cell is empty"))
}

fn set_contents(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    set(t, v, value.cloned());
    Ok(())
}

/// A new cell.
pub fn new(contents: Option<Value>) -> Value {
    alloc::new_fixed(&core_types::CELL, Cell { contents: Slot::from_option(contents) })
}

/// Sets or empties the contents of a cell; false where the value is no cell.
pub fn set(t: &Thread, cell: &Value, contents: Option<Value>) -> bool {
    let (Some(this), Some(header)) = (cell.downcast::<Cell>(), cell.header()) else { return false };
    let old = {
        let _guard = t.lock(header);
        this.contents.swap(contents)
    };
    drop(old);
    true
}
