//! Waiting for children, and what their statuses mean.

use super::files::{fd, fileno};
use super::retry;
use crate::modules::resource::{self, Rusage};
use crate::object::args::Bound;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::tuple;
use crate::object::value::Value;
use crate::types::struct_sequence;

crate::struct_sequence! {
    pub WaitidResult, WAITID_RESULT, WAITID_SPEC: "posix", "waitid_result",
    "waitid_result: Result from waitid.\n\nThis object may be accessed either as a tuple of\n  (si_pid, si_uid, si_signo, si_status, si_code),\nor via the attributes si_pid, si_uid, and so on.\n\nSee os.waitid for more information.";
    visible 5; flags 0;
    0 si_pid "";
    1 si_uid "";
    2 si_signo "";
    3 si_status "";
    4 si_code "";
}

fn pair(pid: i64, status: i32) -> Value {
    tuple::from_slice(&[Value::int(pid), Value::int(status.into())])
}

fn waitpid(t: &Thread, pid: &Value, options: &Value) -> PyResult {
    let (pid, options) = (fd(t, pid)?, fd(t, options)?);
    let mut status = 0;
    // SAFETY: writes `status`.
    let who = retry(t, None, || unsafe { libc::waitpid(pid, &mut status, options) }.into())?;
    Ok(pair(who, status))
}

fn wait(t: &Thread) -> PyResult {
    let mut status = 0;
    // SAFETY: writes `status`.
    let who = retry(t, None, || unsafe { libc::wait(&mut status) }.into())?;
    Ok(pair(who, status))
}

fn wait_usage(t: &Thread, pid: i32, options: i32) -> PyResult {
    let mut status = 0;
    // SAFETY: an all-zero struct is valid; the call writes it.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: writes both.
    let who = retry(t, None, || unsafe { libc::wait4(pid, &mut status, options, &mut usage) }.into())?;
    // The type belongs to `resource`, which a program may not have imported.
    (crate::object::hooks::get().import)(t, "resource")?;
    let usage: Value = struct_sequence::make::<Rusage>(resource::usage_values(&usage));
    Ok(tuple::from_slice(&[Value::int(who), Value::int(status.into()), usage]))
}

fn waitid(t: &Thread, kind: &Value, id: &Value, options: &Value) -> PyResult {
    let (kind, id, options) = (fd(t, kind)?, protocol::index_i64(t, id)?, fd(t, options)?);
    // SAFETY: an all-zero struct is valid; the call writes it.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    // SAFETY: writes `info`.
    retry(t, None, || unsafe { libc::waitid(kind as libc::idtype_t, id as libc::id_t, &mut info, options) }.into())?;
    // SAFETY: a child's information has these fields.
    let (pid, uid, status) = unsafe { (info.si_pid(), info.si_uid(), info.si_status()) };
    if pid == 0 {
        return Ok(Value::NONE);
    }
    Ok(struct_sequence::make::<WaitidResult>(vec![
        Value::int(pid.into()),
        Value::int(uid.into()),
        Value::int(info.si_signo.into()),
        Value::int(status.into()),
        Value::int(info.si_code.into()),
    ]))
}

fn waitstatus_to_exitcode(t: &Thread, b: &Bound<'_>) -> PyResult {
    let status = fd(t, b.req(0))?;
    if libc::WIFEXITED(status) {
        return Ok(Value::int(libc::WEXITSTATUS(status).into()));
    }
    if libc::WIFSIGNALED(status) {
        return Ok(Value::int((-libc::WTERMSIG(status)).into()));
    }
    if libc::WIFSTOPPED(status) {
        let message = format!("process stopped by delivery of signal {}", libc::WSTOPSIG(status));
        return Err(raise::value_error(t, message));
    }
    Err(raise::value_error(t, format!("invalid wait status: {status}")))
}

