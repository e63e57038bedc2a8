//! `type.__new__`: from name, bases and namespace to a class.

use super::{layout, mro, update};
use crate::object::args::Args;
use crate::object::core_types::{self, exc};
use crate::object::dict::{self, Dict};
use crate::object::names::{self, known};
use crate::object::raise::{self, PyResult};
use crate::object::shards;
use crate::object::str::Str;
use crate::object::thread::Thread;
use crate::object::type_object::{Type, flag};
use crate::object::value::{Slot, Value};
use crate::object::{alloc, attribute, hooks, protocol, str, tuple};
use crate::types::str::codec::registry;
use crate::types::{cell, classmethod, descriptor, staticmethod, weakref_};

/// What `__slots__` asks for.
#[derive(Default)]
struct Members {
    /// Mangled, interned, sorted names.
    names: Vec<Value>,
    add_dict: bool,
    add_weakrefs: bool,
    /// The docstrings, where `__slots__` is a dict.
    docs: Option<Value>,
}

/// The `new` slot of type.
pub fn new(t: &Thread, metatype: &Type, args: Args<'_>) -> PyResult {
    let [name, bases, namespace] = args.pos() else {
        let n = args.pos().len();
        return Err(raise::type_error(t, format!("type.__new__() takes exactly 3 arguments ({n} given)")));
    };
    let wrong = |i: usize, what: &str, v: &Value| {
        let given = v.class().display_name();
        raise::type_error(t, format!("type.__new__() argument {i} must be {what}, not {given}"))
    };
    if name.downcast::<Str>().is_none() {
        return Err(wrong(1, "str", name));
    }
    if bases.downcast::<tuple::Tuple>().is_none() {
        return Err(wrong(2, "tuple", bases));
    }
    if namespace.downcast::<Dict>().is_none() {
        return Err(wrong(3, "dict", namespace));
    }
    let mut bases: Vec<Value> = tuple::items(bases).to_vec();
    for base in &bases {
        if base.downcast::<Type>().is_none() && protocol::lookup_attr(t, base, &known().__mro_entries__)?.is_some() {
            return Err(raise::type_error(t, "type() doesn't support MRO entry resolution; use types.new_class()"));
        }
    }
    let winner = mro::metatype_of(t, &metatype.as_value(), &bases)?;
    let Some(metatype_now) = winner.downcast::<Type>() else { return Err(raise::system_error(t, "no metatype")) };
    if !std::ptr::eq(metatype_now, metatype)
        && !metatype_now.slots.same(crate::object::slots::SlotId::new, &core_types::TYPE.slots)
        && let Some(other) = metatype_now.slots.new.get()
    {
        return other(t, metatype_now, args);
    }
    if bases.is_empty() {
        bases.push(core_types::OBJECT.to_value());
    }
    make(t, metatype_now, name, bases, namespace, args.skip(3))
}

