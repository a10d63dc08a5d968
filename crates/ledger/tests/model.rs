//! The ledger against a model in memory: whatever is settled and resolved, and however often it is reopened.

#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

use std::collections::{BTreeMap, BTreeSet};

use event::{Checkpoint, Dataset, Quarantined, Settlement, SourceId, Tally};
use jiff::Timestamp;
use ledger::{Access, DataDir, Fate, Filter, Ledger};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    /// A batch of a source: other counts, and the ids of its refused events. Its checkpoint is the step's number.
    Settle {
        source: u8,
        moves: bool,
        counts: [u8; 5],
        refused: BTreeSet<u8>,
    },
    /// The first event in quarantine from this id on.
    Resolve {
        id: u8,
        fate: Fate,
    },
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let fate = prop_oneof![Just(Fate::Sent), Just(Fate::Refused), Just(Fate::Removed)];
    prop_oneof![
        4 => (0..3u8, any::<bool>(), any::<[u8; 5]>(), prop::collection::btree_set(0..30u8, 0..4))
            .prop_map(|(source, moves, counts, refused)| Step::Settle { source, moves, counts, refused }),
        2 => (0..30u8, fate).prop_map(|(id, fate)| Step::Resolve { id, fate }),
        1 => Just(Step::Reopen),
    ]
}

fn source(source: u8) -> SourceId {
    SourceId::new(&format!("s{source}"))
}

fn refused(id: u8, status: u16) -> Quarantined {
    Quarantined {
        stream: "logs-a.b-default".into(),
        id: format!("{id:02}"),
        status,
        reason: "r".into(),
        location: None,
        offset: 0,
        collected: Timestamp::UNIX_EPOCH,
        raw: vec![id],
        document: Vec::new(),
    }
}

fn settlement(
    of: SourceId,
    checkpoint: Checkpoint,
    tally: Tally,
    quarantined: Vec<Quarantined>,
) -> Settlement {
    let mut tally = Tally { quarantined: quarantined.len() as u64, ..tally };
    tally.accepted = tally.settled();
    Settlement { source: of, dataset: Dataset::new("a.b").unwrap(), checkpoint, tally, quarantined }
}

#[derive(Debug, Default)]
struct Model {
    checkpoints: BTreeMap<SourceId, Checkpoint>,
    balance: BTreeMap<SourceId, Tally>,
    /// Source and status of the events in quarantine, by id.
    held: BTreeMap<u8, (SourceId, u16)>,
}

impl Model {
    fn settle(&mut self, settlement: &Settlement) {
        if !settlement.checkpoint.0.is_null() {
            self.checkpoints.insert(settlement.source.clone(), settlement.checkpoint.clone());
        }
        let mut tally = settlement.tally;
        for event in &settlement.quarantined {
            let id = event.id.parse().unwrap();
            if let Some((_, status)) = self.held.get_mut(&id) {
                *status = event.status;
                tally.quarantined -= 1;
                tally.duplicate += 1;
            } else {
                self.held.insert(id, (settlement.source.clone(), event.status));
            }
        }
        if tally.accepted > 0 {
            self.balance.entry(settlement.source.clone()).or_default().add(&tally);
        }
    }
}

fn apply(step: &Step, number: u16, ledger: &Ledger, model: &mut Model) {
    match step {
        Step::Settle { source: from, moves, counts, refused: ids } => {
            let checkpoint = if *moves { Checkpoint(number.into()) } else { Checkpoint::default() };
            let [indexed, stored, diverted, duplicate, dropped] = counts.map(u64::from);
            let tally = Tally {
                indexed,
                stored,
                diverted,
                duplicate,
                dropped,
                failed: indexed / 2,
                ..Tally::default()
            };
            let ids = ids.iter().map(|id| refused(*id, number)).collect();
            let settlement = settlement(source(*from), checkpoint, tally, ids);
            ledger.settle(std::slice::from_ref(&settlement)).unwrap();
            model.settle(&settlement);
        }
        Step::Resolve { id, fate } => {
            let Some((id, (from, _))) = model.held.range(id..).next() else { return };
            let (id, from) = (*id, from.clone());
            let all = ledger.quarantine(&Access::local(), &Filter::default(), 100).unwrap();
            let entry = all.iter().find(|entry| entry.id == format!("{id:02}")).unwrap();
            let none = Checkpoint::default();
            let again = match fate {
                Fate::Sent => {
                    Some(settlement(from.clone(), none, Tally { stored: 1, ..Tally::default() }, Vec::new()))
                }
                Fate::Refused => {
                    Some(settlement(from.clone(), none, Tally::default(), vec![refused(id, number)]))
                }
                Fate::Removed => None,
            };
            assert!(ledger.resolve(entry.number, *fate, again.as_ref()).unwrap());
            let tally = model.balance.get_mut(&from).unwrap();
            match fate {
                Fate::Sent => tally.stored += 1,
                Fate::Removed => tally.dropped += 1,
                Fate::Refused => model.held.get_mut(&id).unwrap().1 = number,
            }
            if *fate != Fate::Refused {
                tally.quarantined -= 1;
                model.held.remove(&id);
            }
        }
        Step::Reopen => {}
    }
}

fn compare(ledger: &Ledger, model: &Model) -> Result<(), TestCaseError> {
    for from in (0..3).map(source) {
        prop_assert_eq!(ledger.checkpoint(&from).unwrap(), model.checkpoints.get(&from).cloned());
    }
    let balance: BTreeMap<_, _> =
        ledger.balance().unwrap().into_iter().map(|line| (line.source, line.tally)).collect();
    prop_assert_eq!(&balance, &model.balance);
    let entries = ledger.quarantine(&Access::local(), &Filter::default(), 100).unwrap();
    let held: BTreeMap<_, _> =
        entries.into_iter().map(|entry| (entry.id.parse().unwrap(), (entry.source, entry.status))).collect();
    prop_assert_eq!(&held, &model.held);
    for (from, tally) in balance {
        let kept = held.values().filter(|(source, _)| *source == from).count() as u64;
        prop_assert_eq!(tally.quarantined, kept, "what is counted as held is held");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_ledger_does_as_the_model(steps in prop::collection::vec(step(), 1..40)) {
        let temporary = tempfile::tempdir().unwrap();
        let directory = DataDir::lock(temporary.path()).unwrap();
        let mut ledger = Ledger::open(&directory).unwrap();
        let mut model = Model::default();
        for (number, step) in (1..).zip(&steps) {
            apply(step, number, &ledger, &mut model);
            if matches!(step, Step::Reopen) {
                drop(ledger);
                ledger = Ledger::open(&directory).unwrap();
            }
            compare(&ledger, &model)?;
        }
    }
}
