//! Python's objects as what SQLite calls back. Every call attaches the thread, which is in one of SQLite's functions.

use super::convert;
use crate::object::core_types::exc;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::value::{Stored, Value};
use crate::object::{bigint, protocol, str};
use crate::sys::sqlite::callbacks::{Aggregate, Collation, Group, Hook, Outcome, Refusal, Scalar};
use crate::sys::sqlite::{Cell, Failure};
use libsqlite3_sys as ffi;
use std::cmp::Ordering;
use std::ffi::CStr;

/// Something to be called.
pub struct Callback(pub Stored);

fn arguments(t: &Thread, cells: &[Cell<'_>]) -> PyResult<Vec<Value>> {
    cells.iter().map(|cell| convert::argument(t, cell)).collect()
}

impl Scalar for Callback {
    fn call(&self, cells: &[Cell<'_>]) -> Outcome {
        Thread::current().attached(|t| {
            let answer = arguments(t, cells).and_then(|args| protocol::call_values(t, &self.0, &args));
            convert::outcome(t, answer, &self.0, "user-defined function raised exception")
        })
    }
}

/// An instance of an aggregate's class.
struct Instance {
    class: Stored,
    object: Stored,
}

impl Aggregate for Callback {
    fn start(&self) -> Result<Box<dyn Group>, Refusal> {
        Thread::current().attached(|t| match protocol::call_values(t, &self.0, &[]) {
            Ok(object) => {
                let class = Stored::new(Value::clone(&self.0));
                Ok(Box::new(Instance { class, object: Stored::new(object) }) as Box<dyn Group>)
            }
            Err(raised) => {
                let message = "user-defined aggregate's '__init__' method raised error";
                Err(convert::refusal(t, raised, &self.0, message))
            }
        })
    }
}

impl Instance {
    /// Calls a method. Attached.
    fn method(&self, t: &Thread, name: &str, cells: &[Cell<'_>]) -> Result<Value, Refusal> {
        let wrong = |t: &Thread, raised, what| {
            let message = format!("user-defined aggregate's '{name}' method {what}");
            Err(convert::refusal(t, raised, &self.class, &message))
        };
        let method = match protocol::get_attr_str(t, &self.object, name) {
            Ok(method) => method,
            Err(raised) if raise::matches(t, &raised, &exc::ATTRIBUTE_ERROR) => return wrong(t, raised, "not defined"),
            Err(raised) => return wrong(t, raised, "raised error"),
        };
        match arguments(t, cells).and_then(|args| protocol::call_values(t, &method, &args)) {
            Ok(answer) => Ok(answer),
            Err(raised) => wrong(t, raised, "raised error"),
        }
    }

    fn result(&self, t: &Thread, name: &str) -> Outcome {
        let answer = self.method(t, name, &[])?;
        let message = format!("user-defined aggregate's '{name}' method raised error");
        convert::outcome(t, Ok(answer), &self.class, &message)
    }
}

impl Group for Instance {
    fn add(&mut self, cells: &[Cell<'_>]) -> Result<(), Refusal> {
        Thread::current().attached(|t| self.method(t, "step", cells).map(drop))
    }

    fn remove(&mut self, cells: &[Cell<'_>]) -> Result<(), Refusal> {
        Thread::current().attached(|t| self.method(t, "inverse", cells).map(drop))
    }

    fn value(&mut self) -> Outcome {
        Thread::current().attached(|t| self.result(t, "value"))
    }

    fn finish(self: Box<Self>) -> Outcome {
        Thread::current().attached(|t| {
            let result = self.result(t, "finalize");
            drop(self);
            result
        })
    }
}

impl Collation for Callback {
    fn compare(&self, a: &[u8], b: &[u8]) -> Ordering {
        Thread::current().attached(|t| {
            let call = || -> PyResult<Ordering> {
                let answer = protocol::call_values(t, &self.0, &[convert::text(t, a)?, convert::text(t, b)?])?;
                match bigint::view(&answer) {
                    Some(bigint::IntView::Small(n)) => Ok(n.cmp(&0)),
                    Some(bigint::IntView::Big(_)) => Ok(Ordering::Equal),
                    None => Err(raise::type_error(t, "an integer is required")),
                }
            };
            call().unwrap_or_else(|raised| {
                convert::show(t, raised, &self.0);
                Ordering::Equal
            })
        })
    }
}

impl Hook for Callback {
    fn authorize(&self, action: i32, words: [Option<&CStr>; 4]) -> i32 {
        Thread::current().attached(|t| {
            let call = || -> PyResult<i32> {
                let mut args = vec![Value::int(action.into())];
                for word in words {
                    args.push(word.map_or(Ok(Value::NONE), |word| convert::text(t, word.to_bytes()))?);
                }
                let answer = protocol::call_values(t, &self.0, &args)?;
                if bigint::view(&answer).is_none() {
                    return Ok(ffi::SQLITE_DENY);
                }
                crate::types::bytes::args::c_int(t, &answer)
            };
            call().unwrap_or_else(|raised| {
                convert::show(t, raised, &self.0);
                ffi::SQLITE_DENY
            })
        })
    }

    fn progress(&self) -> bool {
        Thread::current().attached(|t| {
            let answer = protocol::call_values(t, &self.0, &[]).and_then(|answer| protocol::is_true(t, &answer));
            answer.unwrap_or_else(|raised| {
                convert::show(t, raised, &self.0);
                true
            })
        })
    }

    fn trace(&self, sql: Result<&[u8], Failure>) {
        Thread::current().attached(|t| {
            let called = match sql {
                Ok(sql) => {
                    let text = str::from_str(&String::from_utf8_lossy(sql));
                    protocol::call_values(t, &self.0, &[text]).map(drop)
                }
                Err(failure) => Err(super::errors::failure(t, &failure)),
            };
            if let Err(raised) = called {
                convert::show(t, raised, &self.0);
            }
        });
    }
}
