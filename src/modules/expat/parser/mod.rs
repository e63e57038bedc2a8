//! The parser: bytes in, events out, one at a time, so that what a handler does takes effect on what follows.
//!
//! It knows nothing of Python. `feed` takes bytes; `next` answers the next event of what has been fed, and None when it
//! needs more. Entities' texts are inputs on a stack above the document. Around the root element goes by `prolog`, the rest
//! by `content`.

mod content;
mod prolog;

use super::decode::{self, Encoding};
use super::dtd::{self, Dtd, Entity, Model};
use super::errors::{self, Code};
use super::scan::{self, Cursor, is_char, is_space, name_len, tag_end};
use crate::sync::shim::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;

/// How much entities may add, unless the document is large itself.
pub const MOST_GROWTH: usize = 8 << 20;
/// And how many times the document's size.
const MOST_FACTOR: usize = 100;
/// Text that is not UTF-8 comes in pieces of at most so many bytes.
const CONVERTED: usize = 1024;

/// What the parser says.
pub enum Event {
    XmlDecl {
        version: Option<String>,
        encoding: Option<String>,
        standalone: i64,
    },
    Start {
        name: String,
        attributes: Vec<(String, String)>,
        specified: usize,
    },
    End {
        name: String,
    },
    Text(String),
    Instruction {
        target: String,
        data: String,
    },
    Comment(String),
    StartCdata,
    EndCdata,
    StartDoctype {
        name: String,
        system: Option<String>,
        public: Option<String>,
        internal: bool,
    },
    EndDoctype,
    EntityDecl {
        name: String,
        parameter: bool,
        entity: Entity,
    },
    Unparsed {
        name: String,
        entity: Entity,
    },
    Notation {
        name: String,
        system: Option<String>,
        public: Option<String>,
    },
    ElementDecl {
        name: String,
        model: Model,
    },
    Attlist {
        element: String,
        name: String,
        kind: String,
        default: Option<String>,
        required: bool,
    },
    External {
        context: Option<String>,
        base: Option<String>,
        system: Option<String>,
        public: Option<String>,
    },
    Skipped {
        name: String,
        parameter: bool,
    },
    StartNamespace {
        prefix: Option<String>,
        uri: Option<String>,
    },
    EndNamespace {
        prefix: Option<String>,
    },
    NotStandalone,
    /// Nothing that has a handler of its own.
    Other,
}

/// An event with the text that it came from (for the default handler).
pub struct Emission {
    pub event: Event,
    pub raw: String,
    position: Position,
}

/// A place in the document.
#[derive(Clone, Copy, Default)]
pub struct Position {
    pub line: u64,
    pub column: u64,
    pub byte: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the document type or the root element.
    Prolog,
    /// Inside the brackets of the document type.
    Subset,
    Content,
    Cdata,
    Epilog,
}

/// What is being parsed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Document,
    /// An external general entity.
    Entity,
    /// The external subset, or an external parameter entity.
    Subset,
}

/// An entity's text on its way.
struct Nested {
    name: String,
    text: String,
    at: usize,
    /// How many elements were open at its start.
    depth: usize,
    state: State,
}

struct Element {
    raw: String,
    name: String,
    /// How many namespace bindings it made.
    bindings: usize,
}

#[derive(Clone)]
struct Binding {
    prefix: Option<String>,
    uri: Option<String>,
}

/// See the module's documentation.
pub struct Parser {
    kind: Kind,
    encoding: Option<Encoding>,
    /// The encoding that the caller insists on.
    forced: Option<Encoding>,
    raw: Vec<u8>,
    bad_input: Option<Code>,
    text: String,
    at: usize,
    last: bool,
    state: State,
    declaration_allowed: bool,
    doctype_seen: bool,
    doctype: Option<(Option<String>, Option<String>)>,
    nested: Vec<Nested>,
    elements: Vec<Element>,
    bindings: Vec<Binding>,
    queue: VecDeque<Emission>,
    failed: Option<Code>,
    started: bool,
    finished: bool,
    direct: usize,
    grown: usize,
    pub dtd: Arc<Mutex<Dtd>>,
    /// Where the present event began.
    pub position: Position,
    /// Where the next one begins.
    next_position: Position,
    separator: Option<String>,
    pub namespace_prefixes: bool,
    pub base: Option<String>,
    /// Whether entities of the document are replaced by their text.
    pub expand: bool,
    /// 0: external parts of the document type are left out; 1: unless standalone; 2: always read.
    pub parameter_parsing: i64,
    pub foreign_dtd: bool,
    /// Whether a token that was not complete is looked at again only when much more has come.
    pub deferral: bool,
    /// How much of such a token there was, where that was all.
    stalled: usize,
    /// Whether a token was complete since the last input came.
    progressed: bool,
    /// The name of an encoding that the parser does not know and the caller should give a table for.
    pub wanted_encoding: Option<String>,
}

