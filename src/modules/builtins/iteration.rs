//! Functions of iterables: all, any, iter, next, max, min, sorted, sum.

use crate::bytecode::opcode::{BinaryOp, CompareOp};
use crate::object::args::{Args, Bound};
use crate::object::core_types;
use crate::object::raise::{self, PyResult};
use crate::object::table::ByCount;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{bigint, list, operator, protocol, str};
use crate::types::iteration::{Walk, poll};
use crate::types::iterators::call_iter;
use crate::types::list::sort;

/// Looks for an item whose truth is `wanted`.
struct Find {
    wanted: bool,
    found: bool,
    rounds: usize,
}

impl protocol::Take for Find {
    fn quick(&mut self, _t: &Thread, item: Value) -> PyResult<Option<Value>> {
        Ok(if item.as_bool() == Some(!self.wanted) { None } else { Some(item) })
    }

    fn take(&mut self, t: &Thread, item: Value) -> PyResult<bool> {
        self.found = protocol::is_true(t, &item)? == self.wanted;
        self.rounds += 1;
        poll(t, self.rounds)?;
        Ok(!self.found)
    }
}

/// Whether some item's truth is `wanted`.
fn find(t: &Thread, iterable: &Value, wanted: bool) -> PyResult<bool> {
    let mut find = Find { wanted, found: false, rounds: 0 };
    protocol::give(t, iterable, &mut find)?;
    Ok(find.found)
}

pub fn all(t: &Thread, iterable: &Value) -> PyResult {
    find(t, iterable, false).map(|found| Value::bool(!found))
}

pub fn any(t: &Thread, iterable: &Value) -> PyResult {
    find(t, iterable, true).map(Value::bool)
}

/// `iter`.
pub const ITER: ByCount = ByCount {
    one: Some(protocol::iter),
    two: Some(|t, function, sentinel| {
        if function.class().slots.call.get().is_none() {
            return Err(raise::type_error(t, "iter(v, w): v must be callable"));
        }
        Ok(call_iter::new(function.clone(), sentinel.clone()))
    }),
    ..ByCount::NONE
};

/// `next`.
pub const NEXT: ByCount = ByCount {
    one: Some(|t, iterator| step(t, iterator)?.ok_or_else(|| raise::stop_iteration(t, None))),
    two: Some(|t, iterator, default| match step(t, iterator) {
        Ok(item) => Ok(item.unwrap_or_else(|| default.clone())),
        Err(raised) => {
            raise::suppress(t, raised, &core_types::exc::STOP_ITERATION)?;
            Ok(default.clone())
        }
    }),
    ..ByCount::NONE
};

fn step(t: &Thread, iterator: &Value) -> PyResult<Option<Value>> {
    match iterator.class().slots.next.get() {
        Some(step) => step(t, iterator),
        None => {
            let message = format!("'{}' object is not an iterator", iterator.class().display_name());
            Err(raise::type_error(t, message))
        }
    }
}

/// `max`.
pub const MAX: ByCount = ByCount {
    two: Some(|t, a, b| further(t, a, b, CompareOp::Gt)),
    otherwise: Some(|t, args| extreme(t, args, "max")),
    ..ByCount::NONE
};

/// `min`.
pub const MIN: ByCount = ByCount {
    two: Some(|t, a, b| further(t, a, b, CompareOp::Lt)),
    otherwise: Some(|t, args| extreme(t, args, "min")),
    ..ByCount::NONE
};

/// Of two, the second if it compares so with the first.
fn further(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    Ok(if is_further(t, b, a, op)? { b.clone() } else { a.clone() })
}

fn is_further(t: &Thread, new: &Value, old: &Value, op: CompareOp) -> PyResult<bool> {
    match (new.as_small_int(), old.as_small_int()) {
        (Some(a), Some(b)) => Ok(if op == CompareOp::Gt { a > b } else { a < b }),
        _ => protocol::compare_bool(t, new, old, op),
    }
}

/// `max` and `min` of anything.
fn extreme(t: &Thread, args: Args<'_>, name: &str) -> PyResult {
    let op = if name == "max" { CompareOp::Gt } else { CompareOp::Lt };
    let (mut key, mut default) = (None, None);
    for (keyword, value) in args.keywords() {
        if str::eq_str(keyword, "key") {
            key = value.non_none();
        } else if str::eq_str(keyword, "default") {
            default = Some(value);
        } else {
            let message = format!("{name}() got an unexpected keyword argument '{}'", str::lossy(keyword));
            return Err(raise::type_error(t, message));
        }
    }
    let mut best: Option<(Value, Value)> = None;
    let mut consider = |item: Value| -> PyResult<()> {
        let rank = match key {
            Some(key) => protocol::call_values(t, key, std::slice::from_ref(&item))?,
            None => item.clone(),
        };
        let better = match &best {
            None => true,
            Some((_, old)) => is_further(t, &rank, old, op)?,
        };
        if better {
            best = Some((item, rank));
        }
        Ok(())
    };
    match args.pos() {
        [] => return Err(raise::type_error(t, format!("{name} expected at least 1 argument, got 0"))),
        [iterable] => {
            let mut rounds = 0;
            protocol::for_each(t, iterable, |item| {
                consider(item)?;
                rounds += 1;
                poll(t, rounds)
            })?;
        }
        many => {
            if default.is_some() {
                let message = format!("Cannot specify a default for {name}() with multiple positional arguments");
                return Err(raise::type_error(t, message));
            }
            many.iter().try_for_each(|item| consider(item.clone()))?;
        }
    }
    match (best, default) {
        (Some((item, _)), _) => Ok(item),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err(raise::value_error(t, format!("{name}() iterable argument is empty"))),
    }
}

