//! Words that many events have, kept as bits or as lists of rows beside the full-text index. Pairs of chunks that follow each other
//! ([`crate::words`]) are kept here alone: the rows of frequent ones, and of the others whether a block has them at all
//! ([`crate::sieve`]).
//!
//! In an index each row with such a word is an entry that is sorted in, merged and walked over; here it is set down once. Which words are frequent is found out for each block of rows that is indexed at once, so a word can be frequent in some
//! blocks, and in the full-text index for the others.

use hashbrown::HashMap;
use rusqlite::Connection;

use crate::StoreError;
use crate::bitmap::Bitmap;
use crate::sieve::{self, Sieve};
use crate::text::Word;
use crate::words::{is_doubt, is_pair};

/// A word is frequent when one of so many rows has it: for rarer ones looking into each block costs more than entries.
const SHARE: usize = 128;
/// So many rows tell which words are frequent.
const SAMPLE: usize = 512;

/// A row and its words: ` word word `.
pub(crate) type Row<'a> = (u32, &'a str);

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ').filter(|word| !word.is_empty())
}

/// The frequent words of some consecutive rows, each with its rows.
pub(crate) struct Block<'a> {
    first: u32,
    places: HashMap<&'a str, usize>,
    words: Vec<(&'a str, Bitmap)>,
    /// Pairs that are not frequent, and what makes pairs ambiguous.
    others: Sieve,
}

impl<'a> Block<'a> {
    /// Finds the frequent words of some rows, by a sample of them; what is not found is merely no frequent word.
    pub(crate) fn new(rows: &[Row<'a>]) -> Self {
        let first = rows.first().map_or(0, |(row, _)| *row);
        let step = rows.len().div_ceil(SAMPLE).max(1);
        let mut counts: HashMap<&str, usize> = HashMap::new();
        // Not every so many, which would meet one source of several that take turns.
        let is_sample =
            |at: usize| (((at as u32).wrapping_mul(0x9E37_79B1) >> 8) as usize).is_multiple_of(step);
        for (_, text) in rows.iter().enumerate().filter(|(at, _)| is_sample(*at)).map(|(_, row)| row) {
            for word in words_of(text).filter(|word| !is_doubt(word)) {
                *counts.entry(word).or_default() += 1;
            }
        }
        let enough = rows.len().div_ceil(step).div_ceil(SHARE).max(2);
        let mut words: Vec<_> =
            counts.into_iter().filter(|&(_, count)| count >= enough).map(|(word, _)| word).collect();
        words.sort_unstable();
        let room = first as usize % 64 + rows.len();
        Self {
            first,
            places: words.iter().enumerate().map(|(at, word)| (*word, at)).collect(),
            words: words.into_iter().map(|word| (word, Bitmap::new(room))).collect(),
            others: Sieve::default(),
        }
    }

    /// Takes the frequent words out of a row; the others are left in `rest`.
    pub(crate) fn take(&mut self, (row, text): Row<'_>, rest: &mut String) {
        rest.clear();
        let bit = (row - self.first / 64 * 64) as usize;
        for word in words_of(text) {
            if is_doubt(word) {
                self.others.add(word);
                continue;
            }
            match self.places.get(word) {
                Some(&at) => self.words[at].1.set(bit),
                None if is_pair(word) => self.others.add(word),
                None => {
                    rest.push_str(word);
                    rest.push(' ');
                }
            }
        }
    }

    /// Writes the block.
    pub(crate) fn write(self, connection: &Connection) -> Result<(), StoreError> {
        let mut list = String::from(" ");
        let mut insert = connection.prepare_cached("INSERT INTO frequent VALUES (?1, ?2, ?3)")?;
        for (word, rows) in &self.words {
            list.push_str(word);
            list.push(' ');
            insert.execute((self.first, word, to_bytes(rows)))?;
        }
        connection.prepare_cached("INSERT INTO block VALUES (?1, ?2, ?3)")?.execute((
            self.first,
            list,
            self.others.into_bytes(),
        ))?;
        Ok(())
    }
}

/// The rows of a pair of chunks.
pub(crate) struct Pair {
    /// Those that have it.
    pub(crate) sure: Bitmap,
    /// Those of blocks of which some may have it.
    pub(crate) perhaps: Bitmap,
}

/// The blocks of a partition, with their words.
pub(crate) struct Blocks(Vec<(u32, String)>);

impl Blocks {
    /// Reads the blocks that begin with one of some rows.
    pub(crate) fn read(connection: &Connection, first: usize, rows: usize) -> Result<Self, StoreError> {
        let sql = "SELECT first, words FROM block WHERE first >= ?1 AND first < ?2";
        let mut statement = connection.prepare_cached(sql)?;
        let blocks = statement.query_map([first, first + rows], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Self(blocks.collect::<Result<_, _>>()?))
    }

    /// Whether a word is frequent in any of them; with `prefix` every word that begins so.
    pub(crate) fn have(&self, word: &str, prefix: bool) -> bool {
        self.0.iter().any(|(_, words)| occurrences(words, word, prefix).next().is_some())
    }

