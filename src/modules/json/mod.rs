//! `_json`: the fast paths of the library's `json` package.
//!
//! [`scan`] reads text and [`escape`] writes strings, both without objects; [`decoder`] and [`encoder`] are the
//! module's types on top of them.

pub mod decoder;
pub mod encoder;
pub mod escape;
pub mod scan;

use crate::modules::support::hide;
use crate::object::raise::PyResult;
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{names, protocol};

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        encoder::QUOTE,
        encoder::QUOTE_ASCII,
        Method::new(
            "scanstring",
            "($module, string, end, strict=True, /)",
            NativeFn::Bound(decoder::scanstring),
            "scanstring(string, end, strict=True) -> (string, end)\n\n\
             Reads the JSON string whose first character after the quote is at end; answers it and the index after it.",
        ),
    ],
    types: &[&decoder::SCANNER, &encoder::ENCODER],
    init: Some(init),
    ..ModuleSpec::new("_json", "json speedups\n")
};

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    hide(t, module, &["Scanner", "Encoder"])?;
    protocol::set_attr(t, module, &names::intern("make_scanner"), &decoder::SCANNER.to_value())?;
    protocol::set_attr(t, module, &names::intern("make_encoder"), &encoder::ENCODER.to_value())
}
