//! Powers, roots, divisors, and counting functions on integers of any size.

use super::arith::{self, IntBuf, IntError, IntRef, IntResult, is_negative, magnitude, reserve_check};
use super::number::bit_length;
use dashu_int::{
    IBig, UBig,
    fast_div::ConstDivisor,
    ops::{ExtendedGcd, Gcd, SquareRoot},
};

/// `a ** b` for `b >= 0`; a negative exponent is the caller's business (it gives a float).
///
/// Errors: `TooLarge`.
pub fn pow(a: IntRef, b: IntRef) -> IntResult {
    match a {
        _ if b.is_zero() => return Ok(IntBuf::Small(1)),
        IntRef::Small(v @ (0 | 1)) => return Ok(IntBuf::Small(v)),
        IntRef::Small(-1) => return Ok(IntBuf::Small(if b.is_odd() { -1 } else { 1 })),
        _ => {}
    }
    let Some(n) = b.to_u64() else { return Err(IntError::TooLarge) };
    if let IntRef::Small(v) = a {
        if n < 64
            && let Some(r) = v.checked_pow(n as u32)
        {
            return Ok(IntBuf::Small(r));
        }
        if v == 2 {
            return arith::shl(IntRef::Small(1), b);
        }
    }
    reserve_check(u128::from(bit_length(a)) * u128::from(n))?;
    Ok(IntBuf::from(a.big().pow(n as usize)))
}

/// `pow(a, b, m)`. The result has the sign of `m`; a negative exponent takes the inverse of `a`.
///
/// Errors: `ZeroModulus`, `NotInvertible`.
pub fn pow_mod(a: IntRef, b: IntRef, m: IntRef) -> IntResult {
    if m.is_zero() {
        return Err(IntError::ZeroModulus);
    }
    let modulus = magnitude(m);
    let result = if modulus.is_one() {
        IntBuf::Small(0)
    } else if let Ok(n) = u64::try_from(&modulus) {
        IntBuf::from(pow_mod_word(a, b, n)?)
    } else {
        let base = if b.is_negative() { inverse(a, &modulus)? } else { a.big().into_owned() };
        let ring = ConstDivisor::new(modulus);
        IntBuf::from(ring.reduce(base).pow(&magnitude(b)).residue())
    };
    if m.is_negative() && result != IntBuf::Small(0) { Ok(arith::add(result.as_ref(), m)) } else { Ok(result) }
}

/// `pow_mod` for a positive modulus of one word.
fn pow_mod_word(a: IntRef, b: IntRef, n: u64) -> IntResult<u64> {
    let mul = |x: u64, y: u64| (u128::from(x) * u128::from(y) % u128::from(n)) as u64;
    let wide = IntBuf::from(n);
    let IntBuf::Small(base) = arith::modulo(a, wide.as_ref())? else {
        // The residue needs all 64 bits.
        let base = arith::modulo(a, wide.as_ref())?.as_ref().to_u64_wrapping();
        return pow_word(base, b, n, mul);
    };
    pow_word(base as u64, b, n, mul)
}

/// `base ** b` modulo `n`, both of one word, with the given multiplication.
fn pow_word(base: u64, b: IntRef, n: u64, mul: impl Fn(u64, u64) -> u64) -> IntResult<u64> {
    let mut base = base;
    if b.is_negative() {
        let inv = inverse(IntBuf::from(base).as_ref(), &UBig::from(n))?;
        base = u64::try_from(&inv).map_err(|_| IntError::NotInvertible)?;
    }
    let exponent = magnitude(b);
    let mut acc = 1 % n;
    for &word in exponent.as_words().iter().rev() {
        for i in (0..64).rev() {
            if acc != 1 {
                acc = mul(acc, acc);
            }
            if word >> i & 1 == 1 {
                acc = mul(acc, base);
            }
        }
    }
    Ok(acc)
}

