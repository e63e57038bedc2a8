//! `re.Pattern`: a compiled pattern, and the methods that do not replace or split.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::build::{InvalidCode, build};
use super::match_object::{self, MATCH};
use super::opcode::*;
use super::program::Program;
use super::search::Mode;
use super::subject::{Look, Subject, each};
use super::{scanner, substitute};
use crate::bytecode::opcode::CompareOp;
use crate::modules::support::{CLASS_GETITEM, list_of, size_argument};
use crate::object::args::Bound;
use crate::object::core_types;
use crate::object::dict::{self, Dict};
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, bigint, protocol, str, tuple};
use crate::this;

/// The payload of a pattern. Immutable.
pub struct Pattern {
    /// The source, a str or bytes-like object, or None.
    pub source: Stored,
    /// Bits of `opcode::FLAG_*`.
    pub flags: i64,
    /// Whether the source is bytes; `None` where there is no source.
    pub is_bytes: Option<bool>,
    /// A dict from names to group numbers.
    pub groupindex: Stored,
    /// A tuple of names (or None) by group number.
    pub indexgroup: Stored,
    /// The code.
    pub program: Program,
}

/// `re.Pattern`.
pub static PATTERN: StaticType = StaticType::new(&SPEC);

const LOOK: &str = "($self, /, string, pos=0, endpos=sys.maxsize)";

/// Describes `re.Pattern`.
pub static SPEC: TypeSpec = TypeSpec {
    doc: "Compiled regular expression object.",
    slots: SlotTable { repr: Some(repr), hash: Some(hash), richcompare: Some(compare), ..SlotTable::EMPTY },
    methods: &[
        Method::new("match", LOOK, NativeFn::Bound(|t, b| one(t, b, Mode::Match)), "Matches at the string's start."),
        Method::new("fullmatch", LOOK, NativeFn::Bound(|t, b| one(t, b, Mode::Full)), "Matches the whole string."),
        Method::new("search", LOOK, NativeFn::Bound(|t, b| one(t, b, Mode::Search)), "Finds the first match."),
        Method::new(
            "findall",
            LOOK,
            NativeFn::Bound(findall),
            "Returns a list of what all matches (or their groups) hold.",
        ),
        Method::new("finditer", LOOK, NativeFn::Bound(scanner::finditer), "Returns an iterator over the matches."),
        Method::new("scanner", LOOK, NativeFn::Bound(scanner::scanner), ""),
        Method::new(
            "sub",
            "($self, /, repl, string, count=0)",
            NativeFn::Bound(substitute::sub),
            "Returns the string with the leftmost matches replaced.",
        ),
        Method::new(
            "subn",
            "($self, /, repl, string, count=0)",
            NativeFn::Bound(substitute::subn),
            "Returns the string with the leftmost matches replaced, and how many there were.",
        ),
        Method::new(
            "split",
            "($self, /, string, maxsplit=0)",
            NativeFn::Bound(substitute::split),
            "Splits the string at the matches.",
        ),
        Method::new("__copy__", "($self, /)", NativeFn::F1(|_, v| Ok(v.clone())), ""),
        Method::new("__deepcopy__", "($self, memo, /)", NativeFn::F2(|_, v, _| Ok(v.clone())), ""),
        CLASS_GETITEM,
    ],
    getset: &[
        GetSet::read_only(
            "pattern",
            |_, v| Ok(Value::clone(&this!(v, Pattern).source)),
            "The string that the pattern was compiled from.",
        ),
        GetSet::read_only("flags", |_, v| Ok(Value::int(this!(v, Pattern).flags)), "The flags."),
        GetSet::read_only(
            "groups",
            |_, v| Ok(Value::int(i64::from(this!(v, Pattern).program.groups))),
            "The number of groups.",
        ),
        GetSet::read_only("groupindex", groupindex, "A mapping from group names to group numbers."),
    ],
    flags: flag::DISALLOW_INSTANTIATION | flag::IMMUTABLE | flag::HAS_WEAKREFS,
    ..TypeSpec::new("re", "Pattern", layout_of::<Pattern>(true))
};

// SAFETY: `PATTERN`'s layout is `Pattern`.
unsafe impl Payload for Pattern {
    fn layout_type() -> &'static Type {
        &PATTERN
    }

    fn trace(&self, visit: Visit) {
        visit(&self.source);
        visit(&self.groupindex);
        visit(&self.indexgroup);
    }
}

