//! The payload of str: immutable text of one, two or four bytes a character.
//!
//! Instances of str itself carry their text inline, after the payload; instances of subclasses (whose attributes follow
//! the payload) own a separate block.

use super::core_types;
use super::text::{TextBuf, TextKind, TextRef};
use super::type_object::{Payload, Type};
use super::value::Value;
use crate::heap::shortage::has_room;
use crate::sync::shim::atomic::{AtomicI64, AtomicU8, Ordering::*};
use std::borrow::Cow;

/// Values of `Str::state`.
const INTERNED: u8 = 1;

/// See the module's documentation.
pub struct Str {
    /// 0 until computed (a true 0 is computed again, which is harmless).
    hash: AtomicI64,
    data: *const u8,
    /// Characters.
    len: u32,
    kind: TextKind,
    /// Whether `data` is a block of its own, to be freed.
    owned: bool,
    state: AtomicU8,
}

// SAFETY: the text never changes; the hash is atomic.
unsafe impl Send for Str {}
// SAFETY: as above.
unsafe impl Sync for Str {}

// SAFETY: `STR`'s layout is `Str`.
unsafe impl Payload for Str {
    fn layout_type() -> &'static Type {
        &core_types::STR
    }
}

impl Drop for Str {
    fn drop(&mut self) {
        if self.owned {
            // SAFETY: the block is ours.
            unsafe { free_block(self.data.cast_mut()) }
        }
    }
}

/// Bytes in front of a block's text, which hold its capacity.
const BLOCK_HEAD: usize = 8;

fn block_layout(capacity: usize) -> std::alloc::Layout {
    std::alloc::Layout::from_size_align(BLOCK_HEAD + capacity, BLOCK_HEAD).expect("a text fits the address space")
}

/// A block for `capacity` bytes of text; the pointer is to the text.
fn new_block(capacity: usize) -> *mut u8 {
    let layout = block_layout(capacity);
    // SAFETY: the layout is not empty; the capacity goes into its first word.
    unsafe {
        let block = std::alloc::alloc(layout);
        if block.is_null() {
            std::alloc::handle_alloc_error(layout);
        }
        block.cast::<usize>().write(capacity);
        block.add(BLOCK_HEAD)
    }
}

/// Bytes that a block has room for.
///
/// # Safety
/// `data` came from `new_block`.
unsafe fn block_capacity(data: *const u8) -> usize {
    // SAFETY: by the caller.
    unsafe { data.sub(BLOCK_HEAD).cast::<usize>().read() }
}

/// # Safety
/// `data` came from `new_block` and is not used again.
unsafe fn free_block(data: *mut u8) {
    // SAFETY: by the caller.
    unsafe { std::alloc::dealloc(data.sub(BLOCK_HEAD), block_layout(block_capacity(data))) }
}

impl Str {
    /// The text.
    #[inline(always)]
    pub fn view(&self) -> TextRef<'_> {
        let len = self.len as usize;
        // SAFETY: `data` holds `len` characters of the kind's width, aligned to 4 at least, alive as long as `self`.
        unsafe {
            match self.kind {
                TextKind::Ascii => TextRef::Ascii(std::slice::from_raw_parts(self.data, len)),
                TextKind::Latin1 => TextRef::Latin1(std::slice::from_raw_parts(self.data, len)),
                TextKind::Ucs2 => TextRef::Ucs2(std::slice::from_raw_parts(self.data.cast(), len)),
                TextKind::Ucs4 => TextRef::Ucs4(std::slice::from_raw_parts(self.data.cast(), len)),
            }
        }
    }

    /// The text's bytes where it is ASCII.
    #[inline(always)]
    pub fn ascii(&self) -> Option<&[u8]> {
        // SAFETY: as in `view`.
        (self.kind == TextKind::Ascii).then(|| unsafe { std::slice::from_raw_parts(self.data, self.len as usize) })
    }

    /// Width of the characters.
    #[inline(always)]
    pub fn kind(&self) -> TextKind {
        self.kind
    }

    /// Characters.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len as usize
    }

    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Python's `hash()`, cached.
    #[inline(always)]
    pub fn hash(&self) -> i64 {
        match self.hash.load(Relaxed) {
            0 => {
                let hash = self.view().hash();
                self.hash.store(hash, Relaxed);
                hash
            }
            hash => hash,
        }
    }

    /// Whether equal text is the same object: two interned strings are equal only if identical.
    #[inline(always)]
    pub fn is_interned(&self) -> bool {
        self.state.load(Relaxed) & INTERNED != 0
    }

    pub fn mark_interned(&self) {
        self.state.fetch_or(INTERNED, Relaxed);
    }

    /// Whether the texts are equal.
    #[inline]
    #[allow(clippy::should_implement_trait, reason = "a payload is compared by its text, an object by Python's rules")]
    pub fn eq(&self, other: &Str) -> bool {
        if self.len != other.len || self.kind != other.kind {
            return false;
        }
        let (a, b) = (self.hash.load(Relaxed), other.hash.load(Relaxed));
        if a != 0 && b != 0 && a != b {
            return false;
        }
        self.view() == other.view()
    }
}

