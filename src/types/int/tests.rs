//! The numeric types as objects: operators through the protocol, messages, conversions.

use crate::bytecode::opcode::{BinaryOp, CompareOp};
use crate::object::core_types;
use crate::object::exception::BaseException;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{operator, protocol, str, tuple};
use crate::types::{complex, testing};

/// The `repr` of a result, or the exception's type and message.
fn shown(t: &Thread, result: PyResult) -> String {
    match result {
        Ok(v) => protocol::repr_lossy(t, &v),
        Err(raised) => {
            let e = raise::take(t, raised);
            let args = e.downcast::<BaseException>().and_then(|e| e.args.load());
            let message = args.and_then(|a| tuple::items(&a).first().map(|m| str::lossy(m).into_owned()));
            format!("{}: {}", e.class().name(), message.unwrap_or_default())
        }
    }
}

fn int(text: &str) -> Value {
    super::to_value(super::text::parse(text.as_bytes(), 10, 0).unwrap())
}

#[test]
fn operators() {
    use BinaryOp::*;
    testing::run(|t| {
        let big = || int("123456789012345678901234567890");
        let c = || complex::object::new(complex::Complex::new(1.0, 2.0));
        for (a, op, b, want) in [
            (Value::int(7), FloorDivide, Value::int(-2), "-4"),
            (Value::int(1 << 50), Add, Value::int(1 << 50), "2251799813685248"),
            (Value::int(1 << 62), Multiply, Value::int(4), "18446744073709551616"),
            (big(), Subtract, big(), "0"),
            (big(), Remainder, Value::int(1000), "890"),
            (Value::int(7), TrueDivide, Value::int(2), "3.5"),
            (Value::int(1), TrueDivide, Value::int(0), "ZeroDivisionError: division by zero"),
            (Value::int(1), Remainder, Value::float(0.0), "ZeroDivisionError: division by zero"),
            (Value::int(0), Power, Value::int(-1), "ZeroDivisionError: zero to a negative power"),
            (Value::int(2), Power, Value::int(-1), "0.5"),
            (Value::int(1), LShift, Value::int(-1), "ValueError: negative shift count"),
            (Value::int(1), LShift, big(), "OverflowError: too many digits in integer"),
            (Value::TRUE, Add, Value::TRUE, "2"),
            (Value::TRUE, And, Value::FALSE, "False"),
            (Value::TRUE, And, Value::int(3), "1"),
            (Value::float(7.5), FloorDivide, Value::int(2), "3.0"),
            (Value::float(-8.0), Power, Value::float(0.5), "(1.7319121124709868e-16+2.8284271247461903j)"),
            (c(), Multiply, Value::int(2), "(2+4j)"),
            (Value::float(1.0), Subtract, c(), "-2j"),
            (c(), TrueDivide, Value::int(0), "ZeroDivisionError: division by zero"),
            (c(), FloorDivide, Value::int(1), "TypeError: unsupported operand type(s) for //: 'complex' and 'int'"),
        ] {
            assert_eq!(shown(t, operator::binary(t, &a, &b, op)), want, "{a:?} {op:?} {b:?}");
        }
        let huge = operator::binary(t, &Value::int(10), &Value::int(400), Power).unwrap();
        let product = operator::binary(t, &huge, &Value::float(1.0), Multiply);
        assert_eq!(shown(t, product), "OverflowError: int too large to convert to float");
    });
}

#[test]
fn comparisons_and_hashes() {
    testing::run(|t| {
        let two53 = Value::int((1 << 53) + 1);
        let near = Value::float(9007199254740992.0);
        assert!(protocol::compare_bool(t, &two53, &near, CompareOp::Gt).unwrap());
        assert!(protocol::compare_bool(t, &near, &two53, CompareOp::Ne).unwrap());
        assert!(protocol::compare_bool(t, &Value::TRUE, &Value::float(1.0), CompareOp::Eq).unwrap());
        assert!(!protocol::compare_bool(t, &Value::float(f64::NAN), &Value::int(1), CompareOp::Ge).unwrap());
        let c = complex::object::new(complex::Complex::new(1e18, 0.0));
        assert!(protocol::compare_bool(t, &Value::int(10i64.pow(18)), &c, CompareOp::Eq).unwrap());
        let hashes = [Value::int(10i64.pow(18)), Value::float(1e18), c].map(|v| protocol::hash(t, &v).unwrap());
        assert!(hashes.iter().all(|&h| h == hashes[0]));
    });
}