/// A question about a status.
macro_rules! question {
    ($name:literal, $f:expr, $doc:literal) => {
        Method::new(
            $name,
            "($module, /, status)",
            NativeFn::Bound(|t, b| {
                let status = fd(t, b.req(0))?;
                Ok($f(status))
            }),
            $doc,
        )
    };
}

/// Readies the types of this file.
pub fn init() {
    struct_sequence::finish::<WaitidResult>();
}

fn wait3(t: &Thread, b: &Bound<'_>) -> PyResult {
    let options = fd(t, b.req(0))?;
    wait_usage(t, -1, options)
}

fn wait4(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (pid, options) = (fd(t, b.req(0))?, fd(t, b.req(1))?);
    wait_usage(t, pid, options)
}

fn setns(t: &Thread, b: &Bound<'_>) -> PyResult {
    let n = fileno(t, b.req(0))?;
    let kind = b.opt(1).map_or(Ok(0), |v| fd(t, v))?;
    // SAFETY: moves the thread to another namespace.
    retry(t, None, || unsafe { libc::setns(n, kind) }.into())?;
    Ok(Value::NONE)
}

fn unshare(t: &Thread, b: &Bound<'_>) -> PyResult {
    let flags = fd(t, b.req(0))?;
    // SAFETY: as above.
    retry(t, None, || unsafe { libc::unshare(flags) }.into())?;
    Ok(Value::NONE)
}

pub static FUNCTIONS: &[Method] = &[
    Method::new(
        "waitpid",
        "($module, pid, options, /)",
        NativeFn::F2(waitpid),
        "Wait for completion of a given child process.",
    ),
    Method::new("wait", "($module, /)", NativeFn::F0(wait), "Wait for completion of a child process."),
    Method::new("wait3", "($module, /, options)", NativeFn::Bound(wait3), "Wait for completion of a child process."),
    Method::new(
        "wait4",
        "($module, /, pid, options)",
        NativeFn::Bound(wait4),
        "Wait for completion of a specific child process.",
    ),
    Method::new(
        "waitid",
        "($module, idtype, id, options, /)",
        NativeFn::F3(waitid),
        "Returns the result of waiting for a process or processes.",
    ),
    Method::new(
        "waitstatus_to_exitcode",
        "($module, /, status)",
        NativeFn::Bound(waitstatus_to_exitcode),
        "Convert a wait status to an exit code.",
    ),
    question!(
        "WCOREDUMP",
        |s| Value::bool(libc::WCOREDUMP(s)),
        "Return True if the process returning status was dumped to a core file."
    ),
    question!(
        "WIFCONTINUED",
        |s| Value::bool(libc::WIFCONTINUED(s)),
        "Return True if a particular process was continued from a job control stop."
    ),
    question!(
        "WIFSTOPPED",
        |s| Value::bool(libc::WIFSTOPPED(s)),
        "Return True if the process returning status was stopped."
    ),
    question!(
        "WIFSIGNALED",
        |s| Value::bool(libc::WIFSIGNALED(s)),
        "Return True if the process returning status was terminated by a signal."
    ),
    question!(
        "WIFEXITED",
        |s| Value::bool(libc::WIFEXITED(s)),
        "Return True if the process returning status exited via the exit() system call."
    ),
    question!(
        "WEXITSTATUS",
        |s| Value::int(libc::WEXITSTATUS(s).into()),
        "Return the process return code from status."
    ),
    question!(
        "WTERMSIG",
        |s| Value::int(libc::WTERMSIG(s).into()),
        "Return the signal that terminated the process that provided the status value."
    ),
    question!(
        "WSTOPSIG",
        |s| Value::int(libc::WSTOPSIG(s).into()),
        "Return the signal that stopped the process that provided the status value."
    ),
    Method::new(
        "setns",
        "($module, /, fd, nstype=0)",
        NativeFn::Bound(setns),
        "Move the calling thread into different namespaces.",
    ),
    Method::new(
        "unshare",
        "($module, /, flags)",
        NativeFn::Bound(unshare),
        "Disassociate parts of a process (or thread) execution context.",
    ),
];
