//! Padding and tab expansion.

use crate::object::growing::Growing;
use crate::object::text::{TextKind, TextRef};

/// `text` with `left` and `right` times `fill` around it.
pub fn pad(text: TextRef<'_>, left: usize, right: usize, fill: u32) -> Growing {
    let kind = text.canonical_kind().max(if left + right > 0 { TextKind::of(fill) } else { TextKind::Ascii });
    let mut out = Growing::with_kind(kind, left + text.len() + right);
    out.push_repeat(fill, left);
    out.push_text(text);
    out.push_repeat(fill, right);
    out
}

/// How many fill characters `center` puts on the left and right of `len` characters in a field of `width`: the odd one
/// goes left only in a field of odd width.
pub fn center_margins(len: usize, width: usize) -> (usize, usize) {
    let total = width.saturating_sub(len);
    let left = total / 2 + (total & width & 1);
    (left, total - left)
}

/// `str.zfill`: zeros after a leading sign; `None` where `text` is wide enough.
pub fn zfill(text: TextRef<'_>, width: usize) -> Option<Growing> {
    let fill = width.checked_sub(text.len()).filter(|&n| n > 0)?;
    let sign = usize::from(matches!(text.get(0), Some(0x2B | 0x2D)));
    let mut out = Growing::with_kind(text.canonical_kind(), width);
    out.push_text(text.slice(0, sign));
    out.push_repeat(0x30, fill);
    out.push_text(text.slice(sign, text.len()));
    Some(out)
}

/// `str.expandtabs`, to `most` characters at most; `None` where the result would be longer than a text can be.
pub fn expand_tabs(text: TextRef<'_>, tab: usize, most: usize) -> Option<Growing> {
    let mut out = Growing::with_kind(text.canonical_kind(), most);
    let mut column = 0usize;
    for c in text.code_points() {
        if c == 9 {
            if tab > 0 {
                let n = tab - column % tab;
                column = column.checked_add(n)?;
                out.len().checked_add(n).filter(|&n| n <= isize::MAX as usize / 4)?;
                out.push_repeat(0x20, n);
            }
        } else {
            out.push(c);
            column = if matches!(c, 10 | 13) { 0 } else { column + 1 };
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::text::TextBuf;

    fn t(s: &str) -> TextBuf {
        TextBuf::from_str(s)
    }

    #[test]
    fn pads() {
        assert_eq!(*pad(t("ab").view(), 1, 2, 0x20AC), t("\u{20ac}ab\u{20ac}\u{20ac}"));
        assert_eq!(pad(t("ab").view(), 0, 0, 0x20AC).kind(), TextKind::Ascii);
        assert_eq!(center_margins(1, 4), (1, 2));
        assert_eq!(center_margins(2, 5), (2, 1));
        assert_eq!(center_margins(5, 3), (0, 0));
        let zfill = |s, width| zfill(t(s).view(), width).map(|out| (*out).clone());
        assert_eq!(zfill("-5", 4), Some(t("-005")));
        assert_eq!(zfill("", 2), Some(t("00")));
        assert_eq!(zfill("abc", 3), None);
    }

    #[test]
    fn tabs() {
        let expand_tabs = |s, tab, most| expand_tabs(t(s).view(), tab, most).map(|out| (*out).clone());
        assert_eq!(expand_tabs("a\tbc\n\tx", 4, 16), Some(t("a   bc\n    x")));
        assert_eq!(expand_tabs("a\tb", 0, 16), Some(t("ab")));
        assert_eq!(expand_tabs("\t", usize::MAX, 16), None);
    }
}
