//! The hash functions behind the modules, as one kind of state.

use digest::{DynDigest, ExtendableOutput, Update, XofReader};
use sha3::{Shake128, Shake256};

/// A hash function and the names and sizes that Python sees.
pub struct Kind {
    /// `name` of its objects.
    pub name: &'static str,
    /// Bytes of a block.
    pub block_size: usize,
    pub make: fn() -> Engine,
}

/// The state of a hash.
#[derive(Clone)]
pub enum Engine {
    /// Of a digest of fixed size.
    Fixed(Box<dyn Fixed>),
    Shake128(Shake128),
    Shake256(Shake256),
    Blake2b(Box<blake2b_simd::State>),
    Blake2s(Box<blake2s_simd::State>),
}

/// What is asked of the states of fixed digests.
pub trait Fixed: DynDigest + Send + Sync {
    fn clone_fixed(&self) -> Box<dyn Fixed>;
}

impl<T: DynDigest + Clone + Send + Sync + 'static> Fixed for T {
    fn clone_fixed(&self) -> Box<dyn Fixed> {
        Box::new(self.clone())
    }
}

impl Clone for Box<dyn Fixed> {
    fn clone(&self) -> Box<dyn Fixed> {
        (**self).clone_fixed()
    }
}

impl Engine {
    /// Hashes more bytes.
    pub fn update(&mut self, data: &[u8]) {
        match self {
            Engine::Fixed(state) => state.update(data),
            Engine::Shake128(state) => state.update(data),
            Engine::Shake256(state) => state.update(data),
            Engine::Blake2b(state) => {
                state.update(data);
            }
            Engine::Blake2s(state) => {
                state.update(data);
            }
        }
    }

    /// The digest so far. `len` counts for functions of any output length.
    pub fn digest(&self, len: usize) -> Vec<u8> {
        match self.clone() {
            Engine::Fixed(mut state) => {
                let mut out = vec![0; state.output_size()];
                let fits = state.finalize_into_reset(&mut out);
                debug_assert!(fits.is_ok(), "the buffer has the digest's size");
                out
            }
            Engine::Shake128(state) => read(state.finalize_xof(), len),
            Engine::Shake256(state) => read(state.finalize_xof(), len),
            Engine::Blake2b(state) => state.finalize().as_bytes().to_vec(),
            Engine::Blake2s(state) => state.finalize().as_bytes().to_vec(),
        }
    }

    /// Bytes of the digest; 0 where the caller says how many.
    pub fn digest_size(&self) -> usize {
        match self {
            Engine::Fixed(state) => state.output_size(),
            Engine::Shake128(_) | Engine::Shake256(_) => 0,
            Engine::Blake2b(state) => state.finalize().as_bytes().len(),
            Engine::Blake2s(state) => state.finalize().as_bytes().len(),
        }
    }
}

fn read(mut reader: impl XofReader, len: usize) -> Vec<u8> {
    let mut out = vec![0; len];
    reader.read(&mut out);
    out
}

fn fixed<T: DynDigest + Default + Clone + Send + Sync + 'static>() -> Engine {
    Engine::Fixed(Box::<T>::default())
}

macro_rules! kinds {
    ($($static_name:ident $name:literal $block:literal $make:expr;)*) => {
        $( pub static $static_name: Kind = Kind { name: $name, block_size: $block, make: $make }; )*
    };
}

kinds! {
    MD5 "md5" 64 fixed::<md5::Md5>;
    SHA1 "sha1" 64 fixed::<sha1::Sha1>;
    SHA224 "sha224" 64 fixed::<sha2::Sha224>;
    SHA256 "sha256" 64 fixed::<sha2::Sha256>;
    SHA384 "sha384" 128 fixed::<sha2::Sha384>;
    SHA512 "sha512" 128 fixed::<sha2::Sha512>;
    SHA3_224 "sha3_224" 144 fixed::<sha3::Sha3_224>;
    SHA3_256 "sha3_256" 136 fixed::<sha3::Sha3_256>;
    SHA3_384 "sha3_384" 104 fixed::<sha3::Sha3_384>;
    SHA3_512 "sha3_512" 72 fixed::<sha3::Sha3_512>;
    SHAKE_128 "shake_128" 168 || Engine::Shake128(Shake128::default());
    SHAKE_256 "shake_256" 136 || Engine::Shake256(Shake256::default());
    BLAKE2B "blake2b" 128 || Engine::Blake2b(Box::new(blake2b_simd::State::new()));
    BLAKE2S "blake2s" 64 || Engine::Blake2s(Box::new(blake2s_simd::State::new()));
}
