//! Finds references that are held without being counted, and references that are counted and held by nobody.
//!
//! Both compare the counts with a ledger that the collector's tracing gives (`src/object/collector/audit.rs`). The quick form runs
//! a part of the language programs through `tests/ledger/forgotten.py`; OROCHI_LEDGER=all runs all that run more than once.

mod common;

use std::process::Command;

/// Folders of `tests/language` for the quick form.
const QUICK: &[&str] = &["classes", "containers", "memory", "generators"];
/// Programs that keep something on purpose, or that do not run to their end.
const KEEPERS: &[&str] = &[
    // Keeps frames: each run leaves its last one behind in the next.
    "library/inspect_and_dis.py",
    "exceptions/traceback_context.py",
    "exceptions/traceback_text.py",
    "first_steps/18_uncaught.py",
    "imports/imports.py",
];

fn ledger(arguments: &[String]) -> common::Run {
    let mut command: Command = common::python();
    command.arg("tests/ledger/forgotten.py").args(arguments);
    common::run(command, common::time_limit() * 10)
}

#[test]
fn native_code_forgets_no_reference() {
    let all = std::env::var("OROCHI_LEDGER").is_ok_and(|form| form == "all");
    let folder = common::root().join("tests/language");
    let programs: Vec<String> = common::python_files(&folder)
        .iter()
        .map(|path| path.strip_prefix(&folder).expect("below the folder").to_string_lossy().into_owned())
        .filter(|path| !KEEPERS.contains(&path.as_str()))
        .filter(|path| all || QUICK.iter().any(|folder| path.starts_with(folder)))
        .map(|path| format!("tests/language/{path}"))
        .collect();
    let run = ledger(&programs);
    println!("{}", run.stdout);
    assert_eq!(run.status, Some(0), "{}\n{}{}", run.ending(), run.stdout, run.stderr);
    assert_eq!(run.stdout.matches(": nothing forgotten").count(), programs.len(), "{}", run.stdout);
}

/// Runs a script with the audit switched on.
fn audited(script: &str) -> common::Run {
    let mut command = common::python();
    command.args(["-c", script]).env("OROCHI_AUDIT", "1");
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
    let run = audited(script);
    assert!(
        run.stderr.contains("audit: a list is counted 1 times, and held 2 times: by {\"list\": 2}"),
        "{}",
        run.stderr
    );
    assert_eq!(run.stdout, "");
    assert_eq!(audited("import gc\na = [[]]\nb = [a[0]]\ngc.collect()\nprint('on')").stdout, "on\n");
}
