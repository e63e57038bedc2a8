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

/// The digits of twelve bits.
const PAIRS: [[u8; 2]; 4096] = {
    let mut pairs = [[0; 2]; 4096];
    let mut i = 0;
    while i < 4096 {
        pairs[i] = [ALPHABET[i >> 6], ALPHABET[i & 63]];
        i += 1;
    }
    pairs
};

/// The values of a digit at the four places of a group, as bits of its 24; `BAD` for anything else.
const PLACED: [[u32; 256]; 4] = {
    let mut placed = [[BAD; 256]; 4];
    let mut i = 0;
    while i < 256 {
        let mut place = 0;
        while VALUES[i] < 64 && place < 4 {
            placed[place][i] = (VALUES[i] as u32) << (18 - 6 * place);
            place += 1;
        }
        i += 1;
    }
    placed
};

const BAD: u32 = 1 << 31;

/// How many characters `encode` writes for so many bytes.
pub fn encoded_len(len: usize) -> usize {
    len.div_ceil(3) * 4
}

/// Encodes, with padding, into a slice of `encoded_len`.
pub fn encode(bytes: &[u8], out: &mut [u8]) {
    let pair = |n: u64, shift: u32| PAIRS[(n >> shift) as usize & 4095];
    let (groups, rest) = bytes.as_chunks::<6>();
    let (ends, end) = out.split_at_mut(8 * groups.len());
    for (&[a, b, c, d, e, f], to) in groups.iter().zip(ends.as_chunks_mut::<8>().0) {
        let n = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
        let ([p, q], [r, s], [t, u], [v, w]) = (pair(n, 36), pair(n, 24), pair(n, 12), pair(n, 0));
        *to = [p, q, r, s, t, u, v, w];
    }
    for (group, to) in rest.chunks(3).zip(end.as_chunks_mut::<4>().0) {
        let at = |i: usize| u64::from(group.get(i).copied().unwrap_or(0));
        let n = at(0) << 16 | at(1) << 8 | at(2);
        let ([p, q], [r, s]) = (pair(n, 12), pair(n, 0));
        *to = [p, q, if group.len() > 1 { r } else { b'=' }, if group.len() > 2 { s } else { b'=' }];
    }
}

/// The 24 bits of four digits; `BAD` and more where one is none.
fn group_bits(&[a, b, c, d]: &[u8; 4]) -> u32 {
    let at = |place: usize, c: u8| PLACED[place][usize::from(c)];
    at(0, a) | at(1, b) | at(2, c) | at(3, d)
}

/// How many bytes a text stands for that is nothing but digits and the padding that it needs; None where it has another
/// length.
pub fn plain_len(text: &[u8]) -> Option<usize> {
    let padding = text.iter().rev().take(2).take_while(|&&c| c == b'=').count();
    (text.len() >= 4 && text.len().is_multiple_of(4)).then(|| text.len() / 4 * 3 - padding)
}

/// Decodes such a text into a slice of `plain_len`; false where it has other characters.
pub fn decode_plain(text: &[u8], out: &mut [u8]) -> bool {
    let (groups, _) = text.as_chunks::<4>();
    let (whole, end) = out.as_chunks_mut::<3>();
    let mut bad = 0;
    for (group, to) in groups.iter().zip(&mut *whole) {
        let n = group_bits(group);
        bad |= n;
        let [_, a, b, c] = n.to_be_bytes();
        *to = [a, b, c];
    }
    if let (Some(&[a, b, c, _]), false) = (groups.last(), end.is_empty()) {
        let n = group_bits(&[a, b, if end.len() == 1 { b'A' } else { c }, b'A']);
        bad |= n;
        end.copy_from_slice(&n.to_be_bytes()[1..=end.len()]);
    }
    bad < BAD
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
            let mut out = vec![0; encoded_len(bytes.len())];
            encode(bytes, &mut out);
            assert_eq!(out, text);
            assert_eq!(decode(text, true).unwrap(), bytes);
        }
        // All lengths of the last group, behind others; the quick way and the slow one agree, also about what is bad.
        let bytes: Vec<u8> = (0..=255).map(|i: u8| i.wrapping_mul(37)).collect();
        for len in 1..80 {
            let mut text = vec![0; encoded_len(len)];
            encode(&bytes[..len], &mut text);
            assert_eq!(decode(&text, true).unwrap(), bytes[..len]);
            assert_eq!(plain_len(&text), Some(len));
            let mut out = vec![0; len];
            assert!(decode_plain(&text, &mut out));
            assert_eq!(out, bytes[..len]);
            for (i, odd) in (0..text.len()).zip(*b"\n-\xff=") {
                if text[i] == b'=' {
                    break;
                }
                let mut broken = text.clone();
                broken[i] = odd;
                assert!(!decode_plain(&broken, &mut out), "{len} {i}");
            }
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
