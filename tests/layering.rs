//! Holds the order of the folders of `src`: a folder imports only from folders before it in the list of `src/lib.rs`.
//!
//! Also held here: every source file opens with its purpose, and `src/sync` has neither statics nor thread-locals (its
//! state is passed in, so that the models can own it).

mod common;

use std::fs;

/// The folders in the order that `src/lib.rs` documents.
fn order() -> Vec<String> {
    let text = fs::read_to_string(common::root().join("src/lib.rs")).expect("src/lib.rs can be read");
    let docs: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("//!")).collect();
    let docs = docs.join("\n");
    let (_, list) = docs.split_once("in this list").expect("the docs of src/lib.rs say \"in this list\"");
    let (_, list) = list.split_once(':').expect("a colon opens the list");
    let list = list.split_once("\n\n").map_or(list, |(first, _)| first);
    list.split('`').skip(1).step_by(2).map(str::to_string).collect()
}

/// The code of a file without comments, and without the unit tests at its end.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or(text);
    let lines: Vec<&str> = text.lines().map(|line| line.split("//").next().unwrap_or("")).collect();
    lines.join("\n")
}

/// The first names after each `crate::` of some code, through groups such as `crate::{a::b, c}`.
fn imports(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, mark) in code.match_indices("crate::") {
        let rest = &code[at + mark.len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut name = String::new();
            for character in group.chars() {
                match character {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => names.push(std::mem::take(&mut name)),
                    _ => {}
                }
                if depth == 0 && !",{} \n".contains(character) {
                    name.push(character);
                }
            }
            names.push(name);
        } else {
            names.push(rest.to_string());
        }
    }
    names
        .iter()
        .map(|name| name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>())
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn imports_point_upwards_in_the_list() {
    let order = order();
    let mut wrong = Vec::new();
    for (place, folder) in order.iter().enumerate() {
        for path in common::rust_files(&common::root().join("src").join(folder)) {
            let text = fs::read_to_string(&path).expect("the file can be read");
            for name in imports(&code(&text)) {
                if order.iter().position(|other| *other == name).is_some_and(|other| other > place) {
                    let shown = path.strip_prefix(common::root()).expect("the file is in the package").display();
                    wrong.push(format!("  {shown} imports from `{name}`, which comes after `{folder}`"));
                }
            }
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "imports against the order {order:?}:\n{}", wrong.join("\n"));
}

#[test]
fn every_folder_is_in_the_list() {
    let order = order();
    let mut folders = Vec::new();
    for entry in fs::read_dir(common::root().join("src")).expect("src can be read") {
        let entry = entry.expect("src can be read");
        if entry.path().is_dir() {
            folders.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    for folder in &folders {
        assert!(order.contains(folder), "src/{folder} is not in the list of src/lib.rs");
    }
    assert_eq!(folders.len(), order.len(), "the list of src/lib.rs names a folder that is not there: {order:?}");
}

#[test]
fn every_file_opens_with_its_purpose() {
    let mut wrong = Vec::new();
    for path in common::rust_files(&common::root().join("src")) {
        let text = fs::read_to_string(&path).expect("the file can be read");
        if !text.starts_with("//! ") {
            wrong.push(path.strip_prefix(common::root()).expect("the file is in the package").display().to_string());
        }
    }
    assert!(wrong.is_empty(), "files without a first line of documentation: {wrong:#?}");
}

/// The files of `src/sync` that may have global state: the stand-ins for the models, the models' helpers, counters that are
/// only compiled in for measuring, what is only compiled in for tests, what a thread leaves for the allocator, and the
/// process's parking lot.
const STATEFUL: &[&str] = &[
    "shim.rs",
    "testing.rs",
    "stats.rs",
    "proof/shim.rs",
    "proof/schedule.rs",
    "proof/weaken.rs",
    "may_fail.rs",
    "parking/mod.rs",
    "parking/system.rs",
];

#[test]
fn sync_has_no_global_state() {
    let mut wrong = Vec::new();
    for path in common::rust_files(&common::root().join("src/sync")) {
        if STATEFUL.iter().any(|name| path.ends_with(name)) {
            continue;
        }
        let text = fs::read_to_string(&path).expect("the file can be read");
        for line in code(&text).lines().map(str::trim_start) {
            let bare = line.trim_start_matches("pub ").trim_start_matches("pub(crate) ");
            // The sentinels of empty arrays and tables never change.
            let is_state = bare.starts_with("static ") && !bare.contains(" SENTINELS: ");
            if is_state || bare.starts_with("thread_local!") {
                wrong.push(format!("  {}: {line}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "global state in src/sync:\n{}", wrong.join("\n"));
}

#[test]
fn imports_are_found() {
    let text = "use crate::a::b;\nuse crate::{c::{d, e}, f, g::h};\nlet x = crate::i::j(crate::k);\n// use crate::no;\n\
                #[cfg(test)]\nmod tests { use crate::z; }";
    assert_eq!(imports(&code(text)), ["a", "c", "f", "g", "i", "k"]);
}
