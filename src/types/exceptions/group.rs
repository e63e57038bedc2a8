//! BaseExceptionGroup and ExceptionGroup: several exceptions raised as one (PEP 654).

use super::base;
use super::data::{WithFields, get, payload};
use crate::object::alloc;
use crate::object::args::Args;
use crate::object::core_types::exc;
use crate::object::exception::BaseException;
use crate::object::names::known;
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::tuple::{self, Tuple};
use crate::object::type_object::{StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{list, protocol, str};
use crate::sync::shim::atomic::Ordering::*;

payload! {
    /// Fields: message, tuple of exceptions.
    ExceptionGroup 2 BASE_EXCEPTION_GROUP
}

/// The rows for the list of types.
pub static TYPES: &[(&StaticType, &TypeSpec)] =
    &[(&exc::BASE_EXCEPTION_GROUP, &SPEC), (&exc::EXCEPTION_GROUP, &EXCEPTION_GROUP_SPEC)];

static SPEC: TypeSpec = TypeSpec {
    base: Some(&exc::BASE_EXCEPTION),
    doc: "A combination of multiple unrelated exceptions.",
    slots: SlotTable { init: Some(base::init), new: Some(new), str: Some(to_str), ..SlotTable::EMPTY },
    methods: &[
        Method::new(
            "__class_getitem__",
            "($type, object, /)",
            NativeFn::F2(crate::types::class_getitem),
            crate::types::CLASS_GETITEM_DOC,
        )
        .class_method(),
        Method::new(
            "derive",
            "($self, excs, /)",
            NativeFn::F2(derive),
            "A group with the same message and other exceptions; subclasses override it to keep their own data.",
        ),
        Method::new(
            "split",
            "($self, matcher, /)",
            NativeFn::F2(split_method),
            "The pair of subgroups of leaves that match and that do not, each None where there are none.",
        ),
        Method::new(
            "subgroup",
            "($self, matcher, /)",
            NativeFn::F2(subgroup),
            "The subgroup of leaves that match, or None.",
        ),
    ],
    getset: &[
        GetSet::read_only("message", |_, v| Ok(get::<ExceptionGroup>(v, 0)), "exception message").as_member(),
        GetSet::read_only("exceptions", |_, v| Ok(get::<ExceptionGroup>(v, 1)), "nested exceptions").as_member(),
    ],
    flags: flag::BASETYPE,
    ..TypeSpec::new("builtins", "BaseExceptionGroup", layout_of::<ExceptionGroup>(true))
};

static EXCEPTION_GROUP_SPEC: TypeSpec = TypeSpec {
    base: Some(&exc::BASE_EXCEPTION_GROUP),
    flags: flag::BASETYPE,
    ..TypeSpec::new("builtins", "ExceptionGroup", layout_of::<ExceptionGroup>(true))
};

fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    let [message, exceptions] = args.pos() else {
        let given = args.pos().len();
        let message = format!("BaseExceptionGroup.__new__() takes exactly 2 arguments ({given} given)");
        return Err(raise::type_error(t, message));
    };
    if str::view(message).is_none() {
        let given = message.class().display_name();
        let message = format!("BaseExceptionGroup.__new__() argument 1 must be str, not {given}");
        return Err(raise::type_error(t, message));
    }
    if !exceptions.class().is_sequence() {
        return Err(raise::type_error(t, "second argument (exceptions) must be a sequence"));
    }
    let items = protocol::collect(t, exceptions)?;
    if items.is_empty() {
        return Err(raise::value_error(t, "second argument (exceptions) must be a non-empty sequence"));
    }
    let mut only_exceptions = true;
    for (i, item) in items.iter().enumerate() {
        if item.downcast::<BaseException>().is_none() {
            let message = format!("Item {i} of second argument (exceptions) is not an exception");
            return Err(raise::value_error(t, message));
        }
        only_exceptions &= item.class().is_subtype(&exc::EXCEPTION);
    }
    let mut made = class;
    if std::ptr::eq(class, &*exc::EXCEPTION_GROUP) {
        if !only_exceptions {
            return Err(raise::type_error(t, "Cannot nest BaseExceptions in an ExceptionGroup"));
        }
    } else if std::ptr::eq(class, &*exc::BASE_EXCEPTION_GROUP) {
        if only_exceptions {
            made = &exc::EXCEPTION_GROUP;
        }
    } else if !only_exceptions && class.is_subtype(&exc::EXCEPTION) {
        return Err(raise::type_error(t, format!("Cannot nest BaseExceptions in '{}'", class.name())));
    }
    let payload = WithFields::new(tuple::from_slice(args.pos()));
    payload.fields[0].init(message.clone());
    payload.fields[1].init(tuple::from_vec(items));
    Ok(alloc::new(made, ExceptionGroup(payload)))
}

/// The nested exceptions; empty for anything but a group.
pub fn exceptions_of(v: &Value) -> Value {
    get::<ExceptionGroup>(v, 1)
}

