//! `strftime`, `strptime` and `__format__`: by the module `time`, which knows nothing of microseconds and zones.

use super::fields::{self, text};
use super::stamp::Stamp;
use super::text::Text;
use super::time::Time;
use super::zone;
use crate::object::bigint::{self, IntView};
use crate::object::raise::{self, PyResult};
use crate::object::text::TextBuf;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{hooks, names, protocol, str, tuple};

/// `time.strftime(format, tuple)`, after the directives for microseconds, zone and offset, and those that C's library writes
/// without leading zeros for early years, are replaced. `about` is what the zone is asked about.
pub fn wrapped(t: &Thread, v: &Value, format: &Value, tuple: &Value, about: &Value) -> PyResult {
    let module = (hooks::get().import)(t, "time")?;
    let strftime = protocol::get_attr_str(t, &module, "strftime")?;
    let Some(view) = str::view(format) else { return Err(raise::type_error(t, "format must be a str")) };
    let (zone, micro) = if let Some(stamp) = v.downcast::<Stamp>() {
        (stamp.zone(), stamp.clock.micro)
    } else if let Some(time) = v.downcast::<Time>() {
        (time.zone(), time.clock.micro)
    } else {
        (None, 0)
    };
    let mut new = TextBuf::new();
    let (mut written, mut i) = (0, 0);
    while i + 1 < view.len() {
        if view.at(i) != u32::from('%') {
            i += 1;
            continue;
        }
        let directive = char::from_u32(view.at(i + 1)).unwrap_or('\0');
        let mut end = i + 2;
        let mut piece = TextBuf::new();
        match directive {
            'z' => piece.push_str(offset(t, zone, about, "")?.as_str()),
            ':' if view.get(end) == Some(u32::from('z')) => {
                end += 1;
                piece.push_str(offset(t, zone, about, ":")?.as_str());
            }
            'Z' => {
                let name = zone::name(t, zone, about)?;
                if !name.is_none() {
                    // It becomes part of a format.
                    let twice = [names::intern("%"), names::intern("%%")];
                    let name = protocol::call_method_str(t, &name, "replace", &twice)?;
                    let Some(name) = str::view(&name) else {
                        return Err(raise::type_error(t, "tzname.replace() did not return a string"));
                    };
                    piece.push_text(name);
                }
            }
            'f' => {
                let mut text = Text::new();
                text.digits(micro, 6);
                piece.push_str(text.as_str());
            }
            'Y' | 'G' | 'F' | 'C' if year_of(t, tuple)? < 1000 => {
                let year = match directive {
                    'G' => {
                        let year = protocol::call_values(t, &strftime, &[names::intern("%G"), tuple.clone()])?;
                        str::lossy(&year).trim().parse().unwrap_or(0)
                    }
                    _ => year_of(t, tuple)?,
                };
                piece.push_str(&match directive {
                    'F' => format!("{year:04}-%m-%d"),
                    'C' => format!("{:02}", year / 100),
                    _ => format!("{year:04}"),
                });
            }
            _ => {
                i = end;
                continue;
            }
        }
        new.push_text(view.slice(written, i));
        new.push_text(piece.view());
        (written, i) = (end, end);
    }
    let format = if written == 0 {
        format.clone()
    } else {
        new.push_text(view.slice(written, view.len()));
        str::from_buf(new)
    };
    protocol::call_values(t, &strftime, &[format, tuple.clone()])
}

/// The year of a time tuple, which a subclass's `timetuple` may have made.
fn year_of(t: &Thread, tuple: &Value) -> PyResult<i64> {
    let year = match tuple::items(tuple).first() {
        Some(year) => year.clone(),
        None => protocol::get_item(t, tuple, &Value::int(0))?,
    };
    match bigint::view(&year) {
        Some(IntView::Small(year)) => Ok(year),
        _ => protocol::index_i64(t, &year),
    }
}

fn offset(t: &Thread, zone: Option<&Value>, about: &Value, separator: &str) -> PyResult<Text> {
    let mut text = Text::new();
    if let Some(offset) = zone::offset(t, zone, about)? {
        text.offset(offset, separator);
    }
    Ok(text)
}

/// `__format__` of all three: `str()` or `strftime()`.
pub fn format(t: &Thread, v: &Value, format: &Value) -> PyResult {
    let format = text(t, format, "__format__", 1)?;
    if str::view(format).is_some_and(|view| view.is_empty()) {
        return protocol::to_str(t, v);
    }
    protocol::call_method_str(t, v, "strftime", std::slice::from_ref(format))
}

/// A class's `strptime`, by a function of `_strptime`.
pub fn parse(t: &Thread, function: &str, class: &Value, input: &Value, format: &Value) -> PyResult {
    fields::text(t, input, "strptime", 1)?;
    fields::text(t, format, "strptime", 2)?;
    let module = (hooks::get().import)(t, "_strptime")?;
    protocol::call_method_str(t, &module, function, &[class.clone(), input.clone(), format.clone()])
}
