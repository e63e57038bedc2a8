//! Trees on their own: parsing without compiling, and compiling a tree that was made instead of parsed.
//!
//! A made tree (from `ast` objects) has no source. Its nodes still need ranges, since that is what the compiler knows of
//! places: `Places` hands out offsets into a text of its own and remembers which line and column each stands for. That
//! text is blank, but for the literals with lone surrogates, which the tree can hold only as source.

use super::codegen;
use super::error::{Loc, SyntaxError, SyntaxWarning};
use super::source::{self, Lines};
use super::{Compiled, Mode, Options, nesting, parse};
use crate::bytecode::unit::{Constant, Location};
use ruff_python_ast::{self as ast, Mod};
use ruff_text_size::{TextRange, TextSize};
use std::collections::HashMap;

/// A tree with the text that it was parsed from.
pub struct Tree {
    pub root: Mod,
    pub text: String,
}

/// Parses source text. Raises SyntaxError and its kin.
pub fn parse_tree(text: &str, mode: Mode, options: Options) -> Result<Tree, SyntaxError> {
    let ended = text.ends_with(['\n', '\r']);
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut text = source::normalise_newlines(text).into_owned();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let root = nesting::with_stack(&text, |nesting| {
        let lines = Lines::new(&text);
        let parsed = parse::parse_tree(&lines, mode, options, nesting).and_then(|tree| {
            if let (Mode::Single, Mod::Module(module)) = (mode, &tree) {
                parse::check_single(&lines, &module.body, options, ended)?;
            }
            Ok(tree)
        });
        parsed.map_err(|fail| lines.finish(*fail))
    })?;
    Ok(Tree { root, text })
}

/// Places in a parsed text, as lines and byte columns.
pub struct Finder<'s>(Lines<'s>);

impl<'s> Finder<'s> {
    pub fn new(text: &'s str) -> Finder<'s> {
        Finder(Lines::new(text))
    }

    /// The place of a range.
    pub fn location(&self, range: TextRange) -> Location {
        self.0.location(Loc::from(range))
    }

    /// A definition's range without its decorators.
    pub fn definition(&self, range: TextRange, decorators: &[ast::Decorator]) -> TextRange {
        let loc = codegen::keyword_place(self.0.text, Loc::from(range), decorators);
        TextRange::new(loc.start.into(), loc.end.into())
    }

    /// The end of a statement that ends with a body: behind the semicolon that may end the body's last line.
    pub fn statement_end(&self, end: TextSize) -> TextSize {
        let rest = &self.0.text[end.to_usize()..];
        let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\x0c']).len();
        let semicolon = rest[blank..].starts_with(';');
        if semicolon { end + TextSize::new(blank as u32 + 1) } else { end }
    }

    /// The source of an interpolation's expression.
    pub fn interpolation(&self, value: &ast::InterpolatedElement) -> String {
        codegen::interpolation_source(self.0.text, value)
    }

    /// The text of a range.
    pub fn text(&self, range: TextRange) -> &'s str {
        &self.0.text[range]
    }

    /// The warning about the first escape in a literal's source that means nothing.
    pub fn escape_warning(&self, at: TextRange, source: TextRange, bytes: bool) -> Option<SyntaxWarning> {
        let message = codegen::invalid_escape(self.text(source), bytes)?;
        let (line, column) = self.0.position(at.start().into());
        let (end_line, end_column) = self.0.position(at.end().into());
        Some(SyntaxWarning { message, line, column, end_line, end_column, deprecation: false })
    }
}

/// The value of a string literal's source as WTF-8, if it holds surrogates, which the parser's own value lacks.
pub fn surrogate_value(source: &str, braces: bool) -> Option<Vec<u8>> {
    super::text::has_surrogate_escape(source).then(|| super::text::decode_literal(source, braces))
}

/// The text of a debugging field (`{x = }`), which is without its comments.
pub fn debug_text(text: &str) -> std::borrow::Cow<'_, str> {
    super::text::without_comments(text)
}

/// The value of an int literal.
pub fn int_value(int: &ast::Int) -> Constant {
    super::arithmetic::int_literal(int)
}

/// Lines and columns of a made tree.
#[derive(Default)]
pub struct Places {
    pub(super) text: String,
    /// Per offset into the text.
    places: Vec<(u32, i32)>,
    /// Offsets at which lines start.
    pub(super) starts: HashMap<u32, u32>,
    pub(super) constants: HashMap<u32, Constant>,
    pub(super) interpolations: HashMap<u32, String>,
}

impl Places {
    /// The line and column that an offset stands for.
    pub(super) fn at(&self, offset: u32) -> (u32, i32) {
        self.places.get(offset as usize).copied().unwrap_or_default()
    }

    /// A new range for a node at this place; `source` is the text behind it, if that matters.
    pub fn add(&mut self, location: Location, source: Option<&str>) -> TextRange {
        let start = self.text.len();
        self.text.push_str(source.unwrap_or("   "));
        let end = self.text.len();
        self.places.resize(end, (location.line, location.column));
        self.text.push(' ');
        self.places.push((location.end_line, location.end_column));
        if !self.starts.contains_key(&location.line) {
            self.starts.insert(location.line, self.text.len() as u32);
            self.text.push(' ');
            self.places.push((location.line, 0));
        }
        TextRange::new(TextSize::new(start as u32), TextSize::new(end as u32))
    }

    /// Whether there is text behind a range.
    pub fn has_source(&self, range: TextRange) -> bool {
        !self.text[range].trim().is_empty()
    }

    /// Lets an Ellipsis at this range stand for any constant.
    pub fn constant(&mut self, range: TextRange, constant: Constant) {
        self.constants.insert(range.start().into(), constant);
    }

    /// What the interpolation at this range shows for its expression.
    pub fn interpolation(&mut self, range: TextRange, text: String) {
        self.interpolations.insert(range.start().into(), text);
    }
}

/// Compiles a made tree whose nodes nest no deeper than `depth`. Raises SyntaxError and its kin.
pub fn compile(
    root: Mod,
    places: &Places,
    filename: &str,
    mode: Mode,
    options: Options,
    depth: usize,
) -> Result<Compiled, SyntaxError> {
    let run = move || {
        let lines = Lines::made(places);
        let compiled =
            parse::with_future(root).and_then(|parsed| super::generate(&lines, filename, mode, options, &parsed, true));
        compiled.map_err(|fail| lines.finish(*fail))
    };
    nesting::with_stack_of(depth, run)
}
