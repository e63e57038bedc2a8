//! Threads with private data write no shared cache line in steady state; see `tests/sharing/steady_state.py`.

mod common;

#[test]
fn steady_state_writes_no_shared_line() {
    for threads in ["2", "4"] {
        let mut command = common::python();
        command.args(["tests/sharing/steady_state.py", threads, "1000"]);
        let run = common::run(command, common::time_limit());
        println!("{threads} threads\n{}", run.stdout);
        assert_eq!(run.status, Some(0), "{}\n{}{}", run.ending(), run.stdout, run.stderr);
    }
}
