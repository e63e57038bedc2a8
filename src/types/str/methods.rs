//! The methods of str.

use super::operators::{check_len, text};
use super::value::{copy_part, make, make_part, unchanged};
use super::{ascii, case, layout, predicates, search, split as cutting};
use crate::object::alloc::{check_room, check_room_for, has_room};
use crate::object::args::{Args, Bound};
use crate::object::core_types::exc;
use crate::object::list::List;
use crate::object::raise::{self, PyResult};
use crate::object::str::{self, Str};
use crate::object::table::ByCount;
use crate::object::text::{TextKind, TextRef};
use crate::object::thread::Thread;
use crate::object::tuple::{self, Tuple};
use crate::object::value::Value;
use crate::object::{names, protocol};
use crate::types::bytes::args::{Range, c_int, find_args, limit, ssize};
use crate::types::format_spec;
use crate::types::str::codec::registry;
use crate::types::str::split::{Ends, Places};

/// The argument called `which` of `function`, which must be a str.
fn str_arg<'a>(t: &Thread, v: &'a Value, function: &str, which: &str) -> PyResult<TextRef<'a>> {
    protocol::str_arg(t, v, function, which).map(Str::view)
}

/// An argument that must be a str where the message names no argument.
fn plain_str<'a>(t: &Thread, v: &'a Value) -> PyResult<TextRef<'a>> {
    str::view(v).ok_or_else(|| raise::type_error(t, format!("must be str, not {}", v.class().display_name())))
}

/// The method of this name that looks for a text: its place, made the result by `$result`.
macro_rules! locating {
    ($name:literal, $quick:path, $find:path, $result:ident) => {
        ByCount {
            two: Some(|t, v, sub| match (ascii::of(v), ascii::of(sub)) {
                (Some(s), Some(sub)) => $result(t, $quick(s, sub)),
                _ => $result(t, locate(t, Args::positional(&[v.clone(), sub.clone()]), $name, $find)?),
            }),
            otherwise: Some(|t, args| $result(t, locate(t, args, $name, $find)?)),
            ..ByCount::NONE
        }
    };
}

pub const FIND: ByCount = locating!("find", ascii::find, search::find, found);
pub const RFIND: ByCount = locating!("rfind", ascii::rfind, search::rfind, found);
pub const INDEX: ByCount = locating!("index", ascii::find, search::find, must_find);
pub const RINDEX: ByCount = locating!("rindex", ascii::rfind, search::rfind, must_find);

type Find = fn(TextRef<'_>, TextRef<'_>) -> Option<usize>;

fn locate(t: &Thread, call: Args<'_>, name: &str, find: Find) -> PyResult<Option<usize>> {
    let (sub, range) = find_args(t, call, name)?;
    let sub = str_arg(t, sub, name, "1")?;
    let s = text(&call.pos()[0]);
    let Some((start, end)) = range.within(s.len()) else { return Ok(None) };
    Ok(find(s.slice(start, end), sub).map(|i| start + i))
}

fn found(_t: &Thread, position: Option<usize>) -> PyResult {
    Ok(position.map_or(Value::int(-1), |i| Value::uint(i as u64)))
}

fn must_find(t: &Thread, position: Option<usize>) -> PyResult {
    match position {
        Some(i) => Ok(Value::uint(i as u64)),
        None => Err(raise::value_error(t, "substring not found")),
    }
}

pub const COUNT: ByCount = ByCount {
    two: Some(|t, v, sub| match (ascii::of(v), ascii::of(sub)) {
        (Some(s), Some([only])) => Ok(Value::uint(ascii::count_byte(s, *only) as u64)),
        _ => count(t, Args::positional(&[v.clone(), sub.clone()])),
    }),
    otherwise: Some(count),
    ..ByCount::NONE
};

fn count(t: &Thread, a: Args<'_>) -> PyResult {
    let (sub, range) = find_args(t, a, "count")?;
    let sub = str_arg(t, sub, "count", "1")?;
    let s = text(&a.pos()[0]);
    let n = range.within(s.len()).map_or(0, |(start, end)| search::count(s.slice(start, end), sub));
    Ok(Value::uint(n as u64))
}

