//! What is known of the operand stack and the locals at every instruction, found by abstract interpretation.
//!
//! For each local: may it be unbound here? For each word on the stack: may it be null, is it part of exception
//! handling, and which loads of locals may it come from? A load may borrow (push the local's word without counting)
//! if, on every path from the load to the consumption of the word, the local is neither rebound nor unbound, the word
//! is not itself stored in a local, and the frame is not suspended. The compiler chooses the form of each load by
//! this; `verify` holds foreign code to it.

use super::opcode::Op;
use smallvec::SmallVec;
use std::collections::BTreeSet;

/// No handler.
pub const NONE: u32 = u32::MAX;

/// An instruction; a jump's operand is the index of its target step.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub op: Op,
    pub arg: u32,
    /// Index of the region that protects it, or `NONE`.
    pub region: u32,
}

/// A handler.
#[derive(Clone, Copy, Debug)]
pub struct Region {
    /// Index of the handler's first step.
    pub target: u32,
    pub depth: u32,
    pub lasti: bool,
}

/// What a word on the stack is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Value,
    /// The index of a raising instruction.
    Lasti,
    /// The exception that a handler was entered with.
    Exception,
    /// The exception handled before, or None.
    Previous,
    /// A cell itself.
    Cell,
}

impl Kind {
    /// What is known of a word that is one or the other.
    fn join(self, other: Kind) -> Kind {
        match (self, other) {
            _ if self == other => self,
            // A tool may raise at a handler's first instruction, where the exception is not yet the handled one.
            (Kind::Exception, Kind::Previous) | (Kind::Previous, Kind::Exception) => Kind::Previous,
            _ => Kind::Value,
        }
    }
}

/// The loads that a word may come from, ascending.
type Sources = SmallVec<[u32; 2]>;

#[derive(Clone, PartialEq, Debug)]
struct Entry {
    sources: Sources,
    null: bool,
    kind: Kind,
}

impl Entry {
    fn value() -> Entry {
        Entry { sources: Sources::new(), null: false, kind: Kind::Value }
    }

    fn of(kind: Kind) -> Entry {
        Entry { sources: Sources::new(), null: false, kind }
    }

    fn absorb(&mut self, other: &Entry) {
        for &source in &other.sources {
            if let Err(at) = self.sources.binary_search(&source) {
                self.sources.insert(at, source);
            }
        }
    }
}

/// A set of locals.
#[derive(Clone, PartialEq, Debug)]
struct Bits(SmallVec<[u64; 1]>);

impl Bits {
    fn get(&self, i: u32) -> bool {
        self.0[i as usize / 64] >> (i % 64) & 1 != 0
    }

    fn set(&mut self, i: u32, on: bool) {
        let bit = 1 << (i % 64);
        let word = &mut self.0[i as usize / 64];
        if on { *word |= bit } else { *word &= !bit }
    }
}

#[derive(Clone, Debug)]
struct State {
    stack: Vec<Entry>,
    unbound: Bits,
    /// Locals that may hold something else than a cell.
    plain: Bits,
}

impl State {
    /// Words that it takes, about.
    fn size(&self) -> usize {
        self.stack.iter().map(|entry| 2 + entry.sources.len()).sum::<usize>() + self.unbound.0.len() * 2
    }
}

/// What is known of each step that control reaches.
#[derive(Clone, Copy, Default, Debug)]
pub struct Fact {
    pub reached: bool,
    /// A load whose local may be unbound.
    pub unbound: bool,
    /// A load that must own its word.
    pub owned: bool,
}

/// Why code is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsound(pub String);

fn unsound<T>(step: usize, what: &str) -> Result<T, Unsound> {
    Err(Unsound(format!("instruction {step}: {what}")))
}

/// How much an analysis may do: code from outside can be made so that each step costs a lot.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Words of the stack and of sets of locals looked at.
    pub work: u64,
    /// Words kept.
    pub room: u64,
    /// Words on the stack.
    pub depth: usize,
}

impl Budget {
    /// For the compiler's own code.
    pub const UNLIMITED: Budget = Budget { work: u64::MAX, room: u64::MAX, depth: usize::MAX };

    fn spend(left: &mut u64, amount: usize) -> Result<(), Unsound> {
        match left.checked_sub(amount as u64) {
            Some(rest) => {
                *left = rest;
                Ok(())
            }
            None => Err(Unsound("too complex".into())),
        }
    }
}

