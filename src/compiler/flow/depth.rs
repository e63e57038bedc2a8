//! Finds the stack depth of every block and handler by following the graph.

use super::{BlockId, Flow};
use crate::compiler::error::{ErrorKind, Fail, Loc, Res};

fn broken(what: &str) -> Box<Fail> {
    Fail::new(Loc::NONE, format!("internal compiler error: {what}")).kind(ErrorKind::Overflow)
}

/// Computes the depth on entry to every block (None where control never comes) and writes those of the handlers. An
/// inconsistent graph is an internal error.
pub fn depths(flow: &mut Flow) -> Res<Vec<Option<u32>>> {
    let mut next = vec![None; flow.blocks.len()];
    for pair in flow.order.windows(2) {
        next[pair[0] as usize] = Some(pair[1]);
    }
    let mut entry: Vec<Option<u32>> = vec![None; flow.blocks.len()];
    let mut work = vec![flow.order[0]];
    entry[flow.order[0] as usize] = Some(0);
    fn reach(entry: &mut [Option<u32>], work: &mut Vec<BlockId>, block: BlockId, depth: i32) -> Res {
        let Ok(depth) = u32::try_from(depth) else { return Err(broken("stack underflow")) };
        match entry[block as usize] {
            None => {
                entry[block as usize] = Some(depth);
                work.push(block);
                Ok(())
            }
            Some(known) if known == depth => Ok(()),
            Some(known) => Err(broken(&format!("block {block} entered at stack depths {known} and {depth}"))),
        }
    }
    while let Some(block) = work.pop() {
        let mut depth = entry[block as usize].unwrap_or(0) as i32;
        let mut ended = false;
        for i in 0..flow.blocks[block as usize].instrs.len() {
            let instr = flow.blocks[block as usize].instrs[i];
            if instr.setup {
                let handler = &mut flow.handlers[instr.arg as usize];
                let Ok(cut) = u32::try_from(depth - handler.above as i32) else {
                    return Err(broken("handler below the stack"));
                };
                handler.depth = cut;
                let at = cut as i32 + 1 + i32::from(handler.lasti);
                let target = handler.target;
                reach(&mut entry, &mut work, target, at)?;
                continue;
            }
            let info = instr.op.info();
            if let Some(target) = instr.target() {
                let at = depth + (info.jump)(0);
                reach(&mut entry, &mut work, target, at)?;
            }
            depth += (info.effect)(instr.arg as i32);
            if depth < 0 {
                return Err(broken("stack underflow"));
            }
            if instr.ends_block() {
                ended = true;
                break;
            }
        }
        if !ended {
            match next[block as usize] {
                Some(next) => reach(&mut entry, &mut work, next, depth)?,
                None => return Err(broken("control runs off the end")),
            }
        }
    }
    Ok(entry)
}
