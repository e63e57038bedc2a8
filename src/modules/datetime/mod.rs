//! `_datetime`: dates, times, spans of time and time zones.
//!
//! All values are immutable, so they are shared without a lock; the hash that some of them keep is the same whoever computes it.
//!
//! | file | holds |
//! |---|---|
//! | `calendar` | days, ordinals, ISO weeks: plain arithmetic |
//! | `fields` | times of the day; checks, messages and pickled bytes of the parts |
//! | `read`, `text`, `strftime` | text read, written, and by the C library |
//! | `delta`, `delta_ops` | `timedelta` |
//! | `date`, `iso_date` | `date`, and what `isocalendar()` answers |
//! | `time` | `time` |
//! | `stamp`, `stamp_make`, `stamp_methods` | `datetime` |
//! | `zone`, `timezone` | `tzinfo` and what is asked of it, `timezone` |
//! | `local` | timestamps and the system's local time |

mod calendar;
mod date;
mod delta;
mod delta_ops;
mod fields;
mod iso_date;
mod local;
mod read;
mod stamp;
mod stamp_make;
mod stamp_methods;
mod strftime;
mod text;
mod time;
mod timezone;
mod zone;

use crate::object::dict::Dict;
use crate::object::raise::PyResult;
use crate::object::table::ModuleSpec;
use crate::object::thread::Thread;
use crate::object::type_object::{StaticType, Type};
use crate::object::value::Value;
use crate::object::{names, protocol};

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    types: &[
        &delta::TIMEDELTA,
        &date::DATE,
        &zone::TZINFO,
        &timezone::TIMEZONE,
        &time::TIME,
        &stamp::STAMP,
        &iso_date::ISO_DATE,
    ],
    init: Some(init),
    ..ModuleSpec::new("_datetime", "Fast implementation of the datetime module.")
};

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    crate::modules::support::hide(t, module, &["IsoCalendarDate"])?;
    set_constants(&delta::TIMEDELTA, delta::constants());
    set_constants(&date::DATE, date::constants());
    set_constants(&time::TIME, time::constants());
    set_constants(&stamp::STAMP, stamp::constants());
    set_constants(&timezone::TIMEZONE, timezone::constants());
    for (name, v) in [
        ("MINYEAR", Value::int(calendar::MIN_YEAR.into())),
        ("MAXYEAR", Value::int(calendar::MAX_YEAR.into())),
        ("UTC", timezone::utc()),
    ] {
        protocol::set_attr(t, module, &names::intern(name), &v)?;
    }
    Ok(())
}

/// Sets class attributes, once: a module that is made again finds them.
fn set_constants(class: &'static StaticType, constants: [(&'static str, Value); 3]) {
    let class: &Type = class;
    let Some(attributes) = class.dict.load() else { return };
    let Some(attributes) = attributes.downcast::<Dict>() else { return };
    for (name, v) in constants {
        let name = names::intern(name);
        if attributes.get_str(&name).is_none() {
            drop(attributes.set_str(&name, v));
        }
    }
    class.bump_version();
}
