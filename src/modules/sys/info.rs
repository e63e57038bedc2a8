//! What never changes: versions, limits of numbers, platform.

use crate::object::names;
use crate::object::protocol;
use crate::object::raise::PyResult;
use crate::object::str;
use crate::object::thread::Thread;
use crate::object::value::Value;

/// Sets the attributes.
pub fn init(t: &Thread, module: &Value) -> PyResult<()> {
    let set = |name: &str, v: Value| protocol::set_attr(t, module, &names::intern(name), &v);
    set("version", str::from_str("3.14.0 (orochi)"))?;
    set("hexversion", Value::int(0x030e_00f0))?;
    set("api_version", Value::int(1013))?;
    set("maxsize", Value::int(i64::MAX))?;
    set("maxunicode", Value::int(0x10_ffff))?;
    set("byteorder", names::intern(if cfg!(target_endian = "little") { "little" } else { "big" }))?;
    set("platform", names::intern("linux"))?;
    set("float_repr_style", names::intern("short"))?;
    set("abiflags", names::intern("t"))?;
    set("platlibdir", names::intern("lib"))?;
    set("copyright", str::from_str("Copyright (c) 2026 The Orochi developers. All Rights Reserved."))?;
    Ok(())
}
