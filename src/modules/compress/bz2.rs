//! The module `_bz2`.

use super::flow::{Decoder, Flow};
use super::locked;
use crate::modules::support::{Parameters, size_argument};
use crate::object::alloc;
use crate::object::args::{Args, Bound};
use crate::object::core_types::exc;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::slots::SlotTable;
use crate::object::table::{GetSet, Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::Value;
use crate::sync::shim::Mutex;
use crate::this;
use crate::types::bytes::args::{bytes_like, c_int};
use crate::types::bytes::payload as bytes;
use bzip2::{Action, Compress, Compression, Decompress, Error, Status};

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec { types: &[&COMPRESSOR, &DECOMPRESSOR], ..ModuleSpec::new("_bz2", "") };

const CHUNK: usize = 32 * 1024;

/// The payload of a compressor; None: it was flushed.
pub struct Compressor {
    stream: Mutex<Option<Compress>>,
}

/// `bz2.BZ2Compressor`
pub static COMPRESSOR: StaticType = StaticType::new(&TypeSpec {
    doc: "Create a compressor object for compressing data incrementally.\n\n  compresslevel\n    Compression level, as a \
          number between 1 and 9.\n\nFor one-shot compression, use the compress() function instead.",
    signature: "(compresslevel=9, /)",
    slots: SlotTable { new: Some(new_compressor), ..SlotTable::EMPTY },
    methods: &[
        Method::new(
            "compress",
            "($self, data, /)",
            NativeFn::F2(|t, v, data| {
                let data = bytes_like(t, data)?;
                let data: &[u8] = &data;
                match locked(t, &this!(v, Compressor).stream, data.len(), |stream| {
                    stream.as_mut().map(|stream| run(stream, data, Action::Run))
                }) {
                    None => Err(raise::value_error(t, "Compressor has been flushed")),
                    Some(result) => finish(t, result),
                }
            }),
            "Provide data to the compressor object.\n\nReturns a chunk of compressed data if possible, or b'' \
             otherwise.\n\nWhen you have finished providing data to the compressor, call the\nflush() method to finish the \
             compression process.",
        ),
        Method::new(
            "flush",
            "($self, /)",
            NativeFn::F1(|t, v| {
                match locked(t, &this!(v, Compressor).stream, super::LARGE, |stream| {
                    stream.take().map(|mut stream| run(&mut stream, &[], Action::Finish))
                }) {
                    None => Err(raise::value_error(t, "Repeated call to flush()")),
                    Some(result) => finish(t, result),
                }
            }),
            "Finish the compression process.\n\nReturns the compressed data left in internal buffers.\n\nThe compressor \
             object may not be used after this method is called.",
        ),
    ],
    ..TypeSpec::new("_bz2", "BZ2Compressor", layout_of::<Compressor>(false))
});

// SAFETY: `COMPRESSOR`'s layout is `Compressor`.
unsafe impl Payload for Compressor {
    fn layout_type() -> &'static Type {
        &COMPRESSOR
    }
}

fn new_compressor(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    let level = match args.exactly_positional(t, "BZ2Compressor", 0, 1)? {
        [] => 9,
        [level, ..] => c_int(t, level)?,
    };
    let Ok(level @ 1..=9) = u32::try_from(level) else {
        return Err(raise::value_error(t, "compresslevel must be between 1 and 9"));
    };
    let stream = Compress::new(Compression::new(level), 0);
    Ok(alloc::new(class, Compressor { stream: Mutex::new(Some(stream)) }))
}

/// Compresses all of `data`; finishing, all that is still inside.
fn run(stream: &mut Compress, data: &[u8], action: Action) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < data.len() || matches!(action, Action::Finish) {
        out.reserve(CHUNK);
        let before = stream.total_in();
        let status = stream.compress_vec(&data[at..], &mut out, action)?;
        at += (stream.total_in() - before) as usize;
        if matches!(status, Status::StreamEnd) {
            break;
        }
    }
    Ok(out)
}

#[cold]
fn error(t: &Thread, e: Error) -> Raised {
    match e {
        Error::Sequence => raise::runtime_error(t, "Internal error - Invalid sequence of commands sent to libbzip2"),
        Error::Data | Error::DataMagic => raise::new(t, &exc::OS_ERROR, "Invalid data stream"),
        Error::Param => raise::value_error(t, "Internal error - invalid parameters passed to libbzip2"),
    }
}

