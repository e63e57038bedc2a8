//! What never changes: versions, limits of numbers, platform, and what the command line set.

use crate::object::dict::{self, Dict};
use crate::object::hooks;
use crate::object::list;
use crate::object::names;
use crate::object::protocol;
use crate::object::raise::PyResult;
use crate::object::str;
use crate::object::text::TextBuf;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::types::struct_sequence::{self, make};

crate::struct_sequence! {
    pub VersionInfo, VERSION_INFO, VERSION_SPEC: "sys", "version_info",
    "sys.version_info\n\nVersion information as a named tuple.";
    visible 5; flags crate::object::type_object::flag::DISALLOW_INSTANTIATION;
    0 major "Major release number";
    1 minor "Minor release number";
    2 micro "Patch release number";
    3 releaselevel "'alpha', 'beta', 'candidate', or 'final'";
    4 serial "Serial release number";
}

crate::struct_sequence! {
    pub Flags, FLAGS, FLAGS_SPEC: "sys", "flags",
    "sys.flags\n\nFlags provided through command line arguments or environment vars.";
    visible 18; flags crate::object::type_object::flag::DISALLOW_INSTANTIATION;
    0 debug "-d";
    1 inspect "-i";
    2 interactive "-i";
    3 optimize "-O or -OO";
    4 dont_write_bytecode "-B";
    5 no_user_site "-s";
    6 no_site "-S";
    7 ignore_environment "-E";
    8 verbose "-v";
    9 bytes_warning "-b";
    10 quiet "-q";
    11 hash_randomization "-R";
    12 isolated "-I";
    13 dev_mode "-X dev";
    14 utf8_mode "-X utf8";
    15 warn_default_encoding "-X warn_default_encoding";
    16 safe_path "-P";
    17 int_max_str_digits "-X int_max_str_digits";
    18 gil "-X gil";
    19 thread_inherit_context "-X thread_inherit_context";
    20 context_aware_warnings "-X context_aware_warnings";
}

crate::struct_sequence! {
    pub FloatInfo, FLOAT_INFO, FLOAT_SPEC: "sys", "float_info",
    "sys.float_info\n\nA named tuple holding information about the float type.";
    visible 11; flags 0;
    0 max "DBL_MAX -- maximum representable finite float";
    1 max_exp "DBL_MAX_EXP -- maximum int e such that radix**(e-1) is representable";
    2 max_10_exp "DBL_MAX_10_EXP -- maximum int e such that 10**e is representable";
    3 min "DBL_MIN -- Minimum positive normalized float";
    4 min_exp "DBL_MIN_EXP -- minimum int e such that radix**(e-1) is a normalized float";
    5 min_10_exp "DBL_MIN_10_EXP -- minimum int e such that 10**e is a normalized float";
    6 dig "DBL_DIG -- maximum number of decimal digits that can be faithfully represented";
    7 mant_dig "DBL_MANT_DIG -- mantissa digits";
    8 epsilon "DBL_EPSILON -- Difference between 1 and the next representable float";
    9 radix "FLT_RADIX -- radix of exponent";
    10 rounds "FLT_ROUNDS -- rounding mode used for arithmetic operations";
}

crate::struct_sequence! {
    pub IntInfo, INT_INFO, INT_SPEC: "sys", "int_info",
    "sys.int_info\n\nA named tuple that holds information about Python's internal representation of integers.";
    visible 4; flags 0;
    0 bits_per_digit "size of a digit in bits";
    1 sizeof_digit "size in bytes of the C type used to represent a digit";
    2 default_max_str_digits "maximum string conversion digits limitation";
    3 str_digits_check_threshold "minimum positive value for int_max_str_digits";
}

crate::struct_sequence! {
    pub HashInfo, HASH_INFO, HASH_SPEC: "sys", "hash_info",
    "sys.hash_info\n\nA named tuple providing parameters used for computing hashes.";
    visible 9; flags 0;
    0 width "width of the type used for hashing, in bits";
    1 modulus "prime number giving the modulus on which the hash function is based";
    2 inf "value to be used for hash of a positive infinity";
    3 nan "value to be used for hash of a nan";
    4 imag "multiplier used for the imaginary part of a complex number";
    5 algorithm "name of the algorithm for hashing of str, bytes and memoryviews";
    6 hash_bits "internal output size of hash algorithm";
    7 seed_bits "seed size of hash algorithm";
    8 cutoff "small string optimization cutoff";
}

crate::struct_sequence! {
    pub ThreadInfo, THREAD_INFO, THREAD_SPEC: "sys", "thread_info",
    "sys.thread_info\n\nA named tuple holding information about the thread implementation.";
    visible 3; flags 0;
    0 name "name of the thread implementation";
    1 lock "name of the lock implementation";
    2 version "name and version of the thread library";
}

