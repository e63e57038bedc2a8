//! Tests of the dict and list payloads by threads without Python code.

use crate::object::dict::{self, Dict};
use crate::object::list::{self, List};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{str, tuple};
use crate::types::testing;

fn text(s: &str) -> Value {
    str::from_str(s)
}

#[test]
fn entries_come_and_go() {
    testing::run(|t| {
        let v = dict::new();
        let d = v.downcast::<Dict>().unwrap();
        for i in 0..100 {
            assert!(d.set(t, Value::int(i), text(&format!("v{i}"))).unwrap().is_none());
            assert!(d.set_str(&text(&format!("k{i}")), Value::int(i)).is_none());
        }
        assert_eq!(d.len(), 200);
        // Keys equal across types, and strings by text.
        assert!(str::eq_str(&d.get(t, &Value::float(7.0)).unwrap().unwrap(), "v7"));
        assert!(str::eq_str(&d.get(t, &Value::TRUE).unwrap().unwrap(), "v1"));
        assert_eq!(d.get_str(&text("k42")).unwrap().as_small_int(), Some(42));
        assert!(d.get_str(&text("k100")).is_none());
        for i in (0..100).step_by(2) {
            assert!(d.remove(t, &Value::int(i)).unwrap().is_some());
            assert!(d.remove(t, &Value::int(i)).unwrap().is_none());
        }
        assert_eq!(d.len(), 150);
        let copy = d.copy(t).unwrap();
        let copy = copy.downcast::<Dict>().unwrap();
        assert_eq!(copy.len(), 150);
        assert_eq!(d.pop_item(t).unwrap().1.as_small_int(), Some(99));
        d.clear_all();
        assert!(d.is_empty() && copy.len() == 150);
    });
}

#[test]
fn tuples_are_keys_by_their_items() {
    testing::run(|t| {
        let v = dict::new();
        let d = v.downcast::<Dict>().unwrap();
        let key = |i: i64| tuple::from_vec(vec![Value::int(i), text("x"), tuple::from_vec(vec![Value::float(0.5)])]);
        for i in 0..50 {
            drop(d.set(t, key(i), Value::int(i)).unwrap());
        }
        for i in 0..50 {
            assert_eq!(d.get(t, &key(i)).unwrap().unwrap().as_small_int(), Some(i));
        }
        assert!(d.get(t, &key(50)).unwrap().is_none());
    });
}

#[test]
fn update_is_seen_as_one_change() {
    testing::run_threads(3, |t, index, shared| {
        let d = shared[0].downcast::<Dict>().unwrap();
        if index == 0 {
            for round in 0..300 {
                let fresh = dict::new();
                let f = fresh.downcast::<Dict>().unwrap();
                for i in 0..20 {
                    drop(f.set(t, Value::int(i), Value::int(round)).unwrap());
                }
                d.update_from(t, f, true).unwrap();
                t.safepoint(0);
            }
            drop(d.set_str(&text("done"), Value::TRUE));
            return;
        }
        while d.get_str(&text("done")).is_none() {
            let entries = d.entries();
            let values: Vec<_> = entries.iter().filter_map(|(_, v)| v.as_small_int()).collect();
            assert!(values.iter().all(|v| *v == values[0]), "{values:?}");
            t.safepoint(0);
        }
    });
}

#[test]
fn appends_are_never_lost() {
    const EACH: i64 = 3000;
    testing::run_threads(3, |t, index, shared| {
        let l = shared[1].downcast::<List>().unwrap();
        for i in 0..EACH {
            l.append(t, text(&format!("{index}:{i}"))).unwrap();
            if i % 7 == 0 {
                l.insert(t, 0, Value::int(-1)).unwrap();
                assert!(l.get(0).is_some());
                let popped = l.pop_index(t, 0).unwrap();
                drop(popped);
            }
            t.safepoint(0);
        }
        shared[2].downcast::<List>().unwrap().append(t, Value::int(index as i64)).unwrap();
        while shared[2].downcast::<List>().unwrap().len() < 3 {
            t.safepoint(0);
        }
        assert_eq!(l.len() as i64, 3 * EACH);
    });
}

