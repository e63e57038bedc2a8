//! `_posixsubprocess`: starting a program in a child, for `subprocess`.

use crate::modules::posix::exec::text;
use crate::modules::posix::files::fd;
use crate::modules::posix::fork;
use crate::modules::posix::stat::id_arg;
use crate::modules::thread::handle;
use crate::object::args::Args;
use crate::object::core_types::{INT, exc};
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::tuple;
use crate::object::value::Value;
use crate::object::{list, protocol};
use crate::sys::spawn::{self, Plan};
use crate::types::exceptions::os_error;

/// The descriptors to keep: a tuple of ints that ascend.
fn kept(t: &Thread, v: &Value) -> PyResult<Vec<i32>> {
    let wrong = || raise::value_error(t, "bad value(s) in fds_to_keep");
    let mut all: Vec<i32> = Vec::new();
    if v.downcast::<tuple::Tuple>().is_none() {
        let message = format!("fork_exec() argument 4 must be tuple, not {}", v.class().display_name());
        return Err(raise::type_error(t, message));
    }
    for item in tuple::items(v) {
        if !item.class().is_subtype(&INT) {
            return Err(wrong());
        }
        let n = protocol::index_i64(t, item).ok().and_then(|n| i32::try_from(n).ok()).unwrap_or(-1);
        if n < 0 || all.last().is_some_and(|last| *last >= n) {
            if let Some(raised) = raise::pending(t) {
                drop(raise::take(t, raised));
            }
            return Err(wrong());
        }
        all.push(n);
    }
    Ok(all)
}

fn fork_exec(t: &Thread, args: Args<'_>) -> PyResult {
    let a = args.exactly_positional(t, "fork_exec", 22, 23)?;
    let numbers: Vec<i32> = a[6..14].iter().map(|v| fd(t, v)).collect::<PyResult<_>>()?;
    let close_others = protocol::is_true(t, &a[2])?;
    let keep = kept(t, &a[3])?;
    let [p2c_read, p2c_write, c2p_read, c2p_write, err_read, err_write, report_read, report_write] = numbers[..] else {
        unreachable!("eight numbers")
    };
    if close_others && report_write < 3 {
        return Err(raise::value_error(t, "errpipe_write must be >= 3"));
    }
    let program_args = match a[0].non_none() {
        None => Vec::new(),
        Some(v) => {
            let items = protocol::collect(t, v)?;
            items.iter().map(|item| text(t, item)).collect::<PyResult<_>>()?
        }
    };
    let programs = protocol::collect(t, &a[1])?.iter().map(|item| text(t, item)).collect::<PyResult<_>>()?;
    let environment = match a[5].non_none() {
        None => None,
        Some(v) => {
            let items = protocol::collect(t, v)?;
            Some(items.iter().map(|item| text(t, item)).collect::<PyResult<Vec<_>>>()?)
        }
    };
    let folder = a[4].non_none().map(|v| text(t, v)).transpose()?;
    let groups = match a[18].non_none() {
        None => None,
        Some(v) => {
            let Some(items) = list::sequence_items(t, v) else {
                return Err(raise::type_error(t, "setgroups argument must be a sequence"));
            };
            if items.len() > 65536 {
                return Err(raise::value_error(t, "too many extra_groups"));
            }
            let group = |g: &Value| {
                id_arg(t, g, "gid").or_else(|raised| {
                    raise::suppress(t, raised, &exc::OVERFLOW_ERROR)?;
                    Err(raise::value_error(t, "invalid group id"))
                })
            };
            Some(items.iter().map(group).collect::<PyResult<Vec<_>>>()?)
        }
    };
    let plan = Plan {
        programs,
        args: program_args,
        environment,
        folder,
        close_others,
        keep,
        input: (p2c_read, p2c_write),
        output: (c2p_write, c2p_read),
        error: (err_write, err_read),
        report: (report_read, report_write),
        restore_signals: protocol::is_true(t, &a[14])?,
        new_session: protocol::is_true(t, &a[15])?,
        group: fd(t, &a[16])?,
        gid: a[17].non_none().map(|v| id_arg(t, v, "gid")).transpose()?,
        groups,
        uid: a[19].non_none().map(|v| id_arg(t, v, "uid")).transpose()?,
        umask: fd(t, &a[20])?,
    };
    let pointers = plan.pointers();
    let pid = match a[21].non_none() {
        None => {
            // SAFETY: the child only runs the plan.
            let forked = unsafe {
                spawn::fork_for_exec().inspect(|pid| {
                    if *pid == 0 {
                        plan.run(&pointers, &mut || true)
                    }
                })
            };
            forked.map_err(|e| os_error::from_io(t, &e, None))?
        }
        Some(function) => {
            let pid = fork::fork_quietly(t, handle::fork)?;
            if pid == 0 {
                plan.run(&pointers, &mut || match protocol::call_values(t, function, &[]) {
                    Ok(_) => true,
                    Err(raised) => {
                        drop(raise::take(t, raised));
                        false
                    }
                })
            }
            pid
        }
    };
    Ok(Value::int(pid.into()))
}

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[Method::new(
        "fork_exec",
        "($module, args, executable_list, close_fds, pass_fds, cwd, env, p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, errpipe_read, errpipe_write, restore_signals, call_setsid, pgid_to_set, gid, extra_groups, uid, child_umask, preexec_fn, /)",
        NativeFn::Raw(fork_exec),
        "Spawn a fresh new child process.",
    )],
    ..ModuleSpec::new("_posixsubprocess", "A POSIX helper for the subprocess module.")
};
