//! One code object in the making, and how scopes are entered and left.

use super::Compiler;
use super::constants::Constants;
use super::fblocks::FBlock;
use crate::bytecode::opcode::Op;
use crate::bytecode::unit::{CodeUnit, flags, kind};
use crate::compiler::error::{Loc, Res};
use crate::compiler::flow::{Flow, assemble};
use crate::compiler::scope::{Block, Name, Place, ScopeId, Symbol, def};
use ruff_python_ast as ast;
use std::collections::{BTreeSet, HashMap, HashSet};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnitKind {
    Module,
    Class,
    Function,
    AsyncFunction,
    Lambda,
    Comprehension,
    /// Annotation, type parameter, type alias and type variable scopes.
    Annotations,
}

/// A place among the frame's locals.
#[derive(Clone, Debug)]
pub struct Slot {
    pub name: Name,
    /// Bits of `unit::kind`.
    pub kind: u8,
    pub param: bool,
}

/// Names in order, each with its index.
#[derive(Default, Debug)]
pub struct Indexed {
    pub list: Vec<Name>,
    map: HashMap<Name, u32>,
}

impl Indexed {
    pub fn add(&mut self, name: &Name) -> u32 {
        if let Some(&index) = self.map.get(name) {
            return index;
        }
        let index = self.list.len() as u32;
        self.list.push(name.clone());
        self.map.insert(name.clone(), index);
        index
    }
}

/// A code object in the making.
pub struct Unit<'a> {
    pub kind: UnitKind,
    pub scope: ScopeId,
    pub name: Name,
    pub qualname: Name,
    /// The class whose name mangles private names here.
    pub private: Option<Name>,
    pub first_line: u32,
    pub arg_count: u32,
    pub positional_only: u32,
    pub keyword_only: u32,
    pub flow: Flow,
    pub consts: Constants,
    pub names: Indexed,
    pub slots: Vec<Slot>,
    /// Slots of ordinary locals and of cells, by name.
    pub fast: HashMap<Name, u32>,
    /// Slots of free variables.
    pub free: HashMap<Name, u32>,
    pub fblocks: Vec<FBlock<'a>>,
    /// How inlined comprehensions change the meaning of names.
    pub overrides: HashMap<Name, Symbol>,
    /// Names that are fast locals although the unit is no function: targets of inlined comprehensions.
    pub hidden: HashSet<Name>,
    /// Depth of inlined comprehensions.
    pub inlined: u32,
    /// Annotations to be compiled into `__annotate__`, with their index where they are conditional.
    pub deferred: Vec<(&'a ast::StmtAnnAssign, Option<u32>)>,
    pub next_conditional: u32,
    /// Above zero inside statements whose body may not run.
    pub conditional: u32,
    pub static_attributes: BTreeSet<Name>,
    pub interactive: bool,
    /// The `finally` bodies and the loops in them around the present place: true for a loop.
    pub finally: Vec<bool>,
}

impl<'a> Unit<'a> {
    pub fn new(kind: UnitKind, scope: ScopeId, name: Name, qualname: Name, first_line: u32) -> Unit<'a> {
        Unit {
            kind,
            scope,
            name,
            qualname,
            private: None,
            first_line,
            arg_count: 0,
            positional_only: 0,
            keyword_only: 0,
            flow: Flow::default(),
            consts: Constants::default(),
            names: Indexed::default(),
            slots: Vec::new(),
            fast: HashMap::new(),
            free: HashMap::new(),
            fblocks: Vec::new(),
            overrides: HashMap::new(),
            hidden: HashSet::new(),
            inlined: 0,
            deferred: Vec::new(),
            next_conditional: 0,
            conditional: 0,
            static_attributes: BTreeSet::new(),
            interactive: false,
            finally: Vec::new(),
        }
    }

    /// The slot of a fast local or cell, made if new.
    pub fn slot(&mut self, name: &Name, kinds: u8) -> u32 {
        if let Some(&slot) = self.fast.get(name) {
            self.slots[slot as usize].kind |= kinds;
            return slot;
        }
        let slot = self.slots.len() as u32;
        self.slots.push(Slot { name: name.clone(), kind: kinds, param: false });
        self.fast.insert(name.clone(), slot);
        slot
    }

    fn free_slot(&mut self, name: &Name) {
        let slot = self.slots.len() as u32;
        self.slots.push(Slot { name: name.clone(), kind: kind::FREE, param: false });
        self.free.insert(name.clone(), slot);
    }
}

impl<'a> Compiler<'a> {
    /// Prepares the outermost unit.
    pub fn enter_module(&mut self) {
        self.u.interactive = self.mode == super::Mode::Single;
        self.declare_slots();
        self.start_code(Loc::NONE);
    }

    /// Begins a nested code object. `function` names the annotated function of an annotation scope.
    pub fn enter(&mut self, kind: UnitKind, scope: ScopeId, name: &str, first_line: u32, function: Option<&str>) {
        let name: Name = name.into();
        let qualname = self.qualname(kind, &name, function);
        let mut unit = Unit::new(kind, scope, name, qualname, first_line);
        unit.private = self.u.private.clone();
        let before = std::mem::replace(&mut self.u, unit);
        self.outer.push(before);
        self.declare_slots();
        let loc = self.line_start(first_line);
        self.start_code(loc);
    }

