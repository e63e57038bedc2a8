//! Arithmetic on constants at compile time, within CPython's limits on the size of results.

use crate::bytecode::unit::Constant;
use dashu_int::{IBig, Sign, UBig};
use ruff_python_ast::{Int, Operator, UnaryOp};

/// The most bits of a folded int.
const MAX_INT_BITS: usize = 128;
/// The most items of a folded tuple.
const MAX_ITEMS: usize = 256;
/// The most characters of a folded str or bytes.
const MAX_TEXT: usize = 4096;

/// The value of an int literal.
pub fn int_literal(int: &Int) -> Constant {
    if let Some(small) = int.as_i64() {
        return Constant::Int(small);
    }
    if let Some(big) = int.as_u64() {
        return from_int(IBig::from(big));
    }
    let text: String = int.to_string().chars().filter(|&c| c != '_').collect();
    let (digits, radix) = match text.get(..2) {
        Some("0x" | "0X") => (&text[2..], 16),
        Some("0o" | "0O") => (&text[2..], 8),
        Some("0b" | "0B") => (&text[2..], 2),
        _ => (&text[..], 10),
    };
    from_int(UBig::from_str_radix(digits, radix).unwrap_or_default().into())
}

fn to_int(constant: &Constant) -> Option<IBig> {
    Some(match constant {
        Constant::Int(i) => IBig::from(*i),
        Constant::True => IBig::from(1),
        Constant::False => IBig::from(0),
        Constant::BigInt { negative, magnitude } => {
            let sign = if *negative { Sign::Negative } else { Sign::Positive };
            IBig::from_parts(sign, UBig::from_le_bytes(magnitude))
        }
        _ => return None,
    })
}

fn from_int(int: IBig) -> Constant {
    match i64::try_from(&int) {
        Ok(small) => Constant::Int(small),
        Err(_) => {
            let (sign, magnitude) = int.into_parts();
            Constant::BigInt { negative: sign == Sign::Negative, magnitude: magnitude.to_le_bytes() }
        }
    }
}

fn to_float(constant: &Constant) -> Option<f64> {
    match constant {
        Constant::Float(f) => Some(*f),
        Constant::True => Some(1.0),
        Constant::False => Some(0.0),
        // Beyond 2**53 the conversion rounds; leave that to run time.
        Constant::Int(i) if i.unsigned_abs() <= 1 << 53 => Some(*i as f64),
        _ => None,
    }
}

fn to_complex(constant: &Constant) -> Option<(f64, f64)> {
    match constant {
        Constant::Complex(re, im) => Some((*re, *im)),
        _ => to_float(constant).map(|f| (f, 0.0)),
    }
}

/// The value of a unary operation, where it is a constant that may be folded.
pub fn unary(op: UnaryOp, operand: &Constant) -> Option<Constant> {
    match op {
        UnaryOp::Not => {
            let truth = crate::compiler::codegen::truth(operand)?;
            Some(if truth { Constant::False } else { Constant::True })
        }
        UnaryOp::Invert => match operand {
            // ~True is deprecated and warns at run time.
            Constant::True | Constant::False => None,
            _ => to_int(operand).map(|i| from_int(!i)),
        },
        UnaryOp::UAdd => match operand {
            Constant::Float(_) | Constant::Complex(..) => Some(operand.clone()),
            _ => to_int(operand).map(from_int),
        },
        UnaryOp::USub => match operand {
            Constant::Float(f) => Some(Constant::Float(-f)),
            Constant::Complex(re, im) => Some(Constant::Complex(-re, -im)),
            _ => to_int(operand).map(|i| from_int(-i)),
        },
    }
}

/// The value of a binary operation, where it is a constant that may be folded.
pub fn binary(op: Operator, left: &Constant, right: &Constant) -> Option<Constant> {
    if let (Some(a), Some(b)) = (to_int(left), to_int(right)) {
        let bools = matches!((left, right), (Constant::True | Constant::False, Constant::True | Constant::False));
        return int_op(op, a, b, bools, left, right);
    }
    if let (Some(a), Some(b)) = (to_float(left), to_float(right)) {
        return float_op(op, a, b).map(Constant::Float);
    }
    if let (Some(a), Some(b)) = (to_complex(left), to_complex(right)) {
        return complex_op(op, a, b).map(|(re, im)| Constant::Complex(re, im));
    }
    match op {
        Operator::Add => concat(left, right),
        Operator::Mult => match (left, right) {
            (text, Constant::Int(n)) | (Constant::Int(n), text) => repeat(text, *n),
            _ => None,
        },
        _ => None,
    }
}

