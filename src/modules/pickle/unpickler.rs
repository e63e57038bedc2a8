//! The type `Unpickler`, and `load` and `loads`.

use super::input::{File, Input};
use super::machine::{Machine, Numbered};
use super::pickler::is_own;
use super::{build, library, optional_attr, unpickling_error};
use crate::modules::support::{self, Guarded, Parameters};
use crate::object::args::{Args, Bound};
use crate::object::exception::visit_slot;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Stored, Value};
use crate::object::{alloc, attribute, core_types, dict, protocol, str, tuple};
use crate::sync::shim::atomic::{AtomicBool, AtomicU8, Ordering::*};
use crate::this;
use crate::types::bytes::args::bytes_like;

/// What the caller says about old pickles.
#[derive(Clone)]
struct Options {
    fix_imports: bool,
    encoding: String,
    errors: String,
}

impl Options {
    fn read(t: &Thread, b: &Bound<'_>, function: &str, first: usize) -> PyResult<Options> {
        let fix_imports = b.opt(first).map_or(Ok(true), |v| protocol::is_true(t, v))?;
        let text = |i: usize, name: &str, default: &str| -> PyResult<String> {
            match b.opt(i) {
                None => Ok(default.to_string()),
                Some(v) if str::view(v).is_some() => Ok(str::lossy(v).into_owned()),
                Some(v) => {
                    let message =
                        format!("{function}() argument '{name}' must be str, not {}", v.class().display_name());
                    Err(raise::type_error(t, message))
                }
            }
        };
        Ok(Options {
            fix_imports,
            encoding: text(first + 1, "encoding", "ASCII")?,
            errors: text(first + 2, "errors", "strict")?,
        })
    }

    fn machine<'a>(self, t: &'a Thread, input: Input<'a>, buffers: Option<Value>) -> PyResult<Machine<'a>> {
        Ok(Machine {
            t,
            library: library::get(t)?,
            input,
            stack: Vec::new(),
            marks: Vec::new(),
            memo: Numbered::default(),
            protocol: 0,
            fix_imports: self.fix_imports,
            encoding: self.encoding,
            errors: self.errors,
            buffers,
            find_class: None,
            persistent_load: None,
            published: None,
        })
    }
}

/// An iterator over the `buffers` argument.
fn buffers_of(t: &Thread, buffers: Option<&Value>) -> PyResult<Option<Value>> {
    buffers.map(|buffers| protocol::iter(t, buffers)).transpose()
}

impl File {
    fn of(t: &Thread, file: &Value) -> PyResult<File> {
        let peek = optional_attr(t, file, "peek")?;
        let readinto = optional_attr(t, file, "readinto")?;
        match (optional_attr(t, file, "read")?, optional_attr(t, file, "readline")?) {
            (Some(read), Some(readline)) => Ok(File { read, readline, readinto, peek }),
            _ => Err(raise::type_error(t, "file must have 'read' and 'readline' attributes")),
        }
    }
}

/// `pickle.load`.
pub fn load(t: &Thread, b: &Bound<'_>) -> PyResult {
    let options = Options::read(t, b, "load", 1)?;
    let file = File::of(t, b.req(0))?;
    let buffers = buffers_of(t, b.non_none(4))?;
    options.machine(t, Input::file(&file), buffers)?.load()
}

/// `pickle.loads`.
pub fn loads(t: &Thread, b: &Bound<'_>) -> PyResult {
    let options = Options::read(t, b, "loads", 1)?;
    let buffers = buffers_of(t, b.non_none(4))?;
    let data = bytes_like(t, b.req(0))?;
    options.machine(t, Input::memory(data), buffers)?.load()
}

/// The payload of an unpickler.
pub struct Unpickler {
    /// Taken out while a pickle is read; None before `__init__`.
    state: Guarded<Option<State>>,
    running: AtomicBool,
    /// What `find_class` goes by while a pickle is read.
    protocol: AtomicU8,
    fix_imports: AtomicBool,
    persistent_load: Slot,
}

struct State {
    options: Options,
    read: Stored,
    readline: Stored,
    readinto: Option<Stored>,
    peek: Option<Stored>,
    buffers: Option<Stored>,
    memo: Vec<(usize, Stored)>,
}

/// `pickle.Unpickler`.
pub static UNPICKLER: StaticType = StaticType::new(&SPEC);

const SIGNATURE: &str = "(file, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())";

