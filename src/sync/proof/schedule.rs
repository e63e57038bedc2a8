//! Seeded schedules of the whole machine: of the threads that take part, one runs at a time, and at every step (each atomic
//! operation, lock, wait) the seed decides whether another one goes on.
//!
//! The memory is sequentially consistent here, since only one thread runs; what weak memory does, loom's models try. In turn
//! these schedules run the machine as it is: the evaluation loop, the containers, the counts, the collector.
//!
//! - **Choosing.** Even seeds walk at random: after each step another thread goes on with a probability that the seed chooses.
//!   Odd seeds give the threads priorities and change them at one to three steps, after Burckhardt and others, "A Randomized
//!   Scheduler with Probabilistic Guarantees of Finding Bugs" (ASPLOS 2010).
//! - **Waiting.** A thread that waits for a lock, a condition or a wake-up looks at it when it is chosen, and lets others run
//!   if it has to wait on (`until`). A thread that waits for the system is `away` meanwhile.
//! - **Watching.** Where a thread waits in a way that is not known here, nothing moves; a watchdog then lets another one run and
//!   counts that (`Outcome::stuck`). Only then may the same seed lead to another schedule.
//!
//! Steps of threads that take no part are as ever.

use crate::sync::parking::mutex::{Mutex, MutexGuard};
use std::cell::Cell;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::*};
use std::thread;
use std::time::Duration;

/// No participant.
const NOBODY: usize = usize::MAX;
/// How long nothing moves before the watchdog acts.
const PATIENCE: Duration = Duration::from_millis(400);

/// Whether a schedule runs.
static ON: AtomicBool = AtomicBool::new(false);
/// The participant whose turn it is.
static TURN: AtomicUsize = AtomicUsize::new(NOBODY);
/// Steps made so far, by the one whose turn it is.
static STEPS: AtomicU64 = AtomicU64::new(0);
/// The step at which the seed decides anew.
static NEXT: AtomicU64 = AtomicU64::new(0);
static STATE: Mutex<Option<Schedule>> = Mutex::new(None);

thread_local! {
    static ME: Cell<usize> = const { Cell::new(NOBODY) };
    static QUIET: Cell<u32> = const { Cell::new(0) };
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    /// Has not come yet.
    Expected,
    /// May run.
    Ready,
    /// Waits for the system.
    Away,
    Done,
}

struct Participant {
    status: Status,
    thread: Option<thread::Thread>,
    /// Higher runs first; used by odd seeds.
    priority: i64,
}

struct Schedule {
    participants: Vec<Participant>,
    random: u64,
    /// Even seeds: one step in so many changes the thread. Odd seeds: 0.
    one_in: u64,
    /// Odd seeds: steps at which the running thread becomes the last, in falling order.
    changes: Vec<u64>,
    /// The next priority below all others.
    lowest: i64,
    outcome: Outcome,
}

/// What a schedule did.
#[derive(Clone, Copy, Default)]
pub struct Outcome {
    /// Steps of all participants.
    pub steps: u64,
    /// How often another participant went on.
    pub switches: u64,
    /// How often the watchdog had to act.
    pub stuck: u64,
    /// A hash of when whose turn it was: the same for the same schedule.
    pub fingerprint: u64,
}

impl Schedule {
    /// SplitMix64 (Steele and others, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014).
    fn draw(&mut self, below: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.random;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (word ^ (word >> 31)) % below
    }

    /// The step at which to decide again.
    fn plan(&mut self) {
        let now = STEPS.load(Relaxed);
        let next = if self.one_in > 0 {
            // Each step with the same probability, drawn at once.
            now + 1 + self.draw(2 * self.one_in)
        } else {
            while self.changes.last().is_some_and(|step| *step <= now) {
                self.changes.pop();
            }
            self.changes.last().copied().unwrap_or(u64::MAX)
        };
        NEXT.store(next, Relaxed);
    }

