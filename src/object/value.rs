//! `Value`: one NaN-boxed word that owns a reference.
//!
//! | top bits | meaning |
//! |---|---|
//! | `0000` | pointer to an object's header (8-byte aligned, not null) |
//! | `0001` | None, False, True, Ellipsis, NotImplemented |
//! | `0002` to `fff7` | a float, its bits plus `0002 << 48` (a NaN keeps only its sign, see `NEGATIVE_NAN`) |
//! | `fff8` and up (13 ones) | an int of 51 bits, two's complement |
//!
//! Immediates cost no allocation and no count. `Option<Value>` and `PyResult<Value>` are one word too.

use super::header::Header;
use super::type_object::{Payload, Type};
use super::{core_types, thread};
use crate::sync::shim::linger;
use crate::sync::slot::Counted;
use std::mem::ManuallyDrop;
use std::num::NonZeroU64;

const INT_TAG: u64 = 0xfff8 << 48;
const FLOAT_OFFSET: u64 = 0x0002 << 48;
const SPECIAL: u64 = 0x0001 << 48;
/// The float that stands for NaNs with the sign bit: the usual bits, `fff8 << 48`, would be among the ints. It is a
/// signalling NaN, which arithmetic turns into a quiet one.
const NEGATIVE_NAN: u64 = 0xfff4 << 48;
/// Bits of an immediate int.
pub const INT_BITS: u32 = 51;
const INT_SHIFT: u32 = 64 - INT_BITS;
/// The largest immediate int.
pub const MAX_IMMEDIATE: i64 = (1 << (INT_BITS - 1)) - 1;
/// The smallest immediate int.
pub const MIN_IMMEDIATE: i64 = -(1 << (INT_BITS - 1));

/// The bits that a NaN keeps.
#[cold]
fn canonical_nan(f: f64) -> u64 {
    if f.is_sign_negative() { NEGATIVE_NAN } else { 0x7ff8 << 48 }
}

/// A float as the world outside knows it: NaNs are quiet.
#[inline]
pub fn quiet(f: f64) -> f64 {
    if f.is_nan() { f64::from_bits(f.to_bits() | 1 << 51) } else { f }
}

/// A Python value: an immediate, or a counted reference to an object.
#[repr(transparent)]
pub struct Value(NonZeroU64);

// SAFETY: objects are shared between threads by design: counts and slots are atomic, payloads are Sync (`Payload`).
unsafe impl Send for Value {}
// SAFETY: as above.
unsafe impl Sync for Value {}

const fn special(n: u64) -> Value {
    Value(NonZeroU64::new(SPECIAL | n).unwrap())
}

impl Value {
    pub const NONE: Value = special(0);
    pub const FALSE: Value = special(2);
    pub const TRUE: Value = special(3);
    pub const ELLIPSIS: Value = special(4);
    pub const NOT_IMPLEMENTED: Value = special(5);