/// `_sre.compile`.
pub fn compile(t: &Thread, b: &Bound<'_>) -> PyResult {
    let source = b.req(0);
    let flags = protocol::index_i64(t, b.req(1))?;
    let mut code = Vec::new();
    protocol::for_each(t, b.req(2), |word| {
        match bigint::view(&word) {
            Some(bigint::IntView::Small(i)) => match u32::try_from(i) {
                Ok(word) => code.push(word),
                Err(_) => return Err(raise::overflow_error(t, "regular expression code size limit exceeded")),
            },
            Some(bigint::IntView::Big(_)) => {
                return Err(raise::overflow_error(t, "regular expression code size limit exceeded"));
            }
            None => return Err(raise::type_error(t, "an integer is required")),
        }
        Ok(())
    })?;
    let groups = protocol::index_i64(t, b.req(3))?;
    let (groupindex, indexgroup) = (b.req(4), b.req(5));
    if groupindex.downcast::<Dict>().is_none() {
        return Err(wrong_type(t, 5, "dict", groupindex));
    }
    if indexgroup.downcast::<tuple::Tuple>().is_none() {
        return Err(wrong_type(t, 6, "tuple", indexgroup));
    }
    let is_bytes = match source.non_none() {
        None => None,
        Some(source) => Some(Subject::new(t, source)?.is_bytes()),
    };
    let program = u32::try_from(groups).map_err(|_| InvalidCode).and_then(|groups| build(code, groups));
    let Ok(program) = program else { return Err(raise::runtime_error(t, "invalid SRE code")) };
    let this = Pattern {
        source: Stored::new(source.clone()),
        flags,
        is_bytes,
        groupindex: Stored::new(groupindex.clone()),
        indexgroup: Stored::new(indexgroup.clone()),
        program,
    };
    Ok(alloc::new(&PATTERN, this))
}

fn wrong_type(t: &Thread, position: usize, wanted: &str, v: &Value) -> raise::Raised {
    let message = format!("compile() argument {position} must be {wanted}, not {}", v.class().display_name());
    raise::type_error(t, message)
}

impl Pattern {
    /// The subject of a call, checked to be of the pattern's kind.
    pub fn subject<'a>(&self, t: &Thread, string: &'a Value) -> PyResult<Subject<'a>> {
        let subject = Subject::new(t, string)?;
        match self.is_bytes {
            Some(true) if !subject.is_bytes() => {
                Err(raise::type_error(t, "cannot use a bytes pattern on a string-like object"))
            }
            Some(false) if subject.is_bytes() => {
                Err(raise::type_error(t, "cannot use a string pattern on a bytes-like object"))
            }
            _ => Ok(subject),
        }
    }

    /// The number of the group that `key` names by number or name; IndexError "no such group".
    pub fn group_number(&self, t: &Thread, key: &Value) -> PyResult<usize> {
        let number = if bigint::view(key).is_some() || key.class().slots.index.get().is_some() {
            Some(protocol::index_clipped(t, key)?)
        } else {
            let index: &Value = &self.groupindex;
            match index.downcast::<Dict>().map(|d| d.get(t, key)) {
                Some(Ok(Some(number))) => number.as_small_int(),
                Some(Err(raised)) => {
                    // An unhashable key is no group either.
                    raise::suppress(t, raised, &core_types::exc::TYPE_ERROR)?;
                    None
                }
                _ => None,
            }
        };
        match number.and_then(|n| usize::try_from(n).ok()) {
            Some(n) if n <= self.program.groups as usize => Ok(n),
            _ => Err(raise::index_error(t, "no such group")),
        }
    }
}

/// Reads `pos` and `endpos` (arguments 2 and 3) against a length.
pub fn bounds(t: &Thread, b: &Bound<'_>, len: usize) -> PyResult<(usize, usize)> {
    let clip = |v: Option<&Value>, default: usize| match v {
        None => Ok(default),
        Some(v) => size_argument(t, v).map(|i| usize::try_from(i).unwrap_or(0).min(len)),
    };
    Ok((clip(b.opt(2), 0)?, clip(b.opt(3), len)?))
}

