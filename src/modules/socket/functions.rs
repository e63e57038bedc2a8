//! The functions of `_socket`: the resolver, byte order, address texts, pairs.

use super::address;
use super::object::{self, DEFAULT_TIMEOUT};
use super::{errors, messages};
use crate::modules::posix::files::fd;
use crate::modules::posix::{last_error, path};
use crate::object::args::Bound;
use crate::object::audit;
use crate::object::buffer::{self, Request};
use crate::object::core_types::exc;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{bigint, list, protocol, str, tuple};
use crate::sync::shim::atomic::Ordering::Relaxed;
use crate::sys::net::{self, Address, Hints, Parts};
use crate::types::bytes::payload as bytes;
use crate::types::exceptions::os_error;
use std::ffi::CString;
use std::net::{Ipv4Addr, Ipv6Addr};

fn text(raw: &[u8]) -> Value {
    path::decode(raw)
}

fn texts(all: &[Vec<u8>]) -> Value {
    list::from_vec(all.iter().map(|raw| text(raw)).collect())
}

fn c_text(t: &Thread, v: &Value, function: &str, place: u32) -> PyResult<CString> {
    let Some(view) = str::view(v) else {
        let message = format!("{function}() argument {place} must be str, not {}", v.class().display_name());
        return Err(raise::type_error(t, message));
    };
    CString::new(view.to_utf8_lossy().into_owned()).map_err(|_| raise::value_error(t, "embedded null character"))
}

fn gethostbyname(t: &Thread, v: &Value) -> PyResult {
    let name = address::host_name(t, v)?;
    audit::event(t, "socket.gethostbyname", || [v.clone()])?;
    match address::of_host(t, &name, libc::AF_INET)?.parts() {
        Parts::V4(ip, _) => Ok(str::from_str(&ip.to_string())),
        _ => Err(raise::new(t, &exc::OS_ERROR, "address family mismatched")),
    }
}

fn host_value(host: net::Host) -> Value {
    let addresses = host.addresses.iter().map(|raw| match <[u8; 4]>::try_from(&raw[..]) {
        Ok(four) => str::from_str(&Ipv4Addr::from(four).to_string()),
        Err(_) => match <[u8; 16]>::try_from(&raw[..]) {
            Ok(sixteen) => str::from_str(&Ipv6Addr::from(sixteen).to_string()),
            Err(_) => Value::NONE,
        },
    });
    tuple::from_slice(&[text(&host.name), texts(&host.aliases), list::from_vec(addresses.collect())])
}

fn gethostbyname_ex(t: &Thread, v: &Value) -> PyResult {
    let name = address::host_name(t, v)?;
    audit::event(t, "socket.gethostbyname", || [v.clone()])?;
    address::of_host(t, &name, libc::AF_INET)?;
    t.detached(|| net::host_by_name(&name)).map(host_value).map_err(|e| errors::host(t, e))
}

fn gethostbyaddr(t: &Thread, v: &Value) -> PyResult {
    let name = address::host_name(t, v)?;
    audit::event(t, "socket.gethostbyaddr", || [v.clone()])?;
    let (raw, family) = match address::of_host(t, &name, libc::AF_UNSPEC)?.parts() {
        Parts::V4(ip, _) => (ip.octets().to_vec(), libc::AF_INET),
        Parts::V6(ip, ..) => (ip.octets().to_vec(), libc::AF_INET6),
        _ => return Err(raise::new(t, &exc::OS_ERROR, "unsupported address family")),
    };
    t.detached(|| net::host_by_address(&raw, family)).map(host_value).map_err(|e| errors::host(t, e))
}

fn gethostname(t: &Thread) -> PyResult {
    audit::event(t, "socket.gethostname", || [])?;
    let mut name = [0u8; 1024];
    // SAFETY: writes at most the buffer's length, the last byte stays zero.
    if unsafe { libc::gethostname(name.as_mut_ptr().cast(), name.len() - 1) } != 0 {
        return Err(last_error(t, None));
    }
    let end = name.iter().position(|b| *b == 0).unwrap_or(name.len());
    Ok(text(&name[..end]))
}

