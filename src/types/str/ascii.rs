//! Quick forms of some methods for ASCII text, which is a slice of bytes: a `TextRef` is too large for registers, and each
//! copy of one in memory takes longer than what these methods do to short text.

use super::search::SHORT;
use super::split::{Ends, Places, is_line_break, is_space, split_lines as lines, split_space, strip_units};
use super::value::unchanged;
use crate::object::alloc::{check_room, has_room};
use crate::object::core_types;
use crate::object::raise::PyResult;
use crate::object::str::{self, Str};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{list, raise};
use smallvec::SmallVec;

/// The bytes of a str that is ASCII.
#[inline(always)]
pub fn of(v: &Value) -> Option<&[u8]> {
    v.downcast::<Str>()?.ascii()
}

/// The str of part of a text; the str itself where the part is all of it and `whole` is an exact str.
#[inline]
fn part(whole: &Value, s: &[u8], start: usize, end: usize) -> Value {
    if start == 0 && end == s.len() && whole.is_exact(&core_types::STR) {
        return whole.clone();
    }
    str::from_ascii(&s[start..end])
}

/// The place of a byte.
#[inline]
fn find_byte(s: &[u8], wanted: u8) -> Option<usize> {
    if s.len() <= SHORT { s.iter().position(|&b| b == wanted) } else { memchr::memchr(wanted, s) }
}

/// The first place of `wanted`; the empty text is found at 0.
pub fn find(s: &[u8], wanted: &[u8]) -> Option<usize> {
    match wanted {
        [] => Some(0),
        [only] => find_byte(s, *only),
        _ => memchr::memmem::find(s, wanted),
    }
}

/// The last place of `wanted`; the empty text is found at the end.
pub fn rfind(s: &[u8], wanted: &[u8]) -> Option<usize> {
    match wanted {
        [] => Some(s.len()),
        [only] => memchr::memrchr(*only, s),
        _ => memchr::memmem::rfind(s, wanted),
    }
}

/// What fields of moderate width are filled with.
pub static SPACES: [u8; 64] = [b' '; 64];

pub fn lower(s: &[u8]) -> Value {
    str::map_ascii(s, |b| b.to_ascii_lowercase())
}

pub fn upper(s: &[u8]) -> Value {
    str::map_ascii(s, |b| b.to_ascii_uppercase())
}

pub fn casefold(s: &[u8]) -> Value {
    lower(s)
}

pub fn swapcase(s: &[u8]) -> Value {
    str::map_ascii(s, |b| if b.is_ascii_alphabetic() { b ^ 0x20 } else { b })
}

pub fn capitalize(s: &[u8]) -> Value {
    let mut first = true;
    str::map_ascii(s, |b| {
        if std::mem::replace(&mut first, false) { b.to_ascii_uppercase() } else { b.to_ascii_lowercase() }
    })
}

pub fn title(s: &[u8]) -> Value {
    let mut after_letter = false;
    str::map_ascii(s, |b| {
        let mapped = if after_letter { b.to_ascii_lowercase() } else { b.to_ascii_uppercase() };
        after_letter = b.is_ascii_alphabetic();
        mapped
    })
}

/// How often a byte occurs.
pub fn count_byte(s: &[u8], wanted: u8) -> usize {
    if s.len() <= SHORT { s.iter().filter(|&&b| b == wanted).count() } else { memchr::memchr_iter(wanted, s).count() }
}

/// `splitlines`.
pub fn split_lines(t: &Thread, whole: &Value, s: &[u8], keep: bool) -> PyResult {
    check_room(t, s.len())?;
    let mut places = Places::default();
    lines(s, keep, is_line_break, |from, to| places.push(from, to));
    places.list(t, |from, to| part(whole, s, from, to))
}

/// `strip` and its kin, of white space.
pub fn strip(t: &Thread, whole: &Value, s: &[u8], ends: Ends) -> PyResult {
    let (start, end) = strip_units(s, ends, is_space);
    check_room(t, end - start)?;
    Ok(part(whole, s, start, end))
}

/// `split` at one byte, at most `max` times.
pub fn split_byte(t: &Thread, whole: &Value, s: &[u8], sep: u8, max: usize) -> PyResult {
    check_room(t, s.len())?;
    let hits = count_byte(s, sep).min(max);
    let mut from = 0;
    let pieces = (0..hits + 1).map(|i| {
        let next = if i < hits { find_byte(&s[from..], sep) } else { None };
        let to = next.map_or(s.len(), |at| from + at);
        part(whole, s, std::mem::replace(&mut from, to + 1), to)
    });
    list::from_exact(t, pieces)
}

/// `split` at white space, at most `max` times.
pub fn split_words(t: &Thread, whole: &Value, s: &[u8], max: usize) -> PyResult {
    check_room(t, s.len())?;
    let mut places = Places::default();
    split_space(s, max, is_space, |from, to| places.push(from, to));
    places.list(t, |from, to| part(whole, s, from, to))
}

/// Texts up to this length are those that `replace` is for.
pub const REPLACE_UP_TO: usize = 4096;

/// `replace` of `old`, which is not empty and not the same text as `new`.
pub fn replace(t: &Thread, whole: &Value, s: &[u8], old: &[u8], new: &[u8], max: usize) -> PyResult {
    let mut hits: SmallVec<[u32; 32]> = SmallVec::new();
    match old {
        [only] if s.len() <= SHORT => {
            for (i, b) in s.iter().enumerate() {
                if b == only {
                    hits.push(i as u32);
                }
            }
        }
        [only] => hits.extend(memchr::memchr_iter(*only, s).map(|i| i as u32)),
        _ if s.len() < old.len() => {}
        _ => hits.extend(memchr::memmem::find_iter(s, old).map(|i| i as u32)),
    }
    hits.truncate(max);
    if hits.is_empty() {
        return Ok(unchanged(whole));
    }
    // At most `REPLACE_UP_TO` times a str's length; no more is taken away than there is.
    let len = s.len() - hits.len() * old.len() + hits.len() * new.len();
    if len > str::MAX_LEN || !has_room(len) {
        return Err(raise::memory_error(t, ""));
    }
    let mut from = 0;
    let replaced = hits.iter().flat_map(|&at| {
        let before = &s[std::mem::replace(&mut from, at as usize + old.len())..at as usize];
        [before, new]
    });
    let last = hits.last().map_or(0, |&at| at as usize + old.len());
    let parts = replaced.chain([&s[last..]]);
    if len < 2 {
        return Ok(parts
            .filter(|part| !part.is_empty())
            .map(str::from_ascii)
            .last()
            .unwrap_or_else(|| str::from_ascii(b"")));
    }
    Ok(str::from_ascii_parts(len, parts))
}
