//! super: attributes of the classes behind a class, bound to an object.

use crate::object::args::Args;
use crate::object::core_types;
use crate::object::dict::Dict;
use crate::object::exception::visit_slot;
use crate::object::names::known;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::GetSet;
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Value};
use crate::object::{alloc, attribute, hooks, protocol, str, tuple};

/// The payload; `object` and `object_type` are empty while unbound.
pub struct Super {
    class: Slot,
    object: Slot,
    object_type: Slot,
}

// SAFETY: `SUPER`'s layout is `Super`.
unsafe impl Payload for Super {
    fn layout_type() -> &'static Type {
        &core_types::SUPER
    }

    fn trace(&self, visit: Visit) {
        for slot in [&self.class, &self.object, &self.object_type] {
            visit_slot(slot, visit);
        }
    }

    fn clear(&self) {
        for slot in [&self.class, &self.object, &self.object_type] {
            drop(slot.take());
        }
    }
}

pub static SPEC: TypeSpec = TypeSpec {
    doc: "super() -> same as super(__class__, <first argument>)\n\
          super(type) -> unbound super object\n\
          super(type, obj) -> bound super object; requires isinstance(obj, type)\n\
          super(type, type2) -> bound super object; requires issubclass(type2, type)",
    slots: SlotTable {
        repr: Some(repr),
        getattro: Some(getattro),
        descr_get: Some(descr_get),
        init: Some(init),
        new: Some(|_, class, _| {
            let payload = Super { class: Slot::empty(), object: Slot::empty(), object_type: Slot::empty() };
            Ok(alloc::new(class, payload))
        }),
        ..SlotTable::EMPTY
    },
    getset: &[
        GetSet::read_only("__thisclass__", |_, v| Ok(read(v, |s| &s.class)), "the class invoking super()").as_member(),
        GetSet::read_only("__self__", |_, v| Ok(read(v, |s| &s.object)), "the instance invoking super(); may be None")
            .as_member(),
        GetSet::read_only(
            "__self_class__",
            |_, v| Ok(read(v, |s| &s.object_type)),
            "the type of the instance invoking super(); may be None",
        )
        .as_member(),
    ],
    flags: flag::BASETYPE,
    ..TypeSpec::new("builtins", "super", layout_of::<Super>(true))
};

fn read(v: &Value, slot: fn(&Super) -> &Slot) -> Value {
    v.downcast::<Super>().and_then(|s| slot(s).load()).unwrap_or(Value::NONE)
}

fn put(t: &Thread, v: &Value, slot: fn(&Super) -> &Slot, value: Option<Value>) {
    let (Some(s), Some(header)) = (v.downcast::<Super>(), v.header()) else { return };
    let old = {
        let _guard = t.lock(header);
        slot(s).swap(value)
    };
    drop(old);
}

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    args.no_keywords(t, "super")?;
    let args = args.exactly_positional(t, "super()", 0, 2)?;
    let (class, object) = match args {
        [] => {
            let (class, object) = (hooks::get().super_arguments)(t)?;
            (class, Some(object))
        }
        [class] => (class.clone(), None),
        [class, object, ..] => (class.clone(), object.non_none().cloned()),
    };
    if class.downcast::<Type>().is_none() {
        let message = format!("super() argument 1 must be a type, not {}", class.class().display_name());
        return Err(raise::type_error(t, message));
    }
    let object_type = match &object {
        Some(object) => Some(check(t, &class, object)?),
        None => None,
    };
    put(t, v, |s| &s.class, Some(class));
    put(t, v, |s| &s.object, object);
    put(t, v, |s| &s.object_type, object_type);
    Ok(())
}

/// The class whose order of bases is searched: the object itself if it is a class, else its class.
fn check(t: &Thread, class: &Value, object: &Value) -> PyResult {
    let Some(start) = class.downcast::<Type>() else { return Ok(Value::NONE) };
    if object.downcast::<Type>().is_some_and(|o| o.is_subtype(start)) {
        return Ok(object.clone());
    }
    if object.class().is_subtype(start) {
        return Ok(object.class().to_value());
    }
    // Something that only claims a class by its `__class__`.
    if let Some(claimed) = protocol::lookup_attr(t, object, &known().__class__)?
        && !claimed.is(&object.class().as_value())
        && claimed.downcast::<Type>().is_some_and(|c| c.is_subtype(start))
    {
        return Ok(claimed);
    }
    let (what, name) = match object.downcast::<Type>() {
        Some(class) => ("type", class.name()),
        None => ("instance of", object.class().name()),
    };
    let message =
        format!("super(type, obj): obj ({what} {name}) is not an instance or subtype of type ({}).", start.name());
    Err(raise::type_error(t, message))
}

/// The attribute behind the class in the order of bases; None where there is none.
fn lookup(t: &Thread, v: &Value, name: &Value) -> PyResult<Option<Value>> {
    let (class, object_type) = (read(v, |s| &s.class), read(v, |s| &s.object_type));
    let Some(searched) = object_type.downcast::<Type>() else { return Ok(None) };
    // `super().__class__` is super itself.
    if name.is(&known().__class__) || str::eq_str(name, "__class__") {
        return Ok(None);
    }
    let Some(mro) = searched.mro.load() else { return Ok(None) };
    let found = tuple::items(&mro).iter().skip_while(|c| !c.is(&class)).skip(1).find_map(|c| {
        let dict = c.downcast::<Type>()?.dict.load()?;
        dict.downcast::<Dict>()?.get_str(name)
    });
    let Some(found) = found else { return Ok(None) };
    let Some(get) = found.class().slots.descr_get.get() else { return Ok(Some(found)) };
    let object = read(v, |s| &s.object);
    // On a class, functions stay unbound and class methods bind to it.
    let instance = (!object.is(&object_type)).then_some(&object);
    get(t, &found, instance, &object_type).map(Some)
}

pub fn getattro(t: &Thread, v: &Value, name: &Value) -> PyResult {
    match lookup(t, v, name)? {
        Some(found) => Ok(found),
        None => attribute::generic_get(t, v, name),
    }
}

fn descr_get(t: &Thread, v: &Value, object: Option<&Value>, _: &Value) -> PyResult {
    let Some(object) = object.and_then(Value::non_none) else { return Ok(v.clone()) };
    if !read(v, |s| &s.object).is_none() {
        return Ok(v.clone());
    }
    let class = read(v, |s| &s.class);
    if !v.is_exact(&core_types::SUPER) {
        return protocol::call_values(t, &v.class().to_value(), &[class, object.clone()]);
    }
    let object_type = check(t, &class, object)?;
    let payload =
        Super { class: Slot::new(class), object: Slot::new(object.clone()), object_type: Slot::new(object_type) };
    Ok(alloc::new(&core_types::SUPER, payload))
}

fn repr(_: &Thread, v: &Value) -> PyResult {
    let (class, object_type) = (read(v, |s| &s.class), read(v, |s| &s.object_type));
    let name = class.downcast::<Type>().map_or("NULL", Type::name);
    Ok(str::from_str(&match object_type.downcast::<Type>() {
        Some(ty) => format!("<super: <class '{name}'>, <{} object>>", ty.name()),
        None => format!("<super: <class '{name}'>, NULL>"),
    }))
}
