//! The type `Pickler`, and `dump` and `dumps`.

use super::memo::Memo;
use super::opcode::{DEFAULT, HIGHEST};
use super::save::Saver;
use super::writer::Writer;
use super::{library, optional_attr, pickling_error};
use crate::modules::support::{self, Guarded, Parameters};
use crate::object::args::{Args, Bound};
use crate::object::exception::visit_slot;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Stored, Value};
use crate::object::{alloc, attribute, bigint, core_types, dict, names, native, protocol, str, tuple};
use crate::sync::shim::atomic::{AtomicBool, Ordering::*};
use crate::this;
use crate::types::bytes::payload as bytes;
use std::collections::HashSet;

/// What `__init__` was given.
struct Options {
    protocol: u8,
    fix_imports: bool,
    buffer_callback: Option<Value>,
}

impl Options {
    fn read(
        t: &Thread,
        protocol: Option<&Value>,
        fix_imports: Option<&Value>,
        callback: Option<&Value>,
    ) -> PyResult<Options> {
        let protocol = match protocol {
            None => DEFAULT,
            Some(v) => match support::size_argument(t, v)? {
                negative if negative < 0 => HIGHEST,
                n if n > i64::from(HIGHEST) => {
                    return Err(raise::value_error(t, format!("pickle protocol must be <= {HIGHEST}")));
                }
                n => n as u8,
            },
        };
        if callback.is_some() && protocol < 5 {
            return Err(raise::value_error(t, "buffer_callback needs protocol >= 5"));
        }
        let fix_imports = fix_imports.map_or(Ok(true), |v| protocol::is_true(t, v))?;
        Ok(Options { protocol, fix_imports: fix_imports && protocol < 3, buffer_callback: callback.cloned() })
    }

    fn saver<'t>(self, t: &'t Thread, file: Option<Value>, memo: Memo) -> PyResult<Saver<'t>> {
        Ok(Saver {
            t,
            library: library::get(t)?,
            protocol: self.protocol,
            fix_imports: self.fix_imports,
            fast: false,
            out: Writer::new(file),
            memo,
            buffer_callback: self.buffer_callback,
            persistent_id: None,
            reducer_override: None,
            dispatch_table: None,
            fast_depth: 0,
            fast_seen: HashSet::new(),
        })
    }
}

/// The `write` of a file.
fn write_of(t: &Thread, file: &Value) -> PyResult {
    match optional_attr(t, file, "write")? {
        Some(write) => Ok(write),
        None => Err(raise::type_error(t, "file must have a 'write' attribute")),
    }
}

/// `pickle.dump`.
pub fn dump(t: &Thread, b: &Bound<'_>) -> PyResult {
    let options = Options::read(t, b.non_none(2), b.opt(3), b.non_none(4))?;
    let mut saver = options.saver(t, Some(write_of(t, b.req(1))?), Memo::new())?;
    saver.dump(b.req(0))?;
    Ok(Value::NONE)
}

/// `pickle.dumps`.
pub fn dumps(t: &Thread, b: &Bound<'_>) -> PyResult {
    let options = Options::read(t, b.non_none(1), b.opt(2), b.non_none(3))?;
    let mut saver = options.saver(t, None, Memo::new())?;
    saver.dump(b.req(0))?;
    Ok(bytes::from_vec(saver.out.into_bytes()))
}

/// The payload of a pickler.
pub struct Pickler {
    /// Taken out while a pickle is written; None before `__init__`.
    state: Guarded<Option<State>>,
    running: AtomicBool,
    fast: AtomicBool,
    binary: AtomicBool,
    persistent_id: Slot,
    dispatch_table: Slot,
}

struct State {
    protocol: u8,
    fix_imports: bool,
    write: Stored,
    buffer_callback: Option<Stored>,
    memo: Memo,
}

/// `pickle.Pickler`.
pub static PICKLER: StaticType = StaticType::new(&SPEC);

