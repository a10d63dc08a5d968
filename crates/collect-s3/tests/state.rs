//! What is kept of a bucket: nothing is lost, nothing is read twice, and it does not grow.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use collect_s3::{Seen, State};
use proptest::prelude::*;

/// Two days, as the state has it.
const WINDOW: i64 = 2 * 86_400;

#[derive(Clone, Debug)]
enum Step {
    /// An object is written (again), which took so long; it is visible only now.
    Write { key: u8, upload: i64 },
    /// Time passes.
    Pass(i64),
    /// All keys are listed; `done` says in which order objects come to their end, `stop` after how many the process
    /// dies.
    Round { order: u64, stop: Option<usize> },
    /// Only some keys are listed.
    Quick,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (any::<u8>(), 0..WINDOW).prop_map(|(key, upload)| Step::Write { key, upload }),
        1 => (0..WINDOW).prop_map(Step::Pass),
        2 => (any::<u64>(), prop::option::weighted(0.4, 0..6usize)).prop_map(|(order, stop)| Step::Round { order, stop }),
        1 => Just(Step::Quick),
    ]
}

#[derive(Default)]
struct Bucket {
    now: i64,
    versions: u64,
    objects: BTreeMap<String, Seen>,
    reads: BTreeMap<(String, String), u32>,
}

impl Bucket {
    fn write(&mut self, key: u8, upload: i64) {
        self.versions += 1;
        let key = format!("k{key:03}");
        let etag = self.versions.to_string();
        self.objects.insert(key.clone(), Seen { key, modified: self.now - upload, size: 1, etag });
    }

    fn read(&mut self, object: &Seen) {
        *self.reads.entry((object.key.clone(), object.etag.clone())).or_default() += 1;
    }

    /// Lists all keys and reads what is new; false when the process died.
    fn round(&mut self, state: &mut State, mut order: u64, stop: Option<usize>) -> bool {
        let after = state.begin(self.now).to_owned();
        let mut reading = Vec::new();
        let mut left = stop;
        for object in self.objects.clone().into_values().filter(|object| object.key > after) {
            let new = state.is_new(&object);
            state.listed(object.clone(), new);
            if new {
                reading.push(object);
            }
            // Up to three are read side by side.
            while reading.len() > 2 {
                if left == Some(0) {
                    return false;
                }
                left = left.map(|left| left - 1);
                let next = reading.remove((order % reading.len() as u64) as usize);
                order = order.rotate_right(7) ^ 0x9e37;
                self.read(&next);
                state.done(&next);
            }
        }
        for object in reading {
            self.read(&object);
            state.done(&object);
        }
        state.finish();
        true
    }
}

fn again(state: &State) -> State {
    State::read("b", Some(state.checkpoint())).unwrap()
}

proptest! {
    #[test]
    fn nothing_is_lost_nothing_is_read_twice_and_little_is_kept(steps in prop::collection::vec(step(), 1..60)) {
        let mut bucket = Bucket { now: 1_000_000_000, ..Bucket::default() };
        let mut state = State::read("b", None).unwrap();
        for step in steps {
            bucket.now += 1;
            match step {
                Step::Write { key, upload } => bucket.write(key, upload),
                Step::Pass(time) => bucket.now += time,
                Step::Quick => {
                    for object in bucket.objects.clone().into_values().filter(|object| object.key.as_str() > "k128") {
                        if state.is_new(&object) {
                            bucket.read(&object);
                            state.done(&object);
                        }
                    }
                }
                Step::Round { order, stop } => {
                    // Every checkpoint is written at once here: a crash must neither lose nor repeat.
                    if bucket.round(&mut state, order, stop) {
                        for object in bucket.objects.values() {
                            let reads = bucket.reads.get(&(object.key.clone(), object.etag.clone()));
                            if state.is_new(object) {
                                // It lies behind the place where a broken round went on: the next one has it.
                                prop_assert!(reads.is_none());
                            } else {
                                prop_assert_eq!(reads, Some(&1), "{:?}", object);
                            }
                        }
                        let newer = bucket.reads.len();
                        prop_assert!(state.remembered() <= newer);
                    }
                    state = again(&state);
                }
            }
        }
        // Two whole rounds read the rest, and after two windows nothing is remembered.
        for _ in 0..2 {
            prop_assert!(bucket.round(&mut state, 0, None));
            state = again(&state);
        }
        for object in bucket.objects.values() {
            prop_assert_eq!(bucket.reads.get(&(object.key.clone(), object.etag.clone())), Some(&1), "{:?}", object);
        }
        prop_assert!(bucket.reads.values().all(|reads| *reads == 1));
        bucket.now += 2 * WINDOW;
        prop_assert!(bucket.round(&mut state, 0, None));
        prop_assert_eq!(state.remembered(), 0);
        prop_assert!(bucket.reads.values().all(|reads| *reads == 1));
    }
}

