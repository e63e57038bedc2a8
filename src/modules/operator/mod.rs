//! `_operator`: the operators as functions; [`getters`] holds `attrgetter`, `itemgetter` and `methodcaller`.

pub mod getters;

use crate::bytecode::opcode::{BinaryOp, CompareOp};
use crate::modules::support::size_argument;
use crate::object::args::{Args, Bound};
use crate::object::core_types::exc;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{buffer, operator, protocol, str};

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: FUNCTIONS,
    types: &[&getters::ATTRGETTER, &getters::ITEMGETTER, &getters::METHODCALLER],
    ..ModuleSpec::new(
        "_operator",
        "The operators of Python as functions, and callables that fetch attributes or items or call methods.",
    )
};

const ONE: &str = "($module, a, /)";
const TWO: &str = "($module, a, b, /)";

macro_rules! binary {
    ($name:literal, $op:ident, $doc:literal) => {
        Method::new($name, TWO, NativeFn::F2(|t, a, b| operator::binary(t, a, b, BinaryOp::$op)), $doc)
    };
}

macro_rules! compare {
    ($name:literal, $op:ident, $doc:literal) => {
        Method::new($name, TWO, NativeFn::F2(|t, a, b| protocol::compare(t, a, b, CompareOp::$op)), $doc)
    };
}

macro_rules! unary {
    ($name:literal, $slot:ident, $text:literal, $doc:literal) => {
        Method::new($name, ONE, NativeFn::F1(|t, a| operator::unary(t, a, |s| &s.$slot, $text)), $doc)
    };
}

static FUNCTIONS: &[Method] = &[
    Method::new("truth", ONE, NativeFn::F1(|t, a| Ok(Value::bool(protocol::is_true(t, a)?))), "bool(a)"),
    Method::new("contains", TWO, NativeFn::F2(|t, a, b| Ok(Value::bool(protocol::contains(t, a, b)?))), "b in a"),
    Method::new("indexOf", TWO, NativeFn::F2(index_of), "Returns the index of the first b in a."),
    Method::new("countOf", TWO, NativeFn::F2(count_of), "Returns how many items of a are b or equal it."),
    Method::new("is_", TWO, NativeFn::F2(|_, a, b| Ok(Value::bool(a.is(b)))), "a is b"),
    Method::new("is_not", TWO, NativeFn::F2(|_, a, b| Ok(Value::bool(!a.is(b)))), "a is not b"),
    Method::new("is_none", ONE, NativeFn::F1(|_, a| Ok(Value::bool(a.is_none()))), "a is None"),
    Method::new("is_not_none", ONE, NativeFn::F1(|_, a| Ok(Value::bool(!a.is_none()))), "a is not None"),
    binary!("add", Add, "a + b"),
    binary!("sub", Subtract, "a - b"),
    binary!("mul", Multiply, "a * b"),
    binary!("matmul", MatMul, "a @ b"),
    binary!("floordiv", FloorDivide, "a // b"),
    binary!("truediv", TrueDivide, "a / b"),
    binary!("mod", Remainder, "a % b"),
    unary!("neg", negative, "unary -", "-a"),
    unary!("pos", positive, "unary +", "+a"),
    unary!("abs", absolute, "abs()", "abs(a)"),
    unary!("inv", invert, "unary ~", "~a"),
    unary!("invert", invert, "unary ~", "~a"),
    binary!("lshift", LShift, "a << b"),
    binary!("rshift", RShift, "a >> b"),
    Method::new("not_", ONE, NativeFn::F1(|t, a| Ok(Value::bool(!protocol::is_true(t, a)?))), "not a"),
    binary!("and_", And, "a & b"),
    binary!("xor", Xor, "a ^ b"),
    binary!("or_", Or, "a | b"),
    binary!("iadd", IAdd, "a += b"),
    binary!("isub", ISubtract, "a -= b"),
    binary!("imul", IMultiply, "a *= b"),
    binary!("imatmul", IMatMul, "a @= b"),
    binary!("ifloordiv", IFloorDivide, "a //= b"),
    binary!("itruediv", ITrueDivide, "a /= b"),
    binary!("imod", IRemainder, "a %= b"),
    binary!("ilshift", ILShift, "a <<= b"),
    binary!("irshift", IRShift, "a >>= b"),
    binary!("iand", IAnd, "a &= b"),
    binary!("ixor", IXor, "a ^= b"),
    binary!("ior", IOr, "a |= b"),
    binary!("ipow", IPower, "a **= b"),
    Method::new("pow", TWO, NativeFn::F2(|t, a, b| operator::power(t, a, b, &Value::NONE)), "a ** b"),
    Method::new("concat", TWO, NativeFn::F2(|t, a, b| concat(t, a, b, false)), "a + b, for sequences."),
    Method::new("iconcat", TWO, NativeFn::F2(|t, a, b| concat(t, a, b, true)), "a += b, for sequences."),
    Method::new("getitem", TWO, NativeFn::F2(protocol::get_item), "a[b]"),
    Method::new(
        "setitem",
        "($module, a, b, c, /)",
        NativeFn::F3(|t, a, b, c| protocol::set_item(t, a, b, c).map(|()| Value::NONE)),
        "a[b] = c",
    ),
    Method::new("delitem", TWO, NativeFn::F2(|t, a, b| protocol::del_item(t, a, b).map(|()| Value::NONE)), "del a[b]"),
    Method::new("index", ONE, NativeFn::F1(protocol::index), "a.__index__()"),
    compare!("lt", Lt, "a < b"),
    compare!("le", Le, "a <= b"),
    compare!("eq", Eq, "a == b"),
    compare!("ne", Ne, "a != b"),
    compare!("gt", Gt, "a > b"),
    compare!("ge", Ge, "a >= b"),
    Method::new(
        "length_hint",
        "($module, obj, default=0, /)",
        NativeFn::Bound(length_hint),
        "Returns an estimate of the number of items in obj: its length, its own hint, or default.",
    ),
    Method::new("call", "($module, obj, /, *args, **kwargs)", NativeFn::Raw(call), "obj(*args, **kwargs)"),
    Method::new(
        "_compare_digest",
        TWO,
        NativeFn::F2(compare_digest),
        "a == b, for byte strings or ASCII strs, in a time that tells nothing about where they differ.",
    ),
];

