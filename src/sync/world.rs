//! Who runs: attaching and detaching threads, stopping the world, and the attention word.
//!
//! Every thread has a `Member` record. Its `state` word has four bits:
//!
//! | bit | who sets and clears it | meaning |
//! |---|---|---|
//! | `ATTACHED` | its thread; the resumer, for a thread that is `WAITING` | runs Python, may touch objects |
//! | `STOP` | the stopper, under the world's mutex | must not run: arrive if attached, stay out if not |
//! | `WAITING` | its thread and the resumer, under the mutex | detached, and blocked until the world runs again |
//! | `HELD` | any attached thread | detached, and kept out for a moment |
//!
//! | state | name |
//! |---|---|
//! | 0 | detached |
//! | `ATTACHED` | attached |
//! | `ATTACHED + STOP` | attached and asked to stop; the stopper waits for it |
//! | `STOP` | detached, held out |
//! | `STOP + WAITING` | stopped: at a safepoint, or waiting to attach |
//! | `HELD`, with or without the last two | detached, while another thread does a piece of its work |
//!
//! Rules:
//! 1. Attaching is a compare-exchange 0 -> `ATTACHED`, detaching one from `ATTACHED` -> 0. Either fails when `STOP` is set,
//!    and then goes through the mutex. No thread ever enters while `STOP` is set.
//! 2. Stopping takes the mutex, sets `STOP` in every other record, counts those that were attached, and waits until they have
//!    arrived. A new record is made under the mutex, and gets `STOP` if the world is stopping.
//! 3. Resuming clears `STOP` everywhere and stores `ATTACHED` for each `WAITING` thread itself. So a thread that waited is
//!    attached before the next stop can begin, and that stop has to wait until the thread has run to a safepoint: threads
//!    do not starve, however often the world stops.
//! 4. Requesters are served in order of arrival, by ticket. One that waits for its turn is detached. Stops nest: the
//!    thread that has stopped the world may stop it again.
//! 5. `STOP` goes into `state` before it goes into the attention word: who finds it in the latter (Acquire) sees the former.
//!    The attention word only calls a thread to its safepoint; what it has to do there is read from where it is kept.
//! 6. A thread is pinned in the epoch while it is attached and awake, and unpinned while it waits.
//! 7. Holding is a compare-exchange 0 -> `HELD`, by an attached thread that lets go before its next safepoint: so a stop, which
//!    waits for the holder, never meets a held thread (a requester may be one itself, see `await_turn`). A thread that is
//!    kept out sets `WAITING` and is let in by its holder.
//!
//! Safety: the stopper may touch everything that other threads own, since each of them has left `ATTACHED` by a Release
//! write that the stopper's read-modify-write of the same word (or the mutex) acquires; and the stopper's writes come
//! before the Release store that lets a thread attach (Acquire) again.

use super::epoch::{Clock, Pin};
use super::registry::{Record, Registry};
use super::shim::atomic::{AtomicU32, Ordering, Ordering::*};
use super::shim::{Condvar, Loads, Mutex, MutexGuard, const_unless_loom, weakened};
use super::stats::{self, Shared};
use std::ops::Deref;
use std::ptr;

const ATTACHED: u32 = 1;
const STOP: u32 = 2;
const WAITING: u32 = 4;
const HELD: u32 = 8;

/// Reasons in the attention word, in no order.
pub mod attention {
    /// The world is to be stopped.
    pub const STOP: u32 = 1;
    /// Objects lie in the thread's merge queue.
    pub const MERGE: u32 = 2;
    /// The epoch's clock waits for the thread.
    pub const EPOCH: u32 = 4;
    /// A signal arrived (main thread).
    pub const SIGNAL: u32 = 8;
    /// An exception was sent to the thread.
    pub const ASYNC_EXCEPTION: u32 = 16;
    /// A collection of cycles is due.
    pub const GC: u32 = 32;
    /// Tracing or another instrument was switched.
    pub const INSTRUMENT: u32 = 64;
    /// The process is about to start its second thread, or anything else that wants a safepoint once.
    pub const MODE: u32 = 128;
    /// First bit that `sync` promises not to name.
    pub const FIRST_FREE: u32 = 256;
}

/// What others may know of a thread, and `X`, what its user adds.
#[derive(Default)]
pub struct Member<X> {
    state: AtomicU32,
    attention: AtomicU32,
    pin: Pin,
    /// The user's part.
    pub extra: X,
}

