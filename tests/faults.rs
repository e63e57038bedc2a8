//! Faults: memory and threads that are not to be had, exceptions and signals at any moment, forks and the end of the process
//! while threads are busy, nests deeper than any stack; see `tests/faults`. Python's error or a clean end, never a crash, a
//! hang or a leak.
//!
//! The quick form takes some of each program, the same each time; OROCHI_FAULT_ROUNDS (1 and up) has each run that many rounds
//! of all that it has (a failure tells its seed).

mod common;

/// Rounds of the long form; 0: the quick one.
fn rounds() -> u32 {
    std::env::var("OROCHI_FAULT_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn program(name: &str, arguments: &[&str], weakened: &str) -> common::Run {
    let mut command = common::python();
    command.arg(format!("tests/faults/{name}.py")).args(arguments).env("OROCHI_WEAKEN", weakened);
    common::run(command, common::time_limit() * (4 + 40 * rounds()))
}

fn check(name: &str, arguments: &[&str]) {
    let run = program(name, arguments, "");
    let done = run.status == Some(0) && run.stdout.lines().last().is_some_and(|line| line.starts_with("done"));
    assert!(done, "{name}: {}\n{}{}", run.ending(), common::tail(&run.stdout, 5), common::tail(&run.stderr, 20));
}

/// Declares one test for each program that takes a number of rounds, and the list of all.
macro_rules! programs {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            if common::is_orochi() {
                check(stringify!($name), &[&rounds().to_string()]);
            }
        })*

        const PROGRAMS: &[&str] = &[$(stringify!($name)),*, "recursion", "requests"];
    };
}

programs![allocations, exits, fork_locks, fork_waits, forks, interrupts, limits, threads_fail, unasked];

#[test]
fn requests() {
    check("requests", &[]);
}

#[test]
fn recursion() {
    if common::is_orochi() {
        check("recursion", if rounds() > 0 { &["all", "100000"] } else { &["some", "1500"] });
    }
}

/// Steps of a fork that are left out one at a time, and what of `fork_waits` notices.
const FORK_MUTANTS: &[(&str, &str)] =
    &[("parking: freeze", "queues"), ("fork: forget waiters", "waiters"), ("fork: gone holders only", "holders")];

#[test]
fn a_fork_that_leaves_a_step_out_is_noticed() {
    if !common::is_orochi() {
        return;
    }
    let lingering = "stress: queues linger";
    let run = program("fork_waits", &["1"], lingering);
    assert_eq!(run.status, Some(0), "{}\n{}", run.ending(), run.stderr);
    for (step, act) in FORK_MUTANTS {
        let run = program("fork_waits", &["1", "2", act], &format!("{step} + {lingering}"));
        assert_ne!(run.status, Some(0), "nothing noticed that \"{step}\" was left out");
        let noticed = ["AssertionError", "panicked"].iter().any(|end| run.stderr.contains(end));
        assert!(noticed, "{step}: {}\n{}", run.ending(), run.stderr);
    }
}

/// What happens where the reserve of memory is left out: the process ends with a message, not by a signal.
#[test]
fn without_a_reserve() {
    if !common::is_orochi() {
        return;
    }
    let run = program("limits", &["1", "nested"], "shortage: reserve");
    assert_eq!(run.status, Some(0), "{}\n{}", run.ending(), run.stderr);
    assert!(run.stdout.contains("'end': 1"), "the reserve is not what the test is about: {}", run.stdout);
}

#[test]
fn every_program_is_run() {
    for path in common::python_files(&common::root().join("tests/faults")) {
        let name = path.file_stem().expect("the file has a name").to_string_lossy().into_owned();
        let is_listed = PROGRAMS.contains(&name.as_str()) || name == "children";
        assert!(is_listed, "tests/faults/{name}.py is not in the list");
    }
}
