//! Header, values, types, thread context, raising, tables.
//!
//! | file | holds |
//! |---|---|
//! | `value` | `Value` (one NaN-boxed word), `Slot` and `Stored` (values inside heap objects) |
//! | `header`, `alloc`, `dealloc`, `weakref`, `collector` | an object's life |
//! | `type_object`, `slots`, `core_types`, `table`, `native` | what types and native functions are and how they are written down |
//! | `shards` | counts that each thread keeps in its own table |
//! | `shape`, `instance`, `attribute`, `method_cache` | attributes of instances and types |
//! | `protocol`, `operator`, `operator_kind`, `quick`, `args`, `raise`, `hooks` | operations on any object |
//! | `thread`, `names` | the thread context, interned names |
//! | `text`, `str`, `bigint`, `tuple`, `list`, `keys`, `dict`, `set`, `exception`, `buffer`, `seq_iter` | payloads that the above need |

pub mod alloc;
pub mod args;
pub mod attribute;
pub mod audit;
pub mod bigint;
pub mod buffer;
pub mod collector;
pub mod core_types;
pub mod dealloc;
pub mod dict;
pub mod exception;
pub mod growing;
pub mod header;
pub mod hooks;
pub mod instance;
pub mod instrument;
pub mod keys;
pub mod list;
pub mod method_cache;
pub mod names;
pub mod native;
pub mod operator;
pub mod operator_kind;
pub mod protocol;
pub mod quick;
pub mod raise;
pub mod seq_iter;
pub mod set;
pub mod shape;
pub mod shards;
pub mod slots;
pub mod str;
pub mod table;
pub mod text;
pub mod thread;
pub mod tuple;
pub mod type_object;
pub mod value;
pub mod weakref;
