//! Start-up, class creation, slots and descriptors.

use crate::bytecode::opcode::BinaryOp;
use crate::object::args::Args;
use crate::object::core_types::{self, exc};
use crate::object::dict::{self, Dict};
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Type, flag};
use crate::object::value::Value;
use crate::object::{names, native, operator, protocol, str, tuple};
use crate::types::testing::run;

/// The message of the exception that a result carries.
fn error(t: &Thread, result: PyResult) -> String {
    let exception = raise::take(t, result.expect_err("an error"));
    let text = protocol::to_string(t, &exception).expect("a message");
    format!("{}: {text}", exception.class().name())
}

fn namespace(pairs: &[(&str, Value)]) -> Value {
    let d = dict::new();
    let entries = d.downcast::<Dict>().expect("a dict");
    drop(entries.set_str(&names::intern("__module__"), names::intern("m")));
    for (name, value) in pairs {
        drop(entries.set_str(&names::intern(name), value.clone()));
    }
    d
}

fn class(t: &Thread, name: &str, bases: &[&Value], pairs: &[(&str, Value)]) -> PyResult {
    let bases = tuple::from_vec(bases.iter().map(|b| (*b).clone()).collect());
    protocol::call_values(t, &core_types::TYPE.to_value(), &[str::from_str(name), bases, namespace(pairs)])
}

fn text(t: &Thread, v: &Value) -> String {
    str::lossy(&protocol::repr(t, v).expect("a repr")).into_owned()
}

fn attr(t: &Thread, v: &Value, name: &str) -> Value {
    protocol::get_attr_str(t, v, name).expect(name)
}

fn set(t: &Thread, v: &Value, name: &str, value: &Value) {
    protocol::set_attr(t, v, &names::intern(name), value).expect(name);
}

fn ty(v: &Value) -> &Type {
    v.downcast::<Type>().expect("a class")
}

/// A native function that acts as a method: it binds like a Python function.
fn method(row: &'static Method) -> Value {
    native::new_descriptor(row, &core_types::OBJECT)
}

#[test]
fn native_types_have_special_methods() {
    run(|t| {
        let int = core_types::INT.to_value();
        let add = attr(t, &int, "__add__");
        assert_eq!(text(t, &add), "<slot wrapper '__add__' of 'int' objects>");
        assert_eq!(protocol::call_values(t, &add, &[Value::int(2), Value::int(3)]).unwrap().as_small_int(), Some(5));
        let radd = attr(t, &Value::int(7), "__rsub__");
        assert_eq!(protocol::call_values(t, &radd, &[Value::int(10)]).unwrap().as_small_int(), Some(3));
        assert_eq!(
            error(t, protocol::call_values(t, &add, &[str::from_str("x"), Value::int(3)])),
            "TypeError: descriptor '__add__' requires a 'int' object but received a 'str'"
        );
        assert_eq!(error(t, protocol::call_values(t, &add, &[Value::int(1)])), "TypeError: expected 1 argument, got 0");
        let mro = attr(t, &core_types::BOOL.to_value(), "__mro__");
        assert_eq!(text(t, &mro), "(<class 'bool'>, <class 'int'>, <class 'object'>)");
        let group = attr(t, &exc::EXCEPTION_GROUP.to_value(), "__mro__");
        assert_eq!(tuple::items(&group).len(), 5);
        assert!(exc::EXCEPTION_GROUP.is_subtype(&exc::EXCEPTION));
        assert!(attr(t, &core_types::LIST.to_value(), "__hash__").is_none());
        assert!(attr(t, &core_types::TYPE.to_value(), "__class__").is_exact(&core_types::TYPE));
    });
}

#[test]
fn classes_find_attributes_by_c3() {
    run(|t| {
        let object = core_types::OBJECT.to_value();
        let a = class(t, "A", &[&object], &[("x", Value::int(1))]).unwrap();
        let b = class(t, "B", &[&a], &[]).unwrap();
        let c = class(t, "C", &[&a], &[("x", Value::int(3))]).unwrap();
        let d = class(t, "D", &[&b, &c], &[]).unwrap();
        assert_eq!(attr(t, &d, "x").as_small_int(), Some(3));
        set(t, &b, "x", &Value::int(2));
        assert_eq!(attr(t, &d, "x").as_small_int(), Some(2), "a change shows in subclasses");
        protocol::del_attr(t, &b, &names::intern("x")).unwrap();
        assert_eq!(attr(t, &d, "x").as_small_int(), Some(3));
        assert_eq!(
            error(t, class(t, "E", &[&a, &b], &[])),
            "TypeError: Cannot create a consistent method resolution order (MRO) for bases A, B"
        );
        let subclasses = protocol::call_method_str(t, &a, "__subclasses__", &[]).unwrap();
        assert_eq!(text(t, &subclasses), "[<class 'm.B'>, <class 'm.C'>]");
        assert_eq!(text(t, &d), "<class 'm.D'>");
    });
}

