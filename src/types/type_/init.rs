//! Start-up of native types: from a constant spec to a type with bases, slots and attribute dictionary.

use super::{call, layout, specials, update};
use crate::object::core_types::{self, exc};
use crate::object::dict::{self, Dict};
use crate::object::header::Header;
use crate::object::names::{self, known};
use crate::object::slots::SlotId;
use crate::object::thread::Thread;
use crate::object::type_object::{NO_LAYOUT, StaticType, Type, TypeSpec, flag};
use crate::object::value::Value;
use crate::object::{native, str, tuple};
use crate::sync::shim::Mutex;
use crate::sync::shim::atomic::Ordering::*;
use crate::types::{descriptor, weakref_, wrapper};

/// Second bases of native types.
static SECOND_BASES: &[(&StaticType, &StaticType)] = &[(&exc::EXCEPTION_GROUP, &exc::EXCEPTION)];

/// Bits that belong to one native type and what derives from it.
static OWN_FLAGS: &[(&StaticType, u64)] = &[
    (&core_types::INT, flag::INT_SUBCLASS),
    (&core_types::LIST, flag::LIST_SUBCLASS | flag::SEQUENCE),
    (&core_types::TUPLE, flag::TUPLE_SUBCLASS | flag::SEQUENCE),
    (&core_types::BYTES, flag::BYTES_SUBCLASS),
    (&core_types::STR, flag::STR_SUBCLASS),
    (&core_types::DICT, flag::DICT_SUBCLASS | flag::MAPPING),
    (&exc::BASE_EXCEPTION, flag::EXCEPTION_SUBCLASS),
    (&core_types::TYPE, flag::TYPE_SUBCLASS),
];

/// Initialises all types of the list, object and type first. A declared type without a row gets an empty spec, so that
/// nothing that mentions it falls over.
pub fn init_all(t: &Thread, rows: &[(&'static StaticType, &'static TypeSpec)]) {
    for (ty, spec) in rows {
        ty.set_spec(spec);
    }
    for (ty, name) in core_types::DECLARED.iter().chain(exc::DECLARED) {
        if !rows.iter().any(|(row, _)| std::ptr::eq(*row, *ty)) {
            ty.set_spec(Box::leak(Box::new(TypeSpec::new("builtins", name, NO_LAYOUT))));
        }
    }
    for ty in [&core_types::OBJECT, &core_types::TYPE] {
        build(ty);
    }
    let all = || {
        let declared = core_types::DECLARED.iter().chain(exc::DECLARED).map(|(ty, _)| *ty);
        rows.iter().map(|(ty, _)| *ty).chain(declared)
    };
    all().for_each(build);
    // Weak references need their own type.
    all().for_each(|ty| enter(t, ty));
}

/// Initialises a type of a module's table, unless it is already.
pub fn ready(t: &Thread, ty: &'static StaticType) {
    static LOCK: Mutex<()> = Mutex::new(());
    if !ty.mro.is_empty() {
        return;
    }
    let _guard = t.lock_attached(&LOCK);
    build_chain(t, ty);
}

fn build_chain(t: &Thread, ty: &'static StaticType) {
    if !ty.mro.is_empty() {
        return;
    }
    if let Some(base) = ty.spec().base {
        build_chain(t, base);
    }
    build(ty);
    enter(t, ty);
}

