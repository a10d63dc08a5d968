//! A text that is looked for again and again.

use memchr::memmem::Finder;

/// What is looked for, made ready once.
#[derive(Debug)]
pub enum Needle {
    /// One byte.
    Byte(u8),
    /// More of them, or none.
    Text(Box<Finder<'static>>),
}

impl Needle {
    /// Makes a text ready to be looked for.
    pub fn new(text: &[u8]) -> Self {
        match *text {
            [byte] => Self::Byte(byte),
            _ => Self::Text(Box::new(Finder::new(text).into_owned())),
        }
    }

    /// Where it is first.
    pub fn find(&self, text: &[u8]) -> Option<usize> {
        match self {
            Self::Byte(byte) => memchr::memchr(*byte, text),
            Self::Text(finder) => finder.find(text),
        }
    }

    /// How many bytes it has.
    pub fn length(&self) -> usize {
        match self {
            Self::Byte(_) => 1,
            Self::Text(finder) => finder.needle().len(),
        }
    }
}