/// The inverse of `a` modulo `m > 1`, in `0..m`.
fn inverse(a: IntRef, m: &UBig) -> IntResult<IBig> {
    let m = IBig::from(m.clone());
    let mut a = a.big().as_ref() % &m;
    if is_negative(&a) {
        a += &m;
    }
    if a.is_zero() {
        return Err(IntError::NotInvertible);
    }
    let (g, x, _) = (&a).gcd_ext(&m);
    if !g.is_one() {
        return Err(IntError::NotInvertible);
    }
    let x = x % &m;
    Ok(if is_negative(&x) { x + m } else { x })
}

/// Greatest common divisor, never negative; `gcd(0, 0) == 0`.
pub fn gcd(a: IntRef, b: IntRef) -> IntBuf {
    match (a, b) {
        (IntRef::Small(x), IntRef::Small(y)) => IntBuf::from(gcd_word(x.unsigned_abs(), y.unsigned_abs())),
        _ if a.is_zero() => arith::abs(b),
        _ if b.is_zero() => arith::abs(a),
        _ => IntBuf::from(a.big().as_ref().gcd(b.big().as_ref())),
    }
}

/// Stein's binary algorithm.
fn gcd_word(mut a: u64, mut b: u64) -> u64 {
    if a == 0 || b == 0 {
        return a | b;
    }
    let twos = (a | b).trailing_zeros();
    a >>= a.trailing_zeros();
    loop {
        b >>= b.trailing_zeros();
        if a > b {
            std::mem::swap(&mut a, &mut b);
        }
        b -= a;
        if b == 0 {
            return a << twos;
        }
    }
}

/// Least common multiple, never negative; 0 if either is 0.
pub fn lcm(a: IntRef, b: IntRef) -> IntBuf {
    let g = gcd(a, b);
    match arith::floor_div(a, g.as_ref()) {
        Ok(q) => arith::abs(arith::mul(q.as_ref(), b).as_ref()),
        // Only gcd(0, 0) is zero.
        Err(_) => IntBuf::Small(0),
    }
}

/// The integer part of the square root; `None` for a negative number.
pub fn isqrt(a: IntRef) -> Option<IntBuf> {
    match a {
        IntRef::Small(v) => v.checked_isqrt().map(IntBuf::Small),
        IntRef::Big(b) if is_negative(b) => None,
        IntRef::Big(_) => Some(IntBuf::from(magnitude(a).sqrt())),
    }
}

/// The product `lo * (lo + step) * ...` of `count` terms, by halves so that factors stay of like size.
fn product(lo: u64, count: u64, step: u64) -> UBig {
    if count <= 16 {
        let mut acc = UBig::ONE;
        let mut word = 1u64;
        for i in 0..count {
            let next = lo + i * step;
            match word.checked_mul(next) {
                Some(w) => word = w,
                None => {
                    acc *= UBig::from(word);
                    word = next;
                }
            }
        }
        return acc * UBig::from(word);
    }
    let half = count / 2;
    product(lo, half, step) * product(lo + half * step, count - half, step)
}

/// `n!`.
///
/// Errors: `TooLarge`.
pub fn factorial(n: u64) -> IntResult {
    if n <= 20 {
        return Ok(IntBuf::Small((1..=n as i64).product()));
    }
    // n! < n^n
    reserve_check(u128::from(n) * u128::from(64 - n.leading_zeros()))?;
    // n! = 2^(n - popcount) * product over i of the odd numbers up to n / 2^i.
    let mut odd_part = UBig::ONE;
    let mut running = UBig::ONE;
    let mut lower = 1u64;
    for i in (0..64 - n.leading_zeros()).rev() {
        // The odd numbers in lower..=upper join those seen before.
        let upper = n >> i;
        let first = lower | 1;
        if first <= upper {
            running *= product(first, (upper - first) / 2 + 1, 2);
        }
        lower = upper + 1;
        odd_part *= &running;
    }
    Ok(IntBuf::from(odd_part << (n - u64::from(n.count_ones())) as usize))
}

/// `n * (n-1) * ... * (n-k+1)`, for `n >= 0`.
///
/// Errors: `TooLarge`.
pub fn perm(n: IntRef, k: u64) -> IntResult {
    if arith::cmp(n, IntBuf::from(k).as_ref()).is_lt() {
        return Ok(IntBuf::Small(0));
    }
    if k == 0 {
        return Ok(IntBuf::Small(1));
    }
    reserve_check(u128::from(bit_length(n)) * u128::from(k))?;
    Ok(match n {
        IntRef::Small(v) => IntBuf::from(product(v as u64 - k + 1, k, 1)),
        IntRef::Big(b) => IntBuf::from(falling(b, k)),
    })
}

