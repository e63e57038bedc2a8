//! `_locale`: the C library's locale.

use crate::modules::posix::files::fd;
use crate::modules::posix::path;
use crate::object::args::Bound;
use crate::object::core_types::exc;
use crate::object::exception::BaseException;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{StaticType, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{dict, list, names, protocol, str};
use crate::sys::locale::{self, Conventions};
use crate::types::format_spec::layout::{NumericLocale, set_numeric_locale};
use std::ffi::CString;

/// `locale.Error`.
static ERROR: StaticType = StaticType::new(&ERROR_SPEC);

static ERROR_SPEC: TypeSpec = TypeSpec {
    base: Some(&exc::EXCEPTION),
    flags: flag::BASETYPE,
    ..TypeSpec::new("locale", "Error", layout_of::<BaseException>(true))
};

fn text(t: &Thread, v: &Value, function: &str) -> PyResult<CString> {
    let Some(view) = str::view(v) else {
        let message = format!("{function}() argument must be str, not {}", v.class().display_name());
        return Err(raise::type_error(t, message));
    };
    CString::new(path::encode(view)).map_err(|_| raise::value_error(t, "embedded null character"))
}

fn setlocale(t: &Thread, b: &Bound<'_>) -> PyResult {
    let category = fd(t, b.req(0))?;
    let name = b.non_none(1).map(|v| text(t, v, "setlocale")).transpose()?;
    if !(0..=12).contains(&category) {
        return Err(raise::new(t, &ERROR, "invalid locale category"));
    }
    match locale::set(category, name.as_deref()) {
        Some(answer) => {
            if name.is_some() && matches!(category, libc::LC_NUMERIC | libc::LC_ALL) {
                set_numeric_locale(numbers_of(&locale::conventions()));
            }
            Ok(path::decode(&answer))
        }
        None if name.is_some() => Err(raise::new(t, &ERROR, "unsupported locale setting")),
        None => Err(raise::new(t, &ERROR, "locale query failed")),
    }
}

/// What presentation type `n` has to know; None where the locale writes numbers as C does.
fn numbers_of(all: &Conventions) -> Option<NumericLocale> {
    let bytes = |name| all.texts.iter().find(|(n, _)| *n == name).map_or(&[][..], |(_, text)| text);
    // In the locale's encoding: UTF-8, or one of single bytes.
    let text = |name| match std::str::from_utf8(bytes(name)) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes(name).iter().map(|b| char::from(*b)).collect(),
    };
    let grouping = all.groupings.iter().find(|(n, _)| *n == "grouping").map_or(Vec::new(), |(_, sizes)| sizes.clone());
    let (point, separator) = (text("decimal_point"), text("thousands_sep"));
    let is_plain = point == "." && (separator.is_empty() || grouping.is_empty());
    (!is_plain).then_some(NumericLocale { point, separator, grouping })
}

fn localeconv(_: &Thread) -> PyResult {
    let all = locale::conventions();
    let texts = all.texts.iter().map(|(name, t)| (names::intern(name), path::decode(t)));
    let numbers = all.numbers.iter().map(|(name, n)| (names::intern(name), Value::int((*n).into())));
    let groupings = all.groupings.iter().map(|(name, sizes)| {
        let mut items: Vec<Value> = Vec::new();
        let mut ended = sizes.is_empty();
        for size in sizes {
            items.push(Value::int((*size).into()));
            if *size == i8::MAX as u8 {
                ended = true;
                break;
            }
        }
        if !ended {
            items.push(Value::int(0));
        }
        (names::intern(name), list::from_vec(items))
    });
    Ok(dict::from_pairs(texts.chain(numbers).chain(groupings).collect::<Vec<_>>()))
}

fn nl_langinfo(t: &Thread, v: &Value) -> PyResult {
    let item = fd(t, v)?;
    if !CONSTANTS.iter().any(|(name, n)| *n == item.into() && !name.starts_with("LC_")) && item != DATE_FMT {
        return Err(raise::value_error(t, "unsupported langinfo constant"));
    }
    Ok(path::decode(&locale::information(item)))
}