#[test]
fn conversions() {
    testing::run(|t| {
        let text = |s: &str| str::from_str(s);
        for (x, want) in [
            (text(" \u{661}\u{662}\u{a0}"), "12"),
            (text("1_0"), "10"),
            (text("x"), "ValueError: invalid literal for int() with base 10: 'x'"),
            (Value::float(-2.9), "-2"),
            (Value::float(f64::NAN), "ValueError: cannot convert float NaN to integer"),
            (Value::TRUE, "1"),
            (
                Value::NONE,
                "TypeError: int() argument must be a string, a bytes-like object or a real number, not 'NoneType'",
            ),
        ] {
            assert_eq!(shown(t, super::convert::from_object(t, &x)), want);
        }
        let call = |class: &'static crate::object::type_object::StaticType, args: &[Value]| {
            let new = class.slots.new.get().unwrap();
            shown(t, new(t, class, crate::object::args::Args::positional(args)))
        };
        assert_eq!(call(&core_types::INT, &[text("ff"), Value::int(16)]), "255");
        assert_eq!(
            call(&core_types::INT, &[text("1"), Value::int(1)]),
            "ValueError: int() base must be >= 2 and <= 36, or 0"
        );
        assert_eq!(call(&core_types::FLOAT, &[text("1e5")]), "100000.0");
        assert_eq!(call(&core_types::FLOAT, &[text("a")]), "ValueError: could not convert string to float: 'a'");
        assert_eq!(call(&core_types::COMPLEX, &[text("1-j")]), "(1-1j)");
        assert_eq!(call(&core_types::COMPLEX, &[Value::int(1), Value::float(-0.0)]), "(1-0j)");
        assert_eq!(call(&core_types::BOOL, &[Value::int(5)]), "True");
        assert_eq!(call(&core_types::RANGE, &[Value::int(1), Value::int(10), Value::int(3)]), "range(1, 10, 3)");
        assert_eq!(
            call(&core_types::RANGE, &[Value::int(1), Value::int(1), Value::int(0)]),
            "ValueError: range() arg 3 must not be zero"
        );
        assert_eq!(call(&core_types::SLICE, &[Value::int(1)]), "slice(None, 1, None)");
    });
}

#[test]
fn ranges() {
    testing::run(|t| {
        let range = |a: Value, b: Value, s: i64| crate::types::range::new(a, b, Value::int(s));
        let r = range(Value::int(0), Value::int(20), 3);
        assert_eq!(protocol::len(t, &r).unwrap(), 7);
        assert!(protocol::contains(t, &r, &Value::int(18)).unwrap());
        assert!(!protocol::contains(t, &r, &Value::int(19)).unwrap());
        assert!(protocol::contains(t, &r, &Value::float(6.0)).unwrap());
        let part = crate::types::slice::new(Value::int(1), Value::int(-1), Value::int(2));
        assert_eq!(shown(t, protocol::get_item(t, &r, &part)), "range(3, 18, 6)");
        assert_eq!(shown(t, protocol::get_item(t, &r, &Value::int(-1))), "18");
        assert_eq!(shown(t, protocol::get_item(t, &r, &Value::int(7))), "IndexError: range object index out of range");
        // Beyond machine words.
        let big = range(int("100000000000000000000"), int("100000000000000000010"), 4);
        let mut items = Vec::new();
        protocol::for_each(t, &big, |v| {
            items.push(protocol::repr_lossy(t, &v));
            Ok(())
        })
        .unwrap();
        assert_eq!(items, ["100000000000000000000", "100000000000000000004", "100000000000000000008"]);
        let equal = protocol::compare_bool(
            t,
            &range(Value::int(0), Value::int(3), 2),
            &range(Value::int(0), Value::int(4), 2),
            CompareOp::Eq,
        );
        assert!(equal.unwrap());
    });
}

#[test]
fn a_shared_range_iterator_gives_each_item_once() {
    testing::run(|t| {
        let range = crate::types::range::new(Value::int(0), Value::int(30_000), Value::int(1));
        let iterator = protocol::iter(t, &range).unwrap();
        iterator.header().unwrap().publish();
        let mut taken: Vec<i64> = t.detached(|| {
            std::thread::scope(|scope| {
                let workers: Vec<_> = (0..3)
                    .map(|_| {
                        let iterator = &iterator;
                        scope.spawn(move || {
                            let t = Thread::start(1 << 20);
                            let mut mine = Vec::new();
                            while let Some(v) = protocol::next(&t, iterator).unwrap() {
                                mine.push(v.as_small_int().unwrap());
                            }
                            t.finish();
                            mine
                        })
                    })
                    .collect();
                workers.into_iter().flat_map(|w| w.join().unwrap()).collect()
            })
        });
        taken.sort_unstable();
        assert_eq!(taken, (0..30_000).collect::<Vec<i64>>());
    });
}
