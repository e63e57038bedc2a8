//! Tuples whose items have names too: the types of `os.stat_result`, `time.struct_time`, `sys.version_info` and the like.
//!
//! The first items (the *sequence fields*) are the tuple; the others are reached by name only. A type is declared by
//! `struct_sequence!` and listed in its module's `types`; the module's `init` calls `finish` for what tables cannot say.

use super::sequence;
use crate::object::args::Args;
use crate::object::dict::{self, Dict};
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::tuple::{self, Tuple};
use crate::object::type_object::{Payload, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, core_types, names, protocol, str};
use std::marker::PhantomData;

/// A struct sequence type.
pub trait Description: Send + Sync + 'static {
    const MODULE: &'static str;
    const NAME: &'static str;
    /// Names by position; some sequence fields may have none.
    const FIELDS: &'static [Option<&'static str>];
    /// How many fields are items of the tuple.
    const VISIBLE: usize;
    fn class() -> &'static Type;
}

/// The payload: a tuple and the fields that are not its items.
#[repr(C)]
pub struct StructSequence<D: Description> {
    tuple: Tuple,
    hidden: Box<[Stored]>,
    description: PhantomData<D>,
}

// SAFETY: the layout of `D`'s type is this payload, which begins with tuple's.
unsafe impl<D: Description> Payload for StructSequence<D> {
    fn layout_type() -> &'static Type {
        D::class()
    }

    fn trace(&self, visit: Visit) {
        self.tuple.trace(visit);
        self.hidden.iter().for_each(|v| visit(v));
    }

    fn clear(&self) {
        // Immutable: a cycle is broken at its other members.
    }
}

/// Declares a struct sequence type: a marker type, the static type and its description.
///
/// `struct_sequence! { pub StatResult, STAT_RESULT, SPEC: "os", "stat_result", "doc"; visible 3; flags 0; 0 st_mode "doc"; 1 _ ""; ... }`
/// where `_` stands for a field without a name.
#[macro_export]
macro_rules! struct_sequence {
    ($vis:vis $marker:ident, $ty:ident, $spec:ident: $module:literal, $name:literal, $doc:literal;
     visible $visible:literal; flags $flags:expr; $($index:literal $field:tt $field_doc:literal;)*) => {
        #[doc = concat!("Describes `", $module, ".", $name, "`.")]
        $vis struct $marker;

        impl $crate::types::struct_sequence::Description for $marker {
            const MODULE: &'static str = $module;
            const NAME: &'static str = $name;
            const FIELDS: &'static [Option<&'static str>] = &[ $( $crate::struct_sequence!(@name $field) ),* ];
            const VISIBLE: usize = $visible;
            fn class() -> &'static $crate::object::type_object::Type {
                &$ty
            }
        }

        #[doc = concat!("`", $module, ".", $name, "`.")]
        $vis static $ty: $crate::object::type_object::StaticType = $crate::object::type_object::StaticType::new(&$spec);

        #[doc = concat!("The tables of `", $module, ".", $name, "`.")]
        $vis static $spec: $crate::object::type_object::TypeSpec =
            $crate::types::struct_sequence::spec::<$marker>($doc, $flags, const {
                &$crate::types::struct_sequence::named([ $(
                    $crate::struct_sequence!(@getset $marker, $index, $field, $field_doc)
                ),* ])
            });
    };
    (@name _) => { None };
    (@name $field:ident) => { Some(stringify!($field)) };
    (@getset $marker:ident, $index:literal, _, $doc:literal) => { $crate::types::struct_sequence::row::<$marker, $index>("", "") };
    (@getset $marker:ident, $index:literal, $field:ident, $doc:literal) => {
        $crate::types::struct_sequence::row::<$marker, $index>(stringify!($field), $doc)
    };
}

/// The row of a field.
pub const fn row<D: Description, const I: usize>(name: &'static str, doc: &'static str) -> GetSet {
    GetSet::read_only(name, |_, v| Ok(field::<D>(v, I)), doc).as_member()
}

/// Rows without a name are of no use; they take the place of the last row that has one.
pub const fn named<const N: usize>(mut rows: [GetSet; N]) -> [GetSet; N] {
    let mut i = 0;
    let mut last = 0;
    while i < N {
        if !rows[i].name.is_empty() {
            last = i;
        }
        i += 1;
    }
    let mut i = 0;
    while i < N {
        if rows[i].name.is_empty() {
            rows[i] = GetSet::read_only(rows[last].name, rows[last].get, rows[last].doc).as_member();
        }
        i += 1;
    }
    rows
}

