//! compile, eval, exec, globals and locals; what `super()` finds in the present frame.

use crate::bytecode::code::{self, Code};
use crate::bytecode::unit::{flags, kind};
use crate::compiler::{self, ErrorKind, Mode, Options};
use crate::interp::call::run_code;
use crate::interp::frame::Frame;
use crate::interp::{ops, stack};
use crate::modules::ast;
use crate::object::args::Bound;
use crate::object::audit;
use crate::object::buffer::Request;
use crate::object::core_types::{self, exc};
use crate::object::dict::Dict;
use crate::object::names::known;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::thread::Thread;
use crate::object::tuple::{self, Tuple};
use crate::object::value::Value;
use crate::object::{hooks, protocol, str};
use crate::types::bytes::payload as bytes;
use crate::types::cell::Cell;
use crate::types::exceptions::syntax::{self, Place};

pub const COMPILE_SIGNATURE: &str = "($module, /, source, filename, mode, flags=0, dont_inherit=False, optimize=-1, *, \
                                     _feature_version=-1)";
pub const COMPILE_DOC: &str = "Compile source (a string, bytes or AST) into a code object that exec() or eval() can run. mode is \
                               'exec', 'single' or 'eval'.";

/// Bits of `compile`'s flags (`ast.PyCF_*`, `__future__`).
const ONLY_AST: i64 = 0x400;
const OPTIMIZED_AST: i64 = 0x8400;
const TOP_LEVEL_AWAIT: i64 = 0x2000;
const ALLOW_INCOMPLETE: i64 = 0x4000;
const DONT_IMPLY_DEDENT: i64 = 0x200;
const FUTURE_ANNOTATIONS: i64 = 0x100_0000;
const KNOWN_FLAGS: i64 = 0x1ff_ffff & !0xff;

/// The innermost Python frame, or null.
fn frame(t: &Thread) -> *mut Frame {
    t.frame.get().cast::<Frame>()
}

pub fn globals(t: &Thread) -> PyResult {
    let frame = frame(t);
    if frame.is_null() {
        return Err(raise::system_error(t, "globals() without a frame"));
    }
    // SAFETY: the innermost frame is alive.
    Ok(unsafe { (*(*frame).function().globals).clone() })
}

pub fn locals(t: &Thread) -> PyResult {
    let frame = frame(t);
    if frame.is_null() {
        return Err(raise::system_error(t, "frame does not exist"));
    }
    // SAFETY: the calling thread's innermost frame.
    unsafe { ops::names::load_locals(t, frame) }
}

/// `Hooks::super_arguments`: the contents of the cell `__class__`, and the first argument.
pub fn super_arguments(t: &Thread) -> PyResult<(Value, Value)> {
    let frame = frame(t);
    if frame.is_null() {
        return Err(raise::runtime_error(t, "super(): no current frame"));
    }
    // SAFETY: the innermost frame is alive; a frame has as many locals as its code says.
    unsafe {
        let code = (*frame).code();
        if code.arg_count == 0 {
            return Err(raise::runtime_error(t, "super(): no arguments"));
        }
        let local = |i: usize| *Frame::locals(frame).add(i);
        let mut first = (local(0) != 0).then(|| stack::copy(local(0)));
        if code.local_kinds[0] & kind::CELL != 0 {
            first = first.and_then(|v| match v.downcast::<Cell>() {
                Some(cell) => cell.contents.load(),
                None => Some(v),
            });
        }
        let Some(first) = first else { return Err(raise::runtime_error(t, "super(): arg[0] deleted")) };
        let found = (0..code.local_count())
            .find(|i| code.local_kinds[*i] & kind::FREE != 0 && code.local_names[*i].is(&known().__class__));
        let Some(index) = found else { return Err(raise::runtime_error(t, "super(): __class__ cell not found")) };
        if local(index) == 0 {
            return Err(raise::runtime_error(t, "super(): bad __class__ cell"));
        }
        let cell = stack::view(local(index));
        match cell.downcast::<Cell>().map(|c| c.contents.load()) {
            Some(Some(class)) => Ok((class, first)),
            Some(None) => Err(raise::runtime_error(t, "super(): empty __class__ cell")),
            None => Err(raise::runtime_error(t, "super(): bad __class__ cell")),
        }
    }
}

