//! Each promise of `docs/guarantees.md` is broken on purpose, and the stress check that watches over it must notice.
//!
//! A mutant is the interpreter with one step left out, by a name that stands beside the step in the source (`weakened`, see
//! `src/sync/proof.rs`): a lock, a second look, a part of an atomic step. A check that still passes then checks nothing.
//! "stress: readers linger" breaks nothing: it gives others the time to do what happens seldom in that of a few instructions.
//! What a fork must not leave out is in `tests/faults.rs`.
//!
//! | variable | meaning |
//! |---|---|
//! | OROCHI_MUTANT_SECONDS | how long each may go unnoticed at first, and that all are tried. Without it: 6, and as many are tried as 40 seconds allow |
//! | OROCHI_MUTANT_FIRST | how many of the list to put off |
//! | OROCHI_MUTANT_ONLY | a part of the names or checks of those to try |
//! | OROCHI_MUTANT_TOLD | prints how each was noticed |

mod common;

use orochi::sync::parking::mutex::Mutex;
use std::collections::{BTreeSet, VecDeque};
use std::path::Path;
use std::time::{Duration, Instant};

/// A row of the table of guarantees (the beginning of its first column), a promise in it, the step left out, and the program
/// and check of `tests/stress` that notice.
struct Mutant<'a> {
    row: &'a str,
    promise: &'a str,
    step: &'a str,
    check: &'a str,
}

macro_rules! mutants {
    ($($row:literal { $($promise:literal: $step:literal => $check:literal,)* })*) => {
        &[$($(Mutant { row: $row, promise: $promise, step: $step, check: $check },)*)*]
    };
}

