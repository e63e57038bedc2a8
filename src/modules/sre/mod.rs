//! `_sre`: the engine behind the library's `re` package.
//!
//! `re._compiler` turns a pattern into code words; [`build`] checks them and translates them into a [`program`], for
//! which [`first`] and [`opening`] work out what can come first. [`exec`] runs a program at one position, [`search`] looks for a
//! position, [`scan`] goes over runs of characters. [`set`] and [`chars`] answer questions about one character.
//! [`subject`] runs all that over Python objects, for [`pattern`], [`match_object`], [`substitute`], [`scanner`] and
//! [`template`].

pub mod build;
pub mod chars;
pub mod exec;
pub mod first;
pub mod match_object;
pub mod module;
pub mod opcode;
pub mod opening;
pub mod pattern;
pub mod program;
pub mod scan;
pub mod scanner;
pub mod search;
pub mod set;
pub mod subject;
pub mod substitute;
pub mod template;

pub use module::MODULE;

#[cfg(test)]
mod tests;
