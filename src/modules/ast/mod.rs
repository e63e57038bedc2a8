//! `_ast`: the abstract syntax tree as Python objects.
//!
//! | file | holds |
//! |---|---|
//! | `grammar` | the node classes and their fields |
//! | `node` | the class `AST`: construction, repr, pickling |
//! | `make`, `make_expr`, `make_text` | from the parser's tree to nodes |
//! | `read`, `read_stmt`, `read_pattern`, `read_expr`, `read_text` | from nodes to a tree for the compiler, checked as CPython checks it |

pub mod grammar;
mod make;
mod make_expr;
mod make_text;
mod node;
mod read;
mod read_expr;
mod read_pattern;
mod read_stmt;
mod read_text;

use crate::object::dict::{self, Dict};
use crate::object::hooks;
use crate::object::names::{self, known};
use crate::object::protocol;
use crate::object::raise::PyResult;
use crate::object::table::ModuleSpec;
use crate::object::thread::Thread;
use crate::object::tuple;
use crate::object::value::Value;
use crate::object::{alloc, core_types, str};
use crate::types::type_;
use crate::types::union_;
use grammar::{Field, Kind, Many};
use std::sync::OnceLock;

pub use make::{Failure, Want, parse};
pub use read::{check_root, compile};

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    types: &[&node::AST],
    init: Some(init),
    ..ModuleSpec::new("_ast", "The classes of the abstract syntax tree.")
};

/// A node class.
pub struct Class {
    pub class: Value,
    pub fields: Vec<Field>,
    /// The interned names of the fields.
    pub names: Vec<Value>,
    /// The one node of classes whose nodes are all alike.
    pub only: Option<Value>,
}

static CLASSES: OnceLock<Vec<Class>> = OnceLock::new();

/// The node class of a kind. `_ast` has been imported.
pub fn class(kind: Kind) -> &'static Class {
    match CLASSES.get() {
        Some(classes) => &classes[kind as usize],
        None => unreachable!("nodes are made and read after `ready`"),
    }
}

/// Sees to it that the classes are there.
pub fn ready(t: &Thread) -> PyResult<()> {
    if CLASSES.get().is_none() {
        (hooks::get().import)(t, "_ast")?;
    }
    Ok(())
}

/// Whether a value is a node.
pub fn is_node(v: &Value) -> bool {
    v.class().is_subtype(&node::AST)
}

fn names_of(list: &[&str]) -> Value {
    tuple::from_vec(list.iter().map(|n| names::intern(n)).collect())
}

fn documentation(row: usize) -> String {
    let (name, _, fields) = grammar::CLASSES[row];
    let constructor = |name: &'static str, fields: &str| {
        let name = grammar::name(name);
        if fields.is_empty() { name.to_string() } else { format!("{name}({fields})") }
    };
    let alternatives: Vec<_> = grammar::CLASSES.iter().filter(|(_, base, _)| *base == name).collect();
    if alternatives.is_empty() || name == "AST" {
        return constructor(name, fields);
    }
    let name = grammar::name(name);
    if alternatives.iter().all(|(_, _, fields)| fields.is_empty()) {
        let all: Vec<&str> = alternatives.iter().map(|(n, _, _)| grammar::name(n)).collect();
        return format!("{name} = {}", all.join(" | "));
    }
    let gap = format!("\n{} | ", " ".repeat(name.len()));
    let all: Vec<String> = alternatives.iter().map(|(n, _, fields)| constructor(n, fields)).collect();
    format!("{name} = {}", all.join(&gap))
}

