//! Names: one living object for each text, while objects end and are made again.

use crate::count::threads;
use crate::harness::{Model, model};
use crate::sync::slot::Counted;
use crate::sync::testing::{Here, Yard};
use loom::thread;

/// Two threads intern the same text for the first time.
fn two_first() -> Model {
    model("names: two threads intern one text", 4, || {
        let yard = Yard::new(2, true);
        let here = yard.enter(0);
        threads!(yard, here, 1 => |here: &Here| {
            let name = here.intern(1);
            assert_eq!(here.intern(1).word(), name.word(), "one object for the text");
        }; {
            let name = here.intern(1);
            assert_eq!(here.intern(1).word(), name.word(), "one object for the text");
        }; assert!(yard_is_empty(&here)));
    })
}

/// The last reference to a name goes while another thread interns its text: it gets the old object alive, or a new one.
fn dying() -> Model {
    model("names: intern against the end of the name", 4, || {
        let yard = Yard::new(2, true);
        let here = yard.enter(0);
        let name = here.intern(1);
        threads!(yard, here, 1 => |here: &Here| {
            let name = here.intern(1);
            assert_eq!(name.value(), 1);
            assert_eq!(here.intern(1).word(), name.word(), "one object for the text");
        }; {
            drop(name);
            here.collect();
        }; assert!(yard_is_empty(&here)));
    })
}

/// A name ends and comes again, both in one block, while another thread looks for it: behind the removed entry lies the
/// living one.
fn behind_a_removed_one() -> Model {
    model("names: a name behind a removed one", 3, || {
        let yard = Yard::new(2, true);
        let here = yard.enter(0);
        // Two names that stay make the block large enough to keep the removed entry.
        let others = (here.intern(2), here.intern(3));
        drop(here.intern(1));
        let name = here.intern(1);
        threads!(yard, here, 1 => |here: &Here| {
            let name = here.intern(1);
            assert_eq!(here.intern(1).word(), name.word(), "one object for the text");
        }; {
            drop(name);
        }; {
            drop(others);
            assert!(yard_is_empty(&here));
        });
    })
}

fn yard_is_empty(here: &Here) -> bool {
    here.settle_all();
    here.yard().names.is_empty()
}

#[test]
fn two_first_hold() {
    two_first().holds().fails_without("names: look again");
}

#[test]
fn dying_holds() {
    dying().holds().fails_without("names: count").fails_without("names: own entry");
}

#[test]
fn behind_a_removed_one_holds() {
    behind_a_removed_one().holds().fails_without("dict: removed key");
}