    /// None, to be borrowed: the default of an optional argument.
    #[inline(always)]
    pub fn none_ref() -> &'static Value {
        static NONE: Value = Value::NONE;
        &NONE
    }

    /// The word, without giving up the reference.
    #[inline(always)]
    pub const fn bits(&self) -> u64 {
        self.0.get()
    }

    /// Takes over a word and the reference it stands for.
    ///
    /// # Safety
    /// `bits` is a value's word whose reference nobody else will give back.
    #[inline(always)]
    pub const unsafe fn from_bits(bits: u64) -> Value {
        // SAFETY: a value's word is never zero.
        Value(unsafe { NonZeroU64::new_unchecked(bits) })
    }

    /// Gives up the value for its word.
    #[inline(always)]
    pub const fn into_bits(self) -> u64 {
        let bits = self.0.get();
        std::mem::forget(self);
        bits
    }

    /// Views a word in memory as a value, without counting.
    ///
    /// # Safety
    /// `word` holds a value's word that stays alive and unchanged for `'a`.
    #[inline(always)]
    pub unsafe fn from_ref(word: &u64) -> &Value {
        // SAFETY: `Value` is a transparent non-zero word; the caller vouches for its contents.
        unsafe { &*(word as *const u64).cast::<Value>() }
    }

    /// A second handle to the same word that does not own a reference and is never dropped.
    #[inline(always)]
    pub fn borrowed(&self) -> ManuallyDrop<Value> {
        ManuallyDrop::new(Value(self.0))
    }

    #[inline(always)]
    pub const fn bool(b: bool) -> Value {
        if b { Value::TRUE } else { Value::FALSE }
    }

    #[inline(always)]
    pub fn float(f: f64) -> Value {
        let bits = if f.is_nan() { canonical_nan(f) } else { f.to_bits() };
        // SAFETY: the offset makes the word at least `FLOAT_OFFSET`.
        Value(unsafe { NonZeroU64::new_unchecked(bits.wrapping_add(FLOAT_OFFSET)) })
    }

    /// An int that fits 51 bits.
    #[inline(always)]
    pub fn small_int(i: i64) -> Option<Value> {
        (MIN_IMMEDIATE..=MAX_IMMEDIATE).contains(&i).then(|| Value::small_int_unchecked(i))
    }

    /// An int known to fit 51 bits.
    #[inline(always)]
    pub const fn small_int_unchecked(i: i64) -> Value {
        debug_assert!(i >= MIN_IMMEDIATE && i <= MAX_IMMEDIATE);
        // SAFETY: the tag makes the word non-zero.
        Value(unsafe { NonZeroU64::new_unchecked(i as u64 | INT_TAG) })
    }

    /// An int of any i64 value.
    #[inline(always)]
    pub fn int(i: i64) -> Value {
        match Value::small_int(i) {
            Some(v) => v,
            None => super::bigint::from_i64(i),
        }
    }

    /// An int of any u64 or usize value.
    #[inline(always)]
    pub fn uint(u: u64) -> Value {
        if u <= MAX_IMMEDIATE as u64 { Value::small_int_unchecked(u as i64) } else { super::bigint::from_u64(u) }
    }

    /// The value of an immediate int (not of a bool).
    #[inline(always)]
    pub const fn as_small_int(&self) -> Option<i64> {
        if self.is_small_int() { Some(self.small_int_value()) } else { None }
    }

    /// The payload of a word known to be an immediate int.
    #[inline(always)]
    pub const fn small_int_value(&self) -> i64 {
        (self.bits() << INT_SHIFT) as i64 >> INT_SHIFT
    }

    #[inline(always)]
    pub const fn is_small_int(&self) -> bool {
        self.bits() >= INT_TAG
    }

    /// The binary logarithm of what `small_int_scaled` multiplies by.
    pub const INT_SCALE: u32 = INT_SHIFT;

    /// The payload of a word known to be an immediate int, times 2^`INT_SCALE`: sums and differences of these overflow where those
    /// of the ints are not immediate, and they compare as the ints do.
    #[inline(always)]
    pub const fn small_int_scaled(&self) -> i64 {
        (self.bits() << INT_SHIFT) as i64
    }

    /// The int that `small_int_scaled` answers this for.
    #[inline(always)]
    pub const fn small_int_from_scaled(scaled: i64) -> Value {
        // SAFETY: the tag is not zero.
        Value(unsafe { NonZeroU64::new_unchecked(scaled as u64 >> INT_SHIFT | INT_TAG) })
    }

    /// Whether both are immediate ints.
    #[inline(always)]
    pub const fn both_small_ints(&self, other: &Value) -> bool {
        // The tag is the topmost bits, all set.
        self.bits() & other.bits() >= INT_TAG
    }

    #[inline(always)]
    pub const fn is_float(&self) -> bool {
        self.bits().wrapping_sub(FLOAT_OFFSET) < INT_TAG - FLOAT_OFFSET
    }

    /// The value of an exact float (instances of subclasses of float are objects).
    #[inline(always)]
    pub const fn as_float(&self) -> Option<f64> {
        if self.is_float() { Some(self.float_value()) } else { None }
    }

    /// The payload of a word known to be a float.
    #[inline(always)]
    pub const fn float_value(&self) -> f64 {
        f64::from_bits(self.bits().wrapping_sub(FLOAT_OFFSET))
    }

    #[inline(always)]
    pub const fn as_bool(&self) -> Option<bool> {
        let b = self.bits();
        if b & !1 == SPECIAL | 2 { Some(b & 1 == 1) } else { None }
    }

    #[inline(always)]
    pub const fn is_none(&self) -> bool {
        self.bits() == SPECIAL
    }

    #[inline(always)]
    pub const fn is_true(&self) -> bool {
        self.bits() == SPECIAL | 3
    }

    #[inline(always)]
    pub const fn is_not_implemented(&self) -> bool {
        self.bits() == SPECIAL | 5
    }

    /// `None` for Python's None, else the value: for optional arguments.
    #[inline(always)]
    pub fn non_none(&self) -> Option<&Value> {
        if self.is_none() { None } else { Some(self) }
    }

    /// Whether the word points to an object.
    #[inline(always)]
    pub const fn is_object(&self) -> bool {
        self.bits() >> 48 == 0
    }

    /// The object's header.
    #[inline(always)]
    pub fn header(&self) -> Option<&Header> {
        // SAFETY: a word with zero top bits is a pointer to a header that our reference keeps alive.
        self.is_object().then(|| unsafe { self.header_unchecked() })
    }

    /// The header of a value known to be an object.
    ///
    /// # Safety
    /// `is_object()` holds.
    #[inline(always)]
    pub unsafe fn header_unchecked(&self) -> &Header {
        // SAFETY: by the caller.
        unsafe { &*(self.bits() as *const Header) }
    }

    /// Python's `is`.
    #[inline(always)]
    pub fn is(&self, other: &Value) -> bool {
        self.0 == other.0
    }

    /// Python's `type(x)`.
    #[inline(always)]
    pub fn class(&self) -> &Type {
        match self.header() {
            Some(header) => header.class(),
            None => self.immediate_class(),
        }
    }

    /// `class()` of an immediate.
    #[inline]
    fn immediate_class(&self) -> &Type {
        if self.is_small_int() {
            &core_types::INT
        } else if self.is_float() {
            &core_types::FLOAT
        } else {
            match self.bits() & 0xff {
                0 => &core_types::NONE_TYPE,
                2 | 3 => &core_types::BOOL,
                4 => &core_types::ELLIPSIS_TYPE,
                _ => &core_types::NOT_IMPLEMENTED_TYPE,
            }
        }
    }

    /// The payload, if the value is an instance of `T`'s type or of a subclass.
    #[inline(always)]
    pub fn downcast<T: Payload>(&self) -> Option<&T> {
        let header = self.header()?;
        // SAFETY: the type's native layout says that a `T` follows the header.
        header.class().has_layout(T::layout_type()).then(|| unsafe { header.payload::<T>() })
    }

    /// The payload, if the value's type is exactly `T`'s.
    #[inline(always)]
    pub fn downcast_exact<T: Payload>(&self) -> Option<&T> {
        let header = self.header()?;
        // SAFETY: as in `downcast`.
        std::ptr::eq(header.class(), T::layout_type()).then(|| unsafe { header.payload::<T>() })
    }

    /// The payload of a value known to have `T`'s layout.
    ///
    /// # Safety
    /// `downcast::<T>()` would succeed.
    #[inline(always)]
    pub unsafe fn payload<T: Payload>(&self) -> &T {
        debug_assert!(self.downcast::<T>().is_some());
        // SAFETY: by the caller.
        unsafe { self.header_unchecked().payload::<T>() }
    }

    /// Whether `type(self) is ty`.
    #[inline(always)]
    pub fn is_exact(&self, ty: &Type) -> bool {
        std::ptr::eq(self.class(), ty)
    }

    /// Python's `id()`.
    pub fn id(&self) -> u64 {
        self.bits()
    }
}

