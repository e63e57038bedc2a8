//! Expressions as text, for annotations under `from __future__ import annotations`.

use ruff_python_ast::Expr;
use ruff_text_size::Ranged;

/// The expression's text.
pub fn unparse(expr: &Expr, source: &str) -> String {
    let range = expr.range();
    source[usize::from(range.start())..usize::from(range.end())].to_owned()
}
