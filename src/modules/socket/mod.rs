//! `_socket`: the system's sockets.
//!
//! | file | holds |
//! |---|---|
//! | `object` | the socket object |
//! | `wait` | calls that may wait |
//! | `address` | addresses, Python's and the system's |
//! | `transfer`, `messages` | data, and data with ancillary data |
//! | `options` | socket options |
//! | `functions` | the resolver and other functions |
//! | `errors` | the resolver's exceptions |
//! | `constants` | numbers |

mod address;
mod constants;
mod errors;
mod functions;
mod messages;
pub mod object;
mod options;
mod transfer;
mod wait;

use crate::object::core_types::exc;
use crate::object::names;
use crate::object::protocol;
use crate::object::raise::PyResult;
use crate::object::table::ModuleSpec;
use crate::object::thread::Thread;
use crate::object::value::Value;

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    let set = |name: &str, v: Value| protocol::set_attr(t, module, &names::intern(name), &v);
    for (name, n) in constants::NAMED.iter().chain(constants::OTHERS) {
        set(name, Value::int(*n))?;
    }
    set("SocketType", object::SOCKET.to_value())?;
    set("error", exc::OS_ERROR.to_value())?;
    set("timeout", exc::TIMEOUT_ERROR.to_value())?;
    set("has_ipv6", Value::TRUE)
}

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: functions::FUNCTIONS,
    types: &[&object::SOCKET, &errors::GAI_ERROR, &errors::H_ERROR],
    init: Some(init),
    ..ModuleSpec::new(
        "_socket",
        "Implementation module for socket operations.\n\nSee the socket module for documentation.",
    )
};
