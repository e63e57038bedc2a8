//! The table of special methods: which slot each stands for, and how a native slot is called under its Python name.
//!
//! A name may stand for two slots (`__add__`: `add`, and `concat` of sequences); a slot may have two names (`__add__` and
//! `__radd__`). `wrapper` makes descriptors of native slots from the rows, `update` finds the slots of a name here.

use crate::bytecode::opcode::CompareOp;
use crate::object::args::Args;
use crate::object::buffer::Request;
use crate::object::core_types;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::slots::*;
use crate::object::thread::Thread;
use crate::object::type_object::Type;
use crate::object::value::Value;
use crate::types::memoryview;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A native slot function, and how it is called under a special method's name.
#[derive(Clone, Copy)]
pub enum Wrapped {
    Unary(Unary),
    Binary(Binary),
    /// `self` is the right operand.
    Reflected(Binary),
    Power(Ternary),
    ReflectedPower(Ternary),
    Truth(Truth),
    Length(Length),
    Hash(Hash),
    Next(Next),
    Contains(Contains),
    Compare(Compare, CompareOp),
    SetItem(SetItem),
    DeleteItem(SetItem),
    /// `__setattr__`, which must not go around a metatype's own.
    SetAttr(SetItem),
    DeleteAttr(SetItem),
    Call(Call),
    Init(Init),
    Get(DescrGet),
    Finalize(Finalize),
    Buffer(GetBuffer),
}

/// A row of the table.
pub struct Special {
    pub name: &'static str,
    pub slot: SlotId,
    /// The function of a native type's slot, if the type fills it.
    pub wrap: fn(&SlotTable) -> Option<Wrapped>,
    pub signature: &'static str,
    pub doc: &'static str,
}

macro_rules! specials {
    ($( $name:literal $slot:ident ($wrap:expr) $signature:literal $doc:literal )*) => {
        /// Every special method that stands for a slot. Where two rows have one name, the first that a native type fills
        /// becomes the descriptor.
        pub static SPECIALS: &[Special] = &[ $( Special {
            name: $name,
            slot: SlotId::$slot,
            wrap: |slots| slots.$slot.map($wrap),
            signature: $signature,
            doc: $doc,
        }, )* ];
    };
}

use Wrapped as W;

