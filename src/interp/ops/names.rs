//! Locals, cells, globals and class namespaces.

use crate::bytecode::code::Code;
use crate::bytecode::unit::flags;
use crate::interp::frame::Frame;
use crate::interp::stack::{self, Word};
use crate::object::core_types::exc;
use crate::object::dict::Dict;
use crate::object::names::{self, known};
use crate::object::protocol;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::str;
use crate::object::thread::Thread;
use crate::object::tuple;
use crate::object::value::Value;
use crate::types::cell::Cell;
use std::mem::ManuallyDrop;

/// UnboundLocalError for a local (or, for a cell or free variable, what `unbound_cell` says).
#[cold]
pub fn unbound_local(t: &Thread, code: &Code, index: usize) -> Raised {
    let name = str::lossy(&code.local_names[index]);
    raise::unbound_local(t, format!("cannot access local variable '{name}' where it is not associated with a value"))
}

/// NameError for an empty free variable, UnboundLocalError for an own cell.
#[cold]
pub fn unbound_cell(t: &Thread, code: &Code, index: usize) -> Raised {
    if code.local_kinds[index] & crate::bytecode::unit::kind::FREE == 0 {
        return unbound_local(t, code, index);
    }
    let name = str::lossy(&code.local_names[index]);
    raise::new(
        t,
        &exc::NAME_ERROR,
        format!("cannot access free variable '{name}' where it is not associated with a value in enclosing scope"),
    )
}

/// The cell in a local. The compiler puts one there before it is used.
#[inline(always)]
pub fn cell(v: &Value) -> &Cell {
    v.downcast_exact::<Cell>().expect("MAKE_CELL or COPY_FREE_VARS put a cell there")
}

/// A word for the contents of the cell in a local; 0 where it is empty.
///
/// # Safety
/// `local` is the word of a local that holds a cell.
#[inline(always)]
pub unsafe fn load_cell(local: Word) -> Word {
    let holder = stack::view(local);
    let cell = cell(&holder);
    loop {
        let word = cell.contents.word();
        if word == 0 {
            return 0;
        }
        // SAFETY: read from the slot just now.
        if let Some(w) = unsafe { stack::from_slot(word) } {
            return w.get();
        }
    }
}

/// Replaces a cell's contents; answers whether it held any (the old value is dropped after unlocking).
pub fn set_cell(t: &Thread, v: &Value, contents: Option<Value>) -> Option<()> {
    let cell = cell(v);
    let header = v.header()?;
    let old = {
        let _guard = t.lock(header);
        cell.contents.swap(contents)
    };
    old.map(drop)
}

/// `COPY_FREE_VARS`.
///
/// # Safety
/// The frame is running; the last `count` locals are its free variables, still null.
pub unsafe fn copy_free_vars(frame: *mut Frame, count: usize) {
    // SAFETY: by the caller.
    unsafe {
        let Some(closure) = (*frame).function().closure.load() else { return };
        let first = (*frame).code().local_count() - count;
        for (i, cell) in tuple::items(&closure).iter().take(count).enumerate() {
            *Frame::locals(frame).add(first + i) = cell.clone().into_bits();
        }
    }
}

/// `LOAD_FROM_DICT_OR_DEREF`.
pub fn load_from_dict_or_deref(t: &Thread, code: &Code, mapping: &Value, w: Word, index: usize) -> PyResult {
    if let Some(v) = lookup(t, mapping, &code.local_names[index])? {
        return Ok(v);
    }
    match cell(&stack::view(w)).contents.load() {
        Some(v) => Ok(v),
        None => Err(unbound_cell(t, code, index)),
    }
}

/// An entry of a namespace, which may be any mapping; None where it has none.
fn lookup(t: &Thread, mapping: &Value, name: &Value) -> PyResult<Option<Value>> {
    if let Some(d) = mapping.downcast_exact::<Dict>() {
        return d.get(t, name);
    }
    match protocol::get_item(t, mapping, name) {
        Ok(v) => Ok(Some(v)),
        Err(raised) => raise::suppress(t, raised, &exc::KEY_ERROR).map(|()| None),
    }
}

/// `LOAD_NAME`.
///
/// # Safety
/// The frame is running.
pub unsafe fn load_name(t: &Thread, frame: &Frame, name: &Value) -> PyResult {
    if frame.namespace != 0
        && let Some(v) = lookup(t, &stack::view(frame.namespace), name)?
    {
        return Ok(v);
    }
    load_global(t, frame, name)
}