/// The method of this name that looks at the start or the end: of bytes by `$quick`, of texts by `$test`.
macro_rules! affix {
    ($name:literal, $quick:ident, $test:path) => {
        ByCount {
            two: Some(|t, v, affix| {
                if let Some(s) = ascii::of(v) {
                    if let Some(affix) = ascii::of(affix) {
                        return Ok(Value::bool(s.$quick(affix)));
                    }
                    if let Some(affixes) = affix.downcast::<Tuple>()
                        && affixes.items().iter().all(|affix| ascii::of(affix).is_some())
                    {
                        return Ok(Value::bool(affixes.items().iter().filter_map(ascii::of).any(|a| s.$quick(a))));
                    }
                }
                has_affix(t, Args::positional(&[v.clone(), affix.clone()]), $name, $test)
            }),
            otherwise: Some(|t, args| has_affix(t, args, $name, $test)),
            ..ByCount::NONE
        }
    };
}

pub const STARTSWITH: ByCount = affix!("startswith", starts_with, search::starts_with);
pub const ENDSWITH: ByCount = affix!("endswith", ends_with, search::ends_with);

fn has_affix(t: &Thread, call: Args<'_>, name: &str, test: fn(TextRef<'_>, TextRef<'_>) -> bool) -> PyResult {
    let (affix, range) = find_args(t, call, name)?;
    let s = text(&call.pos()[0]);
    let part = |range: Range| range.within(s.len()).map(|(start, end)| s.slice(start, end));
    let matches = |affix: TextRef<'_>| part(range).is_some_and(|part| test(part, affix));
    if let Some(affixes) = affix.downcast::<Tuple>() {
        for affix in affixes.items() {
            let Some(affix) = str::view(affix) else {
                let message = format!("tuple for {name} must only contain str, not {}", affix.class().display_name());
                return Err(raise::type_error(t, message));
            };
            if matches(affix) {
                return Ok(Value::TRUE);
            }
        }
        return Ok(Value::FALSE);
    }
    match str::view(affix) {
        Some(affix) => Ok(Value::bool(matches(affix))),
        None => {
            let message =
                format!("{name} first arg must be str or a tuple of str, not {}", affix.class().display_name());
            Err(raise::type_error(t, message))
        }
    }
}

fn split_any(t: &Thread, b: &Bound<'_>, right: bool) -> PyResult {
    let max = limit(t, b.opt(2))?;
    if let Some(s) = ascii::of(b.req(0))
        && !right
    {
        match b.non_none(1).map(ascii::of) {
            None => return ascii::split_words(t, b.req(0), s, max),
            Some(Some(&[sep])) => return ascii::split_byte(t, b.req(0), s, sep, max),
            Some(_) => {}
        }
    }
    let sep = match b.non_none(1) {
        None => None,
        Some(v) => match str::view(v) {
            Some(sep) if sep.is_empty() => return Err(raise::value_error(t, "empty separator")),
            Some(sep) => Some(sep),
            None => {
                let message = format!("must be str or None, not {}", v.class().display_name());
                return Err(raise::type_error(t, message));
            }
        },
    };
    let whole = b.req(0);
    let s = text(whole);
    check_room_for(t, s.len(), s.kind().width())?;
    let mut places = Places::default();
    if right {
        cutting::rsplit(s, sep, max, |from, to| places.push(from, to));
        places = places.reversed();
    } else {
        cutting::split(s, sep, max, |from, to| places.push(from, to));
    }
    places.list(t, |from, to| make_part(whole, s, from, to))
}

pub fn split(t: &Thread, b: &Bound<'_>) -> PyResult {
    split_any(t, b, false)
}

pub fn rsplit(t: &Thread, b: &Bound<'_>) -> PyResult {
    split_any(t, b, true)
}

