//! The methods that `bytes` and `bytearray` share.
//!
//! Arguments are read first (which may run Python code), then the work is done on the bytes in one atomic step.

use super::args::{self, bytes_like, find_args, limit, needle};
use super::kind::Kind;
use super::{hex, ops, payload};
use crate::object::alloc::{check_room, has_room};
use crate::object::args::{Args, Bound};
use crate::object::core_types::exc;
use crate::object::raise::{self, PyResult};
use crate::object::str::Str;
use crate::object::text::TextRef;
use crate::object::thread::Thread;
use crate::object::tuple::{self, Tuple};
use crate::object::type_object::Type;
use crate::object::value::Value;
use crate::object::{list, protocol};
use crate::sync::may_fail;
use crate::sync::reclaim::OutOfMemory;
use crate::types::str::ascii;
use crate::types::str::layout::center_margins;
use crate::types::str::search::{self, Searcher};
use crate::types::str::split::{self, Ends};
use smallvec::SmallVec;
use std::ops::Deref;

fn latin1(bytes: &[u8]) -> TextRef<'_> {
    TextRef::Latin1(bytes)
}

/// Where `find` and its kin look: the position from the object's start, if there is one.
fn locate<K: Kind>(t: &Thread, call: Args<'_>, name: &str, last: bool) -> PyResult<Option<usize>> {
    if let [v, sub] = call.all()
        && !call.has_keywords()
        && let Some(sub) = payload::view(sub)
    {
        // The usual call.
        return Ok(K::with(t, v, |s| if last { ascii::rfind(s, sub) } else { ascii::find(s, sub) }));
    }
    let (sub, range) = find_args(t, call, name)?;
    let sub = needle(t, sub)?;
    Ok(K::with(t, &call.pos()[0], |s| {
        let (start, end) = range.within(s.len())?;
        let part = latin1(&s[start..end]);
        let found = if last { search::rfind(part, latin1(&sub)) } else { search::find(part, latin1(&sub)) };
        found.map(|i| start + i)
    }))
}

fn found(position: Option<usize>) -> PyResult {
    Ok(position.map_or(Value::int(-1), |i| Value::uint(i as u64)))
}

fn must_find(t: &Thread, position: Option<usize>) -> PyResult {
    match position {
        Some(i) => Ok(Value::uint(i as u64)),
        None => Err(raise::value_error(t, "subsection not found")),
    }
}

pub fn find<K: Kind>(t: &Thread, a: Args<'_>) -> PyResult {
    found(locate::<K>(t, a, "find", false)?)
}

pub fn rfind<K: Kind>(t: &Thread, a: Args<'_>) -> PyResult {
    found(locate::<K>(t, a, "rfind", true)?)
}

pub fn index<K: Kind>(t: &Thread, a: Args<'_>) -> PyResult {
    must_find(t, locate::<K>(t, a, "index", false)?)
}

pub fn rindex<K: Kind>(t: &Thread, a: Args<'_>) -> PyResult {
    must_find(t, locate::<K>(t, a, "rindex", true)?)
}

pub fn count<K: Kind>(t: &Thread, a: Args<'_>) -> PyResult {
    let (sub, range) = find_args(t, a, "count")?;
    let sub = needle(t, sub)?;
    let n = K::with(t, &a.pos()[0], |s| {
        range.within(s.len()).map_or(0, |(start, end)| search::count(latin1(&s[start..end]), latin1(&sub)))
    });
    Ok(Value::uint(n as u64))
}

/// `item in self`.
pub fn contains<K: Kind>(t: &Thread, v: &Value, item: &Value) -> PyResult<bool> {
    let sub = if args::is_bytes_like(item) || item.class().slots.index.get().is_none() && !item.is_small_int() {
        args::Needle::Bytes(bytes_like(t, item)?)
    } else {
        args::Needle::Byte([args::byte(t, item)?])
    };
    Ok(K::with(t, v, |s| search::find(latin1(s), latin1(&sub)).is_some()))
}

