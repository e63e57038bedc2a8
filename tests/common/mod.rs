//! What the tests share: running an interpreter with a time limit, and comparing text.
#![allow(dead_code)] // Each test binary uses its own part of this file.

use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The end of one run of an interpreter.
pub struct Run {
    pub stdout: String,
    pub stderr: String,
    /// The exit status; None when a signal ended the process.
    pub status: Option<i32>,
    /// The signal that ended the process, if one did.
    pub signal: Option<i32>,
    /// Whether the time limit was reached (the process was then killed).
    pub timed_out: bool,
}

impl Run {
    /// How the process ended, for a person.
    pub fn ending(&self) -> String {
        match (self.timed_out, self.status, self.signal) {
            (true, _, _) => "did not end in time".to_string(),
            (_, Some(status), _) => format!("status {status}"),
            (_, _, Some(signal)) => format!("killed by signal {signal}"),
            _ => "unknown end".to_string(),
        }
    }

    /// The last line of standard error, without its line end.
    pub fn last_error(&self) -> &str {
        self.stderr.trim_end().rsplit('\n').next().unwrap_or("")
    }
}

/// The root of the package.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The interpreter under test: the built `orochi`, or the command in OROCHI_TEST_PYTHON, which lets CPython check the
/// tests themselves.
pub fn interpreter() -> String {
    std::env::var("OROCHI_TEST_PYTHON").unwrap_or_else(|_| env!("CARGO_BIN_EXE_orochi").to_string())
}

/// A command that runs the interpreter with an environment that does not depend on the caller's.
pub fn python() -> Command {
    let mut command = Command::new(interpreter());
    command.current_dir(root()).env("PYTHONDONTWRITEBYTECODE", "1").env("NO_COLOR", "1");
    for name in ["PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONUNBUFFERED", "PYTHONWARNINGS"] {
        command.env_remove(name);
    }
    command
}

/// Whether the interpreter is the one that this package builds.
pub fn is_orochi() -> bool {
    std::env::var_os("OROCHI_TEST_PYTHON").is_none()
}

/// A CPython to compare with: OROCHI_REFERENCE_PYTHON, or the newest of 3.14 and 3.13 in PATH or of pyenv.
pub fn reference_python() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("OROCHI_REFERENCE_PYTHON") {
        return Some(PathBuf::from(path));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let home = std::env::var_os("HOME").unwrap_or_default();
    let versions = std::fs::read_dir(Path::new(&home).join(".pyenv/versions")).into_iter().flatten().flatten();
    folders.extend(versions.map(|entry| entry.path().join("bin")));
    let works = |path: &Path| {
        let probe = Command::new(path).args(["-c", ""]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        probe.is_ok_and(|status| status.success())
    };
    let names = ["python3.14", "python3.13"];
    names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|path| works(path))
}

/// Seconds to allow for one program; OROCHI_TEST_TIMEOUT overrides it.
pub fn time_limit() -> Duration {
    let seconds = std::env::var("OROCHI_TEST_TIMEOUT").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    Duration::from_secs(seconds)
}

/// Runs the command to its end, with the given standard input.
///
/// The process leads a group of its own, and what it leaves behind in the group is killed with it.
pub fn run_with_input(mut command: Command, input: &[u8], limit: Duration) -> Run {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut child = command.spawn().expect("the interpreter starts");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    let input = input.to_vec();
    // The child may end without reading its input: a broken pipe is no failure here.
    let writer = thread::spawn(move || drop(stdin.write_all(&input)));
    let run = finish(child, limit);
    writer.join().expect("the input writer ends");
    run
}

/// Runs the command to its end, with an empty standard input.
pub fn run(command: Command, limit: Duration) -> Run {
    run_with_input(command, b"", limit)
}

/// Waits for a child, collects its output, and kills it when the limit is reached.
pub fn finish(mut child: Child, limit: Duration) -> Run {
    let stdout = child.stdout.take().map(collect);
    let stderr = child.stderr.take().map(collect);
    let start = Instant::now();
    let mut timed_out = false;
    let status = loop {
        if let Some(status) = child.try_wait().expect("the child can be waited for") {
            break status;
        }
        if start.elapsed() > limit {
            timed_out = true;
            child.kill().expect("the child can be killed");
            break child.wait().expect("the child can be waited for");
        }
        thread::sleep(Duration::from_millis(2));
    };
    // A grandchild would hold the pipes open. There is none, or not in this group, when this fails.
    let group = rustix::process::Pid::from_child(&child);
    let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    let text = |reader: Option<thread::JoinHandle<Vec<u8>>>| {
        let bytes = reader.map(|reader| reader.join().expect("the reader ends")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    Run { stdout: text(stdout), stderr: text(stderr), status: status.code(), signal: status.signal(), timed_out }
}

fn collect(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What came before a read error is still worth comparing.
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}

/// All `.py` files directly in a folder, in the order of their names.
pub fn python_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.extension().is_some_and(|end| end == "py"))
        .collect();
    files.sort();
    files
}

/// All `.rs` files below a folder, in the order of their names.
pub fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Says where two texts first differ; None when they are equal.
pub fn difference(expected: &[String], got: &str) -> Option<String> {
    let got: Vec<&str> = got.lines().collect();
    for (i, want) in expected.iter().enumerate() {
        match got.get(i) {
            Some(line) if line == want => {}
            Some(line) => return Some(format!("line {}: expected {want:?}\n{:>18} {line:?}", i + 1, "got")),
            None => return Some(format!("line {}: expected {want:?}, but the output ended", i + 1)),
        }
    }
    got.get(expected.len()).map(|line| format!("line {}: unexpected {line:?}", expected.len() + 1))
}

/// The last lines of a text, indented for a report. Where the VM panicked, that is its defect: then the first panic and
/// the functions it came through are told as well, which a panic during its clean-up would push out of sight.
pub fn tail(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.trim_end().lines().collect();
    let last = all.len().saturating_sub(lines);
    let panic =
        all.iter().position(|line| line.starts_with("thread '") && line.contains("panicked at")).unwrap_or(last);
    let cause =
        all[panic.min(last)..last].iter().filter(|line| !line.trim_start().starts_with("at ")).take(PANIC_LINES);
    cause.chain(&all[last..]).map(|line| format!("      | {line}\n")).collect()
}

const PANIC_LINES: usize = 40;

/// Panics with all the reports, if there are any.
pub fn report(failures: Vec<String>, total: usize) {
    if !failures.is_empty() {
        panic!("{} of {total} failed:\n{}", failures.len(), failures.join("\n"));
    }
}
