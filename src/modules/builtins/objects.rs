//! Attributes, names and texts of objects.

use super::execute;
use crate::object::args::{Args, Bound};
use crate::object::names::{self, known};
use crate::object::raise::{self, PyResult};
use crate::object::table::ByCount;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{list, protocol, str};
use crate::types::list::sort;
use crate::types::str::repr::escape_non_ascii;

/// Raises TypeError unless an attribute name is a str.
fn check_name(t: &Thread, name: &Value) -> PyResult<()> {
    if str::view(name).is_some() {
        return Ok(());
    }
    Err(raise::type_error(t, format!("attribute name must be string, not '{}'", name.class().display_name())))
}

/// `getattr`.
pub const GETATTR: ByCount = ByCount {
    two: Some(|t, object, name| {
        check_name(t, name)?;
        protocol::get_attr(t, object, name)
    }),
    three: Some(|t, object, name, default| {
        check_name(t, name)?;
        Ok(protocol::lookup_attr(t, object, name)?.unwrap_or_else(|| default.clone()))
    }),
    ..ByCount::NONE
};

pub fn setattr(t: &Thread, object: &Value, name: &Value, value: &Value) -> PyResult {
    check_name(t, name)?;
    protocol::set_attr(t, object, &names::intern_value(name), value).map(|()| Value::NONE)
}

pub fn delattr(t: &Thread, object: &Value, name: &Value) -> PyResult {
    check_name(t, name)?;
    protocol::del_attr(t, object, name).map(|()| Value::NONE)
}

pub fn hasattr(t: &Thread, object: &Value, name: &Value) -> PyResult {
    check_name(t, name)?;
    Ok(Value::bool(protocol::lookup_attr(t, object, name)?.is_some()))
}

pub fn ascii(t: &Thread, object: &Value) -> PyResult {
    let text = protocol::repr(t, object)?;
    match str::view(&text) {
        Some(view) if !view.is_ascii() => escape_non_ascii(view).finish(t),
        _ => Ok(text),
    }
}

pub fn format(t: &Thread, b: &Bound<'_>) -> PyResult {
    let empty = names::empty_str();
    let spec = b.opt(1).unwrap_or(&empty);
    if str::view(spec).is_none() {
        let message = format!("format() argument 2 must be str, not {}", spec.class().display_name());
        return Err(raise::type_error(t, message));
    }
    protocol::format(t, b.req(0), spec)
}

/// A sorted list of an iterable's items.
fn sorted_list(t: &Thread, names: &Value) -> PyResult {
    let sorted = list::from_vec(protocol::collect(t, names)?);
    sort::sort(t, &sorted, None, false)?;
    Ok(sorted)
}

pub fn dir(t: &Thread, args: Args<'_>) -> PyResult {
    match args.exactly_positional(t, "dir", 0, 1)? {
        [] => {
            let locals = execute::locals(t)?;
            let keys = protocol::call_method(t, &locals, &known().keys, &[])?;
            sorted_list(t, &keys)
        }
        [object, ..] => match protocol::call_special(t, object, &known().__dir__, &[])? {
            Some(names) => sorted_list(t, &names),
            None => Err(raise::type_error(t, "object does not provide __dir__")),
        },
    }
}

pub fn vars(t: &Thread, args: Args<'_>) -> PyResult {
    match args.exactly_positional(t, "vars", 0, 1)? {
        [] => execute::locals(t),
        [object, ..] => match protocol::lookup_attr(t, object, &known().__dict__)? {
            Some(dict) => Ok(dict),
            None => Err(raise::type_error(t, "vars() argument must have __dict__ attribute")),
        },
    }
}
