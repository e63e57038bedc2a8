//! Line ends: recognising and translating them as text comes in pieces, and `IncrementalNewlineDecoder`.

use crate::modules::support::{Guarded, Parameters, put};
use crate::object::args::{Args, Bound};
use crate::object::exception::visit_slot;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::str::{self, Str};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::text::{TextBuf, TextRef, Unit};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Value};
use crate::object::{alloc, protocol, tuple};
use crate::types::bytes::payload as bytes;
use crate::types::str::value as text_value;
use crate::{this, with_units};

const CR: u32 = b'\r' as u32;
const LF: u32 = b'\n' as u32;

const SEEN_CR: u8 = 1;
const SEEN_LF: u8 = 2;
const SEEN_CRLF: u8 = 4;

/// What a `newline` argument asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Newline {
    /// None: any line end, translated.
    Translate,
    /// "": any line end, left alone.
    Any,
    Lf,
    Cr,
    CrLf,
}

impl Newline {
    /// Reads a `newline` argument.
    ///
    /// TypeError and ValueError in the words of that function: `argument` is how it calls the argument, and it shows a
    /// wrong one as a repr or not.
    pub fn read(t: &Thread, argument: &str, as_repr: bool, v: Option<&Value>) -> PyResult<Newline> {
        let Some(v) = v.and_then(Value::non_none) else { return Ok(Newline::Translate) };
        if v.downcast::<Str>().is_none() {
            let name = v.class().display_name();
            return Err(raise::type_error(t, format!("{argument} must be str or None, not {name}")));
        }
        Ok(match &*str::lossy(v) {
            "" => Newline::Any,
            "\n" => Newline::Lf,
            "\r" => Newline::Cr,
            "\r\n" => Newline::CrLf,
            text => {
                let shown = if as_repr { protocol::repr_lossy(t, v) } else { text.to_string() };
                return Err(raise::value_error(t, format!("illegal newline value: {shown}")));
            }
        })
    }

    /// Whether any of the three line ends counts.
    pub fn is_universal(self) -> bool {
        matches!(self, Newline::Translate | Newline::Any)
    }

    /// What "\n" is written as, where it is not written as it stands.
    pub fn written(self) -> Option<&'static str> {
        match self {
            Newline::Cr => Some("\r"),
            Newline::CrLf => Some("\r\n"),
            _ => None,
        }
    }

    /// Finds the end of the line that starts at `from`: the place after it. `searched` code points are known to hold none.
    pub fn line_end(self, text: TextRef<'_>, from: usize, searched: usize) -> Option<usize> {
        let start = from + searched;
        match self {
            Newline::Translate | Newline::Lf => find(text, start, LF).map(|i| i + 1),
            Newline::Cr => find(text, start, CR).map(|i| i + 1),
            Newline::CrLf => {
                // The "\r" may have been the last one searched.
                let mut at = if searched > 0 { start - 1 } else { start };
                loop {
                    let cr = find(text, at, CR)?;
                    match text.get(cr + 1) {
                        Some(LF) => return Some(cr + 2),
                        Some(_) => at = cr + 1,
                        None => return None,
                    }
                }
            }
            Newline::Any => {
                let i = with_units!(text, s => s[start..].iter().position(|u| u.cp() == CR || u.cp() == LF))? + start;
                Some(if text.at(i) == CR && text.get(i + 1) == Some(LF) { i + 2 } else { i + 1 })
            }
        }
    }
}

/// The first `c` (a line end) at or after `start`.
fn find(text: TextRef<'_>, start: usize, c: u32) -> Option<usize> {
    let found = match text {
        TextRef::Ascii(s) | TextRef::Latin1(s) => memchr::memchr(c as u8, &s[start..]),
        TextRef::Ucs2(s) => s[start..].iter().position(|&u| u32::from(u) == c),
        TextRef::Ucs4(s) => s[start..].iter().position(|&u| u == c),
    };
    found.map(|i| i + start)
}

/// The state of recognising line ends.
#[derive(Clone, Copy, Default)]
pub struct Newlines {
    /// Whether all become "\n".
    pub translate: bool,
    /// Whether a "\r" waits for what follows it.
    pub pending_cr: bool,
    pub seen: u8,
}

impl Newlines {
    /// With nothing seen.
    pub fn new(translate: bool) -> Newlines {
        Newlines { translate, pending_cr: false, seen: 0 }
    }