fn make(
    t: &Thread,
    metatype: &Type,
    name: &Value,
    bases: Vec<Value>,
    namespace: &Value,
    keywords: Args<'_>,
) -> PyResult {
    let base = layout::best_base(t, &bases)?;
    let Some(base_type) = base.downcast::<Type>() else { return Err(raise::system_error(t, "no base")) };
    let text = str::lossy(name);
    if text.contains('\0') {
        return Err(raise::value_error(t, "type name must not contain null characters"));
    }
    registry::need_utf8(t, name)?;
    let own = copy_namespace(namespace);
    let Some(entries) = own.downcast::<Dict>() else { return Err(raise::system_error(t, "no dict")) };
    if let Some(doc) = entries.get_str(&known().__doc__) {
        registry::need_utf8(t, &doc)?;
    }
    if entries.entries().iter().any(|(key, _)| str::view(key).is_none()) {
        let message = format!("non-string key in the __dict__ of class {text}");
        (hooks::get().warn)(t, &exc::RUNTIME_WARNING.as_value(), &message, 1)?;
    }
    let members = read_slots(t, entries, base_type, &bases, &text)?;

    let class_value = alloc::new(metatype, Type::heap(&text, base_type));
    shards::make_sharded(&class_value);
    let Some(class) = class_value.downcast::<Type>() else { return Err(raise::system_error(t, "no class")) };
    class.python_name.init(names::intern_value(&exact_str(name)));
    class.base.init(base.clone());
    class.dict.init(own.clone());
    shards::make_sharded(&own);
    set_flags(class, base_type, &bases, &members);
    fill_dict(t, class, &class_value, entries, name, &members)?;
    // Last: a member may have the name of an entry that was meant for us.
    let member_names = members.names.iter();
    let first = base_type.slot_count.load(crate::sync::shim::atomic::Ordering::Acquire);
    for (index, member) in (first..).zip(member_names) {
        let doc = match members.docs.as_ref().and_then(Value::downcast::<Dict>) {
            Some(docs) => docs.get_str(member),
            None => None,
        };
        drop(entries.set_str(member, descriptor::from_slot(member.clone(), index, doc, class)));
    }

    // The order of bases is the metatype's to say, which may run Python code.
    let bases_tuple = sharded(bases.clone());
    class.bases.init(bases_tuple.clone());
    let (order, plain) = mro::compute(t, &class_value, &bases)?;
    layout::set_instance_layout(class, base_type, first + members.names.len() as u32, &order);
    let simple = plain && bases.len() == 1;
    let reference = weakref_::plain(&class_value);
    let order = sharded(order);
    update::with_type_lock(t, |later| {
        if let Some(old) = class.mro.swap(Some(order.clone())) {
            later.push(old);
        }
        update::fill_slots(class, base_type, simple, later);
        update::register(class, tuple::items(&bases_tuple), &reference, later);
    });
    set_names(t, &class_value, entries)?;
    init_subclass(t, &class_value, keywords)?;
    Ok(class_value)
}

/// A tuple that is counted per thread: only the collector frees it, with its class.
fn sharded(items: Vec<Value>) -> Value {
    let tuple = tuple::from_vec(items);
    shards::make_sharded(&tuple);
    tuple
}

/// A str as an instance of str itself.
pub fn exact_str(v: &Value) -> Value {
    match v.downcast::<Str>() {
        Some(s) if v.downcast_exact::<Str>().is_none() => str::from_view(s.view()),
        _ => v.clone(),
    }
}

fn copy_namespace(namespace: &Value) -> Value {
    let pairs = namespace.downcast::<Dict>().map(Dict::entries).unwrap_or_default();
    let own = dict::new();
    if let Some(d) = own.downcast::<Dict>() {
        for (name, value) in pairs {
            // Names are compared by identity where it matters; other keys cannot be attributes but are kept.
            if name.downcast::<Str>().is_some() {
                drop(d.set_str(&names::intern_value(&exact_str(&name)), value));
            } else if let Err(raised) = d.set(Thread::current(), name, value) {
                drop(raise::take(Thread::current(), raised));
            }
        }
    }
    own
}

fn set_flags(class: &Type, base: &Type, bases: &[Value], members: &Members) {
    let mut bits = flag::HEAPTYPE | flag::BASETYPE | base.flags() & flag::INHERITED;
    for other in bases.iter().filter_map(Value::downcast::<Type>) {
        bits |= other.flags() & (flag::SEQUENCE | flag::MAPPING);
    }
    if members.add_dict {
        bits |= flag::HAS_DICT;
    }
    if members.add_weakrefs {
        bits |= flag::HAS_WEAKREFS;
    }
    class.set_flag(bits);
}

/// Whether instances of a class already have room for a dict. Classes keep their attributes in `Type::dict`, modules in
/// their payload.
fn has_dict(class: &Type) -> bool {
    class.has_flag(flag::HAS_DICT | flag::PAYLOAD_DICT)
}

/// Whether instances of a class vary in size, so that no members can follow.
fn is_variable(class: &Type) -> bool {
    [&core_types::INT, &core_types::TUPLE, &core_types::BYTES, &core_types::TYPE].iter().any(|c| class.is_subtype(c))
}