const SIGNATURE: &str = "(file, protocol=None, fix_imports=True, buffer_callback=None)";

static SPEC: TypeSpec = TypeSpec {
    doc: "This takes a binary file for writing a pickle data stream.",
    signature: SIGNATURE,
    slots: SlotTable {
        new: Some(new),
        init: Some(init),
        getattro: Some(get_attribute),
        setattro: Some(set_attribute),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new(
            "dump",
            "($self, obj, /)",
            NativeFn::F2(dump_method),
            "Writes a pickled representation of the given object to the open file.",
        ),
        Method::new(
            "clear_memo",
            "($self, /)",
            NativeFn::F1(clear_memo),
            "Clears the pickler's \"memo\".\n\nThe memo is the data structure that remembers which objects the pickler \
             has already\nseen, so that shared or recursive objects are pickled by reference and not by\nvalue.",
        ),
        Method::new(
            "persistent_id",
            "($self, obj, /)",
            NativeFn::F2(|_, _, _| Ok(Value::NONE)),
            "Says under which persistent id an object is to be pickled; None: by value.",
        ),
    ],
    getset: &[
        GetSet::new("memo", get_memo, set_memo, ""),
        GetSet::new(
            "bin",
            |_, v| Ok(Value::int(i64::from(this!(v, Pickler).binary.load(Relaxed)))),
            |t, v, value| set_flag(t, &this!(v, Pickler).binary, value),
            "",
        )
        .as_member(),
        GetSet::new(
            "fast",
            |_, v| Ok(Value::int(i64::from(this!(v, Pickler).fast.load(Relaxed)))),
            |t, v, value| set_flag(t, &this!(v, Pickler).fast, value),
            "",
        )
        .as_member(),
        GetSet::new(
            "dispatch_table",
            |t, v| match this!(v, Pickler).dispatch_table.load() {
                Some(table) => Ok(table),
                None => Err(raise::no_attribute(t, v, &names::intern("dispatch_table"))),
            },
            |t, v, value| {
                support::put(t, v, &this!(v, Pickler).dispatch_table, value.cloned());
                Ok(())
            },
            "",
        )
        .as_member(),
    ],
    flags: flag::BASETYPE,
    ..TypeSpec::new("_pickle", "Pickler", layout_of::<Pickler>(true))
};

// SAFETY: `PICKLER`'s layout is `Pickler`.
unsafe impl Payload for Pickler {
    fn layout_type() -> &'static Type {
        &PICKLER
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.persistent_id, visit);
        visit_slot(&self.dispatch_table, visit);
        if let Some(state) = self.state.stopped() {
            visit(&state.write);
            if let Some(callback) = &state.buffer_callback {
                visit(callback);
            }
            state.memo.trace(visit);
        }
    }

    fn clear(&self) {
        drop(self.persistent_id.take());
        drop(self.dispatch_table.take());
        drop(self.state.replace_unreachable(None));
    }
}

fn set_flag(t: &Thread, flag: &AtomicBool, value: Option<&Value>) -> PyResult<()> {
    match value {
        Some(value) => {
            flag.store(support::size_argument(t, value)? != 0, Relaxed);
            Ok(())
        }
        None => Err(raise::type_error(t, "can't delete numeric/char attribute")),
    }
}

