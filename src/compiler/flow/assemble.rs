//! Lays a graph out as a `CodeUnit`: locals in order, jumps as word indexes, handler table, locations.

use super::{Flow, HandlerId, Instr, NO_HANDLER, depth};
use crate::bytecode::opcode::{MAX_ARG, Op, Operand, encode};
use crate::bytecode::unit::{CodeUnit, Constant, Handler, Local, Location, kind};
use crate::compiler::codegen::{Slot, Unit};
use crate::compiler::error::{ErrorKind, Fail, Loc, Res};
use crate::compiler::source::Lines;
use std::sync::Arc;

/// Finishes a code object.
pub fn assemble(mut unit: Unit, flags: u32, filename: Arc<str>, lines: &Lines) -> Res<CodeUnit> {
    let places = place_slots(&unit.slots);
    prefix(&mut unit);
    let reached = depth::depths(&mut unit.flow)?;
    // Code that control never reaches is not laid out.
    unit.flow.order.retain(|&b| reached[b as usize].is_some());
    super::optimise::optimise(&mut unit.flow, &unit.consts.list, lines);
    let stack_size = super::locals::decide(&mut unit.flow, &unit.slots)?;
    super::locals::pair(&mut unit.flow, &places);
    let used = renumber_constants(&mut unit);
    let mut code = CodeUnit {
        name: (*unit.name).into(),
        qualname: (*unit.qualname).into(),
        filename,
        first_line: unit.first_line,
        arg_count: unit.arg_count,
        positional_only_count: unit.positional_only,
        keyword_only_count: unit.keyword_only,
        flags,
        stack_size,
        locals: locals(&unit.slots, &places),
        names: unit.names.list.iter().map(|n| (**n).into()).collect(),
        consts: used,
        ..CodeUnit::default()
    };
    layout(&unit.flow, &places, lines, &mut code)?;
    Ok(code)
}

/// The final index of each slot: parameters, other locals, cells, free variables.
fn place_slots(slots: &[Slot]) -> Vec<u32> {
    let class = |s: &Slot| {
        if s.param {
            0
        } else if s.kind & kind::FREE != 0 {
            3
        } else if s.kind & kind::LOCAL != 0 {
            1
        } else {
            2
        }
    };
    let mut order: Vec<usize> = (0..slots.len()).collect();
    order.sort_by_key(|&i| class(&slots[i]));
    let mut places = vec![0; slots.len()];
    for (place, slot) in order.into_iter().enumerate() {
        places[slot] = place as u32;
    }
    places
}

fn locals(slots: &[Slot], places: &[u32]) -> Vec<Local> {
    let mut out = vec![Local { name: "".into(), kind: 0 }; slots.len()];
    for (slot, &place) in slots.iter().zip(places) {
        // The parameter of annotation functions has a name in the scopes that no annotation can use.
        let name = if &*slot.name == ".format" { "format" } else { &slot.name };
        out[place as usize] = Local { name: name.into(), kind: slot.kind };
    }
    out
}

/// Instructions that bring cells and free variables into being, before everything else.
fn prefix(unit: &mut Unit) {
    let mut instrs = Vec::new();
    let make = |op, arg| Instr::new(op, arg, Loc::NONE);
    let frees = unit.slots.iter().filter(|s| s.kind & kind::FREE != 0).count();
    if frees > 0 {
        instrs.push(make(Op::COPY_FREE_VARS, frees as u32));
    }
    let places = place_slots(&unit.slots);
    let mut cells: Vec<usize> = (0..unit.slots.len()).filter(|&i| unit.slots[i].kind & kind::CELL != 0).collect();
    cells.sort_by_key(|&i| places[i]);
    instrs.extend(cells.into_iter().map(|i| make(Op::MAKE_CELL, i as u32)));
    let first = unit.flow.order[0] as usize;
    unit.flow.blocks[first].instrs.splice(0..0, instrs);
}

