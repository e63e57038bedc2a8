//! What the system knows of the calling thread.

/// The pthread id, as `threading.get_ident()` shows it.
pub fn ident() -> u64 {
    // SAFETY: no preconditions.
    unsafe { libc::pthread_self() as u64 }
}

/// The kernel's id of the thread.
pub fn native_id() -> i32 {
    rustix::thread::gettid().as_raw_nonzero().get()
}

/// Names the thread for the system's tools: 15 bytes at most, cut at a character.
pub fn set_name(name: &str) {
    let mut end = name.len().min(15);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    let mut bytes = [0; 16];
    bytes[..end].copy_from_slice(&name.as_bytes()[..end]);
    // A zero inside ends the name. The name is a help for people: no matter if the system does not take it.
    if let Ok(text) = std::ffi::CStr::from_bytes_until_nul(&bytes) {
        let _ = rustix::thread::set_name(text);
    }
}
