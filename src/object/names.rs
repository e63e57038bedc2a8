//! Interned names: equal names are one immortal str object.
//!
//! Lookups go to a small cache of the thread's own and then to a sharded concurrent table, whose lock others write;
//! `sys.intern`, the linker of code objects and attribute access with computed names come here. Names that the VM itself
//! uses are fields of `known`. Names never end, so what a thread has cached stays right.

use super::header::Header;
use super::str::{self, Str};
use super::text::{TextBuf, TextRef};
use super::value::Value;
use super::{alloc, core_types};
use crate::sync::shim::weakened;
use dashmap::DashMap;
use foldhash::fast::RandomState;
use std::borrow::Cow;
use std::cell::Cell;
use std::sync::LazyLock;

static TABLE: LazyLock<DashMap<Box<[u8]>, u64, RandomState>> =
    LazyLock::new(|| DashMap::with_hasher_and_shard_amount(RandomState::default(), 64));

/// The characters below 256, and the empty str at 256.
static CHARS: LazyLock<Box<[u64]>> = LazyLock::new(|| {
    (0..=256u32)
        .map(|c| {
            let byte = [c as u8];
            let text = if c == 256 { TextRef::Ascii(&[]) } else { TextRef::from_latin1(&byte) };
            register(text.to_wtf8(), || str::from_view(text))
        })
        .collect()
});

static EMPTY_TUPLE: LazyLock<u64> = LazyLock::new(|| {
    let tuple = alloc::new_with_tail(&core_types::TUPLE, 0, |_| super::tuple::empty_payload());
    make_immortal(&tuple);
    tuple.into_bits()
});

fn make_immortal(v: &Value) {
    if let Some(header) = v.header() {
        header.publish();
        header.counts().make_immortal();
    }
}

/// Makes a constant immortal: it is never counted or freed again. Containers' items are the caller's business.
pub fn immortalize(v: &Value) {
    make_immortal(v);
}

/// Places in a thread's cache; each text has one.
const CACHED: usize = 256;

thread_local! {
    /// Names that the thread looked up lately; 0 is none.
    static CACHE: [Cell<u64>; CACHED] = const { [const { Cell::new(0) }; CACHED] };
}

