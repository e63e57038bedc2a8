//! `_random`: the generator behind `random.Random`.

pub mod twister;

use super::support::Guarded;
use crate::object::args::Args;
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::tuple::{self, Tuple};
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{alloc, protocol};
use crate::types::int::{self, IntRef, arith};
use dashu_int::UBig;
use twister::{N, Twister};

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    types: &[&RANDOM],
    ..ModuleSpec::new("_random", "Module implements the Mersenne Twister random number generator.")
};

/// A generator; its state is touched under the object's lock, so every number is given to one thread.
pub struct Random(Guarded<Twister>);

pub static RANDOM: StaticType = StaticType::new(&SPEC);

// SAFETY: `RANDOM`'s layout is `Random`.
unsafe impl Payload for Random {
    fn layout_type() -> &'static Type {
        &RANDOM
    }
}

static SPEC: TypeSpec = TypeSpec {
    doc: "Random() -> create a random number generator with its own internal state.",
    slots: SlotTable { new: Some(construct), init: Some(init), ..SlotTable::EMPTY },
    methods: &[
        Method::new(
            "random",
            "($self, /)",
            NativeFn::F1(|t, v| Ok(Value::float(with(t, v, Twister::next_float)))),
            "random() -> x in the interval [0, 1).",
        ),
        Method::new(
            "seed",
            "($self, n=None, /)",
            NativeFn::Raw(|t, args| {
                let rest = args.skip(1).exactly_positional(t, "seed", 0, 1)?;
                seed(t, &args.pos()[0], rest.first()).map(|()| Value::NONE)
            }),
            "seed([n]) -> None.\n\nStarts the generator anew: from n, or from the system's randomness.",
        ),
        Method::new(
            "getstate",
            "($self, /)",
            NativeFn::F1(getstate),
            "getstate() -> tuple containing the current state.",
        ),
        Method::new(
            "setstate",
            "($self, state, /)",
            NativeFn::F2(setstate),
            "setstate(state) -> None.  Restores generator state.",
        ),
        Method::new(
            "getrandbits",
            "($self, k, /)",
            NativeFn::F2(getrandbits),
            "getrandbits(k) -> x.  Generates an int with k random bits.",
        ),
    ],
    flags: flag::BASETYPE,
    ..TypeSpec::new("_random", "Random", layout_of::<Random>(false))
};

/// Works on a generator's state.
#[inline]
fn with<R>(t: &Thread, v: &Value, f: impl FnOnce(&mut Twister) -> R) -> R {
    let random = v.downcast::<Random>().expect("the self of a method of Random is a Random");
    random.0.with(t, v, f)
}

fn construct(_t: &Thread, class: &Type, _args: Args<'_>) -> PyResult {
    // `init` seeds it.
    Ok(alloc::new(class, Random(Guarded::new(Twister::from_word(0)))))
}

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    if std::ptr::eq(v.class(), &*RANDOM) {
        args.no_keywords(t, "Random")?;
    }
    match args.pos() {
        [] => seed(t, v, None),
        [n] => seed(t, v, Some(n)),
        _ => Err(raise::type_error(t, "Random() requires 0 or 1 argument")),
    }
}

/// The least significant word first; one word at least.
fn words_of(number: &UBig) -> Vec<u32> {
    let mut key: Vec<u32> = number.as_words().iter().flat_map(|&w| [w as u32, (w >> 32) as u32]).collect();
    while key.len() > 1 && key.last() == Some(&0) {
        key.pop();
    }
    if key.is_empty() {
        key.push(0);
    }
    key
}

fn seed(t: &Thread, v: &Value, n: Option<&Value>) -> PyResult<()> {
    let fresh = match n.and_then(Value::non_none) {
        None => Twister::from_key(&system_words()),
        Some(n) => {
            let magnitude = match int::as_int(n) {
                Some(i) => arith::magnitude(i),
                // As an unsigned word.
                None => UBig::from(protocol::hash(t, n)? as u64),
            };
            Twister::from_key(&words_of(&magnitude))
        }
    };
    let old = with(t, v, |state| std::mem::replace(state, fresh));
    drop(old);
    Ok(())
}

