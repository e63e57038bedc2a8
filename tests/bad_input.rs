//! What the interpreter does with bad input: exact messages, exit statuses, and never a crash.

mod common;

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use common::{Run, python, run, run_with_input};

/// A folder of its own for one test, removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("orochi_bad_input_{name}_{}", std::process::id()));
        fs::create_dir_all(&path).expect("the temporary folder can be made");
        Folder(path)
    }

    /// Writes a file and returns its path.
    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        fs::write(&path, content).expect("the file can be written");
        path.to_string_lossy().into_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder left behind does no harm to later runs.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs a program from a file of its own; returns the run and the file's path.
fn script(name: &str, source: impl AsRef<[u8]>) -> (Run, String) {
    let folder = Folder::new(name);
    let path = folder.file("script.py", source);
    let mut command = python();
    command.arg(&path);
    (run(command, common::time_limit()), path)
}

/// Runs a program given with `-c`.
fn inline(source: &str) -> Run {
    let mut command = python();
    command.args(["-c", source]);
    run(command, common::time_limit())
}

/// Asserts the status and all of standard error; FILE in the expected text stands for the path.
#[track_caller]
fn expect(run: &Run, path: &str, status: i32, stderr: &str) {
    assert_eq!(run.stderr.replace(path, "FILE"), stderr, "({}, stdout {:?})", run.ending(), run.stdout);
    assert_eq!(run.status, Some(status), "{}", run.ending());
}

/// Asserts the status and the last line of standard error.
#[track_caller]
fn expect_last(run: &Run, status: i32, line: &str) {
    assert_eq!(run.last_error(), line, "({})\n{}", run.ending(), common::tail(&run.stderr, 20));
    assert_eq!(run.status, Some(status), "{}", run.ending());
}

#[test]
fn missing_file() {
    let mut command = python();
    command.arg("no/such/script.py");
    let run = run(command, common::time_limit());
    let root = common::root();
    let wanted = format!(
        "{}: can't open file '{}/no/such/script.py': [Errno 2] No such file or directory\n",
        common::interpreter(),
        root.display()
    );
    expect(&run, "FILE", 2, &wanted);
}

#[test]
fn folder_without_main() {
    let folder = Folder::new("folder");
    let path = folder.0.to_string_lossy().into_owned();
    let mut command = python();
    command.arg(&path);
    let run = run(command, common::time_limit());
    let wanted = format!("{}: can't find '__main__' module in 'FILE'\n", common::interpreter());
    expect(&run, &path, 1, &wanted);
}

#[test]
fn folder_with_main_runs() {
    let folder = Folder::new("folder_main");
    folder.file("__main__.py", "import helper\nprint(__name__, helper.X)\n");
    folder.file("helper.py", "X = 5\n");
    let mut command = python();
    command.arg(&folder.0);
    let run = run(command, common::time_limit());
    assert_eq!((run.stdout.as_str(), run.status), ("__main__ 5\n", Some(0)), "{}", run.stderr);
}

#[test]
fn missing_module() {
    let mut command = python();
    command.args(["-m", "no_such_module_at_all"]);
    let run = run(command, common::time_limit());
    let wanted = format!("{}: No module named no_such_module_at_all\n", common::interpreter());
    expect(&run, "FILE", 1, &wanted);
}

#[test]
fn unknown_option() {
    let mut command = python();
    command.arg("--no-such-option");
    let run = run(command, common::time_limit());
    assert_eq!(run.stderr.lines().next(), Some("unknown option --no-such-option"));
    assert_eq!(run.status, Some(2));
}

#[test]
fn syntax_error_has_a_caret() {
    let (run, path) = script("syntax", "print('not run')\nif True:\n    x = (1 +\n");
    expect(&run, &path, 1, "  File \"FILE\", line 3\n    x = (1 +\n        ^\nSyntaxError: '(' was never closed\n");
    assert_eq!(run.stdout, "");
}

#[test]
fn syntax_error_marks_a_range() {
    let (run, path) = script("syntax_range", "def f():\n    return f(x) = 1\n");
    let wanted = "  File \"FILE\", line 2\n    return f(x) = 1\n                ^\nSyntaxError: invalid syntax\n";
    expect(&run, &path, 1, wanted);
    let (run, path) = script("syntax_range_2", "f(x) = 1\n");
    let wanted = "  File \"FILE\", line 1\n    f(x) = 1\n    ^^^^\n\
                  SyntaxError: cannot assign to function call here. Maybe you meant '==' instead of '='?\n";
    expect(&run, &path, 1, wanted);
}

