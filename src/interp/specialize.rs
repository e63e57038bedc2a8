//! Specialisation: how an instruction of a thread's copy is rewritten to a form for what it meets there.
//!
//! The generic form of an instruction counts down in its cache; at zero it comes here with its operands still on the stack,
//! and then runs as ever. From the next time on the specialised form runs, as long as its guards hold; where they do not,
//! the loop runs the generic form, which counts down again. Each attempt doubles the time to the next one, so that a place
//! that meets many types spends little here.
//!
//! What a form's cache holds is written with its function in `fast`.

use super::fast::attributes::pack;
use super::fast::calls::{DEFAULT_PLACE, MAX_PLACES, makes_instances};
use super::frame::Frame;
use super::fuse;
use super::generator::Generator;
use super::ops::attributes::binds_as_method;
use super::quicken::{self, Cache, SOON};
use super::stack::{self, Word};
use crate::bytecode::code::Code;
use crate::bytecode::opcode::{BinaryOp, COMPARE_TO_BOOL, CompareOp, Op};
use crate::bytecode::unit::flags;
use crate::object::attribute;
use crate::object::core_types;
use crate::object::dict::Dict;
use crate::object::instance::{self, Mode, shape_word};
use crate::object::list::List;
use crate::object::names::known;
use crate::object::native;
use crate::object::shape::Shape;
use crate::object::slots::{Binary, SetItem, SlotId};
use crate::object::str::Str;
use crate::object::table::{ByCount, NativeFn};
use crate::object::thread::Thread;
use crate::object::tuple::Tuple;
use crate::object::type_object::{Type, flag};
use crate::object::value::Value;
use crate::types::descriptor;
use crate::types::function::Function;
use crate::types::iterators::pairs;
use crate::types::list::iter::ListIter;
use crate::types::method::Method;
use crate::types::module_::Module;
use crate::types::property::Property;
use crate::types::range::iter::RangeIter;
use crate::types::tuple::iter::TupleIter;
use crate::types::type_::attributes as type_attributes;
use crate::types::type_::dispatch::only_falls_back;

/// An instruction of the running frame's copy, and its cache.
pub struct Site<'a> {
    pub frame: *mut Frame,
    pub at: *mut u32,
    pub entries: &'a mut [Cache; 2],
}

impl<'a> Site<'a> {
    /// The cache of the generic instruction whose cache word is at `ip`, if it is time to look for a specialised form.
    ///
    /// # Safety
    /// The frame is running there.
    #[inline(always)]
    pub unsafe fn due(frame: *mut Frame, ip: *const u32) -> Option<&'a mut [Cache; 2]> {
        // SAFETY: by the caller; the compiler and the `.pyc` loader keep cache indexes in range.
        unsafe {
            let caches = (*frame).caches;
            if caches.is_null() {
                return None;
            }
            let entries = &mut *caches.add(*ip as usize);
            if entries[0].countdown == 0 {
                return Some(entries);
            }
            entries[0].countdown -= 1;
            None
        }
    }

    /// Rewrites the instruction to a form with the same operand; and the loads before it, if they can be done with it.
    fn become_form(&mut self, form: Op) {
        let source = self.entries[0].source;
        let put = |at: *mut u32, form: Op| {
            // SAFETY: the instruction lies in a copy that belongs to this thread.
            unsafe { *at = *at & !0xff | form as u32 }
        };
        put(self.at, form);
        let at = self.at.wrapping_sub(source.distance());
        // SAFETY: as above: what pushes the operands is before the instruction.
        let present = unsafe { *at };
        // Where somebody watches the loads, they stay apart.
        if let Some(loads) = source.loads()
            && fuse::does_loads(present, loads)
        {
            put(at, fuse::with_loads(form, source).unwrap_or(loads));
        }
    }

    /// The word behind the instruction and its cache index.
    fn next_word(&self) -> u32 {
        // SAFETY: code ends with a return or jump, never with these instructions.
        unsafe { *self.at.add(2) }
    }

    fn globals(&self) -> &Dict {
        // SAFETY: the frame is running.
        unsafe { (*self.frame).globals() }
    }

    /// Looks for a form. Where the instruction had the same form before, for something else, what its cache held then
    /// becomes the second entry.
    fn attempt(&mut self, choose: impl FnOnce(&mut Self) -> Option<Op>) {
        let before = self.entries[0];
        let chosen = choose(self);
        // SAFETY: as in `become_form`.
        let same = chosen.is_some_and(|form| form as u8 == unsafe { *self.at } as u8);
        match chosen {
            Some(form) => {
                self.entries[1] = if same { before } else { Cache::NEVER };
                self.become_form(form);
            }
            // The present form may go on with what it has.
            None => self.entries[0] = Cache { countdown: self.entries[0].countdown, ..before },
        }
        self.entries[0].attempted(before.attempts);
    }
}