/// `startswith` (or `endswith` with `tail`).
fn has_affix<K: Kind>(t: &Thread, call: Args<'_>, name: &str, tail: bool) -> PyResult {
    let (affix, range) = find_args(t, call, name)?;
    let test = |affix: &Value| -> PyResult<bool> {
        let affix = bytes_like(t, affix)?;
        Ok(K::with(t, &call.pos()[0], |s| {
            let Some((start, end)) = range.within(s.len()) else { return false };
            let part = &s[start..end];
            if tail { part.ends_with(&affix) } else { part.starts_with(&affix) }
        }))
    };
    if let Some(affixes) = affix.downcast::<Tuple>() {
        for affix in affixes.items() {
            if test(affix)? {
                return Ok(Value::TRUE);
            }
        }
        return Ok(Value::FALSE);
    }
    if !args::is_bytes_like(affix) {
        let message =
            format!("{name} first arg must be bytes or a tuple of bytes, not {}", affix.class().display_name());
        return Err(raise::type_error(t, message));
    }
    test(affix).map(Value::bool)
}

pub fn startswith<K: Kind>(t: &Thread, a: Args<'_>) -> PyResult {
    has_affix::<K>(t, a, "startswith", false)
}

pub fn endswith<K: Kind>(t: &Thread, a: Args<'_>) -> PyResult {
    has_affix::<K>(t, a, "endswith", true)
}

fn is_default_kind(v: Option<&Value>) -> Option<&Value> {
    v.and_then(Value::non_none)
}

/// `split` and `rsplit`.
fn split_any<K: Kind>(t: &Thread, b: &Bound<'_>, right: bool) -> PyResult {
    let max = limit(t, b.opt(2))?;
    let sep = is_default_kind(b.opt(1)).map(|v| bytes_like(t, v)).transpose()?;
    if sep.as_ref().is_some_and(|s| s.is_empty()) {
        return Err(raise::value_error(t, "empty separator"));
    }
    pieces::<K>(t, b.req(0), right, |s, emit| match (&sep, right) {
        (None, false) => split::split_space(s, max, split::is_byte_space, emit),
        (None, true) => split::rsplit_space(s, max, split::is_byte_space, emit),
        (Some(sep), false) => split::split_sep(s, sep, max, emit),
        (Some(sep), true) => split::rsplit_sep(s, sep, max, emit),
    })
}

/// The list of the parts that `cut` emits, `reversed` if that is from the last to the first.
fn pieces<K: Kind>(
    t: &Thread,
    v: &Value,
    reversed: bool,
    cut: impl FnOnce(&[u8], &mut dyn FnMut(usize, usize)),
) -> PyResult {
    let pieces = K::with(t, v, |s| {
        // All of them together.
        room_for(s)?;
        let mut pieces: Vec<Vec<u8>> = Vec::new();
        let mut result = Ok(());
        cut(s, &mut |from, to| {
            result = result.and_then(|()| may_fail::reserve(&mut pieces, 1));
            if result.is_ok() {
                pieces.push(s[from..to].to_vec());
            }
        });
        if reversed {
            pieces.reverse();
        }
        result.map(|()| pieces)
    });
    list::from_exact(t, done(t, pieces)?.into_iter().map(K::make))
}

/// Whether there is room for a copy of the bytes, asked where nothing may be raised yet: they may be locked.
fn room_for(s: &[u8]) -> Result<(), OutOfMemory> {
    if has_room(s.len()) { Ok(()) } else { Err(OutOfMemory) }
}

/// Raises the MemoryError.
fn done<R>(t: &Thread, result: Result<R, OutOfMemory>) -> PyResult<R> {
    result.map_err(|OutOfMemory| raise::memory_error(t, ""))
}

pub fn split<K: Kind>(t: &Thread, b: &Bound<'_>) -> PyResult {
    split_any::<K>(t, b, false)
}

pub fn rsplit<K: Kind>(t: &Thread, b: &Bound<'_>) -> PyResult {
    split_any::<K>(t, b, true)
}

