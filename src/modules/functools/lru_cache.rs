//! The wrapper behind `functools.lru_cache`.
//!
//! Results lie in a dict. Without a limit the dict is all there is: a hit reads it without a lock and writes nothing but
//! a counter that few threads share. With a limit, the dict maps a key to an entry, which has the result and the entry's
//! ticket in the order of last use (`recency`); a hit notes its use there, without the wrapper's lock.

use crate::sync::shim::atomic::{AtomicU64, Ordering::*};

use super::recency::{Order, Recency, Ticket};
use crate::modules::support::INSTANCE_DICT;
use crate::object::args::Args;
use crate::object::core_types;
use crate::object::dict::{self, Dict};
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::str::Str;
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, bigint, names, protocol, tuple};
use crate::sync::shim::Padded;
use crate::this;
use crate::types::method;

/// Counters of hits and misses; each thread counts in one of them.
const LANES: usize = 8;

#[derive(Default)]
struct Lane {
    hits: AtomicU64,
    misses: AtomicU64,
}

/// What is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Limit {
    /// Nothing: only misses are counted.
    None,
    /// This many results.
    Some(usize),
    /// Everything.
    Unlimited,
}

/// What the dict of a wrapper with a limit holds for a key.
struct Entry {
    result: Stored,
    ticket: Ticket,
}

/// The type of entries, as in CPython seen by who walks the heap only.
pub static ENTRY: StaticType = StaticType::new(&ENTRY_SPEC);

static ENTRY_SPEC: TypeSpec = TypeSpec {
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("functools", "_lru_list_elem", layout_of::<Entry>(true))
};

// SAFETY: `ENTRY`'s layout is `Entry`.
unsafe impl Payload for Entry {
    fn layout_type() -> &'static Type {
        &ENTRY
    }

    fn trace(&self, visit: Visit) {
        visit(&self.result);
    }

    fn clear(&self) {}
}

/// The payload of a wrapper.
pub struct Wrapper {
    function: Stored,
    cache_info: Stored,
    /// The dict of results or entries.
    cache: Stored,
    typed: bool,
    limit: Limit,
    recency: Recency,
    lanes: Box<[Padded<Lane>]>,
}

/// `functools._lru_cache_wrapper`.
pub static WRAPPER: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    doc: "A function that remembers its results.\n\n\
          user_function: the function\n\
          maxsize: how many results to keep: 0 for none, None for all\n\
          typed: whether arguments of different types are different though equal\n\
          cache_info_type: called with hits, misses, maxsize and currsize by cache_info()",
    slots: SlotTable { new: Some(new), call: Some(call), descr_get: Some(descr_get), ..SlotTable::EMPTY },
    methods: &[
        Method::new("cache_info", "($self, /)", NativeFn::F1(cache_info), "Report cache statistics"),
        Method::new("cache_clear", "($self, /)", NativeFn::F1(cache_clear), "Clear the cache and cache statistics"),
        Method::new("__reduce__", "", NativeFn::F1(|t, v| protocol::get_attr(t, v, &names::known().__qualname__)), ""),
        Method::new("__copy__", "", NativeFn::F1(|_, v| Ok(v.clone())), ""),
        Method::new("__deepcopy__", "", NativeFn::F2(|_, v, _| Ok(v.clone())), ""),
    ],
    getset: &[INSTANCE_DICT],
    flags: flag::BASETYPE | flag::HAS_DICT | flag::HAS_WEAKREFS | flag::METHOD_DESCRIPTOR,
    ..TypeSpec::new("functools", "_lru_cache_wrapper", layout_of::<Wrapper>(true))
};

// SAFETY: `WRAPPER`'s layout is `Wrapper`.
unsafe impl Payload for Wrapper {
    fn layout_type() -> &'static Type {
        &WRAPPER
    }

    fn trace(&self, visit: Visit) {
        visit(&self.function);
        visit(&self.cache_info);
        visit(&self.cache);
        self.recency.trace(visit);
    }

    fn clear(&self) {
        self.recency.clear();
    }
}

fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: crate::modules::support::Parameters =
        crate::modules::support::Parameters::new("(user_function, maxsize, typed, cache_info_type)");
    let b = PARAMETERS.bind_call(t, "lru_cache", args)?;
    let (function, maxsize) = (b.req(0), b.req(1));
    if function.class().slots.call.get().is_none() {
        return Err(raise::type_error(t, "the first argument must be callable"));
    }
    let limit = if maxsize.is_none() {
        Limit::Unlimited
    } else if bigint::view(maxsize).is_some() || maxsize.class().slots.index.get().is_some() {
        match usize::try_from(protocol::index_size(t, maxsize)?) {
            Ok(0) | Err(_) => Limit::None,
            Ok(n) => Limit::Some(n),
        }
    } else {
        return Err(raise::type_error(t, "maxsize should be integer or None"));
    };
    let typed = protocol::is_true(t, b.req(2))?;
    let this = Wrapper {
        function: Stored::new(function.clone()),
        cache_info: Stored::new(b.req(3).clone()),
        cache: Stored::new(dict::new()),
        typed,
        limit,
        recency: Recency::default(),
        lanes: (0..LANES).map(|_| Padded::default()).collect(),
    };
    Ok(alloc::new(class, this))
}

