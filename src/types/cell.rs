//! Cells: the variables that closures share.

use crate::object::alloc;
use crate::object::core_types;
use crate::object::exception::visit_slot;
use crate::object::slots::Visit;
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, Type};
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

/// A new cell.
pub fn new(contents: Option<Value>) -> Value {
    alloc::new(&core_types::CELL, Cell { contents: Slot::from_option(contents) })
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