pub fn splitlines<K: Kind>(t: &Thread, b: &Bound<'_>) -> PyResult {
    let keep = b.opt(1).map_or(Ok(false), |v| protocol::is_true(t, v))?;
    pieces::<K>(t, b.req(0), false, |s, emit| split::split_lines(s, keep, split::is_byte_line_break, emit))
}

fn partition_any<K: Kind>(t: &Thread, v: &Value, sep: &Value, last: bool) -> PyResult {
    let sep_bytes = bytes_like(t, sep)?;
    if sep_bytes.is_empty() {
        return Err(raise::value_error(t, "empty separator"));
    }
    let parts = K::with(t, v, |s| {
        let at = if last {
            Searcher::backward(&sep_bytes).rfind(s, s.len())
        } else {
            Searcher::forward(&sep_bytes).find(s, 0)
        };
        room_for(s)?;
        Ok(at.map(|at| (s[..at].to_vec(), s[at + sep_bytes.len()..].to_vec())).ok_or_else(|| s.to_vec()))
    });
    Ok(match done(t, parts)? {
        Ok((before, after)) => {
            let middle = K::unchanged(sep).unwrap_or_else(|| K::make_slice(&sep_bytes));
            tuple::from_iter(3, [K::make(before), middle, K::make(after)])
        }
        Err(whole) => {
            let whole = K::unchanged(v).unwrap_or_else(|| K::make(whole));
            let (a, b) = (K::make_slice(b""), K::make_slice(b""));
            tuple::from_iter(3, if last { [a, b, whole] } else { [whole, a, b] })
        }
    })
}

pub fn partition<K: Kind>(t: &Thread, v: &Value, sep: &Value) -> PyResult {
    partition_any::<K>(t, v, sep, false)
}

pub fn rpartition<K: Kind>(t: &Thread, v: &Value, sep: &Value) -> PyResult {
    partition_any::<K>(t, v, sep, true)
}

/// A new object with part of the bytes; the same one where nothing is left out.
fn part<K: Kind>(t: &Thread, v: &Value, range: impl FnOnce(&[u8]) -> (usize, usize)) -> PyResult {
    let kept = K::with(t, v, |s| {
        let (from, to) = range(s);
        if to - from == s.len() && K::unchanged(v).is_some() {
            return Ok(None);
        }
        room_for(&s[from..to]).map(|()| Some(s[from..to].to_vec()))
    });
    Ok(match done(t, kept)? {
        Some(bytes) => K::make(bytes),
        None => v.clone(),
    })
}

fn strip_any<K: Kind>(t: &Thread, b: &Bound<'_>, ends: Ends) -> PyResult {
    let chars = is_default_kind(b.opt(1)).map(|v| bytes_like(t, v)).transpose()?;
    part::<K>(t, b.req(0), |s| match &chars {
        None => split::strip_units(s, ends, split::is_byte_space),
        Some(chars) => split::strip_units(s, ends, |c| chars.contains(&(c as u8))),
    })
}

pub fn strip<K: Kind>(t: &Thread, b: &Bound<'_>) -> PyResult {
    strip_any::<K>(t, b, Ends::Both)
}

pub fn lstrip<K: Kind>(t: &Thread, b: &Bound<'_>) -> PyResult {
    strip_any::<K>(t, b, Ends::Left)
}

pub fn rstrip<K: Kind>(t: &Thread, b: &Bound<'_>) -> PyResult {
    strip_any::<K>(t, b, Ends::Right)
}

pub fn removeprefix<K: Kind>(t: &Thread, v: &Value, prefix: &Value) -> PyResult {
    let prefix = bytes_like(t, prefix)?;
    part::<K>(t, v, |s| (if s.starts_with(&prefix) { prefix.len() } else { 0 }, s.len()))
}

pub fn removesuffix<K: Kind>(t: &Thread, v: &Value, suffix: &Value) -> PyResult {
    let suffix = bytes_like(t, suffix)?;
    part::<K>(t, v, |s| (0, if s.ends_with(&suffix) { s.len() - suffix.len() } else { s.len() }))
}