fn int_op(op: Operator, a: IBig, b: IBig, bools: bool, left: &Constant, right: &Constant) -> Option<Constant> {
    use dashu_int::ops::{BitTest, DivRemEuclid};
    let zero = IBig::from(0);
    let floor = |a: &IBig, b: &IBig| -> (IBig, IBig) {
        // The remainder has the sign of the divisor.
        let (mut q, r) = a.div_rem_euclid(b);
        let mut r = IBig::from(r);
        if *b < zero && r != zero {
            q -= IBig::from(1);
            r += b;
        }
        (q, r)
    };
    Some(match op {
        Operator::Add => from_int(a + b),
        Operator::Sub => from_int(a - b),
        Operator::Mult => {
            if a.bit_len() + b.bit_len() > MAX_INT_BITS {
                return None;
            }
            from_int(a * b)
        }
        Operator::FloorDiv if b != zero => from_int(floor(&a, &b).0),
        Operator::Mod if b != zero => from_int(floor(&a, &b).1),
        Operator::Div if b != zero => Constant::Float(to_float(left)? / to_float(right)?),
        Operator::Pow => {
            if b < zero {
                let (x, y) = (to_float(left)?, to_float(right)?);
                return float_op(Operator::Pow, x, y).map(Constant::Float);
            }
            let n = usize::try_from(&b).ok()?;
            if a.bit_len().checked_mul(n)? > MAX_INT_BITS {
                return None;
            }
            from_int(a.pow(n))
        }
        Operator::LShift if b >= zero => {
            let n = usize::try_from(&b).ok()?;
            if a != zero && a.bit_len().checked_add(n)? > MAX_INT_BITS {
                return None;
            }
            from_int(a << n)
        }
        Operator::RShift if b >= zero => match usize::try_from(&b) {
            Ok(n) => from_int(a >> n),
            Err(_) => return None,
        },
        Operator::BitAnd | Operator::BitOr | Operator::BitXor => {
            let result = match op {
                Operator::BitAnd => a & b,
                Operator::BitOr => a | b,
                _ => a ^ b,
            };
            match (bools, result == zero) {
                (true, true) => Constant::False,
                (true, false) => Constant::True,
                _ => from_int(result),
            }
        }
        _ => return None,
    })
}

fn float_op(op: Operator, a: f64, b: f64) -> Option<f64> {
    Some(match op {
        Operator::Add => a + b,
        Operator::Sub => a - b,
        Operator::Mult => a * b,
        Operator::Div if b != 0.0 => a / b,
        Operator::Mod if b != 0.0 => float_mod(a, b),
        Operator::FloorDiv if b != 0.0 => {
            let r = float_mod(a, b);
            let q = (a - r) / b;
            if q == 0.0 {
                0.0f64.copysign(a / b)
            } else {
                let floor = q.floor();
                if q - floor > 0.5 { floor + 1.0 } else { floor }
            }
        }
        // A negative base can give a complex number, zero an error.
        Operator::Pow if a > 0.0 && a.is_finite() && b.is_finite() => {
            let power = a.powf(b);
            return power.is_finite().then_some(power);
        }
        _ => return None,
    })
}

fn float_mod(a: f64, b: f64) -> f64 {
    let r = a % b;
    if r == 0.0 {
        0.0f64.copysign(b)
    } else if (b < 0.0) != (r < 0.0) {
        r + b
    } else {
        r
    }
}

fn complex_op(op: Operator, a: (f64, f64), b: (f64, f64)) -> Option<(f64, f64)> {
    match op {
        Operator::Add => Some((a.0 + b.0, a.1 + b.1)),
        Operator::Sub => Some((a.0 - b.0, a.1 - b.1)),
        _ => None,
    }
}