specials! {
    "__repr__" repr (W::Unary) "($self, /)" "Return repr(self)."
    "__str__" str (W::Unary) "($self, /)" "Return str(self)."
    "__hash__" hash (W::Hash) "($self, /)" "Return hash(self)."
    "__call__" call (W::Call) "($self, /, *args, **kwargs)" "Call self as a function."
    "__getattribute__" getattro (W::Binary) "($self, name, /)" "Return getattr(self, name)."
    "__setattr__" setattro (W::SetAttr) "($self, name, value, /)" "Implement setattr(self, name, value)."
    "__delattr__" setattro (W::DeleteAttr) "($self, name, /)" "Implement delattr(self, name)."
    "__lt__" richcompare (|f| W::Compare(f, CompareOp::Lt)) "($self, value, /)" "Return self<value."
    "__le__" richcompare (|f| W::Compare(f, CompareOp::Le)) "($self, value, /)" "Return self<=value."
    "__eq__" richcompare (|f| W::Compare(f, CompareOp::Eq)) "($self, value, /)" "Return self==value."
    "__ne__" richcompare (|f| W::Compare(f, CompareOp::Ne)) "($self, value, /)" "Return self!=value."
    "__gt__" richcompare (|f| W::Compare(f, CompareOp::Gt)) "($self, value, /)" "Return self>value."
    "__ge__" richcompare (|f| W::Compare(f, CompareOp::Ge)) "($self, value, /)" "Return self>=value."
    "__iter__" iter (W::Unary) "($self, /)" "Implement iter(self)."
    "__next__" next (W::Next) "($self, /)" "Implement next(self)."
    "__get__" descr_get (W::Get) "($self, instance, owner=None, /)" "Return an attribute of instance, which is of type owner."
    "__set__" descr_set (W::SetItem) "($self, instance, value, /)" "Set an attribute of instance to value."
    "__delete__" descr_set (W::DeleteItem) "($self, instance, /)" "Delete an attribute of instance."
    "__init__" init (W::Init) "($self, /, *args, **kwargs)" "Initialize self.  See help(type(self)) for accurate signature."
    "__del__" finalize (W::Finalize) "($self, /)" "Called when the instance is about to be destroyed."
    "__add__" concat (W::Binary) "($self, value, /)" "Return self+value."
    "__add__" add (W::Binary) "($self, value, /)" "Return self+value."
    "__radd__" add (W::Reflected) "($self, value, /)" "Return value+self."
    "__sub__" subtract (W::Binary) "($self, value, /)" "Return self-value."
    "__rsub__" subtract (W::Reflected) "($self, value, /)" "Return value-self."
    "__mul__" repeat (W::Binary) "($self, value, /)" "Return self*value."
    "__rmul__" repeat (W::Binary) "($self, value, /)" "Return value*self."
    "__mul__" multiply (W::Binary) "($self, value, /)" "Return self*value."
    "__rmul__" multiply (W::Reflected) "($self, value, /)" "Return value*self."
    "__mod__" remainder (W::Binary) "($self, value, /)" "Return self%value."
    "__rmod__" remainder (W::Reflected) "($self, value, /)" "Return value%self."
    "__divmod__" divmod (W::Binary) "($self, value, /)" "Return divmod(self, value)."
    "__rdivmod__" divmod (W::Reflected) "($self, value, /)" "Return divmod(value, self)."
    "__pow__" power (W::Power) "($self, value, mod=None, /)" "Return pow(self, value, mod)."
    "__rpow__" power (W::ReflectedPower) "($self, value, mod=None, /)" "Return pow(value, self, mod)."
    "__lshift__" lshift (W::Binary) "($self, value, /)" "Return self<<value."
    "__rlshift__" lshift (W::Reflected) "($self, value, /)" "Return value<<self."
    "__rshift__" rshift (W::Binary) "($self, value, /)" "Return self>>value."
    "__rrshift__" rshift (W::Reflected) "($self, value, /)" "Return value>>self."
    "__and__" and (W::Binary) "($self, value, /)" "Return self&value."
    "__rand__" and (W::Reflected) "($self, value, /)" "Return value&self."
    "__xor__" xor (W::Binary) "($self, value, /)" "Return self^value."
    "__rxor__" xor (W::Reflected) "($self, value, /)" "Return value^self."
    "__or__" or (W::Binary) "($self, value, /)" "Return self|value."
    "__ror__" or (W::Reflected) "($self, value, /)" "Return value|self."
    "__floordiv__" floor_divide (W::Binary) "($self, value, /)" "Return self//value."
    "__rfloordiv__" floor_divide (W::Reflected) "($self, value, /)" "Return value//self."
    "__truediv__" true_divide (W::Binary) "($self, value, /)" "Return self/value."
    "__rtruediv__" true_divide (W::Reflected) "($self, value, /)" "Return value/self."
    "__matmul__" matmul (W::Binary) "($self, value, /)" "Return self@value."
    "__rmatmul__" matmul (W::Reflected) "($self, value, /)" "Return value@self."
    "__neg__" negative (W::Unary) "($self, /)" "-self"
    "__pos__" positive (W::Unary) "($self, /)" "+self"
    "__abs__" absolute (W::Unary) "($self, /)" "abs(self)"
    "__invert__" invert (W::Unary) "($self, /)" "~self"
    "__bool__" bool (W::Truth) "($self, /)" "True if self else False"
    "__int__" int (W::Unary) "($self, /)" "int(self)"
    "__float__" float (W::Unary) "($self, /)" "float(self)"
    "__index__" index (W::Unary) "($self, /)" "Return self converted to an integer, if self is suitable for use as an index into a list."
    "__iadd__" iconcat (W::Binary) "($self, value, /)" "Implement self+=value."
    "__iadd__" iadd (W::Binary) "($self, value, /)" "Return self+=value."
    "__isub__" isubtract (W::Binary) "($self, value, /)" "Return self-=value."
    "__imul__" imultiply (W::Binary) "($self, value, /)" "Implement self*=value."
    "__imod__" iremainder (W::Binary) "($self, value, /)" "Return self%=value."
    "__ipow__" ipower (W::Binary) "($self, value, /)" "Return self**=value."
    "__ilshift__" ilshift (W::Binary) "($self, value, /)" "Return self<<=value."
    "__irshift__" irshift (W::Binary) "($self, value, /)" "Return self>>=value."
    "__iand__" iand (W::Binary) "($self, value, /)" "Return self&=value."
    "__ixor__" ixor (W::Binary) "($self, value, /)" "Return self^=value."
    "__ior__" ior (W::Binary) "($self, value, /)" "Return self|=value."
    "__ifloordiv__" ifloor_divide (W::Binary) "($self, value, /)" "Return self//=value."
    "__itruediv__" itrue_divide (W::Binary) "($self, value, /)" "Return self/=value."
    "__imatmul__" imatmul (W::Binary) "($self, value, /)" "Return self@=value."
    "__len__" len (W::Length) "($self, /)" "Return len(self)."
    "__getitem__" getitem (W::Binary) "($self, key, /)" "Return self[key]."
    "__setitem__" setitem (W::SetItem) "($self, key, value, /)" "Set self[key] to value."
    "__delitem__" setitem (W::DeleteItem) "($self, key, /)" "Delete self[key]."
    "__contains__" contains (W::Contains) "($self, key, /)" "Return bool(key in self)."
    "__await__" await_ (W::Unary) "($self, /)" "Return an iterator to be used in await expression."
    "__aiter__" aiter (W::Unary) "($self, /)" "Return an awaitable, that resolves in asynchronous iterator."
    "__anext__" anext (W::Unary) "($self, /)" "Return a value or raise StopAsyncIteration."
    "__buffer__" buffer (W::Buffer) "($self, flags, /)" "Return a buffer object that exposes the underlying memory of the object."
}

