//! Who asks. Every query for events takes an [`Access`], here of those in quarantine and in the store of those that are kept, so
//! that roles are enforced below and not in a page.

use std::fmt;
use std::sync::Arc;

/// What somebody may do with the events of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Sees and exports everything.
    Owner,
    /// Sees and exports everything.
    Admin,
    /// Neither sees nor exports.
    Member,
}

impl Role {
    /// All of them, the mightiest first.
    pub const ALL: [Self; 3] = [Self::Owner, Self::Admin, Self::Member];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Member => "member",
        }
    }

    /// Reads one.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The right to ask, proven once at the door (login, token, loopback) and handed down to every query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    grant: Grant,
    name: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Grant {
    Local,
    Role(Role),
}

/// Somebody asked for what their role does not let them see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("only owners and admins may see or export audit events")]
pub struct Forbidden;

impl Access {
    /// The person at the machine itself, on the command line or while there are no users: everything.
    pub fn local() -> Self {
        Self { grant: Grant::Local, name: None }
    }

    /// Somebody's with a role.
    pub fn of(role: Role) -> Self {
        Self { grant: Grant::Role(role), name: None }
    }

    /// The same, of somebody who has a name; manifests of exports tell it.
    pub fn named(self, name: &str) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// Who it is, as far as that is known.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The role; none for the person at the machine.
    pub fn role(&self) -> Option<Role> {
        match self.grant {
            Grant::Local => None,
            Grant::Role(role) => Some(role),
        }
    }

    /// Lets through who may see events. Queries ask this themselves; what shows events from elsewhere has to.
    ///
    /// # Errors
    /// [`Forbidden`] for a member.
    pub fn check(&self) -> Result<(), Forbidden> {
        match self.grant {
            Grant::Local | Grant::Role(Role::Owner | Role::Admin) => Ok(()),
            Grant::Role(Role::Member) => Err(Forbidden),
        }
    }
}
