//! The thread context: what a thread that runs Python carries, passed to every native function as `t`.
//!
//! Only its own thread touches a `Thread`; what others may touch is `Shared`, in the thread's record of the `World`.
//! Ids start at 1 and are never used again; `member_of` finds the record of an id in two loads.

use super::header::Header;
use super::instrument::Instrument;
use super::method_cache::MethodCache;
use super::shards::{self, ShardTable};
use super::slots::Visit;
use super::value::Value;
use crate::heap;
use crate::sync::backoff::Backoff;
use crate::sync::epoch::{Limbo, Orphans};
use crate::sync::lock::{ByteLock, LockGuard, Park, Tally, keep_away, lock_two, unlock_two};
use crate::sync::parking::{self, mutex::RawMutex};
use crate::sync::promote::INTERVAL;
use crate::sync::reclaim::{Block, Reclaim};
use crate::sync::registry::Record;
use crate::sync::shim::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering::*};
use crate::sync::shim::{Mutex, MutexGuard, schedule, weakened};
use crate::sync::slot::Counted;
use crate::sync::world::{Member, Stopped, World, attention};
use std::cell::{Cell, RefCell, UnsafeCell};

/// What other threads may touch of a thread.
#[derive(Default)]
pub struct Shared {
    /// Objects whose references others have given back (see `sync::count`).
    queue: Mutex<MergeQueue>,
    /// `threading.get_ident()`; 0 while the record is free.
    pub ident: AtomicU64,
    /// An exception class or instance to raise at the next safepoint (`PyThreadState_SetAsyncExc`).
    pub async_exception: Mutex<Option<Value>>,
    /// The thread's context, for stop-the-world work; null while the record is free.
    pub thread: AtomicPtr<Thread>,
    /// The object lock that the thread, detached, waits for; 0: none.
    waits_at: AtomicUsize,
}

#[derive(Default)]
struct MergeQueue {
    /// Whose queue it is; 0 when its thread has exited.
    id: u32,
    objects: Vec<usize>,
}

impl Shared {
    /// Folds the counts of queued objects with the world stopped, by any thread. Objects that end by it wait for
    /// `Thread::end_merged` of the thread that calls.
    pub fn merge_queue_stopped(&self) {
        let objects = std::mem::take(&mut self.queue.lock().objects);
        // SAFETY: the queue's references are ours, and the owner is stopped.
        unsafe { merge_all(objects, &mut ENDED.lock()) };
    }
}

/// A thread's record.
pub type ThreadRecord = Record<Member<Shared>>;

/// Memory that readers may still see.
enum Garbage {
    /// A block of `heap::alloc`.
    Object(usize),
    /// The array or table of a container.
    Block(Block),
}

impl Garbage {
    /// # Safety
    /// No thread can still read it.
    unsafe fn free(self) {
        // SAFETY: by the caller.
        unsafe {
            match self {
                Garbage::Object(block) => heap::free(block as *mut u8),
                Garbage::Block(block) => block.free(),
            }
        }
    }
}

/// The contexts of all threads, while the world is stopped.
pub fn all_stopped<'a>(stopped: &'a Stopped<'_, Shared>) -> Vec<&'a Thread> {
    let threads: Vec<&Thread> = stopped
        .members()
        .filter_map(|m| {
            // SAFETY: a context lives until its thread has cleared the pointer and left, which a stopped world prevents.
            unsafe { m.extra.thread.load(Acquire).as_ref() }
        })
        .collect();
    #[cfg(feature = "proof")]
    super::collector::ledger::at_stop(&threads);
    threads
}

/// All threads of the process.
pub static WORLD: World<Shared> = World::new();
/// Garbage of threads that have exited.
static ORPHANS: Orphans<Garbage> = Orphans::new();
/// Whether a second thread was ever started.
static MULTI: AtomicBool = AtomicBool::new(false);

/// Whether the interpreter is ending: only the thread that ends it runs Python from then on.
static ENDING: AtomicBool = AtomicBool::new(false);

/// Whether the interpreter is ending (`sys.is_finalizing`).
pub fn is_ending() -> bool {
    ENDING.load(Relaxed)
}

/// Stops all other threads for good: none of them runs Python again.
pub fn stop_others_for_good(t: &Thread) {
    ENDING.store(true, Relaxed);
    // Stops nest, so that this thread may still stop the world, and nobody waits for the end of this one.
    std::mem::forget(WORLD.stop(t.record));
}

