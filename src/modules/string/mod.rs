//! `_string`: the parsers of `str.format`, for the library's `string.Formatter`.

use crate::modules::support::hide;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::str::{self, Str};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::text::TextRef;
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, names, tuple};
use crate::sync::shim::atomic::{AtomicUsize, Ordering::*};
use crate::types::str::template::{Key, Pieces, Step, Steps, split_name};
use crate::types::str::value::{char_value, make};

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "formatter_parser",
            "($module, object, /)",
            NativeFn::F1(formatter_parser),
            "parse the argument as a format string",
        ),
        Method::new(
            "formatter_field_name_split",
            "($module, object, /)",
            NativeFn::F1(field_name_split),
            "split the argument as a field name",
        ),
    ],
    types: &[&PARSER, &STEPS],
    init: Some(|t, module| hide(t, module, &["formatteriterator", "fieldnameiterator"])),
    ..ModuleSpec::new("_string", "string helper module")
};

/// A position in a text: the payload of both iterators.
struct Cursor {
    text: Stored,
    at: AtomicUsize,
}

impl Cursor {
    fn new(text: &Value, at: usize) -> Cursor {
        Cursor { text: Stored::new(text.clone()), at: AtomicUsize::new(at) }
    }

    fn view(&self) -> TextRef<'_> {
        str::view(&self.text).unwrap_or(TextRef::EMPTY)
    }
}

/// Iterator over the pieces of a template.
struct Parser(Cursor);
/// Iterator over the steps of a field name.
struct StepIter(Cursor);

macro_rules! iterators {
    ($($payload:ident $class:ident $spec:ident $name:literal $next:ident;)*) => { $(
        static $class: StaticType = StaticType::new(&$spec);
        static $spec: TypeSpec = TypeSpec {
            slots: SlotTable { iter: Some(|_, v| Ok(v.clone())), next: Some($next), ..SlotTable::EMPTY },
            flags: flag::DISALLOW_INSTANTIATION,
            ..TypeSpec::new("builtins", $name, layout_of::<$payload>(true))
        };

        // SAFETY: the class's layout is the payload.
        unsafe impl Payload for $payload {
            fn layout_type() -> &'static Type {
                &$class
            }

            fn trace(&self, visit: Visit) {
                visit(&self.0.text);
            }
        }
    )* };
}

iterators! {
    Parser PARSER PARSER_SPEC "formatteriterator" next_piece;
    StepIter STEPS STEPS_SPEC "fieldnameiterator" next_step;
}

fn check_str(t: &Thread, v: &Value) -> PyResult<()> {
    match v.downcast::<Str>() {
        Some(_) => Ok(()),
        None => Err(raise::type_error(t, format!("expected str, got {}", v.class().display_name()))),
    }
}

fn formatter_parser(t: &Thread, text: &Value) -> PyResult {
    check_str(t, text)?;
    Ok(alloc::new(&PARSER, Parser(Cursor::new(text, 0))))
}

fn next_piece(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let Some(Parser(cursor)) = v.downcast::<Parser>() else { return Ok(None) };
    let text = cursor.view();
    let mut pieces = Pieces::new(text, (cursor.at.load(Relaxed), text.len()));
    let Some(piece) = pieces.next() else { return Ok(None) };
    cursor.at.store(pieces.position(), Relaxed);
    let piece = piece.map_err(|message| raise::value_error(t, message))?;
    let part = |(from, to): (usize, usize)| make(text.slice(from, to));
    let literal = part(piece.literal);
    Ok(Some(match piece.field {
        None => tuple::from_slice(&[literal, Value::NONE, Value::NONE, Value::NONE]),
        Some(field) => {
            let conversion = field.conversion.map_or(Value::NONE, char_value);
            tuple::from_slice(&[literal, part(field.name), part(field.spec), conversion])
        }
    }))
}

fn key_value(text: TextRef<'_>, key: Key) -> Value {
    match key {
        Key::Index(i) => Value::uint(i as u64),
        Key::Name((from, to)) if from == to => names::empty_str(),
        Key::Name((from, to)) => make(text.slice(from, to)),
    }
}

fn field_name_split(t: &Thread, name: &Value) -> PyResult {
    check_str(t, name)?;
    let text = str::view(name).unwrap_or(TextRef::EMPTY);
    let (first, steps) = split_name(text, (0, text.len())).map_err(|message| raise::value_error(t, message))?;
    let rest = alloc::new(&STEPS, StepIter(Cursor::new(name, steps.position())));
    Ok(tuple::from_slice(&[key_value(text, first), rest]))
}

fn next_step(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let Some(StepIter(cursor)) = v.downcast::<StepIter>() else { return Ok(None) };
    let text = cursor.view();
    let mut steps = Steps::new(text, (cursor.at.load(Relaxed), text.len()));
    let Some(step) = steps.next() else { return Ok(None) };
    cursor.at.store(steps.position(), Relaxed);
    let (attribute, key) = match step.map_err(|message| raise::value_error(t, message))? {
        Step::Attribute(span) => (true, Key::Name(span)),
        Step::Item(key) => (false, key),
    };
    Ok(Some(tuple::from_slice(&[Value::bool(attribute), key_value(text, key)])))
}