/// All threads of an interpreter, and the clock of its epochs.
pub struct World<X> {
    members: Registry<Member<X>>,
    clock: Clock,
    inner: Mutex<Inner>,
    /// Somebody may run again, or may stop the world now.
    resumed: Condvar,
    /// The last thread that the stopper waits for has arrived.
    arrived: Condvar,
}

struct Inner {
    /// Address of the member that has stopped the world or is about to; 0 when nobody has.
    stopper: usize,
    /// How many stops of `stopper` nest.
    depth: usize,
    /// Attached threads that have not arrived.
    outstanding: usize,
    next_ticket: u64,
    serving: u64,
}

impl<X> Member<X> {
    /// Whether a safepoint has anything to do: the test at back edges and calls.
    #[inline(always)]
    pub fn attention(&self) -> u32 {
        // Relaxed: acted on only after `take_attention`.
        self.attention.load(Relaxed)
    }

    /// Calls the thread to its safepoint. Safe in a signal handler.
    pub fn notify(&self, bits: u32) {
        stats::note(Shared::Attention);
        // Release: pairs with the Acquire in `take_attention`. Not skipped when the bits are set already: the thread may be
        // taking them at this moment, and would not see what we have left for it.
        self.attention.fetch_or(bits, Release);
    }

    /// Reads and clears the attention word, as its thread, at a safepoint.
    #[inline]
    pub fn take_attention(&self) -> u32 {
        // Acquire: pairs with the Release in `notify`.
        self.attention.swap(0, Acquire)
    }

    /// The thread's pin, for `Limbo::retire`.
    #[inline(always)]
    pub fn pin(&self) -> &Pin {
        &self.pin
    }

    /// Whether the thread is attached. Exact for the thread itself and while the world is stopped.
    pub fn is_attached(&self) -> bool {
        self.state.load(Relaxed) & ATTACHED != 0
    }

    /// Whether the thread is asked to stop. Once true, stays so until the thread has stopped.
    #[inline]
    pub fn must_stop(&self) -> bool {
        // Relaxed: acted on under the mutex, or by a read-modify-write of the same word.
        self.state.load(Relaxed) & STOP != 0
    }
}

impl<X: Default> World<X> {
    /// A record for a new thread, detached.
    pub fn join(&self) -> &Record<Member<X>> {
        let inner = self.inner.lock();
        let member = self.members.claim();
        let stopping = inner.stopper != 0 && !weakened("world: join");
        // Relaxed, here and in `leave`: under the mutex, with which stops begin and end.
        member.state.store(if stopping { STOP } else { 0 }, Relaxed);
        member.attention.store(0, Relaxed);
        member
    }
}

impl<X> World<X> {
    const_unless_loom! {
        /// No threads yet.
        pub fn new() -> World<X> {
            World {
                members: Registry::new(),
                clock: Clock::new(),
                inner: Mutex::new(Inner { stopper: 0, depth: 0, outstanding: 0, next_ticket: 0, serving: 0 }),
                resumed: Condvar::new(),
                arrived: Condvar::new(),
            }
        }
    }

    /// Gives back the record of a thread that has detached for the last time.
    pub fn leave(&self, member: &Record<Member<X>>) {
        let _inner = self.inner.lock();
        debug_assert_eq!(member.state.own() & (ATTACHED | WAITING), 0);
        member.state.store(0, Relaxed);
        self.members.release(member);
    }

    /// All records, those of threads that have left included (they are detached).
    pub fn members(&self) -> impl Iterator<Item = &Record<Member<X>>> {
        self.members.records()
    }

    /// The clock of epochs.
    #[inline(always)]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Attaches, blocking while the world is stopped.
    #[inline]
    pub fn attach(&self, member: &Member<X>) {
        if !self.enter(member) {
            self.wait_to_enter(member);
        }
        self.clock.pin(&member.pin);
    }

    /// Attaches, unless the world is stopped or stopping.
    #[inline]
    pub fn try_attach(&self, member: &Member<X>) -> bool {
        let entered = self.enter(member);
        if entered {
            self.clock.pin(&member.pin);
        }
        entered
    }

    /// Detaches: the thread touches no object until it attaches again.
    #[inline]
    pub fn detach(&self, member: &Member<X>) {
        self.clock.unpin(&member.pin);
        let order = if weakened("world: detach release") { Relaxed } else { Release };
        // Release: pairs with the Acquire in `request`.
        if member.state.compare_exchange(ATTACHED, 0, order, Relaxed).is_err() {
            self.arrive(&mut self.inner.lock(), member, order);
        }
    }