struct Analysis<'c> {
    budget: &'c mut Budget,
    steps: &'c [Step],
    regions: &'c [Region],
    facts: Vec<Fact>,
    states: Vec<Option<State>>,
    leader: Vec<bool>,
    work: BTreeSet<u32>,
    max: usize,
}

/// What a local is at the start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Start {
    Unbound,
    Bound,
    /// A free variable's cell.
    Cell,
}

/// Interprets the steps. Returns a fact per step and the greatest depth of the stack.
pub fn analyze(
    steps: &[Step],
    regions: &[Region],
    locals: &[Start],
    budget: &mut Budget,
) -> Result<(Vec<Fact>, u32), Unsound> {
    let mut unbound = Bits(SmallVec::from_elem(0, locals.len() / 64 + 1));
    let mut plain = unbound.clone();
    for (i, start) in locals.iter().enumerate() {
        unbound.set(i as u32, *start == Start::Unbound);
        plain.set(i as u32, *start != Start::Cell);
    }
    let mut leader = vec![false; steps.len()];
    for step in steps {
        if is_jump(step.op) {
            leader[step.arg as usize] = true;
        }
    }
    for region in regions {
        leader[region.target as usize] = true;
    }
    if steps.is_empty() {
        return Err(Unsound("no instructions".into()));
    }
    leader[0] = true;
    let mut analysis = Analysis {
        budget,
        steps,
        regions,
        facts: vec![Fact::default(); steps.len()],
        states: vec![None; steps.len()],
        leader,
        work: BTreeSet::new(),
        max: 0,
    };
    analysis.flow_to(0, &State { stack: Vec::new(), unbound, plain })?;
    while let Some(start) = analysis.work.pop_first() {
        analysis.run(start as usize)?;
    }
    Ok((analysis.facts, analysis.max as u32))
}

/// Whether the operand is a jump target.
pub fn is_jump(op: Op) -> bool {
    op.info().operand == super::opcode::Operand::Jump
}

/// Whether control never goes on behind the instruction.
pub fn ends(op: Op) -> bool {
    matches!(op, Op::JUMP | Op::JUMP_BACKWARD | Op::RETURN_VALUE | Op::RAISE_VARARGS | Op::RERAISE)
}

