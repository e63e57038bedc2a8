//! Damaged code: `.pyc` contents and code objects with seeded mutations are refused, or run without a crash.
//!
//! OROCHI_MUTATIONS is how many structural mutants are tried (4000 by default); OROCHI_MUTATION_SEED another seed.

mod common;

use orochi::bytecode::opcode::{Op, arg, encode};
use orochi::bytecode::unit::{CodeUnit, Constant, Handler};
use orochi::bytecode::{pyc, verify};
use orochi::compiler::{Mode, Options, compile};
use std::sync::Arc;
use std::time::Duration;

/// xorshift64*.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() >> 33) as usize % n.max(1)
    }
}

fn variable(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn subjects() -> CodeUnit {
    let path = common::root().join("tests/mutations/subjects.py");
    let source = std::fs::read_to_string(path).expect("the subjects can be read");
    compile(&source, "subjects.py", Mode::Exec, Options::default()).expect("the subjects compile").unit
}

/// Calls `f` with one unit of the tree, chosen at random; not with the module, nor with what runs the others.
fn with_one(unit: &mut CodeUnit, random: &mut Random, f: &mut dyn FnMut(&mut CodeUnit, &mut Random)) {
    let inner: Vec<usize> = (0..unit.consts.len())
        .filter(|i| matches!(&unit.consts[*i], Constant::Code(c) if !matches!(&*c.name, "run" | "drive")))
        .collect();
    let is_module = &*unit.name == "<module>";
    if inner.is_empty() || (!is_module && random.below(3) > 0) {
        return f(unit, random);
    }
    let chosen = inner[random.below(inner.len())];
    if let Constant::Code(code) = &mut unit.consts[chosen] {
        with_one(Arc::make_mut(code), random, f);
    }
}

/// The indexes of instruction words.
fn starts(words: &[u32]) -> Vec<usize> {
    let (mut at, mut out) = (0, Vec::new());
    while let Some(op) = words.get(at).and_then(|w| Op::decode(*w)) {
        out.push(at);
        at += 1 + usize::from(op.info().cache);
    }
    out
}

fn mutate(unit: &mut CodeUnit, random: &mut Random) {
    let places = starts(&unit.instructions);
    let place = places[random.below(places.len())];
    let other = places[random.below(places.len())];
    let caches = |word: u32| Op::decode(word).is_some_and(|op| op.info().cache);
    let words = &mut unit.instructions;
    match random.below(16) {
        0..=2 => {
            // Another operation of the same size.
            let op = Op::ALL[random.below(Op::ALL.len())];
            if op.info().cache == caches(words[place]) {
                words[place] =
                    encode(op, if random.below(2) == 0 { arg(words[place]) } else { random.below(4) as u32 });
            }
        }
        3..=5 => {
            let old = arg(words[place]);
            let new = match random.below(4) {
                0 => old.wrapping_add(1) & 0xff_ffff,
                1 => old.saturating_sub(1),
                2 => random.below(8) as u32,
                _ => other as u32,
            };
            words[place] = words[place] & 0xff | new << 8;
        }
        6 => words[place] = encode(Op::JUMP, other as u32),
        7 | 8 if caches(words[place]) == caches(words[other]) => words.swap(place, other),
        9 if caches(words[place]) == caches(words[other]) => words[place] = words[other],
        10 if !caches(words[place]) => words[place] = encode(Op::NOP, 0),
        11 | 12 => {
            let depth = random.below(5) as u32;
            let new = Handler {
                start: place.min(other) as u32,
                end: place.max(other) as u32 + 1,
                target: places[random.below(places.len())] as u32,
                depth,
                lasti: random.below(2) == 0,
            };
            let count = unit.handlers.len();
            match random.below(6) {
                0 => unit.handlers.insert(random.below(count + 1), new),
                _ if count == 0 => unit.handlers.push(new),
                1 => unit.handlers[random.below(count)].target = new.target,
                2 => unit.handlers[random.below(count)].depth = depth,
                3 => unit.handlers[random.below(count)].lasti ^= true,
                4 => unit.handlers[random.below(count)].start = new.start,
                _ => unit.handlers[random.below(count)].end = new.end,
            }
        }
        13 => match random.below(5) {
            0 => unit.flags ^= 1 << random.below(12),
            1 => unit.arg_count = random.below(5) as u32,
            2 => unit.keyword_only_count = random.below(3) as u32,
            3 => unit.positional_only_count = random.below(3) as u32,
            _ => unit.first_line = random.next() as u32,
        },
        14 if !unit.locals.is_empty() => {
            let (i, j) = (random.below(unit.locals.len()), random.below(unit.locals.len()));
            match random.below(2) {
                0 => unit.locals[i].kind ^= 0x10 << random.below(4),
                _ => unit.locals.swap(i, j),
            }
        }
        15 => match random.below(3) {
            0 if !unit.consts.is_empty() => {
                let (i, j) = (random.below(unit.consts.len()), random.below(unit.consts.len()));
                unit.consts.swap(i, j);
            }
            1 if !unit.locations.is_empty() => {
                let i = random.below(unit.locations.len());
                let location = &mut unit.locations[i].1;
                match random.below(4) {
                    0 => location.line = random.next() as u32,
                    1 => location.end_line = random.next() as u32,
                    2 => location.column = random.next() as i32,
                    _ => location.end_column = random.next() as i32,
                }
            }
            _ => unit.stack_size += 1,
        },
        _ => {}
    }
}

/// Numbers the caches again and makes room on the stack, so that mutants are refused for better reasons.
fn settle(unit: &mut CodeUnit) {
    let mut count = 0;
    for at in starts(&unit.instructions) {
        if Op::decode(unit.instructions[at]).is_some_and(|op| op.info().cache)
            && let Some(word) = unit.instructions.get_mut(at + 1)
        {
            *word = count;
            count += 1;
        }
    }
    unit.cache_count = count;
    unit.stack_size += 3;
}

fn append(file: &mut Vec<u8>, pyc: &[u8]) {
    file.extend((pyc.len() as u32 + 5).to_le_bytes());
    file.push(b'c');
    file.extend((pyc.len() as u32).to_le_bytes());
    file.extend(pyc);
}

/// Runs the accepted mutants in the interpreter. Returns how many ran to their end.
fn run_all(name: &str, file: &[u8], count: usize) -> usize {
    let path = std::env::temp_dir().join(format!("orochi_mutants_{name}_{}", std::process::id()));
    std::fs::write(&path, file).expect("the mutants can be written");
    let (mut first, mut ran, mut stuck) = (0, 0, 0);
    loop {
        let mut command = common::python();
        command.arg("tests/mutations/run.py").arg(&path).arg(first.to_string());
        let run = common::run(command, Duration::from_secs(600));
        let last = |text: &str, word: &str| {
            let line = text.lines().rev().find(|l| l.starts_with(word))?;
            line.split_whitespace().nth(1)?.parse::<usize>().ok()
        };
        if run.status == Some(7) {
            // Code that catches everything in a loop: go on behind it.
            first = last(&run.stdout, "stuck").expect("the driver names the place");
            stuck += 1;
            assert!(stuck < 100, "too many mutants do not end");
            continue;
        }
        assert_eq!(
            run.status,
            Some(0),
            "{} at mutant {:?} of {count} in {} (kept)\n{}",
            run.ending(),
            last(&run.stderr, "at"),
            path.display(),
            common::tail(&run.stderr, 40)
        );
        ran += last(&run.stdout, "ran").expect("the driver says how many ran");
        break;
    }
    let _ = std::fs::remove_file(&path);
    ran
}

#[test]
fn damaged_files() {
    let bytes = pyc::encode(&subjects());
    let mut random = Random(variable("OROCHI_MUTATION_SEED", 0x9e37_79b9_7f4a_7c15));
    let (mut accepted, mut file) = (0, Vec::new());
    for _ in 0..20_000 {
        let mut damaged = bytes.clone();
        for _ in 0..1 + random.below(3) {
            let at = 4 + random.below(damaged.len() - 4);
            match random.below(6) {
                0 => damaged[at] ^= 1 << random.below(8),
                1 => damaged[at] = random.next() as u8,
                2 => damaged[at] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)],
                3 => drop(damaged.remove(at)),
                4 => damaged.insert(at, random.next() as u8),
                _ => {
                    let from = 4 + random.below(damaged.len() - 4);
                    let part: Vec<u8> = damaged[from..].iter().take(1 + random.below(8)).copied().collect();
                    let end = (at + part.len()).min(damaged.len());
                    damaged.splice(at..end, part);
                }
            }
        }
        if let Ok(unit) = pyc::decode(&damaged) {
            assert!(pyc::decode(&pyc::encode(&unit)).is_ok(), "accepted once, refused then");
            accepted += 1;
            if accepted % 8 == 0 {
                append(&mut file, &damaged);
            }
        }
    }
    assert!(accepted > 1000, "only {accepted} were accepted");
    let ran = run_all("files", &file, accepted / 8);
    assert!(ran > accepted / 16, "only {ran} ran");
}

