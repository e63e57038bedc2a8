//! A small process for the tests and models: counted objects, threads with merge queues, epochs and garbage.
//!
//! It does with the primitives what `object` and `heap` do, as plainly as possible. Objects and blocks carry canaries, so
//! that in a model any use after the end is found, whether or not the memory has been used again.

use super::count::{Counts, Released};
use super::epoch::{Clock, Limbo, Orphans, Pin};
use super::reclaim::{Block, Reclaim, deallocate};
use super::shim::atomic::{AtomicBool, Ordering::*};
use super::shim::{Canary, Mutex, Padded, UnsafeCell, weakened};
use super::slot::Counted;
use super::weak::{Link, WeakTable};
use std::alloc::Layout;
use std::cell::{Cell, RefCell};
use std::hash::RandomState;
use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, AtomicU64};

/// The process: as many threads as `new` says, each entered at most once at a time.
pub struct Yard {
    pub clock: Clock,
    pub pins: Vec<Padded<Pin>>,
    queues: Vec<Mutex<Queue>>,
    orphans: Orphans<Garbage>,
    multi: bool,
    /// Interned objects, by value.
    /// Weak references.
    weak: WeakTable<Ref, RandomState>,
    /// How many of them have learned of their target's end.
    called: AtomicIsize,
    /// Objects that exist. Not a loom atomic: it takes no part in what is tested.
    pub live: AtomicIsize,
    ids: AtomicU64,
}

#[derive(Default)]
struct Queue {
    objects: Vec<*mut Obj>,
    closed: bool,
}

// SAFETY: the objects are reached by whoever drains the queue, under its lock.
unsafe impl Send for Queue {}

/// What waits in a limbo.
pub enum Garbage {
    Block(Block),
    Obj(*mut Obj),
}

// SAFETY: garbage belongs to its holder.
unsafe impl Send for Garbage {}

/// An object: a header, and a payload that its destructor ends.
pub struct Obj {
    pub counts: Counts,
    published: AtomicBool,
    /// Of an object that may be pointed to weakly: whether it is.
    pointed_to: Option<AtomicBool>,
    /// Of a weak reference: what it points to.
    link: Option<Link>,
    /// Whether a finaliser is still to run; its own thread's business.
    finaliser: Cell<bool>,
    /// Dies with the memory: header words may be looked at until then.
    header: Canary,
    /// Dies with the destructor.
    payload: Canary,
    /// Written by the creator, read by all: finds missing publication.
    value: UnsafeCell<u64>,
}

/// A counted reference, or an immediate below 2^16.
#[derive(Debug)]
pub struct Ref(u64);

const IMMEDIATE: u64 = 1 << 16;

struct Context {
    yard: Arc<Yard>,
    index: usize,
    limbo: RefCell<Limbo<Garbage>>,
}

#[cfg(loom)]
loom::thread_local! {
    static HERE: RefCell<Option<std::rc::Rc<Context>>> = RefCell::new(None);
}
#[cfg(not(loom))]
thread_local! {
    static HERE: RefCell<Option<std::rc::Rc<Context>>> = const { RefCell::new(None) };
}

fn here() -> std::rc::Rc<Context> {
    HERE.with(|here| here.borrow().clone().expect("inside `Yard::enter`"))
}

impl Yard {
    pub fn new(threads: usize, multi: bool) -> Arc<Yard> {
        Arc::new(Yard {
            clock: Clock::new(),
            pins: (0..threads).map(|_| Padded::default()).collect(),
            queues: (0..threads).map(|_| Mutex::new(Queue::default())).collect(),
            orphans: Orphans::new(),
            multi,
            weak: WeakTable::new(),
            called: AtomicIsize::new(0),
            live: AtomicIsize::new(0),
            ids: AtomicU64::new(0),
        })
    }

