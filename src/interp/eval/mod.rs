//! The evaluation loop: runs frames until the one it was entered with returns or raises.
//!
//! Each instruction is a function of the loop's registers (`Registers`), in the file for its area; the table below binds
//! them to opcodes. Around each, `handler` makes a function with the registers for arguments, which runs the instruction
//! and ends with a call of the next one's handler. Optimised, that call is a jump: the registers stay in machine
//! registers, each instruction's code is compiled on its own, with nothing spilled for another's sake, and each has an
//! indirect jump of its own for the machine to predict. Compared with one `match` in one function: a loop of additions
//! 1.3 times as fast (the same sketch both ways, x86-64).
//!
//! Nothing depends on the optimisation but speed. Without it (debug builds) handlers return to `run` after each
//! instruction; and should the compiler leave a call in some handler, the stack that piles up is noticed at the next back
//! edge or call (`Registers::is_deep`), and the chain returns to `run`.
//!
//! | file | instructions |
//! |---|---|
//! | `registers` | what they share |
//! | `locals` | the operand stack, constants, locals, cells |
//! | `names` | globals, names of classes and modules, imports |
//! | `attributes` | attributes and methods |
//! | `operators` | arithmetic, comparisons |
//! | `operands` | where specialised ones of these find their operands |
//! | `items` | subscripts, iteration, unpacking |
//! | `build` | containers, text |
//! | `flow` | jumps, pattern matching |
//! | `calls` | functions, calls, returns |
//! | `generators` | generators, coroutines |
//! | `instrumented` | any instruction of code that is watched |
//! | `exceptions` | raising and handling |

mod attributes;
mod build;
mod calls;
mod exceptions;
mod flow;
mod generators;
mod instrumented;
mod items;
mod locals;
mod names;
mod operands;
mod operators;
mod registers;

use super::frame::Frame;
use super::stack::Word;
use super::unwind::{self, Unwound};
use crate::bytecode::opcode::Op;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::thread::Thread;
use crate::object::value::Value;
use operands::{Const, Local, LocalConst, Locals, OnStack};
use registers::{Handler, Leave, Registers, native_stack, step, step_back, step_outside};

/// How a run begins.
pub enum Start {
    /// At the frame's saved instruction.
    Go,
    /// By raising the thread's pending exception there (`generator.throw`).
    Raise(Raised),
}

/// What leaves the loop.
pub enum Exit {
    Return(Value),
    /// A generator that was entered from Rust has yielded.
    Yield(Value),
}

/// Bytes of native stack that a chain of handlers may pile up.
const CHAIN_BYTES: usize = 32 << 10;

/// Runs `frame`, whose action is `Return::ToRust`, to its end or (a generator) to its next yield.
///
/// # Safety
/// The frame is well formed: code checked, locals laid out, on this thread.
pub unsafe fn run(t: &Thread, entry: *mut Frame, start: Start) -> PyResult<Exit> {
    let outer = t.chain_limit.replace(native_stack() - CHAIN_BYTES);
    // SAFETY: by the caller.
    let exit = unsafe { run_chains(t, entry, start) };
    t.chain_limit.set(outer);
    exit
}

/// # Safety
/// As `run`.
#[inline(always)]
unsafe fn run_chains(t: &Thread, entry: *mut Frame, start: Start) -> PyResult<Exit> {
    let mut frame = entry;
    let mut raised = match start {
        Start::Go => None,
        Start::Raise(raised) => Some((raised, true)),
    };
    loop {
        if let Some((error, add_place)) = raised.take() {
            // SAFETY: by the caller; instructions that raise have saved the frame.
            match unsafe { unwind::unwind(t, &mut frame, entry, error, add_place) } {
                Unwound::Handled => (),
                Unwound::Left(raised) => return Err(raised),
            }
        }
        let mut registers = Registers::of(t, frame);
        loop {
            registers.fetch();
            let leave = registers.dispatch();
            let left = t.left.get();
            match leave {
                Leave::Bounce => registers = Registers::left(t),
                // SAFETY: the word's reference is ours.
                Leave::Return => return Ok(Exit::Return(unsafe { Value::from_bits(left.word) })),
                // SAFETY: as above.
                Leave::Yield => return Ok(Exit::Yield(unsafe { Value::from_bits(left.word) })),
                Leave::Raise | Leave::RaiseAgain => {
                    frame = left.frame.cast();
                    raised = raise::pending(t).map(|raised| (raised, leave == Leave::Raise));
                    break;
                }
            }
        }
    }
}

