//! The embedded standard library: code units that the build script compiled, found by name.
//!
//! The blob's layout is described in `build.rs`. It is searched in place, so that start-up costs nothing.

use crate::bytecode::{code, pyc};
use crate::object::hooks::Frozen;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use std::sync::OnceLock;

static LIBRARY: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/library.bin"));

/// Bytes of an index entry.
const ENTRY: usize = 5 * 4;

/// The modules that importlib is while it comes to life, and their names afterwards.
const ALIASES: [(&str, &str); 2] =
    [("_frozen_importlib", "importlib._bootstrap"), ("_frozen_importlib_external", "importlib._bootstrap_external")];

/// The embedded module `name`. None where there is none, and where the environment names another library
/// (`start::other_library`).
pub fn find(name: &str) -> Option<Frozen> {
    static REPLACED: OnceLock<bool> = OnceLock::new();
    if *REPLACED.get_or_init(|| super::start::other_library().is_some()) {
        return None;
    }
    let name = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, origin)| origin);
    let (mut low, mut high) = (0, number(0)?);
    while low < high {
        let middle = low + (high - low) / 2;
        let entry = 4 + middle * ENTRY;
        let found = slice(entry)?;
        match found.cmp(name.as_bytes()) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => {
                let origin = std::str::from_utf8(found).ok()?;
                let is_package = number(entry + 16)? != 0;
                return Some(Frozen { is_package, origin, code: decode, data: slice(entry + 8)? });
            }
        }
    }
    None
}

/// The number at a place of the blob.
fn number(at: usize) -> Option<usize> {
    let bytes = LIBRARY.get(at..at + 4)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
}

/// What the place and length at `at` mean.
fn slice(at: usize) -> Option<&'static [u8]> {
    let start = number(at)?;
    LIBRARY.get(start..start + number(at + 4)?)
}

/// Makes the code object. Raises ImportError where the blob is damaged.
fn decode(t: &Thread, frozen: &Frozen) -> PyResult {
    match pyc::decode_trusted(frozen.data) {
        Ok(unit) => Ok(code::link(&unit)),
        Err(e) => Err(raise::import_error(t, format!("Excluded frozen object named {}: {}", frozen.origin, e.0))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_modules_and_packages() {
        let os = find("os").expect("embedded");
        assert!(!os.is_package);
        assert_eq!(os.origin, "os");
        assert!(pyc::decode_trusted(os.data).is_ok_and(|unit| unit.filename.ends_with("/os.py")));
        assert!(find("collections").is_some_and(|f| f.is_package));
        assert!(find("importlib._bootstrap").is_some());
        assert_eq!(find("_frozen_importlib").map(|f| f.origin), Some("importlib._bootstrap"));
        for absent in ["", "o", "os.", "zzz", "collections.nothing"] {
            assert!(find(absent).is_none());
        }
    }
}
