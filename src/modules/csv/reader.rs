//! Text to rows.

use super::dialect::{self, Dialect, NONE, NONNUMERIC, NOTNULL, STRINGS};
use super::{FIELD_LIMIT, error};
use crate::modules::support::iter_self;
use crate::object::args::Args;
use crate::object::growing::Growing;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::GetSet;
use crate::object::text::Unit;
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, core_types, list, protocol, str};
use crate::sync::shim::atomic::{AtomicI64, Ordering::Relaxed};
use crate::{this, with_units};

/// The payload of a reader. A row is put together by the call that asks for it, so that nothing is left to guard.
pub struct Reader {
    lines: Stored,
    dialect: Stored,
    line: AtomicI64,
}

/// `_csv.Reader`
pub static READER: StaticType = StaticType::new(&TypeSpec {
    doc: "CSV reader\n\nReader objects are responsible for reading and parsing tabular data\nin CSV format.\n",
    slots: SlotTable { iter: Some(iter_self), next: Some(next), ..SlotTable::EMPTY },
    getset: &[
        GetSet::read_only("dialect", |_, v| Ok(Value::clone(&this!(v, Reader).dialect)), "").as_member(),
        GetSet::read_only("line_num", |_, v| Ok(Value::int(this!(v, Reader).line.load(Relaxed))), "").as_member(),
    ],
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("_csv", "Reader", layout_of::<Reader>(true))
});

// SAFETY: `READER`'s layout is `Reader`.
unsafe impl Payload for Reader {
    fn layout_type() -> &'static Type {
        &READER
    }

    fn trace(&self, visit: Visit) {
        visit(&self.lines);
        visit(&self.dialect);
    }
}

/// `csv.reader`
pub fn make(t: &Thread, args: Args<'_>) -> PyResult {
    let Some(lines) = args.pos().first() else {
        return Err(raise::type_error(t, "reader expected at least 1 argument, got 0"));
    };
    let lines = protocol::iter(t, lines)?;
    let dialect = dialect::from_arguments(t, "reader", args)?;
    let reader = Reader { lines: Stored::new(lines), dialect: Stored::new(dialect), line: AtomicI64::new(0) };
    Ok(alloc::new(&READER, reader))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    StartRecord,
    StartField,
    Escaped,
    AfterEscapedNewline,
    InField,
    InQuoted,
    EscapedInQuoted,
    QuoteInQuoted,
    EatNewline,
}

/// A row on its way.
struct Parser<'a> {
    t: &'a Thread,
    dialect: &'a Dialect,
    state: State,
    field: Growing,
    unquoted: bool,
    fields: Vec<Value>,
    limit: i64,
}

const NEWLINES: [u32; 2] = [b'\n' as u32, b'\r' as u32];