pub fn replace<K: Kind>(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (old, new) = (bytes_like(t, b.req(1))?, bytes_like(t, b.req(2))?);
    let max = limit(t, b.opt(3))?;
    let v = b.req(0);
    let replaced = K::with(t, v, |s| {
        // An estimate of the size before any memory is asked for.
        let hits = if old.is_empty() { s.len() + 1 } else { s.len() / old.len() }.min(max);
        if hits.checked_mul(new.len()).and_then(|n| n.checked_add(s.len())).is_none_or(|n| n > isize::MAX as usize) {
            return Err(());
        }
        Ok(match ops::replace(s, &old, &new, max) {
            Ok(None) if K::unchanged(v).is_none() => room_for(s).map(|()| Some(s.to_vec())),
            other => other,
        })
    });
    match replaced {
        Ok(Ok(Some(out))) => Ok(K::make(out)),
        Ok(Ok(None)) => Ok(v.clone()),
        Ok(Err(OutOfMemory)) => Err(raise::memory_error(t, "")),
        Err(()) => Err(raise::overflow_error(t, "replace bytes is too long")),
    }
}

pub fn join<K: Kind>(t: &Thread, v: &Value, iterable: &Value) -> PyResult {
    // Lent meanwhile: the iterable may try to change the separator.
    let lent = bytes_like(t, v)?;
    let collected = protocol::collect(t, iterable);
    drop(lent);
    let items = match collected {
        Ok(items) => items,
        Err(raised) => {
            if raise::matches(t, &raised, &exc::TYPE_ERROR) && iterable.class().slots.iter.get().is_none() {
                drop(raise::take(t, raised));
                return Err(raise::type_error(t, "can only join an iterable"));
            }
            return Err(raised);
        }
    };
    if let [only] = &items[..]
        && payload::view(only).is_some()
        && let Some(same) = K::unchanged(only)
    {
        return Ok(same);
    }
    let plain: SmallVec<[&[u8]; 16]> = items.iter().map_while(payload::view).collect();
    if plain.len() == items.len() {
        // They stay as they are: nothing is lent or copied.
        return joined::<K>(t, v, &plain);
    }
    let mut parts = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        if !args::is_bytes_like(item) {
            let message =
                format!("sequence item {i}: expected a bytes-like object, {} found", item.class().display_name());
            return Err(raise::type_error(t, message));
        }
        parts.push(bytes_like(t, item)?);
    }
    joined::<K>(t, v, &parts)
}

/// The parts with `v` between them.
fn joined<K: Kind>(t: &Thread, v: &Value, parts: &[impl Deref<Target = [u8]>]) -> PyResult {
    let sep: SmallVec<[u8; 16]> = K::with(t, v, SmallVec::from_slice);
    let total: usize = parts.iter().map(|p| p.len()).sum::<usize>() + sep.len() * parts.len().saturating_sub(1);
    check_room(t, total)?;
    let mut out = Vec::with_capacity(total);
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(&sep);
        }
        out.extend_from_slice(part);
    }
    Ok(K::make(out))
}

/// A new object with the outcome of `f`.
fn mapped<K: Kind>(t: &Thread, v: &Value, f: impl FnOnce(&[u8]) -> Vec<u8>) -> PyResult {
    let made = K::with(t, v, |s| room_for(s).map(|()| f(s)));
    done(t, made).map(K::make)
}

pub fn lower<K: Kind>(t: &Thread, v: &Value) -> PyResult {
    mapped::<K>(t, v, <[u8]>::to_ascii_lowercase)
}

pub fn upper<K: Kind>(t: &Thread, v: &Value) -> PyResult {
    mapped::<K>(t, v, <[u8]>::to_ascii_uppercase)
}

pub fn title<K: Kind>(t: &Thread, v: &Value) -> PyResult {
    mapped::<K>(t, v, ops::title)
}

pub fn capitalize<K: Kind>(t: &Thread, v: &Value) -> PyResult {
    mapped::<K>(t, v, ops::capitalize)
}

