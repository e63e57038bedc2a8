//! Tables against a model, index widths, questions to Python, cache guards, and a race of readers.

use super::*;
use crate::sync::testing::{Here, Ref, Yard};

/// Keys are immediates or objects; equal objects have equal values.
fn same(key: u64, other: &Ref) -> Match {
    // SAFETY: in these tests keys live while they are compared.
    let key = mem::ManuallyDrop::new(unsafe { Ref::from_word(key) });
    if key.value() == other.value() { Match::Equal } else { Match::Different }
}

/// Few hash values, so that probes collide.
fn hash(key: u64) -> u64 {
    key % 7 * 0x1_0000_0001
}

fn put(here: &Here, dict: &DictTable<Ref, Ref>, key: u64, value: u64) -> Option<u64> {
    let (key, probe) = (Ref::new(key), Ref::new(key));
    match dict.insert(here, hash(key.value()), key, Ref::new(value), Hint::START, |word| same(word, &probe)) {
        Inserted::New => None,
        Inserted::Replaced(old, _) => Some(old.value()),
        _ => panic!(),
    }
}

fn get(here: &Here, dict: &DictTable<Ref, Ref>, key: u64) -> Option<u64> {
    let probe = Ref::new(key);
    match dict.get(here, hash(key), probe.word(), Hint::START, |word| same(word, &probe)) {
        Get::Found(value) => Some(value.value()),
        Get::Missing => None,
        Get::Ask(_) => panic!(),
    }
}

fn remove(here: &Here, dict: &DictTable<Ref, Ref>, key: u64) -> Option<u64> {
    let probe = Ref::new(key);
    match dict.delete(here, hash(key), probe.word(), Hint::START, |word| same(word, &probe)) {
        Deleted::Gone(_, value) => Some(value.value()),
        Deleted::Missing => None,
        Deleted::Ask(_) => panic!(),
    }
}

fn items(dict: &DictTable<Ref, Ref>) -> Vec<(u64, u64)> {
    let mut at = 0;
    std::iter::from_fn(|| {
        let (offset, key, value) = dict.next_item(at)?;
        at = offset + 1;
        Some((key.value(), value.value()))
    })
    .collect()
}

#[test]
fn operations_match_an_ordered_model() {
    for multi in [false, true] {
        let yard = Yard::new(1, multi);
        let here = yard.enter(0);
        let dict = DictTable::new();
        let mut model: Vec<(u64, u64)> = Vec::new();
        let mut seed = 1u64;
        for round in 0..4000 {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let key = (seed >> 33) % 60 + 1;
            let there = model.iter().position(|(k, _)| *k == key);
            match (seed >> 50) % 5 {
                0 | 1 => {
                    let old = put(&here, &dict, key, round + 1);
                    assert_eq!(old, there.map(|at| mem::replace(&mut model[at].1, round + 1)));
                    if there.is_none() {
                        model.push((key, round + 1));
                    }
                }
                2 => assert_eq!(remove(&here, &dict, key), there.map(|at| model.remove(at).1)),
                3 => assert_eq!(get(&here, &dict, key), there.map(|at| model[at].1)),
                _ => {
                    let last = dict.pop_last(&here).map(|(key, value)| (key.value(), value.value()));
                    assert_eq!(last, model.pop());
                }
            }
            assert_eq!(dict.len(), model.len());
            if round % 50 == 0 {
                assert_eq!(items(&dict), model);
                assert_eq!(items(&dict.copy(0).unwrap()), model);
                assert_eq!(items(&dict.copy(20).unwrap()), model);
            }
            here.safepoint();
        }
        let version = dict.version();
        let removed = dict.clear(&here).map(|(key, value)| (key.value(), value.value())).collect::<Vec<_>>();
        assert_eq!(removed, model);
        assert!(dict.is_empty() && dict.version() != version && items(&dict).is_empty());
        drop(dict);
        here.assert_nothing_left();
    }
}

#[test]
fn all_index_widths() {
    let yard = Yard::new(1, false);
    let here = yard.enter(0);
    let set = SetTable::new();
    for key in 1..60_000u64 {
        let key = Ref::immediate(key);
        let hash = key.word();
        assert!(matches!(set.insert(&here, hash, key, (), Hint::START, |_| Match::Different), Inserted::New));
    }
    for key in 1..65_000u64 {
        let found = matches!(set.get(&here, key, key, Hint::START, |_| Match::Different), Get::Found(()));
        assert_eq!(found, key < 60_000);
    }
    assert_eq!(set.len(), 59_999);
}

#[test]
fn python_comparisons_go_on_where_they_were() {
    let yard = Yard::new(1, true);
    let here = yard.enter(0);
    let dict = DictTable::new();
    for key in [1, 8, 15] {
        put(&here, &dict, key, key * 10);
    }
    let (mut hint, mut asked) = (Hint::START, Vec::new());
    let found = loop {
        match dict.get(&here, hash(15), 0, hint, |_| Match::Unknown) {
            Get::Ask(ask) => {
                let value = ask.key.value();
                asked.push(value);
                hint = ask.answer(value == 15).0;
            }
            Get::Found(value) => break value.value(),
            Get::Missing => panic!(),
        }
    };
    assert_eq!((found, asked), (150, vec![1, 8, 15]));
    // The entry that was found equal goes away: the search begins again, and misses.
    remove(&here, &dict, 15);
    let probe = Ref::new(15);
    assert!(matches!(dict.get(&here, hash(15), 0, hint, |word| same(word, &probe)), Get::Missing));
}

