//! All definitions: those that are shipped, those of the user's directory, and those that were put, which win.

use std::collections::BTreeMap;
use std::sync::Arc;

use enrich::Networks;
use ingest::{Definition, Definitions, LoadError, Lookups, Pipelines, Set, StoredScript};
use jiff::Timestamp;
use ledger::definitions::{Change, Kept, Kind};
use ledger::{Ledger, LedgerError};
use normalize::Normalization;
use parking_lot::Mutex;
use serde_json::{Map, Value};

use crate::error::{ApiError, Exception};

/// Where a definition stands that was not put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It comes with trailcar.
    Shipped,
    /// In a file of `pipelines.directory`.
    Directory,
}

/// A definition that was not put.
#[derive(Clone, Debug)]
pub struct Base {
    /// What it says.
    pub definition: Arc<Definition>,
    /// Where it stands.
    pub place: Place,
}

/// Something that was put.
#[derive(Clone, Debug)]
pub(crate) struct Put<T> {
    pub(crate) value: T,
    /// As it is kept.
    body: Arc<str>,
    created: Timestamp,
    modified: Timestamp,
    /// Whether it does not load any more: it is kept, and does not run.
    is_idle: bool,
}

/// A pipeline as it was written.
pub(crate) type Body = Map<String, Value>;

/// What was put, as of now.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(crate) pipelines: BTreeMap<String, Put<Arc<Definition>>>,
    pub(crate) scripts: BTreeMap<String, Put<StoredScript>>,
}

/// What was put, and what it is compiled to.
struct Now {
    state: Arc<State>,
    lookups: Lookups,
    set: Set,
    /// What is wrong with what was put and is left out.
    left_out: Vec<LoadError>,
}

impl Now {
    /// Compiles all definitions, but for those of which it was done already.
    ///
    /// # Errors
    /// The mistakes of what is compiled.
    fn compile(
        base: &BTreeMap<String, Base>,
        lookups: &Lookups,
        state: State,
        before: Option<&Set>,
    ) -> Result<Self, Vec<LoadError>> {
        let mut definitions: Definitions =
            base.iter().map(|(id, base)| (id.clone(), Arc::clone(&base.definition))).collect();
        let put = state.pipelines.iter().filter(|(_, put)| !put.is_idle);
        definitions.extend(put.map(|(id, put)| (id.clone(), Arc::clone(&put.value))));
        let mut scripts = (*lookups.scripts).clone();
        let put = state.scripts.iter().filter(|(_, put)| !put.is_idle);
        scripts.extend(put.map(|(id, put)| (id.clone(), put.value.clone())));
        let lookups = Lookups { scripts: Arc::new(scripts), ..lookups.clone() };
        let set = match before {
            Some(before) => before.with(definitions, &lookups)?,
            None => Set::compile(definitions, &lookups)?,
        };
        Ok(Self { state: Arc::new(state), lookups, set, left_out: Vec::new() })
    }
}

/// Something that is about to be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// `pipeline_put`, `pipeline_deleted`, `script_put` or `script_deleted`.
    pub action: &'static str,
    /// Of the pipeline or script.
    pub id: String,
}

/// Writes a change down, right before it counts; with an error it is not made.
pub type Tell<'t> = &'t dyn Fn(&Told) -> Result<(), String>;

/// Why a library can not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// What was put can not be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// All mistakes of definitions that were not put.
    #[error("{}", lines(.0))]
    Mistakes(Vec<LoadError>),
}