pub fn splitlines(t: &Thread, b: &Bound<'_>) -> PyResult {
    let keep = b.opt(1).map_or(Ok(false), |v| protocol::is_true(t, v))?;
    let whole = b.req(0);
    if let Some(s) = ascii::of(whole) {
        return ascii::split_lines(t, whole, s, keep);
    }
    let s = text(whole);
    check_room_for(t, s.len(), s.kind().width())?;
    let mut places = Places::default();
    cutting::splitlines(s, keep, |from, to| places.push(from, to));
    places.list(t, |from, to| make_part(whole, s, from, to))
}

fn partition_any(t: &Thread, v: &Value, sep: &Value, last: bool) -> PyResult {
    let needle = plain_str(t, sep)?;
    if needle.is_empty() {
        return Err(raise::value_error(t, "empty separator"));
    }
    let s = text(v);
    let at = if last { search::rfind(s, needle) } else { search::find(s, needle) };
    let empty = names::empty_str;
    Ok(match at {
        Some(at) => {
            check_room_for(t, s.len(), s.kind().width())?;
            let after = s.slice(at + needle.len(), s.len());
            tuple::from_iter(3, [make(s.slice(0, at)), sep.clone(), make(after)])
        }
        None if last => tuple::from_iter(3, [empty(), empty(), v.clone()]),
        None => tuple::from_iter(3, [v.clone(), empty(), empty()]),
    })
}

pub fn partition(t: &Thread, v: &Value, sep: &Value) -> PyResult {
    partition_any(t, v, sep, false)
}

pub fn rpartition(t: &Thread, v: &Value, sep: &Value) -> PyResult {
    partition_any(t, v, sep, true)
}

fn strip_any(t: &Thread, b: &Bound<'_>, name: &str, ends: Ends) -> PyResult {
    if let (Some(s), None) = (ascii::of(b.req(0)), b.non_none(1)) {
        return ascii::strip(t, b.req(0), s, ends);
    }
    let chars = match b.non_none(1) {
        None => None,
        Some(v) => match str::view(v) {
            Some(chars) => Some(chars),
            None => return Err(raise::type_error(t, format!("{name} arg must be None or str"))),
        },
    };
    let v = b.req(0);
    let s = text(v);
    let (start, end) = cutting::strip(s, chars, ends);
    copy_part(t, v, s, start, end)
}

pub fn strip(t: &Thread, b: &Bound<'_>) -> PyResult {
    strip_any(t, b, "strip", Ends::Both)
}

pub fn lstrip(t: &Thread, b: &Bound<'_>) -> PyResult {
    strip_any(t, b, "lstrip", Ends::Left)
}

pub fn rstrip(t: &Thread, b: &Bound<'_>) -> PyResult {
    strip_any(t, b, "rstrip", Ends::Right)
}

pub fn removeprefix(t: &Thread, v: &Value, prefix: &Value) -> PyResult {
    let Some(prefix) = str::view(prefix) else { return Err(bad_affix(t, "removeprefix", prefix)) };
    let s = text(v);
    let start = if search::starts_with(s, prefix) { prefix.len() } else { 0 };
    copy_part(t, v, s, start, s.len())
}

pub fn removesuffix(t: &Thread, v: &Value, suffix: &Value) -> PyResult {
    let Some(suffix) = str::view(suffix) else { return Err(bad_affix(t, "removesuffix", suffix)) };
    let s = text(v);
    let end = if search::ends_with(s, suffix) { s.len() - suffix.len() } else { s.len() };
    copy_part(t, v, s, 0, end)
}

fn bad_affix(t: &Thread, function: &str, v: &Value) -> raise::Raised {
    raise::type_error(t, format!("{function}() argument must be str, not {}", v.class().display_name()))
}

