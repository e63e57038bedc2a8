//! Where a specialised instruction of two operands finds them: on the stack, or where the loads before it would have taken
//! them from.
//!
//! A form of the second kind stands in the place of those loads, does their work and the operation's, and pushes neither
//! operand. The operation stays behind it, for those who jump there, and for the form itself: where its guard fails, the
//! form does what the loads do, and no more.

use super::registers::*;
use crate::bytecode::opcode::Op;
use crate::interp::quicken::Source;
use crate::interp::stack::Word;
use crate::object::value::Value;

/// A place of two operands.
pub trait Operands {
    /// The place, as the cache names it.
    const SOURCE: Source;
    /// How many of the operands lie on the stack.
    const ON_STACK: usize;

    /// The operands, as their holders have them: not marked as borrowed.
    fn get(r: &Registers) -> (Word, Word);
}

/// Both on the stack: the operation's own form.
pub struct OnStack;
/// `LOAD_FAST_BORROW_2`.
pub struct Locals;
/// `LOAD_FAST_BORROW`, `LOAD_CONST`.
pub struct LocalConst;
/// The left one on the stack, the right one by `LOAD_FAST_BORROW`.
pub struct Local;
/// The left one on the stack, the right one by `LOAD_CONST`.
pub struct Const;

impl Operands for OnStack {
    const SOURCE: Source = Source::Stack;
    const ON_STACK: usize = 2;

    #[inline(always)]
    fn get(r: &Registers) -> (Word, Word) {
        (r.peek(2), r.peek(1))
    }
}

impl Operands for Locals {
    const SOURCE: Source = Source::Locals;
    const ON_STACK: usize = 0;

    #[inline(always)]
    fn get(r: &Registers) -> (Word, Word) {
        (r.local(r.arg() & 0xfff), r.local(r.arg() >> 12))
    }
}

impl Operands for LocalConst {
    const SOURCE: Source = Source::LocalConst;
    const ON_STACK: usize = 0;

    #[inline(always)]
    fn get(r: &Registers) -> (Word, Word) {
        (r.local(r.arg()), r.constant_bits((r.next_word() >> 8) as usize))
    }
}

impl Operands for Local {
    const SOURCE: Source = Source::Local;
    const ON_STACK: usize = 1;

    #[inline(always)]
    fn get(r: &Registers) -> (Word, Word) {
        (r.peek(1), r.local(r.arg()))
    }
}

impl Operands for Const {
    const SOURCE: Source = Source::Const;
    const ON_STACK: usize = 1;

    #[inline(always)]
    fn get(r: &Registers) -> (Word, Word) {
        (r.peek(1), r.constant_bits(r.arg()))
    }
}

impl Registers<'_> {
    /// The word of the operation whose form runs.
    #[inline(always)]
    pub fn operation<S: Operands>(&self) -> u32 {
        match S::SOURCE.distance() {
            0 => self.word,
            // SAFETY: see `Registers`: the form stands before the operation.
            distance => unsafe { *self.ip.add(distance - 1) },
        }
    }

    /// Ends a form that has used up its operands: goes behind the operation and its cache word.
    #[inline(always)]
    pub fn use_up<S: Operands>(&mut self) {
        // SAFETY: see `Registers`.
        self.ip = unsafe { self.ip.add(S::SOURCE.distance() + 1) };
        self.shrink(S::ON_STACK);
    }

    /// Likewise, with a result in their place.
    #[inline(always)]
    pub fn replace<S: Operands>(&mut self, result: Word) {
        self.use_up::<S>();
        self.push(result);
    }
}

/// What runs in place of a form whose guard fails: the operation `generic`, or the loads alone.
#[inline(always)]
pub fn miss<S: Operands>(generic: Op) -> Next {
    Ok(Flow::As(S::SOURCE.loads().unwrap_or(generic)))
}

/// An immediate result of two immediate operands.
#[inline(always)]
pub fn replace_value<S: Operands>(r: &mut Registers, result: Value) -> Next {
    r.use_up::<S>();
    let next = r.next_word();
    if next as u8 == Op::STORE_FAST as u8 {
        // The next instruction at once.
        r.skip_word();
        return Ok(Flow::Release(r.replace_local((next >> 8) as usize, result.into_bits())));
    }
    r.push_value(result);
    Ok(Flow::Next)
}