fn lines(mistakes: &[LoadError]) -> String {
    mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// So many definitions of a kind may be put, with so many bytes altogether.
const MOST: usize = 1_000;
const MOST_BYTES: usize = 16 << 20;

/// The definitions, with the normalization that runs them.
pub struct Library {
    base: BTreeMap<String, Base>,
    lookups: Lookups,
    ledger: Ledger,
    live: Arc<Normalization>,
    /// Copied to be changed, so that nobody waits for a change to be read.
    now: Mutex<Arc<Now>>,
    /// Who changes something comes one after the other.
    turn: Mutex<()>,
}

impl Library {
    /// Compiles all definitions. What was put and does not compile any more, after an update say, is [left out](Self::left_out),
    /// and what it stood in front of runs; it can be put anew, or deleted. The ledger may be one that is only read.
    ///
    /// # Errors
    /// [`OpenError::Mistakes`] of those that were not put.
    pub fn open(
        base: Vec<Base>,
        lookups: Lookups,
        ledger: Ledger,
        networks: Networks,
    ) -> Result<Self, OpenError> {
        let state = read(&ledger)?;
        let base = base.into_iter().map(|base| (base.definition.id.clone(), base)).collect();
        let now = match Now::compile(&base, &lookups, state.clone(), None) {
            Ok(now) => now,
            Err(mistakes) => {
                let now = what_loads(&base, &lookups, &state, &mistakes);
                let now = now.ok_or_else(|| OpenError::Mistakes(mistakes.clone()))?;
                Now { left_out: mistakes, ..now }
            }
        };
        let live = Arc::new(Normalization::new(Arc::clone(now.set.pipelines()), networks));
        Ok(Self { base, lookups, ledger, live, now: Mutex::new(Arc::new(now)), turn: Mutex::default() })
    }

    /// What runs the pipelines on events.
    pub fn normalization(&self) -> &Arc<Normalization> {
        &self.live
    }

    /// Why definitions that were put did not load when this was opened, so that they do not run.
    pub fn left_out(&self) -> Vec<LoadError> {
        self.now().left_out.clone()
    }

    /// The pipelines that run, whoever wrote them.
    pub fn definitions(&self) -> Vec<Definition> {
        self.now().set.definitions().values().map(|definition| (**definition).clone()).collect()
    }

    /// The stored scripts that they may name.
    pub fn scripts(&self) -> BTreeMap<String, StoredScript> {
        (*self.now().lookups.scripts).clone()
    }

    /// The ids of pipelines and of scripts that were put and run.
    pub fn put(&self) -> (Vec<String>, Vec<String>) {
        let state = self.state();
        let pipelines = state.pipelines.iter().filter(|(_, put)| !put.is_idle);
        let scripts = state.scripts.iter().filter(|(_, put)| !put.is_idle);
        (pipelines.map(|(id, _)| id.clone()).collect(), scripts.map(|(id, _)| id.clone()).collect())
    }

    /// Those that were not put, by id.
    pub(crate) fn base(&self) -> &BTreeMap<String, Base> {
        &self.base
    }

    /// What was put.
    pub(crate) fn state(&self) -> Arc<State> {
        Arc::clone(&self.now().state)
    }

    fn now(&self) -> Arc<Now> {
        Arc::clone(&self.now.lock())
    }

    /// A pipeline as it is written, whoever wrote it.
    pub(crate) fn pipeline<'s>(&'s self, state: &'s State, id: &str) -> Option<&'s Body> {
        let put = state.pipelines.get(id).map(|put| &put.value);
        put.or_else(|| self.base.get(id).map(|base| &base.definition)).map(|definition| &definition.body)
    }

    /// Scripts that were not put, by id.
    pub(crate) fn base_scripts(&self) -> &BTreeMap<String, StoredScript> {
        &self.lookups.scripts
    }

    /// The set of all pipelines with others beside them, or in front of those of the same id.
    ///
    /// # Errors
    /// The mistakes of these.
    pub(crate) fn with(&self, others: Vec<Definition>) -> Result<Arc<Pipelines>, Vec<LoadError>> {
        let now = self.now();
        let mut definitions = now.set.definitions().clone();
        definitions.extend(others.into_iter().map(|other| (other.id.clone(), Arc::new(other))));
        Ok(Arc::clone(now.set.with(definitions, &now.lookups)?.pipelines()))
    }

    /// Changes definitions of one kind: `work` says what, to which state that leads, and what is told of it.
    pub(crate) fn change(
        &self,
        kind: Kind,
        tell: Tell<'_>,
        work: impl FnOnce(&State) -> Result<Step, ApiError>,
    ) -> Result<(), ApiError> {
        let _turn = self.turn.lock();
        let before = self.now();
        let Step { changes, next, told, mistakes } = work(&before.state)?;
        fits(&next)?;
        let next = Now::compile(&self.base, &self.lookups, next, Some(&before.set))
            .map_err(|found| mistakes(&found))?;
        self.ledger.change_definitions(kind, &changes, || {
            told.iter().try_for_each(|told| {
                tell(told).map_err(|reason| {
                    let reason = format!("nothing was changed, since it can not be written down: {reason}");
                    ApiError::of(503, "status_exception", reason)
                })
            })
        })?;
        self.live.replace(Arc::clone(next.set.pipelines()));
        *self.now.lock() = Arc::new(next);
        Ok(())
    }
}

/// A change that is to be made.
pub(crate) struct Step {
    pub(crate) changes: Vec<Change>,
    pub(crate) next: State,
    pub(crate) told: Vec<Told>,
    /// What is answered when the definitions do not compile then.
    pub(crate) mistakes: fn(&[LoadError]) -> ApiError,
}

impl<T> Put<T> {
    /// Something new, or in place of something.
    pub(crate) fn new(value: T, body: &Value, before: Option<&Self>) -> Self {
        let now = Timestamp::now();
        let created = before.map_or(now, |before| before.created);
        Self { value, body: body.to_string().into(), created, modified: now, is_idle: false }
    }

    pub(crate) fn keep(&self, id: &str) -> Change {
        let Self { body, created, modified, .. } = self;
        let (id, body) = (id.to_owned(), body.to_string());
        Change::Keep(Kept { id, body, created: *created, modified: *modified })
    }

    fn of(kept: Kept, read: impl FnOnce(&str, Body) -> Result<T, String>) -> Option<(String, Self)> {
        let Kept { id, body, created, modified } = kept;
        let value = serde_json::from_str::<Body>(&body)
            .map_err(|error| error.to_string())
            .and_then(|body| read(&id, body));
        match value {
            Ok(value) => Some((id, Self { value, body: body.into(), created, modified, is_idle: false })),
            Err(error) => {
                tracing::error!("{id} was put over HTTP and can not be read any more: {error}; put it anew");
                None
            }
        }
    }
}

fn read(ledger: &Ledger) -> Result<State, LedgerError> {
    let pipelines = ledger.definitions(Kind::Pipeline)?.into_iter();
    let scripts = ledger.definitions(Kind::Script)?.into_iter();
    Ok(State {
        pipelines: pipelines
            .filter_map(|kept| Put::of(kept, |id, body| Ok(Arc::new(definition(id, body)))))
            .collect(),
        scripts: scripts.filter_map(|kept| Put::of(kept, StoredScript::from_body)).collect(),
    })
}

/// Leaves out what was put and does not load any more; all that was put, where it is not to be told which.
fn what_loads(
    base: &BTreeMap<String, Base>,
    lookups: &Lookups,
    state: &State,
    mistakes: &[LoadError],
) -> Option<Now> {
    let mut some = state.clone();
    for (id, put) in &mut some.pipelines {
        put.is_idle = mistakes.iter().any(|mistake| mistake.pipeline == *id);
    }
    let mut none = state.clone();
    none.pipelines.values_mut().for_each(|put| put.is_idle = true);
    none.scripts.values_mut().for_each(|put| put.is_idle = true);
    [some, none].into_iter().find_map(|state| Now::compile(base, lookups, state, None).ok())
}

/// Refuses more than is kept.
fn fits(state: &State) -> Result<(), ApiError> {
    let lengths = |bytes: usize, body: &Arc<str>| bytes + body.len();
    let pipelines = state.pipelines.values().map(|put| &put.body).fold(0, lengths);
    let bytes = state.scripts.values().map(|put| &put.body).fold(pipelines, lengths);
    let count = state.pipelines.len().max(state.scripts.len());
    if count <= MOST && bytes <= MOST_BYTES {
        return Ok(());
    }
    let reason = format!(
        "at most {MOST} pipelines and {MOST} scripts of {} MiB altogether are kept: delete some, or let \
         pipelines.directory name a directory of files",
        MOST_BYTES >> 20
    );
    Err(Exception::new("circuit_breaking_exception", reason).with_status(429))
}

/// A definition that comes from nowhere but its id.
pub(crate) fn definition(id: &str, body: Body) -> Definition {
    Definition { id: id.to_owned(), origin: id.to_owned(), body }
}
