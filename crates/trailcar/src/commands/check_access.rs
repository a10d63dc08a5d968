//! The part of `trailcar check` about who may come in.

use std::io::Write;

use elasticsearch_sink::Grade;
use event::SecretPlace;
use server::guard::Exposure;
use store::Role;
use users::{Proof, Registry, State, Users};

use super::check::Screen;
use crate::config::Config;

impl<W: Write> Screen<W> {
    /// Whether viewer and interfaces are open, why, and whether everybody can log in.
    pub(super) fn access(&mut self, config: &Config) -> anyhow::Result<()> {
        let registry = match Registry::find(&config.data_dir) {
            Ok(registry) => registry,
            Err(error) => {
                return self.show(Grade::Failure, format!("the users in data_dir can not be read: {error}"));
            }
        };
        for user in &config.users {
            match user.check() {
                Ok(()) => {}
                Err(reason) => {
                    self.show(Grade::Failure, format!("the token of user {} {reason}", user.name))?;
                }
            }
            if let Proof::Token(SecretPlace::File(file)) = &user.proof
                && file.exists()
            {
                self.mode(file)?;
            }
            let there = registry.as_ref().map(Registry::list).transpose()?.unwrap_or_default();
            if there.iter().any(|other| other.name == user.name) {
                let message = format!(
                    "user {} stands in the configuration and in data_dir: that of the configuration counts",
                    user.name
                );
                self.show(Grade::Warning, message)?;
            }
        }
        let users = Users::new(config.users.clone(), registry);
        let all = users.list()?;
        let exposure = Exposure::of(config.listen);
        let grade = match (exposure, all.is_empty()) {
            (Exposure::Local, _) => Grade::Good,
            (Exposure::Remote, _) => Grade::Warning,
        };
        self.show(grade, exposure.words(!all.is_empty()))?;
        let sees = |role: Role| role != Role::Member;
        if !all.is_empty() && !all.iter().any(|user| sees(user.role) && user.state == State::Active) {
            let message = "there are users, but no active owner or admin: nobody sees events; trailcar user add NAME --role owner";
            self.show(Grade::Warning, message)?;
        }
        Ok(())
    }
}
