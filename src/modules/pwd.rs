//! `pwd`: the table of users.

use crate::modules::posix::path;
use crate::modules::posix::stat::{id_arg, id_value};
use crate::object::core_types::exc;
use crate::object::list;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::str;
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::sys::users::{self, User};
use crate::types::struct_sequence;

crate::struct_sequence! {
    pub StructPasswd, STRUCT_PASSWD, STRUCT_PASSWD_SPEC: "pwd", "struct_passwd",
    "pwd.struct_passwd: Results from getpw*() routines.\n\nThis object may be accessed either as a tuple of\n  (pw_name,pw_passwd,pw_uid,pw_gid,pw_gecos,pw_dir,pw_shell)\nor via the object attributes as named in the above tuple.";
    visible 7; flags 0;
    0 pw_name "user name";
    1 pw_passwd "password";
    2 pw_uid "user id";
    3 pw_gid "group id";
    4 pw_gecos "real name";
    5 pw_dir "home directory";
    6 pw_shell "shell program";
}

fn value(user: &User) -> Value {
    struct_sequence::make::<StructPasswd>(vec![
        path::decode(&user.name),
        path::decode(&user.password),
        id_value(user.uid),
        id_value(user.gid),
        path::decode(&user.full_name),
        path::decode(&user.home),
        path::decode(&user.shell),
    ])
}

fn getpwuid(t: &Thread, v: &Value) -> PyResult {
    let missing = |shown: String| {
        raise::with_args(
            t,
            &exc::KEY_ERROR,
            crate::object::tuple::from_iter(1, [str::from_str(&format!("getpwuid(): uid not found: {shown}"))]),
        )
    };
    let uid = match id_arg(t, v, "uid") {
        Ok(uid) => uid,
        Err(raised) => {
            raise::suppress(t, raised, &exc::OVERFLOW_ERROR)?;
            return Err(missing(protocol::to_string(t, v)?));
        }
    };
    let found = t.detached(|| users::user_by_id(uid));
    match found {
        Ok(Some(user)) => Ok(value(&user)),
        Ok(None) => Err(missing(protocol::to_string(t, v)?)),
        Err(e) => Err(crate::types::exceptions::os_error::from_io(t, &e, None)),
    }
}

fn getpwnam(t: &Thread, v: &Value) -> PyResult {
    if str::view(v).is_none() {
        let message = format!("getpwnam() argument must be str, not {}", v.class().display_name());
        return Err(raise::type_error(t, message));
    }
    let name = path::arg(t, "getpwnam", v).map(|p| p.text).or_else(|raised| {
        raise::suppress(t, raised, &exc::VALUE_ERROR)?;
        Err(raise::value_error(t, "embedded null byte"))
    })?;
    let found = t.detached(|| users::user_by_name(&name));
    match found {
        Ok(Some(user)) => Ok(value(&user)),
        Ok(None) => {
            let shown = protocol::repr_lossy(t, v);
            let text = str::from_str(&format!("getpwnam(): name not found: {shown}"));
            Err(raise::with_args(t, &exc::KEY_ERROR, crate::object::tuple::from_iter(1, [text])))
        }
        Err(e) => Err(crate::types::exceptions::os_error::from_io(t, &e, None)),
    }
}

fn getpwall(t: &Thread) -> PyResult {
    let all = t.detached(users::all_users);
    Ok(list::from_vec(all.iter().map(value).collect()))
}

fn init(_: &Thread, _: &Value) -> PyResult<()> {
    struct_sequence::finish::<StructPasswd>();
    Ok(())
}

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "getpwuid",
            "($module, uidobj, /)",
            NativeFn::F1(getpwuid),
            "Return the password database entry for the given numeric user ID.",
        ),
        Method::new(
            "getpwnam",
            "($module, name, /)",
            NativeFn::F1(getpwnam),
            "Return the password database entry for the given user name.",
        ),
        Method::new(
            "getpwall",
            "($module, /)",
            NativeFn::F0(getpwall),
            "Return a list of all available password database entries, in arbitrary order.",
        ),
    ],
    types: &[&STRUCT_PASSWD],
    init: Some(init),
    ..ModuleSpec::new(
        "pwd",
        "This module provides access to the Unix password database.\nIt is available on all Unix versions.\n\nPassword database entries are reported as 7-tuples containing the following\nitems from the password database (see `<pwd.h>'), in order:\npw_name, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir, pw_shell.\nThe uid and gid items are integers, all others are strings. An\nexception is raised if the entry asked for cannot be found.",
    )
};