pub fn swapcase<K: Kind>(t: &Thread, v: &Value) -> PyResult {
    mapped::<K>(t, v, ops::swapcase)
}

macro_rules! predicates {
    ($($name:ident = $f:expr;)*) => { $(
        pub fn $name<K: Kind>(t: &Thread, v: &Value) -> PyResult {
            Ok(Value::bool(K::with(t, v, $f)))
        }
    )* };
}

predicates! {
    isalnum = |s| ops::all(s, u8::is_ascii_alphanumeric);
    isalpha = |s| ops::all(s, u8::is_ascii_alphabetic);
    isascii = <[u8]>::is_ascii;
    isdigit = |s| ops::all(s, u8::is_ascii_digit);
    islower = ops::is_lower;
    isspace = |s| ops::all(s, ops::is_space);
    istitle = ops::is_title;
    isupper = ops::is_upper;
}

/// A field width; what is longer than memory is a MemoryError.
fn width(t: &Thread, v: &Value) -> PyResult<usize> {
    let width = usize::try_from(args::ssize(t, v)?).unwrap_or(0);
    check_room(t, width)?;
    Ok(width)
}

/// `ljust`, `rjust`, `center`: `margins` divides the filling.
fn justify<K: Kind>(
    t: &Thread,
    b: &Bound<'_>,
    name: &str,
    margins: fn(len: usize, width: usize) -> (usize, usize),
) -> PyResult {
    let width = width(t, b.req(1))?;
    let fill = match b.opt(2) {
        None => b' ',
        Some(v) => match payload::view(v) {
            Some([fill]) => *fill,
            _ => match crate::types::bytearray::single(t, v) {
                Some(fill) => fill,
                None => {
                    let message = format!(
                        "{name}() argument 2 must be a byte string of length 1, not {}",
                        v.class().display_name()
                    );
                    return Err(raise::type_error(t, message));
                }
            },
        },
    };
    let v = b.req(0);
    let padded = K::with(t, v, |s| {
        if s.len() >= width && K::unchanged(v).is_some() {
            return None;
        }
        let (left, right) = margins(s.len(), width);
        Some(ops::pad(s, left, right, fill))
    });
    Ok(padded.map_or_else(|| v.clone(), K::make))
}

pub fn center<K: Kind>(t: &Thread, b: &Bound<'_>) -> PyResult {
    justify::<K>(t, b, "center", center_margins)
}

pub fn ljust<K: Kind>(t: &Thread, b: &Bound<'_>) -> PyResult {
    justify::<K>(t, b, "ljust", |len, width| (0, width.saturating_sub(len)))
}

pub fn rjust<K: Kind>(t: &Thread, b: &Bound<'_>) -> PyResult {
    justify::<K>(t, b, "rjust", |len, width| (width.saturating_sub(len), 0))
}

pub fn zfill<K: Kind>(t: &Thread, v: &Value, w: &Value) -> PyResult {
    let w = width(t, w)?;
    let filled =
        K::with(t, v, |s| if s.len() >= w && K::unchanged(v).is_some() { None } else { Some(ops::zfill(s, w)) });
    Ok(filled.map_or_else(|| v.clone(), K::make))
}

pub fn expandtabs<K: Kind>(t: &Thread, b: &Bound<'_>) -> PyResult {
    let tab = match b.opt(1) {
        None => 8,
        Some(v) => usize::try_from(args::c_int(t, v)?).unwrap_or(0),
    };
    match K::with(t, b.req(0), |s| ops::expand_tabs(s, tab)) {
        Ok(Some(out)) => Ok(K::make(out)),
        Ok(None) => Err(raise::overflow_error(t, "result too long")),
        Err(OutOfMemory) => Err(raise::memory_error(t, "")),
    }
}

