//! Members see nothing of what is in quarantine, whatever they ask the ledger itself, with no server in front of it.

use std::collections::BTreeSet;
use std::path::Path;

use ledger::{Access, DataDir, Filter, Ledger, LedgerError, QuarantineId, Role};

type Ask = fn(&Ledger, &Access) -> Result<(), LedgerError>;

/// Every public function that gives out something of events; another test holds the table to the sources.
const QUERIES: [(&str, Ask); 2] = [
    ("quarantine", |ledger, access| ledger.quarantine(access, &Filter::default(), 10).map(drop)),
    ("held", |ledger, access| ledger.held(access, QuarantineId(1)).map(drop)),
];

/// Public functions of the ledger that give out nothing of events.
const OTHERS: [&str; 10] = [
    "open",
    "on",
    "view",
    "view_file",
    "checkpoint",
    "settle",
    "balance",
    "resolve",
    "definitions",
    "change_definitions",
];

#[test]
fn members_are_refused_by_every_query_and_owners_and_admins_by_none() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = DataDir::lock(&temporary.path().join("data")).unwrap();
    let ledger = Ledger::open(&directory).unwrap();
    for (name, ask) in QUERIES {
        for member in [Access::of(Role::Member), Access::of(Role::Member).named("olga")] {
            assert!(matches!(ask(&ledger, &member), Err(LedgerError::Forbidden(_))), "{name}");
        }
        for access in [Access::local(), Access::of(Role::Owner), Access::of(Role::Admin)] {
            assert!(ask(&ledger, &access).is_ok(), "{name}");
        }
    }
}

#[test]
fn no_query_is_missing_in_the_table() {
    let known: BTreeSet<String> =
        QUERIES.iter().map(|(name, _)| *name).chain(OTHERS).map(str::to_owned).collect();
    let found = testkit::queries(Path::new(env!("CARGO_MANIFEST_DIR")), "Ledger").unwrap();
    assert_eq!(found, known, "add a new query to QUERIES, so that it is known to refuse members");
}
