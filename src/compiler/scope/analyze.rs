//! Decides where each name of each block lives: local, cell, free or global.

use super::{Block, Comp, Name, Place, ScopeId, ScopeTable, Symbol, def};
use crate::compiler::error::{Loc, Res, fail};
use std::collections::{HashMap, HashSet};

type Set = HashSet<Name>;

/// What an inner block inherits from those around it.
#[derive(Clone, Default)]
struct Around {
    bound: Set,
    global: Set,
    type_params: Set,
}

/// Resolves all names of the table.
pub(super) fn analyze(table: &mut ScopeTable) -> Res {
    let mut free = Set::new();
    analyze_block(table, 0, None, &mut Set::new(), &mut Set::new(), &mut free, None)
}

fn directive(table: &ScopeTable, scope: ScopeId, name: &Name) -> Loc {
    let scope = &table.scopes[scope];
    scope.directives.iter().find(|(n, _)| n == name).map_or(scope.loc, |d| d.1)
}

/// `bound` is None for the module. Adds to `free` what this block wants from the blocks around it.
fn analyze_block(
    table: &mut ScopeTable,
    id: ScopeId,
    mut bound: Option<&mut Set>,
    global: &mut Set,
    type_params: &mut Set,
    free: &mut Set,
    class: Option<ScopeId>,
) -> Res {
    let block = table.scopes[id].block;
    let mut inner = Around::default();
    // A class's own names are not visible in the functions within it.
    if block == Block::Class {
        inner.global.extend(global.iter().cloned());
        if let Some(bound) = &bound {
            inner.bound.extend(bound.iter().cloned());
        }
    }
    let mut local = Set::new();
    let mut places: HashMap<Name, Place> = HashMap::new();
    for name in table.scopes[id].symbols.names() {
        let flags = table.scopes[id].symbols.flags(&name);
        let place = analyze_name(table, id, &name, flags, &mut bound, &mut local, free, global, type_params, class)?;
        places.insert(name, place);
    }
    if block == Block::Class {
        for name in ["__class__", "__classdict__", "__conditional_annotations__"] {
            inner.bound.insert(name.into());
        }
    } else {
        if block.function_like() {
            inner.bound.extend(local.iter().cloned());
        }
        if let Some(bound) = &bound {
            inner.bound.extend(bound.iter().cloned());
        }
        inner.global.extend(global.iter().cloned());
    }
    inner.type_params.extend(type_params.iter().cloned());

    let mut new_free = Set::new();
    let mut inlined_cells = Set::new();
    for child in table.scopes[id].children.clone() {
        let child_class =
            if table.scopes[child].sees_class { if block == Block::Class { Some(id) } else { class } } else { None };
        let inline =
            table.scopes[child].comprehension.is_some_and(|c| c != Comp::Generator) && !table.scopes[id].sees_class;
        let mut own = inner.clone();
        let mut child_free = Set::new();
        analyze_block(
            table,
            child,
            Some(&mut own.bound),
            &mut own.global,
            &mut own.type_params,
            &mut child_free,
            child_class,
        )?;
        if inline {
            inline_comprehension(table, id, child, &mut places, &mut child_free, &mut inlined_cells);
            table.scopes[child].inlined = true;
        }
        new_free.extend(child_free);
        if table.scopes[child].free || table.scopes[child].child_free {
            table.scopes[id].child_free = true;
        }
    }
    splice_inlined(table, id);

    if block.function_like() {
        for (name, place) in &mut places {
            if *place == Place::Local && (new_free.contains(name) || inlined_cells.contains(name)) {
                *place = Place::Cell;
                new_free.remove(name);
            }
        }
    } else if block == Block::Class {
        let scope = &mut table.scopes[id];
        scope.needs_class_cell |= new_free.remove("__class__");
        scope.needs_classdict |= new_free.remove("__classdict__");
        scope.conditional_annotations |= new_free.remove("__conditional_annotations__");
    }
    update(table, id, &places, bound.as_deref(), &new_free, &inlined_cells);
    free.extend(new_free);
    Ok(())
}

/// The children of an inlined comprehension become children of the block that takes it in.
fn splice_inlined(table: &mut ScopeTable, id: ScopeId) {
    let mut children = Vec::new();
    for child in std::mem::take(&mut table.scopes[id].children) {
        if table.scopes[child].inlined {
            for &grandchild in &table.scopes[child].children {
                children.push(grandchild);
            }
        } else {
            children.push(child);
        }
    }
    table.scopes[id].children = children;
}