/// Source text from a str or bytes-like object.
pub fn source_text(t: &Thread, v: &Value, function: &str, what: &str) -> PyResult<String> {
    if let Some(view) = str::view(v) {
        let Some(text) = view.to_utf8() else {
            // A lone surrogate: the error that encoding it raises.
            return Err(protocol::call_method_str(t, v, "encode", &[])
                .err()
                .unwrap_or_else(|| raise::value_error(t, "source code string cannot be encoded")));
        };
        if text.contains('\0') {
            return Err(raise::new(t, &exc::SYNTAX_ERROR, "source code string cannot contain null bytes"));
        }
        return Ok(text.into_owned());
    }
    let Some(get) = v.class().slots.buffer.get() else {
        let message = format!("{function}() arg 1 must be a {what}");
        return Err(raise::type_error(t, message));
    };
    let buffer = get(t, v, Request::Read)?;
    let bytes = buffer.as_slice().to_vec();
    drop(buffer);
    if bytes.contains(&0) {
        return Err(raise::new(t, &exc::SYNTAX_ERROR, "source code string cannot contain null bytes"));
    }
    decode(t, &bytes, "<string>", false)
}

/// Text from the bytes of a source, by its byte-order mark or PEP 263 cookie. `file`: the words are those for files.
pub fn decode(t: &Thread, bytes: &[u8], filename: &str, file: bool) -> PyResult<String> {
    if let Some(encoding) = compiler::source::foreign_encoding(bytes) {
        // What the compiler does not know by itself, the codecs may.
        let object = (hooks::get().bytes)(bytes);
        return match protocol::call_method_str(t, &object, "decode", &[str::from_str(&encoding)]) {
            Ok(text) => match str::view(&text) {
                Some(text) => Ok(text.to_utf8_lossy().into_owned()),
                None => Err(raise::type_error(t, "decoder did not return a str")),
            },
            Err(raised) => {
                let unknown = raise::matches(t, &raised, &exc::LOOKUP_ERROR);
                let exception = raise::take(t, raised);
                if !file && !unknown {
                    let message = protocol::to_string(t, &exception)?;
                    return Err(raise::new(t, &exc::SYNTAX_ERROR, message));
                }
                let what = if file { "encoding problem" } else { "unknown encoding" };
                Err(raise::new(t, &exc::SYNTAX_ERROR, format!("{what}: {encoding}")))
            }
        };
    }
    compiler::decode_source(bytes).map_err(|mut e| {
        if file && e.text.is_none() && e.message.starts_with("Non-UTF-8 code") {
            // The message names the place.
            e.message = e.message.replacen(" on line ", &format!(" in file {filename} on line "), 1);
            e.line = 0;
        }
        syntax_error(t, &e, filename)
    })
}

/// Raises what the compiler found wrong.
pub fn syntax_error(t: &Thread, e: &compiler::SyntaxError, filename: &str) -> Raised {
    let class = match e.kind {
        ErrorKind::Syntax => &exc::SYNTAX_ERROR,
        ErrorKind::Indentation => &exc::INDENTATION_ERROR,
        ErrorKind::Tab => &exc::TAB_ERROR,
        ErrorKind::Incomplete => &exc::INCOMPLETE_INPUT_ERROR,
        ErrorKind::Recursion => return raise::recursion_error(t, &e.message),
        ErrorKind::Memory => return raise::memory_error(t, &e.message),
        ErrorKind::Overflow => return raise::overflow_error(t, &e.message),
    };
    if e.line == 0 {
        return raise::new(t, class, &e.message);
    }
    let place = Place {
        filename,
        line: e.line,
        offset: e.column,
        end_line: e.end_line,
        end_offset: e.end_column,
        text: e.text.as_deref(),
    };
    match syntax::new(t, class, &e.message, &place) {
        Ok(exception) => raise::value(t, exception),
        Err(raised) => raised,
    }
}