    /// Makes the calling thread number `index`, attached and pinned, until the guard is dropped.
    pub fn enter(self: &Arc<Yard>, index: usize) -> Here {
        let context = Context { yard: self.clone(), index, limbo: RefCell::new(Limbo::new(1)) };
        self.clock.pin(&self.pins[index]);
        HERE.with(|here| {
            assert!(here.borrow_mut().replace(std::rc::Rc::new(context)).is_none());
        });
        Here { yard: self.clone(), index, left: Cell::new(false) }
    }

    fn advance(&self) {
        self.clock.try_advance(self.pins.iter().map(|pin| (&**pin, ())), |()| {});
    }
}

impl Obj {
    fn is_mine(&self) -> bool {
        self.counts.is_owned_by(here().index as u32 + 1)
    }
}

/// Ends an object whose last reference is gone.
fn end(object: *mut Obj) {
    // SAFETY: the caller was told `Last`.
    let obj = unsafe { &*object };
    let context = here();
    let plain = !obj.published.load(Relaxed) || !context.yard.multi;
    obj.counts.mark_ended(plain);
    if obj.finaliser.replace(false) {
        // What it may do others see: the object can be counted again.
        let me = context.index as u32 + 1;
        obj.counts.revive(me);
        obj.payload.touch();
        let plain = !obj.published.load(Relaxed) || !context.yard.multi;
        if !obj.counts.is_over_after_revival(me, plain) {
            return;
        }
    }
    if obj.pointed_to.as_ref().is_some_and(|flag| flag.load(Relaxed)) {
        // SAFETY: what the table names is there while it is locked.
        let link_of = |word: u64| unsafe { &*(word as *const Obj) }.link.as_ref().expect("a weak reference");
        let living = context.yard.weak.detach(object as u64, link_of);
        living.iter().for_each(|reference| reference.obj().payload.touch());
        context.yard.called.fetch_add(living.len() as isize, Relaxed);
    }
    if let Some(link) = &obj.link {
        context.yard.weak.leave(link, object as u64);
    }
    obj.payload.kill();
    if obj.published.load(Relaxed) && context.yard.multi {
        context.limbo.borrow_mut().retire(&context.yard.pins[context.index], 1, Garbage::Obj(object));
    } else {
        free(Garbage::Obj(object));
    }
}

fn free(garbage: Garbage) {
    match garbage {
        // SAFETY: the limbo says that nobody can read it.
        Garbage::Block(block) => unsafe { block.free() },
        Garbage::Obj(object) => {
            // SAFETY: as above; still allocated.
            unsafe { (*object).header.kill() };
            here().yard.live.fetch_sub(1, Relaxed);
            // SAFETY: made in `Ref::new` with this layout.
            unsafe { deallocate(object.cast(), Layout::new::<Obj>()) };
        }
    }
}

fn settle(object: *mut Obj, released: Released) {
    match released {
        Released::Alive => {}
        Released::Last => end(object),
        Released::Queue => {
            let context = here();
            // SAFETY: the reference that we now hand on keeps it alive.
            let owner = unsafe { (*object).counts.owner() } as usize;
            // The owner may have merged meanwhile; then the queue's reference is an ordinary one.
            let mut queue = (owner != 0).then(|| context.yard.queues[owner - 1].lock());
            match &mut queue {
                Some(queue) if !queue.closed => queue.objects.push(object),
                _ => {
                    drop(queue);
                    // SAFETY: as above; nobody else merges (it is ours to queue), or it is merged already.
                    let released = unsafe { (*object).counts.merge(-1) };
                    settle(object, released);
                }
            }
        }
    }
}

impl Ref {
    /// A new object of this thread.
    pub fn new(value: u64) -> Ref {
        Ref::make(value, None, None, false)
    }

    /// A new object that weak references may point to.
    pub fn target(value: u64) -> Ref {
        Ref::make(value, Some(AtomicBool::new(false)), None, false)
    }