fn sethostname(t: &Thread, v: &Value) -> PyResult {
    let raw = match str::view(v) {
        Some(view) => path::encode(view),
        None => buffer::get(t, v, Request::Read)?.to_vec(),
    };
    // SAFETY: reads so many bytes.
    if unsafe { libc::sethostname(raw.as_ptr().cast(), raw.len()) } != 0 {
        return Err(last_error(t, None));
    }
    Ok(Value::NONE)
}

/// The tables of services and protocols are static memory of the C library: one reader at a time.
static TABLES: crate::sync::shim::Mutex<()> = crate::sync::shim::Mutex::new(());

fn getservbyname(t: &Thread, b: &Bound<'_>) -> PyResult {
    let name = c_text(t, b.req(0), "getservbyname", 1)?;
    let protocol = b.opt(1).map(|v| c_text(t, v, "getservbyname", 2)).transpose()?;
    let port = t.detached(|| {
        let _guard = TABLES.lock();
        // SAFETY: terminated texts; the answer is read before anybody else asks.
        unsafe {
            let found = libc::getservbyname(name.as_ptr(), protocol.as_ref().map_or(std::ptr::null(), |p| p.as_ptr()));
            found.as_ref().map(|f| u16::from_be(f.s_port as u16))
        }
    });
    match port {
        Some(port) => Ok(Value::int(port.into())),
        None => Err(raise::new(t, &exc::OS_ERROR, "service/proto not found")),
    }
}

fn getservbyport(t: &Thread, b: &Bound<'_>) -> PyResult {
    let port = protocol::index_i64(t, b.req(0))?;
    let protocol = b.opt(1).map(|v| c_text(t, v, "getservbyport", 2)).transpose()?;
    let Ok(port) = u16::try_from(port) else {
        return Err(raise::overflow_error(t, "getservbyport: port must be 0-65535."));
    };
    let name = t.detached(|| {
        let _guard = TABLES.lock();
        // SAFETY: as above.
        unsafe {
            let protocol = protocol.as_ref().map_or(std::ptr::null(), |p| p.as_ptr());
            let found = libc::getservbyport(port.to_be().into(), protocol);
            found.as_ref().map(|f| std::ffi::CStr::from_ptr(f.s_name).to_bytes().to_vec())
        }
    });
    match name {
        Some(name) => Ok(text(&name)),
        None => Err(raise::new(t, &exc::OS_ERROR, "port/proto not found")),
    }
}

fn getprotobyname(t: &Thread, v: &Value) -> PyResult {
    let name = c_text(t, v, "getprotobyname", 1)?;
    let number = t.detached(|| {
        let _guard = TABLES.lock();
        // SAFETY: as above.
        unsafe { libc::getprotobyname(name.as_ptr()).as_ref().map(|f| f.p_proto) }
    });
    match number {
        Some(n) => Ok(Value::int(n.into())),
        None => Err(raise::new(t, &exc::OS_ERROR, "protocol not found")),
    }
}

fn close(t: &Thread, v: &Value) -> PyResult {
    let n = fd(t, v)?;
    // SAFETY: closing a number harms no memory.
    if t.detached(|| unsafe { libc::close(n) }) != 0 {
        let error = std::io::Error::last_os_error();
        if error.raw_os_error() != Some(libc::ECONNRESET) {
            return Err(os_error::from_io(t, &error, None));
        }
    }
    Ok(Value::NONE)
}

fn dup(t: &Thread, v: &Value) -> PyResult {
    let n = fd(t, v)?;
    // SAFETY: makes a descriptor.
    let new = unsafe { libc::fcntl(n, libc::F_DUPFD_CLOEXEC, 0) };
    if new < 0 { Err(last_error(t, None)) } else { Ok(Value::int(new.into())) }
}

fn socketpair(t: &Thread, b: &Bound<'_>) -> PyResult {
    let family = b.opt(0).map_or(Ok(libc::AF_UNIX), |v| fd(t, v))?;
    let kind = b.opt(1).map_or(Ok(libc::SOCK_STREAM), |v| fd(t, v))?;
    let protocol = b.opt(2).map_or(Ok(0), |v| fd(t, v))?;
    let mut ends = [0i32; 2];
    // SAFETY: writes two numbers.
    if unsafe { libc::socketpair(family, kind | libc::SOCK_CLOEXEC, protocol, ends.as_mut_ptr()) } < 0 {
        return Err(last_error(t, None));
    }
    let first = object::wrap(t, ends[0], family, kind, protocol);
    let second = object::wrap(t, ends[1], family, kind, protocol);
    Ok(tuple::from_slice(&[first?, second?]))
}

