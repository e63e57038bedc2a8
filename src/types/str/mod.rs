//! The type `str`.
//!
//! | file | holds |
//! |---|---|
//! | `search`, `split`, `case`, `predicates`, `layout`, `repr` | algorithms over text views |
//! | `ascii` | some methods for ASCII text |
//! | `ucd` | Unicode character data |
//! | `codec` | encoders, decoders, error handlers, the registry |
//! | `percent`, `percent_args`, `percent_format` | `%` |
//! | `template`, `format` | `str.format` |
//! | `value`, `operators`, `methods`, `translate`, `iter`, `table` | the type |

pub mod ascii;
pub mod case;
pub mod codec;
pub mod format;
pub mod iter;
pub mod layout;
pub mod methods;
pub mod operators;
pub mod percent;
pub mod percent_args;
pub mod percent_format;
pub mod predicates;
pub mod repr;
pub mod search;
pub mod split;
pub mod table;
pub mod template;
pub mod translate;
pub mod ucd;
pub mod value;

pub use table::SPEC;
