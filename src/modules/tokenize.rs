//! `_tokenize`: so that `tokenize` (which `linecache` and `traceback` need for source encodings) can be imported.
//!
//! Iterating over tokens is not there yet: making a `TokenizerIter` raises NotImplementedError.

use crate::object::raise;
use crate::object::slots::SlotTable;
use crate::object::table::ModuleSpec;
use crate::object::type_object::{NO_LAYOUT, StaticType, TypeSpec};

/// `_tokenize.TokenizerIter`.
pub static TOKENIZER_ITER: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    slots: SlotTable {
        new: Some(|t, _, _| Err(raise::not_implemented(t, "Orochi cannot list the tokens of a program yet"))),
        ..SlotTable::EMPTY
    },
    ..TypeSpec::new("_tokenize", "TokenizerIter", NO_LAYOUT)
};

/// The module.
pub static MODULE: ModuleSpec =
    ModuleSpec { types: &[&TOKENIZER_ITER], ..ModuleSpec::new("_tokenize", "The tokens of Python source text.") };
