//! UTF-8.

use super::{DecodeErrors, Decoded, Decoding, EncodeErrors, EncodeProblem, Substitute};
use crate::object::text::{TextRef, push_wtf8};

/// Decodes UTF-8 (surrogates are errors).
pub fn decode<H: DecodeErrors>(input: &[u8], last: bool, errors: &mut H) -> Decoded<H::Error> {
    let mut d = Decoding::new("utf-8", input, errors);
    loop {
        let (good, error_len) = match std::str::from_utf8(d.rest()) {
            Ok(s) => (s.len(), None),
            Err(e) => (e.valid_up_to(), Some(e.error_len())),
        };
        let (start, end) = (d.pos, d.pos + good);
        // The range was just found valid, so this appends all of it.
        if let Ok(s) = std::str::from_utf8(&d.input[start..end]) {
            d.out.push_str(s);
        }
        d.pos = end;
        match error_len {
            None => return d.done(),
            Some(None) if !last => return d.done(),
            Some(None) => d.fail(end, d.input.len(), "unexpected end of data")?,
            Some(Some(n)) => {
                let lead = d.input[end];
                let reason =
                    if matches!(lead, 0xC2..=0xF4) { "invalid continuation byte" } else { "invalid start byte" };
                d.fail(end, end + n, reason)?;
            }
        }
    }
}

/// Encodes to UTF-8; surrogates are problems.
pub fn encode<H: EncodeErrors>(text: TextRef<'_>, errors: &mut H) -> Result<Vec<u8>, H::Error> {
    if let TextRef::Ascii(s) = text {
        return Ok(s.to_vec());
    }
    let surrogate = |c: u32| (0xD800..0xE000).contains(&c);
    // As much as it takes: room for that was asked for.
    let bytes = |c: u32| [0x80, 0x800, 0x1_0000].iter().filter(|&&limit| c >= limit).count() + 1;
    let mut out = Vec::with_capacity(text.code_points().map(bytes).sum());
    let mut at = 0;
    while at < text.len() {
        let c = text.at(at);
        if !surrogate(c) {
            push_wtf8(&mut out, c);
            at += 1;
            continue;
        }
        let mut end = at + 1;
        while end < text.len() && surrogate(text.at(end)) {
            end += 1;
        }
        let problem = EncodeProblem { encoding: "utf-8", text, start: at, end, reason: "surrogates not allowed" };
        let (substitute, resume) = errors.fix(&problem)?;
        match substitute {
            Substitute::Bytes(b) => out.extend_from_slice(&b),
            Substitute::Text(t) => match t.view() {
                TextRef::Ascii(s) => out.extend_from_slice(s),
                _ => return Err(errors.strict(&problem)),
            },
        }
        at = resume;
    }
    Ok(out)
}
