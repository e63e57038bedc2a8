//! UTF-16, and byte orders.

use super::{DecodeErrors, Decoding, EncodeErrors, EncodeProblem, Substitute};
use crate::object::growing::Growing;
use crate::object::text::{TextKind, TextRef};

/// A byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

impl Order {
    /// The machine's.
    pub const NATIVE: Order = if cfg!(target_endian = "little") { Order::Little } else { Order::Big };

    /// Reads a 16-bit unit.
    #[inline]
    pub fn get16(self, b: [u8; 2]) -> u16 {
        if self == Order::Little { u16::from_le_bytes(b) } else { u16::from_be_bytes(b) }
    }

    /// Reads a 32-bit unit.
    #[inline]
    pub fn get32(self, b: [u8; 4]) -> u32 {
        if self == Order::Little { u32::from_le_bytes(b) } else { u32::from_be_bytes(b) }
    }

    /// Writes a 16-bit unit.
    #[inline]
    pub fn push16(self, out: &mut Vec<u8>, u: u16) {
        out.extend_from_slice(&if self == Order::Little { u.to_le_bytes() } else { u.to_be_bytes() });
    }

    /// Writes a 32-bit unit.
    #[inline]
    pub fn push32(self, out: &mut Vec<u8>, u: u32) {
        out.extend_from_slice(&if self == Order::Little { u.to_le_bytes() } else { u.to_be_bytes() });
    }
}

fn high(u: u16) -> bool {
    (0xD800..0xDC00).contains(&u)
}

fn low(u: u16) -> bool {
    (0xDC00..0xE000).contains(&u)
}

/// Decodes UTF-16. Without an order a byte order mark decides and is dropped, and native is the default. Gives the
/// text, the consumed bytes and the order that a mark decided on (or `order`).
#[allow(clippy::type_complexity)]
pub fn decode<H: DecodeErrors>(
    input: &[u8],
    order: Option<Order>,
    last: bool,
    errors: &mut H,
) -> Result<(Growing, usize, Option<Order>), H::Error> {
    let (mark, found) = match (order, input) {
        (None, [0xFF, 0xFE, ..]) => (2, Some(Order::Little)),
        (None, [0xFE, 0xFF, ..]) => (2, Some(Order::Big)),
        _ => (0, order),
    };
    let order = found.unwrap_or(Order::NATIVE);
    let name = if order == Order::Little { "utf-16-le" } else { "utf-16-be" };
    let mut d = Decoding::new(name, input, errors);
    d.pos = mark;
    loop {
        let (at, len) = (d.pos, d.input.len());
        let unit = |i: usize| order.get16([d.input[i], d.input[i + 1]]);
        if at + 1 >= len {
            if at == len || !last {
                break;
            }
            d.fail(at, len, "truncated data")?;
            continue;
        }
        let u = unit(at);
        if !high(u) && !low(u) {
            d.out.push(u32::from(u));
            d.pos += 2;
        } else if low(u) {
            d.fail(at, at + 2, "illegal encoding")?;
        } else if at + 3 < len {
            let v = unit(at + 2);
            if low(v) {
                d.out.push(0x1_0000 + ((u32::from(u) - 0xD800) << 10) + (u32::from(v) - 0xDC00));
                d.pos += 4;
            } else {
                d.fail(at, at + 2, "illegal UTF-16 surrogate")?;
            }
        } else {
            if !last {
                break;
            }
            d.fail(at, len, "unexpected end of data")?;
        }
    }
    let (text, used) = d.done()?;
    Ok((text, used, found))
}

/// Encodes to UTF-16; without an order natively after a byte order mark. Surrogates are problems.
pub fn encode<H: EncodeErrors>(text: TextRef<'_>, order: Option<Order>, errors: &mut H) -> Result<Vec<u8>, H::Error> {
    let encoding = match order {
        None => "utf-16",
        Some(Order::Little) => "utf-16-le",
        Some(Order::Big) => "utf-16-be",
    };
    let width = if text.kind() == TextKind::Ucs4 { 4 } else { 2 };
    let mut out = Vec::with_capacity(width * text.len() + 2);
    if order.is_none() {
        Order::NATIVE.push16(&mut out, 0xFEFF);
    }
    let order = order.unwrap_or(Order::NATIVE);
    let mut at = 0;
    while at < text.len() {
        let c = text.at(at);
        if !(0xD800..0xE000).contains(&c) {
            match c {
                0..0x1_0000 => order.push16(&mut out, c as u16),
                _ => {
                    order.push16(&mut out, (0xD7C0 + (c >> 10)) as u16);
                    order.push16(&mut out, (0xDC00 + (c & 0x3FF)) as u16);
                }
            }
            at += 1;
            continue;
        }
        let problem = EncodeProblem { encoding, text, start: at, end: at + 1, reason: "surrogates not allowed" };
        let (substitute, resume) = errors.fix(&problem)?;
        match substitute {
            Substitute::Bytes(b) if b.len() % 2 == 0 => out.extend_from_slice(&b),
            Substitute::Text(t) if t.view().is_ascii() => {
                t.view().code_points().for_each(|c| order.push16(&mut out, c as u16));
            }
            _ => return Err(errors.strict(&problem)),
        }
        at = resume;
    }
    Ok(out)
}
