//! Compiles the pure-Python standard library with our own compiler, for embedding.
//!
//! The output, `library.bin`, begins with an index that `src/runtime/frozen.rs` searches in place. Numbers are little-endian
//! `u32`s.
//!
//! | part | contents |
//! |---|---|
//! | count | how many modules |
//! | index | per module, sorted by name: place and length of the name, place and length of the code, 1 for a package |
//! | rest | the names and the encoded code units |

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
#[allow(clippy::disallowed_types, reason = "the build script does without src/sync")]
use std::sync::Mutex;

#[allow(dead_code, unused_imports)]
#[path = "src/compiler/mod.rs"]
mod compiler;

#[allow(dead_code, unused_imports)]
#[path = "src/bytecode"]
mod bytecode {
    pub mod analysis;
    pub mod dis;
    pub mod opcode;
    pub mod pyc;
    pub mod unit;
    pub mod verify;
}

#[allow(dead_code, unused_imports)]
#[path = "src/object"]
mod object {
    pub mod operator_kind;
}

/// Folders that are large and that scripts do not import; they stay importable from the sources.
const SKIPPED: &[&str] =
    &["__pycache__", "ensurepip", "idlelib", "lib2to3", "pydoc_data", "test", "tkinter", "turtledemo"];

/// Threads that compile.
const WORKERS: usize = 2;

/// A source file of the library.
struct Source {
    path: PathBuf,
    name: String,
    package: bool,
}

/// A compiled module.
struct Module {
    package: bool,
    code: Vec<u8>,
}

#[allow(clippy::disallowed_types, reason = "the build script does without src/sync")]
fn main() {
    for path in ["build.rs", "src/compiler", "src/bytecode", "src/object/operator_kind.rs"] {
        println!("cargo:rerun-if-changed={path}");
    }
    println!("cargo:rustc-env=OROCHI_LIB={}", rustpython_pylib::LIB_PATH);
    // The sanitizers know their own allocator, and AddressSanitizer is told about the heap's blocks. (Cargo names them where
    // the compiler may use them.)
    if let Ok(names) = std::env::var("CARGO_CFG_SANITIZE") {
        println!("cargo:rustc-cfg=sanitized");
        if names.split(',').any(|name| name == "address") {
            println!("cargo:rustc-cfg=asan");
        }
    }
    let mut sources = Vec::new();
    collect(Path::new(rustpython_pylib::LIB_PATH), "", &mut sources);
    let queue = Mutex::new(sources);
    let modules = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().expect("no worker panics").pop();
                    let Some(source) = next else { break };
                    if let Some(code) = compile(&source) {
                        let module = Module { package: source.package, code };
                        modules.lock().expect("no worker panics").insert(source.name, module);
                    }
                }
            });
        }
    });
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    let modules = modules.into_inner().expect("no worker panics");
    std::fs::write(out.join("library.bin"), layout(&modules)).expect("OUT_DIR is writable");
}

/// Every module in `folder`, which is the package `prefix` (empty, or ending with a dot).
fn collect(folder: &Path, prefix: &str, sources: &mut Vec<Source>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let Some(stem) = path.file_stem().and_then(|s| s.to_str()) else { continue };
        let name = format!("{prefix}{stem}");
        if path.is_dir() {
            let init = path.join("__init__.py");
            if SKIPPED.contains(&stem) || !init.is_file() {
                continue;
            }
            collect(&path, &format!("{name}."), sources);
            sources.push(Source { path: init, name, package: true });
        } else if path.extension().is_some_and(|e| e == "py") && stem != "__init__" {
            sources.push(Source { path, name, package: false });
        }
    }
}

/// The encoded code unit of a file; None where it does not compile, which leaves the error to the import at run time.
fn compile(source: &Source) -> Option<Vec<u8>> {
    let filename = match &*source.name {
        // As importlib names itself, to leave its own frames out of tracebacks.
        "importlib._bootstrap" | "importlib._bootstrap_external" => format!("<frozen {}>", source.name),
        _ => source.path.to_str()?.to_string(),
    };
    let bytes = std::fs::read(&source.path).ok()?;
    let text = compiler::decode_source(&bytes).ok()?;
    match compiler::compile(&text, &filename, compiler::Mode::Exec, compiler::Options::default()) {
        Ok(compiled) => Some(bytecode::pyc::encode(&compiled.unit)),
        Err(error) => {
            println!("cargo:warning={} is not embedded: {}", source.name, error.message);
            None
        }
    }
}

fn layout(modules: &BTreeMap<String, Module>) -> Vec<u8> {
    const ENTRY: usize = 5 * 4;
    let number = |n: usize| u32::try_from(n).expect("the library is smaller than 4 GiB").to_le_bytes();
    let (mut index, mut rest) = (Vec::<u8>::new(), Vec::<u8>::new());
    let start = 4 + modules.len() * ENTRY;
    index.extend(number(modules.len()));
    for (name, module) in modules {
        index.extend(number(start + rest.len()));
        index.extend(number(name.len()));
        rest.extend(name.as_bytes());
        index.extend(number(start + rest.len()));
        index.extend(number(module.code.len()));
        rest.extend(&module.code);
        index.extend(number(module.package.into()));
    }
    index.extend(rest);
    index
}
