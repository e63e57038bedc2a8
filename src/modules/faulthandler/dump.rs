//! Writing the places where threads are, without memory and locks: also out of a signal handler.

use crate::interp::frame::Frame;
use crate::object::str;
use crate::object::thread::{Thread, WORLD};
use crate::object::value::Value;
use std::sync::atomic::Ordering::Acquire;

/// The most frames of a thread that are shown.
const FRAMES: usize = 100;
/// The most characters of a name that are shown.
const NAME: usize = 500;

/// Writes to a descriptor, a piece at a time.
pub struct Out {
    fd: i32,
    buffer: [u8; 256],
    n: usize,
}

impl Out {
    pub fn new(fd: i32) -> Out {
        Out { fd, buffer: [0; 256], n: 0 }
    }

    fn byte(&mut self, b: u8) {
        if self.n == self.buffer.len() {
            self.flush();
        }
        self.buffer[self.n] = b;
        self.n += 1;
    }

    pub fn text(&mut self, text: &str) {
        text.bytes().for_each(|b| self.byte(b));
    }

    fn hex(&mut self, n: u64, width: u32) {
        (0..width).rev().for_each(|i| self.byte(b"0123456789abcdef"[(n >> (4 * i) & 15) as usize]));
    }

    pub fn number(&mut self, n: u64) {
        if n >= 10 {
            self.number(n / 10);
        }
        self.byte(b'0' + (n % 10) as u8);
    }

    /// A character, in ASCII.
    fn character(&mut self, c: u32) {
        match c {
            0x20..=0x7e => self.byte(c as u8),
            0..=0xff => {
                self.text("\\x");
                self.hex(c.into(), 2);
            }
            0x100..=0xffff => {
                self.text("\\u");
                self.hex(c.into(), 4);
            }
            _ => {
                self.text("\\U");
                self.hex(c.into(), 8);
            }
        }
    }

    fn name(&mut self, v: &Value) {
        match str::view(v) {
            None => self.text("???"),
            Some(text) => {
                text.code_points().take(NAME).for_each(|c| self.character(c));
                if text.len() > NAME {
                    self.text("...");
                }
            }
        }
    }

    pub fn flush(&mut self) {
        // SAFETY: writes bytes of our own; `write` is async-signal-safe.
        unsafe { libc::write(self.fd, self.buffer.as_ptr().cast(), self.n) };
        self.n = 0;
    }
}

impl Drop for Out {
    fn drop(&mut self) {
        self.flush();
    }
}

/// The frames of a thread that is the calling one, or stopped.
fn frames(out: &mut Out, t: &Thread) {
    let mut frame = t.frame.get().cast::<Frame>();
    if frame.is_null() {
        out.text("  <no Python frame>\n");
    }
    let mut n = 0;
    while !frame.is_null() {
        if n == FRAMES {
            out.text("  ...\n");
            break;
        }
        // SAFETY: the thread's frames stay as they are while it is here or stopped.
        let (code, line, previous) = unsafe {
            let code = (*frame).code();
            (code, code.location((*frame).lasti()).line, (*frame).previous)
        };
        out.text("  File \"");
        code.filename_text.chars().take(NAME).for_each(|c| out.character(c.into()));
        out.text("\", line ");
        out.number(line.into());
        out.text(" in ");
        out.name(&code.name);
        out.text("\n");
        frame = previous;
        n += 1;
    }
}

fn heading(out: &mut Out, word: &str, ident: u64) {
    out.text(word);
    out.text(" 0x");
    out.hex(ident, 16);
    out.text(" (most recent call first):\n");
}

/// The calling thread. Safe in a signal handler.
pub fn here(out: &mut Out, t: &Thread, title: bool) {
    if title {
        heading(out, "Current thread", crate::sys::thread::ident());
    } else {
        out.text("Stack (most recent call first):\n");
    }
    frames(out, t);
}

/// All threads, with the world stopped. `own`: whether the calling thread is one of them.
pub fn everywhere(out: &mut Out, t: &Thread, own: bool) {
    let stopped = WORLD.stop(t.record);
    let mut first = true;
    for member in stopped.members() {
        // SAFETY: the thread is stopped, or the calling one; a context lives as long as its record is taken.
        let Some(other) = (unsafe { member.extra.thread.load(Acquire).as_ref() }) else { continue };
        let is_own = std::ptr::eq(other, t);
        if is_own && !own {
            continue;
        }
        if !first {
            out.text("\n");
        }
        first = false;
        if is_own {
            here(out, t, true);
        } else {
            let ident = member.extra.ident.load(std::sync::atomic::Ordering::Relaxed);
            heading(out, "Thread", ident);
            frames(out, other);
        }
    }
}
