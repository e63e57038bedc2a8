//! Base-64, as `binascii` reads and writes it.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Values of the digits; 64 for anything else.
const VALUES: [u8; 256] = {
    let mut values = [64; 256];
    let mut i = 0;
    while i < 64 {
        values[ALPHABET[i] as usize] = i as u8;
        i += 1;
    }
    values
};

/// Encodes, with padding.
pub fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len().div_ceil(3) * 4 + 1);
    let digit = |n: u32| ALPHABET[(n & 63) as usize];
    let (groups, rest) = bytes.as_chunks::<3>();
    for &[a, b, c] in groups {
        let n = u32::from(a) << 16 | u32::from(b) << 8 | u32::from(c);
        out.extend_from_slice(&[digit(n >> 18), digit(n >> 12), digit(n >> 6), digit(n)]);
    }
    match *rest {
        [a] => {
            let n = u32::from(a) << 16;
            out.extend_from_slice(&[digit(n >> 18), digit(n >> 12), b'=', b'=']);
        }
        [a, b] => {
            let n = u32::from(a) << 16 | u32::from(b) << 8;
            out.extend_from_slice(&[digit(n >> 18), digit(n >> 12), digit(n >> 6), b'=']);
        }
        _ => {}
    }
    out
}

/// Decodes; other characters are skipped unless `strict`. An error is the message of `binascii.Error`.
pub fn decode(text: &[u8], strict: bool) -> Result<Vec<u8>, String> {
    if strict && text.first() == Some(&b'=') {
        return Err("Leading padding not allowed".into());
    }
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 2);
    // Digits of the present group, padding characters seen in it, and the bits that are not written yet.
    let (mut place, mut padding, mut left) = (0u32, 0u32, 0u8);
    for (i, &c) in text.iter().enumerate() {
        if c == b'=' {
            padding += 1;
            if place >= 2 && place + padding >= 4 {
                // The group is complete; without strictness whatever follows is ignored.
                if strict && i + 1 < text.len() {
                    return Err("Excess data after padding".into());
                }
                return Ok(out);
            }
            if strict && place == 0 {
                return Err("Excess padding not allowed".into());
            }
            continue;
        }
        let v = VALUES[usize::from(c)];
        if v == 64 {
            if strict {
                return Err("Only base64 data is allowed".into());
            }
            continue;
        }
        if strict && padding > 0 {
            return Err("Discontinuous padding not allowed".into());
        }
        padding = 0;
        match place {
            0 => left = v,
            1 => {
                out.push(left << 2 | v >> 4);
                left = v & 0xF;
            }
            2 => {
                out.push(left << 4 | v >> 2);
                left = v & 3;
            }
            _ => {
                out.push(left << 6 | v);
                left = 0;
            }
        }
        place = (place + 1) % 4;
    }
    match place {
        0 => Ok(out),
        1 => {
            let n = out.len() / 3 * 4 + 1;
            Err(format!(
                "Invalid base64-encoded string: number of data characters ({n}) cannot be 1 more than a multiple of 4"
            ))
        }
        _ => Err("Incorrect padding".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_cpython() {
        for (bytes, text) in [(&b""[..], &b""[..]), (b"a", b"YQ=="), (b"ab", b"YWI="), (b"abc\xff", b"YWJj/w==")] {
            assert_eq!(encode(bytes), text);
            assert_eq!(decode(text, true).unwrap(), bytes);
        }
        for (text, strict, expected) in [
            ("YQ", false, Err("Incorrect padding")),
            ("YQ=", false, Err("Incorrect padding")),
            ("YWE=x", false, Ok("aa")),
            ("=", false, Ok("")),
            ("====", false, Ok("")),
            ("Y=Q=", false, Err("Incorrect padding")),
            ("YQ==YQ==", false, Ok("a")),
            ("Y\nQ=\n=", false, Ok("a")),
            ("=YQ", true, Err("Leading padding not allowed")),
            ("Y=Q=", true, Err("Discontinuous padding not allowed")),
            ("YQ==a", true, Err("Excess data after padding")),
            ("YQ===", true, Err("Excess data after padding")),
            ("YWE==", true, Err("Excess data after padding")),
            ("YWFh=", true, Err("Excess padding not allowed")),
            ("YQ=\n=", true, Err("Only base64 data is allowed")),
            ("YR==", true, Ok("a")),
        ] {
            let got = decode(text.as_bytes(), strict);
            assert_eq!(got, expected.map(|s| s.as_bytes().to_vec()).map_err(str::to_string), "{text:?} {strict}");
        }
        assert!(decode(b"YWFhY", false).unwrap_err().contains("(5)"));
        assert!(decode(b"Y===", true).unwrap_err().contains("(1)"));
    }
}
