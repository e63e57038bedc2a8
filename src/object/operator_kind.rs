//! The operators of Python by number: operands of instructions, and arguments of the operations behind them.

/// Declares an enum whose variants are numbered from zero and have a text.
macro_rules! numbered {
    ($(#[$m:meta])* $t:ident { $($(#[$d:meta])* $v:ident $s:literal,)* }) => {
        $(#[$m])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        #[repr(u8)]
        pub enum $t { $($(#[$d])* $v,)* }
        impl $t {
            /// Every one, in numeric order.
            pub const ALL: &'static [$t] = &[$($t::$v,)*];
            /// The text that the disassembler shows.
            pub fn text(self) -> &'static str { match self { $($t::$v => $s,)* } }
            /// The inverse of `as u8`.
            pub fn from_arg(arg: u32) -> Option<$t> { Self::ALL.get(arg as usize).copied() }
        }
    };
}

pub(crate) use numbered;

numbered! {
    /// The operand of `BINARY_OP`; the in-place form of an operator is the operator plus 13.
    BinaryOp {
        Add "+", And "&", FloorDivide "//", LShift "<<", MatMul "@", Multiply "*", Remainder "%", Or "|", Power "**",
        RShift ">>", Subtract "-", TrueDivide "/", Xor "^",
        IAdd "+=", IAnd "&=", IFloorDivide "//=", ILShift "<<=", IMatMul "@=", IMultiply "*=", IRemainder "%=",
        IOr "|=", IPower "**=", IRShift ">>=", ISubtract "-=", ITrueDivide "/=", IXor "^=",
    }
}

numbered! {
    /// The operand of `COMPARE_OP` and the last argument of a rich comparison.
    CompareOp { Lt "<", Le "<=", Eq "==", Ne "!=", Gt ">", Ge ">=", }
}