fn read_slots(t: &Thread, entries: &Dict, base: &Type, bases: &[Value], class: &str) -> PyResult<Members> {
    let may_add_dict = !has_dict(base);
    let may_add_weakrefs = !base.has_flag(flag::HAS_WEAKREFS);
    let Some(slots) = entries.get_str(&known().__slots__) else {
        return Ok(Members {
            add_dict: may_add_dict,
            // As in CPython, tuples, ints and bytes objects cannot be weakly referenced; neither can their subclasses'
            // instances, except that those of int, bytes and tuple subclasses have a dict.
            add_weakrefs: may_add_weakrefs && !is_variable(base),
            ..Members::default()
        });
    };
    let mut members = Members::default();
    let items = if str::view(&slots).is_some() { vec![slots.clone()] } else { protocol::collect(t, &slots)? };
    if slots.downcast::<Dict>().is_some() {
        members.docs = Some(slots.clone());
    }
    if !items.is_empty() && is_variable(base) {
        let message = format!("nonempty __slots__ not supported for subtype of '{}'", base.name());
        return Err(raise::type_error(t, message));
    }
    for item in &items {
        let Some(view) = str::view(item) else {
            let message = format!("__slots__ items must be strings, not '{}'", item.class().name());
            return Err(raise::type_error(t, message));
        };
        if !crate::types::str::predicates::is_identifier(view) {
            return Err(raise::type_error(t, "__slots__ must be identifiers"));
        }
        let name = names::intern_value(&exact_str(item));
        if name.is(&known().__dict__) {
            if !may_add_dict || members.add_dict {
                return Err(raise::type_error(t, "__dict__ slot disallowed: we already got one"));
            }
            members.add_dict = true;
            continue;
        }
        if name.is(&known().__weakref__) {
            if !may_add_weakrefs || members.add_weakrefs {
                return Err(raise::type_error(t, "__weakref__ slot disallowed: we already got one"));
            }
            members.add_weakrefs = true;
            continue;
        }
        let mangled = mangle(class, &name);
        let k = known();
        let exempt = [&k.__qualname__, &k.__classcell__, &k.__classdictcell__].iter().any(|n| mangled.is(n));
        if !exempt && entries.get_str(&mangled).is_some() {
            let message = format!("'{}' in __slots__ conflicts with class variable", str::lossy(&mangled));
            return Err(raise::value_error(t, message));
        }
        members.names.push(mangled);
    }
    members.names.sort_by(|a, b| str::lossy(a).cmp(&str::lossy(b)));
    members.names.dedup_by(|a, b| a.is(b));
    // Other bases may bring a dict or weak references along.
    for other in bases.iter().filter_map(Value::downcast::<Type>).filter(|b| !std::ptr::eq(*b, base)) {
        members.add_dict |= may_add_dict && other.has_flag(flag::HAS_DICT);
        members.add_weakrefs |= may_add_weakrefs && other.has_flag(flag::HAS_WEAKREFS);
    }
    Ok(members)
}

/// Name mangling of private names: `__x` in class `_C` becomes `_C__x`.
fn mangle(class: &str, name: &Value) -> Value {
    let text = str::lossy(name);
    let class = class.trim_start_matches('_');
    if !text.starts_with("__") || text.ends_with("__") || text.contains('.') || class.is_empty() {
        return name.clone();
    }
    names::intern(&format!("_{class}{text}"))
}

