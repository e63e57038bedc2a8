"""Writes tables.bin, the Unicode 16.0 character data that mod.rs reads.

Usage: python3.13 make_tables.py REGEX_SYNTAX_TABLES_FOLDER

Sources, all of Unicode 16.0.0: the package unicodedata2 16.0.0 (general data, and Unicode 3.2 for `ucd_3_2_0`), the
`src/unicode_tables` folder of the crate regex-syntax 0.8.12 (boolean properties), and the case mappings of Python 3.13
(Unicode 15.1) with the additions of 16.0 listed below. A test in mod.rs checks the mappings against Rust's own.

Layout, little-endian: u32 section count, then (u32 offset, u32 length) for each, then the sections, 8-aligned.
"""

import re
import struct
import sys

import unicodedata2 as ud

BLOCK = 128
CATEGORIES = "Cn Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Cs Co".split()
BIDI = [""] + "L R AL EN ES ET AN CS NSM BN B S WS ON LRE LRO RLE RLO PDF LRI RLI FSI PDI".split()
WIDTHS = "N F H W Na A".split()
TAGS = ["", "<font>", "<noBreak>", "<initial>", "<medial>", "<final>", "<isolated>", "<circle>", "<super>", "<sub>",
        "<vertical>", "<wide>", "<narrow>", "<small>", "<square>", "<fraction>", "<compat>"]
FLAGS = "ALPHA DECIMAL DIGIT NUMERIC LOWER UPPER TITLE SPACE PRINTABLE XID_START XID_CONTINUE CASED CASE_IGNORABLE MIRRORED"
FLAG = {name: 1 << i for i, name in enumerate(FLAGS.split())}
SPECIAL = 0x4000_0000

# Case pairs that 16.0 added (upper, lower).
NEW_PAIRS = [(0x1C89, 0x1C8A), (0xA7CB, 0x264), (0xA7CC, 0xA7CD), (0xA7DA, 0xA7DB), (0xA7DC, 0x19B)]
NEW_PAIRS += [(0x10D50 + i, 0x10D70 + i) for i in range(22)]


def bool_property(text, name):
    body = re.search(r"const %s: [^=]*= &\[(.*?)\];" % name, text, re.S).group(1)

    def char(s):
        m = re.fullmatch(r"\\u\{([0-9a-fA-F]+)\}", s)
        return int(m.group(1), 16) if m else ord({"\\'": "'", "\\\\": "\\"}.get(s, s))

    members = set()
    for a, b in re.findall(r"\('((?:\\u\{\w+\}|\\?.))', '((?:\\u\{\w+\}|\\?.))'\)", body, re.S):
        members.update(range(char(a), char(b) + 1))
    return members


class Ext:
    """Mappings to more than one code point, shared between all of them."""

    def __init__(self):
        self.items = []
        self.at = {}

    def field(self, c, mapped):
        if len(mapped) == 1:
            return mapped[0] - c
        if mapped not in self.at:
            self.at[mapped] = len(self.items)
            self.items.extend(mapped)
        return SPECIAL | len(mapped) << 24 | self.at[mapped]


def trie(values):
    index, blocks, seen = [], [], {}
    for start in range(0, 0x110000, BLOCK):
        block = tuple(values[start:start + BLOCK])
        if block not in seen:
            seen[block] = len(blocks)
            blocks.append(block)
        index.append(seen[block])
    return struct.pack("<%dH" % len(index), *index), b"".join(struct.pack("<%dH" % BLOCK, *b) for b in blocks)


def numeric_rows(db, skip=None):
    rows = []
    for c in range(0x110000):
        ch = chr(c)
        row = (db.decimal(ch, 255), db.digit(ch, 255), float(db.numeric(ch, float("nan"))))
        present = row[2] == row[2]
        if skip is None:
            if present:
                rows.append((c, *row))
        elif repr(row) != repr(skip.get(c, (255, 255, float("nan")))) and db.category(ch) != "Cn":
            rows.append((c, *row))
    return rows


