//! Runs CPython's own test modules and compares how many of their tests pass with `tests/conformance/expected.txt`.
//!
//! The tests come from an installed CPython: from the library in OROCHI_CPYTHON_TESTS (a folder `python3.13` that holds the
//! package `test`), or from that of `common::reference_python`. Where there is none, or one of another version than the
//! list was recorded with, this says so and passes.
//!
//! | variable | meaning |
//! |---|---|
//! | OROCHI_CONFORMANCE=all | runs the whole list instead of the few modules in QUICK |
//! | OROCHI_CONFORMANCE_ONLY | names of modules, with commas, to run instead |
//! | OROCHI_CONFORMANCE_REFRESH=1 | writes what the modules do now (all, or ONLY those) into the list, compares nothing |
//!
//! To see why tests of one module fail: `orochi tests/conformance/run_module.py FOLDER test_list ListTest`.

mod common;

use orochi::sync::parking::mutex::Mutex;
use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

/// The modules that a plain `cargo test` runs: the core of the language, in seconds.
const QUICK: &[&str] = &[
    "test_bool",
    "test_compare",
    "test_contains",
    "test_enumerate",
    "test_format",
    "test_grammar",
    "test_int",
    "test_iter",
    "test_list",
    "test_patma",
    "test_scope",
    "test_slice",
    "test_with",
    "test_yield_from",
];

/// How one module did.
#[derive(Clone, Debug, PartialEq)]
struct Outcome {
    passed: usize,
    failed: usize,
    skipped: usize,
    /// `done`, or `crash`, `hang` or `stop` (an error outside of a test) for a module that did not end well.
    end: String,
}

/// One row of the list: a module and its outcome when the list was recorded; None for a module not recorded yet.
struct Row {
    module: String,
    outcome: Option<Outcome>,
}

fn refreshing() -> bool {
    std::env::var_os("OROCHI_CONFORMANCE_REFRESH").is_some()
}

fn list_path() -> PathBuf {
    common::root().join("tests/conformance/expected.txt")
}

/// The version that the list was recorded with (as "3.13"), and its rows.
fn read_list() -> (String, Vec<Row>) {
    let text = fs::read_to_string(list_path()).expect("the list can be read");
    let mut version = String::new();
    let mut rows = Vec::new();
    for line in text.lines() {
        if let Some(found) = line.strip_prefix("# version: ") {
            version = found.to_string();
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        if words.is_empty() || line.starts_with('#') {
            continue;
        }
        let number = |at: usize| words[at].parse().expect("the list has numbers in its columns");
        let outcome = (words.len() == 5).then(|| Outcome {
            passed: number(1),
            failed: number(2),
            skipped: number(3),
            end: words[4].to_string(),
        });
        rows.push(Row { module: words[0].to_string(), outcome });
    }
    (version, rows)
}

fn write_list(version: &str, rows: &[Row]) {
    let mut text = String::from(
        "# CPython's test modules and how they do: module, tests passed, failed, skipped, end of the run.\n\
         # Written by: OROCHI_CONFORMANCE_REFRESH=1 cargo test --release --test conformance\n",
    );
    text.push_str(&format!("# version: {version}\n"));
    for row in rows {
        match &row.outcome {
            Some(o) => {
                text.push_str(&format!("{:<28}{:>6}{:>6}{:>6}  {}\n", row.module, o.passed, o.failed, o.skipped, o.end))
            }
            None => text.push_str(&format!("{}\n", row.module)),
        }
    }
    fs::write(list_path(), text).expect("the list can be written");
}

/// The folder of CPython `version` that holds the package `test`, if there is one on this machine.
fn test_library(version: &str) -> Option<PathBuf> {
    let library = match std::env::var_os("OROCHI_CPYTHON_TESTS") {
        Some(folder) => PathBuf::from(folder),
        None => {
            let mut command = Command::new(common::reference_python()?);
            command.args(["-c", "import sysconfig; print(sysconfig.get_paths()['stdlib'])"]);
            let output = command.output().ok()?;
            PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())
        }
    };
    (library.ends_with(format!("python{version}")) && library.join("test/support").is_dir()).then_some(library)
}

/// Lines of the tests that are left out, because whole modules stop at them: Python 3.14 has no `__annotations__` while a
/// module or class body runs, and no VM but CPython has its C helpers. The tests that need them fail still.
const LEFT_OUT: &[(&str, &str)] = &[
    ("typinganndata/ann_module.py", "__annotations__[1] = 2\n"),
    ("typinganndata/ann_module.py", "    __annotations__['123'] = 123\n"),
    ("test_bytes.py", "\n    _testlimitedcapi = import_helper.import_module('_testlimitedcapi')\n"),
    ("test_class.py", "\nfrom _testinternalcapi import has_inline_values\n"),
    ("test_importlib/util.py", "\n_testsinglephase = import_helper.import_module(\"_testsinglephase\")\n"),
];

/// A folder with nothing but links to CPython's package `test`, so that its other modules are not picked up.
fn link_tests(package: &Path) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("orochi_conformance_{}", std::process::id()));
    mirror(package, &folder.join("test"), "");
    folder
}

