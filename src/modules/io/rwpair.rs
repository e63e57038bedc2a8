//! `BufferedRWPair`: a reader and a writer as one object.

use super::base::{self, BUFFERED_IO_BASE, FLAGS};
use super::buffered::{self, READER, WRITER};
use super::n;
use crate::modules::support::{Parameters, put};
use crate::object::args::Args;
use crate::object::exception::visit_slot;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::{Slot, Value};
use crate::object::{alloc, protocol};
use crate::this;

/// See the module's documentation.
pub struct Pair {
    reader: Slot,
    writer: Slot,
}

pub static RW_PAIR: StaticType = StaticType::new(&SPEC);

// SAFETY: `RW_PAIR`'s layout is `Pair`.
unsafe impl Payload for Pair {
    fn layout_type() -> &'static Type {
        &RW_PAIR
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.reader, visit);
        visit_slot(&self.writer, visit);
    }

    fn clear(&self) {
        drop(self.reader.take());
        drop(self.writer.take());
    }
}

macro_rules! forward {
    ($side:ident $name:ident) => {
        Method::new(
            stringify!($name),
            "($self, /, *args)",
            NativeFn::Raw(|t, args| {
                let v = &args.pos()[0];
                let method = protocol::get_attr(t, &$side(t, v)?, &n().$name)?;
                protocol::call(t, &method, args.skip(1))
            }),
            "",
        )
    };
}

static SPEC: TypeSpec = TypeSpec {
    base: Some(&BUFFERED_IO_BASE),
    doc: "A buffered reader and writer object together.",
    signature: "(reader, writer, buffer_size=131072, /)",
    slots: SlotTable {
        new: Some(|_, class, _| Ok(alloc::new(class, Pair { reader: Slot::EMPTY, writer: Slot::EMPTY }))),
        init: Some(init),
        ..SlotTable::EMPTY
    },
    methods: &[
        forward!(reader read),
        forward!(reader peek),
        forward!(reader read1),
        forward!(reader readinto),
        forward!(reader readinto1),
        forward!(reader readable),
        forward!(writer write),
        forward!(writer flush),
        forward!(writer writable),
        Method::new("close", "($self, /)", NativeFn::F1(close), ""),
        Method::new("isatty", "($self, /)", NativeFn::F1(isatty), ""),
    ],
    getset: &[GetSet::read_only("closed", closed, "")],
    flags: FLAGS,
    ..TypeSpec::new("_io", "BufferedRWPair", layout_of::<Pair>(true))
};

fn loaded(t: &Thread, slot: &Slot) -> PyResult {
    slot.load().ok_or_else(|| raise::value_error(t, "I/O operation on uninitialized object"))
}

fn reader(t: &Thread, v: &Value) -> PyResult {
    loaded(t, &this!(v, Pair).reader)
}

fn writer(t: &Thread, v: &Value) -> PyResult {
    loaded(t, &this!(v, Pair).writer)
}

static PARAMETERS: Parameters = Parameters::new("(reader, writer, buffer_size=131072, /)");

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    let b = PARAMETERS.bind_call(t, "BufferedRWPair", args)?;
    base::check_readable(t, b.req(0))?;
    base::check_writable(t, b.req(1))?;
    let size = buffered::buffer_size(t, b.opt(2))?;
    let size = Value::int(size as i64);
    let made_reader = protocol::call_values(t, &READER.to_value(), &[b.req(0).clone(), size.clone()])?;
    let made_writer = protocol::call_values(t, &WRITER.to_value(), &[b.req(1).clone(), size])?;
    put(t, v, &this!(v, Pair).reader, Some(made_reader));
    put(t, v, &this!(v, Pair).writer, Some(made_writer));
    Ok(())
}

fn close(t: &Thread, v: &Value) -> PyResult {
    let (reader, writer) = (reader(t, v)?, writer(t, v)?);
    let written = protocol::call_method(t, &writer, &n().close, &[]).map(drop);
    super::chained(t, written, || protocol::call_method(t, &reader, &n().close, &[]).map(drop))?;
    Ok(Value::NONE)
}

fn isatty(t: &Thread, v: &Value) -> PyResult {
    let answer = protocol::call_method(t, &writer(t, v)?, &n().isatty, &[])?;
    if answer.as_bool() != Some(false) {
        return Ok(answer);
    }
    protocol::call_method(t, &reader(t, v)?, &n().isatty, &[])
}

fn closed(t: &Thread, v: &Value) -> PyResult {
    protocol::get_attr(t, &writer(t, v)?, &n().closed)
}