#[test]
fn places_and_key_sets_notice_changes() {
    let yard = Yard::new(1, true);
    let here = yard.enter(0);
    let dict = DictTable::new();
    assert_eq!(dict.key_set(&here), None);
    put(&here, &dict, 1, 10);
    let probe = Ref::new(1);
    let place = dict.place(&here, hash(1), 0, |word| same(word, &probe)).unwrap();
    let keys = dict.key_set(&here).unwrap();
    assert_eq!(dict.load_at(place).unwrap().value(), 10);
    assert_eq!(dict.store_at(place, Ref::new(11)).unwrap().value(), 10);
    assert!(dict.has_keys(keys));
    put(&here, &dict, 2, 20);
    assert!(!dict.has_keys(keys));
    assert_eq!(dict.load_at(place).unwrap().value(), 11);
    remove(&here, &dict, 1);
    put(&here, &dict, 1, 12);
    assert!(dict.load_at(place).is_none() && dict.store_at(place, Ref::new(13)).is_err());
    for key in 3..20 {
        put(&here, &dict, key, 1);
    }
    assert!(dict.load_at(place).is_none());
}

#[test]
fn a_key_is_known_where_it_is_guessed() {
    let yard = Yard::new(1, true);
    let here = yard.enter(0);
    let dict: DictTable<Ref, Ref> = DictTable::new();
    let key = Ref::new(5);
    let word = key.word();
    let probe = Ref::new(5);
    let guess = |dict: &DictTable<Ref, Ref>| dict.offset(&here, hash(5), word, |other| same(other, &probe));
    assert!(guess(&dict).is_none() && dict.cell_of(word, 0).is_none());
    put(&here, &dict, 1, 10);
    let inserted = dict.insert(&here, hash(5), key, Ref::new(50), Hint::START, |other| same(other, &probe));
    assert!(matches!(inserted, Inserted::New));
    let offset = guess(&dict).unwrap();
    let value = || dict.cell_of(word, offset).and_then(|cell| cell.load()).map(|value| value.value());
    assert_eq!((offset, value()), (1, Some(50)));
    assert!(
        dict.cell_of(word, 0).is_none() && dict.cell_of(word, 2).is_none() && dict.cell_of(word, 1 << 20).is_none()
    );
    put(&here, &dict, 5, 51);
    assert_eq!(value(), Some(51));
    // It moves to the front of the next block.
    remove(&here, &dict, 1);
    for key in 6..30 {
        put(&here, &dict, key, 0);
    }
    assert_eq!((value(), guess(&dict)), (None, Some(0)));
    remove(&here, &dict, 5);
    assert!(guess(&dict).is_none() && dict.cell_of(word, 0).is_none());
}

#[test]
fn readers_race_with_everything() {
    let yard = Yard::new(4, true);
    let dict = DictTable::new();
    let done = std::sync::atomic::AtomicBool::new(false);
    let here = yard.enter(0);
    let put =
        |key: u64| match dict
            .insert(&here, hash(key), Ref::immediate(key), Ref::new(key * 1000), Hint::START, |_| Match::Different)
        {
            Inserted::New => {}
            Inserted::Replaced(old, _) => assert_eq!(old.value(), key * 1000),
            _ => panic!(),
        };
    put(1);
    std::thread::scope(|scope| {
        for index in 1..4 {
            let (yard, dict, done) = (&yard, &dict, &done);
            scope.spawn(move || {
                let here = yard.enter(index);
                while !done.load(Relaxed) {
                    for key in 1..20 {
                        let hit = dict.get(&here, hash(key), key, Hint::START, |_| Match::Different);
                        if let Get::Found(value) = hit {
                            assert_eq!(Ref::value(&value), key * 1000);
                        } else {
                            assert_ne!(key, 1, "the first key is never removed");
                        }
                    }
                    assert!(dict.len() <= 20);
                    let mut at = 0;
                    while let Some((offset, key, value)) = dict.next_item(at) {
                        at = offset + 1;
                        assert_eq!(value.value(), Ref::value(&key) * 1000);
                    }
                    here.safepoint();
                }
            });
        }
        for round in 0..5000u64 {
            let key = round * 7 % 19 + 1;
            put(key);
            put(round % 3 + 1);
            let other = round * 11 % 18 + 2;
            let gone = dict.delete(&here, hash(other), other, Hint::START, |_| Match::Different);
            assert!(!matches!(gone, Deleted::Ask(_)));
            drop(gone);
            here.safepoint();
        }
        done.store(true, Relaxed);
    });
    drop(dict);
    here.assert_nothing_left();
}
