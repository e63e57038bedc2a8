//! The command line: options, arguments, environment, and where a program comes from.

mod common;

use common::{python, run, run_with_input, time_limit};

/// Runs with arguments; asserts status 0 and returns standard output.
#[track_caller]
fn output(arguments: &[&str]) -> String {
    let mut command = python();
    command.args(arguments);
    let run = run(command, time_limit());
    assert_eq!(run.status, Some(0), "{arguments:?}: {}\n{}", run.ending(), run.stderr);
    run.stdout
}

/// A program file in the temporary folder, removed when dropped.
struct Script(std::path::PathBuf);

impl Script {
    fn new(name: &str, source: &str) -> Script {
        let path = std::env::temp_dir().join(format!("orochi_command_line_{name}_{}.py", std::process::id()));
        std::fs::write(&path, source).expect("the program can be written");
        Script(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("the path is UTF-8")
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        // A program left behind does no harm to later runs.
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn arguments() {
    assert_eq!(output(&["-c", "import sys; print(sys.argv)", "a", "-b", "--c=d"]), "['-c', 'a', '-b', '--c=d']\n");
    let script = Script::new("arguments", "import sys; print(sys.argv[1:], sys.argv[0] == __file__, __name__)\n");
    assert_eq!(output(&[script.path(), "-x", "y", "--", "-z"]), "['-x', 'y', '--', '-z'] True __main__\n");
}

#[test]
fn search_path() {
    let script = Script::new("path", "import sys, os; print(sys.path[0] == os.path.dirname(__file__))\n");
    assert_eq!(output(&[script.path()]), "True\n");
    assert_eq!(output(&["-c", "import sys; print(repr(sys.path[0]))"]), "''\n");
    let mut command = python();
    command.args(["-c", "import sys; print('/some/folder' in sys.path)"]).env("PYTHONPATH", "/some/folder:/other");
    assert_eq!(run(command, time_limit()).stdout, "True\n");
}

#[test]
fn modules_as_programs() {
    let mut command = python();
    command.args(["-m", "json.tool", "--compact"]);
    let run = run_with_input(command, b"{\"a\": [1, 2]}", time_limit());
    assert_eq!((run.stdout.as_str(), run.status), ("{\"a\":[1,2]}\n", Some(0)), "{}", run.stderr);
    let found = output(&["-m", "timeit", "-n", "10", "-r", "2", "pass"]);
    assert!(found.starts_with("10 loops, best of 2:"), "{found}");
    assert!(output(&["-m", "dis", "-h"]).contains("usage"));
}

#[test]
fn optimising() {
    assert_eq!(output(&["-c", "assert 1; print(__debug__)"]), "True\n");
    assert_eq!(output(&["-O", "-c", "assert 0; print(__debug__)"]), "False\n");
    assert_eq!(output(&["-OO", "-c", "def f():\n  'doc'\nprint(f.__doc__)"]), "None\n");
}

#[test]
fn switches() {
    for switch in ["-B", "-E", "-I", "-s", "-S", "-u", "-q", "-P", "-Xdev", "-Xutf8", "-bb"] {
        assert_eq!(output(&[switch, "-c", "print('ok')"]), "ok\n", "{switch}");
    }
    let flags = "import sys; f = sys.flags; print(f.isolated, f.ignore_environment, f.no_site, f.dont_write_bytecode)";
    assert_eq!(output(&["-I", "-S", "-B", "-c", flags]), "1 1 1 1\n");
}

#[test]
fn warnings_can_be_chosen() {
    let source = "import warnings; warnings.warn('careful'); print('done')";
    let mut command = python();
    command.args(["-c", source]);
    let run_default = run(command, time_limit());
    assert_eq!(run_default.stderr.lines().next(), Some("<string>:1: UserWarning: careful"));
    assert_eq!(run_default.stdout, "done\n");
    let mut command = python();
    command.args(["-W", "error", "-c", source]);
    let run_error = run(command, time_limit());
    assert_eq!((run_error.last_error(), run_error.status), ("UserWarning: careful", Some(1)));
    let mut command = python();
    command.args(["-W", "ignore", "-c", source]);
    assert_eq!(run(command, time_limit()).stderr, "");
}

#[test]
fn interactive() {
    let mut command = python();
    command.args(["-i", "-q"]);
    let input = b"1 + 1\nx = 5\nx\nif x:\n    print('in block')\n\n1 / 0\nprint('after')\n_\nNone\n'text'\n";
    let run = run_with_input(command, input, time_limit());
    assert_eq!(run.stdout, "2\n5\nin block\nafter\n5\n'text'\n", "{}", run.stderr);
    assert!(run.stderr.contains("ZeroDivisionError: division by zero"), "{}", run.stderr);
    assert!(run.stderr.contains(">>> ") && run.stderr.contains("... "), "{}", run.stderr);
    assert_eq!(run.status, Some(0));
    let script = Script::new("interactive", "y = 7\nprint('ran')\n");
    let mut command = python();
    command.args(["-i", "-q", script.path()]);
    let run = run_with_input(command, b"y + 1\nexit(3)\n", time_limit());
    assert_eq!((run.stdout.as_str(), run.status), ("ran\n8\n", Some(3)), "{}", run.stderr);
}

#[test]
fn standard_streams() {
    let mut command = python();
    command.args(["-c", "import sys\nfor line in sys.stdin: print(line.strip()[::-1])\nprint(input.__name__)"]);
    let run = run_with_input(command, "abc\nd\u{e9}f\n".as_bytes(), time_limit());
    assert_eq!(run.stdout, "cba\nf\u{e9}d\ninput\n", "{}", run.stderr);
    let mut command = python();
    command.args(["-c", "print(input('? ') + input())\ninput()"]);
    let run = run_with_input(command, b"a\nb\n", time_limit());
    assert_eq!((run.stdout.as_str(), run.last_error()), ("? ab\n", "EOFError: EOF when reading a line"));
    let mut command = python();
    command
        .args(["-c", "import sys; print(sys.stdout.encoding, sys.stdout.errors)"])
        .env("PYTHONIOENCODING", "iso8859-1:replace");
    assert_eq!(common::run(command, time_limit()).stdout, "iso8859-1 replace\n");
    // What asks for nothing changes nothing: bytes of no encoding come through in the portable locale.
    for asked in ["", ":"] {
        let mut command = python();
        command.args(["-c", "import sys; print(sys.stdin.encoding, sys.stdin.errors, sys.stdout.errors)"]);
        command.env("PYTHONIOENCODING", asked).env("LC_ALL", "C");
        assert_eq!(common::run(command, time_limit()).stdout, "utf-8 surrogateescape surrogateescape\n", "{asked:?}");
    }
}

#[test]
fn environment() {
    let mut command = python();
    command.args(["-c", "import os; print(os.environ['OROCHI_TEST_VALUE'], 'NOT_THERE' in os.environ)"]);
    command.env("OROCHI_TEST_VALUE", "caf\u{e9} value");
    assert_eq!(run(command, time_limit()).stdout, "caf\u{e9} value False\n");
    let script = Script::new("startup", "print('not for scripts')\n");
    let mut command = python();
    command.args(["-c", "print('program')"]).env("PYTHONSTARTUP", script.path());
    assert_eq!(run(command, time_limit()).stdout, "program\n");
}

#[test]
fn version() {
    let text = output(&["-V"]);
    assert!(text.starts_with("Python 3.") && text.lines().count() == 1, "{text}");
    let found = output(&["-c", "import sys; print('%d.%d' % sys.version_info[:2], sys.version.split('.')[0])"]);
    assert!(text.contains(found.split(' ').next().expect("a version")), "{text} {found}");
}

/// The last line of what a program given with `-c` writes, to either stream.
fn last_line(switch: &str, program: &str) -> String {
    let mut command = common::python();
    command.args([switch, "-c", program]);
    let run = common::run(command, common::time_limit());
    let text = if run.stdout.is_empty() { run.stderr } else { run.stdout };
    text.lines().last().unwrap_or("").to_string()
}

#[test]
fn bytes_warnings() {
    for (program, message) in [
        ("print(b'a' == 'a')", "Comparison between bytes and string"),
        ("print('a' != b'a')", "Comparison between bytes and string"),
        ("print(b'1' == 1)", "Comparison between bytes and int"),
        ("print(bytearray(b'a') == 'a')", "Comparison between bytearray and string"),
        ("print(str(b'a'))", "str() on a bytes instance"),
        ("print(f'{bytearray()}')", "str() on a bytearray instance"),
    ] {
        assert_eq!(last_line("-bb", program), format!("BytesWarning: {message}"), "{program}");
    }
    assert_eq!(last_line("-bb", "print(b'a' == b'b', b'a' == None, repr(b'a'))"), "False False b'a'");
    assert_eq!(last_line("-q", "print(b'a' == 'a', str(b'a'))"), "False b'a'");
}

#[test]
fn compiled_files_replace_links_and_have_the_mode_of_the_source() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = std::env::temp_dir().join(format!("orochi_compiled_{}", std::process::id()));
    let cache = folder.join("__pycache__");
    std::fs::create_dir_all(&cache).expect("the folder can be made");
    let (module, precious) = (folder.join("secret_module.py"), folder.join("precious"));
    std::fs::write(&module, "X = 1\n").expect("the module can be written");
    std::fs::set_permissions(&module, std::fs::Permissions::from_mode(0o600)).expect("its mode can be set");
    std::fs::write(&precious, "precious").expect("the file can be written");
    let compiled = cache.join("secret_module.orochi-314.pyc");
    symlink(&precious, &compiled).expect("the link can be made");
    let mut command = common::python();
    command.env_remove("PYTHONDONTWRITEBYTECODE").current_dir(&folder).args(["-c", "import secret_module"]);
    let run = common::run(command, common::time_limit());
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    if common::is_orochi() {
        let found = std::fs::symlink_metadata(&compiled).expect("the compiled file is there");
        assert!(found.is_file() && found.permissions().mode() & 0o777 == 0o600, "{found:?}");
    }
    assert_eq!(std::fs::read_to_string(&precious).expect("it is still there"), "precious");
    let left = std::fs::read_dir(&cache).expect("the folder is there").count();
    assert_eq!(left, 1, "a temporary file was left");
    // A folder left behind does no harm to later runs.
    let _ = std::fs::remove_dir_all(&folder);
}