/// The description of a type; `getset` has the fields' rows.
pub const fn spec<D: Description>(doc: &'static str, flags: u64, getset: &'static [GetSet]) -> TypeSpec {
    TypeSpec {
        base: Some(&core_types::TUPLE),
        doc,
        signature: "(sequence, dict=<unrepresentable>)",
        slots: SlotTable {
            new: if flags & flag::DISALLOW_INSTANTIATION == 0 { Some(construct::<D>) } else { None },
            repr: Some(repr::<D>),
            ..SlotTable::EMPTY
        },
        methods: const {
            &[
                Method::new("__reduce__", "", NativeFn::F1(reduce::<D>), ""),
                Method::new(
                    "__replace__",
                    "",
                    NativeFn::Raw(replace::<D>),
                    "A copy in which the named fields have new values.",
                ),
            ]
        },
        getset,
        flags,
        ..TypeSpec::new(D::MODULE, D::NAME, layout_of::<StructSequence<D>>(true))
    }
}

/// Sets the class attributes that tell how many fields there are. Called once, by the module's `init`.
pub fn finish<D: Description>() {
    let Some(attributes) = D::class().dict.load() else { return };
    let Some(attributes) = attributes.downcast::<Dict>() else { return };
    let named: Vec<Value> = D::FIELDS[..D::VISIBLE].iter().map_while(|name| name.map(names::intern)).collect();
    let unnamed = D::FIELDS.iter().filter(|name| name.is_none()).count();
    for (name, value) in [
        ("n_sequence_fields", Value::uint(D::VISIBLE as u64)),
        ("n_fields", Value::uint(D::FIELDS.len() as u64)),
        ("n_unnamed_fields", Value::uint(unnamed as u64)),
        ("__match_args__", tuple::from_vec(named)),
    ] {
        drop(attributes.set_str(&names::intern(name), value));
    }
    D::class().bump_version();
}

/// A new instance; `values` has one value per field.
pub fn make<D: Description>(values: Vec<Value>) -> Value {
    debug_assert_eq!(values.len(), D::FIELDS.len());
    let mut values = values;
    let hidden = values.split_off(D::VISIBLE.min(values.len()));
    let payload = StructSequence::<D> {
        tuple: Tuple::boxed(values),
        hidden: hidden.into_iter().map(Stored::new).collect(),
        description: PhantomData,
    };
    alloc::new(D::class(), payload)
}

/// A field of an instance.
pub fn field<D: Description>(v: &Value, index: usize) -> Value {
    let Some(this) = v.downcast::<StructSequence<D>>() else { return Value::NONE };
    let found = match index.checked_sub(D::VISIBLE) {
        None => this.tuple.items().get(index),
        Some(hidden) => this.hidden.get(hidden).map(|v| &**v),
    };
    found.cloned().unwrap_or(Value::NONE)
}

fn full_name<D: Description>() -> String {
    format!("{}.{}", D::MODULE, D::NAME)
}

fn construct<D: Description>(t: &Thread, _class: &Type, args: Args<'_>) -> PyResult {
    let mut given = [args.pos().first(), args.pos().get(1)];
    let name = full_name::<D>();
    if args.pos().len() > 2 {
        let message = format!("{}() takes at most 2 arguments ({} given)", D::NAME, args.all().len());
        return Err(raise::type_error(t, message));
    }
    for (keyword, value) in args.keywords() {
        match (str::eq_str(keyword, "sequence"), str::eq_str(keyword, "dict")) {
            (true, _) => given[0] = Some(value),
            (_, true) => given[1] = Some(value),
            _ => {
                let message = format!("{}() got an unexpected keyword argument '{}'", D::NAME, str::lossy(keyword));
                return Err(raise::type_error(t, message));
            }
        }
    }
    let [Some(sequence), extra] = given else {
        return Err(raise::type_error(t, format!("{}() missing required argument 'sequence' (pos 1)", D::NAME)));
    };
    let slots = &sequence.class().slots;
    if slots.iter.get().is_none() && slots.getitem.get().is_none() {
        return Err(raise::type_error(t, "constructor requires a sequence"));
    }
    let mut values = protocol::collect(t, sequence)?;
    let extra = match extra {
        None => None,
        Some(v) => match v.downcast::<Dict>() {
            Some(dict) => Some(dict),
            None => return Err(raise::type_error(t, format!("{name}() takes a dict as second arg, if any"))),
        },
    };
    let (min, max, len) = (D::VISIBLE, D::FIELDS.len(), values.len());
    let bound = match (len < min, len > max) {
        _ if min == max && len != min => Some(format!("a {min}")),
        (true, _) => Some(format!("an at least {min}")),
        (_, true) => Some(format!("an at most {max}")),
        _ => None,
    };
    if let Some(bound) = bound {
        return Err(raise::type_error(t, format!("{name}() takes {bound}-sequence ({len}-sequence given)")));
    }
    let mut used = 0;
    for field in &D::FIELDS[len..] {
        let found = extra.zip(*field).and_then(|(dict, name)| dict.get_str(&names::intern(name)));
        used += usize::from(found.is_some());
        values.push(found.unwrap_or(Value::NONE));
    }
    if extra.is_some_and(|dict| dict.len() > used) {
        return Err(raise::type_error(t, format!("{name}() got duplicate or unexpected field name(s)")));
    }
    Ok(make::<D>(values))
}