impl Parser<'_> {
    fn save(&mut self) -> PyResult<()> {
        let quoting = self.dialect.quoting;
        let empty = self.field.is_empty();
        let field = if empty && self.unquoted && matches!(quoting, NOTNULL | STRINGS) {
            Value::NONE
        } else {
            let text = self.field.copied(self.t)?;
            if self.unquoted && !empty && matches!(quoting, NONNUMERIC | STRINGS) {
                protocol::call_values(self.t, &core_types::FLOAT.as_value(), &[text])?
            } else {
                text
            }
        };
        self.field.clear();
        alloc::reserve(self.t, &mut self.fields, 1)?;
        self.fields.push(field);
        Ok(())
    }

    fn add(&mut self, c: u32) -> PyResult<()> {
        if self.field.len() as i64 >= self.limit {
            return Err(error(self.t, format!("field larger than field limit ({})", self.limit)));
        }
        self.field.push(c);
        self.field.check(self.t)
    }

    /// The end of a field at a newline or (None) at the end of a line.
    fn end_row(&mut self, c: Option<u32>) -> PyResult<()> {
        self.save()?;
        self.state = if c.is_none() { State::StartRecord } else { State::EatNewline };
        Ok(())
    }

    /// The next character; None: the line's end.
    fn step(&mut self, c: Option<u32>) -> PyResult<()> {
        let d = self.dialect;
        let newline = c.is_none_or(|c| NEWLINES.contains(&c));
        let is = |wanted: Option<u32>| c.is_some() && c == wanted;
        match self.state {
            State::StartRecord if c.is_none() => {}
            State::StartRecord if newline => self.state = State::EatNewline,
            State::StartRecord | State::StartField => {
                self.unquoted = true;
                if newline {
                    self.end_row(c)?;
                } else if is(d.quotechar) && d.quoting != NONE {
                    self.unquoted = false;
                    self.state = State::InQuoted;
                } else if is(d.escapechar) {
                    self.state = State::Escaped;
                } else if is(Some(u32::from(b' '))) && d.skipinitialspace {
                    self.state = State::StartField;
                } else if is(Some(d.delimiter)) {
                    self.save()?;
                    self.state = State::StartField;
                } else if let Some(c) = c {
                    self.add(c)?;
                    self.state = State::InField;
                }
            }
            State::Escaped => match c {
                Some(c) if newline => {
                    self.add(c)?;
                    self.state = State::AfterEscapedNewline;
                }
                c => {
                    self.add(c.unwrap_or(u32::from(b'\n')))?;
                    self.state = State::InField;
                }
            },
            State::AfterEscapedNewline if c.is_none() => {}
            State::AfterEscapedNewline | State::InField => {
                if newline {
                    self.end_row(c)?;
                } else if is(d.escapechar) {
                    self.state = State::Escaped;
                } else if is(Some(d.delimiter)) {
                    self.save()?;
                    self.state = State::StartField;
                } else if let Some(c) = c {
                    self.add(c)?;
                    self.state = State::InField;
                }
            }
            State::InQuoted => {
                if is(d.escapechar) {
                    self.state = State::EscapedInQuoted;
                } else if is(d.quotechar) && d.quoting != NONE {
                    self.state = if d.doublequote { State::QuoteInQuoted } else { State::InField };
                } else if let Some(c) = c {
                    self.add(c)?;
                }
            }
            State::EscapedInQuoted => {
                self.add(c.unwrap_or(u32::from(b'\n')))?;
                self.state = State::InQuoted;
            }
            State::QuoteInQuoted => {
                if d.quoting != NONE && is(d.quotechar) {
                    if let Some(c) = c {
                        self.add(c)?;
                    }
                    self.state = State::InQuoted;
                } else if is(Some(d.delimiter)) {
                    self.save()?;
                    self.state = State::StartField;
                } else if newline {
                    self.end_row(c)?;
                } else if !d.strict {
                    if let Some(c) = c {
                        self.add(c)?;
                    }
                    self.state = State::InField;
                } else {
                    let shown = |c: u32| char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER);
                    let quote = shown(d.quotechar.unwrap_or(0));
                    return Err(error(self.t, format!("'{}' expected after '{quote}'", shown(d.delimiter))));
                }
            }
            State::EatNewline => {
                if c.is_none() {
                    self.state = State::StartRecord;
                } else if !newline {
                    let message =
                        "new-line character seen in unquoted field - do you need to open the file with newline=''?";
                    return Err(error(self.t, message));
                }
            }
        }
        Ok(())
    }
}

fn next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let this = this!(v, Reader);
    let Some(dialect) = this.dialect.downcast::<Dialect>() else { return Ok(None) };
    let mut p = Parser {
        t,
        dialect,
        state: State::StartRecord,
        field: Growing::new(),
        unquoted: true,
        fields: Vec::new(),
        limit: FIELD_LIMIT.load(Relaxed),
    };
    loop {
        let Some(line) = protocol::next(t, &this.lines)? else {
            if p.field.is_empty() && p.state != State::InQuoted {
                return Ok(None);
            }
            if dialect.strict {
                return Err(error(t, "unexpected end of data"));
            }
            p.save()?;
            break;
        };
        let Some(text) = str::view(&line) else {
            let message = format!(
                "iterator should return strings, not {} (the file should be opened in text mode)",
                line.class().display_name()
            );
            return Err(error(t, message));
        };
        this.line.fetch_add(1, Relaxed);
        with_units!(text, units => {
            for &unit in units {
                p.step(Some(unit.cp()))?;
            }
        });
        p.step(None)?;
        if p.state == State::StartRecord {
            break;
        }
    }
    list::from_exact(t, p.fields.into_iter()).map(Some)
}