#[test]
fn indentation_error() {
    let (run, path) = script("indent", "def f():\nreturn 1\n");
    let wanted = "  File \"FILE\", line 2\n    return 1\n    ^^^^^^\n\
                  IndentationError: expected an indented block after function definition on line 1\n";
    expect(&run, &path, 1, wanted);
}

#[test]
fn invalid_utf8() {
    let (run, path) = script("utf8", b"x = 1\ny = '\xff'\n");
    let wanted = "SyntaxError: Non-UTF-8 code starting with '\\xff' in file FILE on line 2, but no encoding declared; \
                  see https://peps.python.org/pep-0263/ for details\n";
    expect(&run, &path, 1, wanted);
}

#[test]
fn null_bytes() {
    let (run, _) = script("null", b"x = 1\n\0\n");
    expect_last(&run, 1, "SyntaxError: source code cannot contain null bytes");
}

#[test]
fn declared_encodings() {
    let (run, _) = script("latin", b"# -*- coding: latin-1 -*-\nprint(ascii('\xe9'))\n");
    assert_eq!((run.stdout.as_str(), run.status), ("'\\xe9'\n", Some(0)), "{}", run.stderr);
    let (run, _) = script("unknown_encoding", b"# coding: nope\nprint(1)\n");
    expect_last(&run, 1, "SyntaxError: encoding problem: nope");
    let (run, _) = script("bom", b"\xef\xbb\xbfprint('bom')\n");
    assert_eq!((run.stdout.as_str(), run.status), ("bom\n", Some(0)), "{}", run.stderr);
}

#[test]
fn empty_and_odd_files() {
    for (name, source) in [
        ("empty", ""),
        ("blank", "\n\n   \n\t\n"),
        ("comment", "# only a comment"),
        ("no_end", "x = 1"),
        ("crlf", "if 1:\r\n    x = 1\r\n"),
        ("cr", "x = 1\ry = 2\r"),
        ("form_feed", "\x0cx = 1\n"),
    ] {
        let (run, _) = script(name, source);
        assert_eq!((run.stdout.as_str(), run.stderr.as_str(), run.status), ("", "", Some(0)), "{name}");
    }
}

/// Deep nesting in source code may be refused in any orderly way, but must not crash.
#[test]
fn deeply_nested_source() {
    let depth = 100_000;
    let brackets = format!("{}1{}", "(".repeat(depth), ")".repeat(depth));
    let lists = format!("x = {}{}", "[".repeat(depth), "]".repeat(depth));
    let minus = format!("x = {}1", "-".repeat(depth));
    let nots = format!("x = {}1", "not ".repeat(depth));
    let sums = format!("x = {}1", "1 + ".repeat(depth));
    let powers = format!("x = {}1", "1 ** ".repeat(depth));
    let attributes = format!("x = a{}", ".b".repeat(depth));
    let calls = format!("x = a{}", "()".repeat(depth));
    let lambdas = format!("x = {}1", "lambda: ".repeat(depth));
    let conditions = format!("x = {}1", "1 if 1 else ".repeat(depth));
    let mut blocks = String::new();
    for level in 0..1000 {
        blocks.push_str(&format!("{}if 1:\n", " ".repeat(level)));
    }
    blocks.push_str(&format!("{}pass\n", " ".repeat(1000)));
    let elifs = format!("if 0: pass\n{}", "elif 0: pass\n".repeat(20_000));
    let sources = [
        ("brackets", brackets),
        ("lists", lists),
        ("minus", minus),
        ("nots", nots),
        ("sums", sums),
        ("powers", powers),
        ("attributes", attributes),
        ("calls", calls),
        ("lambdas", lambdas),
        ("conditions", conditions),
        ("blocks", blocks),
        ("elifs", elifs),
    ];
    for (name, source) in sources {
        let (run, _) = script(name, source);
        assert!(!run.timed_out, "{name} did not end");
        assert_eq!(run.signal, None, "{name} crashed: {}", common::tail(&run.stderr, 5));
        assert!(matches!(run.status, Some(0 | 1)), "{name}: {}", run.ending());
        if run.status == Some(1) {
            let kind = run.last_error().split(':').next().unwrap_or("");
            let orderly = ["SyntaxError", "RecursionError", "MemoryError", "IndentationError", "NameError"];
            assert!(orderly.contains(&kind), "{name}: {}", run.last_error());
        }
    }
}

#[test]
fn too_many_parentheses_message() {
    let (run, _) = script("parentheses", format!("{}1{}", "(".repeat(300), ")".repeat(300)));
    expect_last(&run, 1, "SyntaxError: too many nested parentheses");
}

