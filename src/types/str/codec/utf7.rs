//! UTF-7 (RFC 2152): ASCII with base-64 runs of UTF-16 between `+` and `-`.

use super::{DecodeErrors, Decoded, Decoding};
use crate::object::text::{TextBuf, TextRef};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn value(b: u8) -> Option<u32> {
    Some(u32::from(match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

/// A base-64 run being read.
struct Run {
    /// Position of its `+`.
    start: usize,
    /// Length of the output before it.
    out_len: usize,
    bits: u32,
    buffer: u32,
    /// A high surrogate that waits for its partner.
    surrogate: Option<u32>,
}

impl Run {
    fn push_unit(&mut self, out: &mut TextBuf, unit: u32) {
        if let Some(high) = self.surrogate.take() {
            if (0xDC00..0xE000).contains(&unit) {
                return out.push(0x1_0000 + ((high - 0xD800) << 10) + (unit - 0xDC00));
            }
            out.push(high);
        }
        if (0xD800..0xDC00).contains(&unit) {
            self.surrogate = Some(unit);
        } else {
            out.push(unit);
        }
    }
}

/// Decodes UTF-7. Lone surrogates decode to themselves.
pub fn decode<H: DecodeErrors>(input: &[u8], last: bool, errors: &mut H) -> Decoded<H::Error> {
    let mut d = Decoding::new("utf7", input, errors);
    let mut run: Option<Run> = None;
    // The start of the last run or special character; errors inside a run reach back to it.
    let mut start = 0;
    loop {
        while d.pos < d.input.len() {
            let b = d.input[d.pos];
            if let Some(mut r) = run.take() {
                if let Some(v) = value(b) {
                    r.buffer = r.buffer << 6 | v;
                    r.bits += 6;
                    d.pos += 1;
                    if r.bits >= 16 {
                        let unit = r.buffer >> (r.bits - 16);
                        r.bits -= 16;
                        r.buffer &= (1 << r.bits) - 1;
                        r.push_unit(&mut d.out, unit);
                    }
                    run = Some(r);
                    continue;
                }
                if r.bits >= 6 {
                    d.fail(start, d.pos + 1, "partial character in shift sequence")?;
                    continue;
                }
                if r.bits > 0 && r.buffer != 0 {
                    d.fail(start, d.pos + 1, "non-zero padding bits in shift sequence")?;
                    continue;
                }
                if let Some(high) = r.surrogate
                    && b < 0x80
                    && b != b'+'
                {
                    d.out.push(high);
                }
                if b == b'-' {
                    d.pos += 1;
                }
            } else if b == b'+' {
                start = d.pos;
                d.pos += 1;
                match d.input.get(d.pos) {
                    Some(b'-') => {
                        d.pos += 1;
                        d.out.push(u32::from(b'+'));
                    }
                    Some(&b) if value(b).is_none() => d.fail(start, d.pos + 1, "ill-formed sequence")?,
                    _ => run = Some(Run { start, out_len: d.out.len(), bits: 0, buffer: 0, surrogate: None }),
                }
            } else if b < 0x80 {
                d.out.push(u32::from(b));
                d.pos += 1;
            } else {
                start = d.pos;
                d.fail(start, start + 1, "unexpected special character")?;
            }
        }
        let Some(r) = run.take() else { return d.done() };
        if !last {
            // The run is read again from its beginning when more input is there.
            let mut out = std::mem::take(&mut d.out);
            out.truncate(r.out_len);
            return Ok((out.narrowed(), r.start));
        }
        if r.surrogate.is_none() && r.bits < 6 && (r.bits == 0 || r.buffer == 0) {
            return d.done();
        }
        d.fail(start, d.input.len(), "unterminated shift sequence")?;
        if d.pos >= d.input.len() {
            return d.done();
        }
    }
}

/// Whether `c` is written as it is.
fn direct(c: u32) -> bool {
    matches!(c, 9 | 10 | 13 | 32..=126) && !matches!(c, 0x2B | 0x5C | 0x7E)
}

/// Encodes to UTF-7, which cannot fail.
pub fn encode(text: TextRef<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let (mut inside, mut bits, mut buffer) = (false, 0u32, 0u32);
    for c in text.code_points() {
        if inside && direct(c) {
            if bits > 0 {
                out.push(ALPHABET[(buffer << (6 - bits) & 63) as usize]);
                (bits, buffer) = (0, 0);
            }
            inside = false;
            // Any other character ends the run by itself.
            if value(c as u8).is_some() || c == u32::from(b'-') {
                out.push(b'-');
            }
            out.push(c as u8);
            continue;
        }
        if !inside {
            if c == u32::from(b'+') {
                out.extend_from_slice(b"+-");
                continue;
            }
            if direct(c) {
                out.push(c as u8);
                continue;
            }
            out.push(b'+');
            inside = true;
        }
        let mut unit = |u: u32| {
            buffer = buffer << 16 | u;
            bits += 16;
            while bits >= 6 {
                bits -= 6;
                out.push(ALPHABET[(buffer >> bits & 63) as usize]);
            }
            buffer &= (1 << bits) - 1;
        };
        if c >= 0x1_0000 {
            unit(0xD7C0 + (c >> 10));
            unit(0xDC00 + (c & 0x3FF));
        } else {
            unit(c);
        }
    }
    if bits > 0 {
        out.push(ALPHABET[(buffer << (6 - bits) & 63) as usize]);
    }
    if inside {
        out.push(b'-');
    }
    out
}