crate::struct_sequence! {
    pub UnraisableHookArgs, UNRAISABLE_HOOK_ARGS, UNRAISABLE_SPEC: "sys", "UnraisableHookArgs",
    "UnraisableHookArgs\n\nType used to pass arguments to sys.unraisablehook.";
    visible 5; flags 0;
    0 exc_type "Exception type";
    1 exc_value "Exception value";
    2 exc_traceback "Exception traceback";
    3 err_msg "Error message";
    4 object "Object causing the exception";
}

/// Top-level names of the standard library.
static STDLIB: &str = "\
    __future__ _abc _aix_support _android_support _apple_support _ast _ast_unparse _asyncio _bisect _blake2 \
    _bz2 _codecs _codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw _collections \
    _collections_abc _colorize _compat_pickle _compression _contextvars _csv _ctypes _curses _curses_panel \
    _datetime _dbm _decimal _elementtree _frozen_importlib _frozen_importlib_external _functools _gdbm _hashlib \
    _heapq _hmac _imp _interpchannels _interpqueues _interpreters _io _ios_support _json _locale _lsprof _lzma \
    _markupbase _md5 _multibytecodec _multiprocessing _opcode _opcode_metadata _operator _osx_support \
    _overlapped _pickle _posixshmem _posixsubprocess _py_abc _py_warnings _pydatetime _pydecimal _pyio _pylong \
    _pyrepl _queue _random _remote_debugging _scproxy _sha1 _sha2 _sha3 _signal _sitebuiltins _socket _sqlite3 \
    _sre _ssl _stat _statistics _string _strptime _struct _suggestions _symtable _sysconfig _thread \
    _threading_local _tkinter _tokenize _tracemalloc _types _typing _uuid _warnings _weakref _weakrefset \
    _winapi _wmi _zoneinfo _zstd abc annotationlib antigravity argparse array ast asyncio atexit base64 bdb \
    binascii bisect builtins bz2 cProfile calendar cmath cmd code codecs codeop collections colorsys compileall \
    compression concurrent configparser contextlib contextvars copy copyreg csv ctypes curses dataclasses \
    datetime dbm decimal difflib dis doctest email encodings ensurepip enum errno faulthandler fcntl filecmp \
    fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib grp gzip \
    hashlib heapq hmac html http idlelib imaplib importlib inspect io ipaddress itertools json keyword \
    linecache locale logging lzma mailbox marshal math mimetypes mmap modulefinder msvcrt multiprocessing netrc \
    nt ntpath nturl2path numbers opcode operator optparse os pathlib pdb pickle pickletools pkgutil platform \
    plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat \
    queue quopri random re readline reprlib resource rlcompleter runpy sched secrets select selectors shelve \
    shlex shutil signal site smtplib socket socketserver sqlite3 sre_compile sre_constants sre_parse ssl stat \
    statistics string stringprep struct subprocess symtable sys sysconfig syslog tabnanny tarfile tempfile \
    termios textwrap this threading time timeit tkinter token tokenize tomllib trace traceback tracemalloc tty \
    turtle turtledemo types typing unicodedata unittest urllib uuid venv warnings wave weakref webbrowser \
    winreg winsound wsgiref xml xmlrpc zipapp zipfile zipimport zlib zoneinfo";

fn int(n: i64) -> Value {
    Value::int(n)
}

fn text(s: &str) -> Value {
    str::from_str(s)
}

/// Whether -v was given.
pub fn verbose() -> bool {
    static VERBOSE: std::sync::LazyLock<bool> = std::sync::LazyLock::new(|| (hooks::get().settings)().flags[8] != 0);
    *VERBOSE
}

