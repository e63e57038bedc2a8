//! `unicodedata`: the Unicode 16.0 character database, and 3.2.0 as `ucd_3_2_0`.

mod normalize;

use crate::object::args::Bound;
use crate::object::raise::{self, PyResult};
use crate::object::str::{self, Str};
use crate::object::table::{GetSet, Method, ModuleSpec, NativeFn};
use crate::object::text::TextRef;
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{alloc, names as interned, protocol};
use crate::types::str::codec::registry;
use crate::types::str::ucd::{self, Edition, names};
use crate::types::str::value::{char_value, from_buf};
use normalize::Form;

/// The payload of `UCD`: the database of Unicode 3.2.0.
struct OldDatabase;

static UCD: StaticType = StaticType::new(&UCD_SPEC);

// SAFETY: `UCD`'s layout is `OldDatabase`.
unsafe impl Payload for OldDatabase {
    fn layout_type() -> &'static Type {
        &UCD
    }
}

/// Rows for module functions (`$edition` is the current one, `$skip` arguments come before the character) or methods.
macro_rules! rows {
    ($edition:ident, $skip:literal, $self:literal, [$($extra:expr),*]) => {
        &[
            Method::new("decimal", concat!("(", $self, ", chr, default=<unrepresentable>, /)"), NativeFn::Bound(|t, b| decimal(t, b, Edition::$edition, $skip)), "The decimal value of a character as an int.\n\nWithout one: the default, or ValueError."),
            Method::new("digit", concat!("(", $self, ", chr, default=<unrepresentable>, /)"), NativeFn::Bound(|t, b| digit(t, b, Edition::$edition, $skip)), "The digit value of a character as an int.\n\nWithout one: the default, or ValueError."),
            Method::new("numeric", concat!("(", $self, ", chr, default=<unrepresentable>, /)"), NativeFn::Bound(|t, b| numeric(t, b, Edition::$edition, $skip)), "The numeric value of a character as a float.\n\nWithout one: the default, or ValueError."),
            Method::new("category", concat!("(", $self, ", chr, /)"), NativeFn::Bound(|t, b| category(t, b, Edition::$edition, $skip)), "The general category of a character, two letters."),
            Method::new("bidirectional", concat!("(", $self, ", chr, /)"), NativeFn::Bound(|t, b| bidirectional(t, b, Edition::$edition, $skip)), "The bidirectional class of a character; empty if none is defined."),
            Method::new("combining", concat!("(", $self, ", chr, /)"), NativeFn::Bound(|t, b| combining(t, b, Edition::$edition, $skip)), "The canonical combining class of a character as an int; 0 if it does not combine."),
            Method::new("mirrored", concat!("(", $self, ", chr, /)"), NativeFn::Bound(|t, b| mirrored(t, b, Edition::$edition, $skip)), "1 if a character is mirrored in right-to-left text, else 0."),
            Method::new("east_asian_width", concat!("(", $self, ", chr, /)"), NativeFn::Bound(|t, b| east_asian_width(t, b, Edition::$edition, $skip)), "The East Asian width of a character: F, H, W, Na, A or N."),
            Method::new("decomposition", concat!("(", $self, ", chr, /)"), NativeFn::Bound(|t, b| decomposition(t, b, Edition::$edition, $skip)), "The decomposition of a character as hexadecimal numbers after an optional tag; empty if there is none."),
            Method::new("name", concat!("(", $self, ", chr, default=<unrepresentable>, /)"), NativeFn::Bound(|t, b| name(t, b, Edition::$edition, $skip)), "The name of a character.\n\nWithout one: the default, or ValueError."),
            Method::new("lookup", concat!("(", $self, ", name, /)"), NativeFn::Bound(|t, b| lookup(t, b.req($skip))), "The character of that name. KeyError if there is none."),
            Method::new("is_normalized", concat!("(", $self, ", form, unistr, /)"), NativeFn::Bound(|t, b| is_normalized(t, b, Edition::$edition, $skip)), "Whether a string is in the normalization form 'NFC', 'NFKC', 'NFD' or 'NFKD'."),
            Method::new("normalize", concat!("(", $self, ", form, unistr, /)"), NativeFn::Bound(|t, b| to_form(t, b, Edition::$edition, $skip)), "A string in the normalization form 'NFC', 'NFKC', 'NFD' or 'NFKD'."),
            $($extra),*
        ]
    };
}

static UCD_SPEC: TypeSpec = TypeSpec {
    methods: rows!(V3_2, 1, "$self", []),
    getset: &[GetSet::read_only("unidata_version", |_, _| Ok(str::from_str("3.2.0")), "")],
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("unicodedata", "UCD", layout_of::<OldDatabase>(false))
};

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: rows!(Current, 0, "$module", []),
    types: &[&UCD],
    init: Some(init),
    ..ModuleSpec::new(
        "unicodedata",
        "The Unicode Character Database: properties of all characters, by Unicode 16.0.0.\n\nNames follow UnicodeData \
         File Format 16.0.0.",
    )
};

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    protocol::set_attr(t, module, &interned::intern("unidata_version"), &str::from_str("16.0.0"))?;
    protocol::set_attr(t, module, &interned::intern("ucd_3_2_0"), &alloc::new(&UCD, OldDatabase))
}

/// The character argument of `function`; `which` says how a message counts it.
fn character(t: &Thread, v: &Value, function: &str, which: &str) -> PyResult<u32> {
    let Some(s) = str::view(v) else {
        let message =
            format!("{function}() argument{which} must be a unicode character, not {}", v.class().display_name());
        return Err(raise::type_error(t, message));
    };
    match s.len() {
        1 => Ok(s.at(0)),
        n => {
            let message =
                format!("{function}(): argument{which} must be a unicode character, not a string of length {n}");
            Err(raise::type_error(t, message))
        }
    }
}