pub fn translate<K: Kind>(t: &Thread, b: &Bound<'_>) -> PyResult {
    let table = b.req(1).non_none().map(|v| bytes_like(t, v)).transpose()?;
    let table: Option<&[u8; 256]> = match &table {
        None => None,
        Some(table) => match (**table).try_into() {
            Ok(table) => Some(table),
            Err(_) => return Err(raise::value_error(t, "translation table must be 256 characters long")),
        },
    };
    let delete = b.opt(2).map(|v| bytes_like(t, v)).transpose()?;
    let delete = delete.as_deref().unwrap_or_default();
    let v = b.req(0);
    let out = K::with(t, v, |s| {
        room_for(s)?;
        let out = ops::translate(s, table, delete);
        Ok(if out == s && K::unchanged(v).is_some() { None } else { Some(out) })
    });
    Ok(done(t, out)?.map_or_else(|| v.clone(), K::make))
}

/// `bytes.maketrans(frm, to)`: always bytes.
pub fn maketrans(t: &Thread, from: &Value, to: &Value) -> PyResult {
    let (from, to) = (bytes_like(t, from)?, bytes_like(t, to)?);
    if from.len() != to.len() {
        return Err(raise::value_error(t, "maketrans arguments must have same length"));
    }
    Ok(payload::from_slice(&ops::maketrans(&from, &to)))
}

/// The separator and group size of `hex()`, from its arguments.
pub fn hex_format(t: &Thread, sep: Option<&Value>, group: Option<&Value>) -> PyResult<(Option<u8>, isize)> {
    let group = match group {
        None => 1,
        Some(v) => args::c_int(t, v)?,
    };
    let Some(sep) = sep else { return Ok((None, 0)) };
    if protocol::len(t, sep)? != 1 {
        return Err(raise::value_error(t, "sep must be length 1."));
    }
    let c = match (sep.downcast::<Str>(), payload::view(sep)) {
        (Some(s), _) => s.view().at(0),
        (_, Some(b)) => u32::from(b[0]),
        _ => return Err(raise::type_error(t, "sep must be str or bytes.")),
    };
    match u8::try_from(c) {
        Ok(c) if c.is_ascii() => Ok((Some(c), group as isize)),
        _ => Err(raise::value_error(t, "sep must be ASCII.")),
    }
}

pub fn to_hex<K: Kind>(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (sep, group) = hex_format(t, b.opt(1), b.opt(2))?;
    let digits = K::with(t, b.req(0), |s| hex::to_hex(s, sep, group));
    hex::as_str(t, digits)
}

/// `fromhex(string)`, a class method.
pub fn fromhex<K: Kind>(t: &Thread, class: &Value, text: &Value) -> PyResult {
    let parsed = if let Some(s) = text.downcast::<Str>() {
        hex::from_hex(s.view())
    } else if args::is_bytes_like(text) {
        hex::from_hex(TextRef::Latin1(&bytes_like(t, text)?))
    } else {
        let message = format!("fromhex() argument must be str or bytes-like, not {}", text.class().display_name());
        return Err(raise::type_error(t, message));
    };
    let bytes = match parsed {
        Ok(bytes) => K::make(bytes),
        Err(hex::HexError::NotHex(i)) => {
            let message = format!("non-hexadecimal number found in fromhex() arg at position {i}");
            return Err(raise::value_error(t, message));
        }
        Err(hex::HexError::Memory) => return Err(raise::memory_error(t, "")),
        Err(hex::HexError::Odd) => {
            let message = "fromhex() arg must contain an even number of hexadecimal digits";
            return Err(raise::value_error(t, message));
        }
    };
    match class.downcast::<Type>() {
        Some(class_type) if !std::ptr::eq(class_type, bytes.class()) => protocol::call_values(t, class, &[bytes]),
        _ => Ok(bytes),
    }
}

pub fn decode<K: Kind>(t: &Thread, b: &Bound<'_>) -> PyResult {
    use crate::types::str::codec::registry;
    let (encoding, errors) = registry::names(t, "decode", b.opt(1), b.opt(2))?;
    registry::decode(t, b.req(0), encoding.as_deref(), errors.as_deref())
}

