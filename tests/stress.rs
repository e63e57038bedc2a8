//! Hammers every row of the table of guarantees with many threads; see `tests/stress`.
//!
//! Each program runs for OROCHI_STRESS_SECONDS (2 by default) at each number of threads in OROCHI_STRESS_THREADS
//! ("2,8" by default), checks that nothing is lost, torn or doubled, and that its memory stays flat.

mod common;

use std::time::Duration;

/// Seconds for one program at one number of threads.
fn seconds() -> f64 {
    std::env::var("OROCHI_STRESS_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(2.0)
}

fn thread_counts() -> Vec<u32> {
    let text = std::env::var("OROCHI_STRESS_THREADS").unwrap_or_else(|_| "2,8".to_string());
    text.split(',').map(|count| count.trim().parse().expect("OROCHI_STRESS_THREADS is a list of numbers")).collect()
}

fn check(name: &str) {
    let mut failures = Vec::new();
    let counts = thread_counts();
    for &threads in &counts {
        let mut command = common::python();
        command.arg(format!("tests/stress/{name}.py")).arg(seconds().to_string()).arg(threads.to_string());
        // A check ends its round before it looks at the clock, and rounds are slow on a busy machine.
        let limit = Duration::from_secs_f64(seconds() * 10.0) + common::time_limit() * 2;
        let run = common::run(command, limit);
        if run.status != Some(0) {
            let done = common::tail(&run.stdout, 3);
            let error = common::tail(&run.stderr, 12);
            failures.push(format!("  {name} with {threads} threads: {}\n{done}{error}", run.ending()));
        }
    }
    common::report(failures, counts.len());
}

/// Declares one test for each program, and the list of them.
macro_rules! programs {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            check(stringify!($name));
        })*

        const PROGRAMS: &[&str] = &[$(stringify!($name)),*];
    };
}

programs![
    attributes,
    dicts,
    iterators,
    lists,
    sequences,
    sets,
    sharing,
    threads_and_queues,
    tracing,
    traps,
    weak_and_cyclic,
];

#[test]
fn every_program_is_run() {
    for path in common::python_files(&common::root().join("tests/stress")) {
        let name = path.file_stem().expect("the file has a name").to_string_lossy().into_owned();
        assert!(name == "common" || PROGRAMS.contains(&name.as_str()), "tests/stress/{name}.py is not in the list");
    }
}
