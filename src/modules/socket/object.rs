//! The socket object: making and closing, addresses, options, blocking.

use super::wait::{self, For};
use super::{address, messages, options, transfer};
use crate::modules::posix::files::fd;
use crate::modules::posix::last_error;
use crate::modules::support::{Parameters, seconds, warn_unclosed};
use crate::object::alloc;
use crate::object::args::{Args, Bound};
use crate::object::audit;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::tuple;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{hooks, str};
use crate::sync::shim::atomic::{AtomicI32, AtomicI64, Ordering::*};
use crate::sys::net::Address;
use crate::this;
use crate::types::exceptions::os_error;
use std::io::Error;

/// The payload. All fields are plain numbers that threads may race for.
pub struct Socket {
    /// -1 when closed.
    pub fd: AtomicI32,
    pub family: AtomicI32,
    pub kind: AtomicI32,
    pub protocol: AtomicI32,
    /// Nanoseconds; -1: waits for ever; 0: does not wait.
    pub timeout: AtomicI64,
}

pub static SOCKET: StaticType = StaticType::new(&SPEC);
/// `setdefaulttimeout()`, in nanoseconds.
pub static DEFAULT_TIMEOUT: AtomicI64 = AtomicI64::new(-1);

// SAFETY: `SOCKET`'s layout is `Socket`.
unsafe impl Payload for Socket {
    fn layout_type() -> &'static Type {
        &SOCKET
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let fd = *self.fd.get_mut();
        if fd >= 0 {
            // SAFETY: the descriptor is ours.
            unsafe { libc::close(fd) };
        }
    }
}

impl Socket {
    pub fn fd(&self) -> i32 {
        self.fd.load(Relaxed)
    }

    pub fn timeout_ns(&self) -> i64 {
        self.timeout.load(Relaxed)
    }
}

/// The socket behind a method's `self`.
pub fn of(v: &Value) -> &Socket {
    this!(v, Socket)
}

fn set_blocking(fd: i32, blocking: bool) -> std::io::Result<()> {
    let mut on = i32::from(!blocking);
    // SAFETY: reads a number.
    if unsafe { libc::ioctl(fd, libc::FIONBIO, &mut on) } < 0 { Err(Error::last_os_error()) } else { Ok(()) }
}

static PARAMETERS: Parameters = Parameters::new("(family=-1, type=-1, proto=-1, fileno=None)");

fn option_of(t: &Thread, fd: i32, option: i32) -> PyResult<i32> {
    let mut n = 0i32;
    let mut len = 4;
    // SAFETY: writes four bytes.
    if unsafe { libc::getsockopt(fd, libc::SOL_SOCKET, option, (&raw mut n).cast(), &mut len) } < 0 {
        return Err(last_error(t, None));
    }
    Ok(n)
}

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    let b = PARAMETERS.bind(t, &SOCKET, &SOCKET, args)?;
    let number = |i: usize| b.opt(i).map_or(Ok(-1), |n| fd(t, n));
    let (mut family, mut kind, mut protocol) = (number(0)?, number(1)?, number(2)?);
    let this = of(v);
    let given = match b.non_none(3) {
        None => None,
        Some(n) if n.class().is_subtype(&crate::object::core_types::FLOAT) => {
            return Err(raise::type_error(t, "integer argument expected, got float"));
        }
        Some(n) => Some(fd(t, n)?),
    };
    let new = match given {
        Some(n) => {
            if n < 0 {
                return Err(raise::value_error(t, "negative file descriptor"));
            }
            let mut address = Address::empty();
            // SAFETY: writes an address into room for one.
            if unsafe { libc::getsockname(n, address.pointer_mut(), &mut address.len) } < 0 {
                let error = Error::last_os_error();
                // Families without an address are no error, unless the family is asked for.
                if family == -1 || matches!(error.raw_os_error(), Some(libc::EBADF | libc::ENOTSOCK)) {
                    return Err(os_error::from_io(t, &error, None));
                }
            } else if family == -1 {
                family = address.family();
            }
            if kind == -1 {
                kind = option_of(t, n, libc::SO_TYPE)?;
            }
            if protocol == -1 {
                protocol = option_of(t, n, libc::SO_PROTOCOL)?;
            }
            audit_new(t, v, family, kind, protocol)?;
            n
        }
        None => {
            if family == -1 {
                family = libc::AF_INET;
            }
            if kind == -1 {
                kind = libc::SOCK_STREAM;
            }
            if protocol == -1 {
                protocol = 0;
            }
            audit_new(t, v, family, kind, protocol)?;
            let (n, error) = t.detached(|| {
                // SAFETY: makes a descriptor.
                let n = unsafe { libc::socket(family, kind | libc::SOCK_CLOEXEC, protocol) };
                (n, Error::last_os_error())
            });
            if n < 0 {
                return Err(os_error::from_io(t, &error, None));
            }
            n
        }
    };
    if let Err(e) = adopt(this, new, family, kind, protocol) {
        if given.is_none() {
            // SAFETY: made above.
            unsafe { libc::close(new) };
        }
        return Err(os_error::from_io(t, &e, None));
    }
    Ok(())
}