    /// The part of a safepoint that belongs here: stops if asked to, then moves to the present epoch.
    #[inline]
    pub fn safepoint(&self, member: &Member<X>) {
        if member.must_stop() {
            self.stop_here(member);
        } else {
            self.clock.repin(&member.pin);
        }
    }

    /// Tries to move the epoch forward, and calls the threads that hold it back to their safepoints.
    pub fn try_advance(&self) -> Option<u64> {
        let pins = self.members.records().map(|member| (&member.pin, member));
        let now = self.clock.try_advance(pins, |member| member.notify(attention::EPOCH));
        if now.is_some() {
            stats::note(Shared::Epoch);
        }
        now
    }

    /// Stops all other threads, as the attached thread of `member`. They run again when the guard is dropped.
    ///
    /// Blocks until the others have arrived, so the caller holds no object lock.
    pub fn stop<'w>(&'w self, member: &'w Member<X>) -> Stopped<'w, X> {
        debug_assert!(member.is_attached());
        let me = ptr::from_ref(member) as usize;
        let mut inner = self.inner.lock();
        if inner.stopper != me {
            let ticket = inner.next_ticket;
            inner.next_ticket += 1;
            if inner.serving != ticket && !weakened("world: turns") {
                self.await_turn(&mut inner, member, ticket);
            }
            inner.stopper = me;
            self.request(&mut inner, me);
        }
        inner.depth += 1;
        Stopped { world: self, member }
    }

    /// Keeps the detached thread of `member` out until the guard is dropped, if it is detached: meanwhile the caller, who is
    /// attached, may touch what only that thread touches. The caller drops the guard before its next safepoint.
    #[inline]
    pub fn hold<'w>(&'w self, member: &'w Member<X>) -> Option<Held<'w, X>> {
        // Acquire: pairs with the Release in `detach`.
        let held = member.state.compare_exchange(0, HELD, Acquire, Relaxed).is_ok();
        // Made only where it holds: its drop lets the thread in.
        (held || weakened("world: failed hold")).then(|| Held { world: self, member })
    }

    /// Does `work` for the detached thread of `member`, which is held meanwhile, and again as long as there is `more` of it. False
    /// where the thread is not detached, or somebody else holds it, who then finds what there is to do.
    ///
    /// Who leaves work (under a mutex, as `more` looks for it) calls this afterwards. If it finds the thread held, the holder finds
    /// the work when it looks after letting go; or the work came after that look, and then the thread had been let go before.
    pub fn on_behalf(&self, member: &Member<X>, mut work: impl FnMut(), more: impl Fn() -> bool) -> bool {
        let mut done = false;
        while let Some(held) = self.hold(member) {
            work();
            drop(held);
            done = true;
            if weakened("world: look again") || !more() {
                break;
            }
        }
        done
    }

    /// Lets a held thread in that has come to wait.
    #[cold]
    fn let_in(&self, member: &Member<X>) {
        let _inner = self.inner.lock();
        // If the world is stopping, the resumer lets it in.
        // Release: pairs with the Acquire in `wait_stopped`.
        if member.state.compare_exchange(WAITING, ATTACHED, Release, Relaxed).is_ok() {
            self.resumed.notify_all();
        }
    }

    /// The fast way in.
    #[inline]
    fn enter(&self, member: &Member<X>) -> bool {
        if weakened("world: enter despite stop") {
            member.state.fetch_or(ATTACHED, Acquire);
            return true;
        }
        let order = if weakened("world: attach acquire") { Relaxed } else { Acquire };
        // Acquire: pairs with the Release in `resume`; what the stopper did is seen.
        member.state.compare_exchange(0, ATTACHED, order, Relaxed).is_ok()
    }

    #[cold]
    fn wait_to_enter(&self, member: &Member<X>) {
        let mut inner = self.inner.lock();
        // Under the mutex `STOP` does not change, so the second attempt fails only while the world is stopped or the thread held.
        if !self.enter(member) {
            self.wait_stopped(&mut inner, member);
        }
    }

    #[cold]
    fn stop_here(&self, member: &Member<X>) {
        self.clock.unpin(&member.pin);
        let mut inner = self.inner.lock();
        if member.must_stop() {
            self.arrive(&mut inner, member, Release);
            self.wait_stopped(&mut inner, member);
        }
        drop(inner);
        self.clock.pin(&member.pin);
    }