    fn qualname(&self, kind: UnitKind, name: &Name, function: Option<&str>) -> Name {
        // An annotation scope does not show in qualified names.
        let (parent, depth) = if self.u.kind == UnitKind::Annotations {
            match self.outer.last() {
                Some(unit) => (unit, self.outer.len() - 1),
                None => (&self.u, 0),
            }
        } else {
            (&self.u, self.outer.len())
        };
        let own = match function {
            Some(function) => format!("{function}.{name}"),
            None => name.to_string(),
        };
        if depth == 0 {
            return own.into();
        }
        if matches!(kind, UnitKind::Function | UnitKind::AsyncFunction | UnitKind::Class) {
            let mangled = crate::compiler::scope::mangle(parent.private.as_deref(), name);
            if self.table.scopes[parent.scope].symbols.get(&mangled).is_some_and(|s| s.place == Place::GlobalExplicit) {
                return own.into();
            }
        }
        match parent.kind {
            UnitKind::Function | UnitKind::AsyncFunction | UnitKind::Lambda => {
                format!("{}.<locals>.{own}", parent.qualname).into()
            }
            _ => format!("{}.{own}", parent.qualname).into(),
        }
    }

    /// Gives parameters, cells and free variables their slots.
    fn declare_slots(&mut self) {
        let scope = self.scope();
        for name in &scope.params {
            let slot = self.u.slot(name, kind::LOCAL);
            self.u.slots[slot as usize].param = true;
        }
        let mut cells: Vec<Name> = Vec::new();
        let mut frees: Vec<Name> = Vec::new();
        for (name, symbol) in scope.symbols.iter() {
            if symbol.place == Place::Free || symbol.flags & def::FREE_CLASS != 0 {
                frees.push(name.clone());
            } else if symbol.place == Place::Cell || symbol.flags & def::COMP_CELL != 0 {
                cells.push(name.clone());
            }
            if symbol.flags & def::FREE_CLASS != 0 && symbol.place == Place::Cell {
                cells.push(name.clone());
            }
        }
        cells.sort();
        frees.sort();
        for name in &cells {
            self.u.slot(name, kind::CELL);
        }
        if scope.block == Block::Class {
            if scope.needs_class_cell {
                self.u.slot(&"__class__".into(), kind::CELL);
            }
            if scope.needs_classdict {
                self.u.slot(&"__classdict__".into(), kind::CELL);
            }
            if scope.conditional_annotations {
                self.u.slot(&"__conditional_annotations__".into(), kind::CELL);
            }
        }
        for name in &frees {
            self.u.free_slot(name);
        }
    }

    fn start_code(&mut self, loc: Loc) {
        let scope = self.scope();
        let suspends = scope.block.function_like() && (scope.generator || scope.coroutine)
            || self.u.kind == UnitKind::Module && scope.coroutine;
        if suspends {
            self.op(Op::RETURN_GENERATOR, 0, loc);
            self.op(Op::POP_TOP, 0, loc);
            let target = self.new_block();
            self.u.fblocks.push(FBlock::stop_iteration(target));
            self.u.flow.protect(target, true, 0, loc);
        }
        self.op(Op::RESUME, 0, loc);
    }

    fn code_flags(&self) -> u32 {
        let scope = self.scope();
        let mut bits = 0;
        if scope.block.function_like() {
            bits |= flags::NEWLOCALS | flags::OPTIMIZED;
            let set = [
                (scope.nested, flags::NESTED),
                (scope.generator && !scope.coroutine, flags::GENERATOR),
                (scope.coroutine && !scope.generator, flags::COROUTINE),
                (scope.generator && scope.coroutine, flags::ASYNC_GENERATOR),
                (scope.varargs, flags::VARARGS),
                (scope.varkeywords, flags::VARKEYWORDS),
                (self.u.consts.docstring, flags::HAS_DOCSTRING),
                (scope.method && self.u.kind != UnitKind::Comprehension, flags::METHOD),
            ];
            for (on, bit) in set {
                if on {
                    bits |= bit;
                }
            }
        } else if self.u.kind == UnitKind::Module && scope.coroutine {
            bits |= flags::COROUTINE;
        }
        if self.options.future_annotations {
            bits |= flags::FUTURE_ANNOTATIONS;
        }
        bits
    }

    /// Ends the present code object and makes its `CodeUnit`; the one around it becomes the present one.
    pub fn leave(&mut self) -> Res<CodeUnit> {
        let code = self.take_unit()?;
        if let Some(outer) = self.outer.pop() {
            self.u = outer;
        }
        Ok(code)
    }

    /// Makes the present code object's `CodeUnit`.
    pub fn take_unit(&mut self) -> Res<CodeUnit> {
        if let Some(FBlock { kind: super::fblocks::FKind::StopIteration(target), .. }) = self.u.fblocks.first() {
            let target = *target;
            self.u.flow.cur_handler = crate::compiler::flow::NO_HANDLER;
            self.use_block(target);
            let intrinsic = crate::bytecode::opcode::Intrinsic::StopIterationError as u32;
            self.op(Op::CALL_INTRINSIC_1, intrinsic, Loc::NONE);
            self.op(Op::RERAISE, 1, Loc::NONE);
        }
        let bits = self.code_flags();
        let unit = std::mem::replace(&mut self.u, Unit::new(UnitKind::Module, 0, "".into(), "".into(), 0));
        assemble::assemble(unit, bits, self.filename.clone(), self.lines)
    }
}
