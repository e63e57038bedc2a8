//! Template and Interpolation of `string.templatelib`: what t-strings evaluate to (PEP 750).

use crate::object::args::Args;
use crate::object::dict::Dict;
use crate::object::growing::Growing;
use crate::object::names;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::text::TextBuf;
use crate::object::thread::Thread;
use crate::object::tuple;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, hooks, list, protocol, str};
use crate::types::iterators::Parameters;

/// Texts and the values between them: one text more than values.
pub struct Template {
    strings: Stored,
    interpolations: Stored,
}

/// A value with the text that computed it.
pub struct Interpolation {
    value: Stored,
    expression: Stored,
    conversion: Stored,
    format_spec: Stored,
}

pub static TEMPLATE: StaticType = StaticType::new(&SPEC);
pub static INTERPOLATION: StaticType = StaticType::new(&INTERPOLATION_SPEC);

// SAFETY: `TEMPLATE`'s layout is `Template`.
unsafe impl Payload for Template {
    fn layout_type() -> &'static Type {
        &TEMPLATE
    }

    fn trace(&self, visit: Visit) {
        visit(&self.strings);
        visit(&self.interpolations);
    }
}

// SAFETY: `INTERPOLATION`'s layout is `Interpolation`.
unsafe impl Payload for Interpolation {
    fn layout_type() -> &'static Type {
        &INTERPOLATION
    }

    fn trace(&self, visit: Visit) {
        for v in [&self.value, &self.expression, &self.conversion, &self.format_spec] {
            visit(v);
        }
    }
}

const CLASS_GETITEM: Method =
    Method::new("__class_getitem__", "($type, item, /)", NativeFn::F2(super::class_getitem), super::CLASS_GETITEM_DOC)
        .class_method();

pub static SPEC: TypeSpec = TypeSpec {
    doc: "Template object",
    slots: SlotTable { repr: Some(repr), iter: Some(iter), concat: Some(concat), new: Some(new), ..SlotTable::EMPTY },
    methods: &[Method::new("__reduce__", "($self, /)", NativeFn::F1(reduce), ""), CLASS_GETITEM],
    getset: &[
        GetSet::read_only("strings", |_, v| Ok(part(v, |p| &p.strings)), "Strings").as_member(),
        GetSet::read_only("interpolations", |_, v| Ok(part(v, |p| &p.interpolations)), "Interpolations").as_member(),
        GetSet::read_only("values", values, "Values of interpolations"),
    ],
    ..TypeSpec::new("string.templatelib", "Template", layout_of::<Template>(true))
};

pub static INTERPOLATION_SPEC: TypeSpec = TypeSpec {
    doc: "Interpolation object",
    signature: "(value, expression='', conversion=None, format_spec='')",
    slots: SlotTable { repr: Some(interpolation_repr), new: Some(new_interpolation), ..SlotTable::EMPTY },
    methods: &[Method::new("__reduce__", "($self, /)", NativeFn::F1(interpolation_reduce), ""), CLASS_GETITEM],
    getset: &[
        GetSet::read_only("value", |_, v| Ok(field(v, |i| &i.value)), "Value").as_member(),
        GetSet::read_only("expression", |_, v| Ok(field(v, |i| &i.expression)), "Expression").as_member(),
        GetSet::read_only("conversion", |_, v| Ok(field(v, |i| &i.conversion)), "Conversion").as_member(),
        GetSet::read_only("format_spec", |_, v| Ok(field(v, |i| &i.format_spec)), "Format specifier").as_member(),
    ],
    ..TypeSpec::new("string.templatelib", "Interpolation", layout_of::<Interpolation>(true))
};

/// Sets the class attribute that a table cannot say. Called once, when the types are made.
pub fn finish() {
    let fields = ["value", "expression", "conversion", "format_spec"];
    let fields = tuple::from_vec(fields.iter().map(|f| names::intern(f)).collect());
    names::immortalize(&fields);
    let attributes = INTERPOLATION.dict.load();
    if let Some(attributes) = attributes.as_ref().and_then(Value::downcast::<Dict>) {
        drop(attributes.set_str(&names::known().__match_args__, fields));
        INTERPOLATION.bump_version();
    }
}

fn part(v: &Value, f: fn(&Template) -> &Stored) -> Value {
    v.downcast::<Template>().map_or_else(names::empty_tuple, |p| (**f(p)).clone())
}

fn field(v: &Value, f: fn(&Interpolation) -> &Stored) -> Value {
    v.downcast::<Interpolation>().map_or(Value::NONE, |i| (**f(i)).clone())
}

/// `BUILD_TEMPLATE`: tuples of one text more than interpolations.
pub fn template(_: &Thread, strings: Value, interpolations: Value) -> PyResult {
    let payload = Template { strings: Stored::new(strings), interpolations: Stored::new(interpolations) };
    Ok(alloc::new(&TEMPLATE, payload))
}

/// `BUILD_INTERPOLATION`: value, expression text, conversion ("s", "r", "a" or None), format specification.
pub fn interpolation(_: &Thread, [value, expression, conversion, format_spec]: [Value; 4]) -> PyResult {
    let payload = Interpolation {
        value: Stored::new(value),
        expression: Stored::new(expression),
        conversion: Stored::new(conversion),
        format_spec: Stored::new(format_spec),
    };
    Ok(alloc::new(&INTERPOLATION, payload))
}