/// The raw bytes of a view.
fn view_bytes(text: TextRef<'_>) -> &[u8] {
    match text {
        TextRef::Ascii(b) | TextRef::Latin1(b) => b,
        // SAFETY: plain integers viewed as bytes.
        TextRef::Ucs2(u) => unsafe { std::slice::from_raw_parts(u.as_ptr().cast(), u.len() * 2) },
        // SAFETY: as above.
        TextRef::Ucs4(u) => unsafe { std::slice::from_raw_parts(u.as_ptr().cast(), u.len() * 4) },
    }
}

/// A new str; the view must be of the narrowest kind.
pub fn from_view(text: TextRef<'_>) -> Value {
    debug_assert!(text.is_canonical());
    let bytes = view_bytes(text);
    let len = u32::try_from(text.len()).expect("a str has less than 4 Gi characters");
    super::alloc::new_with_tail(&core_types::STR, bytes.len(), |tail| {
        // SAFETY: the tail has room for the bytes.
        unsafe { copy_bytes(bytes.as_ptr(), tail, bytes.len()) };
        Str { hash: AtomicI64::new(0), data: tail, len, kind: text.kind(), owned: false, state: AtomicU8::new(0) }
    })
}

/// The str of ASCII bytes. Empty and one-character text is shared.
#[inline]
pub fn from_ascii(bytes: &[u8]) -> Value {
    match bytes {
        [] => names::empty_str(),
        [only] => char_str(*only),
        _ => from_ascii_parts(bytes.len(), std::iter::once(bytes)),
    }
}

/// The str of ASCII bytes, each as `map` gives it: ASCII too. Called from the first to the last.
#[inline]
pub fn map_ascii(bytes: &[u8], mut map: impl FnMut(u8) -> u8) -> Value {
    match bytes {
        [] => names::empty_str(),
        [only] => char_str(map(*only)),
        _ => super::alloc::new_with_tail(&core_types::STR, bytes.len(), |tail| {
            for (i, &b) in bytes.iter().enumerate() {
                let mapped = map(b);
                debug_assert!(mapped.is_ascii());
                // SAFETY: the tail has room for as many bytes.
                unsafe { tail.add(i).write(mapped) };
            }
            Str {
                hash: AtomicI64::new(0),
                data: tail,
                len: bytes.len() as u32,
                kind: TextKind::Ascii,
                owned: false,
                state: AtomicU8::new(0),
            }
        }),
    }
}

/// A new str of ASCII parts that have `len` (2 to `MAX_LEN`) bytes in all.
#[inline]
pub fn from_ascii_parts<'a>(len: usize, parts: impl Iterator<Item = &'a [u8]>) -> Value {
    debug_assert!((2..=MAX_LEN).contains(&len));
    super::alloc::new_with_tail(&core_types::STR, len, |tail| {
        let mut at = 0;
        for part in parts {
            debug_assert!(part.is_ascii());
            assert!(part.len() <= len - at, "the parts have `len` bytes");
            // SAFETY: there is room behind `at`.
            unsafe { copy_bytes(part.as_ptr(), tail.add(at), part.len()) };
            at += part.len();
        }
        assert!(at == len, "the parts have `len` bytes");
        Str {
            hash: AtomicI64::new(0),
            data: tail,
            len: len as u32,
            kind: TextKind::Ascii,
            owned: false,
            state: AtomicU8::new(0),
        }
    })
}