/// `iter(a)`, with the words of a sequence search.
fn search(t: &Thread, a: &Value) -> PyResult {
    protocol::iter(t, a).or_else(|raised| {
        raise::suppress(t, raised, &exc::TYPE_ERROR)?;
        let message = format!("argument of type '{}' is not a container or iterable", a.class().display_name());
        Err(raise::type_error(t, message))
    })
}

fn index_of(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let iterator = search(t, a)?;
    let mut index = 0i64;
    while let Some(item) = protocol::next(t, &iterator)? {
        if protocol::eq(t, &item, b)? {
            return Ok(Value::int(index));
        }
        index += 1;
    }
    Err(raise::value_error(t, "sequence.index(x): x not in sequence"))
}

fn count_of(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let iterator = search(t, a)?;
    let mut count = 0i64;
    while let Some(item) = protocol::next(t, &iterator)? {
        count += i64::from(protocol::eq(t, &item, b)?);
    }
    Ok(Value::int(count))
}

fn concat(t: &Thread, a: &Value, b: &Value, in_place: bool) -> PyResult {
    let slots = &a.class().slots;
    let own = if in_place { slots.iconcat.get().or(slots.concat.get()) } else { slots.concat.get() };
    if let Some(concat) = own {
        return concat(t, a, b);
    }
    if a.class().is_sequence() && b.class().is_sequence() {
        return operator::binary(t, a, b, if in_place { BinaryOp::IAdd } else { BinaryOp::Add });
    }
    Err(raise::type_error(t, format!("'{}' object can't be concatenated", a.class().display_name())))
}

fn length_hint(t: &Thread, b: &Bound<'_>) -> PyResult {
    let default = match b.opt(1) {
        None => 0,
        Some(default) => size_argument(t, default)?,
    };
    // A negative default is handed through as it is.
    let hint = protocol::length_hint(t, b.req(0), usize::MAX)?;
    Ok(if hint == usize::MAX { Value::int(default) } else { Value::uint(hint as u64) })
}

fn call(t: &Thread, args: Args<'_>) -> PyResult {
    match args.pos().first() {
        Some(callable) => protocol::call(t, callable, args.skip(1)),
        None => Err(raise::type_error(t, "call expected at least 1 argument, got 0")),
    }
}

fn compare_digest(t: &Thread, a: &Value, b: &Value) -> PyResult {
    if let (Some(x), Some(y)) = (str::view(a), str::view(b)) {
        let (Some(x), Some(y)) = (x.as_str(), y.as_str()) else {
            return Err(raise::type_error(t, "comparing strings with non-ASCII characters is not supported"));
        };
        return Ok(Value::bool(same_bytes(x.as_bytes(), y.as_bytes())));
    }
    let lends = |v: &Value| v.class().slots.buffer.get();
    let (Some(get_a), Some(get_b)) = (lends(a), lends(b)) else {
        let message = format!(
            "unsupported operand types(s) or combination of types: '{}' and '{}'",
            a.class().display_name(),
            b.class().display_name()
        );
        return Err(raise::type_error(t, message));
    };
    let x = get_a(t, a, buffer::Request::Read)?;
    let y = get_b(t, b, buffer::Request::Read)?;
    if x.shape.len() > 1 || y.shape.len() > 1 {
        return Err(raise::buffer_error(t, "Buffer must be single dimension"));
    }
    Ok(Value::bool(same_bytes(x.as_slice(), y.as_slice())))
}

/// Equality in a time that depends on the lengths only.
fn same_bytes(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    // `black_box` keeps the loop from being cut short.
    std::hint::black_box(a.iter().zip(b).fold(0u8, |differ, (x, y)| std::hint::black_box(differ | (x ^ y)))) == 0
}
