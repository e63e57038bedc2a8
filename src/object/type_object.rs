//! `Type`: what every class is, native or made by a `class` statement.
//!
//! Types of the VM itself are statics (`static LIST: StaticType`), immortal and described by a constant `TypeSpec`;
//! start-up initialises them from the list in `types/mod.rs`. Classes of a program are heap objects, counted sharded and
//! freed only by the collector.
//!
//! Rules for threads:
//! 1. The attribute dictionary is an ordinary dict, read without a lock like every dict: one mechanism instead of snapshots of
//!    its own. Writers go through `types/type_/update`, which bumps the versions of the type and of all its subclasses before
//!    the old value is dropped.
//! 2. A version is unique over all types and times. A cache that found its version again after loading may use what it
//!    cached: a value that was dropped since is still valid memory, because the version was bumped before the drop and the
//!    reader is pinned.
//! 3. `mro` and `bases` change only under the type lock of `types/type_`; readers load the published tuple.

use super::header::{Header, Object};
use super::slots::{Layout, SlotTable, Slots, Visit};
use super::value::{Slot, Value};
use crate::sync::shim::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering::*};
use crate::sync::version::Version;

/// Bits of `Type::flags`, with CPython's values where it has them (`Py_TPFLAGS_*`).
pub mod flag {
    pub const SEQUENCE: u64 = 1 << 5;
    pub const MAPPING: u64 = 1 << 6;
    pub const DISALLOW_INSTANTIATION: u64 = 1 << 7;
    pub const IMMUTABLE: u64 = 1 << 8;
    pub const HEAPTYPE: u64 = 1 << 9;
    pub const BASETYPE: u64 = 1 << 10;
    pub const METHOD_DESCRIPTOR: u64 = 1 << 17;
    pub const ABSTRACT: u64 = 1 << 20;
    pub const MATCH_SELF: u64 = 1 << 22;
    pub const INT_SUBCLASS: u64 = 1 << 24;
    pub const LIST_SUBCLASS: u64 = 1 << 25;
    pub const TUPLE_SUBCLASS: u64 = 1 << 26;
    pub const BYTES_SUBCLASS: u64 = 1 << 27;
    pub const STR_SUBCLASS: u64 = 1 << 28;
    pub const DICT_SUBCLASS: u64 = 1 << 29;
    pub const EXCEPTION_SUBCLASS: u64 = 1 << 30;
    pub const TYPE_SUBCLASS: u64 = 1 << 31;
    /// Instances have a shape word (`inst_offset`), so they can have attributes of their own.
    pub const HAS_DICT: u64 = 1 << 32;
    /// Instances may be weakly referenced.
    pub const HAS_WEAKREFS: u64 = 1 << 33;
    /// `__getattribute__` is object's: attribute loads may be cached.
    pub const PLAIN_GETATTR: u64 = 1 << 34;
    /// `__setattr__` is object's.
    pub const PLAIN_SETATTR: u64 = 1 << 35;
    /// Subscripts are keys: instances are no sequences by them.
    pub const KEYED: u64 = 1 << 36;
    /// Instances keep their attributes in a dict of the payload (`attribute::PAYLOAD_DICT`): types and modules.
    pub const PAYLOAD_DICT: u64 = 1 << 37;
    /// Bits that subclasses inherit.
    pub const INHERITED: u64 = INT_SUBCLASS
        | LIST_SUBCLASS
        | TUPLE_SUBCLASS
        | BYTES_SUBCLASS
        | STR_SUBCLASS
        | DICT_SUBCLASS
        | EXCEPTION_SUBCLASS
        | TYPE_SUBCLASS
        | SEQUENCE
        | MAPPING
        | MATCH_SELF
        | HAS_DICT
        | HAS_WEAKREFS
        | PAYLOAD_DICT;
}