const MUTANTS: &[Mutant] = mutants! {
    "int, float, str" {
        "a value stays": "stress: a str that others hold stays" => "sequences text_that_others_hold",
    }
    "list" {
        "l[i]": "list: busy" => "lists inserts_are_at_once",
        "l[i], while the list grows": "stress: retired memory waits + stress: readers linger" => "lists reading_while_moved",
        "l[i], of what was replaced": "stress: ended objects wait + stress: readers linger" => "lists two_places",
        "append": "stress: list.append" => "lists append_and_pop",
        "pop()": "stress: list.pop" => "lists append_and_pop",
        "pop(i)": "stress: list.pop(i)" => "lists insert_and_pop",
        "insert": "stress: list.insert" => "lists insert_and_pop",
        "l[i] = x": "stress: list.setitem" => "lists own_places",
        "extend by a list": "stress: list.extend by a list" => "lists extend_by_lists",
        "extend by a list, the other": "stress: list.extend by a list, the other" => "lists extend_from_changing",
        "extend by a tuple": "stress: list.extend by a tuple" => "lists extend_by_tuples",
        "extend by a range": "stress: list.extend by a range" => "lists extend_by_ranges",
        "extend by a dict": "stress: list.extend by a container" => "lists extend_by_dicts",
        "extend by a view, the other": "stress: list.extend by a container, the other" => "lists extend_from_changing",
        "slice read": "stress: list.slice" => "lists slices_are_of_one_moment",
        "slice assignment": "stress: list[slice] = x" => "lists slices_are_assigned_at_once",
        "slice assignment, the other": "stress: list[slice] = x, the other" => "lists extend_from_changing",
        "slice deletion": "stress: del list[slice]" => "lists deleting_slices",
        "copy": "stress: list.slice" => "lists copies_are_of_one_moment",
        "clear": "stress: list.clear" => "lists clear_and_refill",
        "reverse": "stress: list.reverse" => "lists reversing",
        "+": "stress: list concat" => "lists sums_are_of_one_moment",
        "+, the other": "stress: list concat, the other" => "lists sums_to_others_are_of_one_moment",
        "*": "stress: list * n" => "lists multiples_are_of_one_moment",
        "*=": "stress: list *= n" => "lists multiplying_in_place",
        "remove": "stress: list.remove" => "lists removing",
        "sort": "stress: list.sort" => "lists sorting_loses_nothing",
        "tuple(l)": "stress: list.items" => "lists tuples_are_of_one_moment",
        "==": "stress: list ==" => "lists comparing_is_of_one_moment",
        "==, the other": "stress: list ==, the other" => "lists comparing_is_of_one_moment",
    }
    "dict" {
        "d[k]": "dict: busy" => "dicts updates_are_at_once",
        "d[k], while the dict grows": "stress: retired memory waits + stress: readers linger" => "dicts reading_while_moved",
        "d[k] of a module": "dict: place guard" => "dicts variables_that_move",
        "len": "dict: changing" => "dicts lengths_keep_up",
        "set": "stress: dict.setitem" => "dicts own_keys",
        "set, of a str": "stress: dict.setitem of a str" => "dicts own_names",
        "del": "stress: dict.delitem" => "dicts own_keys",
        "pop": "stress: dict.delitem" => "dicts one_winner",
        "popitem": "stress: dict.popitem" => "dicts popitem_takes_each_once",
        "setdefault": "stress: dict.setdefault" => "dicts one_winner",
        "copy": "stress: dict.copy" => "dicts copies_are_of_one_moment",
        "clear": "stress: dict.clear" => "dicts clear_while_used",
        "update": "stress: dict.update" => "dicts merging",
        "update, the other": "stress: dict.update, the other" => "dicts updates_are_from_one_moment",
        "|=": "stress: dict.update" => "dicts updates_are_whole",
        "==": "stress: dict ==" => "dicts comparing_is_of_one_moment",
        "==, the other": "stress: dict ==, the other" => "dicts comparing_is_of_one_moment",
        "|": "stress: dict |" => "dicts unions_are_of_one_moment",
        "|, the other": "stress: dict |, the other" => "dicts unions_with_others_are_of_one_moment",
        "views to list": "stress: list.extend by a container, the other" => "dicts values_are_of_one_moment",
        "views elsewhere": "stress: views to list" => "dicts views_elsewhere_are_of_one_moment",
        "items at one moment": "stress: dict views to list" => "dicts entries_are_of_one_moment",
        "fromkeys": "stress: dict.fromkeys" => "dicts keys_for_others_are_of_one_moment",
        "an entry goes with its value": "stress: dict.remove if same" => "dicts stays_while_it_is_the_same",
    }
    "set" {
        "in": "stress: retired memory waits + stress: readers linger" => "dicts reading_while_moved",
        "add": "stress: set.add" => "sets add_and_remove",
        "discard and remove": "stress: set.remove" => "sets add_and_remove",
        "pop": "stress: set.pop" => "sets pop_takes_each_once",
        "copy": "stress: set.copy" => "sets copies_are_of_one_moment",
        "list(s)": "stress: list.extend by a container, the other" => "sets changes_are_whole",
        "clear": "stress: set.clear" => "sets clear_and_refill",
        "|": "stress: set |" => "sets unions_are_of_one_moment",
        "|, the other": "stress: set |, the other" => "sets unions_with_others_are_of_one_moment",
        "& and -": "stress: set & and -" => "sets intersections_are_of_one_moment",
        "& and -, the other": "stress: set & and -, the other" => "sets intersections_with_others_are_of_one_moment",
        "^": "stress: set ^" => "sets differences_are_of_one_moment",
        "^, the other": "stress: set ^, the other" => "sets differences_are_of_one_moment",
        "operators with dicts": "stress: set relations" => "sets relations_are_of_one_moment",
        "operators with dicts, the other": "stress: set relations, the other" => "sets relations_are_of_one_moment",
        "<= and ==": "stress: set <=" => "sets comparing_is_of_one_moment",
        "<= and ==, the other": "stress: set <=, the other" => "sets comparing_is_of_one_moment",
        "update": "stress: set.update" => "sets merging",
        "update, the other": "stress: set.update, the other" => "sets updates_are_from_one_moment",
        "update from a list": "stress: set.add many" => "sets merging",
        "&=, -= and ^=": "stress: set changes" => "sets merging",
        "&=, -= and ^=, the other": "stress: set changes, the other" => "sets changes_are_from_one_moment",
        "made again": "stress: set.replace" => "sets made_again",
        "repr": "stress: set.items" => "sets texts_are_of_one_moment",
    }
    "bytearray, array, deque" {
        "bytearray, reads": "stress: bytearray reads" => "sequences bytearray_of_one_moment",
        "bytearray, items": "stress: bytearray writes" => "sequences bytearray_own_places",
        "bytearray, size": "stress: bytearray changes of size" => "sequences bytearray_items",
        "bytearray, lent": "stress: bytearray is lent" => "sequences lent_bytes_stay",
        "array, items": "stress: array items" => "sequences array_read_while_it_grows",
        "array, size": "stress: array changes of size" => "sequences array_grows",
        "array, lent": "stress: array is lent" => "sequences lent_bytes_stay",
        "array, *=": "stress: array *= looks again" => "sequences array_multiplied",
        "no item half written": "stress: items are written in one step" => "sequences array_items_under_a_view",
        "deque, changes": "stress: deque changes" => "sequences deque_both_ends",
        "deque, reads": "stress: deque reads" => "sequences deque_of_one_moment",
        "deque, *=": "stress: deque looks at its version" => "sequences deque_multiplied",
        "deque, remove": "stress: deque looks at its version" => "sequences deque_searched",
        "OrderedDict, set": "stress: dict.setitem" => "dicts own_keys",
        "OrderedDict, move_to_end": "stress: OrderedDict.move_to_end" => "dicts moved_to_the_end",
        "OrderedDict, to the start": "stress: OrderedDict.move_to_end(last=False)" => "dicts moved_to_the_start",
        "OrderedDict, popitem": "stress: OrderedDict.popitem(last=False)" => "dicts popped_from_the_start",
        "defaultdict, missing": "stress: defaultdict's first value stays" => "dicts first_values_stay",
        "defaultdict, one winner": "stress: dict.setdefault" => "dicts first_values_stay",
        "Counter": "stress: dict.setitem" => "dicts counters",
    }
    "attributes of instances" {
        "read": "shape word: look again" => "attributes reads_under_a_dict",
        "read, while others set": "stress: ended objects wait + stress: readers linger" => "attributes attributes_are_never_torn",
        "set": "stress: attribute set" => "attributes one_attribute",
        "set, new": "stress: attribute set" => "attributes new_attributes",
        "set, under a dict": "stress: attributes go to a dict" => "attributes changes_under_a_dict",
        "delete": "stress: attribute delete" => "attributes changes_under_a_dict",
        "delete, in a dict": "stress: dict.delitem" => "dicts own_names",
        "classes": "stress: dict.setitem of a str" => "attributes own_class_attributes",
        "classes, operators": "stress: class changes" => "attributes operators_change",
        "classes, read": "version: void first" => "attributes methods_change",
        "modules": "stress: dict.setitem of a str" => "dicts own_names",
    }
    "iterators over builtins" {
        "list and tuple": "stress: iterator takes a place" => "iterators builtin_iterators",
        "range": "stress: range iterator takes a place" => "iterators builtin_iterators",
        "dict and set": "stress: iterator over a table takes a place" => "iterators builtin_iterators",
        "items of a dict": "stress: iterator over a table takes a place" => "iterators items_iterator",
        "reversed": "stress: reversed iterator takes a place" => "iterators reversed_iterators",
        "generators": "claim: take at once" => "iterators generators",
        "generators, looked at": "claim: a look is no run" => "iterators generators_looked_at",
        "a dict that changes": "stress: iterator notices changes of its dict" => "dicts changes_are_noticed",
        "a set that changes": "stress: iterator notices changes of its set" => "dicts changes_are_noticed",
    }
    "`itertools`" {
        "enumerate": "stress: enumerate counts" => "iterators enumerations",
        "map": "stress: range iterator takes a place" => "iterators maps_and_zips",
        "zip": "stress: range iterator takes a place" => "iterators maps_and_zips",
        "count": "stress: count counts" => "iterators counting",
        "count of any number": "stress: count of any number counts" => "iterators counting",
        "repeat": "stress: repeat counts" => "iterators repetitions",
        "cycle": "stress: cycle saves" => "iterators cycles",
        "chain": "stress: chain keeps its iterators" => "iterators chains",
        "islice": "stress: islice counts" => "iterators islices",
        "accumulate": "stress: accumulate looks again" => "iterators sums",
        "groupby": "stress: groupby keeps what it has read" => "iterators groups",
        "tee": "stress: tee looks again" => "iterators tees",
        "product and combinations": "stress: combinations move in one step" => "iterators selections",
    }
    // `threading.local` has none: its values lie in their thread's own memory, so there is no lock or second look to leave out.
    "`threading`" {
        "Lock": "stress: a lock excludes" => "threads_and_queues lock_counts",
        "RLock": "stress: an RLock looks for its owner" => "threads_and_queues lock_counts",
        "release": "stress: a lock is released once" => "threads_and_queues released_once",
        "Condition": "stress: a lock excludes" => "threads_and_queues conditions",
        "Semaphore": "stress: a lock excludes" => "threads_and_queues events_and_timeouts",
        "Barrier": "stress: a lock excludes" => "threads_and_queues barriers",
        "join": "stress: join waits" => "threads_and_queues joins",
        "Queue": "stress: a lock excludes" => "threads_and_queues queues",
        "SimpleQueue": "stress: SimpleQueue takes in one step" => "threads_and_queues simple_queues",
        "futures": "stress: a lock excludes" => "threads_and_queues executors",
    }
    "`id`, refcounts" {
        "refcounts, the last": "count: last decref + stress: readers linger" => "lists two_places",
        "refcounts, the end": "count: dead" => "lists items_are_never_torn",
        "refcounts, given back": "count: queue" => "weak_and_cyclic ends_come_soon",
        "sys.intern": "stress: one of those who intern a name wins" => "sharing interning",
        "imports": "stress: the import lock excludes" => "sharing imports_run_once",
    }
    "Memory model" {
        "through a list": "slot: publish + stress: readers linger" => "lists two_places",
        "through any container": "slot: publish + stress: readers linger" => "sharing published_in_containers",
        "through a generator": "claim: publish" => "iterators things_in_generators",
        "through an attribute": "slot: publish + stress: readers linger" => "attributes attributes_are_never_torn",
    }
};

