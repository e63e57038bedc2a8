//! `re.Match`: a match and its groups.

use smallvec::SmallVec;

use super::exec::UNSET;
use super::pattern::{PATTERN, Pattern};
use super::subject::{Hit, Subject};
use super::template;
use crate::modules::support::CLASS_GETITEM;
use crate::object::args::{Args, Bound};
use crate::object::dict::{self, Dict};
use crate::object::exception::visit_slot;
use crate::object::raise::PyResult;
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Stored, Value};
use crate::object::{alloc, protocol, str, tuple};
use crate::this;

/// The payload of a match. Immutable but for the cached `regs`.
pub struct Match {
    /// The string that was searched.
    string: Stored,
    pattern: Stored,
    /// Start and end of group 0, 1, ...; `UNSET` where a group has not taken part.
    bounds: SmallVec<[usize; 6]>,
    pos: usize,
    endpos: usize,
    /// The group that was closed last, 0 for none.
    lastindex: u32,
    regs: Slot,
}

/// `re.Match`.
pub static MATCH: StaticType = StaticType::new(&SPEC);

/// Describes `re.Match`.
pub static SPEC: TypeSpec = TypeSpec {
    doc: "The result of re.match() and re.search().\nMatch objects always have a boolean value of True.",
    slots: SlotTable { repr: Some(repr), getitem: Some(getitem), ..SlotTable::EMPTY },
    methods: &[
        Method::new(
            "group",
            "",
            NativeFn::Raw(group),
            "group([group1, ...]) -> str or tuple.\n\nReturns what the groups hold. Without arguments: the whole match.",
        ),
        Method::new(
            "start",
            "($self, group=0, /)",
            NativeFn::Bound(|t, b| position(t, b, 0)),
            "Returns where the group starts.",
        ),
        Method::new(
            "end",
            "($self, group=0, /)",
            NativeFn::Bound(|t, b| position(t, b, 1)),
            "Returns where the group ends.",
        ),
        Method::new("span", "($self, group=0, /)", NativeFn::Bound(span), "Returns where the group starts and ends."),
        Method::new(
            "groups",
            "($self, /, default=None)",
            NativeFn::Bound(groups),
            "Returns a tuple of what all groups hold; default stands for groups that have not taken part.",
        ),
        Method::new(
            "groupdict",
            "($self, /, default=None)",
            NativeFn::Bound(groupdict),
            "Returns a dict of what the named groups hold; default stands for groups that have not taken part.",
        ),
        Method::new(
            "expand",
            "($self, /, template)",
            NativeFn::Bound(expand),
            "Returns the template with its references to groups replaced, as sub() does.",
        ),
        Method::new("__copy__", "($self, /)", NativeFn::F1(|_, v| Ok(v.clone())), ""),
        Method::new("__deepcopy__", "($self, memo, /)", NativeFn::F2(|_, v, _| Ok(v.clone())), ""),
        CLASS_GETITEM,
    ],
    getset: &[
        GetSet::read_only("string", |_, v| Ok(Value::clone(&this!(v, Match).string)), "The string that was searched."),
        GetSet::read_only("re", |_, v| Ok(Value::clone(&this!(v, Match).pattern)), "The pattern."),
        GetSet::read_only("pos", |_, v| Ok(Value::uint(this!(v, Match).pos as u64)), "Where the search began."),
        GetSet::read_only(
            "endpos",
            |_, v| Ok(Value::uint(this!(v, Match).endpos as u64)),
            "Where the search ended at the latest.",
        ),
        GetSet::read_only("lastindex", lastindex, "The number of the last group that has taken part, or None."),
        GetSet::read_only("lastgroup", lastgroup, "The name of the last group that has taken part, or None."),
        GetSet::read_only("regs", regs, "The bounds of all groups."),
    ],
    flags: flag::DISALLOW_INSTANTIATION | flag::IMMUTABLE | flag::KEYED,
    ..TypeSpec::new("re", "Match", layout_of::<Match>(true))
};

// SAFETY: `MATCH`'s layout is `Match`.
unsafe impl Payload for Match {
    fn layout_type() -> &'static Type {
        &MATCH
    }

    fn trace(&self, visit: Visit) {
        visit(&self.string);
        visit(&self.pattern);
        visit_slot(&self.regs, visit);
    }
}

/// The object of a match of `pattern` in `string` between `pos` and `endpos`.
pub fn new(pattern: &Value, string: &Value, hit: &Hit<'_>, pos: usize, endpos: usize) -> Value {
    debug_assert!(pattern.is_exact(&PATTERN));
    let mut bounds = SmallVec::with_capacity(2 + hit.marks.len());
    bounds.extend([hit.start, hit.end]);
    for pair in hit.marks.chunks(2) {
        match *pair {
            [start, end] if start != UNSET && end != UNSET => bounds.extend([start, end]),
            _ => bounds.extend([UNSET, UNSET]),
        }
    }
    let this = Match {
        string: Stored::new(string.clone()),
        pattern: Stored::new(pattern.clone()),
        bounds,
        pos,
        endpos,
        lastindex: hit.lastindex,
        regs: Slot::empty(),
    };
    alloc::new(&MATCH, this)
}

impl Match {
    /// The pattern's payload.
    pub fn pattern(&self) -> &Pattern {
        let pattern: &Value = &self.pattern;
        this!(pattern, Pattern)
    }

