//! The payload of ints beyond 51 bits.

use super::core_types;
use super::type_object::{Payload, Type};
use super::value::Value;
use dashu_int::IBig;

/// An int too large for an immediate, or an instance of a subclass of int.
pub struct BigInt(pub IBig);

// SAFETY: `INT`'s layout is `BigInt`.
unsafe impl Payload for BigInt {
    fn layout_type() -> &'static Type {
        &core_types::INT
    }
}

#[cold]
pub fn from_i64(i: i64) -> Value {
    super::alloc::new_fixed(&core_types::INT, BigInt(IBig::from(i)))
}

#[cold]
pub fn from_u64(u: u64) -> Value {
    super::alloc::new_fixed(&core_types::INT, BigInt(IBig::from(u)))
}

/// An int of any size, in canonical form.
pub fn from_big(i: IBig) -> Value {
    match i64::try_from(&i) {
        Ok(small) if Value::small_int(small).is_some() => Value::small_int_unchecked(small),
        _ => super::alloc::new_fixed(&core_types::INT, BigInt(i)),
    }
}

/// Views an int (immediate, big, bool or instance of a subclass).
pub enum IntView<'a> {
    Small(i64),
    Big(&'a IBig),
}

/// The int behind a value; None if it is not an int. Bools are ints.
#[inline]
pub fn view(v: &Value) -> Option<IntView<'_>> {
    if let Some(i) = v.as_small_int() {
        return Some(IntView::Small(i));
    }
    if let Some(b) = v.as_bool() {
        return Some(IntView::Small(b as i64));
    }
    let big = &v.downcast::<BigInt>()?.0;
    Some(match i64::try_from(big) {
        Ok(i) => IntView::Small(i),
        Err(_) => IntView::Big(big),
    })
}