/// Sets the attributes.
pub fn init(t: &Thread, module: &Value) -> PyResult<()> {
    let set = |name: &str, v: Value| protocol::set_attr(t, module, &names::intern(name), &v);
    let settings = (hooks::get().settings)();
    let version = make::<VersionInfo>(vec![int(3), int(14), int(0), names::intern("final"), int(0)]);
    set(
        "version",
        text(concat!(
            "3.14.0 free-threading build (main, Jan  1 2026, 00:00:00) [Orochi ",
            env!("CARGO_PKG_VERSION"),
            "]"
        )),
    )?;
    set("version_info", version.clone())?;
    set("hexversion", int(0x030e_00f0))?;
    set("api_version", int(1013))?;
    set("maxsize", int(i64::MAX))?;
    set("maxunicode", int(0x10_ffff))?;
    set("byteorder", names::intern(if cfg!(target_endian = "little") { "little" } else { "big" }))?;
    set("platform", names::intern("linux"))?;
    set("float_repr_style", names::intern("short"))?;
    set("abiflags", names::intern("t"))?;
    set("platlibdir", names::intern("lib"))?;
    set("copyright", text("Copyright (c) 2026 The Orochi developers. All Rights Reserved."))?;
    set("_git", crate::object::tuple::from_slice(&[text("Orochi"), text(""), text("")]))?;
    set("_framework", text(""))?;
    set("dont_write_bytecode", Value::bool(settings.flags[4] != 0))?;
    set("pycache_prefix", settings.pycache_prefix.as_deref().map_or(Value::NONE, text))?;
    // Two of them are bools.
    let flag = |(i, n): (usize, &i64)| if matches!(i, 13 | 16) { Value::bool(*n != 0) } else { int(*n) };
    set("flags", make::<Flags>(settings.flags.iter().enumerate().map(flag).collect()))?;
    set(
        "float_info",
        make::<FloatInfo>(vec![
            Value::float(f64::MAX),
            int(1024),
            int(308),
            Value::float(f64::MIN_POSITIVE),
            int(-1021),
            int(-307),
            int(15),
            int(53),
            Value::float(f64::EPSILON),
            int(2),
            int(1),
        ]),
    )?;
    set("int_info", make::<IntInfo>(vec![int(30), int(4), int(4300), int(640)]))?;
    set(
        "hash_info",
        make::<HashInfo>(vec![
            int(64),
            int((1 << 61) - 1),
            int(314159),
            int(0),
            int(1000003),
            names::intern("siphash13"),
            int(64),
            int(128),
            int(0),
        ]),
    )?;
    set("thread_info", make::<ThreadInfo>(vec![names::intern("pthread"), names::intern("futex"), Value::NONE]))?;
    set("UnraisableHookArgs", UNRAISABLE_HOOK_ARGS.to_value())?;
    let natives: Vec<Value> = super::super::MODULES.iter().map(|m| names::intern(m.name)).collect();
    set("builtin_module_names", crate::object::tuple::from_vec(natives))?;
    let all = list::from_vec(STDLIB.split_whitespace().map(names::intern).collect());
    set("stdlib_module_names", protocol::call_values(t, &crate::object::core_types::FROZENSET.as_value(), &[all])?)?;
    for (name, values) in [("argv", &settings.argv), ("orig_argv", &settings.original)] {
        let texts = values.iter().map(|s| TextBuf::from_wtf8(s).map_or_else(names::empty_str, str::from_buf));
        set(name, list::from_vec(texts.collect()))?;
    }
    for (name, values) in [("warnoptions", &settings.warn_options), ("path", &settings.path)] {
        set(name, list::from_vec(values.iter().map(|s| text(s)).collect()))?;
    }
    let options = dict::new();
    if let Some(d) = options.downcast::<Dict>() {
        for option in &settings.x_options {
            let (name, v) = match option.split_once('=') {
                Some((name, v)) => (name, text(v)),
                None => (option.as_str(), Value::TRUE),
            };
            d.set(t, text(name), v)?;
        }
    }
    set("_xoptions", options)?;
    set("executable", text(&settings.executable))?;
    set("_base_executable", text(&settings.executable))?;
    set("_stdlib_dir", text(&settings.library))?;
    for (name, prefix) in [
        ("prefix", &settings.prefix),
        ("exec_prefix", &settings.prefix),
        ("base_prefix", &settings.base_prefix),
        ("base_exec_prefix", &settings.base_prefix),
    ] {
        set(name, text(prefix))?;
    }
    implementation(t, module, version)?;
    struct_sequence::finish::<VersionInfo>();
    struct_sequence::finish::<Flags>();
    struct_sequence::finish::<FloatInfo>();
    struct_sequence::finish::<IntInfo>();
    struct_sequence::finish::<HashInfo>();
    struct_sequence::finish::<ThreadInfo>();
    struct_sequence::finish::<UnraisableHookArgs>();
    Ok(())
}

/// `sys.implementation`, a namespace object.
fn implementation(t: &Thread, module: &Value, version: Value) -> PyResult<()> {
    let parts = [
        ("name", names::intern("orochi")),
        ("cache_tag", text("orochi-314")),
        ("version", version),
        ("hexversion", int(0x030e_00f0)),
        ("_multiarch", text("x86_64-linux-gnu")),
        ("supports_isolated_interpreters", Value::FALSE),
    ];
    let implementation = crate::types::simple_namespace::new(t, parts);
    protocol::set_attr(t, module, &names::intern("implementation"), &implementation)
}