#[test]
fn deep_recursion() {
    let (run, path) = script("recursion", "def f(n):\n    return f(n + 1)\n\n\nf(0)\n");
    let wanted = "Traceback (most recent call last):\n  File \"FILE\", line 5, in <module>\n    f(0)\n    ~^^^\n  \
                  File \"FILE\", line 2, in f\n    return f(n + 1)\n  \
                  File \"FILE\", line 2, in f\n    return f(n + 1)\n  \
                  File \"FILE\", line 2, in f\n    return f(n + 1)\n  \
                  [Previous line repeated 996 more times]\nRecursionError: maximum recursion depth exceeded\n";
    expect(&run, &path, 1, wanted);
}

/// Recursion through native code, on the main thread and on another, ends in RecursionError as well.
#[test]
fn deep_native_recursion() {
    let source = r#"
import sys, threading
sys.setrecursionlimit(10 ** 6)

class A:
    def __repr__(self): return repr([self])
    def __eq__(self, other): return [self] == [other]
    def __getattr__(self, name): return getattr(self, name + "x")
    def __call__(self): return max([self], key=lambda a: a())
    def __iter__(self): return iter(list(self))
    def __hash__(self): return hash((self,))
    def __str__(self): return "%s" % self
    def __lt__(self, other): return sorted([self, other])

def nest(n):
    x = []
    for _ in range(n):
        x = [x]
    return x

acts = [lambda: repr(A()), lambda: A() == A(), lambda: A().a, lambda: A()(), lambda: iter(A()), lambda: hash(A()),
        lambda: str(A()), lambda: A() < A(), lambda: repr(nest(10 ** 5)), lambda: nest(10 ** 5) == nest(10 ** 5)]

def run(label):
    caught = 0
    for act in acts:
        try:
            act()
        except (RecursionError, MemoryError):
            caught += 1
    print(label, caught)

run("main")
t = threading.Thread(target=run, args=("thread",))
t.start()
t.join()
deep = nest(10 ** 6)
del deep
print("freed")
"#;
    if !common::is_orochi() {
        return; // CPython itself crashes on this one.
    }
    let (run, _) = script("native_recursion", source);
    assert_eq!(
        (run.stdout.as_str(), run.status),
        ("main 10\nthread 10\nfreed\n", Some(0)),
        "{} {}",
        run.ending(),
        run.stderr
    );
}

#[test]
fn long_integer_text() {
    let run = inline("int('9' * 10 ** 5)");
    expect_last(
        &run,
        1,
        "ValueError: Exceeds the limit (4300 digits) for integer string conversion: value has 100000 digits; \
         use sys.set_int_max_str_digits() to increase the limit",
    );
    let run = inline("str(10 ** 10 ** 5)");
    expect_last(
        &run,
        1,
        "ValueError: Exceeds the limit (4300 digits) for integer string conversion; \
         use sys.set_int_max_str_digits() to increase the limit",
    );
    let run = inline("print(len('9' * 10 ** 8), 10 ** 100000 % 97)");
    assert_eq!((run.stdout.as_str(), run.status), ("100000000 35\n", Some(0)), "{}", run.stderr);
}

#[test]
fn memory_errors_are_exceptions() {
    for source in ["[0] * (1 << 62)", "'a' * (1 << 62)", "bytearray(1 << 62)", "b'a' * (1 << 62)", "(0,) * (1 << 61)"] {
        let run = inline(source);
        let kind = run.last_error().split(':').next().unwrap_or("");
        assert!(matches!(kind, "MemoryError" | "OverflowError"), "{source}: {} {}", run.ending(), run.stderr);
        assert_eq!(run.status, Some(1), "{source}: {}", run.ending());
    }
}