/// `n * (n-1) * ...` of `k` terms for a big `n`.
fn falling(n: &IBig, k: u64) -> IBig {
    if k <= 4 {
        return (0..k).fold(IBig::ONE, |acc, i| acc * (n - IBig::from(i)));
    }
    let half = k / 2;
    falling(n, half) * falling(&(n - IBig::from(half)), k - half)
}

/// The number of ways to choose `k` of `n`, for `n >= 0`; `k` must already be the lesser of `k` and `n - k`.
///
/// Errors: `TooLarge`.
pub fn comb(n: IntRef, k: u64) -> IntResult {
    if let IntRef::Small(v) = n {
        // Each step's quotient is itself a binomial coefficient, so the division is exact.
        let mut acc = 1u128;
        let mut fits = true;
        for i in 0..k {
            match acc.checked_mul(u128::from(v as u64 - i)) {
                Some(p) => acc = p / u128::from(i + 1),
                None => {
                    fits = false;
                    break;
                }
            }
        }
        if fits {
            return Ok(IntBuf::from(UBig::from(acc)));
        }
    }
    let top = perm(n, k)?;
    let bottom = factorial(k)?;
    arith::floor_div(top.as_ref(), bottom.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small(v: i64) -> IntRef<'static> {
        IntRef::Small(v)
    }

    #[test]
    fn powers() {
        assert_eq!(pow(small(-3), small(39)).unwrap(), IntBuf::Small(-4052555153018976267));
        assert_eq!(pow(small(-1), small(i64::MAX)).unwrap(), IntBuf::Small(-1));
        assert_eq!(pow(small(10), small(i64::MAX)), Err(IntError::TooLarge));
        assert_eq!(pow_mod(small(3), small(-1), small(7)).unwrap(), IntBuf::Small(5));
        assert_eq!(pow_mod(small(3), small(2), small(-7)).unwrap(), IntBuf::Small(-5));
        assert_eq!(pow_mod(small(2), small(-1), small(4)), Err(IntError::NotInvertible));
        assert_eq!(pow_mod(small(2), small(1), small(0)), Err(IntError::ZeroModulus));
        assert_eq!(pow_mod(small(2), small(0), small(1)).unwrap(), IntBuf::Small(0));
        let m = pow(small(10), small(30)).unwrap();
        let r = pow_mod(small(-7), small(1000), m.as_ref()).unwrap();
        assert_eq!(r.into_big().to_string(), "300829284071141207731280600001");
    }

    #[test]
    fn divisors_and_roots() {
        assert_eq!(gcd(small(-12), small(18)), IntBuf::Small(6));
        assert_eq!(gcd(small(i64::MIN), small(0)), IntBuf::from(1u64 << 63));
        assert_eq!(lcm(small(-4), small(6)), IntBuf::Small(12));
        assert_eq!(lcm(small(0), small(0)), IntBuf::Small(0));
        let n = pow(small(10), small(40)).unwrap();
        assert_eq!(isqrt(n.as_ref()), Some(pow(small(10), small(20)).unwrap()));
        assert_eq!(isqrt(small(-1)), None);
    }

    #[test]
    fn counting() {
        assert_eq!(factorial(20).unwrap(), IntBuf::Small(2432902008176640000));
        let mut acc = IBig::ONE;
        for i in 1..=300u64 {
            acc *= IBig::from(i);
            assert_eq!(factorial(i).unwrap().into_big(), acc);
        }
        assert_eq!(comb(small(10), 3).unwrap(), IntBuf::Small(120));
        assert_eq!(comb(small(200), 100).unwrap().into_big().to_string().len(), 59);
        assert_eq!(perm(small(10), 3).unwrap(), IntBuf::Small(720));
        assert_eq!(perm(small(3), 10).unwrap(), IntBuf::Small(0));
    }
}
