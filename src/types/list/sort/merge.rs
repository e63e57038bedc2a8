//! A stable merge sort that exploits runs, for comparisons that may fail.
//!
//! Runs are found from left to right: a maximal non-descending run, or a strictly descending one, which is reversed. Short
//! ones are extended by binary insertion. Which neighbours are merged first follows Munro and Wild, "Nearly-Optimal
//! Mergesorts" (ESA 2018): each boundary between runs gets a power, the depth at which it would lie in a perfectly balanced
//! tree over the array, and deeper boundaries are merged first. When one side of a merge keeps winning, the merge gallops:
//! it looks for the end of the winning streak by doubling steps (McIlroy, "Optimistic Sorting", SODA 1993).

/// Below this length an array is sorted by binary insertion alone.
const SMALL: usize = 64;
/// So many wins in a row switch a merge to galloping, at first.
const STREAK: usize = 7;

/// Sorts by `lt`, which says whether its first argument belongs before the second. Where it fails, what `items` holds
/// afterwards is unspecified (items may be there twice, or not at all).
pub fn sort<T: Copy, E>(items: &mut [T], lt: impl FnMut(T, T) -> Result<bool, E>) -> Result<(), E> {
    let n = items.len();
    if n < 2 {
        return Ok(());
    }
    let mut sorter = Sorter { items, lt, spare: Vec::new(), streak: STREAK };
    let least = least_run(n);
    // Runs not yet merged, each with the power of the boundary to its right-hand neighbour.
    let mut pending: Vec<(usize, usize, u32)> = Vec::new();
    let mut start = 0;
    let mut run = sorter.next_run(0, least)?;
    while start + run < n {
        let next_start = start + run;
        let next = sorter.next_run(next_start, least)?;
        let power = boundary_power(n, start, run, next);
        while let Some(&(before, len, p)) = pending.last()
            && p > power
        {
            pending.pop();
            sorter.merge(before, len, run)?;
            (start, run) = (before, len + run);
        }
        pending.push((start, run, power));
        (start, run) = (next_start, next);
    }
    while let Some((before, len, _)) = pending.pop() {
        sorter.merge(before, len, run)?;
        run += len;
    }
    Ok(())
}

/// The least length of a run: between half of `SMALL` and `SMALL`, such that `n` divided by it is a power of two or a
/// little less.
fn least_run(n: usize) -> usize {
    let mut n = n;
    let mut odd = 0;
    while n >= SMALL {
        odd |= n & 1;
        n >>= 1;
    }
    n + odd
}

/// The power of the boundary between the run of `left` items at `start` and its neighbour of `right` items: the number of
/// binary digits after which the runs' midpoints, as fractions of `n`, differ.
fn boundary_power(n: usize, start: usize, left: usize, right: usize) -> u32 {
    // Twice the midpoints, scaled to fractions with 62 digits.
    let scale = |twice_mid: usize| ((twice_mid as u128) << 62) / (2 * n as u128);
    let (a, b) = (scale(2 * start + left), scale(2 * (start + left) + right));
    ((a ^ b) as u64).leading_zeros().saturating_sub(1)
}

struct Sorter<'a, T, F> {
    items: &'a mut [T],
    lt: F,
    spare: Vec<T>,
    /// How many wins in a row make a merge gallop; falls where galloping pays.
    streak: usize,
}