#[test]
fn uncaught_exceptions() {
    let (run, path) = script("uncaught", "print('out')\ndef f(x):\n    return 1 / x\n\nf(0)\n");
    let wanted = "Traceback (most recent call last):\n  File \"FILE\", line 5, in <module>\n    f(0)\n    ~^^^\n  \
                  File \"FILE\", line 3, in f\n    return 1 / x\n           ~~^~~\nZeroDivisionError: division by zero\n";
    expect(&run, &path, 1, wanted);
    assert_eq!(run.stdout, "out\n");
    for (source, last) in [
        ("raise ValueError", "ValueError"),
        ("raise ValueError('a', 1)", "ValueError: ('a', 1)"),
        ("raise KeyError('k')", "KeyError: 'k'"),
        ("class E(Exception): pass\nraise E('x')", "E: x"),
        ("import queue; raise queue.Empty('x')", "_queue.Empty: x"),
        ("import json; json.loads('x')", "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)"),
        ("lenght = 1; length", "NameError: name 'length' is not defined. Did you mean: 'lenght'?"),
        ("[].appendd", "AttributeError: 'list' object has no attribute 'appendd'. Did you mean: 'append'?"),
        ("import no_such", "ModuleNotFoundError: No module named 'no_such'"),
        ("time", "NameError: name 'time' is not defined. Did you forget to import 'time'?"),
        ("open('/no/file')", "FileNotFoundError: [Errno 2] No such file or directory: '/no/file'"),
        ("class E(Exception):\n  def __str__(self): raise ValueError\nraise E", "E: <exception str() failed>"),
    ] {
        let run = inline(source);
        assert_eq!(run.last_error(), last, "{source}\n{}", run.stderr);
        assert_eq!(run.status, Some(1), "{source}");
    }
}

#[test]
fn thread_that_raises() {
    let source = "import threading\ndef work():\n    1 / 0\nt = threading.Thread(target=work, name='worker')\n\
                  t.start()\nt.join()\nprint('main goes on')\n";
    let (run, path) = script("thread", source);
    assert_eq!((run.stdout.as_str(), run.status), ("main goes on\n", Some(0)), "{}", run.stderr);
    let text = run.stderr.replace(&path, "FILE");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "Exception in thread worker:");
    assert_eq!(lines[1], "Traceback (most recent call last):");
    let tail = ["  File \"FILE\", line 3, in work", "    1 / 0", "    ~~^~~", "ZeroDivisionError: division by zero"];
    assert_eq!(lines[lines.len() - 4..], tail, "{text}");
}

#[test]
fn exit_statuses() {
    for (source, status, stderr) in [
        ("import sys; sys.exit()", 0, ""),
        ("import sys; sys.exit(None)", 0, ""),
        ("import sys; sys.exit(0)", 0, ""),
        ("import sys; sys.exit(7)", 7, ""),
        ("import sys; sys.exit(256)", 0, ""),
        ("import sys; sys.exit(-1)", 255, ""),
        ("import sys; sys.exit(True)", 1, ""),
        ("import sys; sys.exit('message')", 1, "message\n"),
        ("import sys; sys.exit((1, 2))", 1, "(1, 2)\n"),
        ("import sys; sys.exit(1.5)", 1, "1.5\n"),
        ("raise SystemExit", 0, ""),
        ("raise SystemExit(3)", 3, ""),
        ("raise SystemExit(1, 2)", 1, "(1, 2)\n"),
        ("exit(4)", 4, ""),
        ("quit('bye')", 1, "bye\n"),
        ("import os; os._exit(9)", 9, ""),
        ("import sys\ntry:\n  sys.exit(5)\nfinally:\n  print('finally', file=sys.stderr)", 5, "finally\n"),
        ("import sys, atexit\natexit.register(lambda: print('bye', file=sys.stderr))\nsys.exit(6)", 6, "bye\n"),
        (
            "import sys, threading\nt = threading.Thread(target=sys.exit, args=(8,))\nt.start(); t.join()\nprint(1)",
            0,
            "",
        ),
    ] {
        let run = inline(source);
        assert_eq!((run.status, run.stderr.as_str()), (Some(status), stderr), "{source}");
    }
}

#[test]
fn non_daemon_threads_are_waited_for() {
    let run = inline(
        "import threading, time\n\
         threading.Thread(target=lambda: (time.sleep(0.2), print('late'))).start()\n\
         threading.Thread(target=lambda: (time.sleep(60), print('never')), daemon=True).start()\n\
         print('main ends')",
    );
    assert_eq!((run.stdout.as_str(), run.status), ("main ends\nlate\n", Some(0)), "{}", run.stderr);
}

/// Starts a program, waits for its first line of output, interrupts it, and returns how it ended.
fn interrupt(source: &str) -> Run {
    let mut command = python();
    command.args(["-u", "-c", source]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.process_group(0);
    let child = command.spawn().expect("the interpreter starts");
    let id = child.id().to_string();
    let killer = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(1500));
        Command::new("sh").args(["-c", &format!("kill -INT {id}")]).status().expect("kill runs");
    });
    let run = common::finish(child, common::time_limit());
    killer.join().expect("the killer ends");
    run
}

