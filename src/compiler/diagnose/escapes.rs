//! Escapes that no string can hold, in the words of Python's codecs.

/// The error of a string token with prefix and quotes.
pub fn check(token: &str) -> Option<String> {
    let quote_at = token.find(['\'', '"'])?;
    let prefix = token[..quote_at].to_ascii_lowercase();
    let body = &token[quote_at..];
    let quotes = if body.len() >= 6 && (body.starts_with("'''") || body.starts_with("\"\"\"")) { 3 } else { 1 };
    let body = body.get(quotes..body.len() - quotes)?;
    if prefix.contains('b') {
        if !body.is_ascii() {
            return Some("bytes can only contain ASCII literal characters".into());
        }
        return if prefix.contains('r') { None } else { bytes_escape(body) };
    }
    if prefix.contains('r') { None } else { text_escape(body) }
}

/// The error of a literal part of an f-string.
pub fn check_part(part: &str) -> Option<String> {
    text_escape(part)
}

fn bytes_escape(body: &str) -> Option<String> {
    let bytes = body.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            at += 1;
            continue;
        }
        if bytes.get(at + 1) == Some(&b'x') {
            let digits = bytes[at + 2..].iter().take(2).take_while(|b| b.is_ascii_hexdigit()).count();
            if digits < 2 {
                return Some(format!("(value error) invalid \\x escape at position {at}"));
            }
        }
        at += 2;
    }
    None
}

fn text_escape(body: &str) -> Option<String> {
    let bytes = body.as_bytes();
    let mut at = 0;
    // Positions count in the form that the codec sees: ASCII, others as \UXXXXXXXX.
    let mut seen = 0usize;
    let error = |from: usize, to: usize, reason: &str| {
        let place =
            if from == to { format!("byte 0x5c in position {from}") } else { format!("bytes in position {from}-{to}") };
        Some(format!("(unicode error) 'unicodeescape' codec can't decode {place}: {reason}"))
    };
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            let c = body[at..].chars().next()?;
            at += c.len_utf8();
            seen += if c.is_ascii() { 1 } else { 10 };
            continue;
        }
        let Some(&escape) = bytes.get(at + 1) else { return error(seen, seen, "\\ at end of string") };
        let (digits, reason) = match escape {
            b'x' => (2, "truncated \\xXX escape"),
            b'u' => (4, "truncated \\uXXXX escape"),
            b'U' => (8, "truncated \\UXXXXXXXX escape"),
            b'N' => {
                let rest = &body[at + 2..];
                let Some(close) = rest.strip_prefix('{').and_then(|r| r.find('}')) else {
                    let to = if rest.starts_with('{') { seen + 1 + rest.len() } else { seen + 1 };
                    return error(seen, to, "malformed \\N character escape");
                };
                let name = &rest[1..=close];
                if name.is_empty() {
                    return error(seen, seen + 2, "malformed \\N character escape");
                }
                if crate::compiler::text::named_character(name).is_none() {
                    return error(seen, seen + 3 + name.len(), "unknown Unicode character name");
                }
                at += 4 + name.len();
                seen += 4 + name.len();
                continue;
            }
            _ => {
                let c = body[at + 1..].chars().next()?;
                at += 1 + c.len_utf8();
                seen += if c.is_ascii() { 2 } else { 11 };
                continue;
            }
        };
        let found = bytes[at + 2..].iter().take(digits).take_while(|b| b.is_ascii_hexdigit()).count();
        if found < digits {
            return error(seen, seen + 1 + found, reason);
        }
        let code = u32::from_str_radix(&body[at + 2..at + 2 + digits], 16).unwrap_or(0);
        if code > 0x10_ffff {
            return error(seen, seen + 1 + digits, "illegal Unicode character");
        }
        at += 2 + digits;
        seen += 2 + digits;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn broken_escapes_are_named() {
        let text = "(unicode error) 'unicodeescape' codec can't decode bytes in position ";
        assert_eq!(check(r"'\x1'"), Some(format!("{text}0-2: truncated \\xXX escape")));
        assert_eq!(check(r"'ab\N{foo}'"), Some(format!("{text}2-8: unknown Unicode character name")));
        assert_eq!(check(r"b'\x1'"), Some("(value error) invalid \\x escape at position 0".into()));
        assert_eq!(check("b'\u{e9}'"), Some("bytes can only contain ASCII literal characters".into()));
        assert_eq!(check(r"'\N{BULLET}\u00e9\q'"), None);
        assert_eq!(check(r"r'\x'"), None);
    }
}