/// `LOAD_GLOBAL`.
#[cold]
pub fn load_global(t: &Thread, mut site: Site<'_>, name: &Value) {
    site.attempt(|site| {
        let keys = site.globals().key_set(t);
        if let Some(place) = site.globals().place_of_str(t, name) {
            if place.table == 0 {
                return None;
            }
            (site.entries[0].guard, site.entries[0].version) = (place.table, place.offset);
            return Some(Op::LOAD_GLOBAL_MODULE);
        }
        let keys = keys?;
        // SAFETY: the frame is running.
        let place = unsafe { (*site.frame).builtins() }.place_of_str(t, name)?;
        if place.table == 0 || !site.globals().has_keys(keys) {
            return None;
        }
        (site.entries[0].guard, site.entries[0].more) = (keys.table, keys.state);
        (site.entries[0].value, site.entries[0].version) = (place.table, place.offset);
        Some(Op::LOAD_GLOBAL_BUILTIN)
    });
}

/// Where an instance's attribute part and its slots lie, from the object's start.
fn places(class: &Type) -> Option<usize> {
    use crate::sync::shim::atomic::Ordering::Relaxed;
    let offset = class.inst_offset.load(Relaxed) as usize;
    (offset != 0).then_some(offset)
}

fn slot_place(shape_offset: usize, index: usize) -> u64 {
    pack(shape_offset, shape_offset + 8 + 8 * index)
}

fn is_plain_get(class: &Type) -> bool {
    class.slots.getattro.get().is_none_or(|f| std::ptr::fn_addr_eq(f, attribute::generic_get as Binary))
}

/// `LOAD_ATTR` and, with `method`, `LOAD_METHOD`.
#[cold]
pub fn load_attr(t: &Thread, mut site: Site<'_>, object: Word, name: &Value, method: bool) {
    site.attempt(|site| {
        let v = stack::view(object);
        if let Some(module) = v.downcast_exact::<Module>() {
            return load_module_attr(t, &mut site.entries[0], module, name, method);
        }
        if let Some(class) = v.downcast::<Type>() {
            return load_type_attr(t, &mut site.entries[0], &v, class, name, method);
        }
        load_instance_attr(t, &mut site.entries[0], &v, name, method)
    });
}

fn load_module_attr(t: &Thread, cache: &mut Cache, module: &Module, name: &Value, method: bool) -> Option<Op> {
    if attribute::lookup(t, &core_types::MODULE, name).is_some() {
        return None;
    }
    let dict = module.dict();
    let place = dict.downcast::<Dict>()?.place_of_str(t, name)?;
    if place.table == 0 {
        return None;
    }
    (cache.guard, cache.version) = (place.table, place.offset);
    Some(if method { Op::LOAD_METHOD_MODULE } else { Op::LOAD_ATTR_MODULE })
}

fn load_type_attr(t: &Thread, cache: &mut Cache, v: &Value, class: &Type, name: &Value, method: bool) -> Option<Op> {
    let meta = v.class();
    let plain = meta.slots.getattro.get().is_some_and(|f| std::ptr::fn_addr_eq(f, type_attributes::getattro as Binary));
    if !plain || attribute::lookup(t, meta, name).is_some() {
        return None;
    }
    let (version, meta_version) = (class.assign_version(), meta.assign_version());
    let found = attribute::lookup(t, class, name)?;
    let by_class = method && found.is_exact(&core_types::CLASSMETHOD);
    let by_itself = method && found.is_exact(&core_types::STATICMETHOD);
    let unbound =
        by_class || by_itself || found.is_exact(&core_types::FUNCTION) || found.class().slots.descr_get.get().is_none();
    if !unbound || version == 0 || meta_version == 0 || class.version() != version || meta.version() != meta_version {
        return None;
    }
    (cache.version, cache.guard, cache.value) = (version, meta_version.into(), found.bits());
    Some(match method {
        true if by_class => Op::LOAD_METHOD_CLASSMETHOD,
        true if by_itself => Op::LOAD_METHOD_STATICMETHOD,
        true => Op::LOAD_METHOD_TYPE,
        false => Op::LOAD_ATTR_TYPE,
    })
}