/// The key of a call: its one argument if that is an exact str or int, else a tuple.
fn make_key(args: Args<'_>, typed: bool) -> Value {
    let pos = args.pos();
    if !typed && !args.has_keywords() {
        if let [only] = pos
            && (only.is_small_int() || only.downcast_exact::<Str>().is_some() || only.is_exact(&core_types::INT))
        {
            return only.clone();
        }
        return tuple::from_slice(pos);
    }
    let mut key = pos.to_vec();
    if args.has_keywords() {
        // A mark between positions and keywords that no argument can be: the wrapper's own type.
        key.push(WRAPPER.to_value());
        for (name, value) in args.keywords() {
            key.extend([name.clone(), value.clone()]);
        }
    }
    if typed {
        key.extend(args.all().iter().map(|v| v.class().to_value()));
    }
    tuple::from_vec(key)
}

impl Wrapper {
    fn lane(&self, t: &Thread) -> &Lane {
        &self.lanes[t.id as usize % LANES]
    }

    fn hit(&self, t: &Thread) {
        self.lane(t).hits.fetch_add(1, Relaxed);
    }

    fn miss(&self, t: &Thread) {
        self.lane(t).misses.fetch_add(1, Relaxed);
    }

    fn cache(&self) -> &Dict {
        let cache: &Value = &self.cache;
        this!(cache, Dict)
    }
}

fn call(t: &Thread, v: &Value, args: Args<'_>) -> PyResult {
    let this = this!(v, Wrapper);
    match this.limit {
        Limit::None => {
            this.miss(t);
            protocol::call(t, &this.function, args)
        }
        Limit::Unlimited => call_unlimited(t, this, args),
        Limit::Some(most) => call_limited(t, v, this, most, args),
    }
}

fn call_unlimited(t: &Thread, this: &Wrapper, args: Args<'_>) -> PyResult {
    let key = make_key(args, this.typed);
    let hash = protocol::hash(t, &key)?;
    if let Some(result) = this.cache().get_hashed(t, &key, hash)? {
        this.hit(t);
        return Ok(result);
    }
    this.miss(t);
    let result = protocol::call(t, &this.function, args)?;
    drop(this.cache().set_hashed(t, key, hash, result.clone())?);
    Ok(result)
}

fn call_limited(t: &Thread, v: &Value, this: &Wrapper, most: usize, args: Args<'_>) -> PyResult {
    let key = make_key(args, this.typed);
    let hash = protocol::hash(t, &key)?;
    let cache = this.cache();
    if let Some(found) = cache.get_hashed(t, &key, hash)? {
        let entry = this!(found, Entry);
        this.recency.touch(t, v, entry.ticket);
        this.hit(t);
        return Ok(Value::clone(&entry.result));
    }
    this.miss(t);
    let result = protocol::call(t, &this.function, args)?;
    // The call may have come back here with the same arguments; what it stored stays.
    if cache.contains_hashed(t, &key, hash)? {
        return Ok(result);
    }
    let stored_key = Stored::new(key.clone());
    let (ticket, evicted) = this.recency.with(t, v, |order| {
        let evicted = if order.count() >= most { order.remove_oldest() } else { None };
        (order.add(stored_key, hash), evicted)
    });
    if let Some(gone) = evicted {
        forget(t, cache, &gone.key, gone.hash, gone.ticket)?;
    }
    let entry = alloc::new(&ENTRY, Entry { result: Stored::new(result.clone()), ticket });
    if let Some(replaced) = cache.set_hashed(t, key.clone(), hash, entry)? {
        // Another thread stored the same key in between; its ticket is not in use any more.
        let ticket = this!(replaced, Entry).ticket;
        drop(this.recency.with(t, v, |order| order.remove(ticket)));
    }
    if !this.recency.contains(t, v, ticket) {
        // Another thread evicted the ticket, or cleared the cache, before the entry was there to be found.
        forget(t, cache, &key, hash, ticket)?;
    }
    Ok(result)
}

/// Removes the entry with this ticket from the dict, unless the key has got a newer one meanwhile.
fn forget(t: &Thread, cache: &Dict, key: &Value, hash: i64, ticket: Ticket) -> PyResult<()> {
    if cache.get_hashed(t, key, hash)?.is_some_and(|found| this!(found, Entry).ticket == ticket) {
        drop(cache.remove_hashed(t, key, hash)?);
    }
    Ok(())
}

fn descr_get(_: &Thread, v: &Value, object: Option<&Value>, _class: &Value) -> PyResult {
    Ok(match object.and_then(Value::non_none) {
        Some(object) => method::new(v.clone(), object.clone()),
        None => v.clone(),
    })
}

fn cache_info(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, Wrapper);
    let sum =
        |counter: fn(&Lane) -> &AtomicU64| Value::uint(this.lanes.iter().map(|lane| counter(lane).load(Relaxed)).sum());
    let (maxsize, size) = match this.limit {
        Limit::None => (Value::int(0), 0),
        Limit::Unlimited => (Value::NONE, this.cache().len()),
        Limit::Some(most) => (Value::uint(most as u64), this.recency.with(t, v, |order| order.count())),
    };
    let counts = [sum(|lane| &lane.hits), sum(|lane| &lane.misses), maxsize, Value::uint(size as u64)];
    protocol::call_values(t, &this.cache_info, &counts)
}

fn cache_clear(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, Wrapper);
    for lane in &this.lanes {
        lane.hits.store(0, Relaxed);
        lane.misses.store(0, Relaxed);
    }
    // Numbers go on, so that an entry read from the dict before does not name a newer one.
    let old = this.recency.with(t, v, |order| {
        let fresh = Order::new(order.last_number());
        std::mem::replace(order, fresh)
    });
    this.cache().clear_all();
    drop(old);
    Ok(Value::NONE)
}
