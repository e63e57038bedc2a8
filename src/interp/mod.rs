//! Frames and the evaluation loop.
//!
//! | file | holds |
//! |---|---|
//! | `stack` | words of the operand stack: owned, borrowed, null |
//! | `frame`, `frame_object`, `frame_locals` | activation records, and their Python face |
//! | `eval` | the loop |
//! | `unwind` | exceptions on their way through frames |
//! | `call` | binding arguments, pushing frames, calls from Rust |
//! | `generator` | generators, coroutines, asynchronous generators |
//! | `drive` | generators driven by native functions |
//! | `quicken`, `fuse`, `specialize` | a thread's own copy of warm code, and how its instructions are chosen |
//! | `fast` | what the specialised instructions do |
//! | `monitor` | instrumentation: what tools are told of what code does |
//! | `stats` | counts of instructions, in special builds |
//! | `ops` | what instructions do beyond their fast paths |

pub mod async_generator;
pub mod call;
pub mod drive;
pub mod eval;
pub mod fast;
pub mod frame;
pub mod frame_locals;
pub mod frame_object;
pub mod fuse;
pub mod generator;
pub mod generator_types;
pub mod monitor;
pub mod ops;
pub mod quicken;
pub mod specialize;
pub mod stack;
#[cfg(feature = "loop-stats")]
pub mod stats;
pub mod unwind;

use crate::object::core_types;
use crate::object::type_object::{StaticType, TypeSpec};

/// The types of this folder; as `types::TYPES`.
pub static TYPES: &[(&StaticType, &TypeSpec)] = &[
    (&core_types::FRAME, &generator_types::FRAME_SPEC),
    (&frame_locals::FRAME_LOCALS, &frame_locals::SPEC),
    (&core_types::GENERATOR, &generator_types::GENERATOR_SPEC),
    (&core_types::COROUTINE, &generator_types::COROUTINE_SPEC),
    (&generator_types::COROUTINE_WRAPPER, &generator_types::WRAPPER_SPEC),
    (&core_types::ASYNC_GENERATOR, &async_generator::SPEC),
    (&async_generator::WRAPPED, &async_generator::WRAPPED_SPEC),
    (&async_generator::SEND_STEP, &async_generator::SEND_STEP_SPEC),
    (&async_generator::THROW_STEP, &async_generator::THROW_STEP_SPEC),
];