fn load_instance_attr(t: &Thread, cache: &mut Cache, v: &Value, name: &Value, method: bool) -> Option<Op> {
    let header = v.header()?;
    let class = header.class();
    let version = class.assign_version();
    let plain = is_plain_get(class);
    // What is found needs no `__getattr__`. (What Python code or a native getter computes may raise AttributeError.)
    if !plain && !only_falls_back(t, class) {
        return None;
    }
    let found = attribute::lookup(t, class, name);
    // Before anything that the instance may have of its own.
    if let Some(get) = found.as_ref().filter(|_| !method && plain).and_then(|f| descriptor::getter(f, class)) {
        (cache.version, cache.value) = (version, get as usize as u64);
        return (version != 0 && class.version() == version).then_some(Op::LOAD_ATTR_GETTER);
    }
    if class.has_flag(flag::PAYLOAD_DICT) {
        return None;
    }
    let own = instance::attributes(header);
    // Read before the version is looked at again: a shape of this class, or a dict.
    let (shape, dict) = match own.map(instance::Attributes::mode) {
        Some(Mode::Shape(shape)) if std::ptr::eq(shape.class(), class) => (Some(shape), None),
        Some(Mode::Shape(_)) => return None,
        Some(Mode::Dict(dict)) => (None, Some(dict)),
        None => (None, None),
    };
    let in_dict = dict.as_ref().and_then(|dict| dict.downcast::<Dict>()?.offset_of_str(t, name));
    let shape_offset = places(class);
    let form = match &found {
        Some(f) if f.class().slots.descr_set.get().is_some() => {
            if let Some((index, owner)) = descriptor::slot_member(f) {
                if dict.is_some() || !class.is_subtype(owner.downcast::<Type>()?) {
                    return None;
                }
                (cache.guard, cache.value) = (index.into(), slot_place(shape_offset?, index as usize));
                if method { Op::LOAD_METHOD_SLOT } else { Op::LOAD_ATTR_SLOT }
            } else if !method
                && plain
                && let Some(property) = f.downcast_exact::<Property>()
            {
                let getter = property.getter.load()?;
                let code = getter.downcast_exact::<Function>()?.code();
                if !code.simple || code.arg_count != 1 {
                    return None;
                }
                (cache.guard, cache.value, cache.more) = (code.id.into(), f.bits(), quicken::warm(t, code)?);
                Op::LOAD_ATTR_PROPERTY
            } else if !method
                && plain
                && !f.class().is_heap()
                && let Some(get) = f.class().slots.descr_get.get()
            {
                (cache.value, cache.more) = (f.bits(), get as usize as u64);
                Op::LOAD_ATTR_DESCRIPTOR
            } else {
                return None;
            }
        }
        _ if in_dict.is_some() => {
            if method {
                return None;
            }
            (cache.guard, cache.value) = (name.bits(), pack(shape_offset?, in_dict? as usize));
            Op::LOAD_ATTR_DICT
        }
        found => match shape.or(dict.as_ref().map(|_| Shape::root(class))).and_then(|shape| shape.slot_of(name)) {
            // The class's attribute is hidden in some instances.
            Some(_) if dict.is_some() || own.is_none_or(|own| own.get(name).is_none()) => return None,
            Some(index) => {
                (cache.guard, cache.value) = (index.into(), slot_place(shape_offset?, index as usize));
                if method { Op::LOAD_METHOD_SLOT } else { Op::LOAD_ATTR_SLOT }
            }
            None => {
                let f = found.as_ref()?;
                let form = if method && binds_as_method(f.class()) {
                    Op::LOAD_METHOD_CLASS
                } else if method && f.is_exact(&core_types::STATICMETHOD) {
                    Op::LOAD_METHOD_STATICMETHOD_OBJECT
                } else if f.class().slots.descr_get.get().is_some() {
                    return None;
                } else if method {
                    Op::LOAD_METHOD_PLAIN
                } else {
                    Op::LOAD_ATTR_CLASS
                };
                // Instances without a dict have nothing of their own under a name that is no member.
                let place = shape_offset.filter(|_| class.has_flag(flag::HAS_DICT)).unwrap_or(0);
                (cache.value, cache.more, cache.guard) = (f.bits(), place as u64, name.bits());
                form
            }
        },
    };
    cache.version = version;
    (version != 0 && class.version() == version).then_some(form)
}