fn audit_new(t: &Thread, v: &Value, family: i32, kind: i32, protocol: i32) -> PyResult<()> {
    audit::event(t, "socket.__new__", || {
        [v.clone(), Value::int(family.into()), Value::int(kind.into()), Value::int(protocol.into())]
    })
}

/// Fills a socket in.
fn adopt(this: &Socket, fd: i32, family: i32, kind: i32, protocol: i32) -> std::io::Result<()> {
    let flags = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    let timeout = if kind & libc::SOCK_NONBLOCK != 0 { 0 } else { DEFAULT_TIMEOUT.load(Relaxed) };
    if timeout >= 0 && kind & libc::SOCK_NONBLOCK == 0 {
        set_blocking(fd, false)?;
    }
    this.family.store(family, Relaxed);
    this.kind.store(kind & !flags, Relaxed);
    this.protocol.store(protocol, Relaxed);
    this.timeout.store(timeout, Relaxed);
    let old = this.fd.swap(fd, Relaxed);
    if old >= 0 && old != fd {
        // Initialised twice: the first descriptor was ours.
        // SAFETY: as above.
        unsafe { libc::close(old) };
    }
    Ok(())
}

/// A socket object of a descriptor that the system has just made.
pub fn wrap(t: &Thread, fd: i32, family: i32, kind: i32, protocol: i32) -> PyResult {
    let v = alloc::new(&SOCKET, blank());
    if let Err(e) = adopt(of(&v), fd, family, kind, protocol) {
        // SAFETY: nobody else has it.
        unsafe { libc::close(fd) };
        return Err(os_error::from_io(t, &e, None));
    }
    Ok(v)
}

fn blank() -> Socket {
    Socket {
        fd: AtomicI32::new(-1),
        family: AtomicI32::new(0),
        kind: AtomicI32::new(0),
        protocol: AtomicI32::new(0),
        timeout: AtomicI64::new(-1),
    }
}

fn finalize(t: &Thread, v: &Value) {
    if of(v).fd() >= 0 {
        warn_unclosed(t, v, "");
    }
}

fn close(t: &Thread, v: &Value) -> PyResult {
    let fd = of(v).fd.swap(-1, Relaxed);
    if fd >= 0 {
        let (n, error) = t.detached(|| {
            // SAFETY: the descriptor was ours alone to close.
            let n = unsafe { libc::close(fd) };
            (n, Error::last_os_error())
        });
        // The other side may have reset the connection: it is closed all the same.
        if n < 0 && error.raw_os_error() != Some(libc::ECONNRESET) {
            return Err(os_error::from_io(t, &error, None));
        }
    }
    Ok(Value::NONE)
}

fn accept(t: &Thread, v: &Value) -> PyResult {
    let this = of(v);
    let mut address = Address::empty();
    let full = address.len;
    let fd = wait::call(t, this, For::Reading, |fd| {
        address.len = full;
        // SAFETY: writes an address into room for one.
        unsafe { libc::accept4(fd, address.pointer_mut(), &mut address.len, libc::SOCK_CLOEXEC) }.into()
    })?;
    Ok(tuple::from_slice(&[Value::int(fd), address::to_python(&address)]))
}