static SPEC: TypeSpec = TypeSpec {
    doc: "This takes a binary file for reading a pickle data stream.",
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
            "load",
            "($self, /)",
            NativeFn::F1(load_method),
            "Loads a pickle.\n\nReads a pickled object representation from the open file object given in the \
             constructor,\nand returns the reconstituted object hierarchy specified therein.",
        ),
        Method::new(
            "find_class",
            "($self, module_name, global_name, /)",
            NativeFn::F3(|t, v, module, name| {
                let this = this!(v, Unpickler);
                let library = library::get(t)?;
                build::find_class(t, library, this.protocol.load(Relaxed), this.fix_imports.load(Relaxed), module, name)
            }),
            "Returns an object from a specified module.\n\nIf necessary, the module will be imported. Subclasses may \
             override this method\n(e.g. to restrict unpickling of arbitrary classes and functions).",
        ),
        Method::new(
            "persistent_load",
            "($self, pid, /)",
            NativeFn::F2(|t, _, _| {
                let message =
                    "A load persistent id instruction was encountered, but no persistent_load function was specified.";
                Err(unpickling_error(t, message))
            }),
            "Answers the object that a persistent id stands for.",
        ),
    ],
    getset: &[GetSet::new("memo", get_memo, set_memo, "")],
    flags: flag::BASETYPE,
    ..TypeSpec::new("_pickle", "Unpickler", layout_of::<Unpickler>(true))
};

// SAFETY: `UNPICKLER`'s layout is `Unpickler`.
unsafe impl Payload for Unpickler {
    fn layout_type() -> &'static Type {
        &UNPICKLER
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.persistent_load, visit);
        if let Some(state) = self.state.stopped() {
            visit(&state.read);
            visit(&state.readline);
            for v in [&state.readinto, &state.peek, &state.buffers].into_iter().flatten() {
                visit(v);
            }
            state.memo.iter().for_each(|(_, v)| visit(v));
        }
    }

    fn clear(&self) {
        drop(self.persistent_load.take());
        drop(self.state.replace_unreachable(None));
    }
}

fn new(_: &Thread, class: &Type, _: Args<'_>) -> PyResult {
    let unpickler = Unpickler {
        state: Guarded::new(None),
        running: AtomicBool::new(false),
        protocol: AtomicU8::new(0),
        fix_imports: AtomicBool::new(true),
        persistent_load: Slot::empty(),
    };
    Ok(alloc::new(class, unpickler))
}

/// Says that an unpickler is at work, until dropped.
struct Busy<'a>(&'a AtomicBool);

impl<'a> Busy<'a> {
    fn enter(t: &Thread, running: &'a AtomicBool) -> PyResult<Busy<'a>> {
        match running.compare_exchange(false, true, Acquire, Relaxed) {
            Ok(_) => Ok(Busy(running)),
            Err(_) => Err(raise::runtime_error(t, "Unpickler object is already used")),
        }
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.store(false, Release);
    }
}

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    static PARAMETERS: Parameters = Parameters::new(SIGNATURE);
    let this = this!(v, Unpickler);
    let b = PARAMETERS.bind_call(t, "Unpickler", args)?;
    let _busy = Busy::enter(t, &this.running)?;
    let options = Options::read(t, &b, "Unpickler", 1)?;
    let File { read, readline, readinto, peek } = File::of(t, b.req(0))?;
    let buffers = buffers_of(t, b.non_none(4))?;
    this.fix_imports.store(options.fix_imports, Relaxed);
    this.protocol.store(0, Relaxed);
    let state = State {
        options,
        read: Stored::new(read),
        readline: Stored::new(readline),
        readinto: readinto.map(Stored::new),
        peek: peek.map(Stored::new),
        buffers: buffers.map(Stored::new),
        memo: Vec::new(),
    };
    drop(this.state.with(t, v, |place| place.replace(state)));
    Ok(())
}

#[cold]
fn not_initialised(t: &Thread, v: &Value) -> Raised {
    let message = format!("Unpickler.__init__() was not called by {}.__init__()", v.class().name());
    unpickling_error(t, message)
}

fn load_method(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, Unpickler);
    let _busy = Busy::enter(t, &this.running)?;
    let Some(mut state) = this.state.with(t, v, Option::take) else { return Err(not_initialised(t, v)) };
    let value = |v: &Stored| Value::clone(v);
    let file = File {
        read: value(&state.read),
        readline: value(&state.readline),
        readinto: state.readinto.as_ref().map(value),
        peek: state.peek.as_ref().map(value),
    };
    let memo = std::mem::take(&mut state.memo);
    let (result, memo) = run(t, v, &state, &file, memo);
    state.memo = memo;
    let meanwhile = this.state.with(t, v, |place| place.replace(state));
    drop(meanwhile);
    result
}

fn run(
    t: &Thread,
    v: &Value,
    state: &State,
    file: &File,
    memo: Vec<(usize, Stored)>,
) -> (PyResult, Vec<(usize, Stored)>) {
    let buffers = state.buffers.as_ref().map(|buffers| Value::clone(buffers));
    let mut machine = match state.options.clone().machine(t, Input::file(file), buffers) {
        Ok(machine) => machine,
        Err(raised) => return (Err(raised), memo),
    };
    for (number, object) in memo {
        machine.memo.put(number, object.into_value());
    }
    let overrides = || -> PyResult<(Option<Value>, Option<Value>)> {
        let find_class = optional_attr(t, v, "find_class")?;
        let persistent_load = optional_attr(t, v, "persistent_load")?;
        Ok((find_class, persistent_load))
    };
    let result = match overrides() {
        Ok((find_class, persistent_load)) => {
            machine.find_class = find_class.filter(|f| !is_own(f, "find_class"));
            machine.persistent_load = persistent_load;
            machine.published = v.downcast::<Unpickler>().map(|this| &this.protocol);
            machine.load()
        }
        Err(raised) => Err(raised),
    };
    let memo = machine.memo.into_entries().into_iter().map(|(i, v)| (i, Stored::new(v))).collect();
    (result, memo)
}

