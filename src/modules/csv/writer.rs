//! Rows to text.

use super::dialect::{self, ALL, Dialect, NONE, NONNUMERIC, NOTNULL, STRINGS};
use super::error;
use crate::object::args::Args;
use crate::object::growing::Growing;
use crate::object::raise::{self, PyResult};
use crate::object::slots::Visit;
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::text::TextRef;
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, core_types, names, protocol, str};
use crate::this;

/// The payload of a writer.
pub struct Writer {
    write: Stored,
    dialect: Stored,
}

/// `_csv.Writer`
pub static WRITER: StaticType = StaticType::new(&TypeSpec {
    doc: "CSV writer\n\nWriter objects are responsible for generating tabular data\nin CSV format from sequence input.\n",
    methods: &[
        Method::new(
            "writerow",
            "",
            NativeFn::F2(|t, v, row| write_row(t, this!(v, Writer), row)),
            "writerow(iterable)\n\nConstruct and write a CSV record from an iterable of fields.  Non-string\nelements will be \
             converted to string.",
        ),
        Method::new(
            "writerows",
            "",
            NativeFn::F2(|t, v, rows| {
                let this = this!(v, Writer);
                protocol::for_each(t, rows, |row| write_row(t, this, &row).map(drop))?;
                Ok(Value::NONE)
            }),
            "writerows(iterable of iterables)\n\nConstruct and write a series of iterables to a csv file.  \
             Non-string\nelements will be converted to string.",
        ),
    ],
    getset: &[GetSet::read_only("dialect", |_, v| Ok(Value::clone(&this!(v, Writer).dialect)), "").as_member()],
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("_csv", "Writer", layout_of::<Writer>(true))
});

// SAFETY: `WRITER`'s layout is `Writer`.
unsafe impl Payload for Writer {
    fn layout_type() -> &'static Type {
        &WRITER
    }

    fn trace(&self, visit: Visit) {
        visit(&self.write);
        visit(&self.dialect);
    }
}

/// `csv.writer`
pub fn make(t: &Thread, args: Args<'_>) -> PyResult {
    let Some(file) = args.pos().first() else {
        return Err(raise::type_error(t, "writer expected at least 1 argument, got 0"));
    };
    let dialect = dialect::from_arguments(t, "writer", args)?;
    let write = protocol::lookup_attr(t, file, &names::intern("write"))?;
    let Some(write) = write.filter(|write| write.class().slots.call.get().is_some()) else {
        return Err(raise::type_error(t, "argument 1 must have a \"write\" method"));
    };
    Ok(alloc::new(&WRITER, Writer { write: Stored::new(write), dialect: Stored::new(dialect) }))
}

/// A record on its way.
struct Record<'a> {
    t: &'a Thread,
    dialect: &'a Dialect,
    terminator: TextRef<'a>,
    out: Growing,
    fields: usize,
}

impl Record<'_> {
    /// Adds a field; None stands for Python's None.
    fn append(&mut self, text: Option<TextRef<'_>>, mut quoted: bool) -> PyResult<()> {
        let d = self.dialect;
        let null = text.is_none();
        let text = text.unwrap_or(TextRef::EMPTY);
        if text.is_empty() && d.delimiter == u32::from(b' ') && d.skipinitialspace {
            if d.quoting == NONE || (null && matches!(d.quoting, STRINGS | NOTNULL)) {
                let message = "empty field must be quoted if delimiter is a space and skipinitialspace is true";
                return Err(error(self.t, message));
            }
            quoted = true;
        }
        let special = |c: u32| {
            c == d.delimiter
                || Some(c) == d.escapechar
                || Some(c) == d.quotechar
                || c == u32::from(b'\n')
                || c == u32::from(b'\r')
                || self.terminator.code_points().any(|x| x == c)
        };
        // Which characters go with another one before them.
        let mut body = Growing::new();
        body.reserve(text.len());
        for c in text.code_points() {
            if special(c) {
                let mut escape = d.quoting == NONE;
                if !escape {
                    if Some(c) == d.quotechar {
                        if d.doublequote {
                            body.push(c);
                        } else {
                            escape = true;
                        }
                    } else if Some(c) == d.escapechar {
                        escape = true;
                    }
                    quoted |= !escape;
                }
                if escape {
                    match d.escapechar {
                        Some(mark) => body.push(mark),
                        None => return Err(error(self.t, "need to escape, but no escapechar set")),
                    }
                }
            }
            body.push(c);
        }
        if self.fields > 0 {
            self.out.push(d.delimiter);
        }
        let quote = d.quotechar.filter(|_| quoted);
        if let Some(quote) = quote {
            self.out.push(quote);
        }
        self.out.push_text(body.view());
        if let Some(quote) = quote {
            self.out.push(quote);
        }
        self.fields += 1;
        Ok(())
    }
}

/// Whether the object counts as a number.
fn is_number(v: &Value) -> bool {
    let slots = &v.class().slots;
    slots.index.get().is_some()
        || slots.int.get().is_some()
        || slots.float.get().is_some()
        || v.class().is_subtype(&core_types::COMPLEX)
}

fn write_row(t: &Thread, this: &Writer, row: &Value) -> PyResult {
    let Some(dialect) = this.dialect.downcast::<Dialect>() else { return Ok(Value::NONE) };
    let items = match protocol::iter(t, row) {
        Ok(items) => items,
        Err(raised) => {
            raise::suppress(t, raised, &core_types::exc::TYPE_ERROR)?;
            return Err(error(t, format!("iterable expected, not {}", row.class().display_name())));
        }
    };
    let terminator = str::view(&dialect.lineterminator).unwrap_or(TextRef::EMPTY);
    let mut record = Record { t, dialect, terminator, out: Growing::new(), fields: 0 };
    let mut null = false;
    while let Some(field) = protocol::next(t, &items)? {
        let text = str::view(&field);
        null = field.is_none();
        let quoted = match dialect.quoting {
            ALL => true,
            NONNUMERIC => !is_number(&field),
            STRINGS => text.is_some(),
            NOTNULL => !null,
            _ => false,
        };
        match text {
            Some(text) => record.append(Some(text), quoted)?,
            None if null => record.append(None, quoted)?,
            None => {
                let shown = protocol::to_str(t, &field)?;
                record.append(str::view(&shown), quoted)?;
            }
        }
    }
    if record.fields > 0 && record.out.is_empty() {
        if dialect.quoting == NONE || (null && matches!(dialect.quoting, STRINGS | NOTNULL)) {
            return Err(error(t, "single empty field record must be quoted"));
        }
        record.fields = 0;
        record.append(None, true)?;
    }
    record.out.push_text(terminator);
    let line = record.out.finish(t)?;
    protocol::call_values(t, &this.write, &[line])
}
