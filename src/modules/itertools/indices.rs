//! Index sequences of the combinatoric iterators, without the objects they pick from.
//!
//! Each generator starts before its first sequence; `advance` goes to the next one and says whether there is one.
//! Sequences come in lexicographic order of positions.

/// Positions of a cartesian product: one below each of `sizes`, the last one moving fastest.
#[derive(Debug, Clone)]
pub struct Product {
    sizes: Box<[usize]>,
    now: Box<[usize]>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Fresh,
    Running,
    Done,
}

impl State {
    /// Whether this is the first call; marks it as made.
    fn begin(&mut self) -> bool {
        let fresh = *self == State::Fresh;
        if fresh {
            *self = State::Running;
        }
        fresh
    }

    fn finish(&mut self) -> bool {
        *self = State::Done;
        false
    }
}

impl Product {
    /// Over pools of these sizes.
    pub fn new(sizes: Vec<usize>) -> Product {
        let now = vec![0; sizes.len()].into();
        Product { sizes: sizes.into(), now, state: State::Fresh }
    }

    /// The present sequence.
    pub fn indices(&self) -> &[usize] {
        &self.now
    }

    /// Goes to the next sequence.
    pub fn advance(&mut self) -> bool {
        if self.state.begin() {
            return !self.sizes.contains(&0) || self.state.finish();
        }
        if self.state == State::Done {
            return false;
        }
        for (now, &size) in self.now.iter_mut().zip(&self.sizes).rev() {
            *now += 1;
            if *now < size {
                return true;
            }
            *now = 0;
        }
        self.state.finish()
    }
}

/// Positions of combinations of `r` out of `n`, rising; with `repeats`, each position may come more than once.
#[derive(Debug, Clone)]
pub struct Combinations {
    n: usize,
    repeats: bool,
    now: Box<[usize]>,
    state: State,
}

impl Combinations {
    /// `r` out of `n`.
    pub fn new(n: usize, r: usize, repeats: bool) -> Combinations {
        let now = if repeats { vec![0; r].into() } else { (0..r).collect() };
        let none = if repeats { n == 0 && r > 0 } else { r > n };
        Combinations { n, repeats, now, state: if none { State::Done } else { State::Fresh } }
    }

    /// The present sequence.
    pub fn indices(&self) -> &[usize] {
        &self.now
    }

    /// Goes to the next sequence.
    pub fn advance(&mut self) -> bool {
        if self.state.begin() {
            return true;
        }
        if self.state == State::Done {
            return false;
        }
        let r = self.now.len();
        let highest = |i: usize| if self.repeats { self.n - 1 } else { i + self.n - r };
        let Some(i) = (0..r).rev().find(|&i| self.now[i] != highest(i)) else { return self.state.finish() };
        let first = self.now[i] + 1;
        for (offset, now) in self.now[i..].iter_mut().enumerate() {
            *now = if self.repeats { first } else { first + offset };
        }
        true
    }
}

/// Positions of permutations of `r` out of `n`.
#[derive(Debug, Clone)]
pub struct Permutations {
    r: usize,
    now: Box<[usize]>,
    cycles: Box<[usize]>,
    state: State,
}

impl Permutations {
    /// `r` out of `n`.
    pub fn new(n: usize, r: usize) -> Permutations {
        let state = if r > n { State::Done } else { State::Fresh };
        let r = r.min(n);
        Permutations { r, now: (0..n).collect(), cycles: (0..r).map(|i| n - i).collect(), state }
    }

    /// The present sequence.
    pub fn indices(&self) -> &[usize] {
        &self.now[..self.r]
    }

    /// Goes to the next sequence.
    pub fn advance(&mut self) -> bool {
        if self.state.begin() {
            return true;
        }
        if self.state == State::Done {
            return false;
        }
        let n = self.now.len();
        for i in (0..self.r).rev() {
            self.cycles[i] -= 1;
            if self.cycles[i] > 0 {
                self.now.swap(i, n - self.cycles[i]);
                return true;
            }
            self.now[i..].rotate_left(1);
            self.cycles[i] = n - i;
        }
        self.state.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! all {
        ($g:expr) => {{
            let mut g = $g;
            let mut out = Vec::new();
            while g.advance() {
                out.push(g.indices().iter().map(|i| char::from(b'0' + *i as u8)).collect::<String>());
            }
            assert!(!g.advance(), "stays at the end");
            out.join(" ")
        }};
    }

    #[test]
    fn products() {
        assert_eq!(all!(Product::new(vec![2, 3])), "00 01 02 10 11 12");
        assert_eq!(all!(Product::new(vec![])), "");
        assert!(Product::new(vec![]).advance(), "one empty sequence");
        assert_eq!(all!(Product::new(vec![2, 0])), "");
    }

    #[test]
    fn combinations() {
        assert_eq!(all!(Combinations::new(4, 2, false)), "01 02 03 12 13 23");
        assert_eq!(all!(Combinations::new(3, 2, true)), "00 01 02 11 12 22");
        assert_eq!(all!(Combinations::new(2, 3, false)), "");
        assert_eq!(all!(Combinations::new(0, 2, true)), "");
        assert_eq!(all!(Combinations::new(2, 3, true)), "000 001 011 111");
        assert!(Combinations::new(0, 0, true).advance() && Combinations::new(0, 0, false).advance());
    }

    #[test]
    fn permutations() {
        assert_eq!(all!(Permutations::new(3, 3)), "012 021 102 120 201 210");
        assert_eq!(all!(Permutations::new(3, 2)), "01 02 10 12 20 21");
        assert_eq!(all!(Permutations::new(2, 3)), "");
        assert!(Permutations::new(3, 0).advance());
    }
}