fn short(t: &Thread, v: &Value, function: &str) -> PyResult<u16> {
    let n = match bigint::view(&protocol::index(t, v)?) {
        Some(bigint::IntView::Small(i)) => i,
        Some(bigint::IntView::Big(i)) if *i < dashu_int::IBig::ZERO => -1,
        _ => i64::MAX,
    };
    if n < 0 {
        return Err(raise::overflow_error(
            t,
            format!("{function}: can't convert negative Python int to C 16-bit unsigned integer"),
        ));
    }
    u16::try_from(n).map_err(|_| {
        raise::overflow_error(t, format!("{function}: Python int too large to convert to C 16-bit unsigned integer"))
    })
}

fn long(t: &Thread, v: &Value) -> PyResult<u32> {
    if !v.class().is_subtype(&crate::object::core_types::INT) {
        let message = format!("expected int, {} found", v.class().display_name());
        return Err(raise::type_error(t, message));
    }
    match bigint::view(v) {
        Some(bigint::IntView::Small(i)) if i < 0 => {
            Err(raise::overflow_error(t, "can't convert negative value to unsigned int"))
        }
        Some(bigint::IntView::Small(i)) => {
            u32::try_from(i).map_err(|_| raise::overflow_error(t, "int larger than 32 bits"))
        }
        Some(bigint::IntView::Big(i)) if *i < dashu_int::IBig::ZERO => {
            Err(raise::overflow_error(t, "can't convert negative value to unsigned int"))
        }
        _ => Err(raise::overflow_error(t, "int larger than 32 bits")),
    }
}

fn inet_aton(t: &Thread, v: &Value) -> PyResult {
    let name = c_text(t, v, "inet_aton", 1)?;
    let mut ip = libc::in_addr { s_addr: 0 };
    unsafe extern "C" {
        fn inet_aton(text: *const libc::c_char, to: *mut libc::in_addr) -> i32;
    }
    // SAFETY: a terminated text; writes an address.
    if unsafe { inet_aton(name.as_ptr(), &mut ip) } == 0 {
        return Err(raise::new(t, &exc::OS_ERROR, "illegal IP address string passed to inet_aton"));
    }
    Ok(bytes::from_slice(&ip.s_addr.to_ne_bytes()))
}

fn inet_ntoa(t: &Thread, v: &Value) -> PyResult {
    let raw = buffer::get(t, v, Request::Read)?;
    match <[u8; 4]>::try_from(raw.as_slice()) {
        Ok(four) => Ok(str::from_str(&Ipv4Addr::from(four).to_string())),
        Err(_) => Err(raise::new(t, &exc::OS_ERROR, "packed IP wrong length")),
    }
}

fn inet_pton(t: &Thread, family: &Value, v: &Value) -> PyResult {
    let family = fd(t, family)?;
    let name = c_text(t, v, "inet_pton", 2)?;
    let name = name.to_string_lossy();
    let packed = match family {
        libc::AF_INET => name.parse::<Ipv4Addr>().ok().map(|ip| bytes::from_slice(&ip.octets())),
        libc::AF_INET6 => name.parse::<Ipv6Addr>().ok().map(|ip| bytes::from_slice(&ip.octets())),
        _ => return Err(os_error::from_errno(t, libc::EAFNOSUPPORT, None, None)),
    };
    packed.ok_or_else(|| raise::new(t, &exc::OS_ERROR, "illegal IP address string passed to inet_pton"))
}

fn inet_ntop(t: &Thread, family: &Value, v: &Value) -> PyResult {
    let family = fd(t, family)?;
    let raw = buffer::get(t, v, Request::Read)?;
    let wrong = || raise::value_error(t, "invalid length of packed IP address string");
    let shown = match family {
        libc::AF_INET => Ipv4Addr::from(<[u8; 4]>::try_from(raw.as_slice()).map_err(|_| wrong())?).to_string(),
        libc::AF_INET6 => Ipv6Addr::from(<[u8; 16]>::try_from(raw.as_slice()).map_err(|_| wrong())?).to_string(),
        _ => return Err(raise::value_error(t, format!("unknown address family {family}"))),
    };
    Ok(str::from_str(&shown))
}