/// Compiles text to a code object and issues the compiler's warnings.
pub fn compile_text(t: &Thread, text: &str, filename: &str, mode: Mode, options: Options) -> PyResult {
    let compiled = compiler::compile(text, filename, mode, options).map_err(|e| syntax_error(t, &e, filename))?;
    for warning in &compiled.warnings {
        warn(t, warning, filename, text)?;
    }
    Ok(code::link(&compiled.unit))
}

/// `warnings.warn_explicit`; a warning turned into an error is raised as SyntaxError.
fn warn(t: &Thread, warning: &compiler::SyntaxWarning, filename: &str, text: &str) -> PyResult<()> {
    let category = if warning.deprecation { &exc::DEPRECATION_WARNING } else { &exc::SYNTAX_WARNING };
    let warnings = (hooks::get().import)(t, "_warnings")?;
    let args = [
        str::from_str(&warning.message),
        category.to_value(),
        str::from_str(filename),
        Value::int(warning.line.into()),
    ];
    match protocol::call_method_str(t, &warnings, "warn_explicit", &args) {
        Ok(_) => Ok(()),
        Err(raised) if raise::matches(t, &raised, category) => {
            drop(raise::take(t, raised));
            let error = compiler::SyntaxError {
                kind: ErrorKind::Syntax,
                message: warning.message.clone(),
                line: warning.line,
                column: warning.column,
                end_line: warning.end_line,
                end_column: warning.end_column as i32,
                text: text.lines().nth(warning.line.saturating_sub(1) as usize).map(|l| format!("{l}\n")),
                incomplete: false,
            };
            Err(syntax_error(t, &error, filename))
        }
        Err(raised) => Err(raised),
    }
}

/// The `from __future__` flags of the code that is running.
fn inherited(t: &Thread) -> bool {
    let frame = frame(t);
    // SAFETY: the innermost frame is alive.
    !frame.is_null() && unsafe { (*frame).code() }.has_flag(flags::FUTURE_ANNOTATIONS)
}

/// The optimisation level of the process.
fn process_optimize(t: &Thread) -> PyResult<u8> {
    let sys = (hooks::get().import)(t, "sys")?;
    let Some(flags) = protocol::lookup_attr(t, &sys, &crate::object::names::intern("flags"))? else { return Ok(0) };
    let level = protocol::get_attr_str(t, &flags, "optimize")?;
    Ok(level.as_small_int().unwrap_or(0).clamp(0, 2) as u8)
}

/// A file name: str, bytes or path-like.
pub fn file_name(t: &Thread, v: &Value) -> PyResult<String> {
    if str::view(v).is_some() {
        return Ok(str::lossy(v).into_owned());
    }
    if v.class().is_subtype(&core_types::BYTES)
        && let Some(get) = v.class().slots.buffer.get()
    {
        let buffer = get(t, v, Request::Read)?;
        return Ok(String::from_utf8_lossy(buffer.as_slice()).into_owned());
    }
    match protocol::call_special(t, v, &known().__fspath__, &[])? {
        Some(path) => Ok(str::lossy(&path).into_owned()),
        None => {
            let message = format!("expected str, bytes or os.PathLike object, not {}", v.class().display_name());
            Err(raise::type_error(t, message))
        }
    }
}

