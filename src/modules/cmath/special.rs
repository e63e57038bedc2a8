//! What functions of complex numbers give for infinities and nans (C's Annex G).

use crate::types::complex::Complex;
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

/// Rows by the real part, columns by the imaginary part, both in the order of `kind`. Each entry is two letters, for the
/// parts of the result (see `value`), or `!!` for a domain error. `..` stands where the function computes the result.
pub type Table = [&'static str; 7];

/// -inf, negative, -0.0, 0.0, positive, inf, nan.
fn kind(x: f64) -> usize {
    if x.is_nan() {
        return 6;
    }
    let place = if x.is_infinite() {
        2
    } else if x != 0.0 {
        1
    } else {
        0
    };
    if x.is_sign_negative() { 2 - place } else { 3 + place }
}

/// The number that a letter stands for. Small letters are negative.
fn value(letter: u8) -> f64 {
    match letter {
        b'0' => 0.0,
        b'z' => -0.0,
        b'1' => 1.0,
        b'm' => -1.0,
        b'I' => f64::INFINITY,
        b'i' => f64::NEG_INFINITY,
        b'P' => PI,
        b'p' => -PI,
        b'H' => FRAC_PI_2,
        b'h' => -FRAC_PI_2,
        b'Q' => FRAC_PI_4,
        b'q' => -FRAC_PI_4,
        b'T' => 3.0 * FRAC_PI_4,
        b't' => -3.0 * FRAC_PI_4,
        _ => f64::NAN,
    }
}

/// The entry for an argument that is not finite: `None` for a domain error.
pub fn look_up(table: &Table, re: f64, im: f64) -> Option<Complex> {
    let entry = &table[kind(re)].as_bytes()[3 * kind(im)..][..2];
    (entry != b"!!").then(|| Complex::new(value(entry[0]), value(entry[1])))
}

pub const ACOS: Table = [
    "TI PI PI Pi Pi Ti NI",
    "HI .. .. .. .. Hi NN",
    "HI .. .. .. .. Hi HN",
    "HI .. .. .. .. Hi HN",
    "HI .. .. .. .. Hi NN",
    "QI 0I 0I 0i 0i Qi NI",
    "NI NN NN NN NN Ni NN",
];
pub const ACOSH: Table = [
    "It Ip Ip IP IP IT IN",
    "Ih .. .. .. .. IH NN",
    "Ih .. .. .. .. IH NN",
    "Ih .. .. .. .. IH NN",
    "Ih .. .. .. .. IH NN",
    "Iq Iz Iz I0 I0 IQ IN",
    "IN NN NN NN NN IN NN",
];
pub const ASINH: Table = [
    "iq iz iz i0 i0 iQ iN",
    "ih .. .. .. .. iH NN",
    "ih .. .. .. .. iH NN",
    "Ih .. .. .. .. IH NN",
    "Ih .. .. .. .. IH NN",
    "Iq Iz Iz I0 I0 IQ IN",
    "IN NN Nz N0 NN IN NN",
];
pub const ATANH: Table = [
    "zh zh zh zH zH zH zN",
    "zh .. .. .. .. zH NN",
    "zh .. .. .. .. zH zN",
    "0h .. .. .. .. 0H 0N",
    "0h .. .. .. .. 0H NN",
    "0h 0h 0h 0H 0H 0H 0N",
    "0h NN NN NN NN 0H NN",
];
pub const COSH: Table = [
    "!! .. I0 Iz .. !! IN",
    "!! .. .. .. .. !! NN",
    "!! .. .. .. .. !! N0",
    "!! .. .. .. .. !! N0",
    "!! .. .. .. .. !! NN",
    "!! .. Iz I0 .. !! IN",
    "NN NN N0 N0 NN NN NN",
];
pub const EXP: Table = [
    "00 .. 0z 00 .. 00 00",
    "!! .. .. .. .. !! NN",
    "!! .. .. .. .. !! NN",
    "!! .. .. .. .. !! NN",
    "!! .. .. .. .. !! NN",
    "!! .. Iz I0 .. !! IN",
    "NN NN Nz N0 NN NN NN",
];
pub const LOG: Table = [
    "It Ip Ip IP IP IT IN",
    "Ih .. .. .. .. IH NN",
    "Ih .. .. .. .. IH NN",
    "Ih .. .. .. .. IH NN",
    "Ih .. .. .. .. IH NN",
    "Iq Iz Iz I0 I0 IQ IN",
    "IN NN NN NN NN IN NN",
];
pub const SINH: Table = [
    "!! .. iz i0 .. !! IN",
    "!! .. .. .. .. !! NN",
    "!! .. .. .. .. !! 0N",
    "!! .. .. .. .. !! 0N",
    "!! .. .. .. .. !! NN",
    "!! .. Iz I0 .. !! IN",
    "NN NN Nz N0 NN NN NN",
];
pub const SQRT: Table = [
    "Ii 0i 0i 0I 0I II NI",
    "Ii .. .. .. .. II NN",
    "Ii .. .. .. .. II NN",
    "Ii .. .. .. .. II NN",
    "Ii .. .. .. .. II NN",
    "Ii Iz Iz I0 I0 II IN",
    "Ii NN NN NN NN II NN",
];
pub const TANH: Table = [
    "m0 .. mz m0 .. m0 m0",
    "!! .. .. .. .. !! NN",
    "!! .. .. .. .. !! NN",
    "!! .. .. .. .. !! NN",
    "!! .. .. .. .. !! NN",
    "10 .. 1z 10 .. 10 10",
    "NN NN Nz N0 NN NN NN",
];
pub const RECT: Table = [
    "!! .. i0 iz .. !! IN",
    "!! .. .. .. .. !! NN",
    "00 .. .. .. .. 00 00",
    "00 .. .. .. .. 00 00",
    "!! .. .. .. .. !! NN",
    "!! .. Iz I0 .. !! IN",
    "NN NN N0 N0 NN NN NN",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_whole() {
        for table in [ACOS, ACOSH, ASINH, ATANH, COSH, EXP, LOG, SINH, SQRT, TANH, RECT] {
            assert!(table.iter().all(|row| row.len() == 20 && row.is_ascii()));
        }
        assert_eq!(look_up(&LOG, f64::NEG_INFINITY, 1.0), Some(Complex::new(f64::INFINITY, PI)));
        assert_eq!(look_up(&COSH, 1.0, f64::INFINITY), None);
    }
}