#[test]
fn a_listing_between_two_parts_of_a_round_reads_nothing_again() {
    let object = |key: &str| Seen { key: key.into(), modified: 5, size: 1, etag: "e".into() };
    let mut state = State::read("b", None).unwrap();
    state.begin(WINDOW + 10);
    for key in ["k1", "k2"] {
        state.listed(object(key), true);
    }
    state.done(&object("k1"));
    let state = again(&state);
    assert!(!state.is_new(&object("k1")));
    assert!(state.is_new(&object("k2")));
}

#[test]
fn a_checkpoint_of_another_bucket_is_no_checkpoint() {
    let seen = Seen { key: "k".into(), modified: 5, size: 1, etag: "e".into() };
    let mut state = State::read("b", None).unwrap();
    state.done(&seen);
    assert!(!again(&state).is_new(&seen));
    assert!(State::read("c", Some(state.checkpoint())).unwrap().is_new(&seen));
}

#[test]
fn any_change_of_an_object_makes_it_another() {
    let seen = Seen { key: "k".into(), modified: 5, size: 1, etag: "e".into() };
    let mut state = State::read("b", None).unwrap();
    state.done(&seen);
    for other in [
        Seen { key: "l".into(), ..seen.clone() },
        Seen { modified: 6, ..seen.clone() },
        Seen { size: 2, ..seen.clone() },
        Seen { etag: "f".into(), ..seen.clone() },
    ] {
        assert!(state.is_new(&other), "{other:?}");
    }
}

#[test]
fn unknown_forms_are_refused() {
    for (bad, word) in [
        (serde_json::json!({"version": 2}), "version 2"),
        (serde_json::json!("x"), "version none"),
        (serde_json::json!({"version": 1, "bucket": "b"}), "at [cutoff]"),
        (serde_json::json!({"version": 1, "bucket": "b", "cutoff": 1, "seen": {"x": []}}), "at [seen]"),
        (serde_json::json!({"version": 1, "bucket": "b", "cutoff": 1, "seen": {"1": ["zz"]}}), "at [seen]"),
        (
            serde_json::json!({"version": 1, "bucket": "b", "cutoff": 1, "seen": {}, "round": {}}),
            "at [round]",
        ),
    ] {
        let error = State::read("b", Some(event::Checkpoint(bad.clone()))).unwrap_err().to_string();
        assert!(error.contains(word), "{bad}: {error}");
    }
}

#[test]
fn a_full_round_is_due_once_an_interval_whatever_the_clock_does() {
    let mut state = State::read("b", None).unwrap();
    assert!(state.full_is_due(1000, 60));
    state.begin(1000);
    assert!(state.full_is_due(1001, 60), "it is not over");
    state.finish();
    assert!(!state.full_is_due(1059, 60));
    assert!(state.full_is_due(1060, 60));
    assert!(state.full_is_due(900, 60));
}