#[test]
fn instances_keep_members_and_attributes_apart() {
    run(|t| {
        let object = core_types::OBJECT.to_value();
        let slots = tuple::from_vec(vec![names::intern("p"), names::intern("q")]);
        let a = class(t, "A", &[&object], &[("__slots__", slots)]).unwrap();
        let x = protocol::call_values(t, &a, &[]).unwrap();
        assert_eq!(error(t, protocol::get_attr_str(t, &x, "p")), "AttributeError: 'm.A' object has no attribute 'p'");
        set(t, &x, "p", &Value::int(1));
        set(t, &x, "q", &Value::int(2));
        assert_eq!(
            error(t, protocol::set_attr(t, &x, &names::intern("r"), &Value::NONE).map(|()| Value::NONE)),
            "AttributeError: 'A' object has no attribute 'r' and no __dict__ for setting new attributes"
        );
        let b = class(t, "B", &[&a], &[]).unwrap();
        let y = protocol::call_values(t, &b, &[]).unwrap();
        for (i, name) in ["p", "r", "s", "u", "v", "w", "q"].iter().enumerate() {
            set(t, &y, name, &Value::int(i as i64));
        }
        for (i, name) in ["p", "r", "s", "u", "v", "w", "q"].iter().enumerate() {
            assert_eq!(attr(t, &y, name).as_small_int(), Some(i as i64));
        }
        let d = attr(t, &y, "__dict__");
        let shown = d.downcast::<Dict>().unwrap().entries();
        let shown: Vec<_> =
            shown.iter().map(|(k, v)| (str::lossy(k).into_owned(), v.as_small_int().unwrap())).collect();
        assert_eq!(shown, [("r", 1), ("s", 2), ("u", 3), ("v", 4), ("w", 5)].map(|(k, v)| (k.to_string(), v)));
        assert_eq!(attr(t, &y, "p").as_small_int(), Some(0));
        let c = class(t, "C", &[&object], &[("__slots__", str::from_str("z"))]).unwrap();
        assert_eq!(error(t, class(t, "D", &[&a, &c], &[])), "TypeError: multiple bases have instance lay-out conflict");
        let int = core_types::INT.to_value();
        assert_eq!(
            error(t, class(t, "I", &[&int], &[("__slots__", str::from_str("z"))])),
            "TypeError: nonempty __slots__ not supported for subtype of 'int'"
        );
    });
}

#[test]
fn class_of_an_instance_can_be_assigned() {
    run(|t| {
        let object = core_types::OBJECT.to_value();
        let a = class(t, "A", &[&object], &[("k", Value::int(1))]).unwrap();
        let wide = tuple::from_vec((0..20).map(|i| names::intern(&format!("n{i}"))).collect());
        let b = class(t, "B", &[&object], &[("k", Value::int(2)), ("__static_attributes__", wide)]).unwrap();
        let slots = |class: &Value| ty(class).inline_slots.load(crate::sync::shim::atomic::Ordering::Relaxed);
        assert_eq!(slots(&b), 20 + 3 + 8, "for the first instance");
        drop(protocol::call_values(t, &b, &[]).unwrap());
        assert_eq!(slots(&b), 20 + 3, "for the others");
        let x = protocol::call_values(t, &a, &[]).unwrap();
        set(t, &x, "own", &Value::int(9));
        set(t, &x, "__class__", &b);
        assert!(x.is_exact(ty(&b)));
        assert_eq!(attr(t, &x, "k").as_small_int(), Some(2));
        assert_eq!(attr(t, &x, "own").as_small_int(), Some(9));
        for i in 0..20 {
            set(t, &x, &format!("n{i}"), &Value::int(i));
        }
        assert_eq!(attr(t, &x, "n19").as_small_int(), Some(19));
        let int = core_types::INT.to_value();
        assert_eq!(
            error(t, protocol::set_attr(t, &x, &names::intern("__class__"), &int).map(|()| Value::NONE)),
            "TypeError: __class__ assignment only supported for mutable types or ModuleType subclasses"
        );
    });
}