/// `STORE_ATTR`.
#[cold]
pub fn store_attr(t: &Thread, mut site: Site<'_>, object: Word, name: &Value) {
    site.attempt(|site| {
        let v = stack::view(object);
        let header = v.header()?;
        let class = header.class();
        let plain =
            class.slots.setattro.get().is_none_or(|f| std::ptr::fn_addr_eq(f, attribute::generic_set as SetItem));
        if !plain || class.has_flag(flag::PAYLOAD_DICT) {
            return None;
        }
        let version = class.assign_version();
        let found = attribute::lookup(t, class, name);
        let own = instance::attributes(header)?;
        let Mode::Shape(shape) = own.mode() else { return None };
        if !std::ptr::eq(shape.class(), class) {
            return None;
        }
        let (room, offset) = (own.capacity(), places(class)?);
        site.entries[0].version = version;
        let form = match &found {
            Some(f) if f.class().slots.descr_set.get().is_some() => {
                let (index, owner) = descriptor::slot_member(f)?;
                if !class.is_subtype(owner.downcast::<Type>()?) {
                    return None;
                }
                (site.entries[0].guard, site.entries[0].value) = (index.into(), slot_place(offset, index as usize));
                Op::STORE_ATTR_SLOT
            }
            _ if !class.has_flag(flag::HAS_DICT) => return None,
            _ => match shape.slot_of(name).filter(|_| own.get(name).is_some()) {
                Some(index) => {
                    (site.entries[0].guard, site.entries[0].value) = (index.into(), slot_place(offset, index as usize));
                    Op::STORE_ATTR_SLOT
                }
                // It was deleted.
                None if shape.has(name) => return None,
                None => {
                    let (next, index) = shape.with(name, room)?;
                    site.entries[0].guard = shape_word(shape, room);
                    site.entries[0].value = slot_place(offset, index as usize);
                    site.entries[0].more = shape_word(next, room);
                    Op::STORE_ATTR_ADD
                }
            },
        };
        (version != 0 && class.version() == version).then_some(form)
    });
}

/// `LOAD_SUPER_METHOD`, with [super, class, self] on the stack.
#[cold]
pub fn load_super_method(mut site: Site<'_>, words: [Word; 3], name: &Value) {
    site.attempt(|site| {
        let [sup, class, object] = words.map(stack::view);
        let start = class.downcast::<Type>()?;
        let of = object.class();
        if !sup.is(&core_types::SUPER.as_value()) || !of.is_subtype(start) || name.is(&known().__class__) {
            return None;
        }
        let (version, start_version) = (of.assign_version(), start.assign_version());
        let found = super::ops::attributes::lookup_after(of, start, name)?;
        if !binds_as_method(found.class()) || !object.is_object() {
            return None;
        }
        (site.entries[0].version, site.entries[0].guard) = (version, start_version.into());
        site.entries[0].value = found.bits();
        let unchanged = of.version() == version && start.version() == start_version;
        (version != 0 && start_version != 0 && unchanged).then_some(Op::LOAD_SUPER_METHOD_CACHED)
    });
}

/// `BINARY_OP`.
#[cold]
pub fn binary_op(mut site: Site<'_>, a: Word, b: Word, op: BinaryOp) {
    site.attempt(|_| {
        use BinaryOp::*;
        let (a, b) = (stack::view(a), stack::view(b));
        if a.is_small_int() && b.is_small_int() {
            return Some(match op {
                Add | IAdd => Op::BINARY_ADD_INT,
                Subtract | ISubtract => Op::BINARY_SUBTRACT_INT,
                Multiply | IMultiply => Op::BINARY_MULTIPLY_INT,
                _ => Op::BINARY_OP_INT,
            });
        }
        if a.is_float() && b.is_float() {
            return Some(match op {
                Add | IAdd => Op::BINARY_ADD_FLOAT,
                Subtract | ISubtract => Op::BINARY_SUBTRACT_FLOAT,
                Multiply | IMultiply => Op::BINARY_MULTIPLY_FLOAT,
                TrueDivide | ITrueDivide => Op::BINARY_DIVIDE_FLOAT,
                _ => return None,
            });
        }
        None
    });
}