/// Whether a second thread was ever started: until then locks and counts take plain paths and frees are immediate.
#[inline(always)]
pub fn multi() -> bool {
    MULTI.load(Relaxed)
}

/// Leaves single-thread mode for good. Called by the only thread, before it starts the second one.
pub fn set_multi() {
    MULTI.store(true, SeqCst);
}

thread_local! {
    /// Foreign increments until the next one that is looked at.
    static SAMPLE: Cell<u32> = const { Cell::new(INTERVAL) };
}

crate::thread_word!(
    /// The thread's id.
    ID = "orochi_thread_id"
);
crate::thread_word!(
    /// The thread's `Thread`.
    CURRENT = "orochi_thread"
);

/// Looks at an object whose count a foreign thread has just raised, every now and then.
#[inline(always)]
pub fn sample(header: &Header) {
    let left = SAMPLE.get();
    if left == 0 {
        SAMPLE.set(INTERVAL);
        shards::look(header);
    } else {
        SAMPLE.set(left - 1);
    }
}

/// Whether a thread that had this id has ended, or was left behind by a fork. (An id is never used again.)
pub fn is_gone(id: u32) -> bool {
    let record = record_cell(id).map_or(std::ptr::null_mut(), |cell| cell.load(Acquire));
    // SAFETY: records live as long as `WORLD`.
    unsafe { record.as_ref() }.is_none_or(|record| record.extra.queue.lock().id != id)
}

/// The calling thread's id; 0 outside of any.
#[inline(always)]
pub fn id() -> u32 {
    ID::get() as u32
}

const CHUNK: usize = 1 << 16;
/// The next thread's id.
static NEXT_ID: AtomicU32 = AtomicU32::new(1);

/// Whether there are ids for more threads: none is ever used twice.
pub fn ids_are_left() -> bool {
    // Threads that start at the same moment pass together: there is room for them behind the largest id.
    NEXT_ID.load(Relaxed) < crate::sync::count::MAX_THREAD_ID - (1 << 20)
}

/// Records by thread id, in chunks made on demand: every id has a place.
static RECORDS: [AtomicPtr<[AtomicPtr<ThreadRecord>; CHUNK]>; 1 << 16] =
    [const { AtomicPtr::new(std::ptr::null_mut()) }; 1 << 16];

fn record_cell(id: u32) -> Option<&'static AtomicPtr<ThreadRecord>> {
    let chunk = RECORDS.get(id as usize / CHUNK)?;
    let mut pointer = chunk.load(Acquire);
    if pointer.is_null() {
        // SAFETY: zeroes are null pointers. (The memory's pages are made as threads come.)
        let fresh = Box::into_raw(unsafe { Box::<[AtomicPtr<ThreadRecord>; CHUNK]>::new_zeroed().assume_init() });
        match chunk.compare_exchange(std::ptr::null_mut(), fresh, AcqRel, Acquire) {
            Ok(_) => pointer = fresh,
            Err(other) => {
                // SAFETY: never shared.
                drop(unsafe { Box::from_raw(fresh) });
                pointer = other;
            }
        }
    }
    // SAFETY: chunks are never freed.
    Some(unsafe { &(&*pointer)[id as usize % CHUNK] })
}

/// Puts an object, and the reference just given back, on its owner's merge queue. Where the owner has exited, merges.
///
/// # Safety
/// `Counts::decref_shared` has just answered `Queue` for the object, whose owner is `owner`.
pub unsafe fn queue_merge(owner: u32, object: *const Header) {
    crate::sync::stats::note(crate::sync::stats::Shared::MergeQueue);
    let record = record_cell(owner).map_or(std::ptr::null_mut(), |cell| cell.load(Acquire));
    if !record.is_null() {
        // SAFETY: records live as long as `WORLD`.
        let member = unsafe { &**record };
        let mut queue = member.extra.queue.lock();
        if queue.id == owner {
            queue.objects.push(object as usize);
            let first = queue.objects.len() == 1;
            let long = queue.objects.len() % LONG_QUEUE == 0;
            drop(queue);
            // The owner may be waiting for something for a long time.
            if !member.is_attached() && merge_for_detached(member, owner) {
                return;
            }
            if first {
                member.notify(attention::MERGE);
                // Or have begun to just now, without a look at what it is told.
                if !member.is_attached() && merge_for_detached(member, owner) {
                    return;
                }
            }
            if long {
                // Or it may be busy in native code: a stop waits for it, but then only once for many objects.
                Thread::current().record.notify(DRAIN);
            }
            return;
        }
    }
    // The owner has exited: it drained its queue and closed it under the lock that we took, so its counts are seen.
    // SAFETY: the queue's reference is ours, and nobody owns the count any more.
    unsafe { Header::merge(object, -1) }
}