/// OROCHI_MUTANT_SECONDS.
fn seconds() -> Option<f64> {
    std::env::var("OROCHI_MUTANT_SECONDS").ok().and_then(|text| text.parse().ok())
}

/// Seconds for all, where they are not asked for.
const BUDGET: Duration = Duration::from_secs(40);

/// Runs a mutant until it is noticed; how it was, or None where it was not. `patience` times the usual limit is what it may take.
fn noticed(mutant: &Mutant, seconds: f64, threads: u32, patience: u32) -> Option<String> {
    let (program, check) = mutant.check.split_once(' ').expect("a program and a check");
    let mut command = common::python();
    command.env("OROCHI_WEAKEN", mutant.step).env("OROCHI_STRESS_DISTURB", "none").env("OROCHI_STRESS_HASTE", "1");
    command.arg(format!("tests/stress/{program}.py")).arg(seconds.to_string()).arg(threads.to_string()).arg(check);
    // A mutant that loses what others wait for hangs, which is noticed as well.
    let run = common::run(command, Duration::from_secs_f64(seconds * 4.0) + common::time_limit() * patience);
    assert!(!run.stderr.contains("no such check"), "tests/stress/{program}.py has no check {check}");
    (run.status != Some(0)).then(|| format!("{}; {}", run.ending(), run.last_error()))
}

