//! Path arguments: str, bytes or an object with `__fspath__`.

use crate::object::names::known;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::str::{self, Str};
use crate::object::table::{Method, NativeFn};
use crate::object::text::TextBuf;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::types::bytes::payload as bytes;
use std::ffi::CString;

/// A path argument as the system wants it.
pub struct Path {
    pub text: CString,
    /// The object given, for error messages.
    pub object: Value,
    /// Whether results are to be bytes.
    pub is_bytes: bool,
}

/// The file system's bytes of a str: UTF-8, lone surrogates U+DC80 to U+DCFF standing for single bytes (PEP 383).
pub fn encode(text: crate::object::text::TextRef<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for c in text.code_points() {
        match c {
            0xdc80..=0xdcff => out.push((c - 0xdc00) as u8),
            _ => crate::object::text::push_wtf8(&mut out, c),
        }
    }
    out
}

/// A str of the file system's bytes.
pub fn decode(bytes: &[u8]) -> Value {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return str::from_str(text);
    }
    let mut buf = TextBuf::default();
    let mut rest = bytes;
    while !rest.is_empty() {
        match std::str::from_utf8(rest) {
            Ok(text) => {
                buf.push_str(text);
                break;
            }
            Err(e) => {
                let (good, bad) = rest.split_at(e.valid_up_to());
                buf.push_str(&String::from_utf8_lossy(good));
                let n = e.error_len().unwrap_or(bad.len());
                bad[..n].iter().for_each(|b| buf.push(0xdc00 + u32::from(*b)));
                rest = &bad[n..];
            }
        }
    }
    str::from_buf(buf)
}

/// `os.fspath(path)`.
pub fn fspath(t: &Thread, v: &Value) -> PyResult {
    if v.downcast::<Str>().is_some() || bytes::view(v).is_some() {
        return Ok(v.clone());
    }
    let result = match protocol::call_special(t, v, &known().__fspath__, &[])? {
        Some(result) => result,
        None => {
            let message = format!("expected str, bytes or os.PathLike object, not {}", v.class().display_name());
            return Err(raise::type_error(t, message));
        }
    };
    if result.downcast::<Str>().is_none() && bytes::view(&result).is_none() {
        let message = format!(
            "expected {}.__fspath__() to return str or bytes, not {}",
            v.class().display_name(),
            result.class().display_name()
        );
        return Err(raise::type_error(t, message));
    }
    Ok(result)
}

/// A path argument of `function`.
pub fn arg(t: &Thread, function: &str, v: &Value) -> PyResult<Path> {
    let plain = v.downcast::<Str>().is_some() || bytes::view(v).is_some();
    if !plain && crate::object::attribute::lookup(t, v.class(), &known().__fspath__).is_none() {
        let message =
            format!("{function}: path should be string, bytes or os.PathLike, not {}", v.class().display_name());
        return Err(raise::type_error(t, message));
    }
    let path = fspath(t, v)?;
    let is_bytes = bytes::view(&path).is_some();
    let raw = match (str::view(&path), bytes::view(&path)) {
        (Some(text), _) => encode(text),
        (None, Some(b)) => b.to_vec(),
        (None, None) => Vec::new(),
    };
    match CString::new(raw) {
        Ok(text) => Ok(Path { text, object: v.clone(), is_bytes }),
        Err(_) => Err(raise::value_error(t, format!("{function}: embedded null character in path"))),
    }
}

impl Path {
    /// A name in the form of this path: str or bytes.
    pub fn like(&self, name: &[u8]) -> Value {
        if self.is_bytes { bytes::from_slice(name) } else { decode(name) }
    }
}

pub static FUNCTIONS: &[Method] = &[Method::new(
    "fspath",
    "($module, /, path)",
    NativeFn::F1(fspath),
    "Return the file system path representation of the object.",
)];