/// The handler of an instruction: its code, or (`outside`) a call of that.
macro_rules! handler {
    ($op:ident instrumented) => {
        /// # Safety
        /// As `step`.
        pub unsafe extern "C" fn $op(t: &Thread, frame: *mut Frame, ip: *const u32, sp: *mut Word, word: u32) -> Leave {
            // SAFETY: by the caller.
            unsafe { instrumented::handler(t, frame, ip, sp, word) }
        }
    };
    ($op:ident $instruction:expr) => {
        /// # Safety
        /// As `step`.
        pub unsafe extern "C" fn $op(t: &Thread, frame: *mut Frame, ip: *const u32, sp: *mut Word, word: u32) -> Leave {
            // SAFETY: by the caller.
            unsafe { step(Registers { t, frame, ip, sp, word }, $instruction) }
        }
    };
    ($op:ident outside $instruction:expr) => {
        /// # Safety
        /// As `step`.
        #[inline(never)]
        pub unsafe extern "C" fn $op(t: &Thread, frame: *mut Frame, ip: *const u32, sp: *mut Word, word: u32) -> Leave {
            #[inline(never)]
            unsafe extern "C" fn body(
                t: &Thread,
                frame: *mut Frame,
                ip: *const u32,
                sp: *mut Word,
                word: u32,
            ) -> Leave {
                // SAFETY: by the caller.
                unsafe { step_back(Registers { t, frame, ip, sp, word }, $instruction) }
            }
            // SAFETY: by the caller.
            unsafe { step_outside(Registers { t, frame, ip, sp, word }, body) }
        }
    };
}

/// Declares the table of handlers.
macro_rules! handlers {
    ($($op:ident => [$($instruction:tt)*];)*) => {
        #[allow(non_snake_case, reason = "named as the opcodes")]
        mod handler {
            use super::*;
            $(handler! { $op $($instruction)* })*
        }

        /// Each opcode's handler.
        static HANDLERS: [Handler; 256] = {
            let mut table: [Handler; 256] = [handler::LAST_GENERIC; 256];
            $(table[Op::$op as usize] = handler::$op;)*
            table
        };

        const _: () = assert!([$(Op::$op),*].len() == Op::ALL.len(), "every opcode has a handler");
    };
}

