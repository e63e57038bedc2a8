//! The module `zlib`: checksums, compressing in one go, constants.

use super::LARGE;
use super::stream::{self, Failure, Stream};
use super::zlib_objects;
use crate::object::args::Bound;
use crate::object::bigint::{self, IntView};
use crate::object::core_types::exc;
use crate::object::exception::BaseException;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{StaticType, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{names, protocol};
use crate::types::bytes::args::{bytes_like, c_int};
use crate::types::bytes::payload as bytes;
use libz_rs_sys as z;

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "adler32",
            "($module, data, value=1, /)",
            NativeFn::Bound(|t, b| checksum(t, b, 1, stream::adler32)),
            "Compute an Adler-32 checksum of data.\n\n  value\n    Starting value of the checksum.\n\nThe returned checksum \
             is an integer.",
        ),
        Method::new(
            "compress",
            "($module, data, /, level=Z_DEFAULT_COMPRESSION, wbits=MAX_WBITS)",
            NativeFn::Bound(compress),
            "Returns a bytes object containing compressed data.\n\n  data\n    Binary data to be compressed.\n  level\n    \
             Compression level, in 0-9 or -1.\n  wbits\n    The window buffer size and container format.",
        ),
        Method::new(
            "compressobj",
            "($module, /, level=Z_DEFAULT_COMPRESSION, method=DEFLATED, wbits=MAX_WBITS, memLevel=DEF_MEM_LEVEL, \
             strategy=Z_DEFAULT_STRATEGY, zdict=None)",
            NativeFn::Bound(zlib_objects::compressobj),
            "Return a compressor object.",
        ),
        Method::new(
            "crc32",
            "($module, data, value=0, /)",
            NativeFn::Bound(|t, b| {
                checksum(t, b, 0, |start, data| {
                    let mut hasher = crc32fast::Hasher::new_with_initial(start);
                    hasher.update(data);
                    hasher.finalize()
                })
            }),
            "Compute a CRC-32 checksum of data.\n\n  value\n    Starting value of the checksum.\n\nThe returned checksum is \
             an integer.",
        ),
        Method::new(
            "decompress",
            "($module, data, /, wbits=MAX_WBITS, bufsize=DEF_BUF_SIZE)",
            NativeFn::Bound(decompress),
            "Returns a bytes object containing the uncompressed data.\n\n  data\n    Compressed data.\n  wbits\n    The \
             window buffer size and container format.\n  bufsize\n    The initial output buffer size.",
        ),
        Method::new(
            "decompressobj",
            "($module, /, wbits=MAX_WBITS, zdict=b'')",
            NativeFn::Bound(zlib_objects::decompressobj),
            "Return a decompressor object.\n\n  wbits\n    The window buffer size and container format.\n  zdict\n    The \
             predefined compression dictionary.  This must be the same\n    dictionary as used by the compressor that \
             produced the input data.",
        ),
    ],
    types: &[&ERROR, &zlib_objects::COMPRESS, &zlib_objects::DECOMPRESS, &zlib_objects::ZLIB_DECOMPRESSOR],
    init: Some(init),
    ..ModuleSpec::new(
        "zlib",
        "The functions in this module allow compression and decompression using the\nzlib library, which is based on GNU zip.",
    )
};

/// `zlib.error`
pub static ERROR: StaticType = StaticType::new(&TypeSpec {
    base: Some(&exc::EXCEPTION),
    flags: flag::BASETYPE,
    ..TypeSpec::new("zlib", "error", layout_of::<BaseException>(true))
});

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    crate::modules::support::hide(t, module, &["Compress", "Decompress"])?;
    let numbers = [
        ("MAX_WBITS", 15),
        ("DEFLATED", z::Z_DEFLATED),
        ("DEF_MEM_LEVEL", 8),
        ("DEF_BUF_SIZE", 16384),
        ("Z_NO_COMPRESSION", 0),
        ("Z_BEST_SPEED", 1),
        ("Z_BEST_COMPRESSION", 9),
        ("Z_DEFAULT_COMPRESSION", -1),
        ("Z_FILTERED", 1),
        ("Z_HUFFMAN_ONLY", 2),
        ("Z_RLE", 3),
        ("Z_FIXED", 4),
        ("Z_DEFAULT_STRATEGY", 0),
        ("Z_NO_FLUSH", z::Z_NO_FLUSH),
        ("Z_PARTIAL_FLUSH", z::Z_PARTIAL_FLUSH),
        ("Z_SYNC_FLUSH", z::Z_SYNC_FLUSH),
        ("Z_FULL_FLUSH", z::Z_FULL_FLUSH),
        ("Z_FINISH", z::Z_FINISH),
        ("Z_BLOCK", z::Z_BLOCK),
        ("Z_TREES", z::Z_TREES),
    ];
    for (name, n) in numbers {
        protocol::set_attr(t, module, &names::intern(name), &Value::int(i64::from(n)))?;
    }
    // The version of zlib whose behaviour and face the library has.
    for name in ["ZLIB_VERSION", "ZLIB_RUNTIME_VERSION"] {
        protocol::set_attr(t, module, &names::intern(name), &names::intern("1.3.1"))?;
    }
    protocol::set_attr(t, module, &names::intern("__version__"), &names::intern("1.0"))
}

