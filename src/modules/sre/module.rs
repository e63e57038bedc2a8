//! The module `_sre` as the library's `re` package sees it.

use super::chars;
use super::opcode::{MAGIC, MAXGROUPS, MAXREPEAT};
use super::{pattern, template};
use crate::modules::support::hide;
use crate::object::raise::PyResult;
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{names, protocol};

/// Bytes of a code word.
const CODESIZE: i64 = 4;

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "compile",
            "($module, /, pattern, flags, code, groups, groupindex, indexgroup)",
            NativeFn::Bound(pattern::compile),
            "",
        ),
        Method::new("template", "($module, pattern, template, /)", NativeFn::F2(template::template), ""),
        Method::new("getcodesize", "($module, /)", NativeFn::F0(|_| Ok(Value::int(CODESIZE))), ""),
        Method::new(
            "ascii_iscased",
            "($module, character, /)",
            NativeFn::F1(|t, c| Ok(Value::bool(chars::ascii_iscased(character(t, c)?)))),
            "",
        ),
        Method::new(
            "unicode_iscased",
            "($module, character, /)",
            NativeFn::F1(|t, c| Ok(Value::bool(chars::unicode_iscased(character(t, c)?)))),
            "",
        ),
        Method::new(
            "ascii_tolower",
            "($module, character, /)",
            NativeFn::F1(|t, c| Ok(Value::int(i64::from(chars::lower_ascii(character(t, c)?))))),
            "",
        ),
        Method::new(
            "unicode_tolower",
            "($module, character, /)",
            NativeFn::F1(|t, c| Ok(Value::int(i64::from(chars::lower_unicode(character(t, c)?))))),
            "",
        ),
    ],
    types: pattern::TYPES,
    init: Some(init),
    ..ModuleSpec::new("_sre", "")
};

fn character(t: &Thread, c: &Value) -> PyResult<u32> {
    Ok(protocol::index_i64(t, c)? as u32)
}

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    hide(t, module, &["Pattern", "Match", "SRE_Scanner", "callable_iterator", "SRE_Template"])?;
    let constants = [
        ("MAGIC", i64::from(MAGIC)),
        ("CODESIZE", CODESIZE),
        ("MAXREPEAT", i64::from(MAXREPEAT)),
        ("MAXGROUPS", i64::from(MAXGROUPS)),
    ];
    for (name, value) in constants {
        protocol::set_attr(t, module, &names::intern(name), &Value::int(value))?;
    }
    Ok(())
}