pub fn compile(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (source, filename) = (b.req(0), file_name(t, b.req(1))?);
    let Some(mode_text) = str::view(b.req(2)) else {
        let given = b.req(2).class().display_name();
        return Err(raise::type_error(t, format!("compile() argument 'mode' must be str, not {given}")));
    };
    let number = |i: usize, default: i64| b.opt(i).map_or(Ok(default), |v| protocol::index_i64(t, v));
    let bits = number(3, 0)?;
    if bits & !KNOWN_FLAGS != 0 {
        return Err(raise::value_error(t, "compile(): unrecognised flags"));
    }
    let optimize = number(5, -1)?;
    if !(-1..=2).contains(&optimize) {
        return Err(raise::value_error(t, "compile(): invalid optimize value"));
    }
    let inherit = match b.opt(4) {
        Some(dont) => !protocol::is_true(t, dont)?,
        None => true,
    };
    let signature = &*mode_text.to_utf8_lossy() == "func_type";
    let mode = match &*mode_text.to_utf8_lossy() {
        "exec" => Mode::Exec,
        "eval" => Mode::Eval,
        "single" => Mode::Single,
        "func_type" if bits & ONLY_AST != 0 => Mode::Eval,
        "func_type" => {
            return Err(raise::value_error(t, "compile() mode 'func_type' requires flag PyCF_ONLY_AST"));
        }
        _ => {
            let message = if bits & ONLY_AST != 0 {
                "compile() mode must be 'exec', 'eval', 'single' or 'func_type'"
            } else {
                "compile() mode must be 'exec', 'eval' or 'single'"
            };
            return Err(raise::value_error(t, message));
        }
    };
    let options = Options {
        optimize: if optimize < 0 { process_optimize(t)? } else { optimize as u8 },
        future_annotations: bits & FUTURE_ANNOTATIONS != 0 || inherit && inherited(t),
        top_level_await: bits & TOP_LEVEL_AWAIT != 0,
        allow_incomplete: bits & ALLOW_INCOMPLETE != 0,
        dont_imply_dedent: bits & DONT_IMPLY_DEDENT != 0,
    };
    let only_ast = bits & ONLY_AST != 0;
    if let Some(result) = compile_tree(t, source, &filename, mode, only_ast, options)? {
        return Ok(result);
    }
    let text = source_text(t, source, "compile", "string, bytes or AST object")?;
    audit::event(t, "compile", || [bytes::from_slice(text.as_bytes()), b.req(1).clone()])?;
    let text = if mode == Mode::Eval { text.trim_start_matches([' ', '\t']) } else { &text };
    if only_ast {
        let want = if signature { ast::Want::Signature } else { ast::Want::Program(mode) };
        let optimize = (bits & OPTIMIZED_AST == OPTIMIZED_AST).then_some(options.optimize);
        return parse_text(t, text, &filename, want, options, optimize);
    }
    compile_text(t, text, &filename, mode, options)
}

/// Compiles a tree of nodes, or (asked for an AST) checks it and hands it back. None where the source is no tree.
fn compile_tree(
    t: &Thread,
    source: &Value,
    filename: &str,
    mode: Mode,
    only_ast: bool,
    options: Options,
) -> PyResult<Option<Value>> {
    if !ast::is_node(source) {
        return Ok(None);
    }
    if only_ast {
        ast::check_root(t, source, mode)?;
        return Ok(Some(source.clone()));
    }
    audit::event(t, "compile", || [source.clone(), Value::NONE])?;
    let compiled = ast::compile(t, source, filename, mode, options)?.map_err(|e| syntax_error(t, &e, filename))?;
    for warning in &compiled.warnings {
        warn(t, warning, filename, "")?;
    }
    Ok(Some(code::link(&compiled.unit)))
}

/// Parses text to nodes and issues the parser's warnings.
fn parse_text(
    t: &Thread,
    text: &str,
    filename: &str,
    want: ast::Want,
    options: Options,
    optimize: Option<u8>,
) -> PyResult {
    match ast::parse(t, text, want, options, optimize) {
        Ok((tree, warnings)) => {
            for warning in &warnings {
                warn(t, warning, filename, text)?;
            }
            Ok(tree)
        }
        Err(ast::Failure::Syntax(e)) => Err(syntax_error(t, &e, filename)),
        Err(ast::Failure::Raised(raised)) => Err(raised),
    }
}

/// Adds `__builtins__` to a namespace that has none.
fn add_builtins(t: &Thread, globals: &Value) -> PyResult<()> {
    if let Some(d) = globals.downcast::<Dict>()
        && d.get_str(&known().__builtins__).is_none()
    {
        let frame = frame(t);
        let builtins = if frame.is_null() {
            (hooks::get().builtins)(t)
        } else {
            // SAFETY: the innermost frame is alive.
            unsafe { (*(*frame).function().builtins).clone() }
        };
        drop(d.set_str(&known().__builtins__, builtins));
    }
    Ok(())
}

fn is_mapping(v: &Value) -> bool {
    v.class().slots.getitem.get().is_some()
}

