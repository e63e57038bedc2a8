//! Runs the litmus table of `tests/schedules` under seeded schedules of the whole machine (`src/sync/proof/schedule.rs`).
//!
//! OROCHI_SCHEDULES is the number of schedules of each row (300 by default). A row that fails names its seed.

mod common;

use std::process::Command;
use std::time::Duration;

fn schedules() -> u32 {
    std::env::var("OROCHI_SCHEDULES").ok().and_then(|text| text.parse().ok()).unwrap_or(300)
}

/// The table's program, its places in memory and hashes the same in each run.
fn litmus(count: u32) -> Command {
    let mut command = common::python();
    command.arg("tests/schedules/litmus.py").arg(count.to_string()).env("PYTHONHASHSEED", "0");
    command
}

fn limit(count: u32) -> Duration {
    common::time_limit() + Duration::from_millis(300) * count
}

/// Half of the table, so that the halves run at the same time.
fn holds(part: &str) {
    let count = schedules();
    let mut command = litmus(count);
    command.arg(part);
    let run = common::run(command, limit(count));
    println!("{}", run.stdout);
    assert_eq!(run.status, Some(0), "{}\n{}{}", run.ending(), run.stdout, run.stderr);
    assert!(run.stdout.contains(" hold"), "the table was not run to its end:\n{}", run.stdout);
}

#[test]
fn outcomes_are_those_of_some_order_first_half() {
    holds("0/2");
}

#[test]
fn outcomes_are_those_of_some_order_second_half() {
    holds("1/2");
}

#[test]
fn a_seed_gives_the_same_schedule_again() {
    let run = || {
        let mut command = litmus(60);
        command.args(["--workers", "list_append_and_pop", "attributes_come_in_order", "a_lock_guards_a_counter"]);
        let run = common::run(command, limit(60));
        assert_eq!(run.status, Some(0), "{}\n{}", run.ending(), run.stderr);
        run.stdout
    };
    let (first, second) = (run(), run());
    // Where the watchdog had to act, on a machine that is very busy, the schedule is another one.
    let is_exact = |text: &str| text.lines().all(|line| line.contains("  0 stuck") || line.starts_with("all"));
    if is_exact(&first) && is_exact(&second) {
        assert_eq!(first, second);
    }
}

/// Steps left out (`weakened` in the source), each with rows of the table of which one has to fail then.
const MUTANTS: &[(&str, &[&str])] = &[
    ("claim: a look is no run", &["generator_is_looked_at"]),
    ("claim: take at once", &["generator_is_entered_by_one"]),
    ("count: queue", &["weak_reference_and_the_last_reference"]),
    ("dict: busy", &["dict_update_adds_all_at_once"]),
    ("dict: dead value", &["dict_value_is_never_missing"]),
    ("dict: hint", &["dict_changes_while_keys_are_compared"]),
    ("dict: key set", &["global_hides_a_builtin"]),
    ("dict: place guard", &["global_in_another_table"]),
    ("list: busy", &["list_pop_moves_all_at_once", "list_insert_moves_all_at_once"]),
    ("list: miss", &["list_item_is_never_missing_for_a_method"]),
    ("lock: come back detached", &["list_append_and_pop"]),
    ("shape word: look again", &["attributes_and_their_dict"]),
    ("world: enter despite stop", &["cycle_is_collected_once"]),
];

#[test]
fn a_step_left_out_is_noticed() {
    let mut failures = Vec::new();
    for (name, rows) in MUTANTS {
        let mut command = litmus(2000);
        command.args(*rows).env("OROCHI_WEAKEN", name);
        // One that stands still is noticed, too.
        let run = common::run(command, common::time_limit());
        if run.status == Some(0) {
            failures.push(format!("  without \"{name}\" all is well:\n{}", run.stdout));
        }
    }
    common::report(failures, MUTANTS.len());
}