pub fn replace(t: &Thread, b: &Bound<'_>) -> PyResult {
    if let (Some(s), Some(old), Some(new)) = (ascii::of(b.req(0)), ascii::of(b.req(1)), ascii::of(b.req(2)))
        && s.len() <= ascii::REPLACE_UP_TO
        && !old.is_empty()
        && old != new
    {
        return ascii::replace(t, b.req(0), s, old, new, limit(t, b.opt(3))?);
    }
    let (old, new) = (str_arg(t, b.req(1), "replace", "1")?, str_arg(t, b.req(2), "replace", "2")?);
    let max = limit(t, b.opt(3))?;
    let v = b.req(0);
    let s = text(v);
    if new.len() > old.len() {
        let hits = if old.is_empty() { s.len() + 1 } else { search::count(s, old) }.min(max);
        let grown = hits.checked_mul(new.len() - old.len()).and_then(|n| n.checked_add(s.len()));
        if grown.is_none_or(|n| n > isize::MAX as usize) {
            return Err(raise::overflow_error(t, "replace string is too long"));
        }
        check_len(t, grown)?;
    }
    search::replace(s, old, new, max).map_or_else(|| Ok(unchanged(v)), |out| out.finish(t))
}

/// Atomic for a list.
pub fn join(t: &Thread, v: &Value, iterable: &Value) -> PyResult {
    if let Some(list) = iterable.downcast::<List>() {
        let joined = list.with_items(t, |items| joined(text(v), items));
        return joined.map_err(|why| why.raise(t));
    }
    if let Some(tuple) = iterable.downcast::<Tuple>() {
        return join_items(t, text(v), tuple.items());
    }
    match protocol::collect(t, iterable) {
        Ok(items) => join_items(t, text(v), &items),
        Err(raised) => {
            let is_iterable = iterable.class().slots.iter.get().is_some();
            if !is_iterable && raise::matches(t, &raised, &exc::TYPE_ERROR) {
                drop(raise::take(t, raised));
                return Err(raise::type_error(t, "can only join an iterable"));
            }
            Err(raised)
        }
    }
}

/// Why items cannot be joined.
enum Unjoinable {
    /// The one at this place, of this class, is no str.
    NoStr(usize, String),
    TooLong,
}

impl Unjoinable {
    #[cold]
    fn raise(self, t: &Thread) -> raise::Raised {
        match self {
            Unjoinable::NoStr(i, class) => {
                raise::type_error(t, format!("sequence item {i}: expected str instance, {class} found"))
            }
            Unjoinable::TooLong => raise::memory_error(t, ""),
        }
    }
}

/// The items, which must be str, with `sep` between any two.
pub fn join_items(t: &Thread, sep: TextRef<'_>, items: &[Value]) -> PyResult {
    joined(sep, items).map_err(|why| why.raise(t))
}

/// `join_items` without raising: runs no Python code and drops nothing.
fn joined(sep: TextRef<'_>, items: &[Value]) -> Result<Value, Unjoinable> {
    if let [only] = items
        && only.downcast_exact::<Str>().is_some()
    {
        return Ok(only.clone());
    }
    let mut kind = if items.len() > 1 { sep.kind() } else { TextKind::Ascii };
    let mut len = sep.len().checked_mul(items.len().saturating_sub(1));
    for (i, item) in items.iter().enumerate() {
        let Some(part) = item.downcast::<Str>() else {
            return Err(Unjoinable::NoStr(i, item.class().display_name().into_owned()));
        };
        kind = kind.max(part.kind());
        len = len.and_then(|n| n.checked_add(part.len()));
    }
    match len {
        Some(0) => Ok(names::empty_str()),
        // Asked here, where a list may be locked: nobody raises anything yet.
        Some(len) if len <= str::MAX_LEN && has_room(len * kind.width()) => Ok(str::join(kind, len, sep, items)),
        _ => Err(Unjoinable::TooLong),
    }
}

macro_rules! mapped {
    ($($name:ident)*) => { $(
        pub fn $name(t: &Thread, v: &Value) -> PyResult {
            match ascii::of(v) {
                Some(s) => check_room(t, s.len()).map(|()| ascii::$name(s)),
                None => case::$name(text(v)).finish(t),
            }
        }
    )* };
}

mapped! { lower upper title capitalize swapcase casefold }

macro_rules! predicates {
    ($($name:ident = $f:ident)*) => { $(
        pub fn $name(_t: &Thread, v: &Value) -> PyResult {
            Ok(Value::bool(predicates::$f(text(v))))
        }
    )* };
}

