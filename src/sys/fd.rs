//! File descriptors.

/// Whether a descriptor number is open in this process.
pub fn is_open(fd: i32) -> bool {
    // SAFETY: asks about the number only.
    unsafe { libc::fcntl(fd, libc::F_GETFD) != -1 }
}

/// Whether a descriptor is a terminal.
pub fn is_terminal(fd: i32) -> bool {
    // SAFETY: asks about the number only.
    unsafe { libc::isatty(fd) == 1 }
}

/// The system's text for an error number, as C's `strerror`.
pub fn error_text(number: i32) -> String {
    // SAFETY: `strerror` answers a static or thread-local text for any number.
    unsafe { std::ffi::CStr::from_ptr(libc::strerror(number)) }.to_string_lossy().into_owned()
}

/// Whether operations on a descriptor wait.
pub fn is_blocking(fd: i32) -> std::io::Result<bool> {
    // SAFETY: asks about the number only.
    let flags = unsafe { libc::fcntl(fd, libc::F_GETFL) };
    if flags < 0 { Err(std::io::Error::last_os_error()) } else { Ok(flags & libc::O_NONBLOCK == 0) }
}
