//! Reading folders.

use std::ffi::{CStr, CString};
use std::io::{Error, Result};

/// A name in a folder.
pub struct Entry {
    pub name: Vec<u8>,
    /// The system's `DT_*`; `DT_UNKNOWN` where the file system does not tell.
    pub kind: u8,
    pub inode: u64,
}

/// Which folder to read.
pub enum Folder<'a> {
    Path(&'a CStr),
    /// A descriptor, which stays open and is read from its beginning.
    Fd(i32),
}

/// The names in a folder, without `.` and `..`, in the system's order.
pub fn read(folder: Folder<'_>) -> Result<Vec<Entry>> {
    // SAFETY: terminated paths and valid streams; entries are used before the next read.
    unsafe {
        let is_fd = matches!(folder, Folder::Fd(_));
        let stream = match folder {
            Folder::Path(path) => libc::opendir(path.as_ptr()),
            Folder::Fd(fd) => {
                let own = libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0);
                if own < 0 {
                    return Err(Error::last_os_error());
                }
                let stream = libc::fdopendir(own);
                if stream.is_null() {
                    let error = Error::last_os_error();
                    libc::close(own);
                    return Err(error);
                }
                stream
            }
        };
        if stream.is_null() {
            return Err(Error::last_os_error());
        }
        let mut found = Vec::new();
        let result = loop {
            *libc::__errno_location() = 0;
            let entry = libc::readdir64(stream);
            if entry.is_null() {
                let error = Error::last_os_error();
                break if error.raw_os_error() == Some(0) { Ok(()) } else { Err(error) };
            }
            let name = CStr::from_ptr((*entry).d_name.as_ptr()).to_bytes();
            if name != b"." && name != b".." {
                found.push(Entry { name: name.to_vec(), kind: (*entry).d_type, inode: (*entry).d_ino });
            }
        };
        if is_fd {
            // The position is shared with the caller's descriptor.
            libc::rewinddir(stream);
        }
        libc::closedir(stream);
        result.map(|()| found)
    }
}

/// A path as the system wants it, of a folder's path and a name in it.
pub fn join(folder: &[u8], name: &[u8]) -> CString {
    let mut all = folder.to_vec();
    if !all.is_empty() && all.last() != Some(&b'/') {
        all.push(b'/');
    }
    all.extend_from_slice(name);
    CString::new(all).unwrap_or_default()
}
