//! The constants of one code object, each kept once.

use crate::bytecode::unit::Constant;
use std::collections::HashMap;

/// Constants in order, with a docstring first where there is one.
#[derive(Default, Debug)]
pub struct Constants {
    pub list: Vec<Constant>,
    keys: HashMap<Vec<u8>, u32>,
    /// The first constant is the docstring.
    pub docstring: bool,
}

impl Constants {
    /// The index of an equal constant of the same types, added if new.
    pub fn add(&mut self, constant: Constant) -> u32 {
        let mut key = Vec::new();
        let next = self.list.len() as u32;
        if !key_of(&constant, &mut key) {
            self.list.push(constant);
            return next;
        }
        *self.keys.entry(key).or_insert_with(|| {
            self.list.push(constant);
            next
        })
    }
}

/// Writes bytes that are equal exactly for constants that may be shared. False for code objects, which never are.
fn key_of(constant: &Constant, key: &mut Vec<u8>) -> bool {
    fn bytes(tag: u8, data: &[u8], key: &mut Vec<u8>) -> bool {
        key.push(tag);
        key.extend((data.len() as u64).to_le_bytes());
        key.extend(data);
        true
    }
    fn all(tag: u8, items: &[Constant], key: &mut Vec<u8>) -> bool {
        key.push(tag);
        key.extend((items.len() as u64).to_le_bytes());
        items.iter().all(|i| key_of(i, key))
    }
    match constant {
        Constant::None => key.push(0),
        Constant::True => key.push(1),
        Constant::False => key.push(2),
        Constant::Ellipsis => key.push(3),
        Constant::Int(i) => {
            key.push(4);
            key.extend(i.to_le_bytes());
        }
        Constant::BigInt { negative, magnitude } => return bytes(5 + u8::from(*negative), magnitude, key),
        Constant::Float(f) => {
            key.push(7);
            key.extend(f.to_bits().to_le_bytes());
        }
        Constant::Complex(re, im) => {
            key.push(8);
            key.extend(re.to_bits().to_le_bytes());
            key.extend(im.to_bits().to_le_bytes());
        }
        Constant::Str(s) => return bytes(9, s, key),
        Constant::Bytes(b) => return bytes(10, b, key),
        Constant::Tuple(items) => return all(11, items, key),
        Constant::FrozenSet(items) => return all(12, items, key),
        Constant::Slice(parts) => return all(13, &parts[..], key),
        Constant::Code(_) => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_of_different_types_stay_apart() {
        let mut consts = Constants::default();
        let values = [
            Constant::Int(0),
            Constant::Float(0.0),
            Constant::Float(-0.0),
            Constant::False,
            Constant::Tuple([Constant::Int(1)].into()),
            Constant::Tuple([Constant::True].into()),
            Constant::Str(b"a"[..].into()),
            Constant::Bytes(b"a"[..].into()),
        ];
        for (i, value) in values.iter().enumerate() {
            assert_eq!(consts.add(value.clone()), i as u32);
        }
        for (i, value) in values.iter().enumerate() {
            assert_eq!(consts.add(value.clone()), i as u32);
        }
    }
}
