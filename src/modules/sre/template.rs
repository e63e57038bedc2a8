//! Replacement templates: literal pieces between references to groups.

use super::match_object::Match;
use crate::object::raise::{self, PyResult};
use crate::object::slots::Visit;
use crate::object::text::TextBuf;
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, hooks, names, protocol, str};
use crate::this;
use crate::types::bytes::args::bytes_like;
use crate::types::bytes::payload as bytes;

/// The payload of a template. Immutable.
pub struct Template {
    /// What comes first.
    literal: Stored,
    /// Group numbers, each with the literal that follows, unless that is empty.
    items: Box<[(usize, Option<Stored>)]>,
}

/// `_sre.SRE_Template`.
pub static TEMPLATE: StaticType = StaticType::new(&SPEC);

/// Describes `_sre.SRE_Template`.
pub static SPEC: TypeSpec = TypeSpec {
    flags: flag::DISALLOW_INSTANTIATION | flag::IMMUTABLE,
    ..TypeSpec::new("_sre", "SRE_Template", layout_of::<Template>(true))
};

// SAFETY: `TEMPLATE`'s layout is `Template`.
unsafe impl Payload for Template {
    fn layout_type() -> &'static Type {
        &TEMPLATE
    }

    fn trace(&self, visit: Visit) {
        visit(&self.literal);
        self.items.iter().filter_map(|(_, literal)| literal.as_ref()).for_each(|literal| visit(literal));
    }
}

/// `_sre.template(pattern, template)`: `template` is a list of a literal, a group number, a literal, and so on.
pub fn template(t: &Thread, _pattern: &Value, parts: &Value) -> PyResult {
    let invalid = || raise::type_error(t, "invalid template");
    let parts = protocol::collect(t, parts)?;
    let [literal, rest @ ..] = &parts[..] else { return Err(invalid()) };
    if !rest.len().is_multiple_of(2) {
        return Err(invalid());
    }
    let mut items = Vec::with_capacity(rest.len() / 2);
    for pair in rest.chunks(2) {
        let number = pair[0].as_small_int().and_then(|i| usize::try_from(i).ok()).ok_or_else(invalid)?;
        items.push((number, (!is_empty(&pair[1])).then(|| Stored::new(pair[1].clone()))));
    }
    Ok(alloc::new(&TEMPLATE, Template { literal: Stored::new(literal.clone()), items: items.into() }))
}

fn is_empty(v: &Value) -> bool {
    str::view(v).is_some_and(|s| s.is_empty()) || bytes::view(v).is_some_and(<[u8]>::is_empty)
}

/// Asks `re._compile_template` for the template of a replacement string.
pub fn compile(t: &Thread, pattern: &Value, source: &Value) -> PyResult {
    let re = (hooks::get().import)(t, "re")?;
    let result = protocol::call_method_str(t, &re, "_compile_template", &[pattern.clone(), source.clone()])?;
    if result.downcast::<Template>().is_none() {
        let message =
            format!("the result of compiling a replacement string is {} object", result.class().display_name());
        return Err(raise::runtime_error(t, message));
    }
    Ok(result)
}

/// The literal that a template without references stands for.
pub fn as_literal(compiled: &Value) -> Option<Value> {
    let this = compiled.downcast::<Template>()?;
    this.items.is_empty().then(|| Value::clone(&this.literal))
}

/// A template with a match's groups filled in.
pub fn expand(t: &Thread, compiled: &Value, found: &Match) -> PyResult {
    if let Some(literal) = as_literal(compiled) {
        return Ok(literal);
    }
    let this = this!(compiled, Template);
    let subject = found.subject(t)?;
    let mut pieces = Vec::with_capacity(1 + 2 * this.items.len());
    if !is_empty(&this.literal) {
        pieces.push(Value::clone(&this.literal));
    }
    for (number, literal) in &this.items {
        if *number >= found.group_count() {
            return Err(raise::index_error(t, "no such group"));
        }
        pieces.extend(found.text(&subject, *number));
        pieces.extend(literal.as_ref().map(|literal: &Stored| (**literal).clone()));
    }
    join(t, subject.is_bytes(), pieces.len(), pieces.iter().map(Piece::Object))
}

/// Part of a result that is being put together.
pub enum Piece<'a> {
    /// A part of the subject.
    Slice(&'a super::subject::Subject<'a>, usize, usize),
    /// A str or bytes-like object; anything else is a TypeError.
    Object(&'a Value),
}

/// Joins pieces to a str or bytes; a single piece that is exactly a str or bytes is the result itself.
pub fn join<'a>(t: &Thread, is_bytes: bool, count: usize, pieces: impl Iterator<Item = Piece<'a>>) -> PyResult {
    use super::subject::Subject;
    let wrong = |i: usize, v: &Value, wanted: &str| {
        let message = format!("sequence item {i}: expected {wanted}, {} found", v.class().display_name());
        raise::type_error(t, message)
    };
    if count == 0 {
        return Ok(if is_bytes { bytes::empty() } else { names::empty_str() });
    }
    if is_bytes {
        let mut out = Vec::new();
        for (i, piece) in pieces.enumerate() {
            match piece {
                Piece::Slice(Subject::Bytes(b), start, end) => out.extend_from_slice(&b[start..end]),
                Piece::Slice(..) => {}
                Piece::Object(v) if count == 1 && v.downcast_exact::<bytes::Bytes>().is_some() => return Ok(v.clone()),
                Piece::Object(v) if v.class().slots.buffer.get().is_none() => {
                    return Err(wrong(i, v, "a bytes-like object"));
                }
                Piece::Object(v) => out.extend_from_slice(&bytes_like(t, v)?),
            }
        }
        return Ok(bytes::from_vec(out));
    }
    let mut out = TextBuf::new();
    for (i, piece) in pieces.enumerate() {
        match piece {
            Piece::Slice(Subject::Text(text), start, end) => out.push_text(text.slice(start, end)),
            Piece::Slice(..) => {}
            Piece::Object(v) if count == 1 && v.downcast_exact::<str::Str>().is_some() => return Ok(v.clone()),
            Piece::Object(v) => match str::view(v) {
                Some(text) => out.push_text(text),
                None => return Err(wrong(i, v, "str instance")),
            },
        }
    }
    Ok(str::from_buf(out))
}