fn get_attribute(t: &Thread, v: &Value, name: &Value) -> PyResult {
    if str::eq_str(name, "persistent_load")
        && let Some(set) = v.downcast::<Unpickler>().and_then(|this| this.persistent_load.load())
    {
        return Ok(set);
    }
    attribute::generic_get(t, v, name)
}

fn set_attribute(t: &Thread, v: &Value, name: &Value, value: Option<&Value>) -> PyResult<()> {
    if str::eq_str(name, "persistent_load")
        && let Some(this) = v.downcast::<Unpickler>()
    {
        support::put(t, v, &this.persistent_load, value.cloned());
        return Ok(());
    }
    attribute::generic_set(t, v, name, value)
}

/// The payload of an unpickler's memo as Python sees it.
pub struct MemoProxy {
    unpickler: Stored,
}

/// `_pickle.UnpicklerMemoProxy`.
pub static MEMO_PROXY: StaticType = StaticType::new(&TypeSpec {
    methods: &[
        Method::new(
            "clear",
            "($self, /)",
            NativeFn::F1(|t, v| {
                replace_memo(t, &this!(v, MemoProxy).unpickler, Vec::new());
                Ok(Value::NONE)
            }),
            "Remove all items from memo.",
        ),
        Method::new(
            "copy",
            "($self, /)",
            NativeFn::F1(|t, v| copy_memo(t, &this!(v, MemoProxy).unpickler)),
            "Copy the memo to a new object.",
        ),
        Method::new(
            "__reduce__",
            "($self, /)",
            NativeFn::F1(|t, v| {
                let contents = tuple::from_vec(vec![copy_memo(t, &this!(v, MemoProxy).unpickler)?]);
                Ok(tuple::from_vec(vec![core_types::DICT.to_value(), contents]))
            }),
            "Implement pickling support.",
        ),
    ],
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("_pickle", "UnpicklerMemoProxy", layout_of::<MemoProxy>(true))
});

// SAFETY: `MEMO_PROXY`'s layout is `MemoProxy`.
unsafe impl Payload for MemoProxy {
    fn layout_type() -> &'static Type {
        &MEMO_PROXY
    }

    fn trace(&self, visit: Visit) {
        visit(&self.unpickler);
    }
}

fn get_memo(_: &Thread, v: &Value) -> PyResult {
    Ok(alloc::new(&MEMO_PROXY, MemoProxy { unpickler: Stored::new(v.clone()) }))
}

fn replace_memo(t: &Thread, unpickler: &Value, memo: Vec<(usize, Stored)>) {
    let old = this!(unpickler, Unpickler).state.with(t, unpickler, |state| match state {
        Some(state) => std::mem::replace(&mut state.memo, memo),
        None => memo,
    });
    drop(old);
}

fn copy_memo(t: &Thread, unpickler: &Value) -> PyResult {
    let entries: Vec<(usize, Value)> = this!(unpickler, Unpickler).state.with(t, unpickler, |state| {
        state.as_ref().map_or_else(Vec::new, |s| s.memo.iter().map(|(i, v)| (*i, Value::clone(v))).collect())
    });
    let copy = dict::new();
    let Some(target) = copy.downcast::<dict::Dict>() else { return Ok(copy) };
    for (number, object) in entries {
        drop(target.set(t, Value::uint(number as u64), object)?);
    }
    Ok(copy)
}

fn set_memo(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(raise::type_error(t, "attribute deletion is not supported")) };
    let source = match value.downcast::<MemoProxy>() {
        Some(proxy) => copy_memo(t, &proxy.unpickler)?,
        None => value.clone(),
    };
    let Some(entries) = source.downcast::<dict::Dict>() else {
        let message =
            format!("'memo' attribute must be an UnpicklerMemoProxy object or dict, not {}", value.class().name());
        return Err(raise::type_error(t, message));
    };
    let mut memo = Vec::new();
    for (number, object) in entries.entries() {
        if crate::object::bigint::view(&number).is_none() {
            return Err(raise::type_error(t, "memo key must be integers"));
        }
        match usize::try_from(support::size_argument(t, &number)?) {
            Ok(number) => memo.push((number, Stored::new(object))),
            Err(_) => return Err(raise::value_error(t, "memo key must be positive integers.")),
        }
    }
    replace_memo(t, v, memo);
    Ok(())
}