/// A new instance of `class`, a subclass of str, with this text.
pub fn new_with_class(class: &Type, text: TextRef<'_>) -> Value {
    if std::ptr::eq(class, &*core_types::STR) {
        return from_view(text);
    }
    let bytes = view_bytes(text);
    let data = new_block(bytes.len());
    // SAFETY: the block has room for the bytes.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), data, bytes.len()) };
    let payload = Str {
        hash: AtomicI64::new(0),
        data,
        len: text.len() as u32,
        kind: text.kind(),
        owned: true,
        state: AtomicU8::new(0),
    };
    super::alloc::new(class, payload)
}

/// A new str from a builder.
pub fn from_buf(buf: TextBuf) -> Value {
    from_text(buf.view())
}

/// A new str from a view of any kind.
pub fn from_text(view: TextRef<'_>) -> Value {
    match view {
        TextRef::Ascii(b) | TextRef::Latin1(b) if b.len() == 1 => char_str(b[0]),
        _ if view.is_canonical() => from_view(view),
        _ => from_view(view.narrow().view()),
    }
}

/// A new str from Rust text.
#[allow(clippy::should_implement_trait)]
pub fn from_str(text: &str) -> Value {
    match TextRef::from_ascii_str(text) {
        Some(view) => from_view(view),
        None => from_buf(TextBuf::from_str(text)),
    }
}

/// The str of one character below 256, immortal and shared.
#[inline]
pub fn char_str(c: u8) -> Value {
    names::char_str(c)
}

use super::names;

/// The text of an instance of str or of a subclass.
#[inline(always)]
pub fn view(v: &Value) -> Option<TextRef<'_>> {
    v.downcast::<Str>().map(Str::view)
}

/// The text as Rust text, with surrogates replaced; "" for anything but a str.
pub fn lossy(v: &Value) -> Cow<'_, str> {
    view(v).map(|text| text.to_utf8_lossy()).unwrap_or_default()
}

/// Whether a value is a str with this (ASCII or other) text.
pub fn eq_str(v: &Value, text: &str) -> bool {
    view(v).is_some_and(|view| view == *text)
}

/// The longest text that a str holds, in characters.
pub const MAX_LEN: usize = u32::MAX as usize;

/// A new str of `len` characters of `kind`, put together from views. The parts have `len` characters in all, and `kind`
/// is the widest of their canonical kinds; `len` is at most `MAX_LEN`.
pub fn from_parts<'a>(kind: TextKind, len: usize, parts: impl Iterator<Item = TextRef<'a>>) -> Value {
    debug_assert!(len <= MAX_LEN);
    super::alloc::new_with_tail(&core_types::STR, len * kind.width(), |tail| {
        let mut at = 0;
        for part in parts {
            let n = part.len();
            assert!(n <= len - at, "the parts have `len` characters");
            // SAFETY: the tail has room for `len` units of the kind's width and is aligned to 8; `at + n <= len`.
            unsafe {
                match kind {
                    TextKind::Ascii | TextKind::Latin1 => write_units::<u8>(tail.add(at), part),
                    TextKind::Ucs2 => write_units::<u16>(tail.cast::<u16>().add(at), part),
                    TextKind::Ucs4 => write_units::<u32>(tail.cast::<u32>().add(at), part),
                }
            }
            at += n;
        }
        assert!(at == len, "the parts have `len` characters");
        Str { hash: AtomicI64::new(0), data: tail, len: len as u32, kind, owned: false, state: AtomicU8::new(0) }
    })
}

/// A new str of the items, which are str, with `sep` between any two: `len` characters that fit `kind`.
pub fn join(kind: TextKind, len: usize, sep: TextRef<'_>, items: &[Value]) -> Value {
    /// # Safety
    /// `at` has room for `len` units.
    unsafe fn fill<U: super::text::Unit>(at: *mut U, len: usize, sep: TextRef<'_>, items: &[Value]) {
        let mut done = 0;
        let mut add = |part: TextRef<'_>| {
            assert!(part.len() <= len - done, "the items have `len` characters");
            // SAFETY: by the caller and the assertion there is room.
            unsafe { write_units::<U>(at.add(done), part) };
            done += part.len();
        };
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                add(sep);
            }
            add(view(item).expect("the items are str"));
        }
        assert!(done == len, "the items have `len` characters");
    }
    debug_assert!(len <= MAX_LEN);
    super::alloc::new_with_tail(&core_types::STR, len * kind.width(), |tail| {
        // SAFETY: the tail has room for `len` units of the kind's width and is aligned to 8.
        unsafe {
            match kind {
                TextKind::Ascii | TextKind::Latin1 => fill::<u8>(tail, len, sep, items),
                TextKind::Ucs2 => fill::<u16>(tail.cast(), len, sep, items),
                TextKind::Ucs4 => fill::<u32>(tail.cast(), len, sep, items),
            }
        }
        Str { hash: AtomicI64::new(0), data: tail, len: len as u32, kind, owned: false, state: AtomicU8::new(0) }
    })
}

