//! What is wrong with a call's arguments, in CPython's words.

use crate::bytecode::code::Code;
use crate::object::names::known;
use crate::object::raise::{self, Raised};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{protocol, str, tuple};
use crate::types::function::Function;

fn qualname(function: &Function) -> String {
    function.qualname.load().map(|q| str::lossy(&q).into_owned()).unwrap_or_default()
}

/// "f()" or "C.f()" for messages about a callable.
pub fn callable_name(t: &Thread, callable: &Value) -> String {
    let text = |name: &Value| match protocol::lookup_attr(t, callable, name) {
        Ok(found) => found.map(|v| str::lossy(&v).into_owned()),
        Err(raised) => {
            drop(raise::take(t, raised));
            None
        }
    };
    match (text(&known().__qualname__), text(&known().__module__)) {
        (Some(name), Some(module)) if !module.is_empty() && module != "builtins" => format!("{module}.{name}()"),
        (Some(name), _) => format!("{name}()"),
        _ => match protocol::to_string(t, callable) {
            Ok(text) => text,
            Err(raised) => {
                drop(raise::take(t, raised));
                protocol::default_repr(callable)
            }
        },
    }
}

/// "f() got multiple values for argument 'x'"
#[cold]
pub fn multiple_values(t: &Thread, function: &Function, name: &Value) -> Raised {
    raise::type_error(t, format!("{}() got multiple values for argument '{}'", qualname(function), str::lossy(name)))
}

/// "f() got multiple values for keyword argument 'x'"
#[cold]
pub fn multiple_keyword_values(t: &Thread, function: &Function, name: &Value) -> Raised {
    let name = str::lossy(name);
    raise::type_error(t, format!("{}() got multiple values for keyword argument '{name}'", qualname(function)))
}

/// An unknown keyword, or positional-only parameters given by keyword.
#[cold]
pub fn unexpected_keyword(t: &Thread, function: &Function, code: &Code, names: &[Value], name: &Value) -> Raised {
    let positional_only: Vec<String> = code.local_names[..code.positional_only_count as usize]
        .iter()
        .filter(|p| names.iter().any(|n| n.is(p) || str::lossy(n) == str::lossy(p)))
        .map(|p| str::lossy(p).into_owned())
        .collect();
    let qualname = qualname(function);
    if !positional_only.is_empty() {
        let list = positional_only.join(", ");
        let message = format!("{qualname}() got some positional-only arguments passed as keyword arguments: '{list}'");
        return raise::type_error(t, message);
    }
    let text = str::lossy(name);
    let first = code.positional_only_count as usize;
    let parameters = (code.arg_count + code.keyword_only_count) as usize;
    let close = code.local_names[first..parameters]
        .iter()
        .map(|p| str::lossy(p).into_owned())
        .filter_map(|p| similarity(&text, &p).map(|d| (d, p)))
        .min_by_key(|(d, _)| *d);
    let hint = close.map(|(_, p)| format!(". Did you mean '{p}'?")).unwrap_or_default();
    raise::type_error(t, format!("{qualname}() got an unexpected keyword argument '{text}'{hint}"))
}

/// The edit distance of two names where it is small against their lengths.
fn similarity(a: &str, b: &str) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut row: Vec<usize> = (0..=b.len()).map(|j| j * 2).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = (i + 1) * 2;
        for (j, y) in b.iter().enumerate() {
            let change = if x == y {
                0
            } else if x.eq_ignore_ascii_case(y) {
                1
            } else {
                2
            };
            let best = (diagonal + change).min(row[j] + 2).min(row[j + 1] + 2);
            diagonal = std::mem::replace(&mut row[j + 1], best);
        }
    }
    let distance = row[b.len()];
    (distance <= (a.len() + b.len() + 3) * 2 / 6).then_some(distance)
}

/// "f() takes 1 positional argument but 2 were given"
#[cold]
pub fn too_many_positional(t: &Thread, function: &Function, code: &Code, given: usize, keyword_only: usize) -> Raised {
    let count = code.arg_count as usize;
    let defaults = function.defaults.load().map_or(0, |d| tuple::items(&d).len());
    let plural = if defaults > 0 { true } else { count != 1 };
    let takes = if defaults > 0 { format!("from {} to {count}", count - defaults) } else { format!("{count}") };
    let s = |n: usize| if n == 1 { "" } else { "s" };
    let extra = if keyword_only > 0 {
        format!(" positional argument{} (and {keyword_only} keyword-only argument{})", s(given), s(keyword_only))
    } else {
        String::new()
    };
    let were = if given == 1 && keyword_only == 0 { "was" } else { "were" };
    let message = format!(
        "{}() takes {takes} positional argument{} but {given}{extra} {were} given",
        qualname(function),
        if plural { "s" } else { "" },
    );
    raise::type_error(t, message)
}

/// "f() missing 2 required positional arguments: 'a' and 'b'"
#[cold]
pub fn missing(t: &Thread, function: &Function, code: &Code, places: &[usize], kind: &str) -> Raised {
    let names: Vec<String> = places.iter().map(|i| format!("'{}'", str::lossy(&code.local_names[*i]))).collect();
    let list = match &names[..] {
        [one] => one.clone(),
        [a, b] => format!("{a} and {b}"),
        [most @ .., last] => format!("{}, and {last}", most.join(", ")),
        [] => String::new(),
    };
    let s = if names.len() == 1 { "" } else { "s" };
    let n = names.len();
    raise::type_error(t, format!("{}() missing {n} required {kind} argument{s}: {list}", qualname(function)))
}