impl Clone for Value {
    #[inline(always)]
    fn clone(&self) -> Value {
        if let Some(header) = self.header() {
            header.incref();
        }
        Value(self.0)
    }
}

impl Drop for Value {
    #[inline(always)]
    fn drop(&mut self) {
        if self.is_object() {
            // SAFETY: a pointer, and the reference is ours to give back.
            unsafe { Header::decref(self.bits() as *const Header) }
        }
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(i) = self.as_small_int() {
            write!(f, "{i}")
        } else if let Some(x) = self.as_float() {
            write!(f, "{x:?}")
        } else {
            write!(f, "<{} {:#x}>", self.class().name(), self.bits())
        }
    }
}

// SAFETY: words are moved in and out unchanged; counting goes through the header.
unsafe impl Counted for Value {
    #[inline(always)]
    fn into_word(self) -> u64 {
        self.into_bits()
    }

    #[inline(always)]
    unsafe fn from_word(word: u64) -> Value {
        // SAFETY: by the caller.
        unsafe { Value::from_bits(word) }
    }

    #[inline(always)]
    fn publish(&self) {
        if let Some(header) = self.header() {
            header.publish();
        }
    }

    #[inline(always)]
    unsafe fn try_count(word: u64) -> bool {
        if word >> 48 != 0 {
            return true;
        }
        linger();
        // SAFETY: the caller is pinned and read the word from a slot, so the header is still readable.
        unsafe { (*(word as *const Header)).try_incref() }
    }

    #[inline(always)]
    unsafe fn count(word: u64) -> Value {
        // SAFETY: by the caller the value lives.
        unsafe { Value::from_ref(&word) }.clone()
    }
}

/// A slot of a heap object: readable without the lock. See `sync::slot`.
pub type Slot = crate::sync::slot::Slot<Value>;

/// A value inside a heap object that is set when the object is built and never changed after, or is only touched
/// under the object's lock. Building it publishes the value.
#[repr(transparent)]
pub struct Stored(Value);

impl Stored {
    #[inline(always)]
    pub fn new(value: Value) -> Stored {
        value.publish();
        Stored(value)
    }

    /// Gives up the storage for the value.
    #[inline(always)]
    pub fn into_value(self) -> Value {
        self.0
    }
}

impl std::ops::Deref for Stored {
    type Target = Value;
    #[inline(always)]
    fn deref(&self) -> &Value {
        &self.0
    }
}

/// Views stored values as values: both are one word.
#[inline(always)]
pub fn stored_slice(values: &[Stored]) -> &[Value] {
    // SAFETY: `Stored` is transparent over `Value`.
    unsafe { std::slice::from_raw_parts(values.as_ptr().cast::<Value>(), values.len()) }
}

/// Whether more than one thread has ever been started.
#[inline(always)]
pub fn multi_threaded() -> bool {
    thread::multi()
}
