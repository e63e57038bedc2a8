//! Socket addresses and the resolver.

use std::ffi::CStr;
use std::net::{Ipv4Addr, Ipv6Addr};

/// An address of any family, as the system wants it.
#[derive(Clone, Copy)]
pub struct Address {
    storage: libc::sockaddr_storage,
    pub len: libc::socklen_t,
}

/// An address taken apart.
#[derive(Debug, PartialEq, Eq)]
pub enum Parts {
    None,
    V4(Ipv4Addr, u16),
    /// With flow information and scope.
    V6(Ipv6Addr, u16, u32, u32),
    /// A path, or with a zero byte in front an abstract name; maybe empty.
    Unix(Vec<u8>),
    /// Port id and groups.
    Netlink(u32, u32),
    /// (cid, port) of a virtual machine's socket.
    Vsock(u32, u32),
    /// Anything else: family and raw bytes.
    Other(u16, Vec<u8>),
}

/// Where the path begins in a `sockaddr_un`.
const PATH: usize = std::mem::offset_of!(libc::sockaddr_un, sun_path);
/// The longest path, with its terminating zero.
pub const PATH_MAX: usize = size_of::<libc::sockaddr_un>() - PATH;

impl Address {
    /// Room for the system to write an address into.
    pub fn empty() -> Address {
        // SAFETY: all zeros is a valid storage.
        Address { storage: unsafe { std::mem::zeroed() }, len: size_of::<libc::sockaddr_storage>() as libc::socklen_t }
    }

    fn of<T>(address: T) -> Address {
        let mut all = Address::empty();
        assert!(size_of::<T>() <= size_of::<libc::sockaddr_storage>());
        // SAFETY: checked to fit; `storage` is aligned for every address type.
        unsafe { std::ptr::write((&raw mut all.storage).cast::<T>(), address) };
        all.len = size_of::<T>() as libc::socklen_t;
        all
    }

    pub fn v4(ip: Ipv4Addr, port: u16) -> Address {
        Address::of(libc::sockaddr_in {
            sin_family: libc::AF_INET as u16,
            sin_port: port.to_be(),
            sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes(ip.octets()) },
            sin_zero: [0; 8],
        })
    }

    pub fn v6(ip: Ipv6Addr, port: u16, flow: u32, scope: u32) -> Address {
        Address::of(libc::sockaddr_in6 {
            sin6_family: libc::AF_INET6 as u16,
            sin6_port: port.to_be(),
            sin6_flowinfo: flow.to_be(),
            sin6_addr: libc::in6_addr { s6_addr: ip.octets() },
            sin6_scope_id: scope,
        })
    }

    /// None where the path is too long.
    pub fn unix(path: &[u8]) -> Option<Address> {
        let abstract_name = path.first().is_none_or(|b| *b == 0);
        if path.len() > PATH_MAX || (!abstract_name && path.len() == PATH_MAX) {
            return None;
        }
        let mut address = libc::sockaddr_un { sun_family: libc::AF_UNIX as u16, sun_path: [0; 108] };
        for (to, from) in address.sun_path.iter_mut().zip(path) {
            *to = *from as libc::c_char;
        }
        let mut all = Address::of(address);
        all.len = (PATH + path.len() + usize::from(!abstract_name)) as libc::socklen_t;
        Some(all)
    }

    pub fn netlink(id: u32, groups: u32) -> Address {
        // SAFETY: all zeros is valid.
        let mut address: libc::sockaddr_nl = unsafe { std::mem::zeroed() };
        address.nl_family = libc::AF_NETLINK as u16;
        address.nl_pid = id;
        address.nl_groups = groups;
        Address::of(address)
    }

    pub fn vsock(cid: u32, port: u32) -> Address {
        // SAFETY: all zeros is valid.
        let mut address: libc::sockaddr_vm = unsafe { std::mem::zeroed() };
        address.svm_family = libc::AF_VSOCK as u16;
        address.svm_cid = cid;
        address.svm_port = port;
        Address::of(address)
    }

    /// Of memory that the system gave.
    ///
    /// # Safety
    /// `len` bytes at `address` are an address.
    pub unsafe fn copy(address: *const libc::sockaddr, len: libc::socklen_t) -> Address {
        let mut all = Address::empty();
        let n = (len as usize).min(size_of::<libc::sockaddr_storage>());
        // SAFETY: by the caller; `n` bytes fit.
        unsafe { std::ptr::copy_nonoverlapping(address.cast::<u8>(), (&raw mut all.storage).cast::<u8>(), n) };
        all.len = n as libc::socklen_t;
        all
    }

    pub fn pointer(&self) -> *const libc::sockaddr {
        (&raw const self.storage).cast()
    }

    pub fn pointer_mut(&mut self) -> *mut libc::sockaddr {
        (&raw mut self.storage).cast()
    }

    pub fn family(&self) -> i32 {
        self.storage.ss_family.into()
    }

    pub fn port(&self) -> u16 {
        match self.parts() {
            Parts::V4(_, port) | Parts::V6(_, port, ..) => port,
            _ => 0,
        }
    }

    /// Takes the address apart.
    pub fn parts(&self) -> Parts {
        let len = self.len as usize;
        if len < 2 {
            return Parts::None;
        }
        // SAFETY: the storage is large and aligned enough for every family, and plain data.
        unsafe {
            match self.family() {
                libc::AF_INET => {
                    let a = &*self.pointer().cast::<libc::sockaddr_in>();
                    Parts::V4(Ipv4Addr::from(a.sin_addr.s_addr.to_ne_bytes()), u16::from_be(a.sin_port))
                }
                libc::AF_INET6 => {
                    let a = &*self.pointer().cast::<libc::sockaddr_in6>();
                    let ip = Ipv6Addr::from(a.sin6_addr.s6_addr);
                    Parts::V6(ip, u16::from_be(a.sin6_port), u32::from_be(a.sin6_flowinfo), a.sin6_scope_id)
                }
                libc::AF_UNIX => {
                    let a = &*self.pointer().cast::<libc::sockaddr_un>();
                    let bytes: Vec<u8> = a.sun_path.iter().map(|c| *c as u8).collect();
                    let n = len.saturating_sub(PATH).min(bytes.len());
                    if n > 0 && bytes[0] == 0 {
                        return Parts::Unix(bytes[..n].to_vec());
                    }
                    let end = bytes[..n].iter().position(|b| *b == 0).unwrap_or(n);
                    Parts::Unix(bytes[..end].to_vec())
                }
                libc::AF_NETLINK => {
                    let a = &*self.pointer().cast::<libc::sockaddr_nl>();
                    Parts::Netlink(a.nl_pid, a.nl_groups)
                }
                libc::AF_VSOCK => {
                    let a = &*self.pointer().cast::<libc::sockaddr_vm>();
                    Parts::Vsock(a.svm_cid, a.svm_port)
                }
                family => {
                    let bytes = std::slice::from_raw_parts(self.pointer().cast::<u8>(), len);
                    Parts::Other(family as u16, bytes[2..].to_vec())
                }
            }
        }
    }
}

