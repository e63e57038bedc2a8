//! The tables of users and groups.

use crate::sync::parking::mutex::Mutex;
use std::ffi::CStr;
use std::io::{Error, Result};

/// An entry of the table of users.
pub struct User {
    pub name: Vec<u8>,
    pub password: Vec<u8>,
    pub uid: u32,
    pub gid: u32,
    pub full_name: Vec<u8>,
    pub home: Vec<u8>,
    pub shell: Vec<u8>,
}

/// An entry of the table of groups.
pub struct Group {
    pub name: Vec<u8>,
    pub password: Vec<u8>,
    pub gid: u32,
    pub members: Vec<Vec<u8>>,
}

/// # Safety
/// `text` is null or a terminated text.
unsafe fn bytes(text: *const libc::c_char) -> Vec<u8> {
    if text.is_null() {
        return Vec::new();
    }
    // SAFETY: by the caller.
    unsafe { CStr::from_ptr(text) }.to_bytes().to_vec()
}

/// # Safety
/// A complete entry.
unsafe fn user(p: &libc::passwd) -> User {
    // SAFETY: by the caller.
    unsafe {
        User {
            name: bytes(p.pw_name),
            password: bytes(p.pw_passwd),
            uid: p.pw_uid,
            gid: p.pw_gid,
            full_name: bytes(p.pw_gecos),
            home: bytes(p.pw_dir),
            shell: bytes(p.pw_shell),
        }
    }
}

/// # Safety
/// A complete entry.
unsafe fn group(g: &libc::group) -> Group {
    // SAFETY: by the caller.
    unsafe {
        let mut members = Vec::new();
        let mut at = g.gr_mem;
        while !at.is_null() && !(*at).is_null() {
            members.push(bytes(*at));
            at = at.add(1);
        }
        Group { name: bytes(g.gr_name), password: bytes(g.gr_passwd), gid: g.gr_gid, members }
    }
}

/// Calls a function that wants a buffer, with larger ones until it fits. `call` answers the error's number.
fn with_buffer<T>(mut call: impl FnMut(&mut [libc::c_char]) -> (i32, Option<T>)) -> Result<Option<T>> {
    let mut buffer = vec![0; 1024];
    loop {
        match call(&mut buffer) {
            (0, found) => return Ok(found),
            (libc::ERANGE, _) if buffer.len() < 1 << 26 => buffer.resize(buffer.len() * 2, 0),
            // Some systems say so where there is no such entry.
            (libc::ENOENT | libc::ESRCH, _) => return Ok(None),
            (error, _) => return Err(Error::from_raw_os_error(error)),
        }
    }
}

pub fn user_by_id(uid: u32) -> Result<Option<User>> {
    with_buffer(|buffer| {
        // SAFETY: as the function is documented; the entry is read before the buffer goes.
        unsafe {
            let mut entry: libc::passwd = std::mem::zeroed();
            let mut found = std::ptr::null_mut();
            let error = libc::getpwuid_r(uid, &mut entry, buffer.as_mut_ptr(), buffer.len(), &mut found);
            (error, found.as_ref().map(|p| user(p)))
        }
    })
}

pub fn user_by_name(name: &CStr) -> Result<Option<User>> {
    with_buffer(|buffer| {
        // SAFETY: as above.
        unsafe {
            let mut entry: libc::passwd = std::mem::zeroed();
            let mut found = std::ptr::null_mut();
            let error = libc::getpwnam_r(name.as_ptr(), &mut entry, buffer.as_mut_ptr(), buffer.len(), &mut found);
            (error, found.as_ref().map(|p| user(p)))
        }
    })
}

pub fn group_by_id(gid: u32) -> Result<Option<Group>> {
    with_buffer(|buffer| {
        // SAFETY: as above.
        unsafe {
            let mut entry: libc::group = std::mem::zeroed();
            let mut found = std::ptr::null_mut();
            let error = libc::getgrgid_r(gid, &mut entry, buffer.as_mut_ptr(), buffer.len(), &mut found);
            (error, found.as_ref().map(|g| group(g)))
        }
    })
}

pub fn group_by_name(name: &CStr) -> Result<Option<Group>> {
    with_buffer(|buffer| {
        // SAFETY: as above.
        unsafe {
            let mut entry: libc::group = std::mem::zeroed();
            let mut found = std::ptr::null_mut();
            let error = libc::getgrnam_r(name.as_ptr(), &mut entry, buffer.as_mut_ptr(), buffer.len(), &mut found);
            (error, found.as_ref().map(|g| group(g)))
        }
    })
}

/// The walk over a table has one position for the whole process.
static WALK: Mutex<()> = Mutex::new(());

/// The whole table of users.
pub fn all_users() -> Vec<User> {
    let _guard = WALK.lock();
    let mut all = Vec::new();
    // SAFETY: nobody else walks; each entry is copied before the next call.
    unsafe {
        libc::setpwent();
        while let Some(p) = libc::getpwent().as_ref() {
            all.push(user(p));
        }
        libc::endpwent();
    }
    all
}

/// The whole table of groups.
pub fn all_groups() -> Vec<Group> {
    let _guard = WALK.lock();
    let mut all = Vec::new();
    // SAFETY: as above.
    unsafe {
        libc::setgrent();
        while let Some(g) = libc::getgrent().as_ref() {
            all.push(group(g));
        }
        libc::endgrent();
    }
    all
}