fn strcoll(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let (a, b) = (text(t, a, "strcoll")?, text(t, b, "strcoll")?);
    Ok(Value::int(locale::compare(&a, &b).into()))
}

fn strxfrm(t: &Thread, v: &Value) -> PyResult {
    let key = locale::order_key(&text(t, v, "strxfrm")?);
    // A character for each byte, so that the order of the texts is that of the bytes.
    let shown: String = key.iter().map(|b| char::from(*b)).collect();
    Ok(str::from_str(&shown))
}

fn optional(t: &Thread, v: Option<&Value>, function: &str) -> PyResult<Option<CString>> {
    v.and_then(Value::non_none).map(|v| text(t, v, function)).transpose()
}

fn gettext(t: &Thread, v: &Value) -> PyResult {
    Ok(path::decode(&locale::translate(None, &text(t, v, "gettext")?, None)))
}

fn dgettext(t: &Thread, domain: &Value, id: &Value) -> PyResult {
    let domain = optional(t, Some(domain), "dgettext")?;
    Ok(path::decode(&locale::translate(domain.as_deref(), &text(t, id, "dgettext")?, None)))
}

fn dcgettext(t: &Thread, domain: &Value, id: &Value, category: &Value) -> PyResult {
    let domain = optional(t, Some(domain), "dcgettext")?;
    let id = text(t, id, "dcgettext")?;
    Ok(path::decode(&locale::translate(domain.as_deref(), &id, Some(fd(t, category)?))))
}

fn textdomain(t: &Thread, v: &Value) -> PyResult {
    let name = optional(t, Some(v), "textdomain")?;
    Ok(locale::domain(name.as_ref()).map_or(Value::NONE, |d| path::decode(&d)))
}

fn bindtextdomain(t: &Thread, domain: &Value, folder: &Value) -> PyResult {
    let domain = text(t, domain, "bindtextdomain")?;
    if domain.is_empty() {
        return Err(raise::new(t, &ERROR, "domain must be a non-empty string"));
    }
    let folder = match folder.non_none() {
        None => None,
        Some(v) => Some(path::arg(t, "bindtextdomain", v)?.text),
    };
    match locale::bind_folder(&domain, folder.as_ref()) {
        Some(answer) => Ok(path::decode(&answer)),
        None => Err(crate::modules::posix::last_error(t, None)),
    }
}

fn bind_textdomain_codeset(t: &Thread, domain: &Value, set: &Value) -> PyResult {
    let domain = text(t, domain, "bind_textdomain_codeset")?;
    let set = optional(t, Some(set), "bind_textdomain_codeset")?;
    Ok(locale::bind_encoding(&domain, set.as_ref()).map_or(Value::NONE, |d| path::decode(&d)))
}

macro_rules! constants {
    ($($name:ident)*) => { &[ $( (stringify!($name), libc::$name as i64), )* ] };
}

static CONSTANTS: &[(&str, i64)] = constants! {
    LC_ALL LC_COLLATE LC_CTYPE LC_MESSAGES LC_MONETARY LC_NUMERIC LC_TIME ABDAY_1 ABDAY_2 ABDAY_3 ABDAY_4 ABDAY_5
    ABDAY_6 ABDAY_7 ABMON_1 ABMON_2 ABMON_3 ABMON_4 ABMON_5 ABMON_6 ABMON_7 ABMON_8 ABMON_9 ABMON_10 ABMON_11 ABMON_12
    ALT_DIGITS AM_STR CODESET CRNCYSTR DAY_1 DAY_2 DAY_3 DAY_4 DAY_5 DAY_6 DAY_7 D_FMT D_T_FMT ERA ERA_D_FMT
    ERA_D_T_FMT ERA_T_FMT MON_1 MON_2 MON_3 MON_4 MON_5 MON_6 MON_7 MON_8 MON_9 MON_10 MON_11 MON_12 NOEXPR PM_STR
    RADIXCHAR THOUSEP T_FMT T_FMT_AMPM YESEXPR
};

