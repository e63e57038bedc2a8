//! Streams that hold unwritten output when the process ends.
//!
//! Memory is not given back piece by piece at the end, so finalisers of open files do not run: what they would write is
//! written here. Streams are known by address; a stream leaves the list before its memory is freed.

use super::n;
use crate::object::header::Header;
use crate::object::protocol;
use crate::object::raise;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::sync::shim::Mutex;
use crate::sync::shim::atomic::{AtomicU64, Ordering::*};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Streams that write, by a number of their own, with the address of their headers.
static OPEN: LazyLock<Mutex<HashMap<u64, u64>>> = LazyLock::new(Mutex::default);

/// A stream's place in the list; leaves it when dropped, which is when the stream's payload is.
#[derive(Default)]
pub struct Listed(AtomicU64);

impl Listed {
    /// Not in the list.
    pub const fn new() -> Listed {
        Listed(AtomicU64::new(0))
    }

    /// Enters the stream whose payload this is in.
    pub fn enter(&self, stream: &Value) {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let Some(header) = stream.header() else { return };
        let number = NEXT.fetch_add(1, Relaxed);
        if self.0.compare_exchange(0, number, Relaxed, Relaxed).is_err() {
            return;
        }
        // The list hands out references on its own: the stream must be counted as shared from now on.
        header.publish();
        OPEN.lock().insert(number, std::ptr::from_ref(header) as u64);
    }

    /// Leaves the list.
    pub fn leave(&self) {
        let number = self.0.swap(0, Relaxed);
        if number != 0 {
            OPEN.lock().remove(&number);
        }
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Flushes every stream that is still open, youngest first: text is younger than the buffer it writes to. Errors are not
/// reported, as those of finalisers are not.
pub fn flush_all(t: &Thread) {
    let mut numbers: Vec<u64> = OPEN.lock().keys().copied().collect();
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    for number in numbers {
        let stream = {
            let open = OPEN.lock();
            let Some(&address) = open.get(&number) else { continue };
            // SAFETY: listed, so its payload is not dropped yet, and cannot be while the list is locked.
            let header = unsafe { &*(address as *const Header) };
            if !header.try_incref() {
                continue;
            }
            // SAFETY: the reference was counted just now.
            unsafe { Value::from_bits(address) }
        };
        if let Err(raised) = protocol::call_method(t, &stream, &n().flush, &[]) {
            drop(raise::take(t, raised));
        }
    }
}
