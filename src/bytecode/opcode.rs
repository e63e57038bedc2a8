//! The opcode table: every instruction's name, operand, stack effect and meaning, declared once.
//!
//! An instruction is one 32-bit word: the opcode in the low 8 bits, its operand in the high 24. An opcode marked
//! `cache` is followed by one more word, the index of its inline-cache entry (unique within the code object). Jump
//! operands are absolute word indexes. Stack effects count the operand stack after minus before; where the jump taken
//! differs, `jump` says how. In the documentation the top of the stack is on the right.
//!
//! The decoder, the disassembler, the `dis` module, the stack-depth check and the loop read this table.

use crate::object::operator_kind::numbered;
pub use crate::object::operator_kind::{BinaryOp, CompareOp};

/// How an instruction's 24-bit operand is to be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operand {
    /// Not used; zero.
    None,
    /// A plain number whose meaning the documentation gives.
    Num,
    /// An index into `consts`.
    Const,
    /// An index into `names`.
    Name,
    /// An index into the frame's locals, cells and free variables ("localsplus").
    Local,
    /// Two local indexes of 12 bits each: low is the first.
    Local2,
    /// The absolute index of the target word.
    Jump,
    /// A `BinaryOp`.
    Binary,
    /// A `CompareOp`; bit 4 asks for the result as a bool.
    Compare,
    /// An `Intrinsic`.
    Intrinsic,
}

/// One row of the table.
pub struct OpInfo {
    pub name: &'static str,
    pub operand: Operand,
    /// Whether an inline-cache word follows.
    pub cache: bool,
    /// Stack effect without a jump.
    pub effect: fn(i32) -> i32,
    /// Stack effect when the jump is taken.
    pub jump: fn(i32) -> i32,
    pub doc: &'static str,
}

