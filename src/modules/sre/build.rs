//! From SRE code words to a [`Program`]: checks that the words are well-formed and resolves targets in one walk.

use super::chars::Fold;
use super::first;
use super::opcode::*;
use super::program::*;
use super::set::{Rule, Set};

/// The code is not something that `re._compiler` emits (`RuntimeError: invalid SRE code`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidCode;

type Check<T = ()> = Result<T, InvalidCode>;

/// Deepest nesting of blocks that is accepted; the walk recurses once per level.
const MAX_DEPTH: u32 = 2000;

/// Checks `code` for a pattern with `groups` groups and translates it.
pub fn build(code: Vec<u32>, groups: u32) -> Check<Program> {
    if groups > MAXGROUPS || code.last() != Some(&SUCCESS) || code.len() > i32::MAX as usize {
        return Err(InvalidCode);
    }
    let mut b = Builder {
        code: &code,
        groups,
        ops: Vec::new(),
        sets: Vec::new(),
        lits: Vec::new(),
        alts: Vec::new(),
        ones: Vec::new(),
        loops: Vec::new(),
        info: None,
        min_width: 0,
    };
    b.block(0, code.len() - 1, 0)?;
    b.ops.push(Op::Success);
    let Builder { ops, sets, lits, alts, ones, loops, info, min_width, .. } = b;
    let mut program = Program {
        ops: ops.into(),
        sets: sets.into(),
        lits: lits.into(),
        alts: alts.into(),
        ones: ones.into(),
        loops: loops.into(),
        guards: Box::new([]),
        groups,
        min_width,
        start: Start::Anywhere,
        code: code.into(),
    };
    first::attach_guards(&mut program);
    program.start = first::start(&program, info);
    Ok(program)
}

/// What the INFO block says about literals at the start.
pub struct Prefix {
    /// The characters.
    pub chars: Vec<u32>,
    /// Whether they are the whole pattern.
    pub whole: bool,
}

struct Builder<'a> {
    code: &'a [u32],
    groups: u32,
    ops: Vec<Op>,
    sets: Vec<Set>,
    lits: Vec<u32>,
    alts: Vec<Alt>,
    ones: Vec<OneLoop>,
    loops: Vec<Loop>,
    info: Option<Prefix>,
    min_width: u32,
}

fn require(ok: bool) -> Check {
    if ok { Ok(()) } else { Err(InvalidCode) }
}