/// One answer of the resolver.
pub struct Found {
    pub family: i32,
    pub kind: i32,
    pub protocol: i32,
    pub canonical: Option<Vec<u8>>,
    pub address: Address,
}

/// An error of the resolver: its own number, and errno where that is `EAI_SYSTEM`.
#[derive(Clone, Copy, Debug)]
pub struct ResolveError(pub i32, pub i32);

/// What is looked for.
#[derive(Clone, Copy, Default)]
pub struct Hints {
    pub flags: i32,
    pub family: i32,
    pub kind: i32,
    pub protocol: i32,
}

/// `getaddrinfo`. Blocks.
pub fn resolve(host: Option<&CStr>, service: Option<&CStr>, hints: Hints) -> Result<Vec<Found>, ResolveError> {
    // SAFETY: terminated texts or null; the list is walked before it is freed.
    unsafe {
        let mut wanted: libc::addrinfo = std::mem::zeroed();
        wanted.ai_flags = hints.flags;
        wanted.ai_family = hints.family;
        wanted.ai_socktype = hints.kind;
        wanted.ai_protocol = hints.protocol;
        let mut list = std::ptr::null_mut();
        let text = |t: Option<&CStr>| t.map_or(std::ptr::null(), CStr::as_ptr);
        let error = libc::getaddrinfo(text(host), text(service), &wanted, &mut list);
        if error != 0 {
            return Err(ResolveError(error, *libc::__errno_location()));
        }
        let mut found = Vec::new();
        let mut next = list;
        while let Some(one) = next.as_ref() {
            found.push(Found {
                family: one.ai_family,
                kind: one.ai_socktype,
                protocol: one.ai_protocol,
                canonical: (!one.ai_canonname.is_null()).then(|| CStr::from_ptr(one.ai_canonname).to_bytes().to_vec()),
                address: Address::copy(one.ai_addr, one.ai_addrlen),
            });
            next = one.ai_next;
        }
        libc::freeaddrinfo(list);
        Ok(found)
    }
}

/// `getnameinfo`: host and service. Blocks.
pub fn name_of(address: &Address, flags: i32) -> Result<(Vec<u8>, Vec<u8>), ResolveError> {
    let (mut host, mut service) = ([0u8; 1025], [0u8; 32]);
    // SAFETY: writes terminated texts of at most the buffers' lengths.
    let error = unsafe {
        libc::getnameinfo(
            address.pointer(),
            address.len,
            host.as_mut_ptr().cast(),
            host.len() as u32,
            service.as_mut_ptr().cast(),
            service.len() as u32,
            flags,
        )
    };
    if error != 0 {
        return Err(ResolveError(error, super::signal::errno()));
    }
    let text = |b: &[u8]| b[..b.iter().position(|c| *c == 0).unwrap_or(b.len())].to_vec();
    Ok((text(&host), text(&service)))
}