fn one(t: &Thread, b: &Bound<'_>, mode: Mode) -> PyResult {
    let (v, string) = (b.req(0), b.req(1));
    let this = this!(v, Pattern);
    let subject = this.subject(t, string)?;
    let (from, end) = bounds(t, b, subject.len())?;
    let mut found = Value::NONE;
    each(t, &this.program, &subject, Look { mode, from, end, advance: false }, &mut |hit| {
        found = match_object::new(v, string, &hit, from, end);
        Ok(false)
    })?;
    Ok(found)
}

fn findall(t: &Thread, b: &Bound<'_>) -> PyResult {
    let string = b.req(1);
    let this = this!(b.req(0), Pattern);
    let subject = this.subject(t, string)?;
    let (from, end) = bounds(t, b, subject.len())?;
    let mut all = Vec::new();
    let look = Look { mode: Mode::Search, from, end, advance: false };
    each(t, &this.program, &subject, look, &mut |hit| {
        let group = |marks: &[usize]| match marks {
            [start, end] if *start != super::exec::UNSET && *end != super::exec::UNSET => {
                subject.slice(string, *start, *end)
            }
            _ => subject.empty(),
        };
        all.push(match this.program.groups {
            0 => subject.slice(string, hit.start, hit.end),
            1 => group(hit.marks),
            n => tuple::from_iter(n as usize, hit.marks.chunks(2).map(group)),
        });
        Ok(true)
    })?;
    list_of(t, all)
}

fn groupindex(t: &Thread, v: &Value) -> PyResult {
    let index = Value::clone(&this!(v, Pattern).groupindex);
    if index.downcast::<Dict>().is_some_and(|d| d.is_empty()) {
        return Ok(dict::new());
    }
    protocol::call_values(t, &core_types::MAPPING_PROXY.as_value(), &[index])
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    const NAMES: [(u32, &str); 8] = [
        (FLAG_IGNORECASE, "re.IGNORECASE"),
        (FLAG_LOCALE, "re.LOCALE"),
        (FLAG_MULTILINE, "re.MULTILINE"),
        (FLAG_DOTALL, "re.DOTALL"),
        (FLAG_UNICODE, "re.UNICODE"),
        (FLAG_VERBOSE, "re.VERBOSE"),
        (FLAG_DEBUG, "re.DEBUG"),
        (FLAG_ASCII, "re.ASCII"),
    ];
    let this = this!(v, Pattern);
    let mut flags = this.flags;
    // A str pattern is Unicode unless it says otherwise.
    let kind = i64::from(FLAG_LOCALE | FLAG_UNICODE | FLAG_ASCII);
    if this.is_bytes == Some(false) && flags & kind == i64::from(FLAG_UNICODE) {
        flags &= !i64::from(FLAG_UNICODE);
    }
    let mut parts = Vec::new();
    for (bit, name) in NAMES {
        if flags & i64::from(bit) != 0 {
            parts.push(name.to_owned());
            flags &= !i64::from(bit);
        }
    }
    if flags != 0 {
        parts.push(format!("{flags:#x}"));
    }
    let source = protocol::repr(t, &this.source)?;
    let source: String = str::lossy(&source).chars().take(200).collect();
    let text = if parts.is_empty() {
        format!("re.compile({source})")
    } else {
        format!("re.compile({source}, {})", parts.join("|"))
    };
    Ok(str::from_str(&text))
}

fn hash(t: &Thread, v: &Value) -> PyResult<i64> {
    let this = this!(v, Pattern);
    let mut hasher = DefaultHasher::new();
    protocol::hash(t, &this.source)?.hash(&mut hasher);
    this.program.code.hash(&mut hasher);
    (this.flags, this.is_bytes, this.program.groups).hash(&mut hasher);
    match hasher.finish() as i64 {
        -1 => Ok(-2),
        hash => Ok(hash),
    }
}

fn compare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (Some(x), Some(y)) = (a.downcast::<Pattern>(), b.downcast::<Pattern>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    // The code depends on the flags and the kind of string, but not only on them.
    let equal = a.is(b)
        || x.flags == y.flags
            && x.is_bytes == y.is_bytes
            && x.program.code == y.program.code
            && protocol::eq(t, &x.source, &y.source)?;
    Ok(Value::bool(equal == (op == CompareOp::Eq)))
}

/// Keeps the type of matches next to the type of patterns in the list of types.
pub static TYPES: &[&StaticType] =
    &[&PATTERN, &MATCH, &scanner::SCANNER, &scanner::FIND_ITER, &super::template::TEMPLATE];
