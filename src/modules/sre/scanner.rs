//! Scanners, which go from match to match one call at a time, and the iterator of `finditer`.
//!
//! A scanner that threads share gives each match to one of them: a thread reads the position under the lock, searches
//! without it, and moves the position on only if nobody else has meanwhile; otherwise it searches again.

use super::match_object;
use super::pattern::{Pattern, bounds};
use super::search::Mode;
use super::subject::{Look, each};
use crate::modules::support::{Guarded, iter_self};
use crate::object::alloc;
use crate::object::args::Bound;
use crate::object::raise::PyResult;
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::this;

/// The payload of a scanner.
pub struct Scanner {
    pattern: Stored,
    string: Stored,
    pos: usize,
    end: usize,
    place: Guarded<Place>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    /// Where the next search starts; `None` after a failure.
    from: Option<usize>,
    advance: bool,
}

/// `_sre.SRE_Scanner`.
pub static SCANNER: StaticType = StaticType::new(&SPEC);

/// Describes `_sre.SRE_Scanner`.
pub static SPEC: TypeSpec = TypeSpec {
    methods: &[
        Method::new("match", "($self, /)", NativeFn::F1(|t, v| step(t, v, this!(v, Scanner), Mode::Match)), ""),
        Method::new("search", "($self, /)", NativeFn::F1(|t, v| step(t, v, this!(v, Scanner), Mode::Search)), ""),
    ],
    getset: &[GetSet::read_only("pattern", |_, v| Ok(Value::clone(&this!(v, Scanner).pattern)), "")],
    flags: flag::DISALLOW_INSTANTIATION | flag::IMMUTABLE,
    ..TypeSpec::new("_sre", "SRE_Scanner", layout_of::<Scanner>(true))
};

// SAFETY: `SCANNER`'s layout is `Scanner`.
unsafe impl Payload for Scanner {
    fn layout_type() -> &'static Type {
        &SCANNER
    }

    fn trace(&self, visit: Visit) {
        visit(&self.pattern);
        visit(&self.string);
    }
}

fn new(t: &Thread, b: &Bound<'_>) -> PyResult<Scanner> {
    let (pattern, string) = (b.req(0), b.req(1));
    let subject = this!(pattern, Pattern).subject(t, string)?;
    let (pos, end) = bounds(t, b, subject.len())?;
    Ok(Scanner {
        pattern: Stored::new(pattern.clone()),
        string: Stored::new(string.clone()),
        pos,
        end,
        place: Guarded::new(Place { from: Some(pos), advance: false }),
    })
}

/// `Pattern.scanner`.
pub fn scanner(t: &Thread, b: &Bound<'_>) -> PyResult {
    Ok(alloc::new(&SCANNER, new(t, b)?))
}

/// The next match or None; `v` is the object that `this` is the payload of.
fn step(t: &Thread, v: &Value, this: &Scanner, mode: Mode) -> PyResult {
    let (pattern, string): (&Value, &Value) = (&this.pattern, &this.string);
    let subject = this!(pattern, Pattern).subject(t, string)?;
    loop {
        let place = this.place.with(t, v, |place| *place);
        let Some(from) = place.from else { return Ok(Value::NONE) };
        // A buffer may have shrunk meanwhile.
        let end = this.end.min(subject.len());
        let mut found = Value::NONE;
        let mut next = Place { from: None, advance: false };
        let look = Look { mode, from, end, advance: place.advance };
        each(t, &this!(pattern, Pattern).program, &subject, look, &mut |hit| {
            found = match_object::new(pattern, string, &hit, this.pos, this.end);
            next = Place { from: Some(hit.end), advance: hit.start == hit.end };
            Ok(false)
        })?;
        let ours = this.place.with(t, v, |now| {
            let ours = *now == place;
            if ours {
                *now = next;
            }
            ours
        });
        if ours {
            return Ok(found);
        }
    }
}

/// The payload of the iterator: a scanner that is asked to search.
pub struct FindIter(Scanner);

/// The iterator of `finditer`; CPython makes it of `iter(scanner.search, None)`, whose type's name it bears.
pub static FIND_ITER: StaticType = StaticType::new(&FIND_ITER_SPEC);

/// Describes the iterator of `finditer`.
pub static FIND_ITER_SPEC: TypeSpec = TypeSpec {
    slots: SlotTable { iter: Some(iter_self), next: Some(find_next), ..SlotTable::EMPTY },
    flags: flag::DISALLOW_INSTANTIATION | flag::IMMUTABLE,
    ..TypeSpec::new("builtins", "callable_iterator", layout_of::<FindIter>(true))
};

// SAFETY: `FIND_ITER`'s layout is `FindIter`.
unsafe impl Payload for FindIter {
    fn layout_type() -> &'static Type {
        &FIND_ITER
    }

    fn trace(&self, visit: Visit) {
        self.0.trace(visit);
    }
}

/// `Pattern.finditer`.
pub fn finditer(t: &Thread, b: &Bound<'_>) -> PyResult {
    Ok(alloc::new(&FIND_ITER, FindIter(new(t, b)?)))
}

fn find_next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let found = step(t, v, &this!(v, FindIter).0, Mode::Search)?;
    Ok((!found.is_none()).then_some(found))
}