#[test]
fn damaged_code() {
    let original = subjects();
    let mut random = Random(variable("OROCHI_MUTATION_SEED", 0x0123_4567_89ab_cdef));
    let (mut accepted, mut file) = (0, Vec::new());
    for _ in 0..variable("OROCHI_MUTATIONS", 4000) {
        let mut unit = original.clone();
        with_one(&mut unit, &mut random, &mut |unit, random| {
            for _ in 0..1 + random.below(3) {
                mutate(unit, random);
            }
            settle(unit);
        });
        if verify::verify(&unit).is_ok() {
            accepted += 1;
            append(&mut file, &pyc::encode(&unit));
        }
    }
    assert!(accepted > 100, "only {accepted} were accepted");
    let ran = run_all("code", &file, accepted);
    eprintln!("{accepted} accepted, {ran} ran");
}

#[test]
fn code_from_parts() {
    let mut command = common::python();
    command.arg("tests/mutations/refused.py");
    let run = common::run(command, common::time_limit());
    let source = std::fs::read_to_string(common::root().join("tests/mutations/refused.py")).expect("it can be read");
    let expected: Vec<&str> = source.lines().filter_map(|l| l.split_once("# expect: ")).map(|(_, e)| e).collect();
    assert_eq!(run.stdout.lines().collect::<Vec<_>>(), expected, "{}\n{}", run.ending(), run.stderr);
}

#[test]
fn random_texts() {
    // OROCHI_TEXTS is for longer runs.
    let count = variable("OROCHI_TEXTS", 6000);
    let mut command = common::python();
    command.args(["tests/mutations/texts.py", &variable("OROCHI_MUTATION_SEED", 1).to_string(), &count.to_string()]);
    let run = common::run(command, Duration::from_secs(60 + count / 20));
    assert_eq!(run.status, Some(0), "{} after {:?}\n{}", run.ending(), run.stdout.lines().last(), run.stderr);
    assert!(run.stdout.lines().count() as u64 > count, "some cases printed nothing");
}