/// Copies bytes that do not overlap; a few of them without a call.
///
/// # Safety
/// As `copy_nonoverlapping`.
#[inline(always)]
unsafe fn copy_bytes(from: *const u8, to: *mut u8, count: usize) {
    /// Two words that cover the bytes, overlapping where there are fewer than two words' worth.
    ///
    /// # Safety
    /// `count` is at least a word and at most two.
    #[inline(always)]
    unsafe fn two<W: Copy>(from: *const u8, to: *mut u8, count: usize) {
        // SAFETY: by the caller.
        unsafe {
            let last = count - size_of::<W>();
            let (a, b) = (from.cast::<W>().read_unaligned(), from.add(last).cast::<W>().read_unaligned());
            to.cast::<W>().write_unaligned(a);
            to.add(last).cast::<W>().write_unaligned(b);
        }
    }
    // SAFETY: by the caller.
    unsafe {
        match count {
            0 => {}
            1 => *to = *from,
            2..4 => two::<u16>(from, to, count),
            4..8 => two::<u32>(from, to, count),
            8..=16 => two::<u64>(from, to, count),
            _ => std::ptr::copy_nonoverlapping(from, to, count),
        }
    }
}

/// Writes a view's code points as units of type `U`.
///
/// # Safety
/// `to` has room for the view's length in units.
#[inline(always)]
unsafe fn write_units<U: super::text::Unit>(to: *mut U, part: TextRef<'_>) {
    crate::with_units!(part, s => {
        if size_of_val(s) == s.len() * size_of::<U>() {
            // SAFETY: by the caller; units of one width are the same integers.
            unsafe { copy_bytes(s.as_ptr().cast::<u8>(), to.cast::<u8>(), size_of_val(s)) }
        } else {
            use super::text::Unit as _;
            for (i, u) in s.iter().enumerate() {
                // SAFETY: by the caller.
                unsafe { to.add(i).write(U::from_cp(u.cp())) }
            }
        }
    })
}

/// `a + b`, both canonical.
#[inline]
pub fn concat(a: TextRef<'_>, b: TextRef<'_>) -> Value {
    from_parts(a.kind().max(b.kind()), a.len() + b.len(), [a, b].into_iter())
}

/// Texts shorter than this are cheaper to copy than to move into a block of their own.
const GROW_FROM: usize = 64;

/// Appends to a str in place, where that is possible and pays; answers whether it did. Repeated appending then costs
/// time in proportion to what is appended.
///
/// # Safety
/// `v` is an exact str that nobody else can reach: the caller has the only references, no other thread has seen it
/// (it is not published), and no view of its text is in use. `tail` is of another object.
pub unsafe fn append_in_place(v: &Value, tail: TextRef<'_>) -> bool {
    let Some(this) = v.downcast_exact::<Str>() else { return false };
    let (len, added) = (this.len as usize, tail.len());
    let fits = this.kind >= tail.kind() && len + added <= MAX_LEN && len >= GROW_FROM && !this.is_interned();
    if !fits {
        return false;
    }
    let width = this.kind.width();
    let (old, new) = (len * width, (len + added) * width);
    let this = (this as *const Str).cast_mut();
    // SAFETY: by the caller nobody else looks at the payload. The block has room for `new` bytes before they are written.
    unsafe {
        if !(*this).owned || block_capacity((*this).data) < new {
            if !has_room(new + new / 2) {
                // A copy of the exact size may still fit, and can raise.
                return false;
            }
            let data = new_block(new + new / 2);
            std::ptr::copy_nonoverlapping((*this).data, data, old);
            if (*this).owned {
                free_block((*this).data.cast_mut());
            }
            (*this).data = data;
            (*this).owned = true;
        }
        let end = (*this).data.cast_mut().add(old);
        match width {
            1 => write_units::<u8>(end, tail),
            2 => write_units::<u16>(end.cast(), tail),
            _ => write_units::<u32>(end.cast(), tail),
        }
        (*this).len = (len + added) as u32;
        (*this).hash.store(0, Relaxed);
    }
    true
}
