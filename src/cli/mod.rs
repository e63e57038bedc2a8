//! The command line.

mod options;
mod usage;

use crate::runtime::{config, script};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

/// Runs the command; answers the process's exit status.
pub fn main(args: Vec<OsString>) -> i32 {
    let texts = args.iter().map(|a| a.to_string_lossy().into_owned()).collect();
    match options::parse(texts) {
        Ok(mut config) => {
            config.raw = args.iter().map(|a| escaped(a.as_bytes())).collect();
            config::install(config);
            script::main()
        }
        Err(status) => status,
    }
}

/// A text from the system as WTF-8: bytes that are no UTF-8 are lone surrogates, as the handler `surrogateescape` makes them.
fn escaped(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.extend(chunk.valid().as_bytes());
        for &byte in chunk.invalid() {
            // U+DC80 to U+DCFF.
            out.extend([0xed, 0xb0 | byte >> 6, 0x80 | byte & 0x3f]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn bytes_that_are_no_text_are_escaped() {
        assert_eq!(escaped(b"a\xc3\xa9"), "a\u{e9}".as_bytes());
        assert_eq!(escaped(b"\xff\x80"), b"\xed\xb3\xbf\xed\xb2\x80");
    }
}
