//! Whole programs through the compiler: deep nesting, errors, bytecode texts.

use super::{Compiled, ErrorKind, Mode, Options, SyntaxError, compile};

fn exec(source: &str) -> Result<Compiled, SyntaxError> {
    compile(source, "test.py", Mode::Exec, Options::default())
}

#[test]
fn deep_nesting_is_compiled_or_refused() {
    let deep =
        |n: usize, open: &str, middle: &str, close: &str| format!("{}{middle}{}", open.repeat(n), close.repeat(n));
    let error = exec(&deep(100_000, "(", "x", ")")).unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Syntax, "too many nested parentheses"));
    assert_eq!((error.line, error.column), (1, 201));
    assert!(exec(&deep(199, "(", "x", ")")).is_ok());
    assert!(exec(&deep(199, "[", "x", "]")).is_ok());
    for (prefix, repeated) in [
        ("a", "()"),
        ("a", ".b"),
        ("a", "[0]"),
        ("a", "*a"),
        ("a", "+1"),
        ("1", "+1"),
        ("a", " if a else a"),
        ("a", "**a"),
        ("a", "<a"),
    ] {
        assert!(exec(&format!("{prefix}{}", repeated.repeat(3000))).is_ok(), "{repeated}");
        let error = exec(&format!("{prefix}{}", repeated.repeat(500_000))).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Recursion, "{repeated}: {}", error.message);
    }
    for prefix in ["not ", "-", "~", "lambda: "] {
        let source = format!("async def f(): return {}a", prefix.repeat(400));
        assert!(exec(&source).is_ok(), "{prefix}: {:?}", exec(&source).err());
        assert!(exec(&format!("{}a", prefix.repeat(500_000))).is_err(), "{prefix}");
    }
    let nested: String = (0..99).map(|i| format!("{}if a:\n", " ".repeat(i))).collect();
    assert!(exec(&format!("{nested}{}b", " ".repeat(99))).is_ok());
    let nested: String = (0..200).map(|i| format!("{}if a:\n", " ".repeat(i))).collect();
    let error = exec(&format!("{nested}{}b", " ".repeat(200))).unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Indentation, "too many levels of indentation"));
    assert!(exec(&format!("if a: pass\n{}", "elif a: pass\n".repeat(20_000))).is_ok());
    assert!(exec(&format!("x = a{}", " or a and b".repeat(20_000))).is_ok());
}
