//! Addresses: Python's tuples and paths, and the system's structures.

use super::errors;
use super::object::Socket;
use crate::modules::posix::files::fd;
use crate::modules::posix::path;
use crate::object::buffer::{self, Request};
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::tuple::{self, Tuple};
use crate::object::value::Value;
use crate::object::{bigint, names, protocol, str};
use crate::sync::shim::atomic::Ordering::Relaxed;
use crate::sys::net::{self, Address, Hints, Parts};
use crate::types::bytes::payload as bytes;
use std::ffi::CString;
use std::net::{Ipv4Addr, Ipv6Addr};

/// An address as Python shows it.
pub fn to_python(address: &Address) -> Value {
    let int = |n: u32| Value::int(n.into());
    match address.parts() {
        Parts::None => Value::NONE,
        Parts::V4(ip, port) => tuple::from_slice(&[str::from_str(&ip.to_string()), int(port.into())]),
        Parts::V6(ip, port, flow, scope) => {
            tuple::from_slice(&[str::from_str(&ip.to_string()), int(port.into()), int(flow), int(scope)])
        }
        Parts::Unix(path) if path.first() == Some(&0) => bytes::from_vec(path),
        Parts::Unix(path) => path::decode(&path),
        Parts::Netlink(id, groups) => tuple::from_slice(&[int(id), int(groups)]),
        Parts::Vsock(cid, port) => tuple::from_slice(&[int(cid), int(port)]),
        Parts::Other(family, raw) => tuple::from_slice(&[int(family.into()), bytes::from_vec(raw)]),
    }
}

/// A host name for the resolver: ASCII as it is, other names by IDNA.
pub fn host_name(t: &Thread, v: &Value) -> PyResult<CString> {
    let raw = match (str::view(v), bytes::view(v)) {
        (Some(text), _) => match text.to_utf8_lossy() {
            ascii if ascii.is_ascii() => ascii.into_owned().into_bytes(),
            _ => {
                let encoded = protocol::call_method_str(t, v, "encode", &[names::intern("idna")])?;
                bytes::view(&encoded).unwrap_or_default().to_vec()
            }
        },
        (None, Some(b)) => b.to_vec(),
        (None, None) if v.is_exact(&crate::object::core_types::BYTEARRAY) => {
            buffer::get(t, v, Request::Read)?.as_slice().to_vec()
        }
        (None, None) => {
            let message = format!("str, bytes or bytearray expected, not {}", v.class().display_name());
            return Err(raise::type_error(t, message));
        }
    };
    CString::new(raw).map_err(|_| raise::type_error(t, "host name must not contain null character"))
}

fn family_error(t: &Thread, text: &str) -> raise::Raised {
    raise::new(t, &crate::object::core_types::exc::OS_ERROR, text)
}

/// The address of a host, with port 0: of `family`, or of any for `AF_UNSPEC`. Blocks, detached.
pub fn of_host(t: &Thread, name: &CString, family: i32) -> PyResult<Address> {
    let text = name.as_bytes();
    if text.is_empty() {
        let hints = Hints { flags: libc::AI_PASSIVE, family, kind: libc::SOCK_DGRAM, ..Hints::default() };
        let found = t.detached(|| net::resolve(None, Some(c"0"), hints)).map_err(|e| errors::resolve(t, e))?;
        return match &found[..] {
            [one] => match one.family {
                libc::AF_INET | libc::AF_INET6 => Ok(one.address),
                _ => Err(family_error(t, "unsupported address family")),
            },
            _ => Err(family_error(t, "wildcard resolved to multiple address")),
        };
    }
    if text == b"<broadcast>" || text == b"255.255.255.255" {
        if family != libc::AF_INET && family != libc::AF_UNSPEC {
            return Err(family_error(t, "address family mismatched"));
        }
        return Ok(Address::v4(Ipv4Addr::BROADCAST, 0));
    }
    if let Ok(text) = std::str::from_utf8(text) {
        if family != libc::AF_INET6
            && let Ok(ip) = text.parse::<Ipv4Addr>()
        {
            return Ok(Address::v4(ip, 0));
        }
        if family != libc::AF_INET
            && let Ok(ip) = text.parse::<Ipv6Addr>()
        {
            return Ok(Address::v6(ip, 0, 0, 0));
        }
    }
    let hints = Hints { family, ..Hints::default() };
    let found = t.detached(|| net::resolve(Some(name), None, hints)).map_err(|e| errors::resolve(t, e))?;
    match found.first() {
        Some(one) => Ok(one.address),
        None => Err(family_error(t, "no address found")),
    }
}

