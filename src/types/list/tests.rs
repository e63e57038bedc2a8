//! Tests of list's methods, slices and sort by way of the object protocols.

use crate::object::list::{self, List};
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{protocol, str, tuple};
use crate::types::{slice, testing};

fn ints(items: &[i64]) -> Value {
    list::from_vec(items.iter().map(|&i| Value::int(i)).collect())
}

fn back(t: &Thread, v: &Value) -> Vec<i64> {
    v.downcast::<List>().unwrap().items(t).iter().map(|v| v.as_small_int().unwrap()).collect()
}

fn cut(start: i64, stop: i64, step: i64) -> Value {
    let part = |i: i64| if i == i64::MIN { Value::NONE } else { Value::int(i) };
    slice::new(part(start), part(stop), part(step))
}

const ALL: i64 = i64::MIN;

fn message<T>(t: &Thread, result: PyResult<T>) -> String {
    match result {
        Ok(_) => panic!("no exception"),
        Err(raised) => {
            let exception = raise::take(t, raised);
            format!("{}: {}", exception.class().name(), protocol::to_string(t, &exception).unwrap_or_default())
        }
    }
}

fn call(t: &Thread, v: &Value, name: &str, args: &[Value]) -> PyResult {
    protocol::call_method_str(t, v, name, args)
}

#[test]
fn slices_are_read_assigned_and_deleted() {
    testing::run(|t| {
        let v = ints(&[0, 1, 2, 3, 4, 5, 6]);
        let read = |s: Value| back(t, &protocol::get_item(t, &v, &s).unwrap());
        assert_eq!(read(cut(2, 5, ALL)), [2, 3, 4]);
        assert_eq!(read(cut(-2, ALL, ALL)), [5, 6]);
        assert_eq!(read(cut(ALL, ALL, -2)), [6, 4, 2, 0]);
        assert_eq!(read(cut(5, 2, 1)), [0; 0]);
        let set = |s: Value, x: &Value| protocol::set_item(t, &v, &s, x);
        set(cut(1, 3, ALL), &ints(&[10, 11, 12])).unwrap();
        assert_eq!(back(t, &v), [0, 10, 11, 12, 3, 4, 5, 6]);
        set(cut(5, 2, ALL), &tuple::from_vec(vec![Value::int(7)])).unwrap();
        assert_eq!(back(t, &v), [0, 10, 11, 12, 3, 7, 4, 5, 6]);
        set(cut(ALL, ALL, 3), &ints(&[-1, -2, -3])).unwrap();
        assert_eq!(back(t, &v), [-1, 10, 11, -2, 3, 7, -3, 5, 6]);
        set(cut(0, 0, ALL), &v).unwrap();
        assert_eq!(back(t, &v).len(), 18);
        protocol::del_item(t, &v, &cut(9, ALL, ALL)).unwrap();
        protocol::del_item(t, &v, &cut(ALL, ALL, -3)).unwrap();
        assert_eq!(back(t, &v), [-1, 10, -2, 3, -3, 5]);
        let three = ints(&[1, 2, 3]);
        assert_eq!(
            message(t, set(cut(ALL, ALL, 3), &three)),
            "ValueError: attempt to assign sequence of size 3 to extended slice of size 2"
        );
        assert_eq!(message(t, set(cut(ALL, ALL, 0), &three)), "ValueError: slice step cannot be zero");
        assert_eq!(
            message(t, set(cut(0, 1, ALL), &Value::int(3))),
            "TypeError: must assign iterable to extended slice"
        );
        assert_eq!(message(t, set(cut(0, 1, 2), &Value::int(3))), "TypeError: must assign iterable to extended slice");
    });
}

#[test]
fn errors_have_the_right_words() {
    testing::run(|t| {
        let v = ints(&[1]);
        let big = Value::int(i64::MAX);
        assert_eq!(message(t, protocol::get_item(t, &v, &Value::int(1))), "IndexError: list index out of range");
        assert_eq!(
            message(t, protocol::get_item(t, &v, &str::from_str("x"))),
            "TypeError: list indices must be integers or slices, not str"
        );
        assert_eq!(message(t, protocol::get_item(t, &v, &big)), "IndexError: list index out of range");
        assert_eq!(
            message(t, protocol::set_item(t, &v, &Value::int(-2), &big)),
            "IndexError: list assignment index out of range"
        );
        assert_eq!(message(t, call(t, &v, "pop", &[Value::int(1)])), "IndexError: pop index out of range");
        drop(call(t, &v, "pop", &[]).unwrap());
        assert_eq!(message(t, call(t, &v, "pop", &[])), "IndexError: pop from empty list");
        assert_eq!(
            message(t, call(t, &v, "remove", std::slice::from_ref(&big))),
            "ValueError: list.remove(x): x not in list"
        );
        assert_eq!(
            message(t, call(t, &v, "index", std::slice::from_ref(&big))),
            "ValueError: list.index(x): x not in list"
        );
        assert_eq!(
            message(t, call(t, &v, "append", &[])),
            "TypeError: list.append() takes exactly one argument (0 given)"
        );
        assert_eq!(
            message(t, call(t, &v, "insert", &[Value::int(0)])),
            "TypeError: insert expected 2 arguments, got 1"
        );
        assert_eq!(message(t, protocol::hash(t, &v)), "TypeError: unhashable type: 'list'");
        let key = tuple::from_vec(vec![v.clone()]);
        let d = crate::object::dict::new();
        assert_eq!(
            message(t, protocol::set_item(t, &d, &key, &big)),
            "TypeError: cannot use 'tuple' as a dict key (unhashable type: 'list')"
        );
        let s = crate::object::set::new();
        assert_eq!(
            message(t, call(t, &s, "add", &[v])),
            "TypeError: cannot use 'list' as a set element (unhashable type: 'list')"
        );
        assert!(message(t, call(t, &s, "pop", &[])).contains("pop from an empty set"));
        assert!(message(t, call(t, &d, "popitem", &[])).contains("popitem(): dictionary is empty"));
    });
}