/// Links what is in a folder, except that files in LEFT_OUT are copied without those lines. `inside` is the folder's place
/// in the package, with a slash at the end.
fn mirror(from: &Path, to: &Path, inside: &str) {
    fs::create_dir_all(to).expect("the temporary folder can be made");
    for entry in fs::read_dir(from).expect("the package can be read") {
        let name = entry.expect("the package can be read").file_name();
        let (source, target) = (from.join(&name), to.join(&name));
        let place = format!("{inside}{}", name.to_string_lossy());
        if LEFT_OUT.iter().any(|(file, _)| file.starts_with(&format!("{place}/"))) {
            mirror(&source, &target, &format!("{place}/"));
            continue;
        }
        let lines: Vec<&str> = LEFT_OUT.iter().filter(|(file, _)| *file == place).map(|(_, line)| *line).collect();
        if lines.is_empty() {
            std::os::unix::fs::symlink(source, target).expect("the link can be made");
            continue;
        }
        let mut text = fs::read_to_string(source).expect("the tests can be read");
        for line in lines {
            text = text.replacen(line, "\n", 1);
        }
        fs::write(target, text).expect("the copy can be written");
    }
}

/// A library that holds the package as well, for tests that start isolated interpreters which import from it. (Nothing of it
/// is compiled ahead, so the quick run does without.)
fn library_with_tests(folder: &Path) {
    let mut command = common::python();
    command.args(["-c", "import os; print(os.path.dirname(os.__file__))"]);
    let run = common::run(command, common::time_limit());
    let library = folder.join("library");
    mirror(Path::new(run.stdout.trim()), &library, "library/");
    std::os::unix::fs::symlink(folder.join("test"), library.join("test")).expect("the link can be made");
}

fn run_module(folder: &Path, module: &str) -> Outcome {
    let work = folder.join(format!("work_{module}"));
    fs::create_dir_all(&work).expect("the working folder can be made");
    let mut command = common::python();
    command.current_dir(&work);
    let library = folder.join("library");
    if library.is_dir() {
        command.env("OROCHI_LIBRARY", library);
    }
    command.arg(common::root().join("tests/conformance/run_module.py")).arg(folder).arg(module);
    let run = common::run(command, Duration::from_secs(120));
    let count = |word: &str| run.stdout.lines().filter(|line| line.starts_with(word)).count();
    let end = match (run.timed_out, run.signal) {
        (true, _) => "hang",
        (_, Some(_)) => "crash",
        _ if run.stdout.contains(&format!("end {module}")) => "done",
        _ => "stop",
    };
    Outcome { passed: count("pass "), failed: count("fail "), skipped: count("skip "), end: end.to_string() }
}

/// Runs all modules, two at a time; outcomes in the order of the rows.
fn run_all(folder: &Path, modules: &[String]) -> Vec<Outcome> {
    let queue: Mutex<VecDeque<usize>> = Mutex::new((0..modules.len()).collect());
    let outcomes: Mutex<Vec<Option<Outcome>>> = Mutex::new(vec![None; modules.len()]);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(at) = queue.lock().pop_front() else { return };
                    let outcome = run_module(folder, &modules[at]);
                    outcomes.lock()[at] = Some(outcome);
                }
            });
        }
    });
    outcomes.into_inner().into_iter().map(|o| o.expect("every module ran")).collect()
}

#[test]
fn cpython_tests() {
    let (version, mut rows) = read_list();
    if let Ok(only) = std::env::var("OROCHI_CONFORMANCE_ONLY") {
        let names: Vec<&str> = only.split(',').collect();
        rows.retain(|row| names.contains(&row.module.as_str()));
    } else if std::env::var("OROCHI_CONFORMANCE").as_deref() != Ok("all") && !refreshing() {
        rows.retain(|row| QUICK.contains(&row.module.as_str()));
    }
    let Some(library) = test_library(&version) else {
        eprintln!("skipped: the tests of CPython {version} are not on this machine (set OROCHI_CPYTHON_TESTS)");
        return;
    };
    let folder = link_tests(&library.join("test"));
    if rows.iter().any(|row| !QUICK.contains(&row.module.as_str())) {
        library_with_tests(&folder);
    }
    let modules: Vec<String> = rows.iter().map(|row| row.module.clone()).collect();
    let outcomes = run_all(&folder, &modules);
    // A folder left behind does no harm to later runs.
    let _ = fs::remove_dir_all(&folder);
    if refreshing() {
        let (_, mut all) = read_list();
        for (module, outcome) in modules.iter().zip(outcomes) {
            let row = all.iter_mut().find(|row| row.module == *module).expect("the module is in the list");
            row.outcome = Some(outcome);
        }
        write_list(&version, &all);
        return;
    }
    let mut worse = Vec::new();
    for (row, now) in rows.iter().zip(&outcomes) {
        let Some(before) = &row.outcome else {
            worse.push(format!("  {} is not recorded; it does {now:?} now", row.module));
            continue;
        };
        let ended = before.end == "done" && now.end != "done";
        if now.passed < before.passed || ended {
            worse.push(format!("  {}\n    recorded {before:?}\n    now      {now:?}", row.module));
        }
    }
    common::report(worse, rows.len());
}

#[test]
fn the_list_is_in_order() {
    let (version, rows) = read_list();
    assert!(version.starts_with("3."), "the list says which version it was recorded with");
    assert!(rows.is_sorted_by(|a, b| a.module < b.module), "the list is sorted and names each module once");
}
