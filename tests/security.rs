//! What docs/security.md promises: hash randomisation, isolation, limits, compiled files, files' modes, descriptors, audit
//! hooks.

mod common;

use common::{Run, python, run, time_limit};
use orochi::bytecode::opcode::{Op, encode};
use orochi::bytecode::unit::{CodeUnit, Constant};
use orochi::bytecode::{pyc, verify};

/// Runs with arguments and variables of the environment.
fn with(environment: &[(&str, &str)], arguments: &[&str]) -> Run {
    let mut command = python();
    command.env_remove("PYTHONDONTWRITEBYTECODE").args(arguments).envs(environment.iter().copied());
    run(command, time_limit())
}

#[track_caller]
fn expect(environment: &[(&str, &str)], arguments: &[&str], stdout: &str) {
    let run = with(environment, arguments);
    assert_eq!(run.stdout.trim_end(), stdout, "{environment:?} {arguments:?}: {}\n{}", run.ending(), run.stderr);
    assert_eq!(run.status, Some(0), "{environment:?} {arguments:?}: {}", run.stderr);
}

/// The message of an interpreter that does not start.
#[track_caller]
fn refused(environment: &[(&str, &str)], arguments: &[&str], message: &str) {
    let run = with(environment, arguments);
    assert_eq!(run.stderr.lines().next(), Some(message), "{environment:?} {arguments:?}: {}", run.stdout);
    assert_eq!((run.status, run.stdout.as_str()), (Some(1), ""), "{environment:?} {arguments:?}");
}

/// Runs a program of `tests/security` and compares what it prints with what its comments expect.
#[track_caller]
fn program(name: &str) {
    let path = common::root().join("tests/security").join(name);
    let mut command = python();
    command.env_remove("PYTHONDONTWRITEBYTECODE").arg(&path);
    let run = run(command, time_limit());
    let source = std::fs::read_to_string(&path).expect("the program can be read");
    let expected: Vec<String> =
        source.lines().filter_map(|l| l.split_once("# expect: ")).map(|(_, e)| e.to_string()).collect();
    assert!(!expected.is_empty(), "{name} expects nothing");
    if let Some(difference) = common::difference(&expected, &run.stdout) {
        panic!("{name}: {difference}\n{}\n{}", run.ending(), common::tail(&run.stderr, 20));
    }
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{name}");
}

#[test]
fn compiled_files() {
    program("pycs.py");
}

#[test]
fn files_and_descriptors() {
    program("files.py");
}

#[test]
fn audit_hooks() {
    program("audit.py");
}

const HASH: &str = "import sys; print(hash('a'), hash(b'a'), sys.flags.hash_randomization)";

#[test]
fn hashes_differ_from_run_to_run() {
    let hashes: Vec<String> = (0..3).map(|_| with(&[], &["-c", HASH]).stdout).collect();
    assert!(hashes[0] != hashes[1] && hashes[0] != hashes[2], "{hashes:?}");
    assert!(hashes.iter().all(|h| h.ends_with(" 1\n")), "{hashes:?}");
    let fixed = "4644417185603328019 4644417185603328019 0";
    expect(&[("PYTHONHASHSEED", "0")], &["-c", HASH], fixed);
    expect(&[("PYTHONHASHSEED", "0")], &["-P", "-c", HASH], fixed);
    let seeded = "-123207753977932514 -123207753977932514 1";
    expect(&[("PYTHONHASHSEED", "42")], &["-c", HASH], seeded);
    expect(&[("PYTHONHASHSEED", " +42")], &["-c", HASH], seeded);
    // What asks for other settings than the environment's, and what asks for no fixed hash.
    let flag = "import sys; print(sys.flags.hash_randomization, hash('a') == 4644417185603328019)";
    for arguments in [["-E", "-c", flag], ["-I", "-c", flag], ["-R", "-c", flag]] {
        expect(&[("PYTHONHASHSEED", "0")], &arguments, "1 False");
        expect(&[("PYTHONHASHSEED", "nonsense")], &arguments, "1 False");
    }
    expect(&[("PYTHONHASHSEED", "random")], &["-c", flag], "1 False");
    expect(&[("PYTHONHASHSEED", "")], &["-c", flag], "1 False");
    let message = "Fatal Python error: config_init_hash_seed: PYTHONHASHSEED must be \"random\" or an integer in range [0; \
                   4294967295]";
    for seed in ["-1", "4294967296", "nonsense", "1x", "0x10", "Random"] {
        refused(&[("PYTHONHASHSEED", seed)], &["-c", ""], message);
    }
}