predicates! {
    isalpha = is_alpha
    isalnum = is_alnum
    isdecimal = is_decimal
    isdigit = is_digit
    isnumeric = is_numeric
    isspace = is_all_space
    isprintable = is_printable
    isidentifier = is_identifier
    islower = is_lower
    isupper = is_upper
    istitle = is_title
}

pub fn isascii(_t: &Thread, v: &Value) -> PyResult {
    Ok(Value::bool(text(v).is_ascii()))
}

/// A field width.
fn width(t: &Thread, v: &Value) -> PyResult<usize> {
    let width = usize::try_from(ssize(t, v)?).unwrap_or(0);
    check_len(t, Some(width))
}

fn justify(t: &Thread, b: &Bound<'_>, margins: fn(usize, usize) -> (usize, usize)) -> PyResult {
    let width = ssize(t, b.req(1))?;
    let fill = match b.opt(2) {
        None => u32::from(' '),
        Some(v) => match str::view(v) {
            Some(fill) if fill.len() == 1 => fill.at(0),
            Some(_) => {
                return Err(raise::type_error(t, "The fill character must be exactly one character long"));
            }
            None => {
                let message =
                    format!("The fill character must be a unicode character, not {}", v.class().display_name());
                return Err(raise::type_error(t, message));
            }
        },
    };
    let width = check_len(t, Some(usize::try_from(width).unwrap_or(0)))?;
    let v = b.req(0);
    let s = text(v);
    if s.len() >= width {
        return Ok(unchanged(v));
    }
    let (left, right) = margins(s.len(), width);
    if let (Some(s), b' ') = (ascii::of(v), u8::try_from(fill).unwrap_or(0))
        && left.max(right) <= ascii::SPACES.len()
        && width > 1
    {
        return Ok(str::from_ascii_parts(width, [&ascii::SPACES[..left], s, &ascii::SPACES[..right]].into_iter()));
    }
    layout::pad(s, left, right, fill).finish(t)
}

pub fn center(t: &Thread, b: &Bound<'_>) -> PyResult {
    justify(t, b, layout::center_margins)
}

pub fn ljust(t: &Thread, b: &Bound<'_>) -> PyResult {
    justify(t, b, |len, width| (0, width.saturating_sub(len)))
}

pub fn rjust(t: &Thread, b: &Bound<'_>) -> PyResult {
    justify(t, b, |len, width| (width.saturating_sub(len), 0))
}

pub fn zfill(t: &Thread, v: &Value, w: &Value) -> PyResult {
    let w = width(t, w)?;
    layout::zfill(text(v), w).map_or_else(|| Ok(unchanged(v)), |out| out.finish(t))
}

pub fn expandtabs(t: &Thread, b: &Bound<'_>) -> PyResult {
    let tab = match b.opt(1) {
        None => 8,
        Some(v) => usize::try_from(c_int(t, v)?).unwrap_or(0),
    };
    let v = b.req(0);
    let s = text(v);
    let tabs = search::count(s, TextRef::Ascii(b"\t"));
    if tabs == 0 {
        return Ok(unchanged(v));
    }
    let most = tabs.checked_mul(tab).and_then(|n| n.checked_add(s.len()));
    if most.is_none_or(|n| n > isize::MAX as usize / 4) {
        return Err(raise::overflow_error(t, "new string is too long"));
    }
    check_len(t, most)?;
    match layout::expand_tabs(s, tab, most.unwrap_or(0)) {
        Some(out) => out.finish(t),
        None => Err(raise::overflow_error(t, "new string is too long")),
    }
}

pub fn encode(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (encoding, errors) = registry::names(t, "encode", b.opt(1), b.opt(2))?;
    registry::encode(t, b.req(0), encoding.as_deref(), errors.as_deref())
}

/// `str.__format__`
pub fn format_by(t: &Thread, v: &Value, spec: &Value) -> PyResult {
    let Some(spec) = format_spec::argument(t, spec)? else {
        return if v.downcast_exact::<Str>().is_some() { Ok(v.clone()) } else { protocol::to_str(t, v) };
    };
    format_spec::finished(t, format_spec::format_str(text(v), spec, v.class().name()))
}
