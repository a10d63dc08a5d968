//! What was read of a bucket that is listed, in little space.
//!
//! S3 lists an object as soon as it is written, under the time at which writing it began. So an object that is not
//! listed yet has a time no further back than the longest upload, for which [`WINDOW`] is generous. A *full* round
//! lists all keys; when it is over, every object that is a window older than the round's start is read, which one
//! number says: the *cutoff*. Newer objects are remembered one by one, by a digest of key, time, size and entity tag:
//! whatever of that changes, the object is another one. Rounds in between list only the newest date partitions; they
//! remember what they read, and leave the cutoff as it is.
//!
//! Objects are read side by side, and their keys come in order: `after` is the key up to which a full round is done,
//! where it goes on when it was broken off.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use event::Checkpoint;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::S3Error;

const VERSION: u64 = 1;
/// Seconds for which objects are remembered one by one: two days.
pub(crate) const WINDOW: i64 = 2 * 86_400;
/// Bytes of a digest.
const DIGEST: usize = 12;

type Digest = [u8; DIGEST];

/// An object as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its key.
    pub key: String,
    /// When it was last modified, in seconds since 1970.
    pub modified: i64,
    /// Its bytes.
    pub size: i64,
    /// Its entity tag.
    pub etag: String,
}

impl Seen {
    fn digest(&self) -> Digest {
        let mut hash = Sha256::new();
        for part in [self.key.as_bytes(), self.etag.as_bytes()] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hash.update(self.size.to_le_bytes());
        let mut digest = [0; DIGEST];
        digest.copy_from_slice(&hash.finalize()[..DIGEST]);
        digest
    }
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The bucket that it is about.
    bucket: String,
    /// Objects that are not newer are read.
    cutoff: i64,
    /// Newer ones that are read, by their time.
    seen: BTreeMap<i64, BTreeSet<Digest>>,
    /// When the last full round that is over began.
    full: Option<i64>,
    round: Option<Round>,
}

/// A full round under way.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Round {
    began: i64,
    after: String,
    /// Objects behind `after`, in the order of their keys: what they were, and whether they are done.
    ahead: VecDeque<(Seen, bool)>,
}

impl Round {
    /// What is older need not be remembered behind `after`.
    fn cutoff(&self) -> i64 {
        self.began - WINDOW
    }

    /// Whether it has read an object that it does not remember, also when it was broken off behind it.
    fn has_passed(&self, object: &Seen) -> bool {
        object.modified <= self.cutoff() && object.key <= self.after
    }
}

impl State {
    /// Goes on from a checkpoint; anew when it is about another bucket.
    ///
    /// # Errors
    /// [`S3Error`] for a checkpoint of another version or form.
    pub fn read(bucket: &str, checkpoint: Option<Checkpoint>) -> Result<Self, S3Error> {
        let new = Self { bucket: bucket.to_owned(), cutoff: i64::MIN, ..Self::default() };
        let Some(Checkpoint(value)) = checkpoint.filter(|checkpoint| !checkpoint.0.is_null()) else {
            return Ok(new);
        };
        if value["version"] != VERSION {
            let found = value.get("version").map_or_else(|| "none".to_owned(), Value::to_string);
            return Err(S3Error::CheckpointVersion { found, known: VERSION });
        }
        if value["bucket"] != bucket {
            return Ok(new);
        }
        parse(new, &value).map_err(|place| S3Error::CheckpointForm(place.to_owned()))
    }

    /// What is to be kept.
    pub fn checkpoint(&self) -> Checkpoint {
        let seen: serde_json::Map<String, Value> = self
            .seen
            .iter()
            .map(|(time, digests)| (time.to_string(), digests.iter().map(hex).collect()))
            .collect();
        let mut kept =
            json!({ "version": VERSION, "bucket": self.bucket, "cutoff": self.cutoff, "seen": seen });
        if let Some(full) = self.full {
            kept["full"] = full.into();
        }
        if let Some(round) = &self.round {
            kept["round"] = json!({ "began": round.began, "after": round.after });
        }
        Checkpoint(kept)
    }

