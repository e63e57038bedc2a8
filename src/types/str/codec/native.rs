//! The codecs of this folder as the interpreter calls them: with Python's error handlers and exceptions.

use super::handlers::Builtin;
use super::registry::{self, lookup_error};
use super::utf16::Order;
use super::{DecodeErrors, DecodeFix, DecodeProblem, EncodeErrors, EncodeProblem, Substitute};
use super::{single, utf7, utf8, utf16, utf32};
use crate::object::alloc::{check_room, check_room_for};
use crate::object::core_types::exc;
use crate::object::growing::Growing;
use crate::object::names::{self, known};
use crate::object::raise::{self, PyResult, Raised};
use crate::object::str::{self, Str};
use crate::object::text::{TextKind, TextRef};
use crate::object::thread::Thread;
use crate::object::type_object::StaticType;
use crate::object::value::Value;
use crate::object::{protocol, tuple};
use crate::types::bytes::payload;

/// A codec that needs no parameters but the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    Utf8,
    Latin1,
    Ascii,
    Utf7,
    /// With a byte order mark, or of this order.
    Utf16(Option<Order>),
    /// With a byte order mark, or of this order.
    Utf32(Option<Order>),
}

impl Codec {
    /// Whether ASCII text and its bytes are the same numbers.
    pub fn agrees_on_ascii(self) -> bool {
        matches!(self, Codec::Utf8 | Codec::Latin1 | Codec::Ascii)
    }
}

/// The codec behind a common name of an encoding, in any spelling.
pub fn by_name(name: &str) -> Option<Codec> {
    match name {
        "utf-8" | "utf8" => return Some(Codec::Utf8),
        "ascii" => return Some(Codec::Ascii),
        "latin-1" | "latin1" => return Some(Codec::Latin1),
        _ => {}
    }
    Some(match registry::normalize(name).as_str() {
        "utf_8" | "utf8" => Codec::Utf8,
        "latin_1" | "latin1" | "iso_8859_1" | "iso8859_1" => Codec::Latin1,
        "ascii" | "us_ascii" => Codec::Ascii,
        "utf_16" | "utf16" => Codec::Utf16(None),
        "utf_32" | "utf32" => Codec::Utf32(None),
        _ => return None,
    })
}

/// Error handling by name: handlers of ours run at once, others through Python.
pub struct Handling<'a> {
    t: &'a Thread,
    builtin: Option<Builtin>,
    /// The handler's name; `None` is "strict".
    name: Option<&'a str>,
    /// The handler, once looked up.
    handler: Option<Value>,
    /// The str being encoded.
    text: Option<&'a Value>,
}

impl<'a> Handling<'a> {
    /// For encoding the str `text`, or decoding where it is `None`.
    pub fn new(t: &'a Thread, name: Option<&'a str>, text: Option<&'a Value>) -> Handling<'a> {
        let builtin = name.map_or(Some(Builtin::Strict), Builtin::by_name);
        Handling { t, builtin, name, handler: None, text }
    }

    /// Calls the handler with an exception; gives the substitute and the position it says, not yet checked.
    fn ask(&mut self, exception: &Value) -> PyResult<(Value, Value)> {
        let handler = match &self.handler {
            Some(handler) => handler.clone(),
            None => {
                let handler = lookup_error(self.t, self.name.unwrap_or("strict"))?;
                self.handler = Some(handler.clone());
                handler
            }
        };
        let answer = protocol::call_values(self.t, &handler, std::slice::from_ref(exception))?;
        match tuple::items(&answer) {
            [substitute, position] if registry::is_int(position) => Ok((substitute.clone(), position.clone())),
            _ => Ok((Value::NONE, Value::NONE)),
        }
    }

    /// A position from a handler, counted from the end if negative. IndexError where it is outside.
    fn position(&self, v: &Value, len: usize) -> PyResult<usize> {
        let given = protocol::index_clipped(self.t, v)?;
        let at = if given < 0 { given.saturating_add(len as i64) } else { given };
        match usize::try_from(at) {
            Ok(at) if at <= len => Ok(at),
            _ => {
                let message = format!("position {given} from error handler out of bounds");
                Err(raise::index_error(self.t, message))
            }
        }
    }
}

fn exception(
    t: &Thread,
    class: &'static StaticType,
    encoding: &str,
    object: Value,
    start: usize,
    end: usize,
    reason: &str,
) -> PyResult {
    let args =
        [str::from_str(encoding), object, Value::uint(start as u64), Value::uint(end as u64), str::from_str(reason)];
    protocol::call_values(t, &class.as_value(), &args)
}

/// Raises UnicodeEncodeError.
pub fn encode_error(t: &Thread, encoding: &str, text: &Value, start: usize, end: usize, reason: &str) -> Raised {
    match exception(t, &exc::UNICODE_ENCODE_ERROR, encoding, text.clone(), start, end, reason) {
        Ok(e) => raise::value(t, e),
        Err(raised) => raised,
    }
}

/// Raises UnicodeDecodeError.
pub fn decode_error(t: &Thread, encoding: &str, input: &[u8], start: usize, end: usize, reason: &str) -> Raised {
    let object = payload::from_slice(input);
    match exception(t, &exc::UNICODE_DECODE_ERROR, encoding, object, start, end, reason) {
        Ok(e) => raise::value(t, e),
        Err(raised) => raised,
    }
}

impl EncodeErrors for Handling<'_> {
    type Error = Raised;

