//! `_blake2`: BLAKE2b and BLAKE2s with all their parameters.

use super::engine::{self, Engine, Kind};
use super::object;
use crate::modules::support::Parameters;
use crate::object::args::{Args, Bound};
use crate::object::bigint::{self, IntView};
use crate::object::dict::Dict;
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::ModuleSpec;
use crate::object::thread::Thread;
use crate::object::type_object::{StaticType, Type, TypeSpec};
use crate::object::value::Value;
use crate::object::{names, protocol};
use crate::types::bytes::args::{ByteArg, bytes_like};

/// `_blake2`
pub static MODULE: ModuleSpec = ModuleSpec {
    types: &[&object::HASH, &BLAKE2B_TYPE, &BLAKE2S_TYPE],
    init: Some(init),
    ..ModuleSpec::new("_blake2", "_blake2b provides BLAKE2b for hashlib\n")
};

const SIGNATURE: &str = "(data=b'', *, digest_size=64, key=b'', salt=b'', person=b'', fanout=1, depth=1, leaf_size=0, \
                         node_offset=0, node_depth=0, inner_size=0, last_node=False, usedforsecurity=True, string=None)";

static BLAKE2B_TYPE: StaticType = StaticType::new(&TypeSpec {
    base: Some(&object::HASH),
    doc: "Return a new BLAKE2b hash object.",
    signature: SIGNATURE,
    slots: SlotTable { new: Some(|t, class, args| new(t, class, args, &B)), ..SlotTable::EMPTY },
    methods: object::METHODS,
    getset: object::GETSET,
    ..TypeSpec::new("_blake2", "blake2b", object::LAYOUT)
});

static BLAKE2S_TYPE: StaticType = StaticType::new(&TypeSpec {
    base: Some(&object::HASH),
    doc: "Return a new BLAKE2s hash object.",
    signature: SIGNATURE,
    slots: SlotTable { new: Some(|t, class, args| new(t, class, args, &S)), ..SlotTable::EMPTY },
    methods: object::METHODS,
    getset: object::GETSET,
    ..TypeSpec::new("_blake2", "blake2s", object::LAYOUT)
});

/// The limits of one of the two functions.
struct Limits {
    kind: &'static Kind,
    out: usize,
    key: usize,
    salt: usize,
    person: usize,
    /// The largest node offset.
    offset: u64,
}

static B: Limits = Limits { kind: &engine::BLAKE2B, out: 64, key: 64, salt: 16, person: 16, offset: u64::MAX };
static S: Limits = Limits { kind: &engine::BLAKE2S, out: 32, key: 32, salt: 8, person: 8, offset: (1 << 48) - 1 };

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    crate::modules::support::hide(t, module, &["hash"])?;
    for (ty, limits, prefix) in [(&BLAKE2B_TYPE, &B, "BLAKE2B"), (&BLAKE2S_TYPE, &S, "BLAKE2S")] {
        let constants = [
            ("SALT_SIZE", limits.salt),
            ("PERSON_SIZE", limits.person),
            ("MAX_KEY_SIZE", limits.key),
            ("MAX_DIGEST_SIZE", limits.out),
        ];
        let own = ty.dict.load();
        for (name, n) in constants {
            let n = Value::uint(n as u64);
            if let Some(own) = own.as_ref().and_then(|own| own.downcast::<Dict>()) {
                drop(own.set_str(&names::intern(name), n.clone()));
            }
            protocol::set_attr(t, module, &names::intern(&format!("{prefix}_{name}")), &n)?;
        }
        ty.bump_version();
    }
    Ok(())
}

/// A number from `low` to `high`.
fn number(t: &Thread, b: &Bound<'_>, i: usize, default: u64, high: u64, message: &str) -> PyResult<u64> {
    let Some(v) = b.opt(i) else { return Ok(default) };
    let index = protocol::index(t, v)?;
    match bigint::view(&index) {
        Some(IntView::Small(n)) => match u64::try_from(n) {
            Ok(n) if n <= high => Ok(n),
            Err(_) if message.ends_with("is too large") => Err(raise::value_error(t, "value must be positive")),
            _ if message.ends_with("is too large") => Err(raise::overflow_error(t, message)),
            _ => Err(raise::value_error(t, message)),
        },
        Some(IntView::Big(big)) => match u64::try_from(big) {
            Ok(n) if n <= high => Ok(n),
            _ => Err(raise::overflow_error(t, message)),
        },
        None => Err(raise::value_error(t, message)),
    }
}

fn new(t: &Thread, class: &Type, args: Args<'_>, limits: &'static Limits) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new(SIGNATURE);
    let name = limits.kind.name;
    let b = PARAMETERS.bind_call(t, name, args)?;
    let data = object::data_argument(t, b.opt(0), b.non_none(13))?;
    let message = format!("digest_size for {name} must be between 1 and {} bytes, here it is ", limits.out);
    let size = match b.opt(1) {
        None => limits.out,
        Some(v) => match protocol::index_i64(t, v)? {
            n if n < 1 || n > limits.out as i64 => return Err(raise::value_error(t, format!("{message}{n}"))),
            n => n as usize,
        },
    };
    let bytes = |i: usize, what: &str, most: usize| -> PyResult<Option<ByteArg<'_>>> {
        let Some(v) = b.opt(i) else { return Ok(None) };
        let bytes = bytes_like(t, v)?;
        if bytes.len() > most {
            return Err(raise::value_error(t, format!("maximum {what} length is {most} bytes")));
        }
        Ok(Some(bytes))
    };
    let salt = bytes(3, "salt", limits.salt)?;
    let person = bytes(4, "person", limits.person)?;
    let fanout = number(t, &b, 5, 1, 255, "fanout must be between 0 and 255")? as u8;
    let depth = number(t, &b, 6, 1, 255, "depth must be between 1 and 255")? as u8;
    if depth == 0 {
        return Err(raise::value_error(t, "depth must be between 1 and 255"));
    }
    let leaf_size = number(t, &b, 7, 0, u64::from(u32::MAX), "leaf_size is too large")? as u32;
    let node_offset = number(t, &b, 8, 0, limits.offset, "node_offset is too large")?;
    let node_depth = number(t, &b, 9, 0, 255, "node_depth must be between 0 and 255")? as u8;
    let inner = format!("inner_size must be between 0 and is {}", limits.out);
    let inner_size = number(t, &b, 10, 0, limits.out as u64, &inner)? as usize;
    let key = bytes(2, "key", limits.key)?;
    let last_node = b.opt(11).map_or(Ok(false), |v| protocol::is_true(t, v))?;
    // Both crates have the same face, in different types.
    macro_rules! state {
        ($crate_name:ident) => {{
            let mut params = $crate_name::Params::new();
            params
                .hash_length(size)
                .fanout(fanout)
                .max_depth(depth)
                .max_leaf_length(leaf_size)
                .node_offset(node_offset)
                .node_depth(node_depth)
                .inner_hash_length(inner_size)
                .last_node(last_node);
            if let Some(key) = &key {
                params.key(key);
            }
            if let Some(salt) = &salt {
                params.salt(salt);
            }
            if let Some(person) = &person {
                params.personal(person);
            }
            Box::new(params.to_state())
        }};
    }
    let state = match limits.out {
        64 => Engine::Blake2b(state!(blake2b_simd)),
        _ => Engine::Blake2s(state!(blake2s_simd)),
    };
    object::new(t, class, limits.kind, state, data)
}