/// Does a detached owner's merging, and ends what that ends on this thread. False where the owner is not detached, or another
/// thread is at it.
fn merge_for_detached(member: &Member<Shared>, owner: u32) -> bool {
    let mut ended = Vec::new();
    let merge = || {
        let objects = {
            let mut queue = member.extra.queue.lock();
            // Another id: the owner has left (and merged all), and somebody else has its record.
            if queue.id == owner { std::mem::take(&mut queue.objects) } else { Vec::new() }
        };
        // SAFETY: the queue's references are ours, and the owner is held.
        unsafe { merge_all(objects, &mut ended) };
    };
    let more = || {
        let queue = member.extra.queue.lock();
        queue.id == owner && !queue.objects.is_empty()
    };
    let merged = WORLD.on_behalf(member, merge, more);
    for object in ended {
        // SAFETY: `Last`: we are alone with it.
        unsafe { super::dealloc::end(object as *const Header, false) }
    }
    merged
}

/// Folds the counts of objects from a queue; adds those that end by it to `ended`.
///
/// # Safety
/// The queue's references are the caller's, and the owner does not run meanwhile.
unsafe fn merge_all(objects: Vec<usize>, ended: &mut Vec<usize>) {
    for object in objects {
        // SAFETY: by the caller.
        let counts = unsafe { &*(object as *const Header) }.counts();
        if let Some(index) = counts.sharded() {
            Thread::with_current(|t| t.shard_add(index, -1));
        } else if counts.merge(-1) == crate::sync::count::Released::Last {
            ended.push(object);
        }
    }
}

/// A queue this long makes the thread that fills it drain it with the world stopped.
const LONG_QUEUE: usize = 8192;
/// Attention bit: drain the queues of threads that do not.
pub const DRAIN: u32 = attention::FIRST_FREE;
/// Attention bit: promote the thread's candidates.
pub const PROMOTE: u32 = attention::FIRST_FREE << 1;

/// Attention bit: the thread has lived on the reserve, and owes a MemoryError (`heap::shortage`).
pub const MEMORY: u32 = attention::FIRST_FREE << 2;

/// What a chain of the loop's handlers leaves for whoever entered it: `interp` owns its meaning.
#[derive(Clone, Copy)]
pub struct Left {
    pub frame: *mut (),
    pub ip: *const u32,
    pub sp: *mut u64,
    pub word: u64,
}

impl Left {
    const NOTHING: Left = Left { frame: std::ptr::null_mut(), ip: std::ptr::null(), sp: std::ptr::null_mut(), word: 0 };
}

/// A generator's part in what a thread handles. While the generator is suspended: what it was handling itself; while it runs:
/// what those who run it are handling.
#[derive(Default)]
pub struct Handling {
    pub exception: Cell<Option<Value>>,
    /// That of the next running generator below.
    below: Cell<*const Handling>,
}

