//! Lists against `Vec`, and a race of readers with every kind of change.

use super::*;
use crate::sync::testing::{Here, Ref, Yard};

fn values(list: &ListArray<Ref>) -> Vec<u64> {
    (0..).map_while(|index| list.get(index)).map(|item| item.value()).collect()
}

fn refs(values: impl IntoIterator<Item = u64>) -> Vec<Ref> {
    values.into_iter().map(Ref::new).collect()
}

/// Each operation against the same on a `Vec`, in both modes.
fn every_operation(here: &Here) {
    let list = ListArray::new();
    let mut model: Vec<u64> = Vec::new();
    for value in 1..=100 {
        list.push(here, Ref::new(value)).unwrap();
        model.push(value);
    }
    for (index, value) in [(0, 1000), (50, 1001), (102, 1002), (3, 1003)] {
        list.insert(here, index, Ref::new(value)).unwrap();
        model.insert(index, value);
    }
    for index in [0, 60, 101, 7] {
        assert_eq!(list.remove(here, index).unwrap().value(), model.remove(index));
    }
    assert!(list.remove(here, 100).is_none());
    assert_eq!(list.pop(here).unwrap().value(), model.pop().unwrap());
    assert_eq!(list.set(5, Ref::new(77)).unwrap().value(), std::mem::replace(&mut model[5], 77));
    assert!(list.set(99, Ref::new(1)).is_err());
    assert_eq!(values(&list), model);
    for (range, items) in [(3..10, 0..3), (0..2, 500..600), (20..20, 7..9), (5..8, 40..43), (100..140, 0..0)] {
        let mut moved = Items::from_vec(refs(items.clone()));
        list.splice(here, range.clone(), &mut moved).unwrap();
        let gone: Vec<u64> = moved.iter().map(Ref::value).collect();
        assert_eq!(gone, model.splice(range, items).collect::<Vec<_>>());
        assert_eq!(values(&list), model);
    }
    list.reverse(here);
    model.reverse();
    let mut gone = Items::new();
    list.remove_where(here, 10, |index| index % 3 == 0 && index < 30, &mut gone).unwrap();
    assert_eq!(gone.len(), 10);
    drop(gone);
    model = model.iter().enumerate().filter(|(i, _)| i % 3 != 0 || *i >= 30).map(|(_, v)| *v).collect();
    assert_eq!(values(&list), model);
    let mut moved = Items::from_vec(refs([11, 15, 13]));
    list.exchange_many(here, [1, 5, 3].into_iter(), &mut moved);
    assert_eq!(moved.iter().map(Ref::value).collect::<Vec<_>>(), [model[1], model[5], model[3]]);
    (model[1], model[5], model[3]) = (11, 15, 13);
    for (first, step, count) in [(0, 1, 3), (5, -1, 6), (2, 4, 5), (0, 1, 0), (7, -3, 3)] {
        let copy = list.copy_of(first, step, count).unwrap();
        let want: Vec<u64> = (0..count).map(|i| model[first.wrapping_add_signed(step * i as isize)]).collect();
        assert_eq!(values(&copy), want);
    }
    let pair = list.copy_of(0, 1, 2).unwrap();
    list.exchange_all(here, 3, &pair);
    assert_eq!(values(&pair), model[3..5]);
    list.exchange_all(here, 3, &pair);
    assert_eq!(values(&list), model);
    assert_eq!(values(&pair.concat(&pair).unwrap()), [model[..2].to_vec(), model[..2].to_vec()].concat());
    assert_eq!(values(&pair.repeated(3).unwrap()), model[..2].repeat(3));
    assert_eq!(values(&pair.copy_of(1, 1, 1).unwrap().repeated(4).unwrap()), [model[1]; 4]);
    assert!(pair.repeated(0).unwrap().is_empty() && pair.repeated(usize::MAX).is_err());
    list.permute(here, |words| words.reverse()).unwrap();
    model.reverse();
    list.extend(here, refs(9000..9005).into_iter()).unwrap();
    model.extend(9000..9005);
    list.extend_from(here, &list).unwrap();
    model.extend_from_within(..);
    assert_eq!(values(&list), model);
    assert_eq!(list.copy_range(2..5).map(|item| item.value()).collect::<Vec<_>>(), model[2..5]);
    let token = list.token();
    list.fit(here).unwrap();
    assert_ne!(list.token(), token);
    assert_eq!((values(&list), list.capacity()), (model.clone(), model.len()));
    list.splice(here, 9..list.len(), &mut Items::new()).unwrap();
    model.truncate(9);
    assert_eq!(values(&list), model);
    let all: Vec<u64> = list.replace_all(here, refs([1, 2])).unwrap().map(|item| item.value()).collect();
    assert_eq!((all, values(&list)), (model, vec![1, 2]));
    drop(list.take_all(here));
    assert!(list.is_empty() && list.pop(here).is_none());
    while list.len() < 1000 {
        list.push(here, Ref::immediate(1)).unwrap();
    }
    while list.pop(here).is_some() {}
    assert!(list.capacity() <= 32);
    list.push(here, Ref::new(5)).unwrap();
}

#[test]
fn operations_match_a_vec() {
    for multi in [false, true] {
        let yard = Yard::new(1, multi);
        let here = yard.enter(0);
        every_operation(&here);
        here.assert_nothing_left();
    }
}

#[test]
fn readers_race_with_everything() {
    let yard = Yard::new(4, true);
    let list = ListArray::from_exact([].into_iter()).unwrap();
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for index in 1..4 {
            let (yard, list, done) = (&yard, &list, &done);
            scope.spawn(move || {
                let here = yard.enter(index);
                while !done.load(Relaxed) {
                    for index in 0..12 {
                        if let Some(item) = ListArray::<Ref>::get(list, index) {
                            assert!((1..100).contains(&item.value()));
                        }
                    }
                    here.safepoint();
                }
            });
        }
        let here = yard.enter(0);
        for round in 0..3000 {
            let fresh = || Ref::new(round % 99 + 1);
            list.push(&here, fresh()).unwrap();
            list.insert(&here, (round % 7) as usize, fresh()).unwrap();
            list.push(&here, fresh()).unwrap();
            drop(list.set(0, fresh()));
            drop(list.remove(&here, (round % 5) as usize));
            list.reverse(&here);
            let mut items = Items::from_vec(vec![fresh(), fresh(), fresh()]);
            list.splice(&here, 0..list.len().min(2), &mut items).unwrap();
            drop(list.pop(&here));
            if round % 13 == 0 {
                drop(list.take_all(&here));
            }
            here.safepoint();
        }
        done.store(true, Relaxed);
    });
    let here = yard.enter(0);
    drop(list);
    here.assert_nothing_left();
}