    /// What a group holds; `None` where it has not taken part. `number` is at most the number of groups.
    pub fn text(&self, subject: &Subject<'_>, number: usize) -> Option<Value> {
        let (start, end) = (self.bounds[2 * number], self.bounds[2 * number + 1]);
        // A group in a look-ahead may end where the string, a buffer, no longer reaches.
        let len = subject.len();
        (start != UNSET).then(|| subject.slice(&self.string, start.min(len), end.min(len).max(start.min(len))))
    }

    /// The subject.
    pub fn subject(&self, t: &Thread) -> PyResult<Subject<'_>> {
        Subject::new(t, &self.string)
    }

    /// The number of groups and group 0.
    pub fn group_count(&self) -> usize {
        self.bounds.len() / 2
    }
}

fn by_key(t: &Thread, this: &Match, key: &Value) -> PyResult {
    let number = this.pattern().group_number(t, key)?;
    let subject = this.subject(t)?;
    Ok(this.text(&subject, number).unwrap_or(Value::NONE))
}

fn getitem(t: &Thread, v: &Value, key: &Value) -> PyResult {
    by_key(t, this!(v, Match), key)
}

fn group(t: &Thread, args: Args<'_>) -> PyResult {
    args.no_keywords(t, "Match.group")?;
    let pos = args.pos();
    let this = this!(pos[0], Match);
    match &pos[1..] {
        [] => Ok(this.text(&this.subject(t)?, 0).unwrap_or(Value::NONE)),
        [key] => by_key(t, this, key),
        keys => {
            let items = keys.iter().map(|key| by_key(t, this, key)).collect::<PyResult<Vec<_>>>()?;
            Ok(tuple::from_vec(items))
        }
    }
}

/// A bound as Python sees it.
fn bound(i: usize) -> Value {
    if i == UNSET { Value::int(-1) } else { Value::uint(i as u64) }
}

fn number(t: &Thread, b: &Bound<'_>, this: &Match) -> PyResult<usize> {
    b.opt(1).map_or(Ok(0), |key| this.pattern().group_number(t, key))
}

fn position(t: &Thread, b: &Bound<'_>, which: usize) -> PyResult {
    let this = this!(b.req(0), Match);
    Ok(bound(this.bounds[2 * number(t, b, this)? + which]))
}

fn pair(this: &Match, number: usize) -> Value {
    tuple::from_iter(2, this.bounds[2 * number..].iter().map(|&i| bound(i)))
}

fn span(t: &Thread, b: &Bound<'_>) -> PyResult {
    let this = this!(b.req(0), Match);
    Ok(pair(this, number(t, b, this)?))
}

fn groups(t: &Thread, b: &Bound<'_>) -> PyResult {
    let this = this!(b.req(0), Match);
    let default = b.opt(1).cloned().unwrap_or(Value::NONE);
    let subject = this.subject(t)?;
    let count = this.group_count();
    let items = (1..count).map(|i| this.text(&subject, i).unwrap_or_else(|| default.clone()));
    Ok(tuple::from_iter(count - 1, items))
}

fn groupdict(t: &Thread, b: &Bound<'_>) -> PyResult {
    let this = this!(b.req(0), Match);
    let default = b.opt(1).cloned().unwrap_or(Value::NONE);
    let index = Value::clone(&this.pattern().groupindex);
    let result = dict::new();
    if let (Some(index), Some(result)) = (index.downcast::<Dict>(), result.downcast::<Dict>()) {
        let subject = this.subject(t)?;
        for (name, key) in index.entries() {
            let number = this.pattern().group_number(t, &key)?;
            let text = this.text(&subject, number).unwrap_or_else(|| default.clone());
            drop(result.set(t, name, text)?);
        }
    }
    Ok(result)
}

fn expand(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (v, source) = (b.req(0), b.req(1));
    let this = this!(v, Match);
    let compiled = template::compile(t, &this.pattern, source)?;
    template::expand(t, &compiled, this)
}

fn lastindex(_: &Thread, v: &Value) -> PyResult {
    match this!(v, Match).lastindex {
        0 => Ok(Value::NONE),
        i => Ok(Value::int(i64::from(i))),
    }
}

fn lastgroup(_: &Thread, v: &Value) -> PyResult {
    let this = this!(v, Match);
    match this.lastindex {
        0 => Ok(Value::NONE),
        i => Ok(tuple::items(&this.pattern().indexgroup).get(i as usize).cloned().unwrap_or(Value::NONE)),
    }
}

fn regs(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, Match);
    if let Some(regs) = this.regs.load() {
        return Ok(regs);
    }
    let count = this.group_count();
    let regs = tuple::from_iter(count, (0..count).map(|i| pair(this, i)));
    crate::modules::support::put(t, v, &this.regs, Some(regs.clone()));
    Ok(regs)
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, Match);
    let whole = this.text(&this.subject(t)?, 0).unwrap_or(Value::NONE);
    let whole = protocol::repr(t, &whole)?;
    let (start, end) = (this.bounds[0], this.bounds[1]);
    let name = v.class().display_name();
    Ok(str::from_str(&format!("<{name} object; span=({start}, {end}), match={}>", str::lossy(&whole))))
}