fn new(_: &Thread, class: &Type, _: Args<'_>) -> PyResult {
    let pickler = Pickler {
        state: Guarded::new(None),
        running: AtomicBool::new(false),
        fast: AtomicBool::new(false),
        binary: AtomicBool::new(false),
        persistent_id: Slot::empty(),
        dispatch_table: Slot::empty(),
    };
    Ok(alloc::new(class, pickler))
}

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    static PARAMETERS: Parameters = Parameters::new(SIGNATURE);
    let this = this!(v, Pickler);
    let b = PARAMETERS.bind_call(t, "Pickler", args)?;
    let _busy = Busy::enter(t, &this.running)?;
    let options = Options::read(t, b.non_none(1), b.opt(2), b.non_none(3))?;
    let write = write_of(t, b.req(0))?;
    // A subclass may have a table of its own on the class.
    if let Some(table) = optional_attr(t, v, "dispatch_table")? {
        support::put(t, v, &this.dispatch_table, Some(table));
    }
    this.binary.store(options.protocol >= 1, Relaxed);
    this.fast.store(false, Relaxed);
    let state = State {
        protocol: options.protocol,
        fix_imports: options.fix_imports,
        write: Stored::new(write),
        buffer_callback: options.buffer_callback.map(Stored::new),
        memo: Memo::lasting(),
    };
    drop(this.state.with(t, v, |place| place.replace(state)));
    Ok(())
}

/// Says that a pickler is at work, until dropped.
struct Busy<'a>(&'a AtomicBool);

impl<'a> Busy<'a> {
    fn enter(t: &Thread, running: &'a AtomicBool) -> PyResult<Busy<'a>> {
        match running.compare_exchange(false, true, Acquire, Relaxed) {
            Ok(_) => Ok(Busy(running)),
            Err(_) => Err(raise::runtime_error(t, "Pickler object is already used")),
        }
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.store(false, Release);
    }
}

#[cold]
fn not_initialised(t: &Thread, v: &Value) -> Raised {
    let message = format!("Pickler.__init__() was not called by {}.__init__()", v.class().name());
    pickling_error(t, message)
}

/// An attribute that a subclass or instance overrides; None for the type's own method.
fn overridden(t: &Thread, v: &Value, name: &str) -> PyResult<Option<Value>> {
    Ok(optional_attr(t, v, name)?.filter(|found| !is_own(found, name)))
}

/// Whether an attribute is a native method of this name.
pub fn is_own(found: &Value, name: &str) -> bool {
    native::of(found).is_some_and(|f| f.passes_self && f.method.name == name)
}

fn dump_method(t: &Thread, v: &Value, object: &Value) -> PyResult {
    let this = this!(v, Pickler);
    let _busy = Busy::enter(t, &this.running)?;
    let Some(state) = this.state.with(t, v, Option::take) else { return Err(not_initialised(t, v)) };
    let State { protocol, fix_imports, write, buffer_callback, memo } = state;
    let options = Options {
        protocol,
        fix_imports,
        buffer_callback: buffer_callback.as_ref().map(|callback| Value::clone(callback)),
    };
    let mut saver = options.saver(t, Some(Value::clone(&write)), memo)?;
    let result = run(t, v, this, &mut saver, object);
    let memo = saver.memo;
    let state = State { protocol, fix_imports, write, buffer_callback, memo };
    // Something that was set meanwhile gives way.
    let meanwhile = this.state.with(t, v, |place| place.replace(state));
    drop(meanwhile);
    result?;
    Ok(Value::NONE)
}

fn run(t: &Thread, v: &Value, this: &Pickler, saver: &mut Saver<'_>, object: &Value) -> PyResult<()> {
    saver.fast = this.fast.load(Relaxed);
    saver.dispatch_table = this.dispatch_table.load();
    saver.persistent_id = overridden(t, v, "persistent_id")?;
    saver.reducer_override = optional_attr(t, v, "reducer_override")?;
    saver.dump(object)
}

fn clear_memo(t: &Thread, v: &Value) -> PyResult {
    let old = this!(v, Pickler)
        .state
        .with(t, v, |state| state.as_mut().map(|state| std::mem::replace(&mut state.memo, Memo::lasting())));
    drop(old);
    Ok(Value::NONE)
}

fn get_attribute(t: &Thread, v: &Value, name: &Value) -> PyResult {
    if str::eq_str(name, "persistent_id")
        && let Some(set) = v.downcast::<Pickler>().and_then(|this| this.persistent_id.load())
    {
        return Ok(set);
    }
    attribute::generic_get(t, v, name)
}

fn set_attribute(t: &Thread, v: &Value, name: &Value, value: Option<&Value>) -> PyResult<()> {
    if str::eq_str(name, "persistent_id")
        && let Some(this) = v.downcast::<Pickler>()
    {
        support::put(t, v, &this.persistent_id, value.cloned());
        return Ok(());
    }
    attribute::generic_set(t, v, name, value)
}

/// The payload of a pickler's memo as Python sees it.
pub struct MemoProxy {
    pickler: Stored,
}

/// `_pickle.PicklerMemoProxy`.
pub static MEMO_PROXY: StaticType = StaticType::new(&TypeSpec {
    slots: SlotTable { hash: None, ..SlotTable::EMPTY },
    methods: &[
        Method::new(
            "clear",
            "($self, /)",
            NativeFn::F1(|t, v| clear_memo(t, &this!(v, MemoProxy).pickler)),
            "Remove all items from memo.",
        ),
        Method::new(
            "copy",
            "($self, /)",
            NativeFn::F1(|t, v| copy_memo(t, &this!(v, MemoProxy).pickler)),
            "Copy the memo to a new object.",
        ),
        Method::new(
            "__reduce__",
            "($self, /)",
            NativeFn::F1(|t, v| {
                let contents = tuple::from_vec(vec![copy_memo(t, &this!(v, MemoProxy).pickler)?]);
                Ok(tuple::from_vec(vec![core_types::DICT.to_value(), contents]))
            }),
            "Implement pickle support.",
        ),
    ],
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("_pickle", "PicklerMemoProxy", layout_of::<MemoProxy>(true))
});

// SAFETY: `MEMO_PROXY`'s layout is `MemoProxy`.
unsafe impl Payload for MemoProxy {
    fn layout_type() -> &'static Type {
        &MEMO_PROXY
    }