#[test]
fn list_places() {
    testing::run(|t: &Thread| {
        let v = list::from_vec((0..5).map(Value::int).collect());
        let l = v.downcast::<List>().unwrap();
        assert_eq!(l.get_index(-1).unwrap().as_small_int(), Some(4));
        assert!(l.get_index(-6).is_none() && l.get_index(5).is_none());
        assert_eq!(l.set_index(t, -5, Value::int(9)).unwrap().as_small_int(), Some(0));
        assert!(l.set_index(t, 5, Value::NONE).is_err());
        l.insert(t, 100, Value::int(7)).unwrap();
        l.insert(t, -100, Value::int(8)).unwrap();
        let items: Vec<_> = l.items(t).iter().filter_map(Value::as_small_int).collect();
        assert_eq!(items, [8, 9, 1, 2, 3, 4, 7]);
        l.extend_list(t, l).unwrap();
        assert_eq!(l.len(), 14);
        assert_eq!(l.slice(t, |len| (12, 1, len - 12)).unwrap().downcast::<List>().unwrap().len(), 2);
    });
}

#[test]
fn a_shared_iterator_gives_each_key_once() {
    testing::run_threads(3, |t, index, shared| {
        let d = shared[0].downcast::<Dict>().unwrap();
        let l = shared[1].downcast::<List>().unwrap();
        if index == 0 {
            for i in 0..2000 {
                drop(d.set(t, Value::int(i), Value::NONE).unwrap());
            }
            l.append(t, super::iter::keys(t, &shared[0]).unwrap()).unwrap();
        }
        let iterator = loop {
            match l.get(0) {
                Some(v) => break v,
                None => t.safepoint(0),
            }
        };
        while let Some(key) = crate::object::protocol::next(t, &iterator).unwrap() {
            shared[2].downcast::<List>().unwrap().append(t, key).unwrap();
            t.safepoint(0);
        }
        l.append(t, Value::NONE).unwrap();
        while l.len() < 4 {
            t.safepoint(0);
        }
        if index == 0 {
            let mut seen: Vec<_> =
                shared[2].downcast::<List>().unwrap().items(t).iter().filter_map(Value::as_small_int).collect();
            seen.sort_unstable();
            assert_eq!(seen, (0..2000).collect::<Vec<_>>());
        }
    });
}

#[test]
fn set_algebra() {
    use crate::object::{core_types, set};
    use crate::types::set::methods;
    testing::run(|t| {
        let make = |items: &[i64]| set::from_iter(t, &core_types::SET, items.iter().map(|&i| Value::int(i))).unwrap();
        let sorted = |v: &Value| {
            let mut items: Vec<_> = set::of(v).unwrap().items(t).iter().filter_map(Value::as_small_int).collect();
            items.sort_unstable();
            items
        };
        let (a, b) = (make(&[1, 2, 3, 4, 5]), make(&[4, 5, 6]));
        assert_eq!(sorted(&methods::or(t, &a, &b).unwrap()), [1, 2, 3, 4, 5, 6]);
        assert_eq!(sorted(&methods::and(t, &a, &b).unwrap()), [4, 5]);
        assert_eq!(sorted(&methods::subtract(t, &a, &b).unwrap()), [1, 2, 3]);
        assert_eq!(sorted(&methods::xor(t, &a, &b).unwrap()), [1, 2, 3, 6]);
        assert!(methods::is_disjoint(t, &make(&[7]), &b).unwrap().is_true());
        assert!(!methods::is_disjoint(t, &a, &b).unwrap().is_true());
        assert!(methods::is_subset(t, &make(&[4, 6]), &b).unwrap().is_true());
        assert!(methods::is_superset(t, &a, &make(&[1, 5])).unwrap().is_true());
        drop(methods::ixor(t, &a, &b).unwrap());
        assert_eq!(sorted(&a), [1, 2, 3, 6]);
        drop(methods::isubtract(t, &a, &a).unwrap());
        assert!(set::of(&a).unwrap().is_empty());
        drop(methods::ior(t, &a, &b).unwrap());
        drop(methods::iand(t, &a, &make(&[6, 7])).unwrap());
        assert_eq!(sorted(&a), [6]);
    });
}
