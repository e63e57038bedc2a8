//! What `isocalendar()` answers: a tuple whose items have names.

use super::fields::int;
use crate::modules::support::Parameters;
use crate::object::args::Args;
use crate::object::core_types;
use crate::object::raise::PyResult;
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::tuple::{self, Tuple};
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::Value;
use crate::object::{protocol, str};

/// The payload: a tuple.
#[repr(transparent)]
pub struct IsoDate(Tuple);

/// `datetime.IsoCalendarDate`
pub static ISO_DATE: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    base: Some(&core_types::TUPLE),
    doc: "The result of date.isocalendar() or datetime.isocalendar()\n\nThis object may be accessed either as a tuple of\n  \
          ((year, week, weekday)\nor via the object attributes as named in the above tuple.",
    slots: SlotTable { new: Some(new), repr: Some(repr), ..SlotTable::EMPTY },
    methods: &[Method::new("__reduce__", "", NativeFn::F1(reduce), "__reduce__() -> (cls, state)")],
    getset: &[
        GetSet::read_only("year", |_, v| Ok(tuple::items(v)[0].clone()), ""),
        GetSet::read_only("week", |_, v| Ok(tuple::items(v)[1].clone()), ""),
        GetSet::read_only("weekday", |_, v| Ok(tuple::items(v)[2].clone()), ""),
    ],
    ..TypeSpec::new("datetime", "IsoCalendarDate", layout_of::<IsoDate>(true))
};

// SAFETY: `ISO_DATE`'s layout is `IsoDate`, a tuple's.
unsafe impl Payload for IsoDate {
    fn layout_type() -> &'static Type {
        &ISO_DATE
    }

    fn trace(&self, visit: Visit) {
        self.0.trace(visit);
    }
}

/// A new instance of year, week and weekday.
pub fn make((year, week, weekday): (i32, i32, i32)) -> Value {
    tuple::new_with_class(&ISO_DATE, [year, week, weekday].map(|n| Value::int(n.into())).into())
}

fn new(t: &Thread, _: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(year, week, weekday)");
    let b = PARAMETERS.bind_call(t, "IsoCalendarDate", args)?;
    Ok(make((int(t, b.req(0))?, int(t, b.req(1))?, int(t, b.req(2))?)))
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    let mut shown = Vec::new();
    for (name, item) in ["year", "week", "weekday"].iter().zip(tuple::items(v)) {
        shown.push(format!("{name}={}", protocol::to_string(t, item)?));
    }
    Ok(str::from_str(&format!("{}({})", v.class().display_name(), shown.join(", "))))
}

/// As a plain tuple, so that the class need not be found when it is read back.
fn reduce(_: &Thread, v: &Value) -> PyResult {
    let items = tuple::from_slice(tuple::items(v));
    Ok(tuple::from_array([core_types::TUPLE.to_value(), tuple::from_array([items])]))
}