fn concat(left: &Constant, right: &Constant) -> Option<Constant> {
    let join =
        |a: &[u8], b: &[u8]| -> Option<Box<[u8]>> { (a.len() + b.len() <= MAX_TEXT).then(|| [a, b].concat().into()) };
    match (left, right) {
        (Constant::Str(a), Constant::Str(b)) => join(a, b).map(Constant::Str),
        (Constant::Bytes(a), Constant::Bytes(b)) => join(a, b).map(Constant::Bytes),
        (Constant::Tuple(a), Constant::Tuple(b)) => {
            (a.len() + b.len() <= MAX_ITEMS).then(|| Constant::Tuple([&a[..], &b[..]].concat().into()))
        }
        _ => None,
    }
}

fn repeat(value: &Constant, n: i64) -> Option<Constant> {
    let n = usize::try_from(n.max(0)).ok()?;
    match value {
        Constant::Str(t) if t.len().checked_mul(n)? <= MAX_TEXT => Some(Constant::Str(t.repeat(n).into())),
        Constant::Bytes(t) if t.len().checked_mul(n)? <= MAX_TEXT => Some(Constant::Bytes(t.repeat(n).into())),
        Constant::Tuple(t) if t.len().checked_mul(n)? <= MAX_ITEMS => {
            Some(Constant::Tuple(std::iter::repeat_n(&t[..], n).flatten().cloned().collect()))
        }
        _ => None,
    }
}

/// An item of a constant str, bytes or tuple.
pub fn subscript(value: &Constant, index: &Constant) -> Option<Constant> {
    let at = |len: usize| -> Option<usize> {
        let i = match index {
            Constant::Int(i) => *i,
            Constant::True => 1,
            Constant::False => 0,
            _ => return None,
        };
        let i = if i < 0 { i + len as i64 } else { i };
        usize::try_from(i).ok().filter(|i| *i < len)
    };
    match value {
        Constant::Tuple(items) => Some(items[at(items.len())?].clone()),
        Constant::Bytes(bytes) => Some(Constant::Int(bytes[at(bytes.len())?].into())),
        Constant::Str(text) => {
            // The bytes that start a code point.
            let starts: Vec<usize> = (0..text.len()).filter(|&i| text[i] & 0xc0 != 0x80).collect();
            let i = at(starts.len())?;
            let end = starts.get(i + 1).copied().unwrap_or(text.len());
            Some(Constant::Str(text[starts[i]..end].into()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(c: Option<Constant>) -> String {
        c.map_or("-".into(), |c| format!("{c:?}"))
    }

    #[test]
    fn division_rounds_down() {
        let op = |op, a, b| shown(binary(op, &Constant::Int(a), &Constant::Int(b)));
        for (a, b, q, r) in [(7, 2, 3, 1), (-7, 2, -4, 1), (7, -2, -4, -1), (-7, -2, 3, -1), (6, -3, -2, 0)] {
            assert_eq!(op(Operator::FloorDiv, a, b), format!("Int({q})"));
            assert_eq!(op(Operator::Mod, a, b), format!("Int({r})"));
        }
        assert_eq!(op(Operator::FloorDiv, 1, 0), "-");
        let op = |op, a, b| shown(binary(op, &Constant::Float(a), &Constant::Float(b)));
        assert_eq!(op(Operator::Mod, -1.0, 3.0), "Float(2.0)");
        assert_eq!(op(Operator::FloorDiv, -1.0, 3.0), "Float(-1.0)");
    }

    #[test]
    fn results_stay_small() {
        assert_eq!(shown(binary(Operator::Pow, &Constant::Int(2), &Constant::Int(100_000))), "-");
        assert_eq!(shown(binary(Operator::LShift, &Constant::Int(1), &Constant::Int(1000))), "-");
        assert_eq!(shown(repeat(&Constant::Str(b"ab"[..].into()), 1 << 20)), "-");
        assert_eq!(shown(binary(Operator::Pow, &Constant::Int(2), &Constant::Int(10))), "Int(1024)");
        let big = binary(Operator::LShift, &Constant::Int(1), &Constant::Int(64));
        assert!(shown(unary(UnaryOp::USub, &big.unwrap())).starts_with("BigInt { negative: true"));
    }
}
