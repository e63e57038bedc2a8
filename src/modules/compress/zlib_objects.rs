//! The objects of `zlib`: `Compress`, `Decompress` and `_ZlibDecompressor`.

use super::flow::{Decoder, Flow};
use super::locked;
use super::stream::{Failure, Stream};
use super::zlib::{error, int};
use crate::modules::support::{Parameters, size_argument};
use crate::object::alloc;
use crate::object::args::{Args, Bound};
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::sync::shim::Mutex;
use crate::this;
use crate::types::bytes::args::bytes_like;
use crate::types::bytes::payload as bytes;
use libz_rs_sys as z;

const CHUNK: usize = 16 * 1024;

/// The payload of a compressor.
pub struct Compress {
    stream: Mutex<(Stream, bool)>,
}

/// `zlib.Compress`
pub static COMPRESS: StaticType = StaticType::new(&TypeSpec {
    methods: &[
        Method::new(
            "compress",
            "($self, data, /)",
            NativeFn::F2(|t, v, data| {
                let data = bytes_like(t, data)?;
                deflate(t, v, &data, z::Z_NO_FLUSH, "while compressing data")
            }),
            "Returns a bytes object containing compressed data.\n\nAfter calling this function, some of the input data may \
             still\nbe stored in internal buffers for later processing.\nCall the flush() method to clear these buffers.",
        ),
        Method::new(
            "flush",
            "($self, mode=zlib.Z_FINISH, /)",
            NativeFn::Bound(|t, b| {
                let mode = int(t, b.opt(1), z::Z_FINISH)?;
                if mode == z::Z_NO_FLUSH {
                    return Ok(bytes::empty());
                }
                deflate(t, b.req(0), &[], mode, "while flushing")
            }),
            "Return a bytes object containing any remaining compressed data.",
        ),
        Method::new("copy", "($self, /)", NativeFn::F1(copy_compress), "Return a copy of the compression object."),
        Method::new("__copy__", "($self, /)", NativeFn::F1(copy_compress), ""),
        Method::new("__deepcopy__", "($self, memo, /)", NativeFn::F2(|t, v, _| copy_compress(t, v)), ""),
    ],
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("zlib", "Compress", layout_of::<Compress>(false))
});

// SAFETY: `COMPRESS`'s layout is `Compress`.
unsafe impl Payload for Compress {
    fn layout_type() -> &'static Type {
        &COMPRESS
    }
}

/// `zlib.compressobj`
pub fn compressobj(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (level, method, wbits) = (int(t, b.opt(0), -1)?, int(t, b.opt(1), z::Z_DEFLATED)?, int(t, b.opt(2), 15)?);
    let (mem_level, strategy) = (int(t, b.opt(3), 8)?, int(t, b.opt(4), 0)?);
    let dictionary = b.non_none(5).map(|v| bytes_like(t, v)).transpose()?;
    let mut stream = match Stream::deflate(level, method, wbits, mem_level, strategy) {
        Ok(stream) => stream,
        Err(Failure { code: z::Z_STREAM_ERROR, .. }) => {
            return Err(raise::value_error(t, "Invalid initialization option"));
        }
        Err(Failure { code: z::Z_MEM_ERROR, .. }) => {
            return Err(raise::memory_error(t, "Can't allocate memory for compression object"));
        }
        Err(failure) => return Err(error(t, &failure, "while creating compression object")),
    };
    if let Some(dictionary) = dictionary
        && let Err(failure) = stream.set_dictionary(&dictionary)
    {
        return match failure.code {
            z::Z_STREAM_ERROR => Err(raise::value_error(t, "Invalid dictionary")),
            _ => Err(raise::value_error(t, "deflateSetDictionary()")),
        };
    }
    Ok(alloc::new(&COMPRESS, Compress { stream: Mutex::new((stream, false)) }))
}

fn deflate(t: &Thread, v: &Value, data: &[u8], flush: i32, doing: &str) -> PyResult {
    let result = locked(t, &this!(v, Compress).stream, data.len(), |(stream, ended)| {
        let mut out = Vec::new();
        if *ended {
            return Err(Failure { code: z::Z_STREAM_ERROR, message: Some("inconsistent stream state".to_string()) });
        }
        let mut at = 0;
        loop {
            let before = out.len();
            let step = stream.step(&data[at..], &mut out, CHUNK, flush);
            at += step.used;
            match step.code {
                z::Z_STREAM_END => {
                    *ended = true;
                    return Ok(out);
                }
                z::Z_OK if at < data.len() || out.len() - before == CHUNK => {}
                z::Z_OK | z::Z_BUF_ERROR => return Ok(out),
                code => return Err(stream.failure(code)),
            }
        }
    });
    match result {
        Ok(out) => Ok(bytes::from_vec(out)),
        Err(failure) => Err(error(t, &failure, doing)),
    }
}

