//! `trailcar user`.

use std::io::Write;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use journal::{Entry, Journal, Who};
use serde_json::json;
use store::Role;
use users::{Name, Place, Registry, State, Token, User, Users};

use crate::cli::{ConfigFile, Outcome};
use crate::config::{Config, Level, parse_role};
use crate::wiring::access;

/// Say who may see and export events
///
/// With users, the viewer and its interfaces ask for a login; without any, they are open on loopback and closed elsewhere. Owners
/// and admins see and export, members neither. A change counts at once, also while the sidecar runs: a token that is rotated and a
/// user who is disabled end with their sessions. Users of the configuration are changed there. Each change is an event of the
/// dataset trailcar.audit.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  trailcar user add ada --role owner
  trailcar user add siem --role admin > /run/secrets/siem_token
  trailcar user list --json
  trailcar user rotate ada
  trailcar user disable ada")]
pub(crate) struct UserCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Add a user, and show their token, this once
    Add {
        #[command(flatten)]
        config: ConfigFile,
        /// The name: letters, digits, and . _ - @ +
        #[arg(value_parser = name)]
        name: Name,
        /// owner, admin or member
        #[arg(long, value_parser = parse_role)]
        role: Role,
    },
    /// List users with role, state, and when they were added and here last
    List {
        #[command(flatten)]
        config: ConfigFile,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Let a user in no more; their sessions end
    Disable(One),
    /// Let a user in again who was disabled, with a new token
    Enable(One),
    /// Give a user a new token; the old one ends, and their sessions
    Rotate(One),
}

#[derive(Debug, Args)]
struct One {
    #[command(flatten)]
    config: ConfigFile,
    /// The user
    #[arg(value_parser = name)]
    name: Name,
}

fn name(text: &str) -> Result<Name, String> {
    Name::new(text).map_err(|error| error.to_string())
}

impl UserCommand {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        match self.what {
            What::Add { config, name, role } => {
                let office = Office::open(&config)?;
                office.not_configured(&name)?;
                let told = || office.tell("user_added", &name, Some(role));
                let token = office.registry.add(&name, role, Timestamp::now(), &told)?;
                show(&format!("{name} is added, with the role {role}"), &token)
            }
            What::List { config, json } => list(&config.load(Level::Warn)?, json),
            What::Disable(one) => {
                let office = Office::open(&one.config)?;
                office.not_configured(&one.name)?;
                let told = || office.tell("user_disabled", &one.name, None);
                office.registry.disable(&one.name, office.configuration_owns, &told)?;
                writeln!(std::io::stderr(), "{} is disabled, and their sessions have ended", one.name)?;
                Ok(Outcome::Done)
            }
            What::Enable(one) => {
                let office = Office::open(&one.config)?;
                office.not_configured(&one.name)?;
                let told = || office.tell("user_enabled", &one.name, None);
                let token = office.registry.enable(&one.name, &told)?;
                show(&format!("{} may come in again", one.name), &token)
            }
            What::Rotate(one) => {
                let office = Office::open(&one.config)?;
                office.not_configured(&one.name)?;
                let told = || office.tell("token_rotated", &one.name, None);
                let token = office.registry.rotate(&one.name, &told)?;
                show(&format!("The old token of {} has ended, and their sessions", one.name), &token)
            }
        }
    }
}

/// Where users are changed.
struct Office {
    registry: Registry,
    journal: Journal,
    configured: Users,
    configuration_owns: bool,
}

impl Office {
    fn open(config: &ConfigFile) -> anyhow::Result<Self> {
        let config = config.load(Level::Warn)?;
        access::data_dir(&config)?;
        let configured = Users::new(config.users.clone(), None);
        Ok(Self {
            registry: Registry::open(&config.data_dir)?,
            journal: access::journal(&config)?,
            configuration_owns: configured.configuration_owns(),
            configured,
        })
    }

    fn not_configured(&self, name: &Name) -> anyhow::Result<()> {
        anyhow::ensure!(
            !self.configured.is_configured(name),
            "{name} stands in the configuration: change them there, under users, and start the sidecar anew"
        );
        Ok(())
    }

    fn tell(&self, action: &'static str, name: &Name, role: Option<Role>) -> Result<(), String> {
        let target = Who { name: Some(name.to_string()), role: role.map(Role::as_str), ..Who::default() };
        let entry = Entry { action, who: access::shell(), target: Some(target), ..Entry::default() };
        self.journal.append(&entry).map_err(|error| error.to_string())
    }
}

/// Shows a token: alone on standard output, so that it can go where it is kept.
fn show(what: &str, token: &Token) -> anyhow::Result<Outcome> {
    writeln!(std::io::stderr(), "{what}. The token is shown this once:")?;
    writeln!(std::io::stdout(), "{}", token.expose())?;
    Ok(Outcome::Done)
}

fn list(config: &Config, as_json: bool) -> anyhow::Result<Outcome> {
    let registry = Registry::find(&config.data_dir)?;
    let used = registry.as_ref().map(Registry::last_used).transpose()?.unwrap_or_default();
    let users = Users::new(config.users.clone(), registry).list()?;
    let lines: Vec<Line> = users
        .into_iter()
        .map(|user| {
            let used = used.iter().find(|(name, _)| name == user.name.as_str()).map(|(_, last)| *last);
            Line { user, used }
        })
        .collect();
    let mut out = std::io::stdout().lock();
    if as_json {
        let lines: Vec<_> = lines.iter().map(Line::json).collect();
        writeln!(out, "{:#}", json!(lines))?;
        return Ok(Outcome::Done);
    }
    if lines.is_empty() {
        writeln!(
            out,
            "There are no users: viewer and interfaces are open on loopback, and closed elsewhere."
        )?;
        return Ok(Outcome::Done);
    }
    let widest = lines.iter().map(|line| line.user.name.as_str().len()).max().unwrap_or(0).max(4);
    writeln!(
        out,
        "{:widest$}  {:6}  {:8}  {:20}  {:20}  kept in",
        "name", "role", "state", "added", "here last"
    )?;
    for line in lines {
        let User { name, role, .. } = &line.user;
        let (added, used) = (time(line.user.created), time(line.used));
        writeln!(
            out,
            "{name:widest$}  {:6}  {:8}  {added:20}  {used:20}  {}",
            role.as_str(),
            line.state(),
            line.place()
        )?;
    }
    Ok(Outcome::Done)
}

struct Line {
    user: User,
    used: Option<Timestamp>,
}

impl Line {
    fn state(&self) -> &'static str {
        match self.user.state {
            State::Active => "active",
            State::Disabled => "disabled",
        }
    }

    fn place(&self) -> &'static str {
        match self.user.place {
            Place::Configuration => "configuration",
            Place::DataDir => "data_dir",
        }
    }

    fn json(&self) -> serde_json::Value {
        json!({
            "name": self.user.name.as_str(),
            "role": self.user.role.as_str(),
            "state": self.state(),
            "added": self.user.created.map(|time| time.to_string()),
            "here_last": self.used.map(|time| time.to_string()),
            "kept_in": self.place(),
        })
    }
}

fn time(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "-".to_owned(), |time| time.strftime("%Y-%m-%d %H:%M:%SZ").to_string())
}
