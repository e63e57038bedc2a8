//! Runs the programs of `benches/programs` at small sizes on several numbers of threads, several times, and compares
//! their results with the recorded ones.
//!
//! OROCHI_PROGRAM_REPEATS (2 by default) sets how often each program runs at each number of threads.

mod common;

use std::fs;
use std::path::PathBuf;

/// A row of `expected.txt`.
struct Recorded {
    name: String,
    size: String,
    result: String,
}

fn folder() -> PathBuf {
    common::root().join("benches/programs")
}

fn recorded() -> Vec<Recorded> {
    let text = fs::read_to_string(folder().join("expected.txt")).expect("the recorded results can be read");
    let rows = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.map(|line| {
        let mut parts = line.splitn(3, ' ').map(str::to_string);
        let mut next = || parts.next().expect("a row has a name, a size and a result");
        Recorded { name: next(), size: next(), result: next() }
    })
    .collect()
}

fn check(threads: u32) {
    let repeats = std::env::var("OROCHI_PROGRAM_REPEATS").ok().and_then(|text| text.parse().ok()).unwrap_or(2);
    let mut failures = Vec::new();
    let rows = recorded();
    for row in &rows {
        for _ in 0..repeats {
            let mut command = common::python();
            command.arg(folder().join(&row.name).with_extension("py"));
            command.args(["--threads", &threads.to_string(), "--size", &row.size]);
            let run = common::run(command, common::time_limit());
            let last = run.stdout.lines().last().unwrap_or("");
            if run.status != Some(0) || last != format!("result: {}", row.result) {
                let error = common::tail(&run.stderr, 6);
                failures.push(format!(
                    "  {} on {threads} threads, {}\n    expected result: {}\n         but got {last}\n{error}",
                    row.name,
                    run.ending(),
                    row.result
                ));
                break;
            }
        }
    }
    common::report(failures, rows.len());
}

#[test]
fn one_thread() {
    check(1);
}

#[test]
fn two_threads() {
    check(2);
}

#[test]
fn eight_threads() {
    check(8);
}

#[test]
fn every_program_has_a_recorded_result() {
    let rows = recorded();
    for path in common::python_files(&folder()) {
        let name = path.file_stem().expect("the file has a name").to_string_lossy().into_owned();
        assert!(name == "common" || rows.iter().any(|row| row.name == name), "{name} is not in expected.txt");
    }
}

/// The program of the README, without arguments but a small size, compares one thread with several.
#[test]
fn mandelbrot_compares_thread_counts() {
    let mut command = common::python();
    command.arg(folder().join("mandelbrot_threads.py")).args(["--size", "40"]);
    let run = common::run(command, common::time_limit());
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(run.status, Some(0), "{} {}", run.ending(), run.stderr);
    assert_eq!(lines.len(), 4, "{}", run.stdout);
    assert!(lines[0].contains("1 thread") && lines[2].starts_with("speed-up:"), "{}", run.stdout);
    assert!(lines[3].starts_with("result: "), "{}", run.stdout);
}
