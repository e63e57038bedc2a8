use orochi::modules::math::{special, sums};
use std::io::*;
fn fb(x: f64) -> String {
    if x.is_nan() { "nan".into() } else { format!("{:x}", x.to_bits()) }
}
fn main() {
    let mut out = String::new();
    for line in stdin().lock().lines() {
        let line = line.unwrap();
        let p: Vec<&str> = line.split(' ').collect();
        let f = |i: usize| f64::from_bits(u64::from_str_radix(p[i], 16).unwrap());
        let all = || -> Vec<f64> { (1..p.len()).map(f).collect() };
        let r = match p[0] {
            "gamma" => match special::gamma(f(1)) {
                Ok(x) => fb(x),
                Err(e) => format!("{e:?}"),
            },
            "lgamma" => match special::lgamma(f(1)) {
                Ok(x) => fb(x),
                Err(e) => format!("{e:?}"),
            },
            "norm" => {
                let mut v: Vec<f64> = all().iter().map(|x| x.abs()).collect();
                let m = v.iter().cloned().fold(0.0, f64::max);
                fb(sums::norm(&mut v, m, false))
            }
            "fsum" => {
                let mut s = sums::Fsum::default();
                let mut e = None;
                for x in all() {
                    if let Err(x) = s.add(x) {
                        e = Some(x);
                        break;
                    }
                }
                match e {
                    Some(e) => format!("{e:?}"),
                    None => match s.value() {
                        Ok(x) => fb(x),
                        Err(e) => format!("{e:?}"),
                    },
                }
            }
            "dot" => {
                let v = all();
                let n = v.len() / 2;
                let mut d = sums::DotProduct::default();
                for i in 0..n {
                    d = d.add(v[i], v[n + i]).unwrap();
                }
                fb(d.value())
            }
            "asinh" => fb(orochi::modules::math::libm::asinh(f(1))),
            "tanh" => fb(f(1).tanh()),
            "expm1" => fb(f(1).exp_m1()),
            "log1p" => fb(f(1).ln_1p()),
            "cbrt" => fb(f(1).cbrt()),
            "exp2" => fb(f(1).exp2()),
            "log2" => fb(f(1).log2()),
            "sinh" => fb(f(1).sinh()),
            "acos" => fb(f(1).acos()),
            "log10" => fb(f(1).log10()),
            "hypot" => fb(f(1).hypot(f(2))),
            x => panic!("{x}"),
        };
        out.push_str(&r);
        out.push('\n');
    }
    stdout().write_all(out.as_bytes()).unwrap();
}
