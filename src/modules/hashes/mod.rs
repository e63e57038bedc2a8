//! `_md5`, `_sha1`, `_sha2`, `_sha3`, `_blake2`: hash functions.
//!
//! | file | holds |
//! |---|---|
//! | `engine` | the functions, and their states as one type |
//! | `object` | the objects that Python sees |
//! | `blake2` | the constructors of BLAKE2, which take parameters |

mod blake2;
mod engine;
mod object;

use crate::object::slots::SlotTable;
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::type_object::{StaticType, TypeSpec, flag};
use crate::object::value::Value;
use crate::object::{names, protocol};

pub use blake2::MODULE as BLAKE2;

/// A type that only its module's function makes.
macro_rules! plain {
    ($($static_name:ident $module:literal $type_name:literal;)*) => { $(
        static $static_name: StaticType = StaticType::new(&TypeSpec {
            base: Some(&object::HASH),
            methods: object::METHODS,
            getset: object::GETSET,
            flags: flag::DISALLOW_INSTANTIATION,
            ..TypeSpec::new($module, $type_name, object::LAYOUT)
        });
    )* };
}

plain! {
    MD5_TYPE "_md5" "md5";
    SHA1_TYPE "_sha1" "sha1";
    SHA224_TYPE "_sha2" "SHA224Type";
    SHA256_TYPE "_sha2" "SHA256Type";
    SHA384_TYPE "_sha2" "SHA384Type";
    SHA512_TYPE "_sha2" "SHA512Type";
}

/// `_md5`
pub static MD5: ModuleSpec = ModuleSpec {
    functions: &[Method::new(
        "md5",
        object::SIGNATURE,
        NativeFn::Bound(|t, b| object::construct(t, b, &MD5_TYPE, &engine::MD5)),
        "Return a new MD5 hash object; optionally initialized with a string.",
    )],
    types: &[&object::HASH, &MD5_TYPE],
    init: Some(|t, module| {
        super::support::hide(t, module, &["hash"])?;
        protocol::set_attr(t, module, &names::intern("MD5Type"), &MD5_TYPE.to_value())?;
        restore(t, module, &MD5.functions[0])
    }),
    ..ModuleSpec::new("_md5", "")
};

/// `_sha1`
pub static SHA1: ModuleSpec = ModuleSpec {
    functions: &[Method::new(
        "sha1",
        object::SIGNATURE,
        NativeFn::Bound(|t, b| object::construct(t, b, &SHA1_TYPE, &engine::SHA1)),
        "Return a new SHA1 hash object; optionally initialized with a string.",
    )],
    types: &[&object::HASH, &SHA1_TYPE],
    init: Some(|t, module| {
        super::support::hide(t, module, &["hash"])?;
        protocol::set_attr(t, module, &names::intern("SHA1Type"), &SHA1_TYPE.to_value())?;
        restore(t, module, &SHA1.functions[0])
    }),
    ..ModuleSpec::new("_sha1", "")
};

/// Puts a function back in its place, where its type of the same name was entered.
fn restore(
    t: &crate::object::thread::Thread,
    module: &Value,
    function: &'static Method,
) -> crate::object::raise::PyResult<()> {
    let name = protocol::get_attr(t, module, &names::known().__name__)?;
    let function_value = crate::object::native::new_function(function, Some(module.clone()), Some(name));
    protocol::set_attr(t, module, &names::intern(function.name), &function_value)
}

/// `_sha2`
pub static SHA2: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "sha224",
            object::SIGNATURE,
            NativeFn::Bound(|t, b| object::construct(t, b, &SHA224_TYPE, &engine::SHA224)),
            "Return a new SHA-224 hash object; optionally initialized with a string.",
        ),
        Method::new(
            "sha256",
            object::SIGNATURE,
            NativeFn::Bound(|t, b| object::construct(t, b, &SHA256_TYPE, &engine::SHA256)),
            "Return a new SHA-256 hash object; optionally initialized with a string.",
        ),
        Method::new(
            "sha384",
            object::SIGNATURE,
            NativeFn::Bound(|t, b| object::construct(t, b, &SHA384_TYPE, &engine::SHA384)),
            "Return a new SHA-384 hash object; optionally initialized with a string.",
        ),
        Method::new(
            "sha512",
            object::SIGNATURE,
            NativeFn::Bound(|t, b| object::construct(t, b, &SHA512_TYPE, &engine::SHA512)),
            "Return a new SHA-512 hash object; optionally initialized with a string.",
        ),
    ],
    types: &[&object::HASH, &SHA224_TYPE, &SHA256_TYPE, &SHA384_TYPE, &SHA512_TYPE],
    init: Some(|t, module| super::support::hide(t, module, &["hash"])),
    ..ModuleSpec::new("_sha2", "")
};

macro_rules! sha3 {
    ($($static_name:ident $name:literal $kind:ident $methods:ident $doc:literal;)*) => { $(
        static $static_name: StaticType = StaticType::new(&TypeSpec {
            base: Some(&object::HASH),
            doc: $doc,
            signature: "(data=b'', *, usedforsecurity=True, string=None)",
            slots: SlotTable {
                new: Some(|t, class, args| object::construct_type(t, class, args, &engine::$kind)),
                ..SlotTable::EMPTY
            },
            methods: object::$methods,
            getset: object::SHA3_GETSET,
            ..TypeSpec::new("_sha3", $name, object::LAYOUT)
        });
    )* };
}

sha3! {
    SHA3_224_TYPE "sha3_224" SHA3_224 METHODS "Return a new SHA3 hash object with a hashbit length of 28 bytes.";
    SHA3_256_TYPE "sha3_256" SHA3_256 METHODS "Return a new SHA3 hash object with a hashbit length of 32 bytes.";
    SHA3_384_TYPE "sha3_384" SHA3_384 METHODS "Return a new SHA3 hash object with a hashbit length of 48 bytes.";
    SHA3_512_TYPE "sha3_512" SHA3_512 METHODS "Return a new SHA3 hash object with a hashbit length of 64 bytes.";
    SHAKE_128_TYPE "shake_128" SHAKE_128 SHAKE_METHODS "Return a new SHAKE hash object.";
    SHAKE_256_TYPE "shake_256" SHAKE_256 SHAKE_METHODS "Return a new SHAKE hash object.";
}

/// `_sha3`
pub static SHA3: ModuleSpec = ModuleSpec {
    types: &[
        &object::HASH,
        &SHA3_224_TYPE,
        &SHA3_256_TYPE,
        &SHA3_384_TYPE,
        &SHA3_512_TYPE,
        &SHAKE_128_TYPE,
        &SHAKE_256_TYPE,
    ],
    init: Some(|t, module| {
        super::support::hide(t, module, &["hash"])?;
        protocol::set_attr(t, module, &names::intern("implementation"), &names::intern("RustCrypto"))
    }),
    ..ModuleSpec::new("_sha3", "")
};