/// Randomness of the system, or of the clock where it has none.
fn system_words() -> [u32; N] {
    let mut bytes = [0u8; N * 4];
    let mut filled = 0;
    while filled < bytes.len() {
        match rustix::rand::getrandom(&mut bytes[filled..], rustix::rand::GetRandomFlags::NONBLOCK) {
            Ok(n) => filled += n,
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => {
                let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
                let mut t = Twister::from_key(&[now.as_secs() as u32, now.subsec_nanos(), std::process::id()]);
                return std::array::from_fn(|_| t.next_word());
            }
        }
    }
    std::array::from_fn(|i| u32::from_ne_bytes([bytes[4 * i], bytes[4 * i + 1], bytes[4 * i + 2], bytes[4 * i + 3]]))
}

fn getstate(t: &Thread, v: &Value) -> PyResult {
    let copy = with(t, v, |state| state.clone());
    let (words, index) = copy.state();
    let items = words.iter().map(|&w| Value::uint(u64::from(w))).chain([Value::uint(index as u64)]);
    Ok(tuple::from_iter(N + 1, items))
}

fn setstate(t: &Thread, v: &Value, state: &Value) -> PyResult {
    if state.downcast::<Tuple>().is_none() {
        return Err(raise::type_error(t, "state vector must be a tuple"));
    }
    let items = tuple::items(state);
    if items.len() != N + 1 {
        return Err(raise::value_error(t, "state vector is the wrong size"));
    }
    let mut words = Box::new([0u32; N]);
    for (word, item) in words.iter_mut().zip(items) {
        let Some(i) = int::as_int(item) else { return Err(raise::type_error(t, "an integer is required")) };
        if i.is_negative() {
            return Err(raise::overflow_error(t, "can't convert negative value to unsigned int"));
        }
        let Some(i) = i.to_u64() else {
            return Err(raise::overflow_error(t, "Python int too large to convert to C unsigned long"));
        };
        // CPython keeps the low bits.
        *word = i as u32;
    }
    let Some(index) = int::as_int(&items[N]) else { return Err(raise::type_error(t, "an integer is required")) };
    let index = index.to_i64().and_then(|i| usize::try_from(i).ok()).filter(|&i| i <= N);
    let Some(index) = index else { return Err(raise::value_error(t, "invalid state")) };
    let fresh = Twister::from_state(words, index);
    let old = with(t, v, |state| std::mem::replace(state, fresh));
    drop(old);
    Ok(Value::NONE)
}

fn getrandbits(t: &Thread, v: &Value, k: &Value) -> PyResult {
    let bits = match k.as_small_int() {
        Some(k) => k,
        None => {
            let k = protocol::index(t, k)?;
            int::as_int(&k).unwrap_or(IntRef::Small(0)).saturate_i64()
        }
    };
    match bits {
        ..0 => Err(raise::value_error(t, "number of bits must be non-negative")),
        0 => Ok(Value::int(0)),
        1..=32 => Ok(Value::int(i64::from(with(t, v, Twister::next_word) >> (32 - bits)))),
        33..=64 => {
            let mut words = [0u32; 2];
            with(t, v, |state| state.next_bits(bits as usize, &mut words));
            Ok(Value::uint(u64::from(words[0]) | u64::from(words[1]) << 32))
        }
        _ => {
            let count = (bits as u64).div_ceil(32) as usize;
            let mut words = Vec::new();
            if crate::sync::may_fail::reserve_exact(&mut words, count).is_err() {
                return Err(int::object::out_of_memory(t));
            }
            words.resize(count, 0u32);
            with(t, v, |state| state.next_bits(bits as usize, &mut words));
            let wide: Vec<u64> =
                words.chunks(2).map(|c| u64::from(c[0]) | u64::from(c.get(1).copied().unwrap_or(0)) << 32).collect();
            Ok(int::to_value(UBig::from_words(&wide).into()))
        }
    }
}