fn bind(t: &Thread, v: &Value, to: &Value) -> PyResult {
    let address = address::from_python(t, of(v), "bind", to)?;
    audit::event(t, "socket.bind", || [v.clone(), to.clone()])?;
    let fd = of(v).fd();
    let (n, error) = t.detached(|| {
        // SAFETY: a complete address.
        let n = unsafe { libc::bind(fd, address.pointer(), address.len) };
        (n, Error::last_os_error())
    });
    if n < 0 { Err(os_error::from_io(t, &error, None)) } else { Ok(Value::NONE) }
}

/// Connects; the error's number where that fails (`raise`: raises it).
fn connect_to(t: &Thread, this: &Socket, address: &Address, raise: bool) -> PyResult<i32> {
    let fd = this.fd();
    let (n, error) = t.detached(|| {
        // SAFETY: a complete address.
        let n = unsafe { libc::connect(fd, address.pointer(), address.len) };
        (n, Error::last_os_error().raw_os_error().unwrap_or(0))
    });
    if n >= 0 {
        return Ok(0);
    }
    let timeout = this.timeout_ns();
    // Interrupted or with a timeout, the connection goes on being made.
    let goes_on = match error {
        libc::EINTR => {
            (hooks::get().check_attention)(t)?;
            timeout != 0
        }
        libc::EINPROGRESS => timeout > 0,
        _ => false,
    };
    let fail = |error: i32| if raise { Err(os_error::from_errno(t, error, None, None)) } else { Ok(error) };
    if !goes_on {
        return fail(error);
    }
    let deadline = wait::deadline(this);
    let done = match deadline {
        Some(deadline) => wait::ready(t, fd, For::Connecting, deadline)?,
        None => {
            let far = std::time::Instant::now() + std::time::Duration::from_secs(1 << 31);
            wait::ready(t, fd, For::Connecting, far)?
        }
    };
    if !done {
        return if raise { Err(wait::timed_out(t)) } else { Ok(libc::EWOULDBLOCK) };
    }
    match option_of(t, fd, libc::SO_ERROR)? {
        0 | libc::EISCONN => Ok(0),
        error => fail(error),
    }
}

fn connect(t: &Thread, v: &Value, to: &Value) -> PyResult {
    let address = address::from_python(t, of(v), "connect", to)?;
    audit::event(t, "socket.connect", || [v.clone(), to.clone()])?;
    connect_to(t, of(v), &address, true)?;
    Ok(Value::NONE)
}

fn connect_ex(t: &Thread, v: &Value, to: &Value) -> PyResult {
    let address = address::from_python(t, of(v), "connect_ex", to)?;
    audit::event(t, "socket.connect", || [v.clone(), to.clone()])?;
    connect_to(t, of(v), &address, false).map(|n| Value::int(n.into()))
}

fn name(t: &Thread, v: &Value, peer: bool) -> PyResult {
    let mut address = Address::empty();
    let fd = of(v).fd();
    // SAFETY: writes an address into room for one.
    let n = unsafe {
        let call = if peer { libc::getpeername } else { libc::getsockname };
        call(fd, address.pointer_mut(), &mut address.len)
    };
    if n < 0 { Err(last_error(t, None)) } else { Ok(address::to_python(&address)) }
}

fn listen(t: &Thread, b: &Bound<'_>) -> PyResult {
    let backlog = b.opt(1).map_or(Ok(libc::SOMAXCONN.min(128)), |v| fd(t, v))?;
    let fd = of(b.req(0)).fd();
    let (n, error) = t.detached(|| {
        // SAFETY: changes a socket.
        let n = unsafe { libc::listen(fd, backlog.max(0)) };
        (n, Error::last_os_error())
    });
    if n < 0 { Err(os_error::from_io(t, &error, None)) } else { Ok(Value::NONE) }
}

fn shutdown(t: &Thread, v: &Value, how: &Value) -> PyResult {
    let (n, how) = (of(v).fd(), fd(t, how)?);
    let (n, error) = t.detached(|| {
        // SAFETY: changes a socket.
        let n = unsafe { libc::shutdown(n, how) };
        (n, Error::last_os_error())
    });
    if n < 0 { Err(os_error::from_io(t, &error, None)) } else { Ok(Value::NONE) }
}