/// `COMPARE_OP`; `arg` is its operand.
#[cold]
pub fn compare_op(mut site: Site<'_>, a: Word, b: Word, arg: usize) {
    site.attempt(|site| {
        let (a, b) = (stack::view(a), stack::view(b));
        let next = Op::decode(site.next_word());
        let jumps =
            arg as u32 & COMPARE_TO_BOOL != 0 && matches!(next, Some(Op::POP_JUMP_IF_TRUE | Op::POP_JUMP_IF_FALSE));
        if a.is_small_int() && b.is_small_int() {
            return Some(if jumps { Op::COMPARE_OP_INT_JUMP } else { Op::COMPARE_OP_INT });
        }
        if a.is_float() && b.is_float() {
            return Some(if jumps { Op::COMPARE_OP_FLOAT_JUMP } else { Op::COMPARE_OP_FLOAT });
        }
        let equality = matches!(super::ops::compare_op(arg & 15), CompareOp::Eq | CompareOp::Ne);
        let str = |v: &Value| v.downcast_exact::<Str>().is_some();
        (equality && str(&a) && str(&b)).then_some(Op::COMPARE_OP_STR)
    });
}

/// `BINARY_SUBSCR`.
#[cold]
pub fn binary_subscr(t: &Thread, mut site: Site<'_>, object: Word, key: Word) {
    site.attempt(|site| {
        let (object, key) = (stack::view(object), stack::view(key));
        if key.is_small_int() && object.downcast_exact::<List>().is_some() {
            return Some(Op::BINARY_SUBSCR_LIST);
        }
        if key.is_small_int() && object.downcast_exact::<Tuple>().is_some() {
            return Some(Op::BINARY_SUBSCR_TUPLE);
        }
        if object.downcast_exact::<Dict>().is_some() {
            return Some(Op::BINARY_SUBSCR_DICT);
        }
        let class = object.class();
        if !class.is_heap() {
            return None;
        }
        let version = class.assign_version();
        let found = attribute::lookup(t, class, &known().__getitem__)?;
        let code = found.downcast_exact::<Function>()?.code();
        if !code.simple || code.arg_count != 2 {
            return None;
        }
        (site.entries[0].version, site.entries[0].guard) = (version, code.id.into());
        (site.entries[0].value, site.entries[0].more) = (found.bits(), quicken::warm(t, code)?);
        (version != 0 && class.version() == version).then_some(Op::BINARY_SUBSCR_GETITEM)
    });
}

/// `STORE_SUBSCR`.
#[cold]
pub fn store_subscr(mut site: Site<'_>, object: Word, key: Word) {
    site.attempt(|_| {
        let (object, key) = (stack::view(object), stack::view(key));
        if key.is_small_int() && object.downcast_exact::<List>().is_some() {
            return Some(Op::STORE_SUBSCR_LIST);
        }
        object.downcast_exact::<Dict>().is_some().then_some(Op::STORE_SUBSCR_DICT)
    });
}

/// `FOR_ITER`.
#[cold]
pub fn for_iter(t: &Thread, mut site: Site<'_>, iterator: Word) {
    site.attempt(|site| {
        let v = stack::view(iterator);
        if let Some(generator) = v.downcast_exact::<Generator>() {
            let code = generator.code();
            (site.entries[0].version, site.entries[0].value) = (code.id, quicken::warm(t, code)?);
            return Some(Op::FOR_ITER_GENERATOR);
        }
        let class = v.class();
        if class.is_heap() {
            let version = class.assign_version();
            let found = attribute::lookup(t, class, &known().__next__)?;
            let code = found.downcast_exact::<Function>()?.code();
            if !code.simple || code.arg_count != 1 {
                return None;
            }
            (site.entries[0].version, site.entries[0].guard) = (version, code.id.into());
            (site.entries[0].value, site.entries[0].more) = (found.bits(), quicken::warm(t, code)?);
            return (version != 0 && class.version() == version).then_some(Op::FOR_ITER_NEXT);
        }
        let next = site.next_word();
        let unpacks = matches!(Op::decode(next), Some(Op::UNPACK_SEQUENCE | Op::UNPACK_SEQUENCE_STORE_FAST));
        if unpacks && next >> 8 == 2 && pairs::of(&v).is_some() {
            return Some(Op::FOR_ITER_PAIR);
        }
        if v.downcast_exact::<ListIter>().is_some() {
            return Some(Op::FOR_ITER_LIST);
        }
        if v.downcast_exact::<TupleIter>().is_some() {
            return Some(Op::FOR_ITER_TUPLE);
        }
        if v.downcast_exact::<RangeIter>().is_some() {
            return Some(Op::FOR_ITER_RANGE);
        }
        site.entries[0].guard = std::ptr::from_ref(class) as u64;
        site.entries[0].value = class.slots.next.get()? as usize as u64;
        Some(Op::FOR_ITER_NATIVE)
    });
}