#[test]
fn all_are_noticed() {
    if !common::is_orochi() {
        return;
    }
    let only = std::env::var("OROCHI_MUTANT_ONLY").unwrap_or_default();
    let told = std::env::var_os("OROCHI_MUTANT_TOLD").is_some();
    let chosen = MUTANTS.iter().filter(|mutant| mutant.step.contains(&only) || mutant.check.contains(&only));
    let mut chosen: VecDeque<&Mutant> = chosen.collect();
    let total = chosen.len();
    let first: usize = std::env::var("OROCHI_MUTANT_FIRST").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    chosen.rotate_left(first % total.max(1));
    let queue = Mutex::new(chosen);
    let survivors: Mutex<Vec<&Mutant>> = Mutex::new(Vec::new());
    let begin = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    if seconds().is_none() && begin.elapsed() > BUDGET {
                        return;
                    }
                    let Some(mutant) = queue.lock().pop_front() else { return };
                    let start = Instant::now();
                    // Where the machine has other things to do, threads meet seldom: then it takes longer, and more of them.
                    let how = noticed(mutant, seconds().unwrap_or(6.0), 4, 1).or_else(|| noticed(mutant, 40.0, 8, 1));
                    let Mutant { row, promise, step, check } = mutant;
                    if told {
                        let (how, time) = (how.as_deref().unwrap_or("NOT NOTICED"), start.elapsed().as_secs_f64());
                        println!("{time:6.2} s  {row}: {promise}: without \"{step}\", {check}: {how}");
                    }
                    if how.is_none() {
                        survivors.lock().push(mutant);
                    }
                }
            });
        }
    });
    let left = queue.into_inner().len();
    println!("{} of {total} tried in {:.0} s", total - left, begin.elapsed().as_secs_f64());
    // Once more without another mutant beside it: where that takes a core, threads of two hardly ever run at the same time.
    let mut failures = Vec::new();
    for mutant in survivors.into_inner() {
        if noticed(mutant, 30.0, 4, 1).is_none() {
            let Mutant { row, promise, step, check } = mutant;
            failures.push(format!("  {row}: {promise}: without \"{step}\", {check} passes"));
        }
    }
    common::report(failures, total - left);
}

