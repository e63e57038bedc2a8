//! List arrays: an index read is the list's item of one moment, whatever a writer does meanwhile.

use crate::count::threads;
use crate::harness::{Model, model};
use crate::sync::list_array::ListArray;
use crate::sync::testing::{Here, Ref, Yard};
use loom::thread;
use std::sync::Arc;

/// A list of immediates and objects, for one writer; the reader's part, and the writer's.
fn race(
    name: &'static str,
    preemptions: usize,
    items: &'static [u64],
    read: fn(&ListArray<Ref>, &Here),
    write: fn(&ListArray<Ref>, &Here),
) -> Model {
    model(name, preemptions, move || {
        let yard = Yard::new(2, true);
        let here = yard.enter(0);
        let list = Arc::new(ListArray::from_exact(items.iter().map(|&item| Ref::new(item))).unwrap());
        let mut list = list;
        let reader = list.clone();
        threads!(yard, here, 1 => move |here: &Here| read(&reader, here); write(&list, &here); {
            let list = Arc::get_mut(&mut list).expect("the reader is gone");
            drop(std::mem::take(list));
        });
    })
}

fn value(list: &ListArray<Ref>, index: usize) -> Option<u64> {
    list.get(index).map(|item| item.value())
}

/// Appending moves to a larger array; the reader may have loaded the old one.
fn append() -> Model {
    race(
        "list: index and append, with a new array",
        4,
        &[1],
        |list, _| {
            if list.len() == 2 {
                assert_eq!(value(list, 1), Some(2), "who has seen the length sees the item");
            }
            if let Some(second) = value(list, 1) {
                assert_eq!(second, 2);
                assert_eq!(list.len(), 2, "who has seen the item sees the length");
            }
            assert_eq!(value(list, 0), Some(1));
        },
        |list, here| {
            list.push(here, Ref::new(2)).unwrap();
            here.collect();
        },
    )
}

/// The retired array is freed while the reader passes a safepoint.
fn resize() -> Model {
    race(
        "list: index, resize and free",
        4,
        &[1],
        |list, here| {
            assert_eq!(value(list, 0), Some(1));
            here.safepoint();
            assert_eq!(value(list, 0), Some(1));
        },
        |list, here| {
            list.push(here, Ref::new(2)).unwrap();
            here.safepoint();
            here.safepoint();
        },
    )
}

/// The last item goes while it is read.
fn pop() -> Model {
    race(
        "list: index and pop",
        4,
        &[1, 2],
        |list, _| match value(list, 1) {
            Some(second) => assert_eq!(second, 2),
            None => assert_eq!(list.len(), 1, "who misses the item sees the length"),
        },
        |list, here| {
            drop(list.pop(here));
            here.safepoint();
        },
    )
}

/// Popped and pushed again: the reader never goes back from the new item to the length between.
fn pop_and_push() -> Model {
    race(
        "list: index, pop and push",
        4,
        &[1, 2],
        |list, _| {
            if value(list, 1) == Some(3) {
                assert_eq!(list.len(), 2, "the new item belongs to the new length");
            }
        },
        |list, here| {
            drop(list.pop(here));
            list.push(here, Ref::new(3)).unwrap();
        },
    )
}

/// Everything goes at once.
fn clear() -> Model {
    race(
        "list: index and clear",
        4,
        &[1, 2],
        |list, _| {
            let first = value(list, 0);
            let second = value(list, 1);
            assert!(first == Some(1) || (first.is_none() && second.is_none()));
            assert!(second.is_none_or(|second| second == 2));
        },
        |list, here| {
            drop(list.take_all(here));
            here.safepoint();
        },
    )
}

/// Items move to other places: two reads never see the list go back.
fn insert() -> Model {
    race(
        "list: two index reads and an insert",
        4,
        &[1, 2],
        |list, _| {
            let second = value(list, 1).expect("never shorter");
            let first = value(list, 0).expect("never empty");
            // [1, 2] or [9, 1, 2]; the second read is not of an earlier list.
            assert!(second == 2 || (second == 1 && first == 9), "{first} {second}");
        },
        |list, here| {
            list.insert(here, 0, Ref::new(9)).unwrap();
        },
    )
}

/// As above, with items that move down.
fn remove() -> Model {
    race(
        "list: two index reads and a removal",
        4,
        &[1, 2, 3],
        |list, _| {
            let first = value(list, 0).expect("never empty");
            let second = value(list, 1).expect("never shorter");
            // [1, 2, 3] or [2, 3].
            assert!(first == 1 || (first == 2 && second == 3), "{first} {second}");
        },
        |list, here| {
            drop(list.remove(here, 0));
        },
    )
}

/// An item is replaced, in the old array or the new one.
fn set_after_growth() -> Model {
    race(
        "list: index, append and set",
        4,
        &[1],
        |list, _| {
            let first = value(list, 0);
            if first == Some(5) {
                assert_eq!(value(list, 0), first);
                assert_eq!(value(list, 1), Some(2), "set after the append");
            } else {
                assert_eq!(first, Some(1));
            }
        },
        |list, here| {
            list.push(here, Ref::new(2)).unwrap();
            drop(list.set(0, Ref::new(5)));
            here.collect();
        },
    )
}

/// Two readers and a writer that never hides the array: loom cannot end a model in which two threads wait by spinning.
fn three_threads() -> Model {
    model("list: two readers, append and set", 3, || {
        let yard = Yard::new(3, true);
        let here = yard.enter(0);
        let mut list = Arc::new(ListArray::from_exact([1].into_iter().map(Ref::new)).unwrap());
        let (one, two) = (list.clone(), list.clone());
        threads!(yard, here,
            1 => move |_: &Here| assert!(matches!(value(&one, 0), Some(1 | 5))),
            2 => move |_: &Here| {
                if value(&two, 1).is_some() {
                    assert_eq!(two.len(), 2);
                }
            };
            {
                list.push(&here, Ref::immediate(2)).unwrap();
                drop(list.set(0, Ref::immediate(5)));
            };
            drop(std::mem::take(Arc::get_mut(&mut list).expect("the readers are gone"))));
    })
}

#[test]
fn append_holds() {
    append().holds().fails_without("list: publish release").fails_without("list: push release");
}

#[test]
fn resize_holds() {
    resize().holds().fails_without("epoch: scan").fails_without("list: retire");
}

#[test]
fn pop_holds() {
    pop().holds().fails_without("count: last decref");
}

#[test]
fn pop_and_push_hold() {
    pop_and_push().holds().fails_without("list: len first");
}

#[test]
fn clear_holds() {
    clear().holds().fails_without("list: retire");
}

#[test]
fn insert_holds() {
    insert().holds().fails_without("list: busy");
}

#[test]
fn remove_holds() {
    remove().holds().fails_without("list: busy");
}

#[test]
fn set_after_growth_holds() {
    set_after_growth().holds().fails_without("slot: release").fails_without("list: miss");
}

#[test]
fn three_threads_hold() {
    three_threads().holds().fails_without("list: retire");
}