/// The namespaces that `eval` and `exec` run in.
fn namespaces(t: &Thread, given: Option<&Value>, inner: Option<&Value>) -> PyResult<(Value, Value)> {
    match (given, inner) {
        (Some(g), Some(l)) => Ok((g.clone(), l.clone())),
        (Some(g), None) => Ok((g.clone(), g.clone())),
        (None, Some(l)) => Ok((globals(t)?, l.clone())),
        (None, None) => Ok((globals(t)?, locals(t)?)),
    }
}

/// Compiles the text given to `eval` or `exec`.
fn compile_argument(t: &Thread, text: &str, mode: Mode, options: Options) -> PyResult {
    const NAME: &str = "<string>";
    audit::event(t, "compile", || [bytes::from_slice(text.as_bytes()), str::from_str(NAME)])?;
    let code = compile_text(t, text, NAME, mode, options)?;
    audit::event(t, "exec", || [code.clone()])?;
    Ok(code)
}

pub fn eval(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (source, given, inner) = (b.req(0), b.non_none(1), b.non_none(2));
    if inner.is_some_and(|l| !is_mapping(l)) {
        return Err(raise::type_error(t, "locals must be a mapping"));
    }
    if let Some(g) = given
        && g.downcast::<Dict>().is_none()
    {
        let message = if is_mapping(g) {
            "globals must be a real dict; try eval(expr, {}, mapping)"
        } else {
            "globals must be a dict"
        };
        return Err(raise::type_error(t, message));
    }
    let (g, l) = namespaces(t, given, inner)?;
    add_builtins(t, &g)?;
    if let Some(code) = source.downcast::<Code>() {
        if code.free_count > 0 {
            return Err(raise::type_error(t, "code object passed to eval() may not contain free variables"));
        }
        audit::event(t, "exec", || [source.clone()])?;
        return run_code(t, source, &g, &l, None);
    }
    let text = source_text(t, source, "eval", "string, bytes or code object")?;
    let options = Options { optimize: process_optimize(t)?, future_annotations: inherited(t), ..Options::default() };
    let code = compile_argument(t, text.trim_start_matches([' ', '\t']), Mode::Eval, options)?;
    run_code(t, &code, &g, &l, None)
}

pub fn exec(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (source, given, inner, closure) = (b.req(0), b.non_none(1), b.non_none(2), b.non_none(3));
    if let Some(g) = given
        && g.downcast::<Dict>().is_none()
    {
        let message = format!("exec() globals must be a dict, not {}", g.class().display_name());
        return Err(raise::type_error(t, message));
    }
    if let Some(l) = inner
        && !is_mapping(l)
    {
        let message = format!("locals must be a mapping or None, not {}", l.class().display_name());
        return Err(raise::type_error(t, message));
    }
    let (g, l) = namespaces(t, given, inner)?;
    add_builtins(t, &g)?;
    if let Some(code) = source.downcast::<Code>() {
        let wanted = code.free_count as usize;
        match closure {
            None if wanted > 0 => {
                let message = format!("code object requires a closure of exactly length {wanted}");
                return Err(raise::type_error(t, message));
            }
            Some(_) if wanted == 0 => {
                return Err(raise::type_error(t, "cannot use a closure with this code object"));
            }
            Some(c) => {
                let cells = tuple::items(c);
                let fits = c.downcast::<Tuple>().is_some()
                    && cells.len() == wanted
                    && cells.iter().all(|c| c.is_exact(&core_types::CELL));
                if !fits {
                    let message = format!("code object requires a closure of exactly length {wanted}");
                    return Err(raise::type_error(t, message));
                }
            }
            None => {}
        }
        audit::event(t, "exec", || [source.clone()])?;
        run_code(t, source, &g, &l, closure.cloned())?;
        return Ok(Value::NONE);
    }
    if closure.is_some() {
        return Err(raise::type_error(t, "closure can only be used when source is a code object"));
    }
    let text = source_text(t, source, "exec", "string, bytes or code object")?;
    let options = Options { optimize: process_optimize(t)?, future_annotations: inherited(t), ..Options::default() };
    let code = compile_argument(t, &text, Mode::Exec, options)?;
    run_code(t, &code, &g, &l, None)?;
    Ok(Value::NONE)
}
