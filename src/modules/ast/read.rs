//! From nodes to a tree for the compiler: access to fields, positions, and the whole program.
//!
//! Nodes are ordinary objects that anybody may have filled with anything. What is read here is checked for types first
//! (TypeError) and then for what the grammar cannot say (ValueError), in CPython's words.

use super::grammar::{self, Kind, Many};
use super::{class, is_node};
use crate::bytecode::unit::Location;
use crate::compiler::tree::Places;
use crate::compiler::{self, Compiled, Mode, Options, SyntaxError};
use crate::object::bigint::{self, IntView};
use crate::object::list::List;
use crate::object::names;
use crate::object::protocol;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::thread::Thread;
use crate::object::type_object::Type;
use crate::object::value::Value;
use crate::object::{core_types, str};
use ruff_python_ast::{self as ast, AtomicNodeIndex, Mod};
use ruff_text_size::{Ranged, TextRange};

/// Reads the nodes of one program.
pub struct Reader<'t> {
    pub t: &'t Thread,
    pub places: Places,
    pub depth: usize,
    /// The deepest nesting met.
    pub deepest: usize,
}

/// Compiles a tree of nodes. Raises TypeError and ValueError for what is no tree; the inner result is the compiler's.
pub fn compile(
    t: &Thread,
    root: &Value,
    filename: &str,
    mode: Mode,
    options: Options,
) -> PyResult<Result<Compiled, SyntaxError>> {
    check_root(t, root, mode)?;
    let mut reader = Reader { t, places: Places::default(), depth: 0, deepest: 0 };
    let tree = match mode {
        Mode::Eval => {
            let body = reader.required_expr(root, Kind::Expression, "body")?;
            Mod::Expression(ast::ModExpression { node_index: index(), range: body.range(), body: Box::new(body) })
        }
        _ => {
            let kind = if mode == Mode::Single { Kind::Interactive } else { Kind::Module };
            let body = reader.stmts(root, kind, "body")?;
            Mod::Module(ast::ModModule { node_index: index(), range: TextRange::default(), body })
        }
    };
    let Reader { places, deepest, .. } = reader;
    // Long native work on no Python object.
    Ok(t.detached(|| compiler::tree::compile(tree, &places, filename, mode, options, deepest)))
}

/// Raises TypeError unless the node is a program of this mode.
pub fn check_root(t: &Thread, root: &Value, mode: Mode) -> PyResult<()> {
    super::ready(t)?;
    let kind = match mode {
        Mode::Exec => Kind::Module,
        Mode::Eval => Kind::Expression,
        Mode::Single => Kind::Interactive,
    };
    if is_a(t, root, kind)? {
        return Ok(());
    }
    let given = root.class().display_name();
    Err(raise::type_error(t, format!("expected {} node, got {given}", grammar::CLASSES[kind as usize].0)))
}

/// Whether a value is a node of this class.
pub fn is_a(t: &Thread, v: &Value, kind: Kind) -> PyResult<bool> {
    let class = &class(kind).class;
    match class.downcast::<Type>() {
        Some(ty) if v.class().is_subtype(ty) => Ok(true),
        _ if is_node(v) => Ok(false),
        _ => protocol::is_instance(t, v, class),
    }
}

/// The index that the parser's trees carry and the compiler does not use.
pub fn index() -> AtomicNodeIndex {
    AtomicNodeIndex::NONE
}

