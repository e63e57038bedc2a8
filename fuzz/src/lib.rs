//! Fuzz targets: see README.md. What a target does with its input is in `bodies`, which `tests/fuzz_corpus.rs` mounts as well.

pub mod bodies;
pub mod damage;

pub use libfuzzer_sys;

#[global_allocator]
static ALLOCATOR: orochi::heap::large::Allocator = orochi::heap::large::Allocator;

/// The folder of the Python programs that targets are made of.
pub const PROGRAMS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/programs");

/// libFuzzer's entry for the target of that name.
#[macro_export]
macro_rules! target {
    ($name:literal) => {
        $crate::libfuzzer_sys::fuzz_target!(|data: &[u8]| $crate::bodies::run($crate::PROGRAMS, $name, data));
    };
}

/// The same for inputs that are encoded code units: half of the mutations damage the unit instead of its bytes.
#[macro_export]
macro_rules! code_target {
    ($name:literal) => {
        $crate::target!($name);

        $crate::libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, room: usize, seed: u32| {
            if seed % 2 == 0
                && let Some(changed) = $crate::damage::bytes(&data[..size], u64::from(seed))
                && changed.len() <= room
            {
                data[..changed.len()].copy_from_slice(&changed);
                return changed.len();
            }
            $crate::libfuzzer_sys::fuzzer_mutate(data, size, room)
        });
    };
}
