//! Chance, always the same for a seed.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

/// Where all choices come from.
pub(super) struct Dice(StdRng);

impl Dice {
    /// The choices for one chain of a run.
    pub(super) fn new(seed: u64, number: u64) -> Self {
        Self(StdRng::seed_from_u64(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(number)))
    }

    /// True in so many of a hundred times.
    pub(super) fn percent(&mut self, of_hundred: u32) -> bool {
        self.0.random_range(0..100) < of_hundred
    }

    /// A number from 0 on that is less than this one, which is not 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end)
    }

    /// Any integer.
    pub(super) fn integer(&mut self) -> i64 {
        self.0.random()
    }

    /// One of these, of which there is at least one.
    pub(super) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from.choose(&mut self.0).expect("something to choose from").clone()
    }

    /// One of these texts.
    pub(super) fn text(&mut self, from: &[&str]) -> String {
        self.pick(from).to_owned()
    }
}