/// A timeout argument in nanoseconds, rounded up; -1 for None.
pub fn timeout_arg(t: &Thread, v: &Value) -> PyResult<i64> {
    if v.is_none() {
        return Ok(-1);
    }
    let seconds = seconds(t, v)?;
    if seconds < 0.0 {
        return Err(raise::value_error(t, "Timeout value out of range"));
    }
    if seconds > f64::from(i32::MAX) * 1e3 {
        return Err(raise::overflow_error(t, "timeout doesn't fit into C timeval"));
    }
    Ok((seconds * 1e9).ceil() as i64)
}

/// A timeout as Python shows it.
pub fn timeout_value(ns: i64) -> Value {
    if ns < 0 { Value::NONE } else { Value::float(ns as f64 / 1e9) }
}

fn apply_timeout(t: &Thread, this: &Socket, ns: i64) -> PyResult {
    this.timeout.store(ns, Relaxed);
    match set_blocking(this.fd(), ns < 0) {
        Ok(()) => Ok(Value::NONE),
        Err(e) => Err(os_error::from_io(t, &e, None)),
    }
}

fn settimeout(t: &Thread, v: &Value, timeout: &Value) -> PyResult {
    let ns = timeout_arg(t, timeout)?;
    apply_timeout(t, of(v), ns)
}

fn setblocking(t: &Thread, v: &Value, on: &Value) -> PyResult {
    let on = protocol::is_true(t, on)?;
    apply_timeout(t, of(v), if on { -1 } else { 0 })
}

fn repr(_: &Thread, v: &Value) -> PyResult {
    let this = of(v);
    Ok(str::from_str(&format!(
        "<socket object, fd={}, family={}, type={}, proto={}>",
        this.fd(),
        this.family.load(Relaxed),
        this.kind.load(Relaxed),
        this.protocol.load(Relaxed)
    )))
}

