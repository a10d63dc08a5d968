//! `trailcar check`.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;

use clap::Args;
use collect_files::FilesConfig;
use collect_s3::S3Config;
use elasticsearch_sink::{Finding, Grade, check};
use event::{Doc, SecretPlace};
use ingest::lookup::{GeoAnswer, GeoDatabases, GeoRequest, GeoView};
use ingest_api::Library;
use ledger::{DataDir, LedgerError};
use parking_lot::Mutex;
use poll::{Service, Trouble};

use super::health;
use crate::cli::{ConfigFile, Outcome};
use crate::config::{Config, Geoip, Level, Output, SourceConfig};
use crate::output_file;
use crate::wiring::output::{can_not_be_made, data_dir_problem};
use crate::wiring::{normalization, output, runtime};

/// Find out what is wrong with the configuration and around it
///
/// First the file: every mistake at once, with its line and its cure. Then what it names: pipelines, files, GeoIP
/// databases, the data directory, whether the services that are polled take their keys, whether bucket and queue may be
/// read, and whether Elasticsearch can be reached, takes the credentials and has the templates. Nothing is changed, and
/// a running sidecar is not disturbed.
///
/// Fails (exit status 1) when events would not be read or delivered; warnings alone do not fail it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  trailcar check
  trailcar check --config /etc/trailcar/trailcar.yml && systemctl restart trailcar
  trailcar check --health       # as the health check of a container")]
pub(crate) struct Check {
    #[command(flatten)]
    config: ConfigFile,
    /// Only ask the sidecar that runs with this configuration whether it is alive (/healthz on server.listen)
    #[arg(long)]
    health: bool,
}

impl Check {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let config = self.config.load(Level::Error)?;
        if self.health {
            return health::ask(config.listen);
        }
        let mut screen = Screen { out: std::io::stdout().lock(), failed: false };
        screen.show(Grade::Good, format!("{} has no mistakes", self.config.path().display()))?;
        screen.data_dir(&config.data_dir)?;
        screen.pipelines(&config)?;
        for source in &config.sources {
            screen.source(source)?;
        }
        if config.sources.is_empty() {
            screen.show(Grade::Warning, "there are no sources: nothing is collected")?;
        }
        screen.access(&config)?;
        let own = config.sources.iter().map(|source| source.source().dataset.as_str());
        // The sidecar tells what its users do in a dataset of its own.
        let mut datasets: Vec<&str> = own.chain([journal::DATASET]).collect();
        datasets.sort_unstable();
        datasets.dedup();
        screen.output(&config.output, &datasets)?;
        Ok(Outcome::of(!screen.failed))
    }
}

pub(super) struct Screen<W> {
    out: W,
    failed: bool,
}

impl<W: Write> Screen<W> {
    pub(super) fn show(&mut self, grade: Grade, message: impl Into<String>) -> anyhow::Result<()> {
        self.failed |= grade == Grade::Failure;
        writeln!(self.out, "{}", Finding { grade, message: message.into() })?;
        Ok(())
    }

    fn source(&mut self, source: &SourceConfig) -> anyhow::Result<()> {
        match source {
            SourceConfig::Files(files) => self.files(files),
            SourceConfig::CursorApi(cursor) => self.polled(cursor),
            SourceConfig::CursorS3(bucket) => self.cursor_s3(bucket),
            SourceConfig::PromptfooApi(promptfoo) => self.polled(promptfoo),
            SourceConfig::CencoriApi(cencori) => self.polled(cencori),
        }
    }

    fn files(&mut self, files: &FilesConfig) -> anyhow::Result<()> {
        let problems = collect_files::check_paths(&files.paths);
        // Files that are followed may come later.
        let grade = if files.follow { Grade::Warning } else { Grade::Failure };
        for problem in &problems {
            self.show(
                grade,
                format!("source {}: {} {}", files.source.id, problem.location, problem.message),
            )?;
        }
        if problems.is_empty() {
            self.show(Grade::Good, format!("source {}: all paths lead to files", files.source.id))?;
        }
        Ok(())
    }

