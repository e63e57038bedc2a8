//! What happens where the system has no more memory.
//!
//! What may fail is told so, and raises MemoryError (`sync::may_fail`). All else — small objects, frames, the blocks of Rust's
//! library — has no way to fail, and lives on a reserve: some megabytes of the program's own image. Its thread raises
//! MemoryError at its next safepoint, or at the next growth that may fail, and what the exception then ends goes back to the
//! reserve. Where the reserve is used up, or a request is larger than what it gives out, the process ends with a message and
//! status 1, not by a signal.
//!
//! The reserve is cut into blocks of powers of two, which are never put together again: whoever runs short does so with the
//! same sizes again and again.

use crate::sync::may_fail;
use crate::sync::shim::Mutex;
use crate::sync::shim::weakened;
use std::cell::UnsafeCell;
use std::sync::OnceLock;

/// Bytes of the reserve. Untouched, they cost nothing.
const BYTES: usize = 8 << 20;
/// The largest request that the reserve serves: a page of the heap.
const LARGEST: usize = super::page::PAGE_BYTES;
const SMALLEST_LOG: u32 = 5;
const LARGEST_LOG: u32 = LARGEST.ilog2();

#[repr(align(65536))]
struct Room(UnsafeCell<[u8; BYTES]>);
// SAFETY: bytes that belong to whoever got them from `take`.
unsafe impl Sync for Room {}
static ROOM: Room = Room(UnsafeCell::new([0; BYTES]));

struct Reserve {
    /// Blocks given back, by the logarithm of their size; each holds the address of the next.
    free: [usize; LARGEST_LOG as usize + 1],
    /// Bytes handed out from the front.
    cut: usize,
}

static RESERVE: Mutex<Reserve> = Mutex::new(Reserve { free: [0; LARGEST_LOG as usize + 1], cut: 0 });
static CALLED: OnceLock<fn()> = OnceLock::new();

fn log_of(bytes: usize) -> u32 {
    bytes.next_power_of_two().ilog2().max(SMALLEST_LOG)
}

/// Sets what is called (by the allocating thread, inside an allocation: it may only leave a note) when the reserve serves a
/// thread.
pub fn on_shortage(f: fn()) {
    let _ = CALLED.set(f);
}

/// A block of the reserve, aligned to its size's power of two; null where it has none of that size.
fn take(bytes: usize) -> *mut u8 {
    if bytes > LARGEST || weakened("shortage: reserve") {
        return std::ptr::null_mut();
    }
    let log = log_of(bytes);
    let mut reserve = RESERVE.lock();
    let block = reserve.free[log as usize];
    if block != 0 {
        // SAFETY: a free block, whose first word is the next one.
        reserve.free[log as usize] = unsafe { *(block as *const usize) };
        return block as *mut u8;
    }
    let start = reserve.cut.next_multiple_of(1 << log);
    if start + (1 << log) > BYTES {
        return std::ptr::null_mut();
    }
    // The gap that alignment leaves is lost: at most as much as what is taken.
    reserve.cut = start + (1 << log);
    // SAFETY: within the room.
    unsafe { ROOM.0.get().cast::<u8>().add(start) }
}

/// Whether a block is of the reserve.
#[inline(always)]
pub fn holds(block: *mut u8) -> bool {
    (block as usize).wrapping_sub(ROOM.0.get() as usize) < BYTES
}

/// Gives a block of the reserve back.
///
/// # Safety
/// The block is of the reserve, was asked for with this size, and nobody uses it.
#[cold]
pub unsafe fn give(block: *mut u8, bytes: usize) {
    let log = log_of(bytes);
    let mut reserve = RESERVE.lock();
    // SAFETY: by the caller.
    unsafe { block.cast::<usize>().write(reserve.free[log as usize]) };
    reserve.free[log as usize] = block as usize;
}

/// The thread owes a MemoryError.
#[cold]
pub fn note() {
    may_fail::note_short();
    if let Some(called) = CALLED.get() {
        called();
    }
}

/// What the allocator answers where the system has no memory, even after a second attempt (`again`): null to who can bear it, a
/// block of the reserve otherwise.
#[cold]
pub fn after(again: impl FnOnce() -> *mut u8, bytes: usize, align: usize) -> *mut u8 {
    if super::squeeze() {
        let block = again();
        if !block.is_null() {
            return block;
        }
    }
    instead(bytes, align)
}

/// `after`, where a second attempt was made already.
#[cold]
pub fn instead(bytes: usize, align: usize) -> *mut u8 {
    if may_fail::is_marked() {
        return std::ptr::null_mut();
    }
    let block = take(bytes.max(align));
    if block.is_null() {
        end(bytes);
    }
    note();
    block
}

/// Results of more bytes than this are asked for before they are made: the reserve has none of their size.
const LARGE: usize = LARGEST / 2;

/// Whether there is room for a result of so many bytes. What is made then has no way to fail: it asks again, in vain only where
/// other threads have taken the room meanwhile.
#[inline]
pub fn has_room(bytes: usize) -> bool {
    #[cfg(feature = "proof")]
    if super::faults::is_set() {
        return has_large_room(bytes);
    }
    bytes <= LARGE || has_large_room(bytes)
}

#[cold]
fn has_large_room(bytes: usize) -> bool {
    let has_room = may_fail::reserve_exact(&mut Vec::<u8>::new(), bytes).is_ok();
    #[cfg(feature = "proof")]
    if has_room {
        super::faults::note_room(bytes);
    }
    has_room
}

/// Ends the process for want of memory.
#[cold]
pub fn end(bytes: usize) -> ! {
    let mut text = [0u8; 96];
    let mut rest = &mut text[..];
    // Nothing here may allocate. A message that does not fit is cut.
    let _ = std::io::Write::write_fmt(
        &mut rest,
        format_args!("Fatal Python error: out of memory: no room for {bytes} bytes\n"),
    );
    let left = rest.len();
    crate::sys::memory::end_process(&text[..96 - left])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_gives_and_takes() {
        let blocks: Vec<(*mut u8, usize)> = [1, 32, 33, 4096, 65536].map(|bytes| (take(bytes), bytes)).into();
        for &(block, bytes) in &blocks {
            assert!(holds(block) && (block as usize).is_multiple_of(bytes.next_power_of_two()), "{bytes}");
            // SAFETY: ours.
            unsafe { block.write_bytes(7, bytes) };
        }
        for &(block, bytes) in &blocks {
            // SAFETY: not used any more.
            unsafe { give(block, bytes) };
            assert_eq!(take(bytes), block, "{bytes}");
            // SAFETY: as above.
            unsafe { give(block, bytes) };
        }
        assert!(take(LARGEST + 1).is_null() && !holds(Box::into_raw(Box::new(0u8))));
    }
}
