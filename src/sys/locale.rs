//! The C library's locale: one for the whole process.

use crate::sync::parking::mutex::Mutex;
use std::ffi::{CStr, CString};

/// What `setlocale` and `localeconv` answer is static memory: one caller at a time, who copies it.
static LOCK: Mutex<()> = Mutex::new(());

/// Sets (or for `None` asks for) the locale of a category; None where there is no such locale.
pub fn set(category: i32, name: Option<&CStr>) -> Option<Vec<u8>> {
    let _guard = LOCK.lock();
    // SAFETY: a terminated text or null; the answer is copied before anybody else asks.
    unsafe {
        let answer = libc::setlocale(category, name.map_or(std::ptr::null(), CStr::as_ptr));
        (!answer.is_null()).then(|| CStr::from_ptr(answer).to_bytes().to_vec())
    }
}

/// How numbers and money are written: texts, groupings (ended by 0 or 127), small numbers.
pub struct Conventions {
    pub texts: Vec<(&'static str, Vec<u8>)>,
    pub groupings: Vec<(&'static str, Vec<u8>)>,
    pub numbers: Vec<(&'static str, i8)>,
}

/// `localeconv`.
pub fn conventions() -> Conventions {
    let _guard = LOCK.lock();
    // SAFETY: static memory, copied before anybody else asks; its texts are terminated.
    unsafe {
        let c = &*libc::localeconv();
        let text = |t: *const libc::c_char| CStr::from_ptr(t).to_bytes().to_vec();
        Conventions {
            texts: vec![
                ("decimal_point", text(c.decimal_point)),
                ("thousands_sep", text(c.thousands_sep)),
                ("int_curr_symbol", text(c.int_curr_symbol)),
                ("currency_symbol", text(c.currency_symbol)),
                ("mon_decimal_point", text(c.mon_decimal_point)),
                ("mon_thousands_sep", text(c.mon_thousands_sep)),
                ("positive_sign", text(c.positive_sign)),
                ("negative_sign", text(c.negative_sign)),
            ],
            groupings: vec![("grouping", text(c.grouping)), ("mon_grouping", text(c.mon_grouping))],
            numbers: vec![
                ("int_frac_digits", c.int_frac_digits),
                ("frac_digits", c.frac_digits),
                ("p_cs_precedes", c.p_cs_precedes),
                ("p_sep_by_space", c.p_sep_by_space),
                ("n_cs_precedes", c.n_cs_precedes),
                ("n_sep_by_space", c.n_sep_by_space),
                ("p_sign_posn", c.p_sign_posn),
                ("n_sign_posn", c.n_sign_posn),
            ],
        }
    }
}

/// `nl_langinfo`.
pub fn information(item: i32) -> Vec<u8> {
    let _guard = LOCK.lock();
    // SAFETY: a text of the locale, or an empty one; copied before anybody else asks.
    unsafe {
        let text = libc::nl_langinfo(item);
        if text.is_null() { Vec::new() } else { CStr::from_ptr(text).to_bytes().to_vec() }
    }
}

unsafe extern "C" {
    fn strcoll(a: *const libc::c_char, b: *const libc::c_char) -> i32;
    fn strxfrm(to: *mut libc::c_char, from: *const libc::c_char, size: usize) -> usize;
    fn gettext(id: *const libc::c_char) -> *mut libc::c_char;
    fn dgettext(domain: *const libc::c_char, id: *const libc::c_char) -> *mut libc::c_char;
    fn dcgettext(domain: *const libc::c_char, id: *const libc::c_char, category: i32) -> *mut libc::c_char;
    fn textdomain(domain: *const libc::c_char) -> *mut libc::c_char;
    fn bindtextdomain(domain: *const libc::c_char, folder: *const libc::c_char) -> *mut libc::c_char;
    fn bind_textdomain_codeset(domain: *const libc::c_char, set: *const libc::c_char) -> *mut libc::c_char;
}

/// Compares by the locale's order.
pub fn compare(a: &CStr, b: &CStr) -> i32 {
    // SAFETY: terminated texts.
    unsafe { strcoll(a.as_ptr(), b.as_ptr()) }
}

/// A text whose plain order is the locale's order of the original.
pub fn order_key(text: &CStr) -> Vec<u8> {
    let mut key = vec![0u8; text.to_bytes().len() * 2 + 16];
    loop {
        // SAFETY: a terminated text; writes at most the buffer's length.
        let n = unsafe { strxfrm(key.as_mut_ptr().cast(), text.as_ptr(), key.len()) };
        if n < key.len() {
            key.truncate(n);
            return key;
        }
        key.resize(n + 1, 0);
    }
}

/// A translation, by the functions of the C library's catalogues.
pub fn translate(domain: Option<&CStr>, id: &CStr, category: Option<i32>) -> Vec<u8> {
    // SAFETY: terminated texts; the answer lives as long as the catalogue or `id`.
    unsafe {
        let answer = match (domain, category) {
            (domain, Some(category)) => dcgettext(domain.map_or(std::ptr::null(), CStr::as_ptr), id.as_ptr(), category),
            (Some(domain), None) => dgettext(domain.as_ptr(), id.as_ptr()),
            (None, None) => gettext(id.as_ptr()),
        };
        CStr::from_ptr(answer).to_bytes().to_vec()
    }
}

/// # Safety
/// Null or a terminated text.
unsafe fn copy(text: *const libc::c_char) -> Option<Vec<u8>> {
    // SAFETY: by the caller.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_bytes().to_vec())
}

/// Sets (or asks for) the domain of translations.
pub fn domain(name: Option<&CString>) -> Option<Vec<u8>> {
    let _guard = LOCK.lock();
    // SAFETY: a terminated text or null.
    unsafe { copy(textdomain(name.map_or(std::ptr::null(), |n| n.as_ptr()))) }
}

/// Sets (or asks for) the folder of a domain's catalogues.
pub fn bind_folder(domain: &CStr, folder: Option<&CString>) -> Option<Vec<u8>> {
    let _guard = LOCK.lock();
    // SAFETY: terminated texts or null.
    unsafe { copy(bindtextdomain(domain.as_ptr(), folder.map_or(std::ptr::null(), |f| f.as_ptr()))) }
}

/// Sets (or asks for) the encoding of a domain's translations.
pub fn bind_encoding(domain: &CStr, set: Option<&CString>) -> Option<Vec<u8>> {
    let _guard = LOCK.lock();
    // SAFETY: terminated texts or null.
    unsafe { copy(bind_textdomain_codeset(domain.as_ptr(), set.map_or(std::ptr::null(), |s| s.as_ptr()))) }
}