/// `CALL`, with [callable, self-or-null, `count` arguments] below `sp`.
///
/// # Safety
/// The stack is laid out so.
#[cold]
pub unsafe fn call(t: &Thread, mut site: Site<'_>, sp: *mut Word, count: usize) {
    // SAFETY: by the caller.
    let (callable, this) = unsafe { (*sp.sub(count + 2), *sp.sub(count + 1)) };
    site.attempt(|site| {
        let v = stack::view(callable);
        let total = if this == 0 { count } else { count + 1 };
        if let Some(function) = v.downcast_exact::<Function>() {
            if total < function.code().arg_count as usize {
                let wanted = function.code().arg_count as usize;
                let defaults = function.defaults.load().map_or(0, |d| crate::object::tuple::items(&d).len());
                let fits = wanted - total <= defaults && call_function(t, &mut site.entries[0], function, wanted);
                return fits.then_some(Op::CALL_FUNCTION_DEFAULTS);
            }
            return call_function(t, &mut site.entries[0], function, total).then_some(Op::CALL_FUNCTION);
        }
        if let Some(method) = v.downcast_exact::<Method>() {
            let function = method.function.downcast_exact::<Function>()?;
            return (this == 0 && call_function(t, &mut site.entries[0], function, total + 1))
                .then_some(Op::CALL_FUNCTION_BOUND);
        }
        if this == 0 && makes_instances(v.class()) {
            return call_class(t, &mut site.entries[0], &v, total);
        }
        call_native(&mut site.entries[0], &v, total)
    });
}

/// `CALL_KW`, with [callable, self-or-null, `count` arguments, names] below `sp`.
///
/// # Safety
/// The stack is laid out so.
#[cold]
pub unsafe fn call_kw(t: &Thread, mut site: Site<'_>, sp: *mut Word, count: usize) {
    // SAFETY: by the caller.
    let (callable, this, names) = unsafe { (*sp.sub(count + 3), *sp.sub(count + 2), *sp.sub(1)) };
    site.attempt(|site| {
        let (v, names) = (stack::view(callable), stack::view(names));
        let (function, names) = (v.downcast_exact::<Function>()?, names.downcast_exact::<Tuple>()?.items());
        let code = function.code();
        let total = if this == 0 { count } else { count + 1 };
        let places = keyword_places(code, total, names)?;
        let Some(quick) = quicken::warm(t, code) else {
            site.entries[0].countdown = SOON;
            return None;
        };
        let cache = &mut site.entries[0];
        (cache.version, cache.value) = (code.id, quick);
        (cache.guard, cache.more) = (total as u64, places);
        Some(Op::CALL_KW_FUNCTION)
    });
}

/// Which argument each parameter is, for `CALL_KW_FUNCTION`; None where that form cannot make the call.
fn keyword_places(code: &Code, total: usize, names: &[Value]) -> Option<u64> {
    let positional = total.checked_sub(names.len())?;
    let arg_count = code.arg_count as usize;
    let parameters = arg_count + code.keyword_only_count as usize;
    if code.has_flag(flags::VARARGS | flags::VARKEYWORDS) || parameters > MAX_PLACES || positional > arg_count {
        return None;
    }
    let mut places = [DEFAULT_PLACE; MAX_PLACES];
    for (i, place) in places.iter_mut().enumerate().take(positional) {
        *place = i as u64;
    }
    for (i, name) in names.iter().enumerate() {
        let first = code.positional_only_count as usize;
        let parameter = first + code.local_names[first..parameters].iter().position(|p| p.is(name))?;
        if places[parameter] != DEFAULT_PLACE {
            return None;
        }
        places[parameter] = (positional + i) as u64;
    }
    // Defaults of keyword-only parameters lie in a dict.
    if places[arg_count..parameters].contains(&DEFAULT_PLACE) {
        return None;
    }
    Some(places.iter().enumerate().fold(0, |all, (i, place)| all | place << (8 * i)))
}

