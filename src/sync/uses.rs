//! Last uses of entries, noted by many threads without a lock that all of them take; put in order by whoever needs it.
//!
//! A use is noted in one of a few lanes, with the time: a lane holds the last use of each of some entries, so that a thread
//! that uses the same ones again and again writes its own lane only.
//!
//! Rules:
//! 1. A use takes its time and its count under its lane's lock, so that the uses of a lane are in their order.
//! 2. Whoever needs the order takes all uses out (`drain`) with all lanes locked at once, and applies them by time and, in
//!    one lane, by count.
//!
//! Why the order is exact: of two uses of which one happened before the other, on one thread or by whatever synchronises
//! two, the first has the earlier time or, in the same lane, the lower count (rule 1). And it is never applied behind the
//! other: if the first finds its lane drained already, all lanes were locked before it was noted, so the second, which is
//! noted later still, finds its lane drained as well (rule 2). Uses that ran at the same time have no order. Earlier uses of
//! an entry say nothing once there is a later one.

use super::shim::{Mutex, Padded, weakened};

/// Each thread notes its uses in one of them.
const LANES: usize = if cfg!(loom) { 2 } else { 8 };
/// How many uses a lane has room for; a power of two. A cache of `lru_cache`'s standard size fits.
const ROOM: usize = if cfg!(loom) { 4 } else { 128 };
/// How many places of a lane are tried for a use.
const TRIES: usize = if cfg!(loom) { 2 } else { 8 };

/// Names an entry for ever: places in its list are used again, numbers are not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ticket {
    pub place: u32,
    pub number: u64,
}

/// The last use of an entry.
#[derive(Clone, Copy)]
pub struct Use<Time> {
    time: Time,
    /// Counts the lane's uses, for those at the same time.
    count: u64,
    pub ticket: Ticket,
}

/// The last uses of some entries by the threads of one lane, by the entry's place.
struct Lane<Time> {
    uses: Vec<Option<Use<Time>>>,
    count: u64,
}

impl<Time: Copy> Lane<Time> {
    /// Notes a use; whether there was room.
    fn note(&mut self, time: Time, ticket: Ticket) -> bool {
        if self.uses.is_empty() {
            self.uses = vec![None; ROOM];
        }
        self.count += 1;
        let noted = Use { time, count: self.count, ticket };
        for place in (ticket.place as usize..).take(TRIES).map(|place| place % ROOM) {
            match &mut self.uses[place] {
                // Of two entries at one place of the list, the one with the lower number is gone.
                Some(other) if other.ticket.place != ticket.place => {}
                Some(other) if other.ticket.number > ticket.number => return true,
                Some(_) if weakened("uses: the last counts") => return true,
                slot => {
                    *slot = Some(noted);
                    return true;
                }
            }
        }
        false
    }

    /// Moves all uses to the end of `to`.
    fn drain(&mut self, to: &mut Vec<Use<Time>>) {
        if self.count > 0 {
            to.extend(self.uses.iter_mut().filter_map(Option::take));
            self.count = 0;
        }
    }
}

/// See the module's documentation.
pub struct Uses<Time>(Box<[Padded<Mutex<Lane<Time>>>]>);

impl<Time: Copy + Ord> Default for Uses<Time> {
    /// None.
    fn default() -> Uses<Time> {
        Uses((0..LANES).map(|_| Padded(Mutex::new(Lane { uses: Vec::new(), count: 0 }))).collect())
    }
}

impl<Time: Copy + Ord> Uses<Time> {
    /// Notes a use by a thread, at the time that `now` tells; false if its lane has no room.
    pub fn note(&self, thread: u32, now: impl Fn() -> Time, ticket: Ticket) -> bool {
        let early = weakened("uses: time under the lock").then(&now);
        let mut lane = self.0[thread as usize % LANES].lock();
        lane.note(early.unwrap_or_else(now), ticket)
    }

    /// Takes all uses out, into `to`, in their order.
    pub fn drain(&self, to: &mut Vec<Use<Time>>) {
        if weakened("uses: all lanes at once") {
            self.0.iter().for_each(|lane| lane.lock().drain(to));
        } else {
            let mut lanes: [_; LANES] = std::array::from_fn(|lane| self.0[lane].lock());
            lanes.iter_mut().for_each(|lane| lane.drain(to));
        }
        if !weakened("uses: in order") {
            to.sort_by_key(|noted| (noted.time, noted.count));
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_lane_holds_the_last_use_of_each_entry() {
        let mut lane = Lane { uses: Vec::new(), count: 0 };
        let ticket = |place, number| Ticket { place, number };
        assert!((0..3).all(|_| lane.note(5, ticket(1, 1)) && lane.note(5, ticket(2, 2))));
        // Place 1 was used again; its old entry comes too late.
        assert!(lane.note(5, ticket(1, 9)) && lane.note(5, ticket(1, 1)));
        let mut uses = Vec::new();
        lane.drain(&mut uses);
        assert_eq!(uses.iter().map(|noted| noted.ticket.number).collect::<Vec<_>>(), [9, 2]);
        assert!(uses[1].count < uses[0].count);
        // Entries whose places fall together find room, up to a point.
        let room = (0..20).take_while(|n| lane.note(5, ticket(5 + n * ROOM as u32, *n as u64))).count();
        assert_eq!(room, TRIES);
    }

    #[test]
    fn uses_come_out_in_the_order_of_their_times() {
        let uses = Uses::default();
        let ticket = |place| Ticket { place, number: u64::from(place) };
        assert!(uses.note(0, || 2, ticket(1)) && uses.note(1, || 1, ticket(2)) && uses.note(0, || 2, ticket(3)));
        let mut drained = Vec::new();
        uses.drain(&mut drained);
        assert_eq!(drained.iter().map(|noted| noted.ticket.place).collect::<Vec<_>>(), [2, 1, 3]);
        drained.clear();
        uses.drain(&mut drained);
        assert!(drained.is_empty());
    }
}
