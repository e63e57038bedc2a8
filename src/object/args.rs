//! Arguments of a native call and the binder that lays them out by a text signature.

use super::names;
use super::raise::{self, PyResult, Raised};
use super::slots::SlotId;
use super::thread::Thread;
use super::type_object::Type;
use super::value::Value;
use smallvec::SmallVec;

/// The arguments of a call: positional values, then the values of `names` (exact str).
#[derive(Clone, Copy)]
pub struct Args<'a> {
    all: &'a [Value],
    names: &'a [Value],
}

impl<'a> Args<'a> {
    pub const EMPTY: Args<'static> = Args { all: &[], names: &[] };

    #[inline(always)]
    pub fn positional(values: &'a [Value]) -> Args<'a> {
        Args { all: values, names: &[] }
    }

    /// `all` ends with one value per name.
    #[inline(always)]
    pub fn new(all: &'a [Value], names: &'a [Value]) -> Args<'a> {
        debug_assert!(names.len() <= all.len());
        Args { all, names }
    }

    /// The positional arguments.
    #[inline(always)]
    pub fn pos(&self) -> &'a [Value] {
        &self.all[..self.all.len() - self.names.len()]
    }

    /// Positional values followed by keyword values.
    #[inline(always)]
    pub fn all(&self) -> &'a [Value] {
        self.all
    }

    /// The keywords' names.
    #[inline(always)]
    pub fn names(&self) -> &'a [Value] {
        self.names
    }

    /// The keywords and their values.
    pub fn keywords(&self) -> impl ExactSizeIterator<Item = (&'a Value, &'a Value)> + Clone + use<'a> {
        self.names.iter().zip(&self.all[self.all.len() - self.names.len()..])
    }

    pub fn has_keywords(&self) -> bool {
        !self.names.is_empty()
    }

    /// The value of keyword `name`.
    pub fn keyword(&self, name: &str) -> Option<&'a Value> {
        self.keywords().find(|(n, _)| super::str::eq_str(n, name)).map(|(_, v)| v)
    }

    /// Without the first `n` positional arguments.
    pub fn skip(&self, n: usize) -> Args<'a> {
        Args { all: &self.all[n..], names: self.names }
    }

    /// Raises TypeError if there are keywords: "NAME() takes no keyword arguments".
    pub fn no_keywords(&self, t: &Thread, function: &str) -> PyResult<()> {
        if self.names.is_empty() {
            return Ok(());
        }
        Err(raise::type_error(t, format!("{function}() takes no keyword arguments")))
    }

    /// The positional arguments of a call of `class`, which is `native` or derived from it. Keywords are for the `__init__`
    /// of a class that has its own; TypeError where there is none.
    pub fn positional_of(&self, t: &Thread, native: &Type, class: &Type) -> PyResult<Args<'a>> {
        if class.slots.same(SlotId::init, &native.slots) {
            self.no_keywords(t, native.name())?;
        }
        Ok(Args::positional(self.pos()))
    }

    /// The positional arguments, checked to be `min..=max` in number and without keywords, with CPython's words.
    pub fn exactly_positional(&self, t: &Thread, function: &str, min: usize, max: usize) -> PyResult<&'a [Value]> {
        self.no_keywords(t, function)?;
        let n = self.all.len();
        if n < min || n > max {
            return Err(self.wrong_count(t, function, min, max));
        }
        Ok(self.all)
    }

    /// The error for positional arguments that are not `min..=max` in number.
    #[cold]
    pub fn wrong_count(&self, t: &Thread, function: &str, min: usize, max: usize) -> Raised {
        let n = self.all.len();
        let (word, limit) = if min == max {
            ("", min)
        } else if n < min {
            ("at least ", min)
        } else {
            ("at most ", max)
        };
        let s = if limit == 1 { "" } else { "s" };
        raise::type_error(t, format!("{function} expected {word}{limit} argument{s}, got {n}"))
    }
}

