//! `sync::grow_list`.

use crate::harness::{Model, model};
use crate::sync::grow_list::GrowList;
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

/// A number, in a cell in which loom notices reads that nothing orders after the write.
struct Item(UnsafeCell<u32>);

// SAFETY: written before it is shared.
unsafe impl Sync for Item {}
// SAFETY: as above.
unsafe impl Send for Item {}

fn number(item: &Item) -> u32 {
    // SAFETY: loom checks.
    item.0.with(|place| unsafe { *place })
}

fn add(list: &GrowList<Item>, n: u32) -> *const Item {
    let make = || {
        let item = Item(UnsafeCell::new(0));
        // SAFETY: loom checks.
        item.0.with_mut(|place| unsafe { *place = n });
        item
    };
    list.find_or_add(|item| number(item) == n, make)
}

/// Two threads add, one thing of each the same; a third looks.
fn adding() -> Model {
    model("grow list: two add, a third looks", 3, || {
        let list = Arc::new(GrowList::new());
        let one = {
            let list = list.clone();
            thread::spawn(move || (add(&list, 1) as usize, add(&list, 2) as usize))
        };
        let two = {
            let list = list.clone();
            thread::spawn(move || add(&list, 2) as usize)
        };
        let seen = list.find(|item| number(item) == 2).map(|item| item as *const Item as usize);
        let ((first, second), other) = (one.join().unwrap(), two.join().unwrap());
        assert_eq!(second, other, "one thing was added twice");
        assert_ne!(first, second);
        assert!(seen.is_none() || seen == Some(second), "what was found stays");
        assert_eq!(add(&list, 1) as usize, first, "nothing is lost");
    })
}

#[test]
fn adding_holds() {
    adding().holds().fails_without("grow list: look again").fails_without("grow list: release");
}
