//! The hash of texts and byte strings: SipHash-1-3 under a key of the process.

use std::sync::OnceLock;

static HASH_KEY: OnceLock<(u64, u64)> = OnceLock::new();

/// Sets the process's hash key. Only the first call, made before anything was hashed, has an effect; returns whether
/// this was it. Without a call the first hash draws a random key.
pub fn set_hash_key(k0: u64, k1: u64) -> bool {
    HASH_KEY.set((k0, k1)).is_ok()
}

/// The hash key that `PYTHONHASHSEED=seed` stands for (0: no randomness), by the generator that CPython documents by
/// its outcome: the low halves of a linear congruential sequence's states, byte by byte.
pub fn hash_key_from_seed(seed: u32) -> (u64, u64) {
    if seed == 0 {
        return (0, 0);
    }
    let mut x = seed;
    let mut next = || {
        let mut word = 0u64;
        for i in 0..8 {
            x = x.wrapping_mul(214_013).wrapping_add(2_531_011);
            word |= u64::from(x >> 16 & 0xFF) << (8 * i);
        }
        word
    };
    (next(), next())
}

fn hash_key() -> (u64, u64) {
    *HASH_KEY.get_or_init(|| {
        use std::hash::{BuildHasher, Hasher, RandomState};
        // The standard library seeds `RandomState` from the operating system.
        let state = RandomState::new();
        let draw = |salt: u64| {
            let mut h = state.build_hasher();
            h.write_u64(salt);
            h.finish()
        };
        (draw(1), draw(2))
    })
}

/// Hash of a byte string under the process key: SipHash-1-3, 0 for the empty string, never -1. Also the hash of
/// the ASCII or Latin-1 text of the same bytes.
#[inline]
pub fn hash_bytes(bytes: &[u8]) -> i64 {
    if bytes.is_empty() {
        return 0;
    }
    let mut sip = Sip13::new(hash_key());
    let (words, tail) = bytes.as_chunks::<8>();
    for w in words {
        sip.word(u64::from_le_bytes(*w));
    }
    let mut last = [0u8; 8];
    last[..tail.len()].copy_from_slice(tail);
    sip.finish(u64::from_le_bytes(last), bytes.len())
}

/// SipHash-1-3 with a key of the caller's.
pub fn keyed_hash(k0: u64, k1: u64, bytes: &[u8]) -> u64 {
    let mut sip = Sip13::new((k0, k1));
    let (words, tail) = bytes.as_chunks::<8>();
    for w in words {
        sip.word(u64::from_le_bytes(*w));
    }
    let mut last = [0u8; 8];
    last[..tail.len()].copy_from_slice(tail);
    sip.finish(u64::from_le_bytes(last), bytes.len()) as u64
}

/// [`hash_bytes`] of the units' little-endian bytes, without a copy.
pub(super) fn hash_units<U>(units: &[U], width: usize, value: impl Fn(&U) -> u64) -> i64 {
    if units.is_empty() {
        return 0;
    }
    let mut sip = Sip13::new(hash_key());
    let bits = 8 * width;
    let join = |chunk: &[U]| chunk.iter().enumerate().fold(0u64, |w, (i, u)| w | value(u) << (bits * i));
    let chunks = units.chunks_exact(8 / width);
    let tail = chunks.remainder();
    for chunk in chunks {
        sip.word(join(chunk));
    }
    sip.finish(join(tail), units.len() * width)
}

/// SipHash with one compression and three finalisation rounds (Aumasson and Bernstein, 2012).
struct Sip13 {
    v: [u64; 4],
}

impl Sip13 {
    #[inline]
    fn new((k0, k1): (u64, u64)) -> Sip13 {
        Sip13 {
            v: [
                k0 ^ 0x736f_6d65_7073_6575,
                k1 ^ 0x646f_7261_6e64_6f6d,
                k0 ^ 0x6c79_6765_6e65_7261,
                k1 ^ 0x7465_6462_7974_6573,
            ],
        }
    }

    #[inline]
    fn round(&mut self) {
        let [a, b, c, d] = &mut self.v;
        *a = a.wrapping_add(*b);
        *b = b.rotate_left(13) ^ *a;
        *a = a.rotate_left(32);
        *c = c.wrapping_add(*d);
        *d = d.rotate_left(16) ^ *c;
        *a = a.wrapping_add(*d);
        *d = d.rotate_left(21) ^ *a;
        *c = c.wrapping_add(*b);
        *b = b.rotate_left(17) ^ *c;
        *c = c.rotate_left(32);
    }

    #[inline]
    fn word(&mut self, w: u64) {
        self.v[3] ^= w;
        self.round();
        self.v[0] ^= w;
    }

    #[inline]
    fn finish(mut self, tail: u64, len: usize) -> i64 {
        self.word(tail | (len as u64) << 56);
        self.v[2] ^= 0xFF;
        self.round();
        self.round();
        self.round();
        let h = (self.v[0] ^ self.v[1] ^ self.v[2] ^ self.v[3]) as i64;
        if h == -1 { -2 } else { h }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn siphash_matches_the_reference() {
        // Values of `hash()` in CPython 3.13 under PYTHONHASHSEED=0 and 42.
        fn run(key: (u64, u64), bytes: &[u8]) -> i64 {
            let mut sip = Sip13::new(key);
            let (words, tail) = bytes.as_chunks::<8>();
            words.iter().for_each(|w| sip.word(u64::from_le_bytes(*w)));
            let mut last = [0u8; 8];
            last[..tail.len()].copy_from_slice(tail);
            sip.finish(u64::from_le_bytes(last), bytes.len())
        }
        assert_eq!(run(hash_key_from_seed(0), b"a"), 4644417185603328019);
        assert_eq!(run(hash_key_from_seed(0), b"hello world, hello"), 6321610311974674607);
        assert_eq!(run(hash_key_from_seed(0), b"12345678"), 3785724242978802311);
        assert_eq!(run(hash_key_from_seed(42), b"a"), -123207753977932514);
        assert_eq!(run(hash_key_from_seed(42), b"hello world, hello"), 6337082396787517172);
        assert_eq!(run(hash_key_from_seed(42), b"12345678"), -8868897825882322955);
    }
}