pub fn sorted(t: &Thread, args: Args<'_>) -> PyResult {
    let [iterable] = args.pos() else {
        let n = args.pos().len();
        return Err(raise::type_error(t, format!("sorted expected 1 argument, got {n}")));
    };
    let result = list::from_vec(protocol::collect(t, iterable)?);
    let mut key = None;
    let mut reverse = false;
    let mut all_known = true;
    for (name, value) in args.keywords() {
        if str::eq_str(name, "key") {
            key = value.non_none();
        } else if str::eq_str(name, "reverse") {
            reverse = protocol::is_true(t, value)?;
        } else {
            all_known = false;
        }
    }
    if all_known {
        sort::sort(t, &result, key, reverse)?;
        return Ok(result);
    }
    // It tells what is wrong.
    let sort = protocol::get_attr_str(t, &result, "sort")?;
    protocol::call(t, &sort, args.skip(1))?;
    Ok(result)
}

/// A float sum with the error of each addition carried along (Neumaier's variant of Kahan summation).
struct Compensated {
    sum: f64,
    error: f64,
}

impl Compensated {
    fn add(&mut self, x: f64) {
        let sum = self.sum + x;
        self.error += if self.sum.abs() >= x.abs() { (self.sum - sum) + x } else { (x - sum) + self.sum };
        self.sum = sum;
    }

    fn total(&self) -> f64 {
        // An infinite or undefined sum has no meaningful error.
        if self.error != 0.0 && self.error.is_finite() { self.sum + self.error } else { self.sum }
    }
}

/// A sum so far: immediate ints, then floats, without an object for each partial sum.
enum Total {
    Int(i64),
    Float(Compensated),
    Any(Value),
}

impl Total {
    fn of(v: Value) -> Total {
        match v.as_float() {
            Some(sum) => Total::Float(Compensated { sum, error: 0.0 }),
            None => Total::Any(v),
        }
    }

    fn value(&self) -> Value {
        match self {
            Total::Int(total) => Value::int(*total),
            Total::Float(total) => Value::float(total.total()),
            Total::Any(total) => total.clone(),
        }
    }

    fn add(&mut self, t: &Thread, item: &Value) -> PyResult<()> {
        match self {
            Total::Int(total) => {
                let small = item.as_small_int().or(item.as_bool().map(i64::from));
                if let Some(new) = small.and_then(|i| total.checked_add(i)) {
                    *total = new;
                    return Ok(());
                }
            }
            Total::Float(total) => {
                if let Some(x) = item.as_float() {
                    total.add(x);
                    return Ok(());
                }
                if let Some(bigint::IntView::Small(i)) = bigint::view(item) {
                    total.add(i as f64);
                    return Ok(());
                }
            }
            Total::Any(total) => {
                *total = operator::binary(t, total, item, BinaryOp::Add)?;
                return Ok(());
            }
        }
        let after_ints = matches!(self, Total::Int(_));
        let sum = operator::binary(t, &self.value(), item, BinaryOp::Add)?;
        *self = if after_ints { Total::of(sum) } else { Total::Any(sum) };
        Ok(())
    }
}

/// Adds items up.
struct Summing {
    total: Total,
    rounds: usize,
}

impl protocol::Take for Summing {
    fn quick(&mut self, t: &Thread, item: Value) -> PyResult<Option<Value>> {
        // A number is added to an object by that object's code.
        if item.header().is_some() || matches!(self.total, Total::Any(_)) {
            return Ok(Some(item));
        }
        self.total.add(t, &item)?;
        Ok(None)
    }

    #[inline]
    fn take(&mut self, t: &Thread, item: Value) -> PyResult<bool> {
        self.rounds += 1;
        poll(t, self.rounds)?;
        self.total.add(t, &item)?;
        Ok(true)
    }
}

pub fn sum(t: &Thread, b: &Bound<'_>) -> PyResult {
    let iterable = b.req(0);
    let mut items = Walk::new(t, iterable)?;
    let result = b.opt(1).cloned().unwrap_or(Value::int(0));
    for (class, what, hint) in [
        (&core_types::STR, "strings", "''"),
        (&core_types::BYTES, "bytes", "b''"),
        (&core_types::BYTEARRAY, "bytearray", "b''"),
    ] {
        if result.class().is_subtype(class) {
            return Err(raise::type_error(t, format!("sum() can't sum {what} [use {hint}.join(seq) instead]")));
        }
    }
    let total = match result.as_small_int() {
        Some(i) => Total::Int(i),
        None => Total::of(result),
    };
    let mut summing = Summing { total, rounds: 0 };
    match &mut items {
        Walk::Iterator(iterator) => protocol::give_rest(t, iterator, &mut summing)?,
        items => {
            let mut rounds = 0;
            while let Some(item) = items.next(t)? {
                rounds += 1;
                poll(t, rounds)?;
                summing.total.add(t, &item)?;
            }
        }
    }
    Ok(summing.total.value())
}