/// The names given to `weakened` and the like in the sources below a folder, that begin with "stress: ", and all their text.
fn names_in(folder: &Path) -> (BTreeSet<String>, String) {
    let (mut names, mut text) = (BTreeSet::new(), String::new());
    for path in common::rust_files(folder) {
        let source = std::fs::read_to_string(&path).expect("the sources can be read");
        let pieces = source.split("\"stress: ").skip(1);
        names.extend(pieces.filter_map(|piece| Some(format!("stress: {}", piece.split_once('"')?.0))));
        text.push_str(&source);
    }
    (names, text)
}

/// With readers that take their time and nothing left out, all is as promised.
#[test]
fn lingering_is_harmless() {
    let step = "stress: readers linger";
    let checks: BTreeSet<&str> = MUTANTS.iter().filter(|mutant| mutant.step.contains(step)).map(|m| m.check).collect();
    for check in &checks {
        let mutant = Mutant { row: "", promise: "", step, check };
        // Each reader gives way again and again: where others want the machine as well, a round takes minutes.
        let failure = noticed(&mutant, seconds().unwrap_or(0.3), 4, 10);
        assert!(failure.is_none(), "{check} with slow readers: {}", failure.unwrap_or_default());
    }
}

#[test]
fn every_promise_has_one() {
    let table = std::fs::read_to_string(common::root().join("docs/guarantees.md")).expect("the guarantees can be read");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| ")).filter(|row| !row.starts_with("type "));
    let rows: Vec<&str> = rows.chain(["Memory model"]).collect();
    assert!(rows.len() > 9, "the table of guarantees has rows");
    for row in rows {
        assert!(MUTANTS.iter().any(|mutant| row.starts_with(mutant.row)), "no mutant for the row {row}");
    }
    let (names, text) = names_in(&common::root().join("src"));
    let steps: BTreeSet<&str> = MUTANTS.iter().flat_map(|mutant| mutant.step.split(" + ")).collect();
    for step in &steps {
        assert!(text.contains(&format!("\"{step}\"")), "no source has the step \"{step}\"");
    }
    let faults = std::fs::read_to_string(common::root().join("tests/faults.rs")).expect("the tests can be read");
    for name in names {
        let is_used = steps.contains(&*name) || faults.contains(&format!("\"{name}\""));
        assert!(is_used, "no check for the step \"{name}\"");
    }
}
