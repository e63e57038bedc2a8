//! The table of str: slots and rows of methods.

use super::{format, iter, methods as m, operators as o, translate};
use crate::object::slots::SlotTable;
use crate::object::str::Str;
use crate::object::table::{Method, NativeFn::*};
use crate::object::type_object::{TypeSpec, flag, layout_of};

pub static SPEC: TypeSpec = TypeSpec {
    doc: "str(object='') -> str\nstr(bytes_or_buffer[, encoding[, errors]]) -> str\n\nText: an immutable sequence of \
          characters.\n\nWith one argument, the text that stands for the object: the outcome of its __str__(), or of \
          repr() where\nit has none. With an encoding or errors, the object's bytes are decoded.",
    slots: SlotTable {
        new: Some(o::construct),
        repr: Some(o::repr),
        str: Some(o::to_str),
        hash: Some(o::hash),
        richcompare: Some(o::compare),
        iter: Some(iter::iter),
        len: Some(|_, v| Ok(o::text(v).len())),
        getitem: Some(o::get_item),
        contains: Some(o::contains),
        concat: Some(o::concat),
        repeat: Some(o::repeat),
        remainder: Some(o::remainder),
        ..SlotTable::EMPTY
    },
    methods: METHODS,
    flags: flag::BASETYPE | flag::STR_SUBCLASS | flag::MATCH_SELF,
    ..TypeSpec::new("builtins", "str", layout_of::<Str>(false))
};

