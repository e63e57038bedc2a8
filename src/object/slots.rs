//! Type slots: the operations that a type implements, as plain function pointers.
//!
//! One table declares each slot. `SlotTable` is what a native type writes down as a constant; `Slots` is what a type
//! carries at run time: atomic words, because assigning `C.__len__` while others call `len()` must not tear.
//! `types/type_/dispatch.rs` maps special-method names to slots both ways.

use super::args::Args;
use super::header::Header;
use super::raise::PyResult;
use super::thread::Thread;
use super::type_object::Type;
use super::value::Value;
use crate::object::operator_kind::CompareOp;
use crate::sync::shim::atomic::{AtomicUsize, Ordering::*};
use std::marker::PhantomData;

/// `f(self)`.
pub type Unary = fn(&Thread, &Value) -> PyResult;
/// `f(left, right)`: for operators either operand may be of the slot's type; `NotImplemented` passes.
pub type Binary = fn(&Thread, &Value, &Value) -> PyResult;
/// `pow(base, exponent, modulus or None)`.
pub type Ternary = fn(&Thread, &Value, &Value, &Value) -> PyResult;
/// `__bool__`, answering plainly.
pub type Truth = fn(&Thread, &Value) -> PyResult<bool>;
/// `__len__`, not negative.
pub type Length = fn(&Thread, &Value) -> PyResult<usize>;
/// `__hash__`.
pub type Hash = fn(&Thread, &Value) -> PyResult<i64>;
/// `__next__`; `Ok(None)` is exhaustion without an exception object.
pub type Next = fn(&Thread, &Value) -> PyResult<Option<Value>>;
/// `item in self`.
pub type Contains = fn(&Thread, &Value, &Value) -> PyResult<bool>;
/// Rich comparison.
pub type Compare = fn(&Thread, &Value, &Value, CompareOp) -> PyResult;
/// `self[key] = value`, or `del self[key]` for `None`; also attributes and descriptors.
pub type SetItem = fn(&Thread, &Value, &Value, Option<&Value>) -> PyResult<()>;
/// `self(*args, **kwargs)`; `self` is not among the arguments.
pub type Call = fn(&Thread, &Value, Args<'_>) -> PyResult;
/// `__new__(cls, ...)`.
pub type New = fn(&Thread, &Type, Args<'_>) -> PyResult;
/// `__init__(self, ...)`.
pub type Init = fn(&Thread, &Value, Args<'_>) -> PyResult<()>;
/// `descriptor.__get__(object or null, owner type)`.
pub type DescrGet = fn(&Thread, &Value, Option<&Value>, &Value) -> PyResult;
/// `__del__`; errors are reported as unraisable by the slot itself.
pub type Finalize = fn(&Thread, &Value);
/// PEP 688: exposes the object's bytes; see `buffer`.
pub type GetBuffer = fn(&Thread, &Value, super::buffer::Request) -> PyResult<super::buffer::Buffer>;
/// `send(generator, value)`: `Ok(Sent::Yield/Return)`; the fast way of `SEND` and `await`.
pub type Send = fn(&Thread, &Value, &Value) -> PyResult<Sent>;

/// Gives what an iterator has left away, as `protocol::give_rest` does with `__next__`, but without a call for each item. StopIteration
/// of the iterator's own ends it; the taker's is passed on. Not asked of classes of programs.
pub type Give = fn(&Thread, &Value, &mut dyn super::protocol::Take) -> PyResult<()>;

/// What a generator answered.
pub enum Sent {
    Yield(Value),
    Return(Value),
}

/// A function pointer that can be replaced while others read it.
pub struct SlotCell<F>(AtomicUsize, PhantomData<F>);

impl<F: Copy> SlotCell<F> {
    #[allow(clippy::declare_interior_mutable_const, reason = "an initial value")]
    const EMPTY: SlotCell<F> = SlotCell(AtomicUsize::new(0), PhantomData);

    #[inline(always)]
    pub fn get(&self) -> Option<F> {
        const { assert!(size_of::<F>() == size_of::<usize>() && size_of::<Option<F>>() == size_of::<usize>()) };
        // Relaxed: a function pointer carries no data.
        let word = self.0.load(Relaxed);
        // SAFETY: the word is 0 or came from an `F` in `set`; `Option<fn>` is one word with 0 for None.
        unsafe { std::mem::transmute_copy::<usize, Option<F>>(&word) }
    }

    pub fn set(&self, f: Option<F>) {
        // SAFETY: as in `get`.
        self.0.store(unsafe { std::mem::transmute_copy::<Option<F>, usize>(&f) }, Relaxed);
    }
}

macro_rules! slots {
    ($( $(#[$m:meta])* $name:ident: $t:ty = $($dunder:literal)*; )*) => {
        /// The slots of a native type, as a constant.
        #[derive(Clone, Copy)]
        pub struct SlotTable { $( $(#[$m])* pub $name: Option<$t>, )* }

        impl SlotTable {
            pub const EMPTY: SlotTable = SlotTable { $( $name: None, )* };
        }

        /// The slots of a type at run time.
        pub struct Slots { $( $(#[$m])* pub $name: SlotCell<$t>, )* }

        impl Slots {
            #[allow(clippy::declare_interior_mutable_const, reason = "an initial value")]
            pub const EMPTY: Slots = Slots { $( $name: SlotCell::EMPTY, )* };

            /// Takes over the slots that `table` fills.
            pub fn fill(&self, table: &SlotTable) {
                $( if table.$name.is_some() { self.$name.set(table.$name); } )*
            }

            /// Copies one slot from another type's.
            pub fn copy(&self, id: SlotId, from: &Slots) {
                match id { $( SlotId::$name => self.$name.set(from.$name.get()), )* }
            }

            pub fn is_set(&self, id: SlotId) -> bool {
                match id { $( SlotId::$name => self.$name.get().is_some(), )* }
            }

            pub fn same(&self, id: SlotId, other: &Slots) -> bool {
                match id { $( SlotId::$name => self.$name.0.load(Relaxed) == other.$name.0.load(Relaxed), )* }
            }
        }

        /// Names a slot.
        #[allow(non_camel_case_types)]
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        pub enum SlotId { $( $name, )* }

        impl SlotId {
            pub const ALL: &'static [SlotId] = &[ $( SlotId::$name, )* ];

            /// The special methods that the slot stands for.
            pub fn special_names(self) -> &'static [&'static str] {
                match self { $( SlotId::$name => &[ $($dunder),* ], )* }
            }
        }
    };
}

slots! {
    repr: Unary = "__repr__";
    str: Unary = "__str__";
    hash: Hash = "__hash__";
    call: Call = "__call__";
    getattro: Binary = "__getattribute__" "__getattr__";
    setattro: SetItem = "__setattr__" "__delattr__";
    richcompare: Compare = "__lt__" "__le__" "__eq__" "__ne__" "__gt__" "__ge__";
    iter: Unary = "__iter__";
    next: Next = "__next__";
    descr_get: DescrGet = "__get__";
    descr_set: SetItem = "__set__" "__delete__";
    init: Init = "__init__";
    new: New = "__new__";
    finalize: Finalize = "__del__";

    add: Binary = "__add__" "__radd__";
    subtract: Binary = "__sub__" "__rsub__";
    multiply: Binary = "__mul__" "__rmul__";
    remainder: Binary = "__mod__" "__rmod__";
    divmod: Binary = "__divmod__" "__rdivmod__";
    power: Ternary = "__pow__" "__rpow__";
    lshift: Binary = "__lshift__" "__rlshift__";
    rshift: Binary = "__rshift__" "__rrshift__";
    and: Binary = "__and__" "__rand__";
    xor: Binary = "__xor__" "__rxor__";
    or: Binary = "__or__" "__ror__";
    floor_divide: Binary = "__floordiv__" "__rfloordiv__";
    true_divide: Binary = "__truediv__" "__rtruediv__";
    matmul: Binary = "__matmul__" "__rmatmul__";
    negative: Unary = "__neg__";
    positive: Unary = "__pos__";
    absolute: Unary = "__abs__";
    invert: Unary = "__invert__";
    bool: Truth = "__bool__";
    int: Unary = "__int__";
    float: Unary = "__float__";
    index: Unary = "__index__";
    iadd: Binary = "__iadd__";
    isubtract: Binary = "__isub__";
    imultiply: Binary = "__imul__";
    iremainder: Binary = "__imod__";
    ipower: Binary = "__ipow__";
    ilshift: Binary = "__ilshift__";
    irshift: Binary = "__irshift__";
    iand: Binary = "__iand__";
    ixor: Binary = "__ixor__";
    ior: Binary = "__ior__";
    ifloor_divide: Binary = "__ifloordiv__";
    itrue_divide: Binary = "__itruediv__";
    imatmul: Binary = "__imatmul__";

    len: Length = "__len__";
    getitem: Binary = "__getitem__";
    setitem: SetItem = "__setitem__" "__delitem__";
    contains: Contains = "__contains__";
    /// Concatenation of a sequence: tried when `add` passes; never a special method of its own.
    concat: Binary = ;
    /// Repetition of a sequence by an int on either side: tried when `multiply` passes.
    repeat: Binary = ;
    /// In-place concatenation of a sequence: tried when `iadd` passes.
    iconcat: Binary = ;

    await_: Unary = "__await__";
    aiter: Unary = "__aiter__";
    anext: Unary = "__anext__";
    send: Send = ;
    give: Give = ;
    buffer: GetBuffer = "__buffer__";
}

/// What the collector calls for each reference that a payload holds.
pub type Visit<'a> = &'a mut dyn FnMut(&Value);

/// How a payload lies in memory and is traced and dropped: one per native layout.
#[derive(Clone, Copy)]
pub struct Layout {
    /// Bytes of the payload, without header.
    pub size: u32,
    /// Drops the payload in place.
    ///
    /// Called once, by the thread that ends the object.
    pub drop: unsafe fn(*mut Header),
    /// Visits every reference that the payload holds; the world is stopped.
    pub trace: Option<unsafe fn(*const Header, Visit)>,
    /// Empties the payload's references, to break a garbage cycle; the payload stays valid.
    pub clear: Option<unsafe fn(*const Header)>,
}
