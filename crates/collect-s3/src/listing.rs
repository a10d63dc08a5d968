//! Lists a bucket in rounds and reads what is new.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_s3::types::Object;
use event::Quarantined;
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use parking_lot::Mutex;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::config::Bucket;
use crate::context::{Context, Parts};
use crate::object::{Fault, Wanted, read};
use crate::state::{Seen, State};
use crate::trouble::{Asked, trouble};

/// Seconds from one round that lists all keys to the next; in between, only new date partitions are listed.
const FULL_EVERY: i64 = 3600;
/// Objects after which a checkpoint is handed out while a round goes on.
const CHECKPOINT_EVERY: usize = 64;
/// Places of date partitions that are listed one by one; with more of them, all keys are listed.
const MOST_PLACES: usize = 100;

/// A part of the bucket that is listed: keys with a prefix, behind a key.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Range {
    prefix: String,
    after: String,
}

/// Runs until the source is stopped; when it is not followed, for one round.
pub(crate) async fn run(context: Arc<Context>, bucket: Bucket, state: State) {
    let stop = context.stop.clone();
    let follow = context.config.follow;
    let interval = bucket.interval;
    let lister = Lister {
        workers: Arc::new(Semaphore::new(context.config.workers)),
        context,
        bucket: Arc::new(bucket),
        state: Arc::new(Mutex::new(state)),
    };
    let rounds = async {
        let mut places = None;
        loop {
            places = lister.round(places).await;
            if !follow {
                break;
            }
            tokio::time::sleep(interval).await;
        }
    };
    // What is under way is not in the checkpoint, and is read again.
    stop.run_until_cancelled(rounds).await;
}

struct Lister {
    context: Arc<Context>,
    bucket: Arc<Bucket>,
    state: Arc<Mutex<State>>,
    workers: Arc<Semaphore>,
}

impl Lister {
    /// Lists what can be new and reads what is. `places` is where date partitions stand, when all keys are in some;
    /// gives the same for the next round.
    async fn round(&self, places: Option<BTreeSet<String>>) -> Option<BTreeSet<String>> {
        let now = Timestamp::now();
        let full = places.is_none() || self.state.lock().full_is_due(now.as_second(), FULL_EVERY);
        let before = self.state.lock().checkpoint();
        let mut found = Places::default();
        if full {
            let after = self.state.lock().begin(now.as_second()).to_owned();
            // Of a round that is gone on with, not all keys are seen.
            found.whole = after.is_empty();
            let range = Range { prefix: self.bucket.prefix.clone(), after };
            self.ranges(vec![range], Some(&mut found)).await;
            self.state.lock().finish();
        } else {
            let day = now.to_zoned(TimeZone::UTC).date();
            let ranges = places.iter().flatten().map(|place| recent(place, day)).collect();
            self.ranges(ranges, None).await;
        }
        let after = self.state.lock().checkpoint();
        if after != before {
            self.context.hand_out(Parts { checkpoint: after, ..Parts::default() }).await;
        }
        if full { found.all() } else { places }
    }

    /// Lists ranges and reads what is new, to the end of it all.
    async fn ranges(&self, ranges: Vec<Range>, mut found: Option<&mut Places>) {
        let mut reading = JoinSet::new();
        let mut since = 0;
        for range in ranges {
            let mut token = None;
            loop {
                let (objects, next) = self.page(&range, token).await;
                for object in objects {
                    if let Some(found) = &mut found {
                        found.note(&object.key, &self.bucket.prefix);
                    }
                    since += usize::from(self.object(object, &mut reading).await);
                    while reading.try_join_next().is_some() {}
                    if since >= CHECKPOINT_EVERY {
                        since = 0;
                        let checkpoint = self.state.lock().checkpoint();
                        self.context.hand_out(Parts { checkpoint, ..Parts::default() }).await;
                    }
                }
                token = next;
                if token.is_none() {
                    break;
                }
            }
        }
        while reading.join_next().await.is_some() {}
    }

    /// The next page of a listing, asked for until it is there.
    async fn page(&self, range: &Range, token: Option<String>) -> (Vec<Seen>, Option<String>) {
        loop {
            let request = self.context.clients.s3.list_objects_v2().bucket(&self.bucket.name);
            let request = request
                .set_prefix(Some(range.prefix.clone()).filter(|prefix| !prefix.is_empty()))
                .set_start_after(
                    Some(range.after.clone()).filter(|after| !after.is_empty() && token.is_none()),
                )
                .set_continuation_token(token.clone());
            match request.send().await {
                Ok(output) => {
                    let next = output.next_continuation_token.filter(|_| output.is_truncated == Some(true));
                    let objects = output.contents.unwrap_or_default().into_iter().filter_map(seen);
                    return (objects.collect(), next);
                }
                Err(error) => {
                    let asked = Asked { permission: "s3:ListBucket", place: &self.bucket.name };
                    self.context.outlet.trouble(trouble(asked, &error)).await;
                }
            }
        }
    }

