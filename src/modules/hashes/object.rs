//! The objects of the hash modules: `update`, `digest`, `hexdigest`, `copy`.

use super::engine::{Engine, Kind};
use crate::modules::support;
use crate::object::args::{Args, Bound};
use crate::object::raise::{self, PyResult};
use crate::object::slots::Layout;
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{alloc, buffer, protocol, str};
use crate::sync::shim::Mutex;
use crate::types::bytes::hex::to_str;
use crate::types::bytes::payload as bytes;

/// From this size on a thread hashes detached from the others.
const LARGE: usize = 2048;

/// The payload of a hash object. The mutex is held for a computation only, and by a thread that is detached unless the
/// computation is short.
pub struct Hash {
    pub kind: &'static Kind,
    engine: Mutex<Engine>,
}

/// The base of all hash types: it only stands for their layout.
pub static HASH: StaticType = StaticType::new(&TypeSpec {
    flags: flag::DISALLOW_INSTANTIATION | flag::BASETYPE,
    ..TypeSpec::new("_hashes", "hash", layout_of::<Hash>(false))
});

/// The layout of hash types.
pub const LAYOUT: Layout = layout_of::<Hash>(false);

// SAFETY: the layout of all types that are made from `LAYOUT` is `Hash`; `of` looks at the layout's drop function.
unsafe impl Payload for Hash {
    fn layout_type() -> &'static Type {
        &HASH
    }
}

/// The payload of an object of one of the hash types, which derive from `HASH`.
pub fn of(v: &Value) -> &Hash {
    crate::this!(v, Hash)
}

impl Hash {
    /// Runs `f` on the state; `large`: it takes long.
    fn with<R: Send>(&self, t: &Thread, large: bool, f: impl FnOnce(&mut Engine) -> R + Send) -> R {
        if !large && let Some(mut engine) = self.engine.try_lock() {
            return f(&mut engine);
        }
        t.detached(|| f(&mut self.engine.lock()))
    }

    /// A copy of the state.
    pub fn snapshot(&self, t: &Thread) -> Engine {
        self.with(t, false, |engine| engine.clone())
    }
}

/// A new object of `class`, which has hashed `data` already.
pub fn new(t: &Thread, class: &Type, kind: &'static Kind, mut engine: Engine, data: Option<&Value>) -> PyResult {
    if let Some(data) = data {
        hash_into(t, data, |bytes| {
            if bytes.len() < LARGE { engine.update(bytes) } else { t.detached(|| engine.update(bytes)) }
        })?;
    }
    Ok(alloc::new(class, Hash { kind, engine: Mutex::new(engine) }))
}

/// Calls `f` with the bytes of an argument.
pub fn hash_into<R>(t: &Thread, data: &Value, f: impl FnOnce(&[u8]) -> R) -> PyResult<R> {
    if let Some(slice) = bytes::view(data) {
        return Ok(f(slice));
    }
    if str::view(data).is_some() {
        return Err(raise::type_error(t, "Strings must be encoded before hashing"));
    }
    if data.class().slots.buffer.get().is_none() {
        return Err(raise::type_error(t, "object supporting the buffer API required"));
    }
    let lent = buffer::get(t, data, buffer::Request::Read)?;
    if lent.shape.len() > 1 {
        return Err(raise::buffer_error(t, "Buffer must be single dimension"));
    }
    if lent.is_contiguous() { Ok(f(lent.as_slice())) } else { Ok(f(&lent.to_vec())) }
}

/// The data among a constructor's arguments: `data`, or `string` as it was called once.
pub fn data_argument<'a>(
    t: &Thread,
    data: Option<&'a Value>,
    string: Option<&'a Value>,
) -> PyResult<Option<&'a Value>> {
    match (data, string) {
        (Some(_), Some(_)) => Err(raise::type_error(
            t,
            "'data' and 'string' are mutually exclusive and support for 'string' keyword parameter is slated for removal \
             in a future version.",
        )),
        (data, string) => Ok(data.or(string)),
    }
}

fn update(t: &Thread, v: &Value, data: &Value) -> PyResult {
    hash_into(t, data, |bytes| of(v).with(t, bytes.len() >= LARGE, |engine| engine.update(bytes)))?;
    Ok(Value::NONE)
}

fn copy(t: &Thread, v: &Value) -> PyResult {
    let this = of(v);
    let engine = this.snapshot(t);
    Ok(alloc::new(v.class(), Hash { kind: this.kind, engine: Mutex::new(engine) }))
}

