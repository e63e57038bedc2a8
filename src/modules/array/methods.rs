//! Methods of arrays.

use super::kind::{Class, Kind};
use super::make;
use super::payload::{Array, address, grow, of, overwrite, push, resize, snapshot, with};
use super::sequence::{find, text_of, values};
use crate::object::args::{Args, Bound};
use crate::object::buffer::{self, Request};
use crate::object::list::List;
use crate::object::raise::{self, PyResult};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{core_types::exc, instance, names, protocol, str, tuple};
use crate::types::bytes::payload as bytes;

#[rustfmt::skip]
pub(super) const METHODS: &[Method] = &[
    Method::new("append", "($self, v, /)", NativeFn::F2(append), "Add one item at the end."),
    Method::new("buffer_info", "($self, /)", NativeFn::F1(buffer_info), "Return the address of the items in memory and their number.\n\nThe number of bytes is that times the itemsize."),
    Method::new("byteswap", "($self, /)", NativeFn::F1(byteswap), "Reverse the bytes of every item.\n\nItems are of 1, 2, 4 or 8 bytes."),
    Method::new("clear", "($self, /)", NativeFn::F1(|t, v| resize(t, v, Vec::clear).map(|()| Value::NONE)), "Remove all items."),
    Method::new("__copy__", "($self, /)", NativeFn::F1(|t, v| Ok(make(of(v).kind, snapshot(t, v)))), "Return a copy of the array."),
    Method::new("count", "($self, v, /)", NativeFn::F2(count), "Return how many items equal v."),
    Method::new("__deepcopy__", "($self, unused, /)", NativeFn::F2(|t, v, _| Ok(make(of(v).kind, snapshot(t, v)))), "Return a copy of the array."),
    Method::new("extend", "($self, bb, /)", NativeFn::F2(|t, v, x| extend_value(t, v, x).map(|()| Value::NONE)), "Add the items of an array of the same kind, or of an iterable, at the end."),
    Method::new("fromfile", "($self, f, n, /)", NativeFn::F3(fromfile), "Read n items from the binary file f and add them at the end."),
    Method::new("fromlist", "($self, list, /)", NativeFn::F2(fromlist), "Add the items of a list at the end; all of them or, if one is refused, none."),
    Method::new("frombytes", "($self, buffer, /)", NativeFn::F2(|t, v, b| frombytes(t, v, b).map(|()| Value::NONE)), "Add the items that bytes hold at the end, as fromfile() reads them."),
    Method::new("fromunicode", "($self, ustr, /)", NativeFn::F2(fromunicode), "Add the characters of a string at the end.\n\nThe array must be of characters; for any other use array.frombytes(ustr.encode(...))."),
    Method::new("index", "($self, v, start=0, stop=sys.maxsize, /)", NativeFn::Raw(index), "Return the place of the first item that equals v.\n\nRaise ValueError if there is none."),
    Method::new("insert", "($self, i, v, /)", NativeFn::F3(insert), "Insert v before place i."),
    Method::new("pop", "($self, i=-1, /)", NativeFn::Bound(pop), "Remove the item at place i, the last one by default, and return it."),
    Method::new("__reduce_ex__", "($self, value, /)", NativeFn::F2(reduce_ex), "Return state information for pickling."),
    Method::new("remove", "($self, v, /)", NativeFn::F2(remove), "Remove the first item that equals v."),
    Method::new("reverse", "($self, /)", NativeFn::F1(reverse), "Turn the order of the items around, in place."),
    Method::new("tofile", "($self, f, /)", NativeFn::F2(tofile), "Write all items to the binary file f."),
    Method::new("tolist", "($self, /)", NativeFn::F1(tolist), "Return a list of the items."),
    Method::new("tobytes", "($self, /)", NativeFn::F1(|t, v| Ok(bytes::from_vec(snapshot(t, v)))), "Return the items as bytes of the machine's format."),
    Method::new("tounicode", "($self, /)", NativeFn::F1(tounicode), "Return the characters as a string.\n\nThe array must be of characters; for any other use array.tobytes().decode(...)."),
    Method::new("__sizeof__", "($self, /)", NativeFn::F1(|_, v| Ok(Value::uint((24 + size_of::<Array>() + of(v).len() * of(v).kind.size) as u64))), "Size of the array in memory, in bytes."),
    super::super::support::CLASS_GETITEM,
];

