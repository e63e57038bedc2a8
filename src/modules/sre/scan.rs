//! Runs of single characters: counting forwards, finding forwards and backwards, at memory speed where there is a way.

use super::program::*;
use crate::types::str::search::TextUnit;

/// Number of characters of `text`, which the caller has cut to the most it wants, that pass `single` from the front.
#[inline]
pub fn count<C: TextUnit>(p: &Program, single: Single, text: &[C]) -> usize {
    match single {
        Single::Never => 0,
        Single::All => text.len(),
        Single::NoLinebreak => find(text, 0xA).unwrap_or(text.len()),
        Single::NotChar(c) => find(text, c).unwrap_or(text.len()),
        Single::Char(c) if c > C::MAX => 0,
        Single::Char(c) => {
            let c = C::from_cp(c);
            text.iter().position(|&x| x != c).unwrap_or(text.len())
        }
        Single::Set(i) => {
            let set = &p.sets[i as usize];
            text.iter().position(|x| !set.contains(&p.code, x.cp())).unwrap_or(text.len())
        }
    }
}

/// Index of the first `c`.
#[inline]
pub fn find<C: TextUnit>(text: &[C], c: u32) -> Option<usize> {
    if c > C::MAX {
        return None;
    }
    if let Some(bytes) = as_bytes(text) {
        return memchr::memchr(c as u8, bytes);
    }
    let c = C::from_cp(c);
    // Whole blocks first: a loop without an exit inside is vectorised.
    let mut base = 0;
    for block in text.chunks(16) {
        if block.iter().fold(false, |hit, &x| hit | (x == c)) {
            return block.iter().position(|&x| x == c).map(|i| base + i);
        }
        base += block.len();
    }
    None
}

/// Index of the last `c`.
#[inline]
pub fn rfind<C: TextUnit>(text: &[C], c: u32) -> Option<usize> {
    if c > C::MAX {
        return None;
    }
    if let Some(bytes) = as_bytes(text) {
        return memchr::memrchr(c as u8, bytes);
    }
    let c = C::from_cp(c);
    text.iter().rposition(|&x| x == c)
}

/// Index of the first character that `guard` admits.
#[inline]
pub fn find_guard<C: TextUnit>(p: &Program, text: &[C], guard: &Guard, few: Option<Few>) -> Option<usize> {
    if let (Some(few), Some(bytes)) = (few, as_bytes(text)) {
        return match few {
            Few::One(a) => memchr::memchr(a, bytes),
            Few::Two(a, b) => memchr::memchr2(a, b, bytes),
            Few::Three(a, b, c) => memchr::memchr3(a, b, c, bytes),
        };
    }
    if guard.only != NONE {
        return find(text, guard.only);
    }
    text.iter().position(|x| p.admits(guard, x.cp()))
}

/// Index of the last character that `guard` admits.
#[inline]
pub fn rfind_guard<C: TextUnit>(p: &Program, text: &[C], guard: &Guard) -> Option<usize> {
    if guard.only != NONE {
        return rfind(text, guard.only);
    }
    text.iter().rposition(|x| p.admits(guard, x.cp()))
}

/// The text as bytes, if that is what its units are.
#[inline(always)]
pub fn as_bytes<C: TextUnit>(text: &[C]) -> Option<&[u8]> {
    C::view(text).as_latin1()
}