/// The value, or the default argument, or ValueError.
fn or_default(t: &Thread, b: &Bound<'_>, at: usize, value: Option<Value>, message: &str) -> PyResult {
    match (value, b.opt(at)) {
        (Some(v), _) => Ok(v),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err(raise::value_error(t, message)),
    }
}

fn decimal(t: &Thread, b: &Bound<'_>, edition: Edition, at: usize) -> PyResult {
    let c = character(t, b.req(at), "decimal", " 1")?;
    let value = ucd::decimal(edition, c).map(|n| Value::int(i64::from(n)));
    or_default(t, b, at + 1, value, "not a decimal")
}

fn digit(t: &Thread, b: &Bound<'_>, edition: Edition, at: usize) -> PyResult {
    let c = character(t, b.req(at), "digit", " 1")?;
    let value = ucd::digit(edition, c).map(|n| Value::int(i64::from(n)));
    or_default(t, b, at + 1, value, "not a digit")
}

fn numeric(t: &Thread, b: &Bound<'_>, edition: Edition, at: usize) -> PyResult {
    let c = character(t, b.req(at), "numeric", " 1")?;
    or_default(t, b, at + 1, ucd::numeric(edition, c).map(Value::float), "not a numeric character")
}

fn category(t: &Thread, b: &Bound<'_>, edition: Edition, at: usize) -> PyResult {
    Ok(interned::intern(ucd::category(edition, character(t, b.req(at), "category", "")?)))
}

fn bidirectional(t: &Thread, b: &Bound<'_>, edition: Edition, at: usize) -> PyResult {
    Ok(interned::intern(ucd::bidirectional(edition, character(t, b.req(at), "bidirectional", "")?)))
}

fn combining(t: &Thread, b: &Bound<'_>, edition: Edition, at: usize) -> PyResult {
    let c = character(t, b.req(at), "combining", "")?;
    Ok(Value::int(i64::from(ucd::combining(edition, c))))
}

fn mirrored(t: &Thread, b: &Bound<'_>, edition: Edition, at: usize) -> PyResult {
    let c = character(t, b.req(at), "mirrored", "")?;
    Ok(Value::int(i64::from(ucd::mirrored(edition, c))))
}

fn east_asian_width(t: &Thread, b: &Bound<'_>, edition: Edition, at: usize) -> PyResult {
    Ok(interned::intern(ucd::east_asian_width(edition, character(t, b.req(at), "east_asian_width", "")?)))
}

fn decomposition(t: &Thread, b: &Bound<'_>, edition: Edition, at: usize) -> PyResult {
    let c = character(t, b.req(at), "decomposition", "")?;
    let listed = if ucd::is_assigned(edition, c) { ucd::decomposition(c) } else { None };
    let Some(d) = listed else { return Ok(interned::empty_str()) };
    let mut parts: Vec<String> = Vec::new();
    if !d.tag.is_empty() {
        parts.push(d.tag.to_string());
    }
    parts.extend(d.code_points().map(|c| format!("{c:04X}")));
    Ok(str::from_str(&parts.join(" ")))
}

fn name(t: &Thread, b: &Bound<'_>, edition: Edition, at: usize) -> PyResult {
    let c = character(t, b.req(at), "name", " 1")?;
    let name = if ucd::is_assigned(edition, c) { names::name(c) } else { None };
    or_default(t, b, at + 1, name.map(|name| str::from_str(&name)), "no such name")
}

fn lookup(t: &Thread, v: &Value) -> PyResult {
    let Some(s) = str::view(v) else {
        return Err(raise::type_error(t, format!("lookup() argument must be str, not {}", v.class().display_name())));
    };
    registry::need_utf8(t, v)?;
    if s.len() > 256 {
        return Err(raise::new(t, &crate::object::core_types::exc::KEY_ERROR, "name too long"));
    }
    let name = s.to_utf8_lossy();
    if let Some(c) = names::lookup(name.as_bytes()) {
        return Ok(char_value(c));
    }
    match names::sequence(&name.to_ascii_uppercase()) {
        Some(chars) => Ok(from_buf(chars.into_iter().collect())),
        None => {
            let message = format!("undefined character name '{name}'");
            Err(raise::new(t, &crate::object::core_types::exc::KEY_ERROR, message))
        }
    }
}

/// The arguments of `normalize` and `is_normalized`.
fn form_args<'a>(t: &Thread, b: &Bound<'a>, at: usize, function: &str) -> PyResult<(Form, TextRef<'a>)> {
    let form = protocol::str_arg(t, b.req(at), function, "1")?.view();
    let text = protocol::str_arg(t, b.req(at + 1), function, "2").map(Str::view)?;
    match Form::by_name(&form.to_utf8_lossy()) {
        Some(form) => Ok((form, text)),
        None => Err(raise::value_error(t, "invalid normalization form")),
    }
}

fn to_form(t: &Thread, b: &Bound<'_>, edition: Edition, at: usize) -> PyResult {
    let (form, text) = form_args(t, b, at, "normalize")?;
    match normalize::normalize(edition, form, text) {
        Some(out) if out.view() != text => Ok(from_buf(out)),
        _ => Ok(crate::types::str::value::unchanged(b.req(at + 1))),
    }
}

fn is_normalized(t: &Thread, b: &Bound<'_>, edition: Edition, at: usize) -> PyResult {
    let (form, text) = form_args(t, b, at, "is_normalized")?;
    let same = normalize::normalize(edition, form, text).is_none_or(|out| out.view() == text);
    Ok(Value::bool(same))
}
