//! `str % args`.

use super::operators::{check_len, text};
use super::percent_args::{Flavour, apply, is_str};
use super::repr::escape_non_ascii;
use super::value::make;
use crate::object::growing::Growing;
use crate::object::protocol;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::str;
use crate::object::text::{TextBuf, TextRef};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::types::format_spec::percent::PercentSpec;
use crate::types::int::as_int;

struct Output(Growing);

impl Output {
    /// Appends `s` cut to the precision and padded to the width.
    fn field(&mut self, t: &Thread, s: TextRef<'_>, spec: &PercentSpec) -> PyResult<()> {
        let s = s.slice(0, spec.precision.unwrap_or(usize::MAX).min(s.len()));
        let filling = spec.width.saturating_sub(s.len());
        check_len(t, self.0.len().checked_add(s.len() + filling))?;
        if !spec.left {
            self.0.push_repeat(u32::from(' '), filling);
        }
        self.0.push_text(s);
        if spec.left {
            self.0.push_repeat(u32::from(' '), filling);
        }
        self.0.check(t)
    }
}

impl Flavour for Output {
    const WHAT: &'static str = "string";
    const I_IS_D: bool = false;
    const PRECISION_TOO_BIG: &'static str = "precision too big";

    fn is_text(v: &Value) -> bool {
        is_str(v)
    }

    fn key(format: TextRef<'_>, from: usize, to: usize) -> Value {
        make(format.slice(from, to))
    }

    fn literal(&mut self, format: TextRef<'_>, from: usize, to: usize) {
        self.0.push_text(format.slice(from, to));
    }

    fn number(&mut self, number: &str) {
        self.0.push_str(number);
    }

    fn convert(&mut self, t: &Thread, v: &Value, spec: &PercentSpec) -> PyResult<Option<()>> {
        match spec.letter {
            b's' => self.field(t, text(&protocol::to_str(t, v)?), spec)?,
            b'r' => self.field(t, text(&protocol::repr(t, v)?), spec)?,
            b'a' => {
                let shown = escape_non_ascii(text(&protocol::repr(t, v)?)).finish(t)?;
                self.field(t, text(&shown), spec)?;
            }
            b'c' => {
                let c: TextBuf = [character(t, v)?].into_iter().collect();
                self.field(t, c.view(), &PercentSpec { precision: None, ..*spec })?;
            }
            _ => return Ok(None),
        }
        Ok(Some(()))
    }

    fn not_a_float(_t: &Thread, raised: Raised, _v: &Value) -> Raised {
        raised
    }
}

/// The character of a `%c` argument.
fn character(t: &Thread, v: &Value) -> PyResult<u32> {
    if let Some(s) = str::view(v) {
        if s.len() == 1 {
            return Ok(s.at(0));
        }
        let message = format!("%c requires an int or a unicode character, not a string of length {}", s.len());
        return Err(raise::type_error(t, message));
    }
    if as_int(v).is_none() && v.class().slots.index.get().is_none() {
        let message = format!("%c requires an int or a unicode character, not {}", v.class().display_name());
        return Err(raise::type_error(t, message));
    }
    match u32::try_from(protocol::index_clipped(t, v)?) {
        Ok(c) if c <= 0x10_FFFF => Ok(c),
        _ => Err(raise::overflow_error(t, "%c arg not in range(0x110000)")),
    }
}

/// `format % args`; `format` is a str.
pub fn format(t: &Thread, format: &Value, args: &Value) -> PyResult {
    let template = text(format);
    let mut out = Output(Growing::with_capacity(template.len() + 16));
    apply(t, template, args, &mut out)?;
    out.0.finish(t)
}