    /// Takes a piece in; `last` says that nothing follows.
    pub fn feed(&mut self, text: TextBuf, last: bool) -> TextBuf {
        let mut text = text;
        if self.pending_cr && (last || !text.is_empty()) {
            self.pending_cr = false;
            let mut longer = TextBuf::with_capacity(text.kind(), text.len() + 1);
            longer.push(CR);
            longer.push_text(text.view());
            text = longer;
        }
        if !last && !text.is_empty() && text.view().at(text.len() - 1) == CR {
            self.pending_cr = true;
            text.truncate(text.len() - 1);
        }
        let Some(first) = find(text.view(), 0, CR) else {
            if self.seen & SEEN_LF == 0 && find(text.view(), 0, LF).is_some() {
                self.seen |= SEEN_LF;
            }
            return text;
        };
        if !self.translate {
            self.note(text.view());
            return text;
        }
        let view = text.view();
        let mut out = TextBuf::with_capacity(text.kind(), text.len());
        let (mut from, mut next) = (0, Some(first));
        while let Some(i) = next {
            if self.seen & SEEN_LF == 0 && find(view.slice(from, i), 0, LF).is_some() {
                self.seen |= SEEN_LF;
            }
            out.push_text(view.slice(from, i));
            out.push(LF);
            let pair = view.get(i + 1) == Some(LF);
            self.seen |= if pair { SEEN_CRLF } else { SEEN_CR };
            from = i + 1 + usize::from(pair);
            next = find(view, from, CR);
        }
        if find(view, from, LF).is_some() {
            self.seen |= SEEN_LF;
        }
        out.push_text(view.slice(from, view.len()));
        out
    }

    fn note(&mut self, text: TextRef<'_>) {
        let mut previous = 0;
        for c in text.code_points() {
            match (previous, c) {
                (CR, LF) => self.seen |= SEEN_CRLF,
                (CR, _) => self.seen |= SEEN_CR,
                (_, LF) => self.seen |= SEEN_LF,
                _ => {}
            }
            // The "\n" of a pair does not count on its own.
            previous = c;
        }
        if previous == CR {
            self.seen |= SEEN_CR;
        }
    }

    /// Forgets what waits.
    pub fn reset(&mut self) {
        self.pending_cr = false;
        self.seen = 0;
    }

    /// The `newlines` attribute: None, a str or a tuple of str.
    pub fn seen(&self) -> Value {
        let all: Vec<Value> = [(SEEN_CR, "\r"), (SEEN_LF, "\n"), (SEEN_CRLF, "\r\n")]
            .iter()
            .filter(|(bit, _)| self.seen & bit != 0)
            .map(|(_, text)| str::from_str(text))
            .collect();
        match all.as_slice() {
            [] => Value::NONE,
            [one] => one.clone(),
            _ => tuple::from_vec(all),
        }
    }
}

/// The payload of `IncrementalNewlineDecoder`.
pub struct NewlineDecoder {
    /// The decoder below; None: text comes in.
    decoder: Slot,
    errors: Slot,
    state: Guarded<Newlines>,
}

pub static NEWLINE_DECODER: StaticType = StaticType::new(&SPEC);

// SAFETY: `NEWLINE_DECODER`'s layout is `NewlineDecoder`.
unsafe impl Payload for NewlineDecoder {
    fn layout_type() -> &'static Type {
        &NEWLINE_DECODER
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.decoder, visit);
        visit_slot(&self.errors, visit);
    }

    fn clear(&self) {
        drop(self.decoder.take());
        drop(self.errors.take());
    }
}

static SPEC: TypeSpec = TypeSpec {
    doc: "Codec used when reading a file in universal newlines mode.\n\nIt wraps another incremental decoder, translating \\r\\n and \\r into \\n.",
    signature: "(decoder, translate, errors='strict')",
    slots: SlotTable {
        new: Some(|_, class, _| {
            let state = Guarded::new(Newlines::default());
            Ok(alloc::new(class, NewlineDecoder { decoder: Slot::EMPTY, errors: Slot::EMPTY, state }))
        }),
        init: Some(init),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new("decode", "($self, /, input, final=False)", NativeFn::Bound(decode), ""),
        Method::new("getstate", "($self, /)", NativeFn::F1(getstate), ""),
        Method::new("setstate", "($self, state, /)", NativeFn::F2(setstate), ""),
        Method::new("reset", "($self, /)", NativeFn::F1(reset), ""),
    ],
    getset: &[GetSet::read_only("newlines", |t, v| Ok(this!(v, NewlineDecoder).state.with(t, v, |s| *s).seen()), "")],
    flags: flag::BASETYPE | flag::HAS_WEAKREFS,
    ..TypeSpec::new("_io", "IncrementalNewlineDecoder", layout_of::<NewlineDecoder>(true))
};