/// The argument of `digest` where the caller says how long it is to be.
fn length(t: &Thread, v: &Value) -> PyResult<usize> {
    let n = support::size_argument(t, v)?;
    match usize::try_from(n) {
        Ok(n) if n < 1 << 29 => Ok(n),
        Ok(_) => Err(raise::overflow_error(t, "digest length is too large")),
        Err(_) => Err(raise::value_error(t, "value must be positive")),
    }
}

const UPDATE: Method = Method::new(
    "update",
    "($self, obj, /)",
    NativeFn::F2(update),
    "Update this hash object's state with the provided string.",
);
const COPY: Method = Method::new("copy", "($self, /)", NativeFn::F1(copy), "Return a copy of the hash object.");

/// The methods of hashes of fixed size.
pub const METHODS: &[Method] = &[
    COPY,
    Method::new(
        "digest",
        "($self, /)",
        NativeFn::F1(|t, v| Ok(bytes::from_vec(of(v).snapshot(t).digest(0)))),
        "Return the digest value as a bytes object.",
    ),
    Method::new(
        "hexdigest",
        "($self, /)",
        NativeFn::F1(|t, v| to_str(t, &of(v).snapshot(t).digest(0), None, 0)),
        "Return the digest value as a string of hexadecimal digits.",
    ),
    UPDATE,
];

/// The methods of hashes of any size.
pub const SHAKE_METHODS: &[Method] = &[
    COPY,
    Method::new(
        "digest",
        "($self, /, length)",
        NativeFn::Bound(|t, b| {
            let n = length(t, b.req(1))?;
            Ok(bytes::from_vec(of(b.req(0)).snapshot(t).digest(n)))
        }),
        "Return the digest value as a bytes object.",
    ),
    Method::new(
        "hexdigest",
        "($self, /, length)",
        NativeFn::Bound(|t, b| {
            let n = length(t, b.req(1))?;
            to_str(t, &of(b.req(0)).snapshot(t).digest(n), None, 0)
        }),
        "Return the digest value as a string of hexadecimal digits.",
    ),
    UPDATE,
];

fn block_size(_: &Thread, v: &Value) -> PyResult {
    Ok(Value::uint(of(v).kind.block_size as u64))
}

fn digest_size(t: &Thread, v: &Value) -> PyResult {
    Ok(Value::uint(of(v).snapshot(t).digest_size() as u64))
}

fn name(_: &Thread, v: &Value) -> PyResult {
    Ok(str::from_str(of(v).kind.name))
}

/// The attributes of all.
pub const GETSET: &[GetSet] = &[
    GetSet::read_only("block_size", block_size, ""),
    GetSet::read_only("digest_size", digest_size, ""),
    GetSet::read_only("name", name, ""),
];

/// The attributes of the SHA-3 family.
pub const SHA3_GETSET: &[GetSet] = &[
    GetSet::read_only("block_size", block_size, ""),
    GetSet::read_only("digest_size", digest_size, ""),
    GetSet::read_only("name", name, ""),
    GetSet::read_only("_capacity_bits", |_, v| Ok(Value::uint(1600 - 8 * of(v).kind.block_size as u64)), ""),
    GetSet::read_only("_rate_bits", |_, v| Ok(Value::uint(8 * of(v).kind.block_size as u64)), ""),
    GetSet::read_only(
        "_suffix",
        |_, v| Ok(bytes::from_slice(if of(v).kind.name.starts_with("shake") { &[0x1f] } else { &[0x06] })),
        "",
    ),
];

/// A module's constructor function: (data=b'', *, usedforsecurity=True, string=None).
pub fn construct(t: &Thread, b: &Bound<'_>, class: &'static StaticType, kind: &'static Kind) -> PyResult {
    if let Some(v) = b.opt(1) {
        protocol::is_true(t, v)?;
    }
    let data = data_argument(t, b.opt(0), b.non_none(2))?;
    new(t, class, kind, (kind.make)(), data)
}

/// The signature of `construct`.
pub const SIGNATURE: &str = "($module, /, data=b'', *, usedforsecurity=True, string=None)";

/// `__new__` of the SHA-3 types.
pub fn construct_type(t: &Thread, class: &Type, args: Args<'_>, kind: &'static Kind) -> PyResult {
    static PARAMETERS: support::Parameters =
        support::Parameters::new("(data=b'', *, usedforsecurity=True, string=None)");
    let b = PARAMETERS.bind_call(t, kind.name, args)?;
    if let Some(v) = b.opt(1) {
        protocol::is_true(t, v)?;
    }
    let data = data_argument(t, b.opt(0), b.non_none(2))?;
    new(t, class, kind, (kind.make)(), data)
}