fn getaddrinfo(t: &Thread, b: &Bound<'_>) -> PyResult {
    let host = match b.req(0).non_none() {
        None => None,
        Some(v) if str::view(v).is_some() || bytes::view(v).is_some() => Some(address::host_name(t, v)?),
        Some(_) => return Err(raise::type_error(t, "getaddrinfo() argument 1 must be string or None")),
    };
    let port = b.req(1);
    let service = match (port.non_none(), str::view(port), bytes::view(port)) {
        (None, ..) => None,
        (_, Some(_), _) => {
            let encoded = protocol::call_method_str(t, port, "encode", &[])?;
            Some(bytes::view(&encoded).unwrap_or_default().to_vec())
        }
        (_, None, Some(raw)) => Some(raw.to_vec()),
        (Some(n), None, None) if n.class().is_subtype(&crate::object::core_types::INT) => {
            Some(protocol::to_string(t, &protocol::index(t, n)?)?.into_bytes())
        }
        _ => return Err(raise::new(t, &exc::OS_ERROR, "Int or String expected")),
    };
    let service = match service.map(CString::new).transpose() {
        Ok(service) => service,
        Err(_) => return Err(raise::value_error(t, "embedded null character")),
    };
    let number = |i: usize| b.opt(i).map_or(Ok(0), |v| fd(t, v));
    let hints = Hints { family: number(2)?, kind: number(3)?, protocol: number(4)?, flags: number(5)? };
    audit::event(t, "socket.getaddrinfo", || {
        let [family, kind, protocol] = [hints.family, hints.kind, hints.protocol].map(|n| Value::int(n.into()));
        [b.req(0).clone(), port.clone(), family, kind, protocol]
    })?;
    let found = t.detached(|| net::resolve(host.as_deref(), service.as_deref(), hints));
    let found = found.map_err(|e| errors::resolve(t, e))?;
    let rows = found.iter().map(|one| {
        tuple::from_slice(&[
            Value::int(one.family.into()),
            Value::int(one.kind.into()),
            Value::int(one.protocol.into()),
            text(one.canonical.as_deref().unwrap_or_default()),
            address::to_python(&one.address),
        ])
    });
    Ok(list::from_vec(rows.collect()))
}

fn getnameinfo(t: &Thread, v: &Value, flags: &Value) -> PyResult {
    if v.downcast::<tuple::Tuple>().is_none() {
        return Err(raise::type_error(t, "getnameinfo() argument 1 must be a tuple"));
    }
    let flags = fd(t, flags)?;
    let ([host, port, rest @ ..], 2..=4) = (tuple::items(v), tuple::items(v).len()) else {
        return Err(raise::type_error(t, "getnameinfo(): illegal sockaddr argument"));
    };
    let host = c_text(t, host, "getnameinfo", 1)?;
    let port = fd(t, port)?;
    let number = |i: usize| rest.get(i).map_or(Ok(0), |v| fd(t, v));
    let (flow, scope) = (number(0)? as u32, number(1)? as u32);
    if flow > 0xf_ffff {
        return Err(raise::overflow_error(t, "getnameinfo(): flowinfo must be 0-1048575."));
    }
    let service = CString::new(port.to_string()).unwrap_or_default();
    let hints = Hints { kind: libc::SOCK_DGRAM, flags: libc::AI_NUMERICHOST, ..Hints::default() };
    let found = t.detached(|| net::resolve(Some(&host), Some(&service), hints)).map_err(|e| errors::resolve(t, e))?;
    let address = match &found[..] {
        [one] => match one.address.parts() {
            Parts::V4(..) if tuple::items(v).len() != 2 => {
                return Err(raise::new(t, &exc::OS_ERROR, "IPv4 sockaddr must be 2 tuple"));
            }
            Parts::V6(ip, port, ..) => Address::v6(ip, port, flow, scope),
            _ => one.address,
        },
        _ => return Err(raise::new(t, &exc::OS_ERROR, "sockaddr resolved to multiple addresses")),
    };
    let (host, service) = t.detached(|| net::name_of(&address, flags)).map_err(|e| errors::resolve(t, e))?;
    Ok(tuple::from_slice(&[text(&host), text(&service)]))
}