/// Makes the classes, bases first, without their field types.
fn make_classes(t: &Thread) -> PyResult<Vec<Class>> {
    let places = ["lineno", "col_offset", "end_lineno", "end_col_offset"];
    let mut made: Vec<Class> =
        vec![Class { class: node::AST.to_value(), fields: Vec::new(), names: Vec::new(), only: None }];
    for (row, (name, base, text)) in grammar::CLASSES.iter().enumerate().skip(1) {
        let at = grammar::CLASSES.iter().position(|(other, _, _)| other == base).unwrap_or(0);
        let fields: Vec<Field> = grammar::fields(text).collect();
        let field_names: Vec<&str> = fields.iter().map(|f| f.name).collect();
        let mut pairs = vec![
            (known().__module__.clone(), names::intern("ast")),
            (known().__doc__.clone(), str::from_str(&documentation(row))),
            (names::intern("_fields"), names_of(&field_names)),
            (known().__match_args__.clone(), names_of(&field_names)),
        ];
        if let Some((_, optional)) = grammar::PLACED.iter().find(|(placed, _)| placed == name) {
            pairs.push((names::intern("_attributes"), names_of(&places)));
            if *optional {
                pairs.push((names::intern("end_lineno"), Value::NONE));
                pairs.push((names::intern("end_col_offset"), Value::NONE));
            }
        } else if *base == "AST" {
            pairs.push((names::intern("_attributes"), names::empty_tuple()));
        }
        for field in fields.iter().filter(|f| f.many == Many::Optional) {
            pairs.push((names::intern(field.name), Value::NONE));
        }
        let bases = vec![made[at].class.clone()];
        let class = type_::new_class(t, grammar::name(name), bases, dict::from_pairs(pairs))?;
        let only = grammar::ALIKE.contains(base).then(|| match class.downcast() {
            Some(class) => alloc::new_plain(class),
            None => Value::NONE,
        });
        if let Some(only) = &only {
            names::immortalize(only);
        }
        made.push(Class { class, names: fields.iter().map(|f| names::intern(f.name)).collect(), fields, only });
    }
    Ok(made)
}

/// `_field_types`: what the fields of a class hold.
fn field_types(t: &Thread, made: &[Class], class: &Class) -> PyResult {
    let mut types = Vec::new();
    for field in &class.fields {
        let one = match field.kind {
            "identifier" | "string" => core_types::STR.to_value(),
            "int" => core_types::INT.to_value(),
            "constant" => core_types::OBJECT.to_value(),
            kind => {
                let at = grammar::CLASSES.iter().position(|(name, _, _)| grammar::name(name) == kind).unwrap_or(0);
                made[at].class.clone()
            }
        };
        let whole = match field.many {
            Many::One => one,
            Many::Optional => union_::type_or(t, &one, &Value::NONE)?,
            Many::List => (hooks::get().generic_alias)(t, &core_types::LIST.to_value(), &one)?,
        };
        types.push((names::intern(field.name), whole));
    }
    Ok(dict::from_pairs(types))
}

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    if CLASSES.get().is_none() {
        if let Some(own) = node::AST.dict.load()
            && let Some(own) = own.downcast::<Dict>()
        {
            for name in ["_fields", "_attributes", "__match_args__"] {
                drop(own.set_str(&names::intern(name), names::empty_tuple()));
            }
        }
        let made = make_classes(t)?;
        for class in &made[1..] {
            let types = field_types(t, &made, class)?;
            for name in ["_field_types", "__annotations__"] {
                protocol::set_attr(t, &class.class, &names::intern(name), &types)?;
            }
        }
        // Another thread may have been faster: its classes stand.
        let _ = CLASSES.set(made);
    }
    for (row, (name, _, _)) in grammar::CLASSES.iter().enumerate() {
        let class = &class(grammar::KINDS[row]).class;
        protocol::set_attr(t, module, &names::intern(grammar::name(name)), class)?;
    }
    for (name, n) in [
        ("PyCF_ONLY_AST", 0x400),
        ("PyCF_OPTIMIZED_AST", 0x8400),
        ("PyCF_TYPE_COMMENTS", 0x1000),
        ("PyCF_ALLOW_TOP_LEVEL_AWAIT", 0x2000),
    ] {
        protocol::set_attr(t, module, &names::intern(name), &Value::int(n))?;
    }
    Ok(())
}
