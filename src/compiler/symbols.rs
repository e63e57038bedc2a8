//! The symbol table of a program, as the library's `symtable` shows it.

use super::error::Res;
use super::scope::{self, Block, Place, ScopeOptions, ScopeTable};
use super::source::{self, Lines};
use super::{Mode, Options, SyntaxError, nesting, parse};
use ruff_python_ast::Mod;

/// One block.
#[derive(Debug)]
pub struct Table {
    pub name: String,
    /// CPython's number of the kind of block.
    pub kind: i64,
    pub line: u32,
    pub nested: bool,
    /// Names with the bits of `scope::def`, and where they live in the bits from 12 on.
    pub symbols: Vec<(String, u32)>,
    pub parameters: Vec<String>,
    pub children: Vec<Table>,
}

/// The bit at which a symbol's place begins.
pub const PLACE_SHIFT: u32 = 12;

/// The table of a program. Raises SyntaxError and its kin.
pub fn table(text: &str, mode: Mode) -> Result<Table, SyntaxError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut text = source::normalise_newlines(text).into_owned();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    nesting::with_stack(&text, |nesting| {
        let lines = Lines::new(&text);
        let made = (|| -> Res<Table> {
            let parsed = parse::parse(&lines, mode, Options::default(), nesting)?;
            let options = ScopeOptions { future_annotations: parsed.future.annotations, top_level_await: false };
            let scopes = match &parsed.tree {
                Mod::Module(m) => scope::scopes_of_module(&m.body, options)?,
                Mod::Expression(e) => scope::scopes_of_expression(&e.body, options)?,
            };
            Ok(block(&scopes, 0, &lines))
        })();
        made.map_err(|fail| lines.finish(*fail))
    })
}

fn block(scopes: &ScopeTable, id: usize, lines: &Lines) -> Table {
    let scope = &scopes.scopes[id];
    let place = |p: Place| match p {
        Place::Unknown => 0,
        Place::Local => 1,
        Place::GlobalExplicit => 2,
        Place::GlobalImplicit => 3,
        Place::Free => 4,
        Place::Cell => 5u32,
    };
    let kind = match scope.block {
        Block::Function => 0,
        Block::Class => 1,
        Block::Module => 2,
        Block::Annotation => 3,
        Block::TypeVariable => 4,
        Block::TypeAlias => 5,
        Block::TypeParams => 6,
    };
    let name = match &*scope.name {
        "<module>" => "top",
        other => other.trim_start_matches('<').trim_end_matches('>'),
    };
    let line = if id == 0 || scope.loc.is_none() { 0 } else { lines.line(scope.loc.start) };
    Table {
        name: name.to_owned(),
        kind,
        line,
        nested: scope.nested,
        symbols: scope.symbols.iter().map(|(n, s)| (n.to_string(), s.flags | place(s.place) << PLACE_SHIFT)).collect(),
        parameters: scope.params.iter().map(|n| n.to_string()).collect(),
        children: scope.children.iter().map(|c| block(scopes, *c, lines)).collect(),
    }
}
