//! What the second look remembers of an expression: enough to name it.

use crate::compiler::error::Loc;

/// The kind of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    Name,
    Attribute,
    Subscript,
    Call,
    /// `None`, `True`, `False`.
    Word(&'static str),
    Ellipsis,
    Literal,
    FString,
    TString,
    Tuple(Vec<Node>),
    List(Vec<Node>),
    Starred(Box<Node>),
    Dict,
    Set,
    ListComp,
    SetComp,
    DictComp,
    Generator,
    Lambda,
    Conditional,
    /// Arithmetic: a `bitwise_or`.
    Operation,
    /// `and`, `or`, `not`.
    Boolean,
    Compare {
        left: Box<Node>,
        is_in: bool,
    },
    Await,
    Yield,
    Named,
}

/// An expression with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub expr: Expr,
    pub loc: Loc,
    /// In parentheses of its own.
    pub group: bool,
}

impl Node {
    pub fn new(expr: Expr, loc: Loc) -> Node {
        Node { expr, loc, group: false }
    }

    /// Whether the grammar's `bitwise_or` matches all of it.
    pub fn is_bitwise_or(&self) -> bool {
        self.group
            || !matches!(
                self.expr,
                Expr::Boolean
                    | Expr::Compare { .. }
                    | Expr::Conditional
                    | Expr::Lambda
                    | Expr::Yield
                    | Expr::Named
                    | Expr::Starred(_)
            )
    }
}

impl Expr {
    /// What messages call it.
    pub fn name(&self) -> &'static str {
        match self {
            Expr::Name => "name",
            Expr::Attribute => "attribute",
            Expr::Subscript => "subscript",
            Expr::Call => "function call",
            Expr::Word(word) => word,
            Expr::Ellipsis => "ellipsis",
            Expr::Literal => "literal",
            Expr::FString => "f-string expression",
            Expr::TString => "t-string expression",
            Expr::Tuple(_) => "tuple",
            Expr::List(_) => "list",
            Expr::Starred(_) => "starred",
            Expr::Dict => "dict literal",
            Expr::Set => "set display",
            Expr::ListComp => "list comprehension",
            Expr::SetComp => "set comprehension",
            Expr::DictComp => "dict comprehension",
            Expr::Generator => "generator expression",
            Expr::Lambda => "lambda",
            Expr::Conditional => "conditional expression",
            Expr::Operation | Expr::Boolean => "expression",
            Expr::Compare { .. } => "comparison",
            Expr::Await => "await expression",
            Expr::Yield => "yield expression",
            Expr::Named => "named expression",
        }
    }
}
