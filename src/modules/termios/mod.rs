//! `termios`: terminals' settings.

mod constants;

use crate::modules::posix::files::{fd, fileno};
use crate::object::core_types::exc;
use crate::object::exception::BaseException;
use crate::object::list::List;
use crate::object::names;
use crate::object::protocol;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{StaticType, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{list, str, tuple};
use crate::types::bytes::payload as bytes;
use crate::types::exceptions::os_error;
use std::io::Error;

/// `termios.error`.
static ERROR: StaticType = StaticType::new(&ERROR_SPEC);

static ERROR_SPEC: TypeSpec = TypeSpec {
    base: Some(&exc::EXCEPTION),
    flags: flag::BASETYPE,
    ..TypeSpec::new("termios", "error", layout_of::<BaseException>(true))
};

fn failed(t: &Thread, error: &Error) -> Raised {
    let n = error.raw_os_error().unwrap_or(0);
    let args = [Value::int(n.into()), str::from_str(&os_error::strerror(n))];
    raise::with_args(t, &ERROR, tuple::from_slice(&args))
}

/// Runs a call that may wait for the terminal, detached.
fn run(t: &Thread, mut call: impl FnMut() -> i32) -> PyResult<()> {
    let failure = t.detached(|| (call() < 0).then(Error::last_os_error));
    match failure {
        None => Ok(()),
        Some(e) => Err(failed(t, &e)),
    }
}

fn tcgetattr(t: &Thread, v: &Value) -> PyResult {
    let n = fileno(t, v)?;
    // SAFETY: all zeros is valid; the call writes it.
    let mut mode: libc::termios = unsafe { std::mem::zeroed() };
    // SAFETY: as above.
    run(t, || unsafe { libc::tcgetattr(n, &mut mode) })?;
    let canonical = mode.c_lflag & libc::ICANON != 0;
    let characters = mode.c_cc.iter().enumerate().map(|(i, c)| match i {
        // These two are numbers where lines are not edited.
        libc::VMIN | libc::VTIME if !canonical => Value::int((*c).into()),
        _ => bytes::from_slice(&[*c]),
    });
    // SAFETY: reads the struct.
    let (input, output) = unsafe { (libc::cfgetispeed(&mode), libc::cfgetospeed(&mode)) };
    let numbers = [mode.c_iflag, mode.c_oflag, mode.c_cflag, mode.c_lflag, input, output];
    let mut all: Vec<Value> = numbers.iter().map(|n| Value::int((*n).into())).collect();
    all.push(list::from_vec(characters.collect()));
    Ok(list::from_vec(all))
}

fn tcsetattr(t: &Thread, v: &Value, when: &Value, mode: &Value) -> PyResult {
    let (n, when) = (fileno(t, v)?, fd(t, when)?);
    let wrong = || raise::type_error(t, "tcsetattr, arg 3: must be 7 element list");
    let parts = match mode.downcast::<List>() {
        Some(parts) => parts.items(t),
        None => return Err(wrong()),
    };
    let [iflag, oflag, cflag, lflag, input, output, characters] = &parts[..] else { return Err(wrong()) };
    // SAFETY: all zeros is valid; the call writes it.
    let mut new: libc::termios = unsafe { std::mem::zeroed() };
    // SAFETY: as above.
    run(t, || unsafe { libc::tcgetattr(n, &mut new) })?;
    let number = |v: &Value| protocol::index_i64(t, v).map(|n| n as u32);
    (new.c_iflag, new.c_oflag) = (number(iflag)?, number(oflag)?);
    (new.c_cflag, new.c_lflag) = (number(cflag)?, number(lflag)?);
    let (input, output) = (number(input)?, number(output)?);
    let characters = match characters.downcast::<List>() {
        Some(all) if all.len() == new.c_cc.len() => all.items(t),
        _ => {
            let message = format!("tcsetattr: attributes[6] must be {} element list", new.c_cc.len());
            return Err(raise::type_error(t, message));
        }
    };
    for (to, from) in new.c_cc.iter_mut().zip(&characters) {
        *to = match bytes::view(from) {
            Some([one]) => *one,
            None if from.class().slots.index.get().is_some() => number(from)? as u8,
            _ => {
                let message = "tcsetattr: elements of attributes must be characters or integers";
                return Err(raise::type_error(t, message));
            }
        };
    }
    // SAFETY: writes the struct.
    let speeds = unsafe { libc::cfsetispeed(&mut new, input) == 0 && libc::cfsetospeed(&mut new, output) == 0 };
    if !speeds {
        return Err(failed(t, &Error::last_os_error()));
    }
    // SAFETY: reads the struct.
    run(t, || unsafe { libc::tcsetattr(n, when, &new) })?;
    Ok(Value::NONE)
}

/// A call with a descriptor and a number.
fn with_number(t: &Thread, v: &Value, number: &Value, call: unsafe extern "C" fn(i32, i32) -> i32) -> PyResult {
    let (n, number) = (fileno(t, v)?, fd(t, number)?);
    // SAFETY: calls on numbers.
    run(t, || unsafe { call(n, number) })?;
    Ok(Value::NONE)
}

fn tcdrain(t: &Thread, v: &Value) -> PyResult {
    let n = fileno(t, v)?;
    // SAFETY: a call on a number.
    run(t, || unsafe { libc::tcdrain(n) })?;
    Ok(Value::NONE)
}

fn tcgetwinsize(t: &Thread, v: &Value) -> PyResult {
    let n = fileno(t, v)?;
    // SAFETY: all zeros is valid; the call writes it.
    let mut size: libc::winsize = unsafe { std::mem::zeroed() };
    // SAFETY: as above.
    run(t, || unsafe { libc::ioctl(n, libc::TIOCGWINSZ, &mut size) })?;
    Ok(tuple::from_slice(&[Value::int(size.ws_row.into()), Value::int(size.ws_col.into())]))
}

fn tcsetwinsize(t: &Thread, v: &Value, new: &Value) -> PyResult {
    let n = fileno(t, v)?;
    let wrong = || raise::type_error(t, "tcsetwinsize, arg 2: must be a two-item sequence");
    if new.class().slots.getitem.get().is_none() {
        return Err(wrong());
    }
    let parts = protocol::collect(t, new)?;
    let [rows, columns] = &parts[..] else { return Err(wrong()) };
    let number = |v: &Value| {
        let n = protocol::index_i64(t, v)?;
        u16::try_from(n).map_err(|_| raise::overflow_error(t, "winsize value(s) out of range."))
    };
    let (rows, columns) = (number(rows)?, number(columns)?);
    // SAFETY: all zeros is valid; the call writes it.
    let mut size: libc::winsize = unsafe { std::mem::zeroed() };
    // SAFETY: as above.
    run(t, || unsafe { libc::ioctl(n, libc::TIOCGWINSZ, &mut size) })?;
    (size.ws_row, size.ws_col) = (rows, columns);
    // SAFETY: reads the struct.
    run(t, || unsafe { libc::ioctl(n, libc::TIOCSWINSZ, &size) })?;
    Ok(Value::NONE)
}

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    for (name, n) in constants::NAMED.iter().chain(constants::OTHERS) {
        protocol::set_attr(t, module, &names::intern(name), &Value::int(*n))?;
    }
    Ok(())
}

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "tcgetattr",
            "($module, fd, /)",
            NativeFn::F1(tcgetattr),
            "Get the tty attributes for file descriptor fd.",
        ),
        Method::new(
            "tcsetattr",
            "($module, fd, when, attributes, /)",
            NativeFn::F3(tcsetattr),
            "Set the tty attributes for file descriptor fd.",
        ),
        Method::new(
            "tcsendbreak",
            "($module, fd, duration, /)",
            NativeFn::F2(|t, v, n| with_number(t, v, n, libc::tcsendbreak)),
            "Send a break on file descriptor fd.",
        ),
        Method::new(
            "tcdrain",
            "($module, fd, /)",
            NativeFn::F1(tcdrain),
            "Wait until all output written to file descriptor fd has been transmitted.",
        ),
        Method::new(
            "tcflush",
            "($module, fd, queue, /)",
            NativeFn::F2(|t, v, n| with_number(t, v, n, libc::tcflush)),
            "Discard queued data on file descriptor fd.",
        ),
        Method::new(
            "tcflow",
            "($module, fd, action, /)",
            NativeFn::F2(|t, v, n| with_number(t, v, n, libc::tcflow)),
            "Suspend or resume input or output on file descriptor fd.",
        ),
        Method::new(
            "tcgetwinsize",
            "($module, fd, /)",
            NativeFn::F1(tcgetwinsize),
            "Get the tty winsize for file descriptor fd.",
        ),
        Method::new(
            "tcsetwinsize",
            "($module, fd, winsize, /)",
            NativeFn::F2(tcsetwinsize),
            "Set the tty winsize for file descriptor fd.",
        ),
    ],
    types: &[&ERROR],
    init: Some(init),
    ..ModuleSpec::new("termios", "This module provides an interface to the Posix calls for tty I/O control.")
};
