//! Loom models of `src/sync` (see README.md): one file for each primitive, each model with a twin that must fail.

#[path = "../../src/sync/mod.rs"]
#[allow(dead_code, clippy::new_without_default)]
pub mod sync;

#[cfg(test)]
mod harness;

#[cfg(test)]
mod arrivals;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod claim;
#[cfg(test)]
mod count;
#[cfg(test)]
mod dict;
#[cfg(test)]
mod epoch;
#[cfg(test)]
mod exports;
#[cfg(test)]
mod grow_list;
#[cfg(test)]
mod list;
#[cfg(test)]
mod lock;
#[cfg(test)]
mod mode;
#[cfg(test)]
mod names_used;
#[cfg(test)]
mod parking;
#[cfg(test)]
mod returns;
#[cfg(test)]
mod shape;
#[cfg(test)]
mod slot;
#[cfg(test)]
mod uses;
#[cfg(test)]
mod version;
#[cfg(test)]
mod weak;
#[cfg(test)]
mod world;