macro_rules! opcodes {
    ($( $name:ident $operand:ident $($cache:literal)? ($e:expr $(; $j:expr)?) $doc:literal )*) => {
        /// The operation of an instruction.
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        #[repr(u8)]
        pub enum Op { $( #[doc = $doc] $name, )* }

        /// The table, indexed by opcode.
        pub static OPS: &[OpInfo] = &[ $( OpInfo {
            name: stringify!($name),
            operand: Operand::$operand,
            cache: opcodes!(@cache $($cache)?),
            effect: $e,
            jump: opcodes!(@jump ($e) $($j)?),
            doc: $doc,
        }, )* ];

        impl Op {
            /// Every opcode, in numeric order.
            pub const ALL: &'static [Op] = &[ $( Op::$name, )* ];
        }
    };
    (@cache) => { false };
    (@cache $c:literal) => { true };
    (@jump ($e:expr)) => { $e };
    (@jump ($e:expr) $j:expr) => { $j };
}

opcodes! {
    // Plain stack work.
    NOP None (|_| 0) "Does nothing."
    RESUME Num (|_| 0) "Marks the start of a code object (0) or the point after a yield (1), yield from (2), await (3). A safepoint."
    POP_TOP None (|_| -1) "Drops the top of the stack."
    PUSH_NULL None (|_| 1) "Pushes a null (no value), the place of an absent self."
    COPY Num (|_| 1) "Pushes a copy of the i-th item, counted from the top with 1."
    SWAP Num (|_| 0) "Swaps the top with the i-th item, counted from the top with 1."

    // Constants and locals.
    LOAD_CONST Const (|_| 1) "Pushes a constant."
    LOAD_FAST Local (|_| 1) "Pushes a local that is known to be bound, as a counted reference."
    LOAD_FAST_BORROW Local (|_| 1) "Pushes a local that is known to be bound and outlives this use, uncounted."
    LOAD_FAST_CHECK Local (|_| 1) "Pushes a local; raises UnboundLocalError if it is unbound."
    LOAD_FAST_AND_CLEAR Local (|_| 1) "Pushes a local, or null if it is unbound, and leaves it unbound."
    LOAD_FAST_BORROW_2 Local2 (|_| 2) "LOAD_FAST_BORROW twice: the local in the low 12 bits, then the one in the high 12 bits."
    STORE_FAST Local (|_| -1) "Pops a value (or null: unbinds) into a local."
    DELETE_FAST Local (|_| 0) "Unbinds a local; raises UnboundLocalError if it is unbound."
    MAKE_CELL Local (|_| 0) "Wraps the local's present value (an argument, or nothing) in a new cell, stored in its place."
    COPY_FREE_VARS Num (|_| 0) "Copies the function's closure cells into the last i locals."
    LOAD_CLOSURE Local (|_| 1) "Pushes the cell itself that is stored in a local."
    LOAD_DEREF Local (|_| 1) "Pushes a cell's contents; raises NameError or UnboundLocalError if it is empty."
    STORE_DEREF Local (|_| -1) "Pops a value into a cell."
    DELETE_DEREF Local (|_| 0) "Empties a cell; raises if it is empty."
    LOAD_FROM_DICT_OR_DEREF Local (|_| 0) "Pops a mapping; pushes its entry for the cell's name, else the cell's contents."

    // Names.
    LOAD_NAME Name (|_| 1) "Pushes a name's value from the local, global or builtin namespace."
    STORE_NAME Name (|_| -1) "Pops a value into the local namespace."
    DELETE_NAME Name (|_| 0) "Deletes a name from the local namespace."
    LOAD_GLOBAL Name 1 (|_| 1) "Pushes a global or builtin."
    STORE_GLOBAL Name 1 (|_| -1) "Pops a value into the global namespace."
    DELETE_GLOBAL Name (|_| 0) "Deletes a global."
    LOAD_FROM_DICT_OR_GLOBALS Name (|_| 0) "Pops a mapping; pushes its entry for the name, else the global or builtin."
    LOAD_LOCALS None (|_| 1) "Pushes the local namespace as a mapping."
    LOAD_BUILD_CLASS None (|_| 1) "Pushes builtins.__build_class__."
    LOAD_COMMON_CONSTANT Num (|_| 1) "Pushes AssertionError (0), NotImplementedError (1), tuple (2), all (3), any (4), list (5) or set (6)."

    // Attributes.
    LOAD_ATTR Name 1 (|_| 0) "[obj] -> [obj.name]"
    LOAD_METHOD Name 1 (|_| 1) "[obj] -> [function, obj] when obj.name is a method to be bound, else [obj.name, null]; for a CALL."
    STORE_ATTR Name 1 (|_| -2) "[value, obj] -> []: obj.name = value"
    DELETE_ATTR Name (|_| -1) "[obj] -> []: del obj.name"
    LOAD_SUPER_ATTR Name 1 (|_| -2) "[super, class, self] -> [super(class, self).name]"
    LOAD_SUPER_METHOD Name 1 (|_| -1) "[super, class, self] -> as LOAD_METHOD on super(class, self)"
    LOAD_SPECIAL Num (|_| 1) "[obj] -> [method, self-or-null] for __enter__ (0), __exit__ (1), __aenter__ (2), __aexit__ (3), looked up on the type."

    // Operators.
    BINARY_OP Binary 1 (|_| -1) "[left, right] -> [left op right]; in-place forms included."
    COMPARE_OP Compare 1 (|_| -1) "[left, right] -> [left op right]"
    IS_OP Num (|_| -1) "[left, right] -> [left is right], negated when the operand is 1."
    CONTAINS_OP Num 1 (|_| -1) "[item, container] -> [item in container], negated when the operand is 1."
    UNARY_NEGATIVE None (|_| 0) "[x] -> [-x]"
    UNARY_POSITIVE None (|_| 0) "[x] -> [+x]"
    UNARY_INVERT None (|_| 0) "[x] -> [~x]"
    UNARY_NOT None (|_| 0) "[x] -> [not x]"
    TO_BOOL None 1 (|_| 0) "[x] -> [bool(x)]"
    BINARY_SUBSCR None 1 (|_| -1) "[obj, key] -> [obj[key]]"
    STORE_SUBSCR None 1 (|_| -3) "[value, obj, key] -> []: obj[key] = value"
    DELETE_SUBSCR None (|_| -2) "[obj, key] -> []: del obj[key]"
    BINARY_SLICE None (|_| -2) "[obj, start, stop] -> [obj[start:stop]]"
    STORE_SLICE None (|_| -4) "[value, obj, start, stop] -> []: obj[start:stop] = value"
    BUILD_SLICE Num (|n| 1 - n) "[start, stop] (2) or [start, stop, step] (3) -> [slice]"

    // Building.
    BUILD_TUPLE Num (|n| 1 - n) "Pops i items; pushes a tuple."
    BUILD_LIST Num (|n| 1 - n) "Pops i items; pushes a list."
    BUILD_SET Num (|n| 1 - n) "Pops i items; pushes a set."
    BUILD_MAP Num (|n| 1 - 2 * n) "Pops i key, value pairs; pushes a dict."
    BUILD_STRING Num (|n| 1 - n) "Pops i str; pushes their concatenation."
    LIST_APPEND Num (|_| -1) "Pops an item and appends it to the list at the i-th place (counted after the pop)."
    SET_ADD Num (|_| -1) "Pops an item and adds it to the set at the i-th place (counted after the pop)."
    MAP_ADD Num (|_| -2) "Pops a key and a value ([key, value]) into the dict at the i-th place (counted after the pops)."
    LIST_EXTEND Num (|_| -1) "Pops an iterable and extends the list at the i-th place (counted after the pop)."
    SET_UPDATE Num (|_| -1) "Pops an iterable and updates the set at the i-th place (counted after the pop)."
    DICT_UPDATE Num (|_| -1) "Pops a mapping and updates the dict at the i-th place (counted after the pop)."
    DICT_MERGE Num (|_| -1) "DICT_UPDATE for keyword arguments: raises TypeError on a repeated or non-str key; the callable lies at i + 2 (counted after the pop: [callable, self-or-null, args, dict])."
    FORMAT_SIMPLE None (|_| 0) "[x] -> [format(x, '')]; an exact str is left alone."
    FORMAT_WITH_SPEC None (|_| -1) "[x, spec] -> [format(x, spec)]"
    CONVERT_VALUE Num (|_| 0) "[x] -> [str(x)] (1), [repr(x)] (2), [ascii(x)] (3)"
    BUILD_INTERPOLATION Num (|n| -1 - (n & 1)) "[value, str] or, when bit 0 is set, [value, str, spec] -> [Interpolation]; the conversion is in bits 1 and up, as for CONVERT_VALUE."
    BUILD_TEMPLATE None (|_| -1) "[tuple of str, tuple of Interpolation] -> [Template]"
    UNPACK_SEQUENCE Num (|n| n - 1) "Pops an iterable; pushes its i items, the first on top."
    UNPACK_EX Num (|n| (n & 0xff) + (n >> 8)) "Pops an iterable; pushes (operand & 255) items before the star, the star's list, (operand >> 8) items after; the first on top."

    // Jumps.
    JUMP Jump (|_| 0) "Jumps forward."
    JUMP_BACKWARD Jump (|_| 0) "Jumps back. A safepoint."
    POP_JUMP_IF_TRUE Jump (|_| -1) "Pops a value; jumps if it is true."
    POP_JUMP_IF_FALSE Jump (|_| -1) "Pops a value; jumps if it is false."
    POP_JUMP_IF_NONE Jump (|_| -1) "Pops a value; jumps if it is None."
    POP_JUMP_IF_NOT_NONE Jump (|_| -1) "Pops a value; jumps if it is not None."
    JUMP_IF_TRUE_OR_POP Jump (|_| -1; |_| 0) "Jumps and keeps the top if it is true, else pops it."
    JUMP_IF_FALSE_OR_POP Jump (|_| -1; |_| 0) "Jumps and keeps the top if it is false, else pops it."

    // Iteration, generators, coroutines.
    GET_ITER None (|_| 0) "[x] -> [iter(x)]"
    FOR_ITER Jump 1 (|_| 1; |_| -1) "[iter] -> [iter, next]; when exhausted pops the iterator and jumps."
    GET_YIELD_FROM_ITER None (|_| 0) "[x] -> [x] for a generator (or a coroutine, where allowed), else [iter(x)]"
    RETURN_GENERATOR None (|_| 1) "Makes a generator, coroutine or async generator (by the code's flags) of this frame and returns it to the caller; when first resumed, the frame goes on with the next instruction and the sent value (None) pushed, which a POP_TOP drops."
    YIELD_VALUE Num (|_| 0) "[value] -> (suspended) -> [sent value]; operand 1 when it is the inner step of yield from or await."
    SEND Jump (|_| 0; |_| 0) "[receiver, value] -> [receiver, yielded]; when the receiver returns, jumps with [receiver, result]."
    END_SEND None (|_| -1) "[receiver, result] -> [result]"
    CLEANUP_THROW None (|_| -1) "[receiver, last sent, exception] -> [None, value] for StopIteration, else re-raises it."
    GET_AWAITABLE Num (|_| 0) "[x] -> [awaitable iterator]; operand 1 for __aenter__, 2 for __aexit__, in messages."
    GET_AITER None (|_| 0) "[x] -> [x.__aiter__()]"
    GET_ANEXT None (|_| 1) "[aiter] -> [aiter, awaitable of __anext__()]"
    END_ASYNC_FOR None (|_| -2) "[aiter, exception] -> [] for StopAsyncIteration, else re-raises it."

    // Functions and calls.
    MAKE_FUNCTION None (|_| 0) "[code] -> [function]"
    SET_FUNCTION_ATTRIBUTE Num (|_| -1) "[attribute, function] -> [function]: defaults tuple (1), keyword defaults dict (2), annotations (4), closure tuple (8), __annotate__ function (16), type parameters (32)."
    CALL Num 1 (|n| -1 - n) "[callable, self-or-null, i arguments] -> [result]"
    CALL_KW Num 1 (|n| -2 - n) "[callable, self-or-null, i arguments, tuple of the last arguments' names] -> [result]"
    CALL_FUNCTION_EX Num (|n| -2 - (n & 1)) "[callable, self-or-null, args tuple or iterable] and, when the operand is 1, a dict of keywords -> [result]"
    CALL_INTRINSIC_1 Intrinsic (|_| 0) "[x] -> [intrinsic(x)]"
    CALL_INTRINSIC_2 Intrinsic (|_| -1) "[x, y] -> [intrinsic(x, y)]"
    RETURN_VALUE None (|_| -1) "Returns the top of the stack."

    // Exceptions and with. A handler is entered with the stack cut to its depth, then (if the table says so) the index
    // of the instruction that raised, then the exception.
    PUSH_EXC_INFO None (|_| 1) "[exception] -> [previous handled exception or None, exception]; the exception becomes the handled one."
    POP_EXCEPT None (|_| -1) "[previous] -> []: restores the handled exception."
    CHECK_EXC_MATCH None (|_| 0) "[exception, type or tuple] -> [exception, bool]"
    CHECK_EG_MATCH None (|_| 0) "[group, type or tuple] -> [rest or None, match or None]; a match becomes the handled exception."
    RAISE_VARARGS Num (|n| -n) "raise (0), raise x (1), raise x from y (2)."
    RERAISE Num (|_| -1) "[exception] (0) -> re-raises it; when the operand is 1 the instruction index under it ([lasti, exception]) becomes the place of the raise."
    WITH_EXCEPT_START None (|_| 1) "[exit method, self-or-null, lasti, previous handled, exception] -> the same and the result of exit(type, exception, traceback)"

    // Pattern matching.
    GET_LEN None (|_| 1) "[x] -> [x, len(x)]"
    MATCH_MAPPING None (|_| 1) "[x] -> [x, bool]"
    MATCH_SEQUENCE None (|_| 1) "[x] -> [x, bool]"
    MATCH_KEYS None (|_| 1) "[mapping, tuple of keys] -> the same and a tuple of the values, or None"
    MATCH_CLASS Num (|_| -2) "[subject, class, tuple of keyword names] with i positional sub-patterns -> [tuple of attributes, or None]"

    // Imports.
    IMPORT_NAME Name (|_| -1) "[level, fromlist] -> [module]"
    IMPORT_FROM Name (|_| 1) "[module] -> [module, module.name]"

    // Forms below are made by specialisation in a thread's own copy; the compiler never writes them.
    LAST_GENERIC None (|_| 0) "Not an instruction: opcodes from here on are specialised forms."

    INSTRUMENTED None (|_| 0) "Any instruction, in the copy of a thread that reports what happens there: the code's own words say which."

    // Two at once, in every quickened copy; the second instruction stays in its place, for those who jump to it.
    COPY_COPY Num (|_| 1) "COPY, and the same COPY that follows, where a BINARY_SUBSCR follows that; both borrowed."
    COPY_BORROW Num (|_| 1) "COPY before LOAD_ATTR, borrowed."
    SWAP_SWAP Num (|_| 0) "SWAP, and the SWAP that follows."
    STORE_FAST_STORE_FAST Local (|_| -1) "STORE_FAST, and the STORE_FAST that follows."
    STORE_FAST_LOAD_FAST Local (|_| -1) "STORE_FAST, and the LOAD_FAST_BORROW that follows."
    LOAD_FAST_LOAD_CONST Local (|_| 1) "LOAD_FAST_BORROW, and the LOAD_CONST that follows."
    LOAD_FAST_LOAD_ATTR Local (|_| 1) "LOAD_FAST_BORROW, and the LOAD_ATTR that follows, where that is specialised for slots."
    LOAD_FAST_LOAD_METHOD Local (|_| 1) "LOAD_FAST_BORROW, and the LOAD_METHOD that follows, where that is specialised for methods of the class."

    BUILD_LIST_CONST Num (|_| 1) "BUILD_LIST of no items, and the LOAD_CONST of a tuple and LIST_EXTEND that follow."

    UNPACK_SEQUENCE_STORE_FAST Num (|n| n - 1) "UNPACK_SEQUENCE of an exact tuple, and the i STORE_FAST that follow."

    // Names. (What guards each form and what its cache holds: `interp::fast`.)
    LOAD_GLOBAL_MODULE Name 1 (|_| 1) "LOAD_GLOBAL of a name in the globals."
    LOAD_GLOBAL_BUILTIN Name 1 (|_| 1) "LOAD_GLOBAL of a name in the builtins only."

    // Attributes.
    LOAD_ATTR_SLOT Name 1 (|_| 0) "LOAD_ATTR of an instance's own attribute, or of a member of `__slots__`."
    LOAD_ATTR_DICT Name 1 (|_| 0) "LOAD_ATTR of an instance's own attribute, where its attributes are in a dict."
    LOAD_ATTR_CLASS Name 1 (|_| 0) "LOAD_ATTR, through an instance, of a class's attribute that is no descriptor."
    LOAD_ATTR_MODULE Name 1 (|_| 0) "LOAD_ATTR of a module."
    LOAD_ATTR_TYPE Name 1 (|_| 0) "LOAD_ATTR of a class."
    LOAD_ATTR_GETTER Name 1 (|_| 0) "LOAD_ATTR of an attribute that a native type computes."
    LOAD_ATTR_DESCRIPTOR Name 1 (|_| 0) "LOAD_ATTR of a native data descriptor, such as the field of a named tuple."
    LOAD_ATTR_PROPERTY Name 1 (|_| 0) "LOAD_ATTR of a property with a Python getter."
    LOAD_METHOD_CLASS Name 1 (|_| 1) "LOAD_METHOD of a method of the object's class."
    LOAD_METHOD_SLOT Name 1 (|_| 1) "LOAD_METHOD of an instance's own attribute."
    LOAD_METHOD_PLAIN Name 1 (|_| 1) "LOAD_METHOD, through an instance, of a class's attribute that is no descriptor."
    LOAD_METHOD_MODULE Name 1 (|_| 1) "LOAD_METHOD of a module."
    LOAD_METHOD_TYPE Name 1 (|_| 1) "LOAD_METHOD of a class."
    LOAD_METHOD_CLASSMETHOD Name 1 (|_| 1) "LOAD_METHOD of a class's classmethod."
    LOAD_METHOD_STATICMETHOD Name 1 (|_| 1) "LOAD_METHOD of a class's staticmethod."
    LOAD_METHOD_STATICMETHOD_OBJECT Name 1 (|_| 1) "LOAD_METHOD, through an instance, of a class's staticmethod."
    LOAD_SUPER_METHOD_CACHED Name 1 (|_| -1) "LOAD_SUPER_METHOD found in a base of the object's class."
    STORE_ATTR_SLOT Name 1 (|_| -2) "STORE_ATTR to an attribute that the instance has."
    STORE_ATTR_ADD Name 1 (|_| -2) "STORE_ATTR that gives the instance its next attribute."

    // Operators.
    BINARY_ADD_INT Binary 1 (|_| -1) "BINARY_OP of immediate ints."
    BINARY_SUBTRACT_INT Binary 1 (|_| -1) "BINARY_OP of immediate ints."
    BINARY_MULTIPLY_INT Binary 1 (|_| -1) "BINARY_OP of immediate ints."
    BINARY_OP_INT Binary 1 (|_| -1) "BINARY_OP of immediate ints, the other operators."
    BINARY_ADD_FLOAT Binary 1 (|_| -1) "BINARY_OP of floats."
    BINARY_SUBTRACT_FLOAT Binary 1 (|_| -1) "BINARY_OP of floats."
    BINARY_MULTIPLY_FLOAT Binary 1 (|_| -1) "BINARY_OP of floats."
    BINARY_DIVIDE_FLOAT Binary 1 (|_| -1) "BINARY_OP of floats."
    COMPARE_OP_INT Compare 1 (|_| -1) "COMPARE_OP of immediate ints."
    COMPARE_OP_INT_JUMP Compare 1 (|_| -1) "COMPARE_OP of immediate ints and the POP_JUMP_IF_TRUE or POP_JUMP_IF_FALSE that follows."
    COMPARE_OP_FLOAT Compare 1 (|_| -1) "COMPARE_OP of floats."
    COMPARE_OP_FLOAT_JUMP Compare 1 (|_| -1) "COMPARE_OP of floats and the POP_JUMP_IF_TRUE or POP_JUMP_IF_FALSE that follows."
    COMPARE_OP_STR Compare 1 (|_| -1) "COMPARE_OP, == or !=, of exact str."
    BINARY_SUBSCR_LIST None 1 (|_| -1) "BINARY_SUBSCR of an exact list by an immediate int."
    BINARY_SUBSCR_TUPLE None 1 (|_| -1) "BINARY_SUBSCR of an exact tuple by an immediate int."
    BINARY_SUBSCR_DICT None 1 (|_| -1) "BINARY_SUBSCR of an exact dict."
    BINARY_SUBSCR_GETITEM None 1 (|_| -1) "BINARY_SUBSCR of an instance with a Python `__getitem__`."
    STORE_SUBSCR_LIST None 1 (|_| -3) "STORE_SUBSCR of an exact list by an immediate int."
    STORE_SUBSCR_DICT None 1 (|_| -3) "STORE_SUBSCR of an exact dict."

    // The operations above and the loads of their operands before them (`interp::eval::operands`); each stands in the loads'
    // place. As instructions they are the loads: the operation behind them is skipped.
    BINARY_ADD_INT_LOCALS Local2 (|_| 2) "LOAD_FAST_BORROW_2, and the BINARY_ADD_INT that follows."
    BINARY_ADD_INT_LOCAL_CONST Local (|_| 1) "LOAD_FAST_BORROW, LOAD_CONST, and the BINARY_ADD_INT that follows."
    BINARY_ADD_INT_LOCAL Local (|_| 1) "LOAD_FAST_BORROW, and the BINARY_ADD_INT that follows."
    BINARY_ADD_INT_CONST Const (|_| 1) "LOAD_CONST, and the BINARY_ADD_INT that follows."
    BINARY_SUBTRACT_INT_LOCALS Local2 (|_| 2) "LOAD_FAST_BORROW_2, and the BINARY_SUBTRACT_INT that follows."
    BINARY_SUBTRACT_INT_LOCAL_CONST Local (|_| 1) "LOAD_FAST_BORROW, LOAD_CONST, and the BINARY_SUBTRACT_INT that follows."
    BINARY_SUBTRACT_INT_LOCAL Local (|_| 1) "LOAD_FAST_BORROW, and the BINARY_SUBTRACT_INT that follows."
    BINARY_SUBTRACT_INT_CONST Const (|_| 1) "LOAD_CONST, and the BINARY_SUBTRACT_INT that follows."
    BINARY_MULTIPLY_INT_LOCALS Local2 (|_| 2) "LOAD_FAST_BORROW_2, and the BINARY_MULTIPLY_INT that follows."
    BINARY_MULTIPLY_INT_LOCAL_CONST Local (|_| 1) "LOAD_FAST_BORROW, LOAD_CONST, and the BINARY_MULTIPLY_INT that follows."
    BINARY_MULTIPLY_INT_LOCAL Local (|_| 1) "LOAD_FAST_BORROW, and the BINARY_MULTIPLY_INT that follows."
    BINARY_MULTIPLY_INT_CONST Const (|_| 1) "LOAD_CONST, and the BINARY_MULTIPLY_INT that follows."
    BINARY_ADD_FLOAT_LOCALS Local2 (|_| 2) "LOAD_FAST_BORROW_2, and the BINARY_ADD_FLOAT that follows."
    BINARY_ADD_FLOAT_LOCAL_CONST Local (|_| 1) "LOAD_FAST_BORROW, LOAD_CONST, and the BINARY_ADD_FLOAT that follows."
    BINARY_ADD_FLOAT_LOCAL Local (|_| 1) "LOAD_FAST_BORROW, and the BINARY_ADD_FLOAT that follows."
    BINARY_ADD_FLOAT_CONST Const (|_| 1) "LOAD_CONST, and the BINARY_ADD_FLOAT that follows."
    BINARY_SUBTRACT_FLOAT_LOCALS Local2 (|_| 2) "LOAD_FAST_BORROW_2, and the BINARY_SUBTRACT_FLOAT that follows."
    BINARY_SUBTRACT_FLOAT_LOCAL_CONST Local (|_| 1) "LOAD_FAST_BORROW, LOAD_CONST, and the BINARY_SUBTRACT_FLOAT that follows."
    BINARY_SUBTRACT_FLOAT_LOCAL Local (|_| 1) "LOAD_FAST_BORROW, and the BINARY_SUBTRACT_FLOAT that follows."
    BINARY_SUBTRACT_FLOAT_CONST Const (|_| 1) "LOAD_CONST, and the BINARY_SUBTRACT_FLOAT that follows."
    BINARY_MULTIPLY_FLOAT_LOCALS Local2 (|_| 2) "LOAD_FAST_BORROW_2, and the BINARY_MULTIPLY_FLOAT that follows."
    BINARY_MULTIPLY_FLOAT_LOCAL_CONST Local (|_| 1) "LOAD_FAST_BORROW, LOAD_CONST, and the BINARY_MULTIPLY_FLOAT that follows."
    BINARY_MULTIPLY_FLOAT_LOCAL Local (|_| 1) "LOAD_FAST_BORROW, and the BINARY_MULTIPLY_FLOAT that follows."
    BINARY_MULTIPLY_FLOAT_CONST Const (|_| 1) "LOAD_CONST, and the BINARY_MULTIPLY_FLOAT that follows."
    BINARY_DIVIDE_FLOAT_LOCALS Local2 (|_| 2) "LOAD_FAST_BORROW_2, and the BINARY_DIVIDE_FLOAT that follows."
    BINARY_DIVIDE_FLOAT_LOCAL_CONST Local (|_| 1) "LOAD_FAST_BORROW, LOAD_CONST, and the BINARY_DIVIDE_FLOAT that follows."
    BINARY_DIVIDE_FLOAT_LOCAL Local (|_| 1) "LOAD_FAST_BORROW, and the BINARY_DIVIDE_FLOAT that follows."
    BINARY_DIVIDE_FLOAT_CONST Const (|_| 1) "LOAD_CONST, and the BINARY_DIVIDE_FLOAT that follows."
    COMPARE_OP_INT_JUMP_LOCALS Local2 (|_| 2) "LOAD_FAST_BORROW_2, and the COMPARE_OP_INT_JUMP that follows."
    COMPARE_OP_INT_JUMP_LOCAL_CONST Local (|_| 1) "LOAD_FAST_BORROW, LOAD_CONST, and the COMPARE_OP_INT_JUMP that follows."
    COMPARE_OP_INT_JUMP_LOCAL Local (|_| 1) "LOAD_FAST_BORROW, and the COMPARE_OP_INT_JUMP that follows."
    COMPARE_OP_INT_JUMP_CONST Const (|_| 1) "LOAD_CONST, and the COMPARE_OP_INT_JUMP that follows."
    COMPARE_OP_FLOAT_JUMP_LOCALS Local2 (|_| 2) "LOAD_FAST_BORROW_2, and the COMPARE_OP_FLOAT_JUMP that follows."
    COMPARE_OP_FLOAT_JUMP_LOCAL_CONST Local (|_| 1) "LOAD_FAST_BORROW, LOAD_CONST, and the COMPARE_OP_FLOAT_JUMP that follows."
    COMPARE_OP_FLOAT_JUMP_LOCAL Local (|_| 1) "LOAD_FAST_BORROW, and the COMPARE_OP_FLOAT_JUMP that follows."
    COMPARE_OP_FLOAT_JUMP_CONST Const (|_| 1) "LOAD_CONST, and the COMPARE_OP_FLOAT_JUMP that follows."
    BINARY_SUBSCR_LIST_LOCALS Local2 (|_| 2) "LOAD_FAST_BORROW_2, and the BINARY_SUBSCR_LIST that follows."
    BINARY_SUBSCR_LIST_LOCAL_CONST Local (|_| 1) "LOAD_FAST_BORROW, LOAD_CONST, and the BINARY_SUBSCR_LIST that follows."
    BINARY_SUBSCR_LIST_LOCAL Local (|_| 1) "LOAD_FAST_BORROW, and the BINARY_SUBSCR_LIST that follows."
    BINARY_SUBSCR_LIST_CONST Const (|_| 1) "LOAD_CONST, and the BINARY_SUBSCR_LIST that follows."
    BINARY_SUBSCR_TUPLE_LOCALS Local2 (|_| 2) "LOAD_FAST_BORROW_2, and the BINARY_SUBSCR_TUPLE that follows."
    BINARY_SUBSCR_TUPLE_LOCAL_CONST Local (|_| 1) "LOAD_FAST_BORROW, LOAD_CONST, and the BINARY_SUBSCR_TUPLE that follows."
    BINARY_SUBSCR_TUPLE_LOCAL Local (|_| 1) "LOAD_FAST_BORROW, and the BINARY_SUBSCR_TUPLE that follows."
    BINARY_SUBSCR_TUPLE_CONST Const (|_| 1) "LOAD_CONST, and the BINARY_SUBSCR_TUPLE that follows."

    // Iteration and calls.
    FOR_ITER_LIST Jump 1 (|_| 1; |_| -1) "FOR_ITER over a list."
    FOR_ITER_TUPLE Jump 1 (|_| 1; |_| -1) "FOR_ITER over a tuple."
    FOR_ITER_RANGE Jump 1 (|_| 1; |_| -1) "FOR_ITER over a range."
    FOR_ITER_NATIVE Jump 1 (|_| 1; |_| -1) "FOR_ITER over an iterator of a native class."
    FOR_ITER_PAIR Jump 1 (|_| 1; |_| -1) "FOR_ITER over what gives pairs (entries of a dict, zip, enumerate), and the UNPACK_SEQUENCE that follows."
    FOR_ITER_GENERATOR Jump 1 (|_| 1; |_| -1) "FOR_ITER over a generator."
    FOR_ITER_NEXT Jump 1 (|_| 1; |_| -1) "FOR_ITER over an instance with a Python `__next__`."
    CALL_FUNCTION Num 1 (|n| -1 - n) "CALL of a Python function with all of its parameters by position."
    CALL_FUNCTION_DEFAULTS Num 1 (|n| -1 - n) "CALL of a Python function with some of its parameters by position and defaults for the others."
    CALL_KW_FUNCTION Num 1 (|n| -2 - n) "CALL_KW of a Python function without `*args` and `**kwargs`."
    CALL_FUNCTION_BOUND Num 1 (|n| -1 - n) "CALL of a bound method whose function is a Python function, likewise."
    CALL_CLASS Num 1 (|n| -1 - n) "CALL of a class with object's `__new__` and a Python `__init__`, likewise."
    CALL_NATIVE_0 Num 1 (|n| -1 - n) "CALL of a native function or method that takes exactly no argument, self included."
    CALL_NATIVE_1 Num 1 (|n| -1 - n) "CALL of a native function or method that takes exactly one argument, self included."
    CALL_NATIVE_2 Num 1 (|n| -1 - n) "CALL of a native function or method that takes exactly two arguments, self included."
    CALL_NATIVE_3 Num 1 (|n| -1 - n) "CALL of a native function or method that takes exactly three arguments, self included."
    CALL_NATIVE_RAW Num 1 (|n| -1 - n) "CALL of a native function or method that reads its arguments itself."
    CALL_NATIVE_BOUND Num 1 (|n| -1 - n) "CALL of a native function or method whose arguments are laid out by its signature."
    CALL_NATIVE_CLASS Num 1 (|n| -1 - n) "CALL of a native class."
    CALL_TYPE_OF Num 1 (|n| -1 - n) "CALL of type with one argument."
}

/// Bit of `COMPARE_OP`'s operand: the result is wanted as a bool (a test follows).
pub const COMPARE_TO_BOOL: u32 = 16;

numbered! {
    /// The operand of `CALL_INTRINSIC_1` and `CALL_INTRINSIC_2`.
    Intrinsic {
        Print "INTRINSIC_PRINT",
        /// Pops a module; binds its public names in the local namespace; pushes None.
        ImportStar "INTRINSIC_IMPORT_STAR",
        /// StopIteration leaving a generator, StopAsyncIteration leaving an async one: becomes RuntimeError.
        StopIterationError "INTRINSIC_STOPITERATION_ERROR",
        AsyncGenWrap "INTRINSIC_ASYNC_GEN_WRAP",
        ListToTuple "INTRINSIC_LIST_TO_TUPLE",
        TypeVar "INTRINSIC_TYPEVAR",
        ParamSpec "INTRINSIC_PARAMSPEC",
        TypeVarTuple "INTRINSIC_TYPEVARTUPLE",
        /// Pops a tuple of type parameters; pushes Generic[...] of them.
        SubscriptGeneric "INTRINSIC_SUBSCRIPT_GENERIC",
        /// Pops (name, type parameters or None, function computing the value); pushes a TypeAliasType.
        TypeAlias "INTRINSIC_TYPEALIAS",
        /// Two operands: [original group, list of raised] -> the exception to re-raise, or None (PEP 654).
        PrepReraiseStar "INTRINSIC_PREP_RERAISE_STAR",
        /// Two operands: [name, function computing the bound] -> TypeVar.
        TypeVarWithBound "INTRINSIC_TYPEVAR_WITH_BOUND",
        /// Two operands: [name, function computing the constraints] -> TypeVar.
        TypeVarWithConstraints "INTRINSIC_TYPEVAR_WITH_CONSTRAINTS",
        /// Two operands: [function, tuple of type parameters] -> function, its __type_params__ set.
        SetFunctionTypeParams "INTRINSIC_SET_FUNCTION_TYPE_PARAMS",
        /// Two operands: [type parameter, function computing the default] -> type parameter.
        SetTypeparamDefault "INTRINSIC_SET_TYPEPARAM_DEFAULT",
    }
}

/// An instruction word.
pub const fn encode(op: Op, arg: u32) -> u32 {
    op as u32 | arg << 8
}

/// The largest operand.
pub const MAX_ARG: u32 = (1 << 24) - 1;

impl Op {
    /// The operation in an instruction word, or None where the low byte is no opcode.
    pub fn decode(word: u32) -> Option<Op> {
        Op::ALL.get((word & 0xff) as usize).copied()
    }

    pub fn info(self) -> &'static OpInfo {
        &OPS[self as usize]
    }
}

/// The operand of an instruction word.
pub const fn arg(word: u32) -> u32 {
    word >> 8
}
