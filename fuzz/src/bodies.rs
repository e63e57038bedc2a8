//! What each target does with its bytes. A finding is a panic (or what a sanitizer sees).
//!
//! Some targets call the compiler and the decoder of code units. The others are Python programs in `programs/`, which the VM,
//! started once per process, calls with the bytes: a program catches what its subject may raise, so that an exception that
//! comes out of it is a finding, and its own checks raise `Finding`. `compare.py` runs the same programs under CPython.

use orochi::bytecode::{dis, pyc, verify};
use orochi::compiler::{self, Mode, Options, symbols, tokens, tree};
use orochi::object::names;
use orochi::object::protocol;
use orochi::object::raise::{self, PyResult};
use orochi::object::str;
use orochi::object::thread::Thread;
use orochi::object::value::Value;
use orochi::runtime::{config, errors, imports, start};
use orochi::types::bytes::payload as bytes;
use std::cell::OnceCell;

/// The targets that are Python programs.
pub const PROGRAMS: &[&str] = &[
    "binary",
    "codecs",
    "documents",
    "formats",
    "hostile",
    "literals",
    "marshal",
    "numbers",
    "pickles",
    "regex",
    "sources",
    "structs",
    "tables",
    "texts",
    "times",
];

/// The targets that need no VM.
pub const NATIVE: &[(&str, fn(&[u8]))] = &[("compiler", compiler), ("pyc", pyc)];

/// Bytes of the native stack that the VM may believe in: a little less than a main thread has.
const STACK: usize = 7 << 20;

/// Runs a target once. `programs` is the folder of the programs.
///
/// Panics on a finding.
pub fn run(programs: &str, target: &str, data: &[u8]) {
    match NATIVE.iter().find(|(name, _)| *name == target) {
        Some((_, body)) => body(data),
        None => program(programs, target, data),
    }
}

/// Source text to tokens, tree, symbols and bytecode; what is compiled passes the checks for code from elsewhere.
fn compiler(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        // An encoding declaration, or an error.
        let _ = compiler::decode_source(data);
        return;
    };
    let lines = format!("{}\n", text.replace("\r\n", "\n").replace('\r', "\n"));
    tokens::list(&lines, true);
    tokens::list(&lines, false);
    for mode in [Mode::Exec, Mode::Eval, Mode::Single] {
        let parsed = tree::parse_tree(text, mode, Options::default()).is_ok();
        let _ = symbols::table(text, mode);
        let optimize = (data.len() % 3) as u8;
        let Ok(compiled) = compiler::compile(text, "<fuzz>", mode, Options { optimize, ..Options::default() }) else {
            continue;
        };
        assert!(parsed, "text that compiles has a tree");
        if let Err(error) = verify::verify(&compiled.unit) {
            panic!("the compiler made code that is refused: {}", error.0);
        }
        let bytes = pyc::encode(&compiled.unit);
        let back = pyc::decode(&bytes).expect("an encoded unit can be decoded");
        assert_eq!(pyc::encode(&back), bytes, "another unit came back");
        dis::disassemble(&back);
    }
}

/// The contents of a `.pyc` file behind the magic number, which nobody would guess.
fn pyc(data: &[u8]) {
    let file = [&pyc::magic()[..], data].concat();
    if let Ok(unit) = pyc::decode(&file) {
        assert!(pyc::decode(&pyc::encode(&unit)).is_ok(), "accepted once, refused then");
        dis::disassemble(&unit);
    }
}

/// The VM of a thread.
struct Vm {
    thread: Box<Thread>,
    /// The programs' `run` functions, in the order of `PROGRAMS`.
    entries: Vec<OnceCell<Value>>,
}

impl Vm {
    fn start(programs: &str) -> Vm {
        config::install(config::Config { hash_seed: Some(0), no_site: true, ..config::Config::default() });
        let Ok(thread) = start::interpreter(STACK) else { panic!("the interpreter does not start") };
        let vm = Vm { entries: PROGRAMS.iter().map(|_| OnceCell::new()).collect(), thread };
        let ready = start::library_up(&vm.thread).and_then(|()| {
            let sys = imports::import(&vm.thread, "sys")?;
            let path = protocol::get_attr_str(&vm.thread, &sys, "path")?;
            protocol::call_method_str(&vm.thread, &path, "append", &[str::from_str(programs)])
        });
        vm.expect(ready);
        vm
    }

    /// The result, unless an exception was raised: that is a finding.
    fn expect(&self, result: PyResult) -> Value {
        result.unwrap_or_else(|raised| {
            let exception = raise::take(&self.thread, raised);
            errors::print(&self.thread, &exception);
            panic!("{}", protocol::repr_lossy(&self.thread, &exception))
        })
    }

    fn entry(&self, target: &str) -> &Value {
        let index = PROGRAMS.iter().position(|name| *name == target).expect("a target of this name exists");
        self.entries[index].get_or_init(|| {
            let module = self.expect(imports::import(&self.thread, &format!("fuzz_{target}")));
            self.expect(protocol::get_attr(&self.thread, &module, &names::intern("run")))
        })
    }
}

thread_local! {
    /// Never ended: a fuzzer's process ends at any moment.
    static VM: OnceCell<&'static Vm> = const { OnceCell::new() };
}

fn program(programs: &str, target: &str, data: &[u8]) {
    VM.with(|vm| {
        let vm = vm.get_or_init(|| Box::leak(Box::new(Vm::start(programs))));
        let data = bytes::from_slice(data);
        vm.expect(protocol::call_values(&vm.thread, vm.entry(target), &[data]));
    });
}
