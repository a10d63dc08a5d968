//! Who asks. Every query takes an [`Access`], so that roles are enforced here and not in a page.

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

/// The right to ask, proven once at the door (login, token, loopback) and handed down to every query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access(Grant);

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
    /// The person at the machine itself, while no users are configured: everything.
    pub fn local() -> Self {
        Self(Grant::Local)
    }

    /// A user's.
    pub fn of(role: Role) -> Self {
        Self(Grant::Role(role))
    }

    /// Lets through who may see events.
    pub(crate) fn check(&self) -> Result<(), Forbidden> {
        match self.0 {
            Grant::Local | Grant::Role(Role::Owner | Role::Admin) => Ok(()),
            Grant::Role(Role::Member) => Err(Forbidden),
        }
    }
}
