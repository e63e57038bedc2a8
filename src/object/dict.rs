//! The payload of dict: insertion-ordered, read without the lock where the key is an exact str.
//!
//! `types/dict` adds the Python methods; here is what the object layer itself needs.

use super::core_types;
use super::raise::PyResult;
use super::slots::Visit;
use super::str::Str;
use super::thread::Thread;
use super::type_object::{Payload, Type};
use super::value::Value;
use super::{alloc, protocol};
use parking_lot::Mutex;
use std::collections::HashMap;

#[derive(Default)]
struct Inner {
    entries: Vec<Option<(i64, Value, Value)>>,
    index: HashMap<i64, Vec<u32>>,
    used: usize,
}

/// See the module's documentation.
#[derive(Default)]
pub struct Dict {
    inner: Mutex<Inner>,
}

// SAFETY: `DICT`'s layout is `Dict`.
unsafe impl Payload for Dict {
    fn layout_type() -> &'static Type {
        &core_types::DICT
    }

    fn trace(&self, visit: Visit) {
        let inner = self.inner.lock();
        for (_, key, value) in inner.entries.iter().flatten() {
            visit(key);
            visit(value);
        }
    }

    fn clear(&self) {
        let inner = std::mem::take(&mut *self.inner.lock());
        drop(inner);
    }
}

fn same_str(a: &Value, b: &Value) -> Option<bool> {
    let (a, b) = (a.downcast_exact::<Str>()?, b.downcast_exact::<Str>()?);
    Some(a.eq(b))
}

impl Dict {
    pub fn new() -> Dict {
        Dict::default()
    }

    /// Finds the entry of a key; calls `__eq__` outside the lock.
    fn find(&self, t: &Thread, hash: i64, key: &Value) -> PyResult<Option<(usize, Value)>> {
        loop {
            let mut ask = Vec::new();
            {
                let inner = self.inner.lock();
                let Some(list) = inner.index.get(&hash) else { return Ok(None) };
                for &i in list {
                    if let Some((_, k, v)) = &inner.entries[i as usize] {
                        if k.is(key) {
                            return Ok(Some((i as usize, v.clone())));
                        }
                        match same_str(k, key) {
                            Some(true) => return Ok(Some((i as usize, v.clone()))),
                            Some(false) => {}
                            None => ask.push((i as usize, k.clone())),
                        }
                    }
                }
            }
            let mut retry = false;
            for (i, k) in ask {
                if protocol::eq(t, &k, key)? {
                    let inner = self.inner.lock();
                    match inner.entries.get(i) {
                        Some(Some((_, now, v))) if now.is(&k) => return Ok(Some((i, v.clone()))),
                        _ => retry = true,
                    }
                }
            }
            if !retry {
                return Ok(None);
            }
        }
    }

    /// `d[key]`, or None where it is absent. Raises what hashing and comparing raise.
    pub fn get(&self, t: &Thread, key: &Value) -> PyResult<Option<Value>> {
        let hash = protocol::hash(t, key)?;
        self.get_hashed(t, key, hash)
    }

    /// `get` with a known hash.
    pub fn get_hashed(&self, t: &Thread, key: &Value, hash: i64) -> PyResult<Option<Value>> {
        Ok(self.find(t, hash, key)?.map(|(_, v)| v))
    }

    /// `get` for an exact str in a dict whose keys are expected to be str: runs no Python code. A key of another type
    /// never equals it here.
    pub fn get_str(&self, key: &Value) -> Option<Value> {
        let hash = key.downcast::<Str>()?.hash();
        let inner = self.inner.lock();
        inner.index.get(&hash)?.iter().find_map(|&i| match &inner.entries[i as usize] {
            Some((_, k, v)) if k.is(key) || same_str(k, key) == Some(true) => Some(v.clone()),
            _ => None,
        })
    }

    /// `d[key] = value`; answers the old value.
    pub fn set(&self, t: &Thread, key: Value, value: Value) -> PyResult<Option<Value>> {
        let hash = protocol::hash(t, &key)?;
        self.set_hashed(t, key, hash, value)
    }

    /// `set` with a known hash.
    pub fn set_hashed(&self, t: &Thread, key: Value, hash: i64, value: Value) -> PyResult<Option<Value>> {
        use crate::sync::slot::Counted;
        key.publish();
        value.publish();
        let found = self.find(t, hash, &key)?;
        let mut inner = self.inner.lock();
        if let Some((i, _)) = found
            && let Some(Some(entry)) = inner.entries.get_mut(i)
        {
            return Ok(Some(std::mem::replace(&mut entry.2, value)));
        }
        let i = inner.entries.len() as u32;
        inner.entries.push(Some((hash, key, value)));
        inner.index.entry(hash).or_default().push(i);
        inner.used += 1;
        Ok(None)
    }

    /// `set` for an exact str: runs no Python code.
    pub fn set_str(&self, key: &Value, value: Value) -> Option<Value> {
        let hash = key.downcast::<Str>().map_or(0, Str::hash);
        self.set_hashed(Thread::current(), key.clone(), hash, value).unwrap_or(None)
    }

    /// Removes a key; answers its value, or None where it was absent.
    pub fn remove(&self, t: &Thread, key: &Value) -> PyResult<Option<Value>> {
        let hash = protocol::hash(t, key)?;
        let Some((i, _)) = self.find(t, hash, key)? else { return Ok(None) };
        let mut inner = self.inner.lock();
        let Some(Some(_)) = inner.entries.get(i) else { return Ok(None) };
        let entry = inner.entries[i].take();
        if let Some(list) = inner.index.get_mut(&hash) {
            list.retain(|&j| j as usize != i);
        }
        inner.used -= 1;
        drop(inner);
        Ok(entry.map(|(_, _, v)| v))
    }

    pub fn len(&self) -> usize {
        self.inner.lock().used
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The next entry at or after `*position`, which is moved past it.
    pub fn next(&self, position: &mut usize) -> Option<(Value, Value)> {
        let inner = self.inner.lock();
        while *position < inner.entries.len() {
            *position += 1;
            if let Some((_, k, v)) = &inner.entries[*position - 1] {
                return Some((k.clone(), v.clone()));
            }
        }
        None
    }

    /// All entries at one moment.
    pub fn entries(&self) -> Vec<(Value, Value)> {
        let inner = self.inner.lock();
        inner.entries.iter().flatten().map(|(_, k, v)| (k.clone(), v.clone())).collect()
    }

    /// Empties the dict.
    pub fn clear_all(&self) {
        self.clear();
    }
}

/// A new empty dict.
pub fn new() -> Value {
    alloc::new(&core_types::DICT, Dict::new())
}

/// A new dict of str keys.
pub fn from_pairs(pairs: impl IntoIterator<Item = (Value, Value)>) -> Value {
    let v = new();
    if let Some(d) = v.downcast::<Dict>() {
        for (key, value) in pairs {
            drop(d.set_str(&key, value));
        }
    }
    v
}
