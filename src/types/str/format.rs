//! `str.format` and `str.format_map`.

use super::operators::text;
use super::repr::escape_non_ascii;
use super::template::{AutoNumber, Field, Key, Piece, Pieces, Span, Step, split_name};
use super::value::make;
use crate::object::args::Args;
use crate::object::growing::Growing;
use crate::object::raise::{self, PyResult};
use crate::object::str::{self, Str};
use crate::object::text::TextRef;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{names, protocol};
use crate::types::int::text::Decimal;

/// Where fields get their values.
#[derive(Clone, Copy)]
enum Source<'a> {
    /// The arguments of `format`.
    Call(Args<'a>),
    /// The mapping of `format_map`.
    Mapping(&'a Value),
}

/// How deep fields may nest in the specifications of fields.
const DEPTH: u32 = 2;

/// `str.format(*args, **kwargs)`
pub fn format(t: &Thread, call: Args<'_>) -> PyResult {
    run(t, &call.pos()[0], Source::Call(call.skip(1)))
}

/// `str.format_map(mapping)`
pub fn format_map(t: &Thread, v: &Value, mapping: &Value) -> PyResult {
    run(t, v, Source::Mapping(mapping))
}

fn run(t: &Thread, v: &Value, source: Source<'_>) -> PyResult {
    let template = text(v);
    let mut out = Growing::with_capacity(template.len() + 16);
    build(t, template, (0, template.len()), source, DEPTH, &mut AutoNumber::default(), &mut out)?;
    out.finish(t)
}

fn build(
    t: &Thread,
    template: TextRef<'_>,
    span: Span,
    source: Source<'_>,
    depth: u32,
    numbers: &mut AutoNumber,
    out: &mut Growing,
) -> PyResult<()> {
    if depth == 0 {
        return Err(raise::value_error(t, "Max string recursion exceeded"));
    }
    for piece in Pieces::new(template, span) {
        let Piece { literal, field } = piece.map_err(|message| raise::value_error(t, message))?;
        out.push_text(template.slice(literal.0, literal.1));
        let Some(field) = field else { continue };
        let object = value_of(t, template, &field, source, numbers)?;
        let object = convert(t, object, field.conversion)?;
        if field.spec.0 == field.spec.1 {
            if object.downcast_exact::<Str>().is_some() {
                push(t, out, text(&object))?;
                continue;
            }
            if let Some(i) = object.as_small_int() {
                out.push_str(Decimal::of(i).text());
                continue;
            }
            let shown = protocol::format(t, &object, &names::empty_str())?;
            push(t, out, text(&shown))?;
            continue;
        }
        let spec = if field.nested {
            let mut spec = Growing::new();
            build(t, template, field.spec, source, depth - 1, numbers, &mut spec)?;
            spec.finish(t)?
        } else {
            make(template.slice(field.spec.0, field.spec.1))
        };
        let shown = protocol::format(t, &object, &spec)?;
        push(t, out, text(&shown))?;
    }
    Ok(())
}

fn push(t: &Thread, out: &mut Growing, text: TextRef<'_>) -> PyResult<()> {
    out.push_text(text);
    out.check(t)
}

fn value_of(
    t: &Thread,
    template: TextRef<'_>,
    field: &Field,
    source: Source<'_>,
    numbers: &mut AutoNumber,
) -> PyResult {
    let bad = |message: &str| raise::value_error(t, message);
    let (first, steps) = split_name(template, field.name).map_err(bad)?;
    let mut object = match (numbers.resolve(first).map_err(bad)?, source) {
        (Key::Index(_), Source::Mapping(_)) => {
            return Err(raise::value_error(t, "Format string contains positional fields"));
        }
        (Key::Index(i), Source::Call(call)) => match call.pos().get(i) {
            Some(v) => v.clone(),
            None => {
                let message = format!("Replacement index {i} out of range for positional args tuple");
                return Err(raise::index_error(t, message));
            }
        },
        (Key::Name((from, to)), Source::Mapping(mapping)) => {
            protocol::get_item(t, mapping, &make(template.slice(from, to)))?
        }
        (Key::Name((from, to)), Source::Call(call)) => {
            let name = template.slice(from, to);
            match call.keywords().find(|(n, _)| str::view(n) == Some(name)) {
                Some((_, v)) => v.clone(),
                None => return Err(raise::key_error(t, &make(name))),
            }
        }
    };
    for step in steps {
        object = match step.map_err(bad)? {
            Step::Attribute((from, to)) => {
                protocol::get_attr(t, &object, &names::intern_text(template.slice(from, to).narrow().view()))?
            }
            Step::Item(Key::Index(i)) => protocol::get_item(t, &object, &Value::uint(i as u64))?,
            Step::Item(Key::Name((from, to))) => protocol::get_item(t, &object, &make(template.slice(from, to)))?,
        };
    }
    Ok(object)
}

/// Applies `!r`, `!s` or `!a`.
fn convert(t: &Thread, object: Value, conversion: Option<u32>) -> PyResult {
    match conversion.map(char::from_u32) {
        None => Ok(object),
        Some(Some('r')) => protocol::repr(t, &object),
        Some(Some('s')) => protocol::to_str(t, &object),
        Some(Some('a')) => {
            let shown = protocol::repr(t, &object)?;
            escape_non_ascii(text(&shown)).finish(t)
        }
        Some(Some(c)) if ('!'..'\u{7f}').contains(&c) => {
            Err(raise::value_error(t, format!("Unknown conversion specifier {c}")))
        }
        Some(_) => {
            let c = conversion.unwrap_or(0);
            Err(raise::value_error(t, format!("Unknown conversion specifier \\x{c:x}")))
        }
    }
}
