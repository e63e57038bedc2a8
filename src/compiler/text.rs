//! Text of string literals: escapes, lone surrogates, docstring indentation.

use std::borrow::Cow;

/// Whether a literal's source holds an escape for a surrogate, which the parser's `str` cannot hold.
pub fn has_surrogate_escape(source: &str) -> bool {
    let bytes = source.as_bytes();
    let d = |b: Option<&u8>| matches!(b, Some(b'd' | b'D'));
    memchr::memchr_iter(b'\\', bytes).any(|at| match bytes.get(at + 1) {
        Some(b'u') => d(bytes.get(at + 2)),
        Some(b'U') => bytes.get(at + 2..at + 6) == Some(b"0000") && d(bytes.get(at + 6)),
        _ => false,
    })
}

/// Appends a code point, surrogates included, as WTF-8.
pub fn push_code_point(out: &mut Vec<u8>, code: u32) {
    match char::from_u32(code) {
        Some(c) => out.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
        None => out.extend([0xe0 | (code >> 12) as u8, 0x80 | (code >> 6 & 0x3f) as u8, 0x80 | (code & 0x3f) as u8]),
    }
}

/// Decodes a literal's source (without quotes and prefix). `braces`: doubled braces stand for one.
pub fn decode_literal(source: &str, braces: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(source.len());
    let mut chars = source.char_indices().peekable();
    while let Some((_, c)) = chars.next() {
        if braces && (c == '{' || c == '}') && chars.peek().is_some_and(|n| n.1 == c) {
            chars.next();
        }
        if c != '\\' {
            push_code_point(&mut out, c as u32);
            continue;
        }
        let Some((at, e)) = chars.next() else {
            out.push(b'\\');
            break;
        };
        let simple = match e {
            '\n' => continue,
            '\\' | '\'' | '"' => e as u32,
            'a' => 7,
            'b' => 8,
            't' => 9,
            'n' => 10,
            'v' => 11,
            'f' => 12,
            'r' => 13,
            '0'..='7' => {
                let mut code = e as u32 - 48;
                for _ in 0..2 {
                    match chars.peek() {
                        Some((_, d @ '0'..='7')) => {
                            code = code * 8 + (*d as u32 - 48);
                            chars.next();
                        }
                        _ => break,
                    }
                }
                code
            }
            'x' | 'u' | 'U' => {
                let n = match e {
                    'x' => 2,
                    'u' => 4,
                    _ => 8,
                };
                let digits = source.get(at + 1..at + 1 + n).and_then(|d| u32::from_str_radix(d, 16).ok());
                match digits {
                    Some(code) => {
                        for _ in 0..n {
                            chars.next();
                        }
                        code
                    }
                    None => {
                        out.push(b'\\');
                        e as u32
                    }
                }
            }
            'N' => {
                let rest = &source[at + 1..];
                let name = rest.strip_prefix('{').and_then(|r| r.find('}').map(|end| &r[..end]));
                match name.and_then(|n| named_character(n).map(|c| (c, n.chars().count() + 2))) {
                    Some((code, skip)) => {
                        for _ in 0..skip {
                            chars.next();
                        }
                        code as u32
                    }
                    None => {
                        out.push(b'\\');
                        e as u32
                    }
                }
            }
            other => {
                out.push(b'\\');
                other as u32
            }
        };
        push_code_point(&mut out, simple);
    }
    out
}

/// The character of a name, as in `\N{name}`: asked of the parser, which knows the names.
pub fn named_character(name: &str) -> Option<char> {
    if name.contains(['"', '\\', '\n']) {
        return None;
    }
    let parsed = ruff_python_parser::parse_expression(&format!("\"\\N{{{name}}}\"")).ok()?;
    match parsed.expr() {
        ruff_python_ast::Expr::StringLiteral(s) => {
            let mut chars = s.value.to_str().chars();
            let c = chars.next()?;
            chars.next().is_none().then_some(c)
        }
        _ => None,
    }
}

/// A docstring without the indentation that its lines share (as the compiler stores it since 3.13).
pub fn clean_docstring(doc: &[u8]) -> Vec<u8> {
    let doc = expand_tabs(doc);
    let mut lines = doc.split_inclusive(|&b| b == b'\n');
    let first = lines.next().unwrap_or(b"");
    let indent = |line: &[u8]| line.iter().take_while(|&&b| b == b' ').count();
    let margin = lines
        .clone()
        .filter(|line| !matches!(line.get(indent(line)), None | Some(b'\n')))
        .map(indent)
        .min()
        .unwrap_or(0);
    let mut out = first[indent(first)..].to_vec();
    for line in lines {
        out.extend(&line[indent(line).min(margin)..]);
    }
    out
}

fn expand_tabs(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut column = 0;
    for &b in text {
        match b {
            b'\t' => {
                let n = 8 - column % 8;
                out.extend(std::iter::repeat_n(b' ', n));
                column += n;
            }
            b'\n' | b'\r' => {
                out.push(b);
                column = 0;
            }
            _ => {
                out.push(b);
                // Continuation bytes are not characters of their own.
                column += usize::from(b & 0xc0 != 0x80);
            }
        }
    }
    out
}

/// An expression's source without its comments; `#` within strings stays.
pub fn without_comments(source: &str) -> Cow<'_, str> {
    if !source.contains('#') {
        return source.into();
    }
    let mut out = String::with_capacity(source.len());
    let mut quote = None;
    let mut comment = false;
    for c in source.chars() {
        match (c, quote) {
            ('\n', _) => comment = false,
            _ if comment => continue,
            ('#', None) => {
                comment = true;
                continue;
            }
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(q)) if c == q => quote = None,
            _ => {}
        }
        out.push(c);
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go() {
        assert_eq!(without_comments("1+2 = # x\n "), "1+2 = \n ");
        assert_eq!(without_comments("a['#'] = "), "a['#'] = ");
    }

    #[test]
    fn surrogates_survive() {
        assert!(has_surrogate_escape("a\\ud800"));
        assert!(has_surrogate_escape("\\U0000DFFF"));
        assert!(!has_surrogate_escape("\\u00e9 d800"));
        assert_eq!(decode_literal("a\\ud800\\x41\\n\\101", false), b"a\xed\xa0\x80A\nA");
        assert_eq!(decode_literal("{{\\udc80}}", true), b"{\xed\xb2\x80}");
        assert_eq!(
            decode_literal("\\N{BULLET}\\ud800", false),
            "\u{2022}".bytes().chain(*b"\xed\xa0\x80").collect::<Vec<_>>()
        );
    }

    #[test]
    fn docstrings_lose_their_indentation() {
        assert_eq!(clean_docstring(b"  A\n      b\n\n    c\n    "), b"A\n  b\n\nc\n");
        assert_eq!(clean_docstring(b"x\n\ty"), b"x\ny");
    }
}