    /// The weak reference to `target` that is there, or a new one. With a finaliser, if wanted.
    pub fn weak(target: &Ref, finaliser: bool) -> Ref {
        let reference = Ref::make(0, None, Some(Link::new()), finaliser);
        let link = reference.obj().link.as_ref().expect("made with one");
        let mark = || target.obj().pointed_to.as_ref().expect("a target").store(true, Relaxed);
        here().yard.weak.find_or_enter(link, &reference, target, mark, |_| true).unwrap_or(reference)
    }

    /// What a weak reference points to, if that lives.
    pub fn follow(&self) -> Option<Ref> {
        let obj = self.obj();
        obj.header.touch();
        obj.payload.touch();
        obj.link.as_ref().expect("a weak reference").get()
    }

    fn make(value: u64, pointed_to: Option<AtomicBool>, link: Option<Link>, finaliser: bool) -> Ref {
        let context = here();
        context.yard.live.fetch_add(1, Relaxed);
        let object = Box::new(Obj {
            counts: Counts::new(context.index as u32 + 1),
            published: AtomicBool::new(false),
            pointed_to,
            link,
            finaliser: Cell::new(finaliser),
            header: Canary::new(),
            payload: Canary::new(),
            value: UnsafeCell::new(value),
        });
        Ref(Box::into_raw(object) as u64)
    }

    pub fn immediate(value: u64) -> Ref {
        assert!(value > 0 && value < IMMEDIATE);
        Ref(value)
    }

    fn object(word: u64) -> Option<*mut Obj> {
        (word >= IMMEDIATE).then_some(word as *mut Obj)
    }

    pub fn obj(&self) -> &Obj {
        // SAFETY: this reference keeps the object alive.
        unsafe { &*Ref::object(self.0).expect("not an immediate") }
    }

    /// Reads the payload.
    pub fn value(&self) -> u64 {
        if self.0 < IMMEDIATE {
            return self.0;
        }
        let obj = self.obj();
        obj.header.touch();
        obj.payload.touch();
        // SAFETY: written before the object was published.
        obj.value.with(|value| unsafe { *value })
    }

    /// A reference through a weak one, to an object that was published and whose memory is protected.
    ///
    /// # Safety
    /// `word` was read by a pinned thread from where the object's end removes it.
    pub unsafe fn upgrade(word: u64) -> Option<Ref> {
        // SAFETY: the caller's.
        unsafe { Ref::try_count(word).then_some(Ref(word)) }
    }
}

impl Clone for Ref {
    fn clone(&self) -> Ref {
        // SAFETY: `self` keeps it alive.
        unsafe { Ref::count(self.0) }
    }
}

impl Drop for Ref {
    fn drop(&mut self) {
        // An assertion failed: the model is over, and its objects with it.
        if std::thread::panicking() {
            return;
        }
        let Some(object) = Ref::object(self.0) else { return };
        // SAFETY: this reference keeps the object alive.
        let obj = unsafe { &*object };
        obj.header.touch();
        if obj.is_mine() {
            if obj.counts.decref_owned() {
                let plain = !obj.published.load(Relaxed) || !here().yard.multi;
                settle(object, obj.counts.release_owned(plain));
            }
        } else {
            settle(object, obj.counts.decref_shared());
        }
    }
}

// SAFETY: the word is the pointer or the immediate; counting follows the rules of `slot`.
unsafe impl Counted for Ref {
    fn word(&self) -> u64 {
        self.0
    }

    fn into_word(self) -> u64 {
        let word = self.0;
        std::mem::forget(self);
        word
    }

    unsafe fn from_word(word: u64) -> Ref {
        Ref(word)
    }

    fn publish(&self) {
        if self.0 >= IMMEDIATE {
            self.obj().published.store(true, Relaxed);
        }
    }

    unsafe fn try_count(word: u64) -> bool {
        let Some(object) = Ref::object(word) else { return true };
        // SAFETY: a pinned thread read the word from a slot, so the header is there (the canary checks).
        let obj = unsafe { &*object };
        obj.header.touch();
        if obj.is_mine() {
            obj.counts.incref_owned();
            true
        } else {
            obj.counts.try_incref_shared()
        }
    }

