//! Instructions done together: pairs in every quickened copy, and operations with the loads of their operands, once the
//! operations are specialised.
//!
//! A form of several instructions stands in the place of the first; the others stay behind it, for those who jump there.

use super::quicken::Source;
use crate::bytecode::opcode::Op;

/// Whether an operation has forms for its operands' sources.
fn has_operands(op: Op) -> bool {
    matches!(op, Op::BINARY_OP | Op::COMPARE_OP | Op::BINARY_SUBSCR)
}

/// What pushes the operands of the operations in a code object, by the indexes of their caches.
pub fn sources(instructions: &[u32]) -> Vec<(usize, Source)> {
    let mut found = Vec::new();
    // The two instructions before, the last one first.
    let mut before = [None, None];
    let mut at = 0;
    while let Some(op) = instructions.get(at).and_then(|word| Op::decode(*word)) {
        if has_operands(op) {
            let source = match before {
                [Some(Op::LOAD_FAST_BORROW_2), _] => Source::Locals,
                [Some(Op::LOAD_CONST), Some(Op::LOAD_FAST_BORROW)] => Source::LocalConst,
                [Some(Op::LOAD_FAST_BORROW), _] => Source::Local,
                [Some(Op::LOAD_CONST), _] => Source::Const,
                _ => Source::Stack,
            };
            found.push((instructions[at + 1] as usize, source));
        }
        before = [Some(op), before[0]];
        at += 1 + usize::from(op.info().cache);
    }
    found
}

/// The form that does the work of an operation's form and of the loads before it.
pub fn with_loads(form: Op, source: Source) -> Option<Op> {
    let [locals, local_const, local, constant] = match form {
        Op::BINARY_ADD_INT => [
            Op::BINARY_ADD_INT_LOCALS,
            Op::BINARY_ADD_INT_LOCAL_CONST,
            Op::BINARY_ADD_INT_LOCAL,
            Op::BINARY_ADD_INT_CONST,
        ],
        Op::BINARY_SUBTRACT_INT => [
            Op::BINARY_SUBTRACT_INT_LOCALS,
            Op::BINARY_SUBTRACT_INT_LOCAL_CONST,
            Op::BINARY_SUBTRACT_INT_LOCAL,
            Op::BINARY_SUBTRACT_INT_CONST,
        ],
        Op::BINARY_MULTIPLY_INT => [
            Op::BINARY_MULTIPLY_INT_LOCALS,
            Op::BINARY_MULTIPLY_INT_LOCAL_CONST,
            Op::BINARY_MULTIPLY_INT_LOCAL,
            Op::BINARY_MULTIPLY_INT_CONST,
        ],
        Op::BINARY_ADD_FLOAT => [
            Op::BINARY_ADD_FLOAT_LOCALS,
            Op::BINARY_ADD_FLOAT_LOCAL_CONST,
            Op::BINARY_ADD_FLOAT_LOCAL,
            Op::BINARY_ADD_FLOAT_CONST,
        ],
        Op::BINARY_SUBTRACT_FLOAT => [
            Op::BINARY_SUBTRACT_FLOAT_LOCALS,
            Op::BINARY_SUBTRACT_FLOAT_LOCAL_CONST,
            Op::BINARY_SUBTRACT_FLOAT_LOCAL,
            Op::BINARY_SUBTRACT_FLOAT_CONST,
        ],
        Op::BINARY_MULTIPLY_FLOAT => [
            Op::BINARY_MULTIPLY_FLOAT_LOCALS,
            Op::BINARY_MULTIPLY_FLOAT_LOCAL_CONST,
            Op::BINARY_MULTIPLY_FLOAT_LOCAL,
            Op::BINARY_MULTIPLY_FLOAT_CONST,
        ],
        Op::BINARY_DIVIDE_FLOAT => [
            Op::BINARY_DIVIDE_FLOAT_LOCALS,
            Op::BINARY_DIVIDE_FLOAT_LOCAL_CONST,
            Op::BINARY_DIVIDE_FLOAT_LOCAL,
            Op::BINARY_DIVIDE_FLOAT_CONST,
        ],
        Op::COMPARE_OP_INT_JUMP => [
            Op::COMPARE_OP_INT_JUMP_LOCALS,
            Op::COMPARE_OP_INT_JUMP_LOCAL_CONST,
            Op::COMPARE_OP_INT_JUMP_LOCAL,
            Op::COMPARE_OP_INT_JUMP_CONST,
        ],
        Op::COMPARE_OP_FLOAT_JUMP => [
            Op::COMPARE_OP_FLOAT_JUMP_LOCALS,
            Op::COMPARE_OP_FLOAT_JUMP_LOCAL_CONST,
            Op::COMPARE_OP_FLOAT_JUMP_LOCAL,
            Op::COMPARE_OP_FLOAT_JUMP_CONST,
        ],
        Op::BINARY_SUBSCR_LIST => [
            Op::BINARY_SUBSCR_LIST_LOCALS,
            Op::BINARY_SUBSCR_LIST_LOCAL_CONST,
            Op::BINARY_SUBSCR_LIST_LOCAL,
            Op::BINARY_SUBSCR_LIST_CONST,
        ],
        Op::BINARY_SUBSCR_TUPLE => [
            Op::BINARY_SUBSCR_TUPLE_LOCALS,
            Op::BINARY_SUBSCR_TUPLE_LOCAL_CONST,
            Op::BINARY_SUBSCR_TUPLE_LOCAL,
            Op::BINARY_SUBSCR_TUPLE_CONST,
        ],
        _ => return None,
    };
    Some(match source {
        Source::Stack => return None,
        Source::Locals => locals,
        Source::LocalConst => local_const,
        Source::Local => local,
        Source::Const => constant,
    })
}

