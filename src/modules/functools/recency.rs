//! Which entry of a bounded cache was used least recently, without a lock taken for each use.
//!
//! The entries form a list by last use, under the lock of the cache's object. While the process has one thread, each use
//! moves its entry there. With more, a use is noted for the time being (`sync::uses`). Whoever needs the order (to drop the
//! oldest entry), or finds no room to note a use, applies all that were noted first.

use std::time::Instant;

use crate::modules::support::Guarded;
use crate::object::slots::Visit;
use crate::object::thread::{self, Thread};
use crate::object::value::{Stored, Value};
use crate::sync::uses::{Use, Uses};

pub use crate::sync::uses::Ticket;

/// A place that is none.
const NOWHERE: u32 = u32::MAX;

/// A key with its hash, on its way out of the list: for the caller to drop.
pub struct Gone {
    pub key: Stored,
    pub hash: i64,
    pub ticket: Ticket,
}

struct Node {
    key: Stored,
    hash: i64,
    number: u64,
    older: u32,
    newer: u32,
}

/// The list. Its methods run no Python code and drop no value.
pub struct Order {
    nodes: Vec<Option<Node>>,
    free: Vec<u32>,
    oldest: u32,
    newest: u32,
    last_number: u64,
    /// Room for the uses that are being applied.
    uses: Vec<Use<Instant>>,
}

impl Order {
    /// No entries; numbers begin behind `last_number`.
    pub fn new(last_number: u64) -> Order {
        Order { nodes: Vec::new(), free: Vec::new(), oldest: NOWHERE, newest: NOWHERE, last_number, uses: Vec::new() }
    }

    /// How many entries there are.
    pub fn count(&self) -> usize {
        self.nodes.len() - self.free.len()
    }

    /// The number given last.
    pub fn last_number(&self) -> u64 {
        self.last_number
    }

    /// Whether the entry is in the list.
    pub fn contains(&self, ticket: Ticket) -> bool {
        self.nodes.get(ticket.place as usize).is_some_and(|n| n.as_ref().is_some_and(|n| n.number == ticket.number))
    }

    fn node(&mut self, place: u32) -> Option<&mut Node> {
        self.nodes.get_mut(place as usize)?.as_mut()
    }

    fn unlink(&mut self, older: u32, newer: u32) {
        match self.node(older) {
            Some(node) => node.newer = newer,
            None => self.oldest = newer,
        }
        match self.node(newer) {
            Some(node) => node.older = older,
            None => self.newest = older,
        }
    }

    /// Makes a node, which is in no list, the newest.
    fn link_newest(&mut self, place: u32) {
        let older = std::mem::replace(&mut self.newest, place);
        match self.node(older) {
            Some(node) => node.newer = place,
            None => self.oldest = place,
        }
        if let Some(node) = self.node(place) {
            (node.older, node.newer) = (older, NOWHERE);
        }
    }

    /// Makes an entry the newest, if it is in the list.
    fn touch(&mut self, ticket: Ticket) {
        if self.newest == ticket.place || !self.contains(ticket) {
            return;
        }
        if let Some(node) = self.node(ticket.place) {
            let (older, newer) = (node.older, node.newer);
            self.unlink(older, newer);
            self.link_newest(ticket.place);
        }
    }

    /// Adds an entry as the newest.
    pub fn add(&mut self, key: Stored, hash: i64) -> Ticket {
        self.last_number += 1;
        let number = self.last_number;
        let node = Some(Node { key, hash, number, older: NOWHERE, newer: NOWHERE });
        let place = match self.free.pop() {
            Some(place) => {
                self.nodes[place as usize] = node;
                place
            }
            None => {
                self.nodes.push(node);
                // Memory for so many nodes does not exist.
                u32::try_from(self.nodes.len() - 1).expect("less than 4 Gi entries")
            }
        };
        self.link_newest(place);
        Ticket { place, number }
    }

    /// Removes the entry used least recently.
    pub fn remove_oldest(&mut self) -> Option<Gone> {
        let place = self.oldest;
        let number = self.node(place)?.number;
        self.remove(Ticket { place, number })
    }

    /// Removes an entry, if it is in the list.
    pub fn remove(&mut self, ticket: Ticket) -> Option<Gone> {
        if !self.contains(ticket) {
            return None;
        }
        let node = self.nodes[ticket.place as usize].take()?;
        self.free.push(ticket.place);
        self.unlink(node.older, node.newer);
        Some(Gone { key: node.key, hash: node.hash, ticket })
    }
}

/// See the module's documentation.
pub struct Recency {
    order: Guarded<Order>,
    uses: Uses<Instant>,
}

impl Default for Recency {
    /// No entries.
    fn default() -> Recency {
        Recency { order: Guarded::new(Order::new(0)), uses: Uses::default() }
    }
}

impl Recency {
    /// Notes that an entry was used. `v` is the cache's object.
    pub fn touch(&self, t: &Thread, v: &Value, ticket: Ticket) {
        if !thread::multi() {
            return self.order.with(t, v, |order| order.touch(ticket));
        }
        if !self.uses.note(t.id, Instant::now, ticket) {
            self.with(t, v, |order| order.touch(ticket));
        }
    }

    /// Whether the entry is in the list.
    pub fn contains(&self, t: &Thread, v: &Value, ticket: Ticket) -> bool {
        self.order.with(t, v, |order| order.contains(ticket))
    }

    /// Runs `f` on the list as it is after all uses; the rules of `Guarded::with` apply to `f`.
    pub fn with<R>(&self, t: &Thread, v: &Value, f: impl FnOnce(&mut Order) -> R) -> R {
        self.order.with(t, v, |order| {
            if thread::multi() {
                let mut uses = std::mem::take(&mut order.uses);
                self.uses.drain(&mut uses);
                uses.drain(..).for_each(|noted| order.touch(noted.ticket));
                order.uses = uses;
            }
            f(order)
        })
    }

    /// For `Payload::trace`: nobody else has the object, or the world is stopped.
    pub fn trace(&self, visit: Visit) {
        self.order.stopped().nodes.iter().flatten().for_each(|node| visit(&node.key));
    }

    /// For `Payload::clear`: nobody else has the object.
    pub fn clear(&self) {
        drop(self.order.replace_unreachable(Order::new(0)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_follows_use() {
        let mut order = Order::new(0);
        let mut add = |n: i64| order.add(Stored::new(Value::int(n)), n);
        let (a, b, c) = (add(1), add(2), add(3));
        assert_eq!((order.oldest, order.newest, order.count()), (a.place, c.place, 3));
        order.touch(a);
        assert_eq!((order.oldest, order.newest), (b.place, a.place));
        assert!(order.remove(c).is_some() && order.remove(c).is_none());
        assert_eq!(order.remove_oldest().map(|gone| (gone.hash, gone.ticket)), Some((2, b)));
        let d = order.add(Stored::new(Value::int(4)), 4);
        assert_eq!((d.place, order.count()), (b.place, 2), "a place is used again");
        // The old ticket of that place names nothing.
        order.touch(b);
        assert!(!order.contains(b) && order.contains(d) && order.remove(b).is_none());
        order.touch(a);
        assert_eq!((order.oldest, order.newest), (d.place, a.place));
        assert_eq!(order.remove_oldest().map(|gone| gone.hash), Some(4));
        assert_eq!(order.remove_oldest().map(|gone| gone.hash), Some(1));
        assert!(order.remove_oldest().is_none());
        assert_eq!((order.oldest, order.newest, order.count()), (NOWHERE, NOWHERE, 0));
    }
}