/// The resolver's text for an error.
pub fn resolve_error_text(error: i32) -> String {
    // SAFETY: a static text.
    unsafe { CStr::from_ptr(libc::gai_strerror(error)) }.to_string_lossy().into_owned()
}

/// A host as the old functions tell of it: name, other names, addresses.
pub struct Host {
    pub name: Vec<u8>,
    pub aliases: Vec<Vec<u8>>,
    pub family: i32,
    pub addresses: Vec<Vec<u8>>,
}

#[repr(C)]
struct Hostent {
    name: *const libc::c_char,
    aliases: *const *const libc::c_char,
    family: i32,
    length: i32,
    addresses: *const *const u8,
}

unsafe extern "C" {
    fn gethostbyname_r(
        name: *const libc::c_char,
        host: *mut Hostent,
        buffer: *mut u8,
        size: usize,
        result: *mut *mut Hostent,
        error: *mut i32,
    ) -> i32;
    fn gethostbyaddr_r(
        address: *const u8,
        len: libc::socklen_t,
        family: i32,
        host: *mut Hostent,
        buffer: *mut u8,
        size: usize,
        result: *mut *mut Hostent,
        error: *mut i32,
    ) -> i32;
    fn hstrerror(error: i32) -> *const libc::c_char;
}

/// The text for an error of `host_by_name` and `host_by_address`.
pub fn host_error_text(error: i32) -> String {
    // SAFETY: a static text.
    unsafe { CStr::from_ptr(hstrerror(error)) }.to_string_lossy().into_owned()
}

fn host(call: impl Fn(*mut Hostent, &mut [u8], *mut *mut Hostent, *mut i32) -> i32) -> Result<Host, i32> {
    let mut buffer = vec![0u8; 16384];
    let mut error = 0;
    let mut result = std::ptr::null_mut();
    // SAFETY: all zeros is valid.
    let mut found: Hostent = unsafe { std::mem::zeroed() };
    loop {
        if call(&mut found, &mut buffer, &mut result, &mut error) != libc::ERANGE {
            break;
        }
        let n = buffer.len() * 2;
        buffer.resize(n, 0);
    }
    if result.is_null() {
        return Err(error);
    }
    // SAFETY: a complete answer, whose arrays end with null and point into `buffer`.
    unsafe {
        let list = |mut at: *const *const libc::c_char| {
            let mut all = Vec::new();
            while !at.is_null() && !(*at).is_null() {
                all.push(CStr::from_ptr(*at).to_bytes().to_vec());
                at = at.add(1);
            }
            all
        };
        let mut addresses = Vec::new();
        let mut at = found.addresses;
        while !at.is_null() && !(*at).is_null() {
            addresses.push(std::slice::from_raw_parts(*at, found.length as usize).to_vec());
            at = at.add(1);
        }
        Ok(Host {
            name: CStr::from_ptr(found.name).to_bytes().to_vec(),
            aliases: list(found.aliases),
            family: found.family,
            addresses,
        })
    }
}

/// `gethostbyname`. Blocks. The error is an `h_errno`.
pub fn host_by_name(name: &CStr) -> Result<Host, i32> {
    // SAFETY: as the function is documented.
    host(|found, buffer, result, error| unsafe {
        gethostbyname_r(name.as_ptr(), found, buffer.as_mut_ptr(), buffer.len(), result, error)
    })
}

/// `gethostbyaddr`, of the raw bytes of an IP address. Blocks. The error is an `h_errno`.
pub fn host_by_address(address: &[u8], family: i32) -> Result<Host, i32> {
    // SAFETY: as the function is documented.
    host(|found, buffer, result, error| unsafe {
        gethostbyaddr_r(
            address.as_ptr(),
            address.len() as libc::socklen_t,
            family,
            found,
            buffer.as_mut_ptr(),
            buffer.len(),
            result,
            error,
        )
    })
}

/// Network interfaces: numbers and names.
pub fn interfaces() -> std::io::Result<Vec<(u32, Vec<u8>)>> {
    // SAFETY: the list ends with a null name and is freed after use.
    unsafe {
        let list = libc::if_nameindex();
        if list.is_null() {
            return Err(std::io::Error::last_os_error());
        }
        let mut found = Vec::new();
        let mut at = list;
        while !(*at).if_name.is_null() {
            found.push(((*at).if_index, CStr::from_ptr((*at).if_name).to_bytes().to_vec()));
            at = at.add(1);
        }
        libc::if_freenameindex(list);
        Ok(found)
    }
}
