//! Hash tables: a lookup is true of one moment, whatever a writer does meanwhile, and inline-cache guards never lie.

use crate::count::threads;
use crate::harness::{Model, model};
use crate::sync::dict_table::{Deleted, DictTable, Get, Hint, Inserted, Match};
use crate::sync::reclaim::Reclaim;
use crate::sync::testing::{Here, Ref, Yard};
use loom::thread;
use std::sync::Arc;

type Dict = DictTable<Ref, Ref>;

/// Keys are immediates (identical when equal); all have the same hash, so that every probe meets every key.
fn get(dict: &Dict, here: &Here, key: u64) -> Option<u64> {
    match dict.get(here, 0, key, Hint::START, |_| Match::Different) {
        Get::Found(value) => Some(value.value()),
        Get::Missing => None,
        Get::Ask(_) => unreachable!(),
    }
}

fn put(dict: &Dict, here: &Here, key: u64, value: Ref) {
    match dict.insert(here, 0, Ref::immediate(key), value, Hint::START, |_| Match::Different) {
        Inserted::New => {}
        Inserted::Replaced(old, key) => drop((old, key)),
        _ => unreachable!(),
    }
}

fn delete(dict: &Dict, here: &Here, key: u64) {
    match dict.delete(here, 0, key, Hint::START, |_| Match::Different) {
        Deleted::Gone(key, value) => drop((key, value)),
        _ => unreachable!(),
    }
}

/// A dict with keys 1.. and values 10 times as large, for one writer; the reader's part, and the writer's.
fn race(name: &'static str, preemptions: usize, keys: u64, read: fn(&Dict, &Here), write: fn(&Dict, &Here)) -> Model {
    model(name, preemptions, move || {
        let yard = Yard::new(2, true);
        let here = yard.enter(0);
        let dict = Dict::new();
        for key in 1..=keys {
            put(&dict, &here, key, Ref::new(key * 10));
        }
        let mut dict = Arc::new(dict);
        let reader = dict.clone();
        threads!(yard, here, 1 => move |here: &Here| read(&reader, here); write(&dict, &here); {
            drop(std::mem::take(Arc::get_mut(&mut dict).expect("the reader is gone")));
        });
    })
}

/// A key comes, without a new block (the first block has room for one entry, the second for two, the third for five).
fn insert() -> Model {
    race(
        "dict: get and insert",
        4,
        2,
        |dict, here| {
            if let Some(value) = get(dict, here, 3) {
                assert_eq!(value, 30);
                assert_eq!(dict.len(), 3, "who has seen the key sees the length");
            }
            assert_eq!(get(dict, here, 1), Some(10));
        },
        |dict, here| {
            dict.reserve(here, 1).unwrap();
            put(dict, here, 3, Ref::new(30));
        },
    )
}

/// The length first.
fn insert_len() -> Model {
    race(
        "dict: len and insert",
        4,
        0,
        |dict, here| {
            if dict.len() == 1 {
                assert_eq!(get(dict, here, 1), Some(10), "who has seen the length sees the key");
            }
        },
        |dict, here| put(dict, here, 1, Ref::new(10)),
    )
}

/// A key goes.
fn delete_key() -> Model {
    race(
        "dict: get and delete",
        4,
        1,
        |dict, here| match get(dict, here, 1) {
            Some(value) => assert_eq!(value, 10),
            None => assert_eq!(dict.len(), 0, "who misses the key sees the length"),
        },
        |dict, here| {
            delete(dict, here, 1);
            here.collect();
        },
    )
}

/// A key goes and comes again with another value, which a lookup may miss only in between.
fn delete_and_insert() -> Model {
    race(
        "dict: get, delete and insert again",
        4,
        1,
        |dict, here| {
            let first = get(dict, here, 1);
            let second = get(dict, here, 1);
            assert!(first.is_none_or(|value| value == 10 || value == 11));
            // Not back from 11, nor from missing to 10.
            assert!(first != Some(11) || second == Some(11));
            assert!(first.is_some() || second != Some(10));
        },
        |dict, here| {
            delete(dict, here, 1);
            put(dict, here, 1, Ref::new(11));
        },
    )
}

/// A value is replaced; the old one ends.
fn replace() -> Model {
    race(
        "dict: get and replace",
        4,
        1,
        |dict, here| {
            let value = get(dict, here, 1).expect("never missing");
            assert!(value == 10 || value == 11);
        },
        |dict, here| {
            put(dict, here, 1, Ref::new(11));
            here.collect();
        },
    )
}

/// The block is full: entries move to a new one, and the old one is freed.
fn resize() -> Model {
    race(
        "dict: get, resize and free",
        4,
        1,
        |dict, here| {
            assert_eq!(get(dict, here, 1), Some(10));
            here.safepoint();
            assert_eq!(get(dict, here, 1), Some(10));
        },
        |dict, here| {
            put(dict, here, 2, Ref::new(20));
            for _ in 0..3 {
                here.safepoint();
            }
        },
    )
}

/// Iteration while a key comes and another goes: each item is a key with its own value.
fn iterate() -> Model {
    race(
        "dict: iterate, insert and delete",
        4,
        1,
        |dict, _| {
            let (mut at, mut seen) = (0, 0);
            while let Some((offset, key, value)) = dict.next_item(at) {
                assert_eq!(key.value() * 10, value.value());
                seen += 1;
                at = offset + 1;
            }
            assert!(seen <= 2);
        },
        |dict, here| {
            put(dict, here, 2, Ref::new(20));
            delete(dict, here, 1);
            here.collect();
        },
    )
}

