//! Calling the stream below a buffer: at once where it is a plain `FileIO`, else through its Python methods.

use super::fileio::{self, FileIo};
use super::n;
use crate::object::core_types::exc;
use crate::object::names::known;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{bigint, hooks, protocol};
use crate::types::bytearray;
use crate::types::bytes::payload as bytes;
use crate::types::memoryview::view;

/// Whether the error on its way is an OSError for an interrupted call, after which the call is made again.
fn interrupted(t: &Thread, raised: Raised) -> PyResult<()> {
    if !raise::matches(t, &raised, &exc::INTERRUPTED_ERROR) {
        return Err(raised);
    }
    drop(raise::take(t, raised));
    (hooks::get().check_attention)(t)
}

fn call_again(t: &Thread, raw: &Value, name: &Value, args: &[Value]) -> PyResult {
    loop {
        match protocol::call_method(t, raw, name, args) {
            Ok(answer) => return Ok(answer),
            Err(raised) => interrupted(t, raised)?,
        }
    }
}

/// `raw.readinto`: None where it would block, 0 at the end.
pub fn read(t: &Thread, raw: &Value, target: &mut [u8]) -> PyResult<Option<usize>> {
    if let Some(file) = raw.downcast_exact::<FileIo>() {
        return fileio::read_fd(t, file.fd_to_read(t)?, target);
    }
    let store = bytearray::make(vec![0; target.len()]);
    let memory = view::from_object(t, &store)?;
    let answer = call_again(t, raw, &n().readinto, std::slice::from_ref(&memory))?;
    if answer.is_none() {
        return Ok(None);
    }
    let got = count(t, &answer, target.len(), "raw readinto() returned invalid length")?;
    bytearray::with(t, &store, |data| {
        if let Some(data) = data.get(..got) {
            target[..got].copy_from_slice(data);
        }
    });
    Ok(Some(got))
}

fn count(t: &Thread, answer: &Value, max: usize, problem: &str) -> PyResult<usize> {
    let given = match bigint::view(answer) {
        Some(bigint::IntView::Small(given)) => given,
        Some(_) => -1,
        None => {
            let why = format!("{} failed", problem.split(' ').take(2).collect::<Vec<_>>().join(" "));
            let raised = protocol::index_i64(t, answer);
            match raised {
                Ok(given) => given,
                Err(raised) => {
                    let cause = raise::take(t, raised);
                    let raised = raise::new(t, &exc::OS_ERROR, why);
                    let e = raise::take(t, raised);
                    crate::types::exceptions::base::put_cause(t, &e, Some(&cause));
                    return Err(raise::again(t, e));
                }
            }
        }
    };
    match usize::try_from(given) {
        Ok(n) if n <= max => Ok(n),
        _ => {
            let message = format!("{problem} {given} (should have been between 0 and {max})");
            Err(raise::new(t, &exc::OS_ERROR, message))
        }
    }
}

/// `raw.write`: how many bytes were taken; None where it would block.
pub fn write(t: &Thread, raw: &Value, data: &[u8]) -> PyResult<Option<usize>> {
    if let Some(file) = raw.downcast_exact::<FileIo>() {
        return fileio::write_fd(t, file.fd_to_write(t)?, data);
    }
    let memory = view::from_object(t, &bytes::from_slice(data))?;
    let answer = call_again(t, raw, &known().write, std::slice::from_ref(&memory))?;
    if answer.is_none() {
        return Ok(None);
    }
    count(t, &answer, data.len(), "raw write() returned invalid length").map(Some)
}

fn position(t: &Thread, answer: &Value) -> PyResult<i64> {
    let at = protocol::index_i64(t, answer)?;
    if at < 0 {
        return Err(raise::new(t, &exc::OS_ERROR, format!("Raw stream returned invalid position {at}")));
    }
    Ok(at)
}

/// `raw.seek`: the new position.
pub fn seek(t: &Thread, raw: &Value, offset: i64, whence: i64) -> PyResult<i64> {
    if let Some(file) = raw.downcast_exact::<FileIo>()
        && file.fd() >= 0
    {
        return fileio::seek_fd(t, file.fd(), offset, whence as i32);
    }
    let answer = protocol::call_method(t, raw, &n().seek, &[Value::int(offset), Value::int(whence)])?;
    position(t, &answer)
}

/// `raw.tell`.
pub fn tell(t: &Thread, raw: &Value) -> PyResult<i64> {
    if let Some(file) = raw.downcast_exact::<FileIo>()
        && file.fd() >= 0
    {
        return fileio::seek_fd(t, file.fd(), 0, libc::SEEK_CUR);
    }
    let answer = protocol::call_method(t, raw, &n().tell, &[])?;
    position(t, &answer)
}

/// `raw.closed`.
pub fn is_closed(t: &Thread, raw: &Value) -> PyResult<bool> {
    match raw.downcast_exact::<FileIo>() {
        Some(file) => Ok(file.fd() < 0),
        None => super::base::is_closed(t, raw),
    }
}
