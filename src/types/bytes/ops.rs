//! Operations on byte strings that know ASCII: case, predicates, padding, translation, replacement.
//!
//! Searching and splitting are in `types::str::search` and `types::str::split`, over units of one byte.

use crate::sync::may_fail;
use crate::sync::reclaim::OutOfMemory;
use crate::types::str::layout::center_margins;
use crate::types::str::search::Searcher;

/// `title`: upper case after a byte that is no ASCII letter, lower case else.
pub fn title(s: &[u8]) -> Vec<u8> {
    let mut after_letter = false;
    s.iter()
        .map(|b| {
            let out = if after_letter { b.to_ascii_lowercase() } else { b.to_ascii_uppercase() };
            after_letter = b.is_ascii_alphabetic();
            out
        })
        .collect()
}

/// `capitalize`
pub fn capitalize(s: &[u8]) -> Vec<u8> {
    let mut out = s.to_ascii_lowercase();
    if let Some(b) = out.first_mut() {
        b.make_ascii_uppercase();
    }
    out
}

/// `swapcase`
pub fn swapcase(s: &[u8]) -> Vec<u8> {
    s.iter().map(|b| if b.is_ascii_alphabetic() { b ^ 0x20 } else { *b }).collect()
}

/// Whether there are bytes and `f` holds for all of them: the shape of most `is...` methods.
pub fn all(s: &[u8], f: impl Fn(&u8) -> bool) -> bool {
    !s.is_empty() && s.iter().all(f)
}

/// White space to bytes, vertical tab included.
pub fn is_space(b: &u8) -> bool {
    matches!(b, 9..=13 | 32)
}

/// `islower`: some letter, and no upper one.
pub fn is_lower(s: &[u8]) -> bool {
    s.iter().any(u8::is_ascii_lowercase) && !s.iter().any(u8::is_ascii_uppercase)
}

/// `isupper`: some letter, and no lower one.
pub fn is_upper(s: &[u8]) -> bool {
    s.iter().any(u8::is_ascii_uppercase) && !s.iter().any(u8::is_ascii_lowercase)
}

/// `istitle`
pub fn is_title(s: &[u8]) -> bool {
    let (mut found, mut after_letter) = (false, false);
    for b in s {
        if b.is_ascii_alphabetic() && b.is_ascii_uppercase() == after_letter {
            return false;
        }
        after_letter = b.is_ascii_alphabetic();
        found |= after_letter;
    }
    found
}

/// `s` with `left` and `right` times `fill` around it.
pub fn pad(s: &[u8], left: usize, right: usize, fill: u8) -> Vec<u8> {
    let mut out = Vec::with_capacity(left + s.len() + right);
    out.resize(left, fill);
    out.extend_from_slice(s);
    out.resize(left + s.len() + right, fill);
    out
}

/// `center`
pub fn center(s: &[u8], width: usize, fill: u8) -> Vec<u8> {
    let (left, right) = center_margins(s.len(), width);
    pad(s, left, right, fill)
}

/// `zfill`: zeros after a leading sign.
pub fn zfill(s: &[u8], width: usize) -> Vec<u8> {
    let sign = usize::from(matches!(s.first(), Some(b'+' | b'-')));
    let mut out = Vec::with_capacity(width.max(s.len()));
    out.extend_from_slice(&s[..sign]);
    out.resize(sign + width.saturating_sub(s.len()), b'0');
    out.extend_from_slice(&s[sign..]);
    out
}

/// `expandtabs`; `None` where the result would be longer than bytes can be.
pub fn expand_tabs(s: &[u8], tab: usize) -> Result<Option<Vec<u8>>, OutOfMemory> {
    let mut out = Vec::new();
    may_fail::reserve_exact(&mut out, s.len())?;
    let mut column = 0usize;
    for &b in s {
        if b == b'\t' {
            if tab > 0 {
                let n = tab - column % tab;
                column = column.saturating_add(n);
                let Some(len) = out.len().checked_add(n).filter(|&n| n <= isize::MAX as usize / 4) else {
                    return Ok(None);
                };
                may_fail::reserve(&mut out, n)?;
                out.resize(len, b' ');
            }
        } else {
            may_fail::reserve(&mut out, 1)?;
            out.push(b);
            column = if matches!(b, b'\n' | b'\r') { 0 } else { column + 1 };
        }
    }
    Ok(Some(out))
}