impl Analysis<'_> {
    /// Joins a state into that of a leader; queues the leader if it learnt something.
    fn flow_to(&mut self, target: usize, state: &State) -> Result<(), Unsound> {
        Budget::spend(&mut self.budget.work, state.size())?;
        let Some(known) = &mut self.states[target] else {
            Budget::spend(&mut self.budget.room, state.size())?;
            self.states[target] = Some(state.clone());
            self.work.insert(target as u32);
            return Ok(());
        };
        if known.stack.len() != state.stack.len() {
            return unsound(target, "entered with different stack depths");
        }
        let mut changed = false;
        for (known, new) in known.unbound.0.iter_mut().zip(&state.unbound.0) {
            changed |= *new & !*known != 0;
            *known |= new;
        }
        for (known, new) in known.plain.0.iter_mut().zip(&state.plain.0) {
            changed |= *new & !*known != 0;
            *known |= new;
        }
        for (known, new) in known.stack.iter_mut().zip(&state.stack) {
            if known != new {
                let before = known.clone();
                known.absorb(new);
                let more = known.sources.len() - before.sources.len();
                Budget::spend(&mut self.budget.room, more)?;
                Budget::spend(&mut self.budget.work, known.sources.len())?;
                known.null |= new.null;
                known.kind = known.kind.join(new.kind);
                changed |= *known != before;
            }
        }
        if changed {
            self.work.insert(target as u32);
        }
        Ok(())
    }

    /// Interprets from a leader to the next one.
    fn run(&mut self, start: usize) -> Result<(), Unsound> {
        let Some(mut state) = self.states[start].clone() else { return Ok(()) };
        Budget::spend(&mut self.budget.work, state.size())?;
        let mut at = start;
        loop {
            Budget::spend(&mut self.budget.work, 1)?;
            let step = self.steps[at];
            self.facts[at].reached = true;
            self.raise(at, step, &state)?;
            let above = state.stack.len();
            let taken = self.step(at, step, &mut state)?;
            // What raises has taken its operands: none of them lies where a handler expects a word.
            if step.region != NONE
                && self.regions[step.region as usize].depth as usize > above - operands(step.op, step.arg)
            {
                return unsound(at, "takes what its handler keeps");
            }
            // The locals may have changed before the instruction raised (a rebinding runs a destructor). What a tool raises
            // is raised before the instruction.
            if !matches!(step.op, Op::RETURN_VALUE | Op::SWAP) {
                self.raise(at, step, &state)?;
            }
            self.max = self.max.max(state.stack.len());
            if self.max > self.budget.depth {
                return Err(Unsound("stack size".into()));
            }
            if let Some(taken) = taken {
                self.max = self.max.max(taken.stack.len());
                self.flow_to(step.arg as usize, &taken)?;
            }
            if ends(step.op) {
                return Ok(());
            }
            at += 1;
            if at == self.steps.len() {
                return unsound(at - 1, "control runs off the end");
            }
            if self.leader[at] {
                return self.flow_to(at, &state);
            }
        }
    }

    /// Control may go to the handler of a step.
    fn raise(&mut self, at: usize, step: Step, state: &State) -> Result<(), Unsound> {
        if step.region == NONE {
            return Ok(());
        }
        let region = self.regions[step.region as usize];
        let depth = region.depth as usize;
        if state.stack.len() < depth {
            return unsound(at, "protected with too low a stack");
        }
        Budget::spend(&mut self.budget.work, depth + state.unbound.0.len())?;
        if let Some(known) = &self.states[region.target as usize] {
            // The common case: nothing new.
            let extra = 1 + usize::from(region.lasti);
            if known.stack.len() == depth + extra
                && known.stack[..depth] == state.stack[..depth]
                && known.unbound.0.iter().zip(&state.unbound.0).all(|(k, n)| n & !k == 0)
                && known.plain.0.iter().zip(&state.plain.0).all(|(k, n)| n & !k == 0)
            {
                return Ok(());
            }
        }
        let mut entered =
            State { stack: state.stack[..depth].to_vec(), unbound: state.unbound.clone(), plain: state.plain.clone() };
        if region.lasti {
            entered.stack.push(Entry::of(Kind::Lasti));
        }
        entered.stack.push(Entry::of(Kind::Exception));
        self.max = self.max.max(entered.stack.len());
        self.flow_to(region.target as usize, &entered)
    }

    fn own(&mut self, sources: &Sources) {
        for &source in sources {
            self.facts[source as usize].owned = true;
        }
    }

    /// The local changes: what was borrowed from it and is still on the stack must be owned.
    fn change(&mut self, local: u32, state: &State) -> Result<(), Unsound> {
        let mut seen = 0;
        for entry in &state.stack {
            seen += 1 + entry.sources.len();
            for &source in &entry.sources {
                let step = self.steps[source as usize];
                let changed = match step.op {
                    Op::LOAD_FAST_BORROW_2 => step.arg & 0xfff == local || step.arg >> 12 == local,
                    _ => step.arg == local,
                };
                if changed {
                    self.facts[source as usize].owned = true;
                }
            }
        }
        Budget::spend(&mut self.budget.work, seen)
    }

    fn load(&mut self, at: usize, local: u32, state: &mut State) -> Result<(), Unsound> {
        if !state.plain.get(local) {
            return unsound(at, "loads a cell");
        }
        self.facts[at].unbound |= state.unbound.get(local);
        state.stack.push(Entry { sources: SmallVec::from_slice(&[at as u32]), null: false, kind: Kind::Value });
        Ok(())
    }

    /// Applies an instruction. Returns the state at its jump target, if it may jump.
    fn step(&mut self, at: usize, step: Step, state: &mut State) -> Result<Option<State>, Unsound> {
        let Step { op, arg, .. } = step;
        let n = arg as usize;
        let len = state.stack.len();
        let need = |count: usize| if len < count { unsound(at, "stack underflow") } else { Ok(()) };
        match op {
            Op::LOAD_FAST | Op::LOAD_FAST_BORROW | Op::LOAD_FAST_CHECK => {
                self.load(at, arg, state)?;
                // Behind a checked load the local is bound.
                state.unbound.set(arg, false);
            }
            Op::LOAD_FAST_BORROW_2 => {
                self.load(at, arg & 0xfff, state)?;
                self.load(at, arg >> 12, state)?;
            }
            Op::LOAD_FAST_AND_CLEAR => {
                self.change(arg, state)?;
                let kind = if state.plain.get(arg) { Kind::Value } else { Kind::Cell };
                state.stack.push(Entry { null: state.unbound.get(arg), ..Entry::of(kind) });
                state.unbound.set(arg, true);
                state.plain.set(arg, true);
            }
            Op::STORE_FAST => {
                need(1)?;
                if let Some(entry) = state.stack.pop() {
                    self.own(&entry.sources);
                    self.change(arg, state)?;
                    state.unbound.set(arg, entry.null);
                    state.plain.set(arg, entry.kind != Kind::Cell);
                }
            }
            Op::DELETE_FAST => {
                self.change(arg, state)?;
                state.unbound.set(arg, true);
                state.plain.set(arg, true);
            }
            Op::MAKE_CELL => {
                self.change(arg, state)?;
                state.unbound.set(arg, false);
                state.plain.set(arg, false);
            }
            Op::LOAD_DEREF | Op::STORE_DEREF | Op::DELETE_DEREF | Op::LOAD_FROM_DICT_OR_DEREF | Op::LOAD_CLOSURE
                if state.plain.get(arg) || state.unbound.get(arg) =>
            {
                return unsound(at, "no cell");
            }
            Op::PUSH_NULL => state.stack.push(Entry { null: true, ..Entry::value() }),
            Op::COPY => {
                need(n.max(1))?;
                if n == 0 {
                    return unsound(at, "COPY 0");
                }
                let entry = state.stack[len - n].clone();
                if entry.null {
                    return unsound(at, "copies null");
                }
                Budget::spend(&mut self.budget.room, entry.sources.len())?;
                state.stack.push(entry);
            }
            Op::SWAP => {
                need(n.max(2))?;
                if n < 2 {
                    return unsound(at, "SWAP of fewer than two");
                }
                state.stack.swap(len - 1, len - n);
            }
            // These leave their operand where it is, or may give it back as their result.
            Op::GET_ITER
            | Op::GET_YIELD_FROM_ITER
            | Op::GET_AWAITABLE
            | Op::GET_AITER
            | Op::FORMAT_SIMPLE
            | Op::CONVERT_VALUE => {
                need(1)?;
                self.values(at, state, 1)?;
            }
            Op::GET_LEN | Op::MATCH_MAPPING | Op::MATCH_SEQUENCE | Op::GET_ANEXT | Op::IMPORT_FROM => {
                need(1)?;
                self.values(at, state, 1)?;
                state.stack.push(Entry::value());
            }
            Op::MATCH_KEYS => {
                need(2)?;
                self.values(at, state, 2)?;
                state.stack.push(Entry::value());
            }
            Op::LOAD_METHOD | Op::LOAD_SPECIAL => {
                need(1)?;
                self.values(at, state, 1)?;
                let object = state.stack.pop().unwrap_or_else(Entry::value);
                state.stack.push(Entry::value());
                state.stack.push(Entry { null: true, ..object });
            }
            Op::LOAD_SUPER_METHOD => {
                need(3)?;
                self.values(at, state, 3)?;
                let object = state.stack.pop().unwrap_or_else(Entry::value);
                state.stack.truncate(len - 3);
                state.stack.push(Entry::value());
                state.stack.push(Entry { null: true, ..object });
            }
            Op::END_SEND => {
                need(2)?;
                state.stack.swap_remove(len - 2);
            }
            Op::SET_FUNCTION_ATTRIBUTE => {
                need(2)?;
                self.values(at, state, 2)?;
                state.stack.swap_remove(len - 2);
            }
            Op::FOR_ITER => {
                need(1)?;
                self.values(at, state, 1)?;
                let mut done = state.clone();
                done.stack.pop();
                state.stack.push(Entry::value());
                return Ok(Some(done));
            }
            Op::SEND => {
                need(2)?;
                self.values(at, state, 2)?;
                state.stack[len - 1] = Entry::value();
                return Ok(Some(state.clone()));
            }
            Op::JUMP_IF_TRUE_OR_POP | Op::JUMP_IF_FALSE_OR_POP => {
                need(1)?;
                self.values(at, state, 1)?;
                let taken = state.clone();
                state.stack.pop();
                return Ok(Some(taken));
            }
            Op::YIELD_VALUE => {
                need(1)?;
                self.values(at, state, 1)?;
                // A suspended frame owns what lies on its stack.
                for entry in &state.stack[..len - 1] {
                    let sources = entry.sources.clone();
                    self.own(&sources);
                }
                state.stack[len - 1] = Entry::value();
            }
            Op::LOAD_CLOSURE => state.stack.push(Entry::of(Kind::Cell)),
            // The container lies below, under what is taken.
            Op::LIST_APPEND
            | Op::SET_ADD
            | Op::MAP_ADD
            | Op::LIST_EXTEND
            | Op::SET_UPDATE
            | Op::DICT_UPDATE
            | Op::DICT_MERGE => {
                let taken = if op == Op::MAP_ADD { 2 } else { 1 };
                // An error in merging names the callable.
                let lowest = taken + n + if op == Op::DICT_MERGE { 3 } else { 0 };
                need(lowest)?;
                self.values(at, state, taken)?;
                if state.stack[len - taken - n].null || state.stack[len - lowest].null {
                    return unsound(at, "operand may be null");
                }
                state.stack.truncate(len - taken);
            }
            Op::PUSH_EXC_INFO => {
                need(1)?;
                self.expect(at, state, 1, Kind::Exception)?;
                state.stack[len - 1] = Entry::of(Kind::Previous);
                state.stack.push(Entry::of(Kind::Exception));
            }
            Op::POP_EXCEPT => {
                need(1)?;
                self.expect(at, state, 1, Kind::Previous)?;
                state.stack.pop();
            }
            Op::RERAISE => {
                need(1 + n)?;
                // Also what `except*` computes; whether that is an exception is seen at run time.
                self.values(at, state, 1)?;
                if n > 0 {
                    self.expect(at, state, 2, Kind::Lasti)?;
                }
                state.stack.pop();
            }
            Op::CLEANUP_THROW => {
                need(3)?;
                self.values(at, state, 3)?;
                self.expect(at, state, 1, Kind::Exception)?;
                state.stack.truncate(len - 3);
                state.stack.extend([Entry::value(), Entry::value()]);
            }
            Op::END_ASYNC_FOR => {
                need(2)?;
                self.values(at, state, 2)?;
                self.expect(at, state, 1, Kind::Exception)?;
                state.stack.truncate(len - 2);
            }
            Op::RETURN_VALUE => {
                need(1)?;
                self.values(at, state, 1)?;
                if len > 1 {
                    return unsound(at, "returns with a stack that is not empty");
                }
                state.stack.pop();
            }
            Op::CHECK_EXC_MATCH => {
                need(2)?;
                self.values(at, state, 2)?;
                state.stack[len - 1] = Entry::value();
            }
            Op::CALL | Op::CALL_KW | Op::CALL_FUNCTION_EX => {
                let args = match op {
                    Op::CALL => n,
                    Op::CALL_KW => n + 1,
                    _ => 1 + (n & 1),
                };
                need(args + 2)?;
                self.values(at, state, args)?;
                if state.stack[len - args - 2].null {
                    return unsound(at, "calls null");
                }
                state.stack.truncate(len - args - 2);
                state.stack.push(Entry::value());
            }
            Op::WITH_EXCEPT_START => {
                need(5)?;
                self.values(at, state, 1)?;
                if state.stack[len - 5].null {
                    return unsound(at, "calls null");
                }
                state.stack.push(Entry::value());
            }
            Op::POP_TOP => {
                need(1)?;
                state.stack.pop();
            }
            _ => return self.generic(at, step, state),
        }
        Ok(None)
    }

    /// The top `count` words must not be null.
    fn values(&self, at: usize, state: &State, count: usize) -> Result<(), Unsound> {
        let len = state.stack.len();
        if state.stack[len - count..].iter().any(|e| e.null) {
            return unsound(at, "operand may be null");
        }
        Ok(())
    }

    /// The word there must be of this kind on every way to the instruction, which relies on it.
    fn expect(&self, at: usize, state: &State, from_top: usize, kind: Kind) -> Result<(), Unsound> {
        let entry = &state.stack[state.stack.len() - from_top];
        if entry.kind != kind || entry.null { unsound(at, "exception state mixed up") } else { Ok(()) }
    }

    /// An instruction that takes its operands off the stack and pushes new words.
    fn generic(&mut self, at: usize, step: Step, state: &mut State) -> Result<Option<State>, Unsound> {
        let info = step.op.info();
        let effect = (info.effect)(step.arg as i32);
        let pushes = pushes(step.op, step.arg);
        let pops = pushes as i32 - effect;
        let len = state.stack.len();
        if pops < 0 || (pops as usize) > len {
            return unsound(at, "stack underflow");
        }
        let pops = pops as usize;
        self.values(at, state, pops)?;
        let mut result = Entry::value();
        if matches!(step.op, Op::CALL_INTRINSIC_1 | Op::CALL_INTRINSIC_2 | Op::CHECK_EG_MATCH) {
            // The result may be an operand.
            for entry in &state.stack[len - pops..] {
                result.absorb(entry);
            }
        }
        state.stack.truncate(len - pops);
        for _ in 0..pushes {
            state.stack.push(result.clone());
        }
        if is_jump(step.op) {
            return Ok(Some(state.clone()));
        }
        Ok(None)
    }
}