fn copy_compress(t: &Thread, v: &Value) -> PyResult {
    let copy = locked(t, &this!(v, Compress).stream, 0, |(stream, ended)| {
        if *ended {
            return Err(Failure { code: z::Z_STREAM_ERROR, message: None });
        }
        stream.copy()
    });
    match copy {
        Ok(stream) => Ok(alloc::new(&COMPRESS, Compress { stream: Mutex::new((stream, false)) })),
        Err(Failure { code: z::Z_STREAM_ERROR, .. }) => Err(raise::value_error(t, "Inconsistent stream state")),
        Err(Failure { code: z::Z_MEM_ERROR, .. }) => {
            Err(raise::memory_error(t, "Can't allocate memory for compression object"))
        }
        Err(failure) => Err(error(t, &failure, "while copying compression object")),
    }
}

/// The payload of a decompressor.
pub struct Decompress {
    inner: Mutex<Inflating>,
}

struct Inflating {
    stream: Stream,
    dictionary: Option<Vec<u8>>,
    unused: Vec<u8>,
    tail: Vec<u8>,
    eof: bool,
    /// Flushed after its end: there is nothing left to copy.
    closed: bool,
}

/// `zlib.Decompress`
pub static DECOMPRESS: StaticType = StaticType::new(&TypeSpec {
    methods: &[
        Method::new(
            "decompress",
            "($self, data, /, max_length=0)",
            NativeFn::Bound(|t, b| {
                let limit = b.opt(2).map_or(Ok(0), |v| size_argument(t, v))?;
                let Ok(limit) = usize::try_from(limit) else {
                    return Err(raise::value_error(t, "max_length must be non-negative"));
                };
                let data = bytes_like(t, b.req(1))?;
                inflate(t, b.req(0), Some(&data), (limit > 0).then_some(limit))
            }),
            "Return a bytes object containing the decompressed version of the data.\n\nAfter calling this function, some of \
             the input data may still be stored in\ninternal buffers for later processing.",
        ),
        Method::new(
            "flush",
            "($self, length=zlib.DEF_BUF_SIZE, /)",
            NativeFn::Bound(|t, b| {
                if b.opt(1).map_or(Ok(1), |v| size_argument(t, v))? <= 0 {
                    return Err(raise::value_error(t, "length must be greater than zero"));
                }
                inflate(t, b.req(0), None, None)
            }),
            "Return a bytes object containing any remaining decompressed data.",
        ),
        Method::new("copy", "($self, /)", NativeFn::F1(copy_decompress), "Return a copy of the decompression object."),
        Method::new("__copy__", "($self, /)", NativeFn::F1(copy_decompress), ""),
        Method::new("__deepcopy__", "($self, memo, /)", NativeFn::F2(|t, v, _| copy_decompress(t, v)), ""),
    ],
    getset: &[
        GetSet::read_only(
            "unused_data",
            |t, v| Ok(bytes::from_vec(locked(t, &this!(v, Decompress).inner, 0, |i| i.unused.clone()))),
            "",
        )
        .as_member(),
        GetSet::read_only(
            "unconsumed_tail",
            |t, v| Ok(bytes::from_vec(locked(t, &this!(v, Decompress).inner, 0, |i| i.tail.clone()))),
            "",
        )
        .as_member(),
        GetSet::read_only("eof", |t, v| Ok(Value::bool(locked(t, &this!(v, Decompress).inner, 0, |i| i.eof))), "")
            .as_member(),
    ],
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("zlib", "Decompress", layout_of::<Decompress>(false))
});

// SAFETY: `DECOMPRESS`'s layout is `Decompress`.
unsafe impl Payload for Decompress {
    fn layout_type() -> &'static Type {
        &DECOMPRESS
    }
}

