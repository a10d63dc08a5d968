//! `trailcar pipeline test`.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::Args;
use ingest::Pipelines;
use jiff::Timestamp;
use workbench::case::Case;
use workbench::package::{self, DataStream};
use workbench::verdict::{Judged, Verdict, judge};

use super::input::Databases;
use super::show;
use crate::cli::Outcome;

/// Differences of one event that are shown.
const MOST: usize = 20;

/// Run the pipeline tests of packages and show where documents differ
///
/// A package is laid out as Elastic's package tooling lays it out: data_stream/*/elasticsearch/ingest_pipeline/*.yml with
/// {{ IngestPipeline "name" }} references, and data_stream/*/_dev/test/pipeline/test-*.log or test-*.json, each with
/// -expected.json and, where there is need, -config.yml (fields, dynamic_fields, multiline, skip).
///
/// Fails (exit status 1) when an event becomes another document than is expected.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  trailcar pipeline test packages/nginx
  trailcar pipeline test packages/nginx/data_stream/access --geoip ./geoip
  trailcar pipeline test packages/nginx --generate")]
pub(super) struct Test {
    /// A package, or one of its data streams
    #[arg(required = true, value_name = "DIR")]
    directories: Vec<PathBuf>,
    /// Only test files whose name has this in it
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Write what comes out as what is expected, of failures apart
    #[arg(long)]
    generate: bool,
    #[command(flatten)]
    databases: Databases,
}

/// Files by how they ended.
#[derive(Default)]
struct Counts {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Test {
    pub(super) fn run(self) -> anyhow::Result<Outcome> {
        let mut counts = Counts::default();
        let mut out = io::stdout().lock();
        for directory in &self.directories {
            for stream in package::data_streams(directory)? {
                self.stream(&stream, &mut counts, &mut out)?;
            }
        }
        let Counts { passed, failed, skipped } = counts;
        writeln!(out, "{passed} passed, {failed} failed, {skipped} skipped")?;
        if passed + failed + skipped == 0 {
            return Err(anyhow!("there are no test files: _dev/test/pipeline/test-*.log or test-*.json"));
        }
        Ok(Outcome::of(failed == 0))
    }

    fn stream(&self, stream: &DataStream, counts: &mut Counts, out: &mut impl Write) -> anyhow::Result<()> {
        let pipelines = self.databases.compile(&stream.definitions, BTreeMap::new())?;
        for path in &stream.tests {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if self.only.as_ref().is_some_and(|only| !name.contains(only.as_str())) {
                continue;
            }
            self.file(&pipelines, stream, path, counts, out)?;
        }
        Ok(())
    }

    fn file(
        &self,
        pipelines: &Pipelines,
        stream: &DataStream,
        path: &Path,
        counts: &mut Counts,
        out: &mut impl Write,
    ) -> anyhow::Result<()> {
        let case = Case::read(path)?;
        if let Some(skip) = &case.config.skip {
            let link = skip.link.as_ref().map(|link| format!(" ({link})")).unwrap_or_default();
            writeln!(out, "skipped {}: {}{link}", path.display(), skip.reason)?;
            counts.skipped += 1;
            return Ok(());
        }
        let timestamp = Timestamp::now().to_string();
        let judged = judge(pipelines, &stream.entry, &case, &timestamp)
            .map_err(|reason| anyhow!("{}: {reason}", path.display()))?;
        if self.generate {
            generate(&judged, path)?;
        }
        let is_good = match self.generate {
            true => !judged.events.iter().any(|(verdict, _)| matches!(verdict, Verdict::Failed(_))),
            false => judged.is_good(),
        };
        let word = if is_good { "ok     " } else { "FAILED " };
        writeln!(out, "{word} {} ({} events)", path.display(), judged.events.len())?;
        if !is_good {
            report(out, &judged)?;
        }
        *if is_good { &mut counts.passed } else { &mut counts.failed } += 1;
        Ok(())
    }
}

fn generate(judged: &Judged, path: &Path) -> anyhow::Result<()> {
    let expected = Case::expected_path(path);
    let text = format!("{:#}\n", judged.as_expected());
    fs::write(&expected, text).with_context(|| format!("{} can not be written", expected.display()))
}

/// Writes what is not as it should be.
fn report(out: &mut impl Write, judged: &Judged) -> io::Result<()> {
    if let Some(reason) = &judged.of_file {
        writeln!(out, "    {reason}")?;
    }
    for (at, (verdict, _)) in judged.events.iter().enumerate() {
        match verdict {
            Verdict::Same => {}
            Verdict::Failed(reason) => writeln!(out, "    event {}: failed: {reason}", at + 1)?,
            Verdict::Different(differences) => {
                writeln!(out, "    event {}: - is expected, + came out", at + 1)?;
                show::differences(out, &differences[..differences.len().min(MOST)], "      ")?;
                if differences.len() > MOST {
                    writeln!(out, "      … and {} more", differences.len() - MOST)?;
                }
            }
        }
    }
    Ok(())
}