pub(super) const GETSET: &[GetSet] = &[
    GetSet::read_only(
        "typecode",
        |_, v| Ok(str::char_str(of(v).kind.letter)),
        "the typecode character used to create the array",
    ),
    GetSet::read_only(
        "itemsize",
        |_, v| Ok(Value::uint(of(v).kind.size as u64)),
        "the size, in bytes, of one array item",
    ),
];

fn append(t: &Thread, v: &Value, x: &Value) -> PyResult {
    let item = of(v).kind.encode(t, x)?;
    push(t, v, item).map(|()| Value::NONE)
}

fn buffer_info(t: &Thread, v: &Value) -> PyResult {
    let (address, len) = address(t, v);
    Ok(tuple::from_iter(2, [Value::uint(address), Value::uint((len / of(v).kind.size) as u64)]))
}

fn byteswap(t: &Thread, v: &Value) -> PyResult {
    let size = of(v).kind.size;
    with(t, v, |bytes| {
        let mut swapped = bytes.to_vec();
        swapped.chunks_exact_mut(size).for_each(<[u8]>::reverse);
        overwrite(bytes, 0, &swapped, size);
    });
    Ok(Value::NONE)
}

fn count(t: &Thread, v: &Value, x: &Value) -> PyResult {
    let (mut hits, mut i) = (0, 0);
    while let Some((at, _)) = find(t, v, x, i, usize::MAX)? {
        hits += 1;
        i = at + 1;
    }
    Ok(Value::int(hits))
}

/// `extend`.
pub fn extend_value(t: &Thread, v: &Value, x: &Value) -> PyResult<()> {
    let kind = of(v).kind;
    if let Some(other) = x.downcast::<Array>() {
        if other.kind != kind {
            return Err(raise::type_error(t, "can only extend with array of same kind"));
        }
        let new = snapshot(t, x);
        if new.is_empty() {
            return Ok(());
        }
        return grow(t, v, new.len(), |bytes| bytes.extend_from_slice(&new));
    }
    extend_iterable(t, v, x)
}

/// Adds the items of an iterable one by one, as CPython does: those before a bad one stay.
pub fn extend_iterable(t: &Thread, v: &Value, x: &Value) -> PyResult<()> {
    let kind = of(v).kind;
    protocol::for_each(t, x, |value| push(t, v, kind.encode(t, &value)?))
}

/// Adds the items that bytes hold.
pub fn frombytes(t: &Thread, v: &Value, source: &Value) -> PyResult<()> {
    let size = of(v).kind.size;
    let lent = buffer::get(t, source, Request::Read)?;
    let new = lent.to_vec();
    drop(lent);
    if new.len() % size != 0 {
        return Err(raise::value_error(t, "bytes length not a multiple of item size"));
    }
    if new.is_empty() { Ok(()) } else { grow(t, v, new.len(), |bytes| bytes.extend_from_slice(&new)) }
}

fn fromfile(t: &Thread, v: &Value, file: &Value, n: &Value) -> PyResult {
    let n = protocol::index_i64(t, n)?;
    if n < 0 {
        return Err(raise::value_error(t, "negative count"));
    }
    let Some(wanted) = n.checked_mul(of(v).kind.size as i64) else {
        return Err(crate::types::int::object::out_of_memory(t));
    };
    let read = protocol::call_method_str(t, file, "read", &[Value::int(wanted)])?;
    let Some(data) = bytes::view(&read) else {
        return Err(raise::type_error(t, "read() didn't return bytes"));
    };
    let missing = data.len() as i64 != wanted;
    frombytes(t, v, &read)?;
    if missing {
        return Err(raise::eof_error(t, "read() didn't return enough bytes"));
    }
    Ok(Value::NONE)
}

fn tofile(t: &Thread, v: &Value, file: &Value) -> PyResult {
    let data = snapshot(t, v);
    for block in data.chunks(64 << 10) {
        protocol::call_method_str(t, file, "write", &[bytes::from_slice(block)])?;
    }
    Ok(Value::NONE)
}

