use crate::object::*;
use crate::object::args::Args;
use crate::object::raise::PyResult;
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::*;
use crate::object::slots::*;
use crate::object::value::{Slot,Value};
use std::io::Write;
pub struct F { data: Slot, fd: i32 }
unsafe impl Payload for F { fn layout_type() -> &'static Type { &FT } }
pub static FT: StaticType = StaticType::new(&SPEC);
fn write(_t: &Thread, v: &Value, s: &Value) -> PyResult { let f = v.downcast::<F>().unwrap(); let s = str::lossy(s); if f.fd == 2 { eprint!("{s}") } else { print!("{s}"); let _ = std::io::stdout().flush(); } Ok(Value::NONE) }
static SPEC: TypeSpec = TypeSpec { slots: SlotTable { ..SlotTable::EMPTY }, methods: &[
  Method::new("write", "($self, s, /)", NativeFn::F2(write), ""),
  Method::new("flush", "($self, /)", NativeFn::F1(|_,_| Ok(Value::NONE)), ""),
  Method::new("close", "($self, /)", NativeFn::F1(|_,_| Ok(Value::NONE)), ""),
  Method::new("read", "($self, /)", NativeFn::F1(|_,v| Ok(v.downcast::<F>().unwrap().data.load().unwrap())), ""),
  Method::new("__enter__", "($self, /)", NativeFn::F1(|_,v| Ok(v.clone())), ""),
  Method::new("__exit__", "", NativeFn::Raw(|_,_| Ok(Value::NONE)), ""),
], flags: flag::BASETYPE | flag::HAS_DICT, ..TypeSpec::new("_io", "FileIO", layout_of::<F>(false)) };
fn mk(t: &Thread, args: Args<'_>) -> PyResult {
  let p = &args.pos()[0];
  if let Some(fd) = p.as_small_int() { return Ok(alloc::new(&FT, F { data: Slot::empty(), fd: fd as i32 })); }
  let path = str::lossy(p).into_owned();
  match std::fs::read(&path) { Ok(b) => { let text = args.pos().get(1).map(|m| !str::lossy(m).contains('b')).unwrap_or(false);
     let d = if text { str::from_str(&std::string::String::from_utf8_lossy(&b)) } else { crate::types::bytes::payload::from_vec(b) };
     Ok(alloc::new(&FT, F { data: Slot::new(d), fd: -1 })) },
   Err(e) => Err(crate::types::exceptions::os_error::from_io(t, &e, Some(p))) }
}
fn init(t: &Thread, m: &Value) -> PyResult<()> {
  for n in ["_IOBase","_RawIOBase","_BufferedIOBase","_TextIOBase","BufferedReader","BufferedWriter","BufferedRWPair","BufferedRandom","TextIOWrapper","BytesIO","StringIO","IncrementalNewlineDecoder"] {
    let c = crate::types::module_::add_class(t, m, n, vec![core_types::OBJECT.to_value()])?; let _ = c; }
  crate::types::module_::add_class(t, m, "UnsupportedOperation", vec![core_types::exc::OS_ERROR.to_value(), core_types::exc::VALUE_ERROR.to_value()])?;
  protocol::set_attr(t, m, &names::intern("BlockingIOError"), &core_types::exc::BLOCKING_IO_ERROR.to_value())?;
  protocol::set_attr(t, m, &names::intern("DEFAULT_BUFFER_SIZE"), &Value::int(8192))
}
pub static MODULE: ModuleSpec = ModuleSpec { functions: &[
  Method::new("open_code", "", NativeFn::Raw(mk), ""), Method::new("open", "", NativeFn::Raw(mk), ""),
  Method::new("text_encoding", "(x)", NativeFn::F1(|_, v| Ok(v.clone())), ""),
], types: &[&FT], init: Some(init), ..ModuleSpec::new("_io", "") };
