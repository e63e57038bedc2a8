//! `from __future__ import ...`: what it switches on, and where it may stand.

use super::error::{Fail, Loc, Res};
use ruff_python_ast::{Expr, Stmt};

/// The features that exist. All but annotations are part of the language by now.
const FEATURES: [&str; 10] = [
    "nested_scopes",
    "generators",
    "division",
    "absolute_import",
    "with_statement",
    "print_function",
    "unicode_literals",
    "barry_as_FLUFL",
    "generator_stop",
    "annotations",
];

/// What a module imports from the future.
#[derive(Clone, Copy, Default, Debug)]
pub struct Future {
    pub annotations: bool,
    /// Offset behind which no such import may stand.
    pub end: u32,
}

/// Whether a statement imports from the future.
pub fn is_future(stmt: &ruff_python_ast::StmtImportFrom) -> bool {
    stmt.level == 0 && stmt.module.as_ref().is_some_and(|m| m.id.as_str() == "__future__")
}

/// Reads the imports at the beginning of a module.
pub fn read(body: &[Stmt]) -> Res<Future> {
    let mut future = Future::default();
    for (i, stmt) in body.iter().enumerate() {
        match stmt {
            Stmt::ImportFrom(s) if is_future(s) => {
                let loc = Loc::of(s);
                for alias in &s.names {
                    let name = alias.name.id.as_str();
                    if name == "braces" {
                        return Err(Fail::new(loc, "not a chance"));
                    }
                    if !FEATURES.contains(&name) {
                        return Err(Fail::new(loc, format!("future feature {name} is not defined")));
                    }
                    future.annotations |= name == "annotations";
                }
                future.end = loc.end;
            }
            Stmt::Expr(e) if i == 0 && matches!(&*e.value, Expr::StringLiteral(_)) => {}
            _ => break,
        }
    }
    Ok(future)
}