fn repr<D: Description>(t: &Thread, v: &Value) -> PyResult {
    sequence::guarded_repr(t, v, &format!("{}(...)", full_name::<D>()), |out| {
        out.push_str(&full_name::<D>());
        out.push_str("(");
        for (i, (name, item)) in D::FIELDS.iter().zip(tuple::items(v)).enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            if let Some(name) = name {
                out.push_str(name);
                out.push_str("=");
            }
            sequence::push_repr(t, out, item)?;
        }
        out.push_str(")");
        Ok(())
    })
}

/// The names and values of the fields that are no items.
fn hidden<D: Description>(v: &Value) -> impl Iterator<Item = (Value, Value)> {
    (D::VISIBLE..D::FIELDS.len()).filter_map(move |i| Some((names::intern(D::FIELDS[i]?), field::<D>(v, i))))
}

fn reduce<D: Description>(_t: &Thread, v: &Value) -> PyResult {
    let items = tuple::from_slice(tuple::items(v));
    let extra = dict::from_pairs(hidden::<D>(v));
    Ok(tuple::from_iter(2, [v.class().to_value(), tuple::from_iter(2, [items, extra])]))
}

fn replace<D: Description>(t: &Thread, args: Args<'_>) -> PyResult {
    let [v] = args.pos() else {
        let given = args.pos().len().saturating_sub(1);
        return Err(raise::type_error(t, format!("__replace__() takes no positional arguments ({given} given)")));
    };
    if D::FIELDS.iter().any(Option::is_none) {
        let message =
            format!("__replace__() is not supported for {} because it has unnamed field(s)", full_name::<D>());
        return Err(raise::type_error(t, message));
    }
    let mut values: Vec<Value> = (0..D::FIELDS.len()).map(|i| field::<D>(v, i)).collect();
    let mut unexpected = Vec::new();
    for (keyword, value) in args.keywords() {
        match D::FIELDS.iter().position(|name| name.is_some_and(|name| str::eq_str(keyword, name))) {
            Some(i) => values[i] = value.clone(),
            None => unexpected.push(keyword.clone()),
        }
    }
    if !unexpected.is_empty() {
        let names = protocol::repr_lossy(t, &crate::object::list::from_vec(unexpected));
        return Err(raise::type_error(t, format!("Got unexpected field name(s): {names}")));
    }
    Ok(make::<D>(values))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::testing;

    crate::struct_sequence! {
        pub Point, POINT, POINT_SPEC: "geometry", "point", "A place."; visible 2; flags 0;
        0 x "Across."; 1 _ ""; 2 label "Its name.";
    }

    #[test]
    fn items_and_hidden_fields() {
        testing::run(|t| {
            POINT.set_spec(&POINT_SPEC);
            let point = make::<Point>(vec![Value::int(3), Value::int(4), str::from_str("p")]);
            assert_eq!(tuple::items(&point).len(), 2);
            assert!(str::eq_str(&field::<Point>(&point, 2), "p"));
            assert_eq!(POINT_SPEC.getset.iter().map(|row| row.name).collect::<Vec<_>>(), ["x", "label", "label"]);
            assert_eq!((POINT_SPEC.getset[0].get)(t, &point).unwrap().as_small_int(), Some(3));
            assert!(str::eq_str(&(POINT_SPEC.getset[1].get)(t, &point).unwrap(), "p"));
            assert_eq!(field::<Point>(&Value::NONE, 0).as_small_int(), None);
        });
    }
}