/// `translate`: leaves out the bytes of `delete`, and maps the others through `table`.
pub fn translate(s: &[u8], table: Option<&[u8; 256]>, delete: &[u8]) -> Vec<u8> {
    if let (Some(table), []) = (table, delete) {
        return s.iter().map(|&b| table[usize::from(b)]).collect();
    }
    let mut gone = [false; 256];
    for &b in delete {
        gone[usize::from(b)] = true;
    }
    let map = |&b: &u8| table.map_or(b, |t| t[usize::from(b)]);
    s.iter().filter(|&&b| !gone[usize::from(b)]).map(map).collect()
}

/// `maketrans`: the table that maps `from[i]` to `to[i]`; the two have the same length.
pub fn maketrans(from: &[u8], to: &[u8]) -> [u8; 256] {
    let mut table = [0; 256];
    for (b, slot) in (0u8..=255).zip(&mut table) {
        *slot = b;
    }
    for (&f, &t) in from.iter().zip(to) {
        table[usize::from(f)] = t;
    }
    table
}

/// Replaces up to `max` occurrences of `old`; `None` where nothing changes.
pub fn replace(s: &[u8], old: &[u8], new: &[u8], max: usize) -> Result<Option<Vec<u8>>, OutOfMemory> {
    if max == 0 || old == new {
        return Ok(None);
    }
    if old.is_empty() {
        let n = max.min(s.len() + 1);
        let mut out = Vec::new();
        may_fail::reserve_exact(&mut out, s.len() + n * new.len())?;
        for i in 0..n {
            out.extend_from_slice(new);
            out.extend(s.get(i));
        }
        out.extend_from_slice(s.get(n..).unwrap_or_default());
        return Ok(Some(out));
    }
    let searcher = Searcher::forward(old);
    let n = searcher.count(s, max);
    if n == 0 {
        return Ok(None);
    }
    let mut out = Vec::new();
    may_fail::reserve_exact(&mut out, s.len() - n * old.len() + n * new.len())?;
    let mut from = 0;
    for _ in 0..n {
        let Some(at) = searcher.find(s, from) else { break };
        out.extend_from_slice(&s[from..at]);
        out.extend_from_slice(new);
        from = at + old.len();
    }
    out.extend_from_slice(&s[from..]);
    Ok(Some(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_predicates() {
        assert_eq!(title(b"they're 1st x\xe9Y"), b"They'Re 1St X\xe9Y");
        assert_eq!(capitalize(b"aBC"), b"Abc");
        assert_eq!(swapcase(b"aB1\xe9"), b"Ab1\xe9");
        assert!(is_title(b"Ab Cd") && !is_title(b"AB") && !is_title(b"a") && !is_title(b"1") && is_title(b"A1B"));
        assert!(is_lower(b"a1") && !is_lower(b"1") && !is_lower(b"aB") && is_upper(b"A1"));
        assert!(!all(b"", u8::is_ascii_digit) && all(b"12", u8::is_ascii_digit));
    }

    #[test]
    fn layout() {
        assert_eq!(center(b"ab", 5, b'*'), b"**ab*");
        assert_eq!(zfill(b"-1", 4), b"-001");
        assert_eq!(zfill(b"abcd", 2), b"abcd");
        assert_eq!(expand_tabs(b"a\tb", 4).unwrap().unwrap(), b"a   b");
    }

    #[test]
    fn replacement_and_translation() {
        let all = usize::MAX;
        assert_eq!(replace(b"aXbX", b"X", b"--", all).unwrap().unwrap(), b"a--b--");
        assert_eq!(replace(b"aXbX", b"X", b"", 1).unwrap().unwrap(), b"abX");
        assert_eq!(replace(b"ab", b"", b".", all).unwrap().unwrap(), b".a.b.");
        assert_eq!(replace(b"ab", b"", b".", 1).unwrap().unwrap(), b".ab");
        assert_eq!(replace(b"ab", b"x", b".", all), Ok(None));
        let t = maketrans(b"ab", b"xy");
        assert_eq!(translate(b"abcd", Some(&t), b"d"), b"xyc");
        assert_eq!(translate(b"abcd", None, b"bd"), b"ac");
    }
}