/// The slots that a special method's name stands for.
pub fn slots_of(name: &str) -> &'static [SlotId] {
    static BY_NAME: LazyLock<HashMap<&'static str, Vec<SlotId>>> = LazyLock::new(|| {
        let mut map: HashMap<&'static str, Vec<SlotId>> = HashMap::new();
        for special in SPECIALS {
            map.entry(special.name).or_default().push(special.slot);
        }
        for &slot in SlotId::ALL {
            for name in slot.special_names() {
                let slots = map.entry(name).or_default();
                if !slots.contains(&slot) {
                    slots.push(slot);
                }
            }
        }
        map
    });
    if !name.starts_with("__") {
        return &[];
    }
    BY_NAME.get(name).map_or(&[], Vec::as_slice)
}

/// The special method names that decide about a slot.
pub fn names_of(slot: SlotId) -> &'static [&'static str] {
    match slot {
        SlotId::concat => &["__add__"],
        SlotId::repeat => &["__mul__", "__rmul__"],
        SlotId::iconcat => &["__iadd__"],
        other => other.special_names(),
    }
}

/// Raises TypeError unless `args` are exactly `n` positional ones: "expected 1 argument, got 0".
fn exactly<'a>(t: &Thread, args: Args<'a>, n: usize) -> PyResult<&'a [Value]> {
    at_most(t, args, n, n)
}

fn at_most<'a>(t: &Thread, args: Args<'a>, min: usize, max: usize) -> PyResult<&'a [Value]> {
    let given = args.pos().len();
    if given >= min && given <= max {
        return Ok(args.pos());
    }
    let (word, n) = match (min == max, given < min) {
        (true, _) => ("", min),
        (false, true) => ("at least ", min),
        (false, false) => ("at most ", max),
    };
    Err(raise::type_error(t, format!("expected {word}{n} argument{}, got {given}", if n == 1 { "" } else { "s" })))
}

