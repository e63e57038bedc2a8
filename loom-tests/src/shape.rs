//! Instances' attributes: they are never missing while they move to a dict, nor old after it was seen.

use crate::count::threads;
use crate::harness::{Model, model};
use crate::sync::shape_word::{Read, ShapeWord};
use crate::sync::slot::Slot;
use crate::sync::testing::{Here, Ref, Yard};
use loom::sync::Mutex;
use loom::thread;
use std::mem::ManuallyDrop;
use std::sync::Arc;

/// The shapes: no attribute, the first, both. Anything else is a dict's word.
const EMPTY: u64 = 1;
const ONE: u64 = 2;
const TWO: u64 = 3;

/// An instance with room for two attributes. Its dict holds values of the same names. `clear` empties the slots, which are
/// not dropped: where a twin fails while another thread stores to one, loom would panic once more.
struct Instance {
    word: ShapeWord,
    slots: ManuallyDrop<[Slot<Ref>; 2]>,
    dict: ManuallyDrop<[Slot<Ref>; 2]>,
    lock: Mutex<()>,
}

const DICT: u64 = 9;

impl Instance {
    fn new(word: u64, values: &[u64]) -> Arc<Instance> {
        let slot = |index: usize| values.get(index).map_or_else(Slot::empty, |value| Slot::new(Ref::new(*value)));
        Arc::new(Instance {
            word: ShapeWord::new(word),
            slots: ManuallyDrop::new([slot(0), slot(1)]),
            dict: ManuallyDrop::new([Slot::empty(), Slot::empty()]),
            lock: Mutex::new(()),
        })
    }

    fn get(&self, index: usize) -> Option<u64> {
        loop {
            let word = self.word.get();
            if word == DICT {
                return self.dict[index].load().map(|value| value.value());
            }
            match self.word.read(word, &self.slots[index]) {
                Read::Found(value) => return Some(value.value()),
                Read::Absent => return None,
                Read::Again => {}
            }
        }
    }

    /// As a guarded instruction does: the slot's contents, unless there is none.
    fn guarded(&self, index: usize) -> Option<u64> {
        let word = self.word.get();
        (word != DICT).then(|| self.slots[index].load().map(|value| value.value()))?
    }

    fn make_dict(&self) {
        let old = {
            let _held = self.lock.lock().unwrap();
            for (slot, place) in self.slots.iter().zip(self.dict.iter()) {
                if let Some(value) = slot.load() {
                    place.init(value);
                }
            }
            self.word.move_out(DICT, self.slots.iter())
        };
        drop(old);
    }

    fn add(&self, index: usize, value: u64, word: u64) {
        let _held = self.lock.lock().unwrap();
        if self.word.get() == DICT {
            self.dict[index].init(Ref::new(value));
        } else {
            self.word.extend(&self.slots[index], Ref::new(value), word);
        }
    }

    fn clear(&self) {
        self.slots.iter().chain(self.dict.iter()).for_each(|slot| drop(slot.take()));
    }
}

/// Attributes move to a dict, where one is changed, while another thread reads them in both ways.
fn moving() -> Model {
    model("shape word: get, move to a dict, set there", 3, || {
        let yard = Yard::new(2, true);
        let here = yard.enter(0);
        let instance = Instance::new(ONE, &[1]);
        let write = instance.clone();
        threads!(yard, here, 1 => move |here: &Here| {
            write.make_dict();
            drop(write.dict[0].swap(Some(Ref::new(2))));
            here.collect();
        }; {
            let first = instance.get(0).expect("it is there all the time");
            if let Some(second) = instance.guarded(0) {
                assert!(second >= first, "an old value after the new one was seen");
            }
        }; instance.clear());
    })
}

/// An instance gets two attributes, and a dict, while another thread reads.
fn growing() -> Model {
    model("shape word: get, two attributes come, one thread moves them", 3, || {
        let yard = Yard::new(3, true);
        let here = yard.enter(0);
        let instance = Instance::new(EMPTY, &[]);
        let (write, moves) = (instance.clone(), instance.clone());
        threads!(yard, here,
            1 => move |_: &Here| {
                write.add(0, 1, ONE);
                write.add(1, 2, TWO);
            },
            2 => move |_: &Here| moves.make_dict();
            {
                let word = instance.word.get();
                let shown = match word { ONE => 1, TWO => 2, _ => 0 };
                let seen = [instance.get(1), instance.get(0)];
                assert!(seen[0].is_none() || seen[1] == Some(1), "the first came before the second");
                assert!(shown < 1 || seen[1] == Some(1), "who saw the shape sees its attribute");
                assert!(shown < 2 || seen[0] == Some(2), "who saw the shape sees its attribute");
            };
            instance.clear());
    })
}

#[test]
fn moving_holds() {
    moving().holds().fails_without("shape word: look again").fails_without("shape word: word first");
}

#[test]
fn growing_holds() {
    growing().holds().fails_without("shape word: fill first");
}
