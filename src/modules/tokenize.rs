//! `_tokenize`: the tokens of Python source text, line by line as a function hands the lines out.
//!
//! The lines are read in batches that grow: what was read is scanned anew with each batch, and the tokens up to the last
//! end of a statement are handed out. So a reader who stops early (`inspect.getblock`) has not read the whole file, and one
//! who goes on has scanned it twice at most.

use crate::compiler::tokens::{self, Kind, Token};
use crate::compiler::{ErrorKind, SyntaxError};
use crate::modules::builtins::execute;
use crate::modules::support::{Guarded, Parameters, iter_self};
use crate::object::args::Args;
use crate::object::core_types::exc;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::ModuleSpec;
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, protocol, str, tuple};
use crate::this;

/// How many lines the first batch has.
const FIRST_BATCH: usize = 64;

/// `_tokenize.TokenizerIter`.
pub static TOKENIZER_ITER: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    signature: "(readline, /, *, encoding=None, extra_tokens=False)",
    slots: SlotTable { new: Some(new), iter: Some(iter_self), next: Some(next), ..SlotTable::EMPTY },
    ..TypeSpec::new("_tokenize", "TokenizerIter", layout_of::<Iter>(true))
};

/// The module.
pub static MODULE: ModuleSpec =
    ModuleSpec { types: &[&TOKENIZER_ITER], ..ModuleSpec::new("_tokenize", "The tokens of Python source text.") };

/// The payload. Whoever iterates takes the state out, works, and puts it back.
pub struct Iter {
    readline: Stored,
    encoding: Option<String>,
    extra: bool,
    state: Guarded<Option<Box<State>>>,
}

// SAFETY: `TOKENIZER_ITER`'s layout is `Iter`.
unsafe impl Payload for Iter {
    fn layout_type() -> &'static Type {
        &TOKENIZER_ITER
    }

    fn trace(&self, visit: Visit) {
        visit(&self.readline);
    }
}

/// How far an iterator is.
struct State {
    /// The lines read, with ends of `\n`.
    text: String,
    /// Offsets at which lines start, and whether each ended with `\r\n`.
    starts: Vec<(u32, bool)>,
    /// The source has ended; the last line had no end.
    ended: bool,
    implied: bool,
    batch: usize,
    tokens: Vec<Token>,
    /// The next token, and how many may be handed out before more is read.
    at: usize,
    safe: usize,
    error: Option<SyntaxError>,
    done: bool,
}

static PARAMETERS: Parameters = Parameters::new("(readline, /, *, encoding=None, extra_tokens=False)");

fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    if !args.has_keywords() || args.keyword("extra_tokens").is_none() {
        return Err(raise::type_error(t, "TokenizerIter() missing required argument 'extra_tokens' (pos 2)"));
    }
    let b = PARAMETERS.bind(t, &TOKENIZER_ITER, class, args)?;
    let encoding = match b.non_none(1) {
        Some(name) if str::view(name).is_some() => Some(str::lossy(name).into_owned()),
        Some(other) => {
            let given = other.class().display_name();
            return Err(raise::type_error(
                t,
                format!("TokenizerIter() argument 'encoding' must be str or None, not {given}"),
            ));
        }
        None => None,
    };
    let extra = match b.opt(2) {
        Some(v) => protocol::is_true(t, v)?,
        None => false,
    };
    let state = State {
        text: String::new(),
        starts: Vec::new(),
        ended: false,
        implied: false,
        batch: FIRST_BATCH,
        tokens: Vec::new(),
        at: 0,
        safe: 0,
        error: None,
        done: false,
    };
    let readline = Stored::new(b.req(0).clone());
    Ok(alloc::new(class, Iter { readline, encoding, extra, state: Guarded::new(Some(Box::new(state))) }))
}

fn next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let this = this!(v, Iter);
    let Some(mut state) = this.state.with(t, v, Option::take) else {
        return Err(raise::value_error(t, "tokenizer already executing"));
    };
    let answer = state.next(t, this);
    this.state.with(t, v, |slot| *slot = Some(state));
    answer
}

