//! Documents compressed one by one, with a dictionary made from the documents themselves.
//!
//! Events of one kind are much alike: with a dictionary of 64 KiB one of 1.3 KB takes some 150 bytes, without one
//! three times that. The first events are stored without; then a dictionary is made of them, and once more when
//! there are many. Each body says which one it needs.

use std::collections::HashMap;

use rusqlite::Connection;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::EncoderDictionary;
use zstd::zstd_safe::{CParameter, get_frame_content_size};

use crate::StoreError;

/// zstd's level: above it, compression takes longer than all the rest of storing.
const LEVEL: i32 = 1;
const DICTIONARY_BYTES: usize = 64 << 10;
/// Dictionaries are made from at most this many bytes of documents.
const SAMPLE_BYTES: usize = 6 << 20;
/// When the store holds this many events, a dictionary is made.
const TRAIN_AT: [usize; 2] = [5_000, 200_000];
/// No document is larger; a body that says so is damaged.
const MAX_DOCUMENT: u64 = 1 << 30;

/// What new documents are compressed with.
pub(crate) struct Encoder {
    /// The dictionary's number; 0 for none.
    pub(crate) dictionary: u32,
    prepared: EncoderDictionary<'static>,
}

impl Encoder {
    /// With the newest dictionary of a store.
    pub(crate) fn newest(connection: &Connection) -> Result<Self, StoreError> {
        let sql = "SELECT id, content FROM dictionary ORDER BY id DESC LIMIT 1";
        let newest = connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)));
        match newest {
            Ok((dictionary, content)) => {
                Ok(Self { dictionary, prepared: EncoderDictionary::copy(&content, LEVEL) })
            }
            Err(rusqlite::Error::QueryReturnedNoRows) => {
                Ok(Self { dictionary: 0, prepared: EncoderDictionary::copy(&[], LEVEL) })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A compressor, for one thread and some documents.
    pub(crate) fn compressor(&self) -> Result<Compressor<'_>, StoreError> {
        let make = || {
            let mut compressor = Compressor::with_prepared_dictionary(&self.prepared)?;
            compressor.set_parameter(CParameter::DictIdFlag(false))?;
            Ok(compressor)
        };
        make().map_err(StoreError::Compress)
    }
}

/// Decompresses bodies; one for each reader.
#[derive(Default)]
pub(crate) struct Decoder {
    dictionaries: HashMap<u32, Decompressor<'static>>,
}

impl Decoder {
    /// The document of a body.
    pub(crate) fn decode(
        &mut self,
        connection: &Connection,
        dictionary: u32,
        body: &[u8],
    ) -> Result<String, StoreError> {
        let damaged = |what: String| StoreError::Damaged(format!("a document can not be read ({what})"));
        let size = match get_frame_content_size(body) {
            Ok(Some(size)) if size <= MAX_DOCUMENT => size as usize,
            _ => return Err(damaged("its size is not known".to_owned())),
        };
        let decompressor = match self.dictionaries.entry(dictionary) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(entry) => {
                let content = content(connection, dictionary)?;
                let decompressor = Decompressor::with_dictionary(&content);
                entry.insert(decompressor.map_err(|error| damaged(error.to_string()))?)
            }
        };
        let bytes = decompressor.decompress(body, size).map_err(|error| damaged(error.to_string()))?;
        String::from_utf8(bytes).map_err(|_| damaged("it is not text".to_owned()))
    }
}

fn content(connection: &Connection, dictionary: u32) -> Result<Vec<u8>, StoreError> {
    if dictionary == 0 {
        return Ok(Vec::new());
    }
    let sql = "SELECT content FROM dictionary WHERE id = ?1";
    match connection.query_row(sql, [dictionary], |row| row.get(0)) {
        Err(rusqlite::Error::QueryReturnedNoRows) => {
            Err(StoreError::Damaged(format!("the dictionary {dictionary} is missing")))
        }
        other => Ok(other?),
    }
}

/// Whether the events from `before` to `after` in number are a reason to make a dictionary.
pub(crate) fn is_time_to_train(before: usize, after: usize) -> bool {
    TRAIN_AT.iter().any(|&at| before < at && at <= after)
}

/// Makes a dictionary from documents spread over all that is stored, when they give one.
pub(crate) fn train(connection: &Connection, rows: usize) -> Result<(), StoreError> {
    let mut decoder = Decoder::default();
    let mut samples = Vec::with_capacity(SAMPLE_BYTES);
    let mut sizes = Vec::new();
    let wanted = 5_000.min(rows);
    let mut statement = connection.prepare("SELECT dictionary, source FROM body WHERE row = ?1")?;
    for sample in 0..wanted {
        let row = sample * rows / wanted;
        let (dictionary, body): (u32, Vec<u8>) =
            statement.query_row([row], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let document = decoder.decode(connection, dictionary, &body)?;
        if samples.len() + document.len() <= SAMPLE_BYTES {
            samples.extend_from_slice(document.as_bytes());
            sizes.push(document.len());
        }
    }
    match zstd::dict::from_continuous(&samples, &sizes, DICTIONARY_BYTES) {
        Ok(content) => {
            connection.execute("INSERT INTO dictionary (content) VALUES (?1)", [content])?;
        }
        Err(error) => tracing::debug!(%error, "the stored documents give no dictionary"),
    }
    Ok(())
}