/// Kinds of parameters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParamKind {
    PositionalOnly,
    Either,
    KeywordOnly,
    /// `*args`
    Rest,
    /// `**kwargs`
    Keywords,
}

/// A parsed parameter.
pub struct Param {
    /// The interned name.
    pub name: Value,
    pub text: &'static str,
    pub kind: ParamKind,
    pub required: bool,
    /// The default as the signature writes it.
    pub default: Option<&'static str>,
}

/// A parsed text signature.
pub struct Signature {
    /// Without `*args` and `**kwargs`.
    pub params: Vec<Param>,
    /// How many of `params` can be given by position.
    pub positional: usize,
    /// How many of `params` must be given.
    pub required_positional: usize,
    pub rest: bool,
    pub keywords: bool,
    /// Whether `required_positional` positional arguments are all that a call needs.
    plain: bool,
    /// How many leading parameters (self, type) messages do not count.
    pub hidden: usize,
}

/// Parameters that `Bound` holds without an allocation.
const INLINE: usize = 10;

impl Signature {
    /// Parses "($self, x, /, y=None, *, key=0, **kwargs)". The `$self`, `$module` or `$type` mark: `$module` is dropped,
    /// the others count as a parameter.
    pub fn parse(text: &'static str) -> Signature {
        let inner = text.strip_prefix('(').unwrap_or(text);
        let inner = inner.strip_suffix(')').unwrap_or(inner);
        let (params, rest, keywords) = (Vec::new(), false, false);
        let mut sig =
            Signature { params, positional: 0, required_positional: 0, rest, keywords, plain: false, hidden: 0 };
        let mut keyword_only = false;
        for part in split_top_level(inner) {
            let part = part.trim();
            if part.is_empty() || part.starts_with("$module") {
                continue;
            } else if part == "/" {
                sig.params.iter_mut().for_each(|p| p.kind = ParamKind::PositionalOnly);
            } else if part == "*" {
                keyword_only = true;
            } else if part.starts_with("**") {
                sig.keywords = true;
            } else if part.starts_with('*') {
                sig.rest = true;
                keyword_only = true;
            } else {
                let (name, default) = match part.split_once('=') {
                    Some((name, default)) => (name.trim(), Some(default.trim())),
                    None => (part, None),
                };
                let bound = name.starts_with('$');
                sig.hidden += usize::from(matches!(name, "$self" | "$type"));
                let name = name.trim_start_matches('$');
                let kind = if keyword_only {
                    ParamKind::KeywordOnly
                } else if bound {
                    ParamKind::PositionalOnly
                } else {
                    ParamKind::Either
                };
                let text = name;
                sig.params.push(Param { name: names::intern(name), text, kind, required: default.is_none(), default });
            }
        }
        sig.positional = sig.params.iter().filter(|p| p.kind != ParamKind::KeywordOnly).count();
        sig.required_positional = sig.params.iter().filter(|p| p.kind != ParamKind::KeywordOnly && p.required).count();
        sig.plain = sig.params.len() <= INLINE
            && sig.params.iter().take_while(|p| p.required).count() == sig.params.iter().filter(|p| p.required).count()
            && !sig.params.iter().any(|p| p.required && p.kind == ParamKind::KeywordOnly);
        sig
    }