    fn trace(&self, visit: Visit) {
        visit(&self.pickler);
    }
}

fn get_memo(_: &Thread, v: &Value) -> PyResult {
    Ok(alloc::new(&MEMO_PROXY, MemoProxy { pickler: Stored::new(v.clone()) }))
}

/// A dict of identity to (number, object).
fn copy_memo(t: &Thread, pickler: &Value) -> PyResult {
    let entries = this!(pickler, Pickler)
        .state
        .with(t, pickler, |state| state.as_ref().map_or_else(Vec::new, |s| s.memo.entries()));
    let copy = dict::new();
    let Some(target) = copy.downcast::<dict::Dict>() else { return Ok(copy) };
    for (number, object) in entries {
        let key = bigint::from_u64(object.id());
        drop(target.set(t, key, tuple::from_vec(vec![Value::int(i64::from(number)), object]))?);
    }
    Ok(copy)
}

fn set_memo(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(raise::type_error(t, "attribute deletion is not supported")) };
    let source = match value.downcast::<MemoProxy>() {
        Some(proxy) => copy_memo(t, &proxy.pickler)?,
        None => value.clone(),
    };
    let Some(entries) = source.downcast::<dict::Dict>() else {
        let message =
            format!("'memo' attribute must be a PicklerMemoProxy object or dict, not {}", value.class().name());
        return Err(raise::type_error(t, message));
    };
    let mut memo = Memo::lasting();
    for (_, entry) in entries.entries() {
        let [number, object] = tuple::items(&entry) else {
            return Err(raise::type_error(t, "'memo' values must be 2-item tuples"));
        };
        let number = support::size_argument(t, number)?;
        memo.put_as(object, u32::try_from(number).unwrap_or(0));
    }
    let old = this!(v, Pickler).state.with(t, v, |state| match state {
        Some(state) => Some(std::mem::replace(&mut state.memo, memo)),
        None => Some(memo),
    });
    drop(old);
    Ok(())
}