    /// Whether a round that begins now has to be a full one, when one is due every `interval` seconds.
    pub fn full_is_due(&self, now: i64, interval: i64) -> bool {
        // A clock that was set back must not put it off.
        self.round.is_some() || self.full.is_none_or(|full| !(0..interval).contains(&(now - full)))
    }

    /// Begins a full round, or goes on with one; the key behind which listing starts.
    pub fn begin(&mut self, now: i64) -> &str {
        let new = || Round { began: now, after: String::new(), ahead: VecDeque::new() };
        let round = self.round.get_or_insert_with(new);
        round.ahead.clear();
        &round.after
    }

    /// Whether an object is still to be read.
    pub fn is_new(&self, object: &Seen) -> bool {
        object.modified > self.cutoff
            && !self.round.as_ref().is_some_and(|round| round.has_passed(object))
            && !self.seen.get(&object.modified).is_some_and(|digests| digests.contains(&object.digest()))
    }

    /// Notes an object of the round, in the order of the listing: one that is read now, or one that need not be.
    pub fn listed(&mut self, object: Seen, reads: bool) {
        let Some(round) = &mut self.round else { return };
        if reads {
            round.ahead.push_back((object, false));
        } else if round.ahead.is_empty() {
            round.after = object.key;
        } else {
            // Only the last of several that are done counts.
            round.ahead.pop_back_if(|(_, done)| *done && !reads);
            round.ahead.push_back((object, true));
        }
    }

    /// An object is read, and all its events were handed out.
    pub fn done(&mut self, object: &Seen) {
        self.seen.entry(object.modified).or_default().insert(object.digest());
        let Some(round) = &mut self.round else { return };
        if let Some((_, done)) = round.ahead.iter_mut().find(|(ahead, done)| !done && ahead == object) {
            *done = true;
        }
        let cutoff = round.cutoff();
        while let Some((object, _)) = round.ahead.pop_front_if(|(_, done)| *done) {
            if object.modified <= cutoff {
                forget(&mut self.seen, &object);
            }
            round.after = object.key;
        }
    }

    /// The full round has come to the end of the listing, and everything in it is done.
    pub fn finish(&mut self) {
        if let Some(round) = self.round.take() {
            self.cutoff = self.cutoff.max(round.cutoff());
            self.full = Some(round.began);
            self.seen = self.seen.split_off(&self.cutoff.saturating_add(1));
        }
    }

    /// Objects that are remembered one by one.
    pub fn remembered(&self) -> usize {
        self.seen.values().map(BTreeSet::len).sum()
    }
}

fn forget(seen: &mut BTreeMap<i64, BTreeSet<Digest>>, object: &Seen) {
    if let Some(digests) = seen.get_mut(&object.modified) {
        digests.remove(&object.digest());
        if digests.is_empty() {
            seen.remove(&object.modified);
        }
    }
}

fn hex(digest: &Digest) -> Value {
    digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

fn digest(value: &Value) -> Option<Digest> {
    let text = value.as_str().filter(|text| text.len() == 2 * DIGEST && text.is_ascii())?;
    let mut digest = [0; DIGEST];
    for (at, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(digest)
}

/// Fails with the place that can not be read.
fn parse(mut state: State, value: &Value) -> Result<State, &'static str> {
    state.cutoff = value["cutoff"].as_i64().ok_or("cutoff")?;
    for (time, digests) in value["seen"].as_object().ok_or("seen")? {
        let time = time.parse().map_err(|_| "seen")?;
        let digests = digests.as_array().ok_or("seen")?.iter().map(|value| digest(value).ok_or("seen"));
        state.seen.insert(time, digests.collect::<Result<_, _>>()?);
    }
    state.full = value.get("full").map(|full| full.as_i64().ok_or("full")).transpose()?;
    if let Some(round) = value.get("round") {
        let began = round["began"].as_i64().ok_or("round")?;
        let after = round["after"].as_str().ok_or("round")?.to_owned();
        state.round = Some(Round { began, after, ahead: VecDeque::new() });
    }
    Ok(state)
}