impl State {
    fn next(&mut self, t: &Thread, iter: &Iter) -> PyResult<Option<Value>> {
        if self.done {
            return Ok(None);
        }
        while self.at >= self.safe && !self.ended {
            self.fill(t, iter)?;
        }
        let Some(&token) = self.tokens.get(self.at) else {
            self.done = true;
            return match self.error.take() {
                Some(error) => Err(self.raise(t, error)),
                None => Ok(None),
            };
        };
        self.at += 1;
        self.done = token.kind == Kind::End;
        Ok(Some(self.item(token, iter.extra)))
    }

    /// Reads another batch of lines and scans all that was read.
    fn fill(&mut self, t: &Thread, iter: &Iter) -> PyResult<()> {
        for _ in 0..self.batch {
            let Some(line) = read_line(t, iter)? else {
                self.ended = true;
                break;
            };
            if line.is_empty() {
                self.ended = true;
                break;
            }
            // A "line" may be several, or a part of one.
            for piece in line.split_inclusive('\n') {
                let (piece, carriage) = match piece.strip_suffix("\r\n") {
                    Some(body) => (format!("{body}\n"), true),
                    None => (piece.to_owned(), false),
                };
                if self.text.is_empty() || self.text.ends_with('\n') {
                    self.starts.push((self.text.len() as u32, carriage));
                }
                self.text.push_str(&piece);
            }
        }
        self.batch = self.batch.saturating_mul(2);
        if self.ended && !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
            self.implied = true;
        }
        let (tokens, error) = t.detached(|| tokens::list(&self.text, iter.extra));
        self.tokens = tokens;
        if self.ended {
            self.safe = self.tokens.len();
            self.error = error;
        } else {
            // What follows the last end of a statement may be read otherwise once more is known.
            let last = self.tokens.iter().rposition(|t| t.kind == Kind::Newline);
            self.safe = last.map_or(0, |i| i + 1);
        }
        Ok(())
    }

    /// The line (from 0) of an offset.
    fn line(&self, offset: u32) -> usize {
        self.starts.partition_point(|(start, _)| *start <= offset).saturating_sub(1)
    }

    /// Line from 1 and column in characters.
    fn place(&self, offset: u32) -> (i64, i64) {
        let line = self.line(offset);
        let start = self.starts.get(line).map_or(0, |s| s.0 as usize);
        (line as i64 + 1, self.text[start..offset as usize].chars().count() as i64)
    }

    /// The text of lines as they were read.
    fn lines(&self, first: usize, last: usize) -> String {
        let mut out = String::new();
        for line in first..=last {
            let Some(&(start, carriage)) = self.starts.get(line) else { continue };
            let end = self.starts.get(line + 1).map_or(self.text.len(), |s| s.0 as usize);
            let mut text = &self.text[start as usize..end];
            if self.implied && line + 1 == self.starts.len() {
                text = text.strip_suffix('\n').unwrap_or(text);
            }
            if carriage {
                out.push_str(text.strip_suffix('\n').unwrap_or(text));
                out.push_str("\r\n");
            } else {
                out.push_str(text);
            }
        }
        out
    }

    /// (type, text, (line, column), (line, column), line's text).
    fn item(&self, token: Token, extra: bool) -> Value {
        let mut text = self.text[token.start as usize..token.end as usize].to_owned();
        let (mut start, mut end) = (self.place(token.start), self.place(token.end));
        let last_line = self.starts.len().saturating_sub(1);
        let at_end = token.start as usize >= self.text.len();
        let (mut first, mut last) = (self.line(token.start), self.line(token.end));
        match token.kind {
            Kind::Newline | Kind::LineEnd => {
                let carriage = self.starts.get(first).is_some_and(|s| s.1);
                let implied = self.implied && first == last_line;
                text = if implied || !extra {
                    ""
                } else if carriage {
                    "\r\n"
                } else {
                    "\n"
                }
                .into();
                let width = if !extra {
                    0
                } else if carriage {
                    2
                } else {
                    1
                };
                end = (start.0, start.1 + width);
                last = first;
            }
            Kind::Indent | Kind::Dedent | Kind::End if !extra => {
                text.clear();
                let line = if at_end { last_line } else { last };
                (first, last) = (line, line);
                start = (line as i64 + 1, -1);
                end = start;
            }
            Kind::Dedent | Kind::End if at_end => {
                start = (self.starts.len() as i64 + 1, 0);
                end = start;
                return self.tuple(token, text, start, end, String::new(), extra);
            }
            Kind::String | Kind::FStringMiddle => {}
            _ => first = last,
        }
        let line = self.lines(first, last);
        self.tuple(token, text, start, end, line, extra)
    }

    fn tuple(
        &self,
        token: Token,
        text: String,
        start: (i64, i64),
        end: (i64, i64),
        line: String,
        extra: bool,
    ) -> Value {
        let number = self.number(token, extra);
        let place = |(line, column): (i64, i64)| tuple::from_iter(2, [Value::int(line), Value::int(column)]);
        let (text, line) = (str::from_str(&text), str::from_str(&line));
        tuple::from_vec(vec![Value::int(number), text, place(start), place(end), line])
    }

    /// The number that the module `token` gives the kind.
    fn number(&self, token: Token, extra: bool) -> i64 {
        let template = || {
            // The opening of the innermost string around the token.
            let mut depth = 0;
            for other in self.tokens[..self.at].iter().rev() {
                match other.kind {
                    Kind::FStringEnd if other.start < token.start => depth += 1,
                    Kind::FStringStart if depth == 0 => {
                        let text = &self.text[other.start as usize..other.end as usize];
                        return text.contains(['t', 'T']);
                    }
                    Kind::FStringStart => depth -= 1,
                    _ => {}
                }
            }
            false
        };
        match token.kind {
            Kind::End => 0,
            Kind::Name => 1,
            Kind::Number => 2,
            Kind::String => 3,
            Kind::Newline => 4,
            Kind::Indent => 5,
            Kind::Dedent => 6,
            Kind::FStringStart => 59 + if template() { 3 } else { 0 },
            Kind::FStringMiddle => 60 + if template() { 3 } else { 0 },
            Kind::FStringEnd => 61 + if template() { 3 } else { 0 },
            Kind::Comment => 65,
            Kind::LineEnd => 66,
            Kind::Error => 67,
            Kind::Op | Kind::SpecColon if extra => 54 + 1,
            Kind::Op | Kind::SpecColon => operator(&self.text[token.start as usize..token.end as usize]),
        }
    }

    fn raise(&self, t: &Thread, mut error: SyntaxError) -> raise::Raised {
        if error.line == 0 {
            return raise::new(t, &exc::SYNTAX_ERROR, &error.message);
        }
        // The line's text as it was read.
        let line = error.line as usize - 1;
        error.text = Some(self.lines(line, line).trim_end_matches(['\r', '\n']).to_owned());
        if error.kind == ErrorKind::Indentation {
            error.end_line = 0;
            error.end_column = 0;
        }
        execute::syntax_error(t, &error, "<string>")
    }
}