/// A payload type of Rust that a Python type's instances carry.
///
/// # Safety
/// `layout_type().spec.layout` describes `Self`; a type that extends another's payload begins with it (`repr(C)`).
pub unsafe trait Payload: Sized + Send + Sync + 'static {
    /// The native type that this payload belongs to.
    fn layout_type() -> &'static Type;

    /// Visits every `Value` that the payload holds.
    fn trace(&self, _visit: Visit) {}

    /// Gives up references so that a garbage cycle falls apart; the payload stays valid. Called when nobody else can
    /// reach the object. Values that come out are dropped by the implementation.
    fn clear(&self) {}
}

/// The layout of a payload; `traced` says whether it can take part in a reference cycle.
pub const fn layout_of<T: Payload>(traced: bool) -> Layout {
    unsafe fn drop_payload<T: Payload>(header: *mut Header) {
        // SAFETY: the object begins with a `T` payload and nobody uses it again.
        unsafe { std::ptr::drop_in_place(&raw mut (*header.cast::<Object<T>>()).payload) }
    }
    unsafe fn trace_payload<T: Payload>(header: *const Header, visit: Visit) {
        // SAFETY: the object begins with a `T` payload.
        unsafe { (*header).payload::<T>() }.trace(visit)
    }
    unsafe fn clear_payload<T: Payload>(header: *const Header) {
        // SAFETY: the object begins with a `T` payload.
        unsafe { (*header).payload::<T>() }.clear()
    }
    Layout {
        // With the padding behind the payload: `alloc` writes whole objects.
        size: (size_of::<Object<T>>() - size_of::<Header>()) as u32,
        drop: drop_payload::<T>,
        trace: if traced { Some(trace_payload::<T>) } else { None },
        clear: if traced { Some(clear_payload::<T>) } else { None },
    }
}

/// The layout of objects without a payload.
pub const NO_LAYOUT: Layout = {
    unsafe fn nothing(_: *mut Header) {}
    Layout { size: 0, drop: nothing, trace: None, clear: None }
};

/// The constant description of a native type.
pub struct TypeSpec {
    /// The name without its module.
    pub name: &'static str,
    pub module: &'static str,
    /// The base, when it is not object.
    pub base: Option<&'static StaticType>,
    pub doc: &'static str,
    /// The constructor's text signature, such as "(iterable=(), /)"; empty for none.
    pub signature: &'static str,
    pub layout: Layout,
    pub slots: SlotTable,
    pub methods: &'static [super::table::Method],
    pub getset: &'static [super::table::GetSet],
    /// Bits of `flag`.
    pub flags: u64,
}

impl TypeSpec {
    /// A type with nothing but a name and a layout, to be extended with struct update syntax.
    pub const fn new(module: &'static str, name: &'static str, layout: Layout) -> TypeSpec {
        TypeSpec {
            name,
            module,
            base: None,
            doc: "",
            signature: "",
            layout,
            slots: SlotTable::EMPTY,
            methods: &[],
            getset: &[],
            flags: 0,
        }
    }
}

/// A name that a class has or had.
struct TypeName {
    text: Box<str>,
    older: AtomicPtr<TypeName>,
}

impl Drop for Type {
    fn drop(&mut self) {
        let mut next = *self.name.get_mut();
        while !next.is_null() {
            // SAFETY: made by `Box::into_raw` in `set_name`; nobody reads a dead type's name.
            let mut name = unsafe { Box::from_raw(next) };
            next = *name.older.get_mut();
        }
    }
}

/// Attribute slots of an instance at most, beside members; with more attributes it keeps them in a dict.
pub const MAX_INLINE_SLOTS: u32 = 120;
/// Up to here instances get as many slots as one of them has needed. Beyond, only if that one fills at least half: a class whose
/// instances have many attributes, but each some others, had better have dicts.
const FEW_SLOTS: u32 = 30;

/// How many slots more the first instance of a class has.
pub const FIRST_SPARE: u32 = 8;

