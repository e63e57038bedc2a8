//! Path arguments: str, bytes or an object with `__fspath__`.

use crate::object::names::{self, known};
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
    let none = crate::object::attribute::lookup(t, v.class(), &known().__fspath__).is_some_and(|f| f.is_none());
    let result = match if none { None } else { protocol::call_special(t, v, &known().__fspath__, &[])? } {
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
        (Some(text), _) => {
            if text.code_points().any(|c| matches!(c, 0xd800..=0xdc7f | 0xdd00..=0xdfff)) {
                // Raises UnicodeEncodeError.
                let args = [names::intern("utf-8"), names::intern("surrogateescape")];
                protocol::call_method_str(t, &path, "encode", &args)?;
            }
            encode(text)
        }
        (None, Some(b)) => b.to_vec(),
        (None, None) => Vec::new(),
    };
    match CString::new(raw) {
        Ok(text) => Ok(Path { text, object: v.clone(), is_bytes }),
        Err(_) => Err(raise::value_error(t, format!("{function}: embedded null character in path"))),
    }
}

/// A path argument for which a descriptor will do as well.
pub enum Place {
    Path(Path),
    Fd { fd: i32, object: Value },
}

impl Place {
    /// The object given, for error messages.
    pub fn object(&self) -> &Value {
        match self {
            Place::Path(path) => &path.object,
            Place::Fd { object, .. } => object,
        }
    }

    /// The path; ValueError for a descriptor together with a folder.
    pub fn check_dir_fd(&self, t: &Thread, function: &str, dir: i32) -> PyResult<()> {
        if matches!(self, Place::Fd { .. }) && dir != libc::AT_FDCWD {
            return Err(raise::value_error(t, format!("{function}: can't specify dir_fd without matching path")));
        }
        Ok(())
    }

    /// ValueError for a descriptor together with `follow_symlinks=False`.
    pub fn check_follow(&self, t: &Thread, function: &str, follow: bool) -> PyResult<()> {
        if matches!(self, Place::Fd { .. }) && !follow {
            return Err(raise::value_error(t, format!("{function}: cannot use fd and follow_symlinks together")));
        }
        Ok(())
    }
}

/// A path or descriptor argument of `function`; where `v` is missing and `nullable`, the present folder.
pub fn place(t: &Thread, function: &str, v: Option<&Value>, nullable: bool) -> PyResult<Place> {
    let Some(v) = v.filter(|v| !(nullable && v.is_none())) else {
        return Ok(Place::Path(Path { text: c".".into(), object: Value::NONE, is_bytes: false }));
    };
    let plain = v.downcast::<Str>().is_some() || bytes::view(v).is_some();
    if plain || crate::object::attribute::lookup(t, v.class(), &known().__fspath__).is_some() {
        return arg(t, function, v).map(Place::Path);
    }
    if v.class().slots.index.get().is_some() {
        super::files::warn_of_bool(t, v)?;
        return Ok(Place::Fd { fd: super::files::fd(t, v)?, object: v.clone() });
    }
    let kinds =
        if nullable { "string, bytes, os.PathLike, integer or None" } else { "string, bytes, os.PathLike or integer" };
    let message = format!("{function}: path should be {kinds}, not {}", v.class().display_name());
    Err(raise::type_error(t, message))
}

/// A `dir_fd` argument: the present folder where it is missing or None.
pub fn dir_fd(t: &Thread, v: Option<&Value>) -> PyResult<i32> {
    match v.and_then(Value::non_none) {
        None => Ok(libc::AT_FDCWD),
        Some(v) if v.class().slots.index.get().is_some() => {
            super::files::warn_of_bool(t, v)?;
            super::files::fd(t, v)
        }
        Some(v) => {
            let message = format!("argument should be integer or None, not {}", v.class().display_name());
            Err(raise::type_error(t, message))
        }
    }
}

/// A flag argument with a default.
pub fn flag(t: &Thread, v: Option<&Value>, default: bool) -> PyResult<bool> {
    v.map_or(Ok(default), |v| protocol::is_true(t, v))
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