fn fromlist(t: &Thread, v: &Value, list: &Value) -> PyResult {
    let Some(items) = list.downcast::<List>() else { return Err(raise::type_error(t, "arg must be list")) };
    let kind = of(v).kind;
    let mut new = Vec::with_capacity(items.len() * kind.size);
    let mut i = 0;
    while let Some(value) = items.get(i) {
        new.extend_from_slice(&kind.encode(t, &value)?[..kind.size]);
        i += 1;
    }
    if !new.is_empty() {
        grow(t, v, new.len(), |bytes| bytes.extend_from_slice(&new))?;
    }
    Ok(Value::NONE)
}

/// Adds the characters of a str to an array of characters.
pub fn push_text(t: &Thread, v: &Value, text: &Value) -> PyResult<()> {
    let Some(view) = str::view(text) else { return Ok(()) };
    let new: Vec<u8> = view.code_points().flat_map(u32::to_ne_bytes).collect();
    if new.is_empty() { Ok(()) } else { grow(t, v, new.len(), |bytes| bytes.extend_from_slice(&new)) }
}

fn fromunicode(t: &Thread, v: &Value, text: &Value) -> PyResult {
    if str::view(text).is_none() {
        let message = format!("fromunicode() argument must be str, not {}", text.class().display_name());
        return Err(raise::type_error(t, message));
    }
    if of(v).kind.class != Class::Text {
        let message = "fromunicode() may only be called on unicode type arrays ('u' or 'w')";
        return Err(raise::value_error(t, message));
    }
    push_text(t, v, text).map(|()| Value::NONE)
}

fn tounicode(t: &Thread, v: &Value) -> PyResult {
    if of(v).kind.class != Class::Text {
        let message = "tounicode() may only be called on unicode type arrays ('u' or 'w')";
        return Err(raise::value_error(t, message));
    }
    text_of(t, &snapshot(t, v))
}

fn tolist(t: &Thread, v: &Value) -> PyResult {
    super::super::support::list_of(t, values(t, of(v).kind, &snapshot(t, v))?)
}

fn index(t: &Thread, args: Args<'_>) -> PyResult {
    let v = &args.pos()[0];
    let rest = args.skip(1).exactly_positional(t, "index", 1, 3)?;
    // Negative bounds count from the end.
    let bound = |x: Option<&Value>, default: usize| -> PyResult<usize> {
        let Some(x) = x else { return Ok(default) };
        let i = crate::types::slice::clipped(t, x)?.unwrap_or(0);
        Ok(if i < 0 { i.saturating_add(of(v).len() as i64).max(0) } else { i } as usize)
    };
    let (start, stop) = (bound(rest.get(1), 0)?, bound(rest.get(2), usize::MAX)?);
    match find(t, v, &rest[0], start, stop)? {
        Some((i, _)) => Ok(Value::uint(i as u64)),
        None => Err(raise::value_error(t, "array.index(x): x not in array")),
    }
}

fn insert(t: &Thread, v: &Value, i: &Value, x: &Value) -> PyResult {
    let i = protocol::index_size(t, i)?;
    let kind = of(v).kind;
    let new = kind.encode(t, x)?;
    resize(t, v, |bytes| {
        let len = (bytes.len() / kind.size) as i64;
        let i = if i < 0 { i.saturating_add(len).max(0) } else { i.min(len) } as usize;
        drop(bytes.splice(i * kind.size..i * kind.size, new[..kind.size].iter().copied()));
    })?;
    Ok(Value::NONE)
}

fn pop(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let i = b.opt(1).map_or(Ok(-1), |i| protocol::index_size(t, i))?;
    let kind = of(v).kind;
    let taken = if of(v).is_empty() {
        return Err(raise::index_error(t, "pop from empty array"));
    } else {
        resize(t, v, |bytes| {
            let len = (bytes.len() / kind.size) as i64;
            let i = if i < 0 { i.saturating_add(len) } else { i };
            (0..len).contains(&i).then(|| {
                let at = i as usize * kind.size;
                bytes.drain(at..at + kind.size).collect::<smallvec::SmallVec<[u8; 8]>>()
            })
        })?
    };
    match taken {
        Some(item) => kind.decode(t, &item),
        None => Err(raise::index_error(t, "pop index out of range")),
    }
}