fn setdefaulttimeout(t: &Thread, v: &Value) -> PyResult {
    let ns = object::timeout_arg(t, v)?;
    DEFAULT_TIMEOUT.store(ns, Relaxed);
    Ok(Value::NONE)
}

fn if_nameindex(t: &Thread) -> PyResult {
    let found = net::interfaces().map_err(|e| os_error::from_io(t, &e, None))?;
    let rows = found.iter().map(|(n, name)| tuple::from_slice(&[Value::int((*n).into()), text(name)]));
    Ok(list::from_vec(rows.collect()))
}

fn if_nametoindex(t: &Thread, v: &Value) -> PyResult {
    let name = path::arg(t, "if_nametoindex", v)?;
    // SAFETY: a terminated text.
    match unsafe { libc::if_nametoindex(name.text.as_ptr()) } {
        0 => Err(raise::new(t, &exc::OS_ERROR, "no interface with this name")),
        n => Ok(Value::int(n.into())),
    }
}

fn if_indextoname(t: &Thread, v: &Value) -> PyResult {
    let n = protocol::index_i64(t, v)?;
    if n < 0 {
        return Err(raise::overflow_error(t, "can't convert negative value to unsigned int"));
    }
    let Ok(n) = u32::try_from(n) else {
        return Err(raise::overflow_error(t, "Python int too large to convert to C unsigned int"));
    };
    let mut name = [0u8; libc::IF_NAMESIZE];
    // SAFETY: writes a terminated text of at most that length.
    if unsafe { libc::if_indextoname(n, name.as_mut_ptr().cast()) }.is_null() {
        return Err(last_error(t, None));
    }
    let end = name.iter().position(|b| *b == 0).unwrap_or(name.len());
    Ok(text(&name[..end]))
}

fn cmsg(t: &Thread, v: &Value, function: &str, f: fn(i64) -> Option<usize>) -> PyResult {
    let n = protocol::index_i64(t, v)?;
    match f(n) {
        Some(n) => Ok(Value::uint(n as u64)),
        None => Err(raise::overflow_error(t, format!("{function}() argument out of range"))),
    }
}