fn base_of(ty: &'static StaticType) -> Option<&'static StaticType> {
    if std::ptr::eq(ty, &core_types::OBJECT) {
        return None;
    }
    Some(ty.spec().base.unwrap_or(&core_types::OBJECT))
}

/// Everything but the list of subclasses. The order of stores matters to nobody but `ready`: `mro` comes last.
fn build(ty: &'static StaticType) {
    if !ty.mro.is_empty() {
        return;
    }
    let base = base_of(ty);
    if let Some(base) = base {
        build(base);
    }
    let spec = ty.spec();
    ty.set_spec(spec);
    set_flags(ty, base, spec);
    if ty.has_flag(flag::HAS_DICT) {
        let offset = layout::offset_after_payload(ty);
        ty.inst_offset.store(offset, Release);
        ty.instance_size.store(offset + 8, Release);
    } else {
        ty.instance_size.store((size_of::<Header>() as u32 + spec.layout.size).next_multiple_of(8), Release);
    }
    ty.slots.fill(&spec.slots);
    if let Some(base) = base {
        inherit_slots(ty, base, spec);
    }
    for (id, bits) in [(SlotId::getattro, flag::PLAIN_GETATTR), (SlotId::setattro, flag::PLAIN_SETATTR)] {
        if ty.slots.same(id, &core_types::OBJECT.slots) {
            ty.set_flag(bits);
        }
    }
    ty.qualname.init(names::intern(spec.name));
    ty.python_name.init(names::intern(spec.name));
    ty.dict.init(make_dict(ty, spec));

    let own = ty.to_value();
    let mut bases = Vec::new();
    let mut mro = vec![own];
    if let Some(base) = base {
        bases.push(base.to_value());
        ty.base.init(base.to_value());
        if let Some(order) = base.mro.load() {
            mro.extend_from_slice(tuple::items(&order));
        }
    }
    if let Some((_, second)) = SECOND_BASES.iter().find(|(row, _)| std::ptr::eq(*row, ty)) {
        build(second);
        bases.push(second.to_value());
        // Behind the first base, before the bases that they share.
        mro.insert(2, second.to_value());
    }
    for (slot, items) in [(&ty.bases, bases), (&ty.mro, mro)] {
        let tuple = tuple::from_vec(items);
        names::immortalize(&tuple);
        slot.init(tuple);
    }
}

fn set_flags(ty: &'static StaticType, base: Option<&'static StaticType>, spec: &TypeSpec) {
    let mut bits = spec.flags | flag::IMMUTABLE;
    if let Some(base) = base {
        bits |= base.flags() & flag::INHERITED;
    }
    if let Some((_, own)) = OWN_FLAGS.iter().find(|(row, _)| std::ptr::eq(*row, ty)) {
        bits |= own;
    }
    // As in CPython, a native type that derives from object and makes no instances cannot be called. One that others may
    // derive from (Generic) makes plain objects.
    if spec.slots.new.is_none()
        && spec.flags & flag::BASETYPE == 0
        && base.is_some_and(|b| std::ptr::eq(b, &core_types::OBJECT))
    {
        bits |= flag::DISALLOW_INSTANTIATION;
    }
    ty.set_flag(bits);
}

fn inherit_slots(ty: &Type, base: &Type, spec: &TypeSpec) {
    for &id in SlotId::ALL {
        let skip = match id {
            // A type that compares by value hashes by value, or not at all.
            SlotId::hash => spec.slots.richcompare.is_some(),
            SlotId::new => ty.has_flag(flag::DISALLOW_INSTANTIATION),
            _ => false,
        };
        if !skip && !ty.slots.is_set(id) {
            ty.slots.copy(id, &base.slots);
        }
    }
}

/// The attribute dictionary. What it holds is immortal, like the type.
fn make_dict(ty: &'static StaticType, spec: &'static TypeSpec) -> Value {
    let dict = dict::new();
    names::immortalize(&dict);
    let Some(entries) = dict.downcast::<Dict>() else { return dict };
    let set = |name: &str, value: Value| {
        names::immortalize(&value);
        drop(entries.set_str(&names::intern(name), value));
    };
    for special in specials::SPECIALS {
        let name = names::intern(special.name);
        if let Some(wrapped) = (special.wrap)(&spec.slots)
            && entries.get_str(&name).is_none()
            // A sequence has `add` only as a faster way to `concat`, which has no reflected form.
            && !(special.name == "__radd__" && spec.slots.concat.is_some())
        {
            set(special.name, wrapper::new(special, wrapped, ty));
        }
    }
    if spec.slots.new.is_some() {
        set("__new__", native::new_bound(&call::NATIVE_NEW, ty.to_value()));
    }
    if spec.slots.richcompare.is_some() && spec.slots.hash.is_none() {
        set("__hash__", Value::NONE);
    }
    for method in spec.methods {
        set(method.name, native::new_descriptor(method, ty));
    }
    for row in spec.getset {
        set(row.name, descriptor::from_row(row, ty));
    }
    if entries.get_str(&known().__doc__).is_none() {
        set("__doc__", if spec.doc.is_empty() { Value::NONE } else { str::from_str(spec.doc) });
    }
    dict
}

/// Enters a type into its bases' lists of subclasses.
fn enter(t: &Thread, ty: &'static StaticType) {
    let Some(bases) = ty.bases.load() else { return };
    let reference = weakref_::plain(&ty.as_value());
    update::with_type_lock(t, |later| update::register(ty, tuple::items(&bases), &reference, later));
}