/// Completes the attributes that every class has.
fn fill_dict(
    t: &Thread,
    class: &Type,
    class_value: &Value,
    entries: &Dict,
    name: &Value,
    members: &Members,
) -> PyResult<()> {
    let k = known();
    if entries.get_str(&k.__module__).is_none()
        && let Some(globals) = (hooks::get().globals)(t)
        && let Some(module) = globals.downcast::<Dict>().and_then(|g| g.get_str(&k.__name__))
    {
        drop(entries.set_str(&k.__module__, module));
    }
    let qualname = match entries.remove(t, &k.__qualname__)? {
        Some(qualname) if str::view(&qualname).is_some() => qualname,
        Some(other) => {
            let message = format!("type __qualname__ must be a str, not {}", other.class().name());
            return Err(raise::type_error(t, message));
        }
        None => name.clone(),
    };
    class.qualname.init(qualname);
    if let Some(function) = entries.get_str(&k.__new__)
        && function.is_exact(&core_types::FUNCTION)
    {
        drop(entries.set_str(&k.__new__, staticmethod::new(t, function)));
    }
    for name in [&k.__init_subclass__, &k.__class_getitem__] {
        if let Some(function) = entries.get_str(name)
            && function.is_exact(&core_types::FUNCTION)
        {
            drop(entries.set_str(name, classmethod::new(t, function)));
        }
    }
    if members.add_dict && entries.get_str(&k.__dict__).is_none() {
        drop(entries.set_str(&k.__dict__, descriptor::from_row(&super::instances::DICT, class)));
    }
    if members.add_weakrefs && entries.get_str(&k.__weakref__).is_none() {
        drop(entries.set_str(&k.__weakref__, descriptor::from_row(&super::instances::WEAKREF, class)));
    }
    if entries.get_str(&k.__doc__).is_none() {
        drop(entries.set_str(&k.__doc__, Value::NONE));
    }
    if let Some(found) = entries.remove(t, &k.__classcell__)?
        && !cell::set(t, &found, Some(class_value.clone()))
    {
        let shown = protocol::repr_lossy(t, &found.class().as_value());
        let message = format!("__classcell__ must be a nonlocal cell, not {shown}");
        return Err(raise::type_error(t, message));
    }
    if let Some(found) = entries.remove(t, &k.__classdictcell__)? {
        let own = class.dict.load();
        if !cell::set(t, &found, own) {
            let shown = protocol::repr_lossy(t, &found.class().as_value());
            let message = format!("__classdictcell__ must be a nonlocal cell, not {shown}");
            return Err(raise::type_error(t, message));
        }
    }
    if entries.get_str(&k.__eq__).is_some() && entries.get_str(&k.__hash__).is_none() {
        drop(entries.set_str(&k.__hash__, Value::NONE));
    }
    Ok(())
}

/// Calls `__set_name__` of the attributes that have it.
fn set_names(t: &Thread, class: &Value, entries: &Dict) -> PyResult<()> {
    for (name, value) in entries.entries() {
        let Some(found) = attribute::lookup(t, value.class(), &known().__set_name__) else { continue };
        drop(found);
        let args = [class.clone(), name.clone()];
        if let Err(raised) = protocol::call_special(t, &value, &known().__set_name__, &args) {
            let note = format!(
                "Error calling __set_name__ on '{}' instance {} in '{}'",
                value.class().display_name(),
                repr_for_note(t, &name),
                class.downcast::<Type>().map_or("?", Type::name)
            );
            return Err(mro::add_note(t, raised, &note));
        }
    }
    Ok(())
}

/// `repr` while an exception is on its way.
fn repr_for_note(t: &Thread, v: &Value) -> String {
    let raised = t.raised.take();
    let text = protocol::repr_lossy(t, v);
    t.raised.set(raised);
    text
}

/// `super(class, class).__init_subclass__(**keywords)`.
fn init_subclass(t: &Thread, class_value: &Value, keywords: Args<'_>) -> PyResult<()> {
    let Some(class) = class_value.downcast::<Type>() else { return Ok(()) };
    let order = update::mro_of(class);
    let name = &known().__init_subclass__;
    for base in tuple::items(&order).iter().skip(1).filter_map(Value::downcast::<Type>) {
        let Some(found) = base.dict.load().and_then(|d| d.downcast::<Dict>().and_then(|d| d.get_str(name))) else {
            continue;
        };
        let method = match found.class().slots.descr_get.get() {
            Some(get) => get(t, &found, None, class_value)?,
            None => found,
        };
        protocol::call(t, &method, keywords)?;
        return Ok(());
    }
    Ok(())
}