handlers! {
    NOP => [locals::nop];
    POP_TOP => [locals::pop_top];
    PUSH_NULL => [locals::push_null];
    COPY => [locals::copy];
    SWAP => [locals::swap];
    BUILD_LIST_CONST => [outside build::build_list_const];
    COPY_COPY => [locals::copy_copy];
    COPY_BORROW => [locals::copy_borrow];
    SWAP_SWAP => [locals::swap_swap];
    LOAD_CONST => [locals::load_const];
    LOAD_FAST_BORROW => [locals::load_fast_borrow];
    LOAD_FAST_BORROW_2 => [locals::load_fast_borrow_2];
    LOAD_FAST => [locals::load_fast];
    LOAD_FAST_CHECK => [locals::load_fast_check];
    LOAD_FAST_AND_CLEAR => [locals::load_fast_and_clear];
    STORE_FAST => [locals::store_fast];
    STORE_FAST_STORE_FAST => [locals::store_fast_store_fast];
    STORE_FAST_LOAD_FAST => [locals::store_fast_load_fast];
    LOAD_FAST_LOAD_CONST => [locals::load_fast_load_const];
    DELETE_FAST => [locals::delete_fast];
    MAKE_CELL => [locals::make_cell];
    COPY_FREE_VARS => [locals::copy_free_vars];
    LOAD_CLOSURE => [locals::load_closure];
    LOAD_DEREF => [locals::load_deref];
    STORE_DEREF => [locals::store_deref];
    DELETE_DEREF => [outside locals::delete_deref];
    LOAD_FROM_DICT_OR_DEREF => [outside locals::load_from_dict_or_deref];
    LOAD_NAME => [outside names::load_name];
    STORE_NAME => [outside names::store_name];
    DELETE_NAME => [outside names::delete_name];
    LOAD_GLOBAL => [outside names::load_global];
    LOAD_GLOBAL_MODULE => [names::load_global_module];
    LOAD_GLOBAL_BUILTIN => [names::load_global_builtin];
    STORE_GLOBAL => [outside names::store_global];
    DELETE_GLOBAL => [outside names::delete_global];
    LOAD_FROM_DICT_OR_GLOBALS => [outside names::load_from_dict_or_globals];
    LOAD_LOCALS => [names::load_locals];
    LOAD_BUILD_CLASS => [names::load_build_class];
    LOAD_COMMON_CONSTANT => [names::load_common_constant];
    IMPORT_NAME => [outside names::import_name];
    IMPORT_FROM => [outside names::import_from];
    LOAD_ATTR => [outside attributes::load_attr];
    LOAD_ATTR_SLOT => [attributes::load_attr_slot];
    LOAD_ATTR_DICT => [attributes::load_attr_dict];
    LOAD_ATTR_CLASS => [attributes::load_attr_class];
    LOAD_ATTR_MODULE => [attributes::load_attr_module];
    LOAD_ATTR_TYPE => [attributes::load_attr_type];
    LOAD_ATTR_GETTER => [outside attributes::load_attr_getter];
    LOAD_ATTR_DESCRIPTOR => [outside attributes::load_attr_descriptor];
    LOAD_ATTR_PROPERTY => [attributes::load_attr_property];
    LOAD_FAST_LOAD_ATTR => [attributes::load_fast_load_attr];
    LOAD_METHOD => [outside attributes::load_method];
    LOAD_METHOD_CLASS => [attributes::load_method_class];
    LOAD_METHOD_SLOT => [attributes::load_method_slot];
    LOAD_METHOD_PLAIN => [attributes::load_method_plain];
    LOAD_METHOD_MODULE => [attributes::load_method_module];
    LOAD_METHOD_TYPE => [attributes::load_method_type];
    LOAD_METHOD_CLASSMETHOD => [attributes::load_method_classmethod];
    LOAD_METHOD_STATICMETHOD => [attributes::load_method_staticmethod];
    LOAD_METHOD_STATICMETHOD_OBJECT => [attributes::load_method_staticmethod_object];
    LOAD_FAST_LOAD_METHOD => [attributes::load_fast_load_method];
    LOAD_SUPER_ATTR => [outside attributes::load_super_attr];
    LOAD_SUPER_METHOD => [outside attributes::load_super_method];
    LOAD_SUPER_METHOD_CACHED => [attributes::load_super_method_cached];
    LOAD_SPECIAL => [outside attributes::load_special];
    STORE_ATTR => [outside attributes::store_attr];
    STORE_ATTR_SLOT => [attributes::store_attr_slot];
    STORE_ATTR_ADD => [attributes::store_attr_add];
    DELETE_ATTR => [outside attributes::delete_attr];
    BINARY_OP => [outside operators::binary_op];
    BINARY_ADD_INT => [operators::binary_add_int::<OnStack>];
    BINARY_ADD_INT_LOCALS => [operators::binary_add_int::<Locals>];
    BINARY_ADD_INT_LOCAL_CONST => [operators::binary_add_int::<LocalConst>];
    BINARY_ADD_INT_LOCAL => [operators::binary_add_int::<Local>];
    BINARY_ADD_INT_CONST => [operators::binary_add_int::<Const>];
    BINARY_SUBTRACT_INT => [operators::binary_subtract_int::<OnStack>];
    BINARY_SUBTRACT_INT_LOCALS => [operators::binary_subtract_int::<Locals>];
    BINARY_SUBTRACT_INT_LOCAL_CONST => [operators::binary_subtract_int::<LocalConst>];
    BINARY_SUBTRACT_INT_LOCAL => [operators::binary_subtract_int::<Local>];
    BINARY_SUBTRACT_INT_CONST => [operators::binary_subtract_int::<Const>];
    BINARY_MULTIPLY_INT => [operators::binary_multiply_int::<OnStack>];
    BINARY_MULTIPLY_INT_LOCALS => [operators::binary_multiply_int::<Locals>];
    BINARY_MULTIPLY_INT_LOCAL_CONST => [operators::binary_multiply_int::<LocalConst>];
    BINARY_MULTIPLY_INT_LOCAL => [operators::binary_multiply_int::<Local>];
    BINARY_MULTIPLY_INT_CONST => [operators::binary_multiply_int::<Const>];
    BINARY_OP_INT => [operators::binary_op_int];
    BINARY_ADD_FLOAT => [operators::binary_add_float::<OnStack>];
    BINARY_ADD_FLOAT_LOCALS => [operators::binary_add_float::<Locals>];
    BINARY_ADD_FLOAT_LOCAL_CONST => [operators::binary_add_float::<LocalConst>];
    BINARY_ADD_FLOAT_LOCAL => [operators::binary_add_float::<Local>];
    BINARY_ADD_FLOAT_CONST => [operators::binary_add_float::<Const>];
    BINARY_SUBTRACT_FLOAT => [operators::binary_subtract_float::<OnStack>];
    BINARY_SUBTRACT_FLOAT_LOCALS => [operators::binary_subtract_float::<Locals>];
    BINARY_SUBTRACT_FLOAT_LOCAL_CONST => [operators::binary_subtract_float::<LocalConst>];
    BINARY_SUBTRACT_FLOAT_LOCAL => [operators::binary_subtract_float::<Local>];
    BINARY_SUBTRACT_FLOAT_CONST => [operators::binary_subtract_float::<Const>];
    BINARY_MULTIPLY_FLOAT => [operators::binary_multiply_float::<OnStack>];
    BINARY_MULTIPLY_FLOAT_LOCALS => [operators::binary_multiply_float::<Locals>];
    BINARY_MULTIPLY_FLOAT_LOCAL_CONST => [operators::binary_multiply_float::<LocalConst>];
    BINARY_MULTIPLY_FLOAT_LOCAL => [operators::binary_multiply_float::<Local>];
    BINARY_MULTIPLY_FLOAT_CONST => [operators::binary_multiply_float::<Const>];
    BINARY_DIVIDE_FLOAT => [operators::binary_divide_float::<OnStack>];
    BINARY_DIVIDE_FLOAT_LOCALS => [operators::binary_divide_float::<Locals>];
    BINARY_DIVIDE_FLOAT_LOCAL_CONST => [operators::binary_divide_float::<LocalConst>];
    BINARY_DIVIDE_FLOAT_LOCAL => [operators::binary_divide_float::<Local>];
    BINARY_DIVIDE_FLOAT_CONST => [operators::binary_divide_float::<Const>];
    COMPARE_OP => [outside operators::compare_op];
    COMPARE_OP_INT => [operators::compare_op_int];
    COMPARE_OP_FLOAT => [operators::compare_op_float];
    COMPARE_OP_INT_JUMP => [operators::compare_op_int_jump::<OnStack>];
    COMPARE_OP_INT_JUMP_LOCALS => [operators::compare_op_int_jump::<Locals>];
    COMPARE_OP_INT_JUMP_LOCAL_CONST => [operators::compare_op_int_jump::<LocalConst>];
    COMPARE_OP_INT_JUMP_LOCAL => [operators::compare_op_int_jump::<Local>];
    COMPARE_OP_INT_JUMP_CONST => [operators::compare_op_int_jump::<Const>];
    COMPARE_OP_FLOAT_JUMP => [operators::compare_op_float_jump::<OnStack>];
    COMPARE_OP_FLOAT_JUMP_LOCALS => [operators::compare_op_float_jump::<Locals>];
    COMPARE_OP_FLOAT_JUMP_LOCAL_CONST => [operators::compare_op_float_jump::<LocalConst>];
    COMPARE_OP_FLOAT_JUMP_LOCAL => [operators::compare_op_float_jump::<Local>];
    COMPARE_OP_FLOAT_JUMP_CONST => [operators::compare_op_float_jump::<Const>];
    COMPARE_OP_STR => [operators::compare_op_str];
    IS_OP => [operators::is_op];
    CONTAINS_OP => [outside operators::contains_op];
    UNARY_NEGATIVE => [outside operators::unary_negative];
    UNARY_POSITIVE => [outside operators::unary_positive];
    UNARY_INVERT => [outside operators::unary_invert];
    UNARY_NOT => [outside operators::unary_not];
    TO_BOOL => [outside operators::to_bool];
    BINARY_SUBSCR => [outside items::binary_subscr];
    BINARY_SUBSCR_LIST => [items::binary_subscr_list::<OnStack>];
    BINARY_SUBSCR_LIST_LOCALS => [items::binary_subscr_list::<Locals>];
    BINARY_SUBSCR_LIST_LOCAL_CONST => [items::binary_subscr_list::<LocalConst>];
    BINARY_SUBSCR_LIST_LOCAL => [items::binary_subscr_list::<Local>];
    BINARY_SUBSCR_LIST_CONST => [items::binary_subscr_list::<Const>];
    BINARY_SUBSCR_TUPLE => [items::binary_subscr_tuple::<OnStack>];
    BINARY_SUBSCR_TUPLE_LOCALS => [items::binary_subscr_tuple::<Locals>];
    BINARY_SUBSCR_TUPLE_LOCAL_CONST => [items::binary_subscr_tuple::<LocalConst>];
    BINARY_SUBSCR_TUPLE_LOCAL => [items::binary_subscr_tuple::<Local>];
    BINARY_SUBSCR_TUPLE_CONST => [items::binary_subscr_tuple::<Const>];
    BINARY_SUBSCR_DICT => [outside items::binary_subscr_dict];
    BINARY_SUBSCR_GETITEM => [items::binary_subscr_getitem];
    STORE_SUBSCR => [outside items::store_subscr];
    STORE_SUBSCR_LIST => [items::store_subscr_list];
    STORE_SUBSCR_DICT => [items::store_subscr_dict];
    DELETE_SUBSCR => [outside items::delete_subscr];
    BINARY_SLICE => [outside items::binary_slice];
    STORE_SLICE => [outside items::store_slice];
    GET_ITER => [items::get_iter];
    FOR_ITER => [outside items::for_iter];
    FOR_ITER_LIST => [items::for_iter_list];
    FOR_ITER_TUPLE => [items::for_iter_tuple];
    FOR_ITER_RANGE => [items::for_iter_range];
    FOR_ITER_NATIVE => [outside items::for_iter_native];
    FOR_ITER_PAIR => [outside items::for_iter_pair];
    FOR_ITER_GENERATOR => [items::for_iter_generator];
    FOR_ITER_NEXT => [items::for_iter_next];
    UNPACK_SEQUENCE => [items::unpack_sequence];
    UNPACK_SEQUENCE_STORE_FAST => [items::unpack_sequence_store_fast];
    UNPACK_EX => [outside items::unpack_ex];
    BUILD_SLICE => [outside build::build_slice];
    BUILD_TUPLE => [outside build::build_tuple];
    BUILD_LIST => [outside build::build_list];
    BUILD_SET => [outside build::build_set];
    BUILD_MAP => [outside build::build_map];
    BUILD_STRING => [outside build::build_string];
    LIST_APPEND => [build::list_append];
    SET_ADD => [build::set_add];
    MAP_ADD => [outside build::map_add];
    LIST_EXTEND => [outside build::list_extend];
    SET_UPDATE => [outside build::set_update];
    DICT_UPDATE => [outside build::dict_update];
    DICT_MERGE => [outside build::dict_merge];
    FORMAT_SIMPLE => [outside build::format_simple];
    FORMAT_WITH_SPEC => [outside build::format_with_spec];
    CONVERT_VALUE => [outside build::convert_value];
    BUILD_INTERPOLATION => [outside build::build_interpolation];
    BUILD_TEMPLATE => [outside build::build_template];
    RESUME => [flow::resume];
    JUMP => [flow::jump];
    JUMP_BACKWARD => [flow::jump_backward];
    POP_JUMP_IF_TRUE => [flow::pop_jump_if::<true>];
    POP_JUMP_IF_FALSE => [flow::pop_jump_if::<false>];
    POP_JUMP_IF_NONE => [flow::pop_jump_if_none::<true>];
    POP_JUMP_IF_NOT_NONE => [flow::pop_jump_if_none::<false>];
    JUMP_IF_TRUE_OR_POP => [outside flow::jump_if_or_pop::<true>];
    JUMP_IF_FALSE_OR_POP => [outside flow::jump_if_or_pop::<false>];
    GET_LEN => [outside flow::get_len];
    MATCH_MAPPING => [flow::match_mapping];
    MATCH_SEQUENCE => [flow::match_sequence];
    MATCH_KEYS => [outside flow::match_keys];
    MATCH_CLASS => [outside flow::match_class];
    INSTRUMENTED => [instrumented];
    LAST_GENERIC => [flow::last_generic];
    MAKE_FUNCTION => [calls::make_function];
    SET_FUNCTION_ATTRIBUTE => [outside calls::set_function_attribute];
    CALL => [outside calls::call];
    CALL_KW => [outside calls::call_kw];
    CALL_FUNCTION_EX => [calls::call_function_ex];
    CALL_INTRINSIC_1 => [outside calls::call_intrinsic_1];
    CALL_INTRINSIC_2 => [outside calls::call_intrinsic_2];
    CALL_FUNCTION => [calls::call_function];
    CALL_FUNCTION_DEFAULTS => [calls::call_function_defaults];
    CALL_KW_FUNCTION => [calls::call_kw_function];
    CALL_FUNCTION_BOUND => [calls::call_function_bound];
    CALL_CLASS => [calls::call_class];
    CALL_NATIVE_0 => [calls::call_native_0];
    CALL_NATIVE_1 => [calls::call_native_1];
    CALL_NATIVE_2 => [calls::call_native_2];
    CALL_NATIVE_3 => [calls::call_native_3];
    CALL_NATIVE_RAW => [outside calls::call_native_raw];
    CALL_NATIVE_BOUND => [outside calls::call_native_bound];
    CALL_NATIVE_CLASS => [outside calls::call_native_class];
    CALL_TYPE_OF => [calls::call_type_of];
    RETURN_VALUE => [calls::return_value];
    RETURN_GENERATOR => [generators::return_generator];
    GET_YIELD_FROM_ITER => [generators::get_yield_from_iter];
    YIELD_VALUE => [generators::yield_value];
    SEND => [generators::send];
    END_SEND => [generators::end_send];
    GET_AWAITABLE => [generators::get_awaitable];
    GET_AITER => [outside generators::get_aiter];
    GET_ANEXT => [outside generators::get_anext];
    PUSH_EXC_INFO => [exceptions::push_exc_info];
    POP_EXCEPT => [exceptions::pop_except];
    CHECK_EXC_MATCH => [outside exceptions::check_exc_match];
    CHECK_EG_MATCH => [outside exceptions::check_eg_match];
    RAISE_VARARGS => [exceptions::raise_varargs];
    RERAISE => [exceptions::reraise];
    WITH_EXCEPT_START => [outside exceptions::with_except_start];
    CLEANUP_THROW => [outside exceptions::cleanup_throw];
    END_ASYNC_FOR => [outside exceptions::end_async_for];
}
