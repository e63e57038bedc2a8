//! Blobs that are read and written in pieces, and copies of whole databases.

use super::{Database, Failure};
use crate::sync::shim::atomic::{AtomicPtr, Ordering::*};
use libsqlite3_sys as ffi;
use std::ffi::CStr;
use std::sync::Arc;

/// An open blob.
pub struct Blob {
    /// Null once it was closed. Used with the database's mutex held.
    handle: AtomicPtr<ffi::sqlite3_blob>,
    database: Arc<Database>,
    pub len: usize,
}

impl Blob {
    /// Opens the blob in a row of a table. Detached.
    pub fn open(
        database: &Arc<Database>,
        [schema, table, column]: [&CStr; 3],
        row: i64,
        writable: bool,
    ) -> Result<Blob, Failure> {
        let mut handle = std::ptr::null_mut();
        let mut len = 0;
        // SAFETY: texts that end in 0; writes the blob's handle.
        database.run(|db| unsafe {
            let names = (schema.as_ptr(), table.as_ptr(), column.as_ptr());
            let code = ffi::sqlite3_blob_open(db, names.0, names.1, names.2, row, writable.into(), &mut handle);
            if code == ffi::SQLITE_OK {
                len = ffi::sqlite3_blob_bytes(handle);
            }
            code
        })?;
        Ok(Blob { handle: AtomicPtr::new(handle), database: database.clone(), len: len as usize })
    }

    /// Runs a call with the handle; None: the blob was closed.
    fn with(&self, f: impl FnOnce(*mut ffi::sqlite3_blob) -> i32) -> Option<Result<(), Failure>> {
        let mut closed = false;
        let result = self.database.run(|_| {
            // Relaxed: under the mutex.
            let handle = self.handle.load(Relaxed);
            closed = handle.is_null();
            if closed { ffi::SQLITE_OK } else { f(handle) }
        });
        (!closed).then_some(result.map(drop))
    }

    /// Reads bytes, which are there; None: the blob was closed. Detached.
    pub fn read(&self, out: &mut [u8], offset: usize) -> Option<Result<(), Failure>> {
        // SAFETY: writes as many bytes as there is room for.
        self.with(|blob| unsafe {
            ffi::sqlite3_blob_read(blob, out.as_mut_ptr().cast(), out.len() as i32, offset as i32)
        })
    }

    /// Writes bytes, for which there is room; None: the blob was closed. Detached.
    pub fn write(&self, data: &[u8], offset: usize) -> Option<Result<(), Failure>> {
        // SAFETY: reads the bytes.
        self.with(|blob| unsafe {
            ffi::sqlite3_blob_write(blob, data.as_ptr().cast(), data.len() as i32, offset as i32)
        })
    }

    /// Closes the blob. Detached.
    pub fn close(&self) {
        self.database.alone(|_| {
            // SAFETY: nobody finds the handle any more; no handle is a call without effect.
            unsafe { ffi::sqlite3_blob_close(self.handle.swap(std::ptr::null_mut(), Relaxed)) };
        });
    }

    pub fn is_closed(&self) -> bool {
        self.handle.load(Relaxed).is_null()
    }
}

impl Drop for Blob {
    fn drop(&mut self) {
        self.close();
    }
}

/// A copy of a database on its way into another one. Both are kept.
pub struct Backup {
    handle: *mut ffi::sqlite3_backup,
    to: Arc<Database>,
    _from: Arc<Database>,
}

// SAFETY: the databases have mutexes.
unsafe impl Send for Backup {}

impl Backup {
    /// Begins a copy. Detached.
    pub fn new(from: &Arc<Database>, schema: &CStr, to: &Arc<Database>) -> Result<Backup, Failure> {
        let mut handle = std::ptr::null_mut();
        // SAFETY: open databases, which are kept.
        to.run(|target| unsafe {
            handle = ffi::sqlite3_backup_init(target, c"main".as_ptr(), from.handle, schema.as_ptr());
            if handle.is_null() { ffi::sqlite3_errcode(target) } else { ffi::SQLITE_OK }
        })?;
        Ok(Backup { handle, to: to.clone(), _from: from.clone() })
    }

    /// Copies some pages (a negative number: all); answers SQLite's code. Detached.
    pub fn step(&mut self, pages: i32) -> i32 {
        // SAFETY: a backup of ours.
        unsafe { ffi::sqlite3_backup_step(self.handle, pages) }
    }

    /// Pages that are left, and pages of the whole.
    pub fn pages(&self) -> (i32, i32) {
        // SAFETY: as above.
        unsafe { (ffi::sqlite3_backup_remaining(self.handle), ffi::sqlite3_backup_pagecount(self.handle)) }
    }

    /// Ends the copy; what went wrong, if anything did. Detached.
    pub fn finish(mut self) -> Result<(), Failure> {
        let handle = std::mem::replace(&mut self.handle, std::ptr::null_mut());
        // SAFETY: as above; the last call.
        self.to.run(|_| unsafe { ffi::sqlite3_backup_finish(handle) }).map(drop)
    }
}

impl Drop for Backup {
    fn drop(&mut self) {
        // SAFETY: as above; no handle is a call without effect.
        unsafe { ffi::sqlite3_backup_finish(self.handle) };
    }
}