    /// Who goes on after `me`, which has to stop (it waits, or is done) or was told to by the plan.
    fn choose(&mut self, me: usize, must: bool) -> usize {
        if self.one_in == 0 && me != NOBODY {
            self.lowest -= 1;
            self.participants[me].priority = self.lowest;
        }
        let ready = |each: &(usize, &Participant)| each.1.status == Status::Ready && each.0 != me;
        let others = self.participants.iter().enumerate().filter(ready).count() as u64;
        if others == 0 {
            return if must { NOBODY } else { me };
        }
        let at = if self.one_in > 0 { self.draw(others) } else { 0 };
        let mut found = self.participants.iter().enumerate().filter(ready);
        let next = if self.one_in > 0 { found.nth(at as usize) } else { found.max_by_key(|each| each.1.priority) };
        next.map_or(NOBODY, |each| each.0)
    }

    /// Gives the turn to `next` and wakes it.
    fn give(&mut self, next: usize) {
        let outcome = &mut self.outcome;
        outcome.switches += 1;
        let mixed = outcome.fingerprint ^ STEPS.load(Relaxed) << 8 ^ next as u64;
        outcome.fingerprint = mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31);
        self.plan();
        TURN.store(next, Release);
        if let Some(thread) = self.participants.get(next).and_then(|each| each.thread.as_ref()) {
            thread.unpark();
        }
    }
}

/// Whether the calling thread takes part, and is not away or in a `quiet` piece.
#[inline(always)]
pub fn is_mine() -> bool {
    ON.load(Relaxed) && takes_part()
}

#[cold]
fn takes_part() -> bool {
    ME.get() != NOBODY && QUIET.get() == 0
}

/// A step is about to be made: perhaps others go first.
#[inline(always)]
pub fn point() {
    if is_mine() {
        step();
    }
}

#[cold]
fn step() {
    let me = ME.get();
    if TURN.load(Acquire) != me {
        // The watchdog has taken this thread for one that waits.
        rejoin(me);
    }
    let now = STEPS.load(Relaxed) + 1;
    STEPS.store(now, Relaxed);
    if now >= NEXT.load(Relaxed) {
        pass_on(me, false);
    }
}

/// Runs `f` without a step in between.
pub fn quiet<R>(f: impl FnOnce() -> R) -> R {
    struct Loud;
    impl Drop for Loud {
        fn drop(&mut self) {
            QUIET.set(QUIET.get() - 1);
        }
    }
    QUIET.set(QUIET.get() + 1);
    let _loud = Loud;
    f()
}

/// The calling thread lets another one run now, if there is one.
pub fn give_way() {
    if is_mine() {
        STEPS.store(STEPS.load(Relaxed) + 1, Relaxed);
        pass_on(ME.get(), true);
    }
}

/// Lets others run until `attempt` gives something. The calling thread takes part.
pub fn until<R>(mut attempt: impl FnMut() -> Option<R>) -> R {
    loop {
        if let Some(result) = quiet(&mut attempt) {
            return result;
        }
        give_way();
    }
}

/// A number below `below`, from the seed; 0 for threads that take no part.
pub fn draw(below: u64) -> u64 {
    if !is_mine() {
        return 0;
    }
    STATE.lock().as_mut().map_or(0, |schedule| schedule.draw(below))
}

/// Gives the turn to another participant, if there is one, and waits for the own.
fn pass_on(me: usize, must: bool) {
    let mut state = STATE.lock();
    let Some(schedule) = state.as_mut() else { return };
    let next = schedule.choose(me, must);
    if next == me || next == NOBODY {
        schedule.plan();
        drop(state);
        if must {
            // What this thread waits for is done by one that takes no part, or is away.
            thread::yield_now();
        }
        return;
    }
    schedule.give(next);
    drop(state);
    await_turn(me);
}

fn await_turn(me: usize) {
    while TURN.load(Acquire) != me {
        thread::park_timeout(PATIENCE);
        // The watchdog may have given the turn away before this thread woke up.
        ready(me);
    }
}

/// Takes part again.
fn rejoin(me: usize) {
    ready(me);
    await_turn(me);
}

fn ready(me: usize) {
    let mut state = STATE.lock();
    let Some(schedule) = state.as_mut() else { return };
    schedule.participants[me].status = Status::Ready;
    if TURN.load(Relaxed) == NOBODY {
        schedule.give(me);
    }
}

/// The calling participant leaves its turn, with that status.
fn leave_turn(me: usize, status: Status) {
    let mut state = STATE.lock();
    let Some(schedule) = state.as_mut() else { return };
    schedule.participants[me].status = status;
    if TURN.load(Relaxed) == me {
        let next = schedule.choose(me, true);
        schedule.give(next);
    }
}

