//! How instances of a class lie in memory: which bases fit together, where attribute slots go, which classes an object may
//! be moved between.
//!
//! header | native payload | shape word | members that `__slots__` names | attribute slots
//!
//! The shape word is there if the class has members or a dict. A class's members continue those of its base.

use crate::object::core_types;
use crate::object::dict::Dict;
use crate::object::header::Header;
use crate::object::names::known;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::tuple;
use crate::object::type_object::{FIRST_SPARE, MAX_INLINE_SLOTS, Type, flag};
use crate::object::value::Value;
use crate::sync::shim::atomic::Ordering::*;
use std::collections::HashSet;

/// Attribute slots beyond those for the names that the compiler saw: other code sets attributes too.
const SPARE: u32 = 3;

/// The nearest class, from `class` on, that adds to the layout of its base.
pub fn solid_base(class: &Type) -> Value {
    let mut class = class.to_value();
    loop {
        let next = {
            let Some(this) = class.downcast::<Type>() else { return class };
            let Some(base) = this.base.load() else { return class };
            match base.downcast::<Type>() {
                Some(b) if !adds_layout(this, b) => base,
                _ => return class,
            }
        };
        class = next;
    }
}

fn adds_layout(class: &Type, base: &Type) -> bool {
    class.spec().layout.size != base.spec().layout.size
        || class.slot_count.load(Acquire) != base.slot_count.load(Acquire)
}

/// The base whose layout the class continues; TypeError where two bases' layouts do not fit.
pub fn best_base(t: &Thread, bases: &[Value]) -> PyResult {
    let mut best: Option<(Value, Value)> = None;
    for base in bases {
        let class = super::mro::check_base(t, base)?;
        let candidate = solid_base(class);
        let Some((winner, _)) = &best else {
            best = Some((candidate, base.clone()));
            continue;
        };
        let (Some(c), Some(w)) = (candidate.downcast::<Type>(), winner.downcast::<Type>()) else { continue };
        if w.is_subtype(c) {
            continue;
        }
        if !c.is_subtype(w) {
            return Err(raise::type_error(t, "multiple bases have instance lay-out conflict"));
        }
        best = Some((candidate, base.clone()));
    }
    Ok(best.map_or_else(|| core_types::OBJECT.to_value(), |(_, base)| base))
}

/// Where the shape word lies behind the native payload of `class`.
pub fn offset_after_payload(class: &Type) -> u32 {
    (size_of::<Header>() as u32 + class.spec().layout.size).next_multiple_of(8)
}

/// Sets size and offsets of a class whose flags, base and member count are set. `mro` are the class and its bases.
pub fn set_instance_layout(class: &Type, base: &Type, members: u32, mro: &[Value]) {
    let has_dict = class.has_flag(flag::HAS_DICT);
    let mut inline = members;
    if has_dict {
        inline += (static_attributes(mro) + SPARE).min(MAX_INLINE_SLOTS);
    }
    class.slot_count.store(members, Release);
    let offset = if has_dict || members > 0 { offset_after_payload(base) } else { 0 };
    class.inst_offset.store(offset, Release);
    // The first instance is often the only one, and set up by others: if it had too few slots, it would have a dict for good.
    let first = if has_dict { inline + FIRST_SPARE } else { inline };
    class.inline_slots.store(if offset == 0 { 0 } else { first }, Release);
    let size = if offset == 0 { size_of::<Header>() as u32 + base.spec().layout.size } else { offset + 8 + 8 * inline };
    class.instance_size.store(size, Release);
}

/// How many attribute names the compiler saw in methods of the classes.
fn static_attributes(mro: &[Value]) -> u32 {
    let mut names = HashSet::new();
    for class in mro.iter().filter_map(Value::downcast::<Type>).filter(|c| c.is_heap()) {
        let Some(dict) = class.dict.load() else { continue };
        let Some(tuple) = dict.downcast::<Dict>().and_then(|d| d.get_str(&known().__static_attributes__)) else {
            continue;
        };
        names.extend(tuple::items(&tuple).iter().map(Value::bits));
    }
    names.len() as u32
}

/// Whether an instance of `from` can become one of `to`: "__class__ assignment: ..." where not.
pub fn check_compatible(t: &Thread, from: &Type, to: &Type, what: &str) -> PyResult<()> {
    if !(from.is_heap() && to.is_heap() || is_module(from) && is_module(to)) {
        return Err(raise::type_error(
            t,
            format!("{what} assignment only supported for mutable types or ModuleType subclasses"),
        ));
    }
    let fits = std::ptr::eq(from.native(), to.native())
        && from.inst_offset.load(Acquire) == to.inst_offset.load(Acquire)
        && (from.flags() ^ to.flags()) & (flag::HAS_DICT | flag::HAS_WEAKREFS) == 0
        && same_members(from, to);
    if fits {
        return Ok(());
    }
    Err(raise::type_error(
        t,
        format!("{what} assignment: '{}' object layout differs from '{}'", to.display_name(), from.display_name()),
    ))
}

fn is_module(class: &Type) -> bool {
    class.is_subtype(&core_types::MODULE)
}

/// Whether two classes have the same members: from one class that added them, or the same names added to it.
fn same_members(a: &Type, b: &Type) -> bool {
    let (na, nb) = (a.slot_count.load(Acquire), b.slot_count.load(Acquire));
    if na != nb {
        return false;
    }
    na == 0 || member_names(a) == member_names(b)
}

/// The names of the members in slot order, as words (interned).
fn member_names(class: &Type) -> Vec<(u32, u64)> {
    let mut names = Vec::new();
    let mro = super::update::mro_of(class);
    for c in tuple::items(&mro).iter().filter_map(Value::downcast::<Type>) {
        let Some(dict) = c.dict.load() else { continue };
        for (name, value) in dict.downcast::<Dict>().map(Dict::entries).unwrap_or_default() {
            if let Some((index, owner)) = crate::types::descriptor::slot_member(&value)
                && owner.is(&c.as_value())
            {
                names.push((index, name.bits()));
            }
        }
    }
    names.sort_unstable();
    names
}
