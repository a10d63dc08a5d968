//! What a run came to, for people.

use std::io::Write;

use deliver::Report;
use event::Tally;

use super::run::End;

/// Writes the counts of a run, and what went wrong with its sources.
///
/// # Errors
/// The output can not be written.
pub(crate) fn write(out: &mut impl Write, report: &Report, end: End) -> std::io::Result<()> {
    tally(out, &report.tally())?;
    let notices: u64 = report.sources.iter().map(|source| source.notices).sum();
    if notices > 0 {
        writeln!(out, "{:<12} {notices:>12}  not readable, or no events: see the warnings above", "notices")?;
    }
    if end == End::Stopped {
        writeln!(out, "stopped by a signal before everything was read: the next start goes on from here")?;
    }
    for outcome in &report.sources {
        let id = &outcome.source.id;
        if let Some(error) = &outcome.error {
            writeln!(out, "source {id} was given up: {error}")?;
        }
        if outcome.pending > 0 {
            writeln!(out, "source {id} has {} events under way: they are collected again", outcome.pending)?;
        }
    }
    Ok(())
}

/// Writes counts, a line each; those that are zero only where that says something.
///
/// # Errors
/// The output can not be written.
pub(crate) fn tally(out: &mut impl Write, tally: &Tally) -> std::io::Result<()> {
    let always = ["accepted", "created", "duplicate"];
    for (name, count, words) in [
        ("accepted", tally.accepted, "events read"),
        ("created", tally.indexed + tally.stored, "documents that were not there before"),
        ("duplicate", tally.duplicate, "that were there already"),
        ("diverted", tally.diverted, "taken by the failure store"),
        ("quarantined", tally.quarantined, "refused for good: see `trailcar quarantine list`"),
        ("dropped", tally.dropped, "dropped by their pipeline"),
        ("failed", tally.failed, "of those delivered, as event.kind: pipeline_error with the raw event"),
    ] {
        if count > 0 || always.contains(&name) {
            writeln!(out, "{name:<12} {count:>12}  {words}")?;
        }
    }
    Ok(())
}