    /// Leaves `ATTACHED` with the mutex held, and tells the stopper if it waits for this thread.
    fn arrive(&self, inner: &mut MutexGuard<'_, Inner>, member: &Member<X>, order: Ordering) {
        // Release: pairs with the Acquire in `request`, for a later stop.
        let before = member.state.fetch_and(!ATTACHED, order);
        if before & STOP != 0 && !weakened("world: arrival") {
            inner.outstanding -= 1;
            if inner.outstanding == 0 {
                self.arrived.notify_one();
            }
        }
    }

    /// Waits until the resumer, or the holder, has attached this thread (rules 3 and 7).
    fn wait_stopped(&self, inner: &mut MutexGuard<'_, Inner>, member: &Member<X>) {
        if member.state.fetch_or(WAITING, Relaxed) & (STOP | HELD) == 0 {
            // The holder has let go meanwhile, and not seen us wait. Acquire: pairs with the Release in its drop.
            member.state.swap(ATTACHED, Acquire);
            return;
        }
        // Acquire: pairs with the Release in `resume` and `let_in`.
        while member.state.load(Acquire) & ATTACHED == 0 {
            self.resumed.wait(inner);
        }
    }

    /// Waits, detached, until it is this requester's turn.
    #[cold]
    fn await_turn(&self, inner: &mut MutexGuard<'_, Inner>, member: &Member<X>, ticket: u64) {
        self.clock.unpin(&member.pin);
        self.arrive(inner, member, Release);
        while inner.serving != ticket {
            self.resumed.wait(inner);
        }
        // Only the requester whose turn it is sets `STOP`, so none is set now. Somebody may hold this thread: then it is
        // attached already, and `request` waits for its next safepoint, before which it lets go; until then this thread
        // touches nothing of its own.
        debug_assert_eq!(member.state.load(Relaxed) & !HELD, 0);
        // Acquire: pairs with the Release in `resume`.
        member.state.swap(ATTACHED, Acquire);
        self.clock.pin(&member.pin);
    }

    /// Sets `STOP` everywhere but in `me` and waits for those that are attached.
    fn request(&self, inner: &mut MutexGuard<'_, Inner>, me: usize) {
        for member in self.members.records() {
            if ptr::from_ref::<Member<X>>(member) as usize == me {
                continue;
            }
            // Acquire: pairs with the Release in `detach` and `arrive`. Release: rule 5.
            let before = member.state.fetch_or(STOP, AcqRel);
            if before & ATTACHED != 0 {
                inner.outstanding += 1;
                if !weakened("world: notify") {
                    member.notify(attention::STOP);
                }
            }
        }
        while inner.outstanding != 0 {
            self.arrived.wait(inner);
        }
    }

    /// Lets everybody run again (rule 3).
    fn resume(&self, inner: &mut MutexGuard<'_, Inner>, me: usize) {
        for member in self.members.records() {
            if ptr::from_ref::<Member<X>>(member) as usize == me {
                continue;
            }
            let waiting = member.state.to_update(Relaxed) & WAITING != 0 && !weakened("world: hand over");
            // Release: pairs with the Acquire in `enter` and `wait_stopped`. With `STOP` set and the mutex held nobody else
            // writes the word.
            member.state.swap(if waiting { ATTACHED } else { 0 }, Release);
        }
        inner.stopper = 0;
        inner.serving += 1;
        self.resumed.notify_all();
    }
}

impl<X> Default for World<X> {
    fn default() -> Self {
        World::new()
    }
}

/// A detached thread is kept out until this is dropped.
#[must_use = "the thread is let in when this is dropped"]
pub struct Held<'w, X> {
    world: &'w World<X>,
    member: &'w Member<X>,
}

impl<X> Drop for Held<'_, X> {
    #[inline]
    fn drop(&mut self) {
        #[cfg(loom)]
        if std::thread::panicking() {
            return;
        }
        // Release: pairs with the Acquire in `enter` and `wait_stopped`.
        let before = self.member.state.fetch_and(!HELD, Release);
        if before & WAITING != 0 && !weakened("world: let in") {
            self.world.let_in(self.member);
        }
    }
}

/// The world is stopped until this is dropped (by the thread that stopped it).
#[must_use = "the world runs again when this is dropped"]
pub struct Stopped<'w, X> {
    world: &'w World<X>,
    member: &'w Member<X>,
}

