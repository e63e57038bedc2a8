//! The parser: bytes in, events out, one at a time, so that what a handler does takes effect on what follows.
//!
//! It knows nothing of Python. `feed` takes bytes; `next` answers the next event of what has been fed, and None when it
//! needs more. Entities' texts are inputs on a stack above the document.

use super::decode::{self, Encoding};
use super::dtd::{self, Dtd, Entity, Model};
use super::errors::{self, Code};
use super::scan::{self, Cursor, is_char, is_space, name_len, tag_end};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;

/// How much entities may add, unless the document is large itself.
pub const MOST_GROWTH: usize = 8 << 20;
/// And how many times the document's size.
const MOST_FACTOR: usize = 100;

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
                return Ok(Some(emission));
            }
            if self.finished || self.wanted_encoding.is_some() || (self.encoding.is_none() && !self.last) {
                return Ok(None);
            }
            match self.advance() {
                Ok(true) => {}
                Ok(false) if self.queue.is_empty() => return Ok(None),
                Ok(false) => {}
                Err(code) => return Err(self.fail(code)),
            }
        }
    }

    fn emit(&mut self, event: Event, raw: &str) {
        self.queue.push_back(Emission { event, raw: raw.to_string() });
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

    /// `<?xml ...?>` at the very start. None: there is none.
    fn declaration(&mut self) -> Option<Advance> {
        if !std::mem::take(&mut self.declaration_allowed) || !self.nested.is_empty() {
            return None;
        }
        let rest = self.rest();
        if rest.len() < 6 && "<?xml ".starts_with(rest) && !self.is_final() {
            self.declaration_allowed = true;
            return Some(Ok(false));
        }
        if !rest.starts_with("<?xml") || !rest.as_bytes().get(5).is_some_and(|&b| is_space(b)) {
            return None;
        }
        let Some(end) = rest.find("?>") else {
            self.declaration_allowed = true;
            return Some(self.incomplete(errors::UNCLOSED_TOKEN));
        };
        let token = self.take(end + 2);
        let wrong = if self.kind == Kind::Document { errors::XML_DECL } else { errors::TEXT_DECL };
        Some(match parse_declaration(&token, self.kind != Kind::Document) {
            Some((version, encoding, standalone)) => {
                if standalone == 1 {
                    self.dtd.lock().standalone = true;
                }
                self.emit(Event::XmlDecl { version, encoding, standalone }, &token);
                Ok(true)
            }
            None => Err(wrong),
        })
    }

    /// `<?...?>` and `<!--...-->`, which may stand anywhere. None: it is something else.
    fn miscellaneous(&mut self) -> Option<Advance> {
        let rest = self.rest();
        if rest.starts_with("<?") {
            let name = name_len(&rest[2..]);
            if name == 0 {
                if rest.len() > 2 {
                    return Some(Err(self.error_at(2, errors::INVALID_TOKEN)));
                }
                return Some(self.incomplete(errors::UNCLOSED_TOKEN));
            }
            let Some(end) = rest.find("?>") else { return Some(self.incomplete(errors::UNCLOSED_TOKEN)) };
            let target = rest[2..2 + name].to_string();
            let data = &rest[(2 + name).min(end)..end];
            if !data.is_empty() && !is_space(data.as_bytes()[0]) {
                return Some(Err(self.error_at(2 + name, errors::INVALID_TOKEN)));
            }
            if let Some(bad) = rest[..end].chars().position(|c| !is_char(c)) {
                return Some(Err(self.error_at(bad, errors::INVALID_TOKEN)));
            }
            if target.eq_ignore_ascii_case("xml") {
                let code = if target == "xml" { errors::MISPLACED_XML_PI } else { errors::INVALID_TOKEN };
                return Some(Err(self.error_at(0, code)));
            }
            let data = newlines(&data[scan::space_len(data)..]);
            let token = self.take(end + 2);
            self.emit(Event::Instruction { target, data }, &token);
            return Some(Ok(true));
        }
        if rest.starts_with("<!--") {
            let Some(dashes) = rest[4..].find("--") else { return Some(self.incomplete(errors::UNCLOSED_TOKEN)) };
            let end = 4 + dashes + 2;
            match rest.as_bytes().get(end) {
                None => return Some(self.incomplete(errors::UNCLOSED_TOKEN)),
                Some(b'>') => {}
                Some(_) => return Some(Err(self.error_at(end, errors::INVALID_TOKEN))),
            }
            if let Some((i, _)) = rest[..end].char_indices().find(|(_, c)| !is_char(*c)) {
                return Some(Err(self.error_at(i, errors::INVALID_TOKEN)));
            }
            let comment = newlines(&rest[4..end - 2]);
            let token = self.take(end + 1);
            self.emit(Event::Comment(comment), &token);
            return Some(Ok(true));
        }
        if rest.len() < 4 && ("<!--".starts_with(rest)) {
            return Some(self.incomplete(errors::UNCLOSED_TOKEN));
        }
        None
    }

    fn prolog(&mut self) -> Advance {
        if let Some(done) = self.declaration() {
            return done;
        }
        let spaces = scan::space_len(self.rest());
        if spaces > 0 {
            let token = self.take(spaces);
            self.emit(Event::Other, &token);
            return Ok(true);
        }
        if let Some(done) = self.miscellaneous() {
            return done;
        }
        let rest = self.rest();
        if rest.starts_with("<!") {
            if rest.len() < 9 && "<!DOCTYPE".starts_with(rest) {
                return self.incomplete(errors::UNCLOSED_TOKEN);
            }
            if !rest.starts_with("<!DOCTYPE") || self.doctype_seen {
                return Err(self.error_at(2, errors::SYNTAX));
            }
            return self.doctype();
        }
        if let Some(after) = rest.strip_prefix('<') {
            if name_len(after) == 0 {
                return Err(self.error_at(1, errors::INVALID_TOKEN));
            }
            if !self.doctype_seen && self.foreign_dtd && self.parameter_parsing > 0 {
                self.doctype_seen = true;
                self.emit(Event::External { context: None, base: self.base.clone(), system: None, public: None }, "");
            }
            self.state = State::Content;
            return Ok(true);
        }
        let code = if rest.chars().next().is_some_and(|c| is_char(c) && c != '&') {
            errors::SYNTAX
        } else {
            errors::INVALID_TOKEN
        };
        Err(self.error_at(0, code))
    }

    /// `<!DOCTYPE` up to its `[` or `>`.
    fn doctype(&mut self) -> Advance {
        let rest = self.rest();
        let mut quote = None;
        let end = rest.char_indices().find(|&(_, c)| match quote {
            Some(q) => {
                if c == q {
                    quote = None;
                }
                false
            }
            None => {
                if c == '"' || c == '\'' {
                    quote = Some(c);
                }
                c == '[' || c == '>'
            }
        });
        let Some((end, mark)) = end else { return self.incomplete(errors::UNCLOSED_TOKEN) };
        let token = self.take(end + 1);
        let mut c = Cursor { rest: &token["<!DOCTYPE".len()..end] };
        if !c.space() {
            return Err(errors::INVALID_TOKEN);
        }
        let name = c.name()?.to_string();
        let spaced = c.space();
        let (mut system, mut public) = (None, None);
        if let Some((s, p)) = dtd::external_id(&mut c, false)? {
            if !spaced {
                return Err(errors::INVALID_TOKEN);
            }
            (system, public) = (s, p);
        }
        c.space();
        if !c.rest.is_empty() {
            return Err(errors::SYNTAX);
        }
        let internal = mark == '[';
        self.doctype_seen = true;
        let start = Event::StartDoctype { name, system: system.clone(), public: public.clone(), internal };
        self.emit(start, &token);
        self.doctype = Some((system, public));
        if internal {
            self.state = State::Subset;
        } else {
            self.end_doctype("");
        }
        Ok(true)
    }

    fn end_doctype(&mut self, raw: &str) {
        let (mut system, mut public) = self.doctype.take().unwrap_or_default();
        if self.foreign_dtd && system.is_none() && public.is_none() {
            (system, public) = (None, None);
        }
        let external = system.is_some() || self.foreign_dtd;
        if external {
            let standalone = {
                let mut dtd = self.dtd.lock();
                dtd.has_parameter_refs = true;
                dtd.standalone
            };
            if self.parameter_parsing == 2 || (self.parameter_parsing == 1 && !standalone) {
                let base = self.base.clone();
                self.emit(Event::External { context: None, base, system, public }, "");
            } else {
                self.dtd.lock().complete = false;
            }
            if !standalone {
                self.emit(Event::NotStandalone, "");
            }
        }
        self.emit(Event::EndDoctype, raw);
        self.state = State::Prolog;
    }

    /// The document type's declarations.
    fn subset(&mut self) -> Advance {
        let external = self.kind == Kind::Subset || !self.nested.is_empty();
        if self.kind == Kind::Subset
            && let Some(done) = self.declaration()
        {
            return done;
        }
        let spaces = scan::space_len(self.rest());
        if spaces > 0 {
            let token = self.take(spaces);
            self.emit(Event::Other, &token);
            return Ok(true);
        }
        if let Some(done) = self.miscellaneous() {
            return done;
        }
        let rest = self.rest();
        if rest.starts_with(']') && !external {
            let gap = scan::space_len(&rest[1..]);
            match rest.as_bytes().get(1 + gap) {
                None => return self.incomplete(errors::UNCLOSED_TOKEN),
                Some(b'>') => {}
                Some(_) => return Err(self.error_at(1 + gap, errors::SYNTAX)),
            }
            let token = self.take(2 + gap);
            self.end_doctype(&token);
            return Ok(true);
        }
        if rest.starts_with("]]>") && external {
            let token = self.take(3);
            self.emit(Event::Other, &token);
            return Ok(true);
        }
        if rest.starts_with('%') {
            let name = name_len(&rest[1..]);
            match rest.as_bytes().get(1 + name) {
                None => return self.incomplete(errors::UNCLOSED_TOKEN),
                Some(b';') if name > 0 => {}
                Some(_) => return Err(self.error_at(1 + name, errors::INVALID_TOKEN)),
            }
            let name = rest[1..1 + name].to_string();
            let token = self.take(name.len() + 2);
            return self.parameter_reference(&name, &token);
        }
        if rest.starts_with("<![") {
            return if external { self.conditional() } else { Err(self.error_at(2, errors::SYNTAX)) };
        }
        if !rest.starts_with('<') {
            return Err(self.error_at(0, errors::SYNTAX));
        }
        let Some(end) = tag_end(rest) else { return self.incomplete(errors::UNCLOSED_TOKEN) };
        let token = self.take(end);
        let declaration = if external && token.contains('%') {
            // A parameter entity's own mark is not a reference.
            let head = if token.starts_with("<!ENTITY") { token.find('%').map_or(0, |i| i + 1) } else { 0 };
            let replaced = self.dtd.lock().replace_parameters(&token[head..])?;
            format!("{}{replaced}", &token[..head])
        } else {
            token.clone()
        };
        let base = self.base.clone();
        let events = {
            let mut dtd = self.dtd.lock();
            if declaration.starts_with("<!ENTITY") {
                dtd.entity(&declaration, base.as_deref(), external)?
            } else if declaration.starts_with("<!ATTLIST") {
                dtd.attlist(&declaration)?
            } else if declaration.starts_with("<!ELEMENT") {
                dtd.element(&declaration)?
            } else if declaration.starts_with("<!NOTATION") {
                dtd.notation(&declaration)?
            } else {
                return Err(errors::SYNTAX);
            }
        };
        if events.is_empty() {
            self.emit(Event::Other, &token);
        }
        let mut raw = &token[..];
        for event in events {
            self.emit(event, raw);
            raw = "";
        }
        Ok(true)
    }

    fn parameter_reference(&mut self, name: &str, token: &str) -> Advance {
        let (entity, standalone) = {
            let mut dtd = self.dtd.lock();
            dtd.has_parameter_refs = true;
            (dtd.parameter.get(name).cloned(), dtd.standalone)
        };
        match entity {
            Some(Entity { value: Some(text), .. }) => {
                if self.nested.iter().any(|nested| nested.name == name) {
                    return Err(errors::RECURSIVE_ENTITY_REF);
                }
                self.grow(text.len())?;
                self.emit(Event::Other, token);
                let depth = self.elements.len();
                self.nested.push(Nested { name: name.to_string(), text, at: 0, depth, state: State::Subset });
            }
            Some(entity) if self.parameter_parsing == 2 || (self.parameter_parsing == 1 && !standalone) => {
                let Entity { base, system, public, .. } = entity;
                self.emit(Event::External { context: None, base, system, public }, "");
            }
            _ => {
                self.dtd.lock().complete = false;
                self.emit(Event::Skipped { name: name.to_string(), parameter: true }, token);
                if !standalone {
                    self.emit(Event::NotStandalone, "");
                }
            }
        }
        Ok(true)
    }

    /// `<![INCLUDE[` and `<![IGNORE[`.
    fn conditional(&mut self) -> Advance {
        let rest = self.rest();
        let Some(open) = rest[3..].find('[') else { return self.incomplete(errors::UNCLOSED_TOKEN) };
        let word = self.dtd.lock().replace_parameters(&rest[3..3 + open])?;
        let open = 3 + open + 1;
        match word.trim_matches([' ', '\t', '\n', '\r']) {
            "INCLUDE" => {
                let token = self.take(open);
                self.emit(Event::Other, &token);
                Ok(true)
            }
            "IGNORE" => {
                let rest = self.rest();
                let (mut depth, mut at) = (1, open);
                while depth > 0 {
                    let Some(n) = rest[at..].find(['<', ']']) else { return self.incomplete(errors::UNCLOSED_TOKEN) };
                    at += n;
                    if rest[at..].starts_with("<![") {
                        (depth, at) = (depth + 1, at + 3);
                    } else if rest[at..].starts_with("]]>") {
                        (depth, at) = (depth - 1, at + 3);
                    } else {
                        at += 1;
                    }
                }
                let token = self.take(at);
                self.emit(Event::Other, &token);
                Ok(true)
            }
            _ => Err(self.error_at(3, errors::SYNTAX)),
        }
    }

    fn epilog(&mut self) -> Advance {
        let spaces = scan::space_len(self.rest());
        if spaces > 0 {
            let token = self.take(spaces);
            self.emit(Event::Other, &token);
            return Ok(true);
        }
        if let Some(done) = self.miscellaneous() {
            return done;
        }
        Err(self.error_at(0, errors::JUNK_AFTER_DOC_ELEMENT))
    }

    fn cdata(&mut self) -> Advance {
        let rest = self.rest();
        if rest.starts_with("]]>") {
            let token = self.take(3);
            self.state = State::Content;
            self.emit(Event::EndCdata, &token);
            return Ok(true);
        }
        self.text_run(true, errors::UNCLOSED_CDATA_SECTION)
    }

    /// Text as far as there is input, a line at a time, as expat reports it.
    fn text_run(&mut self, cdata: bool, code: Code) -> Advance {
        let rest = self.rest();
        let stops = |b: u8| b == b'\n' || b == b'\r' || (!cdata && (b == b'<' || b == b'&'));
        let mut stop = rest.bytes().position(stops).unwrap_or(rest.len());
        if cdata && let Some(close) = rest[..stop].find("]]>") {
            stop = close;
        }
        let mut text = if stop == 0 { rest } else { &rest[..stop] };
        if !self.is_final() {
            // What may go on as "]]>" or "\r\n" waits.
            if stop == rest.len() {
                text = text.trim_end_matches(']');
            } else if rest == "\r" {
                text = "";
            }
        }
        if text.is_empty() {
            return self.incomplete(code);
        }
        if text.starts_with(['\n', '\r']) {
            let n = if text.starts_with("\r\n") { 2 } else { 1 };
            let token = self.take(n);
            self.emit(Event::Text("\n".to_string()), &token);
            return Ok(true);
        }
        let bad = |b: u8| b < 0x20 && b != b'\t';
        let mut n = text.bytes().position(bad).unwrap_or(text.len());
        if let Some(odd) = memchr::memchr(0xef, &text.as_bytes()[..n])
            && let Some((i, _)) = text[..n].char_indices().find(|(i, c)| *i >= odd && !is_char(*c))
        {
            n = i;
        }
        if !cdata && let Some(close) = text[..n].find("]]>") {
            return Err(self.error_at(close + 2, errors::INVALID_TOKEN));
        }
        if n == 0 {
            return Err(self.error_at(0, errors::INVALID_TOKEN));
        }
        let token = self.take(n);
        self.emit(Event::Text(token.clone()), &token);
        Ok(true)
    }

    fn content(&mut self) -> Advance {
        if self.kind == Kind::Entity
            && let Some(done) = self.declaration()
        {
            return done;
        }
        let rest = self.rest();
        match rest.as_bytes()[0] {
            b'<' => {
                if let Some(done) = self.miscellaneous() {
                    return done;
                }
                let rest = self.rest();
                if rest.starts_with("</") {
                    return self.end_tag();
                }
                if rest.starts_with("<!") {
                    const OPEN: &str = "<![CDATA[";
                    if rest.starts_with(OPEN) {
                        let token = self.take(OPEN.len());
                        self.emit(Event::StartCdata, &token);
                        self.state = State::Cdata;
                        return Ok(true);
                    }
                    if OPEN.starts_with(rest) {
                        return self.incomplete(errors::UNCLOSED_TOKEN);
                    }
                    return Err(self.error_at(2, errors::INVALID_TOKEN));
                }
                self.start_tag()
            }
            b'&' => self.reference(),
            _ => self.text_run(false, errors::NO_ELEMENTS),
        }
    }

    fn reference(&mut self) -> Advance {
        let rest = self.rest();
        let body_len = if rest[1..].starts_with('#') {
            1 + rest[2..].bytes().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(rest.len() - 2)
        } else {
            name_len(&rest[1..])
        };
        match rest.as_bytes().get(1 + body_len) {
            None => return self.incomplete(errors::UNCLOSED_TOKEN),
            Some(b';') if body_len > 0 => {}
            Some(_) => return Err(self.error_at(1 + body_len, errors::INVALID_TOKEN)),
        }
        let name = rest[1..1 + body_len].to_string();
        let simple = match name.strip_prefix('#') {
            Some(_) => match scan::char_ref(&name) {
                Ok(c) => Some(c),
                Err(code) => return Err(self.error_at(0, code)),
            },
            None => scan::predefined(&name),
        };
        let token = self.take(body_len + 2);
        if let Some(c) = simple {
            self.emit(Event::Text(c.to_string()), &token);
            return Ok(true);
        }
        let (entity, strict) = {
            let dtd = self.dtd.lock();
            (dtd.general.get(&name).cloned(), !dtd.has_parameter_refs || dtd.standalone)
        };
        let Some(entity) = entity else {
            if strict {
                return Err(errors::UNDEFINED_ENTITY);
            }
            self.emit(Event::Skipped { name, parameter: false }, &token);
            return Ok(true);
        };
        if entity.notation.is_some() {
            return Err(errors::BINARY_ENTITY_REF);
        }
        match entity.value {
            Some(text) => {
                if self.nested.iter().any(|nested| nested.name == name) {
                    return Err(errors::RECURSIVE_ENTITY_REF);
                }
                if !self.expand {
                    self.emit(Event::Skipped { name, parameter: false }, &token);
                    return Ok(true);
                }
                self.grow(text.len())?;
                let depth = self.elements.len();
                self.nested.push(Nested { name, text, at: 0, depth, state: State::Content });
            }
            None => {
                let Entity { base, system, public, .. } = entity;
                let mut context = String::new();
                for binding in &self.bindings {
                    if let (Some(prefix), Some(uri)) = (&binding.prefix, &binding.uri) {
                        context.push_str(&format!("{prefix}={uri}\u{c}"));
                    }
                }
                context.push_str(&name);
                self.emit(Event::External { context: Some(context), base, system, public }, &token);
            }
        }
        Ok(true)
    }

    /// Counts what entities add; fails for a document that is little more than them.
    fn grow(&mut self, n: usize) -> Result<(), Code> {
        self.grown += n;
        if self.nested.len() > 2000 {
            return Err(errors::NO_MEMORY);
        }
        if self.grown > MOST_GROWTH && self.grown / self.direct.max(1) >= MOST_FACTOR {
            return Err(errors::AMPLIFICATION_LIMIT_BREACH);
        }
        Ok(())
    }

    fn end_tag(&mut self) -> Advance {
        let rest = self.rest();
        let name = name_len(&rest[2..]);
        let gap = scan::space_len(&rest[2 + name..]);
        match rest.as_bytes().get(2 + name + gap) {
            None => return self.incomplete(errors::UNCLOSED_TOKEN),
            Some(b'>') if name > 0 => {}
            Some(_) => return Err(self.error_at(2 + name + gap, errors::INVALID_TOKEN)),
        }
        let token = self.take(3 + name + gap);
        let low = self.nested.last().map_or(0, |nested| nested.depth);
        if self.elements.len() <= low {
            return Err(errors::ASYNC_ENTITY);
        }
        let matches = self.elements.last().is_some_and(|element| element.raw == token[2..2 + name]);
        if !matches {
            // The place of the name.
            self.position.column += 2;
            self.position.byte += 2;
            return Err(errors::TAG_MISMATCH);
        }
        self.close(&token);
        Ok(true)
    }

    fn close(&mut self, token: &str) {
        let Some(element) = self.elements.pop() else { return };
        self.emit(Event::End { name: element.name }, token);
        for _ in 0..element.bindings {
            if let Some(binding) = self.bindings.pop() {
                self.emit(Event::EndNamespace { prefix: binding.prefix }, "");
            }
        }
        if self.elements.is_empty() && self.kind == Kind::Document {
            self.state = State::Epilog;
        }
    }

    fn start_tag(&mut self) -> Advance {
        let rest = self.rest();
        let name = name_len(&rest[1..]);
        if name == 0 {
            if rest.len() == 1 {
                return self.incomplete(errors::UNCLOSED_TOKEN);
            }
            return Err(self.error_at(1, errors::INVALID_TOKEN));
        }
        // What is wrong is seen before the end of the tag is there.
        let (end, attributes, empty) = match tag_parts(rest, 1 + name) {
            Ok(Some(parts)) => parts,
            Ok(None) => return self.incomplete(errors::UNCLOSED_TOKEN),
            Err((at, code)) => return Err(self.error_at(at, code)),
        };
        let raw = rest[1..1 + name].to_string();
        let token = self.take(end);
        let dtd = Arc::clone(&self.dtd);
        let dtd = dtd.lock();
        let declared = dtd.attributes.get(&raw).map_or(&[][..], Vec::as_slice);
        let mut values: Vec<(String, String)> = Vec::with_capacity(attributes.len());
        let mut open: Vec<String> = self.nested.iter().map(|nested| nested.name.clone()).collect();
        for (attribute, literal) in attributes {
            if values.iter().any(|(known, _)| *known == attribute) {
                return Err(errors::DUPLICATE_ATTRIBUTE);
            }
            let cdata = declared.iter().find(|a| a.name == attribute).is_none_or(|a| a.cdata);
            let value = dtd.attribute_value(&literal, cdata, &mut open, &mut self.grown)?;
            values.push((attribute, value));
        }
        let mut specified = values.len();
        for attribute in declared {
            if let Some(default) = &attribute.default
                && !values.iter().any(|(known, _)| *known == attribute.name)
            {
                values.push((attribute.name.clone(), default.clone()));
            }
        }
        drop(dtd);
        let mut bindings = 0;
        let mut shown = raw.clone();
        if self.separator.is_some() {
            bindings = self.bind(&mut values, &mut specified)?;
            shown = self.expanded(&raw, true)?;
            let mut known = std::collections::HashSet::new();
            for (attribute, _) in &mut values {
                *attribute = self.expanded(attribute, false)?;
                if !known.insert(attribute.clone()) {
                    return Err(errors::DUPLICATE_ATTRIBUTE);
                }
            }
        }
        self.emit(Event::Start { name: shown.clone(), attributes: values, specified: specified * 2 }, &token);
        self.elements.push(Element { raw, name: shown, bindings });
        if empty {
            self.close("");
        }
        Ok(true)
    }

    /// Takes the namespace declarations out of a tag's attributes; answers how many there were.
    fn bind(&mut self, values: &mut Vec<(String, String)>, specified: &mut usize) -> Result<usize, Code> {
        const XML: &str = "http://www.w3.org/XML/1998/namespace";
        const XMLNS: &str = "http://www.w3.org/2000/xmlns/";
        let mut n = 0;
        let mut kept = Vec::with_capacity(values.len());
        for (i, (name, value)) in std::mem::take(values).into_iter().enumerate() {
            let prefix = match name.strip_prefix("xmlns") {
                Some("") => None,
                Some(rest) if rest.starts_with(':') => Some(rest[1..].to_string()),
                _ => {
                    kept.push((i, (name, value)));
                    continue;
                }
            };
            match prefix.as_deref() {
                Some("xml") if value != XML => return Err(errors::RESERVED_PREFIX_XML),
                Some("xmlns") => return Err(errors::RESERVED_PREFIX_XMLNS),
                Some("xml") => {}
                _ if value == XML || value == XMLNS => return Err(errors::RESERVED_NAMESPACE_URI),
                Some(_) if value.is_empty() => return Err(errors::UNDECLARING_PREFIX),
                _ => {}
            }
            let uri = Some(value).filter(|uri| !uri.is_empty());
            if let (Some(uri), Some(separator)) = (&uri, &self.separator)
                && !separator.is_empty()
                && uri.contains(separator.as_str())
                && !separator.chars().all(|c| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c))
            {
                return Err(errors::SYNTAX);
            }
            self.emit(Event::StartNamespace { prefix: prefix.clone(), uri: uri.clone() }, "");
            self.bindings.push(Binding { prefix, uri });
            n += 1;
        }
        *specified = kept.iter().filter(|(i, _)| i < specified).count();
        *values = kept.into_iter().map(|(_, pair)| pair).collect();
        Ok(n)
    }

    /// A name with its namespace in place of its prefix.
    fn expanded(&self, name: &str, element: bool) -> Result<String, Code> {
        let (prefix, local) = match name.split_once(':') {
            Some((prefix, local)) => (Some(prefix), local),
            None if element => (None, name),
            None => return Ok(name.to_string()),
        };
        let found = self.bindings.iter().rev().find(|b| b.prefix.as_deref() == prefix);
        let separator = self.separator.as_deref().unwrap_or("");
        match (found.and_then(|b| b.uri.as_deref()), prefix) {
            (Some(uri), Some(prefix)) if self.namespace_prefixes => {
                Ok(format!("{uri}{separator}{local}{separator}{prefix}"))
            }
            (Some(uri), _) => Ok(format!("{uri}{separator}{local}")),
            (None, Some(_)) => Err(errors::UNBOUND_PREFIX),
            (None, None) => Ok(name.to_string()),
        }
    }
}

