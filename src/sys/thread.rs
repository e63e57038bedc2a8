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
    if let Ok(text) = std::ffi::CString::new(&name[..end]) {
        let _ = rustix::thread::set_name(&text);
    }
}