/// An uncaught KeyboardInterrupt ends the process as the signal does, which a shell shows as status 130.
#[track_caller]
fn expect_interrupted(run: &Run) {
    assert_eq!(run.last_error(), "KeyboardInterrupt", "({})\n{}", run.ending(), common::tail(&run.stderr, 20));
    assert!(run.status == Some(130) || run.signal == Some(2), "{}", run.ending());
}

#[test]
fn interrupted_loop() {
    let run = interrupt("n = 0\nprint('ready')\nwhile True:\n    n += 1");
    expect_interrupted(&run);
}

#[test]
fn interrupted_sleep_while_threads_run() {
    let source = "import threading, time\n\
                  def spin():\n    n = 0\n    while True:\n        n += 1\n\
                  for _ in range(4): threading.Thread(target=spin, daemon=True).start()\n\
                  print('ready')\ntime.sleep(50)";
    let run = interrupt(source);
    expect_interrupted(&run);
}

#[test]
fn interrupted_lock_and_handled_interrupt() {
    let run = interrupt("import threading\nl = threading.Lock()\nl.acquire()\nl.acquire()");
    expect_interrupted(&run);
    let run = interrupt("import time\ntry:\n    time.sleep(50)\nexcept KeyboardInterrupt:\n    print('caught')");
    assert_eq!((run.stdout.as_str(), run.status), ("caught\n", Some(0)), "{}", run.stderr);
    let run = interrupt(
        "import signal, time\nhit = []\nsignal.signal(signal.SIGINT, lambda s, f: hit.append(s))\n\
         while not hit: time.sleep(0.01)\nprint('handler', hit)",
    );
    assert_eq!((run.stdout.as_str(), run.status), ("handler [2]\n", Some(0)), "{}", run.stderr);
}

/// Runs `PYTHON -c SOURCE REDIRECTION` in a shell; what follows is the shell's.
fn in_shell(source: &str, rest: &str) -> Run {
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("'{}' -c \"{source}\" {rest}", common::interpreter())).env_remove("PYTHONUNBUFFERED");
    run(command, common::time_limit())
}

#[test]
fn closed_output() {
    let run = in_shell("for i in range(100000): print(i)", "| head -1");
    assert_eq!(run.stdout, "0\n");
    assert_eq!(run.last_error(), "BrokenPipeError: [Errno 32] Broken pipe", "{}", run.stderr);
    let run = in_shell("print(1)", ">&-; echo status $?");
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("status 0\n", ""));
    let run = in_shell("print('x' * 100)", ">/dev/full; echo status $?");
    assert_eq!(run.stdout, "status 120\n", "{}", run.stderr);
    let first = run.stderr.lines().next().unwrap_or("");
    assert!(first.starts_with("Exception ignored "), "{}", run.stderr);
    assert_eq!(run.last_error(), "OSError: [Errno 28] No space left on device");
}

#[test]
fn program_from_standard_input() {
    let run = run_with_input(python(), b"print('from stdin', __name__)\n", common::time_limit());
    assert_eq!((run.stdout.as_str(), run.status), ("from stdin __main__\n", Some(0)), "{}", run.stderr);
    let mut command = python();
    command.arg("-");
    let run = run_with_input(command, b"1 / 0\n", common::time_limit());
    let wanted = "Traceback (most recent call last):\n  File \"<stdin>\", line 1, in <module>\n";
    assert!(run.stderr.starts_with(wanted), "{}", run.stderr);
    expect_last(&run, 1, "ZeroDivisionError: division by zero");
}

#[test]
fn unencodable_output_and_bad_arguments() {
    let run = inline("print('\\ud800')");
    assert!(run.last_error().starts_with("UnicodeEncodeError: 'utf-8' codec can't encode"), "{}", run.stderr);
    assert_eq!(run.status, Some(1));
    use std::os::unix::ffi::OsStrExt;
    let mut command = python();
    command.args(["-c", "import sys; print(ascii(sys.argv[1]))"]).arg(std::ffi::OsStr::from_bytes(b"a\xffb"));
    let run = common::run(command, common::time_limit());
    assert_eq!((run.stdout.as_str(), run.status), ("'a\\udcffb'\n", Some(0)), "{}", run.stderr);
}

#[test]
fn version_and_help() {
    let mut command = python();
    command.arg("--version");
    let version = run(command, common::time_limit());
    assert_eq!(version.status, Some(0));
    assert!(version.stdout.contains("3.1"), "{}", version.stdout);
    let mut command = python();
    command.arg("--help");
    let help = run(command, common::time_limit());
    assert_eq!(help.status, Some(0));
    assert!(help.stdout.contains("usage: "), "{}", help.stdout);
}