/// Calls a wrapped slot on `this` with the arguments after `self`.
pub fn call(t: &Thread, special: &Special, wrapped: Wrapped, this: &Value, args: Args<'_>) -> PyResult {
    if args.has_keywords() && !matches!(wrapped, W::Init(_) | W::Call(_)) {
        return Err(raise::type_error(t, format!("wrapper {}() takes no keyword arguments", special.name)));
    }
    match wrapped {
        W::Unary(f) => exactly(t, args, 0).and_then(|_| f(t, this)),
        W::Binary(f) => f(t, this, &exactly(t, args, 1)?[0]),
        W::Reflected(f) => f(t, &exactly(t, args, 1)?[0], this),
        W::Power(f) => {
            let args = at_most(t, args, 1, 2)?;
            f(t, this, &args[0], args.get(1).unwrap_or(Value::none_ref()))
        }
        W::ReflectedPower(f) => {
            let args = at_most(t, args, 1, 2)?;
            f(t, &args[0], this, args.get(1).unwrap_or(Value::none_ref()))
        }
        W::Truth(f) => exactly(t, args, 0).and_then(|_| f(t, this)).map(Value::bool),
        W::Length(f) => exactly(t, args, 0).and_then(|_| f(t, this)).map(|n| Value::uint(n as u64)),
        W::Hash(f) => exactly(t, args, 0).and_then(|_| f(t, this)).map(Value::int),
        W::Next(f) => match exactly(t, args, 0).and_then(|_| f(t, this))? {
            Some(item) => Ok(item),
            None => Err(raise::stop_iteration(t, None)),
        },
        W::Contains(f) => f(t, this, &exactly(t, args, 1)?[0]).map(Value::bool),
        W::Compare(f, op) => f(t, this, &exactly(t, args, 1)?[0], op),
        W::SetItem(f) => {
            let args = exactly(t, args, 2)?;
            f(t, this, &args[0], Some(&args[1])).map(|()| Value::NONE)
        }
        W::DeleteItem(f) => f(t, this, &exactly(t, args, 1)?[0], None).map(|()| Value::NONE),
        W::SetAttr(f) => {
            let args = exactly(t, args, 2)?;
            check_metatype(t, special, f, this)?;
            f(t, this, &args[0], Some(&args[1])).map(|()| Value::NONE)
        }
        W::DeleteAttr(f) => {
            let args = exactly(t, args, 1)?;
            check_metatype(t, special, f, this)?;
            f(t, this, &args[0], None).map(|()| Value::NONE)
        }
        W::Call(f) => f(t, this, args),
        W::Init(f) => f(t, this, args).map(|()| Value::NONE),
        W::Get(f) => {
            let args = at_most(t, args, 1, 2)?;
            let owner = args.get(1).unwrap_or(Value::none_ref());
            if args[0].is_none() && owner.is_none() {
                return Err(raise::type_error(t, "__get__(None, None) is invalid"));
            }
            f(t, this, args[0].non_none(), owner)
        }
        W::Finalize(f) => {
            exactly(t, args, 0)?;
            f(t, this);
            Ok(Value::NONE)
        }
        W::Buffer(get) => {
            let flags = protocol::index_i64(t, &exactly(t, args, 1)?[0])?;
            // PyBUF_WRITABLE
            let request = if flags & 1 != 0 { Request::Write } else { Request::Read };
            get(t, this, request).map(memoryview::view::from_buffer)
        }
    }
}

/// Keeps `object.__setattr__(SomeType, ...)` from going around `type.__setattr__`.
fn check_metatype(t: &Thread, special: &Special, f: SetItem, this: &Value) -> PyResult<()> {
    let class = this.class();
    if this.downcast::<Type>().is_none() {
        return Ok(());
    }
    // The nearest native class decides.
    let native = class.native();
    if std::ptr::eq(native, &*core_types::TYPE)
        && native.slots.setattro.get().is_some_and(|own| !std::ptr::fn_addr_eq(own, f))
    {
        let message = format!("can't apply this {} to {} object", special.name, class.name());
        return Err(raise::type_error(t, message));
    }
    Ok(())
}
