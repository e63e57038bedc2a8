//! Heaps: what others give back comes back once, also to who takes the heap over; and heaps change hands whole.

use crate::harness::{Model, model};
use crate::sync::registry::Registry;
use crate::sync::returns::{Link, Linked, Stack, give_back};
use crate::sync::shim::{Canary, UnsafeCell};
use crate::sync::world::World;
use loom::thread;
use std::ptr;
use std::sync::Arc;

/// A block: its front is a link while it is free, and its user's otherwise.
struct Block {
    link: Link<Block>,
    uses: UnsafeCell<u32>,
}

/// A page of two blocks, which is given back when none is used.
struct Page {
    canary: Canary,
    link: Link<Page>,
    foreign: Stack<Block>,
    blocks: [Block; 2],
    used: UnsafeCell<u32>,
}

/// A heap of one page, of which the owner may know that it is gone.
struct Heap {
    pending: Stack<Page>,
    page: Page,
    gone: UnsafeCell<bool>,
}

// SAFETY: blocks and links belong to who gave or took them; loom checks that.
unsafe impl Linked for Block {
    unsafe fn link<'a>(this: *mut Block) -> &'a Link<Block> {
        // SAFETY: by the caller.
        unsafe { &(*this).link }
    }
}

// SAFETY: as above.
unsafe impl Linked for Page {
    unsafe fn link<'a>(this: *mut Page) -> &'a Link<Page> {
        // SAFETY: by the caller.
        unsafe { &(*this).link }
    }
}

// SAFETY: as above; the rest is the owner's.
unsafe impl Sync for Heap {}
// SAFETY: as above.
unsafe impl Send for Heap {}

impl Default for Heap {
    fn default() -> Heap {
        let block = || Block { link: Link::new(ptr::null_mut()), uses: UnsafeCell::new(0) };
        Heap {
            pending: Stack::new(),
            page: Page {
                canary: Canary::new(),
                link: Link::new(ptr::null_mut()),
                foreign: Stack::new(),
                blocks: [block(), block()],
                used: UnsafeCell::new(2),
            },
            gone: UnsafeCell::new(false),
        }
    }
}

impl Heap {
    /// As a thread that is not the owner: uses a block and gives it back.
    fn free(&self, index: usize) {
        let block = &self.page.blocks[index];
        // SAFETY: this thread's, until it is given back.
        unsafe {
            block.uses.with_mut(|uses| *uses += 1);
            give_back(
                ptr::from_ref(block).cast_mut(),
                &self.page.foreign,
                ptr::from_ref(&self.page).cast_mut(),
                || {
                    // As where the VM reads the page's owner.
                    self.page.canary.touch();
                    &self.pending
                },
            );
        }
    }

    /// As the owner: takes what others have given back, uses it, and gives the page back when nothing is used any more.
    fn collect(&self) {
        // SAFETY: the owner; loom checks that there is one.
        unsafe {
            self.pending.take(|page| {
                assert!(ptr::eq(page, &self.page));
                assert!(!self.gone.with(|gone| *gone), "a page that was given back");
                let mut count = 0;
                self.page.foreign.take(|block| {
                    // On the free list now, and handed out again.
                    (*block).link.with_mut(|link| *link = ptr::null_mut());
                    (*block).uses.with_mut(|uses| {
                        assert_eq!(*uses, 1, "a block that comes twice, or too early");
                        *uses = 2;
                    });
                    count += 1;
                });
                let left = self.page.used.with_mut(|used| {
                    *used -= count;
                    *used
                });
                if left == 0 {
                    self.gone.with_mut(|gone| *gone = true);
                    self.page.canary.kill();
                }
            });
        }
    }

    /// Everything has come back.
    fn assert_gone(&self) {
        // SAFETY: the only thread that is left.
        assert!(self.gone.with(|gone| unsafe { *gone }), "a block was lost");
    }
}

/// Two threads give a block each back to a third one, which collects meanwhile.
fn two_give_back() -> Model {
    model("returns: two give blocks back, the owner collects", 4, || {
        let heap = Arc::new(Heap::default());
        let others = [0, 1].map(|index| {
            let heap = heap.clone();
            thread::spawn(move || heap.free(index))
        });
        heap.collect();
        others.into_iter().for_each(|other| other.join().unwrap());
        heap.collect();
        heap.assert_gone();
    })
}

