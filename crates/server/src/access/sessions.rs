//! Sessions of those who logged in on a page. They are in memory alone: a restart ends them.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;
use users::{Hash, Name, Token};

/// A session ends after this time, whatever happens.
pub(super) const LIFETIME: Duration = Duration::from_secs(12 * 3600);
/// A session ends when nothing was asked in it for this time.
const IDLE: Duration = Duration::from_secs(3600);
/// A user's sessions; another one ends the one that was used longest ago.
const MOST_OF_ONE: usize = 16;
/// All sessions, likewise.
const MOST: usize = 4_096;

/// The sessions of a server.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    /// By the hash of what the cookie holds.
    open: Mutex<HashMap<[u8; 32], Session>>,
}

#[derive(Debug)]
struct Session {
    name: Name,
    /// Of the token that was shown at the login: another token ends the session.
    token: Hash,
    began: Instant,
    used: Instant,
}

impl Session {
    fn is_over(&self, now: Instant) -> bool {
        now.duration_since(self.began) >= LIFETIME || now.duration_since(self.used) >= IDLE
    }
}

impl Sessions {
    /// Begins a session, and gives what its cookie holds.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub(super) fn begin(&self, name: &Name, token: Hash) -> std::io::Result<Token> {
        let (cookie, now) = (Token::random()?, Instant::now());
        let mut open = self.open.lock();
        open.retain(|_, session| !session.is_over(now));
        let own = open.values().filter(|session| session.name == *name).count();
        let is_surplus = |session: &Session| match own {
            MOST_OF_ONE.. => session.name == *name,
            _ => open.len() >= MOST,
        };
        let oldest =
            open.iter().filter(|(_, session)| is_surplus(session)).min_by_key(|(_, session)| session.used);
        if let Some(key) = oldest.map(|(key, _)| *key) {
            open.remove(&key);
        }
        open.insert(*cookie.hash().bytes(), Session { name: name.clone(), token, began: now, used: now });
        Ok(cookie)
    }

    /// Whose session a cookie is, with the token that it began with; it is used now.
    pub(super) fn find(&self, cookie: &str) -> Option<(Name, Hash)> {
        let (key, now) = (*Hash::of(cookie).bytes(), Instant::now());
        let mut open = self.open.lock();
        let session = open.get_mut(&key)?;
        if session.is_over(now) {
            open.remove(&key);
            return None;
        }
        session.used = now;
        Some((session.name.clone(), session.token))
    }

    /// Ends a session.
    pub(super) fn end(&self, cookie: &str) {
        self.open.lock().remove(Hash::of(cookie).bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::new(text).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn sessions_end_when_idle_and_at_the_latest_after_their_lifetime() {
        let sessions = Sessions::default();
        let idle = sessions.begin(&name("ada"), Hash::of("a")).unwrap();
        let busy = sessions.begin(&name("ada"), Hash::of("a")).unwrap();
        let steps = LIFETIME.as_secs() / 1_800;
        for step in 1..steps {
            tokio::time::advance(Duration::from_secs(1_800)).await;
            assert!(sessions.find(busy.expose()).is_some(), "{step}");
        }
        assert!(sessions.find(idle.expose()).is_none());
        tokio::time::advance(Duration::from_secs(1_800)).await;
        assert!(sessions.find(busy.expose()).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn there_are_never_more_than_fit() {
        let sessions = Sessions::default();
        let begin = |name: &Name| sessions.begin(name, Hash::of("a")).unwrap();
        let (ada, bob) = (name("ada"), name("bob"));
        let others = begin(&bob);
        let mut own = Vec::new();
        for _ in 0..=MOST_OF_ONE {
            own.push(begin(&ada));
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        let there = own.iter().filter(|cookie| sessions.find(cookie.expose()).is_some()).count();
        assert_eq!((there, sessions.find(own[0].expose())), (MOST_OF_ONE, None));
        assert!(sessions.find(others.expose()).is_some());
        for at in 0..MOST + 50 {
            begin(&name(&format!("u{at}")));
        }
        assert_eq!(sessions.open.lock().len(), MOST);
    }

    #[test]
    fn a_session_that_ended_is_gone() {
        let sessions = Sessions::default();
        let cookie = sessions.begin(&name("ada"), Hash::of("a")).unwrap();
        assert_eq!(sessions.find(cookie.expose()), Some((name("ada"), Hash::of("a"))));
        sessions.end(cookie.expose());
        assert_eq!(sessions.find(cookie.expose()), None);
        assert_eq!(sessions.find(""), None);
    }
}