/// The data of a class.
pub struct Type {
    /// Types are objects: pointers to a `Type` are pointers to its header's object plus 24.
    pub slots: Slots,
    /// Bits of `flag`; only the low 32 are ever seen by Python.
    flags: crate::sync::shim::atomic::AtomicU64,
    /// See rule 2. Changes are those of attributes of the class or its bases.
    version: Version,
    /// A number that no other type ever has; 0: not assigned yet.
    uid: AtomicU64,
    /// Bytes of an instance, header included, without an inline tail.
    pub instance_size: AtomicU32,
    /// Where the shape word lies in an instance, from its start; 0: instances have none.
    pub inst_offset: AtomicU32,
    /// How many attribute slots follow the shape word in instances made now; each instance's shape word tells its own.
    pub inline_slots: AtomicU32,
    /// The native type whose payload instances carry.
    native: AtomicPtr<Type>,
    /// The constant that describes the native layout (of `native`).
    spec: AtomicPtr<TypeSpec>,
    /// The name that a program gave, or null: the spec's.
    name: AtomicPtr<TypeName>,
    /// `__qualname__`, `__name__` as Python sees them (str), when assigned or of a heap type.
    pub python_name: Slot,
    pub qualname: Slot,
    /// `__base__`.
    pub base: Slot,
    /// `__bases__`, a tuple.
    pub bases: Slot,
    /// `__mro__`, a tuple.
    pub mro: Slot,
    /// The attribute dictionary, a dict.
    pub dict: Slot,
    /// A dict of weak references to direct subclasses, keyed by id; made on demand.
    pub subclasses: Slot,
    /// The first shape of instances; null until needed.
    pub root_shape: AtomicPtr<super::shape::Shape>,
    /// How many of the inline slots are members that `__slots__` of the class and its bases names; they come first.
    pub slot_count: AtomicU32,
}

/// A type that is a static of the VM.
pub type StaticType = StaticTypeObject;

/// The object of a static type: header and payload.
#[repr(C)]
pub struct StaticTypeObject {
    object: Object<Type>,
}

// SAFETY: all fields are atomic or set once.
unsafe impl Sync for StaticTypeObject {}

impl std::ops::Deref for StaticTypeObject {
    type Target = Type;
    #[inline(always)]
    fn deref(&self) -> &Type {
        &self.object.payload
    }
}

impl StaticTypeObject {
    /// A type still to be initialised from its spec.
    pub const fn new(spec: &'static TypeSpec) -> StaticTypeObject {
        StaticTypeObject {
            object: Object {
                header: Header::immortal(super::core_types::TYPE.as_type_ptr()),
                payload: Type::blank(spec),
            },
        }
    }

    const fn as_type_ptr(&'static self) -> *const Type {
        &raw const self.object.payload
    }

    /// A type whose spec is given at start-up, by a folder that `object` must not import.
    pub const fn declare() -> StaticTypeObject {
        StaticTypeObject {
            object: Object {
                header: Header::immortal(super::core_types::TYPE.as_type_ptr()),
                payload: Type::blank(std::ptr::null()),
            },
        }
    }
}

impl Type {
    const fn blank(spec: *const TypeSpec) -> Type {
        Type {
            slots: Slots::EMPTY,
            flags: crate::sync::shim::atomic::AtomicU64::new(0),
            version: Version::new(),
            uid: AtomicU64::new(0),
            instance_size: AtomicU32::new(0),
            inst_offset: AtomicU32::new(0),
            inline_slots: AtomicU32::new(0),
            native: AtomicPtr::new(std::ptr::null_mut()),
            spec: AtomicPtr::new(spec as *mut TypeSpec),
            name: AtomicPtr::new(std::ptr::null_mut()),
            python_name: Slot::EMPTY,
            qualname: Slot::EMPTY,
            base: Slot::EMPTY,
            bases: Slot::EMPTY,
            mro: Slot::EMPTY,
            dict: Slot::EMPTY,
            subclasses: Slot::EMPTY,
            root_shape: AtomicPtr::new(std::ptr::null_mut()),
            slot_count: AtomicU32::new(0),
        }
    }

