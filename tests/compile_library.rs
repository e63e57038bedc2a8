//! Compiles whole libraries: no file may give an internal error.

use orochi::bytecode::{dis, pyc};
use orochi::compiler::{ErrorKind, Mode, Options, compile, decode_source};
use std::path::{Path, PathBuf};

/// Python files under a folder.
fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut entries: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|e| e == "py") {
            out.push(path);
        }
    }
}

/// The library's folders: the crate with Python's own library from cargo's registry, and the folders that the
/// variable OROCHI_PYTHON_LIB names.
fn libraries() -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> = Vec::new();
    let cargo = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo = cargo.or_else(|| std::env::var_os("HOME").map(|h| PathBuf::from(h).join(".cargo")));
    if let Some(cargo) = cargo {
        for registry in std::fs::read_dir(cargo.join("registry/src")).into_iter().flatten().flatten() {
            let lib = registry.path().join("rustpython-pylib-0.6.0/Lib");
            if lib.is_dir() {
                out.push(lib);
            }
        }
    }
    if let Some(paths) = std::env::var_os("OROCHI_PYTHON_LIB") {
        out.extend(std::env::split_paths(&paths));
    }
    out
}

#[test]
fn every_library_file_compiles() {
    let mut failures = Vec::new();
    let mut count = 0;
    for library in libraries() {
        let mut paths = Vec::new();
        files(&library, &mut paths);
        for path in paths {
            // Files that are meant not to compile or decode.
            let shown = path.to_string_lossy().into_owned();
            let Ok(bytes) = std::fs::read(&path) else { continue };
            let Ok(source) = decode_source(&bytes) else { continue };
            count += 1;
            match compile(&source, &shown, Mode::Exec, Options::default()) {
                Ok(compiled) => {
                    // Decoding verifies: jumps, operands, stack depths, borrowed locals, handlers.
                    match pyc::decode(&pyc::encode(&compiled.unit)) {
                        Ok(back) if dis::disassemble(&back) == dis::disassemble(&compiled.unit) => {}
                        Ok(_) => failures.push(format!("{shown}: changed on the way through a .pyc")),
                        Err(error) => failures.push(format!("{shown}: {}", error.0)),
                    }
                }
                Err(error) if shown.contains("bad") || shown.contains("lib2to3") => {
                    assert_ne!(error.kind, ErrorKind::Overflow, "{shown}: {}", error.message);
                }
                Err(error) => failures.push(format!("{shown}:{}: {}", error.line, error.message)),
            }
        }
    }
    println!("{count} files");
    assert!(failures.is_empty(), "{} of {count} files:\n{}", failures.len(), failures.join("\n"));
}
