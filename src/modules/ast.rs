//! `_ast`: the classes of the abstract syntax tree. Building a tree from source (`ast.parse`) is not there yet.

use crate::object::core_types;
use crate::object::dict;
use crate::object::names;
use crate::object::protocol;
use crate::object::raise::PyResult;
use crate::object::table::ModuleSpec;
use crate::object::thread::Thread;
use crate::object::tuple;
use crate::object::value::Value;

/// "base: Class(fields) ..." by base; from the grammar in the documentation of `ast`.
static CLASSES: &[(&str, &str)] = &[
    (
        "AST",
        "mod() stmt() expr() expr_context() boolop() operator() unaryop() cmpop() comprehension(target,iter,ifs,is_async) \
      excepthandler() arguments(posonlyargs,args,vararg,kwonlyargs,kw_defaults,kwarg,defaults) \
      arg(arg,annotation,type_comment) keyword(arg,value) alias(name,asname) withitem(context_expr,optional_vars) \
      match_case(pattern,guard,body) pattern() type_ignore() type_param()",
    ),
    ("mod", "Module(body,type_ignores) Interactive(body) Expression(body) FunctionType(argtypes,returns)"),
    (
        "stmt",
        "FunctionDef(name,args,body,decorator_list,returns,type_comment,type_params) \
      AsyncFunctionDef(name,args,body,decorator_list,returns,type_comment,type_params) \
      ClassDef(name,bases,keywords,body,decorator_list,type_params) Return(value) Delete(targets) \
      Assign(targets,value,type_comment) TypeAlias(name,type_params,value) AugAssign(target,op,value) \
      AnnAssign(target,annotation,value,simple) For(target,iter,body,orelse,type_comment) \
      AsyncFor(target,iter,body,orelse,type_comment) While(test,body,orelse) If(test,body,orelse) \
      With(items,body,type_comment) AsyncWith(items,body,type_comment) Match(subject,cases) Raise(exc,cause) \
      Try(body,handlers,orelse,finalbody) TryStar(body,handlers,orelse,finalbody) Assert(test,msg) Import(names) \
      ImportFrom(module,names,level) Global(names) Nonlocal(names) Expr(value) Pass() Break() Continue()",
    ),
    (
        "expr",
        "BoolOp(op,values) NamedExpr(target,value) BinOp(left,op,right) UnaryOp(op,operand) Lambda(args,body) \
      IfExp(test,body,orelse) Dict(keys,values) Set(elts) ListComp(elt,generators) SetComp(elt,generators) \
      DictComp(key,value,generators) GeneratorExp(elt,generators) Await(value) Yield(value) YieldFrom(value) \
      Compare(left,ops,comparators) Call(func,args,keywords) FormattedValue(value,conversion,format_spec) \
      Interpolation(value,str,conversion,format_spec) JoinedStr(values) TemplateStr(values) Constant(value,kind) \
      Attribute(value,attr,ctx) Subscript(value,slice,ctx) Starred(value,ctx) Name(id,ctx) List(elts,ctx) \
      Tuple(elts,ctx) Slice(lower,upper,step)",
    ),
    ("expr_context", "Load() Store() Del()"),
    ("boolop", "And() Or()"),
    (
        "operator",
        "Add() Sub() Mult() MatMult() Div() Mod() Pow() LShift() RShift() BitOr() BitXor() BitAnd() FloorDiv()",
    ),
    ("unaryop", "Invert() Not() UAdd() USub()"),
    ("cmpop", "Eq() NotEq() Lt() LtE() Gt() GtE() Is() IsNot() In() NotIn()"),
    ("excepthandler", "ExceptHandler(type,name,body)"),
    (
        "pattern",
        "MatchValue(value) MatchSingleton(value) MatchSequence(patterns) MatchMapping(keys,patterns,rest) \
      MatchClass(cls,patterns,kwd_attrs,kwd_patterns) MatchStar(name) MatchAs(pattern,name) MatchOr(patterns)",
    ),
    ("type_ignore", "TypeIgnore(lineno,tag)"),
    ("type_param", "TypeVar(name,bound,default_value) ParamSpec(name,default_value) TypeVarTuple(name,default_value)"),
];

/// Bases whose nodes have a place in the source.
const PLACED: &[&str] = &["stmt", "expr", "excepthandler", "pattern", "type_param", "arg", "keyword", "alias"];

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    let names_of = |list: &[&str]| tuple::from_vec(list.iter().map(|n| names::intern(n)).collect());
    let make = |name: &str, base: &Value, fields: &[&str], placed: bool| -> PyResult<Value> {
        let mut pairs = vec![
            (names::known().__module__.clone(), names::intern("ast")),
            (names::intern("_fields"), names_of(fields)),
            (names::known().__match_args__.clone(), names_of(fields)),
        ];
        if placed {
            let places = ["lineno", "col_offset", "end_lineno", "end_col_offset"];
            pairs.push((names::intern("_attributes"), names_of(&places)));
            pairs.push((names::intern("end_lineno"), Value::NONE));
            pairs.push((names::intern("end_col_offset"), Value::NONE));
        } else if name == "AST" {
            pairs.push((names::intern("_attributes"), names_of(&[])));
        }
        let args = [names::intern(name), tuple::from_iter(1, [base.clone()]), dict::from_pairs(pairs)];
        let class = protocol::call_values(t, &core_types::TYPE.as_value(), &args)?;
        protocol::set_attr(t, module, &names::intern(name), &class)?;
        Ok(class)
    };
    make("AST", &core_types::OBJECT.to_value(), &[], false)?;
    for (base, classes) in CLASSES {
        let base_class = protocol::get_attr_str(t, module, base)?;
        for class in classes.split_whitespace() {
            let (name, fields) = class.trim_end_matches(')').split_once('(').unwrap_or((class, ""));
            let fields: Vec<&str> = fields.split(',').filter(|f| !f.is_empty()).collect();
            make(name, &base_class, &fields, PLACED.contains(&name))?;
        }
    }
    for (name, n) in [
        ("PyCF_ONLY_AST", 0x400),
        ("PyCF_OPTIMIZED_AST", 0x8400),
        ("PyCF_TYPE_COMMENTS", 0x1000),
        ("PyCF_ALLOW_TOP_LEVEL_AWAIT", 0x2000),
    ] {
        protocol::set_attr(t, module, &names::intern(name), &Value::int(n))?;
    }
    Ok(())
}

/// The module.
pub static MODULE: ModuleSpec =
    ModuleSpec { init: Some(init), ..ModuleSpec::new("_ast", "The classes of the abstract syntax tree.") };