/// One thread gives both blocks back, while the owner collects each time.
fn one_gives_both_back() -> Model {
    model("returns: one gives two blocks back, the owner collects between them", 5, || {
        let heap = Arc::new(Heap::default());
        let other = {
            let heap = heap.clone();
            thread::spawn(move || {
                heap.free(0);
                heap.free(1);
            })
        };
        heap.collect();
        heap.collect();
        other.join().unwrap();
        heap.collect();
        heap.assert_gone();
    })
}

/// A page has three things on its heap's way: the heap's owner leaves, another thread takes the heap over, a third one gives
/// blocks back.
fn taken_over() -> Model {
    model("returns: the owner leaves, another thread takes the heap over", 4, || {
        let heaps = Arc::new(Registry::<Heap>::new());
        let mine = heaps.claim();
        // SAFETY: the record lives as long as the registry, which the threads keep.
        let heap: &'static crate::sync::registry::Record<Heap> = unsafe { std::mem::transmute(mine) };
        let giver = {
            let heaps = heaps.clone();
            thread::spawn(move || {
                heap.free(0);
                heap.free(1);
                drop(heaps);
            })
        };
        let heir = {
            let heaps = heaps.clone();
            thread::spawn(move || {
                let mine = heaps.claim();
                let taken_over = ptr::eq(mine, heap);
                if taken_over {
                    heap.collect();
                }
                heaps.release(mine);
                taken_over
            })
        };
        heap.collect();
        heaps.release(heap);
        giver.join().unwrap();
        let made = 1 + usize::from(!heir.join().unwrap());
        assert_eq!(heaps.records().count(), made);
        assert!(heaps.records().any(|record| ptr::eq(record, heap)));
        heap.collect();
        heap.assert_gone();
    })
}

struct Place {
    world: World<()>,
    records: Registry<Value>,
}

struct Value(UnsafeCell<u32>, Canary);

// SAFETY: it is who claimed the record's, or the stopper's; loom checks that.
unsafe impl Sync for Value {}
// SAFETY: as above.
unsafe impl Send for Value {}

impl Default for Value {
    fn default() -> Value {
        Value(UnsafeCell::new(0), Canary::new())
    }
}

/// Two threads want a record at the same moment; the collector looks at all of them while they stand still.
fn two_claim() -> Model {
    model("registry: two claim, a third walks while they are stopped", 3, || {
        let place = Arc::new(Place { world: World::new(), records: Registry::new() });
        place.records.release(place.records.claim());
        let run = |place: &Place| {
            let me = place.world.join();
            place.world.attach(me);
            let mine = place.records.claim();
            // SAFETY: this thread's, or who has stopped the world; loom checks that.
            mine.0.with_mut(|value| unsafe { *value += 1 });
            place.records.release(mine);
            place.world.detach(me);
        };
        let others = [0, 1].map(|_| {
            let place = place.clone();
            thread::spawn(move || run(&place))
        });
        let me = place.world.join();
        place.world.attach(me);
        {
            let _stopped = place.world.stop(me);
            // SAFETY: as above.
            place.records.records().for_each(|record| record.0.with_mut(|value| unsafe { *value += 0 }));
        }
        place.world.detach(me);
        others.into_iter().for_each(|other| other.join().unwrap());
        // SAFETY: the only thread.
        let sum: u32 = place.records.records().map(|record| record.0.with(|value| unsafe { *value })).sum();
        assert_eq!(sum, 2);
    })
}

/// A thread enters while another, not stopped, walks and reads what never changes.
fn walk() -> Model {
    model("registry: one enters, another walks", 5, || {
        let records = Arc::new(Registry::<Value>::new());
        let other = {
            let records = records.clone();
            thread::spawn(move || records.release(records.claim()))
        };
        let seen = records.records().map(|record| record.1.touch()).count();
        let mine = records.claim();
        assert!(records.records().any(|record| ptr::eq(record, mine) && record.is_taken()));
        assert!(records.records().count() >= seen, "records stay");
        other.join().unwrap();
    })
}

#[test]
fn walk_holds() {
    walk().holds().fails_without("registry: push release");
}

#[test]
fn two_give_back_hold() {
    two_give_back().holds().fails_without("returns: push release").fails_without("returns: take acquire");
}

#[test]
fn one_gives_both_back_hold() {
    one_gives_both_back()
        .holds()
        .fails_without("returns: push acquire")
        .fails_without("returns: link first")
        .fails_without("returns: first only");
}

#[test]
fn taken_over_holds() {
    taken_over().holds().fails_without("registry: release").fails_without("registry: claim acquire");
}

#[test]
fn two_claim_hold() {
    two_claim().holds().fails_without("registry: at once");
}