type Advance = Result<bool, Code>;

impl Parser {
    pub fn new(encoding: Option<Encoding>, separator: Option<String>) -> Parser {
        let dtd = Dtd { complete: true, ..Dtd::default() };
        Parser::of_kind(Kind::Document, encoding, separator, Arc::new(Mutex::new(dtd)))
    }

    fn of_kind(kind: Kind, forced: Option<Encoding>, separator: Option<String>, dtd: Arc<Mutex<Dtd>>) -> Parser {
        let state = match kind {
            Kind::Document => State::Prolog,
            Kind::Entity => State::Content,
            Kind::Subset => State::Subset,
        };
        let mut bindings = Vec::new();
        if separator.is_some() {
            let xml = "http://www.w3.org/XML/1998/namespace".to_string();
            bindings.push(Binding { prefix: Some("xml".to_string()), uri: Some(xml) });
        }
        let start = Position { line: 1, column: 0, byte: 0 };
        Parser {
            kind,
            encoding: None,
            forced,
            raw: Vec::new(),
            bad_input: None,
            text: String::new(),
            at: 0,
            last: false,
            state,
            declaration_allowed: true,
            doctype_seen: false,
            doctype: None,
            nested: Vec::new(),
            elements: Vec::new(),
            bindings,
            queue: VecDeque::new(),
            failed: None,
            started: false,
            finished: false,
            direct: 0,
            grown: 0,
            dtd,
            position: start,
            next_position: start,
            separator,
            namespace_prefixes: false,
            base: None,
            expand: true,
            parameter_parsing: 0,
            foreign_dtd: false,
            deferral: true,
            stalled: 0,
            progressed: false,
            wanted_encoding: None,
        }
    }

    /// A parser for an external part of this one's document.
    pub fn external(&self, context: Option<&str>, encoding: Option<Encoding>) -> Parser {
        let kind = if context.is_some() { Kind::Entity } else { Kind::Subset };
        let mut p = Parser::of_kind(kind, encoding, self.separator.clone(), Arc::clone(&self.dtd));
        p.bindings = self.bindings.clone();
        p.namespace_prefixes = self.namespace_prefixes;
        p.base = self.base.clone();
        p.expand = self.expand;
        p.parameter_parsing = self.parameter_parsing;
        p.deferral = self.deferral;
        p
    }

    pub fn has_started(&self) -> bool {
        self.started
    }

    /// The error that ended parsing; 0: none.
    pub fn error(&self) -> u8 {
        self.failed.map_or(0, |code| code.0)
    }

    /// Ends parsing: a handler failed.
    pub fn abort(&mut self, code: Code) {
        self.failed = Some(code);
        self.queue.clear();
    }

    /// The text insists on UTF-8, whatever it declares.
    pub fn force_utf8(&mut self) {
        if !self.started {
            self.forced = Some(Encoding::Utf8);
        }
    }

    /// Takes a table for the encoding that was wanted.
    pub fn give_encoding(&mut self, table: Option<Box<[Option<char>; 256]>>) -> Result<(), Code> {
        self.wanted_encoding = None;
        match table {
            Some(table) => {
                self.encoding = Some(Encoding::Table(table));
                self.decode();
                Ok(())
            }
            None => Err(self.fail(errors::UNKNOWN_ENCODING)),
        }
    }

    /// The input around the present place, and the place in it.
    pub fn context(&self) -> (&[u8], usize) {
        (self.text.as_bytes(), self.at)
    }

    fn fail(&mut self, code: Code) -> Code {
        self.failed = Some(code);
        code
    }

