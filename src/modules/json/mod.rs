//! `_json`: the fast paths of the library's `json` package. [`scan`] reads text, [`escape`] writes strings.

pub mod escape;
pub mod scan;