def main():
    text = open(sys.argv[1] + "/property_bool.rs", encoding="utf-8").read()
    prop = {p: bool_property(text, p)
            for p in "LOWERCASE UPPERCASE CASED CASE_IGNORABLE XID_START XID_CONTINUE".split()}
    ext = Ext()
    upper_of = {low: up for up, low in NEW_PAIRS}
    lower_of = dict(NEW_PAIRS)
    records, number = [], {}

    def record_of(row):
        if row not in number:
            number[row] = len(records)
            records.append(row)
        return number[row]

    def general(db, c, ch):
        cat, width = db.category(ch), db.east_asian_width(ch)
        return CATEGORIES.index(cat), BIDI.index(db.bidirectional(ch)), db.combining(ch), WIDTHS.index(width)

    new, old, decomps, points, pairs = [], [], [], [], []
    for c in range(0x110000):
        ch = chr(c)
        cat, bidi, ccc, width = general(ud, c, ch)
        flags = 0
        name = CATEGORIES[cat]
        for cond, flag in (
                (name[0] == "L", "ALPHA"), (ud.decimal(ch, None) is not None, "DECIMAL"),
                (ud.digit(ch, None) is not None, "DIGIT"), (ud.numeric(ch, None) is not None, "NUMERIC"),
                (c in prop["LOWERCASE"], "LOWER"), (c in prop["UPPERCASE"], "UPPER"), (name == "Lt", "TITLE"),
                (name == "Zs" or BIDI[bidi] in ("WS", "B", "S"), "SPACE"),
                (ch == " " or name[0] not in "CZ", "PRINTABLE"), (c in prop["XID_START"], "XID_START"),
                (c in prop["XID_CONTINUE"], "XID_CONTINUE"), (c in prop["CASED"], "CASED"),
                (c in prop["CASE_IGNORABLE"], "CASE_IGNORABLE"), (ud.mirrored(ch), "MIRRORED")):
            if cond:
                flags |= FLAG[flag]
        if c in upper_of:
            up = title = (upper_of[c],)
        else:
            up, title = tuple(map(ord, ch.upper())), tuple(map(ord, ch.title()))
        low = (lower_of[c],) if c in lower_of else tuple(map(ord, ch.lower()))
        fold = (lower_of[c],) if c in lower_of else tuple(map(ord, ch.casefold()))
        cases = tuple(ext.field(c, m) for m in (up, low, title, fold))
        new.append(record_of((cat, bidi, ccc, width, flags, *cases)))
        mirrored = FLAG["MIRRORED"] if ud.ucd_3_2_0.mirrored(ch) else 0
        old.append(record_of((*general(ud.ucd_3_2_0, c, ch), mirrored, 0, 0, 0, 0)))
        parts = ud.decomposition(ch).split()
        if parts:
            tag = TAGS.index(parts.pop(0)) if parts[0][0] == "<" else 0
            decomps.append((c, len(points), tag, len(parts)))
            points.extend(int(p, 16) for p in parts)
            if not tag and len(parts) == 2 and ud.normalize("NFC", ch) == ch:
                pairs.append((points[-2], points[-1], c))
    index, blocks = trie(new)
    old_index, old_blocks = trie(old)
    numeric = numeric_rows(ud)
    old_numeric = numeric_rows(ud.ucd_3_2_0, {c: tuple(row) for c, *row in numeric})
    sections = [
        index, blocks, old_index, old_blocks,
        b"".join(struct.pack("<BBBBHHiiii", *r[:4], r[4], 0, *r[5:]) for r in records),
        struct.pack("<%dI" % len(ext.items), *ext.items),
        b"".join(struct.pack("<IBBHd", c, de, di, 0, v) for c, de, di, v in numeric),
        b"".join(struct.pack("<IBBHd", c, de, di, 0, v) for c, de, di, v in old_numeric),
        b"".join(struct.pack("<IHBB", *d) for d in decomps),
        struct.pack("<%dI" % len(points), *points),
        b"".join(struct.pack("<III", *p) for p in sorted(pairs)),
    ]
    head = 4 + 8 * len(sections)
    head += -head % 8
    table, body = b"", b""
    for s in sections:
        table += struct.pack("<II", head + len(body), len(s))
        body += s + bytes(-len(s) % 8)
    out = (struct.pack("<I", len(sections)) + table).ljust(head, b"\0") + body
    open("tables.bin", "wb").write(out)
    print(len(out), "bytes;", len(records), "records;", [len(s) for s in sections])


main()