/// Whether an instruction is these loads, alone or with an operation.
pub fn does_loads(word: u32, loads: Op) -> bool {
    const FORMS: std::ops::RangeInclusive<u8> = Op::BINARY_ADD_INT_LOCALS as u8..=Op::BINARY_SUBSCR_TUPLE_CONST as u8;
    word as u8 == loads as u8 || FORMS.contains(&(word as u8))
}

/// Rewrites pairs of instructions in a fresh copy to forms that do both.
pub fn pairs(instructions: &mut [u32]) {
    let mut at = 0;
    while at < instructions.len() {
        let Some(op) = Op::decode(instructions[at]) else { return };
        let after = at + 1 + usize::from(op.info().cache);
        let next = instructions.get(after).and_then(|word| Op::decode(*word));
        let (form, both) = match (op, next) {
            (Op::UNPACK_SEQUENCE, Some(Op::STORE_FAST)) => {
                let count = (instructions[at] >> 8) as usize;
                let stores = instructions[after..].iter().take_while(|word| Op::decode(**word) == Some(Op::STORE_FAST));
                if stores.count() < count {
                    at = after;
                    continue;
                }
                instructions[at] = instructions[at] & !0xff | Op::UNPACK_SEQUENCE_STORE_FAST as u32;
                at = after + count;
                continue;
            }
            // [1, 2, 3]
            (Op::BUILD_LIST, Some(Op::LOAD_CONST))
                if instructions[at] >> 8 == 0
                    && instructions.get(after + 1) == Some(&(Op::LIST_EXTEND as u32 | 1 << 8)) =>
            {
                (Op::BUILD_LIST_CONST, true)
            }
            // x[i] += 1 and x.a += 1: the two lie on the stack until their copies are used up.
            (Op::COPY, Some(Op::COPY))
                if instructions[at] >> 8 == 2 && follows(instructions, after, Op::BINARY_SUBSCR) =>
            {
                (Op::COPY_COPY, true)
            }
            (Op::COPY, Some(Op::LOAD_ATTR)) => (Op::COPY_BORROW, false),
            (Op::SWAP, Some(Op::SWAP)) => (Op::SWAP_SWAP, true),
            (Op::STORE_FAST, Some(Op::STORE_FAST)) => (Op::STORE_FAST_STORE_FAST, true),
            (Op::STORE_FAST, Some(Op::LOAD_FAST_BORROW)) if !leads(instructions, after) => {
                (Op::STORE_FAST_LOAD_FAST, true)
            }
            (Op::LOAD_FAST_BORROW, Some(Op::LOAD_CONST)) => (Op::LOAD_FAST_LOAD_CONST, true),
            (Op::LOAD_FAST_BORROW, Some(Op::LOAD_ATTR)) => (Op::LOAD_FAST_LOAD_ATTR, false),
            (Op::LOAD_FAST_BORROW, Some(Op::LOAD_METHOD)) => (Op::LOAD_FAST_LOAD_METHOD, false),
            _ => {
                at = after;
                continue;
            }
        };
        instructions[at] = instructions[at] & !0xff | form as u32;
        // What is done together with another is not fused with a third.
        at = if both { after + 1 } else { after };
    }
}

/// Whether an instruction without a cache, at `at`, is a second one like that before it, and this operation follows.
fn follows(instructions: &[u32], at: usize, op: Op) -> bool {
    instructions[at] == instructions[at - 1]
        && instructions.get(at + 1).is_some_and(|word| Op::decode(*word) == Some(op))
}

/// Whether the `LOAD_FAST_BORROW` at `at` is better fused with what follows it.
fn leads(instructions: &[u32], at: usize) -> bool {
    let next = instructions.get(at + 1).and_then(|word| Op::decode(*word));
    matches!(next, Some(Op::LOAD_ATTR | Op::LOAD_METHOD | Op::LOAD_CONST)) || next.is_some_and(has_operands)
}
