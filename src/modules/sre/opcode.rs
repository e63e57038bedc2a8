//! Numbers shared with the library's `re._constants`: operators, positions, categories and flags of SRE code.

/// Version of the code format; `re._compiler` refuses any other.
pub const MAGIC: u32 = 20230612;
/// Repeat count that stands for "without limit".
pub const MAXREPEAT: u32 = u32::MAX;
/// Upper limit for the number of groups, so that twice as many marks stay countable.
pub const MAXGROUPS: u32 = i32::MAX as u32 / 2;

macro_rules! numbers {
    ($($name:ident = $value:expr),* $(,)?) => { $(#[allow(missing_docs)] pub const $name: u32 = $value;)* };
}

// Operators.
numbers! {
    FAILURE = 0, SUCCESS = 1, ANY = 2, ANY_ALL = 3, ASSERT = 4, ASSERT_NOT = 5, AT = 6, BRANCH = 7, CATEGORY = 8,
    CHARSET = 9, BIGCHARSET = 10, GROUPREF = 11, GROUPREF_EXISTS = 12, IN = 13, INFO = 14, JUMP = 15, LITERAL = 16,
    MARK = 17, MAX_UNTIL = 18, MIN_UNTIL = 19, NOT_LITERAL = 20, NEGATE = 21, RANGE = 22, REPEAT = 23,
    REPEAT_ONE = 24, MIN_REPEAT_ONE = 26, ATOMIC_GROUP = 27, POSSESSIVE_REPEAT = 28, POSSESSIVE_REPEAT_ONE = 29,
    GROUPREF_IGNORE = 30, IN_IGNORE = 31, LITERAL_IGNORE = 32, NOT_LITERAL_IGNORE = 33, GROUPREF_LOC_IGNORE = 34,
    IN_LOC_IGNORE = 35, LITERAL_LOC_IGNORE = 36, NOT_LITERAL_LOC_IGNORE = 37, GROUPREF_UNI_IGNORE = 38,
    IN_UNI_IGNORE = 39, LITERAL_UNI_IGNORE = 40, NOT_LITERAL_UNI_IGNORE = 41, RANGE_UNI_IGNORE = 42,
}

// Categories; each odd number is the negation of the even number before it.
numbers! {
    CATEGORY_DIGIT = 0, CATEGORY_SPACE = 2, CATEGORY_WORD = 4, CATEGORY_LINEBREAK = 6, CATEGORY_LOC_WORD = 8,
    CATEGORY_UNI_DIGIT = 10, CATEGORY_UNI_SPACE = 12, CATEGORY_UNI_WORD = 14, CATEGORY_UNI_LINEBREAK = 16,
    CATEGORY_COUNT = 18,
}

// Flags of an INFO block.
numbers! { INFO_PREFIX = 1, INFO_LITERAL = 2, INFO_CHARSET = 4 }

// Flags of a pattern.
numbers! {
    FLAG_IGNORECASE = 2, FLAG_LOCALE = 4, FLAG_MULTILINE = 8, FLAG_DOTALL = 16, FLAG_UNICODE = 32,
    FLAG_VERBOSE = 64, FLAG_DEBUG = 128, FLAG_ASCII = 256,
}

/// A zero-width position test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// Start of the whole string.
    Beginning,
    /// Start of the string or after a line break.
    BeginningLine,
    /// Word boundary, ASCII words.
    Boundary,
    /// No word boundary, ASCII words.
    NonBoundary,
    /// End, or before a line break that ends the string.
    End,
    /// End, or before a line break.
    EndLine,
    /// End.
    EndString,
    /// Word boundary by the C locale functions.
    LocBoundary,
    /// No word boundary by the C locale functions.
    LocNonBoundary,
    /// Word boundary, Unicode words.
    UniBoundary,
    /// No word boundary, Unicode words.
    UniNonBoundary,
}

impl At {
    /// The position test with number `code` in `re._constants.ATCODES`.
    pub fn from_code(code: u32) -> Option<At> {
        Some(match code {
            0 | 2 => At::Beginning,
            1 => At::BeginningLine,
            3 => At::Boundary,
            4 => At::NonBoundary,
            5 => At::End,
            6 => At::EndLine,
            7 => At::EndString,
            8 => At::LocBoundary,
            9 => At::LocNonBoundary,
            10 => At::UniBoundary,
            11 => At::UniNonBoundary,
            _ => return None,
        })
    }
}