impl Reader<'_> {
    pub fn value_error(&self, message: impl AsRef<str>) -> Raised {
        raise::value_error(self.t, message)
    }

    pub fn type_error(&self, message: impl AsRef<str>) -> Raised {
        raise::type_error(self.t, message)
    }

    /// Runs `f` one level deeper.
    pub fn deeper<T>(&mut self, what: &str, f: impl FnOnce(&mut Self) -> PyResult<T>) -> PyResult<T> {
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        if self.t.stack_is_low() || self.depth > 9000 {
            return Err(protocol::stack_overflow(self.t, &format!(" while traversing '{what}' node")));
        }
        let result = f(self);
        self.depth -= 1;
        result
    }

    /// The kind among the children of a base class that a node is of.
    pub fn kind_of(&self, v: &Value, base: &str) -> PyResult<Kind> {
        // The class itself nearly always; else a subclass of one.
        for (row, (_, own, _)) in grammar::CLASSES.iter().enumerate() {
            let kind = grammar::KINDS[row];
            if *own == base && v.class().as_value().is(&class(kind).class) {
                return Ok(kind);
            }
        }
        for (row, (_, own, _)) in grammar::CLASSES.iter().enumerate() {
            if *own == base && is_a(self.t, v, grammar::KINDS[row])? {
                return Ok(grammar::KINDS[row]);
            }
        }
        let shown = protocol::repr(self.t, v)?;
        Err(self.type_error(format!("expected some sort of {base}, but got {}", str::lossy(&shown))))
    }

    /// A field's value: None where it is absent and may be.
    fn get(&self, v: &Value, owner: Kind, name: &str) -> PyResult<Value> {
        match protocol::lookup_attr(self.t, v, &names::intern(name))? {
            Some(value) => Ok(value),
            None => {
                let owner_class = class(owner);
                let optional = owner_class.fields.iter().any(|f| f.name == name && f.many != Many::One);
                if optional {
                    return Ok(Value::NONE);
                }
                let owner = grammar::CLASSES[owner as usize].0;
                Err(self.type_error(format!("required field \"{name}\" missing from {owner}")))
            }
        }
    }

    /// A field that may be None or absent.
    pub fn optional(&self, v: &Value, owner: Kind, name: &str) -> PyResult<Option<Value>> {
        let value = self.get(v, owner, name)?;
        Ok((!value.is_none()).then_some(value))
    }

    /// A field that must be there.
    pub fn required(&self, v: &Value, owner: Kind, name: &str) -> PyResult<Value> {
        let value = self.get(v, owner, name)?;
        if value.is_none() {
            let owner = grammar::CLASSES[owner as usize].0;
            return Err(self.value_error(format!("field '{name}' is required for {owner}")));
        }
        Ok(value)
    }

    /// The items of a field that is a list.
    pub fn items(&self, v: &Value, owner: Kind, name: &str) -> PyResult<Vec<Value>> {
        match protocol::lookup_attr(self.t, v, &names::intern(name))? {
            None => Ok(Vec::new()),
            Some(value) => match value.downcast::<List>() {
                Some(list) => Ok(list.items(self.t)),
                None => {
                    let owner = grammar::CLASSES[owner as usize].0;
                    let given = value.class().display_name();
                    Err(self.type_error(format!("{owner} field \"{name}\" must be a list, not a {given}")))
                }
            },
        }
    }

    /// An int of a field.
    fn int(&self, v: &Value) -> PyResult<i64> {
        if let Some(IntView::Small(i)) = bigint::view(v)
            && i32::try_from(i).is_ok()
        {
            return Ok(i);
        }
        if v.class().is_subtype(&core_types::INT) {
            return Err(raise::overflow_error(self.t, "Python int too large to convert to C int"));
        }
        let shown = protocol::repr(self.t, v)?;
        Err(self.value_error(format!("invalid integer value: {}", str::lossy(&shown))))
    }

    pub fn required_int(&self, v: &Value, owner: Kind, name: &str) -> PyResult<i64> {
        let value = self.get(v, owner, name)?;
        self.int(&value)
    }

    pub fn optional_int(&self, v: &Value, owner: Kind, name: &str) -> PyResult<i64> {
        self.optional(v, owner, name)?.map_or(Ok(0), |value| self.int(&value))
    }

    /// An identifier's text; names of constants are refused.
    pub fn identifier_text(&self, v: &Value) -> PyResult<String> {
        let Some(text) = str::view(v).filter(|_| v.is_exact(&core_types::STR)) else {
            return Err(self.type_error("AST identifier must be of type str"));
        };
        let Some(text) = text.to_utf8() else {
            return Err(protocol::call_method_str(self.t, v, "encode", &[])
                .err()
                .unwrap_or_else(|| self.value_error("identifier cannot be encoded")));
        };
        Ok(text.into_owned())
    }

    /// As `identifier_text`, where a name is bound or read.
    pub fn checked_name(&self, v: &Value) -> PyResult<String> {
        let text = self.identifier_text(v)?;
        if matches!(&*text, "None" | "True" | "False") {
            return Err(self.value_error(format!("identifier field can't represent '{text}' constant")));
        }
        Ok(text)
    }

    pub fn identifier(&self, v: &Value, range: TextRange) -> PyResult<ast::Identifier> {
        Ok(ast::Identifier::new(self.identifier_text(v)?, range))
    }

    pub fn optional_identifier(
        &self,
        v: &Value,
        owner: Kind,
        name: &str,
        range: TextRange,
    ) -> PyResult<Option<ast::Identifier>> {
        self.optional(v, owner, name)?.map(|id| self.identifier(&id, range)).transpose()
    }

    /// The place of a node whose base is `base`.
    pub fn location(&self, v: &Value, base: &str) -> PyResult<Location> {
        let number = |name: &str| -> PyResult<Option<i64>> {
            match protocol::lookup_attr(self.t, v, &names::intern(name))? {
                Some(value) if value.is_none() && name.starts_with("end") => Ok(None),
                Some(value) => self.int(&value).map(Some),
                None => Ok(None),
            }
        };
        let required = |name: &str| -> PyResult<i64> {
            number(name)?.ok_or_else(|| self.type_error(format!("required field \"{name}\" missing from {base}")))
        };
        let (line, column) = (required("lineno")?, required("col_offset")?);
        let open_end = grammar::PLACED.iter().any(|(name, optional)| *name == base && *optional);
        let (end_line, end_column) = if open_end {
            (number("end_lineno")?.unwrap_or(line), number("end_col_offset")?.unwrap_or(column))
        } else {
            (required("end_lineno")?, required("end_col_offset")?)
        };
        if line > end_line {
            return Err(self.value_error(format!("AST node line range ({line}, {end_line}) is not valid")));
        }
        if line < 0 && end_line != line || column < 0 && end_column != column {
            return Err(self.value_error(format!(
                "AST node column range ({column}, {end_column}) for line range ({line}, {end_line}) is not valid"
            )));
        }
        if line == end_line && column > end_column {
            return Err(self.value_error(format!("line {line}, column {column}-{end_column} is not a valid range")));
        }
        Ok(Location {
            line: line.max(0) as u32,
            end_line: end_line.max(0) as u32,
            column: column as i32,
            end_column: end_column as i32,
        })
    }

    /// A range for a node whose base is `base`.
    pub fn range(&mut self, v: &Value, base: &str) -> PyResult<TextRange> {
        let location = self.location(v, base)?;
        Ok(self.places.add(location, None))
    }

    /// Raises ValueError for an empty list.
    pub fn nonempty<T>(&self, items: &[T], name: &str, owner: &str) -> PyResult<()> {
        if items.is_empty() {
            return Err(self.value_error(format!("empty {name} on {owner}")));
        }
        Ok(())
    }
}
