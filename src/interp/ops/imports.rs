//! The import statement.

use crate::interp::frame::Frame;
use crate::interp::stack;
use crate::object::core_types::exc;
use crate::object::dict::Dict;
use crate::object::names::{self, known};
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{hooks, protocol, str};

/// `IMPORT_NAME`: calls `builtins.__import__` as the frame sees it.
///
/// # Safety
/// The frame is running.
pub unsafe fn import_name(t: &Thread, frame: &Frame, name: &Value, from: &Value, level: &Value) -> PyResult {
    let function = frame.function();
    let Some(import) = frame.builtins().get(t, &known().__import__)? else {
        return Err(raise::import_error(t, "__import__ not found"));
    };
    let locals = if frame.namespace == 0 { Value::NONE } else { stack::copy(frame.namespace) };
    protocol::call_values(t, &import, &[name.clone(), (*function.globals).clone(), locals, from.clone(), level.clone()])
}

/// `IMPORT_FROM`.
pub fn import_from(t: &Thread, module: &Value, name: &Value) -> PyResult {
    if let Some(v) = protocol::lookup_attr(t, module, name)? {
        return Ok(v);
    }
    // A submodule that is being imported is in sys.modules before it is an attribute of its package.
    let package = protocol::lookup_attr(t, module, &known().__name__)?;
    let package = package.filter(|p| str::view(p).is_some());
    if let Some(package) = &package {
        let full = format!("{}.{}", str::lossy(package), str::lossy(name));
        let sys = (hooks::get().import)(t, "sys")?;
        let modules = protocol::get_attr(t, &sys, &known().modules)?;
        let found = match modules.downcast::<Dict>() {
            Some(d) => d.get(t, &str::from_str(&full))?,
            None => None,
        };
        if let Some(v) = found {
            return Ok(v);
        }
    }
    let text = str::lossy(name);
    let package_text = package.as_ref().map_or("<unknown module name>".into(), str::lossy);
    let file = protocol::lookup_attr(t, module, &known().__file__)?.filter(|f| str::view(f).is_some());
    let spec = protocol::lookup_attr(t, module, &known().__spec__)?;
    let initializing = match &spec {
        Some(spec) => match protocol::lookup_attr(t, spec, &known()._initializing)? {
            Some(v) => protocol::is_true(t, &v)?,
            None => false,
        },
        None => false,
    };
    let place = file.as_ref().map_or("unknown location".into(), str::lossy);
    let message = if initializing {
        format!(
            "cannot import name '{text}' from partially initialized module '{package_text}' (most likely due to a circular import) ({place})"
        )
    } else {
        format!("cannot import name '{text}' from '{package_text}' ({place})")
    };
    let raised = raise::new(t, &exc::IMPORT_ERROR, message);
    let e = raise::take(t, raised);
    let path = file.unwrap_or(Value::NONE);
    for (attribute, v) in [
        (&known().name, package.clone().unwrap_or(Value::NONE)),
        (&known().path, path),
        (&known().name_from, name.clone()),
    ] {
        protocol::set_attr(t, &e, attribute, &v)?;
    }
    Err(raise::again(t, e))
}

/// `INTRINSIC_IMPORT_STAR`.
pub fn import_star(t: &Thread, module: &Value, namespace: &Value) -> PyResult<()> {
    let (list, all) = match protocol::lookup_attr(t, module, &known().__all__)? {
        Some(list) => (list, true),
        None => match protocol::lookup_attr(t, module, &known().__dict__)? {
            Some(d) => (protocol::call_method(t, &d, &known().keys, &[])?, false),
            None => {
                return Err(raise::import_error(t, "from-import-* object has no __dict__ and no __all__"));
            }
        },
    };
    for name in protocol::collect(t, &list)? {
        let Some(text) = str::view(&name) else {
            let module_name = protocol::get_attr(t, module, &known().__name__)?;
            let (what, place) = if all { ("Item in", "__all__") } else { ("Key in", "__dict__") };
            let message =
                format!("{what} {}.{place} must be str, not {}", str::lossy(&module_name), name.class().display_name());
            return Err(raise::type_error(t, message));
        };
        if !all && text.get(0) == Some(u32::from(b'_')) {
            continue;
        }
        let v = protocol::get_attr(t, module, &name)?;
        protocol::set_item(t, namespace, &names::intern_value(&name), &v)?;
    }
    Ok(())
}