/// How many words an instruction takes off the stack before it may raise. What a generator yields lies where the value sent
/// to it will: its handler keeps that place.
fn operands(op: Op, arg: u32) -> usize {
    let n = arg as usize;
    match op {
        Op::LOAD_FAST
        | Op::LOAD_FAST_BORROW
        | Op::LOAD_FAST_CHECK
        | Op::LOAD_FAST_BORROW_2
        | Op::LOAD_FAST_AND_CLEAR
        | Op::LOAD_CLOSURE
        | Op::DELETE_FAST
        | Op::MAKE_CELL
        | Op::PUSH_NULL
        | Op::COPY
        | Op::SWAP
        | Op::GET_LEN
        | Op::MATCH_MAPPING
        | Op::MATCH_SEQUENCE
        | Op::MATCH_KEYS
        | Op::GET_ANEXT
        | Op::IMPORT_FROM
        | Op::WITH_EXCEPT_START
        // It raises nothing.
        | Op::PUSH_EXC_INFO
        | Op::YIELD_VALUE => 0,
        Op::MAP_ADD
        | Op::CHECK_EXC_MATCH
        | Op::END_SEND
        | Op::END_ASYNC_FOR
        | Op::SET_FUNCTION_ATTRIBUTE
        | Op::CHECK_EG_MATCH => 2,
        Op::LOAD_SUPER_METHOD => 3,
        Op::CALL => n + 2,
        Op::CALL_KW => n + 3,
        Op::CALL_FUNCTION_EX => 3 + (n & 1),
        Op::STORE_FAST
        | Op::LIST_APPEND
        | Op::SET_ADD
        | Op::LIST_EXTEND
        | Op::SET_UPDATE
        | Op::DICT_UPDATE
        | Op::DICT_MERGE
        | Op::GET_ITER
        | Op::GET_YIELD_FROM_ITER
        | Op::GET_AWAITABLE
        | Op::GET_AITER
        | Op::FORMAT_SIMPLE
        | Op::CONVERT_VALUE
        | Op::LOAD_METHOD
        | Op::LOAD_SPECIAL
        | Op::FOR_ITER
        | Op::SEND
        | Op::JUMP_IF_TRUE_OR_POP
        | Op::JUMP_IF_FALSE_OR_POP
        | Op::POP_EXCEPT
        | Op::RERAISE
        | Op::CLEANUP_THROW
        | Op::POP_TOP
        | Op::RETURN_VALUE => 1,
        _ => (pushes(op, arg) as i32 - (op.info().effect)(arg as i32)) as usize,
    }
}

/// How many new words an instruction pushes, for those that `step` does not treat one by one.
fn pushes(op: Op, arg: u32) -> usize {
    match op {
        Op::NOP
        | Op::RESUME
        | Op::COPY_FREE_VARS
        | Op::STORE_DEREF
        | Op::DELETE_DEREF
        | Op::STORE_NAME
        | Op::DELETE_NAME
        | Op::STORE_GLOBAL
        | Op::DELETE_GLOBAL
        | Op::STORE_ATTR
        | Op::DELETE_ATTR
        | Op::STORE_SUBSCR
        | Op::DELETE_SUBSCR
        | Op::STORE_SLICE
        | Op::JUMP
        | Op::JUMP_BACKWARD
        | Op::POP_JUMP_IF_TRUE
        | Op::POP_JUMP_IF_FALSE
        | Op::POP_JUMP_IF_NONE
        | Op::POP_JUMP_IF_NOT_NONE
        | Op::RAISE_VARARGS => 0,
        Op::UNPACK_SEQUENCE => arg as usize,
        Op::UNPACK_EX => (arg & 0xff) as usize + (arg >> 8) as usize + 1,
        Op::CHECK_EG_MATCH => 2,
        _ => 1,
    }
}
