//! Native modules.
pub mod abc;
pub mod array;
pub mod ast;
pub mod asyncio;
pub mod atexit;
pub mod binascii;
pub mod bisect;
pub mod builtins;
pub mod cmath;
pub mod codecs;
pub mod collections;
pub mod compress;
pub mod contextvars;
pub mod csv;
pub mod datetime;
pub mod decimal;
pub mod errno;
pub mod expat;
pub mod faulthandler;
#[cfg(feature = "proof")]
pub mod faults;
pub mod fcntl;
pub mod functools;
pub mod gc;
pub mod grp;
pub mod hashes;
pub mod heapq;
pub mod imp;
pub mod io;
pub mod itertools;
pub mod json;
pub mod locale;
pub mod marshal;
pub mod math;
pub mod mmap;
pub mod multiprocessing;
pub mod opcode;
pub mod operator;
pub mod pickle;
pub mod posix;
pub mod posixsubprocess;
#[cfg(feature = "proof")]
pub mod proof;
pub mod pwd;
pub mod queue;
pub mod random;
pub mod resource;
pub mod select;
pub mod signal;
pub mod socket;
pub mod sqlite;
pub mod sre;
pub mod statistics;
pub mod string;
pub mod struct_;
pub mod support;
pub mod symtable;
pub mod sys;
pub mod sysconfigdata;
pub mod syslog;
pub mod termios;
pub mod thread;
pub mod time;
pub mod tokenize;
pub mod typing;
pub mod unicodedata;
pub mod warnings;
pub mod weakref;

use crate::object::table::ModuleSpec;

/// Every native module, one a line.
#[rustfmt::skip]
pub static MODULES: &[&ModuleSpec] = &[
    &builtins::MODULE,
    &abc::MODULE,
    &array::MODULE,
    &asyncio::MODULE,
    &binascii::MODULE,
    &bisect::MODULE,
    &cmath::MODULE,
    &codecs::MODULE,
    &collections::MODULE,
    &compress::bz2::MODULE,
    &compress::zlib::MODULE,
    &contextvars::MODULE,
    &csv::MODULE,
    &datetime::MODULE,
    &decimal::MODULE,
    &errno::MODULE,
    &expat::MODULE,
    &faulthandler::MODULE,
    #[cfg(feature = "proof")]
    &faults::MODULE,
    &fcntl::MODULE,
    &functools::MODULE,
    &gc::MODULE,
    &grp::MODULE,
    &hashes::BLAKE2,
    &hashes::MD5,
    &hashes::SHA1,
    &hashes::SHA2,
    &hashes::SHA3,
    &heapq::MODULE,
    &io::MODULE,
    &itertools::MODULE,
    &json::MODULE,
    &locale::MODULE,
    &math::MODULE,
    &mmap::MODULE,
    &multiprocessing::MODULE,
    &multiprocessing::SHARED_MEMORY,
    &opcode::MODULE,
    &operator::MODULE,
    &pickle::MODULE,
    &posix::MODULE,
    &posixsubprocess::MODULE,
    #[cfg(feature = "proof")]
    &proof::MODULE,
    &pwd::MODULE,
    &queue::MODULE,
    &random::MODULE,
    &resource::MODULE,
    &select::MODULE,
    &signal::MODULE,
    &socket::MODULE,
    &sqlite::MODULE,
    &sre::MODULE,
    &sys::MODULE,
    &sysconfigdata::MODULE,
    &syslog::MODULE,
    &ast::MODULE,
    &atexit::MODULE,
    &imp::MODULE,
    &marshal::MODULE,
    &termios::MODULE,
    &time::MODULE,
    &warnings::MODULE,
    &thread::MODULE,
    &statistics::MODULE,
    &string::MODULE,
    &struct_::MODULE,
    &symtable::MODULE,
    &tokenize::MODULE,
    &typing::MODULE,
    &unicodedata::MODULE,
    &weakref::MODULE,
];
