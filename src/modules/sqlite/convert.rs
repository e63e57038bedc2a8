//! Values between Python and SQLite: adapters, converters, parameters, columns.

use super::errors::{self, OPERATIONAL};
use crate::object::bigint::{self, IntView};
use crate::object::core_types::{self, exc};
use crate::object::dict::{self, Dict};
use crate::object::raise::{self, PyResult, Raised};
use crate::object::thread::Thread;
use crate::object::type_object::{NO_LAYOUT, StaticType, TypeSpec, flag};
use crate::object::value::{Stored, Value};
use crate::object::{names, protocol, str, tuple};
use crate::sync::shim::atomic::{AtomicBool, Ordering::Relaxed};
use crate::sys::sqlite::Cell;
use crate::sys::sqlite::callbacks::{Outcome, Refusal};
use crate::types::bytes::args::bytes_like;
use crate::types::bytes::payload as bytes;
use crate::types::str::codec::registry;
use std::borrow::Cow;
use std::ffi::CString;
use std::sync::OnceLock;

/// `sqlite3.PrepareProtocol`
pub static PREPARE_PROTOCOL: StaticType = StaticType::new(&TypeSpec {
    doc: "PEP 246 style object adaption protocol type.",
    flags: flag::BASETYPE,
    ..TypeSpec::new("sqlite3", "PrepareProtocol", NO_LAYOUT)
});

/// `sqlite3.adapters`: (type, protocol) to what turns such objects into values of SQLite.
pub fn adapters() -> Value {
    static ADAPTERS: OnceLock<Stored> = OnceLock::new();
    Value::clone(ADAPTERS.get_or_init(|| Stored::new(dict::new())))
}

/// `sqlite3.converters`: names of types in upper case to what makes objects of bytes.
pub fn converters() -> Value {
    static CONVERTERS: OnceLock<Stored> = OnceLock::new();
    Value::clone(CONVERTERS.get_or_init(|| Stored::new(dict::new())))
}

/// An int, float, str or bytearray was given an adapter, so that these are looked up too.
static BASE_TYPES_ADAPTED: AtomicBool = AtomicBool::new(false);

/// `register_adapter(type, adapter)`
pub fn register_adapter(t: &Thread, class: &Value, adapter: &Value) -> PyResult {
    let bases = [&core_types::INT, &core_types::FLOAT, &core_types::STR, &core_types::BYTEARRAY];
    if bases.iter().any(|base| class.is(&base.as_value())) {
        BASE_TYPES_ADAPTED.store(true, Relaxed);
    }
    let key = tuple::from_array([class.clone(), PREPARE_PROTOCOL.to_value()]);
    protocol::set_item(t, &adapters(), &key, adapter)?;
    Ok(Value::NONE)
}

/// `register_converter(typename, converter)`
pub fn register_converter(t: &Thread, name: &Value, converter: &Value) -> PyResult {
    let name = protocol::str_arg(t, name, "register_converter", "1")?;
    let upper = str::from_str(&name.view().to_utf8_lossy().to_ascii_uppercase());
    protocol::set_item(t, &converters(), &upper, converter)?;
    Ok(Value::NONE)
}

/// The converter of a type's name.
pub fn converter(t: &Thread, name: &[u8]) -> PyResult<Option<Value>> {
    let upper = str::from_str(&String::from_utf8_lossy(name).to_ascii_uppercase());
    converters().downcast::<Dict>().map_or(Ok(None), |known| known.get(t, &upper))
}

/// `adapt(obj, protocol, alternative)`
pub fn adapt(t: &Thread, object: &Value, to: &Value, alternative: Option<&Value>) -> PyResult {
    let key = tuple::from_array([object.class().to_value(), to.clone()]);
    let known = adapters();
    if let Some(adapter) = known.downcast::<Dict>().map_or(Ok(None), |known| known.get(t, &key))? {
        return protocol::call_values(t, &adapter, std::slice::from_ref(object));
    }
    for (asked, name, told) in [(to, "__adapt__", object), (object, "__conform__", to)] {
        if let Some(method) = protocol::lookup_attr(t, asked, &names::intern(name))? {
            match protocol::call_values(t, &method, std::slice::from_ref(told)) {
                Ok(adapted) if adapted.is_none() => {}
                Ok(adapted) => return Ok(adapted),
                Err(raised) => raise::suppress(t, raised, &exc::TYPE_ERROR)?,
            }
        }
    }
    match alternative {
        Some(alternative) => Ok(alternative.clone()),
        None => Err(errors::programming(t, "can't adapt")),
    }
}

/// A parameter's value, adapted.
pub fn adapted(t: &Thread, v: &Value) -> PyResult {
    let plain = v.is_none()
        || bigint::view(v).is_some() && v.is_exact(&core_types::INT)
        || [&core_types::FLOAT, &core_types::STR, &core_types::BYTEARRAY].iter().any(|class| v.is_exact(class));
    if v.is_none() || plain && !BASE_TYPES_ADAPTED.load(Relaxed) {
        return Ok(v.clone());
    }
    adapt(t, v, &PREPARE_PROTOCOL.to_value(), Some(v))
}

