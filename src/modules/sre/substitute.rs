//! `Pattern.sub`, `subn` and `split`.

use super::exec::UNSET;
use super::match_object::{self, Match};
use super::pattern::Pattern;
use super::search::Mode;
use super::subject::{Look, Subject, each};
use super::template::{self, Piece, join};
use crate::modules::support::{list_of, size_argument};
use crate::object::args::Bound;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{protocol, tuple};
use crate::this;

/// What replaces a match.
enum Replacement {
    Literal(Value),
    Template(Value),
    Call(Value),
}

fn replacement(t: &Thread, pattern: &Value, repl: &Value) -> PyResult<Replacement> {
    if repl.class().slots.call.get().is_some() {
        return Ok(Replacement::Call(repl.clone()));
    }
    let plain = match Subject::new(t, repl) {
        Ok(Subject::Text(text)) => !text.code_points().any(|c| c == 0x5C),
        Ok(Subject::Bytes(bytes)) => memchr::memchr(0x5C, &bytes).is_none(),
        Err(raised) => {
            drop(raise::take(t, raised));
            false
        }
    };
    if plain {
        return Ok(Replacement::Literal(repl.clone()));
    }
    let compiled = template::compile(t, pattern, repl)?;
    Ok(match template::as_literal(&compiled) {
        Some(literal) => Replacement::Literal(literal),
        None => Replacement::Template(compiled),
    })
}

/// `Pattern.sub`.
pub fn sub(t: &Thread, b: &Bound<'_>) -> PyResult {
    replace(t, b).map(|(text, _)| text)
}

/// `Pattern.subn`.
pub fn subn(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (text, count) = replace(t, b)?;
    Ok(tuple::from_iter(2, [text, Value::int(count)]))
}

/// Part of the result: of the subject, or what replaces a match.
enum Part {
    Slice(usize, usize),
    Object(Value),
}

fn replace(t: &Thread, b: &Bound<'_>) -> PyResult<(Value, i64)> {
    let (pattern, repl, string) = (b.req(0), b.req(1), b.req(2));
    let limit = b.opt(3).map_or(Ok(0), |count| size_argument(t, count))?;
    let this = this!(pattern, Pattern);
    let replacement = replacement(t, pattern, repl)?;
    let subject = this.subject(t, string)?;
    let end = subject.len();
    let mut parts = Vec::new();
    let (mut done, mut count) = (0, 0i64);
    if limit >= 0 {
        let look = Look { mode: Mode::Search, from: 0, end, advance: false };
        each(t, &this.program, &subject, look, &mut |hit| {
            if done < hit.start {
                parts.push(Part::Slice(done, hit.start));
            }
            let new = match &replacement {
                Replacement::Literal(literal) => literal.clone(),
                Replacement::Template(compiled) => {
                    let found = match_object::new(pattern, string, &hit, 0, end);
                    template::expand(t, compiled, this!(found, Match))?
                }
                Replacement::Call(function) => {
                    let found = match_object::new(pattern, string, &hit, 0, end);
                    protocol::call_values(t, function, &[found])?
                }
            };
            // A function may answer None for nothing.
            if !new.is_none() {
                parts.push(Part::Object(new));
            }
            done = hit.end;
            count += 1;
            Ok(count != limit)
        })?;
    }
    if done == 0 && end > 0 && parts.is_empty() {
        return Ok((subject.slice(string, 0, end), count));
    }
    if done < end {
        parts.push(Part::Slice(done, end));
    }
    let pieces = parts.iter().map(|part| match part {
        Part::Slice(start, end) => Piece::Slice(&subject, *start, *end),
        Part::Object(v) => Piece::Object(v),
    });
    Ok((join(t, subject.is_bytes(), parts.len(), pieces)?, count))
}

/// `Pattern.split`.
pub fn split(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (pattern, string) = (b.req(0), b.req(1));
    let limit = b.opt(2).map_or(Ok(0), |count| size_argument(t, count))?;
    let this = this!(pattern, Pattern);
    let subject = this.subject(t, string)?;
    let end = subject.len();
    let mut parts = Vec::new();
    let (mut done, mut count) = (0, 0i64);
    if limit >= 0 {
        let look = Look { mode: Mode::Search, from: 0, end, advance: false };
        each(t, &this.program, &subject, look, &mut |hit| {
            parts.push(subject.slice(string, done, hit.start));
            for group in hit.marks.chunks(2) {
                parts.push(match *group {
                    [start, end] if start != UNSET && end != UNSET => subject.slice(string, start, end),
                    _ => Value::NONE,
                });
            }
            done = hit.end;
            count += 1;
            Ok(count != limit)
        })?;
    }
    parts.push(subject.slice(string, done, end));
    list_of(t, parts)
}