    /// A class of a program, derived from `base`: same native layout. The caller (`types/type_`) sets the rest.
    pub fn heap(name: &str, base: &Type) -> Type {
        let ty = Type::blank(std::ptr::null());
        ty.set_name(name);
        ty.native.store(base.native.load(Acquire), Release);
        ty.spec.store(base.spec.load(Acquire), Release);
        ty
    }

    /// Gives a static type its spec and makes it its own native type. Start-up calls it once, before the type is used.
    pub fn set_spec(&'static self, spec: &'static TypeSpec) {
        self.spec.store(spec as *const TypeSpec as *mut TypeSpec, Release);
        self.native.store(self as *const Type as *mut Type, Release);
        self.instance_size.store((size_of::<Header>() as u32 + spec.layout.size).next_multiple_of(8), Release);
    }

    /// The description of the native layout that instances have.
    #[inline(always)]
    pub fn spec(&self) -> &'static TypeSpec {
        // SAFETY: set before the type is used; specs are statics.
        unsafe { &*self.spec.load(Acquire) }
    }

    /// The native type whose payload instances carry.
    #[inline(always)]
    pub fn native(&self) -> &'static Type {
        // SAFETY: set before the type is used; native types are statics.
        unsafe { &*self.native.load(Acquire) }
    }

    /// Whether instances begin with the payload of the native type `ty`.
    #[inline(always)]
    pub fn has_layout(&self, ty: &'static Type) -> bool {
        let mut native = self.native.load(Relaxed) as *const Type;
        loop {
            if std::ptr::eq(native, ty) {
                return true;
            }
            if native.is_null() {
                return false;
            }
            // SAFETY: native types are statics with a spec.
            match unsafe { (*native).spec() }.base {
                Some(base) => native = &**base,
                None => return false,
            }
        }
    }

    /// `__name__` as Rust text, without module.
    pub fn name(&self) -> &str {
        // SAFETY: names that were ever set live as long as the type.
        match unsafe { self.name.load(Acquire).as_ref() } {
            Some(name) => &name.text,
            None if self.spec.load(Acquire).is_null() => "?",
            None => self.spec().name,
        }
    }

    /// Sets what `name` answers. Older names stay in memory until the type ends: readers may hold them.
    pub fn set_name(&self, name: &str) {
        let fresh = Box::into_raw(Box::new(TypeName { text: name.into(), older: AtomicPtr::default() }));
        let mut older = self.name.load(Acquire);
        loop {
            // SAFETY: ours until it is published below.
            unsafe { &*fresh }.older.store(older, Relaxed);
            match self.name.compare_exchange(older, fresh, AcqRel, Acquire) {
                Ok(_) => return,
                Err(now) => older = now,
            }
        }
    }

    /// The name as error messages show it: a native type outside builtins is shown with its module.
    pub fn display_name(&self) -> std::borrow::Cow<'_, str> {
        if self.is_heap() || self.spec().module == "builtins" || self.spec().module.is_empty() {
            self.name().into()
        } else {
            format!("{}.{}", self.spec().module, self.spec().name).into()
        }
    }

    /// Whether instances are sequences: items are got by index, as far as the type tells.
    pub fn is_sequence(&self) -> bool {
        self.slots.getitem.get().is_some() && !self.has_flag(flag::DICT_SUBCLASS | flag::KEYED)
    }

    #[inline(always)]
    pub fn has_flag(&self, bits: u64) -> bool {
        self.flags.load(Relaxed) & bits != 0
    }

    pub fn flags(&self) -> u64 {
        self.flags.load(Relaxed)
    }

    pub fn set_flag(&self, bits: u64) {
        self.flags.fetch_or(bits, AcqRel);
    }

    pub fn clear_flag(&self, bits: u64) {
        self.flags.fetch_and(!bits, AcqRel);
    }

    /// Whether the class was made by a program.
    pub fn is_heap(&self) -> bool {
        self.has_flag(flag::HEAPTYPE)
    }

    /// The version, for guards; 0 when none is assigned.
    #[inline(always)]
    pub fn version(&self) -> u32 {
        self.version.get()
    }

    /// The version, assigned now if there is none; 0 when versions have run out, and during a change.
    pub fn assign_version(&self) -> u32 {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        self.version.assign(|| NEXT.fetch_update(Relaxed, Relaxed, |n| n.checked_add(1)).unwrap_or(0))
    }

    /// An attribute of the class or of a base is about to change: until `end_change`, nothing can be remembered of the class.
    /// So nobody finds an old value in a cache after somebody has seen the new one.
    pub fn begin_change(&self) {
        self.version.begin_change();
    }

    /// The change that `begin_change` announced is done.
    pub fn end_change(&self) {
        self.version.end_change();
    }

    /// A number that no other type has or will have, also after this one is gone; for caches that keep types.
    pub fn uid(&self) -> u64 {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        match self.uid.load(Relaxed) {
            0 => {
                let fresh = NEXT.fetch_add(1, Relaxed);
                self.uid.compare_exchange(0, fresh, Relaxed, Relaxed).map_or_else(|other| other, |_| fresh)
            }
            uid => uid,
        }
    }

    /// Forgets the version: what caches know of the type is void. Called before a replaced attribute is dropped.
    pub fn bump_version(&self) {
        crate::sync::stats::note(crate::sync::stats::Shared::Global);
        self.version.void();
    }

    /// Makes room in instances made from now on for more attributes than fit in `present` slots, which were too few for one with
    /// `attributes`.
    pub fn grow_inline_slots(&self, present: u32, attributes: u32) {
        let most = self.slot_count.load(Relaxed) + MAX_INLINE_SLOTS;
        if present < most && (present < FEW_SLOTS || attributes * 2 > present) {
            self.inline_slots.fetch_max((present + 4.max(present / 4)).min(most), Relaxed);
        }
    }

    /// The header of the type's own object.
    #[inline(always)]
    pub fn header(&self) -> &Header {
        // SAFETY: every `Type` is the payload of an `Object<Type>`.
        unsafe {
            &*(self as *const Type).cast::<u8>().sub(std::mem::offset_of!(Object<Type>, payload)).cast::<Header>()
        }
    }

    /// The type as a value (a new reference).
    #[inline]
    pub fn to_value(&self) -> Value {
        self.header().to_value()
    }

    /// The type as a value, without counting.
    #[inline(always)]
    pub fn as_value(&self) -> std::mem::ManuallyDrop<Value> {
        self.header().as_value()
    }

    /// Whether `self` is `other` or derived from it (by the method resolution order; no `__subclasscheck__`).
    pub fn is_subtype(&self, other: &Type) -> bool {
        if std::ptr::eq(self, other) {
            return true;
        }
        match self.mro.word() {
            0 => std::ptr::eq(other, &*super::core_types::OBJECT),
            word => {
                let target = other.header() as *const Header as u64;
                // SAFETY: a published tuple, read by a pinned thread: its memory, where its items lie, is valid even if
                // another order has replaced it since. The items are compared, not followed.
                let mro = unsafe { (*(word as *const Header)).payload::<super::tuple::Tuple>() };
                mro.items().iter().any(|c| c.bits() == target)
            }
        }
    }
}

// SAFETY: the layout of `TYPE` is `Type`.
unsafe impl Payload for Type {
    fn layout_type() -> &'static Type {
        &super::core_types::TYPE
    }

    fn trace(&self, visit: Visit) {
        for slot in
            [&self.python_name, &self.qualname, &self.base, &self.bases, &self.mro, &self.dict, &self.subclasses]
        {
            let word = slot.word();
            if word != 0 {
                // SAFETY: the world is stopped; the slot holds a live value.
                visit(unsafe { Value::from_ref(&word) });
            }
        }
    }

    fn clear(&self) {
        for slot in [&self.base, &self.bases, &self.mro, &self.dict, &self.subclasses] {
            drop(slot.take());
        }
    }
}