/// Raises `zlib.error`: "Error CODE WHILE: WHY".
#[cold]
pub fn error(t: &Thread, failure: &Failure, doing: &str) -> Raised {
    let message = match &failure.message {
        Some(message) => format!("Error {} {doing}: {message}", failure.code),
        None => format!("Error {} {doing}", failure.code),
    };
    raise::new(t, &ERROR, message)
}

/// An int argument with a default.
pub fn int(t: &Thread, v: Option<&Value>, default: i32) -> PyResult<i32> {
    v.map_or(Ok(default), |v| c_int(t, v))
}

fn checksum(t: &Thread, b: &Bound<'_>, default: u32, f: impl Fn(u32, &[u8]) -> u32 + Send + Sync) -> PyResult {
    let start = match b.opt(1) {
        None => default,
        Some(v) => {
            let index = protocol::index(t, v)?;
            match bigint::view(&index) {
                Some(IntView::Small(n)) => n as u32,
                Some(IntView::Big(big)) => {
                    let mask = dashu_int::IBig::from(u32::MAX);
                    u32::try_from(&(big & mask)).unwrap_or(0)
                }
                None => default,
            }
        }
    };
    let data = bytes_like(t, b.req(0))?;
    let data: &[u8] = &data;
    let sum = if data.len() < 5 * 1024 { f(start, data) } else { t.detached(|| f(start, data)) };
    Ok(Value::uint(u64::from(sum)))
}

fn compress(t: &Thread, b: &Bound<'_>) -> PyResult {
    let data = bytes_like(t, b.req(0))?;
    let (level, wbits) = (int(t, b.opt(1), -1)?, int(t, b.opt(2), 15)?);
    let data: &[u8] = &data;
    let work = || -> Result<Vec<u8>, Failure> {
        let mut stream = Stream::deflate(level, z::Z_DEFLATED, wbits, 8, 0)?;
        let mut out = Vec::with_capacity(data.len() / 2 + 64);
        let mut at = 0;
        loop {
            let step = stream.step(&data[at..], &mut out, 32 * 1024, z::Z_FINISH);
            at += step.used;
            match step.code {
                z::Z_STREAM_END => return Ok(out),
                z::Z_OK | z::Z_BUF_ERROR => {}
                code => return Err(stream.failure(code)),
            }
        }
    };
    match if data.len() < LARGE { work() } else { t.detached(work) } {
        Ok(out) => Ok(bytes::from_vec(out)),
        Err(Failure { code: z::Z_STREAM_ERROR, .. }) => Err(raise::new(t, &ERROR, "Bad compression level")),
        Err(Failure { code: z::Z_MEM_ERROR, .. }) => {
            Err(raise::memory_error(t, "Out of memory while compressing data"))
        }
        Err(failure) => Err(error(t, &failure, "while compressing data")),
    }
}

fn decompress(t: &Thread, b: &Bound<'_>) -> PyResult {
    let data = bytes_like(t, b.req(0))?;
    let wbits = int(t, b.opt(1), 15)?;
    let size = b.opt(2).map_or(Ok(16384), |v| crate::modules::support::size_argument(t, v))?;
    if size < 0 {
        return Err(raise::value_error(t, "bufsize must be non-negative"));
    }
    let data: &[u8] = &data;
    let work = || -> Result<Vec<u8>, (Failure, &'static str)> {
        let mut stream = Stream::inflate(wbits).map_err(|f| (f, "while preparing to decompress data"))?;
        let mut out = Vec::with_capacity(data.len().saturating_mul(2).clamp(64, 1 << 20));
        let mut at = 0;
        loop {
            let room = (out.capacity() - out.len()).max(32 * 1024);
            let step = stream.step(&data[at..], &mut out, room, z::Z_SYNC_FLUSH);
            at += step.used;
            match step.code {
                z::Z_STREAM_END => return Ok(out),
                z::Z_OK if at < data.len() || out.len() == out.capacity() => {}
                // All input is used up; whatever is still inside comes with the next round.
                z::Z_OK if step.used > 0 => {}
                z::Z_OK | z::Z_BUF_ERROR => {
                    let failure = stream.failure(z::Z_BUF_ERROR);
                    return Err((failure, "while decompressing data"));
                }
                code => return Err((stream.failure(code), "while decompressing data")),
            }
        }
    };
    match if data.len() < LARGE { work() } else { t.detached(work) } {
        Ok(out) => Ok(bytes::from_vec(out)),
        Err((Failure { code: z::Z_MEM_ERROR, .. }, _)) => {
            Err(raise::memory_error(t, "Out of memory while decompressing data"))
        }
        Err((failure, doing)) => Err(error(t, &failure, doing)),
    }
}
