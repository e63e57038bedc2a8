//! `mmap`: files and anonymous memory as mutable bytes.
//!
//! | file | holds |
//! |---|---|
//! | `payload` | the state and who may touch it |
//! | `construct` | `mmap()` |
//! | `methods` | reading, writing, seeking, the rest |
//! | `sequence` | subscripts |

mod construct;
mod methods;
mod payload;
mod sequence;

use crate::object::core_types::exc;
use crate::object::names;
use crate::object::protocol;
use crate::object::raise::PyResult;
use crate::object::table::ModuleSpec;
use crate::object::thread::Thread;
use crate::object::value::Value;

macro_rules! constants {
    ($($name:ident)*) => { &[ $( (stringify!($name), libc::$name as i64), )* ] };
}

static CONSTANTS: &[(&str, i64)] = constants! {
    MADV_DODUMP MADV_DOFORK MADV_DONTDUMP MADV_DONTFORK MADV_DONTNEED MADV_FREE MADV_HUGEPAGE MADV_HWPOISON
    MADV_MERGEABLE MADV_NOHUGEPAGE MADV_NORMAL MADV_RANDOM MADV_REMOVE MADV_SEQUENTIAL MADV_UNMERGEABLE MADV_WILLNEED
    MAP_ANON MAP_ANONYMOUS MAP_DENYWRITE MAP_EXECUTABLE MAP_NORESERVE MAP_POPULATE MAP_PRIVATE MAP_SHARED MAP_STACK
    PROT_EXEC PROT_READ PROT_WRITE
};

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    let set = |name: &str, v: Value| protocol::set_attr(t, module, &names::intern(name), &v);
    for (name, n) in CONSTANTS {
        set(name, Value::int(*n))?;
    }
    for (n, name) in ["ACCESS_DEFAULT", "ACCESS_READ", "ACCESS_WRITE", "ACCESS_COPY"].iter().enumerate() {
        set(name, Value::int(n as i64))?;
    }
    #[cfg(target_arch = "x86_64")]
    set("MAP_32BIT", Value::int(libc::MAP_32BIT.into()))?;
    let page = Value::int(construct::page_size() as i64);
    set("PAGESIZE", page.clone())?;
    set("ALLOCATIONGRANULARITY", page)?;
    set("error", exc::OS_ERROR.to_value())
}

/// The module.
pub static MODULE: ModuleSpec =
    ModuleSpec { types: &[&payload::MMAP], init: Some(init), ..ModuleSpec::new("mmap", "") };