pub static FUNCTIONS: &[Method] = &[
    Method::new(
        "gethostbyname",
        "($module, host, /)",
        NativeFn::F1(gethostbyname),
        "gethostbyname(host) -> address\n\nReturn the IP address (a string of the form '255.255.255.255') for a host.",
    ),
    Method::new(
        "gethostbyname_ex",
        "($module, host, /)",
        NativeFn::F1(gethostbyname_ex),
        "gethostbyname_ex(host) -> (name, aliaslist, addresslist)",
    ),
    Method::new(
        "gethostbyaddr",
        "($module, host, /)",
        NativeFn::F1(gethostbyaddr),
        "gethostbyaddr(host) -> (name, aliaslist, addresslist)",
    ),
    Method::new(
        "gethostname",
        "($module, /)",
        NativeFn::F0(gethostname),
        "gethostname() -> string\n\nReturn the current host name.",
    ),
    Method::new(
        "sethostname",
        "($module, name, /)",
        NativeFn::F1(sethostname),
        "sethostname(name)\n\nSets the hostname to name.",
    ),
    Method::new(
        "getservbyname",
        "($module, servicename, protocolname=<unrepresentable>, /)",
        NativeFn::Bound(getservbyname),
        "Return a port number from a service name and protocol name.",
    ),
    Method::new(
        "getservbyport",
        "($module, port, protocolname=<unrepresentable>, /)",
        NativeFn::Bound(getservbyport),
        "Return the service name from a port number and protocol name.",
    ),
    Method::new(
        "getprotobyname",
        "($module, name, /)",
        NativeFn::F1(getprotobyname),
        "getprotobyname(name) -> integer\n\nReturn the protocol number for the named protocol.  (Rarely used.)",
    ),
    Method::new(
        "close",
        "($module, fd, /)",
        NativeFn::F1(close),
        "close(integer) -> None\n\nClose an integer socket file descriptor.",
    ),
    Method::new(
        "dup",
        "($module, fd, /)",
        NativeFn::F1(dup),
        "dup(integer) -> integer\n\nDuplicate an integer socket file descriptor.",
    ),
    Method::new(
        "socketpair",
        "($module, family=<unrepresentable>, type=<unrepresentable>, proto=0, /)",
        NativeFn::Bound(socketpair),
        "socketpair([family[, type [, proto]]]) -> (socket object, socket object)",
    ),
    Method::new(
        "ntohs",
        "($module, x, /)",
        NativeFn::F1(|t, v| Ok(Value::int(u16::from_be(short(t, v, "ntohs")?).into()))),
        "Convert a 16-bit unsigned integer from network to host byte order.",
    ),
    Method::new(
        "htons",
        "($module, x, /)",
        NativeFn::F1(|t, v| Ok(Value::int(short(t, v, "htons")?.to_be().into()))),
        "Convert a 16-bit unsigned integer from host to network byte order.",
    ),
    Method::new(
        "ntohl",
        "($module, x, /)",
        NativeFn::F1(|t, v| Ok(Value::int(u32::from_be(long(t, v)?).into()))),
        "Convert a 32-bit unsigned integer from network to host byte order.",
    ),
    Method::new(
        "htonl",
        "($module, x, /)",
        NativeFn::F1(|t, v| Ok(Value::int(long(t, v)?.to_be().into()))),
        "Convert a 32-bit unsigned integer from host to network byte order.",
    ),
    Method::new(
        "inet_aton",
        "($module, ip_addr, /)",
        NativeFn::F1(inet_aton),
        "Convert an IP address in string format (123.45.67.89) to the 32-bit packed binary format used in low-level network functions.",
    ),
    Method::new(
        "inet_ntoa",
        "($module, packed_ip, /)",
        NativeFn::F1(inet_ntoa),
        "Convert an IP address from 32-bit packed binary format to string format.",
    ),
    Method::new(
        "inet_pton",
        "($module, af, ip, /)",
        NativeFn::F2(inet_pton),
        "Convert an IP address from string format to a packed string suitable\nfor use with low-level network functions.",
    ),
    Method::new(
        "inet_ntop",
        "($module, af, packed_ip, /)",
        NativeFn::F2(inet_ntop),
        "Convert a packed IP address of the given family to string format.",
    ),
    Method::new(
        "getaddrinfo",
        "($module, /, host, port, family=0, type=0, proto=0, flags=0)",
        NativeFn::Bound(getaddrinfo),
        "Resolve host and port into addrinfo struct.",
    ),
    Method::new(
        "getnameinfo",
        "($module, sockaddr, flags, /)",
        NativeFn::F2(getnameinfo),
        "getnameinfo(sockaddr, flags) --> (host, port)\n\nGet host and port for a sockaddr.",
    ),
    Method::new(
        "getdefaulttimeout",
        "($module, /)",
        NativeFn::F0(|_| Ok(object::timeout_value(DEFAULT_TIMEOUT.load(Relaxed)))),
        "Returns the default timeout in seconds (float) for new socket objects.",
    ),
    Method::new(
        "setdefaulttimeout",
        "($module, timeout, /)",
        NativeFn::F1(setdefaulttimeout),
        "Set the default timeout in seconds (float) for new socket objects.",
    ),
    Method::new(
        "if_nameindex",
        "($module, /)",
        NativeFn::F0(if_nameindex),
        "if_nameindex()\n\nReturns a list of network interface information (index, name) tuples.",
    ),
    Method::new(
        "if_nametoindex",
        "($module, oname, /)",
        NativeFn::F1(if_nametoindex),
        "Returns the interface index corresponding to the interface name if_name.",
    ),
    Method::new(
        "if_indextoname",
        "($module, index, /)",
        NativeFn::F1(if_indextoname),
        "Returns the interface name corresponding to the interface index if_index.",
    ),
    Method::new(
        "CMSG_LEN",
        "($module, length, /)",
        NativeFn::F1(|t, v| cmsg(t, v, "CMSG_LEN", messages::length)),
        "Return the total length, without trailing padding, of an ancillary\ndata item with associated data of the given length.",
    ),
    Method::new(
        "CMSG_SPACE",
        "($module, length, /)",
        NativeFn::F1(|t, v| cmsg(t, v, "CMSG_SPACE", messages::space)),
        "Return the buffer size needed for recvmsg() to receive an ancillary\ndata item with associated data of the given length, along with any\ntrailing padding.",
    ),
];
