//! `grp`: the table of groups.

use crate::modules::posix::path;
use crate::modules::posix::stat::{id_arg, id_value};
use crate::object::args::Bound;
use crate::object::core_types::exc;
use crate::object::list;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::str;
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::tuple;
use crate::object::value::Value;
use crate::sys::users::{self, Group};
use crate::types::exceptions::os_error;
use crate::types::struct_sequence;

crate::struct_sequence! {
    pub StructGroup, STRUCT_GROUP, STRUCT_GROUP_SPEC: "grp", "struct_group",
    "grp.struct_group: Results from getgr*() routines.\n\nThis object may be accessed either as a tuple of\n  (gr_name,gr_passwd,gr_gid,gr_mem)\nor via the object attributes as named in the above tuple.";
    visible 4; flags 0;
    0 gr_name "group name";
    1 gr_passwd "password";
    2 gr_gid "group id";
    3 gr_mem "group members";
}

fn value(group: &Group) -> Value {
    struct_sequence::make::<StructGroup>(vec![
        path::decode(&group.name),
        path::decode(&group.password),
        id_value(group.gid),
        list::from_vec(group.members.iter().map(|m| path::decode(m)).collect()),
    ])
}

fn missing(t: &Thread, text: String) -> raise::Raised {
    raise::with_args(t, &exc::KEY_ERROR, tuple::from_iter(1, [str::from_str(&text)]))
}

fn getgrgid(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let gid = match id_arg(t, v, "gid") {
        Ok(gid) => gid,
        Err(raised) => {
            raise::suppress(t, raised, &exc::OVERFLOW_ERROR)?;
            return Err(missing(t, format!("getgrgid(): gid not found: {}", protocol::to_string(t, v)?)));
        }
    };
    match t.detached(|| users::group_by_id(gid)) {
        Ok(Some(group)) => Ok(value(&group)),
        Ok(None) => Err(missing(t, format!("getgrgid(): gid not found: {}", protocol::to_string(t, v)?))),
        Err(e) => Err(os_error::from_io(t, &e, None)),
    }
}

fn getgrnam(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    if str::view(v).is_none() {
        let message = format!("getgrnam() argument 'name' must be str, not {}", v.class().display_name());
        return Err(raise::type_error(t, message));
    }
    let name = path::arg(t, "getgrnam", v).map(|p| p.text).or_else(|raised| {
        raise::suppress(t, raised, &exc::VALUE_ERROR)?;
        Err(raise::value_error(t, "embedded null byte"))
    })?;
    match t.detached(|| users::group_by_name(&name)) {
        Ok(Some(group)) => Ok(value(&group)),
        Ok(None) => Err(missing(t, format!("getgrnam(): name not found: {}", protocol::repr_lossy(t, v)))),
        Err(e) => Err(os_error::from_io(t, &e, None)),
    }
}

fn getgrall(t: &Thread) -> PyResult {
    let all = t.detached(users::all_groups);
    Ok(list::from_vec(all.iter().map(value).collect()))
}

fn init(_: &Thread, _: &Value) -> PyResult<()> {
    struct_sequence::finish::<StructGroup>();
    Ok(())
}

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "getgrgid",
            "($module, /, id)",
            NativeFn::Bound(getgrgid),
            "Return the group database entry for the given numeric group ID.",
        ),
        Method::new(
            "getgrnam",
            "($module, /, name)",
            NativeFn::Bound(getgrnam),
            "Return the group database entry for the given group name.",
        ),
        Method::new(
            "getgrall",
            "($module, /)",
            NativeFn::F0(getgrall),
            "Return a list of all available group entries, in arbitrary order.",
        ),
    ],
    types: &[&STRUCT_GROUP],
    init: Some(init),
    ..ModuleSpec::new(
        "grp",
        "Access to the Unix group database.\n\nGroup entries are reported as 4-tuples containing the following fields\nfrom the group database, in order:\n\n  name   - name of the group\n  passwd - group password (encrypted); often empty\n  gid    - numeric ID of the group\n  mem    - list of members",
    )
};
