//! What can be asked for.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::commands::{
    backfill, check, demo, doctor, export, import, init, normalize, pipeline, quarantine, run, setup, user,
};
use crate::config::{Config, Level};
use crate::logging;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It did what it was asked for.
    Done,
    /// It did not, or not all, and has said why.
    Failed,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => Self::SUCCESS,
            Outcome::Failed => Self::FAILURE,
        }
    }
}

impl Outcome {
    /// Done when something holds.
    pub(crate) fn of(done: bool) -> Self {
        if done { Self::Done } else { Self::Failed }
    }
}

/// Collects audit logs of AI developer tools, turns them into ECS documents with Elasticsearch ingest pipelines, and
/// delivers each once: to Elasticsearch, or to an embedded store with a viewer.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, max_term_width = 100, after_help = FIRST_STEPS)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

const FIRST_STEPS: &str = "First steps:
  trailcar demo       see it at work with sample events, with nothing to configure
  trailcar init       write a configuration
  trailcar check      find out what is wrong with it
  trailcar setup      install the templates in Elasticsearch
  trailcar run        collect and deliver

Exit status: 0 done, 1 failed, 2 wrong usage.";

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Run),
    Check(check::Check),
    Init(init::Init),
    Setup(setup::SetupCommand),
    Demo(demo::Demo),
    Import(import::Import),
    Backfill(backfill::Backfill),
    Normalize(normalize::Normalize),
    Pipeline(pipeline::Pipeline),
    Export(export::Export),
    Quarantine(quarantine::Quarantine),
    User(user::UserCommand),
    Doctor(doctor::Doctor),
}

impl Cli {
    /// Does what was asked for.
    ///
    /// # Errors
    /// Why it could not, with the cure.
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        match self.command {
            Command::Run(command) => command.run(),
            Command::Check(command) => command.run(),
            Command::Init(command) => command.run(),
            Command::Setup(command) => command.run(),
            Command::Demo(command) => command.run(),
            Command::Import(command) => command.run(),
            Command::Backfill(command) => command.run(),
            Command::Normalize(command) => command.run(),
            Command::Pipeline(command) => command.run(),
            Command::Export(command) => command.run(),
            Command::Quarantine(command) => command.run(),
            Command::User(command) => command.run(),
            Command::Doctor(command) => command.run(),
        }
    }
}

/// The file that is read when none is named.
pub(crate) const DEFAULT_CONFIG: &str = "trailcar.yml";

/// `--config`.
#[derive(Debug, Args)]
pub(crate) struct ConfigFile {
    /// The configuration
    #[arg(long = "config", short = 'c', value_name = "FILE", default_value = DEFAULT_CONFIG)]
    path: PathBuf,
}

impl ConfigFile {
    /// Which file it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the configuration and starts logging as it says; `level` counts when it says nothing.
    ///
    /// # Errors
    /// Every mistake of the file.
    pub(crate) fn load(&self, level: Level) -> anyhow::Result<Config> {
        let config = Config::load(&self.path)?;
        logging::start(config.logging.level.unwrap_or(level), config.logging.format);
        Ok(config)
    }
}

/// `--config` of commands that also do without one.
#[derive(Debug, Args)]
pub(crate) struct OptionalConfigFile {
    /// A configuration, of which the settings that matter here are taken; none is needed
    #[arg(long = "config", short = 'c', value_name = "FILE")]
    path: Option<PathBuf>,
}

impl OptionalConfigFile {
    /// Whether one is named.
    pub(crate) fn is_given(&self) -> bool {
        self.path.is_some()
    }

    /// Reads the configuration, or takes the default one, and starts logging.
    ///
    /// # Errors
    /// Every mistake of the file.
    pub(crate) fn load(&self, level: Level) -> anyhow::Result<Config> {
        match &self.path {
            Some(path) => ConfigFile { path: path.clone() }.load(level),
            None => {
                logging::start(level, Default::default());
                Ok(Config::empty()?)
            }
        }
    }
}