    /// Lays out a call's arguments, one entry per parameter, with CPython's errors. `hidden` says how many leading
    /// parameters (self) messages do not count.
    pub fn bind<'a>(&self, t: &Thread, function: &str, args: Args<'a>, hidden: usize) -> PyResult<Bound<'a>> {
        let mut bound = Bound::empty();
        self.bind_at(&mut bound, t, function, args, hidden)?;
        Ok(bound)
    }

    /// `bind` to a fresh `Bound` where it stands: it is large enough for moving it to be dear.
    #[inline]
    pub fn bind_at<'a>(
        &self,
        bound: &mut Bound<'a>,
        t: &Thread,
        function: &str,
        args: Args<'a>,
        hidden: usize,
    ) -> PyResult<()> {
        let pos = args.pos();
        if args.names().is_empty() && self.takes(pos.len()) {
            // SAFETY: as it asks.
            unsafe { bound.lay_out(pos, self.params.len()) };
            return Ok(());
        }
        self.bind_any(bound, t, function, args, hidden)
    }

    /// Whether so many positional arguments, and nothing else, can be laid out without a further look.
    #[inline]
    pub fn takes(&self, count: usize) -> bool {
        self.plain && (self.required_positional..=self.positional).contains(&count)
    }

    fn bind_any<'a>(
        &self,
        bound: &mut Bound<'a>,
        t: &Thread,
        function: &str,
        args: Args<'a>,
        hidden: usize,
    ) -> PyResult<()> {
        let pos = args.pos();
        let taken = pos.len().min(self.positional);
        bound.args.extend(pos[..taken].iter().map(Some));
        bound.args.resize(self.params.len(), None);
        if pos.len() > self.positional {
            if !self.rest {
                return Err(self.too_many(t, function, args, hidden));
            }
            bound.rest = &pos[self.positional..];
        }
        for (name, value) in args.keywords() {
            let found = self.params.iter().position(|p| {
                p.kind != ParamKind::PositionalOnly && (p.name.is(name) || super::str::eq_str(name, p.text))
            });
            match found {
                Some(i) if bound.args[i].is_some() => {
                    let message = format!(
                        "argument for {} given by name ('{}') and position ({})",
                        called(function),
                        self.params[i].text,
                        i + 1 - hidden
                    );
                    return Err(raise::type_error(t, message));
                }
                Some(i) => bound.args[i] = Some(value),
                None if self.keywords => bound.keywords.push((name, value)),
                None => return Err(self.unexpected(t, function, name)),
            }
        }
        if let Some(i) = (0..self.params.len()).find(|&i| bound.args[i].is_none() && self.params[i].required) {
            return Err(self.missing(t, function, i, args, hidden));
        }
        Ok(())
    }

    /// Whether no parameter can be given by keyword.
    pub fn all_positional_only(&self) -> bool {
        self.params.iter().all(|p| p.kind == ParamKind::PositionalOnly)
    }

    fn too_many(&self, t: &Thread, function: &str, args: Args<'_>, hidden: usize) -> super::raise::Raised {
        let given = args.pos().len() - hidden;
        let max = self.positional - hidden;
        let min = self.required_positional.saturating_sub(hidden);
        let s = if max == 1 { "" } else { "s" };
        let message = if max == 0 && self.params.len() == hidden {
            format!("{function}() takes no arguments ({given} given)")
        } else if self.all_positional_only() && max == 1 && min == 1 {
            format!("{function}() takes exactly one argument ({given} given)")
        } else if self.all_positional_only() {
            let word = if min == max { "" } else { "at most " };
            format!("{function} expected {word}{max} argument{s}, got {given}")
        } else if max == 0 {
            format!("{} takes no positional arguments", called(function))
        } else if self.params.len() == self.positional {
            let word = if min == max && !function.is_empty() { "exactly" } else { "at most" };
            let given = given + args.names().len();
            format!("{} takes {word} {max} argument{s} ({given} given)", called(function))
        } else {
            let word = if min == max { "exactly" } else { "at most" };
            format!("{} takes {word} {max} positional argument{s} ({given} given)", called(function))
        };
        raise::type_error(t, message)
    }

    fn missing(&self, t: &Thread, function: &str, i: usize, args: Args<'_>, hidden: usize) -> super::raise::Raised {
        let param = &self.params[i];
        let message = if self.all_positional_only() {
            let given = args.pos().len().saturating_sub(hidden);
            let (max, min) = (self.positional - hidden, self.required_positional - hidden);
            let s = if min == 1 { "" } else { "s" };
            if max == 1 && min == 1 {
                format!("{function}() takes exactly one argument ({given} given)")
            } else if min == max && !self.rest {
                format!("{function} expected {min} argument{s}, got {given}")
            } else {
                format!("{function} expected at least {min} argument{s}, got {given}")
            }
        } else if param.kind == ParamKind::PositionalOnly {
            let given = args.pos().len().saturating_sub(hidden);
            let only =
                self.params.iter().filter(|p| p.kind == ParamKind::PositionalOnly && p.required).count() - hidden;
            let word = if only < self.positional - hidden { "at least" } else { "exactly" };
            let s = if only == 1 { "" } else { "s" };
            format!("{function}() takes {word} {only} positional argument{s} ({given} given)")
        } else if param.kind == ParamKind::KeywordOnly {
            format!("{function}() missing required keyword-only argument '{}'", param.text)
        } else {
            format!("{} missing required argument '{}' (pos {})", called(function), param.text, i + 1 - hidden)
        };
        raise::type_error(t, message)
    }

    fn unexpected(&self, t: &Thread, function: &str, name: &Value) -> super::raise::Raised {
        let text = super::str::lossy(name);
        if self.all_positional_only() {
            return raise::type_error(t, format!("{function}() takes no keyword arguments"));
        }
        let function = if function.is_empty() { "this function".into() } else { called(function) };
        raise::type_error(t, format!("{function} got an unexpected keyword argument '{text}'"))
    }
}