/// `_DATE_FMT` of glibc.
const DATE_FMT: i32 = 131_180;

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    let set = |name: &str, v: Value| protocol::set_attr(t, module, &names::intern(name), &v);
    for (name, n) in CONSTANTS {
        set(name, Value::int(*n))?;
    }
    set("_DATE_FMT", Value::int(DATE_FMT.into()))?;
    set("CHAR_MAX", Value::int(i8::MAX.into()))?;
    // Characters are those that the environment asks for; with the plain locale, UTF-8 (PEP 538).
    if locale::set(libc::LC_CTYPE, Some(c"")).is_none_or(|name| name == b"C" || name == b"POSIX") {
        locale::set(libc::LC_CTYPE, Some(c"C.UTF-8"));
    }
    Ok(())
}

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "setlocale",
            "($module, category, locale=None, /)",
            NativeFn::Bound(setlocale),
            "Activates/queries locale processing.",
        ),
        Method::new(
            "localeconv",
            "($module, /)",
            NativeFn::F0(localeconv),
            "Returns numeric and monetary locale-specific parameters.",
        ),
        Method::new(
            "nl_langinfo",
            "($module, key, /)",
            NativeFn::F1(nl_langinfo),
            "Return the value for the locale information associated with key.",
        ),
        Method::new(
            "strcoll",
            "($module, os1, os2, /)",
            NativeFn::F2(strcoll),
            "Compares two strings according to the locale.",
        ),
        Method::new(
            "strxfrm",
            "($module, string, /)",
            NativeFn::F1(strxfrm),
            "Return a string that can be used as a key for locale-aware comparisons.",
        ),
        Method::new(
            "getencoding",
            "($module, /)",
            NativeFn::F0(|_| Ok(str::from_str("utf-8"))),
            "Get the current locale encoding.",
        ),
        Method::new(
            "gettext",
            "($module, msg, /)",
            NativeFn::F1(gettext),
            "gettext(msg) -> string\n\nReturn translation of msg.",
        ),
        Method::new(
            "dgettext",
            "($module, domain, msg, /)",
            NativeFn::F2(dgettext),
            "dgettext(domain, msg) -> string\n\nReturn translation of msg in domain.",
        ),
        Method::new(
            "dcgettext",
            "($module, domain, msgid, category, /)",
            NativeFn::F3(dcgettext),
            "Return translation of msg in domain and category.",
        ),
        Method::new(
            "textdomain",
            "($module, domain, /)",
            NativeFn::F1(textdomain),
            "Set the C library's textdmain to domain, returning the new domain.",
        ),
        Method::new(
            "bindtextdomain",
            "($module, domain, dir, /)",
            NativeFn::F2(bindtextdomain),
            "Bind the C library's domain to dir.",
        ),
        Method::new(
            "bind_textdomain_codeset",
            "($module, domain, codeset, /)",
            NativeFn::F2(bind_textdomain_codeset),
            "Bind the C library's domain to codeset.",
        ),
    ],
    types: &[&ERROR],
    init: Some(init),
    ..ModuleSpec::new("_locale", "Support for POSIX locales.")
};

#[cfg(test)]
mod tests {
    use super::*;

    fn conventions(point: &[u8], separator: &[u8], grouping: &[u8]) -> Conventions {
        Conventions {
            texts: vec![("decimal_point", point.to_vec()), ("thousands_sep", separator.to_vec())],
            groupings: vec![("grouping", grouping.to_vec())],
            numbers: Vec::new(),
        }
    }

    #[test]
    fn numbers_of_locales() {
        assert_eq!(numbers_of(&conventions(b".", b"", b"")), None);
        let german = numbers_of(&conventions(b",", b".", &[3, 3])).expect("not as C's");
        assert_eq!((&*german.point, &*german.separator, &german.grouping[..]), (",", ".", &[3, 3][..]));
        // In Latin-1 a space that does not break.
        let french = numbers_of(&conventions(b",", &[0xa0], &[3])).expect("not as C's");
        assert_eq!(french.separator, "\u{a0}");
    }
}
