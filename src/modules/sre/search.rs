//! The three ways to use a program: match at a position, match a whole text, search.

use super::exec::{Conditions, Machine, Stop};
use super::opening::Opening;
use super::program::*;
use super::scan;
use crate::types::str::search::TextUnit;

/// What is asked of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `Pattern.match`.
    Match,
    /// `Pattern.fullmatch`.
    Full,
    /// `Pattern.search`.
    Search,
}

/// Finds a match from `start` on; gives its bounds. The machine's marks hold its groups. With `advance`, a match at
/// `start` must not be empty.
pub fn find<C: TextUnit, E, T: FnMut() -> Result<(), E>>(
    m: &mut Machine<'_, C, T>,
    p: &Program,
    mode: Mode,
    start: usize,
    advance: bool,
) -> Result<Option<(usize, usize)>, Stop<E>> {
    let text = m.text();
    if start > text.len() || text.len() - start < p.min_width as usize {
        return Ok(None);
    }
    match mode {
        Mode::Match | Mode::Full => {
            let end = m.run(start, Conditions { full: mode == Mode::Full, advance })?;
            Ok(end.map(|end| (start, end)))
        }
        Mode::Search => search(m, p, start, advance),
    }
}

/// After so many tries in vain, no farther apart than this, a search looks at more than the first character, which takes
/// longer for each character that it passes.
const TRIES: usize = 8;
const RARE: usize = 32;

fn search<C: TextUnit, E, T: FnMut() -> Result<(), E>>(
    m: &mut Machine<'_, C, T>,
    p: &Program,
    start: usize,
    advance: bool,
) -> Result<Option<(usize, usize)>, Stop<E>> {
    let text = m.text();
    // The last position with room for the shortest match.
    let last = text.len() - p.min_width as usize;
    let mut at = start;
    let (mut tries, mut often) = (0, false);
    loop {
        match &p.start {
            Start::Anywhere => {}
            Start::Beginning if at > 0 => return Ok(None),
            Start::Beginning => {}
            Start::Literal { chars, whole, finder } => {
                let found = match (finder, scan::as_bytes(text)) {
                    (Some(finder), Some(bytes)) => finder.find(&bytes[at..]),
                    _ => scan::find(&text[at..], chars[0]),
                };
                match found {
                    Some(n) => at += n,
                    None => return Ok(None),
                }
                if *whole {
                    let end = at + chars.len();
                    if text.get(at..end).is_some_and(|t| t.iter().zip(chars.iter()).all(|(a, &b)| a.cp() == b)) {
                        return Ok(Some((at, end)));
                    }
                    m.step()?;
                    at += 1;
                    if at > last {
                        return Ok(None);
                    }
                    continue;
                }
            }
            Start::First { guard, few, opening } => {
                often |= tries >= TRIES && at - start < tries * RARE;
                let opening = if often { opening.get_or_init(|| Opening::of(p)).as_ref() } else { None };
                let found = match (opening, scan::as_bytes(text)) {
                    (Some(opening), Some(bytes)) => opening.find(&bytes[at..]),
                    _ => scan::find_guard(p, &text[at..], guard, *few),
                };
                match found {
                    Some(n) => at += n,
                    None => return Ok(None),
                }
            }
        }
        if at > last {
            return Ok(None);
        }
        m.skip_to = 0;
        if let Some(end) = m.run(at, Conditions { full: false, advance: advance && at == start })? {
            return Ok(Some((at, end)));
        }
        m.step()?;
        tries += 1;
        at = m.skip_to.max(at + 1);
        if at > last {
            return Ok(None);
        }
    }
}