fn to_str(t: &Thread, v: &Value) -> PyResult {
    let message = protocol::to_str(t, &get::<ExceptionGroup>(v, 0))?;
    let inner = exceptions_of(v);
    let n = tuple::items(&inner).len();
    let mut out = crate::object::growing::Growing::new();
    if let Some(view) = str::view(&message) {
        out.push_text(view);
    }
    out.push_str(&format!(" ({n} sub-exception{})", if n == 1 { "" } else { "s" }));
    out.finish(t)
}

fn derive(t: &Thread, v: &Value, exceptions: &Value) -> PyResult {
    let args = [get::<ExceptionGroup>(v, 0), exceptions.clone()];
    protocol::call_values(t, &exc::BASE_EXCEPTION_GROUP.to_value(), &args)
}

/// What selects leaves.
enum Matcher<'a> {
    Classes(&'a Value),
    Predicate(&'a Value),
}

impl Matcher<'_> {
    fn of<'a>(t: &Thread, v: &'a Value) -> PyResult<Matcher<'a>> {
        let is_class = |c: &Value| c.downcast::<Type>().is_some_and(|c| c.is_subtype(&exc::BASE_EXCEPTION));
        let is_classes = match v.downcast::<Tuple>() {
            Some(classes) => classes.items().iter().all(is_class),
            None => is_class(v),
        };
        if is_classes {
            return Ok(Matcher::Classes(v));
        }
        if v.downcast::<Type>().is_none() && v.class().slots.call.get().is_some() {
            return Ok(Matcher::Predicate(v));
        }
        Err(raise::type_error(
            t,
            "expected an exception type, a tuple of exception types, or a callable (other than a class)",
        ))
    }

    fn accepts(&self, t: &Thread, e: &Value) -> PyResult<bool> {
        let derives = |c: &Value| c.downcast::<Type>().is_some_and(|c| e.class().is_subtype(c));
        match self {
            Matcher::Classes(v) => Ok(match v.downcast::<Tuple>() {
                Some(classes) => classes.items().iter().any(derives),
                None => derives(v),
            }),
            Matcher::Predicate(f) => {
                let answer = protocol::call_values(t, f, std::slice::from_ref(e))?;
                protocol::is_true(t, &answer)
            }
        }
    }
}

/// The parts of an exception that match and that do not. Without `rest` the second is not made.
fn split(t: &Thread, e: &Value, matcher: &Matcher<'_>, rest: bool) -> PyResult<(Option<Value>, Option<Value>)> {
    protocol::check_recursion(t, " in exceptiongroup_split_recursive")?;
    if matcher.accepts(t, e)? {
        return Ok((Some(e.clone()), None));
    }
    if e.downcast::<ExceptionGroup>().is_none() {
        return Ok((None, rest.then(|| e.clone())));
    }
    let (mut matching, mut other) = (Vec::new(), Vec::new());
    for inner in tuple::items(&exceptions_of(e)) {
        let (a, b) = split(t, inner, matcher, rest)?;
        matching.extend(a);
        other.extend(b);
    }
    let matching = subset(t, e, matching)?;
    let other = if rest { subset(t, e, other)? } else { None };
    Ok((matching, other))
}

/// A group like `original` with some of its leaves: made by its `derive`, with its place, causes and notes.
pub fn subset(t: &Thread, original: &Value, exceptions: Vec<Value>) -> PyResult<Option<Value>> {
    if exceptions.is_empty() {
        return Ok(None);
    }
    let derived = protocol::call_method_str(t, original, "derive", &[list::from_vec(exceptions)])?;
    if derived.downcast::<ExceptionGroup>().is_none() {
        return Err(raise::type_error(t, "derive must return an instance of BaseExceptionGroup"));
    }
    if let (Some(from), Some(to)) = (base::of(original), base::of(&derived)) {
        base::replace(t, &derived, &to.traceback, from.traceback.load().as_ref());
        base::replace(t, &derived, &to.context, from.context.load().as_ref());
        base::replace(t, &derived, &to.cause, from.cause.load().as_ref());
        to.suppress_context.store(from.suppress_context.load(Relaxed), Relaxed);
    }
    if let Some(notes) = protocol::lookup_attr(t, original, &known().__notes__)?
        && notes.class().slots.getitem.get().is_some()
        && !notes.class().has_flag(flag::DICT_SUBCLASS)
    {
        let copy = list::from_vec(protocol::collect(t, &notes)?);
        protocol::set_attr(t, &derived, &known().__notes__, &copy)?;
    }
    Ok(Some(derived))
}

fn split_method(t: &Thread, v: &Value, matcher: &Value) -> PyResult {
    let matcher = Matcher::of(t, matcher)?;
    let (matching, rest) = split(t, v, &matcher, true)?;
    Ok(tuple::from_vec(vec![matching.unwrap_or(Value::NONE), rest.unwrap_or(Value::NONE)]))
}

fn subgroup(t: &Thread, v: &Value, matcher: &Value) -> PyResult {
    let matcher = Matcher::of(t, matcher)?;
    Ok(split(t, v, &matcher, false)?.0.unwrap_or(Value::NONE))
}
