//! ASCII and Latin-1.

use super::{DecodeErrors, Decoded, Decoding, EncodeErrors, EncodeProblem, Substitute};
use crate::object::growing::Growing;
use crate::object::text::TextRef;
use crate::with_units;

/// Decodes ASCII.
pub fn decode_ascii<H: DecodeErrors>(input: &[u8], errors: &mut H) -> Decoded<H::Error> {
    let mut d = Decoding::new("ascii", input, errors);
    while d.pos < d.input.len() {
        let start = d.pos;
        let n = d.rest().iter().position(|b| *b >= 0x80).unwrap_or(d.rest().len());
        d.out.push_text(TextRef::Ascii(&d.input[start..start + n]));
        d.pos = start + n;
        if d.pos < d.input.len() {
            d.fail(d.pos, d.pos + 1, "ordinal not in range(128)")?;
        }
    }
    d.done()
}

/// Decodes Latin-1, which cannot fail.
pub fn decode_latin1(input: &[u8]) -> Growing {
    let mut out = Growing::new();
    out.push_text(TextRef::from_latin1(input));
    out
}

/// Encodes to ASCII.
pub fn encode_ascii<H: EncodeErrors>(text: TextRef<'_>, errors: &mut H) -> Result<Vec<u8>, H::Error> {
    match text {
        TextRef::Ascii(s) => Ok(s.to_vec()),
        _ => encode_below(text, 0x80, "ascii", "ordinal not in range(128)", errors),
    }
}

/// Encodes to Latin-1.
pub fn encode_latin1<H: EncodeErrors>(text: TextRef<'_>, errors: &mut H) -> Result<Vec<u8>, H::Error> {
    match text {
        TextRef::Ascii(s) | TextRef::Latin1(s) => Ok(s.to_vec()),
        _ => encode_below(text, 0x100, "latin-1", "ordinal not in range(256)", errors),
    }
}

fn encode_below<H: EncodeErrors>(
    text: TextRef<'_>,
    limit: u32,
    encoding: &'static str,
    reason: &'static str,
    errors: &mut H,
) -> Result<Vec<u8>, H::Error> {
    use crate::object::text::Unit;
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        at += with_units!(text, s => {
            let before = out.len();
            out.extend(s[at..].iter().map(|u| u.cp()).take_while(|&c| c < limit).map(|c| c as u8));
            out.len() - before
        });
        if at == text.len() {
            break;
        }
        let mut end = at + 1;
        while end < text.len() && text.at(end) >= limit {
            end += 1;
        }
        let problem = EncodeProblem { encoding, text, start: at, end, reason };
        let (substitute, resume) = errors.fix(&problem)?;
        match substitute {
            Substitute::Bytes(b) => out.extend_from_slice(&b),
            Substitute::Text(t) => {
                if t.view().max_char() >= limit {
                    return Err(errors.strict(&problem));
                }
                out.extend(t.view().code_points().map(|c| c as u8));
            }
        }
        at = resume;
    }
    Ok(out)
}