static PARAMETERS: Parameters = Parameters::new("(decoder, translate, errors='strict')");

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    let b = PARAMETERS.bind_call(t, "IncrementalNewlineDecoder", args)?;
    let translate = protocol::is_true(t, b.req(1))?;
    let this = this!(v, NewlineDecoder);
    put(t, v, &this.decoder, Some(b.req(0).clone()));
    put(t, v, &this.errors, Some(b.opt(2).cloned().unwrap_or_else(|| str::from_str("strict"))));
    this.state.with(t, v, |s| *s = Newlines::new(translate));
    Ok(())
}

fn ready<'a>(t: &Thread, v: &'a Value) -> PyResult<(&'a NewlineDecoder, Value)> {
    let this = this!(v, NewlineDecoder);
    match this.decoder.load() {
        Some(decoder) => Ok((this, decoder)),
        None => Err(raise::value_error(t, "IncrementalNewlineDecoder.__init__() not called")),
    }
}

fn decode(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let (this, decoder) = ready(t, v)?;
    let last = b.opt(2).map_or(Ok(false), |last| protocol::is_true(t, last))?;
    let text = if decoder.is_none() {
        b.req(1).clone()
    } else {
        protocol::call_method_str(t, &decoder, "decode", &[b.req(1).clone(), Value::bool(last)])?
    };
    let Some(view) = str::view(&text) else {
        let message = format!("decoder should return a string result, not '{}'", text.class().display_name());
        return Err(raise::type_error(t, message));
    };
    let piece = view.to_buf();
    let mut state = this.state.with(t, v, |s| *s);
    let out = state.feed(piece, last);
    this.state.with(t, v, |s| *s = state);
    Ok(text_value::make(out.view()))
}

fn getstate(t: &Thread, v: &Value) -> PyResult {
    let (this, decoder) = ready(t, v)?;
    let (buffer, flags) = if decoder.is_none() {
        (bytes::empty(), 0)
    } else {
        state_of(t, &protocol::call_method_str(t, &decoder, "getstate", &[])?)?
    };
    let pending = this.state.with(t, v, |s| s.pending_cr);
    Ok(tuple::from_slice(&[buffer, Value::int(flags << 1 | i64::from(pending))]))
}

/// The two parts of a decoder's state.
pub fn state_of(t: &Thread, state: &Value) -> PyResult<(Value, i64)> {
    match tuple::items(state) {
        [buffer, flags] => {
            if bytes::view(buffer).is_none() {
                let name = buffer.class().display_name();
                let message = format!("illegal decoder state: the first item should be a bytes object, not '{name}'");
                return Err(raise::type_error(t, message));
            }
            Ok((buffer.clone(), protocol::index_i64(t, flags)?))
        }
        _ => Err(raise::type_error(t, "illegal decoder state")),
    }
}

fn setstate(t: &Thread, v: &Value, state: &Value) -> PyResult {
    let (this, decoder) = ready(t, v)?;
    if state.downcast::<tuple::Tuple>().is_none() {
        return Err(raise::type_error(t, "state argument must be a tuple"));
    }
    let [buffer, flags] = tuple::items(state) else {
        return Err(raise::type_error(t, "setstate(): illegal state argument"));
    };
    let flags = protocol::index_i64(t, flags)?;
    this.state.with(t, v, |s| s.pending_cr = flags & 1 != 0);
    if !decoder.is_none() {
        let inner = tuple::from_slice(&[buffer.clone(), Value::int(flags >> 1)]);
        protocol::call_method_str(t, &decoder, "setstate", &[inner])?;
    }
    Ok(Value::NONE)
}

fn reset(t: &Thread, v: &Value) -> PyResult {
    let (this, decoder) = ready(t, v)?;
    this.state.with(t, v, Newlines::reset);
    if !decoder.is_none() {
        protocol::call_method_str(t, &decoder, "reset", &[])?;
    }
    Ok(Value::NONE)
}