fn finish(t: &Thread, result: Result<Vec<u8>, Error>) -> PyResult {
    result.map(bytes::from_vec).map_err(|e| error(t, e))
}

/// The payload of a decompressor.
pub struct Decompressor {
    flow: Mutex<Flow<Decompress>>,
}

impl Decoder for Decompress {
    type Error = Option<Error>;

    fn step(&mut self, input: &[u8], out: &mut Vec<u8>, room: usize) -> Result<(usize, bool), Self::Error> {
        // The crate fills what capacity there is, so the room is a buffer of its own.
        let mut part = Vec::with_capacity(room);
        let before = self.total_in();
        let status = if part.capacity() == room {
            self.decompress_vec(input, &mut part)
        } else {
            let mut exact = vec![0; room];
            let produced = self.total_out();
            let status = self.decompress(input, &mut exact);
            exact.truncate((self.total_out() - produced) as usize);
            part = exact;
            status
        };
        out.append(&mut part);
        let used = (self.total_in() - before) as usize;
        match status {
            Ok(Status::StreamEnd) => Ok((used, true)),
            Ok(Status::MemNeeded) => Err(None),
            Ok(_) => Ok((used, false)),
            Err(e) => Err(Some(e)),
        }
    }
}

/// `bz2.BZ2Decompressor`
pub static DECOMPRESSOR: StaticType = StaticType::new(&TypeSpec {
    doc: "Create a decompressor object for decompressing data incrementally.\n\nFor one-shot decompression, use the \
          decompress() function instead.",
    signature: "()",
    slots: SlotTable { new: Some(new_decompressor), ..SlotTable::EMPTY },
    methods: &[Method::new(
        "decompress",
        "($self, /, data, max_length=-1)",
        NativeFn::Bound(decompress),
        "Decompress *data*, returning uncompressed data as bytes.\n\nIf *max_length* is nonnegative, returns at most \
         *max_length* bytes of\ndecompressed data. If this limit is reached and further output can be\nproduced, \
         *self.needs_input* will be set to False. In this case, the next\ncall to *decompress()* may provide *data* as b'' \
         to obtain more of the output.",
    )],
    getset: &[
        GetSet::read_only(
            "eof",
            |t, v| Ok(Value::bool(locked(t, &this!(v, Decompressor).flow, 0, |f| f.eof))),
            "True if the end-of-stream marker has been reached.",
        )
        .as_member(),
        GetSet::read_only(
            "unused_data",
            |t, v| Ok(bytes::from_vec(locked(t, &this!(v, Decompressor).flow, 0, |f| f.unused.clone()))),
            "Data found after the end of the compressed stream.",
        )
        .as_member(),
        GetSet::read_only(
            "needs_input",
            |t, v| Ok(Value::bool(locked(t, &this!(v, Decompressor).flow, 0, |f| f.needs_input))),
            "True if more input is needed before more decompressed data can be produced.",
        )
        .as_member(),
    ],
    ..TypeSpec::new("_bz2", "BZ2Decompressor", layout_of::<Decompressor>(false))
});

// SAFETY: `DECOMPRESSOR`'s layout is `Decompressor`.
unsafe impl Payload for Decompressor {
    fn layout_type() -> &'static Type {
        &DECOMPRESSOR
    }
}

fn new_decompressor(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("()");
    PARAMETERS.bind_call(t, "BZ2Decompressor", args)?;
    Ok(alloc::new(class, Decompressor { flow: Mutex::new(Flow::new(Decompress::new(false))) }))
}

fn decompress(t: &Thread, b: &Bound<'_>) -> PyResult {
    let limit = b.opt(2).map_or(Ok(-1), |v| size_argument(t, v))?;
    let data = bytes_like(t, b.req(1))?;
    let data: &[u8] = &data;
    let result = locked(t, &this!(b.req(0), Decompressor).flow, super::LARGE, |flow| {
        if flow.eof {
            return None;
        }
        Some(flow.decompress(data, usize::try_from(limit).ok()))
    });
    match result {
        None => Err(raise::eof_error(t, "End of stream already reached")),
        Some(Ok(out)) => Ok(bytes::from_vec(out)),
        Some(Err(Some(e))) => Err(error(t, e)),
        Some(Err(None)) => Err(raise::memory_error(t, "")),
    }
}