static METHODS: &[Method] = &[
    Method::new(
        "encode",
        "($self, /, encoding='utf-8', errors='strict')",
        Bound(m::encode),
        "The text as bytes in the given encoding.\n\n  encoding\n    The name of the encoding.\n  errors\n    What to do \
         about characters that the encoding lacks: 'strict' raises\n    UnicodeEncodeError; 'ignore', 'replace', \
         'xmlcharrefreplace' and other names are\n    looked up among those registered with codecs.register_error().",
    ),
    Method::new(
        "replace",
        "($self, old, new, /, count=-1)",
        Bound(m::replace),
        "A copy with new in place of old.\n\n  count\n    How many occurrences to replace from the left; -1 means all.",
    ),
    Method::new(
        "split",
        "($self, /, sep=None, maxsplit=-1)",
        Bound(m::split),
        "A list of the parts between separators.\n\n  sep\n    The separator; None stands for runs of white space, and \
         drops empty parts.\n  maxsplit\n    How many splits to make at most, from the left; -1 means all.",
    ),
    Method::new(
        "rsplit",
        "($self, /, sep=None, maxsplit=-1)",
        Bound(m::rsplit),
        "A list of the parts between separators.\n\n  sep\n    The separator; None stands for runs of white space, and \
         drops empty parts.\n  maxsplit\n    How many splits to make at most, from the right; -1 means all.",
    ),
    Method::new(
        "join",
        "($self, iterable, /)",
        F2(m::join),
        "All of the given strings, with this one between any two.\n\nExample: '.'.join(['ab', 'pq', 'rs']) is 'ab.pq.rs'.",
    ),
    Method::new(
        "capitalize",
        "($self, /)",
        F1(m::capitalize),
        "A copy whose first character is in title case and the rest in lower case.",
    ),
    Method::new("casefold", "($self, /)", F1(m::casefold), "A copy for comparison without regard to case."),
    Method::new(
        "title",
        "($self, /)",
        F1(m::title),
        "A copy with each word in title case at its start and lower case in the rest.",
    ),
    Method::new(
        "center",
        "($self, width, fillchar=' ', /)",
        Bound(m::center),
        "A copy in the middle of a field of the given width, filled with fillchar.",
    ),
    Method::new(
        "count",
        "($self, sub[, start[, end]], /)",
        ByCount(&m::COUNT),
        "The number of occurrences of sub, which do not overlap, in the range from start to end.",
    ),
    Method::new(
        "expandtabs",
        "($self, /, tabsize=8)",
        Bound(m::expandtabs),
        "A copy with spaces up to the next multiple of tabsize in place of each tab.",
    ),
    Method::new(
        "find",
        "($self, sub[, start[, end]], /)",
        ByCount(&m::FIND),
        "The lowest position of sub in the range from start to end, or -1.",
    ),
    Method::new(
        "partition",
        "($self, sep, /)",
        F2(m::partition),
        "The part before the first sep, sep itself and the part after it.\n\nWhere sep is absent: the string and two \
         empty ones.",
    ),
    Method::new(
        "index",
        "($self, sub[, start[, end]], /)",
        ByCount(&m::INDEX),
        "Like find(), but raises ValueError where sub is absent.",
    ),
    Method::new(
        "ljust",
        "($self, width, fillchar=' ', /)",
        Bound(m::ljust),
        "A copy at the left of a field of the given width, filled with fillchar.",
    ),
    Method::new("lower", "($self, /)", F1(m::lower), "A copy in lower case."),
    Method::new(
        "lstrip",
        "($self, chars=None, /)",
        Bound(m::lstrip),
        "A copy without leading white space, or the leading characters that occur in chars.",
    ),
    Method::new(
        "rfind",
        "($self, sub[, start[, end]], /)",
        ByCount(&m::RFIND),
        "The highest position of sub in the range from start to end, or -1.",
    ),
    Method::new(
        "rindex",
        "($self, sub[, start[, end]], /)",
        ByCount(&m::RINDEX),
        "Like rfind(), but raises ValueError where sub is absent.",
    ),
    Method::new(
        "rjust",
        "($self, width, fillchar=' ', /)",
        Bound(m::rjust),
        "A copy at the right of a field of the given width, filled with fillchar.",
    ),
    Method::new(
        "rstrip",
        "($self, chars=None, /)",
        Bound(m::rstrip),
        "A copy without trailing white space, or the trailing characters that occur in chars.",
    ),
    Method::new(
        "rpartition",
        "($self, sep, /)",
        F2(m::rpartition),
        "The part before the last sep, sep itself and the part after it.\n\nWhere sep is absent: two empty strings and \
         the string.",
    ),
    Method::new(
        "splitlines",
        "($self, /, keepends=False)",
        Bound(m::splitlines),
        "A list of the lines, with their line breaks if keepends is true.",
    ),
    Method::new(
        "strip",
        "($self, chars=None, /)",
        Bound(m::strip),
        "A copy without white space at both ends, or the characters there that occur in chars.",
    ),
    Method::new("swapcase", "($self, /)", F1(m::swapcase), "A copy with upper case made lower and lower case upper."),
    Method::new(
        "translate",
        "($self, table, /)",
        F2(translate::translate),
        "A copy with each character replaced as a table says.\n\n  table\n    Anything with __getitem__ that takes a code \
         point and gives a code point, a\n    string, or None for nothing. A LookupError leaves the character as it \
         is.\n\nstr.maketrans() makes such tables.",
    ),
    Method::new("upper", "($self, /)", F1(m::upper), "A copy in upper case."),
    Method::new(
        "startswith",
        "($self, prefix[, start[, end]], /)",
        ByCount(&m::STARTSWITH),
        "Whether the range from start to end begins with prefix, or one of a tuple of them.",
    ),
    Method::new(
        "endswith",
        "($self, suffix[, start[, end]], /)",
        ByCount(&m::ENDSWITH),
        "Whether the range from start to end ends with suffix, or one of a tuple of them.",
    ),
    Method::new("removeprefix", "($self, prefix, /)", F2(m::removeprefix), "A copy without the given prefix, if it has it."),
    Method::new("removesuffix", "($self, suffix, /)", F2(m::removesuffix), "A copy without the given suffix, if it has it."),
    Method::new("isascii", "($self, /)", F1(m::isascii), "Whether all characters are ASCII; true if there are none."),
    Method::new(
        "islower",
        "($self, /)",
        F1(m::islower),
        "Whether there are cased characters, all of them lower case.",
    ),
    Method::new(
        "isupper",
        "($self, /)",
        F1(m::isupper),
        "Whether there are cased characters, all of them upper case.",
    ),
    Method::new(
        "istitle",
        "($self, /)",
        F1(m::istitle),
        "Whether there are cased characters, upper or title case at the start of each word and lower case in it.",
    ),
    Method::new("isspace", "($self, /)", F1(m::isspace), "Whether there are characters, all of them white space."),
    Method::new(
        "isdecimal",
        "($self, /)",
        F1(m::isdecimal),
        "Whether there are characters, all of them decimal digits.",
    ),
    Method::new("isdigit", "($self, /)", F1(m::isdigit), "Whether there are characters, all of them digits."),
    Method::new("isnumeric", "($self, /)", F1(m::isnumeric), "Whether there are characters, all of them numeric."),
    Method::new("isalpha", "($self, /)", F1(m::isalpha), "Whether there are characters, all of them letters."),
    Method::new(
        "isalnum",
        "($self, /)",
        F1(m::isalnum),
        "Whether there are characters, all of them letters or numeric.",
    ),
    Method::new(
        "isidentifier",
        "($self, /)",
        F1(m::isidentifier),
        "Whether the string is a name such as Python accepts; keyword.iskeyword() tells which names are reserved.",
    ),
    Method::new(
        "isprintable",
        "($self, /)",
        F1(m::isprintable),
        "Whether repr() would show all characters as they are; true if there are none.",
    ),
    Method::new(
        "zfill",
        "($self, width, /)",
        F2(m::zfill),
        "A copy filled with zeros on the left, after a sign, up to the given width.",
    ),
    Method::new(
        "format",
        "($self, /, *args, **kwargs)",
        Raw(format::format),
        "A copy with replacement fields, written in braces, filled in from the arguments.",
    ),
    Method::new(
        "format_map",
        "($self, mapping, /)",
        F2(format::format_map),
        "A copy with replacement fields, written in braces, filled in from a mapping.",
    ),
    Method::new("__format__", "($self, format_spec, /)", F2(m::format_by), "The string by a format specification."),
    Method::new(
        "maketrans",
        "(x, y=<unrepresentable>, z=<unrepresentable>, /)",
        Bound(translate::maketrans),
        "A table for translate().\n\nOne argument: a dict from characters or code points to code points, strings or None. \
         Two: strings of equal\nlength, whose characters map to each other. A third is a string of characters to leave \
         out.",
    )
    .static_method(),
    Method::new("__sizeof__", "($self, /)", F1(o::sizeof), "The size of the object in memory, in bytes."),
    Method::new("__getnewargs__", "($self, /)", F1(o::get_new_args), ""),
];