#[test]
fn isolation() {
    let folder = std::env::temp_dir().join(format!("orochi_isolation_{}", std::process::id()));
    let user = folder.join("user");
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let script = folder.join("script.py");
    let program = "import sys, os\ntry:\n    import planted\n    print(planted.X)\nexcept ImportError:\n    print('no')\n\
                   print(os.path.dirname(os.path.abspath(__file__)) in sys.path)\n";
    std::fs::write(&script, program).expect("the program can be written");
    std::fs::write(folder.join("planted.py"), "X = 'planted'\n").expect("the module can be written");
    let path = script.to_str().expect("the path is UTF-8");
    expect(&[], &[path], "planted\nTrue");
    for arguments in [["-P", path], ["-I", path]] {
        expect(&[], &arguments, "no\nFalse");
    }
    expect(&[("PYTHONSAFEPATH", "1")], &[path], "no\nFalse");
    expect(&[("PYTHONSAFEPATH", "1")], &["-E", path], "planted\nTrue");
    expect(&[("PYTHONSAFEPATH", "")], &[path], "planted\nTrue");
    // The present folder, for commands and modules.
    let first = "import sys; print('' in sys.path, sys.flags.safe_path)";
    expect(&[], &["-c", first], "True False");
    expect(&[], &["-P", "-c", first], "False True");
    expect(&[], &["-I", "-c", first], "False True");
    expect(&[("PYTHONSAFEPATH", "0")], &["-c", first], "False True");
    // PYTHONPATH, and the folder of the user's modules.
    let folder_text = folder.to_str().expect("the path is UTF-8");
    let user_text = user.to_str().expect("the path is UTF-8");
    let asked = "import site; print(site.USER_SITE)";
    let site = with(&[("PYTHONUSERBASE", user_text)], &["-c", asked]).stdout;
    std::fs::create_dir_all(site.trim_end()).expect("the folder can be made");
    let environment = [("PYTHONPATH", folder_text), ("PYTHONUSERBASE", user_text)];
    let found =
        format!("import sys; print({folder_text:?} in sys.path, any(p.startswith({user_text:?}) for p in sys.path))");
    let found = ["-c", found.as_str()];
    expect(&environment, &found, "True True");
    expect(&environment, &["-s", found[0], found[1]], "True False");
    expect(&environment, &["-P", found[0], found[1]], "True True");
    // The library asks for the user's folder itself, as CPython's does.
    expect(&environment, &["-E", found[0], found[1]], "False True");
    expect(&environment, &["-I", found[0], found[1]], "False False");
    let no_user = [environment[0], environment[1], ("PYTHONNOUSERSITE", "1")];
    expect(&no_user, &found, "True False");
    // An empty entry is the present folder.
    let here = "import sys, os; print(sys.path.count(os.getcwd()))";
    expect(&[("PYTHONPATH", ":/nowhere:")], &["-c", here], "1");
    expect(&[("PYTHONPATH", "")], &["-c", here], "0");
    // A folder left behind does no harm to later runs.
    let _ = std::fs::remove_dir_all(&folder);
}

#[test]
fn the_environment_can_be_ignored() {
    let flags = "import sys; f = sys.flags; print(f.optimize, f.dont_write_bytecode, f.debug, f.inspect, f.verbose, \
                 f.dev_mode, f.warn_default_encoding, sys.pycache_prefix, sys.warnoptions, sys.stdout.encoding)";
    let environment = [
        ("PYTHONOPTIMIZE", "2"),
        ("PYTHONDONTWRITEBYTECODE", "1"),
        ("PYTHONDEBUG", "1"),
        ("PYTHONDEVMODE", "1"),
        ("PYTHONWARNDEFAULTENCODING", "1"),
        ("PYTHONPYCACHEPREFIX", "/prefix"),
        ("PYTHONWARNINGS", "ignore"),
        ("PYTHONIOENCODING", "ascii"),
        ("PYTHONINTMAXSTRDIGITS", "nonsense"),
        ("PYTHONHASHSEED", "nonsense"),
        ("PYTHONUTF8", "nonsense"),
        // Where the library is: only for who tests it.
        ("OROCHI_LIBRARY", "/nowhere"),
        ("PYTHONHOME", "/nowhere"),
        ("PYTHONSTARTUP", "/nowhere"),
    ];
    for switch in ["-E", "-I"] {
        expect(&environment, &[switch, "-c", flags], "0 0 0 0 0 False 0 None [] utf-8");
    }
    expect(&environment[..8], &["-c", flags], "2 1 1 0 0 True 1 /prefix ['default', 'ignore'] ascii");
    let switches = "import sys; f = sys.flags; print(f.isolated, f.ignore_environment, f.no_user_site, f.safe_path)";
    for (switch, shown) in [
        ("-I", "1 1 1 True"),
        ("-E", "0 1 0 False"),
        ("-s", "0 0 1 False"),
        ("-P", "0 0 0 True"),
        ("-q", "0 0 0 False"),
    ] {
        expect(&[], &[switch, "-c", switches], shown);
    }
}