    /// What is known of some pairs and what makes them ambiguous, for `rows` rows from row `first` on.
    pub(crate) fn pairs<'t>(
        &self,
        connection: &Connection,
        first: usize,
        rows: usize,
        terms: impl Iterator<Item = &'t Word>,
    ) -> Result<Vec<Pair>, StoreError> {
        let terms: Vec<&str> = terms.map(|word| word.text.as_str()).collect();
        let none = || Pair { sure: Bitmap::new(rows), perhaps: Bitmap::new(rows) };
        let mut found: Vec<Pair> = terms.iter().map(|_| none()).collect();
        let mut statement = connection.prepare_cached("SELECT others FROM block WHERE first = ?1")?;
        let ends = self.0.iter().skip(1).map(|(block, _)| *block as usize).chain([first + rows]);
        for ((block, words), end) in self.0.iter().zip(ends) {
            let start = *block as usize;
            let mut others = statement.query([start])?;
            let row =
                others.next()?.ok_or_else(|| StoreError::Damaged(format!("block {start} is missing")))?;
            let others = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            for (term, pair) in terms.iter().zip(&mut found) {
                if occurrences(words, term, false).next().is_some() {
                    self.add_of(connection, *block, term, first, &mut pair.sure)?;
                } else if sieve::may_have(others, term) {
                    (start - first..end - first).for_each(|row| pair.perhaps.set(row));
                }
            }
        }
        Ok(found)
    }

    /// Adds the rows of a word that is frequent in a block.
    fn add_of(
        &self,
        connection: &Connection,
        block: u32,
        word: &str,
        first: usize,
        found: &mut Bitmap,
    ) -> Result<(), StoreError> {
        let mut statement =
            connection.prepare_cached("SELECT rows FROM frequent WHERE first = ?1 AND word = ?2")?;
        let mut rows = statement.query((block, word))?;
        let damaged = || StoreError::Damaged(format!("the rows of a word of block {block} are missing"));
        let row = rows.next()?.ok_or_else(damaged)?;
        let bytes = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        add_bytes(found, block as usize / 64 * 64 - first, bytes);
        Ok(())
    }

    /// Adds the rows that have a word, counted from row `first` on, which is a multiple of 64.
    pub(crate) fn add(
        &self,
        connection: &Connection,
        first: usize,
        word: &str,
        prefix: bool,
        found: &mut Bitmap,
    ) -> Result<(), StoreError> {
        for (block, words) in &self.0 {
            for word in occurrences(words, word, prefix) {
                self.add_of(connection, *block, word, first, found)?;
            }
        }
        Ok(())
    }
}

/// How rows are written.
const BITS: u8 = 0;
const LIST: u8 = 1;

/// The rows of a word: a bit for each row, or the steps between those that have it, whichever is less.
fn to_bytes(rows: &Bitmap) -> Vec<u8> {
    if rows.len() < rows.size() {
        let mut list = vec![LIST];
        let mut last = 0;
        for row in rows.iter() {
            write_number(row - last, &mut list);
            last = row;
        }
        if list.len() <= rows.size() {
            return list;
        }
    }
    std::iter::once(BITS).chain(rows.to_bytes()).collect()
}

/// Seven bits a byte, the lowest first; a byte that another one follows has its highest bit set.
fn write_number(mut number: usize, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Adds what [`to_bytes`] wrote; its rows count from `first`, a multiple of 64.
fn add_bytes(found: &mut Bitmap, first: usize, bytes: &[u8]) {
    match bytes.split_first() {
        Some((&LIST, list)) => {
            let (mut row, mut step, mut shift) = (first, 0, 0);
            for byte in list {
                step |= usize::from(byte & 0x7f) << (shift & 31);
                if byte & 0x80 != 0 {
                    shift += 7;
                    continue;
                }
                row += step;
                found.set(row);
                (step, shift) = (0, 0);
            }
        }
        Some((_, bits)) => found.add_bytes(first, bits),
        None => {}
    }
}

/// The words of a list, ` word word `, that are one, or begin like it.
fn occurrences<'a>(words: &'a str, word: &'a str, prefix: bool) -> impl Iterator<Item = &'a str> {
    words.match_indices(word).filter_map(move |(at, _)| {
        let rest = &words[at..];
        let own = &rest[..rest.find(' ')?];
        (words.as_bytes().get(at.wrapping_sub(1)) == Some(&b' ') && (prefix || own.len() == word.len()))
            .then_some(own)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_taken_out_of_rows_and_found_again() {
        let rows: Vec<String> =
            (0..1_000).map(|row| format!(" all half{} tenth{} own{row} ", row % 2, row % 10)).collect();
        let first = 100_u32;
        let rows: Vec<Row<'_>> = (first..).zip(rows.iter().map(String::as_str)).collect();
        let connection = Connection::open_in_memory().unwrap();
        for sql in [include_str!("schema/3.sql"), "ALTER TABLE block ADD COLUMN others BLOB"] {
            connection.execute_batch(sql).unwrap();
        }
        let mut block = Block::new(&rows);
        let mut rest = String::new();
        for row in &rows {
            block.take(*row, &mut rest);
            assert_eq!(rest, format!("own{} ", row.0 - first), "rare words are left");
        }
        block.write(&connection).unwrap();
        let blocks = Blocks::read(&connection, 64, 1_200).unwrap();
        let count = |word: &str, prefix: bool| {
            let mut found = Bitmap::new(1_200);
            blocks.add(&connection, 64, word, prefix, &mut found).unwrap();
            assert_eq!(blocks.have(word, prefix), !found.is_empty(), "{word}");
            assert!(found.iter().all(|row| (36..1_036).contains(&row)), "{word}");
            found.len()
        };
        for (word, prefix, rows) in [
            ("all", false, 1_000),
            ("half1", false, 500),
            ("half", false, 0),
            ("half", true, 1_000),
            ("tenth3", false, 100),
            ("enth3", true, 0),
            ("tenth", true, 1_000),
            ("own7", false, 0),
        ] {
            assert_eq!(count(word, prefix), rows, "{word}");
        }
    }
}