    unsafe fn count(word: u64) -> Ref {
        if let Some(object) = Ref::object(word) {
            // SAFETY: the caller keeps it alive.
            let obj = unsafe { &*object };
            if obj.is_mine() { obj.counts.incref_owned() } else { obj.counts.incref_shared() }
        }
        Ref(word)
    }
}

/// The calling thread is inside the yard.
pub struct Here {
    yard: Arc<Yard>,
    index: usize,
    left: Cell<bool>,
}

impl Here {
    /// Drains the merge queue, moves to the present epoch, and frees what is old enough.
    pub fn safepoint(&self) {
        self.drain_queue(false);
        self.yard.clock.repin(&self.yard.pins[self.index]);
        self.collect();
    }

    /// Tries to move the clock, then frees what is old enough.
    pub fn collect(&self) {
        self.yard.advance();
        let now = self.yard.clock.now();
        let context = here();
        loop {
            let ready = context.limbo.borrow_mut().pop_ready(now);
            let Some(garbage) = ready else { break };
            free(garbage);
        }
    }

    fn drain_queue(&self, close: bool) {
        loop {
            let objects = {
                let mut queue = self.yard.queues[self.index].lock();
                queue.closed |= close && !weakened("yard: close");
                std::mem::take(&mut queue.objects)
            };
            if objects.is_empty() {
                return;
            }
            for object in objects {
                // SAFETY: the queue's reference keeps it alive until here.
                let released = unsafe { (*object).counts.merge(-1) };
                settle(object, released);
            }
        }
    }

    /// The process.
    pub fn yard(&self) -> &Yard {
        &self.yard
    }

    /// How many weak references have learned of their target's end.
    pub fn called(&self) -> isize {
        self.yard.called.load(Relaxed)
    }

    /// Ends the yard: all other threads have left, so everything can be freed; then nothing may be left.
    pub fn assert_nothing_left(&self) {
        self.settle_all();
        assert_eq!(self.yard.live.load(Relaxed), 0, "objects leaked");
    }

    /// Frees everything that waits for other threads, all of which have left.
    pub fn settle_all(&self) {
        let context = here();
        loop {
            self.drain_queue(false);
            context.limbo.borrow_mut().adopt(&self.yard.orphans);
            let garbage: Vec<Garbage> = context.limbo.borrow_mut().drain().collect();
            if garbage.is_empty() {
                break;
            }
            garbage.into_iter().for_each(free);
        }
    }

    /// Leaves as an exiting thread does.
    pub fn exit(&self) {
        if self.left.replace(true) {
            return;
        }
        self.drain_queue(true);
        let context = HERE.with(|here| here.borrow_mut().take()).expect("entered");
        let limbo = context.limbo.replace(Limbo::new(1));
        self.yard.orphans.leave(limbo);
        self.yard.clock.unpin(&self.yard.pins[self.index]);
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        if std::thread::panicking() {
            HERE.with(|here| here.borrow_mut().take());
        } else {
            self.exit();
        }
    }
}

impl Reclaim for Context {
    fn multi(&self) -> bool {
        self.yard.multi
    }

    fn retire(&self, block: Block) {
        if self.yard.multi {
            let weight = block.size();
            self.limbo.borrow_mut().retire(&self.yard.pins[self.index], weight, Garbage::Block(block));
        } else {
            free(Garbage::Block(block));
        }
    }

    fn fresh_id(&self) -> u64 {
        self.yard.ids.fetch_add(1, Relaxed) + 1
    }
}

impl Reclaim for Here {
    fn multi(&self) -> bool {
        self.yard.multi
    }

    fn retire(&self, block: Block) {
        here().retire(block);
    }

    fn fresh_id(&self) -> u64 {
        here().fresh_id()
    }
}