impl<T: Copy, F> Sorter<'_, T, F> {
    /// Finds the run at `start`, makes it ascending and at least `least` long (or as long as the array goes).
    fn next_run<E>(&mut self, start: usize, least: usize) -> Result<usize, E>
    where
        F: FnMut(T, T) -> Result<bool, E>,
    {
        let rest = &mut self.items[start..];
        let mut run = 1.min(rest.len());
        if rest.len() > 1 {
            let descending = (self.lt)(rest[1], rest[0])?;
            run = 2;
            while run < rest.len() && (self.lt)(rest[run], rest[run - 1])? == descending {
                run += 1;
            }
            if descending {
                rest[..run].reverse();
            }
        }
        let end = least.min(rest.len());
        while run < end {
            let item = rest[run];
            let (mut low, mut high) = (0, run);
            while low < high {
                let middle = (low + high) / 2;
                if (self.lt)(item, rest[middle])? {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            rest.copy_within(low..run, low + 1);
            rest[low] = item;
            run += 1;
        }
        Ok(run)
    }

    /// Merges the adjacent runs of `left` and `right` items at `start`.
    fn merge<E>(&mut self, start: usize, left: usize, right: usize) -> Result<(), E>
    where
        F: FnMut(T, T) -> Result<bool, E>,
    {
        let (middle, end) = (start + left, start + left + right);
        // What is in place already: the left items up to the first right one, the right items from the last left one on.
        let first_right = self.items[middle];
        let skip = first_after(&self.items[start..middle], first_right, &mut self.lt, false)?;
        let start = start + skip;
        if start == middle {
            return Ok(());
        }
        let last_left = self.items[middle - 1];
        let keep = first_not_before(&self.items[middle..end], last_left, &mut self.lt, true)?;
        if middle - start <= keep {
            self.merge_forward(start, middle, middle + keep)
        } else {
            self.merge_backward(start, middle, middle + keep)
        }
    }

    /// Merges with the left run set aside, from the front.
    fn merge_forward<E>(&mut self, start: usize, middle: usize, end: usize) -> Result<(), E>
    where
        F: FnMut(T, T) -> Result<bool, E>,
    {
        self.spare.clear();
        self.spare.extend_from_slice(&self.items[start..middle]);
        let left = &self.spare[..];
        let items = &mut *self.items;
        let (mut l, mut r, mut out) = (0, middle, start);
        let (mut left_wins, mut right_wins) = (0, 0);
        while l < left.len() && r < end {
            if (self.lt)(items[r], left[l])? {
                items[out] = items[r];
                r += 1;
                (left_wins, right_wins) = (0, right_wins + 1);
            } else {
                items[out] = left[l];
                l += 1;
                (left_wins, right_wins) = (left_wins + 1, 0);
            }
            out += 1;
            if left_wins.max(right_wins) < self.streak {
                continue;
            }
            (left_wins, right_wins) = (0, 0);
            // Gallop as long as it pays.
            loop {
                let mut gain = 0;
                if r < end {
                    let n = first_after(&left[l..], items[r], &mut self.lt, false)?;
                    items[out..out + n].copy_from_slice(&left[l..l + n]);
                    (l, out, gain) = (l + n, out + n, gain.max(n));
                }
                if l < left.len() && r < end {
                    let n = first_not_before(&items[r..end], left[l], &mut self.lt, false)?;
                    items.copy_within(r..r + n, out);
                    (r, out, gain) = (r + n, out + n, gain.max(n));
                }
                if l >= left.len() || r >= end {
                    break;
                }
                if gain < STREAK {
                    self.streak += 2;
                    break;
                }
                self.streak = (self.streak - 1).max(1);
            }
        }
        let rest = left.len() - l;
        items[out..out + rest].copy_from_slice(&left[l..]);
        Ok(())
    }

    /// Merges with the right run set aside, from the back.
    fn merge_backward<E>(&mut self, start: usize, middle: usize, end: usize) -> Result<(), E>
    where
        F: FnMut(T, T) -> Result<bool, E>,
    {
        self.spare.clear();
        self.spare.extend_from_slice(&self.items[middle..end]);
        let right = &self.spare[..];
        let items = &mut *self.items;
        // `l`, `r` and `out` are the ends of what is left.
        let (mut l, mut r, mut out) = (middle, right.len(), end);
        let (mut left_wins, mut right_wins) = (0, 0);
        while l > start && r > 0 {
            if (self.lt)(right[r - 1], items[l - 1])? {
                items[out - 1] = items[l - 1];
                l -= 1;
                (left_wins, right_wins) = (left_wins + 1, 0);
            } else {
                items[out - 1] = right[r - 1];
                r -= 1;
                (left_wins, right_wins) = (0, right_wins + 1);
            }
            out -= 1;
            if left_wins.max(right_wins) < self.streak {
                continue;
            }
            (left_wins, right_wins) = (0, 0);
            loop {
                let mut gain = 0;
                if l > start && r > 0 {
                    let from = first_after(&items[start..l], right[r - 1], &mut self.lt, true)? + start;
                    let n = l - from;
                    items.copy_within(from..l, out - n);
                    (l, out, gain) = (from, out - n, gain.max(n));
                }
                if l > start && r > 0 {
                    let from = first_not_before(&right[..r], items[l - 1], &mut self.lt, true)?;
                    let n = r - from;
                    items[out - n..out].copy_from_slice(&right[from..r]);
                    (r, out, gain) = (from, out - n, gain.max(n));
                }
                if l <= start || r == 0 {
                    break;
                }
                if gain < STREAK {
                    self.streak += 2;
                    break;
                }
                self.streak = (self.streak - 1).max(1);
            }
        }
        items[out - r..out].copy_from_slice(&right[..r]);
        Ok(())
    }
}

/// How many of the sorted `items` are not after `item` (equal ones are before it). Searches by doubling steps from the
/// front or the back.
fn first_after<T: Copy, E>(
    items: &[T],
    item: T,
    lt: &mut impl FnMut(T, T) -> Result<bool, E>,
    from_back: bool,
) -> Result<usize, E> {
    boundary(items, |other| lt(item, other).map(|before| !before), from_back)
}

/// How many of the sorted `items` are before `item` (equal ones are not).
fn first_not_before<T: Copy, E>(
    items: &[T],
    item: T,
    lt: &mut impl FnMut(T, T) -> Result<bool, E>,
    from_back: bool,
) -> Result<usize, E> {
    boundary(items, |other| lt(other, item), from_back)
}

/// The number of leading items for which `leads` holds; it holds for no item after one for which it does not.
fn boundary<T: Copy, E>(items: &[T], mut leads: impl FnMut(T) -> Result<bool, E>, from_back: bool) -> Result<usize, E> {
    let n = items.len();
    // The answer lies in `low..=high`.
    let (mut low, mut high) = (0, n);
    let mut step = 1;
    if from_back {
        while step <= n {
            if leads(items[n - step])? {
                low = n - step + 1;
                break;
            }
            high = n - step;
            step *= 2;
        }
    } else {
        while step <= n {
            if !leads(items[step - 1])? {
                high = step - 1;
                break;
            }
            low = step;
            step *= 2;
        }
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if leads(items[middle])? {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(seed: &mut u64) -> u64 {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        *seed
    }

    /// Sorts pairs by their first part only; the second shows whether equal ones kept their order.
    fn check(mut items: Vec<(u64, usize)>) -> usize {
        items.iter_mut().enumerate().for_each(|(i, item)| item.1 = i);
        let mut expected = items.clone();
        expected.sort_by_key(|item| item.0);
        let mut count = 0;
        sort(&mut items, |a, b| {
            count += 1;
            Ok::<bool, ()>(a.0 < b.0)
        })
        .unwrap();
        assert_eq!(items, expected);
        count
    }

    #[test]
    fn sorts_stably_whatever_the_shape() {
        let mut seed = 0x9e37_79b9_7f4a_7c15;
        for n in (0..70).chain([100, 127, 128, 129, 500, 1000, 4097]) {
            for modulus in [1, 2, 7, 1 << 40] {
                check((0..n).map(|_| (random(&mut seed) % modulus, 0)).collect());
            }
            check((0..n).map(|i| (i, 0)).collect());
            check((0..n).rev().map(|i| (i, 0)).collect());
            check((0..n).map(|i| (i / 2 * 2, 0)).rev().collect());
            // Runs that gallop: long blocks that interleave rarely.
            check((0..n).map(|i| (i % 3 * 1000 + i / 30, 0)).collect());
            check((0..n).map(|i| (if i < n / 2 { i * 2 } else { (i - n / 2) * 2 + 1 }, 0)).collect());
        }
    }

    #[test]
    fn runs_cost_little() {
        let n = 10_000;
        assert_eq!(check((0..n).map(|i| (i, 0)).collect()), n as usize - 1);
        assert_eq!(check((0..n).rev().map(|i| (i, 0)).collect()), n as usize - 1);
        // Two runs, one before the other: found by galloping.
        assert!(check((0..n).map(|i| ((i + n / 2) % n, 0)).collect()) < n as usize + 100);
    }

    #[test]
    fn failure_stops() {
        let mut items: Vec<u64> = (0..1000).rev().chain(0..1000).collect();
        let mut left = 1500;
        let result = sort(&mut items, |a, b| {
            left -= 1;
            if left == 0 { Err("enough") } else { Ok(a < b) }
        });
        assert_eq!(result, Err("enough"));
        assert_eq!(left, 0);
    }
}