/// Runs `f`, which may wait for the system; others run meanwhile.
pub fn away<R>(f: impl FnOnce() -> R) -> R {
    if !is_mine() {
        return f();
    }
    let me = ME.replace(NOBODY);
    leave_turn(me, Status::Away);
    let result = f();
    ME.set(me);
    rejoin(me);
    result
}

/// Prepares a schedule of `threads` threads; `length` is about how many steps they make. It starts when all have entered.
pub fn begin(seed: u64, threads: usize, length: u64) {
    static WATCHDOG: Once = Once::new();
    WATCHDOG.call_once(|| {
        // A participant that panics would not come back, and the others wait for ever.
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            report(info);
            if ME.get() != NOBODY {
                std::process::abort();
            }
        }));
        // Without it a schedule could stand still, no more.
        let _ = thread::Builder::new().name("watchdog".into()).spawn(watch);
    });
    let participant = || Participant { status: Status::Expected, thread: None, priority: 0 };
    let mut schedule = Schedule {
        participants: std::iter::repeat_with(participant).take(threads).collect(),
        random: seed.wrapping_mul(0x2545_f491_4f6c_dd1d),
        one_in: 0,
        changes: Vec::new(),
        lowest: 0,
        outcome: Outcome::default(),
    };
    if seed.is_multiple_of(2) {
        schedule.one_in = [2, 8, 32, 128][schedule.draw(4) as usize];
    } else {
        for at in 0..threads {
            schedule.participants[at].priority = schedule.draw(1 << 40) as i64;
        }
        let changes = 1 + schedule.draw(3);
        schedule.changes = (0..changes).map(|_| 1 + schedule.draw(length.max(1))).collect();
        schedule.changes.sort_by(|a, b| b.cmp(a));
    }
    *STATE.lock() = Some(schedule);
}

/// The calling thread is participant `index` from now on. `wait` runs a function that blocks.
pub fn enter(index: usize, wait: impl FnOnce(&mut dyn FnMut())) {
    {
        let mut state = STATE.lock();
        let Some(schedule) = state.as_mut() else { return };
        let Some(participant) = schedule.participants.get_mut(index) else { return };
        participant.status = Status::Ready;
        participant.thread = Some(thread::current());
        if schedule.participants.iter().all(|each| each.status == Status::Ready) {
            start(state);
        }
    }
    wait(&mut || {
        while !ON.load(Acquire) {
            thread::park_timeout(Duration::from_millis(1));
        }
    });
    ME.set(index);
    await_turn(index);
}

fn start(mut state: MutexGuard<'_, Option<Schedule>>) {
    let Some(schedule) = state.as_mut() else { return };
    STEPS.store(0, Relaxed);
    let first = schedule.choose(NOBODY, true);
    ON.store(true, Release);
    schedule.give(first);
    schedule.participants.iter().for_each(|each| each.thread.iter().for_each(thread::Thread::unpark));
}

/// The calling participant is done.
pub fn leave() {
    let me = ME.replace(NOBODY);
    if me == NOBODY {
        return;
    }
    leave_turn(me, Status::Done);
}

/// Ends the schedule, whose participants have left.
pub fn finish() -> Outcome {
    let mut state = STATE.lock();
    ON.store(false, Release);
    TURN.store(NOBODY, Relaxed);
    let mut outcome = state.take().map_or_else(Outcome::default, |schedule| schedule.outcome);
    outcome.steps = STEPS.load(Relaxed);
    outcome
}

/// Lets somebody else run when nothing moves.
fn watch() {
    let mut last = (0, NOBODY);
    loop {
        thread::sleep(PATIENCE);
        let seen = (STEPS.load(Relaxed), TURN.load(Relaxed));
        if seen != last || !ON.load(Relaxed) || seen.1 == NOBODY {
            last = seen;
            continue;
        }
        let mut state = STATE.lock();
        let Some(schedule) = state.as_mut() else { continue };
        if seen != (STEPS.load(Relaxed), TURN.load(Relaxed)) {
            continue;
        }
        let next = schedule.choose(seen.1, true);
        if next == NOBODY {
            continue;
        }
        schedule.participants[seen.1].status = Status::Away;
        schedule.outcome.stuck += 1;
        schedule.give(next);
    }
}
