//! What decompressors of all formats do with their input: limits on the output, leftovers, the end of the stream.

/// A decoder of one format.
pub trait Decoder: Send {
    /// Why it fails.
    type Error: Send;

    /// Decodes some of `input`, adding at most `room` bytes to `out`. Answers how many bytes of the input were used, and
    /// whether the stream has ended. Using nothing and adding nothing says that more input is needed.
    fn step(&mut self, input: &[u8], out: &mut Vec<u8>, room: usize) -> Result<(usize, bool), Self::Error>;
}

/// A decompressor: what `_ZlibDecompressor`, `BZ2Decompressor` and the like have in common.
pub struct Flow<D> {
    pub decoder: D,
    /// Input that a limit on the output held back.
    pending: Vec<u8>,
    pub eof: bool,
    pub needs_input: bool,
    /// What followed the end of the stream.
    pub unused: Vec<u8>,
}

/// How much the output grows at a time.
const CHUNK: usize = 32 * 1024;

impl<D: Decoder> Flow<D> {
    pub fn new(decoder: D) -> Flow<D> {
        Flow { decoder, pending: Vec::new(), eof: false, needs_input: true, unused: Vec::new() }
    }

    /// Decodes `data` after what is pending; `limit`: at most so many bytes. The caller has looked at `eof`.
    pub fn decompress(&mut self, data: &[u8], limit: Option<usize>) -> Result<Vec<u8>, D::Error> {
        let joined;
        let input = if self.pending.is_empty() {
            data
        } else {
            self.pending.extend_from_slice(data);
            joined = std::mem::take(&mut self.pending);
            &joined
        };
        let mut out = Vec::new();
        let mut at = 0;
        let mut stuck = false;
        while !self.eof && !stuck {
            let room = limit.map_or(CHUNK, |limit| (limit - out.len()).min(CHUNK));
            if room == 0 {
                break;
            }
            let before = out.len();
            let (used, ended) = match self.decoder.step(&input[at..], &mut out, room) {
                Ok(step) => step,
                Err(error) => {
                    self.needs_input = false;
                    return Err(error);
                }
            };
            at += used;
            self.eof = ended;
            stuck = used == 0 && out.len() == before || at == input.len() && out.len() - before < room;
        }
        if self.eof {
            self.unused = input[at..].to_vec();
            self.needs_input = false;
        } else {
            self.pending = input[at..].to_vec();
            self.needs_input = self.pending.is_empty() && (stuck || limit != Some(0));
            if !stuck && limit.is_some_and(|limit| out.len() == limit) && self.pending.is_empty() {
                // The decoder may hold more output back.
                self.needs_input = false;
            }
        }
        Ok(out)
    }
}
