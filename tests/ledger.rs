//! Finds references that are held without being counted, and references that are counted and held by nobody.
//!
//! Both compare the counts with a ledger that the collector's tracing gives (`src/object/collector/ledger.rs`). The quick form runs
//! some of the language programs through `tests/ledger/forgotten.py`; OROCHI_LEDGER=all runs all that can run again and again.

mod common;

use std::process::Command;

/// Programs that do not run to their end here, by what they are about.
const UNFIT: &[&str] = &[
    "exceptions/traceback_context.py",
    "exceptions/traceback_text.py",
    "first_steps/18_uncaught.py",
    "imports/imports.py",
    "threads/basics.py",
    "threads/fork_in_thread.py",
    // They register functions for the end of the process, or show that end.
    "memory/end_of_program.py",
    "memory/references.py",
];
/// Folders for the quick form.
const QUICK: &[&str] = &["classes", "exceptions", "generators", "memory", "protocols"];
/// Programs that take long.
const SLOW: &[&str] = &[
    "async_code/asyncio_basics.py",
    "async_code/tasks_and_futures.py",
    "generators/driven.py",
    "memory/deep_chains.py",
    "threads/event_loops.py",
    "annotations/annotations.py",
    "classes/dataclasses_and_enums.py",
    "imports/builtin_modules.py",
    "library/inspect_and_dis.py",
];

fn ledger(arguments: &[String]) -> common::Run {
    let mut command: Command = common::python();
    command.arg("tests/ledger/forgotten.py").args(arguments);
    common::run(command, common::time_limit() * 5)
}

/// The language programs below a folder, as paths from there.
fn programs() -> Vec<String> {
    let all = std::env::var("OROCHI_LEDGER").is_ok_and(|form| form == "all");
    let folder = common::root().join("tests/language");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&folder).expect("tests/language can be read") {
        let path = entry.expect("tests/language can be read").path();
        if path.is_dir() {
            found.extend(common::python_files(&path));
        }
    }
    let inner = |path: &std::path::PathBuf| path.strip_prefix(&folder).expect("below").to_string_lossy().into_owned();
    let names = found.iter().map(inner);
    let is_quick = |name: &str| !SLOW.contains(&name) && QUICK.iter().any(|folder| name.starts_with(folder));
    names.filter(|name| !UNFIT.contains(&name.as_str()) && (all || is_quick(name))).collect()
}

#[test]
fn native_code_forgets_no_reference() {
    let paths: Vec<String> = programs().iter().map(|name| format!("tests/language/{name}")).collect();
    assert!(paths.len() > 15, "only {} programs were found", paths.len());
    let failures: Vec<String> = std::thread::scope(|scope| {
        let halves = paths.chunks(paths.len().div_ceil(2));
        let runs: Vec<_> =
            halves.map(|half| scope.spawn(|| half.iter().filter_map(check).collect::<Vec<_>>())).collect();
        runs.into_iter().flat_map(|run| run.join().expect("the runner does not panic")).collect()
    });
    common::report(failures, paths.len());
}

/// What is wrong with a program, in a process of its own.
fn check(path: &String) -> Option<String> {
    let run = ledger(std::slice::from_ref(path));
    let is_well = run.status == Some(0) && run.stdout.contains(": nothing forgotten");
    (!is_well).then(|| format!("  {path}: {}\n{}{}", run.ending(), run.stdout, run.stderr))
}

/// Runs a script that checks counts whenever the world stops.
fn checked(script: &str) -> common::Run {
    let mut command = common::python();
    command.args(["-c", script]).env("OROCHI_CHECK_COUNTS", "1");
    common::run(command, common::time_limit())
}

#[test]
fn a_forgotten_reference_is_found() {
    let path = std::env::temp_dir().join(format!("orochi-forgets-{}.py", std::process::id()));
    std::fs::write(&path, "import _orochi_proof\nclass A: pass\n_orochi_proof.forget([A()])\n")
        .expect("can be written");
    let run = ledger(&[path.to_string_lossy().into_owned()]);
    let _ = std::fs::remove_file(&path);
    assert_eq!(run.status, Some(1), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("{'list': (2, 2)}"), "{}", run.stdout);
}

#[test]
fn a_reference_too_few_is_found() {
    let script = "import _orochi_proof, gc\na = [[]]\nb = [a[0]]\n_orochi_proof.lose(a[0])\ngc.collect()\nprint('on')";
    let run = checked(script);
    assert!(
        run.stderr.contains("counts: a list is counted 1 times, and held 2 times: by {\"list\": 2}"),
        "{}",
        run.stderr
    );
    assert_eq!(run.stdout, "");
    assert_eq!(checked("import gc\na = [[]]\nb = [a[0]]\ngc.collect()\nprint('on')").stdout, "on\n");
}