fn wrong(t: &Thread, function: &str, family: &str, v: &Value) -> raise::Raised {
    raise::type_error(t, format!("{function}(): {family} address must be tuple, not {}", v.class().display_name()))
}

fn port(t: &Thread, function: &str, v: &Value) -> PyResult<u16> {
    let n = match bigint::view(&protocol::index(t, v)?) {
        Some(bigint::IntView::Small(i)) => i,
        _ => return Err(raise::overflow_error(t, format!("{function}(): port must be 0-65535."))),
    };
    u16::try_from(n).map_err(|_| raise::overflow_error(t, format!("{function}(): port must be 0-65535.")))
}

/// A number of 32 bits without a sign.
fn unsigned(t: &Thread, v: &Value) -> PyResult<u32> {
    Ok(protocol::index_i64(t, v)? as u32)
}

/// An address argument of `function`, for this socket's family.
pub fn from_python(t: &Thread, socket: &Socket, function: &str, v: &Value) -> PyResult<Address> {
    match socket.family.load(Relaxed) {
        libc::AF_INET => {
            if v.downcast::<Tuple>().is_none() {
                return Err(wrong(t, function, "AF_INET", v));
            }
            let [host, place] = tuple::items(v) else {
                return Err(raise::type_error(t, "AF_INET address must be a pair (host, port)"));
            };
            let name = host_name(t, host)?;
            let place = port(t, function, place)?;
            match of_host(t, &name, libc::AF_INET)?.parts() {
                Parts::V4(ip, _) => Ok(Address::v4(ip, place)),
                _ => Err(family_error(t, "address family mismatched")),
            }
        }
        libc::AF_INET6 => {
            if v.downcast::<Tuple>().is_none() {
                return Err(wrong(t, function, "AF_INET6", v));
            }
            let ([host, place, rest @ ..], 2..=4) = (tuple::items(v), tuple::items(v).len()) else {
                let message = "AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])";
                return Err(raise::type_error(t, message));
            };
            let name = host_name(t, host)?;
            let place = port(t, function, place)?;
            let flow = rest.first().map_or(Ok(0), |v| unsigned(t, v))?;
            let scope = rest.get(1).map_or(Ok(0), |v| unsigned(t, v))?;
            if flow > 0xf_ffff {
                return Err(raise::overflow_error(t, format!("{function}(): flowinfo must be 0-1048575.")));
            }
            match of_host(t, &name, libc::AF_INET6)?.parts() {
                Parts::V6(ip, ..) => Ok(Address::v6(ip, place, flow, scope)),
                _ => Err(family_error(t, "address family mismatched")),
            }
        }
        libc::AF_UNIX => {
            let raw = match str::view(v) {
                Some(text) => path::encode(text),
                None => buffer::get(t, v, Request::Read)?.to_vec(),
            };
            Address::unix(&raw).ok_or_else(|| family_error(t, "AF_UNIX path too long"))
        }
        libc::AF_NETLINK => {
            if v.downcast::<Tuple>().is_none() {
                return Err(wrong(t, function, "AF_NETLINK", v));
            }
            let [id, groups] = tuple::items(v) else {
                return Err(raise::type_error(t, "AF_NETLINK address must be a pair (pid, groups)"));
            };
            Ok(Address::netlink(unsigned(t, id)?, unsigned(t, groups)?))
        }
        libc::AF_VSOCK => {
            if v.downcast::<Tuple>().is_none() {
                return Err(wrong(t, function, "AF_VSOCK", v));
            }
            let [cid, place] = tuple::items(v) else {
                return Err(raise::type_error(t, "AF_VSOCK address must be a pair (cid, port)"));
            };
            Ok(Address::vsock(fd(t, cid)? as u32, fd(t, place)? as u32))
        }
        _ => Err(family_error(t, &format!("{function}(): bad family"))),
    }
}