/// Two keys change in one step.
fn bulk() -> Model {
    race(
        "dict: two lookups and a bulk change",
        4,
        2,
        |dict, here| {
            let second = get(dict, here, 2);
            let first = get(dict, here, 1);
            if second == Some(21) {
                assert_eq!(first, Some(11), "the second key changed after the first was there");
            } else {
                assert_eq!(second, Some(20));
            }
            if first == Some(11) {
                assert_eq!(get(dict, here, 2), Some(21), "both change at once");
            }
        },
        |dict, here| {
            let edit = dict.bulk(here);
            let mut dropped = Vec::new();
            for key in [1, 2] {
                let value = Ref::new(key * 10 + 1);
                match edit.insert(0, Ref::immediate(key), value, Hint::START, |_| Match::Different) {
                    Inserted::Replaced(old, _) => dropped.push(old),
                    _ => unreachable!(),
                }
            }
            drop(edit);
        },
    )
}

/// Everything goes at once.
fn clear() -> Model {
    race(
        "dict: get and clear",
        4,
        2,
        |dict, here| {
            let first = get(dict, here, 1);
            let second = get(dict, here, 2);
            assert!(first == Some(10) || second.is_none());
            if second.is_none() {
                assert_eq!(dict.len(), 0);
            }
        },
        |dict, here| {
            drop(dict.clear(here));
            here.collect();
        },
    )
}

/// An inline cache holds a place while the key goes, comes again, and the block is replaced.
fn place() -> Model {
    race(
        "dict: inline-cache guard, delete, insert, resize",
        4,
        1,
        |dict, here| {
            let Some(place) = dict.place(here, 0, 1, |_| Match::Different) else { return };
            here.safepoint();
            if let Some(value) = dict.load_at(place) {
                assert!(matches!(value.value(), 10 | 11), "the place is of key 1");
            }
        },
        |dict, here| {
            delete(dict, here, 1);
            put(dict, here, 2, Ref::new(20));
            put(dict, here, 1, Ref::new(11));
        },
    )
}

/// An inline cache holds that a key is missing.
fn key_set() -> Model {
    race(
        "dict: guard of a missing key, insert",
        4,
        1,
        |dict, here| {
            let Some(keys) = dict.key_set(here) else { return };
            if get(dict, here, 2).is_some() {
                return;
            }
            // As another thread would be told: whoever has seen the key ...
            let seen = get(dict, here, 2).is_some();
            // ... must not be told by the guard that it is missing.
            assert!(!(seen && dict.has_keys(keys)));
        },
        |dict, here| {
            dict.reserve(here, 1).unwrap();
            put(dict, here, 2, Ref::new(20));
        },
    )
}

/// Two readers and a writer.
fn three_threads() -> Model {
    model("dict: two readers, insert with resize", 4, || {
        let yard = Yard::new(3, true);
        let here = yard.enter(0);
        let dict = Dict::new();
        put(&dict, &here, 1, Ref::new(10));
        let mut dict = Arc::new(dict);
        let (one, two) = (dict.clone(), dict.clone());
        threads!(yard, here,
            1 => move |here: &Here| assert_eq!(get(&one, here, 1), Some(10)),
            2 => move |here: &Here| assert!(matches!(get(&two, here, 2), None | Some(20)));
            put(&dict, &here, 2, Ref::immediate(20));
            drop(std::mem::take(Arc::get_mut(&mut dict).expect("the readers are gone"))));
    })
}

/// Python code compares keys outside, while the entry goes and its block is replaced and freed.
fn ask() -> Model {
    race(
        "dict: comparison outside, delete and resize",
        4,
        1,
        |dict, here| {
            let mut hint = Hint::START;
            for _ in 0..4 {
                match dict.get(here, 0, 1 << 15, hint, |_| Match::Unknown) {
                    Get::Ask(ask) => {
                        here.safepoint();
                        let equal = ask.key.value() == 1;
                        hint = ask.answer(equal).0;
                    }
                    Get::Found(value) => return assert!(matches!(value.value(), 10 | 11)),
                    Get::Missing => return,
                }
            }
        },
        |dict, here| {
            delete(dict, here, 1);
            put(dict, here, 2, Ref::new(20));
            put(dict, here, 1, Ref::new(11));
            assert!(here.multi());
        },
    )
}

#[test]
fn insert_holds() {
    insert()
        .holds()
        .fails_without("table: index release")
        .fails_without("table: index acquire")
        .fails_without("dict: changing");
}

#[test]
fn insert_len_holds() {
    insert_len().holds().fails_without("dict: len release");
}

#[test]
fn delete_holds() {
    delete_key().holds().fails_without("dict: changing").fails_without("count: last decref");
}

#[test]
fn delete_and_insert_hold() {
    delete_and_insert().holds().fails_without("count: last decref");
}

#[test]
fn replace_holds() {
    replace().holds().fails_without("slot: release").fails_without("dict: dead value");
}

#[test]
fn resize_holds() {
    resize().holds().fails_without("epoch: scan").fails_without("dict: publish release");
}

#[test]
fn iterate_holds() {
    iterate().holds().fails_without("table: used");
}

#[test]
fn bulk_holds() {
    bulk().holds().fails_without("dict: busy");
}

#[test]
fn clear_holds() {
    clear().holds().fails_without("dict: changing");
}

#[test]
fn place_holds() {
    place().holds().fails_without("dict: place guard");
}

#[test]
fn key_set_holds() {
    key_set().holds().fails_without("dict: key set");
}

#[test]
fn ask_holds() {
    ask().holds().fails_without("dict: hint");
}

#[test]
fn three_threads_hold() {
    three_threads().holds().fails_without("dict: publish release");
}
