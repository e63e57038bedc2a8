//! The wrapper behind `functools.lru_cache`.
//!
//! Results lie in a dict. Without a limit the dict is all there is: a hit reads it without a lock and writes nothing but
//! a counter that few threads share. With a limit, the dict maps a key to the number of a node; nodes hold the results
//! and form a list by last use, which changes under the wrapper's lock. A node's number is never used twice, so a number
//! that was read from the dict before the node went finds nothing and counts as a miss.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::*};

use crate::modules::support::{Guarded, INSTANCE_DICT};
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

struct Node {
    key: Stored,
    hash: i64,
    result: Stored,
    older: u64,
    newer: u64,
}

/// Nodes by number, in a list by last use. 0 is no node.
#[derive(Default)]
struct Nodes {
    map: HashMap<u64, Node>,
    oldest: u64,
    newest: u64,
    last_number: u64,
}

impl Nodes {
    fn unlink(&mut self, older: u64, newer: u64) {
        match self.map.get_mut(&older) {
            Some(node) => node.newer = newer,
            None => self.oldest = newer,
        }
        match self.map.get_mut(&newer) {
            Some(node) => node.older = older,
            None => self.newest = older,
        }
    }

    /// Makes a node, which is in no list, the newest.
    fn link_newest(&mut self, number: u64) {
        let older = std::mem::replace(&mut self.newest, number);
        match self.map.get_mut(&older) {
            Some(node) => node.newer = number,
            None => self.oldest = number,
        }
        if let Some(node) = self.map.get_mut(&number) {
            (node.older, node.newer) = (older, 0);
        }
    }

    /// The result of a node, which becomes the newest.
    fn touch(&mut self, number: u64) -> Option<Value> {
        let node = self.map.get(&number)?;
        let result = Value::clone(&node.result);
        let (older, newer) = (node.older, node.newer);
        if self.newest != number {
            self.unlink(older, newer);
            self.link_newest(number);
        }
        Some(result)
    }

    fn add(&mut self, key: Stored, hash: i64, result: Stored) -> u64 {
        self.last_number += 1;
        let number = self.last_number;
        self.map.insert(number, Node { key, hash, result, older: 0, newer: 0 });
        self.link_newest(number);
        number
    }

    fn remove(&mut self, number: u64) -> Option<Node> {
        let node = self.map.remove(&number)?;
        self.unlink(node.older, node.newer);
        Some(node)
    }
}

/// The payload of a wrapper.
pub struct Wrapper {
    function: Stored,
    cache_info: Stored,
    /// The dict of results or node numbers.
    cache: Stored,
    typed: bool,
    limit: Limit,
    nodes: Guarded<Nodes>,
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
        for node in self.nodes.stopped().map.values() {
            visit(&node.key);
            visit(&node.result);
        }
    }

    fn clear(&self) {
        drop(self.nodes.replace_unreachable(Nodes::default()));
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
        nodes: Guarded::new(Nodes::default()),
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

fn number_of(entry: &Value) -> u64 {
    entry.as_small_int().map_or(0, |n| n as u64)
}

fn call_limited(t: &Thread, v: &Value, this: &Wrapper, most: usize, args: Args<'_>) -> PyResult {
    let key = make_key(args, this.typed);
    let hash = protocol::hash(t, &key)?;
    let cache = this.cache();
    if let Some(entry) = cache.get_hashed(t, &key, hash)?
        && let Some(result) = this.nodes.with(t, v, |nodes| nodes.touch(number_of(&entry)))
    {
        this.hit(t);
        return Ok(result);
    }
    this.miss(t);
    let result = protocol::call(t, &this.function, args)?;
    // The call may have come back here with the same arguments; what it stored stays.
    if let Some(entry) = cache.get_hashed(t, &key, hash)?
        && this.nodes.with(t, v, |nodes| nodes.map.contains_key(&number_of(&entry)))
    {
        return Ok(result);
    }
    let (stored_key, stored) = (Stored::new(key.clone()), Stored::new(result.clone()));
    let (number, evicted) = this.nodes.with(t, v, |nodes| {
        let evicted = if nodes.map.len() >= most {
            let oldest = nodes.oldest;
            nodes.remove(oldest).map(|node| (oldest, node))
        } else {
            None
        };
        (nodes.add(stored_key, hash, stored), evicted)
    });
    if let Some((old_number, node)) = evicted {
        // Only if the key has not got a newer node meanwhile.
        if cache.get_hashed(t, &node.key, node.hash)?.is_some_and(|entry| number_of(&entry) == old_number) {
            drop(cache.remove_hashed(t, &node.key, node.hash)?);
        }
    }
    if let Some(replaced) = cache.set_hashed(t, key, hash, Value::uint(number))? {
        // Another thread stored the same key in between; its node is no longer reachable.
        drop(this.nodes.with(t, v, |nodes| nodes.remove(number_of(&replaced))));
    }
    Ok(result)
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
        Limit::Some(most) => (Value::uint(most as u64), this.nodes.with(t, v, |nodes| nodes.map.len())),
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
    // Numbers go on, so that one read from the dict before does not find a newer node.
    let old = this.nodes.with(t, v, |nodes| {
        let last_number = nodes.last_number;
        std::mem::replace(nodes, Nodes { last_number, ..Nodes::default() })
    });
    this.cache().clear_all();
    drop(old);
    Ok(Value::NONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_follows_use() {
        let mut nodes = Nodes::default();
        let mut add = |n: i64| nodes.add(Stored::new(Value::int(n)), n, Stored::new(Value::int(10 * n)));
        let (a, b, c) = (add(1), add(2), add(3));
        assert_eq!((nodes.oldest, nodes.newest), (a, c));
        assert_eq!(nodes.touch(a).and_then(|v| v.as_small_int()), Some(10));
        assert_eq!((nodes.oldest, nodes.newest), (b, a));
        assert!(nodes.remove(c).is_some() && nodes.remove(c).is_none());
        assert_eq!((nodes.map[&b].newer, nodes.map[&a].older), (a, b));
        assert!(nodes.remove(b).is_some() && nodes.remove(a).is_some());
        assert_eq!((nodes.oldest, nodes.newest), (0, 0));
        assert!(nodes.touch(b).is_none());
    }
}