    /// Takes more of the document. Raises FINISHED after its end.
    pub fn feed(&mut self, data: &[u8], last: bool) -> Result<(), Code> {
        if let Some(code) = self.failed {
            return Err(code);
        }
        if self.finished {
            return Err(errors::FINISHED);
        }
        self.started = true;
        self.progressed = false;
        self.direct += data.len();
        self.raw.extend_from_slice(data);
        self.last |= last;
        if self.at > 1 << 16 {
            self.text.drain(..self.at);
            self.at = 0;
        }
        if self.encoding.is_none() && self.wanted_encoding.is_none() {
            self.detect()?;
        } else if self.encoding.is_some() {
            self.decode();
        }
        Ok(())
    }

    /// Finds out the encoding, as soon as the beginning is there.
    fn detect(&mut self) -> Result<(), Code> {
        let raw = &self.raw[..];
        if raw.len() < 4 && !self.last {
            return Ok(());
        }
        let (mark, by_mark) = match raw {
            [0xef, 0xbb, 0xbf, ..] => (3, Some(Encoding::Utf8)),
            [0xfe, 0xff, ..] => (2, Some(Encoding::Utf16 { big: true })),
            [0xff, 0xfe, ..] => (2, Some(Encoding::Utf16 { big: false })),
            [0, b'<', ..] => (0, Some(Encoding::Utf16 { big: true })),
            [b'<', 0, ..] => (0, Some(Encoding::Utf16 { big: false })),
            _ => (0, None),
        };
        let wide = matches!(by_mark, Some(Encoding::Utf16 { .. }));
        let encoding = if wide {
            by_mark
        } else if let Some(forced) = self.forced.clone() {
            Some(forced)
        } else {
            // What the declaration says.
            let text = &raw[mark..];
            if text.starts_with(b"<?xml") || (b"<?xml".starts_with(text) && !self.last) {
                let Some(end) = memchr::memmem::find(text, b"?>") else {
                    if self.last || text.len() > 4096 {
                        self.encoding = Some(Encoding::Utf8);
                        self.decode();
                    }
                    return Ok(());
                };
                let declaration = String::from_utf8_lossy(&text[..end]).into_owned();
                match declared_encoding(&declaration) {
                    None => Some(Encoding::Utf8),
                    Some(name) => match decode::by_name(&name) {
                        Some(Encoding::Utf16 { .. }) => {
                            self.position = Position { line: 1, column: 30, byte: 30 };
                            return Err(self.fail(errors::INCORRECT_ENCODING));
                        }
                        Some(encoding) => Some(encoding),
                        None => {
                            self.raw.drain(..mark);
                            self.wanted_encoding = Some(name);
                            return Ok(());
                        }
                    },
                }
            } else {
                Some(Encoding::Utf8)
            }
        };
        self.raw.drain(..mark);
        self.next_position.byte += mark as u64;
        self.encoding = encoding;
        self.decode();
        Ok(())
    }

    fn decode(&mut self) {
        if let Some(encoding) = &self.encoding
            && self.bad_input.is_none()
        {
            let (used, bad) = encoding.decode(&self.raw, &mut self.text);
            self.raw.drain(..used);
            self.bad_input = bad;
        }
    }

    /// The next event; None: more input is needed, or the document has ended.
    pub fn next(&mut self) -> Result<Option<Emission>, Code> {
        if let Some(code) = self.failed {
            return Err(code);
        }
        loop {
            if let Some(emission) = self.queue.pop_front() {
                self.position = emission.position;
                return Ok(Some(emission));
            }
            if self.finished || self.wanted_encoding.is_some() || (self.encoding.is_none() && !self.last) {
                return Ok(None);
            }
            let left = self.text.len() - self.at;
            if self.deferral && !self.last && left < 2 * self.stalled {
                return Ok(None);
            }
            self.stalled = 0;
            match self.advance() {
                Ok(true) => self.progressed = true,
                Ok(false) if self.queue.is_empty() => {
                    self.stalled = if self.progressed { 0 } else { self.text.len() - self.at };
                    return Ok(None);
                }
                Ok(false) => {}
                Err(code) => return Err(self.fail(code)),
            }
        }
    }

    fn emit(&mut self, event: Event, raw: &str) {
        self.queue.push_back(Emission { event, raw: raw.to_string(), position: self.position });
    }