/// A function as messages show it; some of CPython's have no name.
fn called(function: &str) -> String {
    if function.is_empty() { "function".to_string() } else { format!("{function}()") }
}

/// Splits at commas that are not inside brackets or quotes.
fn split_top_level(text: &'static str) -> impl Iterator<Item = &'static str> {
    let (mut depth, mut quote) = (0, None);
    text.split(move |c: char| {
        match quote {
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None => match c {
                '\'' | '"' => quote = Some(c),
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth -= 1,
                ',' if depth == 0 => return true,
                _ => {}
            },
        }
        false
    })
}

/// Arguments laid out by a signature.
pub struct Bound<'a> {
    /// One entry per parameter (without `*args` and `**kwargs`), `self` included; `None` where not given.
    pub args: SmallVec<[Option<&'a Value>; INLINE]>,
    /// What `*args` takes.
    pub rest: &'a [Value],
    /// What `**kwargs` takes.
    pub keywords: SmallVec<[(&'a Value, &'a Value); 2]>,
}

impl<'a> Bound<'a> {
    /// Of no parameters.
    #[inline(always)]
    pub fn empty() -> Bound<'a> {
        Bound { args: SmallVec::new(), rest: &[], keywords: SmallVec::new() }
    }

    /// Lays out a call's positional values, of which a plain signature of so many parameters takes this number. In place: a
    /// move would read in one piece what was written word by word, for which the processor waits.
    ///
    /// # Safety
    /// `Signature::takes` said so of such a call; nothing has been laid out yet.
    #[inline(always)]
    pub unsafe fn lay_out(&mut self, values: &'a [Value], parameters: usize) {
        let places = self.args.as_mut_ptr();
        // SAFETY: a plain signature has at most `INLINE` parameters, for which there is room; all are written.
        unsafe {
            for (i, value) in values.iter().enumerate() {
                places.add(i).write(Some(value));
            }
            for i in values.len()..parameters {
                // Volatile: one or two words, where the compiler would call memset.
                places.add(i).write_volatile(None);
            }
            self.args.set_len(parameters);
        }
    }

    /// A required argument, by its place in the signature (self is 0).
    #[inline]
    pub fn req(&self, i: usize) -> &'a Value {
        self.args[i].expect("a required parameter is bound")
    }

    /// An optional argument: `None` where it was not given.
    #[inline]
    pub fn opt(&self, i: usize) -> Option<&'a Value> {
        self.args[i]
    }

    /// An optional argument for which Python's None means the same as absence.
    #[inline]
    pub fn non_none(&self, i: usize) -> Option<&'a Value> {
        self.args[i].and_then(Value::non_none)
    }
}