/// See the module's documentation.
pub struct Thread {
    /// Owner id of the objects it makes.
    pub id: u32,
    pub record: &'static ThreadRecord,
    /// The exception on its way: set together with every `Err(Raised)`.
    pub raised: Cell<Option<Value>>,
    /// The exception being handled (`sys.exception()`) by the frames above the innermost running generator, its own included.
    pub handled: Cell<Option<Value>>,
    /// The innermost running generator's; null where none runs.
    handling: Cell<*const Handling>,
    /// Nested ends of objects, and those put off; see `dealloc`.
    pub ending: Cell<u32>,
    pub put_off: RefCell<Vec<(*const Header, bool)>>,
    pub has_put_off: Cell<bool>,
    limbo: UnsafeCell<Limbo<Garbage>>,
    /// Objects found hot, each with a reference; see `shards`.
    pub(super) candidates: RefCell<Vec<*const Header>>,
    /// Count changes of sharded objects by this thread.
    shards: UnsafeCell<ShardTable>,
    pub method_cache: MethodCache,
    /// Native recursion raises RecursionError below this stack address.
    pub stack_limit: Cell<usize>,
    /// Handlers of the loop go back to `run` below this stack address: see `interp::eval`.
    pub chain_limit: Cell<usize>,
    /// What a chain of handlers has left for whoever entered it.
    pub left: Cell<Left>,
    /// How many Python frames may nest, and how many do.
    pub recursion_limit: Cell<u32>,
    pub depth: Cell<u32>,
    /// The innermost frame, the free part of the frame stack and its end: `interp` owns their meaning.
    pub frame: Cell<*mut u64>,
    pub stack_top: Cell<*mut u64>,
    pub stack_end: Cell<*mut u64>,
    /// Quickened code by code id: `interp` owns its meaning. And those copies that are not in use now (`quicken::switch`).
    pub quick: Cell<*mut u8>,
    pub other_quick: Cell<*mut u8>,
    /// Objects being shown by `repr`, to stop at cycles.
    pub repr_guard: RefCell<Vec<u64>>,
    /// The current `contextvars.Context`, when one was entered or made.
    pub context: Cell<Option<Value>>,
    /// `sys.set_asyncgen_hooks`.
    pub asyncgen_hooks: RefCell<(Option<Value>, Option<Value>)>,
    /// How many callers' places a new coroutine notes: `sys.set_coroutine_origin_tracking_depth`.
    pub origin_depth: Cell<u32>,
    pub instrument: Instrument,
    /// `threading.local` values and the like, by key; small.
    pub locals: RefCell<Vec<(u64, Value)>>,
    /// Collisions with others at locks.
    backoff: Backoff,
    /// Object locks held, counted in debug builds.
    held: Cell<u32>,
    /// The rest of this thread's range of fresh numbers: next and end.
    fresh_ids: Cell<(u64, u64)>,
}

impl Thread {
    /// Makes the calling thread one that can run Python, and attaches it. `stack_bytes` is the size of its native stack
    /// below the present frame.
    pub fn start(stack_bytes: usize) -> Box<Thread> {
        let id = NEXT_ID.fetch_add(1, Relaxed);
        let record = WORLD.join();
        WORLD.attach(record);
        let here = &id as *const u32 as usize;
        // A quarter of the stack, 256 KiB at least, is left for native code that does not check.
        let reserve = (stack_bytes / 4).clamp(128 << 10, 1 << 20);
        let thread = Box::new(Thread {
            id,
            record,
            raised: Cell::new(None),
            handled: Cell::new(None),
            handling: Cell::new(std::ptr::null()),
            ending: Cell::new(0),
            put_off: RefCell::new(Vec::new()),
            has_put_off: Cell::new(false),
            limbo: UnsafeCell::new(Limbo::new(1024)),
            candidates: RefCell::new(Vec::new()),
            shards: UnsafeCell::new(shards::new_table()),
            method_cache: MethodCache::default(),
            stack_limit: Cell::new(here.saturating_sub(stack_bytes - reserve.min(stack_bytes))),
            chain_limit: Cell::new(0),
            left: Cell::new(Left::NOTHING),
            recursion_limit: Cell::new(1000),
            depth: Cell::new(0),
            frame: Cell::new(std::ptr::null_mut()),
            stack_top: Cell::new(std::ptr::null_mut()),
            stack_end: Cell::new(std::ptr::null_mut()),
            quick: Cell::new(std::ptr::null_mut()),
            other_quick: Cell::new(std::ptr::null_mut()),
            repr_guard: RefCell::new(Vec::new()),
            context: Cell::new(None),
            asyncgen_hooks: RefCell::new((None, None)),
            origin_depth: Cell::new(0),
            instrument: Instrument::default(),
            locals: RefCell::new(Vec::new()),
            backoff: Backoff::default(),
            held: Cell::new(0),
            fresh_ids: Cell::new((0, 0)),
        });
        record.extra.queue.lock().id = id;
        record.extra.thread.store(&*thread as *const Thread as *mut Thread, Release);
        if let Some(cell) = record_cell(id) {
            cell.store(record as *const ThreadRecord as *mut ThreadRecord, Release);
        }
        ID::set(id.into());
        CURRENT::set(&raw const *thread as u64);
        thread
    }

    /// Drops what the context holds and closes the merge queue: from then on others merge the objects that this thread
    /// made. Finalisers run meanwhile, so the thread must still be able to run Python; after it, it must not touch an object.
    pub fn close(&self) {
        loop {
            self.raised.take();
            self.handled.take();
            self.context.take();
            self.locals.take();
            self.asyncgen_hooks.take();
            self.instrument.trace.take();
            self.instrument.profile.take();
            let exception = self.record.extra.async_exception.lock().take();
            drop(exception);
            self.drain_queue();
            shards::promote(self);
            // Finalisers may have filled either again.
            let mut queue = self.record.extra.queue.lock();
            let exception = self.record.extra.async_exception.lock();
            if queue.objects.is_empty() && self.locals.borrow().is_empty() && exception.is_none() {
                // Under the lock: whoever wants to raise something in this thread does not find it any more.
                self.record.extra.ident.store(0, Release);
                queue.id = 0;
                return;
            }
        }
    }

