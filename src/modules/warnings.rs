//! `_warnings`: the entry points that native code and importlib use; the library's `_py_warnings` does the work.
//!
//! `warnings.py` looks for an accelerator with more names here and, not finding them, uses its Python half.

use crate::object::args::Args;
use crate::object::hooks;
use crate::object::protocol;
use crate::object::raise::PyResult;
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;

fn forward(t: &Thread, name: &str, args: Args<'_>) -> PyResult {
    let module = (hooks::get().import)(t, "warnings")?;
    let function = protocol::get_attr_str(t, &module, name)?;
    protocol::call(t, &function, args)
}

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "warn",
            "($module, message, category=None, stacklevel=1, source=None, *, skip_file_prefixes=<unrepresentable>)",
            NativeFn::Raw(|t, args| forward(t, "warn", args)),
            "Issue a warning, or maybe ignore it or raise an exception.",
        ),
        Method::new(
            "warn_explicit",
            "($module, message, category, filename, lineno, module=<unrepresentable>, registry=None, module_globals=None, source=None)",
            NativeFn::Raw(|t, args| forward(t, "warn_explicit", args)),
            "Issue a warning, or maybe ignore it or raise an exception.",
        ),
    ],
    ..ModuleSpec::new(
        "_warnings",
        "_warnings provides basic warning filtering support.\nIt is a helper module to speed up interpreter start-up.",
    )
};