/// The place of a text, by its beginning, end and length.
fn place_of(text: &[u8]) -> usize {
    let word = |bytes: &[u8]| {
        let mut word = [0; 8];
        let len = bytes.len().min(8);
        word[..len].copy_from_slice(&bytes[..len]);
        u64::from_le_bytes(word)
    };
    let end = word(&text[text.len().saturating_sub(8)..]);
    let mixed = word(text) ^ end.rotate_left(27) ^ text.len() as u64;
    (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize % CACHED
}

/// Whether a cached name has this text, WTF-8. (Names that are not ASCII are found in the table only.)
fn has_text(bits: u64, text: &[u8]) -> bool {
    if bits == 0 {
        return false;
    }
    // SAFETY: a name, which is immortal.
    let name = unsafe { Value::from_ref(&bits) };
    matches!(name.downcast::<Str>().map(Str::view), Some(TextRef::Ascii(ascii)) if ascii == text)
}

fn register(key: Cow<'_, [u8]>, make: impl FnOnce() -> Value) -> u64 {
    let place = place_of(&key);
    let cached = CACHE.with(|cache| cache[place].get());
    if has_text(cached, &key) {
        return cached;
    }
    let name = register_for_all(key, make);
    CACHE.with(|cache| cache[place].set(name));
    name
}

fn register_for_all(key: Cow<'_, [u8]>, make: impl FnOnce() -> Value) -> u64 {
    if let Some(found) = TABLE.get(&*key) {
        return *found;
    }
    crate::sync::stats::note(crate::sync::stats::Shared::Names);
    if weakened("stress: one of those who intern a name wins") {
        let v = make();
        make_immortal(&v);
        v.downcast::<Str>().expect("a str").mark_interned();
        TABLE.insert(key.into_owned().into_boxed_slice(), v.bits());
        return v.into_bits();
    }
    *TABLE.entry(key.into_owned().into_boxed_slice()).or_insert_with(|| {
        let v = make();
        make_immortal(&v);
        v.downcast::<Str>().expect("a str").mark_interned();
        v.into_bits()
    })
}

/// An immortal word as a value.
#[inline(always)]
fn immortal(bits: u64) -> Value {
    debug_assert!(
        bits >> 48 != 0 || {
            // SAFETY: immortal objects are never freed.
            unsafe { (*(bits as *const Header)).counts().owner() == crate::sync::count::IMMORTAL }
        }
    );
    // SAFETY: immortal: any number of references exist.
    unsafe { Value::from_bits(bits) }
}

/// The interned str with this text.
pub fn intern(text: &str) -> Value {
    immortal(register(text.as_bytes().into(), || str::from_str(text)))
}

/// The interned str with the text given as WTF-8; `None` if it is not WTF-8.
pub fn intern_wtf8(text: &[u8]) -> Option<Value> {
    let buf = TextBuf::from_wtf8(text)?;
    Some(immortal(register(text.into(), || str::from_view(buf.narrowed().view()))))
}

/// The interned str with this text.
pub fn intern_text(text: TextRef<'_>) -> Value {
    immortal(register(text.to_wtf8(), || str::from_view(text)))
}

/// The interned form of an exact str.
pub fn intern_value(v: &Value) -> Value {
    match v.downcast::<Str>() {
        Some(s) if s.is_interned() => v.clone(),
        Some(s) => intern_text(s.view()),
        None => v.clone(),
    }
}

/// The str of one character below 256.
#[inline]
pub fn char_str(c: u8) -> Value {
    immortal(CHARS[c as usize])
}

/// `""`.
pub fn empty_str() -> Value {
    immortal(CHARS[256])
}

/// `()`.
#[inline]
pub fn empty_tuple() -> Value {
    immortal(*EMPTY_TUPLE)
}

macro_rules! known {
    ($($name:ident)*) => {
        /// Names that the VM itself looks up.
        #[allow(non_snake_case)]
        pub struct Known { $( pub $name: Value, )* }

        impl Known {
            fn new() -> Known {
                Known { $( $name: intern(stringify!($name)), )* }
            }
        }
    };
}

known! {
    __abs__ __abstractmethods__ __add__ __aenter__ __aexit__ __aiter__ __all__ __and__ __anext__ __annotate__
    __annotations__ __await__ __bases__ __bool__ __bound__ __build_class__ __builtins__ __bytes__ __cached__ __call__
    __class__ __class_getitem__ __classcell__ __classdict__ __classdictcell__ __closure__ __code__ __complex__
    __conditional_annotations__ __constraints__ __contains__ __context__ __default__ __defaults__ __del__ __delattr__
    __delete__ __delitem__ __dict__ __dir__ __divmod__ __doc__ __enter__ __eq__ __exit__ __file__ __firstlineno__
    __float__ __floordiv__ __format__ __fspath__ __func__ __ge__ __get__ __getattr__ __getattribute__ __getitem__
    __getnewargs__ __getnewargs_ex__ __getstate__ __globals__ __gt__ __hash__ __iadd__ __iand__ __ifloordiv__
    __ilshift__ __imatmul__ __imod__ __import__ __imul__ __index__ __init__ __init_subclass__ __instancecheck__ __int__
    __invert__ __ior__ __ipow__ __irshift__ __isabstractmethod__ __isub__ __iter__ __itruediv__ __ixor__ __kwdefaults__
    __le__ __len__ __length_hint__ __loader__ __lshift__ __lt__ __main__ __match_args__ __matmul__ __missing__ __mod__
    __module__ __mro__ __mro_entries__ __mul__ __name__ __ne__ __neg__ __new__ __next__ __notes__ __objclass__ __or__
    __orig_bases__ __origin__ __package__ __path__ __pos__ __pow__ __prepare__ __qualname__ __radd__ __rand__
    __rdivmod__ __reduce__ __reduce_ex__ __release_buffer__ __buffer__ __repr__ __reversed__ __rfloordiv__ __rlshift__
    __rmatmul__ __rmod__ __rmul__ __ror__ __round__ __rpow__ __rrshift__ __rshift__ __rsub__ __rtruediv__ __rxor__
    __self__ __set__ __set_name__ __setattr__ __setitem__ __setstate__ __signature__ __sizeof__ __slots__ __spec__
    __static_attributes__ __str__ __sub__ __subclasscheck__ __subclasses__ __subclasshook__ __text_signature__
    __traceback__ __trunc__ __truediv__ __type_params__ __weakref__ __wrapped__ __xor__ __ceil__ __floor__
    _initializing args builtins cause close code copy encoding errors exceptions extend fileno filename flush get items
    keys kwargs message metaclass mode modules msg mro name name_from obj object offset path pop print_file_and_line
    read readline reason send sep start step stderr stdin stdout stop sys text throw update value values with_traceback
    write excepthook displayhook unraisablehook _is_text_encoding _fix_up_module default append add
}

static KNOWN: LazyLock<Known> = LazyLock::new(Known::new);

/// The names that the VM itself looks up.
#[inline(always)]
pub fn known() -> &'static Known {
    &KNOWN
}

/// How many names are interned.
pub fn interned_count() -> usize {
    TABLE.len()
}
