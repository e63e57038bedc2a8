//! Decimal numbers as text: reading, writing, formatting.

use super::number::*;
use dashu_int::UBig;

/// The number that a text (ASCII, without spaces around and underscores) stands for; None: none.
pub fn parse(text: &str) -> Option<Dec> {
    let (sign, rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = rest.to_ascii_lowercase();
    if lower == "inf" || lower == "infinity" {
        return Some(Dec::infinity(sign));
    }
    for (word, kind) in [("snan", Kind::Signalling), ("nan", Kind::Quiet)] {
        if let Some(payload) = lower.strip_prefix(word) {
            if !payload.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            let coef = if payload.is_empty() { UBig::ZERO } else { payload.parse().ok()? };
            return Some(Dec { sign, kind, coef, exp: 0 });
        }
    }
    let (mantissa, exponent) = match lower.split_once('e') {
        Some((mantissa, exponent)) => {
            let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if unsigned.is_empty() || !unsigned.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            let trimmed = unsigned.trim_start_matches('0');
            let magnitude: i64 = if trimmed.len() > 18 { 4 * MAX_EMAX } else { trimmed.parse().unwrap_or(0) };
            (mantissa, if exponent.starts_with('-') { -magnitude } else { magnitude })
        }
        None => (lower.as_str(), 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let ok = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !ok(whole) || !ok(fraction) {
        return None;
    }
    let digits = format!("{whole}{fraction}");
    let coef = match digits.len() {
        ..=38 => UBig::from(digits.parse::<u128>().ok()?),
        _ => digits.parse().ok()?,
    };
    Some(Dec::finite(sign, coef, exponent - fraction.len() as i64))
}

/// `str()`; `engineering`: with exponents that are multiples of three.
pub fn to_text(d: &Dec, engineering: bool, capitals: bool) -> String {
    let sign = if d.sign { "-" } else { "" };
    match d.kind {
        Kind::Infinite => return format!("{sign}Infinity"),
        Kind::Quiet | Kind::Signalling => {
            let word = if d.kind == Kind::Quiet { "NaN" } else { "sNaN" };
            return if d.coef.is_zero() { format!("{sign}{word}") } else { format!("{sign}{word}{}", d.coef) };
        }
        Kind::Finite => {}
    }
    let digits = match u64::try_from(&d.coef) {
        Ok(small) => small.to_string(),
        Err(_) => d.coef.to_string(),
    };
    let left = d.exp + digits.len() as i64;
    let point = if d.exp <= 0 && left > -6 {
        left
    } else if !engineering {
        1
    } else if d.coef.is_zero() {
        (left + 1).rem_euclid(3) - 1
    } else {
        (left - 1).rem_euclid(3) + 1
    };
    let body = with_point(&digits, point);
    let exponent =
        if left == point { String::new() } else { format!("{}{:+}", if capitals { 'E' } else { 'e' }, left - point) };
    format!("{sign}{body}{exponent}")
}

/// Digits with a point after the first `place` of them.
fn with_point(digits: &str, place: i64) -> String {
    let n = digits.len() as i64;
    if place <= 0 {
        return format!("0.{}{digits}", "0".repeat(-place as usize));
    }
    if place >= n {
        return format!("{digits}{}", "0".repeat((place - n) as usize));
    }
    format!("{}.{}", &digits[..place as usize], &digits[place as usize..])
}

/// A format specification.
struct Spec {
    fill: char,
    align: char,
    sign: char,
    no_negative_zero: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    separator: Option<char>,
    precision: Option<i64>,
    kind: Option<char>,
}

fn parse_spec(text: &str) -> Option<Spec> {
    let chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    let mut spec = Spec {
        fill: ' ',
        align: '>',
        sign: '-',
        no_negative_zero: false,
        alternate: false,
        zero: false,
        width: 0,
        separator: None,
        precision: None,
        kind: None,
    };
    let is_align = |c: Option<&char>| c.is_some_and(|c| "<>=^".contains(*c));
    let mut aligned = false;
    if is_align(chars.get(1)) {
        (spec.fill, spec.align, at, aligned) = (chars[0], chars[1], 2, true);
    } else if is_align(chars.first()) {
        (spec.align, at, aligned) = (chars[0], 1, true);
    }
    let mut eat = |set: &str| {
        let found = chars.get(at).copied().filter(|c| set.contains(*c));
        at += usize::from(found.is_some());
        found
    };
    if let Some(c) = eat("+- ") {
        spec.sign = c;
    }
    spec.no_negative_zero = eat("z").is_some();
    spec.alternate = eat("#").is_some();
    spec.zero = eat("0").is_some();
    if spec.zero {
        if aligned {
            return None;
        }
        (spec.fill, spec.align) = ('0', '=');
    }
    let mut number = String::new();
    while let Some(c) = eat("0123456789") {
        number.push(c);
    }
    if !number.is_empty() {
        spec.width = number.parse().ok().filter(|&n| n < 1 << 31)?;
    }
    spec.separator = eat(",_");
    if eat(".").is_some() {
        let mut number = String::new();
        while let Some(c) = eat("0123456789") {
            number.push(c);
        }
        spec.precision = Some(number.parse().ok().filter(|&n: &i64| n < 1 << 31)?);
    }
    spec.kind = eat("eEfFgGn%");
    (at == chars.len() && !(spec.kind == Some('n') && spec.separator.is_some())).then_some(spec)
}

/// `format(d, spec)`; None: the specification is not valid.
pub fn format(d: &Dec, spec: &str, rounding: Rounding, capitals: bool) -> Option<String> {
    let spec = parse_spec(spec)?;
    if d.is_special() {
        let text = to_text(&d.with_sign(false), false, capitals);
        let spec = if spec.zero { Spec { fill: ' ', align: '>', ..spec } } else { spec };
        let text = if spec.kind == Some('%') { text + "%" } else { text };
        return Some(pad(d.sign, &text, &spec));
    }
    let kind = spec.kind.unwrap_or(if capitals { 'G' } else { 'g' });
    let bare = spec.kind.is_none() && spec.precision.is_none();
    let mut d = d.clone();
    let lower = kind.to_ascii_lowercase();
    if kind == '%' {
        d.exp += 2;
    }
    let kind_class = if lower == 'n' { 'g' } else { lower };
    let round_to = |d: Dec, digits: i64| -> Dec {
        let n = d.digits();
        if n <= digits {
            return d;
        }
        let rounded = d.rescale(d.exp + n - digits, rounding).0;
        // One digit too many where the rounding carried.
        if rounded.digits() > digits { rounded.rescale(rounded.exp + 1, rounding).0 } else { rounded }
    };
    match (spec.precision, kind_class) {
        (Some(p), 'e') if !d.is_zero() => d = round_to(d, p + 1),
        (Some(_), 'e') => {}
        (Some(p), 'f' | '%') => d = d.rescale(-p, rounding).0,
        (Some(p), _) if d.digits() > p.max(1) => d = round_to(d, p.max(1)),
        _ => {}
    }
    if d.is_zero() && d.exp > 0 && "f%".contains(kind_class) {
        d = Dec::zero(d.sign, 0);
    }
    if spec.no_negative_zero && d.is_zero() {
        d.sign = false;
    }
    let digits = d.coef.to_string();
    let left = d.exp + digits.len() as i64;
    let point = match kind_class {
        'e' => match spec.precision {
            Some(p) if d.is_zero() => 1 - p,
            _ => 1,
        },
        'f' | '%' => left,
        _ if d.exp <= 0 && left > -6 => left,
        _ => 1,
    };
    let mut digits = digits;
    if kind_class == 'e'
        && let Some(p) = spec.precision
        && !d.is_zero()
    {
        let missing = (p as usize + 1).saturating_sub(digits.len());
        digits.push_str(&"0".repeat(missing));
    }
    let (whole, fraction) = if point < 0 {
        ("0".to_string(), format!("{}{digits}", "0".repeat(-point as usize)))
    } else if point as usize > digits.len() {
        (format!("{digits}{}", "0".repeat(point as usize - digits.len())), String::new())
    } else {
        let whole = &digits[..point as usize];
        (if whole.is_empty() { "0" } else { whole }.to_string(), digits[point as usize..].to_string())
    };
    let mut tail = String::new();
    if !fraction.is_empty() || spec.alternate {
        tail.push('.');
        tail.push_str(&fraction);
    }
    let exponent = left - point;
    let upper = kind.is_ascii_uppercase() || (bare && capitals);
    if exponent != 0 || kind_class == 'e' {
        tail.push_str(&format!("{}{exponent:+}", if upper { 'E' } else { 'e' }));
    }
    if kind == '%' {
        tail.push('%');
    }
    let signed = d.sign || spec.sign != '-';
    let whole = match spec.separator {
        Some(separator) => {
            let room = if spec.zero || (spec.fill == '0' && spec.align == '=') {
                spec.width.saturating_sub(tail.len() + usize::from(signed))
            } else {
                0
            };
            group(&whole, separator, room)
        }
        None => whole,
    };
    Some(pad(d.sign, &(whole + &tail), &spec))
}

/// Digits in groups of three, with zeros before them up to `room` characters.
fn group(digits: &str, separator: char, room: usize) -> String {
    let mut out: Vec<char> = Vec::new();
    let mut source = digits.chars().rev();
    let mut n = 0;
    loop {
        let next = source.next();
        if next.is_none() && out.len() >= room {
            break;
        }
        if n > 0 && n % 3 == 0 {
            out.push(separator);
        }
        out.push(next.unwrap_or('0'));
        n += 1;
    }
    out.iter().rev().collect()
}

fn pad(negative: bool, body: &str, spec: &Spec) -> String {
    let sign = if negative {
        "-"
    } else {
        match spec.sign {
            '+' => "+",
            ' ' => " ",
            _ => "",
        }
    };
    let n = body.chars().count() + sign.len();
    let gap = spec.width.saturating_sub(n);
    let fill = |n: usize| spec.fill.to_string().repeat(n);
    match spec.align {
        '<' => format!("{sign}{body}{}", fill(gap)),
        '=' => format!("{sign}{}{body}", fill(gap)),
        '^' => format!("{}{sign}{body}{}", fill(gap / 2), fill(gap - gap / 2)),
        _ => format!("{}{sign}{body}", fill(gap)),
    }
}
