//! Runs the programs of `tests/language` and compares what they print with the expectations in their comments.
//!
//! | comment | meaning |
//! |---|---|
//! | `# expect: TEXT` | the next line of standard output; `# expect:` alone is an empty line |
//! | `# expect-error: TEXT` | the last line of standard error; the status is then 1 unless `# exit:` says otherwise |
//! | `# stderr: TEXT` | the next line of standard error, all of which is then compared; FILE stands for the program's absolute path |
//! | `# exit: N` | the exit status |
//! | `# only: 3.14` | does not run on an older interpreter (see `common::interpreter`) |
//!
//! `tests/language/record.py` writes `# expect:` comments from the output of a reference interpreter.

mod common;

use std::path::Path;
use std::sync::OnceLock;

/// What the comments of one program ask for.
#[derive(Default)]
struct Expectation {
    stdout: Vec<String>,
    stderr: Vec<String>,
    error: Option<String>,
    status: i32,
    needs_new: bool,
}

impl Expectation {
    fn read(source: &str) -> Expectation {
        let mut wanted = Expectation::default();
        let mut status = None;
        for line in source.lines() {
            if let Some(text) = comment(line, "expect") {
                wanted.stdout.push(text);
            } else if let Some(text) = comment(line, "expect-error") {
                wanted.error = Some(text);
            } else if let Some(text) = comment(line, "stderr") {
                wanted.stderr.push(text);
            } else if let Some(text) = comment(line, "exit") {
                status = Some(text.parse().expect("# exit: takes a number"));
            } else if comment(line, "only").is_some() {
                wanted.needs_new = true;
            }
        }
        wanted.status = status.unwrap_or(i32::from(wanted.error.is_some()));
        wanted
    }
}

/// The text of the comment `# KEY: TEXT` at the end of the line.
fn comment(line: &str, key: &str) -> Option<String> {
    let mark = format!("# {key}:");
    let at = line.rfind(&mark)?;
    let text = &line[at + mark.len()..];
    Some(text.strip_prefix(' ').unwrap_or(text).to_string())
}

/// Whether the interpreter knows Python 3.14.
fn is_new() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(|| {
        let mut command = common::python();
        command.args(["-c", "import sys; print(sys.version_info >= (3, 14))"]);
        common::is_orochi() || common::run(command, common::time_limit()).stdout.trim() == "True"
    })
}

/// Runs one program; the text says what went wrong.
fn check(path: &Path) -> Result<(), String> {
    let source = std::fs::read_to_string(path).expect("the program can be read");
    let wanted = Expectation::read(&source);
    if wanted.needs_new && !is_new() {
        return Ok(());
    }
    let shown = path.strip_prefix(common::root()).expect("the program is in the package").display().to_string();
    let mut command = common::python();
    command.arg(&shown);
    let run = common::run(command, common::time_limit());
    let mut wrong = Vec::new();
    if let Some(text) = common::difference(&wanted.stdout, &run.stdout) {
        wrong.push(format!("output {text}"));
    }
    if let Some(error) = &wanted.error
        && error != run.last_error()
    {
        wrong.push(format!("error: expected {error:?}, got {:?}", run.last_error()));
    }
    if !wanted.stderr.is_empty()
        && let Some(text) = common::difference(&wanted.stderr, &run.stderr.replace(&*path.to_string_lossy(), "FILE"))
    {
        wrong.push(format!("stderr {text}"));
    }
    if run.status != Some(wanted.status) {
        wrong.push(format!("expected status {}, but: {}", wanted.status, run.ending()));
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let lines: String = wrong.iter().map(|line| format!("    {line}\n")).collect();
    Err(format!("  {shown}\n{lines}{}", common::tail(&run.stderr, 6)))
}

/// The programs that do not pass yet: `tests/language/known_failures.txt`, a path from there a line.
fn known_failures() -> Vec<String> {
    let list = common::root().join("tests/language/known_failures.txt");
    let text = std::fs::read_to_string(list).expect("the list can be read");
    text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).map(str::to_string).collect()
}

fn check_folder(name: &str) {
    let files = common::python_files(&common::root().join("tests/language").join(name));
    assert!(!files.is_empty(), "no programs in tests/language/{name}");
    let known = known_failures();
    let (mut failures, mut still) = (Vec::new(), 0);
    for path in &files {
        let listed = known.iter().any(|k| path.ends_with(k));
        match check(path) {
            Err(_) if listed => still += 1,
            Err(text) => failures.push(text),
            Ok(()) if listed => println!("{} passes now: take it off the list", path.display()),
            Ok(()) => {}
        }
    }
    println!("{name}: {still} of {} programs are known not to pass yet", files.len());
    common::report(failures, files.len());
}

/// Declares one test for each folder, and the list of them.
macro_rules! areas {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            check_folder(stringify!($name));
        })*

        const AREAS: &[&str] = &[$(stringify!($name)),*];
    };
}

areas![
    annotations,
    async_code,
    classes,
    containers,
    exceptions,
    first_steps,
    functions,
    generators,
    imports,
    library,
    matching,
    memory,
    numbers,
    protocols,
    statements,
    text,
    threads,
    tracing,
];

#[test]
fn every_folder_is_run() {
    for entry in std::fs::read_dir(common::root().join("tests/language")).expect("the folder can be read") {
        let entry = entry.expect("the folder can be read");
        if entry.path().is_dir() && entry.file_name() != "__pycache__" {
            let name = entry.file_name().into_string().expect("names are ASCII");
            assert!(AREAS.contains(&name.as_str()), "tests/language/{name} is not in the list of areas");
        }
    }
}

#[test]
fn expectations_are_read() {
    let wanted = Expectation::read("print(1)  # expect: 1\n# expect:\n#  x\nraise E  # expect-error: E\n# exit: 3\n");
    assert_eq!(wanted.stdout, ["1", ""]);
    assert_eq!(wanted.error.as_deref(), Some("E"));
    assert_eq!(wanted.status, 3);
    assert_eq!(comment("print('# expect: a')  # expect: # b", "expect").as_deref(), Some("# b"));
}
