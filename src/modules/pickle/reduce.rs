//! Objects that say themselves how they are made: tuples of `__reduce__` to opcodes.

use super::opcode::*;
use super::save::Saver;
use super::{full_name, note, optional_attr, pickling_error};
use crate::object::args::Args;
use crate::object::dict::Dict;
use crate::object::raise::PyResult;
use crate::object::type_object::Type;
use crate::object::value::Value;
use crate::object::{names, protocol, str, tuple};

impl Saver<'_> {
    /// `save` with a note that says which part of `owner` this is.
    fn save_part(&mut self, v: &Value, owner: Option<&Value>, part: &str) -> PyResult<()> {
        let t = self.t;
        self.save(v).map_err(|e| {
            note(t, e, || match owner {
                Some(owner) => format!("when serializing {} {part}", full_name(t, owner)),
                None => format!("when serializing {part}"),
            })
        })
    }

    /// The items of a tuple that `__reduce__` gave for `object`.
    pub fn save_reduce(&mut self, items: &[Value], object: Option<&Value>) -> PyResult<()> {
        let t = self.t;
        if !(2..=6).contains(&items.len()) {
            let message = "tuple returned by __reduce__ must contain 2 through 6 elements";
            return Err(pickling_error(t, message));
        }
        let part = |i: usize| items.get(i).filter(|v| !v.is_none());
        let (function, arguments) = (&items[0], &items[1]);
        let (state, list_items, dict_items, setter) = (part(2), part(3), part(4), part(5));
        let wrong = |which: &str, what: &str, v: &Value| {
            let message =
                format!("{which} item of the tuple returned by __reduce__ must be {what}, not {}", full_name(t, v));
            Err(pickling_error(t, message))
        };
        let callable = |v: &Value| v.class().slots.call.get().is_some();
        if !callable(function) {
            return wrong("first", "callable", function);
        }
        if arguments.downcast::<tuple::Tuple>().is_none() {
            return wrong("second", "a tuple", arguments);
        }
        for (which, v) in [("fourth", list_items), ("fifth", dict_items)] {
            if let Some(v) = v.filter(|v| v.class().slots.next.get().is_none()) {
                return wrong(which, "an iterator", v);
            }
        }
        if let Some(setter) = setter.filter(|setter| !callable(setter)) {
            return wrong("sixth", "callable", setter);
        }
        self.save_call(function, tuple::items(arguments), arguments, object)?;
        let Some(object) = object else { return Ok(()) };
        // An object that its own parts hold is there already: fetch it instead of what is on the stack.
        match self.memo.get(object) {
            Some(number) => {
                self.out.byte(POP);
                self.out.get(self.binary(), number);
            }
            None => self.memoize(object),
        }
        if let Some(items) = list_items {
            self.guarded(object, |s| s.save_appends(items, object))?;
        }
        if let Some(items) = dict_items {
            self.guarded(object, |s| s.save_setitems(items, object))?;
        }
        let Some(state) = state else { return Ok(()) };
        match setter {
            None => {
                self.save_part(state, Some(object), "state")?;
                self.out.byte(BUILD);
            }
            Some(setter) => {
                self.save_part(setter, Some(object), "state setter")?;
                self.save(object)?;
                self.save_part(state, Some(object), "state")?;
                self.out.bytes(&[TUPLE2, REDUCE, POP]);
            }
        }
        Ok(())
    }

    /// The call that makes the object.
    fn save_call(
        &mut self,
        function: &Value,
        arguments: &[Value],
        arguments_tuple: &Value,
        object: Option<&Value>,
    ) -> PyResult<()> {
        let t = self.t;
        let name = match self.protocol {
            0 | 1 => None,
            _ => optional_attr(t, function, "__name__")?,
        };
        match name.as_ref() {
            Some(name) if str::eq_str(name, "__newobj__") => {
                let [class, rest @ ..] = arguments else {
                    let message = "__newobj__ expected at least 1 argument, got 0";
                    return Err(pickling_error(t, message));
                };
                self.check_class("__newobj__", class, object)?;
                self.save_part(class, object, "class")?;
                self.save_part(&tuple::from_slice(rest), object, "__new__ arguments")?;
                self.out.byte(NEWOBJ);
            }
            Some(name) if str::eq_str(name, "__newobj_ex__") => {
                let [class, args, keywords] = arguments else {
                    let message = format!("__newobj_ex__ expected 3 arguments, got {}", arguments.len());
                    return Err(pickling_error(t, message));
                };
                self.check_class("__newobj_ex__", class, object)?;
                if args.downcast::<tuple::Tuple>().is_none() {
                    let message =
                        format!("second argument to __newobj_ex__() must be a tuple, not {}", full_name(t, args));
                    return Err(pickling_error(t, message));
                }
                let Some(dict) = keywords.downcast::<Dict>() else {
                    let message =
                        format!("third argument to __newobj_ex__() must be a dict, not {}", full_name(t, keywords));
                    return Err(pickling_error(t, message));
                };
                if self.protocol >= 4 {
                    self.save_part(class, object, "class")?;
                    self.save_part(args, object, "__new__ arguments")?;
                    self.save_part(keywords, object, "__new__ arguments")?;
                    self.out.byte(NEWOBJ_EX);
                } else {
                    let new = protocol::get_attr(t, class, &names::known().__new__)?;
                    let mut all = vec![new, class.clone()];
                    all.extend_from_slice(tuple::items(args));
                    let (keys, values): (Vec<_>, Vec<_>) = dict.entries().into_iter().unzip();
                    all.extend(values);
                    let partial = protocol::call(t, &self.library.partial, Args::new(&all, &keys))?;
                    self.save_part(&partial, object, "reconstructor")?;
                    self.out.bytes(&[EMPTY_TUPLE, REDUCE]);
                }
            }
            _ => {
                self.save_part(function, object, "reconstructor")?;
                self.save_part(arguments_tuple, object, "reconstructor arguments")?;
                self.out.byte(REDUCE);
            }
        }
        Ok(())
    }

    fn check_class(&self, function: &str, class: &Value, object: Option<&Value>) -> PyResult<()> {
        let t = self.t;
        if class.downcast::<Type>().is_none() {
            let message = format!("first argument to {function}() must be a class, not {}", full_name(t, class));
            return Err(pickling_error(t, message));
        }
        if let Some(object) = object {
            let own = protocol::get_attr(t, object, &names::known().__class__)?;
            if !own.is(class) {
                let message = format!(
                    "first argument to {function}() must be {}, not {}",
                    protocol::repr_lossy(t, &own),
                    protocol::repr_lossy(t, class)
                );
                return Err(pickling_error(t, message));
            }
        }
        Ok(())
    }
}