    /// Asks a service for one event.
    fn polled<S: Service>(&mut self, config: &poll::Config<S>) -> anyhow::Result<()> {
        let id = &config.source.id;
        if let SecretPlace::File(file) = &config.key
            && file.exists()
        {
            self.mode(file)?;
        }
        let reply = match runtime()?.block_on(poll::ask(config, Arc::new(poll::allowances::<S>()))) {
            Ok(reply) => reply,
            Err(mistake) => return self.show(Grade::Failure, format!("source {id}: {mistake}")),
        };
        for warning in reply.warnings {
            self.show(Grade::Warning, format!("source {id}: {warning}"))?;
        }
        let rules = S::rules();
        let key = rules.key.noun;
        let within = match rules.longest_window.as_hours() / 24 {
            days @ ..=366 => format!("of the last {days} days"),
            _ => "at all".to_owned(),
        };
        match reply.events {
            Ok(Some(0)) => self.show(
                Grade::Warning,
                format!(
                    "source {id}: the service takes the {key} and has no events {within}: {}",
                    rules.advice.empty
                ),
            ),
            Ok(_) => {
                self.show(Grade::Good, format!("source {id}: the service takes the {key} and has events"))
            }
            Err(trouble @ Trouble::TooMany { .. }) => {
                self.show(Grade::Warning, format!("source {id}: {trouble}"))
            }
            Err(trouble) => self.show(Grade::Failure, format!("source {id}: {trouble}")),
        }
    }

    /// Opens one object, or asks for the queue's attributes.
    fn cursor_s3(&mut self, bucket: &S3Config) -> anyhow::Result<()> {
        let id = &bucket.source.id;
        for found in runtime()?.block_on(collect_s3::check(bucket)) {
            let (grade, message) = match found {
                Ok(message) => (Grade::Good, message),
                Err(message) => (Grade::Failure, message),
            };
            self.show(grade, format!("source {id}: {message}"))?;
        }
        Ok(())
    }

    fn data_dir(&mut self, path: &Path) -> anyhow::Result<()> {
        let shown = path.display();
        if !path.exists() {
            return match try_make(path) {
                Ok(()) => self.show(Grade::Good, format!("data_dir {shown} can be made")),
                Err(error) => self.show(Grade::Failure, can_not_be_made(path, &error).to_string()),
            };
        }
        match DataDir::lock(path) {
            Ok(_) => self.show(Grade::Good, format!("data_dir {shown} can be used"))?,
            Err(LedgerError::InUse { holder, .. }) => {
                self.show(Grade::Good, format!("data_dir {shown} is in use by {holder}"))?;
            }
            Err(error) => self.show(Grade::Failure, data_dir_problem(path, error).to_string())?,
        }
        self.mode(path)
    }

    /// What is in the data directory, or in the file of a secret, is for its owner alone.
    pub(super) fn mode(&mut self, path: &Path) -> anyhow::Result<()> {
        use std::os::unix::fs::PermissionsExt;
        let found = std::fs::metadata(path)?;
        let (mode, shown) = (found.permissions().mode() & 0o777, path.display());
        if mode & 0o077 == 0 {
            return Ok(());
        }
        let (risk, right) = if found.is_dir() {
            ("come at the events in it", "0700")
        } else {
            ("read the secret in it", "0600")
        };
        self.show(
            Grade::Warning,
            format!("{shown} has mode {mode:04o}, so others can {risk}: chmod {right} {shown}"),
        )
    }