    /// Takes the first `n` bytes of the present input, which are a token's.
    fn take(&mut self, n: usize) -> String {
        if let Some(nested) = self.nested.last_mut() {
            let piece = nested.text[nested.at..nested.at + n].to_string();
            nested.at += n;
            return piece;
        }
        self.position = self.next_position;
        let piece = self.text[self.at..self.at + n].to_string();
        self.at += n;
        let p = &mut self.next_position;
        let utf8 = !matches!(&self.encoding, Some(encoding) if !matches!(encoding, Encoding::Utf8));
        if utf8 {
            p.byte += n as u64;
        }
        let mut chars = piece.chars().peekable();
        while let Some(c) = chars.next() {
            if !utf8 && let Some(encoding) = &self.encoding {
                p.byte += encoding.width(c) as u64;
            }
            match c {
                '\r' if chars.peek() == Some(&'\n') => {}
                '\n' | '\r' => {
                    p.line += 1;
                    p.column = 0;
                }
                _ => p.column += 1,
            }
        }
        piece
    }

    /// An error at a place behind the start of the token at hand.
    fn error_at(&mut self, n: usize, code: Code) -> Code {
        if self.nested.is_empty() {
            let rest = &self.text[self.at..];
            let n = (n.min(rest.len())..rest.len()).find(|&n| rest.is_char_boundary(n)).unwrap_or(rest.len());
            drop(self.take(n));
            self.position = self.next_position;
        }
        code
    }

    /// The input that is left.
    fn rest(&self) -> &str {
        match self.nested.last() {
            Some(nested) => &nested.text[nested.at..],
            None => &self.text[self.at..],
        }
    }

    /// Whether no more will come to the present input.
    fn is_final(&self) -> bool {
        !self.nested.is_empty() || (self.last && self.bad_input.is_none() && self.raw.is_empty())
    }

    /// The token is not complete: waits, or fails.
    fn incomplete(&mut self, code: Code) -> Advance {
        if self.is_final() {
            self.position = if self.nested.is_empty() { self.next_position } else { self.position };
            return Err(code);
        }
        if let Some(bad) = self.bad_input {
            let n = self.rest().len();
            return Err(self.error_at(n, bad));
        }
        if self.last && !self.raw.is_empty() {
            self.position = self.next_position;
            return Err(errors::PARTIAL_CHAR);
        }
        Ok(false)
    }

    /// Processes one token.
    fn advance(&mut self) -> Advance {
        if self.rest().is_empty() {
            return self.at_end();
        }
        match self
            .nested
            .last()
            .map_or(self.state, |nested| if nested.state == State::Subset { State::Subset } else { self.state })
        {
            State::Prolog => self.prolog(),
            State::Subset => self.subset(),
            State::Content => self.content(),
            State::Cdata => self.cdata(),
            State::Epilog => self.epilog(),
        }
    }

    fn at_end(&mut self) -> Advance {
        if let Some(nested) = self.nested.last() {
            if nested.state != State::Subset && nested.depth != self.elements.len() {
                return Err(errors::ASYNC_ENTITY);
            }
            self.nested.pop();
            return Ok(true);
        }
        if let Some(bad) = self.bad_input {
            self.position = self.next_position;
            return Err(bad);
        }
        if !self.last {
            return Ok(false);
        }
        self.position = self.next_position;
        if !self.raw.is_empty() {
            return Err(errors::PARTIAL_CHAR);
        }
        match (self.kind, self.state) {
            (Kind::Document, State::Epilog) => {}
            (Kind::Entity, State::Content) if self.elements.is_empty() => {}
            (Kind::Entity, State::Content) => return Err(errors::ASYNC_ENTITY),
            (Kind::Subset, State::Subset) => {}
            (_, State::Cdata) => return Err(errors::UNCLOSED_CDATA_SECTION),
            _ => return Err(errors::NO_ELEMENTS),
        }
        self.finished = true;
        Ok(false)
    }
}

/// Text with every line end as "\n".
fn newlines(text: &str) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_string() }
}

/// The encoding that a declaration names.
fn declared_encoding(declaration: &str) -> Option<String> {
    let (_, rest) = declaration.split_once("encoding")?;
    let rest = rest.trim_start_matches([' ', '\t', '\n', '\r']).strip_prefix('=')?;
    let mut c = Cursor { rest: rest.trim_start_matches([' ', '\t', '\n', '\r']) };
    c.literal().ok().map(str::to_string)
}