#[allow(clippy::too_many_arguments)]
fn analyze_name(
    table: &mut ScopeTable,
    id: ScopeId,
    name: &Name,
    flags: u32,
    bound: &mut Option<&mut Set>,
    local: &mut Set,
    free: &mut Set,
    global: &mut Set,
    type_params: &mut Set,
    class: Option<ScopeId>,
) -> Res<Place> {
    if flags & def::GLOBAL != 0 {
        if flags & def::NONLOCAL != 0 {
            return fail(directive(table, id, name), format!("name '{name}' is nonlocal and global"));
        }
        global.insert(name.clone());
        if let Some(bound) = bound {
            bound.remove(name);
        }
        return Ok(Place::GlobalExplicit);
    }
    if flags & def::NONLOCAL != 0 {
        let Some(bound) = bound else {
            return fail(directive(table, id, name), "nonlocal declaration not allowed at module level");
        };
        if !bound.contains(name) {
            return fail(directive(table, id, name), format!("no binding for nonlocal '{name}' found"));
        }
        if type_params.contains(name) {
            let message = format!("nonlocal binding not allowed for type parameter '{name}'");
            return fail(directive(table, id, name), message);
        }
        table.scopes[id].free = true;
        free.insert(name.clone());
        return Ok(Place::Free);
    }
    if flags & def::BOUND != 0 {
        local.insert(name.clone());
        global.remove(name);
        if flags & def::TYPE_PARAM != 0 {
            type_params.insert(name.clone());
        } else {
            type_params.remove(name);
        }
        return Ok(Place::Local);
    }
    if let Some(class) = class {
        let flags = table.scopes[class].symbols.flags(name);
        if flags & def::GLOBAL != 0 {
            return Ok(Place::GlobalExplicit);
        }
        if flags & def::BOUND != 0 && flags & def::NONLOCAL == 0 {
            return Ok(Place::GlobalImplicit);
        }
    }
    if bound.as_ref().is_some_and(|b| b.contains(name)) {
        table.scopes[id].free = true;
        free.insert(name.clone());
        return Ok(Place::Free);
    }
    if !global.contains(name) && table.scopes[id].nested {
        table.scopes[id].free = true;
    }
    Ok(Place::GlobalImplicit)
}

fn free_in_a_child(table: &ScopeTable, id: ScopeId, name: &str) -> bool {
    table.scopes[id].children.iter().any(|&c| table.scopes[c].symbols.get(name).is_some_and(|s| s.place == Place::Free))
}

fn inline_comprehension(
    table: &mut ScopeTable,
    id: ScopeId,
    comp: ScopeId,
    places: &mut HashMap<Name, Place>,
    comp_free: &mut Set,
    inlined_cells: &mut Set,
) {
    let is_class = table.scopes[id].block == Block::Class;
    for name in table.scopes[comp].symbols.names() {
        let symbol = table.scopes[comp].symbols.get(&name).unwrap_or_default();
        // The parameter that passes the outermost iterator has no place in the inlined form.
        if symbol.flags & def::PARAM != 0 {
            continue;
        }
        if symbol.place == Place::Cell || symbol.flags & def::COMP_CELL != 0 {
            inlined_cells.insert(name.clone());
        }
        match table.scopes[id].symbols.get(&name) {
            None => {
                let mut place = symbol.place;
                if place == Place::Free
                    && is_class
                    && matches!(&*name, "__class__" | "__classdict__" | "__conditional_annotations__")
                {
                    place = Place::GlobalImplicit;
                    comp_free.remove(&name);
                    table.scopes[comp].symbols.remove(&name);
                }
                table.scopes[id].symbols.set(&name, Symbol { flags: symbol.flags, place: Place::Unknown });
                places.insert(name, place);
            }
            Some(existing) => {
                if existing.flags & def::BOUND != 0 && !is_class && !free_in_a_child(table, comp, &name) {
                    comp_free.remove(&name);
                }
            }
        }
    }
    table.scopes[comp].free = !comp_free.is_empty();
}

fn update(
    table: &mut ScopeTable,
    id: ScopeId,
    places: &HashMap<Name, Place>,
    bound: Option<&Set>,
    free: &Set,
    inlined_cells: &Set,
) {
    let scope = &mut table.scopes[id];
    let in_class = scope.block == Block::Class || scope.sees_class;
    for name in scope.symbols.names() {
        let mut symbol = scope.symbols.get(&name).unwrap_or_default();
        symbol.place = places.get(&name).copied().unwrap_or_default();
        if inlined_cells.contains(&name) {
            symbol.flags |= def::COMP_CELL;
        }
        scope.symbols.set(&name, symbol);
    }
    let mut unresolved: Vec<&Name> = free.iter().collect();
    unresolved.sort();
    for name in unresolved {
        if let Some(mut symbol) = scope.symbols.get(name) {
            if in_class {
                symbol.flags |= def::FREE_CLASS;
                scope.symbols.set(name, symbol);
            }
            continue;
        }
        if bound.is_some_and(|b| !b.contains(name)) {
            continue;
        }
        scope.symbols.set(name, Symbol { flags: 0, place: Place::Free });
    }
}
