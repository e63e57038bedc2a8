//! Replays the fuzz targets' corpus (`fuzz/corpus`), with the targets' own bodies, so that neither can rot.

#[path = "../fuzz/src/bodies.rs"]
mod bodies;
mod common;

use std::fs;
use std::path::PathBuf;

/// Where the targets run: as much stack as they believe in, and room for frames that are not optimised.
const STACK: usize = 64 << 20;

fn fuzz() -> PathBuf {
    common::root().join("fuzz")
}

/// The corpus of a target, in the order of the names.
fn corpus(target: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(fuzz().join("corpus").join(target)).map(|entries| entries.flatten().collect());
    let mut files: Vec<PathBuf> = entries.unwrap_or_else(|_| Vec::new()).iter().map(fs::DirEntry::path).collect();
    files.sort();
    files
}

fn targets() -> Vec<&'static str> {
    let native = bodies::NATIVE.iter().map(|(name, _)| *name);
    native.chain(bodies::PROGRAMS.iter().copied()).collect()
}

#[test]
fn every_target_has_a_binary_and_a_corpus() {
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).expect("the manifest can be read");
    for target in targets() {
        assert!(manifest.contains(&format!("\"fuzz_targets/{target}.rs\"")), "{target} has no binary");
        assert!(fuzz().join(format!("fuzz_targets/{target}.rs")).is_file(), "{target} has no binary");
        assert!(!corpus(target).is_empty(), "{target} has no corpus");
    }
    let count = manifest.matches("[[bin]]").count();
    assert_eq!(count, targets().len(), "a binary has no target");
    let folders = fs::read_dir(fuzz().join("corpus")).expect("the folder can be read").count();
    assert_eq!(folders, targets().len(), "a corpus has no target");
}

#[test]
fn the_corpus_has_no_findings() {
    let programs = fuzz().join("programs").to_string_lossy().into_owned();
    let replay = move || {
        for target in targets() {
            for file in corpus(target) {
                let data = fs::read(&file).expect("the file can be read");
                // The name of what fails stands at the end of the output.
                eprintln!("{}", file.display());
                bodies::run(&programs, target, &data);
            }
        }
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(replay).expect("the thread starts");
    assert!(thread.join().is_ok(), "the last file above is a finding");
}