    /// Ends the thread's part: closes it if `close` did not, hands on its counts and garbage and detaches.
    pub fn finish(self: Box<Thread>) {
        self.close();
        shards::retire_table(std::mem::take(self.shards_mut()));
        let limbo = std::mem::replace(self.limbo_mut(), Limbo::new(0));
        ORPHANS.leave(limbo);
        heap::leave();
        self.record.extra.thread.store(std::ptr::null_mut(), Release);
        CURRENT::set(0);
        ID::set(0);
        WORLD.detach(self.record);
        WORLD.leave(self.record);
    }

    /// The calling thread's context.
    ///
    /// Panics outside of a Python thread, which no script can reach.
    #[inline(always)]
    pub fn current() -> &'static Thread {
        // SAFETY: set in `start`, cleared in `finish`; a context outlives what runs on its thread.
        unsafe { (CURRENT::get() as *const Thread).as_ref().expect("a thread that runs Python") }
    }

    /// As `current`; None outside of a Python thread (process exit).
    #[inline(always)]
    pub fn current_if_any() -> Option<&'static Thread> {
        // SAFETY: as in `current`.
        unsafe { (CURRENT::get() as *const Thread).as_ref() }
    }

    /// Runs `f` with the calling thread's context; outside of a Python thread does nothing.
    #[inline(always)]
    pub fn with_current(f: impl FnOnce(&Thread)) {
        if let Some(t) = Thread::current_if_any() {
            f(t)
        }
    }

    #[allow(clippy::mut_from_ref)]
    fn shards_mut(&self) -> &mut ShardTable {
        // SAFETY: only the own thread comes here (or the collector while it is stopped), and no reference outlives the
        // expression that uses it.
        unsafe { &mut *self.shards.get() }
    }

    #[allow(clippy::mut_from_ref)]
    fn limbo_mut(&self) -> &mut Limbo<Garbage> {
        // SAFETY: as in `shards_mut`.
        unsafe { &mut *self.limbo.get() }
    }

    /// Counts a change of a sharded object.
    #[inline(always)]
    pub fn shard_add(&self, index: u32, change: i64) {
        *self.shards_mut().at(index) += change;
    }

    /// This thread's counts of sharded objects, by index. The world is stopped.
    pub fn shards(&self) -> &[i64] {
        self.shards_mut().counts()
    }

    /// Forgets the count of a sharded object that was freed. The world is stopped.
    pub fn shard_reset(&self, index: u32) {
        if (index as usize) < self.shards().len() {
            *self.shards_mut().at(index) = 0;
        }
    }

    /// Frees a published object's memory (or any block of `heap::alloc`) once no reader can see it.
    #[inline]
    pub fn retire(&self, block: *mut u8) {
        self.retire_garbage(1, Garbage::Object(block as usize));
    }

    #[inline]
    fn retire_garbage(&self, weight: usize, garbage: Garbage) {
        let limbo = self.limbo_mut();
        limbo.retire(self.record.pin(), weight, garbage);
        if limbo.wants_attempt() && self.record.attention() & attention::EPOCH == 0 {
            self.record.notify(attention::EPOCH);
        }
    }

    /// Frees all garbage of all threads, without waiting for epochs. At a safepoint of this thread.
    ///
    /// Where threads stop they read nothing that is not counted, so what was retired before they all stopped is nobody's.
    pub fn reclaim_all(&self) {
        let garbage: Vec<Garbage> = {
            let stopped = WORLD.stop(self.record);
            self.limbo_mut().adopt(&ORPHANS);
            all_stopped(&stopped).into_iter().flat_map(|thread| thread.limbo_mut().drain()).collect()
        };
        // SAFETY: as above.
        garbage.into_iter().for_each(|item| unsafe { item.free() });
    }

    /// Merges the objects that others queued for this thread.
    pub fn drain_queue(&self) {
        loop {
            let objects = std::mem::take(&mut self.record.extra.queue.lock().objects);
            if objects.is_empty() {
                return;
            }
            for object in objects {
                // SAFETY: the queue held a reference, and we are the owner.
                unsafe { Header::merge(object as *const Header, -1) }
            }
        }
    }

    /// Ends the objects that `Shared::merge_queue_stopped` left, after the world runs again.
    pub fn end_merged(&self) {
        let ended = std::mem::take(&mut *ENDED.lock());
        for object in ended {
            // SAFETY: `Last`: we are alone with it.
            unsafe { super::dealloc::end(object as *const Header, false) }
        }
    }

    /// The part of a safepoint that `object` knows: stops if asked, passes the epoch, frees what became free, merges the
    /// queue. `bits` is what `take_attention` answered. The caller handles signals, exceptions and collections.
    pub fn safepoint(&self, bits: u32) {
        debug_assert_eq!(self.held.get(), 0, "safepoint with an object lock held");
        if bits & attention::MERGE != 0 {
            self.drain_queue();
        }
        if bits & DRAIN != 0 {
            drain_for_others(self);
        }
        if bits & PROMOTE != 0 {
            shards::promote(self);
        }
        WORLD.safepoint(self.record);
        self.reclaim();
    }

    /// Frees garbage whose epoch has passed. Called at safepoints; cheap when there is none.
    #[inline]
    pub fn reclaim(&self) {
        if self.limbo_mut().wants_attempt() {
            self.reclaim_slow();
        }
    }

    #[cold]
    fn reclaim_slow(&self) {
        self.limbo_mut().start_attempt();
        self.limbo_mut().adopt(&ORPHANS);
        WORLD.try_advance();
        WORLD.clock().repin(self.record.pin());
        let now = WORLD.clock().now();
        while let Some(garbage) = self.limbo_mut().pop_ready(now) {
            // SAFETY: retired two epochs ago: nobody sees it any more.
            unsafe { garbage.free() }
        }
    }

    /// Runs `f`, which blocks or computes for long and touches no Python object, without delaying others.
    pub fn detached<R>(&self, f: impl FnOnce() -> R) -> R {
        debug_assert_eq!(self.held.get(), 0, "blocking with an object lock held");
        // It may wait for ever, and their references with it.
        shards::promote(self);
        WORLD.detach(self.record);
        let result = schedule::away(f);
        WORLD.attach(self.record);
        result
    }

    /// Runs `f` attached, whatever the thread is: what a library calls back, mostly from within `detached`.
    pub fn attached<R>(&self, f: impl FnOnce(&Thread) -> R) -> R {
        if self.record.is_attached() {
            return f(self);
        }
        WORLD.attach(self.record);
        let result = f(self);
        shards::promote(self);
        WORLD.detach(self.record);
        result
    }

    /// Waits, detached, until `attempt` gives something; `wait` waits for that in the system's way. (In a test's schedule, where
    /// waiting for the system would make the schedule depend on it, `attempt` is tried instead.)
    pub fn detached_until<R>(&self, attempt: impl FnMut() -> Option<R>, wait: impl FnOnce() -> R) -> R {
        if !schedule::is_mine() {
            return self.detached(wait);
        }
        WORLD.detach(self.record);
        let result = schedule::until(attempt);
        WORLD.attach(self.record);
        result
    }

    /// Takes a mutex that is held while the thread is attached: a detached thread that got it might be left behind by a fork.
    pub fn lock_attached<'a, T>(&self, mutex: &'a Mutex<T>) -> MutexGuard<'a, T> {
        loop {
            if let Some(guard) = mutex.try_lock() {
                return guard;
            }
            // SAFETY: only waited for.
            self.await_free(unsafe { mutex.raw() });
        }
    }

    /// Waits, detached, until a mutex has been free; the caller tries to take it then.
    pub fn await_free(&self, mutex: &RawMutex) {
        self.detached_until(|| (mutex.holder() == 0).then_some(()), || mutex.await_free(None));
    }

    /// Takes an object's lock until the guard is dropped. Nothing may be called, dropped or waited for meanwhile.
    #[inline(always)]
    pub fn lock<'a>(&self, header: &'a Header) -> LockGuard<'a> {
        debug_assert_eq!(self.held.get(), 0, "waiting for a lock with another one held");
        header.note_if_foreign();
        header.lock().guard(multi(), self)
    }

    /// Another thread has changed a word between this one's look at it and its attempt to change it: stays away for a while where
    /// that happens all the time, as from locks (`sync::backoff`). A safepoint: no lock is held.
    #[cold]
    pub fn collided(&self) {
        keep_away(self, self.backoff.collide());
        self.backoff.acquired();
    }

    /// As `lock`, for a step with a name: the tests leave the lock out by it (`tests/mutants.rs`).
    #[inline(always)]
    pub fn lock_for<'a>(&self, step: &str, header: &'a Header) -> LockGuard<'a> {
        debug_assert_eq!(self.held.get(), 0, "waiting for a lock with another one held");
        header.note_if_foreign();
        header.lock().guard(multi() && !weakened(step), self)
    }

    /// Takes the locks of two objects, or of one if they are the same, until the guard is dropped. The steps have names, of
    /// locking the first and of locking the second (see `lock_for`).
    #[inline]
    pub fn lock_two<'a>(&self, steps: [&str; 2], a: &'a Header, b: &'a Header) -> PairGuard<'a> {
        debug_assert_eq!(self.held.get(), 0, "waiting for locks with another one held");
        let multi = multi();
        let a = if weakened(steps[0]) { b } else { a };
        let b = if weakened(steps[1]) { a } else { b };
        a.note_if_foreign();
        b.note_if_foreign();
        lock_two(a.lock(), b.lock(), multi, self);
        PairGuard { a: a.lock(), b: b.lock(), multi, held: Tally::start(self) }
    }

    /// The exception being handled, `sys.exception()`: by this frame or, in a generator, by those that run it.
    pub fn handled_now(&self) -> Option<Value> {
        self.find_handled(Value::clone)
    }

    /// As `handled_now`, of a thread that another one has stopped.
    pub fn handled_while_stopped(&self) -> Option<Value> {
        self.find_handled(|exception| {
            // It may have been this thread's alone.
            exception.publish();
            exception.clone()
        })
    }

    fn find_handled(&self, copy: impl Fn(&Value) -> Value) -> Option<Value> {
        let mut below = self.handling.get();
        let mut cell = &self.handled;
        loop {
            let own = cell.take();
            let answer = own.as_ref().map(&copy);
            cell.set(own);
            if answer.is_some() || below.is_null() {
                return answer;
            }
            // SAFETY: a running generator is alive, and this thread runs it, if it is not stopped.
            let handling = unsafe { &*below };
            (cell, below) = (&handling.exception, handling.below.get());
        }
    }

    /// A generator begins to run: what it was handling when it was suspended is handled now.
    ///
    /// # Safety
    /// `resumed` stays in place until `suspend_handling`; nobody else uses it until then.
    #[inline(always)]
    pub unsafe fn resume_handling(&self, resumed: &Handling) {
        resumed.exception.swap(&self.handled);
        resumed.below.set(self.handling.replace(resumed));
    }

    /// The innermost running generator runs no more.
    #[inline(always)]
    pub fn suspend_handling(&self) {
        // SAFETY: by `resume_handling`; the caller has resumed the generator.
        let suspended = unsafe { &*self.handling.get() };
        suspended.exception.swap(&self.handled);
        self.handling.set(suspended.below.get());
    }

    /// Asserts, in debug builds, that the thread holds no object lock: Python code is about to run, or may.
    #[inline(always)]
    pub fn assert_unlocked(&self) {
        debug_assert_eq!(self.held.get(), 0, "Python code or a destructor with an object lock held");
    }

    /// Whether native recursion must stop here.
    #[inline(always)]
    pub fn stack_is_low(&self) -> bool {
        let here = 0u8;
        (&raw const here as usize) < self.stack_limit.get()
    }
}

