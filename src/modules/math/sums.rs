//! Accurate sums: `fsum`, `sumprod`, and the norms behind `hypot` and `dist`.

/// A sum or product as an unevaluated pair: `hi` is the rounded result, `lo` what rounding lost.
#[derive(Clone, Copy, Debug)]
struct Pair {
    hi: f64,
    lo: f64,
}

/// `a + b` for `abs(a) >= abs(b)` (Dekker).
fn fast_sum(a: f64, b: f64) -> Pair {
    let hi = a + b;
    Pair { hi, lo: b - (hi - a) }
}

/// `a + b` (Knuth).
fn sum(a: f64, b: f64) -> Pair {
    let hi = a + b;
    let z = hi - a;
    Pair { hi, lo: (a - (hi - z)) + (b - z) }
}

/// `a * b`, by a fused multiply-add.
fn product(a: f64, b: f64) -> Pair {
    let hi = a * b;
    Pair { hi, lo: a.mul_add(b, -hi) }
}

/// A running sum of products in three parts (Ogita, Rump and Oishi: "Accurate Sum and Dot Product").
#[derive(Clone, Copy, Debug, Default)]
pub struct DotProduct {
    hi: f64,
    lo: f64,
    tiny: f64,
}

impl DotProduct {
    /// Adds `x * y`; `None` if the sum does not stay finite.
    #[must_use]
    pub fn add(self, x: f64, y: f64) -> Option<DotProduct> {
        let pr = product(x, y);
        let sm = sum(self.hi, pr.hi);
        let r1 = sum(self.lo, pr.lo);
        let r2 = sum(r1.hi, sm.lo);
        let next = DotProduct { hi: sm.hi, lo: r2.hi, tiny: self.tiny + r1.lo + r2.lo };
        next.hi.is_finite().then_some(next)
    }

    /// The sum, rounded.
    pub fn value(self) -> f64 {
        // From the least part up.
        let upper = sum(self.lo, self.hi);
        self.tiny + upper.lo + upper.hi
    }
}

/// The length of a vector of magnitudes, almost always correctly rounded. `max` is the largest of them.
pub fn norm(vector: &mut [f64], max: f64, found_nan: bool) -> f64 {
    if max.is_infinite() {
        return max;
    }
    if found_nan {
        return f64::NAN;
    }
    if max == 0.0 || vector.len() <= 1 {
        return max;
    }
    let (_, exp) = super::libm::frexp(max);
    if exp < -1023 {
        // The scale below would overflow: make subnormals normal first.
        for x in vector.iter_mut() {
            *x /= f64::MIN_POSITIVE;
        }
        return f64::MIN_POSITIVE * norm(vector, max / f64::MIN_POSITIVE, found_nan);
    }
    let scale = super::libm::ldexp(1.0, -exp);
    // The sum starts at one, so that each square, which is less, may be added the fast way.
    let (mut whole, mut frac1, mut frac2) = (1.0, 0.0, 0.0);
    for x in vector.iter() {
        let x = x * scale;
        let pr = product(x, x);
        let sm = fast_sum(whole, pr.hi);
        whole = sm.hi;
        frac1 += pr.lo;
        frac2 += sm.lo;
    }
    let h = (whole - 1.0 + (frac1 + frac2)).sqrt();
    // One step of Newton's method with the exact square of the root.
    let pr = product(-h, h);
    let sm = fast_sum(whole, pr.hi);
    frac1 += pr.lo;
    frac2 += sm.lo;
    let rest = sm.hi - 1.0 + (frac1 + frac2);
    (h + rest / (2.0 * h)) / scale
}

/// Why `fsum` has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FsumError {
    /// `OverflowError`: "intermediate overflow in fsum".
    Overflow,
    /// `ValueError`: "-inf + inf in fsum".
    Infinities,
}

/// An exact running sum in non-overlapping parts of growing magnitude (Shewchuk).
#[derive(Clone, Debug, Default)]
pub struct Fsum {
    parts: smallvec::SmallVec<[f64; 32]>,
    infinities: f64,
    specials: f64,
}

impl Fsum {
    /// Adds a term.
    pub fn add(&mut self, term: f64) -> Result<(), FsumError> {
        let mut x = term;
        let mut kept = 0;
        for j in 0..self.parts.len() {
            let mut y = self.parts[j];
            if x.abs() < y.abs() {
                std::mem::swap(&mut x, &mut y);
            }
            let Pair { hi, lo } = fast_sum(x, y);
            if lo != 0.0 {
                self.parts[kept] = lo;
                kept += 1;
            }
            x = hi;
        }
        self.parts.truncate(kept);
        if x != 0.0 {
            if !x.is_finite() {
                // A sum of finite terms must not be infinite; infinite terms are counted apart.
                if term.is_finite() {
                    return Err(FsumError::Overflow);
                }
                if term.is_infinite() {
                    self.infinities += term;
                }
                self.specials += term;
                self.parts.clear();
            } else {
                self.parts.push(x);
            }
        }
        Ok(())
    }

    /// The sum, correctly rounded.
    pub fn value(mut self) -> Result<f64, FsumError> {
        if self.specials != 0.0 {
            return if self.infinities.is_nan() { Err(FsumError::Infinities) } else { Ok(self.specials) };
        }
        let Some(mut hi) = self.parts.pop() else { return Ok(0.0) };
        let mut lo = 0.0;
        while let Some(y) = self.parts.pop() {
            let s = fast_sum(hi, y);
            (hi, lo) = (s.hi, s.lo);
            if lo != 0.0 {
                break;
            }
        }
        // Half-even rounding across parts: what lies below decides where `lo` is exactly half a unit.
        if let Some(&next) = self.parts.last()
            && ((lo < 0.0 && next < 0.0) || (lo > 0.0 && next > 0.0))
        {
            let y = lo * 2.0;
            let x = hi + y;
            if y == x - hi {
                hi = x;
            }
        }
        Ok(hi)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fsum(terms: &[f64]) -> Result<f64, FsumError> {
        let mut s = Fsum::default();
        for &t in terms {
            s.add(t)?;
        }
        s.value()
    }

    #[test]
    fn exact_sums() {
        assert_eq!(fsum(&[0.1; 10]), Ok(1.0));
        assert_eq!(fsum(&[1e100, 1.0, -1e100]), Ok(1.0));
        assert_eq!(fsum(&[1e16, 1.0, 1e-16]), Ok(10000000000000002.0));
        assert_eq!(fsum(&[f64::MAX, f64::MAX, -f64::MAX]), Err(FsumError::Overflow));
        assert_eq!(fsum(&[f64::INFINITY, 1.0]), Ok(f64::INFINITY));
        assert_eq!(fsum(&[f64::INFINITY, f64::NEG_INFINITY]), Err(FsumError::Infinities));
    }

    #[test]
    fn norms() {
        assert_eq!(norm(&mut [3.0, 4.0], 4.0, false), 5.0);
        assert_eq!(norm(&mut [1e308, 1e308], 1e308, false), 1.4142135623730951e308);
        assert_eq!(norm(&mut [3.0 * 5e-324, 4.0 * 5e-324], 4.0 * 5e-324, false), 5.0 * 5e-324);
    }

    #[test]
    fn dot_products() {
        let mut d = DotProduct::default();
        for (x, y) in [(1e100, 1.0), (1.0, 1.0), (-1e100, 1.0)] {
            d = d.add(x, y).unwrap();
        }
        assert_eq!(d.value(), 1.0);
        assert!(DotProduct::default().add(1e300, 1e300).is_none());
    }
}