    fn fix(&mut self, p: &EncodeProblem<'_>) -> PyResult<(Substitute, usize)> {
        if let Some(builtin) = self.builtin {
            return builtin.encode(p).ok_or_else(|| self.strict(p));
        }
        let text = self.text.cloned().unwrap_or_else(names::empty_str);
        let exception = exception(self.t, &exc::UNICODE_ENCODE_ERROR, p.encoding, text, p.start, p.end, p.reason)?;
        let (substitute, position) = self.ask(&exception)?;
        let substitute = if let Some(s) = substitute.downcast::<Str>() {
            Substitute::Text(s.view().to_buf())
        } else if let Some(b) = payload::view(&substitute) {
            Substitute::Bytes(b.to_vec())
        } else {
            return Err(raise::type_error(self.t, "encoding error handler must return (str/bytes, int) tuple"));
        };
        Ok((substitute, self.position(&position, p.text.len())?))
    }

    fn strict(&mut self, p: &EncodeProblem<'_>) -> Raised {
        let text = self.text.cloned().unwrap_or_else(names::empty_str);
        encode_error(self.t, p.encoding, &text, p.start, p.end, p.reason)
    }
}

impl DecodeErrors for Handling<'_> {
    type Error = Raised;

    fn fix(&mut self, p: &DecodeProblem<'_>) -> PyResult<DecodeFix> {
        if let Some(builtin) = self.builtin {
            if matches!(builtin, Builtin::XmlCharRefReplace | Builtin::NameReplace) {
                let message = "don't know how to handle UnicodeDecodeError in error callback";
                return Err(raise::type_error(self.t, message));
            }
            return builtin
                .decode(p)
                .ok_or_else(|| decode_error(self.t, p.encoding, p.input, p.start, p.end, p.reason));
        }
        let object = payload::from_slice(p.input);
        let exception =
            exception(self.t, &exc::UNICODE_DECODE_ERROR, p.encoding, object.clone(), p.start, p.end, p.reason)?;
        let (substitute, position) = self.ask(&exception)?;
        let Some(text) = substitute.downcast::<Str>().map(|s| s.view().to_buf()) else {
            return Err(raise::type_error(self.t, "decoding error handler must return (str, int) tuple"));
        };
        // The handler may have put other bytes in place of the input.
        let now = protocol::get_attr(self.t, &exception, &known().object)?;
        let Some(bytes) = payload::view(&now) else {
            return Err(raise::type_error(self.t, "object attribute must be bytes"));
        };
        let resume = self.position(&position, bytes.len())?;
        let input = (!now.is(&object)).then(|| bytes.to_vec());
        Ok(DecodeFix { text, resume, input })
    }
}

/// Encodes a str.
pub fn encode(t: &Thread, codec: Codec, text: &Value, errors: Option<&str>) -> PyResult {
    let view = text.downcast::<Str>().map_or(TextRef::EMPTY, Str::view);
    if let TextRef::Ascii(ascii) = view
        && codec.agrees_on_ascii()
    {
        check_room(t, ascii.len())?;
        return Ok(payload::from_slice(ascii));
    }
    // Error handlers may add to that.
    let bytes = match (codec, view.kind()) {
        (Codec::Latin1 | Codec::Ascii, _) => 1,
        (Codec::Utf8 | Codec::Utf16(_), TextKind::Ascii | TextKind::Latin1) => 2,
        (Codec::Utf16(_), TextKind::Ucs2) => 2,
        (Codec::Utf8, TextKind::Ucs2) => 3,
        (Codec::Utf8 | Codec::Utf16(_) | Codec::Utf32(_), _) => 4,
        // Base 64 of UTF-16, between a plus and a minus sign.
        (Codec::Utf7, _) => 8,
    };
    check_room_for(t, view.len(), bytes)?;
    let mut h = Handling::new(t, errors, Some(text));
    let bytes = match codec {
        Codec::Utf8 => utf8::encode(view, &mut h)?,
        Codec::Latin1 => single::encode_latin1(view, &mut h)?,
        Codec::Ascii => single::encode_ascii(view, &mut h)?,
        Codec::Utf7 => utf7::encode(view),
        Codec::Utf16(order) => utf16::encode(view, order, &mut h)?,
        Codec::Utf32(order) => utf32::encode(view, order, &mut h)?,
    };
    Ok(payload::from_vec(bytes))
}

/// Decodes bytes: the text, and how many bytes it stands for.
pub fn decode(t: &Thread, codec: Codec, input: &[u8], errors: Option<&str>, last: bool) -> PyResult<(Growing, usize)> {
    let mut h = Handling::new(t, errors, None);
    match codec {
        Codec::Utf8 => utf8::decode(input, last, &mut h),
        Codec::Latin1 => Ok((single::decode_latin1(input), input.len())),
        Codec::Ascii => single::decode_ascii(input, &mut h),
        Codec::Utf7 => utf7::decode(input, last, &mut h),
        Codec::Utf16(order) => utf16::decode(input, order, last, &mut h).map(|(text, n, _)| (text, n)),
        Codec::Utf32(order) => utf32::decode(input, order, last, &mut h).map(|(text, n, _)| (text, n)),
    }
}
