//! Uuencoding and quoted-printable, as `binascii` reads and writes them.

/// A line of uuencoded text for at most 45 bytes; with `backtick`, zeros are written so and not as spaces.
pub fn uu_encode(bytes: &[u8], backtick: bool) -> Vec<u8> {
    let digit = |n: u8| if backtick && n & 63 == 0 { b'`' } else { b' ' + (n & 63) };
    let mut out = Vec::with_capacity(bytes.len().div_ceil(3) * 4 + 2);
    out.push(digit(bytes.len() as u8));
    for group in bytes.chunks(3) {
        let at = |i: usize| u32::from(group.get(i).copied().unwrap_or(0));
        let n = at(0) << 16 | at(1) << 8 | at(2);
        out.extend([18, 12, 6, 0].map(|shift| digit((n >> shift) as u8)));
    }
    out.push(b'\n');
    out
}

/// The bytes of a line of uuencoded text. An error is the message of `binascii.Error`.
pub fn uu_decode(line: &[u8]) -> Result<Vec<u8>, &'static str> {
    // The first character is the length; a missing one counts as -32, as CPython has it.
    let Some((&first, mut rest)) = line.split_first() else { return Ok(vec![0; 32]) };
    let len = usize::from(first.wrapping_sub(b' ') & 63);
    let mut out = Vec::with_capacity(len);
    let (mut bits, mut buffer) = (0, 0u32);
    while out.len() < len {
        let digit = match rest.split_first() {
            None => 0,
            // A line that ends too early is filled up with zeros; what follows the break is read all the same.
            Some((&(b'\n' | b'\r'), tail)) => {
                rest = tail;
                0
            }
            Some((&c, tail)) => {
                rest = tail;
                // The backtick stands for zero too, so the range has 65 characters.
                if !(b' '..=b' ' + 64).contains(&c) {
                    return Err("Illegal char");
                }
                (c - b' ') & 63
            }
        };
        buffer = buffer << 6 | u32::from(digit);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((buffer >> bits) as u8);
            buffer &= (1 << bits) - 1;
        }
    }
    if rest.iter().all(|&c| matches!(c, b' ' | b'`' | b'\n' | b'\r')) { Ok(out) } else { Err("Trailing garbage") }
}

fn hex_value(c: Option<&u8>) -> Option<u8> {
    c.and_then(|&c| char::from(c).to_digit(16)).map(|d| d as u8)
}

/// Decodes quoted-printable; with `header`, underscores stand for spaces.
pub fn qp_decode(text: &[u8], header: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let c = text[at];
        if c != b'=' {
            out.push(if header && c == b'_' { b' ' } else { c });
            at += 1;
            continue;
        }
        at += 1;
        match text.get(at) {
            None => break,
            // A soft line break: everything to the end of the line is dropped.
            Some(b'\n' | b'\r') => {
                at += text[at..].iter().position(|&c| c == b'\n').map_or(text.len() - at, |n| n + 1);
            }
            // Broken encoders write "==" for "=".
            Some(b'=') => {
                out.push(b'=');
                at += 1;
            }
            Some(_) => match (hex_value(text.get(at)), hex_value(text.get(at + 1))) {
                (Some(high), Some(low)) => {
                    out.push(high << 4 | low);
                    at += 2;
                }
                _ => out.push(b'='),
            },
        }
    }
    out
}

const MAX_LINE: usize = 76;

