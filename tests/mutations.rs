//! Damaged code: `.pyc` contents and code objects with seeded mutations are refused, or run without a crash.
//!
//! OROCHI_MUTATIONS is how many structural mutants are tried (4000 by default); OROCHI_MUTATION_SEED another seed.

mod common;
#[path = "../fuzz/src/damage.rs"]
mod damage;

use damage::{Random, mutate, settle, with_one};
use orochi::bytecode::unit::CodeUnit;
use orochi::bytecode::{pyc, verify};
use orochi::compiler::{Mode, Options, compile};
use std::time::Duration;

fn variable(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn subjects() -> CodeUnit {
    let path = common::root().join("tests/mutations/subjects.py");
    let source = std::fs::read_to_string(path).expect("the subjects can be read");
    compile(&source, "subjects.py", Mode::Exec, Options::default()).expect("the subjects compile").unit
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