/// One line of the source; None at its end.
fn read_line(t: &Thread, iter: &Iter) -> PyResult<Option<String>> {
    let line = match protocol::call_values(t, &iter.readline, &[]) {
        Ok(line) => line,
        Err(raised) => {
            raise::suppress(t, raised, &exc::STOP_ITERATION)?;
            return Ok(None);
        }
    };
    let line = match &iter.encoding {
        Some(encoding) => {
            if !line.class().is_subtype(&crate::object::core_types::BYTES) {
                return Err(raise::type_error(t, "readline() returned a non-bytes object"));
            }
            protocol::call_method_str(t, &line, "decode", &[str::from_str(encoding), str::from_str("replace")])?
        }
        None => line,
    };
    match str::view(&line) {
        Some(text) => Ok(Some(text.to_utf8_lossy().into_owned())),
        None => Err(raise::type_error(t, "readline() returned a non-string object")),
    }
}

/// The number of an operator in the module `token`.
fn operator(text: &str) -> i64 {
    const OPERATORS: [&str; 48] = [
        "(", ")", "[", "]", ":", ",", ";", "+", "-", "*", "/", "|", "&", "<", ">", "=", ".", "%", "{", "}", "==", "!=",
        "<=", ">=", "~", "^", "<<", ">>", "**", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", "**=",
        "//", "//=", "@", "@=", "->", "...", ":=", "!",
    ];
    match OPERATORS.iter().position(|o| *o == text) {
        Some(at) => at as i64 + 7,
        None if text == "<>" => 28,
        None => 55,
    }
}