/// A decompressing stream with its dictionary, which raw data needs at once and other data when it asks for it.
fn inflating(t: &Thread, wbits: i32, dictionary: &mut Option<Vec<u8>>) -> PyResult<Stream> {
    let mut stream = match Stream::inflate(wbits) {
        Ok(stream) => stream,
        Err(Failure { code: z::Z_STREAM_ERROR, .. }) => {
            return Err(raise::value_error(t, "Invalid initialization option"));
        }
        Err(Failure { code: z::Z_MEM_ERROR, .. }) => {
            return Err(raise::memory_error(t, "Can't allocate memory for decompression object"));
        }
        Err(failure) => return Err(error(t, &failure, "while creating decompression object")),
    };
    if wbits < 0
        && let Some(dictionary) = dictionary
        && let Err(failure) = stream.set_dictionary(dictionary)
    {
        return Err(error(t, &failure, "while setting zdict"));
    }
    Ok(stream)
}

/// The bytes of a `zdict` argument.
fn dictionary_of(t: &Thread, v: Option<&Value>) -> PyResult<Option<Vec<u8>>> {
    match v {
        None => Ok(None),
        Some(v) if v.class().slots.buffer.get().is_none() => {
            Err(raise::type_error(t, "zdict argument must support the buffer protocol"))
        }
        Some(v) => Ok(Some(bytes_like(t, v)?.to_vec()).filter(|bytes| !bytes.is_empty())),
    }
}

/// `zlib.decompressobj`
pub fn decompressobj(t: &Thread, b: &Bound<'_>) -> PyResult {
    let wbits = int(t, b.opt(0), 15)?;
    let mut dictionary = dictionary_of(t, b.opt(1))?;
    let stream = inflating(t, wbits, &mut dictionary)?;
    let inner = Inflating { stream, dictionary, unused: Vec::new(), tail: Vec::new(), eof: false, closed: false };
    Ok(alloc::new(&DECOMPRESS, Decompress { inner: Mutex::new(inner) }))
}

/// Decompresses `data`, or (None: flushing) what is left of earlier data.
fn inflate(t: &Thread, v: &Value, data: Option<&[u8]>, limit: Option<usize>) -> PyResult {
    let flushing = data.is_none();
    let size = data.map_or(super::LARGE, <[u8]>::len);
    let result = locked(t, &this!(v, Decompress).inner, size, |inner| {
        let rest;
        let data = match data {
            Some(data) => data,
            None => {
                rest = std::mem::take(&mut inner.tail);
                &rest
            }
        };
        let mut out = Vec::new();
        let mut at = 0;
        let outcome = loop {
            let room = limit.map_or(CHUNK, |limit| (limit - out.len()).min(CHUNK));
            if room == 0 || inner.eof {
                break Ok(());
            }
            let before = out.len();
            let flush = if flushing { z::Z_FINISH } else { z::Z_SYNC_FLUSH };
            let step = inner.stream.step(&data[at..], &mut out, room, flush);
            at += step.used;
            match step.code {
                z::Z_STREAM_END => inner.eof = true,
                z::Z_NEED_DICT => match &inner.dictionary {
                    Some(dictionary) => {
                        if let Err(failure) = inner.stream.set_dictionary(dictionary) {
                            break Err((failure, "while setting zdict"));
                        }
                    }
                    None => break Err((inner.stream.failure(step.code), "while decompressing data")),
                },
                z::Z_OK if at < data.len() || out.len() - before == room => {}
                z::Z_OK => break Ok(()),
                z::Z_BUF_ERROR if out.len() - before == room => {}
                z::Z_BUF_ERROR => break Ok(()),
                code => break Err((inner.stream.failure(code), "while decompressing data")),
            }
        };
        // What follows the end, or what the limit held back.
        if inner.eof {
            inner.unused.extend_from_slice(&data[at..]);
            inner.tail = Vec::new();
            inner.closed |= flushing;
        } else {
            inner.tail = data[at..].to_vec();
        }
        outcome.map(|()| out)
    });
    match result {
        Ok(out) => Ok(bytes::from_vec(out)),
        Err((failure, doing)) => Err(error(t, &failure, doing)),
    }
}

fn copy_decompress(t: &Thread, v: &Value) -> PyResult {
    let copy = locked(t, &this!(v, Decompress).inner, 0, |inner| {
        if inner.closed {
            return Err(Failure { code: z::Z_STREAM_ERROR, message: None });
        }
        Ok(Inflating {
            stream: inner.stream.copy()?,
            dictionary: inner.dictionary.clone(),
            unused: inner.unused.clone(),
            tail: inner.tail.clone(),
            eof: inner.eof,
            closed: false,
        })
    });
    match copy {
        Ok(inner) => Ok(alloc::new(&DECOMPRESS, Decompress { inner: Mutex::new(inner) })),
        Err(Failure { code: z::Z_STREAM_ERROR, .. }) => Err(raise::value_error(t, "Inconsistent stream state")),
        Err(failure) => Err(error(t, &failure, "while copying decompression object")),
    }
}

