//! Native modules.
pub mod json;
pub mod sre;
