//! Small values that are kept as a whole word.
//!
//! An enum whose variants hold one word each goes from function to function in two registers. One whose variants are of
//! several widths goes through memory, written in pieces and read as a whole, which the processor waits for.

use std::fmt;
use std::marker::PhantomData;

use super::NodeId;

/// A small value in a word of its own.
pub struct Word<T>(u64, PhantomData<T>);

/// What fits into a word.
pub trait Small: Copy {
    /// As the bits of a word.
    fn into_word(self) -> u64;
    /// From the bits that [`Small::into_word`] gave.
    fn from_word(word: u64) -> Self;
}

impl<T: Small> Word<T> {
    /// The value.
    #[inline]
    pub fn get(self) -> T {
        T::from_word(self.0)
    }

    /// The word itself.
    pub(super) fn bits(self) -> u64 {
        self.0
    }

    /// One of the bits of another.
    pub(super) fn of_bits(bits: u64) -> Self {
        Self(bits, PhantomData)
    }
}

impl Word<(NodeId, NodeId)> {
    /// Neither of two.
    pub(super) const NO_NODES: Self = Self(u64::MAX, PhantomData);
}

impl<T: Small> From<T> for Word<T> {
    #[inline]
    fn from(value: T) -> Self {
        Self(value.into_word(), PhantomData)
    }
}

impl<T> Copy for Word<T> {}

impl<T> Clone for Word<T> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Small + PartialEq> PartialEq for Word<T> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Small + PartialEq> PartialEq<T> for Word<T> {
    #[inline]
    fn eq(&self, other: &T) -> bool {
        self.get() == *other
    }
}

impl<T: Small + fmt::Debug> fmt::Debug for Word<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(out)
    }
}

impl Small for bool {
    #[inline]
    fn into_word(self) -> u64 {
        u64::from(self)
    }

    #[inline]
    fn from_word(word: u64) -> Self {
        word != 0
    }
}

impl Small for u16 {
    #[inline]
    fn into_word(self) -> u64 {
        u64::from(self)
    }

    #[inline]
    fn from_word(word: u64) -> Self {
        word as Self
    }
}

impl Small for i32 {
    #[inline]
    fn into_word(self) -> u64 {
        u64::from(self.cast_unsigned())
    }

    #[inline]
    fn from_word(word: u64) -> Self {
        word as Self
    }
}

impl Small for f32 {
    #[inline]
    fn into_word(self) -> u64 {
        u64::from(self.to_bits())
    }

    #[inline]
    fn from_word(word: u64) -> Self {
        Self::from_bits(word as u32)
    }
}

impl Small for f64 {
    #[inline]
    fn into_word(self) -> u64 {
        self.to_bits()
    }

    #[inline]
    fn from_word(word: u64) -> Self {
        Self::from_bits(word)
    }
}

impl Small for NodeId {
    #[inline]
    fn into_word(self) -> u64 {
        u64::from(self.0)
    }

    #[inline]
    fn from_word(word: u64) -> Self {
        Self(word as u32)
    }
}

impl Small for (NodeId, NodeId) {
    #[inline]
    fn into_word(self) -> u64 {
        self.0.into_word() | self.1.into_word() << 32
    }

    #[inline]
    fn from_word(word: u64) -> Self {
        (NodeId::from_word(word), NodeId::from_word(word >> 32))
    }
}