static SPEC: TypeSpec = TypeSpec {
    doc: "socket(family=AF_INET, type=SOCK_STREAM, proto=0) -> socket object\nsocket(family=-1, type=-1, proto=-1, fileno=None) -> socket object\n\nOpen a socket of the given type.",
    slots: SlotTable {
        new: Some(|_, class, _| Ok(alloc::new(class, blank()))),
        init: Some(init),
        repr: Some(repr),
        finalize: Some(finalize),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new(
            "_accept",
            "($self, /)",
            NativeFn::F1(accept),
            "Wait for an incoming connection.  Return a new socket file descriptor\nrepresenting the connection, and the address of the client.",
        ),
        Method::new("bind", "($self, address, /)", NativeFn::F2(bind), "Bind the socket to a local address."),
        Method::new(
            "close",
            "($self, /)",
            NativeFn::F1(close),
            "Close the socket.  It cannot be used after this call.",
        ),
        Method::new("connect", "($self, address, /)", NativeFn::F2(connect), "Connect the socket to a remote address."),
        Method::new(
            "connect_ex",
            "($self, address, /)",
            NativeFn::F2(connect_ex),
            "This is like connect(address), but returns an error code (the errno value)\ninstead of raising an exception when an error occurs.",
        ),
        Method::new(
            "detach",
            "($self, /)",
            NativeFn::F1(|_, v| Ok(Value::int(of(v).fd.swap(-1, Relaxed).into()))),
            "Close the socket object without closing the underlying file descriptor.",
        ),
        Method::new(
            "fileno",
            "($self, /)",
            NativeFn::F1(|_, v| Ok(Value::int(of(v).fd().into()))),
            "Return the integer file descriptor of the socket.",
        ),
        Method::new(
            "getpeername",
            "($self, /)",
            NativeFn::F1(|t, v| name(t, v, true)),
            "Return the address of the remote endpoint.",
        ),
        Method::new(
            "getsockname",
            "($self, /)",
            NativeFn::F1(|t, v| name(t, v, false)),
            "Return the address of the local endpoint.",
        ),
        Method::new(
            "getsockopt",
            "($self, level, option, buffersize=0, /)",
            NativeFn::Bound(options::get),
            "Get a socket option.",
        ),
        Method::new("setsockopt", "", NativeFn::Raw(options::set), "Set a socket option."),
        Method::new(
            "listen",
            "($self, backlog=128, /)",
            NativeFn::Bound(listen),
            "Enable a server to accept connections.",
        ),
        Method::new(
            "shutdown",
            "($self, how, /)",
            NativeFn::F2(shutdown),
            "Shut down the reading side, the writing side, or both.",
        ),
        Method::new(
            "setblocking",
            "($self, flag, /)",
            NativeFn::F2(setblocking),
            "Set the socket to blocking (flag is true) or non-blocking (false).",
        ),
        Method::new(
            "getblocking",
            "($self, /)",
            NativeFn::F1(|_, v| Ok(Value::bool(of(v).timeout_ns() != 0))),
            "Returns True if socket is in blocking mode, or False if it\nis in non-blocking mode.",
        ),
        Method::new(
            "settimeout",
            "($self, timeout, /)",
            NativeFn::F2(settimeout),
            "Set a timeout on socket operations.",
        ),
        Method::new(
            "gettimeout",
            "($self, /)",
            NativeFn::F1(|_, v| Ok(timeout_value(of(v).timeout_ns()))),
            "Returns the timeout in seconds (float) associated with socket operations.",
        ),
        Method::new(
            "recv",
            "($self, buffersize, flags=0, /)",
            NativeFn::Bound(transfer::recv),
            "Receive up to buffersize bytes from the socket.",
        ),
        Method::new(
            "recv_into",
            "($self, /, buffer, nbytes=0, flags=0)",
            NativeFn::Bound(transfer::recv_into),
            "A version of recv() that stores its data into a buffer.",
        ),
        Method::new(
            "recvfrom",
            "($self, buffersize, flags=0, /)",
            NativeFn::Bound(transfer::recvfrom),
            "Like recv(buffersize, flags) but also return the sender's address info.",
        ),
        Method::new(
            "recvfrom_into",
            "($self, /, buffer, nbytes=0, flags=0)",
            NativeFn::Bound(transfer::recvfrom_into),
            "Like recv_into(buffer[, nbytes[, flags]]) but also return the sender's address info.",
        ),
        Method::new(
            "send",
            "($self, data, flags=0, /)",
            NativeFn::Bound(transfer::send),
            "Send a data string to the socket.",
        ),
        Method::new(
            "sendall",
            "($self, data, flags=0, /)",
            NativeFn::Bound(transfer::sendall),
            "Send a data string to the socket.",
        ),
        Method::new(
            "sendto",
            "",
            NativeFn::Raw(transfer::sendto),
            "Like send(data, flags) but allows specifying the destination address.",
        ),
        Method::new(
            "recvmsg",
            "($self, bufsize, ancbufsize=0, flags=0, /)",
            NativeFn::Bound(messages::recvmsg),
            "Receive normal data (up to bufsize bytes) and ancillary data from the socket.",
        ),
        Method::new(
            "recvmsg_into",
            "($self, buffers, ancbufsize=0, flags=0, /)",
            NativeFn::Bound(messages::recvmsg_into),
            "Receive normal data and ancillary data from the socket, scattering the\nnon-ancillary data into a series of buffers.",
        ),
        Method::new(
            "sendmsg",
            "($self, buffers, ancdata=(), flags=0, address=None, /)",
            NativeFn::Bound(messages::sendmsg),
            "Send normal and ancillary data to the socket, gathering the\nnon-ancillary data from a series of buffers.",
        ),
    ],
    getset: &[
        GetSet::read_only("family", |_, v| Ok(Value::int(of(v).family.load(Relaxed).into())), "the socket family")
            .as_member(),
        GetSet::read_only("type", |_, v| Ok(Value::int(of(v).kind.load(Relaxed).into())), "the socket type")
            .as_member(),
        GetSet::read_only("proto", |_, v| Ok(Value::int(of(v).protocol.load(Relaxed).into())), "the socket protocol")
            .as_member(),
        GetSet::read_only("timeout", |_, v| Ok(timeout_value(of(v).timeout_ns())), "the socket timeout"),
    ],
    flags: flag::BASETYPE,
    ..TypeSpec::new("_socket", "socket", layout_of::<Socket>(false))
};
