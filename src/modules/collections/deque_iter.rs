//! The iterators of `deque`. One that threads share gives each item to one of them: its position moves under the deque's
//! lock.

use crate::sync::shim::atomic::{AtomicU64, AtomicUsize, Ordering::*};

use super::deque::{DEQUE, Deque};
use crate::modules::support::{Parameters, iter_self, size_argument};
use crate::object::args::Args;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, tuple};
use crate::this;

/// State of an iterator.
struct Walk {
    deque: Stored,
    /// Items that are left.
    left: AtomicUsize,
    /// Of the deque, when the iterator was made.
    version: AtomicU64,
    backward: bool,
}

impl Walk {
    fn new(deque: &Value, backward: bool) -> Walk {
        let this = this!(deque, Deque);
        Walk {
            deque: Stored::new(deque.clone()),
            left: AtomicUsize::new(this.len()),
            version: AtomicU64::new(this.version()),
            backward,
        }
    }

    fn next(&self, t: &Thread) -> PyResult<Option<Value>> {
        let deque: &Value = &self.deque;
        let this = this!(deque, Deque);
        let step = this.look(t, deque, |ring| {
            if this.version() != self.version.load(Relaxed) {
                self.left.store(0, Relaxed);
                return Err(());
            }
            let left = self.left.load(Relaxed);
            if left == 0 {
                return Ok(None);
            }
            self.left.store(left - 1, Relaxed);
            let index = if self.backward { left - 1 } else { ring.len() - left };
            Ok(ring.get(index).map(|item| Value::clone(item)))
        });
        step.map_err(|()| raise::runtime_error(t, "deque mutated during iteration"))
    }

    fn reduce(&self, v: &Value) -> Value {
        let deque: &Value = &self.deque;
        let done = this!(deque, Deque).len().saturating_sub(self.left.load(Relaxed));
        let args = tuple::from_iter(2, [deque.clone(), Value::uint(done as u64)]);
        tuple::from_iter(2, [v.class().to_value(), args])
    }
}

macro_rules! iterator {
    ($payload:ident $ty:ident $spec:ident $name:literal $make:ident $backward:literal) => {
        #[doc = concat!("The payload of `_collections.", $name, "`.")]
        pub struct $payload(Walk);

        #[doc = concat!("`_collections.", $name, "`.")]
        pub static $ty: StaticType = StaticType::new(&$spec);

        static $spec: TypeSpec = TypeSpec {
            slots: SlotTable {
                new: Some(|t, class, args| {
                    Ok(alloc::new(class, $payload(from_args(t, &$ty, class, args, $backward)?)))
                }),
                iter: Some(iter_self),
                next: Some(|t, v| this!(v, $payload).0.next(t)),
                ..SlotTable::EMPTY
            },
            methods: &[
                Method::new(
                    "__length_hint__",
                    "",
                    NativeFn::F1(|_, v| Ok(Value::uint(this!(v, $payload).0.left.load(Relaxed) as u64))),
                    "Private method returning an estimate of len(list(it)).",
                ),
                Method::new(
                    "__reduce__",
                    "",
                    NativeFn::F1(|_, v| Ok(this!(v, $payload).0.reduce(v))),
                    "Return state information for pickling.",
                ),
            ],
            ..TypeSpec::new("collections", $name, layout_of::<$payload>(true))
        };

        // SAFETY: the type's layout is this payload.
        unsafe impl Payload for $payload {
            fn layout_type() -> &'static Type {
                &$ty
            }

            fn trace(&self, visit: Visit) {
                visit(&self.0.deque);
            }
        }

        /// An iterator over a deque.
        pub fn $make(_: &Thread, deque: &Value) -> Value {
            alloc::new(&$ty, $payload(Walk::new(deque, $backward)))
        }
    };
}

iterator!(Forward DEQUE_ITER FORWARD_SPEC "_deque_iterator" forward false);
iterator!(Backward DEQUE_REVERSE_ITER BACKWARD_SPEC "_deque_reverse_iterator" backward true);

/// `type(iterator)(deque, index)`, which pickling calls.
fn from_args(t: &Thread, native: &Type, class: &Type, args: Args<'_>, backward: bool) -> PyResult<Walk> {
    static PARAMETERS: Parameters = Parameters::new("(deque, index=0, /)");
    let b = PARAMETERS.bind(t, native, class, args)?;
    let deque = b.req(0);
    if deque.downcast::<Deque>().is_none() {
        let message = format!(
            "{}() argument 1 must be {}, not {}",
            native.name(),
            DEQUE.display_name(),
            deque.class().display_name()
        );
        return Err(raise::type_error(t, message));
    }
    let skip = b.opt(1).map_or(Ok(0), |index| size_argument(t, index))?;
    let walk = Walk::new(deque, backward);
    let left = walk.left.load(Relaxed).saturating_sub(usize::try_from(skip).unwrap_or(0));
    walk.left.store(left, Relaxed);
    Ok(walk)
}