    fn pipelines(&mut self, config: &Config) -> anyhow::Result<()> {
        let asked =
            Arc::new(Asked { inner: normalization::databases(&config.geoip)?, views: Mutex::default() });
        let lookups = normalization::lookups(config, Arc::clone(&asked) as Arc<dyn GeoDatabases>);
        let compiled = match output::ledger_if_any(config) {
            Ok(Some(ledger)) => normalization::library_with(config, ledger, lookups).map(Some),
            Ok(None) => normalization::compile(&config.definitions, &lookups).map(|_| None),
            Err(error) => {
                let message = format!("what was put over HTTP is not checked: {error:#}");
                self.show(Grade::Warning, message)?;
                normalization::compile(&config.definitions, &lookups).map(|_| None)
            }
        };
        match compiled {
            Ok(None) => self.show(Grade::Good, format!("{} pipelines compile", config.definitions.len()))?,
            Ok(Some(library)) => self.library(&library)?,
            Err(errors) => {
                for line in errors.to_string().lines() {
                    self.show(Grade::Failure, line)?;
                }
            }
        }
        for (name, text) in &config.regex_files {
            match ingest::check_rules(text) {
                Ok(()) => self.show(Grade::Good, format!("rules for user agents {name} can be used"))?,
                Err(reason) => {
                    let cure = "correct it after the example of uap-core's regexes.yaml, or put it apart";
                    self.show(Grade::Failure, format!("rules for user agents {name}: {reason}: {cure}"))?;
                }
            }
        }
        let Geoip::Directory(directory) = &config.geoip else { return Ok(()) };
        for (file, view) in &*asked.views.lock() {
            let shown = directory.join(file).display().to_string();
            let is_usable = view.find(Ipv4Addr::LOCALHOST.into(), &mut Doc::new()) != GeoAnswer::Unavailable;
            if is_usable {
                self.show(Grade::Good, format!("GeoIP database {shown} can be used"))?;
            } else if directory.join(file).exists() {
                self.show(Grade::Failure, format!("GeoIP database {shown} can not be used: fetch it again"))?;
            } else {
                self.show(
                    Grade::Warning,
                    format!("there is no GeoIP database {shown}: events are tagged, not enriched, until it is put there"),
                )?;
            }
        }
        Ok(())
    }

    /// All pipelines, and which of them were put over HTTP.
    fn library(&mut self, library: &Library) -> anyhow::Result<()> {
        self.show(Grade::Good, format!("{} pipelines compile", library.definitions().len()))?;
        let (pipelines, scripts) = library.put();
        for (what, ids) in [("pipelines", pipelines), ("stored scripts", scripts)] {
            if !ids.is_empty() {
                let message = format!("{what} that were put over HTTP count: {}", ids.join(", "));
                self.show(Grade::Good, message)?;
            }
        }
        for mistake in library.left_out() {
            self.show(Grade::Warning, format!("{mistake}; {}", normalization::LEFT_OUT))?;
        }
        Ok(())
    }

    fn output(&mut self, output: &Output, datasets: &[&str]) -> anyhow::Result<()> {
        match output {
            Output::Store => self.show(Grade::Good, "events go to the embedded store in data_dir"),
            Output::File(path) => match output_file::lacks_directory(path) {
                Some(problem) => self.show(Grade::Failure, problem),
                None => self.show(Grade::Good, format!("events go to the file {}", path.display())),
            },
            Output::Elasticsearch(config) => {
                for file in [&config.api_key_file, &config.password_file].into_iter().flatten() {
                    self.mode(file)?;
                }
                for finding in runtime()?.block_on(check(config, datasets))? {
                    self.show(finding.grade, finding.message)?;
                }
                Ok(())
            }
        }
    }
}

/// Whether a directory that is not there can be made: one beside it can.
fn try_make(path: &Path) -> std::io::Result<()> {
    let there = path.ancestors().find(|parent| parent.is_dir()).unwrap_or_else(|| Path::new("."));
    let probe = there.join(format!(".trailcar-check-{}", std::process::id()));
    std::fs::create_dir(&probe)?;
    std::fs::remove_dir(&probe)
}

/// Notes which databases pipelines ask for.
struct Asked {
    inner: Arc<dyn GeoDatabases>,
    views: Mutex<BTreeMap<String, Arc<dyn GeoView>>>,
}

impl GeoDatabases for Asked {
    fn view(&self, request: &GeoRequest) -> Result<Arc<dyn GeoView>, String> {
        let view = self.inner.view(request)?;
        self.views.lock().insert(request.database_file.clone(), Arc::clone(&view));
        Ok(view)
    }
}
