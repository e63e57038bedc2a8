//! Runs the engine over a table of cases that CPython's engine answered.
//!
//! A line of `cases.txt` holds, between tabs: the pattern, for the reader; the mode (`m`atch, `f`ullmatch, `s`earch);
//! the number of groups; start and end position (-1: to the end); the code words; the subject, as `s` or `b` and its
//! code points; and the answer, `-` or the last closed group and the bounds of all groups.

use super::build::{InvalidCode, build};
use super::exec::{Machine, Scratch, Stop, UNSET};
use super::opcode::*;
use super::search::{Mode, find};
use crate::object::text::TextBuf;
use crate::types::str::search::TextUnit;
use crate::with_units;

fn numbers<T: std::str::FromStr>(s: &str) -> Vec<T> {
    s.split_whitespace().filter_map(|w| w.parse().ok()).collect()
}

fn answer<C: TextUnit>(code: Vec<u32>, groups: u32, text: &[C], mode: Mode, start: usize) -> String {
    let p = build(code, groups).expect("valid code");
    let mut m = Machine::new(&p, text, Scratch::default(), || Ok::<(), ()>(()));
    match find(&mut m, &p, mode, start, false).expect("no stop") {
        None => {
            assert!(m.marks.iter().all(|&x| x == UNSET) && m.lastindex == 0, "marks are unset after a failure");
            "-".into()
        }
        Some((from, to)) => {
            let mut out = format!("{}:{from}.{to}", m.lastindex);
            for g in m.marks.chunks(2) {
                match (g[0], g[1]) {
                    (UNSET, _) | (_, UNSET) => out.push_str(",-1.-1"),
                    (a, b) => out.push_str(&format!(",{a}.{b}")),
                }
            }
            out
        }
    }
}

fn check(line: &str) -> Result<(), String> {
    let f: Vec<&str> = line.split('\t').collect();
    let mode = match f[1] {
        "m" => Mode::Match,
        "f" => Mode::Full,
        _ => Mode::Search,
    };
    let units: Vec<u32> = numbers(&f[6][1..]);
    let end = f[4].parse::<i64>().ok().and_then(|e| usize::try_from(e).ok()).unwrap_or(usize::MAX).min(units.len());
    let start = f[3].parse::<usize>().unwrap().min(end);
    let (code, groups): (Vec<u32>, u32) = (numbers(f[5]), f[2].parse().unwrap());
    let buf: TextBuf = units.iter().copied().collect();
    let got = with_units!(buf.view(), s => answer(code.clone(), groups, &s[..end], mode, start));
    if got != f[7] {
        return Err(format!("{} on {:?}: got {got}, expected {}", f[0], buf, f[7]));
    }
    // The same text in the widest form has the same answer.
    let wide = answer(code, groups, &units[..end], mode, start);
    if wide != got {
        return Err(format!("{} on {:?}: narrow {got}, wide {wide}", f[0], buf));
    }
    Ok(())
}

#[test]
fn answers_as_the_reference() {
    let table = match std::env::var("OROCHI_SRE_CASES") {
        Ok(path) => std::fs::read_to_string(path).expect("the file of cases"),
        Err(_) => include_str!("cases.txt").to_owned(),
    };
    let (mut count, mut wrong) = (0, Vec::new());
    for line in table.lines() {
        count += 1;
        wrong.extend(check(line).err());
    }
    assert!(count > 300, "only {count} cases");
    assert!(wrong.is_empty(), "{} of {count} wrong:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
}

#[test]
fn refuses_broken_code() {
    let bad: &[&[u32]] = &[
        &[],
        &[LITERAL, 97],
        &[LITERAL, SUCCESS],
        &[99, SUCCESS],
        &[AT, 12, SUCCESS],
        &[MARK, 2, SUCCESS],
        &[GROUPREF, 1, SUCCESS],
        &[IN, 4, LITERAL, 97, SUCCESS],
        &[IN, 40, LITERAL, 97, FAILURE, SUCCESS],
        &[IN, 4, CATEGORY, 18, FAILURE, SUCCESS],
        &[REPEAT_ONE, 6, 3, 2, LITERAL, 97, SUCCESS, SUCCESS],
        &[REPEAT_ONE, 6, 0, 2, LITERAL, 97, 3, SUCCESS],
        &[REPEAT, 5, 0, 1, LITERAL, 97, SUCCESS, SUCCESS],
        &[BRANCH, 5, LITERAL, 97, JUMP, 9, 0, SUCCESS],
        &[ASSERT, 3, 0, LITERAL, SUCCESS],
        &[INFO, 4, 8, 0, 0, SUCCESS],
        &[INFO, 4, 2, 0, 0, SUCCESS],
        &[JUMP, 1, SUCCESS],
        &[MAX_UNTIL, SUCCESS],
    ];
    for code in bad {
        assert_eq!(build(code.to_vec(), 1).err(), Some(InvalidCode), "{code:?}");
    }
    assert!(build(vec![SUCCESS], 0).is_ok());
    assert!(build(vec![MARK, 0, LITERAL, 97, MARK, 1, GROUPREF, 0, SUCCESS], 1).is_ok());
}

/// Loops over a long text keep the native stack and, where they are possessive, the records small.
#[test]
fn long_loops_and_checkpoints() {
    let text = vec![b'a'; 1_000_000];
    // (?:a|bb)*
    let greedy = vec![
        REPEAT, 17, 0, MAXREPEAT, BRANCH, 5, LITERAL, 97, JUMP, 9, 7, LITERAL, 98, LITERAL, 98, JUMP, 2, 0, MAX_UNTIL,
        SUCCESS,
    ];
    let p = build(greedy, 0).expect("valid code");
    let mut calls = 0;
    let mut m = Machine::new(&p, &text[..], Scratch::default(), || {
        calls += 1;
        Ok::<(), ()>(())
    });
    assert_eq!(find(&mut m, &p, Mode::Full, 0, false), Ok(Some((0, text.len()))));
    drop(m);
    assert!(calls > 100, "{calls} checkpoints");
    let mut m = Machine::new(&p, &text[..], Scratch::default(), || Err("stop"));
    assert_eq!(find(&mut m, &p, Mode::Full, 0, false), Err(Stop::Checkpoint("stop")));
    // (?:(a))*+
    let possessive = vec![POSSESSIVE_REPEAT, 9, 0, MAXREPEAT, MARK, 0, LITERAL, 97, MARK, 1, SUCCESS, SUCCESS];
    let p = build(possessive, 1).expect("valid code");
    let mut m = Machine::new(&p, &text[..], Scratch::default(), || Ok::<(), ()>(()));
    assert_eq!(find(&mut m, &p, Mode::Match, 0, false), Ok(Some((0, text.len()))));
    assert_eq!(m.marks, [text.len() - 1, text.len()]);
    assert!(m.into_scratch().capacity() < 1000);
}