/// Encodes as quoted-printable. With `text`, line breaks stay line breaks; `quote_tabs` quotes all space; `header`
/// writes spaces as underscores.
pub fn qp_encode(bytes: &[u8], quote_tabs: bool, text: bool, header: bool) -> Vec<u8> {
    // The text's own line break is used for soft ones: the first decides.
    let crlf = memchr::memchr(b'\n', bytes).is_some_and(|i| i > 0 && bytes[i - 1] == b'\r');
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len() + bytes.len() / 8);
    let mut column = 0;
    let soft_break = |out: &mut Vec<u8>| out.extend_from_slice(if crlf { b"=\r\n" } else { b"=\n" });
    let hex = |b: u8| [b'=', b"0123456789ABCDEF"[usize::from(b >> 4)], b"0123456789ABCDEF"[usize::from(b & 15)]];
    let mut at = 0;
    while at < bytes.len() {
        let c = bytes[at];
        let next = bytes.get(at + 1);
        let is_break = |i: usize| bytes.get(i) == Some(&b'\n');
        let must_quote = c > 126
            || c == b'='
            || header && c == b'_'
            || c == b'.' && column == 0 && (next.is_none() || matches!(next, Some(b'\n' | b'\r' | 0)))
            || !text && matches!(c, b'\r' | b'\n')
            || matches!(c, b'\t' | b' ') && next.is_none()
            || c < 33 && !matches!(c, b'\r' | b'\n') && (quote_tabs || !matches!(c, b'\t' | b' '));
        if must_quote {
            if column + 3 >= MAX_LINE {
                soft_break(&mut out);
                column = 0;
            }
            out.extend_from_slice(&hex(c));
            column += 3;
            at += 1;
            continue;
        }
        if text && (c == b'\n' || c == b'\r' && is_break(at + 1)) {
            // Space at the end of a line would not survive.
            if let Some(&last @ (b' ' | b'\t')) = out.last() {
                out.pop();
                out.extend_from_slice(&hex(last));
            }
            if crlf {
                out.push(b'\r');
            }
            out.push(b'\n');
            at += if c == b'\r' { 2 } else { 1 };
            column = 0;
            continue;
        }
        let ends_line = next == Some(&b'\n');
        if next.is_some() && !ends_line && column + 1 >= MAX_LINE {
            soft_break(&mut out);
            column = 0;
        }
        column += 1;
        out.push(if header && c == b' ' { b'_' } else { c });
        at += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uu_matches_cpython() {
        assert_eq!(uu_encode(b"abc", false), b"#86)C\n");
        assert_eq!(uu_encode(b"", false), b" \n");
        assert_eq!(uu_encode(b"a\0\0", true), b"#80``\n");
        assert_eq!(uu_decode(b"#86)C\n").unwrap(), b"abc");
        assert_eq!(uu_decode(b"#86)C  \n").unwrap(), b"abc");
        assert_eq!(uu_decode(b"#8\n").unwrap(), b"`\0\0");
        assert_eq!(uu_decode(b""), Ok(vec![0; 32]));
        assert_eq!(uu_decode(b"#86)C!\n"), Err("Trailing garbage"));
        assert_eq!(uu_decode(b"#\x80bcd"), Err("Illegal char"));
    }

    #[test]
    fn qp_matches_cpython() {
        assert_eq!(qp_decode(b"a=41=\nb=3D=zz=", false), b"aAb==zz");
        assert_eq!(qp_decode(b"a_b=20", true), b"a b ");
        assert_eq!(qp_decode(b"a=\r\nb", false), b"ab");
        assert_eq!(qp_decode(b"==41", false), b"=41");
        assert_eq!(qp_decode(b"=4", false), b"=4");
        let plain = |b: &[u8]| qp_encode(b, false, true, false);
        assert_eq!(plain(b"a=b \n\tc \x80"), b"a=3Db=20\n\tc =80");
        assert_eq!(qp_encode(b"a b_c", false, true, true), b"a_b=5Fc");
        assert_eq!(qp_encode(b"a b\t", true, true, false), b"a=20b=09");
        assert_eq!(qp_encode(b"a\nb\r\nc", false, false, false), b"a=0Ab=0D=0Ac");
        assert_eq!(plain(&[b'x'; 80]), [&[b'x'; 75][..], b"=\nxxxxx"].concat());
        assert_eq!(plain(b".\n.a\n"), b"=2E\n.a\n");
        assert_eq!(plain(b"a\r\nb\n"), b"a\r\nb\r\n");
        assert_eq!(plain(&[0xFF; 30]), [b"=FF".repeat(25), b"=\n".to_vec(), b"=FF".repeat(5)].concat());
        assert_eq!(plain(b"a "), b"a=20");
    }
}