type TagParts = (usize, Vec<(String, String)>, bool);

/// The attributes (literal values) of a start tag, its length, and whether the element is empty. None: it is not complete.
fn tag_parts(text: &str, mut at: usize) -> Result<Option<TagParts>, (usize, Code)> {
    let bytes = text.as_bytes();
    let mut attributes = Vec::new();
    loop {
        let gap = scan::space_len(&text[at..]);
        at += gap;
        match bytes.get(at) {
            None => return Ok(None),
            Some(b'>') => return Ok(Some((at + 1, attributes, false))),
            Some(b'/') => match bytes.get(at + 1) {
                None => return Ok(None),
                Some(b'>') => return Ok(Some((at + 2, attributes, true))),
                Some(_) => return Err((at + 1, errors::INVALID_TOKEN)),
            },
            Some(_) if gap == 0 => return Err((at, errors::INVALID_TOKEN)),
            Some(_) => {}
        }
        let name = name_len(&text[at..]);
        if name == 0 {
            return Err((at, errors::INVALID_TOKEN));
        }
        let attribute = text[at..at + name].to_string();
        at += name;
        at += scan::space_len(&text[at..]);
        match bytes.get(at) {
            None => return Ok(None),
            Some(b'=') => at += 1,
            Some(_) => return Err((at, errors::INVALID_TOKEN)),
        }
        at += scan::space_len(&text[at..]);
        let quote = match bytes.get(at) {
            None => return Ok(None),
            Some(q @ (b'"' | b'\'')) => *q,
            Some(_) => return Err((at, errors::INVALID_TOKEN)),
        };
        at += 1;
        let end = memchr::memchr(quote, &bytes[at..]);
        let literal = &text[at..end.map_or(text.len(), |n| at + n)];
        if let Some((i, _)) = literal.char_indices().find(|&(_, c)| c == '<' || !is_char(c)) {
            return Err((at + i, errors::INVALID_TOKEN));
        }
        let Some(n) = end else { return Ok(None) };
        attributes.push((attribute, literal.to_string()));
        at += n + 1;
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

type Declaration = (Option<String>, Option<String>, i64);

/// `<?xml version=... encoding=... standalone=...?>`
fn parse_declaration(token: &str, text_declaration: bool) -> Option<Declaration> {
    let mut c = Cursor { rest: &token[5..token.len() - 2] };
    let (mut version, mut encoding, mut standalone) = (None, None, -1);
    let mut value = |c: &mut Cursor<'_>, name: &str| -> Option<Option<String>> {
        let before = c.rest;
        if !c.space() || !c.eat(name) {
            c.rest = before;
            return Some(None);
        }
        c.space();
        if !c.eat("=") {
            return None;
        }
        c.space();
        c.literal().ok().map(|literal| Some(literal.to_string()))
    };
    if let Some(v) = value(&mut c, "version")? {
        if !v.starts_with("1.") && v != "1.0" {
            return None;
        }
        version = Some(v);
    } else if !text_declaration {
        return None;
    }
    if let Some(v) = value(&mut c, "encoding")? {
        let ok = v.starts_with(|c: char| c.is_ascii_alphabetic())
            && v.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        if !ok {
            return None;
        }
        encoding = Some(v);
    } else if text_declaration {
        return None;
    }
    if !text_declaration && let Some(v) = value(&mut c, "standalone")? {
        standalone = match v.as_str() {
            "yes" => 1,
            "no" => 0,
            _ => return None,
        };
    }
    c.space();
    c.rest.is_empty().then_some((version, encoding, standalone))
}
