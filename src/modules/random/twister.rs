//! The Mersenne Twister MT19937 (Matsumoto and Nishimura, 1998).

/// Words of state.
pub const N: usize = 624;
const M: usize = 397;

/// The generator's state.
#[derive(Clone)]
pub struct Twister {
    words: Box<[u32; N]>,
    /// The next word to be given out; `N`: all are.
    index: usize,
}

impl Twister {
    /// Seeded by a word.
    pub fn from_word(seed: u32) -> Twister {
        let mut words = Box::new([0u32; N]);
        words[0] = seed;
        for i in 1..N {
            let last = words[i - 1];
            words[i] = 1812433253u32.wrapping_mul(last ^ last >> 30).wrapping_add(i as u32);
        }
        Twister { words, index: N }
    }

    /// Seeded by an array of words, which is not empty.
    pub fn from_key(key: &[u32]) -> Twister {
        let mut t = Twister::from_word(19650218);
        let words = &mut t.words;
        let (mut i, mut j) = (1, 0);
        let mixed = |words: &[u32; N], i: usize, factor: u32| {
            words[i] ^ (words[i - 1] ^ words[i - 1] >> 30).wrapping_mul(factor)
        };
        for _ in 0..N.max(key.len()) {
            words[i] = mixed(words, i, 1664525).wrapping_add(key[j]).wrapping_add(j as u32);
            i += 1;
            j += 1;
            if i >= N {
                words[0] = words[N - 1];
                i = 1;
            }
            if j >= key.len() {
                j = 0;
            }
        }
        for _ in 0..N - 1 {
            words[i] = mixed(words, i, 1566083941).wrapping_sub(i as u32);
            i += 1;
            if i >= N {
                words[0] = words[N - 1];
                i = 1;
            }
        }
        // Whatever the key, the state is not all zeros.
        words[0] = 0x8000_0000;
        t
    }

    /// A state as `state` gave it; `index` is at most `N`.
    pub fn from_state(words: Box<[u32; N]>, index: usize) -> Twister {
        Twister { words, index: index.min(N) }
    }

    /// The words and the index.
    pub fn state(&self) -> (&[u32; N], usize) {
        (&self.words, self.index)
    }

    /// Makes the next `N` words.
    fn refill(&mut self) {
        let words = &mut self.words;
        let twist = |high: u32, low: u32| {
            let y = high & 0x8000_0000 | low & 0x7fff_ffff;
            y >> 1 ^ if y & 1 == 1 { 0x9908_b0df } else { 0 }
        };
        for i in 0..N - M {
            words[i] = words[i + M] ^ twist(words[i], words[i + 1]);
        }
        for i in N - M..N - 1 {
            words[i] = words[i + M - N] ^ twist(words[i], words[i + 1]);
        }
        words[N - 1] = words[M - 1] ^ twist(words[N - 1], words[0]);
        self.index = 0;
    }

    /// 32 random bits.
    #[inline]
    pub fn next_word(&mut self) -> u32 {
        if self.index >= N {
            self.refill();
        }
        let mut y = self.words[self.index];
        self.index += 1;
        y ^= y >> 11;
        y ^= y << 7 & 0x9d2c_5680;
        y ^= y << 15 & 0xefc6_0000;
        y ^ y >> 18
    }

    /// A float in 0..1 of 53 random bits.
    #[inline]
    pub fn next_float(&mut self) -> f64 {
        let (a, b) = (self.next_word() >> 5, self.next_word() >> 6);
        (f64::from(a) * 67_108_864.0 + f64::from(b)) / 9_007_199_254_740_992.0
    }

    /// `bits` random bits, least significant word first; `bits` is not zero.
    pub fn next_bits(&mut self, bits: usize, out: &mut [u32]) {
        let mut left = bits;
        for word in out.iter_mut() {
            let r = self.next_word();
            *word = if left < 32 { r >> (32 - left) } else { r };
            left = left.saturating_sub(32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authors_output() {
        // The first words of mt19937ar.out.
        let mut t = Twister::from_key(&[0x123, 0x234, 0x345, 0x456]);
        let got: Vec<u32> = (0..5).map(|_| t.next_word()).collect();
        assert_eq!(got, [1067595299, 955945823, 477289528, 4107218783, 4228976476]);
        // And the thousandth.
        assert_eq!((5..1000).map(|_| t.next_word()).last(), Some(3460025646));
    }

    #[test]
    fn floats_and_bits() {
        // random.seed(42).
        let mut t = Twister::from_key(&[42]);
        assert_eq!(t.next_float(), 0.6394267984578837);
        let mut words = [0; 2];
        t.next_bits(40, &mut words);
        assert!(words[1] < 256);
        let copy = Twister::from_state(Box::new(*t.state().0), t.state().1);
        assert_eq!(t.next_word(), copy.clone().next_word());
    }
}