    /// Has an object read, if it is new; says whether it is.
    async fn object(&self, object: Seen, reading: &mut JoinSet<()>) -> bool {
        let written = Timestamp::from_second(object.modified).unwrap_or_default();
        let selection = &self.context.config.selection;
        let wanted = selection.takes_key(&object.key) && selection.takes_time(written, Timestamp::now());
        if !wanted || !self.state.lock().is_new(&object) {
            self.state.lock().listed(object, false);
            return false;
        }
        let Ok(permit) = Arc::clone(&self.workers).acquire_owned().await else { return false };
        self.state.lock().listed(object.clone(), true);
        let (context, state, bucket) =
            (Arc::clone(&self.context), Arc::clone(&self.state), Arc::clone(&self.bucket));
        reading.spawn(async move {
            let _permit = permit;
            let wanted = Wanted { bucket: &bucket.name, key: &object.key, etag: Some(&object.etag) };
            let outcome = read(&context, &wanted, None).await;
            set_aside(&context, &object, outcome.faults).await;
            // All its events are handed out before a checkpoint can be made that has it.
            state.lock().done(&object);
        });
        true
    }
}

/// Keeps what can not be read of an object: it is not read again before it is written anew.
async fn set_aside(context: &Context, object: &Seen, faults: Vec<Fault>) {
    if faults.is_empty() {
        return;
    }
    let raw = serde_json::json!({ "key": object.key, "etag": object.etag, "size": object.size });
    let set_aside: Vec<Quarantined> = faults
        .into_iter()
        .map(|fault| {
            context.set_aside(&fault.location, fault.offset, fault.reason, raw.to_string().into_bytes())
        })
        .collect();
    context.hand_out(Parts { set_aside, ..Parts::default() }).await;
}

fn seen(object: Object) -> Option<Seen> {
    Some(Seen {
        key: object.key?,
        modified: object.last_modified.map_or(0, |time| time.secs()),
        size: object.size.unwrap_or_default(),
        etag: object.e_tag.unwrap_or_default().trim_matches('"').to_owned(),
    })
}

/// The keys of a place from the day before on.
fn recent(place: &str, today: Date) -> Range {
    let day = today.saturating_sub(1.day());
    let after = format!("{place}{:04}/{:02}/{:02}", day.year(), day.month(), day.day());
    Range { prefix: place.to_owned(), after }
}

/// Where date partitions stand.
#[derive(Debug, Default)]
struct Places {
    whole: bool,
    /// Whether a key is in none.
    other: bool,
    before: BTreeSet<String>,
}

impl Places {
    fn note(&mut self, key: &str, prefix: &str) {
        match place(key) {
            // A prefix may end within the date; then it is the place.
            Some(place) if place.len() >= prefix.len() => {
                if !self.before.contains(place) && self.before.len() <= MOST_PLACES {
                    self.before.insert(place.to_owned());
                }
            }
            _ => self.other = true,
        }
    }

    /// All of them, when nothing else is there.
    fn all(self) -> Option<BTreeSet<String>> {
        let some = (1..=MOST_PLACES).contains(&self.before.len());
        (self.whole && !self.other && some).then_some(self.before)
    }
}

/// What stands before the date of a key: `a/` of `a/2026/11/28/x.gz`.
fn place(key: &str) -> Option<&str> {
    let digits = |part: &str, many| part.len() == many && part.bytes().all(|b| b.is_ascii_digit());
    let mut start = 0;
    loop {
        let parts: Vec<&str> = key[start..].splitn(4, '/').collect();
        let [year, month, day, _] = parts[..] else { return None };
        if digits(year, 4) && digits(month, 2) && digits(day, 2) {
            return Some(&key[..start]);
        }
        start += year.len() + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_what_stands_before_the_date() {
        for (key, expected) in [
            ("2026/11/28/x.gz", Some("")),
            ("a/b/2026/11/28/x/y.gz", Some("a/b/")),
            ("a/1/2026/11/28/x", Some("a/1/")),
            ("2026/11/28", None),
            ("a/2026/1/28/x", None),
            ("x", None),
        ] {
            assert_eq!(place(key), expected, "{key}");
        }
        let mut places = Places { whole: true, ..Places::default() };
        places.note("t/2026/11/28/x", "");
        places.note("u/2026/11/28/x", "");
        assert_eq!(places.before, BTreeSet::from(["t/".to_owned(), "u/".to_owned()]));
        places.note("readme", "");
        assert_eq!(places.all(), None);
    }

    #[test]
    fn recent_keys_are_those_from_yesterday_on() {
        let range = recent("a/", jiff::civil::date(2026, 3, 1));
        assert_eq!(range, Range { prefix: "a/".into(), after: "a/2026/02/28".into() });
        assert!("a/2026/02/28/x" > range.after.as_str() && "a/2026/02/27/x" < range.after.as_str());
    }
}
