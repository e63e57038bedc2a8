//! Holds the table in `docs/unsafe.md`: how many unsafe blocks each folder of `src` may have, each with its argument.

mod common;

use std::collections::BTreeMap;
use std::fs;

/// Whether a line of code opens an unsafe block or implementation.
fn opens(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or("");
    code.match_indices("unsafe").any(|(at, word)| {
        let before = code[..at].chars().next_back();
        let after = code[at + word.len()..].trim_start();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '"')
            && (after.starts_with('{') || after.starts_with("impl") || after.is_empty())
    })
}

/// Lines that open an unsafe block, and lines that argue for one.
fn count(text: &str) -> (usize, usize) {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or(text);
    let opened = text.lines().filter(|line| opens(line)).count();
    (opened, text.lines().filter(|line| line.contains("SAFETY:")).count())
}

#[test]
fn unsafe_code_stays_within_its_budget() {
    let text = fs::read_to_string(common::root().join("docs/unsafe.md")).expect("docs/unsafe.md can be read");
    let budget: BTreeMap<&str, usize> = text
        .lines()
        .filter_map(|line| line.strip_prefix("| `src/"))
        .map(|row| {
            let (folder, rest) = row.split_once("` | ").expect("a row names a folder and a number");
            (folder, rest.trim_end_matches(" |").parse().expect("a number of blocks"))
        })
        .collect();
    let root = common::root().join("src");
    let files = common::rust_files(&root);
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for path in &files {
        let (opened, argued) = count(&fs::read_to_string(path).expect("the file can be read"));
        let inner = path.strip_prefix(&root).expect("below the root");
        let folder = inner.iter().next().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        *found.entry(folder).or_default() += opened;
        // One argument may stand for several blocks of one statement or table, never for a whole file.
        assert!(argued > 0 || opened == 0, "{} has {opened} unsafe blocks and no argument", inner.display());
    }
    for (folder, blocks) in &found {
        let most = budget.get(folder.as_str()).copied().unwrap_or(0);
        assert!(*blocks <= most, "src/{folder} has {blocks} unsafe blocks; docs/unsafe.md allows {most}");
        assert!(most <= blocks + blocks / 10 + 20, "src/{folder} needs {blocks} unsafe blocks only: lower {most}");
    }
    for folder in budget.keys() {
        assert!(found.contains_key(*folder), "src/{folder} is gone");
    }
}

#[test]
fn blocks_are_told_from_other_words() {
    assert!(opens("    let x = unsafe { f() };") && opens("unsafe impl Send for X {}") && opens("    x = unsafe"));
    assert!(!opens("pub unsafe fn f() {") && !opens("// unsafe { }") && !opens("#![forbid(unsafe_code)]"));
    assert!(!opens("format!(\"unsafe {}\", x)"));
}
