//! Scopes: what every name in a program means, decided before any code is made.
//!
//! `build` walks the tree and notes per block which names it binds and uses; `analyze` then decides for each whether
//! it is local, a cell, free or global. The rules are those of CPython's symbol table (PEP 227, 572, 649, 695, 709).

mod analyze;
mod build;
mod exprs;

pub(super) use build::docstring_of;

use super::error::{Loc, Res};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// A name, shared within one compilation.
pub type Name = Rc<str>;

/// Index of a scope in its table.
pub type ScopeId = usize;

/// Bits of what a block does with a name.
pub mod def {
    pub const GLOBAL: u32 = 1;
    pub const LOCAL: u32 = 1 << 1;
    pub const PARAM: u32 = 1 << 2;
    pub const NONLOCAL: u32 = 1 << 3;
    pub const USE: u32 = 1 << 4;
    /// Free in a method and also bound in the class around it.
    pub const FREE_CLASS: u32 = 1 << 6;
    pub const IMPORT: u32 = 1 << 7;
    pub const ANNOT: u32 = 1 << 8;
    /// The target of a comprehension's `for`.
    pub const COMP_ITER: u32 = 1 << 9;
    pub const TYPE_PARAM: u32 = 1 << 10;
    /// A cell of an inlined comprehension.
    pub const COMP_CELL: u32 = 1 << 11;
    pub const BOUND: u32 = LOCAL | PARAM | IMPORT | TYPE_PARAM;
}

/// Where a name lives, seen from one block.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Place {
    #[default]
    Unknown,
    Local,
    GlobalExplicit,
    GlobalImplicit,
    Free,
    Cell,
}

/// One name in one block.
#[derive(Clone, Copy, Debug, Default)]
pub struct Symbol {
    /// Bits of `def`.
    pub flags: u32,
    pub place: Place,
}

/// What kind of block a scope is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Block {
    Module,
    Class,
    Function,
    /// The body of an `__annotate__` function.
    Annotation,
    /// The bound, constraints or default of a type parameter.
    TypeVariable,
    TypeAlias,
    TypeParams,
}

impl Block {
    pub fn function_like(self) -> bool {
        !matches!(self, Block::Module | Block::Class)
    }
}

/// The kinds of comprehension.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Comp {
    List,
    Set,
    Dict,
    Generator,
}

/// What part of a node a scope belongs to; with the node's address it is the scope's key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Part {
    Body,
    TypeParams,
    Annotations,
    /// The annotations of a module or class; its key is the scope's index instead of an address.
    BlockAnnotations,
    Bound,
    Default,
    Comprehension,
    Lambda,
}

/// Names in the order in which they were first met.
#[derive(Default, Debug)]
pub struct Symbols {
    order: Vec<Name>,
    map: HashMap<Name, Symbol>,
}

impl Symbols {
    pub fn get(&self, name: &str) -> Option<Symbol> {
        self.map.get(name).copied()
    }

    pub fn flags(&self, name: &str) -> u32 {
        self.map.get(name).map_or(0, |s| s.flags)
    }

    pub fn set(&mut self, name: &Name, symbol: Symbol) {
        if self.map.insert(name.clone(), symbol).is_none() {
            self.order.push(name.clone());
        }
    }

    pub fn remove(&mut self, name: &str) {
        if self.map.remove(name).is_some() {
            self.order.retain(|n| &**n != name);
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Name, Symbol)> {
        self.order.iter().map(|n| (n, self.map[n]))
    }

    pub fn names(&self) -> Vec<Name> {
        self.order.clone()
    }
}

/// One block of the program.
#[derive(Debug)]
pub struct Scope {
    pub block: Block,
    pub name: Name,
    pub parent: Option<ScopeId>,
    pub children: Vec<ScopeId>,
    pub symbols: Symbols,
    /// Parameters in the order of the frame's locals.
    pub params: Vec<Name>,
    /// Inside a function.
    pub nested: bool,
    /// Has free variables (or may have, where exec could bring them).
    pub free: bool,
    pub child_free: bool,
    pub generator: bool,
    pub coroutine: bool,
    /// Defined by `async def`.
    pub async_def: bool,
    /// Defined in a class body.
    pub method: bool,
    pub comprehension: Option<Comp>,
    /// The comprehension's code is part of the block around it (PEP 709).
    pub inlined: bool,
    /// An annotation or type-parameter scope within a class: names are looked up in the class first.
    pub sees_class: bool,
    pub needs_class_cell: bool,
    pub needs_classdict: bool,
    /// A class or module some of whose annotations may not be reached.
    pub conditional_annotations: bool,
    pub annotations_used: bool,
    pub varargs: bool,
    pub varkeywords: bool,
    pub docstring: bool,
    /// Names that a class's type parameter scope mangles (all, where None).
    pub mangled: Option<HashSet<Name>>,
    /// Where `global` and `nonlocal` (and walrus targets) stand.
    pub directives: Vec<(Name, Loc)>,
    pub loc: Loc,
    // Used only while building.
    comp_iter_target: bool,
    comp_iter_expr: u32,
    conditional: bool,
    annotation_block: Option<ScopeId>,
    scope_info: &'static str,
}

/// All scopes of a program. Scope 0 is the module.
#[derive(Debug)]
pub struct ScopeTable {
    pub scopes: Vec<Scope>,
    keys: HashMap<(usize, Part), ScopeId>,
}

impl ScopeTable {
    /// The scope of a part of a node.
    pub fn of<T>(&self, node: &T, part: Part) -> ScopeId {
        self.keys[&(address(node), part)]
    }

    /// The annotation scope of a module or class.
    pub fn annotations_of(&self, scope: ScopeId) -> Option<ScopeId> {
        self.scopes[scope].annotation_block
    }
}

fn address<T>(node: &T) -> usize {
    std::ptr::from_ref(node) as usize
}

/// The name as a class body mangles it: `__x` in class `C` is `_C__x`.
pub fn mangle<'n>(class: Option<&str>, name: &'n str) -> std::borrow::Cow<'n, str> {
    let Some(class) = class else { return name.into() };
    if !name.starts_with("__") || name.ends_with("__") || name.contains('.') {
        return name.into();
    }
    let class = class.trim_start_matches('_');
    if class.is_empty() {
        return name.into();
    }
    format!("_{class}{name}").into()
}

/// What the scope pass must know of the compilation.
#[derive(Clone, Copy)]
pub struct ScopeOptions {
    pub future_annotations: bool,
    pub top_level_await: bool,
}

/// Builds and analyzes the scopes of a module.
pub fn scopes_of_module(body: &[ruff_python_ast::Stmt], options: ScopeOptions) -> Res<ScopeTable> {
    let mut table = build::Builder::module(body, options)?;
    analyze::analyze(&mut table)?;
    Ok(table)
}

/// Builds and analyzes the scopes of an expression compiled by itself.
pub fn scopes_of_expression(body: &ruff_python_ast::Expr, options: ScopeOptions) -> Res<ScopeTable> {
    let mut table = build::Builder::expression(body, options)?;
    analyze::analyze(&mut table)?;
    Ok(table)
}
