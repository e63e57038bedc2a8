//! Builtin containers to opcodes.

use super::opcode::*;
use super::save::Saver;
use super::{full_name, note};
use crate::object::dict::Dict;
use crate::object::list::List;
use crate::object::raise::{self, PyResult};
use crate::object::set;
use crate::object::value::Value;
use crate::object::{core_types, protocol, tuple};

impl Saver<'_> {
    /// Saves item `i` of `v`.
    fn save_item(&mut self, v: &Value, i: usize, item: &Value) -> PyResult<()> {
        let t = self.t;
        self.save(item).map_err(|e| note(t, e, || format!("when serializing {} item {i}", full_name(t, v))))
    }

    /// Saves a key and its value, an item of `v`.
    fn save_pair(&mut self, v: &Value, key: &Value, value: &Value) -> PyResult<()> {
        let t = self.t;
        self.save(key)?;
        self.save(value).map_err(|e| {
            let key = || match protocol::repr(t, key) {
                Ok(text) => crate::object::str::lossy(&text).into_owned(),
                Err(raised) => {
                    drop(raise::take(t, raised));
                    "?".to_string()
                }
            };
            // The key's repr runs Python code, for which the exception steps aside.
            let exception = raise::take(t, e);
            let key = key();
            let e = raise::again(t, exception);
            note(t, e, || format!("when serializing {} item {key}", full_name(t, v)))
        })
    }

    fn save_element(&mut self, v: &Value, element: &Value) -> PyResult<()> {
        let t = self.t;
        self.save(element).map_err(|e| note(t, e, || format!("when serializing {} element", full_name(t, v))))
    }

    pub fn save_tuple(&mut self, v: &Value) -> PyResult<()> {
        let items = tuple::items(v);
        let n = items.len();
        if n == 0 {
            if self.binary() {
                self.out.byte(EMPTY_TUPLE);
            } else {
                self.out.bytes(&[MARK, TUPLE]);
            }
            return Ok(());
        }
        let short = n <= 3 && self.protocol >= 2;
        if !short {
            self.out.byte(MARK);
        }
        for (i, item) in items.iter().enumerate() {
            self.save_item(v, i, item)?;
        }
        // A tuple that holds itself was written while its items were: fetch it instead of what is on the stack.
        if let Some(number) = self.memo.get(v) {
            if short {
                self.out.bytes(&[POP; 3][..n]);
            } else if self.binary() {
                self.out.byte(POP_MARK);
            } else {
                self.out.bytes(&vec![POP; n + 1]);
            }
            self.out.get(self.binary(), number);
            return Ok(());
        }
        self.out.byte(if short { [TUPLE1, TUPLE2, TUPLE3][n - 1] } else { TUPLE });
        self.memoize(v);
        Ok(())
    }

    pub fn save_list(&mut self, v: &Value) -> PyResult<()> {
        if self.binary() {
            self.out.byte(EMPTY_LIST);
        } else {
            self.out.bytes(&[MARK, LIST]);
        }
        self.memoize(v);
        let Some(list) = v.downcast::<List>() else { return Ok(()) };
        let mut i = 0;
        if !self.binary() {
            while let Some(item) = list.get(i) {
                self.save_item(v, i, &item)?;
                self.out.byte(APPEND);
                i += 1;
            }
            return Ok(());
        }
        if list.len() == 1 {
            if let Some(item) = list.get(0) {
                self.save_item(v, 0, &item)?;
                self.out.byte(APPEND);
            }
            return Ok(());
        }
        while i < list.len() {
            self.out.byte(MARK);
            for _ in 0..BATCH {
                let Some(item) = list.get(i) else { break };
                self.save_item(v, i, &item)?;
                i += 1;
            }
            self.out.byte(APPENDS);
        }
        Ok(())
    }

    /// Items that an iterator gives, appended to `v`.
    pub fn save_appends(&mut self, iterator: &Value, v: &Value) -> PyResult<()> {
        let t = self.t;
        let mut i = 0;
        if !self.binary() {
            while let Some(item) = protocol::next(t, iterator)? {
                self.save_item(v, i, &item)?;
                self.out.byte(APPEND);
                i += 1;
            }
            return Ok(());
        }
        let mut first = protocol::next(t, iterator)?;
        while let Some(item) = first {
            let mut following = protocol::next(t, iterator)?;
            if following.is_none() {
                self.save_item(v, i, &item)?;
                self.out.byte(APPEND);
                return Ok(());
            }
            self.out.byte(MARK);
            self.save_item(v, i, &item)?;
            i += 1;
            let mut n = 1;
            while let Some(item) = following.take() {
                self.save_item(v, i, &item)?;
                i += 1;
                n += 1;
                if n == BATCH {
                    break;
                }
                following = protocol::next(t, iterator)?;
            }
            self.out.byte(APPENDS);
            if n < BATCH {
                return Ok(());
            }
            first = protocol::next(t, iterator)?;
        }
        Ok(())
    }

    pub fn save_dict(&mut self, v: &Value) -> PyResult<()> {
        if self.binary() {
            self.out.byte(EMPTY_DICT);
        } else {
            self.out.bytes(&[MARK, DICT]);
        }
        self.memoize(v);
        let Some(dict) = v.downcast::<Dict>() else { return Ok(()) };
        let size = dict.len();
        if size == 0 {
            return Ok(());
        }
        let mut position = 0;
        if !self.binary() || size == 1 {
            while let Some((key, value)) = dict.next(&mut position) {
                self.save_pair(v, &key, &value)?;
                self.out.byte(SETITEM);
                self.check_size(dict, size)?;
            }
            return Ok(());
        }
        loop {
            self.out.byte(MARK);
            let mut n = 0;
            while n < BATCH
                && let Some((key, value)) = dict.next(&mut position)
            {
                self.save_pair(v, &key, &value)?;
                n += 1;
                self.check_size(dict, size)?;
            }
            self.out.byte(SETITEMS);
            if n < BATCH {
                return Ok(());
            }
        }
    }

    fn check_size(&self, dict: &Dict, size: usize) -> PyResult<()> {
        if dict.len() == size {
            return Ok(());
        }
        Err(raise::runtime_error(self.t, "dictionary changed size during iteration"))
    }

    /// Pairs that an iterator gives, set as items of `v`.
    pub fn save_setitems(&mut self, iterator: &Value, v: &Value) -> PyResult<()> {
        let t = self.t;
        let next = || -> PyResult<Option<Value>> {
            match protocol::next(t, iterator)? {
                Some(pair) if tuple::items(&pair).len() != 2 => {
                    Err(raise::type_error(t, "dict items iterator must return 2-tuples"))
                }
                other => Ok(other),
            }
        };
        if !self.binary() {
            while let Some(pair) = next()? {
                let pair = tuple::items(&pair);
                self.save_pair(v, &pair[0], &pair[1])?;
                self.out.byte(SETITEM);
            }
            return Ok(());
        }
        let mut first = next()?;
        while let Some(pair) = first {
            let mut following = next()?;
            let items = tuple::items(&pair);
            if following.is_none() {
                self.save_pair(v, &items[0], &items[1])?;
                self.out.byte(SETITEM);
                return Ok(());
            }
            self.out.byte(MARK);
            self.save_pair(v, &items[0], &items[1])?;
            let mut n = 1;
            while let Some(pair) = following.take() {
                let items = tuple::items(&pair);
                self.save_pair(v, &items[0], &items[1])?;
                n += 1;
                if n == BATCH {
                    break;
                }
                following = next()?;
            }
            self.out.byte(SETITEMS);
            if n < BATCH {
                return Ok(());
            }
            first = next()?;
        }
        Ok(())
    }

    /// The elements of a set as a list, in a tuple of arguments.
    fn elements_as_arguments(&self, v: &Value) -> PyResult<Value> {
        let elements = set::of(v).map_or_else(Vec::new, |set| set.items(self.t));
        Ok(tuple::from_vec(vec![crate::object::list::from_vec(elements)]))
    }

    pub fn save_set(&mut self, v: &Value) -> PyResult<()> {
        if self.protocol < 4 {
            let arguments = self.elements_as_arguments(v)?;
            return self.save_reduce(&[core_types::SET.to_value(), arguments], Some(v));
        }
        self.out.byte(EMPTY_SET);
        self.memoize(v);
        let Some(set) = set::of(v) else { return Ok(()) };
        let elements = set.items(self.t);
        for batch in elements.chunks(BATCH) {
            self.out.byte(MARK);
            for element in batch {
                self.save_element(v, element)?;
                if set.len() != elements.len() {
                    return Err(raise::runtime_error(self.t, "set changed size during iteration"));
                }
            }
            self.out.byte(ADDITEMS);
        }
        Ok(())
    }

    pub fn save_frozenset(&mut self, v: &Value) -> PyResult<()> {
        if self.protocol < 4 {
            let arguments = self.elements_as_arguments(v)?;
            return self.save_reduce(&[core_types::FROZENSET.to_value(), arguments], Some(v));
        }
        self.out.byte(MARK);
        let elements = set::of(v).map_or_else(Vec::new, |set| set.items(self.t));
        for element in &elements {
            self.save_element(v, element)?;
        }
        if let Some(number) = self.memo.get(v) {
            self.out.byte(POP_MARK);
            self.out.get(true, number);
            return Ok(());
        }
        self.out.byte(FROZENSET);
        self.memoize(v);
        Ok(())
    }
}