/// Merges, with the world stopped, the long queues of threads that are detached.
#[cold]
fn drain_for_others(t: &Thread) {
    {
        let stopped = WORLD.stop(t.record);
        for member in stopped.members() {
            let long = member.extra.queue.lock().objects.len() >= LONG_QUEUE / 2;
            if long {
                member.extra.merge_queue_stopped();
            }
        }
    }
    t.end_merged();
}

/// `fork()` with the world stopped, so that no other thread is in the middle of anything. In the child (answer 0) the calling
/// thread is the only one: the others' counts are taken over, and their records are free.
///
/// `hold` takes the mutexes that detached threads take for a moment (all but the world's, and those of `sync::parking`'s rules
/// 2 and 3).
pub fn fork<G>(t: &Thread, hold: impl FnOnce() -> G) -> std::io::Result<i32> {
    let result = {
        let stopped = WORLD.stop(t.record);
        let held = hold();
        let result = stopped.with_mutex(|| {
            // The last: nobody can be waited for, or woken, while the lot is frozen.
            let lot = parking::lot().freeze();
            // SAFETY: the other threads are at safepoints or detached, and in the middle of nothing that this one needs.
            match unsafe { libc::fork() } {
                -1 => Err(std::io::Error::last_os_error()),
                0 => {
                    if !weakened("fork: forget waiters") {
                        lot.forget_all();
                    }
                    Ok(0)
                }
                pid => Ok(pid),
            }
        });
        drop(held);
        if let Ok(0) = result {
            for member in stopped.members() {
                if std::ptr::eq::<Member<Shared>>(&**member, &**t.record) {
                    continue;
                }
                // SAFETY: the thread does not exist here; its context stays in memory.
                if let Some(other) = unsafe { member.extra.thread.load(Acquire).as_ref() } {
                    shards::retire(other.shards_mut());
                }
                let lock = member.extra.waits_at.swap(0, Relaxed) as *const ByteLock;
                if !weakened("fork: forget waiters") {
                    // SAFETY: the waiter, whose stack is still in memory, has a reference to the lock's object.
                    unsafe { lock.as_ref() }.inspect(|lock| lock.abandon());
                }
                member.extra.thread.store(std::ptr::null_mut(), Release);
                member.extra.ident.store(0, Relaxed);
                member.extra.merge_queue_stopped();
                member.extra.queue.lock().id = 0;
                // Not dropped: whatever else that thread held stays in memory as well.
                if let Some(exception) = member.extra.async_exception.lock().take() {
                    std::mem::forget(exception);
                }
            }
            stopped.forget_others();
        }
        result
    };
    t.end_merged();
    result
}

