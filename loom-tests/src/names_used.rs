//! Each step that `src/sync` can leave out is left out by a twin, and the README names each.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The texts that a call is given as its first argument, anywhere below a folder.
fn given_to(call: &str, folder: &Path) -> BTreeSet<String> {
    let mut files = Vec::new();
    sources(folder, &mut files);
    let texts = files.iter().map(|file| fs::read_to_string(file).expect("a source can be read"));
    let open = format!("{call}(\"");
    texts
        .flat_map(|text| {
            let starts: Vec<usize> = text.match_indices(&open).map(|(at, _)| at + open.len()).collect();
            starts.into_iter().map(|at| text[at..].split('"').next().expect("a text").to_owned()).collect::<Vec<_>>()
        })
        // Not the documentation's placeholder, nor what tests of the whole machine leave out.
        .filter(|name| name.contains(": ") && !name.starts_with("place:") && !name.starts_with("stress:"))
        .collect()
}

#[test]
fn every_step_has_a_twin_and_a_place_in_the_table() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut steps = given_to("weakened", &here.join("../src/sync"));
    steps.append(&mut given_to("weakened", &here.join("src")));
    let parts = |names: BTreeSet<String>| -> BTreeSet<String> {
        names.iter().flat_map(|names| names.split(" + ").map(str::to_owned)).collect()
    };
    let left_out = parts(given_to("fails_without", &here.join("src")));
    assert!(steps.len() > 70, "the sources are found");
    assert_eq!(steps, left_out, "steps that can be left out, and steps that a twin leaves out");
    let readme = fs::read_to_string(here.join("README.md")).expect("the README can be read");
    let rows = readme.lines().filter(|line| line.starts_with("| ") && line.matches(" | ").count() == 4);
    let named: BTreeSet<String> = rows
        .skip(1)
        .flat_map(|row| {
            let twins = row.rsplit(" | ").next().expect("a cell").trim_end_matches('|');
            twins.split([',', '+']).map(|twin| twin.trim().to_owned()).collect::<Vec<_>>()
        })
        .collect();
    let short: Vec<_> = left_out.iter().filter(|step| !is_named(step, &named)).collect();
    assert!(short.is_empty(), "steps that the table does not name: {short:?}");
}

/// Whether the table names a step; it may leave out the place where that is the model's.
fn is_named(step: &str, named: &BTreeSet<String>) -> bool {
    named.contains(step) || named.contains(step.split_once(": ").expect("a place and a step").1)
}