/// Keeps the constants that the laid-out code uses (and the docstring), and renumbers the operands.
fn renumber_constants(unit: &mut Unit) -> Vec<Constant> {
    let all = std::mem::take(&mut unit.consts.list);
    let mut new = vec![u32::MAX; all.len()];
    let mut kept = 0;
    if unit.consts.docstring {
        new[0] = 0;
        kept = 1;
    }
    for &block in &unit.flow.order {
        for instr in &mut unit.flow.blocks[block as usize].instrs {
            if instr.op.info().operand == Operand::Const {
                let slot = &mut new[instr.arg as usize];
                if *slot == u32::MAX {
                    *slot = kept;
                    kept += 1;
                }
                instr.arg = *slot;
            }
        }
    }
    let mut out: Vec<Option<Constant>> = vec![None; kept as usize];
    for (constant, index) in all.into_iter().zip(new) {
        if index != u32::MAX {
            out[index as usize] = Some(constant);
        }
    }
    out.into_iter().flatten().collect()
}

fn too_large() -> Box<Fail> {
    Fail::new(Loc::NONE, "code object too large").kind(ErrorKind::Overflow)
}

fn layout(flow: &Flow, places: &[u32], lines: &Lines, code: &mut CodeUnit) -> Res {
    // Where each block starts.
    let mut starts = vec![u32::MAX; flow.blocks.len()];
    let mut at = 0u32;
    for &block in &flow.order {
        starts[block as usize] = at;
        for instr in &flow.blocks[block as usize].instrs {
            at += 1 + u32::from(instr.op.info().cache);
        }
    }
    if at > MAX_ARG {
        return Err(too_large());
    }
    code.instructions.reserve(at as usize);
    let mut located: Option<(Loc, Location)> = None;
    let mut handler = NO_HANDLER;
    let mut handler_start = 0;
    for &block in &flow.order {
        for instr in &flow.blocks[block as usize].instrs {
            let here = code.instructions.len() as u32;
            if instr.handler != handler {
                close_handler(flow, &starts, handler, handler_start, here, code);
                handler = instr.handler;
                handler_start = here;
            }
            let location = match located {
                Some((loc, location)) if loc == instr.loc => location,
                _ => lines.location(instr.loc),
            };
            located = Some((instr.loc, location));
            if code.locations.last().is_none_or(|l| l.1 != location) {
                code.locations.push((here, location));
            }
            let (op, arg) = match instr.op.info().operand {
                Operand::Jump => {
                    let target = starts[instr.arg as usize];
                    let op = match instr.op {
                        Op::JUMP | Op::JUMP_BACKWARD if target > here => Op::JUMP,
                        Op::JUMP | Op::JUMP_BACKWARD => Op::JUMP_BACKWARD,
                        op => op,
                    };
                    (op, target)
                }
                Operand::Local => (instr.op, places[instr.arg as usize]),
                Operand::Local2 => {
                    let (a, b) = (places[(instr.arg & 0xfff) as usize], places[(instr.arg >> 12) as usize]);
                    (instr.op, a | b << 12)
                }
                _ => (instr.op, instr.arg),
            };
            if arg > MAX_ARG {
                return Err(too_large());
            }
            code.instructions.push(encode(op, arg));
            if op.info().cache {
                code.instructions.push(code.cache_count);
                code.cache_count += 1;
            }
        }
    }
    let end = code.instructions.len() as u32;
    close_handler(flow, &starts, handler, handler_start, end, code);
    Ok(())
}

fn close_handler(flow: &Flow, starts: &[u32], handler: HandlerId, start: u32, end: u32, code: &mut CodeUnit) {
    if handler == NO_HANDLER || start == end {
        return;
    }
    let info = flow.handlers[handler as usize];
    let target = starts[info.target as usize];
    if target == u32::MAX {
        return;
    }
    code.handlers.push(Handler { start, end, target, depth: info.depth, lasti: info.lasti });
}