#[test]
fn special_methods_fill_and_empty_slots() {
    static ADD: Method = Method::new("f", "($self, x, /)", NativeFn::F2(|_, _, b| Ok(b.clone())), "");
    static LEN: Method = Method::new("f", "($self, /)", NativeFn::F1(|_, _| Ok(Value::int(5))), "");
    run(|t| {
        let object = core_types::OBJECT.to_value();
        let a = class(t, "A", &[&object], &[]).unwrap();
        let b = class(t, "B", &[&a], &[]).unwrap();
        let x = protocol::call_values(t, &b, &[]).unwrap();
        assert_eq!(error(t, protocol::len(t, &x).map(|_| Value::NONE)), "TypeError: object of type 'B' has no len()");
        set(t, &a, "__len__", &method(&LEN));
        assert_eq!(protocol::len(t, &x).ok(), Some(5), "a base's method fills the subclass's slot");
        protocol::del_attr(t, &a, &names::intern("__len__")).unwrap();
        assert!(protocol::len(t, &x).map_err(|r| drop(raise::take(t, r))).is_err());
        set(t, &a, "__radd__", &method(&ADD));
        let sum = operator::binary(t, &Value::int(4), &x, BinaryOp::Add).unwrap();
        assert_eq!(sum.as_small_int(), Some(4), "the reflected method is asked");
        // A subclass of list adds as list does until it defines addition.
        let list = core_types::LIST.to_value();
        let l = class(t, "L", &[&list], &[]).unwrap();
        let y = protocol::call_values(t, &l, &[]).unwrap();
        assert!(ty(&l).slots.concat.get().is_some());
        set(t, &l, "__add__", &method(&ADD));
        assert!(ty(&l).slots.concat.get().is_none());
        assert_eq!(operator::binary(t, &y, &Value::int(8), BinaryOp::Add).unwrap().as_small_int(), Some(8));
    });
}

#[test]
fn construction_checks_arguments() {
    run(|t| {
        let object = core_types::OBJECT.to_value();
        let a = class(t, "A", &[&object], &[]).unwrap();
        assert_eq!(error(t, protocol::call_values(t, &a, &[Value::NONE])), "TypeError: A() takes no arguments");
        let new = attr(t, &object, "__new__");
        assert_eq!(
            error(t, protocol::call_values(t, &new, &[core_types::INT.to_value()])),
            "TypeError: object.__new__(int) is not safe, use int.__new__()"
        );
        assert_eq!(
            error(t, protocol::call_values(t, &new, &[Value::int(3)])),
            "TypeError: object.__new__(X): X is not a type object (int)"
        );
        assert_eq!(
            error(t, class(t, "B", &[&core_types::BOOL.to_value()], &[])),
            "TypeError: type 'bool' is not an acceptable base type"
        );
        assert_eq!(
            error(t, protocol::call(t, &core_types::TYPE.to_value(), Args::EMPTY)),
            "TypeError: type() takes 1 or 3 arguments"
        );
        let names = tuple::from_vec(vec![str::from_str("g"), str::from_str("f")]);
        set(t, &a, "__abstractmethods__", &names);
        assert!(ty(&a).has_flag(flag::ABSTRACT));
        assert_eq!(
            error(t, protocol::call_values(t, &a, &[])),
            "TypeError: Can't instantiate abstract class A without an implementation for abstract methods 'f', 'g'"
        );
    });
}

#[test]
fn bases_can_be_assigned() {
    run(|t| {
        let object = core_types::OBJECT.to_value();
        let a = class(t, "A", &[&object], &[("x", Value::int(1))]).unwrap();
        let b = class(t, "B", &[&object], &[("x", Value::int(2))]).unwrap();
        let c = class(t, "C", &[&a], &[]).unwrap();
        let d = class(t, "D", &[&c], &[]).unwrap();
        assert_eq!(attr(t, &d, "x").as_small_int(), Some(1));
        set(t, &c, "__bases__", &tuple::from_vec(vec![b.clone()]));
        assert_eq!(attr(t, &d, "x").as_small_int(), Some(2));
        assert_eq!(text(t, &attr(t, &d, "__mro__")), "(<class 'm.D'>, <class 'm.C'>, <class 'm.B'>, <class 'object'>)");
        let of_a = protocol::call_method_str(t, &a, "__subclasses__", &[]).unwrap();
        assert_eq!(text(t, &of_a), "[]");
    });
}