/// A global or builtin; NameError where there is none.
pub fn load_global(t: &Thread, frame: &Frame, name: &Value) -> PyResult {
    let function = frame.function();
    if let Some(v) = lookup(t, &function.globals, name)? {
        return Ok(v);
    }
    if let Some(v) = lookup(t, &function.builtins, name)? {
        return Ok(v);
    }
    Err(raise::name_error(t, name))
}

/// The local namespace of a class or module body: the globals where such code runs as a function's.
pub fn namespace(frame: &Frame) -> ManuallyDrop<Value> {
    if frame.namespace != 0 { stack::view(frame.namespace) } else { frame.function().globals.borrowed() }
}

/// `STORE_NAME`.
///
/// # Safety
/// The frame is running.
pub unsafe fn store_name(t: &Thread, frame: &Frame, name: &Value, v: Value) -> PyResult<()> {
    let namespace = namespace(frame);
    match namespace.downcast_exact::<Dict>() {
        Some(d) => d.set(t, name.clone(), v).map(drop),
        None => protocol::set_item(t, &namespace, name, &v),
    }
}

/// `DELETE_NAME`.
///
/// # Safety
/// The frame is running.
pub unsafe fn delete_name(t: &Thread, frame: &Frame, name: &Value) -> PyResult<()> {
    match protocol::del_item(t, &namespace(frame), name) {
        Ok(()) => Ok(()),
        Err(raised) => {
            raise::suppress(t, raised, &exc::KEY_ERROR)?;
            Err(raise::name_error(t, name))
        }
    }
}

/// `DELETE_GLOBAL`.
///
/// # Safety
/// The frame is running.
pub unsafe fn delete_global(t: &Thread, frame: &Frame, name: &Value) -> PyResult<()> {
    match frame.globals().remove(t, name)? {
        Some(_) => Ok(()),
        None => Err(raise::name_error(t, name)),
    }
}

/// `LOAD_FROM_DICT_OR_GLOBALS`.
///
/// # Safety
/// The frame is running.
pub unsafe fn load_from_dict_or_globals(t: &Thread, frame: &Frame, mapping: &Value, name: &Value) -> PyResult {
    match lookup(t, mapping, name)? {
        Some(v) => Ok(v),
        None => load_global(t, frame, name),
    }
}

/// `LOAD_LOCALS`, and `locals()` of the frame.
///
/// # Safety
/// The frame is running on this thread.
pub unsafe fn load_locals(t: &Thread, frame: *mut Frame) -> PyResult {
    // SAFETY: by the caller.
    unsafe {
        if !(*frame).code().has_flag(flags::OPTIMIZED) {
            return Ok((*namespace(&*frame)).clone());
        }
        if let Some(object) = super::super::frame_object::existing(frame) {
            return object.snapshot(t);
        }
    }
    let d = crate::object::dict::new();
    if let Some(payload) = d.downcast::<Dict>() {
        // SAFETY: by the caller.
        for (name, v) in unsafe { Frame::local_entries(frame) } {
            payload.set(t, name, v)?;
        }
    }
    Ok(d)
}

/// `LOAD_BUILD_CLASS`.
///
/// # Safety
/// The frame is running.
pub unsafe fn load_build_class(t: &Thread, frame: &Frame) -> PyResult {
    match lookup(t, &frame.function().builtins, &known().__build_class__)? {
        Some(v) => Ok(v),
        None => Err(raise::new(t, &exc::NAME_ERROR, "__build_class__ not found")),
    }
}

/// `LOAD_COMMON_CONSTANT`.
///
/// # Safety
/// The frame is running.
pub unsafe fn common_constant(t: &Thread, frame: &Frame, which: usize) -> PyResult {
    let builtin = |name: &str| load_builtin(t, frame, name);
    match which {
        0 => Ok(exc::ASSERTION_ERROR.to_value()),
        1 => Ok(exc::NOT_IMPLEMENTED_ERROR.to_value()),
        2 => Ok(crate::object::core_types::TUPLE.to_value()),
        3 => builtin("all"),
        4 => builtin("any"),
        5 => Ok(crate::object::core_types::LIST.to_value()),
        _ => Ok(crate::object::core_types::SET.to_value()),
    }
}

fn load_builtin(t: &Thread, frame: &Frame, name: &str) -> PyResult {
    let name = names::intern(name);
    match lookup(t, &frame.function().builtins, &name)? {
        Some(v) => Ok(v),
        None => Err(raise::name_error(t, &name)),
    }
}
