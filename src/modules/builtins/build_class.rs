//! `__build_class__`: what a class statement calls with the function that runs its body.

use crate::interp::call::run_with_namespace;
use crate::object::args::Args;
use crate::object::core_types;
use crate::object::dict;
use crate::object::names::known;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::type_object::Type;
use crate::object::value::Value;
use crate::object::{protocol, str, tuple};
use crate::types::cell::Cell;
use crate::types::type_::mro;
use smallvec::SmallVec;

pub fn build_class(t: &Thread, args: Args<'_>) -> PyResult {
    let [body, name, given @ ..] = args.pos() else {
        return Err(raise::type_error(t, "__build_class__: not enough arguments"));
    };
    if !body.is_exact(&core_types::FUNCTION) {
        return Err(raise::type_error(t, "__build_class__: func must be a function"));
    }
    if str::view(name).is_none() {
        return Err(raise::type_error(t, "__build_class__: name is not a string"));
    }
    let resolved = mro::resolve_entries(t, given)?;
    let bases = resolved.as_deref().unwrap_or(given);
    let bases_tuple = tuple::from_slice(bases);
    let (mut metaclass, mut names, mut values) = (None, Vec::new(), SmallVec::<[Value; 4]>::new());
    for (keyword, value) in args.keywords() {
        if str::eq_str(keyword, "metaclass") {
            metaclass = Some(value.clone());
        } else {
            names.push(keyword.clone());
            values.push(value.clone());
        }
    }
    let mut metaclass = match metaclass {
        Some(given) => given,
        None => bases.first().map_or_else(|| core_types::TYPE.to_value(), |base| base.class().to_value()),
    };
    if metaclass.downcast::<Type>().is_some() {
        metaclass = mro::metatype_of(t, &metaclass, bases)?;
    }
    let call = |callable: &Value, first: &[Value]| {
        let all: SmallVec<[Value; 8]> = first.iter().chain(&values).cloned().collect();
        protocol::call(t, callable, Args::new(&all, &names))
    };
    let namespace = if metaclass.is(&core_types::TYPE.as_value()) {
        dict::new()
    } else {
        match protocol::lookup_attr(t, &metaclass, &known().__prepare__)? {
            Some(prepare) => call(&prepare, &[name.clone(), bases_tuple.clone()])?,
            None => dict::new(),
        }
    };
    if namespace.class().slots.getitem.get().is_none() {
        let class = metaclass.downcast::<Type>().map_or("<metaclass>", Type::name);
        let message = format!("{class}.__prepare__() must return a mapping, not {}", namespace.class().name());
        return Err(raise::type_error(t, message));
    }
    let cell = run_with_namespace(t, body, namespace.clone())?;
    if resolved.is_some() {
        protocol::set_item(t, &namespace, &known().__orig_bases__, &tuple::from_slice(given))?;
    }
    let class = call(&metaclass, &[name.clone(), bases_tuple, namespace])?;
    if class.downcast::<Type>().is_some()
        && let Some(cell) = cell.downcast::<Cell>()
    {
        check_cell(t, cell.contents.load(), &class, name)?;
    }
    Ok(class)
}

/// The cell that methods see as `__class__` must hold the class now.
fn check_cell(t: &Thread, held: Option<Value>, class: &Value, name: &Value) -> PyResult<()> {
    let shown = |v: &Value| protocol::repr_lossy(t, v);
    match held {
        Some(held) if held.is(class) => Ok(()),
        Some(held) => {
            let message = format!("__class__ set to {} defining {} as {}", shown(&held), shown(name), shown(class));
            Err(raise::type_error(t, message))
        }
        None => {
            let message = format!(
                "__class__ not set defining {} as {}. Was __classcell__ propagated to type.__new__?",
                shown(name),
                shown(class)
            );
            Err(raise::runtime_error(t, message))
        }
    }
}