/// Visits what the threads keep in `Thread::locals` under a key. The world is stopped.
pub fn each_local(key: u64, visit: Visit) {
    for member in WORLD.members() {
        // SAFETY: a context lives until its thread has cleared the pointer and left, which a stopped world prevents.
        let Some(t) = (unsafe { member.extra.thread.load(Acquire).as_ref() }) else { continue };
        // SAFETY: its thread is stopped, or the caller, and neither is in the middle of a change.
        let locals = unsafe { &*t.locals.as_ptr() };
        locals.iter().filter(|(k, _)| *k == key).for_each(|(_, value)| visit(value));
    }
}

impl Park for Thread {
    fn detach(&self) {
        WORLD.detach(self.record);
    }

    fn attach(&self) {
        WORLD.attach(self.record);
    }

    fn try_attach(&self) -> bool {
        WORLD.try_attach(self.record)
    }

    fn waits_at(&self, address: usize) {
        // Relaxed: read with the world stopped only.
        self.record.extra.waits_at.store(address, Relaxed);
    }

    fn backoff(&self) -> Option<&Backoff> {
        Some(&self.backoff)
    }

    fn held(&self) -> Option<&Cell<u32>> {
        Some(&self.held)
    }
}

/// Holds two objects' locks until dropped.
#[must_use = "the locks are given back when this is dropped"]
pub struct PairGuard<'a> {
    a: &'a ByteLock,
    b: &'a ByteLock,
    multi: bool,
    held: Tally,
}

