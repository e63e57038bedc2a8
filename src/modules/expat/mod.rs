//! `pyexpat`: reading XML, with a parser of our own that behaves as expat.
//!
//! | file | holds |
//! |---|---|
//! | `decode` | bytes of any encoding to UTF-8 |
//! | `scan` | names, literals, references |
//! | `dtd` | declarations and what they say |
//! | `parser` | the parser, which knows nothing of Python |
//! | `errors` | its error codes |
//! | `object` | the type `xmlparser` and the calls of handlers |

mod decode;
mod dtd;
mod errors;
mod object;
mod parser;
mod scan;

use crate::object::args::Bound;
use crate::object::core_types::exc;
use crate::object::dict::{self, Dict};
use crate::object::exception::BaseException;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{StaticType, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{list, names, protocol, str, tuple};

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "ParserCreate",
            "($module, /, encoding=None, namespace_separator=None, intern=<unrepresentable>)",
            NativeFn::Bound(create),
            "Return a new XML parser object.",
        ),
        Method::new(
            "ErrorString",
            "($module, code, /)",
            NativeFn::F1(|t, code| {
                let code = protocol::index_i64(t, code)?;
                Ok(optional(u8::try_from(code).ok().and_then(errors::message)))
            }),
            "Returns string error for given number.",
        ),
    ],
    types: &[&EXPAT_ERROR, &object::XML_PARSER],
    init: Some(init),
    ..ModuleSpec::new("pyexpat", "Python wrapper for Expat parser.")
};

/// `xml.parsers.expat.ExpatError`
pub static EXPAT_ERROR: StaticType = StaticType::new(&TypeSpec {
    base: Some(&exc::EXCEPTION),
    flags: flag::BASETYPE,
    ..TypeSpec::new("xml.parsers.expat", "ExpatError", layout_of::<BaseException>(true))
});

/// A str, or None.
fn optional(text: Option<&str>) -> Value {
    text.map_or(Value::NONE, str::from_str)
}

fn create(t: &Thread, b: &Bound<'_>) -> PyResult {
    let text = |i: usize, name: &str| -> PyResult<Option<String>> {
        match b.non_none(i) {
            None => Ok(None),
            Some(v) if str::view(v).is_some() => Ok(Some(str::lossy(v).into_owned())),
            Some(v) => {
                let given = v.class().display_name();
                Err(raise::type_error(t, format!("ParserCreate() argument '{name}' must be str or None, not {given}")))
            }
        }
    };
    let encoding = text(0, "encoding")?;
    let separator = text(1, "namespace_separator")?;
    if separator.as_ref().is_some_and(|s| s.chars().count() > 1) {
        let message = "namespace_separator must be at most one character, omitted, or None";
        return Err(raise::value_error(t, message));
    }
    let intern = match b.opt(2) {
        None => dict::new(),
        Some(v) if v.is_none() || v.downcast::<Dict>().is_some() => v.clone(),
        Some(_) => return Err(raise::type_error(t, "intern must be a dictionary")),
    };
    let known = encoding.as_deref().and_then(decode::by_name);
    let mut parser = parser::Parser::new(known.clone(), separator);
    if known.is_none() {
        parser.wanted_encoding = encoding;
    }
    Ok(object::new(parser, intern))
}

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    let set = |name: &str, v: &Value| protocol::set_attr(t, module, &names::intern(name), v);
    set("error", &EXPAT_ERROR.to_value())?;
    set("XMLParserType", &object::XML_PARSER.to_value())?;
    crate::modules::support::hide(t, module, &["xmlparser"])?;
    set("EXPAT_VERSION", &names::intern("expat_2.7.1"))?;
    set("version_info", &tuple::from_vec(vec![Value::int(2), Value::int(7), Value::int(1)]))?;
    set("native_encoding", &names::intern("UTF-8"))?;
    let features = [("sizeof(XML_Char)", 1), ("sizeof(XML_LChar)", 1), ("XML_DTD", 0), ("XML_NS", 0)];
    let features = features.map(|(name, n)| tuple::from_vec(vec![str::from_str(name), Value::int(n)]));
    set("features", &list::from_vec(features.to_vec()))?;
    for (name, n) in [
        ("XML_PARAM_ENTITY_PARSING_NEVER", 0),
        ("XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE", 1),
        ("XML_PARAM_ENTITY_PARSING_ALWAYS", 2),
    ] {
        set(name, &Value::int(n))?;
    }
    let submodule = |name: &str, doc: &str| -> PyResult {
        let made = crate::types::module_::new(&format!("pyexpat.{name}"), Some(doc));
        set(name, &made)?;
        let modules = protocol::get_attr_str(t, &(crate::object::hooks::get().import)(t, "sys")?, "modules")?;
        protocol::set_item(t, &modules, &str::from_str(&format!("pyexpat.{name}")), &made)?;
        Ok(made)
    };
    let errors_module = submodule("errors", "Constants used to describe error conditions.")?;
    let (codes, messages) = (dict::new(), dict::new());
    for (number, name, text) in errors::ALL {
        protocol::set_attr(t, &errors_module, &names::intern(name), &str::from_str(text))?;
        protocol::set_item(t, &codes, &str::from_str(text), &Value::int(i64::from(*number)))?;
        protocol::set_item(t, &messages, &Value::int(i64::from(*number)), &str::from_str(text))?;
    }
    protocol::set_attr(t, &errors_module, &names::intern("codes"), &codes)?;
    protocol::set_attr(t, &errors_module, &names::intern("messages"), &messages)?;
    let model = submodule("model", "Constants used to interpret content model information.")?;
    for (name, n) in [
        ("XML_CTYPE_EMPTY", 1),
        ("XML_CTYPE_ANY", 2),
        ("XML_CTYPE_MIXED", 3),
        ("XML_CTYPE_NAME", 4),
        ("XML_CTYPE_CHOICE", 5),
        ("XML_CTYPE_SEQ", 6),
        ("XML_CQUANT_NONE", 0),
        ("XML_CQUANT_OPT", 1),
        ("XML_CQUANT_REP", 2),
        ("XML_CQUANT_PLUS", 3),
    ] {
        protocol::set_attr(t, &model, &names::intern(name), &Value::int(n))?;
    }
    Ok(())
}
