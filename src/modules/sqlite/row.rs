//! `sqlite3.Row`: a row whose columns also have names.

use super::cursor::{self, CURSOR};
use crate::modules::support::{Parameters, list_of};
use crate::object::args::Args;
use crate::object::core_types;
use crate::object::operator_kind::CompareOp;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, bigint, protocol, str, tuple};
use crate::this;

/// The payload. It never changes.
pub struct Row {
    data: Stored,
    description: Stored,
}

/// `sqlite3.Row`
pub static ROW: StaticType = StaticType::new(&TypeSpec {
    slots: SlotTable {
        new: Some(new),
        hash: Some(|t, v| {
            let this = this!(v, Row);
            Ok(protocol::hash(t, &this.description)? ^ protocol::hash(t, &this.data)?)
        }),
        richcompare: Some(compare),
        iter: Some(|t, v| protocol::iter(t, &this!(v, Row).data)),
        len: Some(|_, v| Ok(tuple::items(&this!(v, Row).data).len())),
        getitem: Some(get_item),
        ..SlotTable::EMPTY
    },
    methods: &[Method::new("keys", "($self, /)", NativeFn::F1(keys), "Returns the keys of the row.")],
    flags: flag::BASETYPE,
    ..TypeSpec::new("sqlite3", "Row", layout_of::<Row>(true))
});

// SAFETY: `ROW`'s layout is `Row`.
unsafe impl Payload for Row {
    fn layout_type() -> &'static Type {
        &ROW
    }

    fn trace(&self, visit: Visit) {
        visit(&self.data);
        visit(&self.description);
    }
}

fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(cursor, data, /)");
    let b = PARAMETERS.bind(t, &ROW, class, args)?;
    let (of, data) = (b.req(0), b.req(1));
    cursor::need_cursor(t, of, |given| {
        format!("Row() argument 1 must be sqlite3.{}, not {}", CURSOR.name(), given.display_name())
    })?;
    if !data.class().is_subtype(&core_types::TUPLE) {
        let message = format!("Row() argument 2 must be tuple, not {}", data.class().display_name());
        return Err(raise::type_error(t, message));
    }
    let row = Row { data: Stored::new(data.clone()), description: Stored::new(cursor::description(of)) };
    Ok(alloc::new(class, row))
}

/// The names of the columns.
fn names(this: &Row) -> impl Iterator<Item = &Value> {
    let rows = if this.description.is_none() { &[][..] } else { tuple::items(&this.description) };
    rows.iter().filter_map(|row| tuple::items(row).first())
}

fn keys(t: &Thread, v: &Value) -> PyResult {
    list_of(t, names(this!(v, Row)).cloned().collect())
}

fn get_item(t: &Thread, v: &Value, key: &Value) -> PyResult {
    let this = this!(v, Row);
    let items = tuple::items(&this.data);
    if bigint::view(key).is_some() {
        let index = protocol::index_size(t, key)?;
        let index = if index < 0 { index + items.len() as i64 } else { index };
        return match usize::try_from(index).ok().and_then(|index| items.get(index)) {
            Some(item) => Ok(item.clone()),
            None => Err(raise::index_error(t, "tuple index out of range")),
        };
    }
    if let Some(wanted) = str::view(key) {
        let wanted = wanted.to_utf8_lossy();
        let place = names(this).position(|name| str::lossy(name).eq_ignore_ascii_case(&wanted));
        return match place.and_then(|place| items.get(place)) {
            Some(item) => Ok(item.clone()),
            None => Err(raise::index_error(t, "No item with that key")),
        };
    }
    if key.class().is_subtype(&core_types::SLICE) {
        return protocol::get_item(t, &this.data, key);
    }
    Err(raise::index_error(t, "Index must be int or string"))
}

fn compare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(a), Some(b)) = (a.downcast::<Row>(), b.downcast::<Row>()) else { return Ok(Value::NOT_IMPLEMENTED) };
    let wanted = match op {
        CompareOp::Eq => true,
        CompareOp::Ne => false,
        _ => return Ok(Value::NOT_IMPLEMENTED),
    };
    let equal = protocol::eq(t, &a.description, &b.description)? && protocol::eq(t, &a.data, &b.data)?;
    Ok(Value::bool(equal == wanted))
}