impl Drop for PairGuard<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: taken in `Thread::lock_two` by this thread.
        unsafe { unlock_two(self.a, self.b, self.multi) }
        self.held.stop();
    }
}

/// How many fresh numbers a thread takes at a time.
const ID_RANGE: u64 = 1 << 12;

impl Reclaim for Thread {
    #[inline(always)]
    fn multi(&self) -> bool {
        multi()
    }

    fn retire(&self, block: Block) {
        if multi() && !weakened("stress: retired memory waits") {
            let weight = 1 + block.size() / 1024;
            self.retire_garbage(weight, Garbage::Block(block));
        } else {
            if weakened("stress: retired memory waits") {
                // So that whoever still looks at it finds out.
                block.fill(0x5a);
            }
            // SAFETY: there is no other thread, and this one keeps no pointer into a container's memory over a call.
            unsafe { block.free() }
        }
    }

    #[inline]
    fn fresh_id(&self) -> u64 {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let (next, end) = self.fresh_ids.get();
        if next < end {
            self.fresh_ids.set((next + 1, end));
            return next;
        }
        let start = NEXT.fetch_add(ID_RANGE, Relaxed);
        self.fresh_ids.set((start + 1, start + ID_RANGE));
        start
    }
}

/// Objects whose last reference went away while the world was stopped.
static ENDED: Mutex<Vec<usize>> = Mutex::new(Vec::new());
