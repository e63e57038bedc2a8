//! UTF-32.

use super::utf16::Order;
use super::{DecodeErrors, Decoding, EncodeErrors, EncodeProblem, Substitute};
use crate::object::growing::Growing;
use crate::object::text::TextRef;

/// Decodes UTF-32; parameters and result as for [`super::utf16::decode`].
#[allow(clippy::type_complexity)]
pub fn decode<H: DecodeErrors>(
    input: &[u8],
    order: Option<Order>,
    last: bool,
    errors: &mut H,
) -> Result<(Growing, usize, Option<Order>), H::Error> {
    let (mark, found) = match (order, input) {
        (None, [0xFF, 0xFE, 0, 0, ..]) => (4, Some(Order::Little)),
        (None, [0, 0, 0xFE, 0xFF, ..]) => (4, Some(Order::Big)),
        _ => (0, order),
    };
    let order = found.unwrap_or(Order::NATIVE);
    let name = if order == Order::Little { "utf-32-le" } else { "utf-32-be" };
    let mut d = Decoding::new(name, input, errors);
    d.pos = mark;
    loop {
        let (at, len) = (d.pos, d.input.len());
        if at + 3 >= len {
            if at == len || !last {
                break;
            }
            d.fail(at, len, "truncated data")?;
            continue;
        }
        let c = order.get32([d.input[at], d.input[at + 1], d.input[at + 2], d.input[at + 3]]);
        match c {
            0xD800..0xE000 => d.fail(at, at + 4, "code point in surrogate code point range(0xd800, 0xe000)")?,
            0..0x11_0000 => {
                d.out.push(c);
                d.pos += 4;
            }
            _ => d.fail(at, at + 4, "code point not in range(0x110000)")?,
        }
    }
    let (text, used) = d.done()?;
    Ok((text, used, found))
}

/// Encodes to UTF-32; without an order natively after a byte order mark. Surrogates are problems.
pub fn encode<H: EncodeErrors>(text: TextRef<'_>, order: Option<Order>, errors: &mut H) -> Result<Vec<u8>, H::Error> {
    let encoding = match order {
        None => "utf-32",
        Some(Order::Little) => "utf-32-le",
        Some(Order::Big) => "utf-32-be",
    };
    let mut out = Vec::with_capacity(4 * text.len() + 4);
    if order.is_none() {
        Order::NATIVE.push32(&mut out, 0xFEFF);
    }
    let order = order.unwrap_or(Order::NATIVE);
    let mut at = 0;
    while at < text.len() {
        let c = text.at(at);
        if !(0xD800..0xE000).contains(&c) {
            order.push32(&mut out, c);
            at += 1;
            continue;
        }
        let problem = EncodeProblem { encoding, text, start: at, end: at + 1, reason: "surrogates not allowed" };
        let (substitute, resume) = errors.fix(&problem)?;
        match substitute {
            Substitute::Bytes(b) if b.len() % 4 == 0 => out.extend_from_slice(&b),
            Substitute::Text(t) if t.view().is_ascii() => {
                t.view().code_points().for_each(|c| order.push32(&mut out, c));
            }
            _ => return Err(errors.strict(&problem)),
        }
        at = resume;
    }
    Ok(out)
}