/// Assigns `__bases__`.
pub fn set_bases(t: &Thread, class_value: &Value, new_bases: &Value) -> PyResult<()> {
    let Some(class) = class_value.downcast::<Type>() else { return Ok(()) };
    let bases = tuple::items(new_bases);
    for base in bases {
        if let Some(base) = base.downcast::<Type>()
            && (base.is_subtype(class) || has_base(base, class))
        {
            return Err(raise::type_error(t, "a __bases__ item causes an inheritance cycle"));
        }
    }
    let base = layout::best_base(t, bases)?;
    let (Some(new_base), Some(old_base)) = (base.downcast::<Type>(), class.base.load()) else { return Ok(()) };
    if let Some(old) = old_base.downcast::<Type>() {
        check_same_layout(t, old, new_base)?;
    }
    let old_bases = class.bases.load().unwrap_or_else(names::empty_tuple);
    let bases_tuple = sharded(bases.to_vec());
    // Orders are computed outside the lock, because a metatype's `mro()` is Python code; the class first, then what
    // derives from it.
    swap(t, class, &class.bases, bases_tuple.clone());
    swap(t, class, &class.base, base.clone());
    let undo = || {
        swap(t, class, &class.bases, old_bases.clone());
        swap(t, class, &class.base, old_base.clone());
    };
    let mut replaced: Vec<(Value, Option<Value>)> = Vec::new();
    if let Err(raised) = recompute_orders(t, class_value, &mut replaced) {
        for (changed, order) in replaced.into_iter().rev() {
            if let (Some(c), Some(order)) = (changed.downcast::<Type>(), order) {
                swap(t, c, &c.mro, order);
            }
        }
        undo();
        return Err(raised);
    }
    // A metatype's `mro()` may have assigned other bases meanwhile, which then stand.
    if class.bases.load().is_none_or(|now| !now.is(&bases_tuple)) {
        return Ok(());
    }
    let reference = weakref_::plain(class_value);
    update::with_type_lock(t, |later| {
        update::unregister(t, class, tuple::items(&old_bases), later);
        update::register(class, bases, &reference, later);
        update::walk(class, later, &mut |c, later| {
            if let Some(base) = c.base.load() {
                if let Some(b) = base.downcast::<Type>() {
                    update::fill_slots(c, b, false, later);
                }
                later.push(base);
            }
            true
        });
    });
    update::bump_versions(class);
    Ok(())
}

/// Whether `base` is in the chain of first bases of `class`, whose method resolution order may not be up to date.
fn has_base(class: &Type, base: &Type) -> bool {
    let mut next = class.base.load();
    while let Some(this) = next {
        let Some(ty) = this.downcast::<Type>() else { return false };
        if std::ptr::eq(ty, base) {
            return true;
        }
        next = ty.base.load();
    }
    false
}

fn swap(t: &Thread, class: &Type, slot: &Slot, value: Value) {
    let old = {
        let _guard = t.lock(class.header());
        slot.swap(Some(value))
    };
    update::bump_versions(class);
    drop(old);
}

fn recompute_orders(t: &Thread, class_value: &Value, replaced: &mut Vec<(Value, Option<Value>)>) -> PyResult<()> {
    let Some(class) = class_value.downcast::<Type>() else { return Ok(()) };
    let bases = class.bases.load().unwrap_or_else(names::empty_tuple);
    let (order, _) = mro::compute(t, class_value, tuple::items(&bases))?;
    replaced.push((class_value.clone(), class.mro.load()));
    swap(t, class, &class.mro, sharded(order));
    for subclass in update::subclasses(class) {
        recompute_orders(t, &subclass, replaced)?;
    }
    Ok(())
}

fn check_same_layout(t: &Thread, old: &Type, new: &Type) -> PyResult<()> {
    let (a, b) = (layout::solid_base(old), layout::solid_base(new));
    let dicts = (old.flags() ^ new.flags()) & (flag::HAS_DICT | flag::HAS_WEAKREFS) == 0
        || std::ptr::eq(old, &*core_types::OBJECT)
        || std::ptr::eq(new, &*core_types::OBJECT);
    if a.is(&b) && dicts {
        return Ok(());
    }
    Err(raise::type_error(
        t,
        format!("__bases__ assignment: '{}' object layout differs from '{}'", new.display_name(), old.display_name()),
    ))
}