impl<X> Stopped<'_, X> {
    /// Runs `f`, a fork, with the world's own mutex held: no detached thread is inside it, neither here nor in the child.
    pub fn with_mutex<R>(&self, f: impl FnOnce() -> R) -> R {
        let _inner = self.world.inner.lock();
        f()
    }

    /// Forgets all other threads, in the child of a `fork` made while the world was stopped: there they do not exist. (Being
    /// stopped, none of them held a lock.)
    pub fn forget_others(&self) {
        for record in self.world.members.records() {
            if !ptr::eq::<Member<X>>(&**record, self.member) {
                record.state.swap(0, Relaxed);
                record.attention.swap(0, Relaxed);
                self.world.clock.unpin(&record.pin);
                self.world.members.release(record);
            }
        }
        // Nor do they come for the turns that they have drawn.
        let mut inner = self.world.inner.lock();
        inner.next_ticket = inner.serving + 1;
    }
}

impl<X> Deref for Stopped<'_, X> {
    type Target = World<X>;
    fn deref(&self) -> &World<X> {
        self.world
    }
}

impl<X> Drop for Stopped<'_, X> {
    fn drop(&mut self) {
        // An assertion of a model failed: its locks are not to be used any more.
        #[cfg(loom)]
        if std::thread::panicking() {
            return;
        }
        let mut inner = self.world.inner.lock();
        inner.depth -= 1;
        if inner.depth == 0 {
            self.world.resume(&mut inner, ptr::from_ref(self.member) as usize);
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, AtomicU64};
    use std::thread;

    #[test]
    fn nobody_runs_while_stopped_and_nobody_starves() {
        let world = World::<AtomicU64>::new();
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            for detaches in [false, true] {
                let (world, done) = (&world, &done);
                scope.spawn(move || {
                    let me = world.join();
                    world.attach(me);
                    while !done.load(Relaxed) {
                        me.extra.fetch_add(1, Relaxed);
                        if detaches {
                            world.detach(me);
                            world.attach(me);
                        } else if me.attention() != 0 {
                            me.take_attention();
                            world.safepoint(me);
                        }
                    }
                    world.detach(me);
                    world.leave(me);
                });
            }
            for _ in 0..2 {
                let (world, done) = (&world, &done);
                scope.spawn(move || {
                    let me = world.join();
                    world.attach(me);
                    for _ in 0..300 {
                        let stopped = world.stop(me);
                        let again = world.stop(me);
                        let sum = || stopped.members().map(|m| m.extra.load(Relaxed)).sum::<u64>();
                        let before = sum();
                        thread::yield_now();
                        assert_eq!(before, sum());
                        drop(again);
                        assert_eq!(before, sum());
                    }
                    done.store(true, Relaxed);
                    world.detach(me);
                    world.leave(me);
                });
            }
        });
        assert!(world.members().all(|member| !member.is_attached() && !member.is_taken()));
    }

    #[test]
    fn a_forked_child_has_one_thread() {
        let world = World::<()>::new();
        let (me, other) = (world.join(), world.join());
        world.attach(me);
        let stopped = world.stop(me);
        stopped.forget_others();
        drop(stopped);
        assert!(!other.is_taken() && me.is_taken() && me.is_attached());
        assert!(ptr::eq(world.join(), other), "the record is free");
        assert!(world.try_attach(other));
    }

    #[test]
    fn a_held_thread_stays_out() {
        let world = World::<()>::new();
        let (me, other) = (world.join(), world.join());
        world.attach(me);
        assert!(world.hold(me).is_none(), "attached");
        let held = world.hold(other).expect("detached");
        assert!(world.hold(other).is_none() && !world.try_attach(other));
        thread::scope(|scope| {
            let waiter = scope.spawn(|| world.attach(other));
            while other.state.load(Relaxed) & WAITING == 0 {
                thread::yield_now();
            }
            drop(held);
            waiter.join().unwrap();
        });
        assert!(other.is_attached());
    }

    #[test]
    fn a_new_thread_waits_for_the_stop_to_end() {
        let world = World::<()>::new();
        let me = world.join();
        world.attach(me);
        let stopped = world.stop(me);
        thread::scope(|scope| {
            let other = world.join();
            assert!(!world.try_attach(other));
            let waiter = scope.spawn(|| world.attach(other));
            thread::yield_now();
            assert!(!other.is_attached());
            drop(stopped);
            waiter.join().unwrap();
            assert!(other.is_attached());
        });
    }
}