#[test]
fn sorts_every_kind_of_item() {
    testing::run(|t| {
        let sort = |v: &Value, reverse: bool| super::sort::sort(t, v, None, reverse);
        let v = ints(&[3, 1, 2, 3, 1]);
        sort(&v, false).unwrap();
        assert_eq!(back(t, &v), [1, 1, 2, 3, 3]);
        sort(&v, true).unwrap();
        assert_eq!(back(t, &v), [3, 3, 2, 1, 1]);
        // Mixed numbers, stable among equal ones.
        let mixed =
            list::from_vec(vec![Value::float(2.0), Value::TRUE, Value::int(2), Value::float(0.5), Value::int(1)]);
        sort(&mixed, false).unwrap();
        assert_eq!(protocol::repr_lossy(t, &mixed), "[0.5, True, 1, 2.0, 2]");
        sort(&mixed, true).unwrap();
        assert_eq!(protocol::repr_lossy(t, &mixed), "[2.0, 2, True, 1, 0.5]");
        let texts = list::from_vec(["b", "", "ab", "é", "a"].map(str::from_str).into());
        sort(&texts, false).unwrap();
        assert_eq!(protocol::repr_lossy(t, &texts), "['', 'a', 'ab', 'b', 'é']");
        let pair = |a: i64, b: &str| tuple::from_vec(vec![Value::int(a), str::from_str(b)]);
        let pairs =
            list::from_vec(vec![pair(2, "a"), pair(1, "b"), pair(1, "a"), tuple::from_vec(vec![Value::int(1)])]);
        sort(&pairs, false).unwrap();
        assert_eq!(protocol::repr_lossy(t, &pairs), "[(1,), (1, 'a'), (1, 'b'), (2, 'a')]");
        let lists = list::from_vec(vec![ints(&[2]), ints(&[1, 5]), ints(&[1])]);
        sort(&lists, false).unwrap();
        assert_eq!(protocol::repr_lossy(t, &lists), "[[1], [1, 5], [2]]");
        let odd = list::from_vec(vec![Value::int(1), str::from_str("a")]);
        assert_eq!(message(t, sort(&odd, false)), "TypeError: '<' not supported between instances of 'str' and 'int'");
        let nan = list::from_vec(vec![Value::float(1.0), Value::float(f64::NAN), Value::float(0.0)]);
        sort(&nan, false).unwrap();
        assert_eq!(back_len(&nan), 3);
    });
}

fn back_len(v: &Value) -> usize {
    v.downcast::<List>().unwrap().len()
}

#[test]
fn operators_and_text() {
    testing::run(|t| {
        use crate::bytecode::opcode::BinaryOp;
        use crate::object::operator::binary;
        let v = ints(&[1, 2]);
        let sum = binary(t, &v, &ints(&[3]), BinaryOp::Add).unwrap();
        assert_eq!(back(t, &sum), [1, 2, 3]);
        assert_eq!(back(t, &binary(t, &Value::int(2), &v, BinaryOp::Multiply).unwrap()), [1, 2, 1, 2]);
        let same = binary(t, &v, &Value::int(3), BinaryOp::IMultiply).unwrap();
        assert!(same.is(&v));
        assert_eq!(back(t, &v), [1, 2, 1, 2, 1, 2]);
        assert!(binary(t, &v, &v, BinaryOp::IAdd).unwrap().is(&v));
        assert_eq!(back(t, &v).len(), 12);
        assert_eq!(
            message(t, binary(t, &v, &Value::int(1), BinaryOp::Add)),
            "TypeError: can only concatenate list (not \"int\") to list"
        );
        assert_eq!(
            message(t, binary(t, &v, &v, BinaryOp::Multiply)),
            "TypeError: can't multiply sequence by non-int of type 'list'"
        );
        drop(call(t, &v, "clear", &[]).unwrap());
        v.downcast::<List>().unwrap().append(t, v.clone()).unwrap();
        assert_eq!(protocol::repr_lossy(t, &v), "[[...]]");
        drop(call(t, &v, "clear", &[]).unwrap());
        let d = crate::object::dict::new();
        protocol::set_item(t, &d, &Value::int(1), &tuple::from_vec(vec![d.clone()])).unwrap();
        assert_eq!(protocol::repr_lossy(t, &d), "{1: ({...},)}");
        drop(call(t, &d, "clear", &[]).unwrap());
        assert!(
            protocol::compare_bool(t, &ints(&[1, 2]), &ints(&[1, 3]), crate::bytecode::opcode::CompareOp::Lt).unwrap()
        );
    });
}