fn remove(t: &Thread, v: &Value, x: &Value) -> PyResult {
    let kind = of(v).kind;
    loop {
        let Some((i, seen)) = find(t, v, x, 0, usize::MAX)? else {
            return Err(raise::value_error(t, "array.remove(x): x not in array"));
        };
        // Another thread may have moved the items between the search and now.
        let done = resize(t, v, |bytes| {
            let at = i * kind.size;
            let same = bytes.get(at..at + kind.size) == Some(&seen[..kind.size]);
            if same {
                bytes.drain(at..at + kind.size);
            }
            same
        })?;
        if done {
            return Ok(Value::NONE);
        }
    }
}

fn reverse(t: &Thread, v: &Value) -> PyResult {
    let size = of(v).kind.size;
    with(t, v, |bytes| {
        let mut reversed = bytes.to_vec();
        // All bytes around, then each item's back.
        reversed.reverse();
        reversed.chunks_exact_mut(size).for_each(<[u8]>::reverse);
        overwrite(bytes, 0, &reversed, size);
    });
    Ok(Value::NONE)
}

/// The `__dict__` of an instance of a subclass, or None.
fn dict_of(t: &Thread, v: &Value) -> PyResult {
    match v.header().and_then(instance::attributes) {
        Some(_) => Ok(protocol::lookup_attr(t, v, &names::known().__dict__)?.unwrap_or(Value::NONE)),
        None => Ok(Value::NONE),
    }
}

fn reduce_ex(t: &Thread, v: &Value, version: &Value) -> PyResult {
    let Some(version) = crate::types::int::as_int(version) else {
        return Err(raise::type_error(t, "__reduce_ex__ argument should be an integer"));
    };
    let kind = of(v).kind;
    let state = dict_of(t, v)?;
    let class = v.class().to_value();
    let code = str::char_str(kind.letter);
    if version.saturate_i64() < 3 {
        let list = tolist(t, v)?;
        return Ok(tuple::from_iter(3, [class, tuple::from_iter(2, [code, list]), state]));
    }
    let module = (crate::object::hooks::get().import)(t, "array")?;
    let function = protocol::get_attr_str(t, &module, "_array_reconstructor")?;
    let args = [class, code, Value::int(kind.machine_format()), bytes::from_vec(snapshot(t, v))];
    Ok(tuple::from_iter(3, [function, tuple::from_iter(4, args), state]))
}

/// The kind of a code given as a str of one character.
pub fn kind_of(t: &Thread, v: &Value, function: &str) -> PyResult<Kind> {
    let Some(view) = str::view(v).filter(|view| view.len() == 1) else {
        let message = format!("{function} must be a unicode character, not {}", v.class().display_name());
        return Err(raise::type_error(t, message));
    };
    Kind::of(view.at(0))
        .ok_or_else(|| raise::value_error(t, "bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)"))
}

/// Fills a new array from the constructor's second argument.
pub fn initialise(t: &Thread, v: &Value, source: &Value) -> PyResult<()> {
    let kind = of(v).kind;
    if str::view(source).is_some() {
        if kind.class == Class::Text {
            return push_text(t, v, source);
        }
        let message = format!("cannot use a str to initialize an array with typecode '{}'", kind.letter as char);
        return Err(raise::type_error(t, message));
    }
    if let Some(other) = source.downcast::<Array>() {
        if other.kind.class == Class::Text && kind.class != Class::Text {
            let message =
                format!("cannot use a unicode array to initialize an array with typecode '{}'", kind.letter as char);
            return Err(raise::type_error(t, message));
        }
        if other.kind == kind || (other.kind.class == Class::Text && kind.class == Class::Text) {
            let new = snapshot(t, source);
            return resize(t, v, |bytes| *bytes = new);
        }
    }
    if bytes::view(source).is_some() || crate::types::bytearray::is_bytearray(source) {
        return frombytes(t, v, source);
    }
    extend_iterable(t, v, source)
}

/// Warns about code `u`.
pub fn warn_code(t: &Thread, kind: Kind) -> PyResult<()> {
    if kind.letter != b'u' {
        return Ok(());
    }
    let message = "The 'u' type code is deprecated and will be removed in Python 3.16";
    (crate::object::hooks::get().warn)(t, &exc::DEPRECATION_WARNING.as_value(), message, 1)
}