/// The rows of the shared methods for kind `$K`, with `$extra` rows of its own.
#[macro_export]
macro_rules! byte_methods {
    ($K:ty; $($extra:expr),* $(,)?) => {{
        use $crate::object::table::{Method, NativeFn::*};
        use $crate::types::bytes::methods as m;
        &[
            $($extra,)*
            Method::new("capitalize", "($self, /)", F1(m::capitalize::<$K>), "A copy whose first byte is upper case and the rest lower case, as far as they are ASCII letters."),
            Method::new("center", "($self, width, fillchar=b' ', /)", Bound(m::center::<$K>), "A copy in the middle of a field of the given width."),
            Method::new("count", "($self, sub[, start[, end]], /)", Raw(m::count::<$K>), "The number of occurrences of sub, which do not overlap, in the range from start to end.\n\nsub may be a bytes-like object or an int from 0 to 255."),
            Method::new("decode", "($self, /, encoding='utf-8', errors='strict')", Bound(m::decode::<$K>), "The text that the bytes stand for in the given encoding.\n\n  encoding\n    The name of the encoding.\n  errors\n    What to do about bytes that mean nothing: 'strict' raises UnicodeDecodeError,\n    'ignore' and 'replace' leave them out or put a mark, and other names are\n    looked up among those registered with codecs.register_error()."),
            Method::new("endswith", "($self, suffix[, start[, end]], /)", Raw(m::endswith::<$K>), "Whether the range from start to end ends with suffix, or one of a tuple of them."),
            Method::new("expandtabs", "($self, /, tabsize=8)", Bound(m::expandtabs::<$K>), "A copy with spaces up to the next multiple of tabsize in place of each tab."),
            Method::new("find", "($self, sub[, start[, end]], /)", Raw(m::find::<$K>), "The lowest position of sub in the range from start to end, or -1.\n\nsub may be a bytes-like object or an int from 0 to 255."),
            Method::new("fromhex", "($type, string, /)", F2(m::fromhex::<$K>), "The bytes that pairs of hexadecimal digits stand for. Space may separate the pairs.\n\nExample: fromhex('B9 01EF') has the three bytes b'\\xb9\\x01\\xef'.").class_method(),
            Method::new("hex", "($self, /, sep=<unrepresentable>, bytes_per_sep=1)", Bound(m::to_hex::<$K>), "Two hexadecimal digits for each byte.\n\n  sep\n    A character to put between groups of bytes.\n  bytes_per_sep\n    The size of a group. Groups are counted from the right, or from the left if\n    it is negative."),
            Method::new("index", "($self, sub[, start[, end]], /)", Raw(m::index::<$K>), "Like find(), but raises ValueError where sub is absent."),
            Method::new("isalnum", "($self, /)", F1(m::isalnum::<$K>), "Whether there are bytes, all of them ASCII letters or digits."),
            Method::new("isalpha", "($self, /)", F1(m::isalpha::<$K>), "Whether there are bytes, all of them ASCII letters."),
            Method::new("isascii", "($self, /)", F1(m::isascii::<$K>), "Whether all bytes are below 128; true if there are none."),
            Method::new("isdigit", "($self, /)", F1(m::isdigit::<$K>), "Whether there are bytes, all of them ASCII digits."),
            Method::new("islower", "($self, /)", F1(m::islower::<$K>), "Whether there are ASCII letters, all of them lower case."),
            Method::new("isspace", "($self, /)", F1(m::isspace::<$K>), "Whether there are bytes, all of them ASCII white space."),
            Method::new("istitle", "($self, /)", F1(m::istitle::<$K>), "Whether there are ASCII letters, upper case at the start of each word and lower case in it."),
            Method::new("isupper", "($self, /)", F1(m::isupper::<$K>), "Whether there are ASCII letters, all of them upper case."),
            Method::new("join", "($self, iterable_of_bytes, /)", F2(m::join::<$K>), "All of the given byte strings, with this one between any two.\n\nExample: b'.'.join([b'ab', b'pq', b'rs']) is b'ab.pq.rs'."),
            Method::new("ljust", "($self, width, fillchar=b' ', /)", Bound(m::ljust::<$K>), "A copy at the left of a field of the given width."),
            Method::new("lower", "($self, /)", F1(m::lower::<$K>), "A copy with all ASCII letters in lower case."),
            Method::new("lstrip", "($self, bytes=None, /)", Bound(m::lstrip::<$K>), "A copy without the leading bytes that occur in the argument, or leading ASCII white space."),
            Method::new("maketrans", "(frm, to, /)", F2(m::maketrans), "A table for translate() that maps each byte of frm to the byte at its position in to.").static_method(),
            Method::new("partition", "($self, sep, /)", F2(m::partition::<$K>), "The part before the first sep, sep itself and the part after it.\n\nWhere sep is absent: a copy and two empty objects."),
            Method::new("replace", "($self, old, new, count=-1, /)", Bound(m::replace::<$K>), "A copy with new in place of old.\n\n  count\n    How many occurrences to replace from the left; -1 means all."),
            Method::new("removeprefix", "($self, prefix, /)", F2(m::removeprefix::<$K>), "A copy without the given prefix, if it has it."),
            Method::new("removesuffix", "($self, suffix, /)", F2(m::removesuffix::<$K>), "A copy without the given suffix, if it has it."),
            Method::new("rfind", "($self, sub[, start[, end]], /)", Raw(m::rfind::<$K>), "The highest position of sub in the range from start to end, or -1.\n\nsub may be a bytes-like object or an int from 0 to 255."),
            Method::new("rindex", "($self, sub[, start[, end]], /)", Raw(m::rindex::<$K>), "Like rfind(), but raises ValueError where sub is absent."),
            Method::new("rjust", "($self, width, fillchar=b' ', /)", Bound(m::rjust::<$K>), "A copy at the right of a field of the given width."),
            Method::new("rpartition", "($self, sep, /)", F2(m::rpartition::<$K>), "The part before the last sep, sep itself and the part after it.\n\nWhere sep is absent: two empty objects and a copy."),
            Method::new("rsplit", "($self, /, sep=None, maxsplit=-1)", Bound(m::rsplit::<$K>), "A list of the parts between separators, which are counted from the right.\n\n  sep\n    The separator; None stands for runs of ASCII white space.\n  maxsplit\n    How many splits to make at most; -1 means all."),
            Method::new("rstrip", "($self, bytes=None, /)", Bound(m::rstrip::<$K>), "A copy without the trailing bytes that occur in the argument, or trailing ASCII white space."),
            Method::new("split", "($self, /, sep=None, maxsplit=-1)", Bound(m::split::<$K>), "A list of the parts between separators.\n\n  sep\n    The separator; None stands for runs of ASCII white space.\n  maxsplit\n    How many splits to make at most; -1 means all."),
            Method::new("splitlines", "($self, /, keepends=False)", Bound(m::splitlines::<$K>), "A list of the lines, with their line breaks if keepends is true."),
            Method::new("startswith", "($self, prefix[, start[, end]], /)", Raw(m::startswith::<$K>), "Whether the range from start to end begins with prefix, or one of a tuple of them."),
            Method::new("strip", "($self, bytes=None, /)", Bound(m::strip::<$K>), "A copy without the bytes at both ends that occur in the argument, or ASCII white space there."),
            Method::new("swapcase", "($self, /)", F1(m::swapcase::<$K>), "A copy with the case of all ASCII letters turned around."),
            Method::new("title", "($self, /)", F1(m::title::<$K>), "A copy with words in upper case at the start and lower case in the rest."),
            Method::new("translate", "($self, table, /, delete=b'')", Bound(m::translate::<$K>), "A copy without the bytes in delete, the others mapped through a table of 256 bytes.\n\n  table\n    The table; None maps each byte to itself."),
            Method::new("upper", "($self, /)", F1(m::upper::<$K>), "A copy with all ASCII letters in upper case."),
            Method::new("zfill", "($self, width, /)", F2(m::zfill::<$K>), "A copy filled with zeros on the left, after a sign."),
        ]
    }};
}
