//! Where a pipeline's time goes.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use event::Doc;
use ingest::{About, Ended, Pipelines, Watch};

use crate::simulation::Document;

/// What a measurement found.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Documents that were run.
    pub documents: u64,
    /// What the pipeline took for them, with nobody watching.
    pub total: Duration,
    /// What each processor took of it, the one that took most first: shares of the total as they were while a clock was
    /// read between processors.
    pub rows: Vec<Row>,
}

/// Runs a pipeline on documents, again and again for about `time`, on this thread. Reading the documents is not counted.
pub fn measure(pipelines: &Pipelines, id: &str, documents: &[Document], time: Duration) -> Measured {
    let mut doc = Doc::new();
    let mut round = |watch: &mut Option<Profile>| {
        let mut taken = Duration::ZERO;
        for document in documents {
            doc.clear();
            document.fill(&mut doc);
            let start = Instant::now();
            // How a document ends is not this measurement's matter.
            match watch {
                Some(watch) => drop(pipelines.watch(id, &mut doc, TIMESTAMP, watch)),
                None => drop(pipelines.run(id, &mut doc, TIMESTAMP)),
            }
            taken += start.elapsed();
        }
        taken
    };
    let (mut rounds, mut total) = (0, Duration::ZERO);
    // What is loaded by the first round is not what others cost.
    round(&mut None);
    while total < time && !documents.is_empty() {
        total += round(&mut None);
        rounds += 1;
    }
    let mut profile = Some(Profile::default());
    for _ in 0..rounds {
        round(&mut profile);
    }
    let mut rows = profile.map(Profile::into_rows).unwrap_or_default();
    let watched: Duration = rows.iter().map(|row| row.own).sum();
    let scale = total.as_secs_f64() / watched.as_secs_f64().max(f64::MIN_POSITIVE);
    rows.iter_mut().for_each(|row| row.own = row.own.mul_f64(scale));
    Measured { documents: rounds * documents.len() as u64, total, rows }
}

const TIMESTAMP: &str = "2026-01-01T00:00:00Z";

/// What one processor took in all runs.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its pipeline.
    pub pipeline: String,
    /// Where in it: `processors[3].set`.
    pub place: String,
    /// Its tag.
    pub tag: Option<String>,
    /// How often its turn came.
    pub turns: u64,
    /// How often its condition was false.
    pub skipped: u64,
    /// How often it failed.
    pub failed: u64,
    /// Time in it and its condition, without the processors of pipelines that it calls.
    pub own: Duration,
}

/// Takes the time of every processor.
#[derive(Default)]
struct Profile {
    rows: Vec<Row>,
    /// By the address of what is said about a processor, which stays where it is while its pipelines are there.
    by_about: HashMap<usize, usize>,
    /// Rows that have begun and not ended, the outermost first.
    open: Vec<usize>,
    last: Option<Instant>,
}

impl Profile {
    /// The rows, the one that took most first.
    fn into_rows(mut self) -> Vec<Row> {
        self.rows.sort_by_key(|row| std::cmp::Reverse(row.own));
        self.rows
    }

    /// Gives the time since the last change to whoever it belongs to.
    fn turn(&mut self) {
        let now = Instant::now();
        if let (Some(last), Some(row)) = (self.last, self.open.last().and_then(|at| self.rows.get_mut(*at))) {
            row.own += now - last;
        }
        self.last = Some(now);
    }
}

impl Watch for Profile {
    fn begins(&mut self, about: &About) {
        self.turn();
        let rows = &mut self.rows;
        let at = *self.by_about.entry(std::ptr::from_ref(about).addr()).or_insert_with(|| {
            rows.push(Row {
                pipeline: about.pipeline.to_string(),
                place: about.place.to_string(),
                tag: about.tag.as_deref().map(str::to_owned),
                turns: 0,
                skipped: 0,
                failed: 0,
                own: Duration::ZERO,
            });
            rows.len() - 1
        });
        self.rows[at].turns += 1;
        self.open.push(at);
    }

    fn ended(&mut self, _: &About, how: &Ended<'_>, _: &Doc) {
        self.turn();
        if let Some(row) = self.open.pop().and_then(|at| self.rows.get_mut(at)) {
            match how {
                Ended::Skipped => row.skipped += 1,
                Ended::Undecided(_) | Ended::Failed { .. } => row.failed += 1,
                Ended::Done(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ingest::{Definition, Lookups, compile};
    use serde_json::json;

    use super::*;

    #[test]
    fn turns_are_counted_and_times_add_up() {
        let text =
            "processors: [{set: {field: a, value: 1}}, {pipeline: {name: q}}, {drop: {if: ctx.b == 1}}]";
        let inner = "processors: [{fail: {message: m, ignore_failure: true}}]";
        let definitions =
            [("p", text), ("q", inner)].map(|(id, text)| Definition::parse(id, id, text).unwrap());
        let pipelines = compile(&definitions, &Lookups::default()).unwrap();
        let documents = [Document::new(json!({"b": 1})), Document::new(json!({}))];
        let measured = measure(&pipelines, "p", &documents, Duration::from_micros(1));
        let row = |place: &str| measured.rows.iter().find(|row| row.place == place).unwrap().clone();
        assert_eq!(row("processors[1].set").turns, measured.documents);
        assert_eq!(row("processors[1].fail").failed, measured.documents);
        assert_eq!(row("processors[3].drop").skipped, measured.documents / 2);
        let sum: Duration = measured.rows.iter().map(|row| row.own).sum();
        assert!(sum.abs_diff(measured.total) < Duration::from_micros(1), "{sum:?} {:?}", measured.total);
    }
}