/// What SQLite is given for an object; None: there is nothing for it.
fn cell<'a>(t: &Thread, v: &'a Value) -> PyResult<Option<Cell<'a>>> {
    if v.is_none() {
        return Ok(Some(Cell::Null));
    }
    match bigint::view(v) {
        Some(IntView::Small(i)) => return Ok(Some(Cell::Int(i))),
        Some(IntView::Big(big)) => {
            return match i64::try_from(big) {
                Ok(i) => Ok(Some(Cell::Int(i))),
                Err(_) => Err(raise::overflow_error(t, "Python int too large to convert to SQLite INTEGER")),
            };
        }
        None => {}
    }
    if v.class().is_subtype(&core_types::FLOAT) {
        return Ok(Some(Cell::Float(protocol::as_f64(t, v)?)));
    }
    if let Some(text) = str::view(v) {
        return match text.to_utf8() {
            Some(Cow::Borrowed(text)) => Ok(Some(Cell::Text(Cow::Borrowed(text.as_bytes())))),
            Some(Cow::Owned(text)) => Ok(Some(Cell::Text(Cow::Owned(text.into_bytes())))),
            None => registry::need_utf8(t, v).map(|()| None),
        };
    }
    if let Some(bytes) = bytes::view(v) {
        return Ok(Some(Cell::Blob(Cow::Borrowed(bytes))));
    }
    if v.class().slots.buffer.get().is_some() {
        return Ok(Some(Cell::Blob(Cow::Owned(bytes_like(t, v)?.to_vec()))));
    }
    Ok(None)
}

/// A parameter as SQLite takes it. `number` counts from 1.
pub fn parameter<'a>(t: &Thread, v: &'a Value, number: usize) -> PyResult<Cell<'a>> {
    match cell(t, v)? {
        Some(cell) => Ok(cell),
        None => {
            let class = v.class();
            let message = format!("Error binding parameter {number}: type '{}' is not supported", class.display_name());
            Err(errors::programming(t, message))
        }
    }
}

/// A function's result.
pub fn result(t: &Thread, v: &Value) -> PyResult<Option<Cell<'static>>> {
    Ok(cell(t, v)?.map(Cell::into_owned))
}

/// A call from SQLite that Python answered.
pub fn outcome(t: &Thread, answer: PyResult, object: &Value, message: &str) -> Outcome {
    let answer = match answer {
        Ok(v) => result(t, &v),
        Err(raised) => Err(raised),
    };
    match answer {
        Ok(Some(cell)) => Ok(cell),
        Ok(None) => Err(Refusal::Error(message.to_owned())),
        Err(raised) => Err(refusal(t, raised, object, message)),
    }
}

/// Whether exceptions in functions that SQLite calls are shown.
pub static SHOW_CALLBACK_ERRORS: AtomicBool = AtomicBool::new(false);

/// An exception in something that SQLite called is shown, if that is wanted, and goes no further.
pub fn show(t: &Thread, raised: Raised, object: &Value) {
    let exception = raise::take(t, raised);
    if SHOW_CALLBACK_ERRORS.load(Relaxed) {
        (crate::object::hooks::get().unraisable)(t, exception, "", Some(object));
    }
}

/// What SQLite is told of an exception.
pub fn refusal(t: &Thread, raised: Raised, object: &Value, message: &str) -> Refusal {
    let refusal = if raise::matches(t, &raised, &exc::MEMORY_ERROR) {
        Refusal::NoMemory
    } else if raise::matches(t, &raised, &exc::OVERFLOW_ERROR) {
        Refusal::TooBig
    } else {
        Refusal::Error(message.to_owned())
    };
    show(t, raised, object);
    refusal
}

/// A text of SQLite's as a str.
pub fn text(t: &Thread, text: &[u8]) -> PyResult {
    match std::str::from_utf8(text) {
        Ok(text) => Ok(str::from_str(text)),
        Err(_) => protocol::call_method_str(t, &bytes::from_slice(text), "decode", &[]),
    }
}

/// An argument of a function that SQLite calls.
pub fn argument(t: &Thread, cell: &Cell<'_>) -> PyResult {
    Ok(match cell {
        Cell::Null => Value::NONE,
        Cell::Int(i) => bigint::from_i64(*i),
        Cell::Float(f) => Value::float(*f),
        Cell::Text(bytes) => text(t, bytes)?,
        Cell::Blob(blob) => bytes::from_slice(blob),
    })
}

/// A column's value by a connection's `text_factory`; `name` is the column's, for what goes wrong.
pub fn column(t: &Thread, cell: Cell<'_>, factory: &Value, name: impl Fn() -> String) -> PyResult {
    let Cell::Text(bytes) = cell else { return argument(t, &cell) };
    if factory.is(&core_types::STR.as_value()) {
        return match std::str::from_utf8(&bytes) {
            Ok(text) => Ok(str::from_str(text)),
            Err(_) => {
                let text = String::from_utf8_lossy(&bytes);
                let message = format!("Could not decode to UTF-8 column '{}' with text '{text}'", name());
                Err(raise::new(t, &OPERATIONAL, message))
            }
        };
    }
    let bytes = bytes::from_slice(&bytes);
    if factory.is(&core_types::BYTES.as_value()) {
        return Ok(bytes);
    }
    protocol::call_values(t, factory, &[bytes])
}

/// A text that SQLite is given to end in 0.
pub fn c_string(t: &Thread, v: &Value, function: &str, which: &str) -> PyResult<CString> {
    let text = protocol::str_arg(t, v, function, which)?;
    registry::need_utf8(t, v)?;
    let utf8 = text.view().to_utf8_lossy().into_owned();
    CString::new(utf8).map_err(|_| raise::value_error(t, "embedded null character"))
}