#[test]
fn digits_of_integers() {
    let limit = "import sys; print(sys.get_int_max_str_digits(), sys.flags.int_max_str_digits)";
    let limit = ["-c", limit];
    expect(&[], &limit, "4300 4300");
    expect(&[("PYTHONINTMAXSTRDIGITS", "640")], &limit, "640 640");
    expect(&[("PYTHONINTMAXSTRDIGITS", "0")], &limit, "0 0");
    expect(&[("PYTHONINTMAXSTRDIGITS", "700")], &["-X", "int_max_str_digits=800", limit[0], limit[1]], "800 800");
    expect(&[("PYTHONINTMAXSTRDIGITS", "700")], &["-E", limit[0], limit[1]], "4300 4300");
    expect(&[], &["-X", "int_max_str_digits=", limit[0], limit[1]], "0 0");
    for digits in ["639", "-1", "nonsense", "2147483648", "1_000"] {
        let message = "Fatal Python error: config_init_int_max_str_digits: PYTHONINTMAXSTRDIGITS: invalid limit; must be \
                       >= 640 or 0 for unlimited.";
        refused(&[("PYTHONINTMAXSTRDIGITS", digits)], &limit, message);
        let message = "Fatal Python error: config_init_int_max_str_digits: -X int_max_str_digits: invalid limit; must be \
                       >= 640 or 0 for unlimited.";
        refused(&[], &["-X", &format!("int_max_str_digits={digits}"), limit[0], limit[1]], message);
    }
    let program = "\
import sys, json, ast
def tried(f, *args):
    try:
        f(*args)
    except (ValueError, OverflowError, TypeError, SyntaxError) as e:
        return type(e).__name__ + ': ' + str(e)[:51]
print(tried(sys.set_int_max_str_digits, 639) is None, tried(sys.set_int_max_str_digits, 2**31))
sys.set_int_max_str_digits(640)
big, text = 10 ** 640, '9' * 641
for f, arg in ((str, big), (repr, big), ('{:d}'.format, big), ('%d'.__mod__, big), (int, text), (json.loads, text),
               (ast.literal_eval, text), (lambda n: f'{n}', big), (float, text), (hex, big), (int, '_'.join(text))):
    print(tried(f, arg))
print(tried(int, '9' * 640), tried(str, big - 1), tried(lambda: int('f' * 10000, 16)))
";
    let run = with(&[], &["-c", program]);
    let limited = "ValueError: Exceeds the limit (640 digits) for integer string co";
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.first(), Some(&"False OverflowError: Python int too large to convert to C int"), "{}", run.stderr);
    let wanted = [limited; 6].into_iter().chain(["SyntaxError: Exceeds the limit (640 digits) for integer string c"]);
    let wanted: Vec<&str> = wanted.chain([limited, "None", "None", limited, "None None None"]).collect();
    let shown: Vec<String> = lines[1..].iter().map(|l| l.chars().take(wanted[0].len()).collect()).collect();
    for (i, (found, wanted)) in shown.iter().zip(&wanted).enumerate() {
        assert!(found == wanted || wanted.starts_with(found.as_str()) && found.len() > 40, "{i}: {found} {wanted}");
    }
    assert_eq!(shown.len(), wanted.len(), "{}", run.stdout);
}

/// Units that are small in a file and would cost much: each is refused before it does.
#[test]
fn hostile_code_costs_little() {
    let none = encode(Op::LOAD_CONST, 0);
    let unit = |instructions: Vec<u32>, stack_size: u32| CodeUnit {
        instructions,
        stack_size,
        consts: vec![Constant::None],
        ..CodeUnit::default()
    };
    // A deep stack at many jump targets.
    let mut words = vec![none; 60_000];
    for _ in 0..60_000 {
        let next = words.len() as u32 + 2;
        words.extend([none, encode(Op::POP_JUMP_IF_NONE, next)]);
    }
    words.push(encode(Op::RETURN_VALUE, 0));
    let targets = unit(words, 60_002);
    // More and more on the stack.
    let unpack = [none, encode(Op::UNPACK_SEQUENCE, 1 << 20)].repeat(10_000);
    let deeper = unit(unpack, 1 << 20);
    for (unit, reason) in [(&targets, "too complex"), (&deeper, "stack size")] {
        assert_eq!(verify::verify(unit).map_err(|e| e.0), Err(format!("code object : {reason}")));
    }
    // One long text, named again and again.
    let mut file = pyc::magic().to_vec();
    let long = 1 << 20;
    file.extend([1, 0x80, 0x80, 0x40]);
    file.resize(file.len() + long, b'a');
    // File name, name, qualified name, six numbers, no locals; then names.
    file.extend([0; 10]);
    file.extend([0x80, 0x80, 0x04]);
    file.resize(file.len() + (1 << 16), 0);
    assert_eq!(pyc::decode(&file).map_err(|e| e.0).err(), Some("too much text".into()));
}