/// `Template(*parts)`: adjacent texts are joined; between two interpolations there is an empty text.
fn new(t: &Thread, _: &Type, args: Args<'_>) -> PyResult {
    args.no_keywords(t, "Template")?;
    let (mut strings, mut interpolations) = (Vec::new(), Vec::new());
    let mut text = TextBuf::default();
    for arg in args.pos() {
        if let Some(view) = str::view(arg) {
            text.push_text(view);
        } else if arg.downcast::<Interpolation>().is_some() {
            strings.push(str::from_buf(std::mem::take(&mut text)));
            interpolations.push(arg.clone());
        } else {
            let given = arg.class().display_name();
            let message = format!("Template.__new__ *args need to be of type 'str' or 'Interpolation', got {given}");
            return Err(raise::type_error(t, message));
        }
    }
    strings.push(str::from_buf(text));
    template(t, tuple::from_vec(strings), tuple::from_vec(interpolations))
}

fn new_interpolation(t: &Thread, _: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(value, expression='', conversion=None, format_spec='')");
    let b = PARAMETERS.bind(t, "Interpolation", args)?;
    let text = |i: usize, name: &str| -> PyResult {
        match b.opt(i) {
            None => Ok(names::empty_str()),
            Some(v) if str::view(v).is_some() => Ok(v.clone()),
            Some(v) => {
                let given = v.class().display_name();
                Err(raise::type_error(t, format!("Interpolation() argument '{name}' must be str, not {given}")))
            }
        }
    };
    let conversion = match b.non_none(2) {
        None => Value::NONE,
        Some(c) if ["s", "r", "a"].iter().any(|known| str::eq_str(c, known)) => c.clone(),
        Some(c) if str::view(c).is_some() => {
            return Err(raise::value_error(t, "Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'"));
        }
        Some(c) => {
            let given = c.class().display_name();
            let message = format!("Interpolation() argument 'conversion' must be str, not {given}");
            return Err(raise::type_error(t, message));
        }
    };
    interpolation(t, [b.req(0).clone(), text(1, "expression")?, conversion, text(3, "format_spec")?])
}

fn values(_: &Thread, v: &Value) -> PyResult {
    let interpolations = part(v, |p| &p.interpolations);
    Ok(tuple::from_vec(tuple::items(&interpolations).iter().map(|i| field(i, |i| &i.value)).collect()))
}

/// Texts that are not empty and interpolations, in order.
fn iter(t: &Thread, v: &Value) -> PyResult {
    let (strings, interpolations) = (part(v, |p| &p.strings), part(v, |p| &p.interpolations));
    let mut items = Vec::new();
    let mut between = tuple::items(&interpolations).iter();
    for text in tuple::items(&strings) {
        if str::view(text).is_some_and(|s| !s.is_empty()) {
            items.push(text.clone());
        }
        items.extend(between.next().cloned());
    }
    protocol::iter(t, &list::from_vec(items))
}

fn concat(t: &Thread, a: &Value, b: &Value) -> PyResult {
    if a.downcast::<Template>().is_none() || b.downcast::<Template>().is_none() {
        let message = format!(
            "can only concatenate string.templatelib.Template (not \"{}\") to string.templatelib.Template",
            b.class().display_name()
        );
        return Err(raise::type_error(t, message));
    }
    let (left, right) = (part(a, |p| &p.strings), part(b, |p| &p.strings));
    let (left, right) = (tuple::items(&left), tuple::items(&right));
    let mut strings = left[..left.len() - 1].to_vec();
    let mut joint = Growing::new();
    for end in [left.last(), right.first()].into_iter().flatten() {
        if let Some(view) = str::view(end) {
            joint.push_text(view);
        }
    }
    strings.push(joint.finish(t)?);
    strings.extend_from_slice(&right[1..]);
    let (left, right) = (part(a, |p| &p.interpolations), part(b, |p| &p.interpolations));
    let interpolations = tuple::items(&left).iter().chain(tuple::items(&right)).cloned().collect();
    template(t, tuple::from_vec(strings), tuple::from_vec(interpolations))
}

fn push_repr(t: &Thread, out: &mut TextBuf, v: &Value) -> PyResult<()> {
    let text = protocol::repr(t, v)?;
    if let Some(view) = str::view(&text) {
        out.push_text(view);
    }
    Ok(())
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    let mut out = Growing::new();
    out.push_str("Template(strings=");
    push_repr(t, &mut out, &part(v, |p| &p.strings))?;
    out.push_str(", interpolations=");
    push_repr(t, &mut out, &part(v, |p| &p.interpolations))?;
    out.push_str(")");
    out.finish(t)
}

fn interpolation_repr(t: &Thread, v: &Value) -> PyResult {
    let mut out = Growing::new();
    out.push_str("Interpolation(");
    let fields: [fn(&Interpolation) -> &Stored; 4] =
        [|i| &i.value, |i| &i.expression, |i| &i.conversion, |i| &i.format_spec];
    for (n, f) in fields.into_iter().enumerate() {
        if n > 0 {
            out.push_str(", ");
        }
        push_repr(t, &mut out, &field(v, f))?;
    }
    out.push_str(")");
    out.finish(t)
}

fn reduce(t: &Thread, v: &Value) -> PyResult {
    let module = (hooks::get().import)(t, "string.templatelib")?;
    let maker = protocol::get_attr_str(t, &module, "_template_unpickle")?;
    let args = tuple::from_vec(vec![part(v, |p| &p.strings), part(v, |p| &p.interpolations)]);
    Ok(tuple::from_vec(vec![maker, args]))
}

fn interpolation_reduce(_: &Thread, v: &Value) -> PyResult {
    let args = tuple::from_vec(vec![
        field(v, |i| &i.value),
        field(v, |i| &i.expression),
        field(v, |i| &i.conversion),
        field(v, |i| &i.format_spec),
    ]);
    Ok(tuple::from_vec(vec![v.class().to_value(), args]))
}