impl Builder<'_> {
    /// The word at `at`, which must be before `end`.
    fn word(&self, at: usize, end: usize) -> Check<u32> {
        if at < end { self.code.get(at).copied().ok_or(InvalidCode) } else { Err(InvalidCode) }
    }

    /// The end of the block whose skip word stands at `at`; a skip counts from its own word.
    fn skip(&self, at: usize, end: usize) -> Check<usize> {
        let target = at + self.word(at, end)? as usize;
        require(target > at && target <= end)?;
        Ok(target)
    }

    fn pc(&self) -> u32 {
        self.ops.len() as u32
    }

    /// Translates the words `at..end`, which must be whole operators.
    fn block(&mut self, mut at: usize, end: usize, depth: u32) -> Check {
        require(depth < MAX_DEPTH)?;
        // A run of literals may be joined only with literals of this very block: targets are block boundaries.
        let mut run: Option<usize> = None;
        while at < end {
            let op = self.code[at];
            if op == LITERAL {
                let c = self.word(at + 1, end)?;
                run = Some(self.literal(run, c));
                at += 2;
                continue;
            }
            run = None;
            at = self.operator(op, at, end, depth)?;
        }
        require(at == end)
    }

    /// Adds a literal to the run of literals whose first operator is `run`.
    fn literal(&mut self, run: Option<usize>, c: u32) -> usize {
        match run.map(|i| (i, self.ops[i])) {
            Some((i, Op::One(Single::Char(first)))) => {
                let at = self.lits.len() as u32;
                self.lits.extend([first, c]);
                self.ops[i] = Op::Str { at, len: 2 };
                i
            }
            Some((i, Op::Str { at, len })) => {
                self.lits.push(c);
                self.ops[i] = Op::Str { at, len: len + 1 };
                i
            }
            _ => {
                self.ops.push(Op::One(Single::Char(c)));
                self.ops.len() - 1
            }
        }
    }

    /// Translates the operator at `at` (not LITERAL) and gives the index of the next one.
    fn operator(&mut self, op: u32, at: usize, end: usize, depth: u32) -> Check<usize> {
        if let Some((single, next)) = self.single(at, end)? {
            self.ops.push(Op::One(single));
            return Ok(next);
        }
        let arg = at + 1;
        match op {
            SUCCESS => {
                self.ops.push(Op::Success);
                Ok(arg)
            }
            MARK => {
                let mark = self.word(arg, end)?;
                require(u64::from(mark) < 2 * u64::from(self.groups))?;
                self.ops.push(Op::Mark(mark));
                Ok(at + 2)
            }
            AT => {
                let at_code = At::from_code(self.word(arg, end)?).ok_or(InvalidCode)?;
                self.ops.push(Op::At(at_code));
                Ok(at + 2)
            }
            INFO => self.info(arg, end),
            BRANCH => self.branch(arg, end, depth),
            REPEAT_ONE | MIN_REPEAT_ONE | POSSESSIVE_REPEAT_ONE => self.repeat_one(op, arg, end),
            REPEAT | POSSESSIVE_REPEAT => self.repeat(op, arg, end, depth),
            ATOMIC_GROUP => {
                let next = self.skip(arg, end)?;
                let open = self.ops.len();
                self.ops.push(Op::Fail);
                self.body(arg + 1, next, depth)?;
                self.ops[open] = Op::Atomic { next: self.pc() };
                Ok(next)
            }
            ASSERT | ASSERT_NOT => {
                let next = self.skip(arg, end)?;
                let back = self.word(arg + 1, next)?;
                require(back < 1 << 31)?;
                let open = self.ops.len();
                self.ops.push(Op::Fail);
                self.body(arg + 2, next, depth)?;
                let after = self.pc();
                self.ops[open] =
                    if op == ASSERT { Op::Assert { back, next: after } } else { Op::AssertNot { back, next: after } };
                Ok(next)
            }
            GROUPREF | GROUPREF_IGNORE | GROUPREF_LOC_IGNORE | GROUPREF_UNI_IGNORE => {
                let group = self.word(arg, end)?;
                require(group < self.groups)?;
                let fold = match op {
                    GROUPREF => Fold::Exact,
                    GROUPREF_IGNORE => Fold::Ascii,
                    GROUPREF_LOC_IGNORE => Fold::Locale,
                    _ => Fold::Unicode,
                };
                self.ops.push(Op::GroupRef { group, fold });
                Ok(at + 2)
            }
            GROUPREF_EXISTS => self.group_exists(arg, end, depth),
            _ => Err(InvalidCode),
        }
    }

    /// Translates `at..next`, whose last word must be SUCCESS.
    fn body(&mut self, at: usize, next: usize, depth: u32) -> Check {
        require(next > at && self.code[next - 1] == SUCCESS)?;
        self.block(at, next - 1, depth + 1)?;
        self.ops.push(Op::Success);
        Ok(())
    }

    /// The one-character test at `at`, if that is what stands there, and the index after it.
    fn single(&mut self, at: usize, end: usize) -> Check<Option<(Single, usize)>> {
        let op = self.code[at];
        let single = match op {
            FAILURE => return Ok(Some((Single::Never, at + 1))),
            ANY => return Ok(Some((Single::NoLinebreak, at + 1))),
            ANY_ALL => return Ok(Some((Single::All, at + 1))),
            LITERAL => Single::Char(self.word(at + 1, end)?),
            NOT_LITERAL => Single::NotChar(self.word(at + 1, end)?),
            LITERAL_IGNORE | NOT_LITERAL_IGNORE => self.folded(at, end, Fold::Ascii, op == NOT_LITERAL_IGNORE)?,
            LITERAL_LOC_IGNORE | NOT_LITERAL_LOC_IGNORE => {
                self.folded(at, end, Fold::Locale, op == NOT_LITERAL_LOC_IGNORE)?
            }
            LITERAL_UNI_IGNORE | NOT_LITERAL_UNI_IGNORE => {
                self.folded(at, end, Fold::Unicode, op == NOT_LITERAL_UNI_IGNORE)?
            }
            CATEGORY => {
                require(self.word(at + 1, end)? < CATEGORY_COUNT)?;
                // The words of a lone category are set code but for the FAILURE at the end, which `code_contains`
                // supplies only at the end of the program; so this form, which the compiler never emits, is refused.
                return Err(InvalidCode);
            }
            IN | IN_IGNORE | IN_LOC_IGNORE | IN_UNI_IGNORE => {
                let next = self.skip(at + 1, end)?;
                self.charset(at + 2, next)?;
                let fold = match op {
                    IN => Fold::Exact,
                    IN_IGNORE => Fold::Ascii,
                    IN_LOC_IGNORE => Fold::Locale,
                    _ => Fold::Unicode,
                };
                let set = self.add_set(Rule::Code(at as u32 + 2), fold, false);
                return Ok(Some((set, next)));
            }
            _ => return Ok(None),
        };
        Ok(Some((single, at + 2)))
    }

    fn folded(&mut self, at: usize, end: usize, fold: Fold, negate: bool) -> Check<Single> {
        let lit = self.word(at + 1, end)?;
        Ok(self.add_set(Rule::Equal(lit), fold, negate))
    }

    fn add_set(&mut self, rule: Rule, fold: Fold, negate: bool) -> Single {
        self.sets.push(Set::new(self.code, rule, fold, negate));
        Single::Set(self.sets.len() as u32 - 1)
    }

    /// Checks set code that must end with FAILURE just before `end`.
    fn charset(&self, mut at: usize, end: usize) -> Check {
        require(end > at && self.code[end - 1] == FAILURE)?;
        let last = end - 1;
        while at < last {
            at += match self.code[at] {
                NEGATE => 1,
                LITERAL => 2,
                RANGE | RANGE_UNI_IGNORE => 3,
                CATEGORY => {
                    require(self.word(at + 1, last)? < CATEGORY_COUNT)?;
                    2
                }
                CHARSET => 9,
                BIGCHARSET => {
                    let blocks = self.word(at + 1, last)?;
                    require(blocks <= 256 && at + 66 <= last)?;
                    let map = &self.code[at + 2..at + 66];
                    require(map.iter().all(|w| w.to_ne_bytes().iter().all(|&b| u32::from(b) < blocks)))?;
                    66 + blocks as usize * 8
                }
                _ => return Err(InvalidCode),
            };
        }
        require(at == last)
    }

    /// `<skip> <flags> <min> <max>`, then a prefix or a set; gives no operator.
    fn info(&mut self, arg: usize, end: usize) -> Check<usize> {
        let next = self.skip(arg, end)?;
        let flags = self.word(arg + 1, next)?;
        let min = self.word(arg + 2, next)?;
        self.word(arg + 3, next)?;
        require(flags & !(INFO_PREFIX | INFO_LITERAL | INFO_CHARSET) == 0)?;
        require(flags & (INFO_PREFIX | INFO_CHARSET) != INFO_PREFIX | INFO_CHARSET)?;
        require(flags & INFO_LITERAL == 0 || flags & INFO_PREFIX != 0)?;
        // A block that is not at the start says nothing about the start.
        let leading = arg == 1;
        if flags & INFO_PREFIX != 0 {
            let len = self.word(arg + 4, next)? as usize;
            require(self.word(arg + 5, next)? as usize <= len)?;
            require(next == arg + 6 + 2 * len)?;
            require(self.code[arg + 6 + len..next].iter().all(|&overlap| (overlap as usize) < len))?;
            let chars = self.code[arg + 6..arg + 6 + len].to_vec();
            if leading && len > 0 {
                self.info = Some(Prefix { chars, whole: flags & INFO_LITERAL != 0 });
            }
        } else if flags & INFO_CHARSET != 0 {
            self.charset(arg + 4, next)?;
        } else {
            require(next == arg + 4)?;
        }
        if leading {
            self.min_width = min;
        }
        Ok(next)
    }

    /// Alternatives, each `<skip> body JUMP <to the end>`, ended by a zero word.
    fn branch(&mut self, mut at: usize, end: usize, depth: u32) -> Check<usize> {
        let open = self.ops.len();
        self.ops.push(Op::Fail);
        let mut bodies = Vec::new();
        let mut jumps = Vec::new();
        let mut target = None;
        while self.word(at, end)? != 0 {
            let next = self.skip(at, end)?;
            require(next >= at + 3 && self.code[next - 2] == JUMP)?;
            bodies.push(self.pc());
            self.block(at + 1, next - 2, depth + 1)?;
            let here = self.skip(next - 1, end)?;
            require(*target.get_or_insert(here) == here)?;
            jumps.push(self.ops.len());
            self.ops.push(Op::Fail);
            at = next;
        }
        let next = at + 1;
        require(target.is_none_or(|t| t == next))?;
        let first = self.alts.len() as u32;
        self.alts.extend(bodies.iter().map(|&pc| Alt { pc, guard: NONE }));
        self.ops[open] = Op::Branch { first, len: bodies.len() as u32 };
        let after = self.pc();
        for j in jumps {
            self.ops[j] = Op::Jump(after);
        }
        Ok(next)
    }

    /// `<min> <max>` at `at`.
    fn bounds(&self, at: usize, end: usize) -> Check<(u32, u32)> {
        let (min, max) = (self.word(at, end)?, self.word(at + 1, end)?);
        require(min <= max)?;
        Ok((min, max))
    }

    /// `<skip> <min> <max> test SUCCESS`.
    fn repeat_one(&mut self, op: u32, arg: usize, end: usize) -> Check<usize> {
        let next = self.skip(arg, end)?;
        let (min, max) = self.bounds(arg + 1, next)?;
        require(arg + 3 < next)?;
        let (single, after) = self.single(arg + 3, next)?.ok_or(InvalidCode)?;
        require(after + 1 == next && self.code[after] == SUCCESS)?;
        let index = self.ones.len() as u32;
        self.ops.push(match op {
            REPEAT_ONE => Op::Greedy(index),
            MIN_REPEAT_ONE => Op::Lazy(index),
            _ => Op::Possessive(index),
        });
        self.ones.push(OneLoop {
            single,
            min,
            max,
            next: self.pc(),
            guard: NONE,
            disjoint_low: false,
            disjoint: false,
            leads: false,
        });
        Ok(next)
    }

    /// `<skip> <min> <max> body`, then MAX_UNTIL or MIN_UNTIL (possessive: SUCCESS).
    fn repeat(&mut self, op: u32, arg: usize, end: usize, depth: u32) -> Check<usize> {
        let until = self.skip(arg, end)?;
        let (min, max) = self.bounds(arg + 1, until)?;
        let index = self.loops.len() as u32;
        self.ops.push(if op == REPEAT { Op::Enter(index) } else { Op::PossessiveLoop(index) });
        let body = self.pc();
        self.loops.push(Loop { body, next: 0, min, max, body_guard: NONE });
        self.block(arg + 3, until, depth + 1)?;
        self.ops.push(match (op, self.word(until, end)?) {
            (REPEAT, MAX_UNTIL) => Op::MaxUntil(index),
            (REPEAT, MIN_UNTIL) => Op::MinUntil(index),
            (POSSESSIVE_REPEAT, SUCCESS) => Op::Success,
            _ => return Err(InvalidCode),
        });
        self.loops[index as usize].next = self.pc();
        Ok(until + 1)
    }

    /// `<group> <skip> yes`, or `<group> <skip> yes JUMP <skip> no`; the first skip goes to `no`.
    fn group_exists(&mut self, arg: usize, end: usize, depth: u32) -> Check<usize> {
        let group = self.word(arg, end)?;
        require(group < self.groups)?;
        // Emitted as one more than the distance from the skip's own word, and counted from the word before it.
        let skip = self.word(arg + 1, end)? as usize;
        require(skip >= 1)?;
        let otherwise = arg + skip;
        require(otherwise >= arg + 2 && otherwise <= end)?;
        let open = self.ops.len();
        self.ops.push(Op::Fail);
        let has_else = otherwise >= arg + 4 && self.code[otherwise - 2] == JUMP;
        if has_else
            && let Ok(next) = self.skip(otherwise - 1, end)
            && self.try_both(arg + 2, otherwise, next, depth)
        {
            let jump = self.ops.len();
            self.ops.push(Op::Fail);
            self.ops[open] = Op::GroupExists { group, otherwise: self.pc() };
            self.block(otherwise, next, depth + 1)?;
            self.ops[jump] = Op::Jump(self.pc());
            return Ok(next);
        }
        self.truncate(open + 1);
        self.block(arg + 2, otherwise, depth + 1)?;
        self.ops[open] = Op::GroupExists { group, otherwise: self.pc() };
        Ok(otherwise)
    }

    /// Translates the `yes` part of a conditional that seems to have a `no` part; false if it was not one after all
    /// (the word that looked like JUMP was an operand).
    fn try_both(&mut self, yes: usize, otherwise: usize, next: usize, depth: u32) -> bool {
        next >= otherwise && self.block(yes, otherwise - 2, depth + 1).is_ok()
    }

    /// Drops operators from `len` on; what they referred to in other tables stays, unused.
    fn truncate(&mut self, len: usize) {
        self.ops.truncate(len);
    }
}