/// The payload of `_ZlibDecompressor`, which `gzip` reads with.
pub struct ZlibDecompressor {
    flow: Mutex<Flow<Inflater>>,
}

struct Inflater {
    stream: Stream,
    dictionary: Option<Vec<u8>>,
}

impl Decoder for Inflater {
    type Error = (Failure, &'static str);

    fn step(&mut self, input: &[u8], out: &mut Vec<u8>, room: usize) -> Result<(usize, bool), Self::Error> {
        let step = self.stream.step(input, out, room, z::Z_SYNC_FLUSH);
        match step.code {
            z::Z_OK | z::Z_BUF_ERROR => Ok((step.used, false)),
            z::Z_STREAM_END => Ok((step.used, true)),
            z::Z_NEED_DICT if self.dictionary.is_some() => {
                if let Some(dictionary) = self.dictionary.take()
                    && let Err(failure) = self.stream.set_dictionary(&dictionary)
                {
                    return Err((failure, "while setting zdict"));
                }
                let (used, ended) = self.step(&input[step.used..], out, room)?;
                Ok((step.used + used, ended))
            }
            code => Err((self.stream.failure(code), "while decompressing data")),
        }
    }
}

/// `zlib._ZlibDecompressor`
pub static ZLIB_DECOMPRESSOR: StaticType = StaticType::new(&TypeSpec {
    doc: "Create a decompressor object for decompressing data incrementally.",
    signature: "(wbits=MAX_WBITS, zdict=b'')",
    slots: SlotTable { new: Some(new), ..SlotTable::EMPTY },
    methods: &[Method::new(
        "decompress",
        "($self, /, data, max_length=-1)",
        NativeFn::Bound(|t, b| {
            let limit = b.opt(2).map_or(Ok(-1), |v| size_argument(t, v))?;
            let data = bytes_like(t, b.req(1))?;
            let data: &[u8] = &data;
            let size = data.len().max(super::LARGE);
            let result = locked(t, &this!(b.req(0), ZlibDecompressor).flow, size, |flow| {
                if flow.eof {
                    return None;
                }
                Some(flow.decompress(data, usize::try_from(limit).ok()))
            });
            match result {
                None => Err(raise::eof_error(t, "End of stream already reached")),
                Some(Ok(out)) => Ok(bytes::from_vec(out)),
                Some(Err((failure, doing))) => Err(error(t, &failure, doing)),
            }
        }),
        "Decompress *data*, returning uncompressed data as bytes.\n\nIf *max_length* is nonnegative, returns at most \
         *max_length* bytes of decompressed data. If this limit is reached and further output can be\nproduced, \
         *self.needs_input* will be set to False.",
    )],
    getset: &[
        GetSet::read_only(
            "eof",
            |t, v| Ok(Value::bool(locked(t, &this!(v, ZlibDecompressor).flow, 0, |f| f.eof))),
            "True if the end-of-stream marker has been reached.",
        )
        .as_member(),
        GetSet::read_only(
            "unused_data",
            |t, v| Ok(bytes::from_vec(locked(t, &this!(v, ZlibDecompressor).flow, 0, |f| f.unused.clone()))),
            "Data found after the end of the compressed stream.",
        )
        .as_member(),
        GetSet::read_only(
            "needs_input",
            |t, v| Ok(Value::bool(locked(t, &this!(v, ZlibDecompressor).flow, 0, |f| f.needs_input))),
            "True if more input is needed before more decompressed data can be produced.",
        )
        .as_member(),
    ],
    ..TypeSpec::new("zlib", "_ZlibDecompressor", layout_of::<ZlibDecompressor>(false))
});

// SAFETY: `ZLIB_DECOMPRESSOR`'s layout is `ZlibDecompressor`.
unsafe impl Payload for ZlibDecompressor {
    fn layout_type() -> &'static Type {
        &ZLIB_DECOMPRESSOR
    }
}

fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(wbits=MAX_WBITS, zdict=b'')");
    let b = PARAMETERS.bind_call(t, "_ZlibDecompressor", args)?;
    let wbits = int(t, b.opt(0), 15)?;
    let mut dictionary = dictionary_of(t, b.opt(1))?;
    let stream = inflating(t, wbits, &mut dictionary)?;
    let flow = Flow::new(Inflater { stream, dictionary });
    Ok(alloc::new(class, ZlibDecompressor { flow: Mutex::new(flow) }))
}
