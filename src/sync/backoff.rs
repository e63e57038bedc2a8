//! How long a thread stays away from a lock that others want at the same time.
//!
//! Where a critical section is shorter than the time a cache line takes from one core to another, threads that take turns
//! finish less than one of them alone: every operation waits for the line. What helps is that all but one stay away for so
//! long that the one, whose cache then holds the lines, finishes many operations; after it comes the next.
//!
//! Each thread decides by its own collisions (attempts that found a lock taken), since nothing that threads share is cheap
//! enough to write. Collisions that follow each other within `SHORT` say that the line moves with every operation: after
//! `PATIENCE` of them the thread stays away after each one, for `AWAY`, and for up to four times as long if it collides again
//! right after its return. After `VISITS` such absences, or a long time without a collision, it tries without. Collisions
//! farther apart say that threads have enough else to do meanwhile, and cost them a few pauses only.
//!
//! Where the section is a few instructions, threads wait for the line and hardly ever find the lock taken. So each
//! `INTERVAL`-th time a thread leaves a mark in the lock that it takes, which whoever comes next takes away. One's own mark says
//! that nobody came between; another thread's counts as a collision, for a gap that is a share of the time since the last. While
//! a thread stays away now and then, it leaves marks more often, since it is between two absences that threads take turns.
//!
//! The figures: a line takes 50 to 300 ns to the other core, and two or three lines move with an operation on a container.

use super::shim::{schedule, spin_loop};
use std::cell::Cell;
use std::time::{Duration, Instant};

/// Collisions that follow each other faster than this mean that staying away pays.
const SHORT: Duration = Duration::from_nanos(1500);
/// How many it takes.
const PATIENCE: u32 = 3;
/// How long a thread stays away.
const AWAY: Duration = Duration::from_micros(20);
/// How often the time doubles at most.
const DOUBLINGS: u32 = 2;
/// Absences until the thread tries without again.
const VISITS: u32 = 64;
/// Time without a collision after which it does.
const QUIET: Duration = Duration::from_millis(2);
/// Every how many locks a thread leaves a mark.
const INTERVAL: u32 = 128;
/// The same, while it stays away now and then.
const SHORT_INTERVAL: u32 = 16;

/// A thread's memory of its collisions.
#[derive(Default)]
pub struct Backoff {
    /// When the thread got the last lock that it had to wait for.
    last: Cell<Option<Instant>>,
    /// Short collisions in a row.
    row: Cell<u32>,
    /// Absences since the thread began to stay away; 0 while it does not.
    visits: Cell<u32>,
    /// Locks until the next mark.
    ticks: Cell<i32>,
    /// Where the last mark was left.
    mark: Cell<usize>,
    /// The absence that marks of others have brought about.
    owed: Cell<Duration>,
}

impl Backoff {
    /// Notes a collision; how long to stay away now. (In a model, the first one is for staying away; in a test's schedule, what
    /// its seed says.)
    pub fn collide(&self) -> Duration {
        if cfg!(loom) {
            return if self.visits.replace(1) == 0 { AWAY } else { Duration::ZERO };
        }
        if schedule::is_mine() {
            return if schedule::draw(8) == 0 { AWAY } else { Duration::ZERO };
        }
        self.collide_after(self.last.get().map_or(Duration::MAX, |last| last.elapsed()))
    }

    fn collide_after(&self, gap: Duration) -> Duration {
        let row = if gap < SHORT { self.row.get() + 1 } else { 0 };
        self.row.set(row);
        let visits = match self.visits.get() {
            0 if row < PATIENCE => 0,
            0 => {
                self.row.set(0);
                1
            }
            VISITS.. => 0,
            _ if gap > QUIET => 0,
            visits => visits + 1,
        };
        self.visits.set(visits);
        if visits == 0 {
            return Duration::ZERO;
        }
        AWAY * (1 << self.row.get().min(DOUBLINGS))
    }

    /// Counts a lock about to be taken; whether to leave a mark there. (In a model, always.)
    #[inline(always)]
    pub fn tick(&self) -> bool {
        let ticks = self.ticks.get() - 1;
        self.ticks.set(ticks);
        cfg!(loom) || ticks <= 0
    }

    fn interval(&self) -> u32 {
        if self.visits.get() == 0 { INTERVAL } else { SHORT_INTERVAL }
    }

    /// Notes where the thread has left a mark.
    pub fn marked(&self, lock: usize) {
        self.mark.set(lock);
    }

    /// Notes a mark in a lock that the thread has got.
    pub fn met(&self, lock: usize) {
        if self.mark.replace(0) == lock || cfg!(loom) || schedule::is_mine() {
            return;
        }
        let gap = self.last.get().map_or(Duration::MAX, |last| last.elapsed());
        self.owed.set(self.collide_after(gap / self.interval()));
        if !self.owed.get().is_zero() {
            // At the next lock.
            self.ticks.set(1);
        }
        self.acquired();
    }

    /// For how long to stay away before the lock that gets a mark; the next mark comes after an interval.
    pub fn owed(&self) -> Duration {
        self.ticks.set(self.interval() as i32);
        self.owed.take()
    }

    /// Notes that the thread has got the lock.
    pub fn acquired(&self) {
        self.last.set(Some(Instant::now()));
    }
}

/// Lets time pass without touching anything that others use.
pub fn stay_away(time: Duration) {
    if cfg!(loom) || schedule::is_mine() {
        return spin_loop();
    }
    let start = Instant::now();
    while start.elapsed() < time {
        for _ in 0..8 {
            spin_loop();
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn collisions_in_a_row_make_a_thread_stay_away_for_a_while() {
        let (short, long) = (Duration::from_nanos(200), Duration::from_micros(50));
        let backoff = Backoff::default();
        assert_eq!(backoff.collide(), Duration::ZERO);
        assert!((1..PATIENCE).all(|_| backoff.collide_after(short).is_zero()));
        assert_eq!(backoff.collide_after(short), AWAY);
        assert_eq!(backoff.collide_after(short), 2 * AWAY);
        assert_eq!(backoff.collide_after(short), 4 * AWAY);
        assert_eq!(backoff.collide_after(short), 4 * AWAY);
        assert_eq!(backoff.collide_after(long), AWAY);
        assert!(backoff.collide_after(QUIET * 2).is_zero());
        // And not for ever.
        let absences = (0..3 * VISITS).filter(|_| !backoff.collide_after(short).is_zero()).count() as u32;
        assert!((VISITS..3 * VISITS).contains(&absences));
    }

    #[test]
    fn marks_of_others_in_a_row_make_a_thread_stay_away() {
        let backoff = Backoff::default();
        let marks = (0..3 * INTERVAL).filter(|_| backoff.tick() && backoff.owed().is_zero()).count();
        assert_eq!(marks, 3);
        backoff.marked(8);
        backoff.met(8);
        assert!(backoff.owed().is_zero(), "one's own mark is no collision");
        backoff.met(8);
        for _ in 0..PATIENCE {
            assert!(backoff.owed.get().is_zero());
            // As if the last one had been just now: a test must not depend on how fast it runs.
            backoff.last.set(Some(Instant::now() + Duration::from_secs(3600)));
            backoff.met(8);
        }
        assert!(backoff.tick(), "at the next lock");
        assert_eq!(backoff.owed(), AWAY);
        assert!(backoff.owed().is_zero());
        assert_eq!(backoff.ticks.get(), SHORT_INTERVAL as i32);
    }

    #[test]
    fn collisions_far_apart_cost_no_absence() {
        let backoff = Backoff::default();
        assert!((0..100).all(|_| backoff.collide_after(Duration::from_micros(3)).is_zero()));
    }
}
