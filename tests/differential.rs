//! Runs random programs on a reference CPython and on Orochi and compares what they print.
//!
//! `tests/differential/generate.py KIND SEED` writes the programs. OROCHI_DIFFERENTIAL_SEEDS (as "1..20") chooses the seeds.
//! The reference is `common::reference_python`; where there is none, this says so and passes.

mod common;

use std::ops::Range;
use std::path::Path;
use std::process::Command;

fn seeds() -> Range<u32> {
    let text = std::env::var("OROCHI_DIFFERENTIAL_SEEDS").unwrap_or_else(|_| "1..13".to_string());
    let (first, end) = text.split_once("..").expect("OROCHI_DIFFERENTIAL_SEEDS looks like 1..20");
    let number = |text: &str| text.parse().expect("OROCHI_DIFFERENTIAL_SEEDS has numbers");
    number(first)..number(end)
}

/// What a program prints under an interpreter, as lines.
fn output(mut command: Command, program: &Path) -> Vec<String> {
    command.args(["-W", "ignore"]).arg(program).env("PYTHONHASHSEED", "0");
    let run = common::run(command, common::time_limit());
    let mut lines: Vec<String> = run.stdout.lines().map(str::to_string).collect();
    if run.status != Some(0) {
        lines.push(format!("{}: {}", run.ending(), run.last_error()));
    }
    lines
}

fn compare(kind: &str) {
    let Some(reference) = common::reference_python() else {
        eprintln!("skipped: no CPython to compare with (set OROCHI_REFERENCE_PYTHON)");
        return;
    };
    let mut failures = Vec::new();
    for seed in seeds() {
        let program = std::env::temp_dir().join(format!("orochi_{kind}_{seed}_{}.py", std::process::id()));
        let mut generator = Command::new(&reference);
        generator.arg(common::root().join("tests/differential/generate.py")).args([kind, &seed.to_string()]);
        let text = generator.output().expect("the generator runs").stdout;
        assert!(!text.is_empty(), "the generator wrote nothing");
        std::fs::write(&program, &text).expect("the program can be written");
        let wanted = output(Command::new(&reference), &program);
        let got = output(common::python(), &program);
        // A program left behind does no harm to later runs.
        let _ = std::fs::remove_file(&program);
        let source = String::from_utf8_lossy(&text).into_owned();
        let mut shown = 0;
        for (at, line) in wanted.iter().enumerate() {
            if got.get(at) != Some(line) && shown < 5 {
                shown += 1;
                let mark = format!("t({},", line.split(' ').next().unwrap_or(""));
                let from = source.lines().find(|text| text.starts_with(&mark)).unwrap_or("");
                failures.push(format!("  {kind} {seed}: {from}\n    expected {line}\n    got      {:?}", got.get(at)));
            }
        }
    }
    common::report(failures, seeds().len());
}

#[test]
fn values() {
    compare("values");
}

#[test]
fn flow() {
    compare("flow");
}