fn call_function(t: &Thread, cache: &mut Cache, function: &Function, total: usize) -> bool {
    let code = function.code();
    if !code.simple || code.arg_count as usize != total {
        return false;
    }
    let Some(quick) = quicken::warm(t, code) else {
        // It is warm after a few calls: soon enough.
        cache.countdown = SOON;
        return false;
    };
    (cache.version, cache.value) = (code.id, quick);
    true
}

fn call_class(t: &Thread, cache: &mut Cache, v: &Value, total: usize) -> Option<Op> {
    let class = v.downcast::<Type>()?;
    if !class.is_heap() {
        return call_native_class(cache, class, total);
    }
    if class.has_flag(flag::ABSTRACT) || !std::ptr::eq(class.native(), &*core_types::OBJECT) {
        return None;
    }
    if !std::ptr::fn_addr_eq(class.slots.new.get()?, core_types::OBJECT.slots.new.get()?) {
        return None;
    }
    let version = class.assign_version();
    let init = attribute::lookup(t, class, &known().__init__)?;
    let code = init.downcast_exact::<Function>()?.code();
    if !code.simple || code.arg_count as usize != total + 1 {
        return None;
    }
    let Some(quick) = quicken::warm(t, code) else {
        cache.countdown = SOON;
        return None;
    };
    (cache.version, cache.value) = (version, init.bits());
    (cache.guard, cache.more) = (code.id.into(), quick);
    (version != 0 && class.version() == version).then_some(Op::CALL_CLASS)
}

fn call_native_class(cache: &mut Cache, class: &Type, total: usize) -> Option<Op> {
    if std::ptr::eq(class, &*core_types::TYPE) {
        return (total == 1).then_some(Op::CALL_TYPE_OF);
    }
    if !std::ptr::eq(class.header().class(), &*core_types::TYPE) {
        return None;
    }
    cache.value = std::ptr::from_ref(class.header()) as u64;
    cache.more = class.slots.new.get()? as usize as u64;
    let object = &core_types::OBJECT.slots;
    cache.guard = u64::from(class.slots.same(SlotId::init, object) && !class.slots.same(SlotId::new, object));
    Some(Op::CALL_NATIVE_CLASS)
}

fn call_native(cache: &mut Cache, v: &Value, total: usize) -> Option<Op> {
    let row = native::of(v)?;
    let class = v.class();
    if std::ptr::eq(class, &*core_types::CLASS_METHOD_DESCRIPTOR) {
        return None;
    }
    // A bound method's object comes in front.
    let total = total + usize::from(row.passes_self);
    cache.guard = std::ptr::from_ref(row.method) as u64;
    cache.more = std::ptr::from_ref(class) as u64;
    let (address, form) = match (row.method.function, total) {
        (NativeFn::F0(f), 0) => (f as usize, Op::CALL_NATIVE_0),
        (NativeFn::F1(f), 1) => (f as usize, Op::CALL_NATIVE_1),
        (NativeFn::F2(f), 2) => (f as usize, Op::CALL_NATIVE_2),
        (NativeFn::F3(f), 3) => (f as usize, Op::CALL_NATIVE_3),
        (NativeFn::ByCount(&ByCount { one: Some(f), .. }), 1) => (f as usize, Op::CALL_NATIVE_1),
        (NativeFn::ByCount(&ByCount { two: Some(f), .. }), 2) => (f as usize, Op::CALL_NATIVE_2),
        (NativeFn::ByCount(&ByCount { three: Some(f), .. }), 3) => (f as usize, Op::CALL_NATIVE_3),
        (NativeFn::Raw(f) | NativeFn::ByCount(&ByCount { otherwise: Some(f), .. }), _) => {
            (f as usize, Op::CALL_NATIVE_RAW)
        }
        (NativeFn::Bound(f), _) => {
            let signature = row.signature();
            let plain = signature.takes(total) && total < 1 << 16;
            cache.version = if plain { (total << 16 | signature.params.len()) as u32 } else { 0 };
            (f as usize, Op::CALL_NATIVE_BOUND)
        }
        _ => return None,
    };
    cache.value = address as u64;
    Some(form)
}
